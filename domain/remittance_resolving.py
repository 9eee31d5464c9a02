"""Decisions on a remittance outside its straight road: on account, withdrawn, sent back, astray, resolved.

Each takes the folded state of ``domain.remittance`` and returns new facts or refuses.
"""

from datetime import date

from domain.errors import Refusal, RefusalCode
from domain.identifiers import RemittanceId, UnitId
from domain.money import Dong, require_amount
from domain.period import Period
from domain.remittance import Remittance, State, on_account_left, require_prepared, under_way
from domain.remittance_cases import (
    DisputeResolved,
    InterimPrepared,
    InterimSettled,
    RemittanceMisrouted,
    RemittancePassedOn,
    RemittanceReturned,
    RemittanceWithdrawn,
    Resolution,
    Way,
)


def prepare_interim(state: State, asked: InterimPrepared, *, held: Dong) -> tuple[InterimPrepared, ...]:
    """Prepare money on account: at most what is ``held`` unsplit and not on its way already (đồng)."""
    if isinstance(state, Remittance):
        raise _wrong_state(asked.remittance_id, "đã lập với nội dung khác; lập lệnh mới với số thứ tự tiếp theo")
    if require_amount(asked.amount) > held:
        raise Refusal(
            RefusalCode.REMITTANCE_TOO_LARGE,
            f"{asked.unit_id} chỉ còn {held} đồng chưa phân bổ và chưa tạm nộp, không thể tạm nộp {asked.amount} đồng.",
        )
    if not asked.superior_has_books:
        raise Refusal(
            RefusalCode.REMITTANCE_STATE,
            f"Sổ của cấp trên {asked.superior_id} ở nơi khác; chỉ tạm nộp được cho cấp trên có sổ ở đây.",
        )
    if asked.way is Way.HELD:
        raise _wrong_state(asked.remittance_id, "tạm nộp phải có lượt chuyển tiền; tiền nhờ giữ hộ đã ở cấp trên")
    if asked.way in (Way.BANK, Way.CASH) and not asked.reason:
        raise Refusal(
            RefusalCode.CHANNEL_NEEDS_REASON,
            "Nộp qua Cổng là mặc định; nộp bằng chuyển khoản hoặc tiền mặt phải ghi lý do (01-QĐ/TW).",
        )
    return (asked,)


def settle_interim(state: State, *, period: Period, owed: Dong, on: date) -> tuple[InterimSettled, ...]:
    """Let money on account answer for what is ``owed`` for a declared period; nothing left or owed adds nothing."""
    r = require_prepared(state)
    amount = min(on_account_left(r), owed)
    if amount <= 0:
        return ()
    p = r.prepared
    return (
        InterimSettled(
            remittance_id=p.remittance_id,
            unit_id=p.unit_id,
            superior_id=p.superior_id,
            period=period,
            amount=amount,
            settled_on=on,
        ),
    )


def withdraw(state: State, *, reason: str, withdrawn_by: str, on: date) -> tuple[RemittanceWithdrawn, ...]:
    """Take back a remittance of which nothing was sent; the same again adds nothing.

    Claw-back that its approval netted stays netted: both sides booked it, and it lessened what is owed.
    """
    r = require_prepared(state)
    if r.withdrawn:
        return ()
    if r.sendings or r.received or r.settled:
        raise _wrong_state(
            r.prepared.remittance_id,
            "đã gửi hoặc đã nhận tiền, không rút được; dùng tra soát, điều chỉnh hoặc hoàn lại",
        )
    return (
        RemittanceWithdrawn(
            remittance_id=r.prepared.remittance_id,
            unit_id=r.prepared.unit_id,
            reason=reason,
            withdrawn_by=withdrawn_by,
            withdrawn_on=on,
        ),
    )


def bank_returned(
    state: State,
    *,
    amount: Dong,
    asset: str,
    asset_key: str,
    bank_line: str | None,
    on: date,
) -> tuple[RemittanceReturned, ...]:
    """The bank sent money back to the unit; at most what is under way, the same line again adds nothing."""
    r = require_prepared(state)
    if bank_line is not None and bank_line in r.returned_lines:
        return ()
    _require_under_way(r, amount)
    return (
        RemittanceReturned(
            remittance_id=r.prepared.remittance_id,
            unit_id=r.prepared.unit_id,
            amount=amount,
            asset=asset,
            asset_key=asset_key,
            bank_line=bank_line,
            returned_on=on,
        ),
    )


