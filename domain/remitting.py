"""The decisions on a remittance: prepare, approve, send, receive, dispute, explain, correct, settle.

Each takes the folded state of ``domain.remittance`` and returns new facts or refuses.
"""

from datetime import date

from domain.access import require_other_person
from domain.errors import Refusal, RefusalCode
from domain.identifiers import RemittanceId, UnitId
from domain.money import Dong, require_amount
from domain.remittance import (
    ClawBackNetted,
    DisputeExplained,
    Remittance,
    RemittanceApproved,
    RemittanceDisputed,
    RemittancePrepared,
    RemittanceReceived,
    RemittanceSent,
    SendingCorrected,
    SendingSeen,
    SettledFromHeld,
    State,
    Way,
    require_prepared,
    to_send,
    under_way,
)
from domain.remittance_cases import InterimReceived


def prepare(state: State, asked: RemittancePrepared, *, payable: Dong) -> tuple[RemittancePrepared, ...]:
    """Prepare a remittance of at most what is still owed for the period (3360), netted claw-back included."""
    if isinstance(state, Remittance):
        if state.prepared == asked:
            return ()
        raise _wrong_state(asked.remittance_id, "đã lập với nội dung khác; lập lệnh mới với số thứ tự tiếp theo")
    if asked.amount < 0 or asked.netted < 0 or asked.amount + asked.netted > payable:
        raise Refusal(
            RefusalCode.REMITTANCE_TOO_LARGE,
            f"{asked.unit_id} còn phải nộp kỳ {asked.period} là {payable} đồng, không thể lập lệnh "
            f"{asked.amount} đồng và cấn trừ {asked.netted} đồng.",
        )
    require_amount(asked.amount + asked.netted)
    if asked.way in (Way.BANK, Way.CASH) and not asked.reason:
        raise Refusal(
            RefusalCode.CHANNEL_NEEDS_REASON,
            "Nộp qua Cổng là mặc định; nộp bằng chuyển khoản hoặc tiền mặt phải ghi lý do (01-QĐ/TW).",
        )
    return (asked,)


def approve(state: State, *, approved_by: str, on: date) -> tuple[RemittanceApproved | ClawBackNetted, ...]:
    """Approve a prepared remittance; another person than the one who prepared it (I21)."""
    r = require_prepared(state)
    if r.approved_by is not None:
        return ()
    p = r.prepared
    if r.withdrawn:
        raise _wrong_state(p.remittance_id, "đã rút; lập lệnh nộp mới")
    require_other_person(p.prepared_by, approved_by, f"Lệnh nộp {p.remittance_id}")
    approved = RemittanceApproved(
        remittance_id=p.remittance_id, unit_id=p.unit_id, approved_by=approved_by, approved_on=on
    )
    if p.netted == 0 or p.netted_case is None:
        return (approved,)
    netted = ClawBackNetted(
        remittance_id=p.remittance_id,
        unit_id=p.unit_id,
        superior_id=p.superior_id,
        superior_here=p.superior_has_books,
        period=p.period,
        refund_id=p.netted_case,
        amount=p.netted,
    )
    return (approved, netted)


def send(state: State, *, amount: Dong, asset: str, asset_key: str, basis: str, on: date) -> tuple[RemittanceSent, ...]:
    """Record that money left; only when approved, never more than is left to send."""
    r = require_prepared(state)
    p = r.prepared
    if r.approved_by is None:
        raise _wrong_state(p.remittance_id, "chưa được duyệt; người có thẩm quyền phải duyệt trước khi gửi")
    if r.withdrawn:
        raise _wrong_state(p.remittance_id, "đã rút; lập lệnh nộp mới")
    if p.way is Way.HELD:
        raise _wrong_state(p.remittance_id, "là quyết toán từ tiền giữ hộ, không có lượt chuyển tiền")
    if require_amount(amount) > to_send(r):
        raise Refusal(
            RefusalCode.REMITTANCE_TOO_LARGE,
            f"Lệnh nộp {p.remittance_id} chỉ còn {to_send(r)} đồng chưa gửi, không thể gửi {amount} đồng. "
            "Gửi phần còn lại, hoặc lập lệnh nộp mới.",
        )
    return (_sent(r, amount=amount, asset=asset, asset_key=asset_key, basis=basis, on=on),)


def _sent(r: Remittance, *, amount: Dong, asset: str, asset_key: str, basis: str, on: date) -> RemittanceSent:
    return RemittanceSent(
        remittance_id=r.prepared.remittance_id,
        unit_id=r.prepared.unit_id,
        period=r.prepared.period,
        n=r.sendings + 1,
        amount=amount,
        asset=asset,
        asset_key=asset_key,
        way=r.prepared.way,
        basis=basis,
        sent_on=on,
    )


def see_debit(state: State, *, amount: Dong, bank_line: str, on: date) -> tuple[SendingSeen, ...]:
    """Note the debit on the sender's statement; the same line again adds nothing, a fact is never refused."""
    r = require_prepared(state)
    if any(known.bank_line == bank_line for known in r.seen):
        return ()
    p = r.prepared
    return (
        SendingSeen(remittance_id=p.remittance_id, unit_id=p.unit_id, amount=amount, bank_line=bank_line, booked_on=on),
    )


