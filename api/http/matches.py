"""Matching over HTTP: evidence cards of what waits and of what was matched, running the rules, accepting, undoing."""

import hashlib
from collections.abc import Callable
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query
from fastapi import Body as JsonBody
from fastapi.responses import JSONResponse
from pydantic import Field

from api.flows import match, match_story
from api.http.door import Commands, Reads, answered, shows
from api.http.shapes import Body, Name, Text, example
from domain.access import Action
from domain.identifiers import UnitId
from ledger.store import CommandContext
from ledger.work import Act

router = APIRouter(prefix="/units/{unit}/matches", tags=["Khớp tiền"])

_EVIDENCE = {
    "code": "reference",
    "side": "for",
    "weight": 7000,
    "numbers": [],
    "text": "nội dung có đúng mã của khoản này, ký tự kiểm tra đúng",
}
_CARD = {
    "key": "bank:970436:0011001234567/FT26190123",
    "line_key": "9f2c…",
    "state": "proposed",
    "amount": 130000,
    "on": "2026-07-09",
    "unit_id": "HP-VH-CB07",
    "rule": "exact-reference",
    "rule_name": "đúng mã tham chiếu",
    "confidence": 10000,
    "threshold": 9500,
    "decided_by": "",
    "what": ["đảng viên m-0012 tháng 2026-07, còn 130.000 đồng (HP-VH-CB07)"],
    "member_ids": ["m-0012"],
    "evidence": [_EVIDENCE],
    "others": [],
    "reason": "",
    "next_step": "Sẽ tự ghi.",
    "match_id": "3f0c1a…",
}
_RUN = {
    "position": 2044,
    "answer": {
        "accepted": [
            {"match": "3f0c1a…", "amount": 130000, "confidence": 10000, "rule": "exact-reference", "receipts": [12]}
        ],
        "refused": [],
        "measured": [],
    },
}


class Accept(Body):
    """Proposals to accept, by their ids."""

    model_config = example({"matches": ["3f0c1a5d77b2"], "ground": "đảng viên xác nhận"})

    matches: Annotated[list[Name], Field(min_length=1, max_length=1_000)]
    ground: Text = ""


class Undo(Body):
    """Why a match is undone, under which number and decision."""

    model_config = example({"number": "DC-01", "reason": "nhầm người", "decision": "QD-7"})

    number: Name
    reason: Text
    decision: Name


@router.get(
    "",
    summary="Thẻ căn cứ của mọi khoản tiền đang chờ",
    description="Gợi ý khớp trước, rồi những khoản chưa khớp với các khoản gần nhất và điều chống lại từng khoản. "
    "Không ghi gì.",
    responses=shows({"position": 2044, "total": 1, "cards": [_CARD]}),
)
def waiting(
    unit: str,
    by: Reads,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 200,
) -> dict[str, Any]:
    """A page of the cards."""
    unit_id = by.reads_unit(unit)
    looked = match.look(by.inst, on=by.door.now().date(), unit=unit_id)
    cards = match_story.cards(looked)
    page = [msgspec.to_builtins(card) for card in cards[offset : offset + limit]]
    return {"position": looked.position, "total": len(cards), "cards": page}


@router.get(
    "/of",
    summary="Thẻ căn cứ của một dòng sao kê hay một khoản tiền",
    description="Đã khớp, được gợi ý, hay chưa khớp: căn cứ thuận và nghịch với số liệu lúc quyết định, và vì sao "
    "không phải khoản khác. Mã: cả mã, hoặc ít nhất 4 ký tự đầu hay cuối.",
    responses=shows(_CARD),
)
def card(
    unit: str, by: Reads, money: Annotated[str, Query(min_length=1, max_length=200, examples=["9f2c41d0"])]
) -> dict[str, Any]:
    """One card."""
    unit_id = by.reads_unit(unit)
    found = match_story.explain(by.inst, money, on=by.door.now().date(), unit=unit_id)
    plain: dict[str, Any] = msgspec.to_builtins(found)
    return plain


