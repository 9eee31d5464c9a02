"""``dangphi book``: make, sign and reproduce the statutory books."""

from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.session import (
    Actor,
    AsJson,
    At,
    CommandId,
    Data,
    Demo,
    Reader,
    act,
    moment,
    opened,
    reading_as,
    show,
    show_outcome,
)
from api.cli.session import unit_id as unit_of
from api.flows.book_originals import original
from api.flows.books import Made, Reproduced, file_name, make_book, reproduce, sign_as_preparer, sign_for_committee
from api.flows.books import signed_books as signed_of
from api.flows.members import member_of
from api.wiring import Installation
from domain.access import Action
from domain.book import BookSigned, ColumnName, SignedAs
from domain.identifiers import UnitId
from ledger.handlers.books import SetReportColumn
from ledger.statutory.books import Asked, asked_of
from ledger.statutory.heading import TITLES, BookKind

app = typer.Typer(help="Sổ sách, báo cáo theo mẫu: lập, ký, dựng lại.", no_args_is_help=True, add_completion=False)

Kind = Annotated[BookKind, typer.Argument(help="Sổ: s01, s02, b01, s01-tcd, member-year, posting.")]
Unit = Annotated[str, typer.Option("--unit", help="Mã đơn vị.")]
Period = Annotated[str, typer.Option("--period", help="Kỳ: 2026-07, 2026-Q3, hoặc năm 2026 (s01, member-year).")]
Member = Annotated[str, typer.Option("--member", help="Số thẻ đảng hoặc mã đảng viên trong sổ (member-year).")]
Position = Annotated[int | None, typer.Option("--position", help="Vị trí của sổ; mặc định là vị trí cuối.")]
Templates = Annotated[
    Path | None, typer.Option("--templates", help="Thư mục mẫu in của đơn vị; tệp nào thiếu thì dùng mẫu gốc.")
]
NoNames = Annotated[bool, typer.Option("--no-names", help="Ghi mã trong sổ thay cho họ tên đảng viên.")]
Originals = Annotated[Path | None, typer.Option("--originals", help="Thư mục ghi các tệp đã ký, nguyên như lúc ký.")]
Out = Annotated[Path | None, typer.Option("--out", help="Thư mục ghi tệp JSON, XLSX, PDF.")]


