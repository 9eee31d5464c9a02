"""A transfer entered by hand from the bank slip that a member showed, before or after the bank itself tells of it.

It is one more witness: the webhook or the statement line of the same transfer becomes evidence on it, or it on theirs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from domain import bank_account, organisation, payment
from domain.access import Action
from domain.errors import Refusal, RefusalCode
from domain.identifiers import AccountId, UnitId
from domain.money import Dong, format_dong, require_amount
from domain.payment import Asset, Payment
from domain.payment_request import Requested
from domain.reference import Reference
from ledger import placing, same_money
from ledger.handler import Handler
from ledger.handlers.collect import MEMBERS_MONEY
from ledger.handlers.statements import IdentifySuspense, identify_suspense
from ledger.placing import Money
from ledger.work import Act, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordTransfer:
    """A bank slip. ``reference`` is ours and says whose the money is; ``bank_number`` is the bank's own, if shown."""

    unit_id: UnitId  #: the account's unit
    account_id: AccountId
    slip: str  #: the accountant's number of the paper
    amount: Dong
    paid_on: date
    reference: Reference | None
    bank_number: str | None
    evidence_id: str | None


def record_transfer(work: Work, command: RecordTransfer, act: Act) -> dict[str, object]:
    """Take the money in, or note the slip on the payment that a channel told of before."""
    registered = organisation.account(work.organisation, command.account_id)
    if organisation.owner(work.organisation, registered.unit_id) != command.unit_id:
        raise organisation.outside(registered.unit_id, command.unit_id)
    if command.paid_on > act.on:
        raise Refusal(
            RefusalCode.MONTH_IN_FUTURE,
            f"Phiếu {command.slip}: ngày {command.paid_on:%d/%m/%Y} chưa đến (hôm nay {act.on:%d/%m/%Y}).",
        )
    request = None if command.reference is None else work.request(command.reference)
    if command.reference is not None:
        fits = isinstance(request, Requested) and request.asked.account_id == command.account_id
        if not fits or not isinstance(request, Requested) or request.asked.kind not in MEMBERS_MONEY:
            raise Refusal(
                RefusalCode.UNKNOWN_REFERENCE,
                f"Phiếu {command.slip}: mã {command.reference} không phải yêu cầu nộp đảng phí vào tài khoản "
                f"{command.account_id}. Kiểm tra mã, hoặc bỏ trống để tiền chờ xác định.",
            )
    money = Money(
        source=f"bank:{command.account_id}",
        outside_reference=command.bank_number or f"{same_money.SLIP}:{command.slip}",
        channel="bank",
        holder_id=registered.unit_id,
        asset=Asset.BANK,
        asset_key=command.account_id,
        amount=require_amount(command.amount),
        paid_on=command.paid_on,
        booked_on=command.paid_on,
        reference=command.reference,
        evidence_id=command.evidence_id,
    )
    work.guard(bank_account.stream(command.account_id))
    before = work.payment(money.payment_id)
    if isinstance(before, Payment):
        if before.received.amount != money.amount:
            raise Refusal(
                RefusalCode.AMOUNT_DIFFERS,
                f"Phiếu {command.slip}: giao dịch này đã ghi {format_dong(before.received.amount)} đồng, phiếu ghi "
                f"{format_dong(money.amount)} đồng. Kiểm tra lại phiếu.",
            )
        if abs((before.received.paid_on - money.paid_on).days) > same_money.DAYS_APART:
            # Numbers of slips begin anew with each book; the other paper's money must not vanish into this one's.
            raise Refusal(
                RefusalCode.SLIP_NUMBER_TAKEN,
                f"Phiếu {command.slip}: số này đã ghi cho giao dịch ngày {before.received.paid_on:%d/%m/%Y}, phiếu ghi "
                f"ngày {money.paid_on:%d/%m/%Y}. Nếu là giao dịch khác, ghi số phiếu khác (thêm năm hoặc tập).",
            )
        return _witnessed(work, before, money, act)
    told = _told(work, request, money)
    if told is not None:
        return _witnessed(work, told, money, act)
    if isinstance(request, Requested):
        outcome = placing.receive_asked(work, act, request.asked, money)
    else:
        outcome = placing.receive_unknown(work, act, money)
    return {"payment_id": money.payment_id, "outcome": outcome}


def _told(work: Work, request: object, money: Money) -> Payment | None:
    """What was told of before: under the same reference, else the one transfer without a reference that it can be."""
    if isinstance(request, Requested):
        waiting = [
            known for known in placing.announced(work, request, money.amount) if same_money.bank_may_tell(known, money)
        ]
        if waiting:
            return waiting[0]
        found = same_money.same_transfer(same_money.of_request(work, request), money)
        found = found or same_money.credited_before(work, request, money)
        if found is not None:
            return found
    around = same_money.told_about(work, money)
    plain = [
        known
        for known in around
        if known.received.reference is None and known.suspense == known.received.amount and not _has_slip(known)
    ]
    if money.reference is not None and len(plain) > 1:
        raise Refusal(
            RefusalCode.AMOUNT_DIFFERS,
            f"Có {len(plain)} khoản {format_dong(money.amount)} đồng cùng những ngày này đang chờ xác định: "
            f"{', '.join(known.received.payment_id for known in plain)}. Ghi thêm số giao dịch của ngân hàng trên "
            "phiếu, hoặc xác định đúng khoản (dangphi open-item decide).",
        )
    if money.reference is not None:
        return plain[0] if plain else None
    return same_money.same_transfer(around, money)


def _has_slip(known: Payment) -> bool:
    names = (known.received.outside_reference, *(w.outside_reference for w in known.witnesses))
    return any(same_money.teller_in(name) == same_money.SLIP for name in names)


def _witnessed(work: Work, known: Payment, money: Money, act: Act) -> dict[str, object]:
    """Note the slip; money that waited without an owner finds it by the slip's reference."""
    placing.add_witness(work, known, money, money.source)
    answer: dict[str, object] = {"payment_id": known.received.payment_id, "outcome": "witness"}
    request = None if money.reference is None else work.request(money.reference)
    waits = known.suspense == known.received.amount and known.received.reference is None
    if not waits or not isinstance(request, Requested) or request.asked.member_id is None:
        return answer
    asked = IdentifySuspense(
        unit_id=payment.waits_at(known),
        payment_id=known.received.payment_id,
        member_id=request.asked.member_id,
        month=request.asked.month,
        amount=known.received.amount,
        ground=f"phiếu chuyển tiền {money.outside_reference}",
    )
    return {**answer, **identify_suspense(work, asked, act)}


#: What each command asks permission for, where, and the function that decides it.
COMMANDS: Mapping[type, Handler] = {
    RecordTransfer: Handler("record-transfer", Action.PLACE_MONEY, "unit_id", record_transfer),
}
