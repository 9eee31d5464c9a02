"""``dangphi export``: journal, obligations, payments or remittances into CSV, XLSX or Parquet."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from adapters.bulk.files import Format
from api.cli.session import DEMO_READER, AsJson, Data, Demo, Reader, moment, opened, unit_id
from api.flows.export import export_to
from domain.errors import Refusal, RefusalCode
from domain.money import format_dong
from domain.period import parse_month
from projections.export import Dataset

app = typer.Typer(add_completion=False)


@app.command(help="Xuất một bảng của một đơn vị (và cấp dưới) ra tệp; tệp chỉ hiện khi đã ghi xong.")
def export(
    dataset: Annotated[Dataset, typer.Argument(help="journal, obligations, payments hoặc remittances.")],
    unit: Annotated[str, typer.Option("--unit", help="Mã đơn vị.")],
    out: Annotated[Path, typer.Option("--out", help="Tệp kết quả.")],
    first: Annotated[str, typer.Option("--from", help="Tháng đầu, NNNN-TT.")],
    last: Annotated[str | None, typer.Option("--to", help="Tháng cuối; mặc định là tháng đầu.")] = None,
    wanted: Annotated[
        Format | None, typer.Option("--format", help="csv, xlsx hoặc parquet; mặc định theo đuôi tệp.")
    ] = None,
    names: Annotated[bool, typer.Option("--names", help="Thêm họ tên đảng viên; cần quyền giữ danh sách.")] = False,
    reader: Reader = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    start = parse_month(first)
    who = reader or (DEMO_READER if demo else None)
    if who is None:
        raise Refusal(RefusalCode.NOT_ALLOWED, "Xuất sổ phải ghi ai xuất: thêm --as MÃ-CÁN-BỘ (người có quyền xem).")
    by_name = {f".{one}": one for one in Format}
    chosen = wanted or by_name.get(out.suffix.lower(), Format.CSV)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    with opened(demo=demo, data=data) as inst, bar:
        task = bar.add_task(f"Ghi {out.name}", total=None)
        found = export_to(
            inst,
            out,
            dataset=dataset,
            wanted=chosen,
            actor=who,
            at=moment(None),
            unit=unit_id(inst, unit),
            first=start,
            last=start if last is None else parse_month(last),
            names=names,
            started=lambda rows: bar.update(task, total=rows),
            progress=lambda rows: bar.advance(task, rows),
        )
    if as_json:
        typer.echo(
            json.dumps({"file": str(found.path), "rows": found.rows, "position": found.position, "names": names})
        )
    else:
        typer.echo(f"Đã ghi {format_dong(found.rows)} dòng vào {found.path} (sổ đến vị trí {found.position}).")
