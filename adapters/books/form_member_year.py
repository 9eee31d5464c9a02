"""The member's year statement as a form, for an elderly reader: words of the law, no codes, large type.

First what was owed and paid month by month, then what was reckoned again, the reliefs, and what happened in the year.
"""

from collections.abc import Mapping
from datetime import date

from adapters.books.form import Form, Grid, Head, Row, Signature, Sum, column_sums, month_words, period_words
from adapters.books.typesetting import day
from domain.money import format_dong
from domain.policy import percent_text
from ledger.statutory.member_year import MemberYear, YearMonth, YearReckoning

_REGIMES = {"342": "342-QĐ/TW", "01": "01-QĐ/TW"}
OLD_BOOK = "theo sổ cũ"
_MONTHS = (
    Head(title="Tháng", width=10, words=True),
    Head(title="Diện đóng", width=40, words=True),
    Head(title="Quy định", width=14, words=True),
    Head(title="Căn cứ tính", width=14),
    Head(title="Mức đóng", width=13),
    Head(title="Miễn, giảm", width=13),
    Head(title="Phải đóng", width=13),
    Head(title="Đã đóng", width=13),
    Head(title="Còn nợ", width=13),
    Head(title="Ghi chú", width=22, words=True),
)
_ADJUSTMENTS = (
    Head(title="Tháng", width=10, words=True),
    Head(title="Cách tính trước", width=44, words=True),
    Head(title="Cách tính sau", width=44, words=True),
    Head(title="Trước", width=13),
    Head(title="Sau", width=13),
    Head(title="Chênh lệch", width=13),
    Head(title="Quyết định, lý do", width=30, words=True),
)
_RELIEFS = (
    Head(title="Lý do miễn, giảm", width=70, words=True),
    Head(title="Mức", width=12, words=True),
    Head(title="Từ tháng", width=14, words=True),
    Head(title="Đến tháng", width=18, words=True),
    Head(title="Quyết định", width=36, words=True),
)
_ENTRIES = (
    Head(title="Ngày ghi sổ", width=16, words=True),
    Head(title="Nội dung", width=40, words=True),
    Head(title="Cho tháng", width=12, words=True),
    Head(title="Số tiền", width=15),
    Head(title="Cách nộp, quyết định", width=70, words=True),
)


def member_year_form(statement: MemberYear, names: Mapping[str, str]) -> Form:
    """The statement laid out; the member's name only where it was handed in."""
    name = names.get(statement.member_id, statement.member_id)
    facts = [f"Đảng viên: {name}.", f"Tiền nộp thừa, nộp trước đang giữ: {format_dong(statement.credit)} đồng."]
    owed = sum(month.open for month in statement.months)
    facts.append(f"Còn nợ: {format_dong(owed)} đồng." if owed else "Không còn nợ tháng nào trong bản kê này.")
    grids = [
        Grid(title="Theo tháng đảng phí", heads=_MONTHS, rows=_months(statement)),
        Grid(title="Tính lại mức đóng", heads=_ADJUSTMENTS, rows=_adjustments(statement)),
        Grid(title="Miễn, giảm", heads=_RELIEFS, rows=_reliefs(statement)),
        Grid(title="Diễn biến trong năm", heads=_ENTRIES, rows=_entries(statement)),
    ]
    return Form(
        heading=statement.heading,
        number="Bản kê năm",
        title="Bản kê đảng phí trong năm",
        subtitle=period_words(statement.heading.period),
        unit_word="đồng",
        facts=tuple(facts),
        assumed=(),
        grids=(grids[0], *(grid for grid in grids[1:] if grid.rows)),
        notes=_notes(statement),
        signatures=(
            Signature(role="ĐẢNG VIÊN", note="(ký, ghi rõ họ tên)"),
            Signature(role="T/M CHI ỦY", note="(ký, ghi rõ họ tên)"),
        ),
    )


