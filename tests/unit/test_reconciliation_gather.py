"""From events to facts: days of booking, further witnesses, credit used up in order."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from domain.dues_account import CreditApplied, CreditHeld
from domain.events import EVENT_NAMES, DomainEvent
from domain.identifiers import AccountId, MemberId, PaymentId, UnitId
from domain.payment import Asset, PaymentReceived, WitnessAdded
from domain.period import Month
from ledger.store import Meta, Recorded
from reconciliation.facts import Facts
from reconciliation.gather import gather

ACCOUNT = AccountId("970436:0011")
META = Meta(
    reason=None,
    document=None,
    command_id=UUID(int=1),
    index=0,
    count=1,
    actor="KT",
    role="accountant",
    unit="C",
    action="import-statement",
)


def gathered(*events: DomainEvent) -> Facts:
    """Facts of events that were recorded one after the other on 9 July."""
    at = datetime(2026, 7, 9, 3, tzinfo=UTC)
    return gather(
        Recorded(
            position=position,
            stream="x",
            version=position,
            name=EVENT_NAMES[type(event)],
            event=event,
            meta=META,
            recorded_at=at,
        )
        for position, event in enumerate(events, start=1)
    )


def received(number: str = "1", **more: Any) -> PaymentReceived:
    values: dict[str, Any] = {
        "payment_id": PaymentId(f"bank:{ACCOUNT}/{number}"),
        "source": f"bank:{ACCOUNT}",
        "outside_reference": number,
        "channel": "bank",
        "unit_id": UnitId("C"),
        "holder_id": UnitId("C"),
        "asset": Asset.BANK,
        "asset_key": ACCOUNT,
        "amount": 50_000,
        "dues_amount": 50_000,
        "credit_amount": 0,
        "converted_amount": 0,
        "suspense_amount": 0,
        "paid_on": date(2026, 7, 5),
        "booked_on": date(2026, 7, 6),
        "reference": None,
        "request_kind": "dues",
        "member_id": MemberId("M"),
        "payer_key": None,
        "bank_line": "k",
        "evidence_id": None,
    }
    return PaymentReceived(**{**values, **more})


def test_money_counts_on_the_day_the_bank_booked_it_not_on_the_day_it_was_paid() -> None:
    facts = gathered(received())
    assert [(m.account_id, m.on, m.amount) for m in facts.movements] == [(ACCOUNT, date(2026, 7, 6), 50_000)]
    assert [(i.item, i.on) for i in facts.items] == [(f"payment:bank:{ACCOUNT}/1", date(2026, 7, 6))]


def test_the_portals_later_word_for_the_same_money_is_kept_beside_it() -> None:
    first = received()
    witness = WitnessAdded(
        payment_id=first.payment_id,
        source="portal",
        outside_reference="GD1",
        amount=50_000,
        seen_on=date(2026, 7, 7),
        bank_line=None,
        evidence_id=None,
    )
    assert [p.notified for p in gathered(first, witness).payments] == [True]
    assert [p.notified for p in gathered(first).payments] == [False]


def test_credit_is_used_up_oldest_first() -> None:
    member, unit = MemberId("M"), UnitId("C")
    payments = [received(n, dues_amount=0, credit_amount=50_000, bank_line=n) for n in ("1", "2")]
    held = [CreditHeld(member_id=member, unit_id=unit, amount=50_000, payment_id=p.payment_id) for p in payments]
    used = CreditApplied(member_id=member, unit_id=unit, month=Month("2026-08"), amount=60_000, n=1)
    assert [p.credit_open for p in gathered(*payments, *held, used).payments] == [0, 40_000]