@app.command("make", help="Lập một sổ: in số liệu, ghi JSON, XLSX, PDF.")
def make_command(
    kind: Kind,
    unit: Unit,
    period: Period,
    member: Member = "",
    position: Position = None,
    out: Out = None,
    templates: Templates = None,
    no_names: NoNames = False,
    reader: Reader = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    who = reading_as(reader, demo=demo)
    with opened(demo=demo, data=data) as inst:
        asked = _asked(inst, kind, unit, period, member)
        _may_read(inst, who, asked.unit_id)
        made = make_book(inst, asked, at=position, with_names=not no_names, templates=templates)
    if as_json:
        typer.echo(made.json.decode())
    else:
        _show(made)
    if out is not None:
        _write(made, out, as_json=as_json)


@app.command("sign", help="Ký sổ: người lập ký trước, rồi một người khác ký thay mặt cấp ủy đúng bản đó.")
def sign_command(
    kind: Kind,
    actor: Actor,
    unit: Unit,
    period: Period,
    place: Annotated[SignedAs, typer.Option("--place", help="preparer: người lập; committee: T/M cấp ủy.")],
    member: Member = "",
    position: Position = None,
    templates: Templates = None,
    out: Out = None,
    at: At = None,
    command_id: CommandId = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        asked = _asked(inst, kind, unit, period, member)
        who = act(actor, at, command_id)
        _may_read(inst, actor, asked.unit_id, on=who)
        if place is SignedAs.PREPARER:
            made = make_book(inst, asked, at=position, with_names=True, templates=templates)
            outcome = sign_as_preparer(inst, made, who)
            if out is not None:
                _write(made, out, as_json=as_json)
        else:
            outcome = sign_for_committee(inst, asked, who)
    show_outcome(outcome, as_json=as_json)


@app.command("signed", help="Các chữ ký dưới sổ của một đơn vị.")
def signed_command(
    unit: Unit, reader: Reader = None, as_json: AsJson = False, demo: Demo = False, data: Data = None
) -> None:
    who = reading_as(reader, demo=demo)
    with opened(demo=demo, data=data) as inst:
        at_unit = unit_of(inst, unit)
        _may_read(inst, who, at_unit)
        found = [_signature(signed) for signed in signed_of(inst, at_unit)]
    show({"signed": found}, as_json=as_json)


@app.command("reproduce", help="Dựng lại các sổ đã ký tại đúng vị trí và so từng byte. Thoát 1 nếu có khác.")
def reproduce_command(
    unit: Unit,
    kind: Annotated[BookKind | None, typer.Option("--kind", help="Chỉ một loại sổ.")] = None,
    period: Annotated[str | None, typer.Option("--period", help="Chỉ một kỳ.")] = None,
    out: Out = None,
    originals: Originals = None,
    reader: Reader = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    who = reading_as(reader, demo=demo)
    with opened(demo=demo, data=data) as inst:
        at_unit = unit_of(inst, unit)
        _may_read(inst, who, at_unit)
        wanted = [
            signed
            for signed in signed_of(inst, at_unit)
            if signed.signed_as is SignedAs.PREPARER
            and kind in (None, BookKind(signed.kind))
            and period in (None, signed.period)
        ]
        found = [reproduce(inst, signed) for signed in wanted]
        if originals is not None:
            for signed in wanted:
                _write_original(inst, signed, originals, as_json=as_json)
    if out is not None:
        for one in found:
            if one.made is not None:
                _write(one.made, out, as_json=as_json)
    answer = {"ok": all(one.ok for one in found), "books": [_reproduced(one) for one in found]}
    if as_json:
        show(answer, as_json=True)
    else:
        for one in found:
            typer.echo(_sentence(one))
        typer.echo(f"{len(found)} sổ đã ký, {sum(one.ok for one in found)} dựng lại đúng từng byte.")
    if not answer["ok"]:
        raise typer.Exit(1)


@app.command("column", help="Xếp một tổ chức cơ sở vào cột của B01: xã/phường, doanh nghiệp, khác.")
def column_command(
    actor: Actor,
    unit: Unit,
    column: Annotated[ColumnName, typer.Option("--column", help="commune, enterprise hoặc other.")],
    document: Annotated[str, typer.Option("--document", help="Văn bản làm căn cứ.")],
    at: At = None,
    command_id: CommandId = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        command = SetReportColumn(unit_id=unit_of(inst, unit), column=column, document=document)
        outcome = inst.ledger.execute(command, act(actor, at, command_id, document=document))
    show_outcome(outcome, as_json=as_json)


def _write_original(inst: Installation, signed: BookSigned, out: Path, *, as_json: bool) -> None:
    """Write the files that were signed, as they were kept then; say which are there no more."""
    out.mkdir(parents=True, exist_ok=True)
    for part in ("json", "xlsx", "pdf"):
        content = original(inst, signed, part)
        path = out / f"{file_name(asked_of(signed))}-{signed.position}.{part}"
        if content is not None:
            path.write_bytes(content)
        elif not as_json:
            typer.echo(f"{path.name}: không còn bản gốc đã ký (đã xoá theo quyết định hoặc chưa từng lưu).")


def _asked(inst: Installation, kind: BookKind, unit: str, period: str, member: str) -> Asked:
    subject = member_of(inst, member) if member else ""
    return Asked(kind=kind, unit_id=unit_of(inst, unit), period=period, subject=subject)


def _may_read(inst: Installation, reader: str, unit: UnitId, on: Any = None) -> None:
    """Whoever makes or sees a book must be allowed to read the unit."""
    day = moment(None).date() if on is None else on.on
    inst.ledger.require(actor=reader, action=Action.READ, unit=unit, on=day)


def _show(made: Made) -> None:
    """The tables of the form on a terminal."""
    from rich.box import SQUARE
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from adapters.books.form_pdf import as_data

    page = as_data(made.form)
    # A line that is too long for the terminal wraps; a figure or a name is never left out.
    wide = max(sum(head["width"] + 3 for head in grid["heads"]) for grid in page["grids"])
    console = Console(width=max(Console().width, wide))
    console.print(Text(f"{page['number']}  {page['title']}", style="bold"))
    console.print(Text(f"{made.form.heading.unit_name}, {page['subtitle']}. {page['versions']}"))
    for grid in page["grids"]:
        table = Table(box=SQUARE, title=grid["title"] or None, title_justify="left")
        for head in grid["heads"]:
            # A title that a dozen columns share would make each of them as wide as itself.
            group = head["group"] if len(head["group"]) <= head["width"] else ""
            title = " ".join(part for part in (group, head["title"], head["mark"]) if part)
            table.add_column(Text(title), justify="left" if head["words"] else "right", no_wrap=not head["words"])
        for row in grid["rows"]:
            table.add_row(*(Text(cell) for cell in row["cells"]), style="bold" if row["strong"] else "")
        console.print(table)
    for note in page["notes"]:
        console.print(Text(f"• {note}"))


def _write(made: Made, folder: Path, *, as_json: bool) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    files = [("json", made.json), ("xlsx", made.xlsx), ("pdf", made.pdf)]
    if made.asked.kind is BookKind.POSTING:
        from adapters.books.form_posting import posting_text
        from ledger.statutory.books import PostingPage

        if isinstance(made.book, PostingPage):
            files.append(("txt", posting_text(made.book).encode()))
    for ending, content in files:
        path = folder / f"{file_name(made.asked)}.{ending}"
        path.write_bytes(content)
        if not as_json:
            typer.echo(f"Đã ghi {path}")


def _signature(signed: BookSigned) -> dict[str, Any]:
    return {
        "kind": signed.kind,
        "period": signed.period,
        "member": signed.subject or None,
        "position": signed.position,
        "signed_as": str(signed.signed_as),
        "signed_by": signed.signed_by,
        "signed_on": signed.signed_on.isoformat(),
        "pdf": signed.digests.pdf,
    }


def _reproduced(one: Reproduced) -> dict[str, Any]:
    differing = [{"figure": name, "signed": before, "now": now} for name, before, now in one.differing]
    return {
        **_signature(one.signed),
        "ok": one.ok,
        "complete": one.complete,
        "same": one.same,
        "differing": differing,
        "other_version": one.other_version,
        "altered": one.altered,
        "changed": {name: {"signed": then, "now": now} for name, (then, now) in one.changed.items()},
    }


def _sentence(one: Reproduced) -> str:
    signed = one.signed
    title = TITLES[BookKind(signed.kind)]
    what = "đúng từng byte" if one.ok else _why(one)
    state = "đủ hai chữ ký" if one.complete else "mới có người lập ký"
    figures = "".join(f"; {name}: ký {before}, nay {now}" for name, before, now in one.differing)
    return f"{title}, kỳ {signed.period}, vị trí {signed.position} ({state}): {what}{figures}"


def _why(one: Reproduced) -> str:
    """Why a book differs: altered, made by another version, or nothing left to make it from."""
    told = []
    if one.altered:
        told.append(f"KHÁC, đã bị sửa: {', '.join(one.altered)}")
    if one.other_version:
        tools = ", ".join(f"{name} {then} (nay {now})" for name, (then, now) in one.changed.items())
        told.append(
            f"làm bằng phiên bản khác của {tools}, số liệu như đã ký; khác byte: {', '.join(one.other_version)}"
        )
    if one.made is None:
        told.append("tên đảng viên và mẫu in đã xoá theo quyết định, chỉ so được số liệu")
    return "; ".join(told)
