"""The bank's balance and the book day by day, with a name for each đồng between them (I13)."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate

from domain.money import Dong
from ledger.reports_reconciliation import Break, BreakKind, DayTieOut
from reconciliation.facts import LineFact, Movement, Span

#: Before every day: what was there when the books began.
BEGINNING = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A named part of (bank - book) from a day on; ``on`` is a proleptic ordinal, the amount is signed."""

    kind: BreakKind
    on: int
    amount: Dong


@dataclass(frozen=True, slots=True, kw_only=True)
class Jump:
    """A statement begins with another balance than the lines before it lead to."""

    on: date
    is_first: bool
    expected: Dong
    stated: Dong


def jumps(spans: Sequence[Span], lines: Sequence[LineFact], opening: Dong) -> tuple[Jump, ...]:
    """Where a statement's opening balance does not follow from the book's opening and the lines known before."""
    found = []
    step = opening
    for place, span in enumerate(sorted(spans, key=lambda s: (s.from_date, s.to_date))):
        before = sum(line.amount for line in lines if line.booked_on < span.from_date)
        base = span.opening - before
        if base != step:
            found.append(Jump(on=span.from_date, is_first=place == 0, expected=step + before, stated=span.opening))
            step = base
    return tuple(found)


def shares_of(jump: Jump) -> Share:
    """A jump as a named part of the difference; one before the first statement is there from the beginning."""
    on = BEGINNING if jump.is_first else jump.on.toordinal()
    return Share(kind=BreakKind.STATEMENT_GAP, on=on, amount=jump.stated - jump.expected)


def tie_out(
    *,
    lines: Sequence[LineFact],
    spans: Sequence[Span],
    book: Sequence[Movement],
    opening: Dong,
    shares: Iterable[Share],
    explained: Mapping[str, Dong],
    from_date: date,
    to_date: date,
    suspense: Sequence[tuple[int, Dong]] = (),
    also: Iterable[date] = (),
) -> tuple[DayTieOut, ...]:
    """One row for the first and last day, each day on which bank or book moved or a statement ended, and ``also``.

    ``book`` are the movements on 1120, ``opening`` the book's opening balance, ``suspense`` the (day, amount)
    movements of money without an owner; all count from their own day on. ``explained`` is the part of each line that
    is explained, by its key.
    """
    moved = (*(x.booked_on for x in lines), *(m.on for m in book), *(s.to_date for s in spans))
    days = sorted({from_date, to_date, *(d for d in (*moved, *also) if from_date <= d <= to_date)})
    jumped = jumps(spans, lines, opening)
    bank_in = _sums((x.booked_on.toordinal(), x.amount) for x in lines if x.amount > 0)
    bank_out = _sums((x.booked_on.toordinal(), -x.amount) for x in lines if x.amount < 0)
    clear = _sums((x.booked_on.toordinal(), explained[x.key]) for x in lines if x.key in explained)
    at = [day.toordinal() for day in days]
    gaps = [shares_of(jump) for jump in jumped]
    net = _running([*((x.booked_on.toordinal(), x.amount) for x in lines), *((gap.on, gap.amount) for gap in gaps)], at)
    books = _running([(m.on.toordinal(), m.amount) for m in book], at)
    named = _named([*shares, *gaps], at)
    waiting = _running(suspense, at)
    rows = []
    for place, day in enumerate(days):
        money_in, money_out = bank_in.get(at[place], 0), bank_out.get(at[place], 0)
        closing = opening + net[place]
        rows.append(
            DayTieOut(
                day=day,
                covered=any(s.from_date <= day <= s.to_date for s in spans),
                opening=closing - money_in + money_out,
                money_in=money_in,
                money_out=money_out,
                closing=closing,
                stated_closing=_stated(spans, day, closing),
                book=opening + books[place],
                suspense=waiting[place],
                breaks=tuple(
                    Break(kind=k, amount=named[k][place]) for k in BreakKind if k in named and named[k][place]
                ),
                explained=clear.get(at[place], 0),
                left=money_in + money_out - clear.get(at[place], 0),
            )
        )
    return tuple(rows)


def _stated(spans: Sequence[Span], day: date, closing: Dong) -> Dong | None:
    """What a statement that ends on the day says; of several, one that disagrees."""
    stated = sorted((s.closing for s in spans if s.to_date == day), key=lambda balance: balance == closing)
    return stated[0] if stated else None


def _sums(rows: Iterable[tuple[int, Dong]]) -> dict[int, Dong]:
    sums: dict[int, Dong] = {}
    for on, amount in rows:
        sums[on] = sums.get(on, 0) + amount
    return sums


def _running(rows: Sequence[tuple[int, Dong]], at: Sequence[int]) -> list[Dong]:
    """The sum of what lies on or before each day of ``at`` (ascending)."""
    by_day: dict[int, Dong] = {}
    for on, amount in rows:
        by_day[on] = by_day.get(on, 0) + amount
    known = sorted(by_day)
    sums = list(accumulate(by_day[on] for on in known))
    return [sums[place - 1] if (place := bisect_right(known, day)) else 0 for day in at]


def _named(shares: Iterable[Share], at: Sequence[int]) -> dict[BreakKind, list[Dong]]:
    by_kind: dict[BreakKind, list[tuple[int, Dong]]] = {}
    for share in shares:
        by_kind.setdefault(share.kind, []).append((share.on, share.amount))
    return {kind: _running(rows, at) for kind, rows in by_kind.items()}
