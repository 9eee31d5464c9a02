"""Files over HTTP: the sheet that members sign for cash, its scan, and whole tables for other programs."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

from fastapi import APIRouter, Body, Query, Response
from fastapi.responses import JSONResponse, StreamingResponse

from adapters.books.cash_sheet import sheet_pdf
from adapters.books.slip import slips_pdf
from adapters.bulk.files import Format
from api.flows.export import export_to
from api.flows.receipts import cash_sheet, filed, parse_span
from api.flows.slips import slips_of_month
from api.http.door import Commands, Reads, done, shows
from domain.access import Action
from domain.period import parse_month
from projections.export import Dataset

router = APIRouter(tags=["Tệp"])

Span = Annotated[str, Query(description="Tháng (2026-07) hoặc ngày (2026-07-12)", examples=["2026-07"])]

_MEDIA = MappingProxyType(
    {
        Format.CSV: "text/csv; charset=utf-8",
        Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        Format.PARQUET: "application/vnd.apache.parquet",
    }
)

#: How much of a file is sent at a time, in bytes.
_PART = 256 * 1024


@router.get(
    "/units/{unit}/cash/sheet",
    summary="Danh sách nộp tiền mặt để đảng viên ký (PDF, có tên)",
    response_class=Response,
    responses=shows("%PDF-1.7 …", media_type="application/pdf"),
)
def sheet(unit: str, by: Reads, span: Span) -> Response:
    """The sheet names people, so it takes the right to keep receipts and not only to read."""
    found = by.unit(unit)
    by.inst.ledger.require(actor=by.actor, action=Action.KEEP_RECEIPTS, unit=found, on=by.door.now().date())
    made, _ = cash_sheet(by.inst, found, parse_span(span))
    return Response(sheet_pdf(made), media_type="application/pdf")


@router.get(
    "/units/{unit}/slips",
    summary="Phiếu nộp của một tháng để in (PDF, có tên và mã VietQR)",
    description="Ai đã báo chuyển tiền, đã đóng đủ, hoặc có yêu cầu cần phát hành lại thì không có phiếu; "
    "«Dangphi-Left-Out» ở đầu trả lời cho biết bao nhiêu người.",
    response_class=Response,
    responses=shows("%PDF-1.7 …", media_type="application/pdf"),
)
def slips(unit: str, by: Reads, month: Annotated[str, Query(max_length=7, examples=["2026-07"])]) -> Response:
    """Slips name people, so they take the right to ask for payments."""
    found, on = by.unit(unit), by.door.now().date()
    by.inst.ledger.require(actor=by.actor, action=Action.REQUEST_PAYMENT, unit=found, on=on)
    made = slips_of_month(by.inst, found, parse_month(month), on)
    content = slips_pdf(made.slips, prefix=by.inst.settings.reference_prefix)
    headers = {"Dangphi-Left-Out": str(len(made.left_out))}
    return Response(content, media_type="application/pdf", headers=headers)


@router.post(
    "/receipts/signed-sheets",
    summary="Lưu bản quét danh sách đã ký; dấu sha256 gắn vào các khoản tiền mặt",
    description="Gửi nguyên tệp PDF, PNG hoặc JPEG làm nội dung. Tối đa 20 MB.",
    responses=shows({"position": 3121, "answer": {"sha256": "8a6f…", "signed": 14}}),
)
def file_sheet(
    data: Annotated[bytes, Body(media_type="application/octet-stream", examples=["%PDF-1.7 …"])],
    unit: Annotated[str, Query(description="Đơn vị thu", examples=["HP-VH-CB07"])],
    span: Span,
    by: Commands,
) -> JSONResponse:
    """Keep a scan; the same scan again signs nothing twice."""
    caller = by.caller
    found = caller.unit(unit)
    caller.inst.ledger.require(actor=caller.actor, action=Action.KEEP_RECEIPTS, unit=found, on=caller.door.now().date())
    outcome = filed(caller.inst, found, parse_span(span), data, by.act())
    caller.door.wake()
    return done(outcome)


@router.get(
    "/units/{unit}/export/{dataset}",
    summary="Xuất nhật ký, nghĩa vụ, tiền thu hoặc tiền nộp của một đơn vị và cấp dưới",
    description="Tệp được ghi trọn vẹn rồi mới gửi, từng phần; đầu trang «Dangphi-Position», «Dangphi-Rows» cho biết "
    "sổ đến vị trí nào và có bao nhiêu dòng. `names=true` cần quyền giữ danh sách.",
    response_class=StreamingResponse,
    responses=shows("vị trí,dòng,ngày phát sinh,…", media_type="text/csv"),
)
def export(
    unit: str,
    dataset: Dataset,
    by: Reads,
    first: Annotated[str, Query(alias="from", description="Tháng đầu", examples=["2026-07"])],
    last: Annotated[str | None, Query(alias="to", description="Tháng cuối; mặc định là tháng đầu")] = None,
    form: Annotated[Format, Query(alias="format", description="csv, xlsx hoặc parquet")] = Format.CSV,
    names: Annotated[bool, Query(description="Thêm họ tên đảng viên")] = False,
) -> Response:
    """One table of some months. It is made whole on disk first, so that what is sent is never half of one."""
    start = parse_month(first)
    folder = tempfile.TemporaryDirectory(prefix="dangphi-export-")
    path = Path(folder.name) / f"{dataset}-{start}.{form}"
    try:
        made = export_to(
            by.inst,
            path,
            dataset=dataset,
            wanted=form,
            actor=by.actor,
            at=by.door.now(),
            unit=by.unit(unit),
            first=start,
            last=start if last is None else parse_month(last),
            names=names,
        )
    except BaseException:
        folder.cleanup()
        raise
    headers = {
        "Content-Disposition": f'attachment; filename="{path.name}"',
        "Content-Length": str(path.stat().st_size),
        "Dangphi-Position": str(made.position),
        "Dangphi-Rows": str(made.rows),
    }
    return StreamingResponse(_parts(folder, path), media_type=_MEDIA[form], headers=headers)


def _parts(folder: "tempfile.TemporaryDirectory[str]", path: Path) -> Iterator[bytes]:
    """The file part by part; the folder goes with the last one, or when the reader hangs up."""
    with folder, path.open("rb") as file:
        while part := file.read(_PART):
            yield part
