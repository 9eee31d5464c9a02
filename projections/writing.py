"""Rows into tables, in sets: COPY for what is new, one upsert from arrays for what may be there already.

Columns go to the server as text that is joined here column by column. The driver can do the same value by value, and
takes several times as long about it.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, TypeVar

import msgspec
from psycopg import Connection
from psycopg.rows import tuple_row

from projections.table import Column, Table, maker

R = TypeVar("R")
T = TypeVar("T")

#: A character that PostgreSQL text cannot hold, and what stands for it: its picture.
_NUL, _NUL_PICTURE = "\x00", "\u2400"


class Writer:
    """Writes rows in sets into one table set of a projection: the serving one or the one being built."""

    def __init__(self, conn: Connection[Any], *, building: bool = False) -> None:
        self.conn = conn
        self.building = building

    def name(self, table: Table[Any]) -> str:
        """The table that this writer writes."""
        return table.building if self.building else table.serving

    def insert(self, table: Table[R], rows: Iterable[R]) -> None:
        """Add new rows; a row whose key is there already is an error, since events are applied once."""
        self.copy(table, copy_lines(table, columns_of_rows(table, rows)))

    def copy(self, table: Table[Any], lines: bytes) -> None:
        """Add new rows given as ``copy_lines`` makes them."""
        if not lines:
            return
        statement = f"COPY {self.name(table)} ({table.names}) FROM STDIN"
        with self.conn.cursor() as curs, curs.copy(statement.encode()) as copy:
            copy.write(lines)

    def put(self, table: Table[R], rows: Iterable[R]) -> None:
        """Add rows, or replace those with the same key; no key twice."""
        rest = [c.name for c in table.columns if c.name not in table.key]
        then = ", ".join(f"{name} = excluded.{name}" for name in rest)
        clash = f"ON CONFLICT ({', '.join(table.key)}) DO {f'UPDATE SET {then}' if rest else 'NOTHING'}"
        arrays = array_literals(table, columns_of_rows(table, rows))
        self._from_arrays(table, arrays, "INSERT INTO {name} ({all}) SELECT {picked} FROM {arrays} " + clash)

    def add(self, table: Table[Any], arrays: Sequence[str], column: str) -> None:
        """Add a number to one column of the row of each key, making the rows that are not there.

        For a table of a key and one number, given as ``array_literals`` makes them, no key twice. MERGE looks a row up
        once, where an upsert first inserts on trial; that nobody else writes these rows meanwhile is what the lock on
        the position is for.
        """
        match = " AND ".join(f"t.{name} = u.{name}" for name in table.key)
        self._from_arrays(
            table,
            arrays,
            f"MERGE INTO {{name}} t USING {{arrays}} ON {match}"
            f" WHEN MATCHED THEN UPDATE SET {column} = t.{column} + u.{column}"
            " WHEN NOT MATCHED THEN INSERT ({all}) VALUES ({picked})",
        )

    def _from_arrays(self, table: Table[Any], literals: Sequence[str], statement: str) -> None:
        """Run a statement over rows that come as one array a column, under the alias ``u``."""
        if not literals:
            return
        arrays = ", ".join(f"%s::{_element(c)}[]" for c in table.columns)
        picked = ", ".join(f"u.{c.name}::jsonb" if c.sql == "jsonb" else f"u.{c.name}" for c in table.columns)
        filled = statement.format(
            name=self.name(table),
            all=table.names,
            picked=picked,
            arrays=f"unnest({arrays}) AS u ({table.names})",
        )
        with self.conn.cursor() as curs:
            curs.execute(filled.encode(), literals)

    def fold(self, table: Table[R], changes: Iterable[tuple[Hashable, T]], evolve: Callable[[R | None, T], R]) -> None:
        """Bring rows forward: ``evolve`` takes the row of a key (None: not there yet) and a change to the next row.

        One select and one write of each kind, whatever the number of changes. The key is a value for a key of one
        column, a tuple for a key of several.
        """
        changes = list(changes)
        if not changes:
            return
        rows = self._standing(table, list(dict.fromkeys(key for key, _ in changes)))
        touched: dict[Hashable, R] = {}
        for key, change in changes:
            touched[key] = evolve(touched[key] if key in touched else rows.get(key), change)
        self.insert(table, [row for key, row in touched.items() if key not in rows])
        self.put(table, [row for key, row in touched.items() if key in rows])

    def _standing(self, table: Table[R], keys: Sequence[Any]) -> dict[Hashable, R]:
        """The rows of these keys that are there."""
        named = {column.name: column for column in table.columns}
        key = [named[name] for name in table.key]
        parts = [keys] if len(key) == 1 else list(zip(*keys, strict=True))
        picked = ", ".join(f"t.{column.name}" for column in table.columns)
        statement = (
            f"SELECT {picked} FROM unnest({', '.join(f'%s::{_element(c)}[]' for c in key)})"
            f" AS k ({', '.join(table.key)}) JOIN {self.name(table)} t"
            f" ON {' AND '.join(f't.{name} = k.{name}' for name in table.key)}"
        )
        literals = [_array(column, list(values)) for column, values in zip(key, parts, strict=True)]
        make = maker(table.row)
        with self.conn.cursor(row_factory=tuple_row) as curs:
            rows = [make(values) for values in curs.execute(statement.encode(), literals)]
        if len(key) == 1:
            return {getattr(row, table.key[0]): row for row in rows}
        return {tuple(getattr(row, name) for name in table.key): row for row in rows}


def known(row: R | None) -> R:
    """A row that must be there by now; a LookupError stops the projection, since its log does not make sense."""
    if row is None:
        raise LookupError("an event changes what no event before it has begun")
    return row


def columns_of_rows(table: Table[R], rows: Iterable[R]) -> list[list[Any]]:
    """Rows as parallel lists, one a column."""
    rows = list(rows)
    return [[getattr(row, column.name) for row in rows] for column in table.columns]


def copy_lines(table: Table[Any], columns: Sequence[Sequence[Any]]) -> bytes:
    """Columns as lines of the text format of COPY; empty for no rows."""
    texts = [_copy_texts(column, values) for column, values in zip(table.columns, columns, strict=True)]
    return ("\n".join(map("\t".join, zip(*texts, strict=True))) + "\n").encode() if texts[0] else b""


def array_literals(table: Table[Any], columns: Sequence[Sequence[Any]]) -> list[str]:
    """Columns as one array literal each; empty for no rows."""
    if not columns or not columns[0]:
        return []
    return [_array(column, values) for column, values in zip(table.columns, columns, strict=True)]


def _element(column: Column) -> str:
    """The type of a column's values on their way: JSON travels as text."""
    return "text" if column.sql == "jsonb" else column.sql


