"""Every decision that has a day of its own is found where it is dated into a closed month (I15)."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from domain.closing import MonthClosed
from domain.events import EVENT_NAMES, EVENT_TYPES
from domain.identifiers import UnitId
from domain.period import Month
from ledger.checks.base import World
from ledger.checks.closing import DATED, ClosingChecker
from ledger.codec import Codec
from ledger.posting import entry
from ledger.store import Recorded
from tests.unit.test_verify_closing_faults import log

FOLDER = Path(__file__).resolve().parents[1] / "golden" / "events"
CODEC = Codec(EVENT_TYPES)


def _recorded(event: Any, position: int) -> Recorded:
    return replace(log()[-1], position=position, name=EVENT_NAMES[type(event)], event=event)


def _golden(cls: type) -> Any:
    name = EVENT_NAMES[cls]
    topic = f"{name}.{EVENT_TYPES[name][1]}"
    return CODEC.event(topic, (FOLDER / f"{topic}.json").read_bytes())


def _judge(event: Any, closed: Month) -> list[str]:
    """What the check says of an event after every unit that it concerns closed a month."""
    checker, lines = ClosingChecker(World()), entry(event)
    units = {unit for unit, _ in DATED[type(event)](event)} or {event.unit_id}
    for place, unit in enumerate(sorted(units), start=1):
        close = MonthClosed(
            unit_id=UnitId(unit),
            month=closed,
            number=1,
            position=0,
            explanations=(),
            reports=(),
            supersedes=None,
            needs_second=False,
            closed_by="x",
            closed_on=date(2100, 1, 1),
        )
        checker.see(_recorded(close, place), ())
    checker.see(_recorded(event, 90), lines)
    return [f.sentence for f in checker.finish() if f.check == "I15" and "Quyết định" in f.sentence]


@pytest.mark.parametrize("cls", DATED, ids=lambda cls: cls.__name__)
def test_a_decision_dated_into_a_closed_month_is_found_and_one_after_it_is_not(cls: type) -> None:
    event = _golden(cls)
    places = DATED[cls](event)
    assert len(_judge(event, Month("2099-12"))) == len(places)
    assert places, "the golden event must be a decision"
    assert _judge(event, Month("1990-01")) == []
