"""Pairs bank lines with items of the book: by the evidence that events recorded, then by case, amount and order.

Vectorised: every step is a merge over integer columns, so that a province's lines take the same code as a cell's. A
line or an item that was taken by one step is not there for the next: nothing is consumed twice.
"""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from domain.money import Dong
from reconciliation.facts import Evidence, LineFact

#: Money and days are integers from end to end; the nullable dtype never falls back to floats.
INTEGER = pd.Int64Dtype()
TEXT = pd.StringDtype()


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenItem:
    """An item with its sums at a cut-off day: ``booked`` on 1120, ``expected`` with the clearing accounts; signed."""

    item: str
    case: str
    on: int  #: day as proleptic ordinal
    booked: Dong
    expected: Dong


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a line and items meet; one of them may be missing.

    ``how``: "evidence" an event names the line for the item, "case" the same case and amount, "order" the same case and
    another amount, "reference" only the reference in the line, "alone".
    """

    key: str | None
    items: tuple[str, ...]
    how: str


def pair(
    lines: Iterable[LineFact], items: Iterable[OpenItem], evidence: Iterable[Evidence], hints: Iterable[tuple[str, str]]
) -> tuple[Place, ...]:
    """Pair what belongs together; ``hints`` are (line key, case) by the reference in an unplaced line.

    Every line and every item is in exactly one of the places returned.
    """
    line_rows = _lines(lines)
    item_rows = _items(items)
    known = _evidence(evidence)
    named = _by_evidence(line_rows, item_rows, known)
    left_lines = line_rows[~line_rows["key"].isin(named["key"])]
    left_items = item_rows[~item_rows["item"].isin(named["item"])]
    cased = _with_case(left_lines, known)
    same = _by_rank(cased, left_items, "amount")
    cased = cased[~cased["key"].isin(same["key"])]
    left_items = left_items[~left_items["item"].isin(same["item"])]
    other = _by_rank(cased, left_items, "sign")
    left_items = left_items[~left_items["item"].isin(other["item"])]
    hinted = _by_reference(left_lines[~left_lines["key"].isin(known["key"])], left_items, hints)
    places = [
        *_places(named, "evidence"),
        *_places(same, "case"),
        *_places(other, "order"),
        *_places(hinted, "reference"),
    ]
    taken_lines = {place.key for place in places}
    taken_items = {item for place in places for item in place.items}
    places += [Place(key=key, items=(), how="alone") for key in line_rows["key"] if key not in taken_lines]
    places += [Place(key=None, items=(item,), how="alone") for item in item_rows["item"] if item not in taken_items]
    return tuple(places)


def _lines(lines: Iterable[LineFact]) -> pd.DataFrame:
    rows = sorted(lines, key=lambda line: (line.booked_on, line.key))
    frame = pd.DataFrame(
        {
            "key": pd.Series([r.key for r in rows], dtype=TEXT),
            "on": pd.Series([r.booked_on.toordinal() for r in rows], dtype=INTEGER),
            "amount": pd.Series([r.amount for r in rows], dtype=INTEGER),
        }
    )
    frame["sign"] = (frame["amount"] > 0).astype(INTEGER)
    return frame


def _items(items: Iterable[OpenItem]) -> pd.DataFrame:
    rows = sorted(items, key=lambda item: (item.on, item.item))
    frame = pd.DataFrame(
        {
            "item": pd.Series([r.item for r in rows], dtype=TEXT),
            "case": pd.Series([r.case for r in rows], dtype=TEXT),
            "on": pd.Series([r.on for r in rows], dtype=INTEGER),
            "amount": pd.Series([r.expected for r in rows], dtype=INTEGER),
        }
    )
    frame["sign"] = (frame["amount"] > 0).astype(INTEGER)
    return frame


def _evidence(evidence: Iterable[Evidence]) -> pd.DataFrame:
    rows = sorted(evidence, key=lambda e: (e.position, e.line_key, e.item or ""))
    return pd.DataFrame(
        {
            "key": pd.Series([r.line_key for r in rows], dtype=TEXT),
            "case": pd.Series([r.case for r in rows], dtype=TEXT),
            "item": pd.Series([r.item for r in rows], dtype=TEXT),
        }
    )


def _by_evidence(lines: pd.DataFrame, items: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """Lines that an event names for an item. An item takes the line named first; one line may answer several."""
    named = (
        known.dropna(subset=["item"])[["key", "item"]].merge(lines[["key"]], on="key").merge(items[["item"]], on="item")
    )
    return named.drop_duplicates("item")


def _with_case(lines: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """Lines with the case that an event ties them to, the first one where there are several."""
    first = known.drop_duplicates("key")[["key", "case"]]
    return lines.merge(first, on="key")


def _by_rank(lines: pd.DataFrame, items: pd.DataFrame, by: str) -> pd.DataFrame:
    """Pair within a case what agrees in ``by``: the n-th line with the n-th item, in order of their days."""
    left = lines.assign(rank=lines.groupby(["case", by]).cumcount())
    right = items.assign(rank=items.groupby(["case", by]).cumcount())
    return left.merge(right, on=["case", by, "rank"])[["key", "item"]]


def _by_reference(lines: pd.DataFrame, items: pd.DataFrame, hints: Iterable[tuple[str, str]]) -> pd.DataFrame:
    """Lines that nothing ties but the reference they carry, with another amount than what waits under it.

    Equal amounts are left apart: that line could have been placed and was not, which is for a person to see.
    """
    rows = sorted(set(hints))
    frame = pd.DataFrame(
        {
            "key": pd.Series([key for key, _ in rows], dtype=TEXT),
            "case": pd.Series([case for _, case in rows], dtype=TEXT),
        }
    )
    cased = lines.merge(frame.drop_duplicates("key"), on="key")
    same = _by_rank(cased, items, "amount")
    return _by_rank(cased[~cased["key"].isin(same["key"])], items[~items["item"].isin(same["item"])], "sign")


def _places(pairs: pd.DataFrame, how: str) -> list[Place]:
    by_key: dict[str, list[str]] = {}
    for key, item in zip(pairs["key"].tolist(), pairs["item"].tolist(), strict=True):
        by_key.setdefault(key, []).append(item)
    return [Place(key=key, items=tuple(sorted(items)), how=how) for key, items in sorted(by_key.items())]


def near_amounts(
    wanted: Iterable[tuple[str, Dong, int]],
    offered: Iterable[tuple[str, Dong, int]],
    *,
    days: int,
    most: int | None = None,
) -> dict[str, tuple[str, ...]]:
    """For each wanted (name, signed amount, day) the names offered with the same amount within ``days`` days.

    Where more than ``most`` fit, none is named: dues of a month are mostly of a few amounts, and a join would bring
    each of them together with every other.
    """
    by_amount: dict[Dong, list[tuple[int, str]]] = {}
    for name, amount, on in offered:
        by_amount.setdefault(amount, []).append((on, name))
    for rows in by_amount.values():
        rows.sort()
    found = {}
    for name, amount, on in wanted:
        rows = by_amount.get(amount, [])
        first, last = bisect_left(rows, (on - days, "")), bisect_left(rows, (on + days + 1, ""))
        if last > first and (most is None or last - first <= most):
            found[name] = tuple(sorted(other for _, other in rows[first:last]))
    return found
