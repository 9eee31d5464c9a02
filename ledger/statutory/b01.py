"""B01/ĐP, the report on dues collected and remitted: fourteen lines by three kinds of organisation and their sum.

A broken identity refuses to be printed. Source of the lines: rules §3 (141-CV/VPTW/nb and 1266-CV/VPTW/nb, form
B01/ĐP); of how they follow from postings: accounting §4.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from domain.declaration import Declared
from domain.errors import Refusal, RefusalCode
from domain.identifiers import UnitId
from domain.money import Dong
from domain.organisation_history import on as tree_on
from domain.organisation_history import once_below
from domain.past import UnitMonth
from domain.period import Month, Period, months_of, period_end
from ledger.statutory.annex import LatePart, late_parts
from ledger.statutory.heading import BookKind, Heading, heading
from ledger.statutory.old_books import before_ours, old_months
from ledger.statutory.roll import counts_on, memberships
from ledger.statutory.roll_up import COLUMNS, RollUp, Row, Sums
from ledger.statutory.sources import Sources
from ledger.statutory.tree import Ground, UnitPeriods, ground_at, periods_of, within

#: Columns 1 to 4; the fourth is the sum. None: the line has no figure by kind of organisation.
Values = tuple[int | None, int | None, int | None, int]

#: Line → what it says.
LINES: Mapping[str, str] = {
    "01": "Tổng số đảng viên đến cuối kỳ báo cáo",
    "02": "Số đảng phí đã thu trong kỳ",
    "03": "Số đảng phí đã thu lũy kế từ đầu năm",
    "04": "Đảng phí trích giữ lại ở các cấp trong kỳ (05 + 06 + 07)",
    "05": "Chi bộ, đảng bộ bộ phận",
    "06": "Tổ chức cơ sở đảng",
    "07": "Cấp trên cơ sở",
    "08": "Đảng phí trích giữ lại ở các cấp lũy kế từ đầu năm (09 + 10 + 11)",
    "09": "Chi bộ, đảng bộ bộ phận",
    "10": "Tổ chức cơ sở đảng",
    "11": "Cấp trên cơ sở",
    "12": "Đảng phí phải nộp lên cấp trên trong kỳ (02 − 04)",
    "13": "Đảng phí phải nộp lên cấp trên lũy kế từ đầu năm (03 − 08)",
    "14": "Đảng phí còn phải nộp cấp trên đến cuối kỳ",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line; members are counted, everything else is đồng."""

    number: str
    title: str
    values: Values


@dataclass(frozen=True, slots=True, kw_only=True)
class B01:
    """The report with its annexes.

    ``unallocated`` is what was collected in the period and no share splits («chưa phân bổ»), less what a late share has
    split in it; ``unallocated_ytd`` the same since the year began. Where they are not zero, 02 − 04 − unallocated = 12.
    ``claw_back`` is what the superior owes back for refunds and has not settled. ``old_books`` are the months from
    before our own books that stand in lines 03, 08 and 13 as old books tell them.
    """

    heading: Heading
    lines: tuple[Line, ...]
    unallocated: Values
    unallocated_ytd: Values
    claw_back: Dong
    old_books: tuple[UnitMonth, ...]
    late: tuple[LatePart, ...]
    missing: tuple[Month, ...]  #: months of the period that the unit has neither declared nor held
    elsewhere: tuple[str, ...]  #: "unit:period" declared in another shard: only what it remitted is known
    shares: tuple[str, ...]  #: documents of the shares applied

    def value(self, number: str) -> int:
        """The sum column of a line."""
        return next(line.values[3] for line in self.lines if line.number == number)


