"""``dangphi refund``: give money back, with every level's part shown before two people approve."""

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
from api.flows.members import member_of
from domain.identifiers import PaymentId, RefundId
from domain.payment import Asset
from domain.period import parse_month, parse_period
from ledger.handlers.payouts import PayRefund
from ledger.handlers.refunds import (
    ApproveRefund,
    RequestCreditRefund,
    RequestReliefRefund,
    RequestSuspenseRefund,
)

app = typer.Typer(help="Hoàn trả: đề nghị, hai người duyệt, chi trả.", no_args_is_help=True, add_completion=False)

Refund = Annotated[str, typer.Argument(help="Mã hồ sơ hoàn trả, do đơn vị đặt.")]
Unit = Annotated[str, typer.Option("--unit", help="Mã đơn vị.")]
Member = Annotated[str, typer.Option("--member", help="Số thẻ đảng hoặc mã đảng viên trong sổ.")]
Amount = Annotated[int, typer.Option("--amount", parser=dong, help="Đồng.")]
Reason = Annotated[str, typer.Option("--reason", help="Lý do.")]
Decision = Annotated[str, typer.Option("--decision", help="Số quyết định của cấp ủy.")]


@app.command("credit", help="Đề nghị trả khoản đóng thừa còn giữ.")
def credit_command(
    refund: Refund,
    actor: Actor,
    unit: Unit,
    member: Member,
    amount: Amount,
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
        command = RequestCreditRefund(
            refund_id=RefundId(refund),
            unit_id=unit_id(inst, unit),
            member_id=member_of(inst, member),
            amount=amount,
            reason=reason,
            decision=decision,
        )
        who = act(actor, at, command_id, reason=reason, document=decision)
        outcome = inst.ledger.execute(command, who, dry_run=dry_run)
    show_outcome(outcome, as_json=as_json, dry_run=dry_run)


@app.command("suspense", help="Đề nghị trả lại tiền không xác định được chủ.")
def suspense_command(
    refund: Refund,
    actor: Actor,
    unit: Unit,
    payment: Annotated[str, typer.Option("--payment", help="Mã khoản tiền đang treo.")],
    amount: Amount,
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
        command = RequestSuspenseRefund(
            refund_id=RefundId(refund),
            unit_id=unit_id(inst, unit),
            payment_id=PaymentId(full_id(inst, payment)),
            amount=amount,
            reason=reason,
            decision=decision,
        )
        who = act(actor, at, command_id, reason=reason, document=decision)
        outcome = inst.ledger.execute(command, who, dry_run=dry_run)
    show_outcome(outcome, as_json=as_json, dry_run=dry_run)


@app.command("relief", help="Đề nghị hoàn do được miễn, giảm; in phần của từng cấp.")
def relief_command(
    refund: Refund,
    actor: Actor,
    unit: Unit,
    member: Member,
    month: Annotated[str, typer.Option("--month", help="Tháng đảng phí.")],
    relief: Annotated[str, typer.Option("--relief", help="X1 đến X4.")],
    reason: Reason,
    decision: Decision,
    percent: Annotated[int, typer.Option("--percent", help="Phần trăm được miễn, giảm.")] = 100,
    period: Annotated[str | None, typer.Option("--period", help="Kỳ đã chốt; bỏ trống nếu chưa chốt.")] = None,
    at: At = None,
    command_id: CommandId = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        command = RequestReliefRefund(
            refund_id=RefundId(refund),
            unit_id=unit_id(inst, unit),
            member_id=member_of(inst, member),
            month=parse_month(month),
            period=None if period is None else parse_period(period),
            relief=relief,
            percent=percent,
            reason=reason,
            decision=decision,
        )
        who = act(actor, at, command_id, reason=reason, document=decision)
        outcome = inst.ledger.execute(command, who, dry_run=dry_run)
    show_outcome(outcome, as_json=as_json, dry_run=dry_run)


@app.command("approve", help="Duyệt; lần thứ hai (người khác) thì ghi sổ ở mọi cấp.")
def approve_command(
    refund: Refund,
    actor: Actor,
    unit: Unit,
    at: At = None,
    command_id: CommandId = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        command = ApproveRefund(unit_id=unit_id(inst, unit), refund_id=RefundId(refund))
        outcome = inst.ledger.execute(command, act(actor, at, command_id))
    show_outcome(outcome, as_json=as_json)


@app.command("pay", help="Chi trả khoản đã được hai người duyệt.")
def pay_command(
    refund: Refund,
    actor: Actor,
    unit: Unit,
    in_cash: Annotated[bool, typer.Option("--cash", help="Chi tiền mặt; mặc định chuyển khoản.")] = False,
    at: At = None,
    command_id: CommandId = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    who = act(actor, at, command_id)
    with opened(demo=demo, data=data) as inst:
        command = PayRefund(
            unit_id=unit_id(inst, unit),
            refund_id=RefundId(refund),
            asset=Asset.CASH if in_cash else Asset.BANK,
            paid_on=who.on,
        )
        outcome = inst.ledger.execute(command, who)
    show_outcome(outcome, as_json=as_json)
