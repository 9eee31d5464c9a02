"""The inbox over HTTP: signed portal notifications, kept before they are answered."""

from collections.abc import Sequence
from statistics import median
from typing import Any

from bench.intake_trial import CONNECTIONS, PROCESSES, REPEATED, WORKERS, Trial, run
from bench.measure import Line, Scale
from bench.place import Place

MESSAGES = 20_000

ALONE = "intake alone, no worker"
SERVE = "dangphi serve, its worker booking meanwhile"
SINGLE = "intake alone, one commit per request"
WEBHOOKS = "intake of SePay webhooks alone, no worker"

#: Each way of serving, the channel, and which part of the messages it is given.
_WAYS = {
    ALONE: ("intake", "portal", 1),
    SERVE: ("serve", "portal", 1),
    SINGLE: ("one-commit", "portal", 4),
    WEBHOOKS: ("intake", "sepay", 1),
}


def intake(place: Place, scale: Scale) -> list[Line]:
    """The intake by itself, of the portal and of a bank's webhook; ``serve`` as it starts; one commit a request."""
    seen: dict[str, list[Trial]] = {name: [] for name in _WAYS}
    for _ in range(scale.trials):
        for name, (variant, channel, part) in _WAYS.items():
            seen[name].append(run(place, variant, scale.size(MESSAGES) // part, channel))
    found = [line for name in (ALONE, SERVE, WEBHOOKS) for line in _goals(name, seen[name])]
    single = tuple(trial.rate for trial in seen[SINGLE])
    found.append(_rate(ALONE, seen[ALONE], peer=SINGLE, peer_value=median(single), peer_trials=single))
    booked = tuple(trial.booked for trial in seen[SERVE] if trial.booked)
    what = "payments booked by the worker, from the first request to the last payment"
    return [*found, Line(figure="intake", what=what, value=median(booked), unit="payments/s", trials=booked)]


def _goals(name: str, trials: Sequence[Trial]) -> list[Line]:
    slow = tuple(trial.p99 for trial in trials)
    note = f"{WORKERS} processes, {PROCESSES * CONNECTIONS} connections, {REPEATED:.0%} repeated, none lost or doubled"
    spread = f"median {median(t.p50 for t in trials):.1f} ms, worst {max(t.worst for t in trials):.0f} ms"
    return [
        _rate(name, trials, goal=3_000, by_ratio=False, note=note),
        Line(
            figure="intake",
            what=f"{name}: p99",
            value=median(slow),
            unit="ms",
            goal=50,
            by_ratio=False,
            at_most=True,
            note=spread,
            trials=slow,
        ),
    ]


def _rate(name: str, trials: Sequence[Trial], **rest: Any) -> Line:
    rates = tuple(trial.rate for trial in trials)
    return Line(figure="intake", what=name, value=median(rates), unit="requests/s", trials=rates, **rest)
