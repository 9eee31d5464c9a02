"""Bank lines against receipts by reference, a million each, beside a plain pandas merge of the same frames."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from bench.match_data import prepare, truth
from bench.measure import Line, NotMeasured, Scale, in_process_of_its_own, interleave, line
from bench.place import Place

ROWS = 1_000_000
#: The issue's goals: seconds, MB, and multiples of the merge.
LIMIT, MEMORY, TIMES = 60.0, 4_096.0, 2.0
_PATIENCE = 600.0

_MATCH, _MERGE = "match by reference over frames", "a plain pandas merge of the same frames"
_WHOLE = "from raw contents to judged pairs"
_ENGINE = "the matching run that users start: every rule, all evidence"
_EXTRACT, _SCAN = "references found in raw contents", "one regular expression, nothing folded or checked"


def matching(place: Place, scale: Scale) -> list[Line]:
    """Time and peak memory of each, in processes that have just started; every answer is compared with the truth."""
    count = scale.size(ROWS)
    peaks: dict[str, list[float]] = {}
    busy: list[float] = []
    with tempfile.TemporaryDirectory(prefix="dangphi-bench-") as folder:
        prepare(Path(folder), count)
        right = truth(Path(folder))
        variants = {
            _MATCH: "match",
            _MERGE: "merge",
            _WHOLE: "whole",
            _ENGINE: "engine",
            _EXTRACT: "extract",
            _SCAN: "scan",
        }

        def trial(name: str) -> Callable[[], float]:
            def run() -> float:
                asked = {"variant": variants[name], "folder": folder}
                found = in_process_of_its_own("bench.match_trial", asked, _PATIENCE)
                _require_right(name, found, right, count)
                peaks.setdefault(name, []).append(found["peak_mb"])
                busy.extend([found["cpu"]] if "cpu" in found else [])
                return float(found["seconds"]) * (1_000 if name in (_MATCH, _MERGE) else 1)

            return run

        seen = interleave({name: trial(name) for name in variants}, scale.trials)
    sizes = f"{count:,} lines, {count:,} receipts; {right[0]:,} pairs, {right[1]:,} of them exact, as they should be"
    return [
        line(seen, "match", _MATCH, "ms", _MERGE, goal=TIMES, at_most=True, note=sizes),
        _peak(peaks, _MATCH, _MERGE),
        line(seen, "match", _WHOLE, "s", goal=LIMIT, by_ratio=False, at_most=True, note=sizes),
        _peak(peaks, _WHOLE, goal=MEMORY, by_ratio=False, at_most=True),
        line(seen, "match", _ENGINE, "s", goal=LIMIT, by_ratio=False, at_most=True, note=sizes),
        Line(
            figure="match",
            what=f"{_ENGINE}: processor time",
            value=median(busy),
            unit="s",
            note="one core; what the run takes on a machine that does nothing else",
            trials=tuple(busy),
        ),
        _peak(peaks, _ENGINE, goal=MEMORY, by_ratio=False, at_most=True),
        line(
            seen, "match", _EXTRACT, "s", _SCAN, note="case, blanks, separators and look-alikes folded, checks proved"
        ),
    ]


def _peak(peaks: dict[str, list[float]], what: str, peer: str = "", **rest: Any) -> Line:
    return Line(
        figure="match",
        what=f"{what}: peak memory of the process",
        value=median(peaks[what]),
        unit="MB",
        peer=peer,
        peer_value=median(peaks[peer]) if peer else None,
        trials=tuple(peaks[what]),
        peer_trials=tuple(peaks.get(peer, ())),
        **rest,
    )


def _require_right(name: str, found: dict[str, Any], right: tuple[int, int, int], count: int) -> None:
    """A fast wrong answer is no figure."""
    pairs, exact, total = right
    # A reference may hold the prefix within, and by chance what follows passes the checks: about six in a million. The
    # join knows no such reference, which the variant from contents to pairs proves.
    if name == _EXTRACT and not count <= found["found"] <= count + count // 10_000:
        raise NotMeasured(f"{count:,} contents hold a reference each, {found['found']:,} were found")
    if name in (_MATCH, _MERGE, _WHOLE) and (found["pairs"], found["checksum"]) != (pairs, total):
        raise NotMeasured(f"{name}: {found['pairs']:,} pairs instead of {pairs:,}, or other ones")
    # Of a reference that came twice the engine pairs one of the two: so many may be posted, and no money is without an
    # answer.
    if name == _ENGINE and (found["told"] != count or not exact <= found["exact_posted"] <= pairs):
        raise NotMeasured(
            f"{name}: {found['told']:,} of {count:,} told, {found['exact_posted']:,} sure, {exact:,} exact"
        )
    if "exact" in found and found["exact"] != exact:
        raise NotMeasured(f"{name}: {found['exact']:,} exact pairs instead of {exact:,}")
