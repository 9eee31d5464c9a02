"""``dangphi relief``: reliefs from application to end, exemptions to confirm, and what runs out."""

from datetime import date, datetime
from typing import Annotated

import typer

from api.cli.session import Actor, AsJson, At, CommandId, Data, Demo, DryRun, act, moment, opened, show, show_outcome
from api.cli.session import unit_id as by_code
from api.flows.members import member_of
from api.wiring import Installation
from domain.access import Action
from domain.period import parse_month
from domain.relief import Timing
from domain.relief_decider import Decider
from ledger import relief_list
from ledger.application import Outcome
from ledger.handlers.exemptions import NotePartyAge, NoteSocialPension, ProposeExemptions, SettleExemption
from ledger.handlers.relief_life import (
    ApplyForRelief,
    ArrangePayment,
    AssignReliefDecider,
    DecideRelief,
    RevokeRelief,
)

app = typer.Typer(
    help="Miễn, giảm: đơn, quyết định, gia hạn, thu hồi, đề xuất miễn, danh sách sắp hết hạn.",
    no_args_is_help=True,
    add_completion=False,
)

Unit = Annotated[str, typer.Option("--unit", help="Mã đơn vị.")]
DeciderUnit = Annotated[str, typer.Option("--decider", help="Mã đơn vị có thẩm quyền quyết định.")]
Member = Annotated[str, typer.Option("--member", help="Số thẻ đảng hoặc mã đảng viên trong sổ.")]
Relief = Annotated[str, typer.Option("--relief", help="X1 đến X4.")]
Percent = Annotated[int, typer.Option("--percent", help="Phần trăm được miễn, giảm: 30, 50, 70, 100.")]
FromMonth = Annotated[str, typer.Option("--from", help="Tháng đầu, ví dụ 2026-08.")]
Decision = Annotated[str, typer.Option("--decision", help="Số quyết định, nghị quyết.")]
Reason = Annotated[str, typer.Option("--reason", help="Lý do.")]
Document = Annotated[str, typer.Option("--document", help="Đơn, thẻ hoặc văn bản làm căn cứ.")]
Day = Annotated[datetime, typer.Option(formats=["%Y-%m-%d"])]


def _done(outcome: Outcome, *, as_json: bool, dry_run: bool = False) -> None:
    show_outcome(outcome, as_json=as_json, dry_run=dry_run)


