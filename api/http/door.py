"""What every operation stands on: the installation, the caller, and how a command becomes an answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.responses import JSONResponse

from adapters.inbound import VIETNAM
from api import problems
from api.read_models import ReadModels
from api.security import Actor, Key, command_id
from api.wiring import Installation
from domain import organisation
from domain.access import Action
from domain.identifiers import UnitId
from ledger.application import Outcome
from ledger.ports import Clock
from ledger.work import Act, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One shard as the web process has it.

    ``wake`` tells the worker that there is something to do; ``models`` is None for an installation in memory.
    """

    inst: Installation
    clock: Clock
    wake: Callable[[], None]
    models: ReadModels | None

    def now(self) -> datetime:
        """The present instant in Vietnamese time, whose calendar day is the day of an act."""
        return self.clock.now().astimezone(VIETNAM)


def door_of(request: Request) -> Door:
    """The door that ``create_app`` put into the application's state."""
    found: Door = request.app.state.door
    return found


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who may read what the ledger lets them."""

    door: Door
    actor: str

    @property
    def inst(self) -> Installation:
        """The installation."""
        return self.door.inst

    def work(self) -> Work:
        """States at the head of the log."""
        return self.door.inst.ledger.work()

    def unit(self, text: str) -> UnitId:
        """A unit by its id or its code."""
        org = self.work().organisation
        return UnitId(text) if text in org.units else organisation.by_code(org, text).unit_id

    def reads(self, unit: UnitId) -> None:
        """Refuse unless the caller may read what concerns a unit."""
        self.door.inst.ledger.require(actor=self.actor, action=Action.READ, unit=unit, on=self.door.now().date())

    def reads_unit(self, text: str) -> UnitId:
        """A unit by id or code that the caller may read."""
        unit = self.unit(text)
        self.reads(unit)
        return unit


def caller_of(request: Request, actor: Actor) -> Caller:
    """The caller behind a bearer token."""
    return Caller(door_of(request), actor)


@dataclass(frozen=True, slots=True)
class Commander:
    """A caller with an idempotency key: whoever wants something done."""

    caller: Caller
    key: str

    def act(self, *, reason: str | None = None, document: str | None = None) -> Act:
        """Who, when, under which command id, and on which ground."""
        return Act(
            actor=self.caller.actor,
            at=self.caller.door.now(),
            command_id=command_id(self.caller.actor, self.key),
            reason=reason,
            document=document,
        )

    def run(self, command: object, *, reason: str | None = None, document: str | None = None) -> JSONResponse:
        """Execute a command and answer; the same key and content again get the same answer."""
        outcome = self.caller.inst.ledger.execute(command, self.act(reason=reason, document=document))
        self.caller.door.wake()
        return done(outcome)


def commander_of(request: Request, actor: Actor, key: Key) -> Commander:
    """The caller with the request's idempotency key."""
    return Commander(Caller(door_of(request), actor), key)


Reads = Annotated[Caller, Depends(caller_of)]
Commands = Annotated[Commander, Depends(commander_of)]


def done(outcome: Outcome) -> JSONResponse:
    """The answer to a command: how far the log reaches with it, and what it decided."""
    return answered(outcome.position, outcome.answer, replayed=outcome.replayed)


def answered(position: int, answer: Mapping[str, Any], *, replayed: bool) -> JSONResponse:
    """An answer whose body is the same at every repetition; only the header tells that it is one."""
    headers = {"Idempotency-Replayed": "true"} if replayed else {}
    return JSONResponse({"position": position, "answer": dict(answer)}, headers=headers)


# --- documentation ------------------------------------------------------------------------------------------------

_PROBLEM_EXAMPLE = problems.document(
    "not-allowed",
    "HP-VH-TQ1 không có quyền «read» tại đơn vị HP-VH-CB07 ngày 21/08/2026. "
    "Người có thẩm quyền phải làm việc này, hoặc cần quyết định giao quyền.",
)

Responses = dict[int | str, dict[str, Any]]


def shows(example: object, *, media_type: str = "application/json", description: str = "Kết quả") -> Responses:
    """The documentation of an operation's answers: an example of the good one, the shape of every other."""
    return {
        200: {"description": description, "content": {media_type: {"example": example}}},
        "default": {
            "description": "Tài liệu lỗi (RFC 9457); bảng mã ở /problems",
            "content": {problems.MEDIA_TYPE: {"example": _PROBLEM_EXAMPLE}},
        },
    }
