"""A statutory form as a workbook: one sheet a table, totals as live formulas, the same bytes for the same form."""

from openpyxl.styles import Alignment
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from adapters.books.form import Cell, Form, Grid, Head, Sum, versions_words
from adapters.books.sheet import Book, Column, Formula, Kind, Value

#: Longest name of a sheet that spreadsheets take.
_SHEET_NAME = 31


def form_xlsx(form: Form) -> bytes:
    """The workbook of a form."""
    book = Book()
    names: list[str] = []
    for place, grid in enumerate(form.grids, start=1):
        name = _sheet_name(grid.title or form.number, place)
        names.append(name)
        _sheet(book, name, form, grid, last=place == len(form.grids))
    return book.to_bytes(f"{form.number} {form.heading.unit_name} {form.heading.period}")


def _sheet_name(title: str, place: int) -> str:
    kept = "".join(letter for letter in title if letter not in "[]:*?/\\'")
    return f"{place}. {kept}"[:_SHEET_NAME].strip()


def _sheet(book: Book, name: str, form: Form, grid: Grid, *, last: bool) -> None:
    sheet = book.sheet(name)
    head = form.heading
    notes = (
        f"{form.number}. {head.unit_name} (mã {head.unit_code}). {form.subtitle}. Đơn vị tính: {form.unit_word}.",
        versions_words(head),
        *form.facts,
        *form.assumed,
    )
    book.heading(sheet, f"{form.title} – {grid.title}" if grid.title else form.title, *notes)
    top = len(notes) + 3
    columns = [_column(head_) for head_ in grid.heads]
    rows = [[_value(cell, top) for cell in row.cells] for row in grid.rows]
    end = book.table(sheet, top, columns, rows, list_=False)
    for place, column in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = column.width
    for number, row in enumerate(grid.rows, start=top + 1):
        if row.strong:
            letters = [get_column_letter(place) for place in range(1, len(row.cells) + 1)]
            book.total(sheet, number, dict(zip(letters, rows[number - top - 1], strict=True)), letters[-1])
    for place, note in enumerate(form.notes if last else (), start=end + 2):
        book.put(sheet, f"A{place}", note)
    if last:
        _signatures(book, sheet, form, end + 3 + len(form.notes), len(columns))


def _signatures(book: Book, sheet: Worksheet, form: Form, row: int, width: int) -> None:
    """Places to sign, spread over the width of the table."""
    count = max(len(form.signatures), 1)
    for place, signature in enumerate(form.signatures):
        letter = get_column_letter(1 + place * max(width // count, 1))
        for below, words in enumerate((signature.role, signature.note)):
            cell = book.put(sheet, f"{letter}{row + below}", words, bold=below == 0)
            cell.alignment = Alignment(horizontal="left")


def _column(head: Head) -> Column:
    mark = f" ({head.mark})" if head.mark else ""
    group = f"{head.group}: " if head.group else ""
    return Column(title=f"{group}{head.title}{mark}", width=head.width, kind=Kind.TEXT if head.words else Kind.MONEY)


def _value(cell: Cell, top: int) -> Value:
    """A cell as the workbook holds it; row 0 of the table stands below its headings in row ``top``."""
    if not isinstance(cell, Sum):
        return cell
    if not cell.terms:
        return cell.value
    return Formula(_formula(cell.terms, top), cell.value)


def _formula(terms: tuple[tuple[int, int, int], ...], top: int) -> str:
    """``SUM(C9:C20)`` where the terms are one column without a gap, else a chain of cells."""
    rows, columns = [r for _, r, _ in terms], {c for _, _, c in terms}
    whole = len(columns) == 1 and all(sign == 1 for sign, _, _ in terms) and rows == list(range(rows[0], rows[-1] + 1))
    if whole and len(terms) > 1:
        letter = get_column_letter(columns.pop() + 1)
        return f"SUM({letter}{rows[0] + top + 1}:{letter}{rows[-1] + top + 1})"
    chain = "".join(f"{'+' if sign > 0 else '-'}{get_column_letter(c + 1)}{r + top + 1}" for sign, r, c in terms)
    return chain.removeprefix("+")
