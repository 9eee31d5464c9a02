"""Decisions on a refund beside its straight road: withdraw the request, pay claw-back down by transfer."""

from datetime import date

from domain.errors import Refusal, RefusalCode
from domain.identifiers import RefundId, UnitId
from domain.money import Dong, require_amount
from domain.refund import State, require_requested
from domain.refund_cases import ClawBackReceived, ClawBackSent, RefundWithdrawn


def claw_back_case(refund_id: RefundId, superior_id: UnitId) -> str:
    """The case under which a superior's transfer of claw-back is recognised on statements."""
    return f"{refund_id}@{superior_id}"


def claw_back_of(case_id: str) -> tuple[RefundId, UnitId]:
    """Refund and paying superior of such a case."""
    refund_id, _, superior_id = case_id.rpartition("@")
    return RefundId(refund_id), UnitId(superior_id)


def withdraw(state: State, *, reason: str, withdrawn_by: str, on: date) -> tuple[RefundWithdrawn, ...]:
    """Take a request back; refused once the second approval has booked it. The same again adds nothing."""
    refund = require_requested(state)
    asked = refund.requested
    if refund.withdrawn:
        return ()
    if len(refund.approvers) >= 2:
        raise Refusal(
            RefusalCode.REFUND_STATE,
            f"Hoàn trả {asked.refund_id} đã đủ hai người duyệt và đã ghi sổ, không rút được; chi trả theo quyết định.",
        )
    return (
        RefundWithdrawn(
            refund_id=asked.refund_id,
            unit_id=asked.unit_id,
            reason=reason,
            withdrawn_by=withdrawn_by,
            withdrawn_on=on,
        ),
    )


def send_claw_back(
    state: State,
    *,
    unit_id: UnitId,
    superior_id: UnitId,
    owed: Dong,
    asset_key: str,
    sent_by: str,
    on: date,
) -> tuple[ClawBackSent, ...]:
    """Send a unit below what its superior still owes it for this refund (``owed``, đồng); once."""
    refund = require_requested(state)
    if superior_id in refund.claw_backs:
        return ()
    if owed <= 0:
        raise Refusal(
            RefusalCode.NOTHING_DUE,
            f"{superior_id} không còn phải trả {unit_id} khoản nào của hồ sơ {refund.requested.refund_id} "
            "(đã cấn trừ, đang cấn trừ trong một lệnh nộp, hoặc chưa duyệt).",
        )
    return (
        ClawBackSent(
            refund_id=refund.requested.refund_id,
            unit_id=unit_id,
            superior_id=superior_id,
            amount=require_amount(owed),
            asset="1120",
            asset_key=asset_key,
            sent_by=sent_by,
            sent_on=on,
        ),
    )


def receive_claw_back(
    state: State, *, superior_id: UnitId, amount: Dong, asset_key: str, bank_line: str, on: date
) -> tuple[ClawBackReceived, ...]:
    """Note that the unit below has the money; nothing if it was not sent, is another sum, or was received before."""
    refund = require_requested(state)
    sent = refund.claw_backs.get(superior_id)
    if sent is None or sent.amount != amount or superior_id in refund.claw_backs_received:
        return ()
    return (
        ClawBackReceived(
            refund_id=sent.refund_id,
            unit_id=sent.unit_id,
            superior_id=superior_id,
            amount=amount,
            asset="1120",
            asset_key=asset_key,
            bank_line=bank_line,
            received_on=on,
        ),
    )


def in_transit(state: State, superior_id: UnitId) -> Dong:
    """Claw-back sent down and not received; đồng."""
    refund = require_requested(state)
    sent = refund.claw_backs.get(superior_id)
    return 0 if sent is None or superior_id in refund.claw_backs_received else sent.amount
