"""``dangphi remit``: declare a period and send up what is owed; dispute, explain, correct."""

from datetime import datetime
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
    dong,
    full_id,
    opened,
    show_outcome,
    unit_id,
)
from domain.identifiers import RemittanceId
from domain.period import parse_period
from domain.remittance import Way
from ledger.handlers.ask import OpenRemittanceAttempt
from ledger.handlers.declare import DeclarePeriod
from ledger.handlers.remit import (
    AcknowledgeRemittance,
    ApproveRemittance,
    CorrectSending,
    DisputeRemittance,
    ExplainDispute,
    PrepareRemittance,
    SendRemittance,
)

app = typer.Typer(help="Chốt kỳ và nộp lên cấp trên.", no_args_is_help=True, add_completion=False)

Unit = Annotated[str, typer.Option("--unit", help="Mã đơn vị.")]
Period = Annotated[str, typer.Option("--period", help="Kỳ báo cáo: 2026-07 hoặc 2026-Q3.")]
Case = Annotated[str, typer.Argument(help="Mã lệnh nộp.")]
Reason = Annotated[str, typer.Option("--reason", help="Lý do, ghi vào sổ.")]


@app.command("declare", help="Chốt kỳ báo cáo của một đơn vị; khoản ghi sau thuộc kỳ kế tiếp.")
def declare_command(
    actor: Actor,
    unit: Unit,
    period: Period,
    at: At = None,
    command_id: CommandId = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        command = DeclarePeriod(unit_id=unit_id(inst, unit), period=parse_period(period))
        outcome = inst.ledger.execute(command, act(actor, at, command_id), dry_run=dry_run)
    show_outcome(outcome, as_json=as_json, dry_run=dry_run)


@app.command("prepare", help="Lập lệnh nộp phần còn phải nộp của kỳ; khoản cấp trên phải trả được cấn trừ.")
def prepare_command(
    actor: Actor,
    unit: Unit,
    period: Period,
    way: Annotated[Way, typer.Option("--way", help="Cách nộp; chuyển khoản và tiền mặt phải có lý do.")] = Way.PORTAL,
    reason: Annotated[str | None, typer.Option("--reason", help="Lý do không nộp qua Cổng.")] = None,
    at: At = None,
    command_id: CommandId = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        command = PrepareRemittance(unit_id=unit_id(inst, unit), period=parse_period(period), way=way, reason=reason)
        outcome = inst.ledger.execute(command, act(actor, at, command_id, reason=reason), dry_run=dry_run)
    show_outcome(outcome, as_json=as_json, dry_run=dry_run)


@app.command("approve", help="Duyệt lệnh nộp; người duyệt khác người lập.")
def approve_command(
    case: Case,
    actor: Actor,
    unit: Unit,
    at: At = None,
    command_id: CommandId = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        command = ApproveRemittance(unit_id=unit_id(inst, unit), remittance_id=RemittanceId(full_id(inst, case)))
        outcome = inst.ledger.execute(command, act(actor, at, command_id))
    show_outcome(outcome, as_json=as_json)


@app.command("portal", help="Mở lượt nộp qua Cổng cho lệnh đã duyệt; in mã tham chiếu.")
def portal_command(
    case: Case,
    actor: Actor,
    unit: Unit,
    at: At = None,
    command_id: CommandId = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        command = OpenRemittanceAttempt(unit_id=unit_id(inst, unit), remittance_id=RemittanceId(full_id(inst, case)))
        outcome = inst.ledger.execute(command, act(actor, at, command_id))
    show_outcome(outcome, as_json=as_json)


@app.command("send", help="Ghi nhận đã chuyển khoản hoặc nộp tiền mặt; sao kê sẽ xác nhận.")
def send_command(
    case: Case,
    actor: Actor,
    unit: Unit,
    amount: Annotated[int | None, typer.Option("--amount", parser=dong, help="Đồng; mặc định là phần còn lại.")] = None,
    at: At = None,
    command_id: CommandId = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    who = act(actor, at, command_id)
    with opened(demo=demo, data=data) as inst:
        command = SendRemittance(
            unit_id=unit_id(inst, unit), remittance_id=RemittanceId(full_id(inst, case)), sent_on=who.on, amount=amount
        )
        outcome = inst.ledger.execute(command, who)
    show_outcome(outcome, as_json=as_json)


@app.command("acknowledge", help="Cấp trên xác nhận tiền mặt, hoặc quyết toán từ tiền giữ hộ.")
def acknowledge_command(
    case: Case,
    actor: Actor,
    superior: Annotated[str, typer.Option("--superior", help="Mã đơn vị cấp trên.")],
    received_on: Annotated[
        datetime | None,
        typer.Option("--received-on", formats=["%Y-%m-%d"], help="Ngày nhận; mặc định là ngày của lệnh."),
    ] = None,
    at: At = None,
    command_id: CommandId = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    who = act(actor, at, command_id)
    with opened(demo=demo, data=data) as inst:
        command = AcknowledgeRemittance(
            superior_id=unit_id(inst, superior),
            remittance_id=RemittanceId(full_id(inst, case)),
            received_on=who.on if received_on is None else received_on.date(),
        )
        outcome = inst.ledger.execute(command, who)
    show_outcome(outcome, as_json=as_json)


@app.command("dispute", help="Cấp trên tra soát: số nhận được khác số báo nộp.")
def dispute_command(
    case: Case,
    actor: Actor,
    superior: Annotated[str, typer.Option("--superior", help="Mã đơn vị cấp trên.")],
    reason: Reason,
    at: At = None,
    command_id: CommandId = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        command = DisputeRemittance(
            superior_id=unit_id(inst, superior), remittance_id=RemittanceId(full_id(inst, case)), reason=reason
        )
        outcome = inst.ledger.execute(command, act(actor, at, command_id, reason=reason))
    show_outcome(outcome, as_json=as_json)


@app.command("explain", help="Đơn vị nộp giải trình một tra soát.")
def explain_command(
    case: Case,
    actor: Actor,
    unit: Unit,
    reason: Reason,
    document: Annotated[str | None, typer.Option("--document", help="Số văn bản giải trình.")] = None,
    at: At = None,
    command_id: CommandId = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        command = ExplainDispute(
            unit_id=unit_id(inst, unit),
            remittance_id=RemittanceId(full_id(inst, case)),
            explanation=reason,
            document=document,
        )
        outcome = inst.ledger.execute(command, act(actor, at, command_id, reason=reason, document=document))
    show_outcome(outcome, as_json=as_json)


@app.command("correct", help="Điều chỉnh giảm phần ghi là đã gửi mà tiền chưa hề rời tài khoản.")
def correct_command(
    case: Case,
    actor: Actor,
    unit: Unit,
    difference: Annotated[int, typer.Option("--difference", parser=dong, help="Đồng.")],
    reason: Reason,
    at: At = None,
    command_id: CommandId = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        command = CorrectSending(
            unit_id=unit_id(inst, unit),
            remittance_id=RemittanceId(full_id(inst, case)),
            difference=difference,
            reason=reason,
        )
        outcome = inst.ledger.execute(command, act(actor, at, command_id, reason=reason))
    show_outcome(outcome, as_json=as_json)
