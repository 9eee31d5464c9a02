"""Every statutory book by its kind: made as of a position, as JSON bytes, and as the figures that a signature keeps."""

import hashlib
from dataclasses import dataclass, replace
from typing import assert_never

import msgspec

from domain import book
from domain.book import ColumnName, Figure, ReportColumnSet
from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId, UnitId
from domain.period import Period, first_day, months_of, parse_period, period_end
from ledger.checks.signed import Remade, Remake
from ledger.statutory.b01 import B01, b01
from ledger.statutory.cell_money import months_money
from ledger.statutory.heading import BookKind, Heading, heading
from ledger.statutory.member_year import MemberYear, member_year
from ledger.statutory.public_posting import PublicPosting, public_posting
from ledger.statutory.roll_up import COMMUNE, ENTERPRISE, OTHER
from ledger.statutory.s01 import S01, s01
from ledger.statutory.s01_tcd import S01Tcd, s01_tcd
from ledger.statutory.s02 import S02, s02
from ledger.statutory.sources import Sources, named
from ledger.statutory.tree import ground_at, periods_of


@dataclass(frozen=True, slots=True, kw_only=True)
class TcdBook:
    """S01-TCĐ with its heading."""

    heading: Heading
    figures: S01Tcd


@dataclass(frozen=True, slots=True, kw_only=True)
class PostingPage:
    """The public posting with its heading."""

    heading: Heading
    figures: PublicPosting


Statutory = S01 | S02 | B01 | TcdBook | MemberYear | PostingPage

_COLUMN: dict[ColumnName, int] = {
    ColumnName.COMMUNE: COMMUNE,
    ColumnName.ENTERPRISE: ENTERPRISE,
    ColumnName.OTHER: OTHER,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which book: its kind, the unit, the period ("2026-07", "2026-Q3" or "2026"), the member of a member's year."""

    kind: BookKind
    unit_id: UnitId
    period: str
    subject: str = ""


def make(sources: Sources, asked: Asked, *, at: int) -> Statutory:
    """The book as of log position ``at``; the same position gives the same book for ever."""
    unit, kind = asked.unit_id, asked.kind
    match kind:
        case BookKind.S01:
            return s01(sources, unit, _year(asked), at=at)
        case BookKind.S02:
            return s02(sources, unit, parse_period(asked.period), at=at, columns=columns_at(sources, at))
        case BookKind.B01:
            return b01(sources, unit, parse_period(asked.period), at=at, columns=columns_at(sources, at))
        case BookKind.S01_TCD:
            span = _span(asked)
            first, last = first_day(months_of(span[0])[0]), period_end(span[-1])
            figures = s01_tcd(sources, unit, first, last, until=at)
            return TcdBook(heading=heading(ground_at(sources, at), kind, unit, asked.period, last), figures=figures)
        case BookKind.MEMBER_YEAR:
            return member_year(sources, unit, MemberId(asked.subject), _year(asked), at=at)
        case BookKind.POSTING:
            month = parse_period(asked.period)
            return _posting(sources, asked, month, at)
        case _:
            assert_never(kind)


def _year(asked: Asked) -> int:
    if len(asked.period) == 4 and asked.period.isascii() and asked.period.isdigit():
        return int(asked.period)
    raise Refusal(RefusalCode.MONTH_MALFORMED, f"Sổ {asked.kind} lập theo năm, ví dụ 2026; nhận được {asked.period!r}.")


def _posting(sources: Sources, asked: Asked, period: Period, at: int) -> PostingPage:
    """The posting, in which refunds after the split stand in the period that was open then, as in S01/ĐP."""
    unit = asked.unit_id
    told = periods_of(sources, (unit,), until=at)[unit]
    months = months_money(sources, told, unit, int(period[:4]), until=at)
    now = [m for m in months if m.month in months_of(period)]
    collected, kept = sum(m.collected for m in now), sum(m.kept for m in now)
    figures = public_posting(sources, unit, period, until=at)
    if figures.declared:
        payable = collected + figures.from_subordinates - kept
        figures = replace(figures, collected=collected, kept=kept, payable=payable)
    head = heading(ground_at(sources, at), asked.kind, unit, period, period_end(period))
    return PostingPage(heading=head, figures=figures)


def _span(asked: Asked) -> tuple[Period, ...]:
    """The first and the last month of a month, a quarter or a year."""
    if "-" in asked.period:
        return (parse_period(asked.period),)
    year = _year(asked)
    return Period(f"{year:04d}-01"), Period(f"{year:04d}-12")


def columns_at(sources: Sources, at: int) -> dict[UnitId, int]:
    """The columns of B01/ĐP decided for units, as of a position."""
    found: dict[UnitId, int] = {}
    for recorded in named(sources, ("report-column-set",), until=at):
        if isinstance(recorded.event, ReportColumnSet):
            found[recorded.event.unit_id] = _COLUMN[recorded.event.column]
    return found


def json_of(made: Statutory) -> bytes:
    """The book as JSON: fields in the order of their declaration, members by id, no names of people."""
    return msgspec.json.encode(made)


def figures_of(made: Statutory) -> tuple[Figure, ...]:
    """The figures that a signature keeps beside the digests, so that a difference can be named."""
    return tuple(Figure(name=name, amount=amount) for name, amount in _figures(made))


def _figures(made: Statutory) -> list[tuple[str, int]]:
    match made:
        case B01():
            return [(line.number, line.values[3]) for line in made.lines]
        case S01():
            names = ("collected", "kept", "sent")
            sums = [sum(getattr(month, name) for month in made.months) for name in names]
            return list(zip(names, sums, strict=True))
        case S02():
            received = sum(row.remitted for row in made.rows)
            return [("remitted", received), ("own", made.own), ("kept", made.kept), ("payable", made.payable)]
        case TcdBook():
            f = made.figures
            return [("in", f.period.total_in), ("out", f.period.total_out), ("balance", f.balance)]
        case MemberYear():
            return [(name, sum(getattr(month, name) for month in made.months)) for name in ("due", "paid", "open")]
        case PostingPage():
            p = made.figures
            return [("collected", p.collected), ("kept", p.kept), ("sent", p.sent), ("spent", p.spent_total)]
        case _:
            assert_never(made)


def asked_of(signed: book.BookSigned) -> Asked:
    """Which book was signed."""
    return Asked(kind=BookKind(signed.kind), unit_id=signed.unit_id, period=signed.period, subject=signed.subject)


def remake(sources: Sources) -> Remake:
    """A way to make signed books again, for checks."""

    def again(signed: book.BookSigned) -> Remade:
        made = make(sources, asked_of(signed), at=signed.position)
        return Remade(json=hashlib.sha256(json_of(made)).hexdigest(), figures=figures_of(made))

    return again
