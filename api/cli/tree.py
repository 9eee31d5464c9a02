"""``dangphi tree``: the tree on a day, changes by decision, acts with a handover, roll-ups of the past."""

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from adapters.sandbox.country import country, unit_files
from api.cli.session import (
    Actor,
    AsJson,
    At,
    CommandId,
    Data,
    Demo,
    DryRun,
    act,
    moment,
    opened,
    say,
    show_outcome,
    unit_id,
)
from api.cli.session import dong as read_dong
from api.flows.members import member_of
from api.flows.tree import AS_WAS, RESTATED, preview, preview_lines, rollup, tree_on
from api.wiring import Installation
from domain.access import Action
from domain.errors import Malformed
from domain.identifiers import UnitId
from domain.money import format_dong
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

app = typer.Typer(help="Cây tổ chức: xem theo ngày, đổi tên, đổi cấp, sắp xếp.", no_args_is_help=True)

Root = Annotated[str, typer.Option("--root", help="Mã đơn vị bao trùm mọi đơn vị liên quan.")]
Unit = Annotated[str, typer.Option("--unit", help="Mã đơn vị.")]
Decision = Annotated[str, typer.Option("--decision", help="Số quyết định.")]
Case = Annotated[str, typer.Argument(help="Mã phương án.")]
Day = Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="Có hiệu lực từ ngày.")]


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


@app.command("show", help="Cây tổ chức như vào một ngày.")
def show_command(
    actor: Actor,
    unit: Unit,
    on: Annotated[datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="Ngày; mặc định hôm nay.")] = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    day = moment(None).date() if on is None else on.date()
    with opened(demo=demo, data=data) as inst:
        root = unit_id(inst, unit)
        inst.ledger.require(actor=actor, action=Action.READ, unit=root, on=moment(None).date())
        rows = tree_on(inst.ledger.work().organisation, root, day)
    if as_json:
        typer.echo(_json({"on": day, "units": rows}))
        return
    for row in rows:
        typer.echo(f"{'  ' * row['depth']}{row['code']}  {row['name']} – {row['kind_title']}")


