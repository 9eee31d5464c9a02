"""What the words above and beside the numbers of a bank's table mean; the words are data (``data/headers.json``)."""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from adapters.bank import vietcombank
from adapters.bank.grid import Row, is_blank, text_of, texts
from domain.errors import Malformed

_DATES = ("posted", "traded", "effective")
_TRAILING_MARK = re.compile(r"(?<=[a-z])\d+$")
_DAY = r"(\d{1,2}[/-]\d{1,2}[/-]\d{4}|\d{4}-\d{2}-\d{2})"
_ACCOUNT = re.compile(r"[0-9A-Za-z]+(?:[ .-]\d+)*", re.ASCII)

#: A heading is short; a longer cell is prose that happens to contain a heading's word.
_LONGEST_HEADING = 80

#: The heading block of a statement is short; a file without headings is not searched to its end.
HEADINGS_WITHIN = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Bank:
    """How one bank's tables differ from the others'."""

    format: str
    bin: str | None
    names: tuple[str, ...]
    fill_down: bool  #: a blank date means the date of the row above
    negative_debits: bool  #: money out is written as a negative number


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The table of aliases, folded."""

    columns: Mapping[str, tuple[str, ...]]
    labels: Mapping[str, tuple[str, ...]]
    not_an_account: frozenset[str]
    banks: tuple[Bank, ...]
    any_bank: Bank


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Where each kind of value stands; ``None`` where the table has no such column."""

    booked: int
    effective: int | None
    credit: int | None
    debit: int | None
    balance: int | None
    content: int | None
    reference: int | None  #: the date's own column when the bank writes the reference under the date
    peer_account: int | None
    peer_name: int | None
    amount: int | None = None  #: one column of signed sums instead of two; only a saved map says so
    direction: int | None = None  #: a column that says which way the sum of ``amount`` went


@cache
def words() -> Words:
    """The shipped alias table, read once."""
    read = json.loads(Path(__file__).with_name("data").joinpath("headers.json").read_text(encoding="utf-8"))
    return Words(
        columns={kind: tuple(aliases) for kind, aliases in read["columns"].items()},
        labels={kind: tuple(aliases) for kind, aliases in read["labels"].items()},
        not_an_account=frozenset(read["not_an_account"]),
        banks=tuple(Bank(**{**row, "names": tuple(row["names"])}) for row in read["banks"]),
        any_bank=Bank(**{**read["any_bank"], "names": ()}),
    )


def fold(text: str) -> str:
    """Lower case without marks, each run of blanks as one; digits and punctuation stay."""
    bare = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return " ".join(bare.replace("đ", "d").replace("Đ", "D").lower().split())


def _pieces(text: str) -> Iterator[str]:
    """The folded names within a heading, which banks separate by ``/`` and line breaks."""
    for piece in re.split(r"[/\n\r|]", text):
        letters = re.sub(r"[^a-z0-9 ]", "", fold(piece).replace(".", " "))
        yield _TRAILING_MARK.sub("", " ".join(letters.split()))


def _kinds(text: str) -> list[tuple[int, str]]:
    """Every kind of column that a heading names, as (length of the alias, kind), longest first."""
    if not text or len(text) > _LONGEST_HEADING:
        return []
    found = [
        (len(alias), kind)
        for piece in _pieces(text)
        for kind, aliases in words().columns.items()
        for alias in aliases
        if f" {alias} " in f" {piece} "
    ]
    return sorted(found, reverse=True)


