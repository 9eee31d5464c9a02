"""The tree: units with their parents, bank accounts and holders of receiving accounts."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, assert_never

from psycopg import Connection

from domain.organisation import AccountRegistered, HolderAssigned, UnitRegistered, WageRegionAssigned
from domain.unit_changes import (
    AccountPassedOn,
    UnitEnded,
    UnitRecoded,
    UnitRenamed,
    UnitReparented,
    UnitRetyped,
)
from projections.projection import Batch, Projection
from projections.table import Table, fetch, select
from projections.writing import Writer, known


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRow:
    """One unit as recorded so far; ``region`` is the minimum-wage region of its own, ``registered`` its place.

    A unit that ended keeps its last name and superior; ``successor`` has what it had from ``ended_on`` on.
    """

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
    ended_on: date | None
    successor: str | None


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


UNIT_ROWS = Table(name="units", version=2, row=UnitRow, key=("unit_id",), indexes=("parent_id",))
ACCOUNT_ROWS = Table(name="unit_accounts", version=2, row=AccountRow, key=("account_id",), indexes=("unit_id",))
HOLDER_ROWS = Table(
    name="unit_holders", version=2, row=HolderRow, key=("unit_id", "channel", "effective_from", "position")
)


_OfUnit = UnitRegistered | WageRegionAssigned | UnitRenamed | UnitRetyped | UnitRecoded | UnitReparented | UnitEnded


def apply(writer: Writer, batch: Batch) -> None:
    """Take units, accounts and holders in."""
    events = [(recorded.position, recorded.event) for recorded in batch.events]
    writer.fold(UNIT_ROWS, [(e.unit_id, (p, e)) for p, e in events if isinstance(e, _OfUnit)], _unit)
    accounts = (AccountRegistered, AccountPassedOn)
    writer.fold(ACCOUNT_ROWS, [(e.account_id, e) for _, e in events if isinstance(e, accounts)], _account)
    writer.insert(HOLDER_ROWS, [_holder(p, e) for p, e in events if isinstance(e, HolderAssigned)])


def _unit(row: UnitRow | None, change: tuple[int, _OfUnit]) -> UnitRow:
    position, event = change
    match event:
        case WageRegionAssigned():
            return replace(known(row), region=event.region, region_assumed=event.assumed)
        case UnitRenamed():
            return replace(known(row), name=event.name)
        case UnitRetyped():
            return replace(known(row), kind=event.kind)
        case UnitRecoded():
            return replace(known(row), code=event.code)
        case UnitReparented():
            return replace(known(row), parent_id=event.parent_id)
        case UnitEnded():
            return replace(known(row), ended_on=event.effective_from, successor=event.successor_id)
        case UnitRegistered():
            return _registered(position, event)
        case _:
            assert_never(event)


def _registered(position: int, event: UnitRegistered) -> UnitRow:
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
        ended_on=None,
        successor=None,
    )


def _account(row: AccountRow | None, event: AccountRegistered | AccountPassedOn) -> AccountRow:
    if isinstance(event, AccountPassedOn):
        return replace(known(row), unit_id=event.unit_id)
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


UNITS = Projection(name="units", version=2, tables=(UNIT_ROWS, ACCOUNT_ROWS, HOLDER_ROWS), apply=apply)


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


def subtree(conn: Connection[Any], root: str, *, ended: bool = False) -> tuple[TreeUnit, ...]:
    """The unit and all beneath it, each before its subordinates, in the order of registration.

    Units that ended are left out, or with ``ended`` stand beneath the unit that keeps their books.
    """
    return fetch(
        conn,
        TreeUnit,
        "WITH RECURSIVE tree AS (SELECT unit_id, code, name, kind, parent_id, has_books, 0 AS depth,"
        f" ARRAY[registered] AS path FROM {UNIT_ROWS.serving} WHERE unit_id = %s"
        " UNION ALL SELECT u.unit_id, u.code, u.name, u.kind, u.parent_id, u.has_books, t.depth + 1,"
        f" t.path || u.registered FROM {UNIT_ROWS.serving} u JOIN tree t"
        " ON COALESCE(u.successor, u.parent_id) = t.unit_id WHERE %s OR u.ended_on IS NULL)"
        " SELECT unit_id, code, name, kind, parent_id, has_books, depth FROM tree ORDER BY path",
        (root, ended),
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
