"""A statutory form as rows of cells: what both the workbook and the typeset page are made of.

A cell that is a sum says of which cells, so that the workbook carries a live formula and the page the same figure.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from domain.money import Dong
from ledger.statutory.heading import Heading


@dataclass(frozen=True, slots=True)
class Sum:
    """A figure that is the sum of other cells of its table: ``terms`` are (sign, row, column), counted from 0."""

    value: Dong
    terms: tuple[tuple[int, int, int], ...]


#: A figure, words, a sum, or nothing.
Cell = int | str | Sum | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """One column: what stands above it, its number in the form, its width in characters."""

    title: str
    mark: str = ""
    width: int = 14
    words: bool = False  #: text, set left
    group: str = ""  #: a title that neighbouring columns share


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row; a strong one is a total, an indented one is part of the row above."""

    cells: tuple[Cell, ...]
    strong: bool = False
    indent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """One table of a form."""

    title: str
    heads: tuple[Head, ...]
    rows: tuple[Row, ...]
    totals: bool = True  #: figures are đồng; False: leave as they are


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """A place to sign: by whom, and what is written beneath."""

    role: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A whole form. ``facts`` stand under the title, ``notes`` under the tables, ``assumed`` says what the law leaves
    open.
    """

    heading: Heading
    number: str  #: "Mẫu B01/ĐP"
    title: str
    subtitle: str
    unit_word: str  #: "đồng"
    facts: tuple[str, ...]
    assumed: tuple[str, ...]
    grids: tuple[Grid, ...]
    notes: tuple[str, ...]
    signatures: tuple[Signature, ...]
    bars: tuple[tuple[str, Dong], ...] = ()  #: a picture of sums, where the form has one


def column_sums(rows: Sequence[Row], label: Sequence[Cell], columns: Sequence[int]) -> Row:
    """A strong row whose ``columns`` are sums of the rows above; the other cells are those of ``label``."""
    cells = list(label)
    for c in columns:
        cells[c] = Sum(sum(figure(row.cells[c]) for row in rows), tuple((1, r, c) for r in range(len(rows))))
    return Row(cells=tuple(cells), strong=True)


def figure(cell: Cell) -> Dong:
    """The figure of a cell; words and nothing count as 0."""
    return cell.value if isinstance(cell, Sum) else cell if isinstance(cell, int) else 0


def renumbered(row: Row, cells: Sequence[Cell]) -> Row:
    """The same row with other cells."""
    return replace(row, cells=tuple(cells))


def period_words(period: str) -> str:
    """``Tháng 7 năm 2026``, ``Quý 3 năm 2026``, ``Năm 2026``."""
    if "-" not in period:
        return f"Năm {period}"
    year, part = period.split("-")
    return f"Quý {part[1:]} năm {year}" if part.startswith("Q") else f"Tháng {int(part)} năm {year}"


def month_words(month: str) -> str:
    """``7/2026``; the month's number without a zero."""
    return f"{int(month[5:])}/{month[:4]}"


def versions_words(head: Heading) -> str:
    """The three versions, as every book prints them."""
    return (
        f"Số liệu tại vị trí {head.position} của sổ; cây tổ chức phiên bản {head.tree_version}; "
        f"quy định phiên bản {head.policy_version}."
    )
