"""S02/ĐP as a form: one line a subordinate, columns A, B, C and 1–13."""

from adapters.books.form import Cell, Form, Grid, Head, Row, Signature, Sum, column_sums, period_words
from ledger.statutory.s02 import S02

_REPORTED = (
    ("Đảng viên", "Số đảng viên cuối kỳ", ""),
    ("Trong kỳ", "", "Đã thu"),
    ("Lũy kế", "", "Đã thu"),
    ("Cộng", "", "Giữ lại trong kỳ"),
    ("Chi bộ, bộ phận", "", "Giữ lại trong kỳ"),
    ("Cơ sở", "", "Giữ lại trong kỳ"),
    ("Trên cơ sở", "", "Giữ lại trong kỳ"),
    ("Giữ lại lũy kế", "", ""),
    ("Trong kỳ", "", "Phải nộp"),
    ("Lũy kế", "", "Phải nộp"),
    ("Còn phải nộp", "", ""),
)
_HEADS = (
    Head(title="TT", mark="A", width=6, words=True),
    Head(title="Đơn vị trực thuộc", mark="B", width=32, words=True),
    *(
        Head(title=title, mark=str(place), width=14, group=group)
        for place, (title, _, group) in enumerate(_REPORTED, start=1)
    ),
    Head(title="Trong kỳ", mark="12", width=15, group="Đã nộp"),
    Head(title="Lũy kế", mark="13", width=15, group="Đã nộp"),
    Head(title="Người nộp, người nhận ký", mark="C", width=20, words=True),
)
_WIDTH = len(_HEADS)


def s02_form(book: S02) -> Form:
    """The book laid out."""
    rows = tuple(
        Row(
            cells=(
                str(place),
                row.unit_name if row.state == "đã chốt" else f"{row.unit_name} ({row.state})",
                *row.reported,
                row.remitted,
                row.remitted_ytd,
                "",
            )
        )
        for place, row in enumerate(book.rows, start=1)
    )
    label: tuple[Cell, ...] = ("", "Cộng cấp dưới", *[None] * 13, "")
    total = column_sums(rows, label, range(2, 15))
    return Form(
        heading=book.heading,
        number="Mẫu S02/ĐP",
        title="Sổ tổng hợp thu, nộp đảng phí",
        subtitle=period_words(book.heading.period),
        unit_word="đồng (cột 1: người)",
        facts=(),
        assumed=(
            "Giả định: nội dung cột 1–11 chưa tìm thấy trong hướng dẫn; lấy theo chỉ tiêu 01–08 và 12–14 của báo cáo "
            "B01/ĐP của cấp dưới. Cột 12 là số đơn vị đã nhận trong kỳ, cột 13 là lũy kế từ đầu năm. Có mẫu mới thì "
            "thay tệp mẫu.",
        ),
        grids=(
            Grid(title="", heads=_HEADS, rows=(*rows, total)),
            Grid(title="Phần của đơn vị lập sổ", heads=_OWN, rows=_own(book)),
        ),
        notes=(f"Tỷ lệ để lại áp dụng: {book.share}.",) if book.share else (f"Kỳ này {book.state}.",),
        signatures=(
            Signature(role="NGƯỜI LẬP SỔ", note="(ký, ghi rõ họ tên)"),
            Signature(role="T/M CẤP ỦY", note="(ký, ghi rõ họ tên, đóng dấu)"),
        ),
    )


_OWN = (
    Head(title="Chỉ tiêu", width=60, words=True),
    Head(title="Số tiền", width=20),
)


def _own(book: S02) -> tuple[Row, ...]:
    received = sum(row.remitted for row in book.rows)
    state = "đã chốt" if book.state == "đã chốt" else book.state
    rows = [
        Row(cells=("Cấp dưới nộp trong kỳ (cột 12)", received)),
        Row(cells=("Đơn vị trực tiếp thu trong kỳ", book.own)),
        Row(cells=("Cộng", Sum(received + book.own, ((1, 0, 1), (1, 1, 1)))), strong=True),
        Row(cells=(f"Trích giữ lại trong kỳ ({state})", book.kept)),
        Row(cells=(f"Phải nộp cấp trên trong kỳ ({state})", book.payable)),
    ]
    return tuple(rows)
