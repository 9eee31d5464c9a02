"""``dangphi share``: shares in force, and periods that wait for one."""

from typing import Annotated

import typer

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
    show,
    show_outcome,
    unit_id,
)
from domain import late_share, organisation, policy
from domain.period import Period, month_of, parse_month, parse_period
from domain.period_kind import kind_for
from ledger.handlers.declare import ApplyLateShare

app = typer.Typer(help="Tỷ lệ để lại và các kỳ chưa phân bổ.", no_args_is_help=True, add_completion=False)

Unit = Annotated[str, typer.Option("--unit", help="Mã đơn vị.")]


@app.command("late", help="Phân bổ các kỳ đã giữ khi tỷ lệ được kích hoạt muộn; báo cáo cũ giữ nguyên.")
def late_command(
    actor: Actor,
    unit: Unit,
    period: Annotated[str | None, typer.Option("--period", help="Chỉ kỳ này; mặc định mọi kỳ đã có tỷ lệ.")] = None,
    at: At = None,
    command_id: CommandId = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        command = ApplyLateShare(unit_id=unit_id(inst, unit), period=None if period is None else parse_period(period))
        outcome = inst.ledger.execute(command, act(actor, at, command_id), dry_run=dry_run)
    show_outcome(outcome, as_json=as_json, dry_run=dry_run)


@app.command("show", help="Tỷ lệ có hiệu lực của một đơn vị trong tháng, và các kỳ đang giữ chưa phân bổ.")
def show_command(
    unit: Unit,
    month: Annotated[str | None, typer.Option("--month", help="Tháng, dạng 2026-08; mặc định tháng này.")] = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    wanted = month_of(moment(None).date()) if month is None else parse_month(month)
    with opened(demo=demo, data=data) as inst:
        work = inst.ledger.work()
        named = organisation.by_code(work.organisation, unit)
        kind = kind_for(work.organisation, work.policy, named.unit_id, Period(wanted))
        row = policy.share_for(work.policy, kind, wanted)
        holds = late_share.open_holds(work.declarations(named.unit_id))
        answer = {
            "unit": unit,
            "month": wanted,
            "share": None if row is None or row.retain_bp is None else policy.percent_text(row.retain_bp),
            "document": None if row is None else row.decision or row.document,
            "is_example": row is not None and row.is_example,
            "held_periods": [hold.period for hold in holds],
        }
    show(answer, as_json=as_json)
