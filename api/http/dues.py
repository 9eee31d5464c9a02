"""Dues over HTTP: obligations reckoned again, surplus, and one payment for several."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import Field, StrictBool, StrictInt

from api.http.door import Commands, shows
from api.http.shapes import Amount, Body, Day, Name, Text, example
from domain.identifiers import MemberId, PaymentId
from domain.period import parse_month
from domain.set_amount import ForeignSum
from ledger.handlers.adjust import ReassessMonths, RecordAmountSet, RestateBase, ReturnAhead
from ledger.handlers.split import IdentifyBySplit, RecordCashSplit, SplitLine
from ledger.handlers.surplus import DecideSurplus, DeclareSurplus

router = APIRouter(prefix="/dues", tags=["Mức đóng"])

_MEMBER = "5d7c0a4e-6c1f-4f5e-9a57-0f6f8f3b2c11"
_CELL = "HP-VH-CB07"
_ADJUSTED = {
    "member_id": _MEMBER,
    "month": "2026-07",
    "due_before": 100000,
    "due_after": 80000,
    "difference": -20000,
    "paid_beyond": 20000,
    "to_credit": 20000,
    "stays_collected": 0,
    "before": ["Căn cứ tháng 2026-06 là 10.000.000 đồng.", "Phải đóng 100.000 đồng."],
    "after": ["Căn cứ tháng 2026-06 là 8.000.000 đồng.", "Phải đóng 80.000 đồng."],
}


class Base(Body):
    """The right income of one or several calendar months."""

    unit: Name
    member_id: Name
    kind: Name
    from_month: Name
    to_month: Name
    amount: Amount
    reason: Text
    decision: Text

    model_config = example(
        {
            "unit": _CELL,
            "member_id": _MEMBER,
            "kind": "si-salary",
            "from_month": "2026-06",
            "to_month": "2026-06",
            "amount": 8000000,
            "reason": "BHXH điều chỉnh tháng 6",
            "decision": "TB 12/BHXH",
        }
    )


class Reassess(Body):
    """Months to compare with what law and facts say now."""

    unit: Name
    from_month: Name
    to_month: Name
    reason: Text
    decision: Text
    dry_run: StrictBool = False

    model_config = example(
        {
            "unit": "HP-VH",
            "from_month": "2026-07",
            "to_month": "2026-08",
            "reason": "Mức mới từ tháng 7",
            "decision": "02-QĐ/TW",
            "dry_run": True,
        }
    )


class Foreign(Body):
    """Foreign money: hundredths of the unit, and ten-thousandths of a đồng for one unit."""

    currency: Name
    hundredths: Annotated[StrictInt, Field(gt=0)]
    rate_e4: Annotated[StrictInt, Field(gt=0)]
    rate_source: Text
    rate_date: Day


class SetAmount(Body):
    """A decision on what a member pays, in đồng or in foreign money."""

    unit: Name
    member_id: Name
    category: Name
    from_month: Name
    to_month: Name | None = None
    amount: Amount | None = None
    foreign: Foreign | None = None
    decision: Text
    decided_by: Text
    decided_on: Day

    model_config = example(
        {
            "unit": _CELL,
            "member_id": _MEMBER,
            "category": "OVERSEAS_OTHER",
            "from_month": "2026-07",
            "foreign": {
                "currency": "USD",
                "hundredths": 500,
                "rate_e4": 263455000,
                "rate_source": "Ngân hàng Nhà nước",
                "rate_date": "2026-07-01",
            },
            "decision": "10-QĐ/ĐU",
            "decided_by": "Đảng ủy Bộ Ngoại giao",
            "decided_on": "2026-07-01",
        }
    )


class Ahead(Body):
    """Collected money that answers for no month becomes credit."""

    unit: Name
    member_id: Name
    amount: Amount
    decision: Text

    model_config = example({"unit": _CELL, "member_id": _MEMBER, "amount": 5000, "decision": "7-QĐ/ĐU"})


class Surplus(Body):
    """More than due, by the member's own wish."""

    unit: Name
    member_id: Name
    surplus: Name
    amount: Amount
    document: Text

    model_config = example(
        {"unit": _CELL, "member_id": _MEMBER, "surplus": "DT-1", "amount": 20000, "document": "Đơn ngày 12/7/2026"}
    )


