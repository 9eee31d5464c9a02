"""The treasurer's workbook: what a reconciliation found, in sheets that can be filtered, worked in and printed.

Totals and checks are live formulas over the lists. Written in Vietnamese; amounts are whole đồng. The accounts are gone
through twice, once for what stands above the lists and once for the lists, and no row is kept in memory.
"""

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

from adapters.books import treasurer_days, treasurer_lists
from adapters.books.sheet import BAD, GOOD, Column, Formula, Kind, Value
from adapters.books.stream_book import StreamBook
from adapters.books.treasurer_charts import ChartSums, draw, write_chart_data
from adapters.books.treasurer_days import BOOK, CHECK, CLOSING, EXPLAINED, IN, OUT, REST, explained_share
from adapters.books.treasurer_lists import AGES, DAYS, LEFT, SUMMARY, SUSPENSE, TOP, Listing, Names, age_group, waiting
from domain.money import Dong
from ledger.reports_reconciliation import LEFTOVER_TITLES, LeftoverKind, ReconciliationResult

_SUMMARY = (
    Column(title="Tài khoản", width=27),
    Column(title="Đơn vị", width=30),
    Column(title="Số dư đầu", width=15, kind=Kind.MONEY),
    Column(title="Tiền vào", width=15, kind=Kind.MONEY),
    Column(title="Tiền ra", width=15, kind=Kind.MONEY),
    Column(title="Số dư cuối (ngân hàng)", width=15, kind=Kind.MONEY),
    Column(title="Sổ 1120", width=15, kind=Kind.MONEY),
    Column(title="Chênh lệch có tên", width=15, kind=Kind.MONEY),
    Column(title="Kiểm tra", width=10),
    Column(title="Đã giải thích", width=15, kind=Kind.MONEY),
    Column(title="Chưa giải thích", width=15, kind=Kind.MONEY),
    Column(title="Tỷ lệ giải thích", width=11, kind=Kind.PERCENT),
    Column(title="Kỳ", width=16),
)
_KINDS = (
    Column(title="Còn phải xử lý", width=27),
    Column(title="Số mục", width=30, kind=Kind.COUNT),
    Column(title="Còn treo (đồng)", width=15, kind=Kind.MONEY),
    Column(title="Quá hạn (mục)", width=15, kind=Kind.COUNT),
    Column(title="Lâu nhất (ngày)", width=15, kind=Kind.COUNT),
)
_GROUPS = (
    Column(title="Tiền treo theo tuổi", width=27),
    Column(title="Số khoản", width=30, kind=Kind.COUNT),
    Column(title="Còn chưa xác định (đồng)", width=15, kind=Kind.MONEY),
)
#: Row of the summary's headings without and with charts above them.
_HEAD, _BELOW_CHARTS = 8, 28

#: All lists in the order of the sheets, after the summary.
LISTINGS: tuple[Listing, ...] = (
    *treasurer_lists.LISTINGS[:4],
    *treasurer_days.LISTINGS,
    *treasurer_lists.LISTINGS[4:],
)


@dataclass(slots=True)
class _Account:
    """What the summary says of one account."""

    result: ReconciliationResult  #: without its lists
    opening: Dong
    money_in: Dong
    money_out: Dong
    closing: Dong
    book: Dong
    effect: Dong
    ties: bool
    explained: Dong
    moved: Dong


@dataclass(slots=True)
class _Sums:
    """What stands above the lists, found in a first pass."""

    accounts: list[_Account] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    totals: dict[tuple[str, str], Dong] = field(default_factory=dict)
    kinds: dict[LeftoverKind, list[int]] = field(default_factory=dict)  #: count, open, overdue, oldest
    groups: dict[str, list[int]] = field(default_factory=dict)  #: count and đồng
    charts: ChartSums = field(default_factory=ChartSums)


