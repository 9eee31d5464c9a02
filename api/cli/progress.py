"""``dangphi progress``: who of those who owe has paid a month, cell by cell."""

import json
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from api.cli.session import AsJson, Data, Demo, Reader, moment, opened, unit_id
from api.flows.progress import COLUMNS, as_csv, as_values, percent, progress_of
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
    reader: Reader = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    """Đã đóng trên số phải đóng; mẫu số cố định từ đầu tháng; trực tuyến, tiền mặt, nộp hộ tách riêng."""
    day = moment(None).date() if as_of is None else _day(as_of)
    with opened(demo=demo, data=data) as inst:
        at_unit = unit_id(inst, unit)
        if reader is not None:
            inst.ledger.require(actor=reader, action=Action.READ, unit=at_unit, on=moment(None).date())
        found = progress_of(inst, at_unit, parse_month(month), as_of=day, at=position)
    if csv is not None:
        csv.write_text(as_csv(found), encoding="utf-8-sig")
    if as_json:
        typer.echo(json.dumps(as_values(found), ensure_ascii=False))
    else:
        _show(found, csv)


def _show(found: Progress, csv: Path | None) -> None:
    from rich.box import SQUARE
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SQUARE)
    for name, title in (*COLUMNS[1:], ("", "%")):
        table.add_column(title, justify="left" if name == "unit_name" else "right", no_wrap=name != "unit_name")
    for row in (*found.rows, found.total):
        table.add_row(*_cells(row), style="bold" if row is found.total else "")
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
            f"vị trí {found.position} của sổ."
        )
    )
    if csv is not None:
        typer.echo(f"Đã ghi {csv}")


def _cells(row: ProgressRow) -> list[str]:
    figures = [format_dong(getattr(row, name)) for name, _ in COLUMNS[2:]]
    return [row.unit_name, *figures, percent(row).replace(".", ",")]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Malformed(f"không phải ngày: {text!r}; viết như 2026-07-31", where="--as-of") from error
