"""Files made to exhaust the machine end soon, in little memory, with a refusal."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.properties.bomb_reader import BOMBS

ROOT = Path(__file__).resolve().parents[2]

#: Megabytes above what the process held before, and seconds on a busy machine.
MOST_MEGABYTES = 450
MOST_SECONDS = 60


@pytest.mark.parametrize("name", sorted(BOMBS))
def test_a_bomb_is_refused_in_bounded_memory_and_time(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.properties.bomb_reader", name],
        cwd=ROOT,
        capture_output=True,
        timeout=MOST_SECONDS * 2,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()[-600:]
    told = json.loads(done.stdout)
    assert told["outcome"].startswith(("Malformed", "Refusal")), told
    assert told["megabytes"] <= MOST_MEGABYTES, told
    assert told["seconds"] <= MOST_SECONDS, told