def treasurer_workbook(
    results: Iterable[ReconciliationResult],
    *,
    title: str,
    unit_names: Mapping[str, str] | None = None,
    member_names: Mapping[str, str] | None = None,
) -> bytes:
    """The workbook as bytes; see ``write_treasurer_workbook``."""
    target = io.BytesIO()
    write_treasurer_workbook(target, results, title=title, unit_names=unit_names, member_names=member_names)
    return target.getvalue()


def write_treasurer_workbook(
    target: IO[bytes],
    results: Iterable[ReconciliationResult],
    *,
    title: str,
    unit_names: Mapping[str, str] | None = None,
    member_names: Mapping[str, str] | None = None,
) -> None:
    """An XLSX with live totals and checks; the same bytes for the same results and names.

    ``results`` is gone through twice and may read each account anew. Members are named in suggestions only, and only
    those in ``member_names``.
    """
    names = Names(units=unit_names or {}, members=member_names or {})
    sums = _first_pass(results, names)
    book = StreamBook(target, title)
    head = _BELOW_CHARTS if sums.charts.anything else _HEAD
    first = book.sheet(SUMMARY, _SUMMARY, freeze=(1, 0))
    sheets = [_start(book, listing, sums) for listing in LISTINGS]
    data = book.sheet(treasurer_lists.CHART, (), freeze=(TOP, 1))
    next_row = [TOP + 1] * len(LISTINGS)
    for r in results:
        for place, listing in enumerate(LISTINGS):
            for values in listing.rows(r, names, next_row[place]):
                book.row(sheets[place], next_row[place], listing.columns, values)
                next_row[place] += 1
    _summary(book, first, sums, names, title, head)
    ranges = {"days": _last(sums, DAYS), "left": _last(sums, LEFT), "waiting": _last(sums, SUSPENSE)}
    write_chart_data(book, data, sums.charts, ranges)
    draw(book, first, sums.charts)
    book.close()


def _first_pass(results: Iterable[ReconciliationResult], names: Names) -> _Sums:
    sums = _Sums(
        rows={listing.title: 0 for listing in LISTINGS},
        kinds={kind: [0, 0, 0, 0] for kind in LeftoverKind},
        groups={name: [0, 0] for _, name in AGES},
    )
    for r in results:
        sums.charts.take(r)
        for listing in LISTINGS:
            places = [(letter, ord(letter) - ord("A")) for letter in listing.totals]
            for values in listing.rows(r, names, TOP + 1):
                sums.rows[listing.title] += 1
                for letter, place in places:
                    value = values[place]
                    plain = value.value if isinstance(value, Formula) else value
                    if isinstance(plain, int):
                        key = (listing.title, letter)
                        sums.totals[key] = sums.totals.get(key, 0) + plain
        for one in r.leftovers:
            found = sums.kinds[one.kind]
            found[0] += 1
            found[1] += one.open_amount
            found[2] += one.overdue(r.as_of)
            found[3] = max(found[3], one.age_days)
        for one in waiting(r):
            group = sums.groups[age_group(one.age_days)]
            group[0] += 1
            group[1] += one.open_amount
        sums.accounts.append(_of_account(r))
    return sums


def _of_account(r: ReconciliationResult) -> _Account:
    last, effect = r.days[-1], sum(one.effect for one in r.leftovers)
    light = ReconciliationResult(
        account_id=r.account_id,
        unit_id=r.unit_id,
        from_date=r.from_date,
        to_date=r.to_date,
        as_of=r.as_of,
        position=r.position,
        matched=(),
        not_dues=(),
        leftovers=(),
        under_way=(),
        days=(),
        open_periods=r.open_periods,
        uses_example_shares=r.uses_example_shares,
    )
    return _Account(
        result=light,
        opening=r.days[0].opening,
        money_in=sum(d.money_in for d in r.days),
        money_out=sum(d.money_out for d in r.days),
        closing=last.closing,
        book=last.book,
        effect=effect,
        ties=all(d.ties for d in r.days) and last.closing - last.book == effect,
        explained=r.explained,
        moved=r.moved,
    )


