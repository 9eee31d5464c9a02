"""One trial of the library's recorder in a process of its own, since a large save may never come back."""

import json
import sys
from time import perf_counter

from bench import library, world
from bench.append import batch_of


def main() -> None:
    """Read settings from the input, write the rate to the output."""
    settings = json.load(sys.stdin)
    print(json.dumps({"rate": _rate(settings["dsn"], settings["kind"], settings["events"], settings["each"])}))


def _rate(dsn: str, kind: str, events: int, each: int) -> float:
    pairs = world.assessments(events)
    with library.fresh(dsn) as recorder:
        if kind == "rows":
            batch = batch_of(pairs)
            columns = zip(batch.streams, batch.versions, batch.topics, batch.states, strict=True)
            rows = [library.stored(*row) for row in columns]
            parts = [rows[low : low + each] for low in range(0, events, each)]
            start = perf_counter()
            for part in parts:
                recorder.insert_events(part)
            return events / (perf_counter() - start)
        store = library.event_store(recorder)
        own = [library.as_library_event(stream, 1, event) for stream, event in pairs]
        start = perf_counter()
        for low in range(0, events, each):
            store.put(own[low : low + each])
        return events / (perf_counter() - start)


if __name__ == "__main__":
    main()
