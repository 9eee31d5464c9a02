"""``dangphi collect``: money in, from the files an office has."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from adapters.books.collection_sheet import collection_pdf, collection_xlsx
from api.cli.imports import left_out
from api.cli.session import (
    MAX_STATEMENT,
    Actor,
    AsJson,
    At,
    CommandId,
    Data,
    Demo,
    act,
    content,
    dong,
    moment,
    opened,
    require_size,
    say,
    show,
    show_outcome,
    unit_id,
)
from api.flows import after_import, collection, money, notices, split, statements
from api.flows.notice_files import keep_file
from api.flows.statement_report import shown
from api.wiring import Installation
from domain.access import Role
from domain.period import parse_month
from ledger.handlers.collect import PassCash, TakeCashBag

app = typer.Typer(
    help="Thu: thông báo của Cổng, sao kê, tiền mặt, phân loại.", no_args_is_help=True, add_completion=False
)

File = Annotated[Path, typer.Argument(help="Tệp cần nhập.")]
Unit = Annotated[str, typer.Option("--unit", help="Mã đơn vị.")]
Amount = Annotated[int, typer.Option("--amount", parser=dong, help="Số tiền, đồng.")]


@app.command(
    "statement",
    help="Nhập sao kê (camt.053, MT940, XLSX/CSV của ngân hàng; không khớp số dư thì từ chối cả tệp) hoặc báo có "
    "camt.054; rồi các quy tắc khớp xem những gì còn chờ.",
)
def statement_command(
    file: File,
    actor: Actor,
    match: Annotated[
        bool, typer.Option("--match/--no-match", help="Chạy các quy tắc khớp tự động sau khi nhập.")
    ] = True,
    at: At = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    require_size(file, MAX_STATEMENT)
    with opened(demo=demo, data=data) as inst:
        reports = statements.import_statement_file(
            inst, actor=actor, at=moment(at), data=file, filename=file.name, progress=_told_on_the_way
        )
        matched = None
        if match:
            matched = after_import.match_reports(inst, at=moment(at), reports=reports)
    rows = [shown(report) for report in reports]
    replayed = {"replayed": True} if any(report.replayed for report in reports) else {}
    show({"statements": rows, **replayed, **({} if matched is None else {"matched": matched})}, as_json=as_json)
    if matched is not None and "later" in matched and not as_json:
        say("Tệp dài: các quy tắc khớp chưa chạy. Bộ xử lý nền sẽ chạy, hoặc chạy «dangphi match run».")
    if replayed and not as_json:
        whole = all(report.replayed for report in reports)
        said = "Tệp này đã nhập trước đây: trên là kết quả lần ấy, lần này không ghi thêm gì."
        part = sum(report.replayed for report in reports)
        typer.echo(
            said if whole else f"{part} trên {len(reports)} phần của tệp đã nhập trước đây; nay ghi tiếp phần còn lại."
        )


def _told_on_the_way(done: int, of: int) -> None:
    if of > 1:
        say(f"Đã ghi {done}/{of} phần của tệp.")


@app.command("notices", help="Nhận các thông báo thô của Cổng từ tệp JSONL rồi ghi sổ.")
def notices_command(file: File, at: At = None, as_json: AsJson = False, demo: Demo = False, data: Data = None) -> None:
    with opened(demo=demo, data=data) as inst:
        kept = keep_file(inst, content(file), file.name)
        placed = notices.work_off_inbox(inst, moment(at), 10_000)
    rejected = [asdict(one) for one in kept.rejected]
    show({"kept": dict(kept.outcomes), "rejected": rejected, "placed": asdict(placed)}, as_json=as_json)
    if rejected and not as_json:
        typer.echo(
            f"{len(rejected)} yêu cầu không được tin: giữ làm bằng chứng, không ghi sổ. Đối chiếu với Cổng trước khi "
            "nhập lại.",
            err=True,
        )
    if rejected:
        raise typer.Exit(left_out(sum(kept.outcomes.values()) - len(rejected)))


@app.command("sessions", help="Mở các lượt thanh toán trên Cổng theo danh sách phiên.")
def sessions_command(file: File, at: At = None, as_json: AsJson = False, demo: Demo = False, data: Data = None) -> None:
    with opened(demo=demo, data=data) as inst:
        opened_ = money.open_attempts(
            inst, collector_of=_collectors(inst), data=content(file), name=file.name, not_after=moment(at)
        )
    rows = [{"session": o.session, "reference": o.reference, "amount": o.amount} for o in opened_]
    show({"opened": rows}, as_json=as_json)


def _collectors(inst: Installation) -> dict[str, str]:
    """By unit code, the officer who collects for the unit."""
    work = inst.ledger.work()
    grants = sorted(work.access.grants, key=lambda grant: grant.officer_id)
    return {
        work.organisation.units[grant.unit_id].code: grant.officer_id
        for grant in reversed(grants)
        if grant.role is Role.COLLECTOR
    }


@app.command("cash", help="Nhập bảng kê thu tiền mặt của một chi bộ; mỗi dòng một biên lai.")
def cash_command(
    file: File, actor: Actor, at: At = None, as_json: AsJson = False, demo: Demo = False, data: Data = None
) -> None:
    with opened(demo=demo, data=data) as inst:
        outcome = money.record_cash_sheet(inst, actor=actor, at=moment(at), data=content(file), name=file.name)
    show_outcome(outcome, as_json=as_json)
    late = [one for one in outcome.answer.get("receipts", ()) if "booked_in" in one]
    if late and not as_json:
        slips = ", ".join(one["slip"] for one in late)
        say(f"Lưu ý: phiếu {slips} có ngày thuộc tháng đã khoá sổ; đã ghi vào tháng đang mở {late[0]['booked_in']}.")


@app.command("round", help="Lập danh sách đi thu tiền mặt của một tháng: PDF để in, XLSX để điền khi không có mạng.")
def round_command(
    actor: Actor,
    unit: Unit,
    month: Annotated[str, typer.Option("--month", help="Tháng đảng phí, ví dụ 2026-07.")],
    to: Annotated[Path, typer.Option("--to", help="Tệp .pdf hoặc .xlsx.")],
    at: At = None,
    command_id: CommandId = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    if to.suffix.lower() not in (".pdf", ".xlsx"):
        raise typer.BadParameter("tên tệp phải có đuôi .pdf hoặc .xlsx", param_hint="--to")
    with opened(demo=demo, data=data) as inst:
        sheet = collection.prepare_round(inst, act(actor, at, command_id), unit_id(inst, unit), parse_month(month))
    made = collection_pdf(sheet) if to.suffix.lower() == ".pdf" else collection_xlsx(sheet)
    to.write_bytes(made)
    owed = sum(line.owed for line in sheet.lines)
    show({"members": len(sheet.lines), "owed": owed, "file": str(to)}, as_json=as_json)


@app.command("filled", help="Nhập danh sách đi thu đã điền; mỗi dòng một biên lai, nhập lại không ghi hai lần.")
def filled_command(
    file: File, actor: Actor, unit: Unit, at: At = None, as_json: AsJson = False, demo: Demo = False, data: Data = None
) -> None:
    with opened(demo=demo, data=data) as inst:
        outcome, blank = collection.take_round(inst, actor=actor, at=moment(at), path=file, unit_id=unit_id(inst, unit))
    show_outcome(outcome, as_json=as_json)
    if not as_json:
        say(f"{blank} dòng để trống, không ghi gì.")


@app.command("split", help="Một khoản tiền mặt, hoặc một khoản đang treo, chia theo bảng kê (số thẻ, tháng, số tiền).")
def split_command(
    file: File,
    actor: Actor,
    unit: Unit,
    slip: Annotated[str | None, typer.Option("--slip", help="Số phiếu thu tiền mặt.")] = None,
    payment: Annotated[str | None, typer.Option("--payment", help="Mã khoản tiền đang treo.")] = None,
    at: At = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    if (slip is None) == (payment is None):
        raise typer.BadParameter("nêu đúng một trong hai: --slip (tiền mặt) hoặc --payment (tiền đang treo)")
    with opened(demo=demo, data=data) as inst:
        outcome = split.by_list(
            inst,
            actor=actor,
            at=moment(at),
            data=content(file),
            name=file.name,
            unit=unit_id(inst, unit),
            slip=slip,
            payment=payment,
        )
    show_outcome(outcome, as_json=as_json)


@app.command("bag", help="Mang tiền mặt nộp vào tài khoản của đơn vị; giấy nộp tiền mang mã tham chiếu.")
def bag_command(
    actor: Actor,
    unit: Unit,
    amount: Amount,
    at: At = None,
    command_id: CommandId = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    who = act(actor, at, command_id)
    with opened(demo=demo, data=data) as inst:
        command = TakeCashBag(unit_id=unit_id(inst, unit), amount=amount, taken_on=who.on)
        outcome = inst.ledger.execute(command, who)
    show_outcome(outcome, as_json=as_json)


@app.command("pass", help="Bàn giao tiền mặt cho thủ quỹ của đơn vị giữ hộ.")
def pass_command(
    actor: Actor,
    unit: Unit,
    amount: Amount,
    slip: Annotated[str, typer.Option("--slip", help="Số biên bản bàn giao.")],
    at: At = None,
    command_id: CommandId = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    who = act(actor, at, command_id)
    with opened(demo=demo, data=data) as inst:
        command = PassCash(unit_id=unit_id(inst, unit), amount=amount, slip=slip, passed_on=who.on)
        outcome = inst.ledger.execute(command, who)
    show_outcome(outcome, as_json=as_json)


@app.command("name", help="Phân loại dòng sao kê không phải đảng phí (phí, lãi, ngân sách cấp, chi).")
def name_command(
    file: File, actor: Actor, at: At = None, as_json: AsJson = False, demo: Demo = False, data: Data = None
) -> None:
    with opened(demo=demo, data=data) as inst:
        outcomes = money.name_lines(inst, actor=actor, at=moment(at), data=content(file), name=file.name)
    show({"named": sum(o.answer["named"] for o in outcomes)}, as_json=as_json)


@app.command("identify", help="Xác định chủ của tiền treo theo danh sách của kế toán.")
def identify_command(
    file: File, actor: Actor, at: At = None, as_json: AsJson = False, demo: Demo = False, data: Data = None
) -> None:
    with opened(demo=demo, data=data) as inst:
        outcomes = money.identify_money(inst, actor=actor, at=moment(at), data=content(file), name=file.name)
    show({"identified": [o.answer for o in outcomes]}, as_json=as_json)
