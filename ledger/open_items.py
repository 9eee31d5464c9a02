"""The list of open items of some units: what waits, how old it is, who looks after it and what the next step is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import cast

from domain import open_item, organisation, payment
from domain.bank_account import UNSETTLED
from domain.identifiers import AccountId, PaymentId, UnitId
from domain.money import Dong
from domain.notice import Direction
from domain.open_item import Decisions, SuspenseWaitsAgain
from domain.payment import MatchUndone, Payment, PaymentReceived
from domain.suspense import reserved
from ledger import deciding
from ledger.ports import EventReader
from ledger.work import Work

#: Events that bring money without an owner into the book, or back to it.
_BRINGS = ("payment-received", "match-undone", "suspense-waits-again")
_BATCH = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenItem:
    """One item. ``amount`` is what waits, negative for money out; đồng. ``waits_until`` is the day somebody set."""

    item: str
    unit_id: UnitId
    what: str  #: "suspense", "small-credit", "refund-asked", "line"
    amount: Dong
    since: date
    age_days: int
    owner: str
    next_step: str
    waits_until: date | None
    reason: str | None
    proposed: str | None  #: the decision that waits for its second person


#: What is to be done next, by what the item is.
NEXT_STEPS: Mapping[str, str] = {
    "suspense": "xác định chủ, chia, hoặc trả lại người gửi",
    "small-credit": "nhận phần thiếu là phí, hoặc tra soát với kênh",
    "refund-asked": "duyệt và chi khoản hoàn trả đã đề nghị",
    "line": "đặt tên, hoặc khớp với phiếu chi, lệnh nộp của nó",
}


def open_items(work: Work, reader: EventReader, units: Iterable[UnitId], on: date) -> tuple[OpenItem, ...]:
    """Everything that waits in the books or on the statements of these units, the oldest first."""
    wanted = frozenset(units)
    found = [*_payments(work, reader, wanted, on), *_lines(work, wanted, on)]
    return tuple(sorted(found, key=lambda one: (one.since, one.item)))


def _payments(work: Work, reader: EventReader, wanted: frozenset[UnitId], on: date) -> Iterable[OpenItem]:
    position, ids = 0, dict[PaymentId, None]()
    while batch := reader.read(position, _BATCH, _BRINGS):
        for recorded in batch:
            event = recorded.event
            if isinstance(event, PaymentReceived) and not event.suspense_amount:
                continue
            if isinstance(event, PaymentReceived | MatchUndone | SuspenseWaitsAgain):
                ids[event.payment_id] = None
        position = batch[-1].position
    work.preload(payment.stream(name) for name in ids)
    for name in ids:
        state = work.payment(name)
        if not isinstance(state, Payment) or not state.suspense:
            continue
        unit = organisation.owner(work.organisation, payment.waits_at(state))
        if unit not in wanted:
            continue
        what = "suspense"
        if deciding.announced_for(work, state):
            what = "small-credit"
        elif reserved(state) >= state.suspense:
            what = "refund-asked"
        yield _item(work, unit, name, what, state.suspense, state.received.paid_on, on)


def _lines(work: Work, wanted: frozenset[UnitId], on: date) -> Iterable[OpenItem]:
    org = work.organisation
    for account_id, registered in org.accounts.items():
        unit = organisation.owner(org, registered.unit_id)
        if unit not in wanted:
            continue
        state = work.account(AccountId(account_id))
        for key, line in state.lines.items():
            placed = state.placed.get(key)
            if key in state.named or (placed is not None and placed.outcome not in UNSETTLED):
                continue
            amount = line.amount if line.direction is Direction.IN else -line.amount
            yield _item(work, unit, open_item.line_item(AccountId(account_id), key), "line", amount, line.booked_on, on)


def _item(work: Work, unit: UnitId, item: str, what: str, amount: Dong, since: date, on: date) -> OpenItem:
    state = cast(Decisions, work.state(open_item.stream(unit)))
    told = state.waiting.get(item)
    asked = next((number for number, made in state.proposed.items() if made.item == item), None)
    late = told is not None and told.until is not None and told.until <= on
    step = NEXT_STEPS[what]
    if asked is not None:
        step = f"người thứ hai duyệt {asked}"
    elif told is not None and not late:
        step = f"chờ đến {told.until:%d/%m/%Y}"
    elif told is not None:
        step = f"đã hết hạn chờ {told.until:%d/%m/%Y}: {step}"
    return OpenItem(
        item=item,
        unit_id=unit,
        what=what,
        amount=amount,
        since=since,
        age_days=(on - since).days,
        owner="kế toán" if told is None or told.owner is None else told.owner,
        next_step=step,
        waits_until=None if told is None else told.until,
        reason=None if told is None else told.reason,
        proposed=asked,
    )
