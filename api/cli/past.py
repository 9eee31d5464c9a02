"""``dangphi past``: old books in, undone as a whole by two people, and set beside our own figures."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.imports import left_out
from api.cli.session import Actor, AsJson, At, Data, Demo, Reader, act, moment, opened, reading_as, say, show, unit_id
from api.flows import past as flow
from domain.access import Action
from domain.money import format_dong
from domain.period import parse_month

app = typer.Typer(
    help="Sổ cũ: nhập để tra cứu, bỏ cả lần nhập (hai người), so với sổ này.",
    no_args_is_help=True,
    add_completion=False,
)

_Root = Annotated[str, typer.Option("--unit", help="Mã đơn vị mà sổ cũ thuộc phạm vi.")]
_WORDS = {"paid": "đã đóng", "collected": "đã thu", "kept": "để lại", "sent": "đã nộp"}
_BAR = 40


@app.command("import", help="Nhập sổ cũ: đảng viên theo năm (12 cột tháng) và đơn vị theo tháng; không ghi sổ tiền.")
def import_command(
    actor: Actor,
    root: _Root,
    members: Annotated[Path | None, typer.Option("--members", help="Tệp đảng viên × tháng đã đóng.")] = None,
    units: Annotated[Path | None, typer.Option("--units", help="Tệp đơn vị × tháng: thu, để lại, nộp.")] = None,
    at: At = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        found = flow.import_past(
            inst, actor=actor, at=moment(at), root=unit_id(inst, root), members=members, units=units
        )
    answer: dict[str, Any] = {
        "import": found.import_id[:12],
        "rows": found.rows,
        "taken": found.taken,
        "member_months": found.member_months,
        "unit_months": found.unit_months,
        "events": found.events,
        "position": found.position,
    }
    if as_json:
        problems = [{"where": problem.where, "reason": problem.reason} for problem in found.problems]
        show({**answer, "problems": problems}, as_json=True)
    else:
        show(answer, as_json=False)
        for problem in found.problems:
            say(f"Bỏ dòng: {problem.where}: {problem.reason}", err=True)
    if found.problems:
        raise typer.Exit(left_out(found.taken))


@app.command("list", help="Các lần nhập sổ cũ và tình trạng.")
def list_command(
    root: _Root, reader: Reader = None, as_json: AsJson = False, demo: Demo = False, data: Data = None
) -> None:
    who = reading_as(reader, demo=demo)
    with opened(demo=demo, data=data) as inst:
        unit = unit_id(inst, root)
        inst.ledger.require(actor=who, action=Action.READ, unit=unit, on=moment(None).date())
        state = inst.ledger.work().past(unit)
        rows = [
            {
                "import": key[:12],
                "file": parts[0].file,
                "units": len(parts),
                "member_months": sum(len(part.members) for part in parts),
                "unit_months": sum(len(part.months) for part in parts),
                "by": parts[0].imported_by,
                "state": "undone" if key in state.undone else "undo-proposed" if key in state.proposals else "in-force",
            }
            for key, parts in state.parts.items()
        ]
    show({"imports": rows}, as_json=as_json)


@app.command("undo", help="Bỏ cả một lần nhập: người thứ nhất nêu lý do, người thứ hai thêm --confirm.")
def undo_command(
    import_id: Annotated[str, typer.Argument(help="Mã lần nhập (6 chữ đầu là đủ).")],
    actor: Actor,
    root: _Root,
    reason: Annotated[str, typer.Option("--reason", help="Lý do (người thứ nhất).")] = "",
    confirm: Annotated[bool, typer.Option("--confirm", help="Người thứ hai đồng ý.")] = False,
    at: At = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    given = act(actor, at)
    with opened(demo=demo, data=data) as inst:
        unit = unit_id(inst, root)
        key = flow.find_import(inst, unit, import_id)
        common: dict[str, Any] = {"actor": actor, "at": given.at, "root": unit, "import_id": key}
        if confirm:
            outcome = flow.undo(inst, command_id=given.command_id, **common)
        else:
            outcome = flow.propose_undo(inst, reason=reason, command_id=given.command_id, **common)
    show(dict(outcome.answer), as_json=as_json)


@app.command("compare", help="So sổ cũ với sổ này: từng đảng viên, đơn vị, tháng; liệt kê chỗ lệch.")
def compare_command(
    actor: Actor,
    root: _Root,
    first: Annotated[str, typer.Option("--from", help="Tháng đầu.")],
    last: Annotated[str | None, typer.Option("--to", help="Tháng cuối; mặc định là tháng đầu.")] = None,
    picture: Annotated[Path | None, typer.Option("--picture", help="Vẽ biểu đồ vào tệp SVG này.")] = None,
    at: At = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    start = parse_month(first)
    with opened(demo=demo, data=data) as inst:
        found = flow.compare(
            inst,
            actor=actor,
            at=moment(at),
            root=unit_id(inst, root),
            first=start,
            last=start if last is None else parse_month(last),
        )
        codes = {unit.unit_id: unit.code for unit in inst.ledger.work().organisation.units.values()}
    if picture is not None:
        picture.write_text(svg(found), encoding="utf-8")
    if as_json:
        typer.echo(json.dumps(as_values(found, codes), ensure_ascii=False))
        return
    typer.echo(f"So {format_dong(found.figures)} số liệu, lệch {format_dong(len(found.differences))}.")
    for row in found.differences:
        mine = "không có" if row.ours is None else format_dong(row.ours)
        who = codes.get(row.unit_id, row.unit_id) + ("" if row.member_id is None else f" {row.member_id}")
        typer.echo(
            f"  {row.period}  {who}: {_WORDS[row.what]}: sổ cũ {format_dong(row.old)}, sổ này {mine} "
            f"(lệch {format_dong(row.difference)})"
        )
    most = max((max(old, ours) for _, old, ours in found.months), default=0) or 1
    for month, old, ours in found.months:
        typer.echo(f"  {month} sổ cũ  {'█' * (old * _BAR // most)} {format_dong(old)}")
        typer.echo(f"          sổ này {'█' * (ours * _BAR // most)} {format_dong(ours)}")


def as_values(found: flow.Compared, codes: dict[Any, str]) -> dict[str, Any]:
    """The report as JSON."""
    return {
        "position": found.position,
        "figures": found.figures,
        "differences": [
            {
                "unit": codes.get(row.unit_id, row.unit_id),
                "member": row.member_id,
                "period": row.period,
                "what": row.what,
                "old": row.old,
                "ours": row.ours,
                "difference": row.difference,
            }
            for row in found.differences
        ],
        "months": [{"month": month, "old": old, "ours": ours} for month, old, ours in found.months],
    }


def svg(found: flow.Compared) -> str:
    """What members paid by month, the old book beside ours, as a bar picture."""
    most = max((max(old, ours) for _, old, ours in found.months), default=1) or 1
    high = 56 + 44 * len(found.months)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="760" height="{high}" font-family="sans-serif" font-size="13">',
        '<rect width="100%" height="100%" fill="#fff"/>',
        '<text x="16" y="26" font-size="16">Đã đóng theo tháng: sổ cũ (xám), sổ này (đỏ)</text>',
    ]
    for number, (month, old, ours) in enumerate(found.months):
        top = 44 + 44 * number
        parts.append(f'<text x="16" y="{top + 20}">{month}</text>')
        for offset, amount, fill in ((0, old, "#9aa5b1"), (17, ours, "#b3261e")):
            wide = amount * 460 // most
            parts.append(
                f'<rect x="90" y="{top + offset}" width="{wide}" height="14" fill="{fill}"/>'
                f'<text x="{96 + wide}" y="{top + offset + 12}">{format_dong(amount)}</text>'
            )
    return "\n".join([*parts, "</svg>"]) + "\n"