class SurplusDecision(Body):
    """The direct superior's word."""

    superior: Name
    member_id: Name
    accepted: StrictBool
    decision: Text

    model_config = example({"superior": "HP-VH", "member_id": _MEMBER, "accepted": True, "decision": "12-QĐ/ĐU"})


class Part(Body):
    """One part of a payment."""

    member_id: Name
    month: Name
    amount: Amount


Parts = Annotated[list[Part], Field(min_length=1, max_length=1000)]


class CashSplit(Body):
    """Cash of several members or months against one slip."""

    unit: Name
    slip: Name
    amount: Amount
    paid_on: Day
    parts: Parts

    model_config = example(
        {
            "unit": _CELL,
            "slip": "PT-9",
            "amount": 40000,
            "paid_on": "2026-08-03",
            "parts": [
                {"member_id": _MEMBER, "month": "2026-07", "amount": 10000},
                {"member_id": _MEMBER, "month": "2026-08", "amount": 30000},
            ],
        }
    )


class Identify(Body):
    """The list that divides money that waits."""

    unit: Name
    payment: Name
    parts: Parts
    ground: Text

    model_config = example(
        {
            "unit": _CELL,
            "payment": "bank:970436:0011001234567/FT1",
            "parts": [{"member_id": _MEMBER, "month": "2026-07", "amount": 30000}],
            "ground": "Bảng kê của người đại diện",
        }
    )


@router.post(
    "/bases/restate",
    summary="Tính lại khi căn cứ của tháng bị điều chỉnh; hiện cả hai cách tính",
    responses=shows({"position": 30, "answer": {"declared": 1, "adjusted": [_ADJUSTED]}}),
)
def restate(body: Base, by: Commands) -> JSONResponse:
    """Declare the right income and adjust the months reckoned on the wrong one."""
    command = RestateBase(
        unit_id=by.caller.unit(body.unit),
        member_id=MemberId(body.member_id),
        kind=body.kind,
        from_month=parse_month(body.from_month),
        to_month=parse_month(body.to_month),
        amount=body.amount,
        reason=body.reason,
        decision=body.decision,
    )
    return by.run(command, reason=body.reason, document=body.decision)


@router.post(
    "/reassess",
    summary="So nghĩa vụ đã ghi với quy định hiện nay và ghi phần chênh lệch",
    responses=shows({"position": 31, "answer": {"adjusted": [_ADJUSTED], "difference": -20000, "unclear": []}}),
)
def reassess(body: Reassess, by: Commands) -> JSONResponse:
    """Record differences; with ``dry_run`` only show them."""
    command = ReassessMonths(
        unit_id=by.caller.unit(body.unit),
        from_month=parse_month(body.from_month),
        to_month=parse_month(body.to_month),
        reason=body.reason,
        decision=body.decision,
    )
    if body.dry_run:
        act = by.act(reason=body.reason, document=body.decision)
        seen = by.caller.inst.ledger.execute(command, act, dry_run=True)
        return JSONResponse({"position": seen.position, "answer": seen.answer})
    return by.run(command, reason=body.reason, document=body.decision)


