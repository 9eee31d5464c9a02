"""Closing the days of a bank account: figures that tie, refusals that say why, late facts, and a check that replays."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import uuid4

import pytest

from adapters.inbound import VIETNAM
from api import wiring
from api.flows.day_close import close_day, closed_days, reopen_day
from api.flows.reconcile import reconcile_accounts
from domain.day_close import AccountDayClosed, NamedPart
from domain.errors import Refusal, RefusalCode
from domain.identifiers import AccountId, UnitId
from ledger.handlers import collect
from ledger.handlers.day_close import CloseAccountDay
from ledger.store import Recorded
from ledger.verify import verify
from ledger.work import Act
from tests.acceptance.story import BIN, PROVINCE, START, Cell, Story, into, member, out, settings

JULY = "2026-07"
CELL = AccountId(f"{BIN}:00C")


def day(number: int, month: int = 7) -> date:
    return date(2026, month, number)


@pytest.fixture
def story() -> Story:
    """A cell with an opening balance, two payments, one of an unknown owner, and a fee; a statement of the month."""
    told = Story(wiring.in_memory(settings()))
    told.set_up([Cell(id="C", bank=1_000_000)])
    told.enrol("C", *(member(name, "NON_SI_PENSIONER", ("pension", 10_000_000)) for name in ("C1", "C2")))
    told.assess("C", JULY, START)
    told.request("C", JULY, START)
    told.bank(
        "C",
        day(20),
        into("a", day(5), 50_000, told.reference("C1", JULY)),
        into("b", day(6), 70_000, content="nop tien"),
        out("phi", day(6), 11_000, content="THU PHI DICH VU SMS"),
        clean=False,
    )
    return told


def who(on: date, actor: str = "VH-KT") -> Act:
    at = datetime(on.year, on.month, on.day, 20, tzinfo=VIETNAM)
    return Act(actor=actor, at=at, command_id=uuid4())


def close(story: Story, on: date, *, at: date | None = None) -> dict[str, Any]:
    return close_day(story.installation, who(at or day(25)), account=CELL, day=on).answer


def log(story: Story) -> Iterator[Recorded]:
    position = 0
    while found := story.installation.store.read(position, 1_000):
        yield from found
        position = found[-1].position


def findings(events: Any) -> dict[str, list[str]]:
    return {c.id: [f.sentence for f in c.findings] for c in verify(events).checks if not c.ok}


def test_a_day_that_ties_is_closed_with_the_figures_of_bank_book_and_what_lies_between(story: Story) -> None:
    told = close(story, day(6))
    assert told == {
        "account": CELL,
        "day": "2026-07-06",
        "number": 1,
        "closing": 1_109_000,
        "book": 1_109_000,
        "suspense": 70_000,
        "known": False,
    }
    (one,) = [r.event for r in log(story) if isinstance(r.event, AccountDayClosed)]
    assert (one.opening, one.money_in, one.money_out) == (1_050_000, 70_000, 11_000)
    assert one.closed_by == "VH-KT"
    assert findings(log(story)) == {}


def test_the_same_day_again_is_answered_with_the_close_that_stands(story: Story) -> None:
    close(story, day(6))
    again = close(story, day(6))
    assert (again["number"], again["known"]) == (1, True)


def test_a_day_without_a_statement_is_refused_and_told_what_to_do(story: Story) -> None:
    with pytest.raises(Refusal, match=r"chưa có sao kê nào của ngày 22/07/2026\. Nhập sao kê") as refused:
        close(story, day(22))
    assert refused.value.code is RefusalCode.DAY_NOT_COVERED


def test_a_day_to_come_is_refused(story: Story) -> None:
    with pytest.raises(Refusal) as refused:
        close(story, day(19), at=day(18))
    assert refused.value.code is RefusalCode.MONTH_IN_FUTURE


def test_figures_that_do_not_add_up_are_refused_by_name(story: Story) -> None:
    (r,) = reconcile_accounts(story.installation, accounts=(CELL,), from_date=day(6), to_date=day(6), as_of=day(6))
    row = r.days[-1]
    command = CloseAccountDay(
        unit_id=UnitId("C"),
        account_id=CELL,
        day=day(6),
        position=r.position,
        opening=row.opening,
        money_in=row.money_in,
        money_out=row.money_out,
        closing=row.closing,
        book=row.book - 9_000,
        suspense=row.suspense,
        parts=(NamedPart(name="timing", amount=4_000),),
        moved=81_000,
        explained=11_000,
        told=0,
        told_booked=0,
    )
    with pytest.raises(Refusal, match=r"chênh lệch có tên 4\.000, còn 5\.000 chưa có tên") as refused:
        story.installation.ledger.execute(command, who(day(25)))
    assert refused.value.code is RefusalCode.DAY_DOES_NOT_TIE
    wrong = replace(command, money_in=1, book=row.book, parts=())
    with pytest.raises(Refusal) as moved:
        story.installation.ledger.execute(wrong, who(day(25)))
    assert moved.value.code is RefusalCode.VERSION_MOVED


def test_somebody_who_may_not_keep_the_book_closes_nothing(story: Story) -> None:
    with pytest.raises(Refusal) as refused:
        close_day(story.installation, who(day(25), "VH-UBKT"), account=CELL, day=day(6))
    assert refused.value.code is RefusalCode.NOT_ALLOWED


def test_a_day_is_opened_again_with_a_reason_and_closed_anew(story: Story) -> None:
    close(story, day(6))
    again = {"account": CELL, "day": day(6)}
    with pytest.raises(Refusal):
        reopen_day(story.installation, who(day(26)), **again, reason=" ")
    assert reopen_day(story.installation, who(day(26)), **again, reason="gõ nhầm").answer["reopened"] == 1
    with pytest.raises(Refusal) as refused:
        reopen_day(story.installation, who(day(26)), **again, reason="gõ nhầm")
    assert refused.value.code is RefusalCode.DAY_NOT_CLOSED
    assert closed_days(story.installation, account=CELL) == ()
    assert close(story, day(6))["number"] == 2
    assert findings(log(story)) == {}


def test_what_comes_later_for_a_closed_day_is_taken_in_and_listed_as_late(story: Story) -> None:
    """The bank's own message about the 6th arrives on the 26th, of money that no statement line shows."""
    close(story, day(6))
    close(story, day(20))
    assert [one.late for one in closed_days(story.installation, account=CELL)] == [(), ()]
    notice = replace(
        story.notice(story.reference("C2", JULY), 50_000, day(6), number="FT-muon"),
        source=f"bank:{CELL}",
        account_number="00C",
    )
    story.do("service:bank", day(26), collect.TakeNotices(root=PROVINCE, notices=(notice,)))
    first, second = closed_days(story.installation, account=CELL)
    assert [(x.day, x.side, x.amount, x.closed_day) for x in first.late] == [(day(6), "book", 50_000, day(6))]
    assert second.late == ()
    assert findings(log(story)) == {}, "the close is judged by what was known then"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"closing": 1_109_001, "money_in": 70_001}, "tiền vào lúc chốt là 70.001"),
        ({"book": 1_109_000 - 5, "parts": (NamedPart(name="timing", amount=5),)}, "sổ 1120 lúc chốt là 1.108.995"),
        ({"suspense": 0}, "tiền chưa xác định lúc chốt là 0"),
        ({"parts": (NamedPart(name="timing", amount=5),)}, "không bằng nhau"),
        ({"position": 10**6}, "chưa có trong sổ lúc chốt"),
        ({"day": day(22)}, "không sao kê nào có ngày này"),
        ({"number": 2}, "sai số thứ tự"),
        ({"closed_by": "X"}, "người thao tác là"),
    ],
)
def test_a_close_that_was_tampered_with_is_found(story: Story, change: dict[str, Any], says: str) -> None:
    close(story, day(6))
    events = [
        replace(r, event=replace(r.event, **change)) if isinstance(r.event, AccountDayClosed) else r for r in log(story)
    ]
    found = findings(events)
    assert any(says in sentence for sentences in found.values() for sentence in sentences), found


def test_a_tampered_statement_shows_at_the_close_too(story: Story) -> None:
    close(story, day(6))
    events = []
    for r in log(story):
        event: Any = r.event
        if r.name == "statement-imported":
            lines = tuple(replace(x, amount=x.amount + 1) if x.amount == 70_000 else x for x in event.lines)
            r = replace(r, event=replace(event, lines=lines))
        events.append(r)
    assert any("tiền vào" in sentence for sentence in findings(events)["A12"])
