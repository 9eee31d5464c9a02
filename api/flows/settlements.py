"""Settlements of channels: fetched or read from a file, kept whole as evidence, taken in, answered.

Also refunds that go back by the channel that brought the money: checked against the ledger first, asked of the channel
under our own id, and booked by what the channel answered.
"""

import hashlib
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from adapters.gateway.client import GatewayClient
from adapters.gateway.payout import document, read_payout
from adapters.gateway.rail import NAME, client_of
from adapters.inbound import VIETNAM
from api.rails import cannot, rail
from api.wiring import Installation
from domain import attempt, organisation, refund
from domain.attempt import AttemptState
from domain.errors import Malformed, Refusal, RefusalCode
from domain.identifiers import PaymentId, RefundId, UnitId
from domain.payment import Asset, Payment, PaymentReceived
from domain.refund_channel import ChannelState
from domain.settlement import AnsweredLine, Settlement, SettlementAnswer
from domain.settlement_parts import accounts_of, of_account
from ledger.application import Outcome
from ledger.handlers.settlements import ReportChannelRefund, TakeSettlement
from ledger.rail import ChannelAway, Rail
from ledger.work import Act, Work
from projections.payments import PAYMENTS, OfSource, of_source
from projections.runner import catch_up

_BATCH = 2_000
_DAY = timedelta(days=1)

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
    Refuses ``rail-cannot`` for a channel whose settlements carry no signature: whoever may hand in a file could invent
    payments with it.
    """
    found = rail(inst.settings, name)
    if found.read_settlement is None:
        raise _no_file(found)
    told = found.read_settlement(raw, file)
    outcome = _take_parts(inst, found, told, raw, unit, act, dry_run=dry_run)
    reply = None
    if found.answer_settlement is not None:
        reply = found.answer_settlement(answer_of(told, outcome.answer, act.at))
        if not dry_run:
            kept = uuid.uuid5(uuid.NAMESPACE_URL, f"dangphi:settlement-answer:{hashlib.sha256(reply).hexdigest()}")
            if inst.evidence.fetch(kept) is None:
                inst.evidence.store(kept, "application/octet-stream", reply)
    return outcome, reply


def _take_parts(
    inst: Installation, found: Rail, told: Settlement, raw: bytes, unit: UnitId, act: Act, *, dry_run: bool
) -> Outcome:
    """Take a file in. Where the channel pays a lump to each account, each account's part is a settlement of its own.

    Lines of an account that nobody here has stay with ``unit``, which is told that it does not know them. The same
    file again finds each part known, so one that was cut off in its middle is taken in by sending it again.
    """
    org = inst.ledger.work().organisation
    owners = {number: organisation.account_by_number(org, number) for number in accounts_of(told)}
    parts = [(of_account(told, number), owner.unit_id) for number, owner in owners.items() if found.in_lumps and owner]
    taken = {line.number for part, _ in parts for line in part.lines}
    rest = tuple(line for line in told.lines if line.number not in taken)
    if rest or not parts:
        parts.append((replace(told, lines=rest, net=sum(line.net for line in rest)) if parts else told, unit))
    # What is missing can be said only when every part was taken in.
    lacks = awaited(inst, told.rail, told.from_date, told.to_date, found.closes)
    outcomes = []
    for number, (part, owner_id) in enumerate(parts):
        last = number == len(parts) - 1
        own = act if last else replace(act, command_id=uuid.uuid5(act.command_id, part.settlement_id))
        outcomes.append(_take(inst, part, raw, owner_id, own, lacks if last else (), dry_run=dry_run))
    return outcomes[-1] if len(parts) == 1 else replace(outcomes[-1], answer=_together(told, outcomes))


def _together(told: Settlement, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """One answer for a file that was taken in parts; ``parts`` says of each what became of its lump."""
    answers = [one.answer for one in outcomes]
    states = {str(one["state"]) for one in answers}
    return {
        "state": next(state for state in ("restated", "taken", "known") if state in states),
        "settlement_id": told.settlement_id,
        "net": told.net,
        "lines": sorted((line for one in answers for line in one["lines"]), key=lambda line: line["number"]),
        "missing": answers[-1]["missing"],
        "cleared": None,
        "waits_for": " ".join(dict.fromkeys(one["waits_for"] for one in answers if one["waits_for"])),
        "parts": [
            {name: one[name] for name in ("settlement_id", "state", "net", "cleared", "waits_for")} for one in answers
        ],
    }


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
                told = read_payout(raw, name)
                own = replace(act, command_id=uuid.uuid5(act.command_id, name))
                lacks = awaited(inst, told.rail, told.from_date, told.to_date)
                failed = payout.get("status") == "failed"
                taken = _take(inst, told, raw, unit, own, lacks, failed=failed)
                yield Taken(settlement_id=name, answer=taken.answer)
            except Refusal as refusal:
                yield Taken(settlement_id=name, answer={}, refused=refusal.message)
            except Malformed as error:
                yield Taken(settlement_id=name, answer={}, refused=str(error))
    except ChannelAway as error:
        raise _away(error) from error


def _take(
    inst: Installation,
    told: Settlement,
    raw: bytes,
    unit: UnitId,
    act: Act,
    lacks: tuple[PaymentId, ...],
    *,
    failed: bool = False,
    dry_run: bool = False,
) -> Outcome:
    evidence_id = uuid.uuid5(uuid.NAMESPACE_URL, f"dangphi:settlement:{told.rail}:{told.settlement_id}:{told.digest}")
    command = TakeSettlement(
        unit_id=unit,
        settlement=told,
        awaited=lacks,
        evidence_id=str(evidence_id),
        failed=failed,
    )
    if not dry_run and inst.evidence.fetch(evidence_id) is None:
        # Who may not take it in, and what would be refused, leaves no bytes behind.
        inst.ledger.execute(command, act, dry_run=True)
        inst.evidence.store(evidence_id, "application/octet-stream", raw)
    return inst.ledger.execute(command, act, dry_run=dry_run)


def awaited(inst: Installation, source: str, since: date, until: date, closes: int = 24) -> tuple[PaymentId, ...]:
    """Payments that a channel told of and that were paid in a span of its days: what its settlement should name.

    ``closes`` is the hour at which the channel's day ends. The book knows days; the hour stands in what the channel
    said of the attempt. Where it said none, a payment is awaited from the day on whose settlement is surely the last.
    """
    return tuple(PaymentId(one.payment_id) for one, day in by_day(inst, source, since, until, closes))


def by_day(
    inst: Installation, source: str, since: date, until: date, closes: int = 24
) -> Iterator[tuple[OfSource, date]]:
    """Payments of a channel with the channel's day that each belongs to, for days from ``since`` to ``until``."""
    early = timedelta(hours=24 - closes)
    work = inst.ledger.work()
    found = _of_source(inst, source, since - _DAY, until)
    if early:
        work.preload(attempt.stream(one.reference) for one in found if one.reference)
    for one in found:
        day = _settled_on(work, one, early)
        if since <= day <= until:
            yield one, day


