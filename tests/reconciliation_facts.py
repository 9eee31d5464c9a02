"""Facts of one account for tests of reconciliation, each in one line."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from domain.identifiers import AccountId, UnitId
from ledger.reports_reconciliation import ReconciliationResult
from reconciliation.facts import (
    Evidence,
    Facts,
    Item,
    ItemKind,
    LineFact,
    Movement,
    NameFact,
    PaymentFact,
    RequestFact,
    Span,
)
from reconciliation.parts import by_account
from reconciliation.reconcile import reconcile

ACCOUNT = AccountId("970436:0011")
UNIT = UnitId("C")
START, END = date(2026, 7, 1), date(2026, 7, 31)


def day(number: int) -> date:
    return date(2026, 7, number)


def line(key: str, on: int, amount: int, **more: Any) -> LineFact:
    """A bank line; signed."""
    values: dict[str, Any] = {
        "bank_reference": f"FT{key}",
        "references": (),
        "is_reversal": False,
        "rule": None,
        "target": None,
    }
    return LineFact(account_id=ACCOUNT, unit_id=UNIT, key=key, booked_on=day(on), amount=amount, **{**values, **more})


def book(
    item: str,
    on: int,
    amount: int,
    kind: ItemKind = ItemKind.BANK_PAYMENT,
    *,
    code: str = "1120",
    case: str | None = None,
) -> Facts:
    """An item with one movement; what follows «:» in its name is its subject."""
    made = Item(
        item=item,
        case=case or item,
        kind=kind,
        account_id=ACCOUNT,
        unit_id=UNIT,
        on=day(on),
        subject=item.split(":", 1)[1],
    )
    return Facts(items=(made,), movements=(move(item, on, amount, code=code),))


def move(item: str, on: int, amount: int, *, code: str = "1120") -> Movement:
    """A further movement of an item."""
    return Movement(item=item, account_id=ACCOUNT, code=code, on=day(on), amount=amount, position=on)


def evidence(key: str, item: str, *, case: str | None = None) -> Evidence:
    """An event names a line for an item, or with ``case`` for a case only."""
    return Evidence(line_key=key, case=case or item, item=None if case else item, position=1)


def paid(payment: str, amount: int, **more: Any) -> PaymentFact:
    """Money that came in; all of it answered for dues unless told otherwise."""
    values: dict[str, Any] = {
        "source": "bank",
        "channel": "bank",
        "reference": None,
        "is_dues": True,
        "member_id": None,
        "unit_id": UNIT,
        "dues": amount,
        "converted": 0,
        "suspended": 0,
        "waiting": 0,
        "credit": 0,
        "credit_open": 0,
        "paid_on": day(1),
        "position": 1,
        "payer_key": None,
        "notified": False,
        "same_reference": None,
        "named": None,
        "released": False,
    }
    return PaymentFact(payment_id=payment, amount=amount, **{**values, **more})


def named(key: str, what: str) -> NameFact:
    """A line named as not dues."""
    return NameFact(line_key=key, what=what, heading=what, named_by="KT", ground="PC 01")


def asked(reference: str, kind: str, amount: int, **more: Any) -> RequestFact:
    """What was asked under a reference."""
    values: dict[str, Any] = {"member_id": None, "case_id": None, "answered": False}
    return RequestFact(
        reference=reference, account_id=ACCOUNT, unit_id=UNIT, kind=kind, amount=amount, **{**values, **more}
    )


def together(*parts: Facts, **rows: Any) -> Facts:
    """Facts put together; lines make a statement of the whole month unless spans are given."""
    lines: tuple[LineFact, ...] = tuple(rows.get("lines", ()))
    whole = Span(
        account_id=ACCOUNT,
        from_date=START,
        to_date=END,
        opening=0,
        closing=sum(one.amount for one in lines),
    )
    return Facts(
        owners=((ACCOUNT, UNIT),),
        lines=lines,
        spans=tuple(rows.get("spans", (whole,))),
        items=tuple(item for part in parts for item in part.items),
        movements=(*(m for part in parts for m in part.movements), *rows.get("movements", ())),
        evidence=tuple(rows.get("evidence", ())),
        payments=tuple(rows.get("payments", ())),
        names=tuple(rows.get("names", ())),
        requests=tuple(rows.get("requests", ())),
        notices=tuple(rows.get("notices", ())),
        remittances=tuple(rows.get("remittances", ())),
        declared=tuple(rows.get("declared", ())),
        told=tuple(rows.get("told", ())),
        told_days=tuple(rows.get("told_days", ())),
    )


def result(facts: Facts, *, to: date = END, as_of: date = END) -> ReconciliationResult:
    """July reconciled, on the account's own part of the facts."""
    return reconcile(by_account(facts)[ACCOUNT], account=ACCOUNT, from_date=START, to_date=to, as_of=as_of)


def all_places(found: ReconciliationResult) -> tuple[list[str], list[str]]:
    """Every line key and every item that stands somewhere in a result, repeats included."""
    keys: list[str] = [m.line_key for m in found.matched] + [n.line_key for n in found.not_dues]
    keys += [r.line_key for r in found.returned if r.line_key is not None]
    keys += [one.line_key for one in found.leftovers if one.line_key is not None]
    placed = (*found.matched, *found.not_dues, *found.returned, *found.leftovers)
    groups: Iterable[tuple[str, ...]] = [x.items for x in placed]
    return keys, [item for group in groups for item in group]


@dataclass(frozen=True, kw_only=True)
class Row:
    """``place`` is "matched", "not-dues" or the kind of the only leftover; ``effect`` on (bank - book), đồng."""

    name: str
    facts: Facts
    place: str
    open_amount: int = 0
    effect: int = 0
    says: str = ""


def suspense(**more: Any) -> Facts:
    """Money in suspense; ``more`` says what became of it."""
    values = {"is_dues": False, "dues": 0, "suspended": 50_000, "waiting": 50_000, **more}
    return together(
        book("payment:bank/1", 5, 50_000),
        lines=[line("a", 5, 50_000, rule="suspense", target="bank/1")],
        evidence=[evidence("a", "payment:bank/1")],
        payments=[paid("bank/1", 50_000, **values)],
    )


def placed(amount: int, item: str, kind: ItemKind, rule: str, **more: Any) -> Facts:
    return together(
        book(item, 5, amount, kind),
        lines=[line("a", 5, amount, rule=rule)],
        evidence=[evidence("a", item)],
        **more,
    )
