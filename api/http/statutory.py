"""Statutory books over HTTP: figures, files, signatures, and signed books made again; progress of a month."""

from datetime import date
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Response
from fastapi.responses import JSONResponse
from pydantic import StringConstraints

from api.flows import books as flow
from api.flows.progress import as_csv, as_values, picture, progress_of, weeks_of
from api.http.door import Caller, Commands, Reads, done, shows
from api.http.pages import Position
from api.http.shapes import Body, Name, Text, example
from api.problems import EdgeCode, Problem
from domain.book import BookSigned, ColumnName, SignedAs
from domain.period import parse_month
from ledger.handlers.books import SetReportColumn
from ledger.statutory.books import Asked, json_of
from ledger.statutory.heading import BookKind

router = APIRouter(prefix="/units/{unit}", tags=["Sổ sách, báo cáo theo mẫu"])

Period = Annotated[
    str, Query(min_length=4, max_length=7, description="2026-07, 2026-Q3, hoặc năm 2026.", examples=["2026-07"])
]
Member = Annotated[str, Query(max_length=100, description="Mã đảng viên trong sổ, cho bản kê năm.")]
_TYPES = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_BOOK = {
    "heading": {
        "kind": "b01",
        "unit_id": "HP-VH",
        "unit_code": "31.001",
        "unit_name": "Đảng bộ phường Việt Hòa",
        "superior_name": "Thành ủy Hải Phòng",
        "period": "2026-07",
        "position": 3120,
        "tree_version": 94,
        "policy_version": 69,
    },
    "lines": [{"number": "02", "title": "Số đảng phí đã thu trong kỳ", "values": [841094, 0, 0, 841094]}],
}
_SIGNATURE = {
    "kind": "b01",
    "period": "2026-07",
    "member": None,
    "position": 3120,
    "tree_version": 94,
    "policy_version": 69,
    "signed_as": "preparer",
    "signed_by": "VH-KT",
    "signed_on": "2026-08-13",
    "figures": {"02": 841094},
    "digests": {"json": "9f…", "xlsx": "07…", "pdf": "c1…", "template": "5e…", "inputs": "aa…"},
}


@router.get(
    "/books/{kind}",
    summary="Số liệu một sổ, báo cáo theo mẫu tại một vị trí của sổ",
    description="Sổ: s01, s02, b01, s01-tcd, member-year, posting. Đảng viên chỉ có mã, không có tên. Bỏ at_position: "
    "tại vị trí cuối. Số liệu không khớp thì không lập (book-broken).",
    responses=shows(_BOOK),
)
def figures(
    unit: str, kind: BookKind, by: Reads, period: Period, member: Member = "", at_position: Position = None
) -> Response:
    """The book as JSON, byte for byte what a signature's digest is of."""
    made = flow.figures(by.inst, _asked(by, unit, kind, period, member), at=_reached(by, at_position))
    return Response(json_of(made), media_type="application/json")


@router.get(
    "/books/{kind}/file",
    summary="Tệp PDF hoặc XLSX của một sổ, có tên đảng viên",
    description="Cùng vị trí, cùng mẫu in, cùng tên thì cùng từng byte.",
    responses=shows("%PDF-1.7 …", media_type="application/octet-stream"),
    response_class=Response,
)
def file(
    unit: str,
    kind: BookKind,
    by: Reads,
    period: Period,
    as_: Annotated[str, Query(alias="as", pattern="^(pdf|xlsx)$", description="pdf hoặc xlsx.")] = "pdf",
    member: Member = "",
    at_position: Position = None,
) -> Response:
    """The typeset or the calculated book."""
    asked = _asked(by, unit, kind, period, member)
    made = flow.make_book(by.inst, asked, at=_reached(by, at_position), with_names=True)
    headers = {"Content-Disposition": f'attachment; filename="book.{as_}"'}
    return Response(made.pdf if as_ == "pdf" else made.xlsx, media_type=_TYPES[as_], headers=headers)


class Sign(Body):
    """Which book is signed, and in which place."""

    kind: BookKind
    period: Name
    member: Annotated[str, StringConstraints(max_length=100)] = ""
    place: SignedAs
    at_position: int | None = None

    model_config = example({"kind": "b01", "period": "2026-07", "place": "preparer"})


@router.post(
    "/signatures",
    summary="Ký một sổ: người lập ký trước, rồi một người khác ký thay mặt cấp ủy",
    description="Người lập ký số liệu tại vị trí nêu (bỏ trống: vị trí cuối); cấp ủy ký đúng bản đó. Lưu vị trí, phiên "
    "bản cây tổ chức và quy định, dấu SHA-256 của JSON, XLSX, PDF và mẫu in.",
    responses=shows({"position": 3121, "answer": {"signed": 1, "signed_as": "preparer", "at": 3120, "pdf": "c1…"}}),
)
def sign(unit: str, body: Sign, by: Commands) -> JSONResponse:
    """Sign a book."""
    caller = by.caller
    asked = _asked(caller, unit, body.kind, body.period, body.member)
    if body.place is SignedAs.COMMITTEE:
        outcome = flow.sign_for_committee(caller.inst, asked, by.act())
    else:
        made = flow.make_book(caller.inst, asked, at=_reached(caller, body.at_position), with_names=True)
        outcome = flow.sign_as_preparer(caller.inst, made, by.act())
    caller.door.wake()
    return done(outcome)


