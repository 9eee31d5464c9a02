"""Settlements of channels, told whole: each line a witness, what nobody told of before brought in, the lump cleared."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from domain import organisation, refund, settlement
from domain.access import Action
from domain.errors import Refusal, RefusalCode
from domain.identifiers import PaymentId, RefundId, UnitId
from domain.money import Dong
from domain.notice import NoticeStatus
from domain.payment import Asset, Payment
from domain.payment_request import Requested
from domain.refund_channel import ChannelState
from domain.settlement import SettledLine, Settlement, SettlementKind, SettlementLine, SettlementTold
from ledger import channel_refunds, lump_returns, placing, settled_credits, settling
from ledger.handler import Handler
from ledger.handlers import attempts, collect
from ledger.placing import Money
from ledger.settling import Outcome
from ledger.work import Act, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeSettlement:
    """Take a channel's settlement in.

    ``unit_id`` is the unit whose account the channel pays to, or the top unit where it pays each payment singly;
    ``awaited`` names payments of the channel that the settlement may lack.
    """

    unit_id: UnitId
    settlement: Settlement
    awaited: tuple[PaymentId, ...] = ()
    evidence_id: str | None = None
    failed: bool = False  #: the channel says that the pay-out failed


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportChannelRefund:
    """What a channel answered when it was asked to give an approved refund to the payer."""

    unit_id: UnitId
    refund_id: RefundId
    rail: str
    outside_id: str
    state: ChannelState
    amount: Dong
    on: date
    payment_id: PaymentId | None = None  #: out of which payment it goes back


def take_settlement(work: Work, command: TakeSettlement, act: Act) -> dict[str, object]:
    """Take each line, then the lump. The same settlement again has the effect of once; a restated one has none.

    Answers with "state" ("taken", "known", "restated"), "lines" ({number, outcome, ours}), "missing" ({payment_id,
    reference, amount}), "cleared" (the bank line's key or None) and "waits_for" (why it is not cleared, in words).
    """
    told = command.settlement
    organisation.unit(work.organisation, command.unit_id)
    settlement.require_adds_up(told)
    name = settlement.stream(told.rail, told.settlement_id)
    events = settlement.tell(work.settlement(told.rail, told.settlement_id), told, command.unit_id)
    work.record(name, events)
    if events and not isinstance(events[0], SettlementTold):
        return _answer(work, told, "restated", (), ())
    work.preload(f"payment/{told.rail}/{line.outside_reference}" for line in told.lines)
    outcomes = _take_lines(work, command, act)
    if settlement.is_lump(told):
        if command.failed:
            lump_returns.note_failed(work, act, told.rail, told.settlement_id)
        settling.clear_waiting(work, told.rail, told.settlement_id)
    missing = _missing(work, told, command.awaited)
    return _answer(work, told, "taken" if events else "known", outcomes, missing)


def _take_lines(work: Work, command: TakeSettlement, act: Act) -> tuple[Outcome, ...]:
    told = work.settlement(command.settlement.rail, command.settlement.settlement_id).told
    assert told is not None
    outcomes: list[Outcome] = []
    seen: set[tuple[SettlementKind, str]] = set()
    for line, raw in zip(told.lines, command.settlement.lines, strict=True):
        name = (line.kind, line.outside_reference)
        if name in seen and line.kind is not SettlementKind.FEE:
            settling.differ(work, told, line, "doubled", None)
            outcomes.append(Outcome(number=line.number, outcome="doubled", ours=None))
            continue
        seen.add(name)
        if line.kind is SettlementKind.COLLECTION:
            outcomes.append(_collection(work, command, act, told, line, raw))
        else:
            outcomes.append(settling.take_other(work, act, told, line))
    return tuple(outcomes)


def _collection(
    work: Work, command: TakeSettlement, act: Act, told: SettlementTold, line: SettledLine, raw: SettlementLine
) -> Outcome:
    state = work.payment(settling.paid_under(told, line))
    known = state if isinstance(state, Payment) else _bring_in(work, command, act, told, line, raw)
    if known is None:
        return Outcome(number=line.number, outcome=settling.differ(work, told, line, "unknown", None), ours=None)
    if settling.witnessed_elsewhere(told, line, known):
        settling.differ(work, told, line, "doubled", known.received.amount)
        return Outcome(number=line.number, outcome="doubled", ours=known.received.amount)
    outcome = settling.witness(work, told, line, known, command.evidence_id)
    if outcome.outcome == "matched":
        _hear(work, told, raw, known, command.evidence_id)
        if line.fee and not settlement.is_lump(told):
            _credit_less(work, known)
    return outcome


def _hear(work: Work, told: SettlementTold, raw: SettlementLine, known: Payment, evidence_id: str | None) -> None:
    """A settlement is a channel's word on the attempt too: it was paid."""
    attempts.hear(
        work,
        reference=raw.reference or known.received.reference,
        status=NoticeStatus.PAID,
        outside_id=raw.outside_reference,
        stated_at=raw.at,
        via="settlement",
        evidence_id=evidence_id,
    )


def _credit_less(work: Work, known: Payment) -> None:
    """The settlement states a fee: a smaller credit that waited for a person is explained now."""
    request = work.request(known.received.reference or "")
    waiting = settled_credits.take(work, request) if isinstance(request, Requested) else None
    if waiting is not None:
        settled_credits.place(work, waiting)


def _bring_in(
    work: Work, command: TakeSettlement, act: Act, told: SettlementTold, line: SettledLine, raw: SettlementLine
) -> Payment | None:
    """No notice ever came: the settlement itself tells of the payment, on the same road. None if it has no place.

    What a channel pays in lumps is money that is surely there, so what cannot be placed waits for its owner.
    """
    notice = collect.Notice(
        source=told.rail,
        outside_reference=line.outside_reference,
        status=NoticeStatus.PAID,
        reference=line.reference,
        found=(),
        amount=line.amount,
        paid_at=raw.at,
        account_number=None,
        payer_key=None,
        evidence_id=command.evidence_id,
        via="settlement",
    )
    try:
        with work.all_or_none():
            collect.take_from_rail(work, notice, act)
    except Refusal:
        if not settlement.is_lump(told):
            raise
    payment_id = settling.paid_under(told, line)
    known = work.payment(payment_id)
    if isinstance(known, Payment):
        collect.hear(work, notice)
        return known
    request = work.request(line.reference or "")
    if not settlement.is_lump(told):
        return _witnessed(work, request, told.rail, line.outside_reference)
    money = Money(
        source=told.rail,
        outside_reference=line.outside_reference,
        channel=told.rail,
        holder_id=told.unit_id,
        asset=Asset.CLEARING,
        asset_key=told.rail,
        amount=line.amount,
        paid_on=line.on,
        booked_on=None,
        reference=None,
        evidence_id=command.evidence_id,
    )
    placing.receive_unknown(work, act, money)
    found = work.payment(payment_id)
    return found if isinstance(found, Payment) else None


def _witnessed(work: Work, request: object, rail: str, outside_reference: str) -> Payment | None:
    """The payment that a bank reported first and of which the channel's own word is a witness."""
    if not isinstance(request, Requested):
        return None
    for answer in request.answers:
        known = work.payment(answer.payment_id)
        if isinstance(known, Payment) and any(
            (w.source, w.outside_reference) == (rail, outside_reference) for w in known.witnesses
        ):
            return known
    return None


def _missing(work: Work, told: Settlement, awaited: tuple[PaymentId, ...]) -> tuple[Payment, ...]:
    """Payments of the channel's days that no settlement has told of."""
    work.preload(f"payment/{name}" for name in awaited)
    found = []
    for name in awaited:
        known = work.payment(name)
        if not isinstance(known, Payment) or known.received.source != told.rail:
            continue
        # A channel whose day closes before midnight tells of the evening before.
        inside = told.from_date - timedelta(days=1) <= known.received.paid_on <= told.to_date
        if inside and not any(w.source == f"settlement:{told.rail}" for w in known.witnesses):
            found.append(known)
    return tuple(found)


def _answer(
    work: Work, told: Settlement, state: str, outcomes: tuple[Outcome, ...], missing: tuple[Payment, ...]
) -> dict[str, object]:
    lumps = settlement.is_lump(told)
    known = work.settlement(told.rail, told.settlement_id)
    return {
        "state": state,
        "settlement_id": told.settlement_id,
        "net": told.net,
        "lines": [{"number": o.number, "outcome": o.outcome, "ours": o.ours} for o in outcomes],
        "missing": [
            {
                "payment_id": known_.received.payment_id,
                "reference": known_.received.reference,
                "amount": known_.received.amount,
            }
            for known_ in missing
        ],
        "cleared": None if known.lump is None else known.lump.bank_line,
        "waits_for": settling.why_not(work, told.rail, told.settlement_id) if lumps else "",
    }


def report_channel_refund(work: Work, command: ReportChannelRefund, act: Act) -> dict[str, object]:
    """Note the channel's answer; the refund is paid out of what the channel owes us."""
    state = refund.require_requested(work.refund(command.refund_id))
    if state.requested.unit_id != command.unit_id:
        raise organisation.outside(state.requested.unit_id, command.unit_id)
    if command.on > act.on:
        raise Refusal(RefusalCode.REFUND_STATE, "Ngày hoàn trả không được ở tương lai.")
    told = channel_refunds.Told(
        rail=command.rail,
        refund_id=command.refund_id,
        outside_id=command.outside_id,
        state=command.state,
        amount=command.amount,
        on=command.on,
    )
    outcome = channel_refunds.take(work, act, told)
    if command.payment_id is not None:
        channel_refunds.send(work, told, command.payment_id)
    return {"refund_id": command.refund_id, "outcome": outcome}


#: What each command asks permission for, where, and the function that decides it.
COMMANDS: Mapping[type, Handler] = {
    TakeSettlement: Handler("take-settlement", Action.IMPORT_STATEMENT, "unit_id", take_settlement),
    ReportChannelRefund: Handler("report-channel-refund", Action.PAY_REFUND, "unit_id", report_channel_refund),
}
