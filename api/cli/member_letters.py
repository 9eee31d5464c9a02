"""``dangphi member letter …``: letters of introduction, given by the old cell and received by the new one."""

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
    Reader,
    act,
    moment,
    opened,
    show,
    show_outcome,
    unit_id,
)
from api.flows.letters import letter_as_dict, letters_of
from api.flows.members import member_of
from api.reading import reading
from domain.access import Action
from domain.membership import TransferKind
from domain.period import parse_month
from ledger.handlers.transfers import EndTemporaryTransfer, IssueTransfer, ReceiveTransfer, WithdrawTransfer

#: These commands stand directly under ``dangphi member``.
letters = typer.Typer(add_completion=False)

Unit = Annotated[str, typer.Option("--unit", help="Mã đơn vị thực hiện.")]
Member = Annotated[str, typer.Option("--member", help="Số thẻ đảng hoặc mã đảng viên trong sổ.")]
Decision = Annotated[str, typer.Option("--decision", help="Số quyết định.")]
DecidedOn = Annotated[datetime, typer.Option("--decided-on", formats=["%Y-%m-%d"], help="Ngày quyết định.")]
Letter = Annotated[str, typer.Option("--letter", help="Số giấy giới thiệu.")]
On = Annotated[datetime, typer.Option("--on", formats=["%Y-%m-%d"], help="Ngày có hiệu lực.")]
Paid = Annotated[str, typer.Option("--paid-through", help="Tháng cuối đã đóng ở nơi đi, ghi trên giấy: 2026-07.")]
ToMonth = Annotated[str | None, typer.Option("--to-month", help="Tháng cuối của lần chuyển tạm thời: 2026-12.")]
Kind = Annotated[TransferKind, typer.Option("--kind", help="official, temporary hoặc study.")]


@letters.command("letters", help="Giấy giới thiệu chưa ai tiếp nhận: tuổi (ngày làm việc), hạn, và ai phải làm gì.")
def letters_command(
    unit: Annotated[str, typer.Option("--unit", help="Mã đơn vị; gồm mọi đơn vị bên dưới.")],
    reader: Reader = None,
    on: Annotated[
        datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="Ngày tính tuổi; mặc định hôm nay.")
    ] = None,
    at: At = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    today = moment(at).date()
    day = today if on is None else on.date()
    with opened(demo=demo, data=data) as inst, reading(inst) as read:
        root = unit_id(inst, unit)
        if reader is not None:
            inst.ledger.require(actor=reader, action=Action.READ, unit=root, on=today)
        found = [letter_as_dict(one) for one in letters_of(inst, read, root, day)]
    show({"unit": unit, "on": day.isoformat(), "letters": found}, as_json=as_json)


@letters.command("letter", help="Nơi đi: cấp giấy giới thiệu chuyển sinh hoạt.")
def letter_command(
    actor: Actor,
    unit: Unit,
    member: Member,
    letter: Letter,
    paid_through: Paid,
    to: Annotated[str | None, typer.Option("--to", help="Mã đơn vị đến trong sổ này.")] = None,
    to_outside: Annotated[str | None, typer.Option("--to-outside", help="Nơi đến ngoài sổ này.")] = None,
    kind: Kind = TransferKind.OFFICIAL,
    to_month: ToMonth = None,
    at: At = None,
    command_id: CommandId = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    who = act(actor, at, command_id, document=letter)
    with opened(demo=demo, data=data) as inst:
        command = IssueTransfer(
            unit_id=unit_id(inst, unit),
            member_id=member_of(inst, member),
            kind=kind,
            to_unit=None if to is None else unit_id(inst, to),
            to_outside=to_outside,
            letter=letter,
            issued_on=who.on,
            paid_through=parse_month(paid_through),
            to_month=None if to_month is None else parse_month(to_month),
        )
        outcome = inst.ledger.execute(command, who, dry_run=dry_run)
    show_outcome(outcome, as_json=as_json, dry_run=dry_run)


@letters.command("receive", help="Nơi đến: tiếp nhận theo giấy giới thiệu; người tiếp nhận khác người cấp giấy.")
def receive_command(
    actor: Actor,
    unit: Unit,
    member: Member,
    letter: Letter,
    at: At = None,
    command_id: CommandId = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    who = act(actor, at, command_id, document=letter)
    with opened(demo=demo, data=data) as inst:
        command = ReceiveTransfer(
            unit_id=unit_id(inst, unit), member_id=member_of(inst, member), letter=letter, received_on=who.on
        )
        outcome = inst.ledger.execute(command, who, dry_run=dry_run)
    show_outcome(outcome, as_json=as_json, dry_run=dry_run)


@letters.command("withdraw", help="Nơi đi: thu hồi giấy giới thiệu chưa ai tiếp nhận.")
def withdraw_command(
    actor: Actor,
    unit: Unit,
    member: Member,
    letter: Letter,
    reason: Annotated[str, typer.Option("--reason", help="Lý do, ghi vào sổ.")],
    at: At = None,
    command_id: CommandId = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    who = act(actor, at, command_id, reason=reason)
    with opened(demo=demo, data=data) as inst:
        command = WithdrawTransfer(
            unit_id=unit_id(inst, unit),
            member_id=member_of(inst, member),
            letter=letter,
            withdrawn_on=who.on,
            reason=reason,
        )
        outcome = inst.ledger.execute(command, who)
    show_outcome(outcome, as_json=as_json)


@letters.command("end-temporary", help="Kết thúc sớm một lần chuyển tạm thời.")
def end_temporary_command(
    actor: Actor,
    unit: Unit,
    member: Member,
    letter: Letter,
    last_month: Annotated[str, typer.Option("--last-month", help="Tháng cuối còn đóng ở nơi tạm thời.")],
    decision: Decision,
    at: At = None,
    command_id: CommandId = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    who = act(actor, at, command_id, document=decision)
    with opened(demo=demo, data=data) as inst:
        command = EndTemporaryTransfer(
            unit_id=unit_id(inst, unit),
            member_id=member_of(inst, member),
            letter=letter,
            ended_on=who.on,
            last_month=parse_month(last_month),
            decision=decision,
        )
        outcome = inst.ledger.execute(command, who)
    show_outcome(outcome, as_json=as_json)