@router.get("/signatures", summary="Các chữ ký dưới sổ của một đơn vị", responses=shows({"signed": [_SIGNATURE]}))
def signatures(unit: str, by: Reads) -> dict[str, Any]:
    """Signatures in the order of the log."""
    return {"signed": [_signature(signed) for signed in flow.signed_books(by.inst, by.reads_unit(unit))]}


@router.get(
    "/signatures/reproduction",
    summary="Dựng lại các sổ đã ký tại đúng vị trí và so từng byte",
    responses=shows({"ok": True, "books": [{**_SIGNATURE, "ok": True, "complete": True, "differing": []}]}),
)
def reproduction(
    unit: str,
    by: Reads,
    kind: Annotated[BookKind, Query(description="Loại sổ.")],
    period: Period,
) -> dict[str, Any]:
    """One signed book made again; of several signatures of the preparer the last."""
    found = [
        signed
        for signed in flow.signed_books(by.inst, by.reads_unit(unit))
        if (signed.kind, signed.period, signed.signed_as) == (kind, period, SignedAs.PREPARER)
    ]
    if not found:
        raise Problem(EdgeCode.NOT_FOUND, f"Chưa có sổ {kind} kỳ {period} nào được ký.")
    one = flow.reproduce(by.inst, found[-1])
    differing = [{"figure": name, "signed": before, "now": now} for name, before, now in one.differing]
    shown = {
        "ok": one.ok,
        "complete": one.complete,
        "same": one.same,
        "differing": differing,
        "other_version": one.other_version,
        "altered": one.altered,
    }
    return {"ok": one.ok, "books": [{**_signature(one.signed), **shown}]}


class Column(Body):
    """In which column of B01/ĐP a unit is reported."""

    column: ColumnName
    document: Text

    model_config = example({"column": "enterprise", "document": "Quyết định 12-QĐ/ĐU"})


@router.post(
    "/report-column",
    summary="Xếp một tổ chức cơ sở vào cột của báo cáo B01",
    responses=shows({"position": 3122, "answer": {"set": 1}}),
)
def report_column(unit: str, body: Column, by: Commands) -> JSONResponse:
    """Decide the column of a unit and all beneath it."""
    unit_id = by.caller.unit(unit)
    command = SetReportColumn(unit_id=unit_id, column=body.column, document=body.document)
    return by.run(command, document=body.document)


@router.get(
    "/progress",
    summary="Tiến độ đóng đảng phí của một tháng, từng chi bộ",
    description="Mẫu số cố định từ đầu tháng: đảng viên trong danh sách, trừ người được miễn và người ngoài thủ tục "
    "trực tuyến. Trực tuyến, tiền mặt và nộp hộ tách riêng. as=csv cho bảng tính, as=pdf cho trang có hình.",
    responses=shows(
        {
            "unit": "HP-VH",
            "month": "2026-07",
            "counted_on": "2026-07-01",
            "as_of": "2026-07-20",
            "final_by": "2026-11-25",
            "total": {"roll": 1657, "owing": 1490, "paid": 1445, "paid_bp": 9697},
        }
    ),
)
def progress(
    unit: str,
    by: Reads,
    month: Annotated[str, Query(pattern=r"^\d{4}-\d{2}$", examples=["2026-07"])],
    as_of: Annotated[date | None, Query(description="Tính đến hết ngày; mặc định hôm nay.")] = None,
    as_: Annotated[str, Query(alias="as", pattern="^(json|csv|pdf)$")] = "json",
    at_position: Position = None,
) -> Response:
    """Progress of a unit's month."""
    unit_id = by.reads_unit(unit)
    day = as_of or by.door.now().date()
    found = progress_of(by.inst, unit_id, parse_month(month), as_of=day, at=_reached(by, at_position))
    if as_ == "csv":
        return Response(as_csv(found), media_type="text/csv; charset=utf-8")
    if as_ == "pdf":
        weeks = weeks_of(by.inst, unit_id, found.month, as_of=day, at=found.position)
        return Response(picture(found, weeks, png=False), media_type="application/pdf")
    return Response(msgspec.json.encode(as_values(found)), media_type="application/json")


def _asked(by: Caller, unit: str, kind: BookKind, period: str, member: str) -> Asked:
    return Asked(kind=kind, unit_id=by.reads_unit(unit), period=period, subject=member)


def _reached(by: Caller, position: int | None) -> int | None:
    """A position that the log has reached."""
    head = by.inst.store.head()
    if position is not None and not 0 < position <= head:
        raise Problem(EdgeCode.NOT_FOUND, f"Sổ chưa có vị trí {position}; vị trí cuối là {head}.")
    return position


def _signature(signed: BookSigned) -> dict[str, Any]:
    return {
        "kind": signed.kind,
        "period": signed.period,
        "member": signed.subject or None,
        "position": signed.position,
        "tree_version": signed.tree_version,
        "policy_version": signed.policy_version,
        "signed_as": signed.signed_as,
        "signed_by": signed.signed_by,
        "signed_on": signed.signed_on,
        "figures": {figure.name: figure.amount for figure in signed.figures},
        "digests": msgspec.to_builtins(signed.digests),
    }
