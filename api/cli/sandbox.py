"""``dangphi sandbox``: a portal, banks, a gateway, an identity provider that really run, and a month played on them."""

import json
import signal
import threading
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from api.cli.session import AsJson, Data
from api.troubles import database_troubles

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    help="Cổng, ngân hàng, cổng thẻ, đăng nhập: mô phỏng, chạy thật qua HTTP.",
)


def _end_like_ctrl_c() -> None:
    """Let a polite kill unwind as Ctrl-C does, so that no process and no passing folder stays behind."""

    def end(*_: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, end)


ScenarioFile = Annotated[
    Path, typer.Option("--scenario", help="Tệp kịch bản TOML hoặc JSON; mẫu ở examples/sandbox.", exists=False)
]


@app.command(help="Chạy các bên mô phỏng theo kịch bản và in các biến DANGPHI_… để trỏ dangphi vào.")
def serve(
    scenario: ScenarioFile,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Cổng lắng nghe; 0 là cổng trống bất kỳ.")] = 8100,
    target: Annotated[
        str, typer.Option(help="Địa chỉ của dangphi serve, nơi gửi thông báo.")
    ] = "http://127.0.0.1:8000",
    folder: Annotated[Path, typer.Option(help="Thư mục giữ tệp đồng hồ.")] = Path("sandbox"),
    env: Annotated[Path | None, typer.Option("--env", help="Ghi các biến vào tệp này thay vì in ra.")] = None,
) -> None:
    from adapters.sandbox.server.station import Pace, Station
    from adapters.sandbox.world.begin import new_world
    from adapters.sandbox.world.dice import Dice
    from adapters.sandbox.world.scenario import read_scenario
    from api.sandbox.house import environment, house_settings, tokens_of
    from api.sandbox.sockets import listening, serving

    _end_like_ctrl_c()
    told = read_scenario(scenario)
    on = listening(port=port)
    folder.mkdir(parents=True, exist_ok=True)
    clock = (folder / "clock").absolute()
    world = new_world(told)
    station = Station(world, target=target.rstrip("/"), clock_file=clock)
    tokens = tokens_of(Dice(seed=told.seed))
    station.bill_token = tokens["service:portal"]
    with serving(station, on) as base:
        settings = house_settings(told, base=base, data_dir=(folder / "data").absolute(), clock=clock)
        told_to = {**environment(settings, world.keys, tokens), "DANGPHI_SANDBOX_CONTROL": world.keys.control}
        lines = "\n".join(f"export {name}='{value}'" for name, value in told_to.items())
        if env is None:
            typer.echo(lines)
        else:
            env.write_text(lines + "\n", encoding="utf-8")
        typer.echo(f"# {told.title}: mở {base}/ bằng trình duyệt. Đồng hồ nhanh gấp {told.speed:g} lần.", err=True)
        typer.echo("# Dừng bằng Ctrl+C.", err=True)
        pace = Pace(station, told.speed)
        pace.start()
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            typer.echo("# dừng", err=True)
        finally:
            pace.stop()


@app.command(
    help="Chơi trọn một tháng qua kết nối thật: nộp, thông báo, sao kê, quyết toán, đối chiếu; so sổ với sự thật. "
    "Mã thoát 1 khi lệch."
)
def play(
    scenario: ScenarioFile,
    month: Annotated[str | None, typer.Option(help="Tháng chơi, ví dụ 2026-08; mặc định như kịch bản.")] = None,
    seed: Annotated[int | None, typer.Option(help="Hạt giống khác với kịch bản.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Thư mục kết quả.")] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    from rich.console import Console

    from adapters.sandbox.world.scenario import read_scenario, scenario_of_month
    from api.sandbox.page import as_json as page_json
    from api.sandbox.page import as_text
    from api.sandbox.run import play as run

    _end_like_ctrl_c()
    told = read_scenario(scenario)
    if month is not None:
        told = scenario_of_month(told, month)
    if seed is not None:
        told = replace(told, seed=seed)
    console = Console(stderr=True, highlight=False)

    def report(day: date, number: int, of: int) -> None:
        console.print(f"{day:%d/%m/%Y}  ngày {number}/{of}", end="\r" if console.is_terminal else "\n")

    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
    with database_troubles(None):
        played = run(told, data_dir=data, report=report, log=None if out is None else out / "dangphi.log")
    text, page = as_text(played.page), page_json(played.page)
    if out is not None:
        (out / "ket-qua.txt").write_text(text, encoding="utf-8")
        (out / "ket-qua.json").write_text(page, encoding="utf-8")
        (out / "chuyen-da-xay-ra.txt").write_text(played.transcript, encoding="utf-8")
    typer.echo(json.dumps(json.loads(page), ensure_ascii=False) if as_json else text, nl=as_json)
    if not played.page.ok:
        raise typer.Exit(1)
