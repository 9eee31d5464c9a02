"""Payment slips of a month: who gets one on paper now, and who must not be offered a payment, with the reason.

Nobody is handed a second code while a first payment is on its way, and no paper goes out whose code asks for another
amount than is owed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from adapters.books.slip import PaymentSlip
from api.flows.papers import slips_of
from api.wiring import Installation
from domain import dues_account, organisation, payment_request
from domain.identifiers import MemberId, UnitId
from domain.money import Dong, format_dong
from domain.payment_request import Requested
from domain.period import Month
from ledger import reissuing
from ledger.accounts import year_with
from ledger.owning import with_ended
from ledger.pending import pending_words
from ledger.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """Somebody who gets no slip now, and why; the member by id."""

    member_id: MemberId
    reference: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipsOfMonth:
    """The slips to print, in roll order, and who was left out."""

    slips: tuple[PaymentSlip, ...]
    left_out: tuple[LeftOut, ...]


def slips_of_month(inst: Installation, unit_id: UnitId, month: Month, on: date) -> SlipsOfMonth:
    """The slips of a unit and what is beneath it for a month, as of a day."""
    work = inst.ledger.work()
    wanted: list[str] = []
    left: list[LeftOut] = []
    for member_id, state in standing_requests(work, unit_id, month):
        if state.asked.channel != "qr":
            continue  # asked for in cash: there is a line on the collector's list and no code
        reason = why_not(work, member_id, state, on)
        if reason is None:
            wanted.append(state.asked.reference)
        else:
            left.append(LeftOut(member_id=member_id, reference=state.asked.reference, reason=reason))
    return SlipsOfMonth(slips=slips_of(inst, tuple(wanted)), left_out=tuple(left))


def standing_requests(work: Work, unit_id: UnitId, month: Month) -> Iterator[tuple[MemberId, Requested]]:
    """The requests of a month that may still be used, in roll order."""
    work.directory.catch_up()
    units = [unit.unit_id for unit in organisation.subtree(work.organisation, unit_id)]
    for member_id in work.directory.concerned_by(with_ended(work, units)):
        state = reissuing.stands(work, member_id, month)
        if state is not None:
            yield member_id, state


def why_not(work: Work, member_id: MemberId, state: Requested, on: date) -> str | None:
    """Why no code may be handed out for a request now; None when it may."""
    asked = state.asked
    owed = owed_now(work, state, on)
    pending = pending_words(work, state, on)
    if pending is not None:
        return pending
    if owed == 0 or payment_request.answered(state) >= asked.amount:
        return "đã đóng đủ"
    if asked.valid_until is not None and asked.valid_until < on:
        return f"yêu cầu hết hạn ngày {asked.valid_until:%d/%m/%Y}; phát hành lại bằng «dangphi dues ask»"
    if owed != asked.amount:
        words = f"còn phải đóng {format_dong(owed)} đồng, yêu cầu ghi {format_dong(asked.amount)} đồng"
        return f"{words}; phát hành lại bằng «dangphi dues ask»"
    return None


def owed_now(work: Work, state: Requested, on: date) -> Dong:
    """What the member still owes for the month that a request is about; đồng. Other requests owe what they ask."""
    asked = state.asked
    if asked.member_id is None or asked.month is None:
        return max(0, asked.amount - payment_request.answered(state))
    year = year_with(work, asked.member_id, asked.month, on.year)
    return 0 if year is None else dues_account.owed(work.dues(asked.member_id, year), asked.month)
