"""Shares over two to five levels with remainders: one row per case, every đồng written out beforehand.

A unit's share is of what it collected itself and of what it received, never of the gross of the tree; what is kept is
rounded half up, the rest goes up, and at the top of the books it stands as payable to the centre.
"""

from dataclasses import replace
from datetime import date

import pytest

from api import wiring
from domain.access import Role
from domain.errors import Refusal, RefusalCode
from domain.identifiers import RemittanceId, UnitId
from domain.organisation import Channel, HolderAssigned, UnitRegistered, WageRegionAssigned
from domain.organisation_kinds import UnitKind
from domain.period import Month, Period
from domain.remittance import Way
from ledger.handlers import ask, assess, declare, remit, roster, setup
from ledger.transit import in_transit
from ledger.verify import verify
from tests.acceptance.story import BIN, START, Story, account, at, grant, into, member, out, settings, share
from tests.acceptance.tables import hold_together
from tests.good_log import read_all

K = UnitKind
JULY, LAST = "2026-07", date(2026, 7, 31)

#: Kinds from the bottom up, for each number of levels.
CHAINS = {
    2: (K.CELL, K.BASE_OTHER),
    3: (K.CELL, K.BASE_OTHER, K.SUPERIOR_COMMUNE),
    4: (K.CELL, K.SUBCOMMITTEE, K.BASE_OTHER, K.SUPERIOR_COMMUNE),
    5: (K.CELL, K.SUBCOMMITTEE, K.BASE_OTHER, K.SUPERIOR_COMMUNE, K.DISTRICT),
}

#: (shares in percent from the bottom up, own collection of each level, (kept, passed up) of each level).
CASES = [
    # Two levels. 100,001 × 30 % = 30,000.3; 70,001 × 70 % = 49,000.7.
    ((30, 70), (100_001, 0), ((30_000, 70_001), (49_001, 21_000))),
    # Exactly half a đồng is kept: 100,001 × 50 % = 50,000.5; then 50,000 × 90 %.
    ((50, 90), (100_001, 0), ((50_001, 50_000), (45_000, 5_000))),
    # The base unit collected 7 itself: 70,001 + 7 = 70,008 × 70 % = 49,005.6.
    ((30, 70), (100_001, 7), ((30_000, 70_001), (49_006, 21_002))),
    # The smallest sum: 1 × 30 % = 0.3 stays whole on its way; 1 × 50 % = 0.5 is kept.
    ((30, 50), (1, 0), ((0, 1), (1, 0))),
    # Three levels. 70,001 × 50 % = 35,000.5; 35,000 × 50 %.
    ((30, 50, 50), (100_001, 0, 0), ((30_000, 70_001), (35_001, 35_000), (17_500, 17_500))),
    # Nothing kept at the bottom, everything in the middle: the top splits its own 3 alone, 1.5 up to 2.
    ((0, 100, 50), (99_999, 0, 3), ((0, 99_999), (99_999, 0), (2, 1))),
    # Four levels. 123,457 × 70 % = 86,419.9; 37,037 × 30 % = 11,111.1; 25,926 × 70 % = 18,148.2; 7,778 × 50 %.
    (
        (70, 30, 70, 50),
        (123_457, 0, 0, 0),
        ((86_420, 37_037), (11_111, 25_926), (18_148, 7_778), (3_889, 3_889)),
    ),
    # Four levels, each with its own collection. 101 × 30 % = 30.3; 71 + 11 = 82 → 24.6; 57 + 13 = 70 → 49; 21 + 2 = 23
    # × 50 % = 11.5.
    ((30, 30, 70, 50), (101, 11, 13, 2), ((30, 71), (25, 57), (49, 21), (12, 11))),
    # Five levels, half each. 999,999: 499,999.5, 249,999.5, 124,999.5, 62,499.5 …: half a đồng is kept each time.
    (
        (50, 50, 50, 50, 50),
        (999_999, 0, 0, 0, 0),
        ((500_000, 499_999), (250_000, 249_999), (125_000, 124_999), (62_500, 62_499), (31_250, 31_249)),
    ),
    # Five levels with own collections on the way: 468,000 × 30 % = 140,400; 327,600 + 1 = 327,601 × 50 % = 163,800.5;
    # 163,800 × 70 % = 114,660; 49,140 + 77,777 = 126,917 × 50 % = 63,458.5; 63,458 + 5 = 63,463 × 50 % = 31,731.5.
    (
        (30, 50, 70, 50, 50),
        (468_000, 1, 0, 77_777, 5),
        ((140_400, 327_600), (163_801, 163_800), (114_660, 49_140), (63_459, 63_458), (31_732, 31_731)),
    ),
]


