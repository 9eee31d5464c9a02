"""``dangphi close``: what waits in a month, closing it, the second person, opening it again, late facts."""

from typing import Annotated

import typer

from api.cli.session import Actor, AsJson, At, CommandId, Data, Demo, DryRun, act, opened, show, show_outcome, unit_id
from domain.access import Action
from domain.errors import Malformed
from domain.period import parse_month
from ledger.close_checklist import KINDS, checklist
from ledger.handlers.close import CloseMonth, ConfirmClose, Explanation, ReopenMonth, RequestReopening

app = typer.Typer(help="Khoá sổ tháng của một đơn vị, xác nhận, mở lại.", no_args_is_help=True, add_completion=False)

Unit = Annotated[str, typer.Option("--unit", help="Mã đơn vị.")]
Month = Annotated[str, typer.Option("--month", help="Tháng, ví dụ 2026-07.")]
Explain = Annotated[
    list[str] | None,
    typer.Option("--explain", help="Giải trình một việc để lại: loại=lý do, hoặc loại:mã=lý do. Dùng nhiều lần được."),
]


@app.command("check", help="Những việc còn lại của tháng: phải xong hoặc được giải trình trước khi khoá.")
def check_command(
    actor: Actor,
    unit: Unit,
    month: Month,
    at: At = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    who = act(actor, at)
    with opened(demo=demo, data=data) as inst:
        unit_ = unit_id(inst, unit)
        inst.ledger.require(actor=actor, action=Action.READ, unit=unit_, on=who.on)
        points = checklist(inst.ledger.work(), unit_, parse_month(month))
    rows = [{"kind": p.kind, "key": p.key, "amount": p.amount, "what": p.what} for p in points]
    if as_json:
        show({"unit": unit, "month": month, "points": rows}, as_json=True)
        return
    typer.echo(
        f"Tháng {month}, đơn vị {unit}: {len(rows)} việc còn lại." if rows else f"Tháng {month}: không còn việc."
    )
    for point in points:
        typer.echo(f"  - {point.kind} ({KINDS[point.kind]}): {point.what}")


@app.command("month", help="Khoá sổ tháng; mỗi việc còn lại phải có giải trình.")
def close_command(
    actor: Actor,
    unit: Unit,
    month: Month,
    explain: Explain = None,
    at: At = None,
    command_id: CommandId = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        command = CloseMonth(
            unit_id=unit_id(inst, unit),
            month=parse_month(month),
            explanations=tuple(_explanation(text) for text in explain or ()),
        )
        outcome = inst.ledger.execute(command, act(actor, at, command_id), dry_run=dry_run)
    show_outcome(outcome, as_json=as_json, dry_run=dry_run)


def _explanation(text: str) -> Explanation:
    """``suspense=đang tra soát`` or ``suspense:<mã>=…``; the kind must be one of the list."""
    what, _, reason = text.partition("=")
    kind, _, key = what.partition(":")
    if kind not in KINDS or not reason.strip():
        raise Malformed(f"giải trình {text!r} phải viết loại=lý do; các loại: {', '.join(KINDS)}", where="--explain")
    return Explanation(kind=kind, key=key or None, reason=reason.strip())


@app.command("confirm", help="Người thứ hai xác nhận việc khoá sổ.")
def confirm_command(
    actor: Actor,
    unit: Unit,
    month: Month,
    at: At = None,
    command_id: CommandId = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        command = ConfirmClose(unit_id=unit_id(inst, unit), month=parse_month(month))
        outcome = inst.ledger.execute(command, act(actor, at, command_id))
    show_outcome(outcome, as_json=as_json)


@app.command("ask-reopen", help="Đề nghị mở lại tháng khoá gần nhất, có lý do.")
def ask_reopen_command(
    actor: Actor,
    unit: Unit,
    month: Month,
    reason: Annotated[str, typer.Option("--reason", help="Lý do, ghi vào sổ.")],
    at: At = None,
    command_id: CommandId = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        command = RequestReopening(unit_id=unit_id(inst, unit), month=parse_month(month), reason=reason)
        outcome = inst.ledger.execute(command, act(actor, at, command_id, reason=reason))
    show_outcome(outcome, as_json=as_json)


@app.command("reopen", help="Người khác duyệt mở lại; lần khoá cũ vẫn lưu.")
def reopen_command(
    actor: Actor,
    unit: Unit,
    month: Month,
    at: At = None,
    command_id: CommandId = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        command = ReopenMonth(unit_id=unit_id(inst, unit), month=parse_month(month))
        outcome = inst.ledger.execute(command, act(actor, at, command_id))
    show_outcome(outcome, as_json=as_json)


@app.command("late", help="Việc phát sinh muộn: của tháng đã khoá, ghi vào tháng đang mở với ngày thật.")
def late_command(
    actor: Actor, unit: Unit, at: At = None, as_json: AsJson = False, demo: Demo = False, data: Data = None
) -> None:
    who = act(actor, at)
    with opened(demo=demo, data=data) as inst:
        unit_ = unit_id(inst, unit)
        inst.ledger.require(actor=actor, action=Action.READ, unit=unit_, on=who.on)
        inst.ledger.books.catch_up()
        months = inst.ledger.books.month_books()
        closed, late = months.closing(unit_).through, months.late(unit_)
    rows = [
        {
            "position": fact.position,
            "event": fact.event,
            "occurred_on": str(fact.occurred_on),
            "booked_in": fact.month,
            "amount": fact.amount,
        }
        for fact in late
    ]
    show({"unit": unit, "closed_through": closed, "late": rows}, as_json=as_json)
