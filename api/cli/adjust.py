"""``dangphi adjust``: obligations reckoned again, amounts by decision, surplus, money collected ahead."""

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated

import typer

from api.cli.session import Actor, AsJson, At, CommandId, Data, Demo, DryRun, act, dong, opened, show_outcome
from api.cli.session import unit_id as by_code
from api.flows.members import member_of
from domain.errors import Malformed
from domain.period import parse_month
from domain.set_amount import HUNDREDTHS, RATE_UNIT, ForeignSum
from ledger.handlers.adjust import ReassessMonths, RecordAmountSet, RestateBase, ReturnAhead
from ledger.handlers.surplus import DecideSurplus, DeclareSurplus

app = typer.Typer(
    help="Điều chỉnh mức đóng: chỉ ghi phần chênh lệch; đóng thêm; mức do cấp có thẩm quyền ấn định.",
    no_args_is_help=True,
    add_completion=False,
)

Unit = Annotated[str, typer.Option("--unit", help="Mã đơn vị.")]
Member = Annotated[str, typer.Option("--member", help="Số thẻ đảng hoặc mã đảng viên trong sổ.")]
Amount = Annotated[int, typer.Option("--amount", parser=dong, help="Đồng.")]
FromMonth = Annotated[str, typer.Option("--from", help="Tháng đầu, ví dụ 2026-06.")]
ToMonth = Annotated[str | None, typer.Option("--to", help="Tháng cuối; bỏ trống là một tháng.")]
Reason = Annotated[str, typer.Option("--reason", help="Lý do.")]
Decision = Annotated[str, typer.Option("--decision", help="Số văn bản làm căn cứ.")]


