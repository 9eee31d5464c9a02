"""Closing a unit's month: the checklist, two people, late facts, opening again, digests made again from the log."""

import uuid
from datetime import date
from typing import Any

import msgspec
import pytest

from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId, UnitId
from domain.period import Month
from ledger.application import request_digest
from ledger.close_checklist import checklist
from ledger.handlers import close, collect
from ledger.store import CommandContext
from ledger.verify import verify
from ledger.work import Act
from tests.acceptance.story import Cell, Story, at, into, member, out
from tests.good_log import read_all

A, JULY = UnitId("A"), Month("2026-07")
EVENING = date(2026, 8, 5)


def played(story: Story) -> Story:
    """A cell with its own account: one member pays by transfer, one in cash, 70,000 comes from nobody knows whom."""
    story.set_up([Cell(id="A", bank=1_200_000), Cell(id="B", own_account=False)], ward_bank=25_000_000)
    story.enrol(
        "A",
        member("A1", "SI_COMPULSORY", ("si-salary", 10_000_000)),
        member("A2", "NON_SI_PENSIONER", ("pension", 6_000_000)),
    )
    story.enrol("B", member("B1", "STUDENT"))
    story.assess("VH", "2026-07", date(2026, 7, 1))
    story.request("VH", "2026-07", date(2026, 7, 1))
    story.bank(
        "A",
        date(2026, 7, 20),
        into("a1", date(2026, 7, 9), 100_000, story.reference("A1", "2026-07")),
        into("stray", date(2026, 7, 15), 70_000),
    )
    story.cash("A", "1", "A2", 30_000, date(2026, 7, 12))
    return story


def kinds(story: Story, unit: str = "A", month: str = "2026-07") -> list[str]:
    """The kinds of what waits."""
    return [point.kind for point in checklist(story.installation.ledger.work(), UnitId(unit), Month(month))]


def explain(*kinds_: str) -> tuple[close.Explanation, ...]:
    """The same reason for each kind."""
    return tuple(close.Explanation(kind=kind, key=None, reason="đang đối chiếu") for kind in kinds_)


def closed(story: Story, *explained: str, actor: str = "A-TP", month: str = "2026-07") -> dict[str, Any]:
    """Close and confirm."""
    command = close.CloseMonth(unit_id=A, month=Month(month), explanations=explain(*explained))
    answer = story.do(actor, EVENING, command)
    story.do("A-BT", EVENING, close.ConfirmClose(unit_id=A, month=Month(month)))
    return answer


LEFT = ("suspense", "statement", "period", "cash-count")


def refusal(story: Story, actor: str, on: date, command: object) -> Refusal:
    """What the ledger says no with."""
    with pytest.raises(Refusal) as caught:
        story.do(actor, on, command)
    return caught.value


def sound(story: Story) -> None:
    """The whole log passes every check."""
    verdict = verify(read_all(story.installation.store), commands=tuple(story.installation.store.commands()))
    assert [(f.check, f.sentence) for check in verdict.checks for f in check.findings] == []


def test_what_waits_is_named_and_the_month_stays_open_until_each_point_is_gone_or_explained(story: Story) -> None:
    played(story)
    assert sorted(kinds(story)) == sorted(LEFT)
    no = refusal(story, "A-TP", EVENING, close.CloseMonth(unit_id=A, month=JULY))
    assert no.code is RefusalCode.CLOSE_CHECKLIST_OPEN
    assert {kind for kind, _, _ in no.details["points"]} == set(LEFT)
    story.bank("A", date(2026, 7, 31))
    story.declare("A", "2026-07", date(2026, 8, 1))
    assert sorted(kinds(story)) == ["cash-count", "suspense"]
    answer = closed(story, "suspense", "cash-count")
    assert (answer["explained"], answer["waits_for_second"], answer["open_month"]) == (2, True, "2026-08")
    assert [r["report"] for r in answer["reports"]][:2] == ["trial-balance", "month-figures"]
    sound(story)


def test_months_close_in_order_when_they_are_over_and_after_the_second_person_confirmed(story: Story) -> None:
    played(story)
    early = close.CloseMonth(unit_id=A, month=JULY, explanations=explain(*LEFT))
    assert refusal(story, "A-TP", date(2026, 7, 31), early).code is RefusalCode.PERIOD_NOT_OVER
    story.do("A-TP", EVENING, early)
    august = close.CloseMonth(unit_id=A, month=Month("2026-08"), explanations=explain(*LEFT))
    assert refusal(story, "A-TP", date(2026, 9, 2), august).code is RefusalCode.CLOSE_NOT_CONFIRMED
    confirm = close.ConfirmClose(unit_id=A, month=JULY)
    assert refusal(story, "A-TP", EVENING, confirm).code is RefusalCode.MAKER_IS_CHECKER
    story.do("A-BT", EVENING, confirm)
    october = close.CloseMonth(unit_id=A, month=Month("2026-09"), explanations=explain(*LEFT))
    assert refusal(story, "A-TP", date(2026, 10, 2), october).code is RefusalCode.MONTHS_CLOSE_IN_ORDER
    assert story.do("A-TP", date(2026, 9, 2), august)["month"] == "2026-08"
    sound(story)


def test_a_unit_with_one_officer_needs_no_second_person(story: Story) -> None:
    played(story)
    command = close.CloseMonth(unit_id=UnitId("B"), month=JULY, explanations=explain("period"))
    assert story.do("B-TP", EVENING, command)["waits_for_second"] is False
    sound(story)


