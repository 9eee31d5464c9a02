"""B01/ĐP as a form: the fourteen lines by four columns, then the annex of late subordinates."""

from adapters.books.form import Cell, Form, Grid, Head, Row, Signature, Sum, column_sums, month_words, period_words
from domain.money import format_dong
from ledger.statutory.b01 import B01, Values

NOT_ALLOCATED = "chưa phân bổ"
#: Line → (sign, line) of those that make it.
_SUMS: dict[str, tuple[tuple[int, str], ...]] = {
    "04": ((1, "05"), (1, "06"), (1, "07")),
    "08": ((1, "09"), (1, "10"), (1, "11")),
    "12": ((1, "02"), (-1, "02a"), (-1, "04")),
    "13": ((1, "03"), (-1, "03a"), (-1, "08")),
}
_PARTS = frozenset({"02a", "03a", "05", "06", "07", "09", "10", "11"})
_STRONG = frozenset({"04", "08", "12", "13", "14"})
_HEADS = (
    Head(title="Mã số", mark="A", width=8, words=True),
    Head(title="Chỉ tiêu", mark="B", width=58, words=True),
    Head(title="Xã, phường, đặc khu", mark="1", width=18),
    Head(title="Doanh nghiệp", mark="2", width=18),
    Head(title="Khác", mark="3", width=18),
    Head(title="Cộng", mark="4 = 1+2+3", width=19),
)
_ANNEX = (
    Head(title="Đơn vị trực thuộc", width=34, words=True),
    Head(title="Kỳ", width=12, words=True),
    Head(title="Lý do", width=34, words=True),
    Head(title="Đã thu", width=16),
    Head(title="Giữ lại", width=16),
    Head(title="Phải nộp", width=16),
    Head(title="Cấp trên đã nhận", width=16),
)


def b01_form(report: B01) -> Form:
    """The report laid out."""
    grids = [Grid(title="", heads=_HEADS, rows=_rows(report))]
    if report.late:
        rows = tuple(
            Row(cells=(p.unit_name, p.period, str(p.state), p.collected, p.kept, p.payable, p.received))
            for p in report.late
        )
        total = column_sums(rows, ("Cộng", "", "", None, None, None, None), (3, 4, 5, 6))
        title = "Phụ lục: kỳ của đơn vị trực thuộc chưa tính hoặc tính muộn"
        grids.append(Grid(title=title, heads=_ANNEX, rows=(*rows, total)))
    return Form(
        heading=report.heading,
        number="Mẫu B01/ĐP",
        title="Báo cáo thu, nộp đảng phí",
        subtitle=period_words(report.heading.period),
        unit_word="đồng (chỉ tiêu 01: người)",
        facts=(f"Tỷ lệ để lại áp dụng: {'; '.join(report.shares)}.",) if report.shares else (),
        assumed=(),
        grids=tuple(grids),
        notes=_notes(report),
        signatures=(
            Signature(role="NGƯỜI LẬP BIỂU", note="(ký, ghi rõ họ tên)"),
            Signature(role="T/M CẤP ỦY", note="(ký, ghi rõ họ tên, đóng dấu)"),
        ),
    )


def _rows(report: B01) -> tuple[Row, ...]:
    values: dict[str, tuple[str, Values]] = {}
    for line in report.lines:
        values[line.number] = (line.title, line.values)
        if line.number == "02" and any(report.unallocated):
            values["02a"] = (f"Trong đó: {NOT_ALLOCATED} (chưa có tỷ lệ có hiệu lực)", report.unallocated)
        if line.number == "03" and any(report.unallocated_ytd):
            values["03a"] = (f"Trong đó: {NOT_ALLOCATED}", report.unallocated_ytd)
    places = {number: row for row, number in enumerate(values)}
    rows = []
    for number, (title, row) in values.items():
        cells: list[Cell] = [number, title]
        for c, value in enumerate(row[:3], start=2):
            cells.append(_cell(number, value, places, c))
        single = None in row[:3]
        # Line 14 has one sum where several columns are used.
        cells.append(row[3] if single else Sum(row[3], tuple((1, places[number], c) for c in (2, 3, 4))))
        rows.append(Row(cells=tuple(cells), strong=number in _STRONG, indent=number in _PARTS))
    return tuple(rows)


def _cell(number: str, value: int | None, places: dict[str, int], column: int) -> Cell:
    if value is None:
        return "x"
    terms = tuple((sign, places[part], column) for sign, part in _SUMS.get(number, ()) if part in places)
    return Sum(value, terms) if terms else value


def _notes(report: B01) -> tuple[str, ...]:
    notes = [
        "Kỳ của đơn vị trực thuộc được tính khi cấp trên đã nhận đủ tiền đến lúc chốt kỳ; kỳ nhận muộn ở phụ lục, "
        "tính vào kỳ sau."
    ]
    if any(report.unallocated) or any(report.unallocated_ytd):
        notes.append(
            f"Chưa có tỷ lệ có hiệu lực: số «{NOT_ALLOCATED}» đã thu nhưng chưa giữ lại, chưa nộp; khi đó "
            "12 = 02 − 02a − 04 và 13 = 03 − 03a − 08. Số âm là phần đã phân bổ trong kỳ này."
        )
    if report.old_books:
        first, last = month_words(report.old_books[0].month), month_words(report.old_books[-1].month)
        collected, kept, sent = (
            format_dong(sum(getattr(one, name) for one in report.old_books)) for name in ("collected", "kept", "sent")
        )
        notes.append(
            f"Lũy kế (03, 08, 13) gồm các tháng {first} đến {last} theo sổ cũ: thu {collected}, giữ lại {kept} đồng "
            f"(đã nộp {sent} đồng)."
        )
    if report.claw_back:
        notes.append(f"Cấp trên còn phải trả lại do hoàn trả đảng phí: {report.claw_back:,} đồng.".replace(",", "."))
    if any(None in line.values[:3] for line in report.lines):
        notes.append("Chỉ tiêu 14 theo dõi chung, không tách theo loại hình (x).")
    if report.missing:
        notes.append(f"Tháng chưa chốt trong kỳ: {', '.join(report.missing)}.")
    if report.elsewhere:
        notes.append(f"Đơn vị thuộc địa bàn khác, chỉ biết số đã nộp: {', '.join(report.elsewhere)}.")
    return tuple(notes)
