"""The tree: as on a day, rolled up for a period, changed by decision, moved by acts with a handover."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse

from api.flows import tree as flow
from api.http.door import Commands, Reads, Responses, shows
from api.http.shapes import Amount, Body, Day, Name, Text, example
from domain.identifiers import MemberId
from domain.organisation_kinds import UnitKind
from domain.period import parse_period
from domain.restructuring import FundPart, MemberAssignment, RestructureKind, Side
from ledger.handlers.restructure import (
    CarryOutRestructure,
    ChangeUnits,
    PlanRestructure,
    SignHandover,
    UnitToChange,
    WithdrawRestructure,
)

router = APIRouter(prefix="/tree", tags=["Cây tổ chức"])

_PLAN: dict[str, Any] = {
    "root": "HP-VH",
    "restructure": "SN-2026-08",
    "kind": "merge",
    "sources": ["HP-VH-CB07", "HP-VH-CB08"],
    "target": "HP-VH-CB30",
    "effective_on": "2026-08-01",
    "decision": "12-QĐ/ĐU",
    "decided_by": "Đảng ủy phường Việt Hòa",
    "decided_on": "2026-07-25",
}


def _recorded(answer: dict[str, Any]) -> Responses:
    return shows({"position": 3120, "answer": answer})


class Change(Body):
    """What is new about a unit, and from when."""

    root: Name
    unit: Name
    name: Text | None = None
    code: Name | None = None
    kind: UnitKind | None = None
    effective_from: Day
    decision: Text

    model_config = example(
        {
            "root": "HP",
            "unit": "HP-VH",
            "kind": "BASE_COMMUNE",
            "effective_from": "2026-07-26",
            "decision": "208-QĐ/TW",
        }
    )


class Assigned(Body):
    """In a split: where a member goes."""

    member: Name
    unit: Name

    model_config = example({"member": "5f0c…", "unit": "HP-VH-CB31"})


class Fund(Body):
    """In a split: a unit's part of the fund."""

    unit: Name
    amount: Amount

    model_config = example({"unit": "HP-VH-CB31", "amount": 500000})


class Plan(Body):
    """An act: which units go where, when, by which decision."""

    root: Name
    restructure: Name
    kind: RestructureKind
    sources: tuple[Name, ...] = ()
    target: Name | None = None
    level: UnitKind | None = None
    members: tuple[Assigned, ...] = ()
    funds: tuple[Fund, ...] = ()
    effective_on: Day
    decision: Text
    decided_by: Text
    decided_on: Day

    model_config = example(_PLAN)


class Sign(Body):
    """For which unit, and on which side."""

    unit: Name
    side: Side

    model_config = example({"unit": "HP-VH-CB07", "side": "old"})


class CarryOut(Body):
    """The unit under which the act was planned."""

    root: Name

    model_config = example({"root": "HP-VH"})


class Withdraw(Body):
    """Why a plan is given up."""

    root: Name
    reason: Text

    model_config = example({"root": "HP-VH", "reason": "hoãn đến đại hội"})


def _command(body: Plan, by: Commands) -> PlanRestructure:
    unit = by.caller.unit
    return PlanRestructure(
        root=unit(body.root),
        restructure_id=body.restructure,
        kind=body.kind,
        effective_on=body.effective_on,
        decision=body.decision,
        decided_by=body.decided_by,
        decided_on=body.decided_on,
        sources=tuple(unit(code) for code in body.sources),
        target=None if body.target is None else unit(body.target),
        level=body.level,
        members=tuple(MemberAssignment(member_id=MemberId(m.member), unit_id=unit(m.unit)) for m in body.members),
        funds=tuple(FundPart(unit_id=unit(f.unit), amount=f.amount) for f in body.funds),
    )


@router.get(
    "/{unit}",
    summary="Cây tổ chức như vào một ngày",
    responses=shows(
        {
            "on": "2025-06-30",
            "units": [
                {
                    "unit": "HP-VH",
                    "code": "HP-VH",
                    "name": "Đảng bộ phường Việt Hòa",
                    "kind": "SUPERIOR_COMMUNE",
                    "kind_title": "đảng ủy xã, phường, đặc khu là cấp trên trực tiếp của tổ chức cơ sở đảng",
                    "parent": "HP",
                    "depth": 0,
                }
            ],
        }
    ),
)
def show(unit: str, by: Reads, on: Annotated[Day | None, Query()] = None) -> JSONResponse:
    """The tree beneath a unit."""
    root = by.reads_unit(unit)
    day = by.door.now().date() if on is None else on
    rows = flow.tree_on(by.work().organisation, root, day)
    return JSONResponse(jsonable_encoder({"on": day, "units": rows}))


