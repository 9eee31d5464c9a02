"""``dangphi cash``: the cash book, counts and what they found, custody, and alerts on cash that lies too long."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from adapters.office.holidays import days_off
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
    content,
    dong,
    full_id,
    moment,
    opened,
    reading_as,
    say,
    show,
    show_outcome,
    unit_id,
)
from api.flows.cash import ALERT_NAMES, alert_as_dict, alerts_of, book_as_csv, book_as_dict, book_of, keep_bill
from api.reading import reading
from domain.access import Action
from domain.cash_count import Notes
from domain.errors import Malformed
from domain.identifiers import AccountId, OfficerId, PaymentId, UnitId
from domain.money import format_dong
from ledger.handlers.cash_count import CountCash, KeepSurplus, MakeGoodShortage, WriteOffShortage
from ledger.handlers.cash_custody import AcceptCustody, OfferCustody
from ledger.handlers.cash_return import PassHeldMoney, ReturnHeldCash

app = typer.Typer(help="Sổ quỹ, kiểm quỹ, bàn giao quỹ, cảnh báo tiền mặt.", no_args_is_help=True, add_completion=False)

Unit = Annotated[str, typer.Option("--unit", help="Mã đơn vị.")]
Amount = Annotated[int, typer.Option("--amount", parser=dong, help="Đồng.")]
Case = Annotated[str, typer.Argument(help="Mã vụ việc, ví dụ KQ/HP-VH-CB07/3.")]
Decision = Annotated[str, typer.Option("--decision", help="Số quyết định của cấp ủy.")]
Day = Annotated[str | None, typer.Option("--on", help="Ngày, ví dụ 2026-07-31; mặc định hôm nay.")]


@app.command("count", help="Ghi biên bản kiểm quỹ: --note 100000x1 cho từng mệnh giá, hoặc --total.")
def count_command(
    actor: Actor,
    unit: Unit,
    witness: Annotated[str, typer.Option("--witness", help="Mã cán bộ chứng kiến, khác người kiểm.")],
    note: Annotated[list[str] | None, typer.Option("--note", help="Mệnh giá x số tờ, ví dụ 50000x3.")] = None,
    total: Annotated[int | None, typer.Option("--total", parser=dong, help="Tổng số tiền đếm được.")] = None,
    attach: Annotated[
        Path | None, typer.Option("--attach", exists=True, dir_okay=False, help="Biên bản đã ký (tệp).")
    ] = None,
    on: Day = None,
    at: At = None,
    command_id: CommandId = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    who = act(actor, at, command_id)
    with opened(demo=demo, data=data) as inst:
        keep = attach is not None and not dry_run
        command = CountCash(
            unit_id=unit_id(inst, unit),
            counted_on=_day(on, who.on),
            notes=tuple(_notes(text) for text in note or ()),
            total=total,
            witness=OfficerId(witness),
            evidence=keep_bill(inst, content(attach), "application/pdf") if keep and attach else None,
        )
        outcome = inst.ledger.execute(command, who, dry_run=dry_run)
    show_outcome(outcome, as_json=as_json, dry_run=dry_run)


def _notes(text: str) -> Notes:
    value, sign, number = text.partition("x")
    if not sign or not (value.isascii() and value.isdigit() and number.isascii() and number.isdigit()):
        raise Malformed(f"không phải mệnh giá x số tờ: {text[:40]!r}; viết như 50000x3", where="--note")
    return Notes(value=dong(value), count=dong(number))


def _day(text: str | None, default: date) -> date:
    return default if text is None else moment(text).date()


@app.command("make-good", help="Ghi người giữ quỹ bù tiền thiếu.")
def make_good_command(
    case: Case,
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
        command = MakeGoodShortage(
            unit_id=unit_id(inst, unit), case_id=full_id(inst, case), amount=amount, paid_on=who.on
        )
        outcome = inst.ledger.execute(command, who)
    show_outcome(outcome, as_json=as_json)


@app.command("write-off", help="Cấp ủy quyết định ghi giảm tiền thiếu vào chi của đơn vị.")
def write_off_command(
    case: Case,
    actor: Actor,
    unit: Unit,
    amount: Amount,
    decision: Decision,
    source: Annotated[str, typer.Option("--source", help="4310 hoặc 4320.")] = "4310",
    at: At = None,
    command_id: CommandId = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        command = WriteOffShortage(
            unit_id=unit_id(inst, unit), case_id=full_id(inst, case), amount=amount, source=source, decision=decision
        )
        outcome = inst.ledger.execute(command, act(actor, at, command_id, document=decision))
    show_outcome(outcome, as_json=as_json)


@app.command("keep-surplus", help="Cấp ủy quyết định ghi tiền thừa không rõ chủ vào nguồn khác.")
def keep_surplus_command(
    payment: Annotated[str, typer.Argument(help="Mã khoản thừa, ví dụ count:HP-VH-CB07/3.")],
    actor: Actor,
    unit: Unit,
    decision: Decision,
    at: At = None,
    command_id: CommandId = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        known = PaymentId(full_id(inst, payment))
        command = KeepSurplus(unit_id=unit_id(inst, unit), payment_id=known, decision=decision)
        outcome = inst.ledger.execute(command, act(actor, at, command_id, document=decision))
    show_outcome(outcome, as_json=as_json)


@app.command("hand-over", help="Người giữ quỹ ký bàn giao, ngay sau khi kiểm quỹ.")
def hand_over_command(
    actor: Actor,
    unit: Unit,
    to: Annotated[str, typer.Option("--to", help="Mã cán bộ nhận quỹ.")],
    count: Annotated[int, typer.Option("--count", help="Số lần kiểm quỹ làm căn cứ.")],
    decision: Decision,
    slip: Annotated[list[str] | None, typer.Option("--slip", help="Số phiếu chưa dùng, ví dụ 14-50.")] = None,
    at: At = None,
    command_id: CommandId = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        command = OfferCustody(
            unit_id=unit_id(inst, unit),
            to_officer=OfficerId(to),
            count_number=count,
            open_slips=tuple(slip or ()),
            decision=decision,
        )
        outcome = inst.ledger.execute(command, act(actor, at, command_id, document=decision))
    show_outcome(outcome, as_json=as_json)


@app.command("take-over", help="Người nhận quỹ ký nhận; từ đó người này giữ quỹ.")
def take_over_command(
    actor: Actor,
    unit: Unit,
    at: At = None,
    command_id: CommandId = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        command = AcceptCustody(unit_id=unit_id(inst, unit))
        outcome = inst.ledger.execute(command, act(actor, at, command_id))
    show_outcome(outcome, as_json=as_json)


@app.command("return", help="Trả lại tiền giữ hộ cho đơn vị bằng tiền mặt, để đơn vị chi tiền của mình.")
def return_command(
    actor: Actor,
    unit: Unit,
    holder: Annotated[str, typer.Option("--holder", help="Mã đơn vị giữ hộ.")],
    amount: Amount,
    slip: Annotated[str, typer.Option("--slip", help="Số biên bản bàn giao.")],
    at: At = None,
    command_id: CommandId = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    who = act(actor, at, command_id)
    with opened(demo=demo, data=data) as inst:
        command = ReturnHeldCash(
            holder_id=unit_id(inst, holder),
            unit_id=unit_id(inst, unit),
            amount=amount,
            slip=slip,
            returned_on=who.on,
        )
        outcome = inst.ledger.execute(command, who, dry_run=dry_run)
    show_outcome(outcome, as_json=as_json, dry_run=dry_run)


@app.command("held-passed", help="Tiền giữ hộ đã chuyển khoản trả: chỉ dòng chi của bên giữ và khoản đang treo.")
def held_passed_command(
    actor: Actor,
    unit: Unit,
    holder: Annotated[str, typer.Option("--holder", help="Mã đơn vị giữ hộ.")],
    account: Annotated[str, typer.Option("--account", help="Tài khoản của đơn vị giữ hộ, dạng BIN:số.")],
    line: Annotated[str, typer.Option("--line", help="Mã dòng sao kê tiền ra.")],
    payment: Annotated[str, typer.Option("--payment", help="Khoản đang treo ở đơn vị nhận.")],
    ground: Annotated[str, typer.Option("--ground", help="Căn cứ: chứng từ, người xác nhận.")],
    at: At = None,
    command_id: CommandId = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        command = PassHeldMoney(
            root=unit_id(inst, unit),
            holder_id=unit_id(inst, holder),
            account_id=AccountId(account),
            line_key=line,
            payment_id=PaymentId(full_id(inst, payment)),
            ground=ground,
        )
        outcome = inst.ledger.execute(command, act(actor, at, command_id, reason=ground), dry_run=dry_run)
    show_outcome(outcome, as_json=as_json, dry_run=dry_run)


@app.command("book", help="Sổ quỹ tiền mặt: từng lần thu, chi, số chứng từ, tồn quỹ.")
def book_command(
    unit: Unit,
    first: Annotated[str, typer.Option("--from", help="Ngày đầu, ví dụ 2026-07-01.")],
    last: Annotated[str, typer.Option("--to", help="Ngày cuối.")],
    reader: Reader = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="In CSV.")] = False,
    at: At = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst, reading(inst) as read:
        found = unit_id(inst, unit)
        inst.ledger.require(actor=reading_as(reader, demo=demo), action=Action.READ, unit=found, on=moment(at).date())
        book = book_of(read, found, moment(first).date(), moment(last).date())
        custodian = inst.ledger.work().custody(found).custodian
    if as_csv:
        typer.echo(book_as_csv(book), nl=False)
    elif as_json:
        show(book_as_dict(book, custodian), as_json=True)
    else:
        typer.echo(
            f"Sổ quỹ tiền mặt {unit}, {book.first:%d/%m/%Y} đến {book.last:%d/%m/%Y}; giữ quỹ: {custodian or '—'}"
        )
        typer.echo(f"{'Tồn đầu kỳ':<64}{format_dong(book.opening):>16}")
        for line in book.lines:
            m = line.movement
            typer.echo(
                f"{m.occurred_on:%d/%m/%Y} {m.paper:<24} {m.what:<28}"[:64].ljust(64)
                + f"{format_dong(m.amount):>16}{format_dong(line.balance):>16}"
            )
        typer.echo(f"{'Tồn cuối kỳ':<64}{format_dong(book.closing):>16}")


@app.command("alerts", help="Tiền mặt vượt định mức, để quá hạn, túi tiền chưa báo có, thừa thiếu chưa xử lý.")
def alerts_command(
    unit: Unit,
    on: Day = None,
    reader: Reader = None,
    at: At = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    today = moment(at).date()
    with opened(demo=demo, data=data) as inst, reading(inst) as read:
        found = unit_id(inst, unit)
        inst.ledger.require(actor=reading_as(reader, demo=demo), action=Action.READ, unit=found, on=today)
        units = [UnitId(one) for one in read.unit_ids(found)]
        alerts = alerts_of(read, inst.ledger.work(), units, _day(on, today), days_off(inst.settings.holidays))
    if as_json:
        show({"unit": unit, "alerts": [alert_as_dict(one) for one in alerts]}, as_json=True)
        return
    for one in alerts:
        since = f"{one.since:%d/%m/%Y}, {one.working_days} ngày làm việc"
        told = f"{one.unit} {ALERT_NAMES[one.kind]}, {one.key}: {format_dong(one.amount)} đồng từ {since}."
        say(f"{told} {one.next_step}")
    if not alerts:
        typer.echo("Không có cảnh báo về tiền mặt.")
