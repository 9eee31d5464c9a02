"""Letters of introduction: who owes which month to whom, and where the money goes."""

from datetime import date

import pytest

from domain import membership
from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId, UnitId
from domain.membership import TransferKind
from domain.period import Month
from domain.policy_settings import SettingName
from ledger.handlers import members, transfers
from tests.acceptance.moves import AUGUST, assess_ward, cell, choose, known, letter, play, receive, sound
from tests.acceptance.story import START, Story

# --- official transfers -----------------------------------------------------------------------------------------------


def test_months_to_the_letter_belong_to_the_old_cell_and_later_ones_to_the_new():
    story = play()
    assert letter(story)["first_month"] == "2026-08"
    assert cell(story, "2026-08") == "A"  # The letter alone moves nothing.
    assert receive(story)["first_month"] == "2026-08"
    assert [cell(story, m) for m in ("2026-06", "2026-07", "2026-08", "2027-01")] == ["A", "A", "B", "B"]
    assess_ward(story, "2026-07", AUGUST)
    assess_ward(story, "2026-08", AUGUST)
    assert (story.owed("A"), story.owed("B")) == (100_000 + 2 * 30_000, 2 * 80_000 + 100_000)
    sound(story)


def test_a_month_assessed_by_the_old_cell_goes_over_and_is_never_assessed_twice():
    story = play()
    assess_ward(story, "2026-07", START)
    assess_ward(story, "2026-08", date(2026, 8, 1))
    before = (story.owed("A"), story.owed("B"))
    letter(story)
    receive(story)
    assert (story.owed("A"), story.owed("B")) == (before[0] - 100_000, before[1] + 100_000)
    assert story.assess("VH", "2026-08", AUGUST)["assessed"] == 0
    sound(story)


def test_money_for_a_request_of_the_old_cell_is_its_money_and_settles_the_month_of_the_new_one():
    story = play()
    assess_ward(story, "2026-07", START)
    assess_ward(story, "2026-08", date(2026, 8, 1))
    story.request("VH", "2026-08", date(2026, 8, 1))
    asked = story.attempt("A", "A1", "2026-08", date(2026, 8, 2))
    letter(story)
    receive(story)
    assert story.tell(story.notice(asked["reference"], asked["amount"], date(2026, 8, 6))) == ["reference"]
    assert story.balances("A")["3310"] == 100_000
    assert story.owed("B") == 2 * 80_000  # A1's August is settled in B's books.
    assert story.tell(story.notice(asked["reference"], asked["amount"], date(2026, 8, 7))) == ["reference"]
    # Paid twice: the second answers for July in A's books, nothing is lost.
    assert story.balances("A")["3310"] == 200_000
    sound(story)


def test_an_arrear_of_the_old_cell_may_be_paid_in_cash_at_the_new_one():
    story = play()
    assess_ward(story, "2026-07", START)
    letter(story)
    receive(story)
    story.cash("B", "PT-1", "A1", 100_000, date(2026, 8, 6))
    assert story.owed("A") == 30_000  # Only A2's month is left.
    assert (story.balances("B")["1110"], story.balances("B")["3310"]) == (100_000, 100_000)
    assert "3310" not in story.balances("A")
    sound(story)


def test_credit_goes_along_and_answers_for_the_first_month_of_the_new_cell():
    story = play()
    assess_ward(story, "2026-07", START)
    story.cash("A", "PT-1", "A1", 130_000, date(2026, 7, 6))
    letter(story)
    receive(story)
    assert story.balances("A")["3390"] == 30_000
    assert (story.balances("B")["1390"], story.balances("B")["3340"]) == (30_000, 30_000)
    assess_ward(story, "2026-08", AUGUST)
    assert story.balances("B")["3310"] == 30_000
    assert story.owed("B") == 2 * 80_000 + 70_000
    sound(story)


def test_what_is_paid_too_much_at_the_old_cell_after_the_transfer_becomes_credit_at_the_new_one():
    story = play()
    assess_ward(story, "2026-07", START)
    letter(story)
    receive(story)
    story.cash("A", "PT-1", "A1", 150_000, date(2026, 8, 6))
    assert (story.balances("A")["3310"], story.balances("A")["3390"]) == (100_000, 50_000)
    assert story.balances("B")["3340"] == 50_000
    sound(story)


def test_a_letter_may_not_say_less_than_has_been_paid():
    story = play()
    assess_ward(story, "2026-07", START)
    story.cash("A", "PT-1", "A1", 100_000, date(2026, 7, 6))
    with pytest.raises(Refusal) as refused:
        letter(story, paid_through=Month("2026-06"))
    assert refused.value.code is RefusalCode.TRANSFER_MONTHS
    assert "2026-07" in refused.value.message


