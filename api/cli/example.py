"""``dangphi example``: make the files of the example again, from its seed."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(help="Làm lại các tệp mẫu từ kịch bản demo.toml; cùng hạt giống thì cùng từng byte.")
def example(
    out: Annotated[Path | None, typer.Option("--out", help="Thư mục đích; mặc định là thư mục mẫu.")] = None,
) -> None:
    from api.demo.generate import generate
    from api.demo.settings import EXAMPLE

    target = EXAMPLE if out is None else out
    generate(EXAMPLE, target, lambda step: typer.echo(f"{step.at:%d/%m/%Y %H:%M} {step.text}"))
    typer.echo(f"Đã ghi vào {target}")
