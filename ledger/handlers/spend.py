"""Spend a unit's own money and take other income in: vouchers with two people, bank transfers, the year's close."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from domain import access, organisation, spending
from domain.access import Action
from domain.bank_account import Placement
from domain.entry_line import EntryLine
from domain.errors import Refusal, RefusalCode
from domain.identifiers import AccountId, OfficerId, UnitId
from domain.money import Dong
from domain.notice import Direction
from domain.organisation import Channel
from domain.payment import Asset
from domain.payment_request import Kind
from domain.period import Month, month_of
from domain.spending import FundYearClosed, Voucher, VoucherKind, VoucherProposed
from ledger import cash_desk
from ledger.bank_lines import note_placed
from ledger.fund_year import closing_lines, spent_later
from ledger.handler import Handler
from ledger.handlers.ask import mint_case_reference
from ledger.handlers.cash_count import not_future, short_of
from ledger.headings import heading, require_source, spending_key
from ledger.open_month import require_open
from ledger.own_money import own_money
from ledger.work import Act, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeVoucher:
    """Ask to spend own money under a heading, or note other money that came into the cash box."""

    unit_id: UnitId
    voucher_id: str  #: the unit's own name of the proposal
    kind: VoucherKind
    heading: str  #: a heading of S01-TCĐ; for a receipt: "state-funding", "interest" or another source
    source: str  #: "4310" or "4320"
    asset: Asset
    amount: Dong
    dated: date
    purpose: str
    attachment: str | None = None  #: sha256 of the kept bill


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveVoucher:
    """A second person approves; the voucher is numbered, and booked if it is in cash."""

    unit_id: UnitId
    voucher_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseVoucher:
    """A second person turns a proposal down."""

    unit_id: UnitId
    voucher_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidVoucher:
    """Somebody other than the proposer voids a numbered voucher; the number stays."""

    unit_id: UnitId
    voucher_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchVoucher:
    """A person says which approved transfer a debit without a reference answers."""

    unit_id: UnitId
    account_id: AccountId
    line_key: str
    voucher_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseFundYear:
    """Take what was spent in a year off the funds that bore it; once, after the year is over."""

    unit_id: UnitId
    year: int


def propose_voucher(work: Work, command: ProposeVoucher, act: Act) -> dict[str, object]:
    """Put a proposal on record; nothing is booked and no number is given yet."""
    not_future(command.dated, act)
    require_open(work, command.unit_id, month_of(command.dated))
    if command.kind is VoucherKind.PAYMENT:
        heading(command.heading)
        require_source(command.source)
        if command.asset is Asset.BANK:
            _own_account(work, command.unit_id, command.dated)
        elif command.asset is not Asset.CASH:
            raise Refusal(RefusalCode.VOUCHER_STATE, f"Phiếu {command.voucher_id}: chỉ chi tiền mặt hoặc chuyển khoản.")
    asked = VoucherProposed(
        voucher_id=command.voucher_id,
        unit_id=command.unit_id,
        kind=command.kind,
        heading=command.heading,
        source=command.source if command.kind is VoucherKind.PAYMENT else "4320",
        asset=command.asset,
        amount=command.amount,
        dated=command.dated,
        purpose=command.purpose,
        attachment=command.attachment,
        proposed_by=OfficerId(act.actor),
    )
    events = spending.propose(work.spending(command.unit_id), asked)
    work.record(spending.stream(command.unit_id), events)
    return {"voucher": command.voucher_id, "proposed": len(events), "own_money": own_money(work, command.unit_id)}


def approve_voucher(work: Work, command: ApproveVoucher, act: Act) -> dict[str, object]:
    """Number a voucher and book it, or let it wait for the bank; never more than the unit's own money (A4)."""
    state = work.spending(command.unit_id)
    voucher = spending.require(state, command.unit_id, command.voucher_id)
    asked = voucher.proposed
    access.require_other_person(asked.proposed_by, act.actor, f"Phiếu {command.voucher_id}")
    if voucher.state == "proposed":
        require_open(work, command.unit_id, month_of(asked.dated))
    asset_key, reference = str(command.unit_id), None
    if asked.kind is VoucherKind.PAYMENT and voucher.state == "proposed":
        _require_money(work, voucher)
        if asked.asset is Asset.BANK:
            asset_key = _own_account(work, command.unit_id, act.on)
            reference = mint_case_reference(
                work,
                act,
                payee=command.unit_id,
                kind=Kind.SPENDING,
                case_id=command.voucher_id,
                amount=asked.amount,
            )
    events = spending.approve(
        state,
        voucher,
        analytic=spending_key(asked.heading, asked.source) if asked.kind is VoucherKind.PAYMENT else asked.heading,
        asset_key=asset_key,
        reference=reference,
        approved_by=OfficerId(act.actor),
    )
    for event in events:
        if event.kind is VoucherKind.PAYMENT and event.booked:
            _draw(work, event.unit_id, event.voucher_id, event.booked, event.dated)
    work.record(spending.stream(command.unit_id), events)
    return _told(work, command.unit_id, command.voucher_id)


