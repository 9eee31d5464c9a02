"""Closing a unit's months, setting entries right, keeping receipts: over HTTP."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import Field, StrictBool, StrictInt

from api.http.door import Commands, Reads, shows
from api.http.shapes import Amount, Body, Name, Text, example
from domain.correction import EntryReversed, Kind, Wanted
from domain.correction import stream as corrections_of
from domain.identifiers import AccountId, MemberId, PaymentId
from domain.period import parse_month
from ledger.close_checklist import checklist
from ledger.handlers.close import CloseMonth, ConfirmClose, Explanation, ReopenMonth, RequestReopening
from ledger.handlers.correct import ApproveCorrection, CorrectEntry
from ledger.handlers.receipts import PrintReceipt, VoidReceipt

router = APIRouter(tags=["Khoá sổ, điều chỉnh, biên lai"])

_CLOSED = {
    "month": "2026-07",
    "number": 1,
    "position": 4321,
    "reports": [{"report": "month-figures", "sha256": "9f" * 32}],
    "explained": 1,
    "supersedes": None,
    "waits_for_second": True,
    "open_month": "2026-08",
}


class Reason(Body):
    """Why points of a kind stay open; without ``key`` all of the kind."""

    kind: Name
    key: Text | None = None
    reason: Text


class Close(Body):
    """Which month of which unit, and what is explained."""

    unit: Name
    month: Name
    explanations: Annotated[tuple[Reason, ...], Field(max_length=500)] = ()

    model_config = example(
        {
            "unit": "HP-VH-CB07",
            "month": "2026-07",
            "explanations": [{"kind": "suspense", "reason": "đang tra soát với ngân hàng"}],
        }
    )


class MonthOf(Body):
    """A month of a unit."""

    unit: Name
    month: Name

    model_config = example({"unit": "HP-VH-CB07", "month": "2026-07"})


class AskReopen(Body):
    """A month of a unit, and why it should be opened again."""

    unit: Name
    month: Name
    reason: Text

    model_config = example({"unit": "HP-VH-CB07", "month": "2026-07", "reason": "sót phiếu thu 12"})


@router.post(
    "/closings", summary="Khoá sổ một tháng của đơn vị", responses=shows({"position": 4322, "answer": _CLOSED})
)
def close(body: Close, by: Commands) -> JSONResponse:
    """Close a month; open points must be explained."""
    explained = tuple(Explanation(kind=e.kind, key=e.key, reason=e.reason) for e in body.explanations)
    command = CloseMonth(unit_id=by.caller.unit(body.unit), month=parse_month(body.month), explanations=explained)
    return by.run(command)


@router.post(
    "/closings/confirm",
    summary="Người thứ hai xác nhận việc khoá sổ",
    responses=shows({"position": 4323, "answer": {**_CLOSED, "waits_for_second": False}}),
)
def confirm(body: MonthOf, by: Commands) -> JSONResponse:
    """Confirm a close."""
    return by.run(ConfirmClose(unit_id=by.caller.unit(body.unit), month=parse_month(body.month)))


@router.post(
    "/closings/ask-reopen",
    summary="Đề nghị mở lại tháng khoá gần nhất",
    responses=shows({"position": 4330, "answer": {"requested": 1, "month": "2026-07"}}),
)
def ask_reopen(body: AskReopen, by: Commands) -> JSONResponse:
    """Ask for a month to be opened again."""
    command = RequestReopening(unit_id=by.caller.unit(body.unit), month=parse_month(body.month), reason=body.reason)
    return by.run(command, reason=body.reason)


@router.post(
    "/closings/reopen",
    summary="Người khác duyệt mở lại tháng đã khoá",
    responses=shows({"position": 4331, "answer": {"reopened": "2026-07", "number": 1, "open_month": "2026-07"}}),
)
def reopen(body: MonthOf, by: Commands) -> JSONResponse:
    """Open a month again."""
    return by.run(ReopenMonth(unit_id=by.caller.unit(body.unit), month=parse_month(body.month)))


@router.get(
    "/units/{unit}/closings",
    summary="Các lần khoá sổ, việc phát sinh muộn và (nếu hỏi một tháng) việc còn lại của tháng",
    responses=shows(
        {
            "unit": "HP-VH-CB07",
            "closed_through": "2026-07",
            "closes": [{"month": "2026-07", "number": 1, "position": 4321, "confirmed": True, "set_aside": False}],
            "late": [{"position": 4400, "event": "payment-received", "occurred_on": "2026-07-30", "amount": 40000}],
            "points": [{"kind": "suspense", "key": "bank:970436:00A/FT1", "amount": 70000}],
        }
    ),
)
def show(
    unit: str, by: Reads, month: Annotated[str | None, Query(description="Tháng cần kiểm.")] = None
) -> dict[str, Any]:
    """What is closed, what came late, and what still waits in a month."""
    unit_id = by.reads_unit(unit)
    work = by.work()
    state = work.closing(unit_id)
    work.books.catch_up()
    late = work.books.month_books().late(unit_id)
    points = () if month is None else checklist(work, unit_id, parse_month(month))
    return {
        "unit": unit_id,
        "closed_through": state.through,
        "closes": [
            {
                "month": c.month,
                "number": c.number,
                "position": c.position,
                "closed_by": c.closed_by,
                "confirmed": c.number in state.confirmed or not c.needs_second,
                "set_aside": c.number in state.reopened,
                "reports": [{"report": r.report, "sha256": r.sha256} for r in c.reports],
                "explanations": [{"kind": e.kind, "key": e.key, "reason": e.reason} for e in c.explanations],
            }
            for c in state.closes
        ],
        "late": [
            {
                "position": fact.position,
                "event": fact.event,
                "occurred_on": fact.occurred_on,
                "booked_in": fact.month,
                "amount": fact.amount,
            }
            for fact in late
        ],
        "points": [{"kind": p.kind, "key": p.key, "amount": p.amount, "what": p.what} for p in points],
    }


# --- corrections --------------------------------------------------------------------------------------------------


class Correct(Body):
    """What is set right; which fields are used depends on ``kind``."""

    unit: Name
    number: Name
    kind: Literal["match", "cash", "import"]
    reason: Text
    decision: Text
    payment: Text | None = None
    member_id: Name | None = None
    to_member: Name | None = None
    to_month: Name | None = None
    amount: Amount | None = None
    slip: Name | None = None
    account: Name | None = None
    file_digest: Name | None = None

    model_config = example(
        {
            "unit": "HP-VH-CB07",
            "number": "DC-01",
            "kind": "cash",
            "reason": "ghi nhầm số tiền",
            "decision": "BB 07",
            "payment": "cash:HP-VH-CB07/12",
            "to_month": "2026-07",
            "amount": 20000,
            "slip": "12-thay",
        }
    )


class ApproveOne(Body):
    """Which proposed correction."""

    unit: Name
    number: Name

    model_config = example({"unit": "HP-VH-CB07", "number": "DC-01"})


@router.post(
    "/corrections",
    summary="Điều chỉnh một bút toán: ghi đảo và ghi lại; trên ngưỡng thì chờ người khác duyệt",
    responses=shows({"position": 4400, "answer": {"state": "proposed", "correction_id": "DC-01", "amount": 30000}}),
)
def correct(body: Correct, by: Commands) -> JSONResponse:
    """Propose a correction, or carry it out below the threshold."""
    wanted = Wanted(
        kind=Kind(body.kind),
        payment_id=None if body.payment is None else PaymentId(body.payment),
        member_id=None if body.member_id is None else MemberId(body.member_id),
        to_member=None if body.to_member is None else MemberId(body.to_member),
        to_month=None if body.to_month is None else parse_month(body.to_month),
        amount=body.amount,
        slip=body.slip,
        account_id=None if body.account is None else AccountId(body.account),
        file_digest=body.file_digest,
    )
    command = CorrectEntry(
        unit_id=by.caller.unit(body.unit),
        correction_id=body.number,
        wanted=wanted,
        reason=body.reason,
        decision=body.decision,
    )
    return by.run(command, reason=body.reason, document=body.decision)


@router.post(
    "/corrections/approve",
    summary="Người khác duyệt điều chỉnh; được ghi ngay",
    responses=shows({"position": 4410, "answer": {"state": "corrected", "amount": 30000, "voided_receipt": 2}}),
)
def approve(body: ApproveOne, by: Commands) -> JSONResponse:
    """Approve a correction."""
    return by.run(ApproveCorrection(unit_id=by.caller.unit(body.unit), correction_id=body.number))


@router.get(
    "/units/{unit}/corrections",
    summary="Các điều chỉnh của đơn vị: bút toán cũ, bút toán thay, lý do, căn cứ",
    responses=shows(
        {
            "unit": "HP-VH-CB07",
            "waiting": [],
            "corrections": [{"number": "DC-01", "original": "cash:A/1", "replaced_by": "cash:A/1-thay"}],
        }
    ),
)
def corrections(unit: str, by: Reads) -> dict[str, Any]:
    """A unit's corrections in the order of the log, and the proposals that wait."""
    unit_id = by.reads_unit(unit)
    work = by.work()
    state = work.corrections(unit_id)
    made = [e for e in work.events(corrections_of(unit_id)) if isinstance(e, EntryReversed)]
    return {
        "unit": unit_id,
        "waiting": [
            {"number": p.correction_id, "kind": p.wanted.kind, "amount": p.amount, "proposed_by": p.proposed_by}
            for p in state.proposed.values()
            if p.correction_id not in state.done
        ],
        "corrections": [
            {
                "number": e.correction_id,
                "kind": e.kind,
                "original": e.original,
                "replaced_by": e.replaced_by,
                "amount": e.amount,
                "reason": e.reason,
                "decision": e.decision,
                "corrected_on": e.corrected_on,
                "proposed_by": e.proposed_by,
                "approved_by": e.approved_by,
                "lines": [
                    {"unit": x.unit_id, "account": x.account, "key": x.key, "debit": x.debit, "credit": x.credit}
                    for x in e.lines
                ],
            }
            for e in made
        ],
    }


