"""A read model's table, told by its row type, and how rows are written to it and read from it in sets.

The columns, their order and their types follow from the frozen dataclass that is a row; nothing is said twice. Money
is ``bigint``. Text is compared by bytes, the same on every machine. Nested values (tuples) are ``jsonb``.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Generic, TypeVar, get_args, get_origin, get_type_hints

import msgspec
from psycopg import Connection
from psycopg.rows import tuple_row

R = TypeVar("R")

_SCALARS: Mapping[type, str] = {
    str: "text",
    int: "bigint",
    bool: "boolean",
    date: "date",
    datetime: "timestamptz",
}

#: Rows fetched at a time by a digest, so that a table of any size is hashed in little memory.
_DIGEST_ROWS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: name, SQL type, whether it may be null, and the Python type that its values have."""

    name: str
    sql: str
    nullable: bool
    hint: Any

    @property
    def ddl(self) -> str:
        """The column as CREATE TABLE wants it."""
        kind = 'text COLLATE "C"' if self.sql == "text" else self.sql
        return f"{self.name} {kind}{'' if self.nullable else ' NOT NULL'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table(Generic[R]):
    """One table of a projection. ``indexes`` are column lists as SQL has them, such as ``"unit, account"``.

    The table that serves is ``<name>_v<version>``; the one that a rebuild fills has ``_next`` behind it.
    """

    name: str
    version: int
    row: type[R]
    key: tuple[str, ...]
    indexes: tuple[str, ...] = ()

    @property
    def serving(self) -> str:
        """The name under which readers find it."""
        return f"{self.name}_v{self.version}"

    @property
    def building(self) -> str:
        """The name under which a rebuild fills it."""
        return f"{self.serving}_next"

    @property
    def columns(self) -> tuple[Column, ...]:
        """Columns in the order of the row's fields."""
        return columns_of(self.row)

    @property
    def names(self) -> str:
        """All column names, for SELECT and INSERT."""
        return ", ".join(column.name for column in self.columns)

    def ddl(self, name: str) -> str:
        """CREATE TABLE under a name; the names of keys and indexes are left to the server, which keeps them apart."""
        parts = [column.ddl for column in self.columns]
        return f"CREATE TABLE {name} ({', '.join(parts)}, PRIMARY KEY ({', '.join(self.key)}))"

    def index_ddl(self, name: str) -> tuple[str, ...]:
        """CREATE INDEX statements; a rebuild runs them once its rows are in."""
        return tuple(f"CREATE INDEX ON {name} ({columns})" for columns in self.indexes)


_COLUMNS: dict[type, tuple[Column, ...]] = {}
_MAKERS: dict[type, Callable[[Sequence[Any]], Any]] = {}


def columns_of(row: type) -> tuple[Column, ...]:
    """The columns of a row type, reckoned once; raises TypeError for a field whose type has no column type."""
    if row not in _COLUMNS:
        hints = get_type_hints(row)
        _COLUMNS[row] = tuple(_column(field.name, hints[field.name]) for field in fields(row))
    return _COLUMNS[row]


def _column(name: str, hint: Any) -> Column:
    given = get_args(hint) if get_origin(hint) is UnionType else (hint,)
    kinds = [kind for kind in given if kind is not NoneType]
    if len(kinds) != 1:
        raise TypeError(f"column {name}: {hint} is no single type")
    (kind,) = kinds
    if get_origin(kind) is tuple:
        sql = "jsonb"
    elif isinstance(kind, type) and issubclass(kind, Enum):
        sql = "text"
    elif kind in _SCALARS:
        sql = _SCALARS[kind]
    else:
        raise TypeError(f"column {name}: no column type for {hint}")
    return Column(name=name, sql=sql, nullable=len(kinds) < len(given), hint=kind)


# --- Reading ----------------------------------------------------------------------------------------------------


def select(
    conn: Connection[Any], table: Table[R], tail: str, params: Sequence[Any] = (), *, name: str | None = None
) -> tuple[R, ...]:
    """Rows of a table (of the serving one, unless a name is given); ``tail`` is what follows FROM."""
    statement = f"SELECT {table.names} FROM {name or table.serving} {tail}"
    with conn.cursor(row_factory=tuple_row) as curs:
        return tuple(map(maker(table.row), curs.execute(statement.encode(), params)))


def fetch(conn: Connection[Any], row: type[R], statement: str, params: Sequence[Any] = ()) -> tuple[R, ...]:
    """Rows of any statement whose columns are the fields of ``row``, in their order."""
    with conn.cursor(row_factory=tuple_row) as curs:
        return tuple(map(maker(row), curs.execute(statement.encode(), params)))


def maker(row: type[R]) -> Callable[[Sequence[Any]], R]:
    """A function from a tuple of column values to a row."""
    if row not in _MAKERS:
        _MAKERS[row] = _maker(row)
    made: Callable[[Sequence[Any]], R] = _MAKERS[row]
    return made


def _maker(row: type) -> Callable[[Sequence[Any]], Any]:
    columns = columns_of(row)
    names = [column.name for column in columns]
    nested = [
        (place, column.hint)
        for place, column in enumerate(columns)
        if column.sql == "jsonb" or column.hint not in _SCALARS
    ]

    def make(values: Sequence[Any]) -> Any:
        if nested:
            values = list(values)
            for place, hint in nested:
                if values[place] is not None:
                    values[place] = msgspec.convert(values[place], hint)
        return row(**dict(zip(names, values, strict=True)))

    return make


def digest(conn: Connection[Any], table: Table[Any], *, name: str | None = None) -> str:
    """sha256 (hex) over all rows in the order of the key; the same rows give the same digest (I17)."""
    key = ", ".join(table.key)
    total = hashlib.sha256()
    with conn.transaction(), conn.cursor("table_digest", row_factory=tuple_row) as curs:
        # The text of a row depends on how the session writes dates and times.
        conn.execute("SELECT set_config('TimeZone', 'UTC', true), set_config('DateStyle', 'ISO, YMD', true)")
        curs.itersize = _DIGEST_ROWS
        statement = f"SELECT ({table.names})::text FROM (SELECT {table.names} FROM {name or table.serving}) r"
        if len(table.columns) == 1:
            statement = statement.replace(f"({table.names})::text", f"ROW({table.names})::text")
        for (text,) in curs.execute(f"{statement} ORDER BY {key}".encode()):
            total.update(text.encode() + b"\n")
    return total.hexdigest()
