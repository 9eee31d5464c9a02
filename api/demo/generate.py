"""Make the example files again: play the story in memory and write down what the outside world does.

Same seed, same bytes. A test plays it into an empty folder and compares every file with the committed one.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

from adapters.sandbox.office_lists import write_example_office_files
from api.demo.scenario import Step, read_scenario
from api.demo.stage import Stage
from api.demo.steps import play
from api.demo.world import make_world
from api.wiring import in_memory

#: Written by hand; everything else in the folder is made.
BY_HAND = ("demo.toml", "quyet-dinh-ty-le.json", "README.md")


def generate(source: Path, folder: Path, progress: Callable[[Step], None] = lambda step: None) -> None:
    """Write every example file into ``folder``, from the hand-written ones in ``source``."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in BY_HAND:
        if (source / name).exists() and source != folder:
            shutil.copyfile(source / name, folder / name)
    scenario = read_scenario(folder)
    write_example_office_files(folder, scenario.seed)
    stage = Stage(inst=in_memory(scenario.settings), scenario=scenario)
    world = make_world(stage)
    for done in play(stage, before=world.before):
        progress(done.step)
        world.after(done)
