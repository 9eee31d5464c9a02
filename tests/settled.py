"""A shard whose channel "gateway" pays in lumps, and the settlements and bank lines that such a channel makes."""

import hashlib
from dataclasses import replace
from datetime import date
from typing import Any

from domain.identifiers import MemberId, UnitId
from domain.notice import NoticeStatus
from domain.period import Month
from domain.settlement import Settlement, SettlementKind, SettlementLine
from ledger.handlers import ask, collect
from ledger.handlers.settlements import TakeSettlement
from tests.acceptance.story import Cell, Story, accountant, at, member

A = UnitId("A")
DAY = date(2026, 7, 10)
PAID_OUT = date(2026, 7, 13)
PAYOUT = "po_1QhXyZ2eZvKYlo2C"
K = SettlementKind


def ready(story: Story, members: int = 3, *, bank: int = 1_000_000) -> list[str]:
    """A cell with an account and members that owe 5,000 each; returns the references of their gateway attempts."""
    story.set_up([Cell(id="A", bank=bank)])
    story.enrol("A", *(member(f"A{n}", "STUDENT") for n in range(1, members + 1)))
    story.assess("A", "2026-07", date(2026, 7, 1))
    return [attempt(story, f"A{n}") for n in range(1, members + 1)]


def attempt(story: Story, name: str, month: str = "2026-07") -> str:
    """A member begins to pay at the gateway."""
    asked = ask.OpenDuesAttempt(unit_id=A, member_id=MemberId(name), month=Month(month))
    opened = story.do("A-TP", DAY, ask.OpenOnRail(unit_id=A, rail="gateway", asked=asked))
    return str(opened["reference"])


def told(
    number: str,
    reference: str | None,
    amount: int = 5_000,
    *,
    status: NoticeStatus = NoticeStatus.PAID,
    source: str = "gateway",
    on: date = DAY,
) -> collect.Notice:
    """What the gateway's webhook says of a payment, or with another source of a refund."""
    return collect.Notice(
        source=source,
        outside_reference=number,
        status=status,
        reference=reference,
        found=(),
        amount=amount,
        paid_at=at(on),
        account_number=None,
        payer_key=None,
        evidence_id=None,
    )


def line(
    number: int, kind: SettlementKind, outside: str, amount: int, fee: int = 0, reference: str | None = None
) -> SettlementLine:
    """A line of a settlement."""
    return SettlementLine(
        number=number,
        kind=kind,
        reference=reference,
        outside_reference=outside,
        amount=amount,
        fee=fee,
        net=amount - fee,
        at=at(DAY),
        where=f"txn {number}",
    )


def settled(*lines: SettlementLine, name: str = PAYOUT, rail: str = "gateway", **other: Any) -> Settlement:
    """A settlement of these lines, which adds up unless told otherwise."""
    made = Settlement(
        rail=rail,
        settlement_id=name,
        from_date=DAY,
        to_date=DAY,
        lines=lines,
        net=sum(one.net for one in lines),
        bank_words=name if rail == "gateway" else None,
        digest=hashlib.sha256(repr(lines).encode()).hexdigest(),
    )
    return replace(made, **other)


def take(story: Story, settlement: Settlement, *awaited: str, unit: str = "A", on: date = PAID_OUT) -> dict[str, Any]:
    """The accountant takes a settlement in."""
    command = TakeSettlement(unit_id=UnitId(unit), settlement=settlement, awaited=awaited)  # type: ignore[arg-type]  # plain ids
    return story.do(accountant(unit), on, command)


def outcomes(answer: dict[str, Any]) -> list[str]:
    """What became of each line."""
    return [str(one["outcome"]) for one in answer["lines"]]
