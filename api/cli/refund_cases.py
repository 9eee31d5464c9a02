"""``dangphi refund`` off the straight road: withdraw a request, pay a superior's part down by transfer."""

from typing import Annotated

import typer

from api.cli.refund import Reason, Refund, Unit, app
from api.cli.session import Actor, AsJson, At, CommandId, Data, Demo, act, opened, show_outcome, unit_id
from domain.identifiers import RefundId
from ledger.handlers.claw_backs import PayClawBack, WithdrawRefund

__all__ = ["app"]


@app.command("withdraw", help="Rút đề nghị hoàn trả chưa đủ hai người duyệt.")
def withdraw_command(
    refund: Refund,
    actor: Actor,
    unit: Unit,
    reason: Reason,
    at: At = None,
    command_id: CommandId = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        command = WithdrawRefund(unit_id=unit_id(inst, unit), refund_id=RefundId(refund), reason=reason)
        outcome = inst.ledger.execute(command, act(actor, at, command_id, reason=reason))
    show_outcome(outcome, as_json=as_json)


@app.command("claw-back", help="Cấp trên chuyển khoản phần phải trả cấp dưới do hoàn trả; sao kê hai bên xác nhận.")
def claw_back_command(
    refund: Refund,
    actor: Actor,
    superior: Annotated[str, typer.Option("--superior", help="Mã đơn vị cấp trên chi trả.")],
    unit: Annotated[str, typer.Option("--unit", help="Mã đơn vị cấp dưới nhận.")],
    at: At = None,
    command_id: CommandId = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    who = act(actor, at, command_id)
    with opened(demo=demo, data=data) as inst:
        command = PayClawBack(
            superior_id=unit_id(inst, superior),
            unit_id=unit_id(inst, unit),
            refund_id=RefundId(refund),
            paid_on=who.on,
        )
        outcome = inst.ledger.execute(command, who)
    show_outcome(outcome, as_json=as_json)
