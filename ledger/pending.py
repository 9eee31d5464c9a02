"""Money that is on its way: while it is, nobody is offered a second payment of the same debt.

The words are those a member reads. They say since when, and what is waited for.
"""

from datetime import date

from domain import attempt, payment_request
from domain.payment_request import Requested
from ledger.work import Work


def pending_words(work: Work, state: Requested, on: date) -> str | None:
    """What to tell a member instead of a code; None where nothing is on its way.

    On its way is what the member says he transferred, and an attempt of the same member and month on another channel
    whose end that channel has not told.
    """
    told = payment_request.on_its_way(state, on)
    if told is not None:
        return (
            f"đã chuyển ngày {told.told_on:%d/%m/%Y}, đang chờ ngân hàng báo (chờ đến hết ngày "
            f"{told.lapses_on:%d/%m/%Y}); đừng chuyển lần nữa"
        )
    asked = state.asked
    if asked.member_id is None or asked.month is None:
        return None
    for reference in work.directory.attempts_for(asked.member_id, asked.month):
        known = work.attempt(reference)
        if known.opened is not None and attempt.may_hold_money(known):
            return f"đã nộp trên {known.opened.rail}, lượt {reference}, đang chờ ngân hàng báo; đừng chuyển lần nữa"
    return None
