"""``dangphi spend``: payment and receipt vouchers of a unit's own money, and the year's close of its funds."""

import mimetypes
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
    moment,
    opened,
    reading_as,
    show,
    show_outcome,
    unit_id,
)
from api.flows.cash import keep_bill, vouchers_as_dict
from domain import organisation
from domain.access import Action
from domain.errors import Refusal, RefusalCode
from domain.payment import Asset
from domain.spending import VoucherKind
from ledger.handlers.spend import (
    ApproveVoucher,
    CloseFundYear,
    MatchVoucher,
    ProposeVoucher,
    RefuseVoucher,
    VoidVoucher,
)
from ledger.headings import HEADINGS

app = typer.Typer(help="Phiếu thu, phiếu chi; kết chuyển cuối năm.", no_args_is_help=True, add_completion=False)

VoucherName = Annotated[str, typer.Argument(help="Mã đề nghị, do đơn vị đặt, ví dụ DN-12.")]
Unit = Annotated[str, typer.Option("--unit", help="Mã đơn vị.")]
Amount = Annotated[int, typer.Option("--amount", parser=dong, help="Đồng.")]
Purpose = Annotated[str, typer.Option("--purpose", help="Nội dung; không ghi tên người.")]
Reason = Annotated[str, typer.Option("--reason", help="Lý do.")]
Bill = Annotated[Path | None, typer.Option("--attach", exists=True, dir_okay=False, help="Tệp chứng từ để lưu.")]
Dated = Annotated[str | None, typer.Option("--dated", help="Ngày trên phiếu, ví dụ 2026-08-12; mặc định hôm nay.")]


