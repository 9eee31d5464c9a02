"""``dangphi rail``: payment channels; attempts on them, their receipts, and the files by which channels settle."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from api.cli import rail_messages
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
    moment,
    opened,
    reading_as,
    show,
    show_outcome,
    unit_id,
)
from api.flows import attempts, bills, channel_list, notices, poll, settlements
from api.flows.poll import FROM_AGE, TO_AGE
from api.rails import rail as named
from api.rails import rails
from api.wiring import Installation
from domain import attempt, organisation
from domain.access import Action
from domain.attempt import AttemptState
from domain.errors import Malformed, Refusal, RefusalCode
from domain.identifiers import MemberId, UnitId
from domain.period import Month, parse_month
from ledger.handlers.ask import OpenBatchAttempt, OpenDuesAttempt, OpenOnRail
from ledger.handlers.attempts import GiveUpAttempt
from ledger.rail import Rail
from projections import attempts as rows
from projections.attempts import ATTEMPTS
from projections.runner import catch_up

app = typer.Typer(
    help="Kênh thanh toán: mở lượt trên Cổng, hỏi lại, xem tình trạng, lấy biên lai.",
    no_args_is_help=True,
    add_completion=False,
)

Reference = Annotated[str, typer.Argument(help="Mã tham chiếu của lượt thanh toán.")]


@app.command("list", help="Các kênh và việc từng kênh làm được với thiết lập hiện có.")
def list_command(as_json: AsJson = False, demo: Demo = False, data: Data = None) -> None:
    with opened(demo=demo, data=data) as inst:
        found = [_can(one) for one in rails(inst.settings).values()]
    show({"rails": found}, as_json=as_json)


def _can(one: Rail) -> dict[str, object]:
    return {
        "rail": one.name,
        "clearing": one.clearing,
        "open": one.open_attempt is not None,
        "ask": one.inquire is not None,
        "refund": one.refund is not None,
        "settlement": one.read_settlement is not None,
        "receipt": one.receipt is not None,
    }


@app.command(
    "open", help="Mở một lượt thanh toán: một đảng viên, hoặc cả chi bộ (bỏ trống --card); in trang thanh toán."
)
def open_command(
    actor: Actor,
    unit: Annotated[str, typer.Option("--unit", help="Mã chi bộ.")],
    month: Annotated[str, typer.Option("--month", help="Tháng đóng, ví dụ 2026-07.")],
    card: Annotated[
        str | None, typer.Option("--card", help="Số thẻ của đảng viên; bỏ trống là nộp cho mọi người còn phải đóng.")
    ] = None,
    rail: Annotated[str, typer.Option("--rail", help="Kênh.")] = "portal",
    at: At = None,
    command_id: CommandId = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    who = act(actor, at, command_id)
    with opened(demo=demo, data=data) as inst:
        of = unit_id(inst, unit)
        named(inst.settings, rail)
        inner = _asked(inst, of, parse_month(month), card, who.on.year)
        command = inner if rail == "portal" else OpenOnRail(unit_id=of, rail=rail, asked=inner)
        found = attempts.open_attempt(inst, command, who)
    show({**found.answer, "position": found.outcome.position}, as_json=as_json)
    if found.state is None and not as_json:
        typer.echo(
            "Chưa đặt địa chỉ của kênh nên không có trang thanh toán; mã trên dùng được khi Cổng tra cứu (mã hồ sơ).",
            err=True,
        )
    if found.words is not None:
        raise typer.Exit(1)


def _asked(
    inst: Installation, unit: UnitId, month: Month, card: str | None, year: int
) -> OpenDuesAttempt | OpenBatchAttempt:
    if card is None:
        return OpenBatchAttempt(unit_id=unit, lines=bills.cell_lines(inst, unit, month, year))
    member = inst.vault.find_by_card(card)
    if member is None:
        raise Malformed(f"không có đảng viên mang số thẻ {card!r}; kiểm tra số thẻ", where="--card")
    return OpenDuesAttempt(unit_id=unit, member_id=MemberId(member), month=month)


@app.command("poll", help="Hỏi lại các lượt mở từ 30 phút đến 3 ngày mà chưa rõ kết quả, rồi ghi sổ câu trả lời.")
def poll_command(at: At = None, as_json: AsJson = False, demo: Demo = False, data: Data = None) -> None:
    now = moment(at)
    with opened(demo=demo, data=data) as inst:
        found = poll.poll(inst, now)
        placed = notices.work_off_inbox(inst, now, 10_000)
    answer = {
        "asked": found.asked,
        "answers": dict(found.answers),
        "away": found.away,
        "expired": found.expired,
        "for_a_person": [
            {"reference": one.reference, "rail": one.rail, "unit": one.unit, "amount": one.amount, "state": one.state}
            for one in found.overdue
        ],
        "placed": dict(placed.outcomes),
    }
    show(answer, as_json=as_json)
    if found.overdue and not as_json:
        typer.echo(
            "Các lượt trên quá 3 ngày mà kênh chưa nói rõ: hỏi người nộp và đối chiếu sao kê, rồi đề nghị Cổng tra "
            "soát. Không thu lần nữa khi chưa rõ.",
            err=True,
        )


@app.command("settle", help="Nhận tệp quyết toán của một kênh (Cổng: ngày hôm sau) và ghi tệp trả lời.")
def settle_command(
    file: Annotated[Path, typer.Argument(help="Tệp quyết toán, nguyên tên.", exists=True, dir_okay=False)],
    actor: Actor,
    unit: Annotated[str | None, typer.Option("--unit", help="Đơn vị nhận tiền; bỏ trống là đơn vị cao nhất.")] = None,
    rail: Annotated[str, typer.Option("--rail", help="Kênh.")] = "portal",
    answer: Annotated[
        Path | None, typer.Option("--answer", help="Nơi ghi tệp trả lời; mặc định: cạnh tệp, đuôi .tra-loi.txt.")
    ] = None,
    at: At = None,
    command_id: CommandId = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    raw = content(file)
    with opened(demo=demo, data=data) as inst:
        who = act(actor, at, command_id)
        of = (notices.top_unit(inst) or UnitId("")) if unit is None else unit_id(inst, unit)
        outcome, reply = settlements.take_file(inst, rail, raw, file.name, of, who, dry_run=dry_run)
    if reply is not None and not dry_run:
        (answer or file.with_name(f"{file.stem}.tra-loi.txt")).write_bytes(reply)
    show_outcome(outcome, as_json=as_json, dry_run=dry_run)


@app.command("give-up", help="Bỏ một lượt mà kênh không nói rõ, sau khi đã tra soát: chắc chắn không có tiền đang đi.")
def give_up_command(
    reference: Reference,
    actor: Actor,
    unit: Annotated[str, typer.Option("--unit", help="Mã đơn vị của lượt.")],
    reason: Annotated[str, typer.Option("--reason", help="Căn cứ: ai đã xác nhận, văn bản nào.")],
    at: At = None,
    command_id: CommandId = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        command = GiveUpAttempt(unit_id=unit_id(inst, unit), reference=reference)
        outcome = inst.ledger.execute(command, act(actor, at, command_id, reason=reason))
    show_outcome(outcome, as_json=as_json)


@app.command("status", help="Các lượt thanh toán của một đơn vị và cấp dưới, với tình trạng và việc tiếp theo.")
def status_command(
    unit: Annotated[str, typer.Option("--unit", help="Mã đơn vị.")],
    reader: Reader = None,
    state: Annotated[
        list[AttemptState] | None, typer.Option("--state", help="Chỉ tình trạng này; lặp lại được.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="Số dòng nhiều nhất.")] = 200,
    at: At = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    now = moment(at)
    with opened(demo=demo, data=data) as inst:
        of = unit_id(inst, unit)
        inst.ledger.require(actor=reading_as(reader, demo=demo), action=Action.READ, unit=of, on=now.date())
        units = [one.unit_id for one in organisation.subtree(inst.ledger.work().organisation, of)]
        assert inst.shard is not None, "the command line works on PostgreSQL"
        with inst.shard.connect() as conn:
            catch_up(conn, inst.store, (ATTEMPTS,))
            found = rows.attempts(conn, units=units, states=[str(s) for s in state] if state else None, limit=limit)
            open_ = [str(AttemptState.PENDING), str(AttemptState.UNKNOWN)]
            waits = rows.attempts(conn, units=units, states=open_, limit=10_000)
        late = channel_list.late_days(inst, now, units)
    listed = [
        {
            "reference": row.reference,
            "rail": row.rail,
            "unit": row.unit,
            "amount": row.amount,
            "opened": f"{row.opened_at.astimezone(now.tzinfo):%Y-%m-%d %H:%M}",
            "state": str(row.state),
            "outside": row.outside_id,
            "next": next_step(row, now - row.opened_at > TO_AGE, now - row.opened_at < FROM_AGE),
        }
        for row in found
    ]
    show(
        {
            "attempts": listed,
            "for_a_person": [
                {"reference": row.reference, "unit": row.unit, "amount": row.amount, "state": str(row.state)}
                for row in waits
                if now - row.opened_at > TO_AGE and (row.state is AttemptState.PENDING or row.heard_unknown)
            ],
            "missing_settlements": [asdict(day) for day in late],
        },
        as_json=as_json,
    )


def next_step(row: rows.AttemptRow, old: bool, young: bool) -> str:
    """What is to be done about an attempt, in Vietnamese; empty where nothing is."""
    if row.state not in attempt.UNDECIDED:
        return ""
    if old:
        waits = row.state is AttemptState.PENDING or row.heard_unknown
        return "hỏi người nộp, tra soát với Cổng" if waits else "sẽ đóng khi hỏi lại (rail poll)"
    return "chờ người nộp" if young else "hệ thống hỏi lại Cổng"


@app.command("receipt", help="Lấy biên lai của Cổng cho một lượt đã thanh toán: tệp PDF, hoặc địa chỉ của biên lai.")
def receipt_command(
    reference: Reference,
    out: Annotated[Path, typer.Option("--out", help="Tệp PDF ghi ra.")],
    reader: Reader = None,
    at: At = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    now = moment(at)
    with opened(demo=demo, data=data) as inst:
        found = inst.ledger.work().attempt(reference).opened
        if found is None:
            raise Refusal(RefusalCode.UNKNOWN_REFERENCE, f"Không có lượt thanh toán nào mang mã {reference[:60]}.")
        who = reading_as(reader, demo=demo)
        inst.ledger.require(actor=who, action=Action.READ, unit=found.unit_id, on=now.date())
        copy = attempts.receipt_of(inst, reference, now)
    if copy.body is not None:
        out.write_bytes(copy.body)
    show(
        {"reference": reference, "file": str(out) if copy.body is not None else None, "url": copy.url}, as_json=as_json
    )


rail_messages.add_to(app)