@router.post(
    "/run",
    summary="Chạy các quy tắc khớp và ghi những gì đủ ngưỡng",
    description="Chạy lại không ghi hai lần: tiền đã khớp không còn chờ. Kèm độ chính xác đã đo.",
    responses=shows(_RUN),
)
def run(unit: str, by: Commands) -> JSONResponse:
    """Run the rules over a unit and those beneath it."""
    caller, act = by.caller, by.act()
    unit_id = caller.unit(unit)
    caller.inst.ledger.require(actor=caller.actor, action=Action.PLACE_MONEY, unit=unit_id, on=act.at.date())
    return _once(by, act, unit_id, b"", lambda: match.run(caller.inst, at=act.at, unit=unit_id, actor=caller.actor))


@router.post(
    "/accept",
    summary="Nhận các gợi ý khớp theo mã",
    description="Gợi ý nào không còn đúng thì được nêu cùng lý do; các gợi ý còn lại vẫn được ghi.",
    responses=shows(_RUN),
)
def accept(unit: str, by: Commands, body: Annotated[Accept, JsonBody()]) -> JSONResponse:
    """Accept proposals."""
    caller, act = by.caller, by.act()
    unit_id = caller.unit(unit)
    caller.inst.ledger.require(actor=caller.actor, action=Action.PLACE_MONEY, unit=unit_id, on=act.at.date())

    def accepted() -> match.RunReport:
        return match.accept(
            caller.inst, actor=caller.actor, at=act.at, ids=body.matches, ground=body.ground, unit=unit_id
        )

    return _once(by, act, unit_id, body.model_dump_json().encode(), accepted)


def _once(by: Commands, act: Act, unit: UnitId, body: bytes, work: Callable[[], match.RunReport]) -> JSONResponse:
    """Do it once for the caller's key: the same request again gets the answer that was given then.

    What a run posts are commands of their own; the answer is kept under a command without events.
    """
    store = by.caller.inst.store
    digest = hashlib.sha256(f"matches/{unit}\n".encode() + body).hexdigest()
    stored = store.known(act.command_id, digest)
    if stored is not None:
        return answered(stored.last_position, msgspec.json.decode(stored.answer), replayed=True)
    report = work()
    by.caller.door.wake()
    answer = {
        "accepted": list(report.accepted),
        "refused": list(report.refused),
        "measured": [msgspec.to_builtins(one) for one in report.measured],
    }
    context = CommandContext(
        command_id=act.command_id,
        name="ask-matches",
        request_digest=digest,
        recorded_at=act.at,
        actor=act.actor,
        role="",
        unit="",
        action=Action.PLACE_MONEY,
    )
    kept = store.append((), context, msgspec.json.encode(answer))
    return answered(kept.last_position, answer, replayed=False)


@router.post(
    "/{match_id}/undo",
    summary="Gỡ một lần khớp đã ghi",
    description="Mỗi khoản tiền của lần khớp được gỡ bằng một điều chỉnh; từ ngưỡng của đơn vị thì người khác duyệt.",
    responses=shows({"position": 2051, "answer": {"corrections": [{"state": "proposed", "correction_id": "DC-01"}]}}),
)
def undo(unit: str, match_id: str, by: Commands, body: Annotated[Undo, JsonBody()]) -> JSONResponse:
    """Undo a match by corrections."""
    act = by.act()
    outcomes = match.undo(
        by.caller.inst,
        actor=act.actor,
        at=act.at,
        match_id=match_id,
        unit=by.caller.unit(unit),
        number=body.number,
        reason=body.reason,
        decision=body.decision,
        command_id=act.command_id,
    )
    by.caller.door.wake()
    corrections = [outcome.answer for outcome in outcomes]
    replayed = all(outcome.replayed for outcome in outcomes)
    return answered(outcomes[-1].position, {"corrections": corrections}, replayed=replayed)
