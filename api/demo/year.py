"""The second act of the demo: a year of the ward, August 2025 to July 2026, on a database of its own.

The outside world plays along: people, portal and banks leave their files in a folder as the year goes on, and every
step reads them there as it would read what an office brings.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from adapters.sandbox.viet_hoa_year import write_year_files
from api.cli.verify import verify_installation
from api.demo import outputs
from api.demo.run import make_anew, require_ours, show_play, stop_server
from api.demo.scenario import read_scenario
from api.demo.settings import DATABASE_YEAR, EXAMPLE_YEAR, demo_settings, fresh_database
from api.demo.stage import Stage
from api.demo.steps import Done, play, require_known
from api.demo.world import make_world
from api.demo.year_outputs import show, write_year
from api.wiring import on_postgres

#: Where the year's office files lie within its results.
PAPERS = "ho-so"


@dataclass(frozen=True, slots=True, kw_only=True)
class YearPlayed:
    """What the year came to."""

    ok: bool
    events: int
    files: tuple[str, ...]


def run_year(*, out: Path, data_dir: Path | None, console: Console, folder: Path = EXAMPLE_YEAR) -> YearPlayed:
    """Play the year into ``out`` and leave its papers and books there; an earlier play's results are removed."""
    require_ours(out)
    make_anew(out)
    papers = out / PAPERS
    shutil.copytree(folder, papers)
    scenario = read_scenario(papers)
    require_known(scenario)
    write_year_files(papers, scenario.seed)
    settings = demo_settings(papers, data_dir, database=DATABASE_YEAR)
    try:
        fresh_database(settings, DATABASE_YEAR)
        with on_postgres(settings) as inst:
            stage = Stage(inst=inst, scenario=scenario)
            show_play(play_with_world(stage), scenario, console)
            with console.status("Lập sổ sách cả năm, kiểm tra sổ…"):
                verdict = verify_installation(inst)
                outputs.write_verdict(verdict, out)
                page = write_year(stage, out, verdict)
            show(page, console)
            ok = verdict.ok and page.reproduced == page.books
            return YearPlayed(ok=ok, events=verdict.events, files=page.files)
    finally:
        stop_server(settings)


def play_with_world(stage: Stage) -> Iterator[Done]:
    """Play the steps while portal and banks answer to them."""
    world = make_world(stage)
    for done in play(stage, before=world.before):
        world.after(done)
        yield done
