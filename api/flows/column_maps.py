"""The installation's saved column maps: where they lie, and what a map makes of a file before it is saved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from adapters.bank.column_maps import ColumnMap, guess, likely_headings, read_maps
from adapters.bank.grid import text_of
from adapters.bank.headings import account_number
from adapters.bank.reader import first_rows, open_statements
from api.settings import Settings
from api.wiring import data_dir_of
from domain.errors import Malformed
from domain.money import Dong
from domain.notice import Direction

#: Name of the file in the installation's data folder, unless a setting says where it lies.
FILE = "column-maps.json"

#: Rows shown to the person who makes a map.
SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What a table looks like to somebody who is to say what its columns mean."""

    headings: tuple[str, ...]
    where: str
    account: str | None  #: as the file states it
    guessed: Mapping[str, int]  #: kind to column, from 1, where known words say so
    rows: tuple[tuple[str, ...], ...]  #: the first rows below the headings


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """A file as a map reads it: proved, with its first lines."""

    account: str
    from_date: date
    to_date: date
    opening: Dong
    money_in: Dong
    money_out: Dong
    closing: Dong
    lines: int
    first: tuple[tuple[str, str, Dong, str], ...]  #: day, direction, amount, bank reference


def maps_path(settings: Settings) -> Path:
    """Where this installation keeps its maps."""
    return settings.column_maps or data_dir_of(settings) / FILE


def saved_maps(settings: Settings) -> tuple[ColumnMap, ...]:
    """The saved maps; ``Malformed`` when the file is damaged."""
    return read_maps(maps_path(settings))


def propose(source: Path | BinaryIO, name: str) -> Proposal:
    """Show the headings and first rows of a table, and what known words make of them. Raises ``Malformed``."""
    try:
        rows = first_rows(source)
    except Malformed as error:
        raise Malformed(error.message, where=f"{name}, {error.where}" if error.where else name) from error
    heading = likely_headings(rows)
    if heading is None:
        raise Malformed("không thấy dòng nào giống tiêu đề cột", where=name)
    at = rows.index(heading)
    texts = [" ".join(text_of(cell).split()) for cell in heading.cells]
    while texts and not texts[-1]:
        texts.pop()
    return Proposal(
        headings=tuple(texts),
        where=heading.where,
        account=account_number(rows[:at]),
        guessed=guess(heading),
        rows=tuple(tuple(text_of(cell) for cell in row.cells[: len(texts)]) for row in rows[at + 1 : at + 1 + SHOWN]),
    )


def understood(source: Path, made: ColumnMap) -> tuple[Understood, ...]:
    """Read a file with a map and nothing but it; refused as an import would be. No text of payers is returned."""
    with open_statements(source, source.name, maps=(made,)) as opened:
        return tuple(
            Understood(
                account=one.account_number,
                from_date=one.from_date,
                to_date=one.to_date,
                opening=one.opening,
                money_in=one.money_in,
                money_out=one.money_out,
                closing=one.closing,
                lines=one.count,
                first=tuple(
                    (
                        line.booked_on.isoformat(),
                        "tiền vào" if line.direction is Direction.IN else "tiền ra",
                        line.amount,
                        line.bank_reference or "",
                    )
                    for line in islice(one.lines(), SHOWN)
                ),
            )
            for one in opened
        )


def columns_from(texts: Sequence[str]) -> dict[str, int]:
    """``date=1`` … as typed. Raises ``Malformed``."""
    found: dict[str, int] = {}
    for text in texts:
        kind, mark, place = text.partition("=")
        if not mark or not place.isdecimal() or kind.strip() in found:
            raise Malformed(f"{text!r}: viết như date=1, mỗi loại một lần", where="--column")
        found[kind.strip()] = int(place)
    return found