def _unit(place: int) -> str:
    return f"L{place}"


def _build(story: Story, shares: tuple[int, ...], kinds: tuple[UnitKind, ...]) -> None:
    """A chain of units with accounts under a centre without books; L1 is the cell at the bottom."""
    story.activate(tuple(share(kind, percent) for kind, percent in zip(kinds, shares, strict=True)))
    count = len(kinds)
    chain = [("TW", K.CENTRAL, None)] + [
        (_unit(p), kinds[p - 1], "TW" if p == count else _unit(p + 1)) for p in range(count, 0, -1)
    ]
    units = tuple(
        UnitRegistered(
            unit_id=UnitId(unit),
            code=unit,
            name=f"Đơn vị {unit}",
            kind=kind,
            parent_id=None if above is None else UnitId(above),
            effective_from=date(2025, 7, 1),
            has_books=unit != "TW",
        )
        for unit, kind, above in chain
    )
    named = [UnitId(unit) for unit, _, _ in chain]
    command = setup.RegisterOrganisation(
        units=units,
        accounts=tuple(
            setup.AccountToRegister(
                unit_id=unit, bin=BIN, number=f"00{unit}", holder_name=unit, effective_from=date(2025, 7, 1)
            )
            for unit in named
        ),
        holders=tuple(
            HolderAssigned(
                unit_id=unit,
                channel=channel,
                holder_id=unit,
                account_id=None if channel is Channel.CASH else account(unit),
                effective_from=date(2025, 7, 1),
            )
            for unit in named
            for channel in Channel
        ),
        regions=(
            WageRegionAssigned(
                unit_id=UnitId("TW"), region="II", assumed=True, document="giả định", effective_from=date(2025, 7, 1)
            ),
        ),
    )
    story.do("service:setup", START, command)
    roles = (("KT", Role.ACCOUNTANT), ("TQ", Role.CASHIER), ("CU", Role.COMMITTEE))
    grants = tuple(grant(f"{unit}-{code}", role, unit) for unit in named[1:] for code, role in roles)
    story.do("service:setup", START, setup.GrantRoles(grants=grants, second_persons=()))


def _collect(story: Story, unit: str, amount: int) -> None:
    """One member of the unit pays an amount into its own account; what is not dues of theirs would be credit."""
    rows = []
    left, place = amount, 0
    while left:
        part = min(left, 468_000)
        rows.append((f"{unit}-m{place}", part))
        left, place = left - part, place + 1
    roll = tuple(member(name, "SI_COMPULSORY", ("si-salary", part * 100)) for name, part in rows)
    filled = tuple(replace(row, unit_id=UnitId(unit), roster_order=n) for n, row in enumerate(roll, start=1))
    assert story.do(f"{unit}-KT", START, roster.ImportRoster(root=UnitId(unit), rows=filled))["refused"] == []
    story.do(f"{unit}-KT", START, assess.AssessMonth(unit_id=UnitId(unit), month=Month(JULY)))
    story.do(f"{unit}-KT", START, ask.RequestMonth(unit_id=UnitId(unit), month=Month(JULY), valid_until=None))
    day = date(2026, 7, 20)
    lines = [into(name, day, part, story.reference(name, JULY)) for name, part in rows]
    story.do(f"{unit}-KT", LAST, story.statement(unit, LAST, *lines))


def _up(story: Story, unit: str, above: str, amount: int, day: date) -> None:
    """Prepare, approve, send by bank; both banks book it."""
    asked = remit.PrepareRemittance(unit_id=UnitId(unit), period=Period(JULY), way=Way.BANK, reason="Cổng bảo trì")
    made = story.do(f"{unit}-KT", day, asked)
    case = RemittanceId(made["remittance_id"])
    assert made["amount"] == amount
    story.do(f"{unit}-CU", day, remit.ApproveRemittance(unit_id=UnitId(unit), remittance_id=case))
    sent = remit.SendRemittance(unit_id=UnitId(unit), remittance_id=case, sent_on=day)
    story.do(f"{unit}-TQ", day, sent)
    story.do(f"{unit}-KT", day, story.statement(unit, day, out(f"{unit}-up", day, amount, made["reference"])))
    line = into(f"{unit}-up", day, amount, made["reference"])
    assert story.do(f"{above}-KT", day, story.statement(above, day, line))["left"] == []


