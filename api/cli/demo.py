"""``dangphi demo``: the whole dues month of a ward, from assessment to audited remittance, on data made up for it."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.session import AsJson, Data
from api.troubles import database_troubles

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(
    help="Chạy dữ liệu mẫu của phường Việt Hòa: màn một là các tháng đảng phí, màn hai là trọn một năm. "
    "Kết quả ở demo-output/."
)
def demo(
    out: Annotated[Path, typer.Option("--out", help="Thư mục kết quả; kết quả lần trước bị xóa.")] = Path(
        "demo-output"
    ),
    folder: Annotated[Path | None, typer.Option("--folder", help="Thư mục kịch bản.")] = None,
    act: Annotated[int, typer.Option("--act", min=0, max=2, help="Chỉ chạy màn 1 hoặc màn 2; 0 là cả hai.")] = 0,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    from rich.console import Console

    from api.demo.run import run
    from api.demo.settings import EXAMPLE
    from api.demo.year import run_year

    console = Console(stderr=as_json, highlight=False)
    answer: dict[str, object] = {"folder": str(out)}
    ok = True
    with database_troubles(None):
        if act != 2:
            played = run(folder=EXAMPLE if folder is None else folder, out=out, data_dir=data, console=console)
            ok = played.ok
            answer |= {"ok": ok, "events": played.events, "files": [file.path for file in played.page.files]}
        if act != 1 and folder is None:
            year = run_year(out=out / "nam", data_dir=data, console=console)
            ok = ok and year.ok
            answer |= {"ok": ok, "year": {"ok": year.ok, "events": year.events, "files": year.files}}
    if as_json:
        import json

        typer.echo(json.dumps(answer))
    else:
        console.print(f"\nKết quả ở [bold]{out}/[/bold]. Xem tiếp trên cùng dữ liệu: [bold]make serve[/bold]")
    if not ok:
        raise typer.Exit(1)
