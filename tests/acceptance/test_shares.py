"""Declarations under other shares than the example's: 70 % for cells, 342's shares, and no active share at all."""

from datetime import date

import pytest

from api import wiring
from domain.declaration import PeriodHeld
from domain.errors import Refusal, RefusalCode
from domain.identifiers import UnitId
from domain.organisation_kinds import UnitKind
from domain.policy_rows import ShareRow
from domain.remittance import Way
from tests.acceptance.story import START, Cell, Story, into, member, settings, share
from tests.acceptance.tables import ABOVE, hold_together

JULY, LAST = "2026-07", date(2026, 7, 31)


def _story(shares: tuple[ShareRow, ...], kind: UnitKind = UnitKind.CELL) -> Story:
    """Cell A collected 100,001 of one member in July 2026."""
    story = Story(wiring.in_memory(settings()))
    story.set_up([Cell(id="A", kind=kind)], shares=shares)
    story.enrol("A", member("A1", "SI_COMPULSORY", ("si-salary", 10_000_100)))
    story.assess("A", JULY, START)
    story.request("A", JULY, START)
    story.bank("A", LAST, into("1", LAST, 100_001, story.reference("A1", JULY)))
    return story


@pytest.mark.parametrize(
    ("kind", "own", "ward", "period", "kept", "ward_kept"),
    [
        (UnitKind.CELL, 70, 50, "2026-07", 70_001, 15_000),
        (UnitKind.CELL, 50, 90, "2026-01", 50_001, 45_000),
        (UnitKind.CELL, 50, 50, "2026-01", 50_001, 25_000),
        (UnitKind.CELL, 0, 100, "2026-07", 0, 100_001),
        (UnitKind.CELL, 100, 50, "2026-07", 100_001, 0),
    ],
)
def test_what_is_kept_is_the_share_of_the_period_half_up(
    kind: UnitKind, own: int, ward: int, period: str, kept: int, ward_kept: int
) -> None:
    start = "2026-02" if period >= "2026-02" else "2011-01"
    end = None if period >= "2026-02" else "2026-01"
    story = _story((share(kind, own, start, end), share(UnitKind.SUPERIOR_COMMUNE, ward, start, end)), kind)
    made = story.declare("A", period, LAST)
    assert (made["collected"], made["kept"], made["payable"]) == (100_001, kept, 100_001 - kept)
    assert made["is_example"]
    if made["payable"]:
        story.remit("A", "VH", period, date(2026, 8, 3))
        up = story.declare("VH", period, date(2026, 8, 4))
        assert (up["collected"], up["kept"]) == (100_001 - kept, ward_kept)
    hold_together(story, {"A": "VH", **ABOVE})


def test_without_an_active_share_money_is_collected_and_held_and_nothing_is_remitted() -> None:
    story = _story(())
    for _ in range(2):
        made = story.declare("A", JULY, LAST)
        assert made == {"state": "chưa phân bổ", "collected": made["collected"], "kept": 0, "payable": 0}
    held = story.installation.ledger.work().declarations(UnitId("A")).held
    assert [(type(h), h.collected) for h in held] == [(PeriodHeld, 100_001)]
    assert story.balances("A") == {"1120": 100_001, "3310": 100_001}
    with pytest.raises(Refusal) as caught:
        story.prepare("A", JULY, date(2026, 8, 3), Way.PORTAL)
    assert caught.value.code is RefusalCode.NOT_DECLARED


def test_a_share_activated_late_splits_what_was_held() -> None:
    story = _story(())
    story.declare("A", JULY, LAST)
    story.activate_shares((share(UnitKind.CELL, 30),))
    made = story.declare("A", JULY, date(2026, 8, 20))
    assert (made["kept"], made["payable"]) == (30_000, 70_001)
    with pytest.raises(Refusal) as caught:
        story.declare("A", JULY, date(2026, 8, 21))
    assert caught.value.code is RefusalCode.ALREADY_DECLARED
    with pytest.raises(Refusal) as caught:
        story.declare("A", "2026-Q3", date(2026, 10, 1))
    assert caught.value.code is RefusalCode.ALREADY_DECLARED
    with pytest.raises(Refusal) as caught:
        story.declare("A", "2026-08", date(2026, 8, 30))
    assert caught.value.code is RefusalCode.PERIOD_NOT_OVER
