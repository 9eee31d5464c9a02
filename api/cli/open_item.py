"""``dangphi open-item``: what waits for a person, deciding on it alone or by a list, agreeing, and undoing."""

from dataclasses import asdict
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
    Reader,
    act,
    content,
    dong,
    full_id,
    moment,
    opened,
    reading_as,
    show,
    show_outcome,
    unit_id,
)
from api.flows import open_items as flow
from api.flows.members import member_of
from api.wiring import Installation
from domain.access import Action
from domain.identifiers import AccountId, PaymentId
from domain.open_item import KIND_NAMES, DecisionKind, line_of, unit_of
from domain.period import parse_month
from domain.reference import Reference
from ledger.handlers.bank_slips import RecordTransfer
from ledger.handlers.open_items import (
    ApproveDecision,
    Asked,
    Decide,
    PartAsked,
    UndoDecision,
    decisions_of,
)

app = typer.Typer(
    help="Khoản chờ người quyết định: xem, quyết định, duyệt, gỡ.", no_args_is_help=True, add_completion=False
)

Unit = Annotated[str, typer.Option("--unit", help="Mã đơn vị.")]
Reason = Annotated[str, typer.Option("--reason", help="Lý do, ghi vào sổ.")]
Document = Annotated[str | None, typer.Option("--document", help="Số quyết định, văn bản.")]
Number = Annotated[str, typer.Argument(help="Số quyết định, ví dụ HP-VH/QD-3.")]


