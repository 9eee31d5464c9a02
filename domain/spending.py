"""What a unit spends of its own money, and what comes in beside dues: vouchers, and the year's close of the funds.

One stream per unit ("spending/<unit>"). A voucher is proposed by one person and approved by another; only then it
gets the next number of its kind and year, so numbers have no gaps and every number is a voucher somebody approved.
A voucher in cash is booked when it is approved. A bank transfer is approved first and booked by the bank's own line,
so that the book never says of the bank what the bank does not (I13): until then it waits, and its amount is held
against the unit's own money. A voided voucher keeps its number.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import assert_never

from domain.entry_line import EntryLine
from domain.errors import Refusal, RefusalCode
from domain.identifiers import AccountId, OfficerId, UnitId
from domain.money import Dong, format_dong, require_amount
from domain.payment import Asset
from domain.reference import Reference

#: What a unit may call its proposals; the name stands in addresses and file names.
_ID = re.compile(r"[A-Za-z0-9._-]{1,60}")


def stream(unit_id: UnitId) -> str:
    """The name of the stream of a unit's spending."""
    return f"spending/{unit_id}"


class VoucherKind(StrEnum):
    """Phiếu chi and phiếu thu; each has numbers of its own in each year."""

    PAYMENT = "payment"
    RECEIPT = "receipt"


#: How a voucher is called on paper and in messages.
KIND_NAMES: Mapping[VoucherKind, str] = {VoucherKind.PAYMENT: "phiếu chi", VoucherKind.RECEIPT: "phiếu thu"}


# --- Events -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherProposed:
    """Somebody asks to spend, or says that other money came into the cash box; nothing is booked yet."""

    voucher_id: str
    unit_id: UnitId
    kind: VoucherKind
    heading: str  #: heading of S01-TCĐ for a payment, source of the money for a receipt
    source: str  #: "4310" or "4320": which of the unit's own money; "4320" for a receipt
    asset: Asset
    amount: Dong
    dated: date  #: the day of the voucher
    purpose: str  #: what for, without names of people
    attachment: str | None  #: sha256 of the kept bill or list
    proposed_by: OfficerId


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherApproved:
    """A second person approved; the voucher has its number. ``booked`` is 0 while a transfer waits for the bank."""

    voucher_id: str
    unit_id: UnitId
    kind: VoucherKind
    year: int
    number: int
    analytic: str  #: key of 6310 (heading and source), or of 4320 for a receipt
    asset: Asset
    asset_key: str  #: the unit for cash, the account for a transfer
    amount: Dong
    booked: Dong  #: amount for cash, 0 for a transfer
    dated: date
    reference: Reference | None  #: to be written in the transfer's content
    proposed_by: OfficerId
    approved_by: OfficerId


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherRefused:
    """The proposal was not approved; it never had a number."""

    voucher_id: str
    unit_id: UnitId
    reason: str
    refused_by: OfficerId


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherPaidByBank:
    """The bank debited the account for an approved voucher."""

    voucher_id: str
    unit_id: UnitId
    analytic: str
    account_id: AccountId
    amount: Dong
    bank_line: str
    booked_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherVoided:
    """A numbered voucher is void: what it booked is turned round, the number stays. ``booked`` is 0 if nothing was."""

    voucher_id: str
    unit_id: UnitId
    kind: VoucherKind
    year: int
    number: int
    analytic: str
    asset: Asset
    asset_key: str
    booked: Dong
    bank_line: str | None  #: the line by which a transfer came back
    voided_on: date
    reason: str
    voided_by: OfficerId


@dataclass(frozen=True, slots=True, kw_only=True)
class FundYearClosed:
    """What was spent in a year is taken off the funds that bore it, once; the entry states its own lines."""

    unit_id: UnitId
    year: int
    from_retained: Dong
    from_other: Dong
    closed_on: date  #: 31 December of the year
    lines: tuple[EntryLine, ...]
    closed_by: OfficerId


SpendingEvent = VoucherProposed | VoucherApproved | VoucherRefused | VoucherPaidByBank | VoucherVoided | FundYearClosed


