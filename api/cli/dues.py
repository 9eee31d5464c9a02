"""``dangphi dues``: assess a month and ask for it."""

from datetime import date, datetime
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
    moment,
    opened,
    show,
    show_outcome,
    unit_id,
)
from api.flows.dossier_text import dossier_text
from api.flows.members import member_of
from api.wiring import Installation
from domain import payment_request
from domain.access import Action
from domain.arrears import AGE_CLASSES
from domain.errors import Refusal, RefusalCode
from domain.identifiers import UnitId
from domain.period import parse_month
from ledger import arrears
from ledger.adjusting import require_member_of
from ledger.handlers.ask import RequestMonth
from ledger.handlers.assess import AssessMonth
from ledger.handlers.reliefs import RecogniseRelief
from ledger.handlers.slips import TakeTellingBack, TellTransfer
from ledger.work import Work

app = typer.Typer(help="Tính mức đóng và lập yêu cầu nộp.", no_args_is_help=True, add_completion=False)

Unit = Annotated[str, typer.Option("--unit", help="Mã đơn vị; gồm mọi đơn vị bên dưới.")]
Reference = Annotated[str, typer.Argument(help="Mã tham chiếu 12 ký tự.")]
Month = Annotated[str, typer.Option("--month", help="Tháng đảng phí, ví dụ 2026-07.")]


