"""Pairs bank lines with items of the book: by the evidence that events recorded, then by case, amount and order.

A line or an item that was taken by one step is not there for the next: nothing is consumed twice. Every step is one
pass over dictionaries: most accounts have tens of lines, for which building frames took longer than all the pairing,
and at 200,000 lines the same code is no slower than the merges it replaced.
"""

from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass

from domain.money import Dong
from reconciliation.facts import Evidence, LineFact


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
    line_rows = {line.key: line for line in sorted(lines, key=lambda line: (line.booked_on, line.key))}
    item_rows = {item.item: item for item in sorted(items, key=lambda item: (item.on, item.item))}
    known = sorted(evidence, key=lambda e: (e.position, e.line_key, e.item or ""))
    named = _by_evidence(line_rows, item_rows, known)
    taken = {item for found in named.values() for item in found}
    left_items = [item for item in item_rows.values() if item.item not in taken]
    first: dict[str, str] = {}
    for one in known:
        first.setdefault(one.line_key, one.case)
    cased = [(line, first[key]) for key, line in line_rows.items() if key not in named and key in first]
    same = _by_rank(cased, left_items, _amount, _expected)
    cased = [(line, case) for line, case in cased if line.key not in same]
    left_items = _without(left_items, same)
    other = _by_rank(cased, left_items, _line_sign, _item_sign)
    left_items = _without(left_items, other)
    loose = [line for key, line in line_rows.items() if key not in named and key not in first]
    hinted = _by_reference(loose, left_items, hints)
    places = [
        *_places(named, "evidence"),
        *_places(same, "case"),
        *_places(other, "order"),
        *_places(hinted, "reference"),
    ]
    taken_lines = {place.key for place in places}
    taken_items = {item for place in places for item in place.items}
    places += [Place(key=key, items=(), how="alone") for key in line_rows if key not in taken_lines]
    places += [Place(key=None, items=(item,), how="alone") for item in item_rows if item not in taken_items]
    return tuple(places)


_Pairs = dict[str, list[str]]


def _by_evidence(lines: Container[str], items: Container[str], known: Iterable[Evidence]) -> _Pairs:
    """Lines that an event names for an item. An item takes the line named first; one line may answer several."""
    pairs: _Pairs = {}
    taken: set[str] = set()
    for one in known:
        if one.item is not None and one.item not in taken and one.item in items and one.line_key in lines:
            taken.add(one.item)
            pairs.setdefault(one.line_key, []).append(one.item)
    return pairs


def _amount(line: LineFact) -> int:
    return line.amount


def _expected(item: OpenItem) -> int:
    return item.expected


def _line_sign(line: LineFact) -> int:
    return line.amount > 0


def _item_sign(item: OpenItem) -> int:
    return item.expected > 0


def _by_rank(
    lines: Iterable[tuple[LineFact, str]],
    items: Iterable[OpenItem],
    of_line: Callable[[LineFact], int],
    of_item: Callable[[OpenItem], int],
) -> _Pairs:
    """Pair within a case what agrees in a figure: the n-th line with the n-th item, in order of their days."""
    waiting: dict[tuple[str, int], deque[str]] = {}
    for item in items:
        waiting.setdefault((item.case, of_item(item)), deque()).append(item.item)
    pairs: _Pairs = {}
    for line, case in lines:
        offered = waiting.get((case, of_line(line)))
        if offered:
            pairs[line.key] = [offered.popleft()]
    return pairs


def _without(items: Iterable[OpenItem], pairs: _Pairs) -> list[OpenItem]:
    taken = {item for found in pairs.values() for item in found}
    return [item for item in items if item.item not in taken]


def _by_reference(lines: Iterable[LineFact], items: list[OpenItem], hints: Iterable[tuple[str, str]]) -> _Pairs:
    """Lines that nothing ties but the reference they carry, with another amount than what waits under it.

    Equal amounts are left apart: that line could have been placed and was not, which is for a person to see.
    """
    case_of: dict[str, str] = {}
    for key, case in sorted(set(hints)):
        case_of.setdefault(key, case)
    cased = [(line, case_of[line.key]) for line in lines if line.key in case_of]
    same = _by_rank(cased, items, _amount, _expected)
    rest = [(line, case) for line, case in cased if line.key not in same]
    return _by_rank(rest, _without(items, same), _line_sign, _item_sign)


def _places(pairs: _Pairs, how: str) -> list[Place]:
    return [Place(key=key, items=tuple(sorted(items)), how=how) for key, items in sorted(pairs.items())]


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
