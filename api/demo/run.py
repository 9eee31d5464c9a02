"""Play the demo from nothing to its closing page: a database of its own, made anew, and a folder of results."""

import os
import shutil
from collections.abc import Iterator
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
from api.demo.steps import Done, play, require_known
from api.settings import Settings
from api.wiring import data_dir_of, on_postgres
from domain.errors import Malformed
from domain.period import parse_month
from ledger.reports_closing import ClosingPage, LeftFile

#: What marks a folder as left by a play, so that the next one may empty it.
MARK = ".dangphi-demo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What a play of the demo came to."""

    page: ClosingPage
    ok: bool
    events: int


def run(*, folder: Path, out: Path, data_dir: Path | None, console: Console) -> Played:
    """Play the story of ``folder`` and leave the results in ``out``; an earlier play's results are removed.

    ``Malformed`` when the story cannot be read or ``out`` holds anything else; then nothing was touched.
    """
    scenario = read_scenario(folder)
    require_known(scenario)
    require_ours(out)
    settings = demo_settings(folder, data_dir)
    try:
        fresh_database(settings)
        make_anew(out)
        with on_postgres(settings) as inst:
            stage = Stage(inst=inst, scenario=scenario)
            show_play(play(stage), scenario, console)
            return _leave(stage, out, console)
    finally:
        stop_server(settings)


def require_ours(out: Path) -> None:
    """Refuse a place whose content is not the demo's own to remove."""
    above = next(folder for folder in (out, *out.absolute().parents) if folder.exists())
    if above != out:
        if not above.is_dir() or not os.access(above, os.W_OK):
            raise Malformed(f"không tạo được thư mục này trong {above}; chọn thư mục khác bằng --out", where=str(out))
        return
    if not out.is_dir():
        raise Malformed("đã có một tệp mang tên này; chọn thư mục khác bằng --out hoặc xoá tệp ấy", where=str(out))
    if any(out.iterdir()) and not any((out / mark).exists() for mark in (MARK, "ket-so.txt")):
        raise Malformed(
            "thư mục này có tệp không do `dangphi demo` để lại; chọn thư mục khác bằng --out", where=str(out)
        )


def make_anew(out: Path) -> None:
    """Make the folder of results empty and mark it as the demo's own."""
    if out.exists():
        shutil.rmtree(out)
    out.mkdir(parents=True)
    (out / MARK).touch()


def show_play(steps: Iterator[Done], scenario: Scenario, console: Console) -> None:
    """Play with a progress bar; where there is no terminal, a line a step says the same."""
    columns = (TextColumn("{task.fields[day]}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    bar = Progress(*columns, TextColumn("{task.description}"), console=console, transient=True)
    if not console.is_terminal:
        bar.disable = True
    with bar as progress:
        task = progress.add_task("", total=len(scenario.steps), day="")
        for number, done in enumerate(steps, start=1):
            following = scenario.steps[min(number, len(scenario.steps) - 1)]
            progress.update(task, advance=1, description=following.text, day=f"{done.step.at:%d/%m/%Y}")
            if bar.disable:
                console.print(f"{done.step.at:%d/%m/%Y %H:%M}  {done.step.text}")


def _leave(stage: Stage, out: Path, console: Console) -> Played:
    files: list[LeftFile] = []
    with console.status("Đối chiếu, in biên lai, vẽ mã VietQR, kiểm tra sổ…"):
        files += outputs.write_workbooks(stage, out)
        files += outputs.write_papers(stage, out, parse_month(stage.scenario.results["papers_month"]))
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
