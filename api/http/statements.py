"""A bank's statement file, sent as it is; known again by its hash."""

import asyncio
import hashlib
import tempfile
import uuid
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, StreamingResponse

from adapters.system_errors import in_vietnamese
from api.flows import statement_files as files
from api.flows.after_import import match_reports
from api.flows.statement_report import shown
from api.flows.statement_withdrawal import approve, withdraw
from api.flows.statements import import_statement_file
from api.http import shapes
from api.http.door import Commander, Commands, Reads, answered, shows
from api.problems import RETRY_AFTER, EdgeCode, Problem
from domain.access import Action
from domain.errors import Malformed, Refusal
from ledger.application import command_id_for
from ledger.store import AppendResult, CommandContext, EventStore
from ledger.work import Act

router = APIRouter(tags=["Sao kê ngân hàng"])

#: How long the body of a file may take.
_BODY_SECONDS = 15 * 60

_ANSWER = {
    "position": 2044,
    "answer": {
        "sha256": "8a6f…",
        "statements": [
            {
                "account": "970436:0011001234567",
                "from": "2026-07-01",
                "to": "2026-07-31",
                "lines": 214,
                "known": False,
                "new_lines": 214,
                "placed": {"portal-credit": 160, "reference": 41, "suspense": 6, "fee": 3},
                "left": [{"line": "9f2c…", "code": "needs-person", "message": "Cần người phân loại dòng này."}],
            }
        ],
    },
}


@router.post(
    "/statements",
    summary="Nộp tệp sao kê ngân hàng (camt.053, MT940, XLSX, CSV) hoặc báo có camt.054",
    description="Gửi nguyên tệp làm nội dung. Số dư đầu + tiền vào - tiền ra phải bằng số dư cuối, nếu không cả tệp bị "
    "từ chối. Cùng một tệp (theo SHA-256) luôn nhận lại cùng câu trả lời. Tối đa 512 MB; tệp dài được ghi thành nhiều "
    "phần theo ngày, bị ngắt giữa chừng thì gửi lại đúng tệp ấy để ghi tiếp. Sau đó các quy tắc khớp tự động xem những "
    "gì còn chờ («matched»); match=false thì không.",
    responses=shows(_ANSWER),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/octet-stream": {
                    "schema": {"type": "string", "format": "binary"},
                    "example": "<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.053.001.08'>…</Document>",
                }
            },
        }
    },
)
async def upload(
    request: Request,
    filename: Annotated[str, Query(min_length=1, max_length=200, pattern=r"^[^/\\\x00-\x1f]+$", examples=["vcb.xml"])],
    by: Commands,
    match: Annotated[bool, Query(examples=[True])] = True,
) -> JSONResponse:
    """Import the statements of a file.

    The answer is kept under the file's hash and under the caller's key: the same file under another key is answered
    alike, another file under the same key is refused.
    """
    await run_in_threadpool(_require_importer, by)
    try:
        with tempfile.NamedTemporaryFile(prefix="dangphi-") as aside:
            digest = hashlib.sha256()
            async with asyncio.timeout(_BODY_SECONDS):
                async for piece in request.stream():
                    digest.update(piece)
                    await run_in_threadpool(aside.write, piece)
            if not aside.tell():
                raise Malformed("thiếu nội dung: gửi nguyên tệp sao kê làm nội dung của yêu cầu", where=filename)
            aside.flush()
            return await run_in_threadpool(_take, by, Path(aside.name), digest.hexdigest(), filename, match)
    except TimeoutError:
        raise Problem(
            EdgeCode.UNAVAILABLE,
            f"Tệp gửi lên quá lâu (hơn {_BODY_SECONDS // 60} phút), chưa ghi gì. Gửi lại khi đường truyền tốt hơn, "
            "hoặc nhập tại máy chủ bằng «dangphi collect statement».",
            headers={"Retry-After": str(RETRY_AFTER)},
        ) from None
    except OSError as error:
        # The database has its own errors: here only the room for the file aside can be missing.
        raise Problem(
            EdgeCode.UNAVAILABLE,
            f"Máy chủ không giữ được tệp tạm ({in_vietnamese(error)}); chưa ghi gì thêm. Báo người quản trị rồi gửi "
            "lại đúng tệp này.",
            headers={"Retry-After": str(RETRY_AFTER)},
        ) from error


def _require_importer(by: Commander) -> None:
    """Refuse who may import at no account, before the first byte of a long file is kept."""
    caller = by.caller
    units = dict.fromkeys(account.unit_id for account in caller.work().organisation.accounts.values())
    refused: Refusal | None = None
    for unit in units:
        try:
            caller.inst.ledger.require(
                actor=caller.actor, action=Action.IMPORT_STATEMENT, unit=unit, on=caller.door.now().date()
            )
        except Refusal as refusal:
            refused = refusal
        else:
            return
    if refused is not None:
        raise refused


