"""Collect: verified notices from portal and bank, cash taken by a collector, and what happens to that cash."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from domain import bank_account, cash, organisation, payment
from domain.access import Action
from domain.cash import BagTakenToBank, CashPassedToHolder
from domain.errors import Refusal, RefusalCode
from domain.identifiers import AccountId, MemberId, RemittanceId, UnitId
from domain.money import Dong
from domain.notice import NoticeStatus
from domain.organisation import Channel
from domain.payment import Asset, NotSeen, Payment
from domain.payment_request import Kind, PaymentRequested, Requested
from domain.period import Month, day_of, month_of
from domain.reference import Reference
from domain.remittance import require_prepared
from domain.settlement import pays_in_lumps
from ledger import (
    cash_desk,
    channel_cases,
    channel_refunds,
    line_names,
    placing,
    prepaid,
    same_money,
    settled_credits,
    several_people,
)
from ledger.handler import Handler
from ledger.handlers import attempts
from ledger.handlers.ask import mint_case_reference
from ledger.open_month import book_month
from ledger.owning import require_concerned
from ledger.placing import Money
from ledger.work import Act, Work

#: Requests whose money comes from members; the others are recognised on statements.
MEMBERS_MONEY = (Kind.DUES, Kind.BATCH)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A verified message of the portal or of a bank's webhook, without its free text."""

    source: str
    outside_reference: str
    status: NoticeStatus
    reference: str | None  #: stated in a field of its own
    found: tuple[str, ...]  #: references found in the content
    amount: Dong
    paid_at: datetime
    account_number: str | None
    payer_key: str | None
    evidence_id: str | None
    via: str = "notification"  #: or "query": the answer to a question of ours
    lump: bool = False  #: the content names a channel's lump, which the statement's line and the settlement clear
    comes_back: bool = False  #: the content says that it is a return: no new payment, whatever it refers to
    near: tuple[str, ...] = ()  #: references that one slip in the content would explain
    several: bool = False  #: the content says that the money is for more people than one


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeNotices:
    """Turn kept messages into payments, in the order of their arrival."""

    root: UnitId
    notices: tuple[Notice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CashItem:
    """Cash taken from a member against a numbered slip of the collector."""

    slip: str
    member_id: MemberId
    month: Month
    amount: Dong
    paid_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordCash:
    """Enter a collector's cash sheet; every line or none."""

    unit_id: UnitId
    items: tuple[CashItem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeCashBag:
    """Take cash to the bank; the deposit slip gets a reference."""

    unit_id: UnitId
    amount: Dong
    taken_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PassCash:
    """Pass cash to the cashier of the unit that holds this unit's money."""

    unit_id: UnitId
    amount: Dong
    slip: str
    passed_on: date


def take_notices(work: Work, command: TakeNotices, act: Act) -> dict[str, object]:
    """Place each notice; the same again, and a state that says less than is known, add nothing.

    What was told is a fact: where a rule says no, the notice becomes a case for a person and the others go on.
    """
    outcomes = []
    work.preload(f"request/{notice.reference}" for notice in command.notices if notice.reference)
    attempts.preload(work, (notice.reference for notice in command.notices if _of_a_rail(notice)))
    for notice in command.notices:
        try:
            with work.all_or_none():
                outcome = _take(work, notice, act, command.root)
        except Refusal as refusal:
            unplaced = _money(notice, UnitId(""), Asset.CLEARING, "", None)
            outcome = placing.note_conflict(work, unplaced, reason=str(refusal.code), expected=None)
        if _of_a_rail(notice):
            hear(work, notice)
        outcomes.append({"source": notice.source, "outside_reference": notice.outside_reference, "outcome": outcome})
    return {"outcomes": outcomes}


def _of_a_rail(notice: Notice) -> bool:
    """Whether the notice is a channel's word on an attempt, and not a bank's on its account."""
    return not notice.source.startswith("bank:")


def hear(work: Work, notice: Notice) -> None:
    """Hand a channel's word on an attempt on."""
    attempts.hear(
        work,
        reference=notice.reference,
        status=notice.status,
        outside_id=notice.outside_reference,
        stated_at=notice.paid_at,
        via=notice.via,
        evidence_id=notice.evidence_id,
    )


def _take(work: Work, notice: Notice, act: Act, root: UnitId) -> str:
    on = day_of(notice.paid_at)
    if notice.source.endswith(channel_refunds.MARK):
        refund_id, outside = notice.reference, notice.outside_reference
        return channel_refunds.hear(work, act, notice.source, notice.status, refund_id, outside, notice.amount, on)
    if channel_cases.MARK in notice.source:
        case_id, about = notice.outside_reference, notice.reference
        return channel_cases.hear(work, notice.source, case_id, about, notice.amount, on, nobody=root)
    if notice.status is not NoticeStatus.PAID:
        return _take_unpaid(work, notice)
    if _of_a_rail(notice):
        return take_from_rail(work, notice, act)
    return _take_bank(work, notice, act)


def _take_unpaid(work: Work, notice: Notice) -> str:
    """Pending and unknown say less than is known; a failure after the money was booked contradicts it."""
    money = _money(notice, UnitId(""), Asset.CLEARING, "", None)
    known = work.payment(money.payment_id)
    # An attempt at a gateway may fail before it succeeds, and the word of the failure may come later: no contradiction.
    if notice.status is NoticeStatus.FAILED and isinstance(known, Payment) and not pays_in_lumps(notice.source):
        return placing.note_conflict(work, money, reason="failed-after-paid", expected=known.received.amount)
    return str(notice.status)


def take_from_rail(work: Work, notice: Notice, act: Act) -> str:
    """Take in money that a channel with a clearing account says was paid; returns the rule that placed it."""
    request = work.request(notice.reference or "")
    if not isinstance(request, Requested):
        unknown = _money(notice, UnitId(""), Asset.CLEARING, "", None)
        return placing.note_conflict(work, unknown, reason="unknown-reference", expected=None)
    asked = request.asked
    money = _money(notice, asked.holder_id, Asset.CLEARING, notice.source, asked.reference)
    if isinstance(work.payment(money.payment_id), Payment):
        return _repeat(work, money)
    if placing.told_already(work, request, money):
        return "known"
    if notice.amount != asked.amount:
        return placing.note_conflict(work, money, reason="amount-differs", expected=asked.amount)
    if asked.kind is Kind.REMITTANCE:
        return placing.send_by_portal(work, asked, money, _sender_of(work, asked, act))
    if asked.kind not in MEMBERS_MONEY:
        return placing.note_conflict(work, money, reason=str(RefusalCode.PAYMENT_KIND_DIFFERS), expected=None)
    # A bank line of a channel that pays in lumps is never one payment: then the transfer is a second payment.
    seen = () if notice.source in work.settings.lump_rails else placing.bank_saw(work, request, money.amount)
    if seen:
        return placing.add_witness(work, seen[0], money, money.source)
    return placing.receive_asked(work, act, asked, money)


def _repeat(work: Work, money: Money) -> str:
    """The same message again adds nothing; the same id with another amount is a conflict (I4)."""
    known = payment.require_seen(work.payment(money.payment_id))
    if known.received.amount == money.amount:
        return "known"
    return placing.note_conflict(work, money, reason="other-content", expected=known.received.amount)


def _sender_of(work: Work, asked: PaymentRequested, act: Act) -> AccountId:
    """The own account from which a remittance leaves."""
    unit_id = require_prepared(work.remittance(RemittanceId(str(asked.case_id)))).prepared.unit_id
    place = organisation.receiving_place(work.organisation, unit_id, Channel.BANK, act.on)
    if place.account_id is None or place.holder_id != unit_id:
        raise Refusal(RefusalCode.NO_RECEIVING_ACCOUNT, f"Đơn vị {unit_id} không có tài khoản riêng để nộp cấp trên.")
    return place.account_id


def _take_bank(work: Work, notice: Notice, act: Act) -> str:
    registered = organisation.account_by_number(work.organisation, notice.account_number or "")
    if registered is None:
        stray = _money(notice, UnitId(""), Asset.BANK, "", None)
        return placing.note_conflict(work, stray, reason=str(RefusalCode.UNKNOWN_ACCOUNT), expected=None)
    references = (notice.reference,) if notice.reference else notice.found
    reference = Reference(references[0]) if len(references) == 1 else None
    money = _money(notice, registered.unit_id, Asset.BANK, registered.account_id, reference)
    told_there = work.account(registered.account_id)
    if line_names.shares_number(told_there, notice.outside_reference):
        return "on-statement"
    if isinstance(work.payment(money.payment_id), Payment):
        return _repeat(work, money)
    # Guarded: a statement that is imported at this moment may carry the same transfer.
    work.guard(bank_account.stream(registered.account_id))
    if line_names.on_statement_as(told_there, notice.outside_reference):
        return "on-statement"
    request = work.request(reference) if reference else None
    if not isinstance(request, Requested) or request.asked.account_id != registered.account_id:
        if notice.lump:
            # Its payments were told of one by one; taken in as a payment the same money would stand here twice.
            return "left-for-statement"
        told = same_money.same_transfer(same_money.told_about(work, money), money)
        if told is not None:
            return placing.add_witness(work, told, money, money.source)
        return placing.receive_unknown(work, act, money)
    if request.asked.kind not in MEMBERS_MONEY:
        return "left-for-statement"
    if notice.comes_back or several_people.has_a_share(work, request, money.amount, notice.near, notice.several):
        return placing.receive_unknown(work, act, money)
    if placing.told_already(work, request, money):
        return "known"
    if settled_credits.announced_net(work, request, money.amount):
        return "left-for-statement"
    waiting = [
        known for known in placing.announced(work, request, money.amount) if same_money.bank_may_tell(known, money)
    ]
    if waiting:
        # The statement credits what the portal announced; the bank's message is one more witness until then.
        return placing.add_witness(work, waiting[0], money, money.source)
    told = same_money.same_transfer(same_money.of_request(work, request), money)
    told = told or same_money.credited_before(work, request, money)
    if told is not None:
        return placing.add_witness(work, told, money, money.source)
    return placing.receive_asked(work, act, request.asked, money)


def _money(notice: Notice, holder: UnitId, asset: Asset, asset_key: str, reference: Reference | None) -> Money:
    return Money(
        source=notice.source,
        outside_reference=notice.outside_reference,
        channel=notice.source if _of_a_rail(notice) else "bank",
        holder_id=holder,
        asset=asset,
        asset_key=asset_key,
        amount=notice.amount,
        paid_on=day_of(notice.paid_at),
        booked_on=None if asset is Asset.CLEARING else day_of(notice.paid_at),
        reference=reference,
        payer_key=notice.payer_key,
        evidence_id=notice.evidence_id,
    )


def record_cash(work: Work, command: RecordCash, act: Act) -> dict[str, object]:
    """Take cash in, issue a receipt for each line; a slip known already adds nothing."""
    receipts = []
    for item in command.items:
        known = work.member(item.member_id)
        require_concerned(work, known, command.unit_id, where=f"Phiếu {item.slip}: ")
        early = item.month > month_of(act.on) and not prepaid.may_pay_ahead(work, item.member_id, item.month)
        if early or item.paid_on > act.on:
            late = f"tháng {item.month}" if early else f"ngày {item.paid_on:%d/%m/%Y}"
            raise Refusal(
                RefusalCode.MONTH_IN_FUTURE,
                f"Phiếu {item.slip}: {late} chưa đến (hôm nay {act.on:%d/%m/%Y}). Kiểm tra lại phiếu.",
            )
        money = Money(
            source=f"cash:{command.unit_id}",
            outside_reference=item.slip,
            channel="cash",
            holder_id=command.unit_id,
            asset=Asset.CASH,
            asset_key=command.unit_id,
            amount=item.amount,
            paid_on=item.paid_on,
            booked_on=item.paid_on,
            reference=None,
        )
        if not isinstance(work.payment(money.payment_id), NotSeen):
            _refuse_other_slip(work, money, item.member_id)
            continue
        number = placing.receive_cash(work, act, command.unit_id, item.member_id, item.month, money)
        taken: dict[str, object] = {"slip": item.slip, "payment_id": money.payment_id, "receipt": number}
        booked = book_month(work, command.unit_id, item.paid_on)
        if booked != month_of(item.paid_on):
            taken["booked_in"] = booked
        receipts.append(taken)
    return {"receipts": receipts, "amount": sum(item.amount for item in command.items)}


def _refuse_other_slip(work: Work, money: Money, member_id: MemberId) -> None:
    known = payment.require_seen(work.payment(money.payment_id)).received
    if (known.amount, known.member_id) != (money.amount, member_id):
        raise Refusal(
            RefusalCode.AMOUNT_DIFFERS,
            f"Phiếu {money.outside_reference} đã ghi {known.amount} đồng của đảng viên {known.member_id}, nay lại ghi "
            f"{money.amount} đồng của {member_id}. Dùng số phiếu khác hoặc điều chỉnh phiếu cũ.",
        )


def take_cash_bag(work: Work, command: TakeCashBag, act: Act) -> dict[str, object]:
    """Cash in hand goes on its way to the unit's own account."""
    place = organisation.receiving_place(work.organisation, command.unit_id, Channel.BANK, act.on)
    if place.account_id is None or place.holder_id != command.unit_id:
        raise Refusal(
            RefusalCode.NO_RECEIVING_ACCOUNT,
            f"{command.unit_id} không có tài khoản riêng; bàn giao tiền mặt cho thủ quỹ đơn vị giữ hộ.",
        )
    in_hand = cash_desk.in_hand(work, command.unit_id)
    bag = mint_case_reference(
        work, act, payee=command.unit_id, kind=Kind.CASH_BAG, case_id=command.unit_id, amount=command.amount
    )
    asked = BagTakenToBank(
        bag=bag,
        unit_id=command.unit_id,
        account_id=place.account_id,
        amount=command.amount,
        taken_on=command.taken_on,
    )
    work.record(cash.stream(command.unit_id), cash.take_bag(work.cash(command.unit_id), asked, in_hand=in_hand))
    return {"bag": bag, "amount": command.amount}


def pass_cash(work: Work, command: PassCash, act: Act) -> dict[str, object]:
    """Cash goes to the cashier of the unit that holds this unit's account; both books change at once."""
    place = organisation.receiving_place(work.organisation, command.unit_id, Channel.BANK, act.on)
    if place.holder_id == command.unit_id:
        raise Refusal(
            RefusalCode.HOLDER_NOT_ABOVE,
            f"{command.unit_id} có tài khoản riêng, không có đơn vị giữ hộ để bàn giao; nộp tiền mặt vào tài khoản.",
        )
    asked = CashPassedToHolder(
        unit_id=command.unit_id,
        holder_id=place.holder_id,
        amount=command.amount,
        slip=command.slip,
        passed_on=command.passed_on,
    )
    in_hand = cash_desk.in_hand(work, command.unit_id)
    events = cash.pass_to_holder(work.cash(command.unit_id), asked, in_hand=in_hand)
    work.record(cash.stream(command.unit_id), events)
    return {"passed": command.amount if events else 0, "holder": place.holder_id}


#: What each command asks permission for, where, and the function that decides it.
COMMANDS: Mapping[type, Handler] = {
    TakeNotices: Handler("take-notices", Action.RECEIVE_NOTICE, "root", take_notices),
    RecordCash: Handler("record-cash", Action.RECORD_CASH, "unit_id", record_cash),
    TakeCashBag: Handler("take-cash-bag", Action.HAND_OVER_CASH, "unit_id", take_cash_bag),
    PassCash: Handler("pass-cash", Action.HAND_OVER_CASH, "unit_id", pass_cash),
}