@pytest.mark.parametrize(("shares", "own", "expected"), CASES)
def test_each_level_splits_what_it_received_and_collected_itself(
    shares: tuple[int, ...], own: tuple[int, ...], expected: tuple[tuple[int, int], ...]
) -> None:
    count = len(shares)
    story = Story(wiring.in_memory(settings()))
    _build(story, shares, CHAINS[count])
    for place, amount in enumerate(own, start=1):
        if amount:
            _collect(story, _unit(place), amount)
    assert sum(own) == sum(kept for kept, _ in expected) + expected[-1][1]
    for place, (kept, passed) in enumerate(expected, start=1):
        day = date(2026, 8, place)
        unit, above = _unit(place), _unit(place + 1)
        made = story.do(f"{unit}-KT", at(day, 8), declare.DeclarePeriod(unit_id=UnitId(unit), period=Period(JULY)))
        assert (made["kept"], made["payable"]) == (kept, passed), unit
        if passed and place < count:
            _up(story, unit, above, passed, day)
    for place, (kept, _) in enumerate(expected, start=1):
        assert story.balances(_unit(place)).get("4310", 0) == kept
    assert story.balances(_unit(count)).get("3360", 0) == expected[-1][1]
    hold_together(story, {_unit(p): "TW" if p == count else _unit(p + 1) for p in range(1, count + 1)})
    verdict = verify(read_all(story.installation.store))
    assert [(f.check, f.sentence) for found in verdict.checks for f in found.findings] == []


def test_a_unit_that_reports_quarterly_declares_the_quarter_and_its_subordinate_s_months_count_in_it() -> None:
    story = Story(wiring.in_memory(settings()))
    _build(story, (30, 50), (K.CELL, K.PROVINCE))
    _collect(story, "L1", 100_001)
    story.do("L1-KT", LAST, declare.DeclarePeriod(unit_id=UnitId("L1"), period=Period(JULY)))
    _up(story, "L1", "L2", 70_001, date(2026, 8, 3))
    with pytest.raises(Refusal) as caught:
        story.do("L2-KT", date(2026, 8, 4), declare.DeclarePeriod(unit_id=UnitId("L2"), period=Period(JULY)))
    assert caught.value.code is RefusalCode.PERIOD_KIND_DIFFERS
    quarter = declare.DeclarePeriod(unit_id=UnitId("L2"), period=Period("2026-Q3"))
    made = story.do("L2-KT", date(2026, 9, 30), quarter)
    assert (made["collected"], made["kept"], made["payable"]) == (70_001, 35_001, 35_000)


def test_a_period_goes_up_in_several_sendings_and_the_superior_counts_it_when_all_has_come() -> None:
    story = Story(wiring.in_memory(settings()))
    _build(story, (30, 50), CHAINS[2])
    _collect(story, "L1", 100_001)
    story.do("L1-KT", LAST, declare.DeclarePeriod(unit_id=UnitId("L1"), period=Period(JULY)))
    day = date(2026, 8, 3)
    asked = remit.PrepareRemittance(unit_id=UnitId("L1"), period=Period(JULY), way=Way.BANK, reason="hạn mức")
    made = story.do("L1-KT", day, asked)
    case, reference = RemittanceId(made["remittance_id"]), made["reference"]
    story.do("L1-CU", day, remit.ApproveRemittance(unit_id=UnitId("L1"), remittance_id=case))
    for number, part in enumerate((50_000, 20_000, 1), start=1):
        on = date(2026, 8, 3 + number)
        send = remit.SendRemittance(unit_id=UnitId("L1"), remittance_id=case, sent_on=on, amount=part)
        assert story.do("L1-TQ", on, send) == {"sent": part, "n": number}
        ledger = story.installation.ledger
        ledger.directory.catch_up()
        assert [item.amount for item in in_transit(ledger.work(), UnitId("L2"), on)] == [part]
        story.do("L1-KT", on, story.statement("L1", on, out(f"s{number}", on, part, reference)))
        story.do("L2-KT", on, story.statement("L2", on, into(f"s{number}", on, part, reference)))
        figures = declare.collected(ledger.work(), UnitId("L2"))
        assert [part.amount for part in figures.subordinates] == ([70_001] if number == 3 else [])