@app.command("assess", help="Tính mức đóng của một tháng cho mọi đảng viên; tính hai lần không thêm gì.")
def assess_command(
    actor: Actor,
    unit: Unit,
    month: Month,
    at: At = None,
    command_id: CommandId = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        command = AssessMonth(unit_id=unit_id(inst, unit), month=parse_month(month))
        outcome = inst.ledger.execute(command, act(actor, at, command_id), dry_run=dry_run)
    show_outcome(outcome, as_json=as_json, dry_run=dry_run)


@app.command("ask", help="Lập yêu cầu nộp (mã tham chiếu, VietQR) cho người còn phải đóng.")
def ask_command(
    actor: Actor,
    unit: Unit,
    month: Month,
    valid_until: Annotated[
        datetime | None, typer.Option("--valid-until", formats=["%Y-%m-%d"], help="Hạn của yêu cầu nộp.")
    ] = None,
    at: At = None,
    command_id: CommandId = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    until: date | None = None if valid_until is None else valid_until.date()
    with opened(demo=demo, data=data) as inst:
        command = RequestMonth(unit_id=unit_id(inst, unit), month=parse_month(month), valid_until=until)
        outcome = inst.ledger.execute(command, act(actor, at, command_id), dry_run=dry_run)
    show_outcome(outcome, as_json=as_json, dry_run=dry_run)


@app.command("slips", help="In phiếu nộp của một tháng (PDF, chữ lớn, mã VietQR); nêu rõ ai không có phiếu và vì sao.")
def slips_command(
    actor: Actor,
    unit: Unit,
    month: Month,
    to: Annotated[Path, typer.Option("--to", help="Tệp PDF để in.")],
    at: At = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    from adapters.books.slip import slips_pdf
    from api.flows.slips import slips_of_month

    who = act(actor, at)
    with opened(demo=demo, data=data) as inst:
        found = unit_id(inst, unit)
        inst.ledger.require(actor=actor, action=Action.REQUEST_PAYMENT, unit=found, on=who.on)
        made = slips_of_month(inst, found, parse_month(month), who.on)
        if made.slips:
            to.write_bytes(slips_pdf(made.slips, prefix=inst.settings.reference_prefix))
    left = [{"member": one.member_id, "reference": one.reference, "reason": one.reason} for one in made.left_out]
    show({"slips": len(made.slips), "file": str(to) if made.slips else None, "left_out": left}, as_json=as_json)


@app.command("told", help="Đảng viên báo đã chuyển tiền: chờ ngân hàng báo, chưa mời nộp lần nữa.")
def told_command(
    reference: Reference,
    actor: Actor,
    unit: Unit,
    told_on: Annotated[datetime, typer.Option("--on", formats=["%Y-%m-%d"], help="Ngày chuyển.")],
    at: At = None,
    command_id: CommandId = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        command = TellTransfer(unit_id=unit_id(inst, unit), reference=reference, told_on=told_on.date())
        outcome = inst.ledger.execute(command, act(actor, at, command_id))
    show_outcome(outcome, as_json=as_json)
    if outcome.answer["lapses_on"] is None and not as_json:
        typer.echo(
            "Ngày chuyển đã quá số ngày chờ (told-transfer-days) nên mã này vẫn được mời nộp. Đối chiếu sao kê, hỏi "
            "ngân hàng trước khi thu lần nữa.",
            err=True,
        )


@app.command("not-told", help="Chưa chuyển được: cho phép nộp lại theo mã này.")
def not_told_command(
    reference: Reference,
    actor: Actor,
    unit: Unit,
    reason: Annotated[str, typer.Option("--reason", help="Lý do, ghi vào sổ.")],
    at: At = None,
    command_id: CommandId = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        command = TakeTellingBack(unit_id=unit_id(inst, unit), reference=reference, reason=reason)
        outcome = inst.ledger.execute(command, act(actor, at, command_id, reason=reason))
    show_outcome(outcome, as_json=as_json)


@app.command("request", help="Xem một yêu cầu nộp: nội dung, đã nộp, và chuỗi VietQR.")
def request_command(
    reference: Reference,
    at: At = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    from adapters.vietqr.payload import encode
    from api.flows.slips import owed_now
    from ledger.pending import pending_words

    on = moment(at).date()
    with opened(demo=demo, data=data) as inst:
        work = inst.ledger.work()
        work.directory.catch_up()
        state = work.request(reference)
        if not isinstance(state, payment_request.Requested):
            raise Refusal(
                RefusalCode.UNKNOWN_REFERENCE,
                f"Không có yêu cầu nộp nào mang mã {reference}. Kiểm tra lại 12 ký tự của mã.",
            )
        asked = state.asked
        account = work.organisation.accounts[asked.account_id]
        payload = encode(bin=account.bin, account=account.number, amount=asked.amount, content=asked.reference)
        answer = {
            "reference": asked.reference,
            "kind": str(asked.kind),
            "unit_id": asked.unit_id,
            "month": asked.month,
            "amount": asked.amount,
            "answered": payment_request.answered(state),
            "owed": owed_now(work, state, on),
            "on_its_way": pending_words(work, state, on),
            "replaced_by": None if state.withdrawn is None else state.withdrawn.replaced_by,
            "account": account.number,
            "bin": account.bin,
            "valid_until": asked.valid_until,
            "payload": payload,
        }
    show(answer, as_json=as_json)


@app.command(
    "relieve", help="Miễn, giảm một tháng đã tính và chưa đóng quá mức, theo quyết định; các tháng sau tự áp dụng."
)
def relieve_command(
    actor: Actor,
    unit: Annotated[str, typer.Option("--unit", help="Mã chi bộ của đảng viên.")],
    member: Annotated[str, typer.Option("--member", help="Số thẻ đảng hoặc mã đảng viên trong sổ.")],
    month: Month,
    relief: Annotated[str, typer.Option("--relief", help="X1 đến X4.")],
    reason: Annotated[str, typer.Option("--reason", help="Lý do.")],
    decision: Annotated[str, typer.Option("--decision", help="Số quyết định của cấp ủy.")],
    percent: Annotated[int, typer.Option("--percent", help="Phần trăm được miễn, giảm.")] = 100,
    at: At = None,
    command_id: CommandId = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        command = RecogniseRelief(
            unit_id=unit_id(inst, unit),
            member_id=member_of(inst, member),
            month=parse_month(month),
            relief=relief,
            percent=percent,
            reason=reason,
            decision=decision,
        )
        who = act(actor, at, command_id, reason=reason, document=decision)
        outcome = inst.ledger.execute(command, who, dry_run=dry_run)
    show_outcome(outcome, as_json=as_json, dry_run=dry_run)


@app.command("arrears", help="Nợ đảng phí theo chi bộ và theo tuổi nợ.")
def arrears_command(
    actor: Actor,
    unit: Unit,
    at: At = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    on = moment(at).date()
    with opened(demo=demo, data=data) as inst:
        work, root = _reader(inst, actor, unit, on)
        rows = arrears.ageing(work, root, on)
    if as_json:
        show({"on": on.isoformat(), "cells": [arrears.ageing_dict(row) for row in rows]}, as_json=True)
    else:
        show({"on": on.isoformat(), "cells": [_ageing_line(row) for row in rows]}, as_json=False)


def _ageing_line(row: arrears.CellAgeing) -> dict[str, object]:
    """One cell in a line: members, months, what they owe, and of it the sum of each age."""
    ages = zip((told.title for told in AGE_CLASSES), (amount for _, amount in row.by_class), strict=True)
    return {"chi bộ": row.unit_id, "người": row.members, "tháng": row.months, "còn nợ": row.total, **dict(ages)}


@app.command("dossier", help="Hồ sơ tháng chưa đóng trong năm để chi bộ xem xét; không thay đổi tư cách của ai.")
def dossier_command(
    actor: Actor,
    unit: Unit,
    year: Annotated[int | None, typer.Option("--year", help="Năm; mặc định năm của --at.")] = None,
    member: Annotated[str | None, typer.Option("--member", help="Một đảng viên, dù chưa đến mức lập hồ sơ.")] = None,
    pdf: Annotated[Path | None, typer.Option("--pdf", help="Ghi bản in ra tệp PDF này.")] = None,
    at: At = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    on = moment(at).date()
    chosen = on.year if year is None else year
    with opened(demo=demo, data=data) as inst:
        work, root = _reader(inst, actor, unit, on)
        if member is None:
            found = arrears.dossiers(work, root, year=chosen, on=on)
        else:
            one = member_of(inst, member)
            require_member_of(work, one, root)
            found = (arrears.dossier(work, one, year=chosen, on=on),)
        names = {unit_id: told.name for unit_id, told in work.organisation.units.items()}
    if pdf is not None:
        from adapters.books import dossier

        pdf.write_bytes(dossier.dossier_pdf(found, {str(unit): name for unit, name in names.items()}))
    if as_json:
        show({"year": chosen, "dossiers": [arrears.dossier_dict(row) for row in found]}, as_json=True)
        return
    for row in found:
        typer.echo(dossier_text(row, names.get(row.unit_id, row.unit_id)))
    if not found:
        typer.echo(f"Không có ai đến mức lập hồ sơ trong năm {chosen}.")


def _reader(inst: Installation, actor: str, unit: str, on: date) -> tuple[Work, UnitId]:
    root = unit_id(inst, unit)
    inst.ledger.require(actor=actor, action=Action.READ, unit=root, on=on)
    inst.ledger.directory.catch_up()
    return inst.ledger.work(), root
