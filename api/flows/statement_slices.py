"""A long statement as several of whole days, each with balances of its own, without ever holding all its lines."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from adapters.bank.opened import OpenedStatement
from domain.money import Dong
from domain.notice import BankLine, BankStatement, Direction

#: So many lines go into the log by one command; a longer statement goes in by slices of whole days.
SLICE = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """Some days of a statement, in order; ``count`` lines lead from ``opening`` to ``closing``. đồng."""

    from_date: date
    to_date: date
    opening: Dong
    closing: Dong
    count: int
    digest: str  #: the name under which the ledger knows these days of the file


@dataclass(frozen=True, slots=True, kw_only=True)
class Sliced:
    """A statement and its slices; ``in_order`` says that the file's lines go from day to day."""

    opened: OpenedStatement
    slices: tuple[Slice, ...]
    in_order: bool


def plan(opened: OpenedStatement, digest: str, most: int = SLICE) -> Sliced:
    """How a statement goes in; ``digest`` names it whole. Its lines are gone through once, and only counted.

    A day is never divided, so a slice has more than ``most`` lines where one day has.
    """
    if opened.count <= most:
        whole = Slice(
            from_date=opened.from_date,
            to_date=opened.to_date,
            opening=opened.opening,
            closing=opened.closing,
            count=opened.count,
            digest=digest,
        )
        return Sliced(opened=opened, slices=(whole,), in_order=True)
    counts: dict[date, int] = {}
    moved: dict[date, Dong] = {}
    in_order, before = True, opened.from_date
    for line in opened.lines():
        day = line.booked_on
        counts[day] = counts.get(day, 0) + 1
        moved[day] = moved.get(day, 0) + (line.amount if line.direction is Direction.IN else -line.amount)
        in_order = in_order and before <= day
        before = day
    days = _grouped(counts, most)
    slices: list[Slice] = []
    first, opening = opened.from_date, opened.opening
    for number, chosen in enumerate(days):
        last = opened.to_date if number == len(days) - 1 else chosen[-1]
        closing = opening + sum(moved[day] for day in chosen)
        named = f"{digest}/{first}/{last}"
        slices.append(
            Slice(
                from_date=first,
                to_date=last,
                opening=opening,
                closing=closing,
                count=sum(counts[day] for day in chosen),
                digest=hashlib.sha256(named.encode()).hexdigest(),
            )
        )
        first, opening = last + timedelta(days=1), closing
    return Sliced(opened=opened, slices=tuple(slices), in_order=in_order)


def _grouped(counts: dict[date, int], most: int) -> list[list[date]]:
    found: list[list[date]] = [[]]
    held = 0
    for day in sorted(counts):
        if found[-1] and held + counts[day] > most:
            found.append([])
            held = 0
        found[-1].append(day)
        held += counts[day]
    return found


def statements(sliced: Sliced, wanted: Sequence[Slice] | None = None) -> Iterator[tuple[Slice, BankStatement]]:
    """The slices (all, or those wanted, in their order) as statements, one at a time in memory."""
    chosen = sliced.slices if wanted is None else tuple(wanted)
    if not sliced.in_order:
        for one in chosen:
            days = (x for x in sliced.opened.lines() if one.from_date <= x.booked_on <= one.to_date)
            yield one, _statement(sliced.opened, one, days)
        return
    by_last = {one.to_date: one for one in chosen}
    ends = [one.to_date for one in sliced.slices]

    def slice_end(line: BankLine) -> date:
        return next(end for end in ends if line.booked_on <= end)

    seen: set[date] = set()
    for end, lines in groupby(sliced.opened.lines(), slice_end):
        if end in by_last:
            seen.add(end)
            yield by_last[end], _statement(sliced.opened, by_last[end], lines)
    for one in chosen:
        if one.to_date not in seen:
            # A statement without a line still has its days and balances.
            yield one, _statement(sliced.opened, one, iter(()))


def _statement(opened: OpenedStatement, one: Slice, lines: Iterator[BankLine]) -> BankStatement:
    return BankStatement(
        account_number=opened.account_number,
        bin=opened.bin,
        from_date=one.from_date,
        to_date=one.to_date,
        opening=one.opening,
        closing=one.closing,
        lines=tuple(lines),
        format=opened.format,
        file_digest=one.digest,
    )
