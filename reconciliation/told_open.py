"""What events tell of open items: who decided what about them, why money was matched, and what goes back on what."""

from dataclasses import replace
from datetime import date

from domain.channel_case import CaseClosed, CaseReopened, CaseTold, item
from domain.events import DomainEvent
from domain.match import Evidence, MatchAccepted
from domain.open_item import (
    CreditAccepted,
    Decision,
    DecisionProposed,
    DecisionTaken,
    SuspenseToCredit,
    SuspenseWaitsAgain,
    SuspenseWrittenOff,
)
from domain.payment import MatchUndone, SuspenseForRemittance
from domain.payment_channels import SuspenseToCase, SuspenseToLump
from domain.refund import RefundRequested
from domain.remittance_cases import RemittanceReturned
from domain.settlement import SettledLine, SettlementLumpCredited, SettlementLumpTakenBack, SettlementTold
from domain.settlement_failed import SettlementLumpReturned
from reconciliation.facts import NO_ACCOUNT, CaseFact, DecisionFact, ToldDays, ToldFact, WhyFact
from reconciliation.lumps import tell_lump
from reconciliation.seen import Seen, first_account, paid_name, witness
from reconciliation.wording_match import evidence_in_words, rule_in_words


def tell_open(seen: Seen, event: DomainEvent, position: int, on: date) -> None:
    """Take in what an event says about something that is open, or was; ``on`` is the day it was recorded."""
    match event:
        case DecisionProposed():
            _decide(seen, event.decision, position, holds=False)
        case DecisionTaken():
            _decide(seen, event.decision, position, holds=True)
        case MatchAccepted():
            for part in event.parts:
                seen.why[part.payment_id] = replace(_why(event), payment_id=part.payment_id)
        case RefundRequested():
            seen.origins[f"refund:{event.refund_id}"] = _returns(event)
        case RemittanceReturned():
            seen.origins[f"stray:{event.remittance_id}"] = f"lệnh nộp {event.remittance_id}"
        case SettlementLumpCredited() | SettlementLumpReturned() | SettlementLumpTakenBack():
            tell_lump(seen, event, position)
        case CaseTold() | CaseClosed() | CaseReopened():
            _case(seen, event, on)
        case SuspenseWrittenOff() | SuspenseToCredit() | SuspenseForRemittance() | SuspenseToLump() | SuspenseToCase():
            _leave(seen, event.payment_id, -event.amount)
        case SuspenseWaitsAgain() | MatchUndone():
            _leave(seen, event.payment_id, event.amount)
        case SettlementTold():
            days = (event.rail, event.settlement_id, event.from_date, event.to_date)
            seen.told_days.append(ToldDays(rail=days[0], settlement_id=days[1], from_date=days[2], to_date=days[3]))
            seen.settlements[event.rail, event.settlement_id] = event
        case CreditAccepted() if event.bank_line is not None:
            name = paid_name(seen, event.payment_id)
            witness(seen, event.bank_line, name, name, position)
        case _:
            pass


def told_facts(seen: Seen) -> tuple[ToldFact, ...]:
    """The lines of settlements, each with the payment that it tells of, if the book has one, and its account."""
    return tuple(_told_fact(seen, event, line) for event in seen.settlements.values() for line in event.lines)


def _told_fact(seen: Seen, event: SettlementTold, line: SettledLine) -> ToldFact:
    payment_id: str | None = f"{event.rail}/{line.outside_reference}"
    if payment_id not in seen.payments:
        by_reference = seen.by_reference.get(line.reference or "")
        known = seen.payments.get(by_reference or "")
        payment_id = by_reference if known is not None and known.source == event.rail else None
    item = seen.items.get(f"payment:{payment_id}")
    asked = seen.requests.get(line.reference or "")
    account = first_account(seen, event.unit_id)
    if item is not None and item.account_id != NO_ACCOUNT:
        account = item.account_id
    elif asked is not None:
        account = asked.account_id
    return ToldFact(
        account_id=account,
        rail=event.rail,
        settlement_id=event.settlement_id,
        number=line.number,
        on=line.on,
        kind=str(line.kind),
        reference=line.reference,
        outside_reference=line.outside_reference,
        amount=line.amount,
        fee=line.fee,
        payment_id=payment_id,
    )


def _decide(seen: Seen, made: Decision, position: int, *, holds: bool) -> None:
    """The last word about an item; a decision that was undone is none."""
    if made.undoes is not None and holds:
        seen.undone.add(made.undoes)
        known = seen.decisions.get(made.item)
        if known is not None and known.decision_id in (made.undoes, made.decision_id):
            del seen.decisions[made.item]
        return
    seen.decisions[made.item] = DecisionFact(
        item=made.item,
        decision_id=made.decision_id,
        kind=str(made.kind),
        until=made.until,
        owner=made.owner,
        reason=made.reason,
        by=made.decided_by,
        on=made.decided_on,
        holds=holds,
        position=position,
    )


def _case(seen: Seen, event: CaseTold | CaseClosed | CaseReopened, on: date) -> None:
    """What is missing in a case grows by what the channel takes, and shrinks by what it gives or a person decides."""
    name = item(event.rail, event.case_id)
    known = seen.cases.get(name)
    match event:
        case CaseTold():
            moved, day, word = event.moved_out - event.moved_in, event.told_on, str(event.word)
        case CaseClosed():
            moved, day, word = -(event.borne + event.opened), event.closed_on, "closed"
        case CaseReopened():
            moved, day, word = event.amount, on, "reopened"
    seen.cases[name] = CaseFact(
        case=name,
        account_id=first_account(seen, event.unit_id) if known is None else known.account_id,
        unit_id=event.unit_id,
        payment_id=getattr(event, "payment_id", None) or (None if known is None else known.payment_id),
        word=word,
        on=day if known is None else known.on,
        moves=(*(() if known is None else known.moves), *(((day, moved),) if moved else ())),
    )


def _leave(seen: Seen, payment_id: str, amount: int) -> None:
    known = seen.payments.get(payment_id)
    if known is not None:
        seen.payments[payment_id] = replace(known, waiting=known.waiting + amount)


def _returns(event: RefundRequested) -> str:
    what = f"khoản {event.payment_id}" if event.payment_id else "số đóng thừa" if event.month is None else "đảng phí"
    month = f" tháng {event.month}" if event.month else ""
    return f"{what}{month}, hoàn trả {event.refund_id} ({event.reason})"


def _why(event: MatchAccepted) -> WhyFact:
    """The recorded rule and its strongest evidence, and why the next one was not taken; nothing is reckoned again."""
    strongest = sorted(event.evidence, key=lambda e: -e.weight)[:3]
    percent = f"{event.confidence // 100},{event.confidence % 100:02d} %"
    why = f"{rule_in_words(event.rule)} (tin cậy {percent}): {_told(strongest)}"
    if not event.runner_up:
        return WhyFact(payment_id="", why=why, why_not="không có ứng viên nào khác")
    against = [e for e in event.runner_up_evidence if e.side == "against"] or list(event.runner_up_evidence)
    next_ = f"{event.runner_up_confidence // 100},{event.runner_up_confidence % 100:02d} %"
    return WhyFact(payment_id="", why=why, why_not=f"ứng viên kế tiếp {next_}: {_told(against[:2])}")


def _told(found: list[Evidence]) -> str:
    return "; ".join(evidence_in_words(one.code, one.numbers) for one in found)
