"""Pass a unit's cash from one custodian to the next: the old one signs, then the new one."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain import access, cash, cash_count, cash_custody
from domain import receipt_book as receipts
from domain.access import Action
from domain.cash_custody import CustodyOffered
from domain.identifiers import OfficerId, UnitId
from ledger import cash_desk
from ledger.handler import Handler
from ledger.handlers.cash_count import require_officer
from ledger.work import Act, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferCustody:
    """The custodian hands cash, open slips and receipt numbers over, on the figures of the last count."""

    unit_id: UnitId
    to_officer: OfficerId
    count_number: int
    open_slips: tuple[str, ...]
    decision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptCustody:
    """The new custodian takes over and answers for the cash from now on."""

    unit_id: UnitId


def offer_custody(work: Work, command: OfferCustody, act: Act) -> dict[str, object]:
    """Sign the handover as the one who leaves; nothing changes hands yet."""
    access.require_other_person(act.actor, command.to_officer, f"Bàn giao quỹ của {command.unit_id}")
    require_officer(work, command.to_officer, command.unit_id, act.on)
    state = work.custody(command.unit_id)
    counts = work.cash_counts(command.unit_id)
    bags = work.cash(command.unit_id)
    asked = CustodyOffered(
        unit_id=command.unit_id,
        number=state.last + 1,
        from_officer=OfficerId(act.actor),
        to_officer=command.to_officer,
        count_number=command.count_number,
        counted=0 if counts.latest is None else counts.latest.counted,
        open_slips=command.open_slips,
        last_receipt=_last_receipt(work, command.unit_id, act.on.year),
        open_bags=tuple(sorted(bag for bag in bags.bags if bag not in bags.credited)),
        decision=command.decision,
        offered_on=act.on,
    )
    in_hand = cash_desk.in_hand(work, command.unit_id)
    events = cash_custody.offer(state, asked, latest=counts.latest, in_hand=in_hand)
    # The signature stands on this very state of the cash: nothing may be counted or handed out meanwhile.
    work.guard(cash_count.stream(command.unit_id))
    work.guard(cash.stream(command.unit_id))
    work.record(cash_custody.stream(command.unit_id), events)
    return {
        "offered": len(events),
        "to": command.to_officer,
        "counted": asked.counted,
        "last_receipt": asked.last_receipt,
        "open_bags": list(asked.open_bags),
    }


def _last_receipt(work: Work, unit_id: UnitId, year: int) -> int:
    book: receipts.Book = work.receipts(unit_id, year)
    return book.last


def accept_custody(work: Work, command: AcceptCustody, act: Act) -> dict[str, object]:
    """Sign the handover as the one who takes over."""
    events = cash_custody.accept(
        work.custody(command.unit_id),
        unit_id=command.unit_id,
        by=OfficerId(act.actor),
        in_hand=cash_desk.in_hand(work, command.unit_id),
        on=act.on,
    )
    work.guard(cash.stream(command.unit_id))
    work.record(cash_custody.stream(command.unit_id), events)
    return {"accepted": len(events), "custodian": act.actor}


#: What each command asks permission for, where, and the function that decides it.
COMMANDS: Mapping[type, Handler] = {
    OfferCustody: Handler("offer-custody", Action.HAND_OVER_CUSTODY, "unit_id", offer_custody),
    AcceptCustody: Handler("accept-custody", Action.HAND_OVER_CUSTODY, "unit_id", accept_custody),
}