def refuse_voucher(work: Work, command: RefuseVoucher, act: Act) -> dict[str, object]:
    """Turn a proposal down; the proposer may take his own back."""
    voucher = spending.require(work.spending(command.unit_id), command.unit_id, command.voucher_id)
    events = spending.refuse(voucher, reason=command.reason, refused_by=OfficerId(act.actor))
    work.record(spending.stream(command.unit_id), events)
    return _told(work, command.unit_id, command.voucher_id)


def void_voucher(work: Work, command: VoidVoucher, act: Act) -> dict[str, object]:
    """Turn a numbered voucher round in the open month; a void receipt needs its money still there."""
    require_open(work, command.unit_id, month_of(act.on))
    voucher = spending.require(work.spending(command.unit_id), command.unit_id, command.voucher_id)
    access.require_other_person(voucher.proposed.proposed_by, act.actor, f"Huỷ phiếu {command.voucher_id}")
    events = spending.void(voucher, on=act.on, reason=command.reason, voided_by=OfficerId(act.actor))
    for event in events:
        if event.kind is VoucherKind.RECEIPT and event.booked:
            _require_there(work, command.unit_id, event.booked, source="4320")
            _draw(work, command.unit_id, command.voucher_id, event.booked, act.on)
    work.record(spending.stream(command.unit_id), events)
    return _told(work, command.unit_id, command.voucher_id)


def match_voucher(work: Work, command: MatchVoucher, act: Act) -> dict[str, object]:
    """Book a transfer by a line that carries no reference of ours; a line that was placed is not placed again."""
    account = organisation.account(work.organisation, command.account_id)
    if account.unit_id != command.unit_id:
        raise organisation.outside(account.unit_id, command.unit_id)
    state = work.account(command.account_id)
    line = state.lines.get(command.line_key)
    if line is None or line.direction is not Direction.OUT:
        raise Refusal(
            RefusalCode.UNKNOWN_PAYMENT,
            f"Không có dòng ghi nợ {command.line_key[:12]}… trên sao kê {command.account_id}.",
        )
    placed = state.placed.get(command.line_key)
    if placed is not None:
        if (placed.outcome, placed.target) == ("voucher", command.voucher_id):
            return {**_told(work, command.unit_id, command.voucher_id), "matched": 0}
        raise Refusal(
            RefusalCode.NOT_IN_SUSPENSE,
            f"Dòng {command.line_key[:12]}… đã được ghi sổ theo quy tắc «{placed.outcome}».",
        )
    voucher = spending.require(work.spending(command.unit_id), command.unit_id, command.voucher_id)
    events = spending.pay_by_bank(
        voucher, account_id=command.account_id, amount=line.amount, bank_line=line.key, on=line.booked_on
    )
    work.record(spending.stream(command.unit_id), events)
    note_placed(work, command.account_id, Placement(key=line.key, outcome="voucher", target=command.voucher_id))
    return {**_told(work, command.unit_id, command.voucher_id), "matched": 1}


