"""``dangphi receipt``: print a receipt or its copy, make one void, the sheet that members sign for cash."""

from pathlib import Path
from typing import Annotated

import typer

from adapters.books.cash_sheet import sheet_pdf
from adapters.books.receipt import receipts_pdf
from api.cli.session import (
    Actor,
    AsJson,
    At,
    CommandId,
    Data,
    Demo,
    act,
    content,
    opened,
    show,
    show_outcome,
    unit_id,
)
from api.flows.receipts import cash_sheet, file_scan, parse_span, print_one, unsigned
from domain.access import Action
from ledger.handlers.receipts import VoidReceipt

app = typer.Typer(
    help="Biên lai: in, in bản sao, huỷ; danh sách ký nộp tiền mặt.", no_args_is_help=True, add_completion=False
)

Unit = Annotated[str, typer.Option("--unit", help="Mã đơn vị.")]
Number = Annotated[int, typer.Argument(help="Số biên lai.", min=1)]
Year = Annotated[int, typer.Option("--year", help="Năm của quyển biên lai.")]
Span = Annotated[str, typer.Option("--span", help="Tháng (2026-07) hoặc ngày (2026-07-12).")]
To = Annotated[Path, typer.Option("--to", help="Tệp PDF sẽ ghi.")]


@app.command("print", help="In một biên lai ra PDF; từ lần thứ hai là bản sao.")
def print_command(
    number: Number,
    actor: Actor,
    unit: Unit,
    year: Year,
    to: To,
    at: At = None,
    command_id: CommandId = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        made = print_one(inst, unit_id(inst, unit), year, number, act(actor, at, command_id))
        to.write_bytes(receipts_pdf((made,), prefix=inst.settings.reference_prefix))
    show({"number": number, "year": year, "copy": made.copy, "amount": made.amount, "file": str(to)}, as_json=as_json)


@app.command("void", help="Huỷ một biên lai, có lý do; --replace cấp ngay số thay thế.")
def void_command(
    number: Number,
    actor: Actor,
    unit: Unit,
    year: Year,
    reason: Annotated[str, typer.Option("--reason", help="Lý do, ghi vào sổ.")],
    replace: Annotated[bool, typer.Option("--replace", help="Cấp ngay biên lai thay thế.")] = False,
    at: At = None,
    command_id: CommandId = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        command = VoidReceipt(unit_id=unit_id(inst, unit), year=year, number=number, reason=reason, replace=replace)
        outcome = inst.ledger.execute(command, act(actor, at, command_id, reason=reason))
    show_outcome(outcome, as_json=as_json)


@app.command("sheet", help="In danh sách tiền mặt của một tháng hoặc ngày, có chỗ để đảng viên ký.")
def sheet_command(
    actor: Actor,
    unit: Unit,
    span: Span,
    to: To,
    at: At = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    who = act(actor, at)
    with opened(demo=demo, data=data) as inst:
        unit_ = unit_id(inst, unit)
        inst.ledger.require(actor=actor, action=Action.KEEP_RECEIPTS, unit=unit_, on=who.on)
        sheet, payments = cash_sheet(inst, unit_, parse_span(span))
        to.write_bytes(sheet_pdf(sheet))
        waiting = unsigned(inst, unit_, parse_span(span))
    total = sum(line.amount for line in sheet.lines)
    answer = {"span": span, "payments": len(payments), "amount": total, "not_signed": len(waiting), "file": str(to)}
    show(answer, as_json=as_json)


@app.command("file-sheet", help="Lưu bản quét danh sách đã ký và gắn dấu (sha256) vào các khoản tiền mặt.")
def file_sheet_command(
    file: Annotated[Path, typer.Argument(help="Bản quét: PDF, PNG hoặc JPEG.", exists=True, dir_okay=False)],
    actor: Actor,
    unit: Unit,
    span: Span,
    at: At = None,
    command_id: CommandId = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        answer = file_scan(inst, unit_id(inst, unit), parse_span(span), content(file), act(actor, at, command_id))
    show(answer, as_json=as_json)