def misroute(
    state: State,
    *,
    at_unit_id: UnitId,
    amount: Dong,
    asset: str,
    asset_key: str,
    bank_line: str | None,
    on: date,
) -> tuple[RemittanceMisrouted, ...]:
    """Money under way was found at a wrong unit, which holds it for the sender from now on."""
    r = require_prepared(state)
    p = r.prepared
    if at_unit_id in (p.unit_id, p.superior_id):
        raise _wrong_state(p.remittance_id, f"không thể «đến nhầm» tại {at_unit_id}, là đơn vị nộp hoặc nhận")
    _require_under_way(r, amount)
    return (
        RemittanceMisrouted(
            remittance_id=p.remittance_id,
            unit_id=p.unit_id,
            at_unit_id=at_unit_id,
            amount=amount,
            asset=asset,
            asset_key=asset_key,
            bank_line=bank_line,
            found_on=on,
        ),
    )


def pass_on(
    state: State, *, at_unit_id: UnitId, amount: Dong, asset_key: str, bank_line: str | None, basis: str, on: date
) -> tuple[RemittancePassedOn, ...]:
    """The wrong unit sent the money on; at most what lies there."""
    r = require_prepared(state)
    there = r.misrouted.get(at_unit_id, 0)
    if require_amount(amount) > there:
        raise Refusal(
            RefusalCode.REMITTANCE_TOO_LARGE,
            f"{at_unit_id} chỉ giữ {there} đồng đến nhầm của lệnh nộp {r.prepared.remittance_id}, "
            f"không thể chuyển tiếp {amount} đồng.",
        )
    return (
        RemittancePassedOn(
            remittance_id=r.prepared.remittance_id,
            unit_id=r.prepared.unit_id,
            at_unit_id=at_unit_id,
            amount=amount,
            asset="1120",
            asset_key=asset_key,
            bank_line=bank_line,
            basis=basis,
            passed_on=on,
        ),
    )


def resolve(
    state: State, *, resolution: Resolution, note: str, document: str | None, resolved_by: str, on: date
) -> tuple[DisputeResolved, ...]:
    """Close an open dispute, saying how it ended; ``received`` and a return must show in the figures."""
    r = require_prepared(state)
    p = r.prepared
    if r.open_dispute is None:
        raise _wrong_state(p.remittance_id, "không có tra soát nào đang mở")
    waiting = under_way(r)
    if resolution is Resolution.RECEIVED and waiting:
        raise _wrong_state(p.remittance_id, f"còn {waiting} đồng chưa nhận, chưa thể kết luận «đã nhận đủ»")
    if resolution is Resolution.BANK_RETURNED and not r.returned:
        raise _wrong_state(p.remittance_id, "chưa có dòng sao kê nào cho thấy ngân hàng hoàn lại")
    if resolution not in (Resolution.RECEIVED, Resolution.NO_FAULT) and not r.answered:
        raise _wrong_state(p.remittance_id, "chưa có giải trình của đơn vị nộp; chờ giải trình rồi kết luận")
    return (
        DisputeResolved(
            remittance_id=p.remittance_id,
            unit_id=p.unit_id,
            resolution=resolution,
            note=note,
            document=document,
            resolved_by=resolved_by,
            resolved_on=on,
        ),
    )


def _require_under_way(r: Remittance, amount: Dong) -> None:
    if require_amount(amount) > under_way(r):
        raise Refusal(
            RefusalCode.REMITTANCE_TOO_LARGE,
            f"Lệnh nộp {r.prepared.remittance_id} chỉ có {under_way(r)} đồng đang chuyển, không phải {amount} đồng.",
        )


def _wrong_state(remittance_id: RemittanceId, what: str) -> Refusal:
    return Refusal(RefusalCode.REMITTANCE_STATE, f"Lệnh nộp {remittance_id} {what}.")
