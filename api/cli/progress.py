"""``dangphi progress``: who of those who owe has paid a month, cell by cell."""

import json
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from adapters.books.progress_page import Week
from api.cli.session import AsJson, Data, Demo, Reader, moment, opened, reading_as, unit_id
from api.flows.progress import (
    COLUMNS,
    as_csv,
    as_values,
    percent,
    picture,
    progress_of,
    units_csv,
    weeks_csv,
    weeks_of,
)
from domain.access import Action
from domain.errors import Malformed
from domain.money import format_dong
from domain.period import parse_month
from ledger.statutory.progress import Progress, ProgressRow

app = typer.Typer(help="Tiến độ đóng đảng phí của một tháng, từng chi bộ.")


@app.command()
def progress(
    unit: Annotated[str, typer.Option("--unit", help="Mã đơn vị.")],
    month: Annotated[str, typer.Option("--month", help="Tháng đảng phí, ví dụ 2026-07.")],
    as_of: Annotated[str | None, typer.Option("--as-of", help="Tính đến hết ngày này; mặc định là hôm nay.")] = None,
    position: Annotated[int | None, typer.Option("--position", help="Vị trí của sổ; mặc định là vị trí cuối.")] = None,
    csv: Annotated[Path | None, typer.Option("--csv", help="Ghi bảng ra tệp CSV.")] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Thêm từng tuần của mọi chi bộ và cả tháng của mọi đơn vị, kèm bảng và hình.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", help="Thư mục ghi bảng và hình khi có --all; mặc định là thư mục này.")
    ] = None,
    png: Annotated[bool, typer.Option("--png", help="Hình là PNG thay cho PDF.")] = False,
    reader: Reader = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    """Đã đóng trên số phải đóng; mẫu số cố định từ đầu tháng; trực tuyến, tiền mặt, nộp hộ tách riêng."""
    day = moment(None).date() if as_of is None else _day(as_of)
    with opened(demo=demo, data=data) as inst:
        at_unit = unit_id(inst, unit)
        who = reading_as(reader, demo=demo)
        inst.ledger.require(actor=who, action=Action.READ, unit=at_unit, on=moment(None).date())
        found = progress_of(inst, at_unit, parse_month(month), as_of=day, at=position)
        weeks = weeks_of(inst, at_unit, found.month, as_of=day, at=found.position) if every else ()
    written = [] if csv is None else [csv]
    if csv is not None:
        csv.write_text(as_csv(found), encoding="utf-8-sig")
    if every:
        written += _write(found, weeks, Path() if out is None else out, png=png)
    if as_json:
        typer.echo(json.dumps(as_values(found), ensure_ascii=False))
    else:
        _show(found, written)


def _write(found: Progress, weeks: tuple[Week, ...], folder: Path, *, png: bool) -> list[Path]:
    """Three tables (cells, their weeks, units) and the page with bars."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"tien-do-{name}-{found.month}.csv" for name in ("chi-bo", "tuan", "don-vi")]
    for path, text in zip(paths, (as_csv(found), weeks_csv(found, weeks), units_csv(found)), strict=True):
        path.write_text(text, encoding="utf-8-sig")
    page = folder / f"tien-do-{found.month}.{'png' if png else 'pdf'}"
    page.write_bytes(picture(found, weeks, png=png))
    return [*paths, page]


#: The columns that fit a screen of 80 characters and can still be read; the files and the JSON have them all.
_ON_SCREEN = frozenset({"owing", "paid", "online", "cash", "on_behalf", "unpaid", "collected"})


def _show(found: Progress, written: list[Path]) -> None:
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    rows = [_cells(row) for row in (*found.rows, found.total)]
    table = Table(box=SIMPLE, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("Chi bộ", min_width=14)
    titles = (*(title for name, title in COLUMNS if name in _ON_SCREEN), "%")
    for place, title in enumerate(titles, start=1):
        # Figures are never cut: a title goes over several lines, and so does a name where the line is short.
        words = title.split()
        width = max(len(text) for text in (*words, *(row[place] for row in rows)))
        table.add_column("\n".join(words), justify="right", width=width)
    for row in rows:
        table.add_row(*row, style="bold" if row is rows[-1] else "")
    console = Console()
    console.print(
        Text(
            f"{found.unit_name}, tháng {found.month}: {found.total.paid}/{found.total.owing} đã đóng "
            f"({percent(found.total).replace('.', ',')} %), đến hết {found.as_of:%d/%m/%Y}.",
            style="bold",
        )
    )
    console.print(table)
    console.print(
        Text(
            f"Mẫu số tính ngày {found.counted_on:%d/%m/%Y}; báo cáo cuối trước ngày {found.final_by:%d/%m/%Y}; "
            f"vị trí {found.position} của sổ. Đủ các cột: --csv, --json."
        )
    )
    if found.days_late:
        console.print(Text(f"MUỘN {found.days_late} ngày so với hạn báo cáo cuối.", style="bold red"))
    for path in written:
        typer.echo(f"Đã ghi {path}")


def _cells(row: ProgressRow) -> list[str]:
    figures = [format_dong(getattr(row, name)) for name, _ in COLUMNS if name in _ON_SCREEN]
    return [row.unit_name, *figures, percent(row).replace(".", ",")]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Malformed(f"không phải ngày: {text!r}; viết như 2026-07-31", where="--as-of") from error