def _take(by: Commander, file: Path, digest: str, filename: str, match: bool) -> JSONResponse:
    inst, act = by.caller.inst, by.act()
    # A file that was withdrawn and comes again is another piece of work than the first time.
    times = str(files.withdrawals_of(inst, digest))
    of_file = command_id_for("statement-file", act.actor, digest, times)
    stored = inst.store.known(act.command_id, digest) or inst.store.known(of_file, digest)
    if stored is not None:
        answer = stored.answer
    else:
        reports = import_statement_file(inst, actor=act.actor, at=act.at, data=file, filename=filename)
        told: dict[str, Any] = {"sha256": digest, "statements": [shown(report) for report in reports]}
        matched = match_reports(inst, at=act.at, reports=reports) if match else None
        if matched is not None:
            told["matched"] = matched
        by.caller.door.wake()
        answer = msgspec.json.encode(told)
    result = _remember(inst.store, act, of_file, digest, answer)
    _remember(inst.store, act, act.command_id, digest, answer)
    return answered(result.last_position, msgspec.json.decode(result.answer), replayed=stored is not None)


class WithdrawIn(shapes.Body):
    """Why a file is taken back, and on which paper."""

    reason: shapes.Text
    decision: shapes.Name

    model_config = shapes.example({"reason": "nhầm tệp", "decision": "BB-07"})


_FILE = {"digest": "8a6f…", "account_id": "970436:0011001234567", "from_date": "2026-07-01", "state": "imported"}


@router.get(
    "/units/{unit}/statements",
    summary="Các sao kê của tài khoản một đơn vị",
    description="Mỗi sao kê: khoảng ngày, số dư, tệp nào, đã rút hay chưa.",
    responses=shows({"unit": "HP-VH", "statements": [_FILE]}),
)
def listed(unit: str, by: Reads) -> dict[str, Any]:
    """Every statement of a unit's accounts."""
    where = by.reads_unit(unit)
    found = [one for account in files.accounts_of(by.inst, where) for one in files.statements_of(by.inst, account)]
    return {"unit": where, "statements": [asdict(one) for one in found]}


@router.get(
    "/statements/{digest}/file",
    summary="Nguyên tệp sao kê đã nhập",
    description="Đúng từng byte; mã băm SHA-256 được kiểm tra trước khi trả.",
    responses=shows("(tệp)", media_type="application/octet-stream"),
    response_class=StreamingResponse,
)
def original(digest: str, by: Reads) -> StreamingResponse:
    """The file as it came."""
    found = files.find_statements(by.inst, digest)
    for one in found:
        by.reads(one.unit_id)
    return StreamingResponse(files.file_of(by.inst, found[0]), media_type="application/octet-stream")


@router.post(
    "/statements/{digest}/withdrawal",
    summary="Rút một tệp sao kê nhập nhầm",
    description="Mọi việc các dòng của tệp đã ghi được ghi đảo, hoặc bị từ chối kèm tên việc cản trở. Trên ngưỡng thì "
    "thành đề nghị, người khác duyệt bằng số điều chỉnh trong câu trả lời.",
    responses=shows({"position": 2070, "answer": {"withdrawn": [{"state": "proposed", "number": "SK-8a6f01234567"}]}}),
)
def take_back(digest: str, asked: WithdrawIn, by: Commands) -> JSONResponse:
    """Take a file back."""
    inst = by.caller.inst
    act = by.act(reason=asked.reason, document=asked.decision)
    answer = withdraw(inst, act, digest=digest, reason=asked.reason, decision=asked.decision)
    by.caller.door.wake()
    return answered(inst.store.head(), answer, replayed=False)


@router.post(
    "/statements/{digest}/withdrawal-approval",
    summary="Người thứ hai đồng ý rút một tệp sao kê",
    description="Mọi đề nghị rút đang chờ của tệp, phần mới nhất trước. Người đồng ý khác người đề nghị.",
    responses=shows({"position": 2074, "answer": {"withdrawn": [{"state": "corrected", "number": "SK-8a6f01234567"}]}}),
)
def agree(digest: str, by: Commands) -> JSONResponse:
    """Agree to taking a file back."""
    inst = by.caller.inst
    answer = approve(inst, by.act(), digest=digest)
    by.caller.door.wake()
    return answered(inst.store.head(), answer, replayed=False)


def _remember(store: EventStore, act: Act, command_id: uuid.UUID, digest: str, answer: bytes) -> AppendResult:
    """Keep an answer under a command of its own without events, or find the one that is kept."""
    context = CommandContext(
        command_id=command_id,
        name="upload-statement",
        request_digest=digest,
        recorded_at=act.at,
        actor=act.actor,
        role="",
        unit="",
        action=Action.IMPORT_STATEMENT,
    )
    return store.append((), context, answer)
