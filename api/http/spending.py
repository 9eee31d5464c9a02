"""Vouchers of a unit's own money: proposed by one, approved by another, voided with a reason, matched, closed."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import Field, StrictInt

from api.flows.cash import vouchers_as_dict
from api.http.door import Commands, Reads, shows
from api.http.shapes import Amount, Body, Day, Name, Text, example
from domain import organisation
from domain.identifiers import AccountId
from domain.payment import Asset
from domain.spending import VoucherKind
from ledger.handlers.spend import (
    ApproveVoucher,
    CloseFundYear,
    MatchVoucher,
    ProposeVoucher,
    RefuseVoucher,
    VoidVoucher,
)

router = APIRouter(prefix="/units/{unit}", tags=["Chi tiêu của đơn vị"])

VoucherId = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,60}$", description="Mã đề nghị, do đơn vị đặt.")]
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="sha256 (hex) của tệp chứng từ đã lưu.")]

_TOLD = {
    "voucher": "DN-12",
    "state": "booked",
    "number": 3,
    "year": 2026,
    "amount": 480000,
    "reference": None,
}


class Propose(Body):
    """A payment (kind payment) or other money in cash (kind receipt)."""

    voucher: VoucherId
    kind: Literal["payment", "receipt"]
    heading: Name
    source: Literal["4310", "4320"] = "4310"
    by: Literal["cash", "bank"] = "cash"
    amount: Amount
    dated: Day
    purpose: Text
    attachment: Hash | None = None

    model_config = example(
        {
            "voucher": "DN-12",
            "kind": "payment",
            "heading": "newspapers",
            "source": "4310",
            "by": "cash",
            "amount": 480000,
            "dated": "2026-08-12",
            "purpose": "Báo tháng 8",
        }
    )


class Why(Body):
    """Why a proposal is turned down or a voucher voided."""

    reason: Text

    model_config = example({"reason": "Chi nhầm mục"})


class Nothing(Body):
    """Nothing more to say."""

    model_config = example({})


class Match(Body):
    """The line of the statement that an approved transfer answers."""

    account: Name
    line: Name

    model_config = example({"account": "970436:0011001234567", "line": "3f2a9c"})


class CloseYear(Body):
    """The year that is over."""

    year: Annotated[StrictInt, Field(ge=2011, le=2200)]

    model_config = example({"year": 2026})


@router.post(
    "/vouchers",
    summary="Lập đề nghị chi, hoặc phiếu thu tiền mặt không phải đảng phí",
    responses=shows({"position": 3105, "answer": {"voucher": "DN-12", "proposed": 1, "own_money": 1550000}}),
)
def propose(unit: str, body: Propose, by: Commands) -> JSONResponse:
    """Propose a voucher."""
    command = ProposeVoucher(
        unit_id=by.caller.unit(unit),
        voucher_id=body.voucher,
        kind=VoucherKind(body.kind),
        heading=body.heading,
        source=body.source,
        asset=Asset.CASH if body.by == "cash" else Asset.BANK,
        amount=body.amount,
        dated=body.dated,
        purpose=body.purpose,
        attachment=body.attachment,
    )
    return by.run(command)


@router.post(
    "/vouchers/{voucher}/approve",
    summary="Duyệt và đánh số phiếu; tiền mặt ghi sổ ngay, chuyển khoản chờ dòng sao kê",
    responses=shows({"position": 3106, "answer": _TOLD}),
)
def approve(unit: str, voucher: str, body: Nothing, by: Commands) -> JSONResponse:
    """Approve a voucher."""
    return by.run(ApproveVoucher(unit_id=by.caller.unit(unit), voucher_id=voucher))


@router.post(
    "/vouchers/{voucher}/refuse",
    summary="Không duyệt một đề nghị; đề nghị đó không có số phiếu",
    responses=shows({"position": 3106, "answer": {**_TOLD, "state": "refused", "number": None, "year": None}}),
)
def refuse(unit: str, voucher: str, body: Why, by: Commands) -> JSONResponse:
    """Turn a proposal down."""
    command = RefuseVoucher(unit_id=by.caller.unit(unit), voucher_id=voucher, reason=body.reason)
    return by.run(command, reason=body.reason)


@router.post(
    "/vouchers/{voucher}/void",
    summary="Huỷ một phiếu đã có số: đảo bút toán, số phiếu giữ nguyên",
    responses=shows({"position": 3110, "answer": {**_TOLD, "state": "void"}}),
)
def void(unit: str, voucher: str, body: Why, by: Commands) -> JSONResponse:
    """Void a voucher."""
    command = VoidVoucher(unit_id=by.caller.unit(unit), voucher_id=voucher, reason=body.reason)
    return by.run(command, reason=body.reason)


@router.post(
    "/vouchers/{voucher}/match",
    summary="Khớp một dòng ghi nợ không mang mã với phiếu chuyển khoản đã duyệt",
    responses=shows({"position": 3112, "answer": {**_TOLD, "matched": 1}}),
)
def match(unit: str, voucher: str, body: Match, by: Commands) -> JSONResponse:
    """Match a bank line with a voucher."""
    account = organisation.account(by.caller.work().organisation, AccountId(body.account))
    command = MatchVoucher(
        unit_id=by.caller.unit(unit), account_id=account.account_id, line_key=body.line, voucher_id=voucher
    )
    return by.run(command)


@router.post(
    "/fund-years",
    summary="Kết chuyển chi của một năm vào nguồn; mỗi năm một lần",
    responses=shows(
        {"position": 9001, "answer": {"year": 2026, "closed": 1, "from_retained": 480000, "from_other": 0}}
    ),
)
def close_year(unit: str, body: CloseYear, by: Commands) -> JSONResponse:
    """Close a year's spending."""
    return by.run(CloseFundYear(unit_id=by.caller.unit(unit), year=body.year))


@router.get(
    "/vouchers",
    summary="Các phiếu của một đơn vị và số tiền đơn vị còn được chi",
    responses=shows(
        {
            "unit": "HP-VH-CB07",
            "own_money": 1550000,
            "from_dues": 1550000,
            "from_other": 0,
            "vouchers": [
                {
                    "voucher": "DN-12",
                    "kind": "payment",
                    "name": "phiếu chi",
                    "state": "booked",
                    "number": 3,
                    "year": 2026,
                    "heading": "newspapers",
                    "source": "4310",
                    "by": "cash",
                    "amount": 480000,
                    "dated": "2026-08-12",
                    "purpose": "Báo tháng 8",
                    "attachment": None,
                    "reference": None,
                    "proposed_by": "HP-VH-CB07-TP",
                    "approved_by": "HP-VH-CB07-BT",
                    "booked_on": None,
                    "void_reason": None,
                }
            ],
        }
    ),
)
def vouchers(
    unit: str,
    by: Reads,
    state: Annotated[
        Literal["proposed", "refused", "waiting", "booked", "void"] | None, Query(description="Chỉ phiếu ở trạng thái.")
    ] = None,
) -> dict[str, Any]:
    """A unit's vouchers at the head of the log."""
    return vouchers_as_dict(by.work(), by.reads_unit(unit), state)