def _start(book: StreamBook, listing: Listing, sums: _Sums) -> Any:
    """A sheet with its heading, totals and headings; its rows follow."""
    sheet = book.sheet(listing.title, listing.columns, pages_wide=listing.pages_wide, freeze=(TOP, listing.freeze))
    last = _last(sums, listing.title)
    book.heading(sheet, listing.title, listing.note)
    totals: dict[str, Value] = {"A": "Cộng (theo bộ lọc)"}
    for letter in listing.totals:
        value = sums.totals.get((listing.title, letter), 0)
        totals[letter] = Formula(f"SUBTOTAL(109,{letter}{TOP + 1}:{letter}{last})", value)
    book.total(sheet, TOP - 1, listing.columns, totals)
    book.heads(sheet, TOP, listing.columns)
    sheet.autofilter(TOP - 1, 0, last - 1, len(listing.columns) - 1)
    sheet.repeat_rows(TOP - 1)
    for letter, word in listing.marks:
        book.mark(sheet, f"{letter}{TOP + 1}:{letter}{last}", word)
    return sheet


def _last(sums: _Sums, title: str) -> int:
    return TOP + max(sums.rows[title], 1)


def _range(sheet: str, letter: str, last: int) -> str:
    return f"'{sheet}'!${letter}${TOP + 1}:${letter}${last}"


def _sumifs(sheet: str, what: str, last: int, **criteria: str) -> str:
    """SUMIFS over a list's column; criteria are cells, by column letter."""
    pairs = ",".join(f"{_range(sheet, letter, last)},{cell}" for letter, cell in criteria.items())
    return f"SUMIFS({_range(sheet, what, last)},{pairs})"


# --- the summary ------------------------------------------------------------------------------------------------


def _summary(book: StreamBook, sheet: Any, sums: _Sums, names: Names, title: str, head: int) -> None:
    book.heading(sheet, title, *_notes([one.result for one in sums.accounts]))
    last = head + max(len(sums.accounts), 1)
    everything = GOOD if all(one.ties for one in sums.accounts) else BAD
    check = Formula(f'IF(COUNTIF(I{head + 1}:I{last},"{BAD}")=0,"{GOOD}","{BAD}")', everything)
    book.cell(sheet, 6, 0, "Kiểm tra toàn bộ", Kind.TEXT, bold=True)
    book.cell(sheet, 6, 1, check, Kind.TEXT, bold=True, align="center", border=1)
    book.heads(sheet, head, _SUMMARY)
    for row, one in enumerate(sums.accounts, start=head + 1):
        book.row(sheet, row, _SUMMARY, _account(one, row, names, sums))
    _totals(book, sheet, sums, head, last)
    for area in ("B6", f"I{head + 1}:I{last}"):
        book.mark(sheet, area, BAD)
        book.mark(sheet, area, GOOD, good=True)
    _kinds(book, sheet, sums, last + 4)


def _totals(book: StreamBook, sheet: Any, sums: _Sums, head: int, last: int) -> None:
    columns = {
        "C": sum(a.opening for a in sums.accounts),
        "D": sum(a.money_in for a in sums.accounts),
        "E": sum(a.money_out for a in sums.accounts),
        "F": sum(a.closing for a in sums.accounts),
        "G": sum(a.book for a in sums.accounts),
        "H": sum(a.effect for a in sums.accounts),
        "J": sum(a.explained for a in sums.accounts),
        "K": sum(a.moved - a.explained for a in sums.accounts),
    }
    values: dict[str, Value] = {"A": "Tổng cộng"}
    for letter, amount in columns.items():
        values[letter] = Formula(f"SUM({letter}{head + 1}:{letter}{last})", amount)
    values["L"] = explained_share("JK", last + 1, columns["J"], columns["J"] + columns["K"])
    book.total(sheet, last + 1, _SUMMARY, values)