@app.command("apply", help="Ghi đơn của đảng viên; câu trả lời nêu cấp quyết định.")
def apply_command(
    application: Annotated[str, typer.Argument(help="Số đơn, do chi bộ đặt.")],
    actor: Actor,
    unit: Unit,
    member: Member,
    relief: Relief,
    percent: Percent,
    from_month: FromMonth,
    months: Annotated[int, typer.Option("--months", help="Số tháng xin, tối đa 12.")],
    document: Document,
    renews: Annotated[str | None, typer.Option("--renews", help="Quyết định cũ được gia hạn.")] = None,
    at: At = None,
    command_id: CommandId = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        command = ApplyForRelief(
            unit_id=by_code(inst, unit),
            member_id=member_of(inst, member),
            application=application,
            relief=relief,
            percent=percent,
            from_month=parse_month(from_month),
            months=months,
            document=document,
            renews=renews,
        )
        outcome = inst.ledger.execute(command, act(actor, at, command_id, document=document))
    _done(outcome, as_json=as_json)


@app.command("decide", help="Quyết định đơn: --granted hoặc --refused.")
def decide_command(
    application: Annotated[str, typer.Argument(help="Số đơn.")],
    actor: Actor,
    decider: DeciderUnit,
    member: Member,
    decision: Decision,
    reason: Reason,
    granted: Annotated[bool, typer.Option("--granted/--refused", help="Cho hoặc không cho.")] = True,
    percent: Annotated[int | None, typer.Option("--percent", help="Khác mức xin.")] = None,
    months: Annotated[int | None, typer.Option("--months", help="Khác số tháng xin.")] = None,
    past: Annotated[bool, typer.Option("--past-months", help="Quyết định ghi rõ áp dụng cho tháng đã qua.")] = False,
    at: At = None,
    command_id: CommandId = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        command = DecideRelief(
            decider_id=by_code(inst, decider),
            member_id=member_of(inst, member),
            application=application,
            granted=granted,
            decision=decision,
            reason=reason,
            percent=percent,
            months=months,
            past_months=past,
        )
        who = act(actor, at, command_id, reason=reason, document=decision)
        outcome = inst.ledger.execute(command, who, dry_run=dry_run)
    _done(outcome, as_json=as_json, dry_run=dry_run)


@app.command("revoke", help="Thu hồi miễn, giảm từ một tháng; tháng đã tính được điều chỉnh.")
def revoke_command(
    actor: Actor,
    decider: DeciderUnit,
    member: Member,
    relief: Relief,
    granted_by: Annotated[str, typer.Option("--granted-by", help="Quyết định đã cho miễn, giảm.")],
    from_month: FromMonth,
    decision: Decision,
    reason: Reason,
    at: At = None,
    command_id: CommandId = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        command = RevokeRelief(
            decider_id=by_code(inst, decider),
            member_id=member_of(inst, member),
            relief=relief,
            granted_by=granted_by,
            from_month=parse_month(from_month),
            decision=decision,
            reason=reason,
        )
        who = act(actor, at, command_id, reason=reason, document=decision)
        outcome = inst.ledger.execute(command, who, dry_run=dry_run)
    _done(outcome, as_json=as_json, dry_run=dry_run)


@app.command("note", help="Ghi ngày tính tuổi Đảng (--party-age) hoặc ngày hưởng trợ cấp hưu trí xã hội.")
def note_command(
    actor: Actor,
    unit: Unit,
    member: Member,
    document: Document,
    party_age: Annotated[
        datetime | None, typer.Option("--party-age", formats=["%Y-%m-%d"], help="Ngày bắt đầu tính tuổi Đảng.")
    ] = None,
    social_pension: Annotated[
        datetime | None,
        typer.Option("--social-pension", formats=["%Y-%m-%d"], help="Ngày hưởng trợ cấp hưu trí xã hội."),
    ] = None,
    at: At = None,
    command_id: CommandId = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    if (party_age is None) == (social_pension is None):
        raise typer.BadParameter("nêu đúng một trong hai: --party-age hoặc --social-pension")
    with opened(demo=demo, data=data) as inst:
        cell, member_id = by_code(inst, unit), member_of(inst, member)
        if party_age is not None:
            command: object = NotePartyAge(
                unit_id=cell, member_id=member_id, counts_from=party_age.date(), document=document
            )
        else:
            month = parse_month(f"{social_pension:%Y-%m}")
            command = NoteSocialPension(unit_id=cell, member_id=member_id, from_month=month, document=document)
        outcome = inst.ledger.execute(command, act(actor, at, command_id, document=document))
    _done(outcome, as_json=as_json)


@app.command("propose", help="Tìm người đến tháng được miễn theo tuổi Đảng, trợ cấp hưu trí xã hội.")
def propose_command(
    actor: Actor,
    unit: Unit,
    month: Annotated[str, typer.Option("--month", help="Xét đến tháng này.")],
    at: At = None,
    command_id: CommandId = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        command = ProposeExemptions(unit_id=by_code(inst, unit), month=parse_month(month))
        outcome = inst.ledger.execute(command, act(actor, at, command_id), dry_run=dry_run)
    _done(outcome, as_json=as_json, dry_run=dry_run)


@app.command("settle", help="Xác nhận (--confirm) hoặc bỏ (--dismiss) một đề xuất miễn.")
def settle_command(
    actor: Actor,
    decider: DeciderUnit,
    member: Member,
    relief: Relief,
    from_month: FromMonth,
    decision: Decision,
    reason: Reason,
    confirmed: Annotated[bool, typer.Option("--confirm/--dismiss", help="Xác nhận, hoặc bỏ kèm lý do.")] = True,
    at: At = None,
    command_id: CommandId = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        command = SettleExemption(
            decider_id=by_code(inst, decider),
            member_id=member_of(inst, member),
            relief=relief,
            from_month=parse_month(from_month),
            confirmed=confirmed,
            reason=reason,
            decision=decision,
        )
        who = act(actor, at, command_id, reason=reason, document=decision)
        outcome = inst.ledger.execute(command, who, dry_run=dry_run)
    _done(outcome, as_json=as_json, dry_run=dry_run)


@app.command("decider", help="Giao thẩm quyền quyết định miễn, giảm của một đơn vị.")
def decider_command(
    actor: Actor,
    unit: Unit,
    to: Annotated[Decider, typer.Option("--to", help="self: chính đơn vị; superior: cấp trên trực tiếp.")],
    since: Annotated[datetime, typer.Option("--since", formats=["%Y-%m-%d"], help="Ngày bắt đầu giao thẩm quyền.")],
    decision: Decision,
    at: At = None,
    command_id: CommandId = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    day: date = since.date()
    with opened(demo=demo, data=data) as inst:
        command = AssignReliefDecider(unit_id=by_code(inst, unit), decider=to, effective_from=day, decision=decision)
        outcome = inst.ledger.execute(command, act(actor, at, command_id, document=decision))
    _done(outcome, as_json=as_json)


@app.command("arrange", help="Cho người được tạm miễn sinh hoạt đóng chậm (late) hoặc đóng trước (ahead).")
def arrange_command(
    actor: Actor,
    decider: DeciderUnit,
    member: Member,
    timing: Annotated[Timing, typer.Option("--timing", help="Đóng chậm hoặc đóng trước.")],
    from_month: FromMonth,
    to_month: Annotated[str, typer.Option("--to", help="Tháng cuối.")],
    decision: Decision,
    at: At = None,
    command_id: CommandId = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        command = ArrangePayment(
            decider_id=by_code(inst, decider),
            member_id=member_of(inst, member),
            timing=timing,
            from_month=parse_month(from_month),
            to_month=parse_month(to_month),
            decision=decision,
        )
        outcome = inst.ledger.execute(command, act(actor, at, command_id, document=decision))
    _done(outcome, as_json=as_json)


@app.command("list", help="Miễn, giảm của đơn vị: còn hiệu lực, sắp hết hạn, đã hết hạn; việc chờ quyết định.")
def list_command(
    actor: Actor,
    unit: Unit,
    ending: Annotated[bool, typer.Option("--ending", help="Chỉ sắp hết hạn và đã hết hạn.")] = False,
    at: At = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        answer = _listed(inst, actor, unit, moment(at).date(), ending=ending)
    show(answer, as_json=as_json)


def _listed(inst: Installation, actor: str, unit: str, on: date, *, ending: bool) -> dict[str, object]:
    found = by_code(inst, unit)
    inst.ledger.require(actor=actor, action=Action.READ, unit=found, on=on)
    inst.ledger.directory.catch_up()
    work = inst.ledger.work()
    rows = relief_list.as_dicts(relief_list.relief_list(work, found, on))
    chosen = [row for row in rows if not ending or row["state"] != relief_list.IN_FORCE]
    return {"reliefs": chosen, "waiting": list(relief_list.waiting_list(work, found))}
