"""One event a commit: what every interactive command costs at least."""

from collections.abc import Callable

from adapters.postgres.shard import Shard
from bench import library, world
from bench.append import Pairs, batch_of
from bench.measure import Line, Scale, interleave, line, rate
from bench.place import Place
from ledger.store import StreamAppend

EVENTS = 2_000

_EVENT = (
    "INSERT INTO events (notification_id, originator_version, recorded_at, originator_id, topic, state)"
    " VALUES (%s, 1, %s, %s, %s, %b)"
)
_COMMAND = (
    "INSERT INTO commands (command_id, name, request_digest, answer, actor, recorded_at, first_position,"
    " last_position, event_count) VALUES (%s, %s, %s, %b, %s, %s, %s, %s, 1)"
)


def one_by_one(place: Place, scale: Scale) -> list[Line]:
    """Ours (event, command, answer) beside the library's default and plain inserts, one commit each."""
    dsn = place.database()
    library_dsn = place.database()
    pairs = world.assessments(scale.size(EVENTS))
    contenders = {
        "event + command + answer": lambda: _ours(place, dsn, pairs),
        "raw INSERT of the event": lambda: _raw(place, dsn, pairs, command=False),
        "raw INSERT of event and command": lambda: _raw(place, dsn, pairs, command=True),
        "library recorder, event alone": lambda: _library(library_dsn, pairs),
    }
    seen = interleave(contenders, scale.trials)
    ours, raw, raw_both, peer = contenders
    return [line(seen, "single", ours, "commits/s", beside) for beside in (raw, raw_both, peer)]


def _ours(place: Place, dsn: str, pairs: Pairs) -> float:
    with place.store(dsn) as (store, _):
        store.head()  # The pool is warm.
        work = [
            ([StreamAppend(stream=stream, expected_version=0, events=(event,))], world.context(number))
            for number, (stream, event) in enumerate(pairs)
        ]

        def record() -> None:
            for appends, context in work:
                store.append(appends, context, b"{}")

        return rate(len(pairs), record)


def _raw(place: Place, dsn: str, pairs: Pairs, *, command: bool) -> float:
    shard = place.shard(dsn)
    found = rate(len(pairs), _inserts(shard, pairs, command=command))
    place.drop(shard)
    return found


def _inserts(shard: Shard, pairs: Pairs, *, command: bool) -> Callable[[], None]:
    batch = batch_of(pairs)
    rows = [
        (number, world.AT, *row)
        for number, row in enumerate(zip(batch.streams, batch.topics, batch.states, strict=True), 1)
    ]
    contexts = [world.context(number) for number in range(len(rows))]
    conn = shard.connect(prepare_threshold=0)

    def run() -> None:
        with conn:
            for row, c in zip(rows, contexts, strict=True):
                with conn.transaction():
                    conn.execute(_EVENT, row)
                    if command:
                        about = (c.command_id, c.name, c.request_digest, b"{}", c.actor, c.recorded_at)
                        conn.execute(_COMMAND, (*about, row[0], row[0]))

    def alone() -> None:
        with conn:
            for row in rows:
                conn.execute(_EVENT, row)

    return run if command else alone


def _library(dsn: str, pairs: Pairs) -> float:
    with library.fresh(dsn) as recorder:
        batch = batch_of(pairs)
        columns = zip(batch.streams, batch.versions, batch.topics, batch.states, strict=True)
        rows = [library.stored(*row) for row in columns]

        def record() -> None:
            for row in rows:
                recorder.insert_events([row])

        return rate(len(rows), record)
