"""Money that a channel took back: told by messages and by settlements, standing on 1370 until a person decides."""

from dataclasses import dataclass
from datetime import date

from domain import channel_case, organisation
from domain.channel_case import CaseTold, CaseWord
from domain.identifiers import PaymentId, UnitId, payment_id
from domain.money import Dong
from domain.payment import Payment
from domain.settlement import SettledLine, SettlementTold
from ledger.work import Work

#: What a channel's source holds when it speaks of a case, before the word, as in "gateway:case:withdrawn".
MARK = ":case:"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseMessage:
    """A channel's message on a case: what was taken and given back so far; ``payment_id`` is what it is about."""

    rail: str
    case_id: str
    payment_id: PaymentId | None
    word: CaseWord
    taken: Dong
    given: Dong
    on: date
    nobody: UnitId  #: who is told where nobody knows the payment yet; no money moves then


def by_settlement(work: Work, told: SettlementTold, line: SettledLine, moved: Dong) -> None:
    """Take a settlement's line in; ``moved`` is negative where the channel took money."""
    state = work.channel_case(told.rail, line.outside_reference)
    said = CaseTold(
        rail=told.rail,
        case_id=line.outside_reference,
        unit_id=organisation.owner(work.organisation, told.unit_id),
        payment_id=None,
        word=CaseWord.SETTLED,
        via=f"{told.settlement_id}#{line.number}",
        taken=max(0, -moved),
        given=max(0, moved),
        moved_out=0,
        moved_in=0,
        told_on=line.on,
    )
    work.record(channel_case.stream(told.rail, line.outside_reference), channel_case.tell(state, said))


def hear(work: Work, source: str, case_id: str, about: str | None, amount: Dong, on: date, *, nobody: UnitId) -> str:
    """Take a notice on a case in; ``about`` is the channel's id of the payment. See ``by_message`` for the answer."""
    rail, _, word = source.partition(MARK)
    said = CaseWord(word)
    back = said is CaseWord.REINSTATED
    out = back or said in (CaseWord.WITHDRAWN, CaseWord.LOST)
    message = CaseMessage(
        rail=rail,
        case_id=case_id,
        payment_id=payment_id(rail, about) if about else None,
        word=said,
        taken=amount if out else 0,
        given=amount if back else 0,
        on=on,
        nobody=nobody,
    )
    return by_message(work, message)


def by_message(work: Work, message: CaseMessage) -> str:
    """Take a message in; answers "case-told", or "case-waits" while nobody knows whose money it is about."""
    state = work.channel_case(message.rail, message.case_id)
    known = None if message.payment_id is None else work.payment(message.payment_id)
    unit = state.unit_id
    if isinstance(known, Payment):
        unit = organisation.owner(work.organisation, known.received.holder_id)
    said = CaseTold(
        rail=message.rail,
        case_id=message.case_id,
        unit_id=unit or message.nobody,
        payment_id=message.payment_id if isinstance(known, Payment) else None,
        word=message.word,
        via="message",
        taken=message.taken,
        given=message.given,
        moved_out=0,
        moved_in=0,
        told_on=message.on,
    )
    placed = isinstance(known, Payment) or any(state.moved)
    events = channel_case.tell(state, said) if placed else channel_case.hold(state, said)
    work.record(channel_case.stream(message.rail, message.case_id), events)
    return "case-told" if placed else "case-waits"
