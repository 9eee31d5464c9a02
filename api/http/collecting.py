"""What an office enters itself: the collector's cash sheet, the bag taken to the bank, a slip that a member showed."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import Field

from api.http.door import Commands, shows
from api.http.shapes import Amount, Body, Day, Name, example
from domain.identifiers import AccountId, MemberId
from domain.period import parse_month
from domain.reference import Reference
from ledger.handlers.bank_slips import RecordTransfer
from ledger.handlers.collect import CashItem, PassCash, RecordCash, TakeCashBag

router = APIRouter(prefix="/units/{unit}", tags=["Tiền mặt"])

_MEMBER = "5d7c0a4e-6c1f-4f5e-9a57-0f6f8f3b2c11"


class Slip(Body):
    """Cash of one member against a numbered slip."""

    slip: Name
    member_id: Name
    month: Name
    amount: Amount
    paid_on: Day


class CashSheet(Body):
    """A collector's sheet; every line or none."""

    items: Annotated[tuple[Slip, ...], Field(min_length=1, max_length=500)]

    model_config = example(
        {
            "items": [
                {"slip": "PT-7", "member_id": _MEMBER, "month": "2026-07", "amount": 50000, "paid_on": "2026-07-10"}
            ]
        }
    )


class Bag(Body):
    """Cash that is taken to the bank."""

    amount: Amount
    taken_on: Day

    model_config = example({"amount": 250000, "taken_on": "2026-07-11"})


class Passed(Body):
    """Cash that is handed to the cashier of the unit which holds this unit's money."""

    amount: Amount
    slip: Name
    passed_on: Day

    model_config = example({"amount": 250000, "slip": "BG-0711", "passed_on": "2026-07-11"})


class Transfer(Body):
    """A bank slip that a member showed; without a reference of ours the money waits for its owner."""

    account: Name
    slip: Name
    amount: Amount
    paid_on: Day
    reference: Name | None = None
    bank_number: Name | None = None

    model_config = example(
        {
            "account": "970436:0011001234567",
            "slip": "UNC-12",
            "amount": 50000,
            "paid_on": "2026-07-10",
            "reference": "HJQPM5YNFT97",
        }
    )


@router.post(
    "/transfers",
    summary="Ghi một giấy báo chuyển khoản người nộp đưa, trước khi sao kê về",
    description="Sao kê hoặc tin của ngân hàng về cùng lần chuyển đó thành chứng cứ thêm, không thành khoản thứ hai.",
    responses=shows({"position": 3100, "answer": {"payment_id": "bank:970436:0011001234567/slip:UNC-12"}}),
)
def transfer(unit: str, asked: Transfer, by: Commands) -> JSONResponse:
    """Enter a slip by hand."""
    command = RecordTransfer(
        unit_id=by.caller.unit(unit),
        account_id=AccountId(asked.account),
        slip=asked.slip,
        amount=asked.amount,
        paid_on=asked.paid_on,
        reference=None if asked.reference is None else Reference(asked.reference),
        bank_number=asked.bank_number,
        evidence_id=None,
    )
    return by.run(command)


@router.post(
    "/cash/receipts",
    summary="Nhập phiếu thu tiền mặt của người thu: nhận cả tờ hoặc không nhận dòng nào",
    responses=shows({"position": 3101, "answer": {"receipts": ["PT-7"], "amount": 50000}}),
)
def receipts(unit: str, sheet: CashSheet, by: Commands) -> JSONResponse:
    """Enter a collector's sheet."""
    items = tuple(
        CashItem(
            slip=one.slip,
            member_id=MemberId(one.member_id),
            month=parse_month(one.month),
            amount=one.amount,
            paid_on=one.paid_on,
        )
        for one in sheet.items
    )
    return by.run(RecordCash(unit_id=by.caller.unit(unit), items=items))


@router.post(
    "/cash/bags",
    summary="Mang túi tiền đi nộp ngân hàng; trả mã để ghi trên giấy nộp tiền",
    responses=shows({"position": 3102, "answer": {"bag": "HJQPM5YNFT97", "amount": 250000}}),
)
def bag(unit: str, asked: Bag, by: Commands) -> JSONResponse:
    """Take cash to the bank."""
    return by.run(TakeCashBag(unit_id=by.caller.unit(unit), amount=asked.amount, taken_on=asked.taken_on))


@router.post(
    "/cash/passed",
    summary="Bàn giao tiền mặt cho thủ quỹ của đơn vị giữ tiền",
    responses=shows({"position": 3103, "answer": {"passed": 250000}}),
)
def passed(unit: str, asked: Passed, by: Commands) -> JSONResponse:
    """Pass cash to the holder."""
    return by.run(
        PassCash(unit_id=by.caller.unit(unit), amount=asked.amount, slip=asked.slip, passed_on=asked.passed_on)
    )