def b01(sources: Sources, unit: UnitId, period: Period, *, at: int, columns: Mapping[UnitId, int] | None = None) -> B01:
    """The report of a unit for a month or quarter as of log position ``at``.

    Refuses ``not-declared`` when the last month of the period is neither declared nor held, and ``book-broken`` when
    an identity does not hold.
    """
    ground = ground_at(sources, at)
    periods = load_subtree(sources, ground, unit, period)
    told = periods[unit]
    covered = {month for _, reported in told.reports() for month in months_of(reported)}
    if months_of(period)[-1] not in covered:
        raise Refusal(
            RefusalCode.NOT_DECLARED,
            f"{unit} chưa chốt kỳ {period} (đến vị trí {at} của sổ). Chốt kỳ trước khi lập B01.",
        )
    rolled = RollUp(ground, periods, columns or {})
    end = period_end(period)
    in_period = report_sums(rolled, unit, lambda p: within(p, period))
    in_year = report_sums(rolled, unit, lambda p: p[:4] == period[:4] and period_end(p) <= end)
    brought = old_months(sources, ground, (unit,))[unit]
    brought = before_ours(brought, told, year=period[:4], until=months_of(period)[-1])
    bring_forward(rolled, unit, period, in_year, brought)
    members = _members(sources, ground, rolled, unit, period)
    report = B01(
        heading=heading(ground, BookKind.B01, unit, period, end),
        lines=_lines(rolled, in_period, in_year, members, owed_upwards(sources, unit, period, at=at)),
        unallocated=_values(in_period.unallocated),
        unallocated_ytd=_values(in_year.unallocated),
        claw_back=sum(move.amount for move in sources.moves(unit, ("1380",), until=at)),
        old_books=brought,
        late=late_parts(sources, ground, rolled, unit, period),
        missing=tuple(month for month in months_of(period) if month not in covered),
        elsewhere=tuple(sorted(f"{sub}:{sub_period}" for sub, sub_period in rolled.elsewhere)),
        shares=_documents(told, period),
    )
    check(report)
    return report


def load_subtree(sources: Sources, ground: Ground, unit: UnitId, period: Period) -> dict[UnitId, UnitPeriods]:
    """Declarations of the unit, of everything they count, level by level, and of what stands directly below now."""
    found: dict[UnitId, UnitPeriods] = {}
    wanted = {unit, *once_below(ground.organisation, unit)}
    while wanted:
        loaded = periods_of(sources, sorted(wanted), until=ground.position)
        found |= loaded
        wanted = {
            part.unit_id
            for told in loaded.values()
            for parts in (*(made.subordinates for made in told.split()), *(b.subordinates for b in told.below))
            for part in parts
        }
        wanted |= {event.from_unit_id for told in loaded.values() for event in told.inherited}
        wanted -= found.keys()
    return found


def report_sums(rolled: RollUp, unit: UnitId, wanted: Callable[[Period], bool]) -> Sums:
    """A unit's reports of the periods wanted, with the refunds and corrections that they show."""
    told, sums, payable = rolled.told(unit), Sums(), 0
    shown: list[tuple[Period, tuple[str, ...]]] = []
    for _, made in told.declared:
        if wanted(made.period):
            sums.add(rolled.gross(unit, made))
            payable += made.payable
            shown.append((made.period, rolled.refunds_in(unit, made.period, made.subordinates)))
    for _, held in told.held:
        if wanted(held.period):
            parts = next((b.subordinates for b in reversed(told.below) if b.period == held.period), ())
            own = held.collected - sum(part.amount for part in parts)
            more = rolled.collected(unit, own, parts)
            more.unallocated = rolled.base(unit, more, parts)
            sums.add(more)
            shown.append((held.period, rolled.refunds_in(unit, held.period, parts)))
    for _, late in told.allocated:
        if wanted(Period(late.booked_in)):
            whole = rolled.gross(unit, late)
            before = rolled.collected(unit, late.own_collected, late.subordinates)
            _allocate(sums, whole, before, rolled.base(unit, before, late.subordinates))
            payable += late.payable
    for reported, refunds in shown:
        for refund in refunds:
            sums.add(rolled.refunded(refund, unit))
            payable -= sum(e.passed_part for _, e in told.restated if e.refund_id == refund)
        corrected, passed = rolled.corrections(unit, reported)
        sums.add(corrected)
        payable -= passed
    if sum(sums.up()) != payable:
        raise _broken(unit, f"phải nộp theo cấp dưới {sum(sums.up())} đồng, theo kê khai {payable} đồng")
    return sums


def _allocate(sums: Sums, whole: Sums, before: Sums, base: Row) -> None:
    """A late share splits money that an older report showed as not allocated: it is kept and passed up now."""
    for c in range(COLUMNS):
        sums.unallocated[c] -= base[c]
        for line in range(3):
            sums.kept[line][c] += whole.kept[line][c] - before.kept[line][c]


def bring_forward(rolled: RollUp, unit: UnitId, period: Period, in_year: Sums, brought: tuple[UnitMonth, ...]) -> None:
    """The unit's own year to date from before its books began here: by the signed opening, else by its old books.

    What it kept stands in the unit's own line, since neither says which level kept it.
    """
    opening = rolled.told(unit).opening
    collected, kept = sum(one.collected for one in brought), sum(one.kept for one in brought)
    if opening is not None and str(opening.as_of.year) == period[:4]:
        collected += opening.ytd_collected
        kept += opening.ytd_kept
    if collected or kept:
        column = rolled.column(unit)
        in_year.collected[column] += collected
        in_year.kept[rolled.line(unit, period)][column] += kept


