"""A payout as a settlement: its balance transactions line by line, whose nets are the payout to the đồng.

Certain (payments §5): types of transactions, amount - fee = net, the sum of net by payout = the payout's amount.
Assumed: that the bank's line carries the payout's id ("po_…"); where it does not, the line waits for a person.
"""

import hashlib
import json
from collections.abc import Sequence

from adapters.gateway import objects
from adapters.gateway.objects import Thing
from domain.errors import Malformed, Refusal, RefusalCode
from domain.settlement import Settlement, SettlementKind, SettlementLine

_KINDS = {
    "charge": SettlementKind.COLLECTION,
    "payment": SettlementKind.COLLECTION,
    "refund": SettlementKind.REFUND,
    "payment_refund": SettlementKind.REFUND,
    "stripe_fee": SettlementKind.FEE,
    "application_fee": SettlementKind.FEE,
    "tax_fee": SettlementKind.FEE,
}


def document(payout: Thing, transactions: Sequence[Thing]) -> bytes:
    """What was asked for and answered, as one document: it is kept as evidence and read again at any time."""
    told = {"payout": dict(payout), "transactions": [dict(one) for one in transactions]}
    return json.dumps(told, ensure_ascii=False, sort_keys=True).encode()


def read_payout(raw: bytes, name: str) -> Settlement:
    """A payout's document as a settlement; a line that brings back a failed payout names that one by its id.

    Refuses ``settlement-does-not-add-up``; raises ``Malformed`` for what cannot be read and for another currency.
    """
    told = objects.parse(raw, name)
    payout, found = told.get("payout"), told.get("transactions")
    if not isinstance(payout, dict) or not isinstance(found, list) or not all(isinstance(t, dict) for t in found):
        raise Malformed("cần payout và transactions", where=name)
    objects.require_dong(payout, name)
    payout_id = objects.text(payout, "id", name)
    net = objects.amount(payout, "amount", name)
    own = [one for one in found if not (one.get("type") == "payout" and _id_of(one.get("source")) == payout_id)]
    own.sort(key=lambda one: (str(one.get("created")), str(one.get("id"))))
    lines = tuple(_line(number, one, name) for number, one in enumerate(own, start=1))
    if not lines or sum(line.net for line in lines) != net:
        raise Refusal(
            RefusalCode.SETTLEMENT_DOES_NOT_ADD_UP,
            f"Đợt trả {payout_id} là {net} đồng nhưng {len(lines)} giao dịch của nó cộng thuần lại "
            f"{sum(line.net for line in lines)} đồng. Cả đợt bị từ chối; lấy lại sau ít phút, còn lệch thì hỏi cổng "
            "thẻ.",
        )
    days = [line.at.date() for line in lines]
    return Settlement(
        rail="gateway",
        settlement_id=payout_id,
        from_date=min(days),
        to_date=max(days),
        lines=lines,
        net=net,
        bank_words=payout_id,
        digest=_digest(payout_id, net, lines),
    )


def _line(number: int, one: Thing, name: str) -> SettlementLine:
    where = f"{name}: {str(one.get('id'))[:60]}"
    objects.require_dong(one, where)
    kind = str(one.get("type"))
    source = one.get("source")
    thing: Thing = source if isinstance(source, dict) else {}
    outside = _id_of(source) or objects.text(one, "id", where)
    found = _KINDS.get(kind, SettlementKind.ADJUSTMENT)
    reference = None
    if found is SettlementKind.COLLECTION:
        # A payment is known by its intent: one intent has many charges and at most one that succeeds.
        outside = _id_of(thing.get("payment_intent")) or outside
        reference = objects.marked(thing, "reference")
    elif found is SettlementKind.REFUND or kind in ("refund_failure", "payment_failure_refund"):
        reference = objects.marked(thing, "refund_id")
    return SettlementLine(
        number=number,
        kind=found,
        reference=reference,
        outside_reference=outside,
        amount=objects.amount(one, "amount", where),
        fee=objects.amount(one, "fee", where),
        net=objects.amount(one, "net", where),
        at=objects.instant(one, "created", where),
        where=str(one.get("id"))[:60],
    )


def _id_of(source: object) -> str | None:
    """The id of a source, expanded or not."""
    value = source.get("id") if isinstance(source, dict) else source
    return value if isinstance(value, str) and 0 < len(value) <= 200 and value.isprintable() else None


def _digest(payout_id: str, net: int, lines: Sequence[SettlementLine]) -> str:
    """What makes two tellings of a payout the same: its money, and nothing that the gateway may word anew."""
    told = [[line.kind, line.outside_reference, line.amount, line.fee, line.net] for line in lines]
    return hashlib.sha256(json.dumps([payout_id, net, told]).encode()).hexdigest()
