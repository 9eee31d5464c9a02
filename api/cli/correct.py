"""``dangphi correct``: undo a match, a cash entry or an import; another person approves."""

from pathlib import Path
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
    content,
    dong,
    full_id,
    opened,
    show_outcome,
    unit_id,
)
from api.flows.members import member_of
from api.flows.statements import digest_on_record
from domain.correction import Kind, Wanted
from domain.identifiers import AccountId, PaymentId
from domain.period import parse_month
from ledger.handlers.correct import ApproveCorrection, CorrectEntry

app = typer.Typer(
    help="Điều chỉnh: ghi đảo bút toán sai, ghi lại bút toán đúng.", no_args_is_help=True, add_completion=False
)

Unit = Annotated[str, typer.Option("--unit", help="Mã đơn vị.")]
Number = Annotated[str, typer.Option("--number", help="Số điều chỉnh của đơn vị, ví dụ DC-01.")]
Reason = Annotated[str, typer.Option("--reason", help="Lý do, ghi vào sổ.")]
Decision = Annotated[str, typer.Option("--decision", help="Số biên bản hoặc quyết định.")]
Payment = Annotated[str, typer.Argument(help="Mã khoản tiền.")]


@app.command("match", help="Gỡ khoản đã ghi nhầm người, nhầm tháng; ghi cho đúng người nếu đã biết.")
def match_command(
    payment: Payment,
    actor: Actor,
    unit: Unit,
    number: Number,
    reason: Reason,
    decision: Decision,
    member: Annotated[str | None, typer.Option("--member", help="Chỉ gỡ phần của đảng viên này.")] = None,
    to_member: Annotated[str | None, typer.Option("--to-member", help="Đảng viên đúng; trống: về tiền treo.")] = None,
    to_month: Annotated[str | None, typer.Option("--to-month", help="Tháng đúng.")] = None,
    at: At = None,
    command_id: CommandId = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        wanted = Wanted(
            kind=Kind.MATCH,
            payment_id=PaymentId(full_id(inst, payment)),
            member_id=None if member is None else member_of(inst, member),
            to_member=None if to_member is None else member_of(inst, to_member),
            to_month=None if to_month is None else parse_month(to_month),
        )
        command = CorrectEntry(
            unit_id=unit_id(inst, unit), correction_id=number, wanted=wanted, reason=reason, decision=decision
        )
        who = act(actor, at, command_id, reason=reason, document=decision)
        outcome = inst.ledger.execute(command, who, dry_run=dry_run)
    show_outcome(outcome, as_json=as_json, dry_run=dry_run)


@app.command(
    "cash",
    help="Huỷ một khoản tiền mặt ghi sai (có --slip thì ghi khoản thay thế), hoặc một phiếu chuyển tiền ngân hàng "
    "không báo.",
)
def cash_command(
    payment: Payment,
    actor: Actor,
    unit: Unit,
    number: Number,
    reason: Reason,
    decision: Decision,
    slip: Annotated[str | None, typer.Option("--slip", help="Số phiếu của khoản thay thế.")] = None,
    member: Annotated[str | None, typer.Option("--to-member", help="Đảng viên đúng; trống: như cũ.")] = None,
    month: Annotated[str | None, typer.Option("--to-month", help="Tháng của khoản thay thế.")] = None,
    amount: Annotated[int | None, typer.Option("--amount", parser=dong, help="Số tiền đúng; trống: như cũ.")] = None,
    at: At = None,
    command_id: CommandId = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        wanted = Wanted(
            kind=Kind.CASH,
            payment_id=PaymentId(full_id(inst, payment)),
            to_member=None if member is None else member_of(inst, member),
            to_month=None if month is None else parse_month(month),
            amount=amount,
            slip=slip,
        )
        command = CorrectEntry(
            unit_id=unit_id(inst, unit), correction_id=number, wanted=wanted, reason=reason, decision=decision
        )
        who = act(actor, at, command_id, reason=reason, document=decision)
        outcome = inst.ledger.execute(command, who, dry_run=dry_run)
    show_outcome(outcome, as_json=as_json, dry_run=dry_run)


@app.command("import", help="Lấy lại cả một sao kê nhập nhầm tệp hoặc nhầm tài khoản.")
def import_command(
    file: Annotated[Path, typer.Argument(help="Chính tệp sao kê đã nhập nhầm.", exists=True, dir_okay=False)],
    actor: Actor,
    unit: Unit,
    account: Annotated[str, typer.Option("--account", help="Tài khoản đã nhận nhầm: <BIN>:<số>.")],
    number: Number,
    reason: Reason,
    decision: Decision,
    at: At = None,
    command_id: CommandId = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        digest = digest_on_record(inst, AccountId(account), content(file))
        wanted = Wanted(kind=Kind.IMPORT, account_id=AccountId(account), file_digest=digest)
        command = CorrectEntry(
            unit_id=unit_id(inst, unit), correction_id=number, wanted=wanted, reason=reason, decision=decision
        )
        who = act(actor, at, command_id, reason=reason, document=decision)
        outcome = inst.ledger.execute(command, who, dry_run=dry_run)
    show_outcome(outcome, as_json=as_json, dry_run=dry_run)


@app.command("approve", help="Người khác duyệt một đề nghị điều chỉnh; được ghi ngay.")
def approve_command(
    number: Annotated[str, typer.Argument(help="Số điều chỉnh.")],
    actor: Actor,
    unit: Unit,
    at: At = None,
    command_id: CommandId = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        command = ApproveCorrection(unit_id=unit_id(inst, unit), correction_id=number)
        outcome = inst.ledger.execute(command, act(actor, at, command_id), dry_run=dry_run)
    show_outcome(outcome, as_json=as_json, dry_run=dry_run)