@app.command("base", help="Căn cứ của tháng bị điều chỉnh (ví dụ BHXH tính lại); hiện cả hai cách tính.")
def base_command(
    actor: Actor,
    unit: Unit,
    member: Member,
    kind: Annotated[str, typer.Option("--kind", help="si-salary, pension, benefit, salary, unit-income, allowance.")],
    from_month: FromMonth,
    amount: Amount,
    reason: Reason,
    decision: Decision,
    to_month: ToMonth = None,
    at: At = None,
    command_id: CommandId = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        command = RestateBase(
            unit_id=by_code(inst, unit),
            member_id=member_of(inst, member),
            kind=kind,
            from_month=parse_month(from_month),
            to_month=parse_month(to_month or from_month),
            amount=amount,
            reason=reason,
            decision=decision,
        )
        who = act(actor, at, command_id, reason=reason, document=decision)
        outcome = inst.ledger.execute(command, who, dry_run=dry_run)
    show_outcome(outcome, as_json=as_json, dry_run=dry_run)


@app.command("months", help="So nghĩa vụ đã ghi với quy định hiện nay; --dry-run chỉ cho xem chênh lệch.")
def months_command(
    actor: Actor,
    unit: Unit,
    from_month: FromMonth,
    reason: Reason,
    decision: Decision,
    to_month: ToMonth = None,
    at: At = None,
    command_id: CommandId = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        command = ReassessMonths(
            unit_id=by_code(inst, unit),
            from_month=parse_month(from_month),
            to_month=parse_month(to_month or from_month),
            reason=reason,
            decision=decision,
        )
        who = act(actor, at, command_id, reason=reason, document=decision)
        outcome = inst.ledger.execute(command, who, dry_run=dry_run)
    show_outcome(outcome, as_json=as_json, dry_run=dry_run)


@app.command("amount", help="Ghi mức do cấp có thẩm quyền ấn định: đồng, hoặc ngoại tệ kèm tỷ giá.")
def amount_command(
    actor: Actor,
    unit: Unit,
    member: Member,
    category: Annotated[str, typer.Option("--category", help="Nhóm đối tượng, ví dụ OVERSEAS_OTHER.")],
    from_month: FromMonth,
    decision: Decision,
    decided_by: Annotated[str, typer.Option("--decided-by", help="Cấp ra quyết định.")],
    decided_on: Annotated[datetime, typer.Option("--decided-on", formats=["%Y-%m-%d"], help="Ngày quyết định.")],
    to_month: Annotated[str | None, typer.Option("--to", help="Tháng cuối; bỏ trống là chưa có hạn.")] = None,
    amount: Annotated[int | None, typer.Option("--amount", parser=dong, help="Đồng.")] = None,
    currency: Annotated[str | None, typer.Option("--currency", help="USD, EUR…")] = None,
    foreign: Annotated[str | None, typer.Option("--foreign", help="Số ngoại tệ, ví dụ 5 hoặc 2.50.")] = None,
    rate: Annotated[str | None, typer.Option("--rate", help="Tỷ giá: đồng cho một đơn vị, ví dụ 26345.5.")] = None,
    rate_source: Annotated[str | None, typer.Option("--rate-source", help="Nguồn tỷ giá.")] = None,
    rate_date: Annotated[
        datetime | None, typer.Option("--rate-date", formats=["%Y-%m-%d"], help="Ngày của tỷ giá.")
    ] = None,
    at: At = None,
    command_id: CommandId = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    money = _foreign(currency, foreign, rate, rate_source, rate_date)
    with opened(demo=demo, data=data) as inst:
        command = RecordAmountSet(
            unit_id=by_code(inst, unit),
            member_id=member_of(inst, member),
            category=category,
            from_month=parse_month(from_month),
            to_month=None if to_month is None else parse_month(to_month),
            amount=amount,
            foreign=money,
            decision=decision,
            decided_by=decided_by,
            decided_on=decided_on.date(),
        )
        outcome = inst.ledger.execute(command, act(actor, at, command_id, document=decision), dry_run=dry_run)
    show_outcome(outcome, as_json=as_json, dry_run=dry_run)


def _foreign(
    currency: str | None, foreign: str | None, rate: str | None, source: str | None, day: datetime | None
) -> ForeignSum | None:
    """All five, or none."""
    if currency is None and foreign is None and rate is None and source is None and day is None:
        return None
    if currency is None or foreign is None or rate is None or source is None or day is None:
        raise Malformed("cần đủ: --currency, --foreign, --rate, --rate-source, --rate-date", where="ngoại tệ")
    return ForeignSum(
        currency=currency,
        hundredths=_parts(foreign, HUNDREDTHS, "--foreign"),
        rate_e4=_parts(rate, RATE_UNIT, "--rate"),
        rate_source=source,
        rate_date=day.date(),
    )


def _parts(text: str, whole: int, where: str) -> int:
    """An exact decimal as a whole number of parts; a finer one is refused and never rounded."""
    try:
        exact = Decimal(text) * whole
        parts = int(exact)
    except (InvalidOperation, ValueError, OverflowError) as error:
        raise Malformed(f"không phải số: {text!r}; viết như 2.50", where=where) from error
    if exact != parts:
        raise Malformed(f"quá nhiều chữ số lẻ: {text!r}", where=where)
    return parts


@app.command("ahead", help="Chuyển tiền đã thu mà chưa tính cho tháng nào thành số đóng thừa.")
def ahead_command(
    actor: Actor,
    unit: Unit,
    member: Member,
    amount: Amount,
    decision: Decision,
    at: At = None,
    command_id: CommandId = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        command = ReturnAhead(
            unit_id=by_code(inst, unit), member_id=member_of(inst, member), amount=amount, decision=decision
        )
        outcome = inst.ledger.execute(command, act(actor, at, command_id, document=decision), dry_run=dry_run)
    show_outcome(outcome, as_json=as_json, dry_run=dry_run)


@app.command("surplus", help="Ghi đề nghị đóng thêm của đảng viên từ số đã đóng quá mức.")
def surplus_command(
    surplus: Annotated[str, typer.Argument(help="Mã đề nghị, do chi bộ đặt.")],
    actor: Actor,
    unit: Unit,
    member: Member,
    amount: Amount,
    document: Annotated[str, typer.Option("--document", help="Đơn, biên bản.")],
    at: At = None,
    command_id: CommandId = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        command = DeclareSurplus(
            unit_id=by_code(inst, unit),
            member_id=member_of(inst, member),
            surplus_id=surplus,
            amount=amount,
            document=document,
        )
        outcome = inst.ledger.execute(command, act(actor, at, command_id, document=document))
    show_outcome(outcome, as_json=as_json)


@app.command("surplus-decide", help="Cấp trên trực tiếp nhận (--accept) hoặc không nhận (--reject).")
def surplus_decide_command(
    surplus: Annotated[str, typer.Argument(help="Mã đề nghị.")],
    actor: Actor,
    superior: Annotated[str, typer.Option("--superior", help="Mã cấp trên trực tiếp.")],
    member: Member,
    decision: Decision,
    accepted: Annotated[bool, typer.Option("--accept/--reject", help="Nhận hoặc không nhận.")] = True,
    at: At = None,
    command_id: CommandId = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        command = DecideSurplus(
            superior_id=by_code(inst, superior),
            member_id=member_of(inst, member),
            surplus_id=surplus,
            accepted=accepted,
            decision=decision,
        )
        outcome = inst.ledger.execute(command, act(actor, at, command_id, document=decision))
    show_outcome(outcome, as_json=as_json)
