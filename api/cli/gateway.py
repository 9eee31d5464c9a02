"""``dangphi gateway``: what the card gateway settled, refunds through it, lumps without a name, cases of disputes."""

from dataclasses import asdict
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated

import typer

from adapters.gateway.rail import NAME
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
    Reader,
    act,
    full_id,
    moment,
    opened,
    reading_as,
    show,
    show_outcome,
    unit_id,
)
from api.flows import channel_list, settlements
from domain import organisation
from domain.access import Action
from domain.errors import Malformed
from domain.identifiers import PaymentId, RefundId
from domain.open_item import DecisionKind, line_of
from ledger.handlers.open_items import Asked, Decide

app = typer.Typer(
    help="Cổng thẻ: lấy đợt trả, hoàn qua cổng, dòng trả không mang mã, các vụ bị lấy lại tiền.",
    no_args_is_help=True,
    add_completion=False,
)

Unit = Annotated[str, typer.Option("--unit", help="Mã đơn vị có tài khoản mà kênh trả tiền về.")]
Reason = Annotated[str, typer.Option("--reason", help="Lý do, ghi vào sổ.")]
Document = Annotated[str | None, typer.Option("--document", help="Số quyết định, văn bản.")]


class Outcome(StrEnum):
    """How a lost case is closed."""

    BORNE = "borne"
    OPEN_AGAIN = "open-again"


_KINDS = {Outcome.BORNE: DecisionKind.BEAR_LOSS, Outcome.OPEN_AGAIN: DecisionKind.OPEN_AGAIN}


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


@app.command("lump", help="Nói một dòng ngân hàng là đợt trả nào, khi dòng đó không mang mã đợt trả.")
def lump_command(
    item: Annotated[str, typer.Argument(help="Mã khoản treo hoặc dòng sao kê (open-item list).")],
    actor: Actor,
    unit: Unit,
    settlement: Annotated[str, typer.Option("--settlement", help="Mã đợt trả của kênh, dạng po_….")],
    reason: Reason,
    rail: Annotated[str, typer.Option("--rail", help="Kênh.")] = NAME,
    document: Document = None,
    at: At = None,
    command_id: CommandId = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        asked = Asked(
            item=item if line_of(item) else full_id(inst, item),
            kind=DecisionKind.LUMP,
            reason=reason,
            target=PaymentId(f"{rail}/{settlement}"),
            document=document,
        )
        who = act(actor, at, command_id, reason=reason, document=document)
        outcome = inst.ledger.execute(Decide(unit_id=unit_id(inst, unit), asked=asked), who, dry_run=dry_run)
    show_outcome(outcome, as_json=as_json, dry_run=dry_run)


@app.command("cases", help="Các vụ kênh lấy lại tiền (khiếu nại thẻ, hoàn ngoài đề nghị) và số còn thiếu.")
def cases_command(
    unit: Unit, reader: Reader = None, at: At = None, as_json: AsJson = False, demo: Demo = False, data: Data = None
) -> None:
    now = moment(at)
    with opened(demo=demo, data=data) as inst:
        of = unit_id(inst, unit)
        inst.ledger.require(actor=reading_as(reader, demo=demo), action=Action.READ, unit=of, on=now.date())
        units = [one.unit_id for one in organisation.subtree(inst.ledger.work().organisation, of)]
        found = channel_list.cases(inst, units)
    show({"cases": found}, as_json=as_json)


@app.command("close", help="Đề nghị đóng một vụ đã thua: đơn vị chịu, hoặc mở lại nghĩa vụ; người thứ hai duyệt.")
def close_command(
    case: Annotated[str, typer.Argument(help="Mã vụ, dạng case:gateway/dp_… (gateway cases).")],
    actor: Actor,
    unit: Unit,
    outcome: Annotated[Outcome, typer.Option("--outcome", help="borne: đơn vị chịu; open-again: nợ trở lại.")],
    document: Annotated[str, typer.Option("--document", help="Số quyết định.")],
    reason: Reason,
    payment: Annotated[str | None, typer.Option("--payment", help="Khoản đã thu, khi vụ chưa nêu.")] = None,
    at: At = None,
    command_id: CommandId = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        asked = Asked(
            item=case,
            kind=_KINDS[outcome],
            reason=reason,
            target=None if payment is None else PaymentId(full_id(inst, payment)),
            document=document,
        )
        who = act(actor, at, command_id, reason=reason, document=document)
        done = inst.ledger.execute(Decide(unit_id=unit_id(inst, unit), asked=asked), who, dry_run=dry_run)
    show_outcome(done, as_json=as_json, dry_run=dry_run)


def _day(text: str) -> datetime:
    """The first moment of a Vietnamese day."""
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise Malformed(f"ngày {text[:20]!r} không đúng dạng 2026-07-31", where="--from, --to") from error
    return datetime(day.year, day.month, day.day, tzinfo=VIETNAM)
