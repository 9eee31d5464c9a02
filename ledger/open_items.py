"""The list of open items of some units: what waits, how old it is, who looks after it and what the next step is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import cast

from domain import attempt, channel_case, open_item, organisation, payment, policy
from domain.attempt import AttemptOpened
from domain.bank_account import UNSETTLED
from domain.channel_case import CaseTold
from domain.identifiers import AccountId, PaymentId, UnitId
from domain.money import Dong
from domain.notice import Direction
from domain.open_item import Decisions, SuspenseWaitsAgain
from domain.payment import MatchUndone, Payment, PaymentReceived
from domain.period import day_of, month_of
from domain.policy_settings import SettingName
from domain.suspense import reserved
from ledger import deciding, same_money
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
    what: str  #: "suspense", "small-credit", "refund-asked", "slip", "line", "case", "case-back", "attempt"
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
    "case": "kênh đã lấy lại tiền: chờ kết quả, rồi hai người quyết định (bear-loss hoặc open-again)",
    "case-back": "kênh trả lại tiền của một vụ đã có quyết định: gỡ quyết định đó",
    "attempt": "hỏi người nộp, tra soát với kênh; bỏ lượt (rail give-up) khi chắc là không có tiền đang đi",
    "slip": "ngân hàng chưa báo: hỏi người nộp và ngân hàng; không có tiền thì huỷ phiếu (dangphi correct cash)",
    "line": "đặt tên, hoặc khớp với phiếu chi, lệnh nộp của nó",
}


def open_items(work: Work, reader: EventReader, units: Iterable[UnitId], on: date) -> tuple[OpenItem, ...]:
    """Everything that waits in the books or on the statements of these units, the oldest first."""
    wanted = frozenset(units)
    found = [*_payments(work, reader, wanted, on), *_lines(work, wanted, on)]
    found += [*_cases(work, reader, wanted, on), *_attempts(work, reader, wanted, on)]
    return tuple(sorted(found, key=lambda one: (one.since, one.item)))


def _payments(work: Work, reader: EventReader, wanted: frozenset[UnitId], on: date) -> Iterable[OpenItem]:
    position, ids = 0, dict[PaymentId, None]()
    while batch := reader.read(position, _BATCH, _BRINGS):
        for recorded in batch:
            event = recorded.event
            if isinstance(event, PaymentReceived) and not event.suspense_amount and not _by_slip(event):
                continue
            if isinstance(event, PaymentReceived | MatchUndone | SuspenseWaitsAgain):
                ids[event.payment_id] = None
        position = batch[-1].position
    work.preload(payment.stream(name) for name in ids)
    for name in ids:
        state = work.payment(name)
        if not isinstance(state, Payment):
            continue
        if _unconfirmed(work, state, on):
            unit = organisation.owner(work.organisation, state.received.holder_id)
            if unit in wanted:
                yield _item(work, unit, name, "slip", state.received.amount, state.received.paid_on, on)
            continue
        if not state.suspense:
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


def _cases(work: Work, reader: EventReader, wanted: frozenset[UnitId], on: date) -> Iterable[OpenItem]:
    """Money that a channel took back and nobody has decided about."""
    since: dict[tuple[str, str], date] = {}
    for event in _all(reader, ("case-told",)):
        if isinstance(event, CaseTold):
            since.setdefault((event.rail, event.case_id), event.told_on)
    for (rail, case_id), day in since.items():
        state = work.channel_case(rail, case_id)
        unit = None if state.unit_id is None else organisation.owner(work.organisation, state.unit_id)
        if state.missing and unit in wanted and unit is not None:
            what = "case" if state.missing > 0 else "case-back"
            yield _item(work, unit, channel_case.item(rail, case_id), what, state.missing, day, on)


def _attempts(work: Work, reader: EventReader, wanted: frozenset[UnitId], on: date) -> Iterable[OpenItem]:
    """Attempts that may hold money and that their channel has not decided for more than three days."""
    for event in _all(reader, ("attempt-opened",)):
        if not isinstance(event, AttemptOpened) or (on - day_of(event.opened_at)).days <= attempt.ASKED_DAYS:
            continue
        unit = organisation.owner(work.organisation, event.unit_id)
        if unit in wanted and attempt.may_hold_money(work.attempt(event.reference)):
            name = attempt.item(event.reference)
            yield _item(work, unit, name, "attempt", event.amount, day_of(event.opened_at), on)


def _all(reader: EventReader, names: tuple[str, ...]) -> Iterable[object]:
    position = 0
    while batch := reader.read(position, _BATCH, names):
        yield from (recorded.event for recorded in batch)
        position = batch[-1].position


def _by_slip(event: PaymentReceived) -> bool:
    return same_money.teller_in(event.outside_reference) == same_money.SLIP


def _unconfirmed(work: Work, state: Payment, on: date) -> bool:
    """Whether a bank slip entered by hand is still the only word for its money after the days of the setting."""
    if not _by_slip(state.received) or not same_money.only_by_slip(state):
        return False
    kind = organisation.unit(work.organisation, state.received.holder_id).kind
    days = policy.setting_number(work.policy, SettingName.TOLD_TRANSFER_DAYS, month_of(on), kind)
    return (on - state.received.paid_on).days > days


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