@router.post(
    "/amounts",
    summary="Ghi mức đóng do cấp có thẩm quyền ấn định (khung, mức tối thiểu, ngoại tệ)",
    responses=shows({"position": 32, "answer": {"amount": 131728, "events": 1, "adjusted": []}}),
)
def set_amount(body: SetAmount, by: Commands) -> JSONResponse:
    """Record the decision, checked against the range of the law."""
    foreign = None if body.foreign is None else ForeignSum(**body.foreign.model_dump())
    command = RecordAmountSet(
        unit_id=by.caller.unit(body.unit),
        member_id=MemberId(body.member_id),
        category=body.category,
        from_month=parse_month(body.from_month),
        to_month=None if body.to_month is None else parse_month(body.to_month),
        amount=body.amount,
        foreign=foreign,
        decision=body.decision,
        decided_by=body.decided_by,
        decided_on=body.decided_on,
    )
    return by.run(command, document=body.decision)


@router.post(
    "/ahead/return",
    summary="Chuyển tiền đã thu mà chưa tính cho tháng nào thành số đóng thừa",
    responses=shows({"position": 33, "answer": {"returned": 5000, "credit": 5000}}),
)
def return_ahead(body: Ahead, by: Commands) -> JSONResponse:
    """Make it credit, out of what the unit has not declared."""
    command = ReturnAhead(
        unit_id=by.caller.unit(body.unit),
        member_id=MemberId(body.member_id),
        amount=body.amount,
        decision=body.decision,
    )
    return by.run(command, document=body.decision)


@router.post(
    "/surpluses",
    summary="Ghi đề nghị đóng thêm, chờ cấp trên trực tiếp quyết định",
    responses=shows({"position": 34, "answer": {"events": 1, "waiting": 20000, "credit": 0}}),
)
def surplus(body: Surplus, by: Commands) -> JSONResponse:
    """Set a part of the credit aside as surplus."""
    command = DeclareSurplus(
        unit_id=by.caller.unit(body.unit),
        member_id=MemberId(body.member_id),
        surplus_id=body.surplus,
        amount=body.amount,
        document=body.document,
    )
    return by.run(command, document=body.document)


@router.post(
    "/surpluses/{surplus_id}/decide",
    summary="Cấp trên trực tiếp nhận hoặc không nhận khoản đóng thêm",
    responses=shows({"position": 35, "answer": {"accepted": True, "amount": 20000}}),
)
def decide_surplus(surplus_id: str, body: SurplusDecision, by: Commands) -> JSONResponse:
    """Accepted, it is dues collected and split like dues."""
    command = DecideSurplus(
        superior_id=by.caller.unit(body.superior),
        member_id=MemberId(body.member_id),
        surplus_id=surplus_id,
        accepted=body.accepted,
        decision=body.decision,
    )
    return by.run(command, document=body.decision)


def _lines(parts: list[Part]) -> tuple[SplitLine, ...]:
    return tuple(SplitLine(member_id=MemberId(p.member_id), month=parse_month(p.month), amount=p.amount) for p in parts)


@router.post(
    "/cash-splits",
    summary="Thu tiền mặt của nhiều người hoặc nhiều tháng theo một bảng kê",
    responses=shows(
        {"position": 36, "answer": {"payment_id": "cash:CB07/PT-9", "receipt": 4, "dues": 40000, "waiting": 0}}
    ),
)
def cash_split(body: CashSplit, by: Commands) -> JSONResponse:
    """One receipt for the whole; the parts sum to it."""
    command = RecordCashSplit(
        unit_id=by.caller.unit(body.unit),
        slip=body.slip,
        amount=body.amount,
        paid_on=body.paid_on,
        lines=_lines(body.parts),
    )
    return by.run(command)


@router.post(
    "/identify-split",
    summary="Chia khoản tiền chưa xác định theo bảng kê",
    responses=shows({"position": 37, "answer": {"dues": 30000, "credit": 0, "receipt": 5}}),
)
def identify_split(body: Identify, by: Commands) -> JSONResponse:
    """Divide money that waits among members and months."""
    command = IdentifyBySplit(
        unit_id=by.caller.unit(body.unit),
        payment_id=PaymentId(body.payment),
        lines=_lines(body.parts),
        ground=body.ground,
    )
    return by.run(command, reason=body.ground)