def _months(statement: MemberYear) -> tuple[Row, ...]:
    """Dues months, months of old books and months without dues in one order; the sum; what was paid freely."""
    several = len({m.unit_id for m in statement.months}) > 1
    lines: list[tuple[str, YearMonth | int | str]] = [(m.month, m) for m in statement.months]
    lines += [(one.month, one.paid) for one in statement.old_books]
    lines += [(one.month, one.why) for one in statement.without]
    rows: list[Row] = []
    for place, (month, told) in enumerate(sorted(lines, key=lambda line: line[0])):
        label = month_words(month)
        if isinstance(told, YearMonth):
            due = Sum(told.due, ((1, place, 4), (-1, place, 5)))
            still = Sum(told.open, ((1, place, 6), (-1, place, 7)))
            figures = (told.base, told.gross, told.relieved, due, told.paid, still)
            regime = _REGIMES.get(told.regime, told.regime)
            rows.append(Row(cells=(label, _title(told.title), regime, *figures, _remark(told, several=several))))
        elif isinstance(told, int):
            rows.append(Row(cells=(label, "", "", None, None, None, None, told, None, OLD_BOOK)))
        else:
            rows.append(Row(cells=(label, told, "", None, None, None, None, None, None, "")))
    rows.append(column_sums(rows, ("Cộng", "", "", None, None, None, None, None, None, ""), range(4, 9)))
    for more in statement.surplus:
        told_on = day(date.fromisoformat(more.accepted_on))
        words = f"Tự nguyện đóng cao hơn mức, theo {more.decision}"
        rows.append(Row(cells=("", words, "", None, None, None, None, more.amount, None, f"chấp nhận {told_on}")))
    return tuple(rows)


def _title(words: str) -> str:
    """The category or ground as the law words it, with a capital."""
    return words[:1].upper() + words[1:] if words else "Theo quyết định"


def _remark(month: YearMonth, *, several: bool) -> str:
    told = []
    if several:
        told.append(month.unit_name)
    if month.relief_percent:
        told.append("được miễn" if month.relief_percent == 100 else f"giảm {month.relief_percent} %")
    if month.is_adjusted:
        told.append("đã tính lại")
    if month.is_gap:
        told.append("thời gian gián đoạn, đóng bù")
    return "; ".join(told)


def _adjustments(statement: MemberYear) -> tuple[Row, ...]:
    return tuple(
        Row(
            cells=(
                month_words(a.month),
                _reckoned(a.before),
                _reckoned(a.after),
                a.before.due,
                a.after.due,
                Sum(a.difference, ((1, place, 4), (-1, place, 3))),
                f"{a.decision}, ngày {day(date.fromisoformat(a.adjusted_on))}: {a.reason}",
            )
        )
        for place, a in enumerate(statement.adjustments)
    )


def _reckoned(told: YearReckoning) -> str:
    """One computation in words: whom it is for, on which base, at which rate, what was taken off."""
    words = f"{_title(told.title)}. "
    if told.base is not None:
        of = f" tháng {month_words(told.base_month)}" if told.base_month else ""
        words += f"Căn cứ{of}: {format_dong(told.base)} đồng"
        if told.cap is not None and told.cap < told.base:
            words += f", tính đến mức trần {format_dong(told.cap)} đồng"
        words += f"; mức {percent_text(told.rate_bp)}. " if told.rate_bp is not None else ". "
    words += f"Mức đóng {format_dong(told.gross)} đồng"
    if told.relieved:
        ground = f" ({told.relief_title})" if told.relief_title else ""
        words += f", {'miễn' if told.relief_percent == 100 else f'giảm {told.relief_percent} %'}{ground}"
        words += f" {format_dong(told.relieved)} đồng"
    return f"{words}, phải đóng {format_dong(told.due)} đồng."


def _reliefs(statement: MemberYear) -> tuple[Row, ...]:
    rows = []
    for relief in statement.reliefs:
        percent = "miễn" if relief.percent == 100 else f"giảm {relief.percent} %"
        until = "khi còn lý do" if relief.to_month is None else month_words(relief.to_month)
        rows.append(Row(cells=(_title(relief.title), percent, month_words(relief.from_month), until, relief.decision)))
    return tuple(rows)


def _entries(statement: MemberYear) -> tuple[Row, ...]:
    return tuple(
        Row(
            cells=(
                day(date.fromisoformat(e.recorded_on)),
                e.what,
                month_words(e.month) if e.month else "",
                e.amount,
                e.note,
            )
        )
        for e in statement.entries
    )


def _notes(statement: MemberYear) -> tuple[str, ...]:
    notes = []
    regimes = {m.regime for m in statement.months}
    if "342" in regimes:
        notes.append("Các tháng đến hết tháng 1/2026 tính theo Quy định 342-QĐ/TW.")
    if "01" in regimes:
        notes.append("Các tháng từ tháng 2/2026 tính theo Quy định 01-QĐ/TW.")
    if statement.old_books:
        notes.append("Tháng «theo sổ cũ» chép từ sổ giấy hoặc bảng tính trước khi lập sổ này.")
    notes.append("Có chỗ nào chưa đúng, xin báo chi ủy trước khi ký.")
    return tuple(notes)
