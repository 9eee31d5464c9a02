"""A process that keeps starting projectors, each of which kills itself between its rows and its position.

Arguments: DSN, schema, how many times, "run" or "rebuild". Run as a program of its own, since it forks.
"""

import os
import random
import signal
import sys
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from adapters.postgres.shard import Shard
from projections.balances import BALANCES
from projections.journal import JOURNAL
from projections.projection import Projection
from projections.rebuild import rebuild
from projections.runner import catch_up
from tests.projection_log import store_on


def killing(projection: Projection, on_batch: int) -> Projection:
    """The same projection, whose process dies right after it wrote the rows of its n-th batch."""
    left = [on_batch]

    def apply(writer, batch):
        projection.apply(writer, batch)
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    return replace(projection, apply=apply)


def one(shard: Shard, how: str, rng: random.Random) -> None:
    """A projector's short life."""
    on_batch, batch = rng.randint(1, 4), rng.randint(10, 60)
    with store_on(shard) as store, shard.connect() as conn:
        if how == "run":
            catch_up(conn, store, (JOURNAL, killing(BALANCES, on_batch)), batch=batch)
        else:
            rebuild(conn, store, killing(BALANCES, on_batch), batch=batch)


def main() -> None:
    dsn, schema, times, how = sys.argv[1:]
    shard = Shard(dsn=dsn, schema=schema)
    killed = 0
    for number in range(int(times)):
        child = os.fork()
        if child == 0:
            one(shard, how, random.Random(number))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        killed += os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    sys.stdout.write(f"{killed}\n")


main()