def columns_of(row: Row) -> Columns | None:
    """The columns that a row of headings names, or ``None`` when it is no such row.

    A row of headings holds a credit, a debit and a date heading. Two credit or two debit headings are refused:
    adding up the wrong one could still balance.
    """
    at: dict[str, int] = {}
    under_date: int | None = None
    twice = False
    for index, cell in enumerate(row.cells):
        kinds = _kinds(text_of(cell)) if isinstance(cell, str) else []
        if not kinds:
            continue
        kind = kinds[0][1]
        twice = twice or (kind in at and kind in {"credit", "debit"})
        at.setdefault(kind, index)
        if kind in _DATES and any(other == "reference" for _, other in kinds):
            under_date = index
    booked = next((at[kind] for kind in _DATES if kind in at), None)
    if booked is None or "credit" not in at or "debit" not in at:
        return None
    if twice:
        raise Malformed("có hai cột cùng là ghi nợ hoặc cùng là ghi có", where=row.where)
    return Columns(
        booked=booked,
        effective=at["effective"] if at.get("effective", booked) != booked else None,
        credit=at["credit"],
        debit=at["debit"],
        balance=at.get("balance"),
        content=at.get("content"),
        reference=at.get("reference", under_date),
        peer_account=at.get("peer_account"),
        peer_name=at.get("peer_name"),
    )


def find_columns(rows: Sequence[Row]) -> tuple[int, Columns] | None:
    """The first row of headings, as its index and its columns; looked for in the first hundred rows."""
    for index, row in enumerate(rows[:HEADINGS_WITHIN]):
        columns = columns_of(row)
        if columns is not None:
            return index, columns
    return None


def bank_of(above: Sequence[Row], heading: Row) -> Bank:
    """The bank whose name stands first above the table, or whose headings these are."""
    if [fold(text_of(cell)) for cell in heading.cells[: len(vietcombank.HEADINGS)]] == [
        fold(text) for text in vietcombank.HEADINGS
    ]:
        return next(bank for bank in words().banks if bank.format == vietcombank.FORMAT)
    for text in texts(above):
        folded = fold(text)
        for bank in words().banks:
            if any(re.search(rf"\b{re.escape(name)}\b", folded) for name in bank.names):
                return bank
    return words().any_bank


def _begins(text: str, kind: str) -> bool:
    head = fold(text.partition(":")[0]) + " "
    return any(re.match(rf"{re.escape(alias)}\b", head) for alias in words().labels[kind])


def labelled(row: Row, kind: str) -> tuple[str, ...]:
    """What stands beside a label of this kind: the rest of its cell, then the cells after it; () without one."""
    for index, cell in enumerate(row.cells):
        text = text_of(cell)
        if isinstance(cell, str) and text and _begins(text, kind):
            rest = text.partition(":")[2].strip()
            after = [text_of(other) for other in row.cells[index + 1 :]]
            return tuple(value for value in [rest, *after] if value) or (text.rpartition(" ")[2],)
    return ()


def is_total(row: Row) -> bool:
    """Whether the first text of the row announces totals."""
    first = next((text_of(cell) for cell in row.cells if text_of(cell)), "")
    return _begins(first, "total")


def account_number(rows: Sequence[Row]) -> str | None:
    """The statement's account; a line marked as the account's former number is passed over (BIDV)."""
    for row in rows:
        if is_blank(row):
            continue
        for value in labelled(row, "account"):
            former = {word for text in row.cells for word in re.split(r"\W+", fold(text_of(text)))}
            match = _ACCOUNT.match(value)
            if match and re.search(r"\d", match[0]) and not former & words().not_an_account:
                number = re.sub(r"[ .-]", "", match[0])
                if 4 <= len(number) <= 19:
                    return number
    return None


def stated_days(rows: Sequence[Row]) -> list[date]:
    """The first and the last day that the heading block states; fewer when it states fewer."""
    days: list[date] = []
    for kind in ("from", "to"):
        label = "|".join(re.escape(alias) for alias in words().labels[kind])
        pattern = re.compile(rf"\b(?:{label})\b[^0-9]{{0,30}}?{_DAY}", re.ASCII)
        for row in rows:
            match = pattern.search(fold(" ".join(text_of(cell) for cell in row.cells)))
            if match:
                days.append(vietcombank.split_date_and_reference(match[1])[0])
                break
    return days