def _of_source(inst: Installation, source: str, first: date, last: date) -> tuple[OfSource, ...]:
    """From a table where there is one; the log itself is read only in memory."""
    if inst.shard is not None:
        with inst.shard.connect() as conn:
            catch_up(conn, inst.store, (PAYMENTS,))
            return of_source(conn, source, first, last)
    found: list[OfSource] = []
    position = 0
    while batch := inst.store.read(position, _BATCH, ("payment-received",)):
        for recorded in batch:
            e = recorded.event
            if isinstance(e, PaymentReceived) and e.source == source and first <= e.paid_on <= last:
                found.append(
                    OfSource(
                        payment_id=e.payment_id,
                        paid_on=e.paid_on,
                        reference=e.reference,
                        amount=e.amount,
                        holder=e.holder_id,
                    )
                )
        position = batch[-1].position
    return tuple(found)


def _settled_on(work: Work, event: OfSource, early: timedelta) -> date:
    """The channel's day to which a payment belongs."""
    if not early:
        return event.paid_on
    reports = work.attempt(event.reference).reports if event.reference else ()
    stated = [one.stated_at.astimezone(VIETNAM) for one in reports if one.state is AttemptState.PAID]
    moments = [at for at in stated if at.date() == event.paid_on]
    return (min(moments) + early).date() if moments else event.paid_on + _DAY


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
        payment_id=payment_id,
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


def _no_file(found: Rail) -> Refusal:
    return Refusal(
        RefusalCode.RAIL_CANNOT,
        f"Kênh {found.name} không có tệp quyết toán mang chữ ký của kênh, nên không nhận tệp nộp tay. Đợt trả của cổng "
        "thẻ lấy thẳng từ cổng: dangphi gateway settle.",
        rail=found.name,
    )


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
