"""The reform on the real list: 1 July 2025 ends the districts, 26 July 2026 re-types 3,321 communes."""

import time
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest

from adapters.office.organisation import read_units
from adapters.sandbox import country
from api import wiring
from api.flows import tree
from domain import organisation
from domain.access import Role, RoleGranted
from domain.errors import Refusal, RefusalCode
from domain.identifiers import UnitId, account_id
from domain.opening import OpeningEntered, OpeningFigures
from domain.organisation_history import kind_on
from domain.organisation_kinds import UnitKind
from domain.period import Period
from domain.period_kind import kind_for
from domain.restructuring import RestructureKind, Side
from ledger.handlers import restructure, setup
from ledger.verify import verify
from tests.acceptance.story import BIN, Story, grant, settings

START = date(2025, 1, 2)
RETYPED = date(2026, 7, 26)
HP, HD = UnitId("31"), UnitId("30")
FUND = 1_000_000


@dataclass(slots=True)
class Play:
    """What was played, and how long the steps took in seconds."""

    story: Story
    provinces: tuple[country.Province, ...]
    took: dict[str, float]


def _set_up(story: Story, provinces: tuple[country.Province, ...]) -> None:
    """The tree before, officers, and a fund in the bank of every district."""
    districts = [(p.code, d.code) for p in provinces for d in p.districts]
    accounts = tuple(
        setup.AccountToRegister(
            unit_id=UnitId(code), bin=BIN, number=f"00{code}", holder_name=code, effective_from=country.BEFORE
        )
        for _, code in districts
    )
    command = setup.RegisterOrganisation(units=tuple(country.units_before(provinces)), accounts=accounts)
    story.do("service:setup", START, command)
    roles = (("VP", Role.OFFICE), ("KT", Role.ACCOUNTANT), ("CU", Role.COMMITTEE), ("CU2", Role.COMMITTEE))
    everywhere = ["TW", *(p.code for p in provinces)]
    grants = [_from_the_beginning(f"{unit}-{code}", role, unit) for unit in everywhere for code, role in roles]
    story.do("service:setup", START, setup.GrantRoles(grants=tuple(grants)))
    for province in provinces:
        openings = tuple(_opening(d.code, f"{province.code}-KT") for d in province.districts)
        root = UnitId(province.code)
        story.do(f"{root}-KT", START, setup.EnterOpenings(root=root, openings=openings))
        units = tuple(UnitId(d.code) for d in province.districts)
        story.do(f"{root}-CU", START, setup.SignOpenings(root=root, units=units))


def _from_the_beginning(officer: str, role: Role, unit: str) -> RoleGranted:
    return replace(grant(officer, role, unit), valid_from=country.BEFORE)


def _opening(unit: str, by: str) -> OpeningEntered:
    figures = OpeningFigures(
        account_id=account_id(BIN, f"00{unit}"),
        bank=FUND,
        cash=0,
        fund=FUND,
        credit=0,
        arrears=0,
        ytd_collected=0,
        ytd_kept=0,
        ytd_remitted=0,
    )
    return OpeningEntered(unit_id=UnitId(unit), as_of=START, figures=figures, document="BB-01", entered_by=by)


def _act(story: Story, root: UnitId, case: str, kind: RestructureKind, day: date, **more: object) -> None:
    command = restructure.PlanRestructure(
        root=root,
        restructure_id=case,
        kind=kind,
        effective_on=day,
        decision="NQ 202/2025/QH15",
        decided_by="Trung ương",
        decided_on=date(2025, 6, 12),
        **more,  # type: ignore[arg-type]  # Which fields a kind needs differs.
    )
    story.do(f"{root}-VP", day, command)
    for side, officer in ((Side.OLD, f"{root}-CU"), (Side.NEW, f"{root}-CU2")):
        story.do(officer, day, restructure.SignHandover(unit_id=root, restructure_id=case, side=side))
    story.do(f"{root}-VP", day, restructure.CarryOutRestructure(root=root, restructure_id=case))


