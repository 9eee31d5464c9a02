"""Requests that no longer say what is owed: withdrawn, and asked anew under another reference.

A printed code with an amount is a promise of what to pay. Once the amount is another, the paper must not be paid any
more, and a new one has a new reference, so that the bank's line tells which of the two was in the payer's hand.
"""

from dataclasses import replace
from datetime import date

from domain import dues_account, payment_request
from domain.identifiers import MemberId
from domain.money import Dong, format_dong
from domain.payment_request import Requested, RequestWithdrawn
from domain.period import Month
from domain.reference import Reference
from ledger.work import Act, Work


def stands(work: Work, member_id: MemberId, month: Month) -> Requested | None:
    """The member's request for a month that may still be used; None where none was issued or it was withdrawn."""
    reference = work.directory.request_for(member_id, month)
    state = work.request(reference) if reference is not None else None
    return state if isinstance(state, Requested) and state.withdrawn is None else None


def is_stale(state: Requested, owed: Dong, on: date) -> bool:
    """Whether an open request asks for another amount than is owed, or its last day is over.

    While the member says that the money is on its way, the request stays: a second code would be a second payment.
    """
    if state.answers or payment_request.on_its_way(state, on) is not None:
        return False
    asked = state.asked
    return asked.amount != owed or (asked.valid_until is not None and asked.valid_until < on)


def reissue(
    work: Work, act: Act, state: Requested, owed: Dong, reason: str, valid_until: date | None
) -> Reference | None:
    """Withdraw a request and ask for what is owed under a new reference; None where nothing is owed any more."""
    old = state.asked
    new: Reference | None = None
    if owed:
        (new,) = work.mint(1)
        asked = replace(old, reference=new, amount=owed, valid_until=valid_until)
        work.record(payment_request.stream(new), payment_request.ask(payment_request.NOT_REQUESTED, asked))
    gone = RequestWithdrawn(
        reference=old.reference,
        unit_id=old.unit_id,
        owed=owed,
        replaced_by=new,
        reason=reason,
        withdrawn_on=act.on,
    )
    work.record(payment_request.stream(old.reference), payment_request.withdraw(state, gone))
    return new


def after_change(work: Work, act: Act, member_id: MemberId, month: Month) -> Reference | None:
    """Ask anew where a month's open request says another amount than the month now owes; the new reference, if any."""
    state = stands(work, member_id, month)
    if state is None:
        return None
    owed = dues_account.owed(work.dues(member_id, act.on.year), month)
    asked = state.asked
    if asked.amount == owed or not is_stale(state, owed, act.on):
        return None
    until = asked.valid_until if asked.valid_until is None or asked.valid_until >= act.on else None
    reason = f"số phải đóng đổi từ {format_dong(asked.amount)} thành {format_dong(owed)} đồng"
    return reissue(work, act, state, owed, reason, until)