# --- State ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Voucher:
    """One voucher and how far it has come."""

    proposed: VoucherProposed
    approved: VoucherApproved | None = None
    refused: VoucherRefused | None = None
    paid: VoucherPaidByBank | None = None
    voided: VoucherVoided | None = None

    @property
    def state(self) -> str:
        """ "proposed", "refused", "waiting" (for the bank), "booked" or "void"."""
        if self.voided is not None:
            return "void"
        if self.refused is not None:
            return "refused"
        if self.approved is None:
            return "proposed"
        return "booked" if self.approved.booked or self.paid is not None else "waiting"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """A unit's vouchers, the last number of each kind and year, and the years that were closed."""

    vouchers: Mapping[str, Voucher] = field(default_factory=dict)
    last: Mapping[tuple[VoucherKind, int], int] = field(default_factory=dict)
    closed: frozenset[int] = frozenset()


EMPTY = Spending()


def evolve(state: Spending, event: SpendingEvent) -> Spending:
    """Copy one fact into the state."""
    match event:
        case VoucherProposed():
            return _with(state, event.voucher_id, Voucher(proposed=event))
        case VoucherApproved():
            numbered = replace(state, last={**state.last, (event.kind, event.year): event.number})
            return _with(numbered, event.voucher_id, replace(state.vouchers[event.voucher_id], approved=event))
        case VoucherRefused():
            return _with(state, event.voucher_id, replace(state.vouchers[event.voucher_id], refused=event))
        case VoucherPaidByBank():
            return _with(state, event.voucher_id, replace(state.vouchers[event.voucher_id], paid=event))
        case VoucherVoided():
            return _with(state, event.voucher_id, replace(state.vouchers[event.voucher_id], voided=event))
        case FundYearClosed():
            return replace(state, closed=state.closed | {event.year})
        case _:
            assert_never(event)


def _with(state: Spending, voucher_id: str, voucher: Voucher) -> Spending:
    return replace(state, vouchers={**state.vouchers, voucher_id: voucher})


# --- Questions --------------------------------------------------------------------------------------------------


def require(state: Spending, unit_id: UnitId, voucher_id: str) -> Voucher:
    """The voucher, or a refusal."""
    found = state.vouchers.get(voucher_id)
    if found is None:
        raise Refusal(
            RefusalCode.UNKNOWN_VOUCHER, f"{unit_id} không có phiếu {voucher_id!r}. Xem «dangphi spend list»."
        )
    return found


def waiting(state: Spending, account: AccountId | None = None, source: str | None = None) -> Iterable[Voucher]:
    """Approved transfers that no bank line has answered; of one account or source where named."""
    for voucher in state.vouchers.values():
        approved = voucher.approved
        if approved is None or voucher.state != "waiting":
            continue
        if account in (None, approved.asset_key) and source in (None, voucher.proposed.source):
            yield voucher


def held(state: Spending, account: AccountId | None = None, source: str | None = None) -> Dong:
    """What approved transfers will still take; đồng."""
    return sum(voucher.proposed.amount for voucher in waiting(state, account, source))


def numbered(approved: VoucherApproved) -> str:
    """``phiếu chi số 3/2026``."""
    return f"{KIND_NAMES[approved.kind]} số {approved.number}/{approved.year}"


# --- Decisions --------------------------------------------------------------------------------------------------


def propose(state: Spending, asked: VoucherProposed) -> tuple[VoucherProposed, ...]:
    """Propose a voucher; the same again adds nothing, the same id with other content is refused."""
    require_amount(asked.amount)
    if not _ID.fullmatch(asked.voucher_id):
        raise _state(asked.voucher_id[:60], "mã đề nghị gồm 1 đến 60 chữ cái không dấu, chữ số, dấu chấm hoặc gạch")
    if asked.kind is VoucherKind.RECEIPT and asked.asset is not Asset.CASH:
        raise _state(asked.voucher_id, "tiền vào tài khoản được ghi theo sao kê, không lập phiếu thu")
    require_year_open(state, asked.dated.year)
    known = state.vouchers.get(asked.voucher_id)
    if known is None:
        return (asked,)
    if known.proposed == asked:
        return ()
    raise _state(asked.voucher_id, "đã có phiếu mang mã này với nội dung khác")


