"""Saved column maps: how the table of a bank that dangphi does not know is to be read, account by account.

A map is made once, by a person who looks at the first rows as understood, and kept in one JSON file with the
installation (``DANGPHI_COLUMN_MAPS``). It is known again by its row of headings, letter for letter after folding, so
that a bank that changes its table is not read by an old map but refused. A table that dangphi knows needs no map; where
there is a map for its headings, the map goes first.
"""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Literal

from adapters.bank.grid import Row, text_of
from adapters.bank.headings import Bank, Columns, columns_of, fold
from domain.errors import Malformed

DateForm = Literal["dmy", "ymd", "mdy"]

#: Kinds of values that a map may place; the first column is 1, as people count.
KINDS = (
    *("date", "effective", "debit", "credit", "amount", "direction"),
    *("balance", "content", "reference", "peer_account", "peer_name"),
)
_LONGEST_FILE = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnMap:
    """How the table of one account is read. Money is in two columns, or in ``amount`` with a sign or a direction."""

    account: str  #: the number, also where the file does not state it
    bin: str | None
    headings: tuple[str, ...]  #: the whole row of headings, by which the map is known again
    columns: Mapping[str, int]  #: kind of value to column, from 1
    date_form: DateForm = "dmy"
    decimal_mark: str | None = None  #: "," or "."; None: each column shows it
    negative_debits: bool = False  #: money out stands in the debit column with a minus
    fill_down: bool = False  #: a blank date means the date of the row above
    money_in: tuple[str, ...] = ()  #: words of the direction column that mean money in

    def __post_init__(self) -> None:
        """Raises ``Malformed`` when the map cannot read a table."""
        wrong = [kind for kind in self.columns if kind not in KINDS]
        places = list(self.columns.values())
        two = "debit" in self.columns and "credit" in self.columns
        one = "amount" in self.columns
        if wrong:
            raise Malformed(f"không biết loại cột {wrong[0]!r}; có: {', '.join(KINDS)}")
        if "date" not in self.columns or two == one or ({"debit", "credit"} & set(self.columns) and not two):
            raise Malformed("bảng cột phải có cột date, và hoặc debit cùng credit, hoặc amount")
        if "direction" in self.columns and not (one and self.money_in):
            raise Malformed("cột direction cần cột amount và các từ chỉ tiền vào (money_in)")
        if any(not 1 <= place <= len(self.headings) for place in places) or len(set(places)) != len(places):
            raise Malformed(f"số thứ tự cột phải từ 1 đến {len(self.headings)}, mỗi cột một loại")
        if self.date_form not in {"dmy", "ymd", "mdy"} or self.decimal_mark not in {None, ",", "."}:
            raise Malformed("date_form là dmy, ymd hoặc mdy; decimal_mark là «,», «.» hoặc bỏ trống")
        if not (self.account.isascii() and self.account.isalnum() and 4 <= len(self.account) <= 19):
            raise Malformed(f"số tài khoản {self.account[:40]!r} phải có 4 đến 19 chữ số hoặc chữ cái")

    @property
    def bank(self) -> Bank:
        """The bank's customs as the map states them."""
        return Bank(
            format="mapped", bin=self.bin, names=(), fill_down=self.fill_down, negative_debits=self.negative_debits
        )

    @property
    def places(self) -> Columns:
        """The columns, counted from 0."""
        at = {kind: place - 1 for kind, place in self.columns.items()}
        return Columns(
            booked=at["date"],
            effective=at.get("effective"),
            credit=at.get("credit"),
            debit=at.get("debit"),
            balance=at.get("balance"),
            content=at.get("content"),
            reference=at.get("reference"),
            peer_account=at.get("peer_account"),
            peer_name=at.get("peer_name"),
            amount=at.get("amount"),
            direction=at.get("direction"),
        )

    def fits(self, row: Row) -> bool:
        """Whether this is the row of headings that the map was made for."""
        return headings_of(row) == tuple(fold(text) for text in self.headings)


def headings_of(row: Row) -> tuple[str, ...]:
    """The folded texts of a row up to its last cell that says something."""
    texts = [fold(text_of(cell)) for cell in row.cells]
    while texts and not texts[-1]:
        texts.pop()
    return tuple(texts)


def likely_headings(rows: Sequence[Row]) -> Row | None:
    """The row that looks most like headings: most texts without a number, the first of those."""

    def texts(row: Row) -> int:
        shown = [text_of(cell) for cell in row.cells if isinstance(cell, str)]
        return sum(1 for text in shown if text and not any(letter.isdigit() for letter in text[:4]))

    best = max(rows, key=texts, default=None)
    return best if best is not None and texts(best) >= 3 else None


def guess(row: Row) -> dict[str, int]:
    """The columns (from 1) that the known words find in a row of headings; a person completes them."""
    # One more pair of headings lets the known words be used on a row that lacks a debit or a credit.
    found = columns_of(row)
    if found is None:
        return {}
    return {
        ("date" if kind == "booked" else kind): place + 1
        for kind, place in asdict(found).items()
        if place is not None and not (kind == "reference" and place == found.booked)
    }


def read_maps(path: Path) -> tuple[ColumnMap, ...]:
    """The maps of a file; none when it does not exist. ``Malformed`` names the file and the map that is wrong."""
    if not path.exists():
        return ()
    try:
        if path.stat().st_size > _LONGEST_FILE:
            raise Malformed(f"dài hơn {_LONGEST_FILE} byte")
        rows = json.loads(path.read_text(encoding="utf-8"))["maps"]
        return tuple(_map(row) for row in rows)
    except Malformed as error:
        raise Malformed(error.message, where=path.name) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Malformed("không phải tệp bảng cột của dangphi; sửa lại hoặc bỏ tệp này", where=path.name) from error


def _map(row: Mapping[str, object]) -> ColumnMap:
    known = {field.name for field in fields(ColumnMap)}
    if unknown := set(row) - known:
        raise Malformed(f"không biết mục {sorted(unknown)[0]!r}")
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}
    return ColumnMap(**values)  # type: ignore[arg-type]  # JSON; the map checks its own values.


def save_map(path: Path, made: ColumnMap) -> tuple[ColumnMap, ...]:
    """Put a map into the file, in place of one for the same account and headings; the file is whole at any time."""
    kept = [one for one in read_maps(path) if (one.account, _folded(one)) != (made.account, _folded(made))]
    return _write(path, [*kept, made])


def drop_maps(path: Path, account: str) -> int:
    """Take the maps of an account out of the file; how many there were."""
    found = read_maps(path)
    kept = [one for one in found if one.account != account]
    if len(kept) < len(found):
        _write(path, kept)
    return len(found) - len(kept)


def _folded(one: ColumnMap) -> tuple[str, ...]:
    return tuple(fold(text) for text in one.headings)


def _write(path: Path, maps: Iterable[ColumnMap]) -> tuple[ColumnMap, ...]:
    ordered = tuple(sorted(maps, key=lambda one: (one.account, one.headings)))
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    text = json.dumps({"maps": [asdict(one) for one in ordered]}, ensure_ascii=False, indent=2)
    with part.open("w", encoding="utf-8") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    return ordered
