"""The tree: units with their parents, bank accounts, holders of receiving accounts, and who is on which roll."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from psycopg import Connection

from domain.member import MemberEnrolled, StandingDeclared
from domain.organisation import AccountRegistered, HolderAssigned, UnitRegistered, WageRegionAssigned
from projections.projection import Batch, Projection
from projections.table import Table, fetch, select
from projections.writing import Writer, known


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRow:
    """One unit; ``region`` is the minimum-wage region of its own, ``registered`` its place among all units."""

    unit_id: str
    code: str
    name: str
    kind: str
    parent_id: str | None
    effective_from: date
    has_books: bool
    region: str | None
    region_assumed: bool
    registered: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRow:
    """A unit's own bank account."""

    account_id: str
    unit_id: str
    bin: str
    number: str
    holder_name: str
    effective_from: date


@dataclass(frozen=True, slots=True, kw_only=True)
class HolderRow:
    """Who receives a unit's money over a channel from a day on."""

    unit_id: str
    channel: str
    effective_from: date
    position: int
    holder_id: str
    account_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRow:
    """A member on a roll, with the standing declared last."""

    member_id: str
    unit_id: str
    roster_order: int
    enrolled_on: date
    scope: str | None
    category: str | None
    category_342: str | None
    standing_from: str | None


UNIT_ROWS = Table(name="units", version=1, row=UnitRow, key=("unit_id",), indexes=("parent_id",))
ACCOUNT_ROWS = Table(name="unit_accounts", version=1, row=AccountRow, key=("account_id",), indexes=("unit_id",))
HOLDER_ROWS = Table(
    name="unit_holders", version=1, row=HolderRow, key=("unit_id", "channel", "effective_from", "position")
)
MEMBER_ROWS = Table(
    name="members", version=1, row=MemberRow, key=("member_id",), indexes=("unit_id, roster_order, member_id",)
)


def apply(writer: Writer, batch: Batch) -> None:
    """Take units, accounts, holders and members in."""
    events = [(recorded.position, recorded.event) for recorded in batch.events]
    kinds = (UnitRegistered, WageRegionAssigned)
    writer.fold(UNIT_ROWS, [(e.unit_id, (p, e)) for p, e in events if isinstance(e, kinds)], _unit)
    writer.insert(ACCOUNT_ROWS, [_account(e) for _, e in events if isinstance(e, AccountRegistered)])
    writer.insert(HOLDER_ROWS, [_holder(p, e) for p, e in events if isinstance(e, HolderAssigned)])
    persons = (MemberEnrolled, StandingDeclared)
    writer.fold(MEMBER_ROWS, [(e.member_id, e) for _, e in events if isinstance(e, persons)], _member)


def _unit(row: UnitRow | None, change: tuple[int, UnitRegistered | WageRegionAssigned]) -> UnitRow:
    position, event = change
    if isinstance(event, WageRegionAssigned):
        return replace(known(row), region=event.region, region_assumed=event.assumed)
    return UnitRow(
        unit_id=event.unit_id,
        code=event.code,
        name=event.name,
        kind=event.kind,
        parent_id=event.parent_id,
        effective_from=event.effective_from,
        has_books=event.has_books,
        region=None,
        region_assumed=False,
        registered=position,
    )


def _account(event: AccountRegistered) -> AccountRow:
    return AccountRow(
        account_id=event.account_id,
        unit_id=event.unit_id,
        bin=event.bin,
        number=event.number,
        holder_name=event.holder_name,
        effective_from=event.effective_from,
    )


def _holder(position: int, event: HolderAssigned) -> HolderRow:
    return HolderRow(
        unit_id=event.unit_id,
        channel=event.channel,
        effective_from=event.effective_from,
        position=position,
        holder_id=event.holder_id,
        account_id=event.account_id,
    )


def _member(row: MemberRow | None, event: MemberEnrolled | StandingDeclared) -> MemberRow:
    if isinstance(event, StandingDeclared):
        return replace(
            known(row),
            scope=event.scope,
            category=event.category,
            category_342=event.category_342,
            standing_from=event.from_month,
        )
    return MemberRow(
        member_id=event.member_id,
        unit_id=event.unit_id,
        roster_order=event.roster_order,
        enrolled_on=event.enrolled_on,
        scope=None if row is None else row.scope,
        category=None if row is None else row.category,
        category_342=None if row is None else row.category_342,
        standing_from=None if row is None else row.standing_from,
    )


UNITS = Projection(name="units", version=1, tables=(UNIT_ROWS, ACCOUNT_ROWS, HOLDER_ROWS, MEMBER_ROWS), apply=apply)


# --- Questions --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeUnit:
    """A unit of a subtree; ``depth`` 0 is the root of the question, not of the tree."""

    unit_id: str
    code: str
    name: str
    kind: str
    parent_id: str | None
    has_books: bool
    depth: int


def subtree(conn: Connection[Any], root: str) -> tuple[TreeUnit, ...]:
    """The unit and all beneath it, each before its own subordinates, in the order of registration."""
    return fetch(
        conn,
        TreeUnit,
        "WITH RECURSIVE tree AS (SELECT unit_id, code, name, kind, parent_id, has_books, 0 AS depth,"
        f" ARRAY[registered] AS path FROM {UNIT_ROWS.serving} WHERE unit_id = %s"
        " UNION ALL SELECT u.unit_id, u.code, u.name, u.kind, u.parent_id, u.has_books, t.depth + 1,"
        f" t.path || u.registered FROM {UNIT_ROWS.serving} u JOIN tree t ON u.parent_id = t.unit_id)"
        " SELECT unit_id, code, name, kind, parent_id, has_books, depth FROM tree ORDER BY path",
        (root,),
    )


def all_units(conn: Connection[Any]) -> tuple[UnitRow, ...]:
    """Every unit, in the order of registration."""
    return select(conn, UNIT_ROWS, "ORDER BY registered")


def accounts_of(conn: Connection[Any], units: list[str] | None = None) -> tuple[AccountRow, ...]:
    """Bank accounts of these units (None: of all)."""
    return select(
        conn, ACCOUNT_ROWS, "WHERE %s::text[] IS NULL OR unit_id = ANY(%s) ORDER BY account_id", (units, units)
    )


def holders_on(conn: Connection[Any], on: date) -> Iterator[HolderRow]:
    """Who receives each unit's money over each channel on a day: of several assignments the last one that began."""
    seen: set[tuple[str, str]] = set()
    rows = select(
        conn,
        HOLDER_ROWS,
        "WHERE effective_from <= %s ORDER BY unit_id, channel, effective_from DESC, position DESC",
        (on,),
    )
    for row in rows:
        if (row.unit_id, row.channel) not in seen:
            seen.add((row.unit_id, row.channel))
            yield row


def members_of(conn: Connection[Any], units: list[str]) -> tuple[MemberRow, ...]:
    """Members on the rolls of these units, in the order of units and rolls."""
    return select(
        conn,
        MEMBER_ROWS,
        "WHERE unit_id = ANY(%s) ORDER BY array_position(%s, unit_id), roster_order, member_id",
        (units, units),
    )