def close_fund_year(work: Work, command: CloseFundYear, act: Act) -> dict[str, object]:
    """Close 6310 of a year into 4310 and 4320; what is dated in the next year stays. Once: again adds nothing."""
    state = work.spending(command.unit_id)
    if command.year in state.closed:
        return {"year": command.year, "closed": 0}
    if act.on.year <= command.year:
        raise Refusal(
            RefusalCode.PERIOD_NOT_OVER, f"Năm {command.year} chưa hết; kết chuyển từ ngày 01/01/{command.year + 1}."
        )
    require_open(work, command.unit_id, Month(f"{command.year}-12"))
    if pending := [v.proposed.voucher_id for v in state.vouchers.values() if v.state == "proposed"]:
        dated = [p for p in pending if state.vouchers[p].proposed.dated.year <= command.year]
        if dated:
            raise Refusal(
                RefusalCode.VOUCHER_STATE,
                f"Còn phiếu của năm {command.year} chưa duyệt hoặc từ chối: {', '.join(sorted(dated)[:5])}.",
            )
    lines: tuple[EntryLine, ...] = closing_lines(
        command.unit_id,
        work.books.balances(command.unit_id, "6310"),
        spent_later(work, command.unit_id, command.year),
        other=work.books.balances(command.unit_id, "4320"),
    )
    event = FundYearClosed(
        unit_id=command.unit_id,
        year=command.year,
        from_retained=sum(line.debit - line.credit for line in lines if line.account == "4310"),
        from_other=sum(line.debit - line.credit for line in lines if line.account == "4320"),
        closed_on=date(command.year, 12, 31),
        lines=lines,
        closed_by=OfficerId(act.actor),
    )
    work.record(spending.stream(command.unit_id), (event,))
    return {
        "year": command.year,
        "closed": 1,
        "from_retained": event.from_retained,
        "from_other": event.from_other,
    }


def _require_money(work: Work, voucher: Voucher) -> None:
    asked = voucher.proposed
    _require_there(work, asked.unit_id, asked.amount, source=asked.source)
    if asked.asset is Asset.BANK:
        account = AccountId(_own_account(work, asked.unit_id, asked.dated))
        there = work.balance(asked.unit_id, "1120", account) - spending.held(work.spending(asked.unit_id), account)
        if asked.amount > there:
            raise short_of(asked.unit_id, asked.amount, there, f"Tài khoản {account}")


def _require_there(work: Work, unit_id: UnitId, amount: Dong, *, source: str) -> None:
    """Never more than the unit's own money, in all and of the source named."""
    for of, what in ((None, "Tiền của đơn vị"), (source, f"Nguồn {source}")):
        there = own_money(work, unit_id, of)
        if amount > there:
            raise short_of(unit_id, amount, there, what)


def _draw(work: Work, unit_id: UnitId, voucher_id: str, amount: Dong, on: date) -> None:
    """Hand the cash out; two decisions at once cannot hand out the same notes."""
    cash_desk.draw(work, unit_id, amount, what="spending", case_id=voucher_id, on=on)


def _own_account(work: Work, unit_id: UnitId, on: date) -> AccountId:
    place = organisation.receiving_place(work.organisation, unit_id, Channel.BANK, on)
    if place.account_id is None or place.holder_id != unit_id:
        raise Refusal(
            RefusalCode.NO_RECEIVING_ACCOUNT,
            f"{unit_id} không có tài khoản riêng nên không lập phiếu chuyển khoản; chi tiền mặt, hoặc đề nghị đơn vị "
            "giữ hộ chuyển lại tiền.",
        )
    return place.account_id


def _told(work: Work, unit_id: UnitId, voucher_id: str) -> dict[str, object]:
    voucher = spending.require(work.spending(unit_id), unit_id, voucher_id)
    approved = voucher.approved
    return {
        "voucher": voucher_id,
        "state": voucher.state,
        "number": None if approved is None else approved.number,
        "year": None if approved is None else approved.year,
        "amount": voucher.proposed.amount,
        "reference": None if approved is None else approved.reference,
    }


#: What each command asks permission for, where, and the function that decides it.
COMMANDS: Mapping[type, Handler] = {
    ProposeVoucher: Handler("propose-voucher", Action.PROPOSE_SPENDING, "unit_id", propose_voucher),
    ApproveVoucher: Handler("approve-voucher", Action.APPROVE_SPENDING, "unit_id", approve_voucher),
    RefuseVoucher: Handler("refuse-voucher", Action.APPROVE_SPENDING, "unit_id", refuse_voucher),
    VoidVoucher: Handler("void-voucher", Action.APPROVE_SPENDING, "unit_id", void_voucher),
    MatchVoucher: Handler("match-voucher", Action.PLACE_MONEY, "unit_id", match_voucher),
    CloseFundYear: Handler("close-fund-year", Action.CLOSE_FUND_YEAR, "unit_id", close_fund_year),
}
