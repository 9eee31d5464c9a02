"""The treasurer's workbook: what a reconciliation found, in sheets that can be filtered, worked in and printed.

Totals and checks are live formulas over the lists. Written in Vietnamese; amounts are whole đồng.
"""

from collections.abc import Mapping, Sequence

from openpyxl.chart import BarChart, Reference
from openpyxl.worksheet.worksheet import Worksheet

from adapters.books.sheet import BAD, GOOD, Book, Column, Formula, Kind, Value, basis_points
from adapters.books.treasurer_lists import (
    DAYS,
    LEFT,
    SUMMARY,
    TOP,
    Names,
    left,
    listed,
    matched,
    other,
    suspense,
    way,
)
from domain.money import WHOLE_BP, Dong
from ledger.reports_reconciliation import (
    BREAK_TITLES,
    LEFTOVER_TITLES,
    BreakKind,
    DayTieOut,
    LeftoverKind,
    ReconciliationResult,
)

CHART = "Số liệu biểu đồ"

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
_HEAD = 8  #: row of the summary's headings; title, notes and the check of everything stand above


def treasurer_workbook(
    results: Sequence[ReconciliationResult],
    *,
    title: str,
    unit_names: Mapping[str, str] | None = None,
    member_names: Mapping[str, str] | None = None,
) -> bytes:
    """An XLSX of eight sheets with live totals and checks; the same bytes for the same results and names.

    Members are named in suggestions only, and only those in ``member_names``.
    """
    names = Names(units=unit_names or {}, members=member_names or {})
    book = Book()
    first = book.sheet(SUMMARY)
    matched(book, results, names)
    last_left = left(book, results, names)
    suspense(book, results, names)
    way(book, results, names)
    other(book, results, names)
    last_day = _days(book, results, names)
    points = _chart_data(book, results, last_day)
    end = _summary(book, first, results, names, title, last_left, last_day)
    if points:
        _chart(book, first, points, f"A{end + 2}")
    return book.to_bytes(title)


def _days(book: Book, results: Sequence[ReconciliationResult], names: Names) -> int:
    breaks = tuple(Column(title=BREAK_TITLES[kind], width=13, kind=Kind.MONEY) for kind in BreakKind)
    columns = (
        Column(title="Tài khoản", width=27),
        Column(title="Đơn vị", width=26),
        Column(title="Ngày", width=12, kind=Kind.DAY),
        Column(title="Số dư đầu", width=14, kind=Kind.MONEY),
        Column(title="Tiền vào", width=14, kind=Kind.MONEY),
        Column(title="Tiền ra", width=14, kind=Kind.MONEY),
        Column(title="Số dư cuối", width=14, kind=Kind.MONEY),
        Column(title="Sao kê ghi", width=14, kind=Kind.MONEY),
        Column(title="Sổ 1120", width=14, kind=Kind.MONEY),
        *breaks,
        Column(title="Cộng chênh lệch", width=14, kind=Kind.MONEY),
        Column(title="Còn lệch", width=10, kind=Kind.MONEY),
        Column(title="Kiểm tra", width=9),
        Column(title="Đã giải thích", width=14, kind=Kind.MONEY),
        Column(title="Chưa giải thích", width=14, kind=Kind.MONEY),
        Column(title="Có sao kê", width=9),
    )
    placed = [(r, day) for r in results for day in r.days]
    rows = [_day(r, day, number, names) for number, (r, day) in enumerate(placed, start=TOP + 1)]
    note = "Đầu + vào - ra = cuối = sổ 1120 + chênh lệch có tên. Ngày chưa có sao kê lấy số dư của sao kê gần nhất."
    sheet, last = listed(book, DAYS, note, columns, rows, "EFST", pages_wide=2)
    book.mark(sheet, f"R{TOP + 1}:R{last}", BAD)
    sheet.freeze_panes = f"D{TOP + 1}"
    return last


def _day(r: ReconciliationResult, day: DayTieOut, row: int, names: Names) -> tuple[Value, ...]:
    amounts = {b.kind: b.amount for b in day.breaks}
    check = f'IF(AND(Q{row}=0,OR(H{row}="",H{row}=G{row})),"{GOOD}","{BAD}")'
    return (
        names.account(r.account_id),
        names.unit(r.unit_id),
        day.day,
        day.opening,
        day.money_in,
        day.money_out,
        Formula(f"D{row}+E{row}-F{row}", day.opening + day.money_in - day.money_out),
        day.stated_closing,
        day.book,
        *(amounts.get(kind, 0) for kind in BreakKind),
        Formula(f"SUM(J{row}:O{row})", sum(amounts.values())),
        Formula(f"G{row}-I{row}-P{row}", day.difference),
        Formula(check, GOOD if day.ties else BAD),
        day.explained,
        Formula(f"E{row}+F{row}-S{row}", day.left),
        "có" if day.covered else "chưa có",
    )


