"""Hand held money back to the unit it belongs to, in cash."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from domain import cash_return, organisation
from domain.access import Action
from domain.cash_return import HeldCashReturned
from domain.identifiers import UnitId
from domain.money import Dong
from domain.period import month_of
from ledger import cash_desk
from ledger.handler import Handler
from ledger.handlers.cash_count import not_future
from ledger.open_month import require_open
from ledger.own_money import own_money
from ledger.work import Act, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnHeldCash:
    """The holder's cashier hands cash to a unit beneath, out of the money held for it."""

    holder_id: UnitId
    unit_id: UnitId
    amount: Dong
    slip: str
    returned_on: date


def return_held_cash(work: Work, command: ReturnHeldCash, act: Act) -> dict[str, object]:
    """Both books change at once; never more than the unit's own money, nor than lies in the holder's box."""
    not_future(command.returned_on, act)
    if not organisation.is_within(work.organisation, command.unit_id, command.holder_id):
        raise organisation.outside(command.unit_id, command.holder_id)
    for unit in (command.unit_id, command.holder_id):
        require_open(work, unit, month_of(command.returned_on))
    asked = HeldCashReturned(
        unit_id=command.unit_id,
        holder_id=command.holder_id,
        amount=command.amount,
        slip=command.slip,
        returned_on=command.returned_on,
    )
    stream = cash_return.stream(command.unit_id)
    held = work.balance(command.unit_id, "1390", command.holder_id)
    events = cash_return.give_back(
        work.cash_returns(command.unit_id), asked, held=held, own=own_money(work, command.unit_id)
    )
    if events:
        cash_desk.draw(
            work,
            command.holder_id,
            command.amount,
            what="held-cash",
            case_id=f"{command.unit_id}/{command.slip}",
            on=command.returned_on,
        )
    work.record(stream, events)
    return {"returned": command.amount if events else 0, "still_held": held - (command.amount if events else 0)}


#: What each command asks permission for, where, and the function that decides it.
COMMANDS: Mapping[type, Handler] = {
    ReturnHeldCash: Handler("return-held-cash", Action.HAND_OVER_CASH, "holder_id", return_held_cash),
}
