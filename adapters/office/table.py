"""A list of an office: headings found by their words, then rows, each with its place and everything wrong with it.

Good rows are used and bad rows are listed; a list whose headings are not understood is refused, because a column
that is silently left out would change what people owe.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Generic, TypeVar

from adapters.office import cells
from adapters.office.cells import BadCell, Cell, fold, shown, text_of
from adapters.office.sheets import MAX_COLUMNS, OfficeFile, Sheet, open_file
from domain.errors import Malformed
from domain.money import Dong
from domain.period import Month

T = TypeVar("T")
Row = TypeVar("Row", covariant=True)

#: Headings stand near the top; a file without them is not searched to its end.
_HEADINGS_WITHIN = 30

#: Columns that offices add for themselves; they are not read.
_NOT_READ = frozenset(map(fold, ("STT", "TT", "Số thứ tự", "Ghi chú", "Ngày sinh", "Giới tính", "Chức vụ", "Ký nhận")))

#: The first cell of a row of totals, folded: "Tổng cộng", "Cộng", "Tổng số: 362 đảng viên".
_TOTAL = re.compile(r"(?:tongcong|tongso|cong)(?:[0-9].*)?")
_NOTHING = date.min


@dataclass(frozen=True, slots=True, kw_only=True)
class RowProblem:
    """Why a row was left out: file, sheet (XLSX), row as the spreadsheet numbers it, heading of the column, reason.

    ``code`` is a stable word: that of the refusal, or ``bad-cell``. The reason is Vietnamese.
    """

    file: str
    sheet: str | None
    row: int | None
    column: str | None
    reason: str
    code: str = "bad-cell"

    @property
    def where(self) -> str:
        """The place in one line."""
        sheet = f", trang «{self.sheet}»" if self.sheet else ""
        row = f", dòng {self.row}" if self.row else ""
        column = f", cột «{self.column}»" if self.column else ""
        return f"{self.file}{sheet}{row}{column}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a row stands."""

    file: str
    sheet: str | None
    row: int

    @property
    def where(self) -> str:
        """The place in one line."""
        return RowProblem(file=self.file, sheet=self.sheet, row=self.row, column=None, reason="").where

    def problem(self, reason: str, column: str | None = None, code: str = "bad-cell") -> RowProblem:
        """A problem of this row."""
        return RowProblem(file=self.file, sheet=self.sheet, row=self.row, column=column, reason=reason, code=code)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One kind of column: the headings it may have, the first being the one we write; whether it must be there."""

    headings: tuple[str, ...]
    required: bool = True


def required(*headings: str) -> Column:
    """A column that must be there."""
    return Column(headings=headings)


def optional(*headings: str) -> Column:
    """A column that may be left out."""
    return Column(headings=headings, required=False)


class Line:
    """One row being read. Once a problem is noted the values read are meaningless and the row must be left out."""

    def __init__(self, place: Place, found: Mapping[str, Cell], headings: Mapping[str, str]) -> None:
        self.place = place
        self.problems: list[RowProblem] = []
        self._cells = found
        self._headings = headings
        for field, cell in found.items():
            if cells.is_formula(cell):
                self.reject(field, f"ô chứa công thức {shown(text_of(cell))}; dán giá trị thay cho công thức")

    def reject(self, field: str, reason: str) -> None:
        """Note what is wrong with a cell."""
        self.problems.append(self.place.problem(reason, self._headings.get(field)))

    def column(self, field: str) -> str | None:
        """The heading under which a field stands in this file."""
        return self._headings.get(field)

    def has(self, field: str) -> bool:
        """Whether the cell says anything."""
        return text_of(self._cells.get(field)) != ""

    def _read(self, field: str, reader: Callable[[Cell], T], nothing: T) -> T:
        cell = self._cells.get(field)
        if cells.is_formula(cell):
            return nothing  # Noted when the row was opened.
        if text_of(cell) == "":
            self.reject(field, "thiếu giá trị")
            return nothing
        try:
            return reader(cell)
        except BadCell as bad:
            self.reject(field, str(bad))
            return nothing

    def text(self, field: str) -> str:
        """A text that says something."""
        return self._read(field, text_of, "")

    def amount(self, field: str) -> Dong:
        """Whole đồng, zero included."""
        return self._read(field, cells.amount_of, 0)

    def whole(self, field: str, low: int, high: int) -> int:
        """A whole number within bounds."""
        return self._read(field, lambda cell: cells.whole_of(cell, low, high), 0)

    def day(self, field: str) -> date:
        """A calendar day."""
        return self._read(field, cells.day_of, _NOTHING)

    def month(self, field: str) -> Month:
        """A month."""
        return self._read(field, cells.month_in, Month("0001-01"))

    def code(self, field: str, pattern: str, meaning: str) -> str:
        """A code kept exactly as written."""
        return self._read(field, lambda cell: cells.code_of(cell, pattern, meaning), "")

    def word(self, field: str, words: "Words[T]", nothing: T) -> T:
        """One of a closed list; ``nothing`` stands in when the word is not understood."""
        return self._read(field, lambda cell: cells.word_of(cell, words.by_spelling, words.names), nothing)

    def parts(self, field: str, reader: Callable[[Cell], T]) -> tuple[T, ...]:
        """Several values in one cell, separated by semicolons; none when the cell is empty."""
        cell = self._cells.get(field)
        if text_of(cell) == "" or cells.is_formula(cell):
            return ()
        pieces: Sequence[Cell] = text_of(cell).split(";") if isinstance(cell, str) else (cell,)
        try:
            return tuple(reader(piece.strip() if isinstance(piece, str) else piece) for piece in pieces)
        except BadCell as bad:
            self.reject(field, str(bad))
            return ()


@dataclass(frozen=True, slots=True)
class Words(Generic[T]):
    """A closed list of words by folded spelling; ``names`` are how it is shown to people."""

    by_spelling: Mapping[str, T]
    names: tuple[str, ...]


def words(spellings: Mapping[T, tuple[str, ...]]) -> "Words[T]":
    """The words for each value; the first spelling of each is the one shown, and codes count as spellings."""
    by_spelling = {fold(text): value for value, texts in spellings.items() for text in texts}
    return Words(by_spelling, tuple(texts[0] for texts in spellings.values()))


YES_NO: "Words[bool]" = words({True: ("có", "x", "yes", "true"), False: ("không", "no", "false")})


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The rows of a file under their headings, and what was wrong with the shape of rows.

    ``totals`` are the rows that announce totals ("Tổng cộng"); each ends its sheet's list.
    """

    name: str
    digest: str
    lines: tuple[Line, ...]
    totals: tuple[Line, ...]
    problems: tuple[RowProblem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Headings:
    index: int
    at: Mapping[str, int]
    shown: Mapping[str, str]
    width: int


def read_table(path: Path, columns: Mapping[str, Column]) -> Table:
    """Read a file's list; ``Malformed`` when it cannot be read at all or its headings are not understood."""
    file = open_file(path)
    lines: list[Line] = []
    totals: list[Line] = []
    problems: list[RowProblem] = []
    for sheet in file.sheets:
        if all(_is_blank(row) for _, row in sheet.rows):
            continue
        found = _find_headings(file, sheet, columns)
        is_over = False
        for number, row in sheet.rows[found.index + 1 :]:
            place = Place(file=file.name, sheet=sheet.name, row=number)
            if _is_blank(row):
                continue
            line = Line(place, {f: row[at] if at < len(row) else None for f, at in found.at.items()}, found.shown)
            if _announces_total(row):
                totals.append(line)
                is_over = True
            elif is_over:
                # Signatures follow a total; a row of the list that stands there was forgotten in the sum.
                if sum(line.has(field) for field in found.at) > 2:
                    problems.append(place.problem("dòng nằm sau dòng tổng cộng; chuyển lên trên và cộng lại"))
            else:
                lines.append(line)
                _check_width(line, row, found, sheet)
    if not lines:
        raise Malformed("không có dòng dữ liệu nào dưới dòng tiêu đề; hãy lấy lại tệp đầy đủ", where=file.name)
    return Table(name=file.name, digest=file.digest, lines=tuple(lines), totals=tuple(totals), problems=tuple(problems))


def _check_width(line: Line, row: Sequence[Cell], found: _Headings, sheet: Sheet) -> None:
    """A CSV row of another width than its headings has a separator too many or too few: its cells have moved."""
    extra = any(text_of(cell) for cell in row[found.width :])
    if extra or (sheet.name is None and len(row) < found.width):
        line.problems.append(
            line.place.problem(
                f"có {len(row)} ô, tiêu đề có {found.width} cột; ô có dấu phẩy phải đặt trong dấu nháy kép"
            )
        )


def _find_headings(file: OfficeFile, sheet: Sheet, columns: Mapping[str, Column]) -> _Headings:
    """The first row that has every required heading; else say what the nearest row lacks."""
    where = f"{file.name}, trang «{sheet.name}»" if sheet.name else file.name
    by_word = {fold(text): field for field, column in columns.items() for text in column.headings}
    needed = {field for field, column in columns.items() if column.required}
    best: set[str] = set()
    for index, (number, row) in enumerate(sheet.rows[:_HEADINGS_WITHIN]):
        known = {by_word[fold(text_of(cell))] for cell in row if fold(text_of(cell)) in by_word}
        if needed <= known:
            return _named(index, row, by_word, columns, f"{where}, dòng {number}")
        best = known if len(known) > len(best) else best
    missing = ", ".join(f"«{columns[field].headings[0]}»" for field in columns if field in needed - best)
    raise Malformed(
        f"không thấy dòng tiêu đề đủ cột; thiếu: {missing}. Sửa tên cột rồi nhập lại (hoa, thường, dấu đều được)",
        where=where,
    )


def _named(
    index: int, row: Sequence[Cell], by_word: Mapping[str, str], columns: Mapping[str, Column], where: str
) -> _Headings:
    at: dict[str, int] = {}
    titles: dict[str, str] = {}
    width = 0
    for place, cell in enumerate(row[: MAX_COLUMNS + 1]):
        text = text_of(cell)
        if not text:
            continue
        width = place + 1
        field = by_word.get(fold(text))
        if field is None and fold(text) in _NOT_READ:
            continue
        if field is None:
            known = ", ".join(f"«{column.headings[0]}»" for column in columns.values())
            raise Malformed(f"cột lạ {shown(text)}; sửa tên hoặc xoá cột. Các cột được đọc: {known}", where=where)
        if field in at:
            raise Malformed(f"hai cột cùng là «{columns[field].headings[0]}»; xoá một cột", where=where)
        at[field] = place
        titles[field] = text
    if width > MAX_COLUMNS:
        raise Malformed(f"có hơn {MAX_COLUMNS} cột; xoá các cột thừa", where=where)
    return _Headings(index=index, at=at, shown=titles, width=width)


def _is_blank(row: Sequence[Cell]) -> bool:
    return not any(text_of(cell) for cell in row)


def _announces_total(row: Sequence[Cell]) -> bool:
    first = next((text_of(cell) for cell in row if text_of(cell)), "")
    return _TOTAL.fullmatch(fold(first)) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed(Generic[Row]):
    """The good rows of a file, what was wrong with the rest, how many rows there were, and the file's digest."""

    name: str
    rows: tuple[Row, ...]
    problems: tuple[RowProblem, ...]
    lines: int
    digest: str


def listed(table: Table, rows: Iterable[T | None]) -> Listed[T]:
    """A table's good rows with its problems in the order of the file; None stands for a row left out."""
    good = tuple(row for row in rows if row is not None)  # Reading the rows is what finds their problems.
    problems = [*table.problems, *(problem for line in table.lines for problem in line.problems)]
    sheets = {line.place.sheet: n for n, line in reversed(tuple(enumerate(table.lines)))}
    return Listed(
        name=table.name,
        rows=good,
        problems=tuple(sorted(problems, key=lambda p: (sheets.get(p.sheet, 0), p.row or 0))),
        lines=len(table.lines),
        digest=table.digest,
    )
