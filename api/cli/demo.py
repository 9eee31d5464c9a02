"""``dangphi demo``: the whole dues month of a ward, from assessment to audited remittance, on data made up for it."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.session import AsJson, Data
from api.troubles import database_troubles

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(help="Chạy trọn các tháng đảng phí mẫu của phường Việt Hòa và để lại kết quả trong demo-output/.")
def demo(
    out: Annotated[Path, typer.Option("--out", help="Thư mục kết quả; kết quả lần trước bị xóa.")] = Path(
        "demo-output"
    ),
    folder: Annotated[Path | None, typer.Option("--folder", help="Thư mục kịch bản.")] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    from rich.console import Console

    from api.demo.run import run
    from api.demo.settings import EXAMPLE

    console = Console(stderr=as_json, highlight=False)
    with database_troubles(None):
        played = run(folder=EXAMPLE if folder is None else folder, out=out, data_dir=data, console=console)
    if as_json:
        import json

        files = [file.path for file in played.page.files]
        typer.echo(json.dumps({"ok": played.ok, "events": played.events, "folder": str(out), "files": files}))
    else:
        console.print(f"\nKết quả ở [bold]{out}/[/bold]. Xem tiếp trên cùng dữ liệu: [bold]make serve[/bold]")
    if not played.ok:
        raise typer.Exit(1)
