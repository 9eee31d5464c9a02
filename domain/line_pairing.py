"""Which lines of two files are one booking: by day, direction and amount, then by the bank's reference, else in order.

Two statements of one day have the same movements, so lines that no partner is left for mean a missing line or another
account, and are named.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, Protocol, TypeVar

from domain.money import Dong
from domain.notice import Direction


class Booked(Protocol):
    """What of a line tells it apart from others."""

    @property
    def booked_on(self) -> date:
        """The day on which the bank booked it."""

    @property
    def direction(self) -> Direction:
        """In or out."""

    @property
    def amount(self) -> Dong:
        """Always positive; đồng."""

    @property
    def bank_reference(self) -> str | None:
        """The bank's own number, where the file has one."""


B = TypeVar("B", bound=Booked)


@dataclass(frozen=True, slots=True)
class Alone(Generic[B]):
    """Lines without a partner on either side."""

    known: tuple[B, ...]
    told: tuple[B, ...]


def pair(
    known: Sequence[B], told: Sequence[B], *, same_format: Callable[[B], bool]
) -> tuple[tuple[tuple[B, B], ...], Alone[B]]:
    """Pair ``known`` with ``told``, both in the order of their files.

    Within one day, direction and amount, equal bank references pair first and the rest in order. Where both files have
    the same format, two different references are two bookings.
    """
    pairs: list[tuple[B, B]] = []
    left_known: list[B] = []
    left_told: list[B] = []
    here, there = _groups(known), _groups(told)
    for group in dict.fromkeys((*here, *there)):
        ours, theirs = here[group], there[group]
        by_reference: dict[str, list[B]] = defaultdict(list)
        for line in theirs:
            if line.bank_reference is not None:
                by_reference[folded(line.bank_reference)].append(line)
        rest: list[B] = []
        used: set[int] = set()
        for line in ours:
            found = by_reference.get(folded(line.bank_reference or ""))
            if found:
                partner = found.pop(0)
                used.add(id(partner))
                pairs.append((line, partner))
            else:
                rest.append(line)
        open_told = [line for line in theirs if id(line) not in used]
        for line in rest:
            partner_at = next((n for n, other in enumerate(open_told) if _may_be(line, other, same_format)), None)
            if partner_at is None:
                left_known.append(line)
            else:
                pairs.append((line, open_told.pop(partner_at)))
        left_told += open_told
    return tuple(pairs), Alone(tuple(left_known), tuple(left_told))


def folded(reference: str) -> str:
    """A bank's reference without blanks, marks and case, since formats write it differently."""
    return "".join(character for character in reference.upper() if character.isalnum())


def _may_be(known: B, told: B, same_format: Callable[[B], bool]) -> bool:
    both = known.bank_reference is not None and told.bank_reference is not None
    return not (both and same_format(known))


def _groups(lines: Iterable[B]) -> dict[tuple[date, Direction, Dong], list[B]]:
    found: dict[tuple[date, Direction, Dong], list[B]] = defaultdict(list)
    for line in lines:
        found[line.booked_on, line.direction, line.amount].append(line)
    return found
