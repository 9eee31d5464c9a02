"""How a figure is taken and said: interleaved trials, medians, ratios."""

import gc
import json
import resource
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

#: A trial does its own preparing, then returns what it measured (a rate in units per second).
Trial = Callable[[], float]


class NotMeasured(Exception):
    """A figure could not be taken; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the table: what was measured, beside what, and whether the goal is met.

    ``goal`` is compared with the ratio to the peer where ``by_ratio``, else with the value itself; ``at_most`` turns
    the comparison round. Without a goal the line is information.
    """

    figure: str
    what: str
    value: float
    unit: str
    peer: str = ""
    peer_value: float | None = None
    goal: float | None = None
    by_ratio: bool = True
    at_most: bool = False
    note: str = ""
    trials: Sequence[float] = field(default=())
    peer_trials: Sequence[float] = field(default=())

    @property
    def ratio(self) -> float | None:
        """The value as a multiple of the peer's."""
        return self.value / self.peer_value if self.peer_value else None

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None where there is none, or nothing to compare with."""
        compared = self.ratio if self.by_ratio else self.value
        if self.goal is None or compared is None:
            return None
        return compared <= self.goal if self.at_most else compared >= self.goal

    def as_json(self) -> dict[str, Any]:
        """Everything, for the file that ``--json`` names."""
        return {**asdict(self), "ratio": self.ratio, "met": self.met}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How much is measured. ``quick`` is for trying out the bench itself; its figures say little."""

    trials: int
    quick: bool

    def size(self, full: int) -> int:
        """A number of things, cut to a tenth for a quick run."""
        return full // 10 if self.quick else full


def interleave(contenders: Mapping[str, Trial], trials: int) -> dict[str, tuple[float, ...]]:
    """Run every contender once a round, so that a busy minute of the machine hits all of them alike."""
    seen: dict[str, list[float]] = {name: [] for name in contenders}
    names = list(contenders)
    for number in range(trials):
        # The order turns, so that nobody always comes after the same neighbour.
        for name in names[number % len(names) :] + names[: number % len(names)]:
            gc.collect()
            seen[name].append(contenders[name]())
    return {name: tuple(values) for name, values in seen.items()}


def line(seen: Mapping[str, Sequence[float]], figure: str, what: str, unit: str, peer: str = "", **rest: Any) -> Line:
    """A line from interleaved trials: medians of ``what`` and of ``peer``, which name contenders."""
    return Line(
        figure=figure,
        what=what,
        value=median(seen[what]),
        unit=unit,
        peer=peer,
        peer_value=median(seen[peer]) if peer else None,
        trials=seen[what],
        peer_trials=seen[peer] if peer else (),
        **rest,
    )


def rate(count: int, work: Callable[[], object]) -> float:
    """Things per second of one call."""
    start = perf_counter()
    work()
    return count / (perf_counter() - start)


def peak_mb() -> float:
    """The most memory this process ever held, in MB.

    Not ``ru_maxrss`` where the system tells better: that number outlives ``exec``, so a small child of a large parent
    would report the parent.
    """
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return next(int(row.split()[1]) for row in status.splitlines() if row.startswith("VmHWM:")) / 1024


def in_process_of_its_own(module: str, settings: Mapping[str, Any], seconds: float) -> dict[str, Any]:
    """Run ``python -m module`` with settings as JSON on its input and JSON on its output; never wait for ever.

    Raises ``NotMeasured`` when it takes longer than ``seconds`` (it is killed then) or fails.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-m", module], input=json.dumps(settings).encode(), capture_output=True, timeout=seconds
        )
    except subprocess.TimeoutExpired:
        raise NotMeasured(f"no answer within {seconds:.0f} s; killed") from None
    if done.returncode:
        words = done.stderr.decode(errors="replace").strip().splitlines()
        raise NotMeasured(words[-1] if words else f"exit code {done.returncode}")
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