def test_the_one_who_gives_the_letter_may_not_receive_it():
    story = play()
    issued = transfers.IssueTransfer(
        unit_id=UnitId("A"),
        member_id=MemberId("A1"),
        kind=TransferKind.OFFICIAL,
        to_unit=UnitId("B"),
        to_outside=None,
        letter="GT-01",
        issued_on=AUGUST,
        paid_through=Month("2026-07"),
    )
    story.do("VH-KT", AUGUST, issued)
    command = transfers.ReceiveTransfer(
        unit_id=UnitId("B"), member_id=MemberId("A1"), letter="GT-01", received_on=AUGUST
    )
    with pytest.raises(Refusal) as refused:
        story.do("VH-KT", AUGUST, command)
    assert refused.value.code is RefusalCode.MAKER_IS_CHECKER


def test_the_same_letter_and_the_same_reception_again_add_nothing():
    story = play()
    letter(story)
    assert letter(story)["events"] == 0
    receive(story)
    assert receive(story)["events"] == 0
    assert letter(story)["events"] == 0


def test_a_withdrawn_letter_leaves_everything_as_it_was():
    story = play()
    letter(story)
    take_back = transfers.WithdrawTransfer(
        unit_id=UnitId("A"), member_id=MemberId("A1"), letter="GT-01", withdrawn_on=AUGUST, reason="không đi nữa"
    )
    assert story.do("A-BT", AUGUST, take_back)["events"] == 1
    with pytest.raises(Refusal) as refused:
        receive(story)
    assert refused.value.code is RefusalCode.TRANSFER_STATE
    assert cell(story, "2026-09") == "A"
    sound(story)


def test_a_member_who_goes_outside_the_shard_is_owed_nothing_here_from_the_month_after():
    story = play()
    letter(story, to_unit=None, to_outside="Đảng bộ tỉnh Ninh Bình")
    assert (cell(story, "2026-07"), cell(story, "2026-08")) == ("A", None)
    assert story.assess("VH", "2026-08", AUGUST)["assessed"] == 2
    back = members.AdmitArrival(
        unit_id=UnitId("B"),
        member_id=MemberId("A1"),
        from_outside="Đảng bộ tỉnh Ninh Bình",
        kind=TransferKind.OFFICIAL,
        letter="NB-9",
        received_on=date(2026, 10, 2),
        paid_through=Month("2026-09"),
        to_month=None,
        standing=members.FirstStanding(category="SI_COMPULSORY"),
    )
    assert story.do("B-BT", date(2026, 10, 2), back)["first_month"] == "2026-10"
    assert [cell(story, m) for m in ("2026-08", "2026-09", "2026-10")] == [None, None, "B"]
    assert membership.gap_months(known(story).membership) == ()
    sound(story)


# --- temporary transfers ----------------------------------------------------------------------------------------------


def _go(story: Story, to_month: str = "2026-12", kind: TransferKind = TransferKind.TEMPORARY) -> None:
    letter(story, kind=kind, to_month=Month(to_month))
    receive(story)


def test_a_temporary_transfer_is_paid_there_and_ends_by_itself():
    story = play()
    _go(story)
    assert [cell(story, m) for m in ("2026-07", "2026-08", "2026-12", "2027-01")] == ["A", "B", "B", "A"]
    work = story.installation.ledger.work()
    work.directory.catch_up()
    assert MemberId("A1") in work.directory.members_of([UnitId("A")])
    assert MemberId("A1") not in work.directory.members_of([UnitId("B")])
    assess_ward(story, "2026-08", AUGUST)
    assert story.owed("B") == 80_000 + 100_000
    sound(story)


def test_by_setting_a_temporary_transfer_is_paid_in_the_official_cell():
    story = play()
    choose(story, SettingName.TEMPORARY_TRANSFER_PAYEE, "official-cell")
    _go(story)
    assert cell(story, "2026-09") == "A"
    assess_ward(story, "2026-08", AUGUST)
    assert story.owed("B") == 80_000
    sound(story)


def test_a_temporary_transfer_ended_early_gives_its_open_months_back():
    story = play()
    _go(story)
    assess_ward(story, "2026-08", AUGUST)
    early = transfers.EndTemporaryTransfer(
        unit_id=UnitId("B"),
        member_id=MemberId("A1"),
        letter="GT-01",
        ended_on=date(2026, 8, 20),
        last_month=Month("2026-07"),
        decision="QĐ-9",
    )
    assert story.do("B-BT", date(2026, 8, 20), early)["events"] == 2
    assert (story.owed("A"), story.owed("B")) == (30_000 + 100_000, 80_000)
    sound(story)


@pytest.mark.parametrize(
    ("kind", "to_month"),
    [
        (TransferKind.TEMPORARY, "2026-09"),
        (TransferKind.TEMPORARY, "2027-07"),
        (TransferKind.STUDY, "2028-08"),
        (TransferKind.OFFICIAL, "2026-12"),
    ],
)
def test_a_term_outside_what_the_charter_allows_is_refused(kind: TransferKind, to_month: str):
    with pytest.raises(Refusal) as refused:
        letter(play(), kind=kind, to_month=Month(to_month))
    assert refused.value.code is RefusalCode.TRANSFER_MONTHS