def _chart_data(book: Book, results: Sequence[ReconciliationResult], last_day: int) -> int:
    """The figures under the chart: what moved each day over all accounts; returns how many days."""
    sums: dict[int, tuple[Dong, Dong]] = {}
    days = {d.day.toordinal(): d.day for r in results for d in r.days if d.money_in or d.money_out}
    for r in results:
        for d in r.days:
            clear, rest = sums.get(d.day.toordinal(), (0, 0))
            sums[d.day.toordinal()] = (clear + d.explained, rest + d.left)
    rows = [
        (
            days[on],
            Formula(_sumifs(DAYS, "S", last_day, C=f"A{row}"), sums[on][0]),
            Formula(_sumifs(DAYS, "T", last_day, C=f"A{row}"), sums[on][1]),
        )
        for row, on in enumerate(sorted(days), start=TOP + 1)
    ]
    columns = (
        Column(title="Ngày", width=14, kind=Kind.DAY),
        Column(title="Đã giải thích", width=18, kind=Kind.MONEY),
        Column(title="Chưa giải thích", width=18, kind=Kind.MONEY),
    )
    listed(book, CHART, "Tiền trên sao kê (vào và ra) mỗi ngày, mọi tài khoản.", columns, rows, "BC")
    return len(rows)


def _range(sheet: str, letter: str, last: int) -> str:
    return f"'{sheet}'!${letter}${TOP + 1}:${letter}${last}"


def _sumifs(sheet: str, what: str, last: int, **criteria: str) -> str:
    """SUMIFS over a list's column; criteria are cells, by column letter."""
    pairs = ",".join(f"{_range(sheet, letter, last)},{cell}" for letter, cell in criteria.items())
    return f"SUMIFS({_range(sheet, what, last)},{pairs})"


# --- the summary ------------------------------------------------------------------------------------------------


def _summary(
    book: Book,
    sheet: Worksheet,
    results: Sequence[ReconciliationResult],
    names: Names,
    title: str,
    last_left: int,
    last_day: int,
) -> int:
    """The first page; returns its last row."""
    book.heading(sheet, title, *_notes(results))
    rows = [_account(r, row, names, last_left, last_day) for row, r in enumerate(results, start=_HEAD + 1)]
    last = book.table(sheet, _HEAD, _SUMMARY, rows)
    sheet.auto_filter.ref = None  # A filter over rows with a total beneath would hide accounts from it.
    total: dict[str, Value] = {
        letter: Formula(f"SUM({letter}{_HEAD + 1}:{letter}{last})", _column_sum(rows, letter)) for letter in "CDEFGHJK"
    }
    total |= {"A": "Tổng cộng"}
    book.total(sheet, last + 1, total, "M")
    moved, explained = sum(r.moved for r in results), sum(r.explained for r in results)
    book.put(sheet, f"L{last + 1}", _share(last + 1, explained, moved), Kind.PERCENT, bold=True)
    book.mark(sheet, f"I{_HEAD + 1}:I{last}", BAD)
    everything = GOOD if all(r.ties for r in results) else BAD
    check = Formula(f'IF(COUNTIF(I{_HEAD + 1}:I{last},"{BAD}")=0,"{GOOD}","{BAD}")', everything)
    book.put(sheet, "A6", "Kiểm tra toàn bộ", bold=True)
    book.put(sheet, "B6", check, bold=True)
    book.mark(sheet, "B6", BAD)
    return _kinds(book, sheet, results, last + 4, last_left)


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