def test_the_same_close_again_adds_nothing(story: Story) -> None:
    played(story)
    closed(story, *LEFT)
    head = story.installation.store.head()
    again = story.do("A-BT", date(2026, 8, 9), close.CloseMonth(unit_id=A, month=JULY))
    assert (again["number"], story.installation.store.head()) == (1, head)


def test_late_facts_are_taken_booked_in_the_open_month_and_listed_with_their_true_date(story: Story) -> None:
    played(story)
    closed(story, *LEFT)
    before = story.books().month_books().figures(A, JULY).lines
    story.bank("A", date(2026, 8, 6), into("late", date(2026, 7, 30), 40_000))
    books = story.books().month_books()
    assert books.figures(A, JULY).lines == before
    assert [(x.event, x.occurred_on, x.month, x.amount) for x in books.late("A")] == [
        ("payment-received", date(2026, 7, 30), "2026-08", 40_000)
    ]
    august = {x.account: (x.opening, x.debits) for x in books.figures(A, Month("2026-08")).lines}
    assert august["1120"] == (1_370_000, 40_000)
    sound(story)


def test_the_answer_to_a_cash_sheet_names_the_slips_that_are_booked_into_the_open_month(story: Story) -> None:
    played(story)
    closed(story, *LEFT)
    items = tuple(
        collect.CashItem(slip=slip, member_id=MemberId("A2"), month=JULY, amount=5_000, paid_on=day)
        for slip, day in (("8", date(2026, 7, 30)), ("9", date(2026, 8, 6)))
    )
    told = story.do("A-TP", date(2026, 8, 6), collect.RecordCash(unit_id=A, items=items))
    assert [(one["slip"], one.get("booked_in")) for one in told["receipts"]] == [("8", "2026-08"), ("9", None)]
    sound(story)


def test_a_decision_is_not_dated_into_a_closed_month(story: Story) -> None:
    played(story)
    closed(story, *LEFT)
    with pytest.raises(Refusal) as caught:
        story.declare("A", "2026-07", date(2026, 8, 6))
    assert caught.value.code is RefusalCode.MONTH_CLOSED
    assert caught.value.details["open_month"] == "2026-08"


def test_opening_again_needs_two_people_and_a_reason_and_the_later_close_supersedes(story: Story) -> None:
    played(story)
    first = closed(story, *LEFT)
    reopen = close.ReopenMonth(unit_id=A, month=JULY)
    assert refusal(story, "A-BT", EVENING, reopen).code is RefusalCode.REOPENING_NOT_REQUESTED
    story.do("A-TP", EVENING, close.RequestReopening(unit_id=A, month=JULY, reason="quên ghi phiếu thu 2"))
    assert refusal(story, "A-TP", EVENING, reopen).code is RefusalCode.MAKER_IS_CHECKER
    story.do("A-BT", EVENING, reopen)
    item = collect.CashItem(slip="2", member_id=MemberId("A2"), month=JULY, amount=5_000, paid_on=date(2026, 7, 28))
    story.do("A-TP", EVENING, collect.RecordCash(unit_id=A, items=(item,)))
    second = closed(story, *LEFT)
    assert (second["number"], second["supersedes"]) == (2, 1)
    assert [r["sha256"] for r in second["reports"]] != [r["sha256"] for r in first["reports"]]
    assert story.books().month_books().late("A") == ()
    state = story.installation.ledger.work().closing(A)
    assert [c.reports[0].sha256 for c in state.closes] == [r["reports"][0]["sha256"] for r in (first, second)]
    sound(story)


def test_who_may_not_close_a_units_months_is_refused(story: Story) -> None:
    played(story)
    command = close.CloseMonth(unit_id=A, month=JULY, explanations=explain(*LEFT))
    for actor in ("VH-TQ", "B-TP"):
        assert refusal(story, actor, EVENING, command).code is RefusalCode.NOT_ALLOWED


def test_an_unplaced_line_is_a_point_of_the_checklist(story: Story) -> None:
    played(story)
    story.bank("A", date(2026, 7, 31), out("x", date(2026, 7, 30), 12_000), clean=False)
    assert "bank-line" in kinds(story)


def test_what_is_recorded_while_a_close_is_decided_is_a_late_fact_of_the_month_after(story: Story) -> None:
    """Another process records cash of July between the close's reading of the books and its own recording."""
    played(story)
    ledger = story.installation.ledger
    work = ledger.work()
    act = Act(actor="A-TP", at=at(EVENING), command_id=uuid.UUID(int=77))
    command = close.CloseMonth(unit_id=A, month=JULY, explanations=explain(*LEFT))
    answer = close.close_month(work, command, act)
    story.cash("A", "2", "A2", 5_000, date(2026, 7, 28))
    context = CommandContext(
        command_id=act.command_id,
        name="close-month",
        request_digest=request_digest("close-month", command),
        recorded_at=act.at,
        actor=act.actor,
        role="collector",
        unit="A",
        action="close-month",
    )
    ledger.store.append(work.appends(), context, msgspec.json.encode(answer))
    late = story.books().month_books().late("A")
    assert [(x.event, x.month) for x in late] == [("payment-received", "2026-08")]
    assert "1110" in {x.account for x in story.books().month_books().figures(A, Month("2026-08")).lines}
    sound(story)
