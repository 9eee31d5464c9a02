"""A bank's statement file, sent as it is; known again by its hash."""

import hashlib
import uuid
from dataclasses import asdict
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Body, Query, Response
from fastapi.responses import JSONResponse

from api.flows import statement_files as files
from api.flows.statement_withdrawal import withdraw
from api.flows.statements import StatementReport, import_statement_file
from api.http import shapes
from api.http.door import Commands, Reads, answered, shows
from domain.access import Action
from ledger.application import command_id_for
from ledger.store import AppendResult, CommandContext, EventStore
from ledger.work import Act

router = APIRouter(tags=["Sao kê ngân hàng"])

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
    summary="Nộp tệp sao kê ngân hàng (camt.053, XLSX, CSV)",
    description="Gửi nguyên tệp làm nội dung. Số dư đầu + tiền vào - tiền ra phải bằng số dư cuối, nếu không cả tệp bị "
    "từ chối. Cùng một tệp (theo SHA-256) luôn nhận lại cùng câu trả lời. Tối đa 20 MB.",
    responses=shows(_ANSWER),
)
def upload(
    data: Annotated[
        bytes,
        Body(
            media_type="application/octet-stream",
            examples=["<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.053.001.08'>…</Document>"],
        ),
    ],
    filename: Annotated[str, Query(min_length=1, max_length=200, pattern=r"^[^/\\\x00-\x1f]+$", examples=["vcb.xml"])],
    by: Commands,
) -> JSONResponse:
    """Import the statements of a file.

    The answer is kept under the file's hash and under the caller's key: the same file under another key is answered
    alike, another file under the same key is refused.
    """
    digest = hashlib.sha256(data).hexdigest()
    inst, act = by.caller.inst, by.act()
    of_file = command_id_for("statement-file", act.actor, digest)
    stored = inst.store.known(act.command_id, digest) or inst.store.known(of_file, digest)
    if stored is not None:
        answer = stored.answer
    else:
        reports = import_statement_file(inst, actor=act.actor, at=act.at, data=data, filename=filename)
        by.caller.door.wake()
        answer = msgspec.json.encode({"sha256": digest, "statements": [_shown(report) for report in reports]})
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
    response_class=Response,
)
def original(digest: str, by: Reads) -> Response:
    """The file as it came."""
    found = files.find_statements(by.inst, digest)
    for one in found:
        by.reads(one.unit_id)
    return Response(files.file_of(by.inst, found[0]), media_type="application/octet-stream")


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


def _shown(report: StatementReport) -> dict[str, Any]:
    return {
        "account": report.account_id,
        "from": report.from_date,
        "to": report.to_date,
        "lines": report.lines,
        **report.answer,
    }


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
