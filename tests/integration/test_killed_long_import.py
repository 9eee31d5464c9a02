"""``kill -9`` in the middle of a long statement: whole slices are in, and whoever brings the file again goes on."""

import multiprocessing
import time
from dataclasses import replace
from datetime import date
from pathlib import Path

from adapters.sandbox.statements import write_camt053
from api import wiring
from api.flows.statements import import_statement_file
from api.settings import Settings
from tests.acceptance.story import Story, account, at, settings
from tests.acceptance.test_closing_months import sound
from tests.acceptance.test_corrections import TODAY, played
from tests.acceptance.test_long_statements import DAYS, OTHER, line, second, statement
from tests.conftest import ShardMaker

FIRST = date(2026, 7, 21)
PER_DAY = 100
_CONTEXT = multiprocessing.get_context("spawn")


def bring(given: Settings, file: str, by: str) -> None:
    """Import the file, 150 lines a command."""
    with wiring.on_postgres(given) as inst:
        import_statement_file(inst, actor=by, at=at(TODAY), data=Path(file), filename="dai.xml", most=150)


def test_a_killed_long_import_left_whole_slices_and_another_person_completes_it(
    new_shard: ShardMaker, tmp_path: Path
) -> None:
    shard = new_shard()
    given = replace(settings(schema=shard.schema), database_url=shard.dsn)
    with wiring.on_postgres(given) as inst:
        story = played(Story(inst))
        second(story)
        lines = [
            line(FIRST.replace(day=FIRST.day + day), 1_000 + number, f"FT{day}-{number}")
            for day in range(DAYS)
            for number in range(PER_DAY)
        ]
        file = tmp_path / "dai.xml"
        file.write_bytes(write_camt053([statement(story, *lines)]))
        start = len(inst.ledger.work().account(account("A")).spans)
        process = _CONTEXT.Process(target=bring, args=(given, str(file), "VH-KT"), daemon=True)
        process.start()
        deadline = time.monotonic() + 60
        while len(inst.ledger.work().account(account("A")).spans) < start + 2 and time.monotonic() < deadline:
            time.sleep(0.005)
        process.kill()
        process.join()
        known = inst.ledger.work().account(account("A"))
        there = [x for x in known.lines.values() if x.booked_on >= FIRST]
        assert len(there) % PER_DAY == 0
        assert len(there) >= 2 * PER_DAY
        bring(given, str(file), OTHER)
        after = inst.ledger.work().account(account("A"))
        assert len([x for x in after.lines.values() if x.booked_on >= FIRST]) == DAYS * PER_DAY
        assert len(after.spans) == start + DAYS
        sound(story)