def _notes(results: Sequence[ReconciliationResult]) -> tuple[str, ...]:
    """Span, state of the period, and the warning about example shares."""
    if not results:
        return ("Không có tài khoản nào để đối chiếu.",)
    r = results[0]
    span = f"Từ ngày {r.from_date:%d/%m/%Y} đến ngày {r.to_date:%d/%m/%Y}; tuổi tính đến ngày {r.as_of:%d/%m/%Y}"
    notes = [f"{span}; sổ đọc đến vị trí {r.position}."]
    open_ = sorted({period for one in results for period in one.open_periods})
    if open_:
        notes.append(f"Số liệu tạm tính: có đơn vị chưa chốt kỳ {', '.join(open_)}.")
    if any(one.uses_example_shares for one in results):
        notes.append("Tiền nộp cấp trên tính theo tỷ lệ ví dụ, không phải tỷ lệ do cấp có thẩm quyền ban hành.")
    return tuple(notes)


def _account(one: _Account, row: int, names: Names, sums: _Sums) -> tuple[Value, ...]:
    r, here = one.result, f"$A{row}"
    last_day, last_left = _last(sums, DAYS), _last(sums, LEFT)
    end = f"DATE({r.to_date.year},{r.to_date.month},{r.to_date.day})"
    bad = f'COUNTIFS({_range(DAYS, "A", last_day)},{here},{_range(DAYS, CHECK, last_day)},"{BAD}")'
    return (
        names.account(r.account_id),
        names.unit(r.unit_id),
        one.opening,
        Formula(_sumifs(DAYS, IN, last_day, A=here), one.money_in),
        Formula(_sumifs(DAYS, OUT, last_day, A=here), one.money_out),
        Formula(_sumifs(DAYS, CLOSING, last_day, A=here, C=end), one.closing),
        Formula(_sumifs(DAYS, BOOK, last_day, A=here, C=end), one.book),
        Formula(_sumifs(LEFT, "L", last_left, B=here), one.effect),
        Formula(f'IF(AND(F{row}-G{row}-H{row}=0,{bad}=0),"{GOOD}","{BAD}")', GOOD if one.ties else BAD),
        Formula(_sumifs(DAYS, EXPLAINED, last_day, A=here), one.explained),
        Formula(_sumifs(DAYS, REST, last_day, A=here), one.moved - one.explained),
        explained_share("JK", row, one.explained, one.moved),
        "tạm tính" if r.open_periods else "đã chốt" if r.unit_id else "",
    )


def _kinds(book: StreamBook, sheet: Any, sums: _Sums, head: int) -> None:
    """How many things of each kind are left, how much, and how old; then suspense by age."""
    last_left, last_waiting = _last(sums, LEFT), _last(sums, SUSPENSE)
    kinds, amounts, ages, states = (_range(LEFT, letter, last_left) for letter in "AKEH")
    book.heads(sheet, head, _KINDS)
    for row, (kind, (count, open_, late, oldest)) in enumerate(sums.kinds.items(), start=head + 1):
        values: tuple[Value, ...] = (
            LEFTOVER_TITLES[kind],
            Formula(f"COUNTIFS({kinds},A{row})", count),
            Formula(f"SUMIFS({amounts},{kinds},A{row})", open_),
            Formula(f'COUNTIFS({kinds},A{row},{states},"quá hạn")', late),
            Formula(f"SUMPRODUCT(MAX(({kinds}=A{row})*{ages}))", oldest),
        )
        book.row(sheet, row, _KINDS, values)
    head += len(sums.kinds) + 3
    groups, held = _range(SUSPENSE, "D", last_waiting), _range(SUSPENSE, "G", last_waiting)
    book.heads(sheet, head, _GROUPS)
    for row, (name, (count, amount)) in enumerate(sums.groups.items(), start=head + 1):
        told = (
            name,
            Formula(f"COUNTIFS({groups},A{row})", count),
            Formula(f"SUMIFS({held},{groups},A{row})", amount),
        )
        book.row(sheet, row, _GROUPS, told)
