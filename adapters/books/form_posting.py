"""The monthly public posting as one A4 page and as text: collected, kept, sent, spent by heading; no names."""

from adapters.books.form import Form, Grid, Head, Row, Signature, Sum, period_words
from domain.money import format_dong
from ledger.headings import HEADINGS
from ledger.statutory.books import PostingPage

_HEADS = (Head(title="Nội dung", width=60, words=True), Head(title="Số tiền", width=22))


def posting_form(page: PostingPage) -> Form:
    """The page laid out, with a picture of the four sums."""
    p = page.figures
    spent = [(HEADINGS[code].title, amount) for code, amount in p.spent if amount]
    first = 5 if not p.declared else 4
    rows = [
        Row(cells=("Đảng phí đã thu trong kỳ", p.collected), strong=True),
        Row(cells=("Được để lại", p.kept if p.declared else "chưa phân bổ"), indent=True),
        Row(cells=("Phải nộp cấp trên", p.payable if p.declared else "chưa phân bổ"), indent=True),
        Row(cells=("Đã nộp cấp trên", p.sent), indent=True),
    ]
    if not p.declared:
        rows.append(Row(cells=("Đã thu, chưa phân bổ", p.unsplit), indent=True))
    terms = tuple((1, first + 1 + n, 1) for n in range(len(spent)))
    rows.append(Row(cells=("Đã chi từ nguồn của chi bộ", Sum(p.spent_total, terms)), strong=True))
    rows += [Row(cells=(title, amount), indent=True) for title, amount in spent]
    rows.append(Row(cells=("Còn lại cuối kỳ (nguồn của chi bộ)", p.balance), strong=True))
    bars = (("Đã thu", p.collected), ("Để lại", p.kept), ("Đã nộp cấp trên", p.sent), ("Đã chi", p.spent_total))
    return Form(
        heading=page.heading,
        number="Công khai",
        title="Công khai thu, nộp, sử dụng đảng phí",
        subtitle=period_words(page.heading.period),
        unit_word="đồng",
        facts=(),
        assumed=(),
        grids=(Grid(title="", heads=_HEADS, rows=tuple(rows)),),
        notes=("Bản công khai không nêu tên đảng viên. Ai muốn xem phần của mình, đề nghị chi ủy in bản kê năm.",),
        signatures=(
            Signature(role="NGƯỜI LẬP", note="(ký, ghi rõ họ tên)"),
            Signature(role="T/M CHI ỦY", note="(ký, ghi rõ họ tên)"),
        ),
        bars=bars,
    )


def posting_text(page: PostingPage) -> str:
    """The same as plain text, for a notice board or a message to the cell's group."""
    form = posting_form(page)
    head = form.heading
    lines = [f"{form.title.upper()}", f"{head.unit_name} – {form.subtitle}", ""]
    for row in form.grids[0].rows:
        label, cell = row.cells
        value = cell.value if isinstance(cell, Sum) else cell
        figure = f"{format_dong(value)} đồng" if isinstance(value, int) else str(value)
        lines.append(f"{'  – ' if row.indent else ''}{label}: {figure}")
    longest = max((amount for _, amount in form.bars), default=0) or 1
    lines.append("")
    for label, amount in form.bars:
        lines.append(f"{label:<16} {'█' * (max(amount, 0) * 30 // longest)} {format_dong(amount)}")
    return "\n".join([*lines, "", *form.notes]) + "\n"