def _plain(column: Column, values: Sequence[Any]) -> tuple[Sequence[Any], bool]:
    """Values as text without any quoting (None stays), and whether the text may hold special characters."""
    kind = column.sql
    if kind == "text":
        return values, True
    if kind == "bigint":
        return [str(int(v)) if v is not None else v for v in values], False
    if kind == "jsonb":
        encode = msgspec.json.encode
        return [encode(v).decode() if v is not None else v for v in values], True
    if kind == "boolean":
        return [("t" if v else "f") if v is not None else v for v in values], False
    memo = {v: v if v is None else v.isoformat() for v in set(values)}
    return [memo[v] for v in values], False


def _copy_texts(column: Column, values: Sequence[Any]) -> list[str]:
    """Values as the text format of COPY wants them (PostgreSQL documentation, "COPY", text format)."""
    texts, risky = _plain(column, values)
    if column.nullable:
        return [_copy_escaped(v) if v is not None else "\\N" for v in texts]
    if risky and _needs(texts, ("\\", "\t", "\n", "\r", _NUL)):
        return [_copy_escaped(v) for v in texts]
    return list(texts)


def _copy_escaped(text: str) -> str:
    return (
        text.replace("\\", "\\\\")
        .replace("\t", "\\t")
        .replace("\n", "\\n")
        .replace("\r", "\\r")
        .replace(_NUL, _NUL_PICTURE)
    )


def _array(column: Column, values: Sequence[Any]) -> str:
    """Values as one array literal (PostgreSQL documentation, "Array input and output syntax")."""
    texts, risky = _plain(column, values)
    if not risky:
        return "{" + ",".join(v if v is not None else "NULL" for v in texts) + "}"
    if not column.nullable:
        if _needs(texts, ("\\", '"', _NUL)):
            texts = [_array_escaped(v) for v in texts]
        return '{"' + '","'.join(texts) + '"}'
    return "{" + ",".join(f'"{_array_escaped(v)}"' if v is not None else "NULL" for v in texts) + "}"


def _array_escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace(_NUL, _NUL_PICTURE)


def _needs(texts: Sequence[str], special: Sequence[str]) -> bool:
    """Whether any text holds one of these characters; one search over all of them is far cheaper than one each."""
    whole = "".join(texts)
    return any(character in whole for character in special)