def approve(
    state: Spending,
    voucher: Voucher,
    *,
    analytic: str,
    asset_key: str,
    reference: Reference | None,
    approved_by: OfficerId,
) -> tuple[VoucherApproved, ...]:
    """Approve a proposal and give it the next number; approving again adds nothing."""
    asked = voucher.proposed
    if voucher.approved is not None and voucher.voided is None:
        return ()
    if voucher.state != "proposed":
        raise _state(asked.voucher_id, "đã bị từ chối hoặc đã huỷ, không duyệt được nữa")
    require_year_open(state, asked.dated.year)
    return (
        VoucherApproved(
            voucher_id=asked.voucher_id,
            unit_id=asked.unit_id,
            kind=asked.kind,
            year=asked.dated.year,
            number=state.last.get((asked.kind, asked.dated.year), 0) + 1,
            analytic=analytic,
            asset=asked.asset,
            asset_key=asset_key,
            amount=asked.amount,
            booked=asked.amount if asked.asset is Asset.CASH else 0,
            dated=asked.dated,
            reference=reference,
            proposed_by=asked.proposed_by,
            approved_by=approved_by,
        ),
    )


def refuse(voucher: Voucher, *, reason: str, refused_by: OfficerId) -> tuple[VoucherRefused, ...]:
    """Turn a proposal down; again adds nothing."""
    if voucher.refused is not None:
        return ()
    if voucher.state != "proposed":
        raise _state(voucher.proposed.voucher_id, "đã duyệt; muốn bỏ thì huỷ phiếu và nêu lý do")
    return (
        VoucherRefused(
            voucher_id=voucher.proposed.voucher_id,
            unit_id=voucher.proposed.unit_id,
            reason=reason,
            refused_by=refused_by,
        ),
    )


def pay_by_bank(
    voucher: Voucher, *, account_id: AccountId, amount: Dong, bank_line: str, on: date
) -> tuple[VoucherPaidByBank, ...]:
    """Book an approved transfer by the bank's own line: of the same account, over the same amount, once."""
    approved = voucher.approved
    if approved is None or voucher.state != "waiting":
        raise _state(voucher.proposed.voucher_id, "không phải phiếu chuyển khoản đã duyệt đang chờ ngân hàng")
    if (approved.asset_key, approved.amount) != (account_id, amount):
        raise Refusal(
            RefusalCode.AMOUNT_DIFFERS,
            f"{numbered(approved)} là {format_dong(approved.amount)} đồng từ tài khoản {approved.asset_key}, dòng sao "
            f"kê là {format_dong(amount)} đồng của {account_id}. Huỷ phiếu và lập phiếu đúng số, hoặc hỏi ngân hàng.",
        )
    return (
        VoucherPaidByBank(
            voucher_id=approved.voucher_id,
            unit_id=approved.unit_id,
            analytic=approved.analytic,
            account_id=account_id,
            amount=amount,
            bank_line=bank_line,
            booked_on=on,
        ),
    )


def void(
    voucher: Voucher, *, on: date, reason: str, voided_by: OfficerId, bank_line: str | None = None
) -> tuple[VoucherVoided, ...]:
    """Void a numbered voucher; again adds nothing. What the bank has paid is void only when the bank brings it back."""
    approved = voucher.approved
    if voucher.voided is not None:
        return ()
    if approved is None:
        raise _state(voucher.proposed.voucher_id, "chưa được duyệt nên chưa có số; từ chối phiếu thay vì huỷ")
    if voucher.paid is not None and bank_line is None:
        raise _state(
            approved.voucher_id, "ngân hàng đã chi; chỉ huỷ khi tiền về lại tài khoản (dòng sao kê có cùng mã)"
        )
    return (
        VoucherVoided(
            voucher_id=approved.voucher_id,
            unit_id=approved.unit_id,
            kind=approved.kind,
            year=approved.year,
            number=approved.number,
            analytic=approved.analytic,
            asset=approved.asset,
            asset_key=approved.asset_key,
            booked=approved.amount if voucher.state == "booked" else 0,
            bank_line=bank_line,
            voided_on=on,
            reason=reason,
            voided_by=voided_by,
        ),
    )


def require_year_open(state: Spending, year: int) -> None:
    """Refuse what would change the spending of a year that was closed."""
    if year in state.closed:
        raise Refusal(
            RefusalCode.FUND_YEAR_CLOSED,
            f"Năm {year} đã kết chuyển; phiếu phải ghi ngày của năm đang mở. Sai sót năm trước thì điều chỉnh năm nay.",
        )


def _state(voucher_id: str, why: str) -> Refusal:
    return Refusal(RefusalCode.VOUCHER_STATE, f"Phiếu {voucher_id}: {why}.")
