"""The member's year statement as a form: dues months under the regime of each, then what happened in the year."""

from collections.abc import Mapping

from adapters.books.form import Form, Grid, Head, Row, Signature, Sum, column_sums, period_words
from ledger.statutory.member_year import MemberYear

_REGIMES = {"342": "342-QĐ/TW", "01": "01-QĐ/TW"}
_MONTHS = (
    Head(title="Tháng", width=10, words=True),
    Head(title="Quy định", width=14, words=True),
    Head(title="Diện", width=26, words=True),
    Head(title="Căn cứ tính", width=15),
    Head(title="Mức đóng", width=14),
    Head(title="Miễn, giảm", width=14),
    Head(title="Phải đóng", width=14),
    Head(title="Đã đóng", width=14),
    Head(title="Còn nợ", width=14),
)
_ENTRIES = (
    Head(title="Ngày ghi sổ", width=13, words=True),
    Head(title="Nội dung", width=40, words=True),
    Head(title="Tháng", width=10, words=True),
    Head(title="Số tiền", width=15),
    Head(title="Quyết định, giao dịch", width=32, words=True),
    Head(title="Vị trí", width=10, words=True),
)


def member_year_form(statement: MemberYear, names: Mapping[str, str]) -> Form:
    """The statement laid out; the member's name only where it was handed in."""
    name = names.get(statement.member_id, statement.member_id)
    rows = []
    for place, m in enumerate(statement.months):
        due = Sum(m.due, ((1, place, 4), (-1, place, 5)))
        still = Sum(m.open, ((1, place, 6), (-1, place, 7)))
        regime = _REGIMES.get(m.regime, m.regime)
        rows.append(Row(cells=(m.month, regime, m.category, m.base, m.gross, m.relieved, due, m.paid, still)))
    total = column_sums(rows, ("Cộng", "", "", None, None, None, None, None, None), range(4, 9))
    entries = tuple(
        Row(cells=(e.recorded_on, e.what, e.month, e.amount, e.note, str(e.position))) for e in statement.entries
    )
    credit = f"{statement.credit:,}".replace(",", ".")
    return Form(
        heading=statement.heading,
        number="Bản kê năm",
        title="Bản kê đảng phí trong năm",
        subtitle=period_words(statement.heading.period),
        unit_word="đồng",
        facts=(f"Đảng viên: {name}.", f"Tiền nộp thừa, nộp trước đang giữ: {credit} đồng."),
        assumed=(),
        grids=(
            Grid(title="Theo tháng đảng phí", heads=_MONTHS, rows=(*rows, total)),
            Grid(title="Diễn biến trong năm", heads=_ENTRIES, rows=entries),
        ),
        notes=("Tháng đến 1/2026 tính theo 342-QĐ/TW, từ tháng 2/2026 theo 01-QĐ/TW.",),
        signatures=(
            Signature(role="ĐẢNG VIÊN", note="(ký, ghi rõ họ tên)"),
            Signature(role="T/M CHI ỦY", note="(ký, ghi rõ họ tên)"),
        ),
    )
