"""200,000 assessments in bulk: from domain events to committed rows."""

from collections.abc import Sequence

from adapters.postgres.recorder import copy_stream
from bench import world
from bench.measure import Line, NotMeasured, Scale, in_process_of_its_own, interleave, line, rate
from bench.place import CODEC, Place
from domain.dues_account import DuesAssessed
from ledger.codec import Meta
from ledger.ports import EventBatch
from ledger.store import StreamAppend

MEMBERS = 200_000
LIBRARY_EVENTS = 20_000
#: Saves that the library's recorder is tried with over a Unix socket, and the seconds each may take.
SAVES, PATIENCE = (1_000, 500, 250), 15.0

Pairs = list[tuple[str, DuesAssessed]]


def bulk(place: Place, scale: Scale) -> list[Line]:
    """From domain events to committed rows, beside a COPY of the same rows and the library's recorder."""
    dsn = place.database()
    pairs = world.assessments(scale.size(MEMBERS))
    ordered = world.assessments(scale.size(MEMBERS), by_stream=True)
    tcp = place.tcp_database()
    contenders = {
        "as the ledger records them (cells and rolls)": lambda: _ours(place, dsn, pairs),
        "raw binary COPY of the same rows": lambda: _copy(place, dsn, pairs),
        "ordered by stream": lambda: _ours(place, dsn, ordered),
        "raw binary COPY, ordered by stream": lambda: _copy(place, dsn, ordered),
        "in commands of 700 (a ward)": lambda: _ours(place, dsn, pairs, 700),
        "library recorder, our finished rows, saves of 1,000, TCP": lambda: _library(tcp, scale, "rows", 1_000),
        "library, its own events and mapper, saves of 1,000, TCP": lambda: _library(tcp, scale, "events", 1_000),
    }
    seen = interleave(contenders, scale.trials)
    ours, copy, ours_ordered, copy_ordered, wards, library_rows, library_events = contenders
    found = [
        line(seen, "append", ours, "events/s", copy, goal=0.35, note=f"{len(pairs):,} events in one command"),
        line(seen, "append", ours, "events/s", library_rows, goal=3, note=f"library: {scale.size(LIBRARY_EVENTS):,}"),
        line(seen, "append", ours, "events/s", library_events, goal=3),
        line(seen, "append", ours_ordered, "events/s", copy_ordered, goal=0.35, note="each in the best order"),
        line(seen, "append", wards, "events/s", copy),
    ]
    return [*found, *_over_a_socket(place, scale, seen[ours]), *_steps(pairs, scale)]


def _ours(place: Place, dsn: str, pairs: Pairs, each: int | None = None) -> float:
    with place.store(dsn) as (store, _):
        place.settle(dsn)

        def record() -> None:
            for number, low in enumerate(range(0, len(pairs), each or len(pairs))):
                part = pairs[low : low + (each or len(pairs))]
                appends = [StreamAppend(stream=name, expected_version=0, events=(event,)) for name, event in part]
                store.append(appends, world.context(number), b"{}")

        return rate(len(pairs), record)


def batch_of(pairs: Pairs) -> EventBatch:
    topics, states = CODEC.columns(_head(len(pairs)), [event for _, event in pairs])
    return EventBatch(streams=[name for name, _ in pairs], versions=[1] * len(pairs), topics=topics, states=states)


def _head(count: int) -> bytes:
    context = world.context(0)
    return CODEC.meta_head(
        Meta(
            command_id=context.command_id,
            index=0,
            count=count,
            actor=context.actor,
            role=context.role,
            unit=context.unit,
            action=context.action,
            reason=None,
            document=None,
        )
    )


_COPY = (
    "COPY events (notification_id, originator_version, recorded_at, originator_id, topic, state)"
    " FROM STDIN (FORMAT BINARY)"
)


def _copy(place: Place, dsn: str, pairs: Pairs) -> float:
    """The limit: bytes that are ready, into the same table with the same indexes, in one transaction."""
    shard = place.shard(dsn)
    pieces = list(copy_stream(batch_of(pairs), 1, world.AT))
    place.settle(dsn)
    with shard.connect() as conn, conn.cursor() as curs:

        def write() -> None:
            with conn.transaction(), curs.copy(_COPY) as copy:
                for piece in pieces:
                    copy.write(piece)

        found = rate(len(pairs), write)
    place.drop(shard)
    return found


def _library(dsn: str, scale: Scale, kind: str, each: int, seconds: float = 120) -> float:
    settings = {"dsn": dsn, "kind": kind, "events": scale.size(LIBRARY_EVENTS), "each": each}
    return float(in_process_of_its_own("bench.library_append", settings, seconds)["rate"])


def _over_a_socket(place: Place, scale: Scale, ours: Sequence[float]) -> list[Line]:
    """The largest save that the library's recorder finishes over a Unix socket, where large ones hang it."""
    dsn = place.database()
    hung: list[str] = []
    for each in SAVES:
        try:
            found = [_library(dsn, scale, "rows", each, PATIENCE) for _ in range(scale.trials)]
        except NotMeasured:
            hung.append(f"{each:,}")
            dsn = place.database()
            continue
        name = f"library recorder, our finished rows, saves of {each:,}, Unix socket"
        note = f"no answer within {PATIENCE:.0f} s in saves of {' and '.join(hung)}" if hung else ""
        what = "as the ledger records them (cells and rolls)"
        return [line({what: ours, name: found}, "append", what, "events/s", name, note=note)]
    raise NotMeasured(f"the library's recorder hangs in saves of {', '.join(hung)}")


def _steps(pairs: Pairs, scale: Scale) -> list[Line]:
    """Where the time of the bulk append goes; the rest of it is COPY, the two indexes and the commit."""
    batch = batch_of(pairs)
    steps = {
        "step: lay out the appends": lambda: rate(
            len(pairs), lambda: [StreamAppend(stream=name, expected_version=0, events=(e,)) for name, e in pairs]
        ),
        "step: encode to JSON columns": lambda: rate(len(pairs), lambda: batch_of(pairs)),
        "step: form the COPY bytes": lambda: rate(len(pairs), lambda: list(copy_stream(batch, 1, world.AT))),
    }
    seen = interleave(steps, scale.trials)
    note = f"a state has {sum(map(len, batch.states)) // len(pairs)} bytes"
    return [line(seen, "append", step, "events/s", note=note) for step in steps]