@app.command("rollup", help="Tổng hợp một kỳ: như lúc đó (was) hoặc theo cây hiện nay (restated).")
def rollup_command(
    actor: Actor,
    unit: Unit,
    period: Annotated[str, typer.Option("--period", help="Kỳ báo cáo: 2026-07 hoặc 2026-Q3.")],
    as_: Annotated[str, typer.Option("--as-tree", help="was: cây của kỳ; restated: cây hiện nay.")] = AS_WAS,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    if as_ not in (AS_WAS, RESTATED):
        raise Malformed(f"không phải was hoặc restated: {as_!r}", where="--as-tree")
    today = moment(None).date()
    with opened(demo=demo, data=data) as inst:
        root = unit_id(inst, unit)
        inst.ledger.require(actor=actor, action=Action.READ, unit=root, on=today)
        found = rollup(inst.ledger.work(), root, parse_period(period), as_=as_, today=today)
    if as_json:
        typer.echo(_json(found))
        return
    typer.echo(f"Kỳ {found['period']}, cây ngày {found['tree_of']:%d/%m/%Y}: {found['units']} đơn vị")
    typer.echo(f"{'Mã':<16}{'Đơn vị':<40}{'Tự thu':>16}{'Để lại':>16}{'Phải nộp':>16}")
    for row in found["rows"]:
        figures = "".join(f"{format_dong(row[name]):>16}" for name in ("own_collected", "kept", "payable"))
        typer.echo(f"{row['code']:<16}{row['name'][:38]:<40}{figures}")
    typer.echo(f"Tổng thu {format_dong(found['collected'])}, để lại {format_dong(found['kept'])} đồng")


@app.command("change", help="Đổi tên, mã hoặc loại của một đơn vị từ một ngày, theo quyết định.")
def change_command(
    actor: Actor,
    root: Root,
    unit: Unit,
    decision: Decision,
    effective_from: Day,
    name: Annotated[str | None, typer.Option("--name", help="Tên mới.")] = None,
    code: Annotated[str | None, typer.Option("--code", help="Mã mới.")] = None,
    kind: Annotated[UnitKind | None, typer.Option("--kind", help="Loại mới.")] = None,
    at: At = None,
    command_id: CommandId = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        change = UnitToChange(unit_id=unit_id(inst, unit), name=name, code=code, kind=kind)
        command = ChangeUnits(
            root=unit_id(inst, root), units=(change,), effective_from=effective_from.date(), decision=decision
        )
        outcome = inst.ledger.execute(command, act(actor, at, command_id, document=decision), dry_run=dry_run)
    show_outcome(outcome, as_json=as_json, dry_run=dry_run)


@app.command("plan", help="Lập phương án; --dry-run cho xem mọi thứ sẽ chuyển, không ghi.")
def plan_command(
    case: Case,
    actor: Actor,
    root: Root,
    kind: Annotated[RestructureKind, typer.Option("--kind", help="Hợp nhất, chia, giải thể, bỏ cấp, đổi cấp trên.")],
    decision: Decision,
    decided_by: Annotated[str, typer.Option("--decided-by", help="Cấp quyết định.")],
    decided_on: Annotated[datetime, typer.Option("--decided-on", formats=["%Y-%m-%d"], help="Ngày quyết định.")],
    effective_from: Day,
    source: Annotated[list[str] | None, typer.Option("--source", help="Mã đơn vị kết thúc hoặc chuyển.")] = None,
    target: Annotated[str | None, typer.Option("--target", help="Mã đơn vị tiếp nhận, hoặc cấp trên mới.")] = None,
    level: Annotated[UnitKind | None, typer.Option("--level", help="Cấp bị bỏ.")] = None,
    member: Annotated[list[str] | None, typer.Option("--member", help="Chia tách: ĐẢNG-VIÊN=MÃ-ĐƠN-VỊ.")] = None,
    fund: Annotated[list[str] | None, typer.Option("--fund", help="Chia tách: MÃ-ĐƠN-VỊ=SỐ-ĐỒNG.")] = None,
    at: At = None,
    command_id: CommandId = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        command = PlanRestructure(
            root=unit_id(inst, root),
            restructure_id=case,
            kind=kind,
            effective_on=effective_from.date(),
            decision=decision,
            decided_by=decided_by,
            decided_on=decided_on.date(),
            sources=tuple(unit_id(inst, code) for code in source or ()),
            target=None if target is None else unit_id(inst, target),
            level=level,
            members=tuple(
                MemberAssignment(member_id=member_of(inst, who), unit_id=_unit(inst, code))
                for who, code in _pairs(member)
            ),
            funds=tuple(FundPart(unit_id=_unit(inst, code), amount=read_dong(amount)) for code, amount in _pairs(fund)),
        )
        who_acts = act(actor, at, command_id, document=decision)
        told = preview(inst.ledger, command, who_acts) if dry_run else None
        outcome = None if dry_run else inst.ledger.execute(command, who_acts)
    if told is not None:
        _show_preview(told, as_json=as_json)
    elif outcome is not None:
        show_outcome(outcome, as_json=as_json)


def _unit(inst: Installation, code: str) -> UnitId:
    return unit_id(inst, code)


def _pairs(given: list[str] | None) -> list[tuple[str, str]]:
    """``left=right`` of each; refused where there is no such sign."""
    found = []
    for text in given or ():
        left, sign, right = text.partition("=")
        if not sign or not left or not right:
            raise Malformed(f"phải viết như TRÁI=PHẢI, nhận được {text!r}", where="--member, --fund")
        found.append((left, right))
    return found


def _show_preview(told: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        typer.echo(_json({**told, "dry_run": True}))
        return
    for line in preview_lines(told):
        say(line)


@app.command("sign", help="Ký bàn giao cho các đơn vị trong phạm vi của mình: bên giao (old) hoặc bên nhận (new).")
def sign_command(
    case: Case,
    actor: Actor,
    unit: Unit,
    side: Annotated[Side, typer.Option("--side", help="old: bên giao; new: bên nhận.")],
    at: At = None,
    command_id: CommandId = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        command = SignHandover(unit_id=unit_id(inst, unit), restructure_id=case, side=side)
        outcome = inst.ledger.execute(command, act(actor, at, command_id))
    show_outcome(outcome, as_json=as_json)


@app.command("carry-out", help="Thực hiện phương án đã ký đủ, vào hoặc sau ngày hiệu lực.")
def carry_out_command(
    case: Case,
    actor: Actor,
    root: Root,
    at: At = None,
    command_id: CommandId = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        command = CarryOutRestructure(root=unit_id(inst, root), restructure_id=case)
        outcome = inst.ledger.execute(command, act(actor, at, command_id), dry_run=dry_run)
    show_outcome(outcome, as_json=as_json, dry_run=dry_run)
    if outcome.answer.get("moved_since_signing") and not as_json:
        say("Lưu ý: sổ của bên giao đã thay đổi sau chữ ký đầu tiên (bảng trên); hai bên đối chiếu lại biên bản.")


@app.command("withdraw", help="Rút phương án chưa thực hiện.")
def withdraw_command(
    case: Case,
    actor: Actor,
    root: Root,
    reason: Annotated[str, typer.Option("--reason", help="Lý do.")],
    at: At = None,
    command_id: CommandId = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        command = WithdrawRestructure(root=unit_id(inst, root), restructure_id=case, reason=reason)
        outcome = inst.ledger.execute(command, act(actor, at, command_id, reason=reason))
    show_outcome(outcome, as_json=as_json)


@app.command("example", help="Ghi danh sách 34 tỉnh, 3.321 xã phường (danh mục thật) và các huyện trước 1/7/2025.")
def example_command(out: Annotated[Path, typer.Option("--out", help="Thư mục đích.")]) -> None:
    out.mkdir(parents=True, exist_ok=True)
    for name, content in unit_files(country()).items():
        (out / name).write_bytes(content)
        typer.echo(f"Đã ghi {out / name}")
