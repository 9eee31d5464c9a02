"""Settlements of channels: fetched or read from a file, kept whole as evidence, taken in, answered.

Also refunds that go back by the channel that brought the money: checked against the ledger first, asked of the channel
under our own id, and booked by what the channel answered.
"""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from adapters.gateway.client import GatewayClient
from adapters.gateway.payout import document
from adapters.gateway.rail import NAME, client_of
from api.rails import cannot, rail
from api.wiring import Installation
from domain import refund
from domain.errors import Malformed, Refusal, RefusalCode
from domain.identifiers import PaymentId, RefundId, UnitId
from domain.payment import Asset, Payment, PaymentReceived
from domain.refund_channel import ChannelState
from domain.settlement import AnsweredLine, Settlement, SettlementAnswer
from ledger.application import Outcome
from ledger.handlers.settlements import ReportChannelRefund, TakeSettlement
from ledger.rail import ChannelAway
from ledger.work import Act

_BATCH = 2_000

#: States of payouts whose documents are complete. One that failed is told too: a later one brings its money back.
_TAKEN = frozenset({"paid", "failed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of one settlement: the ledger's answer, or why it was refused."""

    settlement_id: str
    answer: Mapping[str, Any]
    refused: str | None = None


def take_file(
    inst: Installation, name: str, raw: bytes, file: str, unit: UnitId, act: Act, *, dry_run: bool = False
) -> tuple[Outcome, bytes | None]:
    """Take a channel's settlement file in; also returns our answer to it, where the channel takes answers.

    Raises ``Malformed`` for a file that cannot be read and Refusal for one that does not add up: then nothing is taken.
    """
    found = rail(inst.settings, name)
    if found.read_settlement is None:
        raise cannot(found, "đọc quyết toán")
    told = found.read_settlement(raw, file)
    outcome = _take(inst, told, raw, unit, act, dry_run=dry_run)
    reply = None
    if found.answer_settlement is not None:
        reply = found.answer_settlement(answer_of(told, outcome.answer, act.at))
    return outcome, reply


def settle_gateway(inst: Installation, unit: UnitId, since: datetime, until: datetime, act: Act) -> Iterator[Taken]:
    """Fetch the gateway's payouts of a span and take those that are over; one that is refused holds up no other.

    Raises Refusal ``rail-away`` when the gateway does not answer, and ``rail-cannot`` where none is set up.
    """
    client = _client(inst)
    try:
        for payout in client.payouts(since, until):
            name = str(payout.get("id"))[:80]
            if payout.get("status") not in _TAKEN:
                refused = f"đợt trả đang ở trạng thái «{str(payout.get('status'))[:20]}», chưa lấy"
                yield Taken(settlement_id=name, answer={}, refused=refused)
                continue
            raw = document(payout, client.transactions_of(name))
            try:
                found = rail(inst.settings, NAME)
                assert found.read_settlement is not None
                told = found.read_settlement(raw, name)
                own = replace(act, command_id=uuid.uuid5(act.command_id, name))
                yield Taken(settlement_id=name, answer=_take(inst, told, raw, unit, own).answer)
            except Refusal as refusal:
                yield Taken(settlement_id=name, answer={}, refused=refusal.message)
            except Malformed as error:
                yield Taken(settlement_id=name, answer={}, refused=str(error))
    except ChannelAway as error:
        raise _away(error) from error


def _take(
    inst: Installation, told: Settlement, raw: bytes, unit: UnitId, act: Act, *, dry_run: bool = False
) -> Outcome:
    evidence_id = uuid.uuid5(uuid.NAMESPACE_URL, f"dangphi:settlement:{told.rail}:{told.settlement_id}:{told.digest}")
    if not dry_run and inst.evidence.fetch(evidence_id) is None:
        inst.evidence.store(evidence_id, "application/octet-stream", raw)
    command = TakeSettlement(
        unit_id=unit,
        settlement=told,
        awaited=awaited(inst, told.rail, told.from_date, told.to_date),
        evidence_id=str(evidence_id),
    )
    return inst.ledger.execute(command, act, dry_run=dry_run)


def awaited(inst: Installation, source: str, since: date, until: date) -> tuple[PaymentId, ...]:
    """Payments that a channel told of and that were paid in a span of days: what its settlement should name."""
    found: list[PaymentId] = []
    position = 0
    while batch := inst.store.read(position, _BATCH, ("payment-received",)):
        for recorded in batch:
            event = recorded.event
            if isinstance(event, PaymentReceived) and event.source == source and since <= event.paid_on <= until:
                found.append(event.payment_id)
        position = batch[-1].position
    return tuple(found)


def answer_of(told: Settlement, answer: Mapping[str, Any], at: datetime) -> SettlementAnswer:
    """The ledger's answer as the channel is told it."""
    return SettlementAnswer(
        settlement=told,
        lines=tuple(
            AnsweredLine(number=line["number"], outcome=line["outcome"], ours=line["ours"]) for line in answer["lines"]
        ),
        missing=tuple((one["reference"] or one["payment_id"], one["amount"]) for one in answer["missing"]),
        at=at,
    )


def refund_by_gateway(inst: Installation, refund_id: RefundId, payment_id: PaymentId, act: Act) -> Outcome:
    """Give an approved refund back through the gateway and book what it answered; the same again asks for the same.

    ``payment_id`` is the payment ("gateway/pi_…") out of which it goes back. Refuses a refund that is not approved or
    is paid already, before the gateway is asked; ``rail-away`` when nobody answered: do the same again later.
    """
    client = _client(inst)
    work = inst.ledger.work()
    state = refund.require_requested(work.refund(refund_id))
    known = work.payment(payment_id)
    if not isinstance(known, Payment) or (known.received.asset, known.received.asset_key) != (Asset.CLEARING, NAME):
        raise Refusal(
            RefusalCode.UNKNOWN_PAYMENT,
            f"Khoản {payment_id} không phải tiền qua cổng thẻ. Chọn khoản của người nộp đã qua cổng, hoặc hoàn bằng "
            "chuyển khoản (dangphi refund pay).",
        )
    asked = state.requested
    failed = sum(1 for word in state.reports.values() if word is ChannelState.FAILED)
    told = ReportChannelRefund(
        unit_id=asked.unit_id,
        refund_id=refund_id,
        rail=NAME,
        outside_id=f"asked-{failed}",
        state=ChannelState.DONE,
        amount=asked.amount,
        on=act.on,
    )
    if state.paid is None or (state.paid.asset, state.paid.asset_key) != (Asset.CLEARING, NAME):
        # Whatever would refuse it must refuse it before money leaves.
        inst.ledger.execute(told, replace(act, command_id=uuid.uuid4()), dry_run=True)
    number = refund_id if not failed else f"{refund_id}#{failed}"
    outside = known.received.outside_reference
    try:
        report = client.refund(outside, number, asked.amount, asked.reason, act.at)
    except ChannelAway as error:
        raise _away(error) from error
    done = replace(told, outside_id=report.outside_id, state=ChannelState(str(report.state)))
    return inst.ledger.execute(done, act)


def _client(inst: Installation) -> GatewayClient:
    client = client_of(inst.settings.gateway_url, inst.settings.gateway_key)
    if client is None:
        raise cannot(rail(inst.settings, NAME), "gọi")
    return client


def _away(error: ChannelAway) -> Refusal:
    return Refusal(
        RefusalCode.RAIL_AWAY,
        f"Cổng thẻ không trả lời ({error}). Chưa biết gì thêm; làm lại đúng việc này sau ít phút, không tính hai lần.",
        rail=NAME,
    )
