"""``dangphi statement``: the statement files on record, each row of them, and taking one back."""

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
    moment,
    opened,
    reading_as,
    show,
    unit_id,
)
from api.flows import statement_files as files
from api.flows import statement_withdrawal
from api.wiring import Installation
from domain import organisation
from domain.access import Action
from domain.identifiers import AccountId, UnitId

app = typer.Typer(
    help="Tệp sao kê đã nhập: xem, lấy lại nguyên tệp, tra từng dòng, rút.", no_args_is_help=True, add_completion=False
)

Digest = Annotated[str, typer.Argument(help="Mã tệp hoặc mã sao kê, 8 ký tự đầu trở lên.")]


def _may_read(inst: Installation, reader: str, units: set[UnitId], at: str | None) -> None:
    for unit in sorted(units):
        inst.ledger.require(actor=reader, action=Action.READ, unit=unit, on=moment(at).date())


@app.command("list", help="Các sao kê của tài khoản một đơn vị.")
def list_command(
    unit: Annotated[str, typer.Option("--unit", help="Mã đơn vị.")],
    actor: Reader = None,
    at: At = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        where = unit_id(inst, unit)
        _may_read(inst, reading_as(actor, demo=demo), {where}, at)
        found = [one for account in files.accounts_of(inst, where) for one in files.statements_of(inst, account)]
    show({"statements": [asdict(one) for one in found]}, as_json=as_json)


@app.command("show", help="Một sao kê: khoảng ngày, số dư, tệp nào, đã rút chưa.")
def show_command(
    digest: Digest, actor: Reader = None, at: At = None, as_json: AsJson = False, demo: Demo = False, data: Data = None
) -> None:
    with opened(demo=demo, data=data) as inst:
        found = files.find_statements(inst, digest)
        _may_read(inst, reading_as(actor, demo=demo), {one.unit_id for one in found}, at)
    show({"statements": [asdict(one) for one in found]}, as_json=as_json)


@app.command("file", help="Lấy lại nguyên tệp đã nhập, đúng từng byte; mã băm được kiểm tra.")
def file_command(
    digest: Digest,
    to: Annotated[Path, typer.Option("--to", help="Ghi ra tệp này.")],
    actor: Reader = None,
    at: At = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        found = files.find_statements(inst, digest)
        _may_read(inst, reading_as(actor, demo=demo), {one.unit_id for one in found}, at)
        with to.open("wb") as out:
            length = sum(out.write(piece) for piece in files.file_of(inst, found[0]))
    show({"file": str(to), "sha256": found[0].file, "bytes": length, "name": found[0].filename}, as_json=as_json)


@app.command("line", help="Một dòng sao kê nằm ở đâu trong tệp, và nội dung của nó.")
def line_command(
    key: Annotated[
        str, typer.Argument(help="Số giao dịch của ngân hàng, mã khoản tiền, hoặc mã dòng (ít nhất 8 ký tự đầu).")
    ],
    account: Annotated[str, typer.Option("--account", help="Tài khoản: <BIN>:<số>.")],
    actor: Reader = None,
    at: At = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        registered = organisation.account(inst.ledger.work().organisation, AccountId(account))
        _may_read(inst, reading_as(actor, demo=demo), {registered.unit_id}, at)
        found = files.source_of(inst, AccountId(account), key)
    show({"told_by": [asdict(one) for one in found]}, as_json=as_json)


@app.command("withdraw", help="Rút một tệp sao kê nhập nhầm: mọi việc các dòng của nó đã ghi được ghi đảo.")
def withdraw_command(
    digest: Digest,
    actor: Actor,
    reason: Annotated[str, typer.Option("--reason", help="Lý do, ghi vào sổ.")],
    decision: Annotated[str, typer.Option("--decision", help="Số biên bản hoặc quyết định.")],
    at: At = None,
    command_id: CommandId = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        who = act(actor, at, command_id, reason=reason, document=decision)
        answer = statement_withdrawal.withdraw(
            inst, who, digest=digest, reason=reason, decision=decision, dry_run=dry_run
        )
    show(answer, as_json=as_json)


@app.command("approve", help="Người thứ hai đồng ý rút một tệp đã được đề nghị rút: mọi phần của tệp, mới nhất trước.")
def approve_command(
    digest: Digest,
    actor: Actor,
    at: At = None,
    command_id: CommandId = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        answer = statement_withdrawal.approve(inst, act(actor, at, command_id), digest=digest, dry_run=dry_run)
    show(answer, as_json=as_json)
