"""S01-TCĐ as a form: what came in, what was spent by line, the balance and the money that covers it."""

from adapters.books.form import Cell, Form, Grid, Head, Row, Signature, Sum, period_words
from domain.money import Dong
from ledger.headings import HEADINGS
from ledger.statutory.books import TcdBook
from ledger.statutory.s01_tcd import INCOMES, Flow

_HEADS = (
    Head(title="Mục", mark="A", width=8, words=True),
    Head(title="Nội dung", mark="B", width=52, words=True),
    Head(title="Trong kỳ", mark="1", width=20),
    Head(title="Lũy kế từ đầu năm", mark="2", width=20),
)
_COVER = (Head(title="Tiền bảo đảm số dư", width=60, words=True), Head(title="Số tiền", width=20))


def tcd_form(book: TcdBook) -> Form:
    """The book laid out."""
    return Form(
        heading=book.heading,
        number="Mẫu S01-TCĐ",
        title="Sổ thu, chi tài chính",
        subtitle=period_words(book.heading.period),
        unit_word="đồng",
        facts=(),
        assumed=(),
        grids=(
            Grid(title="", heads=_HEADS, rows=_rows(book)),
            Grid(title="Số dư và tiền hiện có", heads=_COVER, rows=_cover(book)),
        ),
        notes=("Thu đảng phí là phần được trích để lại; tiền tính vào ngày ghi sổ.",),
        signatures=(
            Signature(role="NGƯỜI GHI SỔ", note="(ký, ghi rõ họ tên)"),
            Signature(role="PHỤ TRÁCH", note="(ký, ghi rõ họ tên)"),
            Signature(role="T/M CẤP ỦY", note="(ký, ghi rõ họ tên, đóng dấu)"),
        ),
    )


def _rows(book: TcdBook) -> tuple[Row, ...]:
    f = book.figures
    rows = [Row(cells=("I", "Số dư đầu kỳ", f.opening, f.year_opening), strong=True)]
    incomes = [("Đảng phí được để lại", f.period.dues_total, f.year.dues_total)]
    incomes += [(title, dict(f.period.incomes)[code], dict(f.year.incomes)[code]) for code, title in INCOMES.items()]
    incomes.append(("Số dư mang sang, nhận bàn giao", f.period.brought_in, f.year.brought_in))
    rows += _group("II", "Thu", incomes, len(rows))
    lines = [code for code in HEADINGS if HEADINGS[code].line == code]
    spent = [(HEADINGS[code].title, _line(f.period, code), _line(f.year, code)) for code in lines]
    at_spent = len(rows)
    rows += _group("III", "Chi", spent, at_spent)
    end: list[Cell] = [
        Sum(f.balance, ((1, 0, c), (1, 1, c), (-1, at_spent, c))) if _closes(book, c) else f.balance for c in (2, 3)
    ]
    rows.append(Row(cells=("IV", "Số dư cuối kỳ (I + II − III)", *end), strong=True))
    return tuple(rows)


def _closes(book: TcdBook, column: int) -> bool:
    """Opening + in − out = balance; the close of a year moves between the funds and is no flow."""
    f = book.figures
    opening, flow = (f.opening, f.period) if column == 2 else (f.year_opening, f.year)
    return opening + flow.total_in + flow.brought_in - flow.total_out == f.balance


def _line(flow: Flow, code: str) -> Dong:
    return flow.by_line()[code]


def _group(mark: str, title: str, parts: list[tuple[str, Dong, Dong]], start: int) -> list[Row]:
    """A sum row above its parts."""
    sums = [
        Sum(sum(amounts), tuple((1, start + n, column) for n in range(1, len(parts) + 1)))
        for column, amounts in ((2, [now for _, now, _ in parts]), (3, [year for _, _, year in parts]))
    ]
    rows = [Row(cells=(mark, title, *sums), strong=True)]
    rows += [Row(cells=(str(n), words, now, year), indent=True) for n, (words, now, year) in enumerate(parts, start=1)]
    return rows


def _cover(book: TcdBook) -> tuple[Row, ...]:
    c = book.figures.cover
    terms = ((1, 0, 1), (1, 1, 1), (1, 2, 1), (-1, 3, 1), (1, 4, 1))
    return (
        Row(cells=("Tiền mặt", c.cash)),
        Row(cells=("Tiền gửi ngân hàng, kho bạc", c.bank)),
        Row(cells=("Tiền đang chuyển, qua Cổng, nhờ giữ hộ", c.elsewhere)),
        Row(cells=("Trừ: tiền của người khác đang giữ", c.of_others)),
        Row(cells=("Thiếu quỹ chờ xử lý", c.shortage)),
        Row(cells=("Cộng: bằng số dư cuối kỳ", Sum(c.own, terms)), strong=True),
    )
