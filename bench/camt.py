"""A camt.053 statement of a million entries read in a stream, beside a parser that only counts them."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from bench.measure import Line, NotMeasured, Scale, in_process_of_its_own, interleave, line
from bench.place import Place

ENTRIES = 1_000_000
#: The issue's goal, in MB.
MEMORY = 500.0
_PATIENCE = 1_200.0

_OURS, _BARE = "camt.053 read, proved and keyed in a stream", "bare iterparse that counts entries"


def statement(place: Place, scale: Scale) -> list[Line]:
    """Entries per second and peak memory, in processes that have just started."""
    entries = scale.size(ENTRIES)
    peaks: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory(prefix="dangphi-bench-") as folder:
        file = str(Path(folder) / "statement.xml")

        def do(variant: str) -> dict[str, Any]:
            asked = {"variant": variant, "file": file, "entries": entries}
            return in_process_of_its_own("bench.camt_trial", asked, _PATIENCE)

        written = do("write")

        def trial(name: str, variant: str) -> Callable[[], float]:
            def run() -> float:
                found = do(variant)
                if found["entries"] != entries or found.get("amount", written["amount"]) != written["amount"]:
                    raise NotMeasured(f"{name}: {found} instead of {written}")
                peaks.setdefault(name, []).append(found["peak_mb"])
                return entries / float(found["seconds"])

            return run

        contenders = {_OURS: trial(_OURS, "ours"), _BARE: trial(_BARE, "bare")}
        seen = interleave(contenders, scale.trials)
    size = f"{entries:,} entries, {written['bytes'] / 2**20:,.0f} MB"
    note = f"{size}; no DTD, every element bounded, lines spooled to disk"
    return [
        line(seen, "camt", _OURS, "entries/s", _BARE, note=note),
        Line(
            figure="camt",
            what=f"{_OURS}: peak memory of the process",
            value=median(peaks[_OURS]),
            unit="MB",
            peer=_BARE,
            peer_value=median(peaks[_BARE]),
            goal=MEMORY,
            by_ratio=False,
            at_most=True,
            trials=tuple(peaks[_OURS]),
            peer_trials=tuple(peaks[_BARE]),
        ),
    ]