@router.get(
    "/{unit}/rollup/{period}",
    summary="Tổng hợp một kỳ theo cây lúc đó hoặc cây hiện nay",
    description="«as_tree=was» lấy cây ngày cuối kỳ; «as_tree=restated» áp cây hiện nay vào kỳ cũ.",
    responses=shows(
        {
            "unit": "HP-VH",
            "period": "2026-07",
            "as": "was",
            "tree_of": "2026-07-31",
            "units": 31,
            "collected": 84109400,
            "kept": 54671100,
            "passed_up_by_top": 29438300,
            "rows": [],
        }
    ),
)
def rolled_up(
    unit: str, period: str, by: Reads, as_tree: Annotated[str, Query(pattern="^(was|restated)$")] = flow.AS_WAS
) -> JSONResponse:
    """The roll-up of a unit."""
    root = by.reads_unit(unit)
    today = by.door.now().date()
    found = flow.rollup(by.work(), root, parse_period(period), as_=as_tree, today=today)
    return JSONResponse(jsonable_encoder(found))


@router.post(
    "/changes",
    summary="Đổi tên, mã hoặc loại của một đơn vị từ một ngày",
    responses=_recorded({"changes": 1}),
)
def change(body: Change, by: Commands) -> JSONResponse:
    """Rename, recode or retype a unit."""
    unit = by.caller.unit
    asked = UnitToChange(unit_id=unit(body.unit), name=body.name, code=body.code, kind=body.kind)
    command = ChangeUnits(
        root=unit(body.root), units=(asked,), effective_from=body.effective_from, decision=body.decision
    )
    return by.run(command, document=body.decision)


@router.post(
    "/restructures",
    summary="Lập phương án sắp xếp tổ chức",
    description="Hai bên ký bàn giao rồi mới thực hiện được.",
    responses=_recorded(
        {
            "planned": 1,
            "moves": [{"old": "HP-VH-CB07", "new": "HP-VH-CB30"}],
            "reparents": [],
            "to_sign": {"old": ["HP-VH-CB07"], "new": ["HP-VH-CB30"]},
        }
    ),
)
def plan(body: Plan, by: Commands) -> JSONResponse:
    """Plan an act."""
    return by.run(_command(body, by), document=body.decision)


@router.post(
    "/restructures/preview",
    summary="Xem trước mọi thứ sẽ chuyển, không ghi gì",
    responses=shows({"restructure": "SN-2026-08", "effective_on": "2026-08-01", "moves": [], "balances": []}),
)
def previewed(body: Plan, by: Commands) -> JSONResponse:
    """What an act would move."""
    told = flow.preview(by.caller.inst.ledger, _command(body, by), by.act())
    return JSONResponse(jsonable_encoder(told))


@router.post(
    "/restructures/{case}/sign",
    summary="Ký bàn giao cho bên giao hoặc bên nhận",
    responses=_recorded({"signed": 1, "missing": ["new:HP-VH-CB30"]}),
)
def sign(case: str, body: Sign, by: Commands) -> JSONResponse:
    """Sign for a unit."""
    return by.run(SignHandover(unit_id=by.caller.unit(body.unit), restructure_id=case, side=body.side))


@router.post(
    "/restructures/{case}/carry-out",
    summary="Thực hiện phương án đã ký đủ",
    responses=_recorded(
        {"known": False, "units": 2, "members": 41, "accounts": 2, "remittances": 1, "refunds": 0}
        | {"moved_since_signing": [{"unit": "HP-VH-CB07", "account": "1110", "name": "Tiền mặt", "amount": 9460}]}
    ),
)
def carry_out(case: str, body: CarryOut, by: Commands) -> JSONResponse:
    """Carry an act out."""
    return by.run(CarryOutRestructure(root=by.caller.unit(body.root), restructure_id=case))


@router.post(
    "/restructures/{case}/withdraw",
    summary="Rút phương án chưa thực hiện",
    responses=_recorded({"withdrawn": 1}),
)
def withdraw(case: str, body: Withdraw, by: Commands) -> JSONResponse:
    """Give a plan up."""
    command = WithdrawRestructure(root=by.caller.unit(body.root), restructure_id=case, reason=body.reason)
    return by.run(command, reason=body.reason)
