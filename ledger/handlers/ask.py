"""Ask for money: standing requests for a month, and attempts opened on the portal."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import assert_never

from domain import dues_account, member, organisation, payment, payment_request
from domain.access import Action
from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId, PaymentId, RemittanceId, UnitId
from domain.member import Scope
from domain.money import Dong, format_dong
from domain.organisation import Channel
from domain.payment import Asset
from domain.payment_request import Kind, PaymentRequested, RequestLine
from domain.period import Month, month_of
from domain.reference import Reference
from domain.remittance import Way, require_prepared, to_send
from ledger import reissuing
from ledger.accounts import open_account, preload_accounts
from ledger.handler import Handler
from ledger.handlers import attempts
from ledger.owning import owning_unit, require_concerned, with_ended
from ledger.work import Act, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestMonth:
    """Issue a standing request (VietQR) for each member beneath ``unit_id`` who owes something for the month."""

    unit_id: UnitId
    month: Month
    valid_until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PrepareCollection:
    """Prepare the list with which a collector goes round for a month's dues in cash."""

    unit_id: UnitId
    month: Month


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDuesAttempt:
    """A member begins to pay a month's dues on the portal."""

    unit_id: UnitId
    member_id: MemberId
    month: Month


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchLine:
    """One member in a payment on behalf; ``cash_payment_id`` names cash already receipted."""

    member_id: MemberId
    month: Month
    amount: Dong
    cash_payment_id: PaymentId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenBatchAttempt:
    """A cell's representative begins to pay for several members on the portal."""

    unit_id: UnitId
    lines: tuple[BatchLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRemittanceAttempt:
    """An officer begins to send an approved remittance on the portal."""

    unit_id: UnitId
    remittance_id: RemittanceId


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenOnRail:
    """Any of the three on a named rail; ``via`` is "office" for a person, "bill-look-up" where the channel asked."""

    unit_id: UnitId
    rail: str
    asked: OpenDuesAttempt | OpenBatchAttempt | OpenRemittanceAttempt
    via: str = "office"


def request_month(work: Work, command: RequestMonth, act: Act) -> dict[str, object]:
    """Issue requests in roll order for what is owed; who has one for the month gets no second.

    A request that asks for another amount than is owed now, or whose last day is over, is withdrawn and asked anew.
    """
    owing: list[tuple[MemberId, UnitId, Dong]] = []
    in_cash = renewed = 0
    for member_id, unit_id, amount in _roll(work, command.unit_id, command.month, act):
        old = reissuing.stands(work, member_id, command.month)
        if old is not None:
            if reissuing.is_stale(old, amount, act.on):
                reason = f"phát hành lại: còn phải đóng {format_dong(amount)} đồng"
                reissuing.reissue(work, act, old, amount, reason, command.valid_until)
                renewed += 1
        elif amount and _pays_in_cash(work, member_id, command.month):
            in_cash += 1
        elif amount:
            owing.append((member_id, unit_id, amount))
    _issue(work, act, owing, command.month, channel="qr", valid_until=command.valid_until)
    return {
        "issued": len(owing),
        "amount": sum(a for _, _, a in owing),
        "pay_in_cash": in_cash,
        "issued_again": renewed,
    }


def prepare_collection(work: Work, command: PrepareCollection, act: Act) -> dict[str, object]:
    """Give everybody who owes for the month and has no reference one, so that the collector's list has a key a row."""
    owing = [
        (member_id, unit_id, amount)
        for member_id, unit_id, amount in _roll(work, command.unit_id, command.month, act)
        if amount and reissuing.stands(work, member_id, command.month) is None
    ]
    _issue(work, act, owing, command.month, channel="cash", valid_until=None)
    return {"issued": len(owing)}


def _roll(work: Work, root: UnitId, month: Month, act: Act) -> Iterator[tuple[MemberId, UnitId, Dong]]:
    """In roll order who owns the month beneath a unit, in which unit's books, and what is owed for it."""
    if month > month_of(act.on):
        raise Refusal(
            RefusalCode.MONTH_IN_FUTURE,
            f"Tháng {month} chưa đến (hôm nay {act.on:%d/%m/%Y}); chỉ lập yêu cầu nộp cho tháng đã bắt đầu.",
        )
    units = [unit.unit_id for unit in organisation.subtree(work.organisation, root)]
    members = work.directory.concerned_by(with_ended(work, units))
    year = act.on.year
    work.preload(member.stream(m) for m in members)
    preload_accounts(work, members, year)
    here = frozenset(units)
    for member_id in members:
        known = work.member(member_id)
        # The money of a month goes to the unit that owns the month, so it is that unit's request.
        unit_id = owning_unit(work, known, month)
        if unit_id is None or unit_id not in here:
            continue
        open_account(work, member_id, known.unit_id, year)
        yield member_id, unit_id, dues_account.owed(work.dues(member_id, year), month)


def _pays_in_cash(work: Work, member_id: MemberId, month: Month) -> bool:
    standing = member.standing_in(work.member(member_id), month)
    return standing is not None and standing.scope is Scope.CASH


def _issue(
    work: Work,
    act: Act,
    owing: Sequence[tuple[MemberId, UnitId, Dong]],
    month: Month,
    *,
    channel: str,
    valid_until: date | None,
) -> None:
    references = work.mint(len(owing))
    for reference, (member_id, unit_id, amount) in zip(references, owing, strict=True):
        place = organisation.receiving_place(work.organisation, unit_id, Channel.BANK, act.on)
        asked = _asked(
            reference,
            place,
            kind=Kind.DUES,
            channel=channel,
            amount=amount,
            member_id=member_id,
            month=month,
            valid_until=valid_until,
        )
        work.record(payment_request.stream(reference), payment_request.ask(payment_request.NOT_REQUESTED, asked))


def open_dues_attempt(
    work: Work, command: OpenDuesAttempt, act: Act, rail: str = "portal", via: str = "office"
) -> dict[str, object]:
    """Open an attempt for what a member still owes for a month; many attempts for one debt are a normal case.

    None is opened while another may hold money: whoever has paid and waits for the bank is not asked again. A look-up
    by the portal opens one all the same, since the portal takes no "wait"; paid twice, the second becomes credit.
    """
    known = work.member(command.member_id)
    _require_own(owning_unit(work, known, command.month) or known.unit_id, command.unit_id)
    open_account(work, command.member_id, known.unit_id, act.on.year)
    amount = dues_account.owed(work.dues(command.member_id, act.on.year), command.month)
    if amount == 0:
        raise Refusal(
            RefusalCode.NOTHING_DUE, f"Tháng {command.month} không còn phải đóng; không mở thêm lượt thanh toán."
        )
    if via == "office":
        attempts.refuse_while_pending(work, command.member_id, command.month, act.on)
    return _open(
        work,
        act,
        command.unit_id,
        kind=Kind.DUES,
        amount=amount,
        member_id=command.member_id,
        month=command.month,
        rail=rail,
        via=via,
    )


def open_batch_attempt(
    work: Work, command: OpenBatchAttempt, act: Act, rail: str = "portal", via: str = "office"
) -> dict[str, object]:
    """Open an attempt on behalf of members of one cell; the kind is fixed now and never inferred later."""
    for line in command.lines:
        require_concerned(work, work.member(line.member_id), command.unit_id)
        if line.month > month_of(act.on):
            raise Refusal(RefusalCode.MONTH_IN_FUTURE, f"Tháng {line.month} chưa đến, chưa nộp hộ được.")
        if line.cash_payment_id is not None:
            _require_cash(work, line, line.cash_payment_id, command.unit_id)
        elif via == "office":
            attempts.refuse_while_pending(work, line.member_id, line.month, act.on)
    lines = tuple(
        RequestLine(
            member_id=line.member_id,
            month=line.month,
            amount=line.amount,
            cash_payment_id=line.cash_payment_id,
        )
        for line in command.lines
    )
    amount = sum(line.amount for line in lines)
    return _open(work, act, command.unit_id, kind=Kind.BATCH, amount=amount, lines=lines, rail=rail, via=via)


def _require_cash(work: Work, line: BatchLine, cash: PaymentId, unit_id: UnitId) -> None:
    """A batch may name cash only if the unit receipted it from this member, in this amount, and it is still cash."""
    state = payment.require_seen(work.payment(cash))
    taken_by = organisation.owner(work.organisation, state.received.unit_id)
    named = (state.received.asset, taken_by, state.received.member_id, state.received.amount)
    if named != (Asset.CASH, unit_id, line.member_id, line.amount) or state.converted_by is not None:
        raise Refusal(
            RefusalCode.CASH_NOT_IN_HAND,
            f"Phiếu thu {cash} không phải {line.amount} đồng tiền mặt của đảng viên này, hoặc đã được nộp qua Cổng.",
        )


def open_remittance_attempt(
    work: Work, command: OpenRemittanceAttempt, act: Act, rail: str = "portal", via: str = "office"
) -> dict[str, object]:
    """Open an attempt to send what an approved remittance still has to send; it pays into the superior's account."""
    r = require_prepared(work.remittance(command.remittance_id))
    _require_own(r.prepared.unit_id, command.unit_id)
    if r.approved_by is None:
        raise Refusal(RefusalCode.REMITTANCE_STATE, f"Lệnh nộp {command.remittance_id} chưa được duyệt.")
    if r.prepared.way is not Way.PORTAL:
        raise Refusal(
            RefusalCode.REMITTANCE_STATE,
            f"Lệnh nộp {command.remittance_id} được duyệt nộp bằng cách khác ({r.prepared.way}), không qua Cổng.",
        )
    if to_send(r) == 0:
        raise Refusal(RefusalCode.NOTHING_DUE, f"Lệnh nộp {command.remittance_id} không còn gì phải gửi.")
    return _open(
        work,
        act,
        r.prepared.superior_id,
        kind=Kind.REMITTANCE,
        amount=to_send(r),
        case_id=command.remittance_id,
        rail=rail,
        via=via,
    )


def open_on_rail(work: Work, command: OpenOnRail, act: Act) -> dict[str, object]:
    """Open an attempt on another channel than the portal, or for another asker than an office."""
    match command.asked:
        case OpenDuesAttempt():
            return open_dues_attempt(work, command.asked, act, command.rail, command.via)
        case OpenBatchAttempt():
            return open_batch_attempt(work, command.asked, act, command.rail, command.via)
        case OpenRemittanceAttempt():
            return open_remittance_attempt(work, command.asked, act, command.rail, command.via)
        case _:
            assert_never(command.asked)


def mint_case_reference(work: Work, act: Act, *, payee: UnitId, kind: Kind, case_id: str, amount: Dong) -> Reference:
    """A reference for a transfer that is not asked of a member: remittance, refund or cash bag."""
    (reference,) = work.mint(1)
    place = organisation.receiving_place(work.organisation, payee, Channel.BANK, act.on)
    asked = _asked(reference, place, kind=kind, channel="qr", amount=amount, case_id=case_id)
    work.record(payment_request.stream(reference), payment_request.ask(payment_request.NOT_REQUESTED, asked))
    return reference


def _open(
    work: Work,
    act: Act,
    payee: UnitId,
    *,
    kind: Kind,
    amount: Dong,
    member_id: MemberId | None = None,
    month: Month | None = None,
    lines: tuple[RequestLine, ...] = (),
    case_id: str | None = None,
    rail: str,
    via: str,
) -> dict[str, object]:
    (reference,) = work.mint(1)
    place = organisation.receiving_place(work.organisation, payee, Channel.PORTAL, act.on)
    asked = _asked(
        reference,
        place,
        kind=kind,
        channel=rail,
        amount=amount,
        member_id=member_id,
        month=month,
        lines=lines,
        case_id=case_id,
    )
    work.record(payment_request.stream(reference), payment_request.ask(payment_request.NOT_REQUESTED, asked))
    attempts.open_with_request(work, act, reference=reference, rail=rail, unit_id=asked.unit_id, amount=amount, via=via)
    return {"reference": reference, "amount": amount}


def _asked(
    reference: Reference,
    place: organisation.HolderAssigned,
    *,
    kind: Kind,
    channel: str,
    amount: Dong,
    member_id: MemberId | None = None,
    month: Month | None = None,
    lines: tuple[RequestLine, ...] = (),
    case_id: str | None = None,
    valid_until: date | None = None,
) -> PaymentRequested:
    if place.account_id is None:
        raise Refusal(
            RefusalCode.NO_RECEIVING_ACCOUNT, f"Đơn vị {place.unit_id} chưa có tài khoản nhận tiền qua {place.channel}."
        )
    return PaymentRequested(
        reference=reference,
        kind=kind,
        channel=channel,
        unit_id=place.unit_id,
        holder_id=place.holder_id,
        account_id=place.account_id,
        amount=amount,
        member_id=member_id,
        month=month,
        lines=lines,
        case_id=case_id,
        valid_until=valid_until,
    )


def _require_own(actual: UnitId, named: UnitId) -> None:
    if actual != named:
        raise Refusal(RefusalCode.NOT_ALLOWED, f"Người hoặc lệnh này thuộc đơn vị {actual}, không thuộc {named}.")


#: What each command asks permission for, where, and the function that decides it.
COMMANDS: Mapping[type, Handler] = {
    PrepareCollection: Handler("prepare-collection", Action.PREPARE_COLLECTION, "unit_id", prepare_collection),
    RequestMonth: Handler("request-month", Action.REQUEST_PAYMENT, "unit_id", request_month),
    OpenDuesAttempt: Handler("open-dues-attempt", Action.OPEN_ATTEMPT, "unit_id", open_dues_attempt),
    OpenBatchAttempt: Handler("open-batch-attempt", Action.OPEN_ATTEMPT, "unit_id", open_batch_attempt),
    OpenRemittanceAttempt: Handler("open-remittance-attempt", Action.OPEN_ATTEMPT, "unit_id", open_remittance_attempt),
    OpenOnRail: Handler("open-on-rail", Action.OPEN_ATTEMPT, "unit_id", open_on_rail),
}