def _members(sources: Sources, ground: Ground, rolled: RollUp, unit: UnitId, period: Period) -> Row:
    """Members on the rolls beneath the unit on the last day of the period."""
    day = period_end(period)
    org = tree_on(ground.organisation, day)
    row = [0] * COLUMNS
    counts = counts_on(memberships(sources, until=ground.position), day)
    stack, seen = [unit], set()
    while stack:
        one = stack.pop()
        if one not in seen:
            seen.add(one)
            row[rolled.column(one)] += counts.get(one, 0)
            stack += org.below.get(one, ())
    return row


def owed_upwards(sources: Sources, unit: UnitId, period: Period, *, at: int) -> Dong:
    """Line 14: payable (3360) less what is under way (1150) of the periods up to this one.

    Money on account of a period that has no share yet is under way and owed by nobody, so it takes nothing off.
    """
    end = period_end(period)
    owed: dict[str, Dong] = defaultdict(int)
    under_way: dict[str, Dong] = defaultdict(int)
    for move in sources.moves(unit, ("3360", "1150"), until=at):
        if move.account == "3360":
            owed[move.key] += move.amount
        else:
            under_way[move.key.rsplit("/", 2)[1]] += move.amount
    return sum(due - under_way[of] for of, due in owed.items() if due and period_end(Period(of)) <= end)


def _documents(told: UnitPeriods, period: Period) -> tuple[str, ...]:
    events: list[Declared] = [e for _, e in told.declared if within(e.period, period)]
    events += [e for _, e in told.allocated if within(Period(e.booked_in), period)]
    named = [f"{e.share_document}{' (tỷ lệ ví dụ)' if e.is_example else ''}" for e in events]
    return tuple(dict.fromkeys(named))


def _values(row: Row) -> Values:
    return row[0], row[1], row[2], sum(row)


def _lines(rolled: RollUp, now: Sums, year: Sums, members: Row, owed: Dong) -> tuple[Line, ...]:
    rows: dict[str, Row] = {
        "01": members,
        "02": now.collected,
        "03": year.collected,
        "04": now.kept_by_all(),
        "05": now.kept[0],
        "06": now.kept[1],
        "07": now.kept[2],
        "08": year.kept_by_all(),
        "09": year.kept[0],
        "10": year.kept[1],
        "11": year.kept[2],
        "12": now.up(),
        "13": year.up(),
    }
    lines = [Line(number=number, title=LINES[number], values=_values(row)) for number, row in rows.items()]
    # What was remitted is one sum, so what is still owed stands in a column only where there is but one.
    used = [c for c in range(COLUMNS) if any(row[c] for number, row in rows.items() if number != "01")]
    by_column: list[int | None] = [None] * COLUMNS
    if len(used) <= 1:
        by_column = [0] * COLUMNS
        by_column[used[0] if used else 0] = owed
    last = Line(number="14", title=LINES["14"], values=(by_column[0], by_column[1], by_column[2], owed))
    return (*lines, last)


def check(report: B01) -> None:
    """The identities of the form, in every column; refuses ``book-broken``."""
    values = {line.number: line.values for line in report.lines}
    for number, row in values.items():
        if None not in row[:3] and sum(value or 0 for value in row[:3]) != row[3]:
            raise _broken(UnitId(report.heading.unit_id), f"chỉ tiêu {number}: cột 4 khác 1 + 2 + 3")

    def at(number: str, c: int) -> int:
        return values[number][c] or 0

    for c in range(COLUMNS + 1):
        held, held_ytd = report.unallocated[c] or 0, report.unallocated_ytd[c] or 0
        identities = {
            "04 = 05 + 06 + 07": at("04", c) == at("05", c) + at("06", c) + at("07", c),
            "08 = 09 + 10 + 11": at("08", c) == at("09", c) + at("10", c) + at("11", c),
            "12 = 02 − 04": at("12", c) == at("02", c) - at("04", c) - held,
            "13 = 03 − 08": at("13", c) == at("03", c) - at("08", c) - held_ytd,
        }
        for identity, holds in identities.items():
            if not holds:
                raise _broken(UnitId(report.heading.unit_id), f"cột {c + 1}: {identity} không đúng")


def _broken(unit: UnitId, what: str) -> Refusal:
    return Refusal(
        RefusalCode.BOOK_BROKEN,
        f"B01 của {unit}: {what}. Không in báo cáo khi số liệu không khớp; chạy «dangphi verify» để tìm chỗ lệch.",
    )