def _account(r: ReconciliationResult, row: int, names: Names, last_left: int, last_day: int) -> tuple[Value, ...]:
    last = r.days[-1]
    breaks = sum(one.effect for one in r.leftovers)
    here = f"$A{row}"
    end = f"DATE({r.to_date.year},{r.to_date.month},{r.to_date.day})"
    bad = f'COUNTIFS({_range(DAYS, "A", last_day)},{here},{_range(DAYS, "R", last_day)},"{BAD}")'
    good = r.ties and last.closing - last.book == breaks
    return (
        names.account(r.account_id),
        names.unit(r.unit_id),
        r.days[0].opening,
        Formula(_sumifs(DAYS, "E", last_day, A=here), sum(d.money_in for d in r.days)),
        Formula(_sumifs(DAYS, "F", last_day, A=here), sum(d.money_out for d in r.days)),
        Formula(_sumifs(DAYS, "G", last_day, A=here, C=end), last.closing),
        Formula(_sumifs(DAYS, "I", last_day, A=here, C=end), last.book),
        Formula(_sumifs(LEFT, "K", last_left, B=here), breaks),
        Formula(f'IF(AND(F{row}-G{row}-H{row}=0,{bad}=0),"{GOOD}","{BAD}")', GOOD if good else BAD),
        Formula(_sumifs(DAYS, "S", last_day, A=here), r.explained),
        Formula(_sumifs(DAYS, "T", last_day, A=here), r.moved - r.explained),
        _share(row, r.explained, r.moved),
        "tạm tính" if r.open_periods else "đã chốt" if r.unit_id else "",
    )


def _share(row: int, explained: Dong, moved: Dong) -> Formula:
    """Explained over all money moved, rounded down to two decimals of a percent."""
    share = WHOLE_BP if moved == 0 else explained * WHOLE_BP // moved
    return Formula(f"IF(J{row}+K{row}=0,1,ROUNDDOWN(J{row}/(J{row}+K{row}),4))", basis_points(share))


def _column_sum(rows: Sequence[tuple[Value, ...]], letter: str) -> Dong:
    values = [row[ord(letter) - ord("A")] for row in rows]
    plain = [value.value if isinstance(value, Formula) else value for value in values]
    return sum(value for value in plain if isinstance(value, int))


def _kinds(book: Book, sheet: Worksheet, results: Sequence[ReconciliationResult], head: int, last_left: int) -> int:
    """How many things of each kind are left, how much, and how old."""
    columns = (
        Column(title="Còn phải xử lý", width=27),
        Column(title="Số mục", width=30, kind=Kind.COUNT),
        Column(title="Còn treo (đồng)", width=15, kind=Kind.MONEY),
        Column(title="Quá hạn (mục)", width=15, kind=Kind.COUNT),
        Column(title="Lâu nhất (ngày)", width=15, kind=Kind.COUNT),
    )
    kinds, amounts, ages = (_range(LEFT, letter, last_left) for letter in "AJE")
    states = _range(LEFT, "G", last_left)
    found = [(r, one) for r in results for one in r.leftovers]
    rows: list[tuple[Value, ...]] = []
    for row, kind in enumerate(LeftoverKind, start=head + 1):
        mine = [(r, one) for r, one in found if one.kind is kind]
        rows.append(
            (
                LEFTOVER_TITLES[kind],
                Formula(f"COUNTIFS({kinds},A{row})", len(mine)),
                Formula(f"SUMIFS({amounts},{kinds},A{row})", sum(one.open_amount for _, one in mine)),
                Formula(f'COUNTIFS({kinds},A{row},{states},"quá hạn")', sum(one.overdue(r.as_of) for r, one in mine)),
                Formula(f"SUMPRODUCT(MAX(({kinds}=A{row})*{ages}))", max((one.age_days for _, one in mine), default=0)),
            )
        )
    return book.table(sheet, head, columns, rows, list_=False)


def _chart(book: Book, sheet: Worksheet, points: int, at: str) -> None:
    """Columns per day: explained below, not explained on top."""
    chart = BarChart()
    chart.type, chart.grouping, chart.overlap, chart.gapWidth = "col", "stacked", 100, 60
    chart.title = "Tiền trên sao kê mỗi ngày (đồng)"
    chart.height, chart.width = 8.5, 30
    data = book.worksheet(CHART)
    chart.add_data(Reference(data, min_col=2, max_col=3, min_row=TOP, max_row=TOP + points), titles_from_data=True)
    chart.set_categories(Reference(data, min_col=1, min_row=TOP + 1, max_row=TOP + points))
    for series, color in zip(chart.series, ("2E7D32", "E65100"), strict=True):
        series.graphicalProperties.solidFill = color
        series.graphicalProperties.line.solidFill = color
    chart.x_axis.number_format, chart.y_axis.number_format = "dd/mm", "[$-42A]#,##0"
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.legend.position = "b"
    sheet.add_chart(chart, at)
