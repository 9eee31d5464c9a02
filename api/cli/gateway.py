"""``dangphi gateway``: what the card gateway settled, refunds through it, and settlement files of any channel."""

from dataclasses import asdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from adapters.inbound import VIETNAM
from api.cli.main import LEFT_OUT
from api.cli.session import (
    Actor,
    AsJson,
    At,
    CommandId,
    Data,
    Demo,
    DryRun,
    act,
    content,
    opened,
    show,
    show_outcome,
    unit_id,
)
from api.flows import settlements
from domain.errors import Malformed
from domain.identifiers import PaymentId, RefundId

app = typer.Typer(
    help="Cổng thẻ: lấy đợt trả, hoàn qua cổng; quyết toán của mọi kênh.", no_args_is_help=True, add_completion=False
)

Unit = Annotated[str, typer.Option("--unit", help="Mã đơn vị có tài khoản mà kênh trả tiền về.")]


@app.command("settle", help="Lấy các đợt trả của cổng thẻ trong khoảng ngày và ghi sổ.")
def settle_command(
    actor: Actor,
    unit: Unit,
    from_: Annotated[str, typer.Option("--from", help="Từ ngày, ví dụ 2026-07-01.")],
    to: Annotated[str, typer.Option("--to", help="Đến hết ngày.")],
    at: At = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> int:
    since, until = _day(from_), _day(to) + timedelta(days=1, seconds=-1)
    with opened(demo=demo, data=data) as inst:
        who = act(actor, at, None)
        taken = [asdict(one) for one in settlements.settle_gateway(inst, unit_id(inst, unit), since, until, who)]
    show({"payouts": taken}, as_json=as_json)
    return LEFT_OUT if any(one["refused"] for one in taken) else 0


@app.command("refund", help="Hoàn một hồ sơ đã duyệt về thẻ của người nộp, qua cổng.")
def refund_command(
    refund: Annotated[str, typer.Argument(help="Mã hồ sơ hoàn trả đã có hai người duyệt.")],
    actor: Actor,
    payment: Annotated[str, typer.Option("--payment", help="Mã khoản tiền qua cổng, dạng gateway/pi_….")],
    at: At = None,
    command_id: CommandId = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        who = act(actor, at, command_id)
        outcome = settlements.refund_by_gateway(inst, RefundId(refund), PaymentId(payment), who)
    show_outcome(outcome, as_json=as_json, dry_run=False)


@app.command("file", help="Nhận tệp quyết toán của một kênh; ghi tệp trả lời nếu kênh cần.")
def file_command(
    file: Annotated[Path, typer.Argument(help="Tệp quyết toán của kênh.")],
    actor: Actor,
    unit: Unit,
    rail: Annotated[str, typer.Option("--rail", help="Kênh: portal hoặc gateway.")] = "portal",
    answer: Annotated[Path | None, typer.Option("--answer", help="Nơi ghi tệp trả lời.")] = None,
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
        outcome, reply = settlements.take_file(inst, rail, raw, file.name, unit_id(inst, unit), who, dry_run=dry_run)
    if answer is not None and reply is not None and not dry_run:
        answer.write_bytes(reply)
    show_outcome(outcome, as_json=as_json, dry_run=dry_run)


def _day(text: str) -> datetime:
    """The first moment of a Vietnamese day."""
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise Malformed(f"ngày {text[:20]!r} không đúng dạng 2026-07-31", where="--from, --to") from error
    return datetime(day.year, day.month, day.day, tzinfo=VIETNAM)