# --- receipts -----------------------------------------------------------------------------------------------------

_Number = Annotated[StrictInt, Field(ge=1, le=10_000_000)]
_Year = Annotated[StrictInt, Field(ge=2000, le=2200)]


class OneReceipt(Body):
    """A number of a unit's receipt book of a year."""

    unit: Name
    year: _Year
    number: _Number

    model_config = example({"unit": "HP-VH-CB07", "year": 2026, "number": 12})


class Void(Body):
    """A receipt that is void, why, and whether another is issued at once."""

    unit: Name
    year: _Year
    number: _Number
    reason: Text
    replace: StrictBool = False

    model_config = example({"unit": "HP-VH-CB07", "year": 2026, "number": 12, "reason": "rách", "replace": True})


@router.post(
    "/receipts/void",
    summary="Huỷ một biên lai; có thể cấp ngay số thay thế",
    responses=shows({"position": 4420, "answer": {"voided": 12, "replaced_by": 19}}),
)
def void(body: Void, by: Commands) -> JSONResponse:
    """Make a receipt void."""
    command = VoidReceipt(
        unit_id=by.caller.unit(body.unit),
        year=body.year,
        number=body.number,
        reason=body.reason,
        replace=body.replace,
    )
    return by.run(command, reason=body.reason)


@router.post(
    "/receipts/print",
    summary="Ghi một lần in biên lai; từ lần thứ hai là bản sao",
    responses=shows({"position": 4421, "answer": {"number": 12, "year": 2026, "copy": 1}}),
)
def printed(body: OneReceipt, by: Commands) -> JSONResponse:
    """Note a printing."""
    return by.run(PrintReceipt(unit_id=by.caller.unit(body.unit), year=body.year, number=body.number))
