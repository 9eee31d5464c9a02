"""Play the demo from nothing to its closing page: a database of its own, made anew, and a folder of results."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from adapters.books.closing import to_console
from adapters.postgres import server
from api.cli.verify import verify_installation
from api.demo import outputs
from api.demo.scenario import Scenario, read_scenario
from api.demo.settings import demo_settings, fresh_database
from api.demo.stage import Stage
from api.demo.steps import play
from api.settings import Settings
from api.wiring import data_dir_of, on_postgres
from domain.period import Month
from ledger.reports_closing import ClosingPage, LeftFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What a play of the demo came to."""

    page: ClosingPage
    ok: bool
    events: int


def run(*, folder: Path, out: Path, data_dir: Path | None, console: Console) -> Played:
    """Play the story of ``folder`` and leave the results in ``out``; what stood there before is removed."""
    settings = demo_settings(folder, data_dir)
    fresh_database(settings)
    if out.exists():
        shutil.rmtree(out)
    out.mkdir(parents=True)
    scenario = read_scenario(folder)
    try:
        with on_postgres(settings) as inst:
            stage = Stage(inst=inst, scenario=scenario)
            _play(stage, scenario, console)
            return _leave(stage, out, console)
    finally:
        stop_server(settings)


def _play(stage: Stage, scenario: Scenario, console: Console) -> None:
    columns = (TextColumn("{task.fields[day]}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, TextColumn("{task.description}"), console=console, transient=True) as progress:
        task = progress.add_task("", total=len(scenario.steps), day="")
        for number, step in enumerate(play(stage), start=1):
            following = scenario.steps[min(number, len(scenario.steps) - 1)]
            progress.update(task, advance=1, description=following.text, day=f"{step.step.at:%d/%m/%Y}")


def _leave(stage: Stage, out: Path, console: Console) -> Played:
    files: list[LeftFile] = []
    with console.status("Đối chiếu, in biên lai, vẽ mã VietQR, kiểm tra sổ…"):
        files += outputs.write_workbooks(stage, out)
        files += outputs.write_papers(stage, out, Month("2026-08"))
        verdict = verify_installation(stage.inst)
        outputs.write_verdict(verdict, out)
        files.append(LeftFile(path="kiem-tra.json", description="Kết quả kiểm tra cả sổ bằng cách chạy lại từ đầu"))
        files.append(LeftFile(path="ket-so.pdf", description="Trang kết sổ này, bản in (kèm .txt và .md)"))
        page = outputs.closing_page(stage, verdict, files)
        outputs.write_closing(page, out)
    to_console(page, console)
    return Played(page=page, ok=verdict.ok and outputs.adds_up(page), events=page.position)


def stop_server(settings: Settings) -> None:
    """Stop the embedded server if nobody else uses it; it starts again in under a second."""
    server.stop(data_dir_of(settings))