def receive(
    state: State,
    *,
    amount: Dong,
    asset: str,
    asset_key: str,
    bank_line: str | None,
    on: date,
    sender_asset: str,
    sender_key: str,
) -> tuple[RemittanceSent | RemittanceReceived | InterimReceived, ...]:
    """Record that the superior has the money; if nobody recorded the sending, the credit itself proves it.

    Money on account answers for no dues yet: the superior holds it for the unit.
    """
    r = require_prepared(state)
    if bank_line is not None and any(known.bank_line == bank_line for known in r.receipts):
        return ()
    require_amount(amount)
    received = _received(r, amount=amount, asset=asset, asset_key=asset_key, bank_line=bank_line, on=on)
    missing = amount - under_way(r)
    if missing <= 0:
        return (received,)
    proved = _sent(r, amount=missing, asset=sender_asset, asset_key=sender_key, basis="superior-credit", on=on)
    return (proved, received)


def _received(
    r: Remittance, *, amount: Dong, asset: str, asset_key: str, bank_line: str | None, on: date
) -> RemittanceReceived | InterimReceived:
    p = r.prepared
    if r.on_account:
        return InterimReceived(
            remittance_id=p.remittance_id,
            unit_id=p.unit_id,
            superior_id=p.superior_id,
            period=p.period,
            amount=amount,
            asset=asset,
            asset_key=asset_key,
            bank_line=bank_line,
            received_on=on,
        )
    return RemittanceReceived(
        remittance_id=p.remittance_id,
        unit_id=p.unit_id,
        superior_id=p.superior_id,
        sender_here=True,
        superior_here=p.superior_has_books,
        period=p.period,
        amount=amount,
        asset=asset,
        asset_key=asset_key,
        bank_line=bank_line,
        received_on=on,
    )


def dispute(
    state: State, *, expected: Dong, seen: Dong, reason: str, disputed_by: str, on: date
) -> tuple[RemittanceDisputed, ...]:
    """The superior disputes a remittance; one open dispute at a time, and only of money that was sent."""
    r = require_prepared(state)
    if not r.sendings and not r.received:
        raise _wrong_state(r.prepared.remittance_id, "chưa gửi lần nào, chưa có gì để tra soát")
    if r.open_dispute is not None:
        return ()
    return (
        RemittanceDisputed(
            remittance_id=r.prepared.remittance_id,
            unit_id=r.prepared.unit_id,
            expected=expected,
            seen=seen,
            reason=reason,
            disputed_by=disputed_by,
            disputed_on=on,
        ),
    )


def explain(
    state: State, *, explanation: str, document: str | None, explained_by: str, on: date
) -> tuple[DisputeExplained, ...]:
    """Answer an open dispute; the one who raised it cannot answer it, and it stays open until it is resolved."""
    r = require_prepared(state)
    if r.open_dispute is None:
        raise _wrong_state(r.prepared.remittance_id, "không có tra soát nào đang mở")
    require_other_person(r.open_dispute.disputed_by, explained_by, f"Tra soát {r.prepared.remittance_id}")
    return (
        DisputeExplained(
            remittance_id=r.prepared.remittance_id,
            unit_id=r.prepared.unit_id,
            explanation=explanation,
            document=document,
            explained_by=explained_by,
            explained_on=on,
        ),
    )


def correct_sending(
    state: State, *, difference: Dong, reason: str, corrected_by: str, on: date
) -> tuple[SendingCorrected, ...]:
    """Take back what was recorded as sent and never left the bank; at most what is under way."""
    r = require_prepared(state)
    if r.last_sent is None or require_amount(difference) > under_way(r):
        raise _wrong_state(
            r.prepared.remittance_id,
            f"đang chuyển {under_way(r)} đồng, không thể điều chỉnh giảm {difference} đồng",
        )
    return (
        SendingCorrected(
            remittance_id=r.prepared.remittance_id,
            unit_id=r.prepared.unit_id,
            difference=difference,
            asset=r.last_sent.asset,
            asset_key=r.last_sent.asset_key,
            reason=reason,
            corrected_by=corrected_by,
            corrected_on=on,
        ),
    )


def settle_from_held(
    state: State, *, holder_id: UnitId, held: Dong, confirmed_by: str, on: date
) -> tuple[SettledFromHeld, ...]:
    """The superior confirms a settlement from money held above; never more than is held for the unit."""
    r = require_prepared(state)
    p = r.prepared
    if r.settled:
        return ()
    if p.way is not Way.HELD or r.approved_by is None or r.withdrawn:
        raise _wrong_state(p.remittance_id, "không phải quyết toán từ tiền giữ hộ đã được duyệt")
    require_other_person(p.prepared_by, confirmed_by, f"Quyết toán {p.remittance_id}")
    if p.amount > held:
        raise Refusal(
            RefusalCode.REMITTANCE_TOO_LARGE,
            f"Đơn vị giữ hộ đang giữ {held} đồng của {p.unit_id}, không đủ {p.amount} đồng.",
        )
    return (
        SettledFromHeld(
            remittance_id=p.remittance_id,
            unit_id=p.unit_id,
            superior_id=p.superior_id,
            holder_id=holder_id,
            via_other_holder=holder_id != p.superior_id,
            period=p.period,
            amount=p.amount,
            confirmed_by=confirmed_by,
            settled_on=on,
        ),
    )


def _wrong_state(remittance_id: RemittanceId, what: str) -> Refusal:
    return Refusal(RefusalCode.REMITTANCE_STATE, f"Lệnh nộp {remittance_id} {what}.")
