"""``dangphi remit`` off the straight road: on account, withdrawn, astray, resolved; what is under way, who is late."""

from datetime import datetime
from typing import Annotated

import typer

from adapters.office.holidays import days_off
from api.cli.remit import Case, Period, Reason, Unit, app
from api.cli.session import (
    Actor,
    AsJson,
    At,
    CommandId,
    Data,
    Demo,
    DryRun,
    Reader,
    act,
    dong,
    full_id,
    moment,
    opened,
    show,
    show_outcome,
    unit_id,
)
from api.wiring import Installation
from domain.access import Action
from domain.identifiers import AccountId, PaymentId, RemittanceId, UnitId
from domain.period import parse_period
from domain.remittance import Way
from domain.remittance_cases import Resolution
from ledger.handlers.handshake import ReceivedElsewhere
from ledger.handlers.interim import PrepareInterim
from ledger.handlers.resolve import (
    CorrectDeclaration,
    NameSending,
    PassRemittanceOn,
    PlaceRemittanceMoney,
    ResolveDispute,
    WithdrawRemittance,
)
from ledger.transit import in_transit, late, late_shown, transit_shown

__all__ = ["app"]

Ground = Annotated[str, typer.Option("--ground", help="Căn cứ: chứng từ, người xác nhận.")]
Decision = Annotated[str, typer.Option("--decision", help="Số nghị quyết, quyết định.")]
OnDay = Annotated[datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="Tính đến ngày; mặc định hôm nay.")]