@app.command("propose", help="Lập đề nghị chi; chưa ghi sổ, chưa có số phiếu.")
def propose_command(
    voucher: VoucherName,
    actor: Actor,
    unit: Unit,
    amount: Amount,
    heading: Annotated[str, typer.Option("--heading", help=f"Mục chi: {', '.join(HEADINGS)}.")],
    purpose: Purpose,
    source: Annotated[str, typer.Option("--source", help="4310 đảng phí được để lại, 4320 nguồn khác.")] = "4310",
    by_bank: Annotated[bool, typer.Option("--bank", help="Chuyển khoản; mặc định tiền mặt.")] = False,
    dated: Dated = None,
    attach: Bill = None,
    at: At = None,
    command_id: CommandId = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    who = act(actor, at, command_id)
    with opened(demo=demo, data=data) as inst:
        command = ProposeVoucher(
            unit_id=unit_id(inst, unit),
            voucher_id=voucher,
            kind=VoucherKind.PAYMENT,
            heading=heading,
            source=source,
            asset=Asset.BANK if by_bank else Asset.CASH,
            amount=amount,
            dated=moment(dated).date() if dated else who.on,
            purpose=purpose,
            attachment=None if attach is None or dry_run else keep_bill(inst, content(attach), _media(attach)),
        )
        outcome = inst.ledger.execute(command, who, dry_run=dry_run)
    show_outcome(outcome, as_json=as_json, dry_run=dry_run)


@app.command("receive", help="Lập phiếu thu tiền mặt không phải đảng phí: ngân sách cấp, lãi, thu khác.")
def receive_command(
    voucher: VoucherName,
    actor: Actor,
    unit: Unit,
    amount: Amount,
    kind: Annotated[str, typer.Option("--from", help="state-funding, interest, hoặc tên nguồn khác.")],
    purpose: Purpose,
    dated: Dated = None,
    attach: Bill = None,
    at: At = None,
    command_id: CommandId = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    who = act(actor, at, command_id)
    with opened(demo=demo, data=data) as inst:
        command = ProposeVoucher(
            unit_id=unit_id(inst, unit),
            voucher_id=voucher,
            kind=VoucherKind.RECEIPT,
            heading=kind,
            source="4320",
            asset=Asset.CASH,
            amount=amount,
            dated=moment(dated).date() if dated else who.on,
            purpose=purpose,
            attachment=None if attach is None or dry_run else keep_bill(inst, content(attach), _media(attach)),
        )
        outcome = inst.ledger.execute(command, who, dry_run=dry_run)
    show_outcome(outcome, as_json=as_json, dry_run=dry_run)


def _media(file: Path) -> str:
    return mimetypes.guess_type(file.name)[0] or "application/octet-stream"


@app.command("approve", help="Duyệt và đánh số phiếu; tiền mặt ghi sổ ngay, chuyển khoản chờ dòng sao kê.")
def approve_command(
    voucher: VoucherName,
    actor: Actor,
    unit: Unit,
    at: At = None,
    command_id: CommandId = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        command = ApproveVoucher(unit_id=unit_id(inst, unit), voucher_id=voucher)
        outcome = inst.ledger.execute(command, act(actor, at, command_id), dry_run=dry_run)
    show_outcome(outcome, as_json=as_json, dry_run=dry_run)


@app.command("refuse", help="Không duyệt một đề nghị; đề nghị đó không có số phiếu.")
def refuse_command(
    voucher: VoucherName,
    actor: Actor,
    unit: Unit,
    reason: Reason,
    at: At = None,
    command_id: CommandId = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        command = RefuseVoucher(unit_id=unit_id(inst, unit), voucher_id=voucher, reason=reason)
        outcome = inst.ledger.execute(command, act(actor, at, command_id, reason=reason))
    show_outcome(outcome, as_json=as_json)


@app.command("void", help="Huỷ một phiếu đã có số: đảo bút toán, số phiếu giữ nguyên.")
def void_command(
    voucher: VoucherName,
    actor: Actor,
    unit: Unit,
    reason: Reason,
    at: At = None,
    command_id: CommandId = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        command = VoidVoucher(unit_id=unit_id(inst, unit), voucher_id=voucher, reason=reason)
        outcome = inst.ledger.execute(command, act(actor, at, command_id, reason=reason), dry_run=dry_run)
    show_outcome(outcome, as_json=as_json, dry_run=dry_run)


@app.command("match", help="Khớp một dòng ghi nợ không mang mã với phiếu chuyển khoản đã duyệt.")
def match_command(
    voucher: VoucherName,
    actor: Actor,
    unit: Unit,
    line: Annotated[str, typer.Option("--line", help="Mã dòng sao kê, hoặc phần đầu của mã.")],
    at: At = None,
    command_id: CommandId = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        work, owner = inst.ledger.work(), unit_id(inst, unit)
        accounts = [a.account_id for a in work.organisation.accounts.values() if a.unit_id == owner]
        found = [(a, key) for a in accounts for key in work.account(a).lines if key.startswith(line)]
        if len(found) != 1:
            raise Refusal(
                RefusalCode.UNKNOWN_PAYMENT,
                f"Mã dòng {line!r} ứng với {len(found)} dòng sao kê của {unit}; ghi đủ mã của một dòng.",
            )
        command = MatchVoucher(unit_id=owner, account_id=found[0][0], line_key=found[0][1], voucher_id=voucher)
        outcome = inst.ledger.execute(command, act(actor, at, command_id))
    show_outcome(outcome, as_json=as_json)


@app.command("close-year", help="Kết chuyển chi của một năm vào nguồn; mỗi đơn vị mỗi năm một lần.")
def close_year_command(
    year: Annotated[int, typer.Argument(help="Năm đã hết.")],
    actor: Actor,
    unit: Unit,
    at: At = None,
    command_id: CommandId = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        command = CloseFundYear(unit_id=unit_id(inst, unit), year=year)
        outcome = inst.ledger.execute(command, act(actor, at, command_id), dry_run=dry_run)
    show_outcome(outcome, as_json=as_json, dry_run=dry_run)


@app.command("list", help="Các phiếu của một đơn vị và số tiền đơn vị còn được chi.")
def list_command(
    unit: Unit,
    reader: Reader = None,
    state: Annotated[str | None, typer.Option("--state", help="proposed, refused, waiting, booked hoặc void.")] = None,
    at: At = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        work = inst.ledger.work()
        found = organisation.by_code(work.organisation, unit).unit_id
        inst.ledger.require(actor=reading_as(reader, demo=demo), action=Action.READ, unit=found, on=moment(at).date())
        answer = vouchers_as_dict(work, found, state)
    show(answer, as_json=as_json)
