"""A province made up for the what-if run: members by the ten thousand on the rolls of cells, as events and as rows."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from adapters.office.policy_file import counts_as_active, load
from bench import world
from domain import access, member, organisation
from domain.access import Role, RoleGranted
from domain.identifiers import MemberId, OfficerId, UnitId
from domain.member import IncomeBaseDeclared, MemberEnrolled, MemberEvent, Scope, StandingDeclared
from domain.organisation import UnitRegistered, WageRegionAssigned
from domain.organisation_kinds import UnitKind
from domain.period import Month
from domain.policy import NO_POLICY, PolicyEvent, evolve
from domain.policy_activation import activate
from ledger.store import StreamAppend

PROVINCE = UnitId("u-province0000")
#: Members of a cell and cells of a ward committee (rules §7: 22, and 1,700 members a ward).
CELL, WARD = 22, 77
READER = OfficerId("HP-KT")
SINCE = date(2026, 7, 1)
_REGIONS = ("I", "II", "III", "IV")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One member: where, of which category, with which income."""

    member_id: MemberId
    unit_id: UnitId
    ward: UnitId
    region: str
    category: str
    kind: str | None
    base: int | None


def people(count: int) -> Iterator[Person]:
    """Members in the order of cells; two thirds have an income of their own, which is different for nearly each."""
    chance = random.Random(3)
    for number, name in zip(range(count), world.uuids(4), strict=False):
        ward = number // CELL // WARD
        drawn = chance.random()
        if drawn < 0.40:
            category, kind, base = "SI_COMPULSORY", "si-salary", chance.randrange(25_000, 230_000) * 200
        elif drawn < 0.68:
            category, kind, base = "NON_SI_PENSIONER", "pension", chance.randrange(15_000, 60_000) * 200
        elif drawn < 0.86:
            category, kind, base = "NON_SI_UNDER_RETIREMENT", None, None
        elif drawn < 0.96:
            category, kind, base = "NON_SI_OVER_RETIREMENT", None, None
        else:
            category, kind, base = "STUDENT", None, None
        yield Person(
            member_id=MemberId(name),
            unit_id=UnitId(f"u-cell{number // CELL:08d}"),
            ward=UnitId(f"u-ward{ward:08d}"),
            region=_REGIONS[ward % 4],
            category=category,
            kind=kind,
            base=base,
        )


def founded(persons: tuple[Person, ...]) -> world.Command:
    """Law, tree and one reader, in one command."""
    units: dict[UnitId, UnitRegistered] = {PROVINCE: _unit(PROVINCE, None, UnitKind.PROVINCE)}
    regions = []
    for person in persons:
        if person.ward not in units:
            units[person.ward] = _unit(person.ward, PROVINCE, UnitKind.SUPERIOR_COMMUNE)
            regions.append(
                WageRegionAssigned(
                    unit_id=person.ward, region=person.region, assumed=True, document="bench", effective_from=SINCE
                )
            )
        if person.unit_id not in units:
            units[person.unit_id] = _unit(person.unit_id, person.ward, UnitKind.CELL)
    grant = RoleGranted(
        officer_id=READER,
        role=Role.ACCOUNTANT,
        unit_id=PROVINCE,
        valid_from=SINCE,
        valid_to=None,
        decision="QD-02",
        proposed_by="HP-CU",
        approved_by="HP-VP",
    )
    return world.Command(
        context=world.context(10**9, "register-organisation"),
        appends=(
            StreamAppend(stream="policy", expected_version=0, events=_law()),
            StreamAppend(stream=organisation.STREAM, expected_version=0, events=(*units.values(), *regions)),
            StreamAppend(stream=access.STREAM, expected_version=0, events=(grant,)),
        ),
    )


def rolls(persons: tuple[Person, ...], wave: int = 10_000) -> Iterator[world.Command]:
    """The members' streams, some thousand members a command."""
    for number, low in enumerate(range(0, len(persons), wave)):
        appends = tuple(
            StreamAppend(stream=member.stream(p.member_id), expected_version=0, events=_events(p, low + place))
            for place, p in enumerate(persons[low : low + wave])
        )
        yield world.Command(context=world.context(number), appends=appends)


def _events(person: Person, order: int) -> tuple[MemberEvent, ...]:
    enrolled = MemberEnrolled(
        member_id=person.member_id, unit_id=person.unit_id, enrolled_on=SINCE, roster_order=order % CELL + 1
    )
    standing = StandingDeclared(
        member_id=person.member_id,
        from_month=Month("2026-07"),
        category=person.category,
        category_342=None,
        scope=Scope.ONLINE,
    )
    if person.kind is None or person.base is None:
        return (enrolled, standing)
    base = IncomeBaseDeclared(
        member_id=person.member_id, kind=person.kind, from_month=Month("2026-06"), amount=person.base
    )
    return (enrolled, standing, base)


def _unit(unit: UnitId, parent: UnitId | None, kind: UnitKind) -> UnitRegistered:
    return UnitRegistered(
        unit_id=unit, code=unit, name=unit, kind=kind, parent_id=parent, effective_from=SINCE, has_books=True
    )


def _law() -> tuple[PolicyEvent, ...]:
    policy, found = NO_POLICY, []
    file = load()
    chosen = [row for row in file.rows.every() if counts_as_active(row)]
    # The caps and the cells' share stand on a document in real offices too; here it is a made-up one.
    chosen += [*file.rows.caps, *(replace(row, id="BENCH-CELL") for row in file.rows.shares if row.id == "S26-CELL")]
    for row in chosen:
        events = activate(
            policy, row, approver="bench", document="bench", decided_on=SINCE, allow_draft_with_document=True
        )
        for event in events:
            policy = evolve(policy, event)
            found.append(event)
    return tuple(found)