@app.command("interim", help="Lập lệnh tạm nộp cho kỳ chưa có tỷ lệ; duyệt, gửi như lệnh nộp thường.")
def interim_command(
    actor: Actor,
    unit: Unit,
    period: Period,
    amount: Annotated[int, typer.Option("--amount", parser=dong, help="Đồng.")],
    decision: Decision,
    way: Annotated[Way, typer.Option("--way", help="Cách nộp.")] = Way.PORTAL,
    reason: Annotated[str | None, typer.Option("--reason", help="Lý do không nộp qua Cổng.")] = None,
    at: At = None,
    command_id: CommandId = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        command = PrepareInterim(
            unit_id=unit_id(inst, unit),
            period=parse_period(period),
            amount=amount,
            way=way,
            decision=decision,
            reason=reason,
        )
        who = act(actor, at, command_id, reason=reason, document=decision)
        outcome = inst.ledger.execute(command, who, dry_run=dry_run)
    show_outcome(outcome, as_json=as_json, dry_run=dry_run)


@app.command("withdraw", help="Rút lệnh nộp chưa gửi.")
def withdraw_command(
    case: Case,
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
        remittance = RemittanceId(full_id(inst, case))
        command = WithdrawRemittance(unit_id=unit_id(inst, unit), remittance_id=remittance, reason=reason)
        outcome = inst.ledger.execute(command, act(actor, at, command_id, reason=reason))
    show_outcome(outcome, as_json=as_json)


@app.command("resolve", help="Cấp trên kết luận một tra soát.")
def resolve_command(
    case: Case,
    actor: Actor,
    superior: Annotated[str, typer.Option("--superior", help="Mã đơn vị cấp trên.")],
    resolution: Annotated[Resolution, typer.Option("--as-result", help="Kết luận.")],
    note: Annotated[str, typer.Option("--note", help="Diễn giải.")],
    document: Annotated[str | None, typer.Option("--document", help="Số văn bản.")] = None,
    at: At = None,
    command_id: CommandId = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        command = ResolveDispute(
            superior_id=unit_id(inst, superior),
            remittance_id=RemittanceId(full_id(inst, case)),
            resolution=resolution,
            note=note,
            document=document,
        )
        outcome = inst.ledger.execute(command, act(actor, at, command_id, reason=note, document=document))
    show_outcome(outcome, as_json=as_json)


@app.command("suspense", help="Tiền đang treo là tiền của lệnh nộp: bị hoàn lại, đến nhầm đơn vị, hoặc đã đến.")
def suspense_command(
    case: Case,
    actor: Actor,
    unit: Annotated[str, typer.Option("--unit", help="Mã đơn vị đang treo khoản tiền.")],
    payment: Annotated[str, typer.Option("--payment", help="Mã khoản tiền đang treo.")],
    ground: Ground,
    at: At = None,
    command_id: CommandId = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        command = PlaceRemittanceMoney(
            unit_id=unit_id(inst, unit),
            payment_id=PaymentId(full_id(inst, payment)),
            remittance_id=RemittanceId(full_id(inst, case)),
            ground=ground,
        )
        outcome = inst.ledger.execute(command, act(actor, at, command_id, reason=ground))
    show_outcome(outcome, as_json=as_json)


@app.command("pass-on", help="Dòng tiền ra của đơn vị nhận nhầm là tiền chuyển tiếp của lệnh nộp.")
def pass_on_command(
    case: Case,
    actor: Actor,
    unit: Annotated[str, typer.Option("--unit", help="Mã đơn vị nhận nhầm.")],
    account: Annotated[str, typer.Option("--account", help="Tài khoản, dạng BIN:số.")],
    line: Annotated[str, typer.Option("--line", help="Mã dòng sao kê.")],
    ground: Ground,
    at: At = None,
    command_id: CommandId = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        command = PassRemittanceOn(
            unit_id=unit_id(inst, unit),
            account_id=AccountId(account),
            line_key=line,
            remittance_id=RemittanceId(full_id(inst, case)),
            ground=ground,
        )
        outcome = inst.ledger.execute(command, act(actor, at, command_id, reason=ground))
    show_outcome(outcome, as_json=as_json)


@app.command("name-sending", help="Dòng tiền ra không có mã là lần gửi của lệnh nộp này.")
def name_sending_command(
    case: Case,
    actor: Actor,
    unit: Annotated[str, typer.Option("--unit", help="Mã đơn vị nộp.")],
    account: Annotated[str, typer.Option("--account", help="Tài khoản, dạng BIN:số.")],
    line: Annotated[str, typer.Option("--line", help="Mã dòng sao kê.")],
    ground: Ground,
    at: At = None,
    command_id: CommandId = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        command = NameSending(
            unit_id=unit_id(inst, unit),
            account_id=AccountId(account),
            line_key=line,
            remittance_id=RemittanceId(full_id(inst, case)),
        )
        outcome = inst.ledger.execute(command, act(actor, at, command_id, reason=ground))
    show_outcome(outcome, as_json=as_json)


@app.command("received-elsewhere", help="Cấp trên ghi sổ nơi khác (Trung ương) báo đã nhận tiền của lệnh nộp.")
def received_elsewhere_command(
    case: Case,
    actor: Actor,
    unit: Annotated[str, typer.Option("--unit", help="Mã đơn vị nộp.")],
    amount: Annotated[int, typer.Option("--amount", parser=dong, help="Đồng.")],
    received_on: Annotated[datetime, typer.Option("--received-on", formats=["%Y-%m-%d"], help="Ngày cấp trên nhận.")],
    acknowledgement: Annotated[str, typer.Option("--paper", help="Số giấy xác nhận của cấp trên.")],
    at: At = None,
    command_id: CommandId = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        command = ReceivedElsewhere(
            unit_id=unit_id(inst, unit),
            remittance_id=RemittanceId(full_id(inst, case)),
            amount=amount,
            received_on=received_on.date(),
            acknowledgement=acknowledgement,
        )
        outcome = inst.ledger.execute(command, act(actor, at, command_id, reason=acknowledgement))
    show_outcome(outcome, as_json=as_json)


@app.command("correct-declaration", help="Điều chỉnh giảm kỳ kê khai quá số, khi cấp trên chưa nhận phần đó.")
def correct_declaration_command(
    actor: Actor,
    unit: Unit,
    period: Period,
    reduced_by: Annotated[int, typer.Option("--reduced-by", parser=dong, help="Đồng.")],
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
        command = CorrectDeclaration(
            unit_id=unit_id(inst, unit),
            period=parse_period(period),
            reduced_by=reduced_by,
            reason=reason,
            decision=decision,
        )
        who = act(actor, at, command_id, reason=reason, document=decision)
        outcome = inst.ledger.execute(command, who, dry_run=dry_run)
    show_outcome(outcome, as_json=as_json, dry_run=dry_run)


@app.command("transit", help="Tiền đang ở giữa các cấp trong phạm vi đơn vị, tuổi và việc kế tiếp.")
def transit_command(
    unit: Unit,
    reader: Reader = None,
    on: OnDay = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    day = moment(None).date() if on is None else on.date()
    with opened(demo=demo, data=data) as inst:
        root = _readable(inst, unit, reader)
        items = [transit_shown(item) for item in in_transit(inst.ledger.work(), root, day)]
    show({"unit": unit, "on": day, "items": items}, as_json=as_json)


@app.command("late", help="Đơn vị nộp chậm trong phạm vi, chậm nhất trước.")
def late_command(
    unit: Unit,
    reader: Reader = None,
    on: OnDay = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    day = moment(None).date() if on is None else on.date()
    with opened(demo=demo, data=data) as inst:
        root = _readable(inst, unit, reader)
        items = [late_shown(item) for item in late(inst.ledger.work(), root, day, days_off(inst.settings.holidays))]
    show({"unit": unit, "on": day, "items": items}, as_json=as_json)


def _readable(inst: Installation, code: str, reader: str | None) -> UnitId:
    """The unit, if the reader named may see its figures; whoever sits at the office's own machine names nobody."""
    root = unit_id(inst, code)
    inst.ledger.directory.catch_up()
    if reader is not None:
        inst.ledger.require(actor=reader, action=Action.READ, unit=root, on=moment(None).date())
    return root