@app.command("list", help="Khoản nào đang chờ: tuổi, người theo dõi, việc kế tiếp.")
def list_command(
    unit: Unit,
    actor: Reader = None,
    below: Annotated[bool, typer.Option("--below", help="Cả các đơn vị cấp dưới.")] = False,
    to: Annotated[
        Path | None, typer.Option("--to", help="Ghi ra XLSX để điền quyết định, kèm nội dung chuyển khoản.")
    ] = None,
    at: At = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        where, on = unit_id(inst, unit), moment(at)
        inst.ledger.require(actor=reading_as(actor, demo=demo), action=Action.READ, unit=where, on=on.date())
        found = flow.list_open(inst, where, on, below=below)
        if to is not None:
            to.write_bytes(flow.blank_list(inst, found))
    total = sum(one.amount for one in found if line_of(one.item) is None)
    if to is not None:
        told = {"file": str(to), "rows": len(found), "waiting": total}
        show(told, as_json=as_json)
        return
    show({"open": [asdict(one) for one in found], "waiting": total}, as_json=as_json)


@app.command("decisions", help="Các quyết định của một đơn vị, gần nhất trước.")
def decisions_command(
    unit: Unit, actor: Reader = None, at: At = None, as_json: AsJson = False, demo: Demo = False, data: Data = None
) -> None:
    with opened(demo=demo, data=data) as inst:
        where = unit_id(inst, unit)
        reader = reading_as(actor, demo=demo)
        inst.ledger.require(actor=reader, action=Action.READ, unit=where, on=moment(at).date())
        state = decisions_of(inst.ledger.work(), where)
    taken = reversed(list(state.taken.items()))
    told = [
        {"decision": made.decision_id, "state": how, "kind": str(made.kind), "item": made.item, "amount": made.amount}
        | {"by": made.decided_by, "on": f"{made.decided_on:%d/%m/%Y}", "reason": made.reason}
        for made, how in [
            *((made, "chờ duyệt") for made in state.proposed.values()),
            *((t.decision, "đã gỡ" if n in state.undone else "có hiệu lực") for n, t in taken),
        ]
    ]
    if not as_json:
        told = [row | {"kind": KIND_NAMES[DecisionKind(str(row["kind"]))]} for row in told]
    show({"decisions": told}, as_json=as_json)


@app.command("decide", help="Quyết định về một khoản.")
def decide_command(
    item: Annotated[str, typer.Argument(help="Mã khoản (open-item list).")],
    kind: Annotated[DecisionKind, typer.Option("--kind", help="Quyết định gì.")],
    actor: Actor,
    unit: Unit,
    reason: Reason,
    part: Annotated[
        list[str] | None, typer.Option("--part", help="Số thẻ[@tháng][=số tiền]; lặp lại khi chia cho nhiều người.")
    ] = None,
    amount: Annotated[int | None, typer.Option("--amount", parser=dong, help="Số tiền; trống: cả phần treo.")] = None,
    announced: Annotated[
        str | None, typer.Option("--announced", help="Khoản đã báo, khi nhận phần thiếu là phí.")
    ] = None,
    until: Annotated[str | None, typer.Option("--until", help="Chờ đến ngày (YYYY-MM-DD).")] = None,
    owner: Annotated[str | None, typer.Option("--owner", help="Ai theo dõi khi chờ.")] = None,
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
            kind=kind,
            reason=reason,
            parts=tuple(_part(inst, text) for text in part or ()),
            amount=amount,
            target=None if announced is None else PaymentId(full_id(inst, announced)),
            until=None if until is None else moment(until).date(),
            owner=owner,
            document=document,
        )
        who = act(actor, at, command_id, reason=reason, document=document)
        outcome = inst.ledger.execute(Decide(unit_id=unit_id(inst, unit), asked=asked), who, dry_run=dry_run)
    show_outcome(outcome, as_json=as_json, dry_run=dry_run)


def _part(inst: Installation, text: str) -> PartAsked:
    card, _, told = text.partition("=")
    card, _, month = card.partition("@")
    return PartAsked(
        member_id=member_of(inst, card),
        month=parse_month(month) if month else None,
        amount=dong(told) if told else None,
    )


@app.command("batch", help="Quyết định theo danh sách (CSV, XLSX): kiểm tra mọi dòng, ghi tất cả hoặc không dòng nào.")
def batch_command(
    file: Annotated[Path, typer.Argument(help="Danh sách quyết định.", exists=True, dir_okay=False)],
    actor: Actor,
    unit: Unit,
    at: At = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        outcome = flow.decide_by_list(
            inst,
            actor=actor,
            at=moment(at),
            unit=unit_id(inst, unit),
            data=content(file),
            name=file.name,
            dry_run=dry_run,
        )
    show_outcome(outcome, as_json=as_json, dry_run=dry_run)


@app.command("approve", help="Người thứ hai đồng ý; quyết định được thực hiện ngay.")
def approve_command(
    number: Number,
    actor: Actor,
    at: At = None,
    command_id: CommandId = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        whole = full_id(inst, number)
        command = ApproveDecision(unit_id=unit_of(whole), decision_id=whole)
        outcome = inst.ledger.execute(command, act(actor, at, command_id), dry_run=dry_run)
    show_outcome(outcome, as_json=as_json, dry_run=dry_run)


@app.command("undo", help="Gỡ một quyết định theo số của nó; tiền trở lại chờ.")
def undo_command(
    number: Number,
    actor: Actor,
    reason: Reason,
    document: Document = None,
    at: At = None,
    command_id: CommandId = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        whole = full_id(inst, number)
        command = UndoDecision(unit_id=unit_of(whole), decision_id=whole, reason=reason, document=document)
        who = act(actor, at, command_id, reason=reason, document=document)
        outcome = inst.ledger.execute(command, who, dry_run=dry_run)
    show_outcome(outcome, as_json=as_json, dry_run=dry_run)


@app.command(
    "transfer", help="Ghi phiếu chuyển tiền đảng viên đưa xem; sao kê, thông báo sau đó là bằng chứng của cùng khoản."
)
def transfer_command(
    actor: Actor,
    unit: Unit,
    account: Annotated[str, typer.Option("--account", help="Tài khoản nhận: <BIN>:<số>.")],
    slip: Annotated[str, typer.Option("--slip", help="Số phiếu.")],
    amount: Annotated[int, typer.Option("--amount", parser=dong, help="Số tiền, đồng.")],
    paid_on: Annotated[str, typer.Option("--on", help="Ngày chuyển (YYYY-MM-DD).")],
    reference: Annotated[str | None, typer.Option("--reference", help="Mã nộp của đảng viên.")] = None,
    bank_number: Annotated[str | None, typer.Option("--bank-number", help="Số giao dịch in trên phiếu.")] = None,
    at: At = None,
    command_id: CommandId = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        command = RecordTransfer(
            unit_id=unit_id(inst, unit),
            account_id=AccountId(account),
            slip=slip,
            amount=amount,
            paid_on=moment(paid_on).date(),
            reference=None if reference is None else Reference(reference.replace(" ", "").upper()),
            bank_number=bank_number,
            evidence_id=None,
        )
        outcome = inst.ledger.execute(command, act(actor, at, command_id), dry_run=dry_run)
    show_outcome(outcome, as_json=as_json, dry_run=dry_run)