@pytest.fixture(scope="module")
def play() -> Play:
    """Both days, played in memory over the whole country."""
    provinces = country.country()
    story = Story(wiring.in_memory(settings()))
    took: dict[str, float] = {}
    begun = time.perf_counter()

    def lap(name: str) -> None:
        nonlocal begun
        took[name] = time.perf_counter() - begun
        begun = time.perf_counter()

    _set_up(story, provinces)
    lap("before")
    for province in provinces:
        root = UnitId(province.code)
        _act(story, root, f"BH-{root}", RestructureKind.ABOLISH_LEVEL, country.REFORM, level=UnitKind.DISTRICT)
    lap("districts end")
    _act(story, UnitId("TW"), "SN-HD-HP", RestructureKind.MERGE, country.REFORM, sources=(HD,), target=HP)
    lap("provinces merge")
    units = tuple(country.communes(provinces))
    story.do("service:setup", country.REFORM, setup.RegisterOrganisation(units=units))
    lap("communes")
    changes = tuple(restructure.UnitToChange(unit_id=unit.unit_id, kind=UnitKind.BASE_COMMUNE) for unit in units)
    order = restructure.ChangeUnits(root=UnitId("TW"), units=changes, effective_from=RETYPED, decision="208-QĐ/TW")
    assert story.do("TW-VP", RETYPED, order)["changes"] == 3_321
    lap("re-typed")
    return Play(story=story, provinces=provinces, took=took)


def test_the_real_list_has_34_provinces_and_3321_communes_and_says_what_is_made_up() -> None:
    provinces = country.country()
    today = [p for p in provinces if p.into is None]
    assert (len(today), sum(len(p.communes) for p in today)) == (34, 3_321)
    named = {p.code: p.districts for p in provinces if not any(d.made_up for d in p.districts)}
    assert {code: len(districts) for code, districts in named.items()} == {"31": 15, "30": 12}
    assert all("giả định" in d.name for p in provinces for d in p.districts if d.made_up)


def test_on_1_july_2025_every_district_ended_and_its_balances_stand_in_its_province(play: Play) -> None:
    org = play.story.installation.ledger.work().organisation
    books = play.story.books()
    districts = [d.code for p in play.provinces for d in p.districts]
    assert all(UnitId(code) in org.ended for code in districts)
    assert not any(sum(books.balances(code, "4310").values()) for code in districts)
    # Hải Phòng has its own 15 and the 12 of Hải Dương, which went into it.
    assert books.balances(HP, "4310") == {"": 27 * FUND}
    assert len(books.balances(HP, "1120")) == 27
    assert organisation.owner(org, UnitId("30.003")) == HP
    assert play.story.balances("30") == {}


def test_the_tree_can_be_seen_as_it_was_on_any_day(play: Play) -> None:
    org = play.story.installation.ledger.work().organisation
    june = Counter(row["kind"] for row in tree.tree_on(org, HP, date(2025, 6, 30)))
    july = Counter(row["kind"] for row in tree.tree_on(org, HP, date(2025, 7, 1)))
    now = Counter(row["kind"] for row in tree.tree_on(org, HP, RETYPED))
    assert june == {UnitKind.PROVINCE: 1, UnitKind.DISTRICT: 15}
    assert july == {UnitKind.PROVINCE: 1, UnitKind.SUPERIOR_COMMUNE: 114}
    assert now == {UnitKind.PROVINCE: 1, UnitKind.BASE_COMMUNE: 114}
    with pytest.raises(Refusal) as unknown:
        tree.tree_on(org, HP, date(2019, 1, 1))
    assert unknown.value.code is RefusalCode.UNKNOWN_UNIT


def test_july_2026_counts_a_commune_as_what_it_was_on_the_first_day(play: Play) -> None:
    work = play.story.installation.ledger.work()
    commune = next(country.communes(play.provinces)).unit_id
    assert kind_for(work.organisation, work.policy, commune, Period("2026-07")) is UnitKind.SUPERIOR_COMMUNE
    assert kind_for(work.organisation, work.policy, commune, Period("2026-08")) is UnitKind.BASE_COMMUNE
    assert kind_on(work.organisation, commune, date(2026, 7, 25)) is UnitKind.SUPERIOR_COMMUNE


def test_the_checks_find_nothing_and_the_play_takes_seconds(play: Play) -> None:
    verdict = verify(play.story.installation.store.read(0, 1_000_000))
    assert verdict.ok, [finding.sentence for result in verdict.checks for finding in result.findings][:5]
    assert play.took["communes"] < 5
    assert sum(play.took.values()) < 60, play.took


def test_the_lists_that_an_office_would_import_read_back_whole(tmp_path: Path) -> None:
    made = country.unit_files(country.country())
    for name, content in made.items():
        (tmp_path / name).write_bytes(content)
    before, communes = (read_units(tmp_path / name) for name in made)
    assert (before.problems, communes.problems) == ((), ())
    assert len(communes.rows) == 3_321
