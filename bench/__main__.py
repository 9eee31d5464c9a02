"""``python -m bench``: every figure beside its limit or peer, or only those that are named."""

import argparse
import json
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil

from bench import append, camt, catchup, intake, match, payloads, replay, single, statutory, torture, what_if
from bench.measure import Line, NotMeasured, Scale
from bench.place import Place, conditions, place

FIGURES: Mapping[str, Callable[[Place, Scale], list[Line]]] = {
    "append": append.bulk,
    "single": single.one_by_one,
    "intake": intake.intake,
    "catch-up": catchup.catching_up,
    "replay": replay.replay,
    "vietqr": payloads.payloads,
    "references": payloads.references,
    "match": match.matching,
    "camt": camt.statement,
    "torture": torture.torture,
    "books": statutory.run,
    "what-if": what_if.run,
}


def main() -> int:
    """Measure, print, write. 0 unless a figure could not be taken: a goal that is missed is a finding, no failure."""
    asked = _arguments()
    scale = Scale(trials=1 if asked.quick else asked.trials, quick=asked.quick)
    lines: list[Line] = []
    failed: dict[str, str] = {}
    busy: dict[str, float] = {}
    with place() as where:
        about = conditions(where.dsn)
        print(", ".join(f"{name} {value}" for name, value in about.items()))
        print(
            f"medians of {scale.trials} interleaved trials" + ("; quick: the sizes say little" if asked.quick else "")
        )
        for name in asked.figures or FIGURES:
            # What others do on the machine in the second before; a figure taken beside them is too low.
            busy[name] = psutil.cpu_percent(interval=1.0)
            print(f"\n{name} ({busy[name]:.0f} % of the machine busy with other work just before)", flush=True)
            try:
                found = FIGURES[name](where, scale)
            except Exception as reason:  # Whatever broke one figure, the others are still worth having.
                failed[name] = str(reason)
                print(f"  not measured: {reason}")
                if not isinstance(reason, NotMeasured):
                    traceback.print_exc()
                continue
            lines += found
            _show(found)
    _sum_up(lines, failed)
    if asked.json:
        _write(
            asked.json, {"conditions": about, "trials": scale.trials, "quick": scale.quick, "busy": busy}, lines, failed
        )
    return 1 if failed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("figures", nargs="*", metavar="figure", help=f"any of {', '.join(FIGURES)}; all by default")
    parser.add_argument("--quick", action="store_true", help="one trial at a tenth of the size")
    parser.add_argument("--trials", type=int, default=3, help="trials of each contender (default 3)")
    parser.add_argument("--json", type=Path, help="write everything to this file")
    found = parser.parse_args()
    unknown = set(found.figures) - set(FIGURES)
    if unknown or found.trials < 1:
        parser.error(f"no such figure: {', '.join(sorted(unknown))}" if unknown else "--trials is at least 1")
    return found


def _show(lines: Sequence[Line]) -> None:
    for line in lines:
        print(f"  {line.what:<78} {_number(line.value):>12} {line.unit}")
        if line.peer and line.peer_value is not None:
            print(f"      beside {line.peer:<67} {_number(line.peer_value):>12} {line.unit}")
        verdict = _verdict(line)
        if verdict:
            print(f"      {verdict}")
        if line.note:
            print(f"      {line.note}")


def _verdict(line: Line) -> str:
    ratio = "" if line.ratio is None else f"ratio {line.ratio:.2f}"
    if line.met is None or line.goal is None:
        return ratio
    sign = "≤" if line.at_most else "≥"
    unit = " times" if line.by_ratio else f" {line.unit}"
    mark = "✓ met" if line.met else f"✗ missed by {_missed(line):.0%}"
    return f"{ratio}{', ' if ratio else ''}goal {sign} {line.goal:,.15g}{unit}: {mark}"


def _missed(line: Line) -> float:
    compared = line.ratio if line.by_ratio else line.value
    assert compared is not None
    assert line.goal is not None
    return abs(compared / line.goal - 1)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:,.1f}"


def _sum_up(lines: Sequence[Line], failed: Mapping[str, str]) -> None:
    goals = [line for line in lines if line.met is not None]
    print(f"\n{sum(line.met is True for line in goals)} of {len(goals)} goals met")
    for line in goals:
        if not line.met:
            print(f"  ✗ {line.figure}: {line.what}: {_verdict(line)}")
    for name, reason in failed.items():
        print(f"  ✗ {name} not measured: {reason}")


def _write(file: Path, about: Mapping[str, Any], lines: Sequence[Line], failed: Mapping[str, str]) -> None:
    content = {**about, "figures": [line.as_json() for line in lines], "not_measured": failed}
    file.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    raise SystemExit(main())
