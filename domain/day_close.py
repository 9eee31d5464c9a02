"""Closing the day of a bank account: the figures that tied on that day, who said so, and what came afterwards.

One stream per account ("day-close/<bin>:<number>"). A close states what stood at a log position and changes nothing:
facts that come later for a closed day are taken in like any other and are listed as late. A day that was closed is
opened again by an event with its reason, and may be closed again on new figures; both closes stay.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import assert_never

from domain.errors import Refusal, RefusalCode
from domain.identifiers import AccountId, UnitId
from domain.money import Dong, format_dong


def stream(account_id: AccountId) -> str:
    """The name of the stream of an account's closed days."""
    return f"day-close/{account_id}"


# --- Events -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedPart:
    """One named part of what lies between bank and book; ``amount`` is signed: bank less book; đồng."""

    name: str
    amount: Dong


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountDayClosed:
    """A day of an account was closed on the figures that the log gave up to ``position``; đồng.

    opening + money_in - money_out = closing = book + Σ parts. ``suspense`` is the part of ``book`` whose owner nobody
    knows; ``told`` and ``told_booked`` are what channels say they collected on the day and what the book has of it.
    """

    account_id: AccountId
    unit_id: UnitId
    day: date
    number: int  #: 1, 2, 3 … of the account's closes
    position: int
    opening: Dong
    money_in: Dong
    money_out: Dong
    closing: Dong
    book: Dong
    suspense: Dong
    parts: tuple[NamedPart, ...]
    moved: Dong  #: money on the day's lines, in and out
    explained: Dong  #: the part of it that is explained
    told: Dong
    told_booked: Dong
    closed_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountDayReopened:
    """A closed day is open again; the close ``number`` stays on record."""

    account_id: AccountId
    unit_id: UnitId
    day: date
    number: int
    reason: str
    reopened_by: str


DayCloseEvent = AccountDayClosed | AccountDayReopened


# --- State ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCloses:
    """The days of an account that are closed now, and how many closes there were."""

    last: int = 0
    standing: Mapping[date, AccountDayClosed] = field(default_factory=dict)


NONE = DayCloses()


def evolve(state: DayCloses, event: DayCloseEvent) -> DayCloses:
    """Copy one fact into the state."""
    match event:
        case AccountDayClosed():
            return replace(state, last=event.number, standing={**state.standing, event.day: event})
        case AccountDayReopened():
            left = {day: closed for day, closed in state.standing.items() if day != event.day}
            return replace(state, standing=left)
        case _:
            assert_never(event)


# --- Decisions --------------------------------------------------------------------------------------------------


def close(state: DayCloses, asked: AccountDayClosed) -> tuple[AccountDayClosed, ...]:
    """Close a day that ties; the same close again adds nothing, another one needs the day opened first."""
    standing = state.standing.get(asked.day)
    if standing is not None:
        if replace(asked, number=standing.number, closed_by=standing.closed_by) == standing:
            return ()
        raise Refusal(
            RefusalCode.DAY_CLOSED_ALREADY,
            f"Tài khoản {asked.account_id} ngày {asked.day:%d/%m/%Y} đã chốt lần {standing.number} (số dư cuối "
            f"{format_dong(standing.closing)} đồng, {standing.closed_by}). Muốn chốt lại thì mở lại ngày đó trước, "
            "nêu lý do.",
            day=asked.day.isoformat(),
        )
    named = sum(part.amount for part in asked.parts)
    over = asked.opening + asked.money_in - asked.money_out - asked.closing
    left = asked.closing - asked.book - named
    if over or left:
        what = (
            f"đầu {format_dong(asked.opening)} + vào {format_dong(asked.money_in)} - ra "
            f"{format_dong(asked.money_out)} khác cuối {format_dong(asked.closing)}"
            if over
            else f"ngân hàng {format_dong(asked.closing)}, sổ 1120 {format_dong(asked.book)}, chênh lệch có tên "
            f"{format_dong(named)}, còn {format_dong(left)} chưa có tên"
        )
        raise Refusal(
            RefusalCode.DAY_DOES_NOT_TIE,
            f"Tài khoản {asked.account_id} ngày {asked.day:%d/%m/%Y} chưa cân: {what}. Đối chiếu từng dòng của ngày "
            "này rồi chốt lại.",
            day=asked.day.isoformat(),
        )
    return (replace(asked, number=state.last + 1),)


def reopen(
    state: DayCloses, *, account_id: AccountId, unit_id: UnitId, day: date, reason: str, reopened_by: str
) -> tuple[AccountDayReopened, ...]:
    """Open a closed day again; refused without a reason, or where the day is not closed."""
    standing = state.standing.get(day)
    if standing is None:
        raise Refusal(
            RefusalCode.DAY_NOT_CLOSED,
            f"Tài khoản {account_id} ngày {day:%d/%m/%Y} chưa chốt nên không có gì để mở lại. Xem các ngày đã chốt "
            "bằng «dangphi reconcile days».",
            day=day.isoformat(),
        )
    if not reason.strip():
        raise Refusal(RefusalCode.DAY_NOT_CLOSED, "Mở lại một ngày đã chốt phải nêu lý do. Ghi lý do rồi gửi lại.")
    return (
        AccountDayReopened(
            account_id=account_id,
            unit_id=unit_id,
            day=day,
            number=standing.number,
            reason=reason,
            reopened_by=reopened_by,
        ),
    )
