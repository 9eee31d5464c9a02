"""Reading the whole log again: folding it, and checking it."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from psycopg.rows import tuple_row

from adapters.postgres.shard import Shard
from bench import world
from bench.measure import Line, NotMeasured, Scale, interleave, line, rate
from bench.place import Place
from domain import dues_account, payment, payment_request
from ledger.store import EventStore
from ledger.verify import verify

MEMBERS = 20_000
BATCH = 5_000

_FOLDS: dict[str, tuple[object, Callable[[Any, Any], object]]] = {
    "dues": (dues_account.NEW, dues_account.evolve),
    "payment": (payment.NOT_SEEN, payment.evolve),
    "request": (payment_request.NOT_REQUESTED, payment_request.evolve),
}


def replay(place: Place, scale: Scale) -> list[Line]:
    """Replay and fold, ``verify``, and reading the rows alone."""
    dsn = place.database()
    with place.store(dsn) as (store, shard):
        for command in world.month(scale.size(MEMBERS)):
            store.append(command.appends, command.context, b"{}")
        count = store.head()
        contenders = {
            "read, decode and fold every stream": lambda: rate(count, lambda: _fold(store)),
            "verify: every check over the log": lambda: rate(count, lambda: verify(_all(store))),
            "rows read, nothing decoded": lambda: rate(count, lambda: _rows(shard)),
        }
        seen = interleave(contenders, scale.trials)
        verdict = verify(_all(store))
    fold, checks, rows = contenders
    wrong = Counter(check.id for check in verdict.checks if not check.ok)
    note = f"{count:,} events"
    missing = f"{', '.join(wrong)} find what this log lacks" if wrong else ""
    return [
        line(seen, "replay", fold, "events/s", rows, note=note),
        line(seen, "verify", checks, "events/s", rows, note=missing or note),
    ]


def _all(store: EventStore) -> Any:
    position = 0
    while found := store.audit(position, BATCH):
        yield from found
        position = found[-1].position


def _fold(store: EventStore) -> None:
    states: dict[str, object] = {}
    position = 0
    while found := store.read(position, BATCH):
        for recorded in found:
            initial, evolve = _FOLDS.get(recorded.stream.split("/", 1)[0], (None, _keep))
            states[recorded.stream] = evolve(states.get(recorded.stream, initial), recorded.event)
        position = found[-1].position
    if len(states) < position / 5:
        raise NotMeasured(f"only {len(states)} streams were folded")


def _keep(state: object, event: object) -> object:
    return event


def _rows(shard: Shard) -> None:
    with shard.connect(row_factory=tuple_row) as conn, conn.cursor(binary=True) as curs:
        position = 0
        while rows := curs.execute(
            "SELECT notification_id, originator_id, originator_version, topic, state, recorded_at FROM events"
            " WHERE notification_id > %s ORDER BY notification_id LIMIT %s",
            (position, BATCH),
        ).fetchall():
            position = rows[-1][0]
