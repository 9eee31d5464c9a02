"""``dangphi dues``: assess a month and ask for it."""

from datetime import date, datetime
from typing import Annotated

import typer

from api.cli.session import Actor, AsJson, At, CommandId, Data, Demo, DryRun, act, opened, show, show_outcome, unit_id
from domain import payment_request
from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId
from domain.period import parse_month
from ledger.handlers.ask import RequestMonth
from ledger.handlers.assess import AssessMonth
from ledger.handlers.reliefs import RecogniseRelief

app = typer.Typer(help="Tính mức đóng và lập yêu cầu nộp.", no_args_is_help=True, add_completion=False)

Unit = Annotated[str, typer.Option("--unit", help="Mã đơn vị; gồm mọi đơn vị bên dưới.")]
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
    valid_until: Annotated[datetime | None, typer.Option("--valid-until", formats=["%Y-%m-%d"])] = None,
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


@app.command("request", help="Xem một yêu cầu nộp: nội dung, đã nộp, và chuỗi VietQR.")
def request_command(
    reference: Annotated[str, typer.Argument(help="Mã tham chiếu 12 ký tự.")],
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    from adapters.vietqr.payload import encode

    with opened(demo=demo, data=data) as inst:
        work = inst.ledger.work()
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
    member: Annotated[str, typer.Option("--member", help="Mã đảng viên trong sổ (không phải số thẻ).")],
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
            member_id=MemberId(member),
            month=parse_month(month),
            relief=relief,
            percent=percent,
            reason=reason,
            decision=decision,
        )
        who = act(actor, at, command_id, reason=reason, document=decision)
        outcome = inst.ledger.execute(command, who, dry_run=dry_run)
    show_outcome(outcome, as_json=as_json, dry_run=dry_run)
