"""``dangphi import``: an office's files into the ledger. Good rows go in, bad rows are listed with their place."""

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import typer

from api.cli.main import LEFT_OUT
from api.cli.session import Actor, AsJson, At, Data, Demo, moment, opened, say, show, unit_id
from api.flows import openings, roster, setup
from api.flows.imports import ImportReport

app = typer.Typer(
    help="Nhập tệp của văn phòng: quy định, tổ chức, cán bộ, số dư, đảng viên, lương.",
    no_args_is_help=True,
    add_completion=False,
)

File = Annotated[Path, typer.Argument(help="Tệp cần nhập.")]
Root = Annotated[str, typer.Option("--unit", help="Mã đơn vị mà danh sách thuộc phạm vi.")]
_FILE = typer.Option(help="Tệp cần nhập.")


def left_out(taken: int) -> int:
    """The exit status of a list with rows that did not go in: 1 when nothing did, like any refusal."""
    return LEFT_OUT if taken else 1


def show_report(report: ImportReport, *, as_json: bool) -> None:
    """Print the report. Rows left out are named one by one and tell by the exit status, for somebody must mend them."""
    if as_json:
        show(asdict(report), as_json=True)
    else:
        answer = asdict(report)
        problems, differences = answer.pop("problems"), answer.pop("differences")
        show(answer, as_json=False)
        for problem in report.problems:
            say(f"Bỏ dòng: {problem.where}: {problem.reason}", err=True)
        for difference in report.differences:
            say(f"Lệch: {difference.where}: {difference.reason}", err=True)
        if problems:
            typer.echo(f"{len(problems)} dòng không vào; sửa các ô nêu trên rồi nhập lại tệp này.", err=True)
        elif differences:
            typer.echo("Số dư đầu kỳ và danh sách còn lệch nhau; sửa trước khi ký.", err=True)
    if report.problems:
        raise typer.Exit(left_out(report.taken))


@app.command("law", help="Kích hoạt các dòng chính sách kèm theo bằng quyết định của người duyệt.")
def law_command(
    actor: Actor,
    approver: Annotated[str, typer.Option("--approver", help="Người duyệt.")],
    document: Annotated[str, typer.Option("--document", help="Số quyết định.")],
    decided_on: Annotated[datetime, typer.Option("--decided-on", formats=["%Y-%m-%d"], help="Ngày quyết định.")],
    at: At = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        report = setup.activate_law(
            inst,
            actor=actor,
            at=moment(at),
            approver=approver,
            document=document,
            decided_on=decided_on.date(),
        )
    show_report(report, as_json=as_json)


@app.command("shares", help="Kích hoạt tỷ lệ để lại theo quyết định của địa phương.")
def shares_command(
    file: File,
    actor: Actor,
    approver: Annotated[str, typer.Option("--approver", help="Người duyệt.")],
    at: At = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        report = setup.activate_shares(inst, actor=actor, at=moment(at), path=file, approver=approver)
    show_report(report, as_json=as_json)


@app.command("organisation", help="Nhập cây tổ chức, tài khoản, nơi nhận tiền, vùng lương.")
def organisation_command(
    actor: Actor,
    units: Annotated[Path, _FILE],
    accounts: Annotated[Path, _FILE],
    holders: Annotated[Path, _FILE],
    regions: Annotated[Path, _FILE],
    at: At = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        report = setup.import_organisation(
            inst,
            actor=actor,
            at=moment(at),
            units=units,
            accounts=accounts,
            holders=holders,
            regions=regions,
        )
    show_report(report, as_json=as_json)


@app.command("officers", help="Giao quyền cho cán bộ theo danh sách; một người đề nghị, một người duyệt.")
def officers_command(
    file: File,
    actor: Actor,
    proposed_by: Annotated[str, typer.Option("--proposed-by", help="Người đề nghị.")],
    approved_by: Annotated[str, typer.Option("--approved-by", help="Người duyệt.")],
    at: At = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        report = setup.import_officers(
            inst, actor=actor, at=moment(at), path=file, proposed_by=proposed_by, approved_by=approved_by
        )
    show_report(report, as_json=as_json)


@app.command("openings", help="Nhập số dư đầu kỳ (chữ ký thứ nhất); chưa ghi sổ.")
def openings_command(
    file: File, actor: Actor, root: Root, at: At = None, as_json: AsJson = False, demo: Demo = False, data: Data = None
) -> None:
    with opened(demo=demo, data=data) as inst:
        report = openings.enter_openings(inst, actor=actor, at=moment(at), path=file, root=unit_id(inst, root))
    show_report(report, as_json=as_json)


@app.command("sign-openings", help="Ký số dư đầu kỳ (chữ ký thứ hai, người khác); ghi sổ.")
def sign_openings_command(
    actor: Actor, root: Root, at: At = None, as_json: AsJson = False, demo: Demo = False, data: Data = None
) -> None:
    with opened(demo=demo, data=data) as inst:
        report = openings.sign_openings(inst, actor=actor, at=moment(at), root=unit_id(inst, root))
    show_report(report, as_json=as_json)


@app.command("roster", help="Nhập danh sách đảng viên (XLSX hoặc CSV); nhập hai lần không đổi gì.")
def roster_command(
    file: File, actor: Actor, root: Root, at: At = None, as_json: AsJson = False, demo: Demo = False, data: Data = None
) -> None:
    with opened(demo=demo, data=data) as inst:
        report = roster.import_roster(
            inst,
            actor=actor,
            at=moment(at),
            path=file,
            root=unit_id(inst, root),
            new_id=lambda: str(uuid4()),
        )
    show_report(report, as_json=as_json)


@app.command("bases", help="Nhập căn cứ đóng mới (lương, lương hưu) từ một tháng.")
def bases_command(
    file: File, actor: Actor, root: Root, at: At = None, as_json: AsJson = False, demo: Demo = False, data: Data = None
) -> None:
    with opened(demo=demo, data=data) as inst:
        report = roster.import_bases(inst, actor=actor, at=moment(at), path=file, root=unit_id(inst, root))
    show_report(report, as_json=as_json)
