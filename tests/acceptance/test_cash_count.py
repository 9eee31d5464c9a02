"""Counting the cash: a shortage is a case until it is made good or written off, a surplus waits for its owner."""

from datetime import date

import pytest

from domain.cash_count import Notes
from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId, OfficerId, PaymentId, UnitId
from domain.period import Month
from ledger.handlers import cash_count, statements
from ledger.verify import verify
from tests.acceptance.story import START, Cell, Story, member
from tests.acceptance.tables import hold_together
from tests.good_log import read_all

A = UnitId("A")
END = date(2026, 7, 31)
KT = OfficerId("VH-KT")


@pytest.fixture
def cell(story: Story) -> Story:
    """A cell with 150,000 đồng in its cash box, all of it dues of its members."""
    story.set_up([Cell(id="A", bank=2_000_000)], ward_bank=25_000_000)
    story.enrol("A", member("A1", "SI_COMPULSORY", ("si-salary", 10_000_000)), member("A2", "STUDENT"))
    story.assess("A", "2026-07", START)
    story.cash("A", "1", "A1", 150_000, date(2026, 7, 12))
    return story


def counted(total: int | None, *notes: tuple[int, int], evidence: str | None = None) -> cash_count.CountCash:
    listed = tuple(Notes(value=value, count=count) for value, count in notes)
    return cash_count.CountCash(unit_id=A, counted_on=END, notes=listed, total=total, witness=KT, evidence=evidence)


def code(story: Story, actor: str, on: date, command: object) -> RefusalCode:
    with pytest.raises(Refusal) as caught:
        story.do(actor, on, command)
    return caught.value.code


def sound(story: Story) -> None:
    hold_together(story, {"A": "VH", "VH": "HP", "HP": "TW"})
    verdict = verify(read_all(story.installation.store))
    assert [(f.check, f.sentence) for check in verdict.checks for f in check.findings] == []


def test_a_count_that_agrees_books_nothing_and_is_on_record(cell: Story) -> None:
    before = cell.balances("A")
    answer = cell.do("A-TP", END, counted(None, (100_000, 1), (50_000, 1)))
    assert (answer["counted"], answer["booked"], answer["case"], answer["payment"]) == (150_000, 150_000, None, None)
    assert cell.balances("A") == before
    sound(cell)


def test_a_shortage_opens_a_case_that_the_collector_makes_good(cell: Story) -> None:
    answer = cell.do("A-TP", END, counted(140_000))
    assert (answer["shortage"], answer["case"]) == (10_000, "KQ/A/1")
    assert (cell.balances("A")["1110"], cell.balances("A")["1370"]) == (140_000, 10_000)
    sound(cell)
    half = cash_count.MakeGoodShortage(unit_id=A, case_id="KQ/A/1", amount=4_000, paid_on=date(2026, 8, 5))
    assert cell.do("A-TP", date(2026, 8, 5), half)["open"] == 6_000
    more = cash_count.MakeGoodShortage(unit_id=A, case_id="KQ/A/1", amount=6_001, paid_on=date(2026, 8, 5))
    assert code(cell, "A-TP", date(2026, 8, 5), more) is RefusalCode.COUNT_CASE_STATE
    rest = cash_count.MakeGoodShortage(unit_id=A, case_id="KQ/A/1", amount=6_000, paid_on=date(2026, 8, 5))
    cell.do("A-TP", date(2026, 8, 5), rest)
    assert (cell.balances("A")["1110"], cell.balances("A").get("1370", 0)) == (150_000, 0)
    sound(cell)


def test_a_shortage_is_written_off_by_decision_and_not_by_whoever_counted(cell: Story) -> None:
    cell.do("A-TP", END, counted(140_000))
    command = cash_count.WriteOffShortage(unit_id=A, case_id="KQ/A/1", amount=10_000, source="4310", decision="QD-KQ-1")
    assert code(cell, "A-TP", END, command) is RefusalCode.NOT_ALLOWED
    cell.do("A-BT", END, command)
    assert cell.balances("A").get("1370", 0) == 0
    assert cell.books().balances("A", "6310") == {"shortage:4310": 10_000}
    sound(cell)


def test_a_surplus_waits_for_its_owner_and_is_found_to_be_dues(cell: Story) -> None:
    answer = cell.do("A-TP", END, counted(155_000))
    assert (answer["surplus"], answer["payment"]) == (5_000, "count:A/1")
    assert (cell.balances("A")["1110"], cell.balances("A")["3380"]) == (155_000, 5_000)
    sound(cell)
    said = statements.IdentifySuspense(
        unit_id=A,
        payment_id=PaymentId("count:A/1"),
        member_id=MemberId("A2"),
        month=Month("2026-07"),
        amount=5_000,
        ground="đảng viên nộp mà chưa ghi phiếu",
    )
    assert cell.do("VH-KT", END, said)["dues"] == 5_000
    assert cell.balances("A").get("3380", 0) == 0
    sound(cell)


def test_a_surplus_without_an_owner_becomes_other_means_by_decision(cell: Story) -> None:
    cell.do("A-TP", END, counted(155_000))
    keep = cash_count.KeepSurplus(unit_id=A, payment_id=PaymentId("count:A/1"), decision="QD-KQ-2")
    assert code(cell, "A-TP", END, keep) is RefusalCode.NOT_ALLOWED
    assert cell.do("A-BT", END, keep)["kept"] == 5_000
    assert cell.books().balances("A", "4320") == {"cash-surplus": 5_000}
    assert code(cell, "A-BT", END, keep) is RefusalCode.NOT_IN_SUSPENSE
    sound(cell)


def test_a_count_needs_two_people_a_true_sum_and_a_day_that_has_come(cell: Story) -> None:
    alone = cash_count.CountCash(unit_id=A, counted_on=END, notes=(), total=1, witness=OfficerId("A-TP"))
    assert code(cell, "A-TP", END, alone) is RefusalCode.MAKER_IS_CHECKER
    stranger = cash_count.CountCash(unit_id=A, counted_on=END, notes=(), total=1, witness=OfficerId("X"))
    assert code(cell, "A-TP", END, stranger) is RefusalCode.NOT_ALLOWED
    assert code(cell, "A-TP", END, counted(140_000, (100_000, 1))) is RefusalCode.AMOUNT_DIFFERS
    assert code(cell, "A-TP", END, counted(None, (30_000, 1))) is RefusalCode.AMOUNT_OUT_OF_RANGE
    assert code(cell, "A-TP", START, counted(150_000)) is RefusalCode.MONTH_IN_FUTURE
    assert code(cell, "VH-CU", END, counted(150_000)) is RefusalCode.NOT_ALLOWED


def test_the_same_minutes_again_add_nothing(cell: Story) -> None:
    cell.do("A-TP", END, counted(140_000, evidence="ab" * 32))
    assert cell.do("A-TP", END, counted(140_000, evidence="ab" * 32)) == {"known": True}
    assert cell.balances("A")["1370"] == 10_000
