"""Balances a unit brings when its books begin here: entered by one person, signed by a second.

One stream per unit ("opening/<unit>"). Nothing is booked before the second signature.
"""

from dataclasses import dataclass
from datetime import date
from typing import assert_never

from domain.access import require_other_person
from domain.errors import Refusal, RefusalCode
from domain.identifiers import AccountId, UnitId
from domain.money import Dong


def stream(unit_id: UnitId) -> str:
    """The name of a unit's opening stream."""
    return f"opening/{unit_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningFigures:
    """bank + cash = fund + credit (cash basis); ``arrears`` and the year to date stand beside the books; đồng."""

    account_id: AccountId | None
    bank: Dong
    cash: Dong
    fund: Dong
    credit: Dong
    arrears: Dong
    ytd_collected: Dong
    ytd_kept: Dong
    ytd_remitted: Dong


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningEntered:
    """One person entered a unit's opening balances from a document."""

    unit_id: UnitId
    as_of: date
    figures: OpeningFigures
    document: str
    entered_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningSigned:
    """A second person signed them; now they are booked."""

    unit_id: UnitId
    as_of: date
    account_id: AccountId | None
    bank: Dong
    cash: Dong
    fund: Dong
    credit: Dong
    arrears: Dong
    ytd_collected: Dong
    ytd_kept: Dong
    ytd_remitted: Dong
    document: str
    entered_by: str
    signed_by: str


OpeningEvent = OpeningEntered | OpeningSigned


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What was entered, and what was signed."""

    entered: OpeningEntered | None = None
    signed: OpeningSigned | None = None


NOTHING = Opening()


def evolve(state: Opening, event: OpeningEvent) -> Opening:
    """Copy one fact into the state."""
    match event:
        case OpeningEntered():
            return Opening(entered=event, signed=state.signed)
        case OpeningSigned():
            return Opening(entered=state.entered, signed=event)
        case _:
            assert_never(event)


def enter(state: Opening, asked: OpeningEntered) -> tuple[OpeningEntered, ...]:
    """Enter opening balances that balance; the same again adds nothing, after the signature nothing changes."""
    if state.entered == asked:
        return ()
    if state.signed is not None:
        raise Refusal(
            RefusalCode.OPENING_ALREADY_SIGNED,
            f"Số dư đầu kỳ của {asked.unit_id} đã ký ngày {state.signed.as_of:%d/%m/%Y}; sửa bằng bút toán điều chỉnh.",
        )
    f = asked.figures
    if f.bank + f.cash != f.fund + f.credit or min(f.bank, f.cash, f.fund, f.credit, f.arrears) < 0:
        raise Refusal(
            RefusalCode.OPENING_NOT_BALANCED,
            f"Số dư đầu kỳ của {asked.unit_id} không cân: tiền gửi {f.bank} + tiền mặt {f.cash} phải bằng "
            f"quỹ {f.fund} + đóng thừa {f.credit}.",
        )
    if f.bank and f.account_id is None:
        raise Refusal(
            RefusalCode.UNKNOWN_ACCOUNT,
            f"{asked.unit_id} khai tiền gửi {f.bank} đồng nhưng không có tài khoản.",
        )
    return (asked,)


def sign(state: Opening, *, signed_by: str) -> tuple[OpeningSigned, ...]:
    """Second signature; another person than the first."""
    if state.signed is not None:
        return ()
    if state.entered is None:
        raise Refusal(RefusalCode.OPENING_NOT_BALANCED, "Chưa nhập số dư đầu kỳ, chưa có gì để ký.")
    require_other_person(state.entered.entered_by, signed_by, f"Số dư đầu kỳ của {state.entered.unit_id}")
    f = state.entered.figures
    return (
        OpeningSigned(
            unit_id=state.entered.unit_id,
            as_of=state.entered.as_of,
            account_id=f.account_id,
            bank=f.bank,
            cash=f.cash,
            fund=f.fund,
            credit=f.credit,
            arrears=f.arrears,
            ytd_collected=f.ytd_collected,
            ytd_kept=f.ytd_kept,
            ytd_remitted=f.ytd_remitted,
            document=state.entered.document,
            entered_by=state.entered.entered_by,
            signed_by=signed_by,
        ),
    )
