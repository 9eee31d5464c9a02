"""Sums as banks write them in tables: which mark groups the thousands is decided for a column, never for a cell.

``1.000`` and ``1,000`` are both a thousand đồng, but not in one column: where both occur, one of them has been
changed by a spreadsheet on the way and nobody can say which.
"""

import re
from collections.abc import Sequence

from adapters.bank.grid import Cell, text_of
from domain.errors import Malformed
from domain.money import AMOUNT_CAP, Dong

_UNIT = re.compile(r"\s*(?:VND|VNĐ|đồng|đ|₫)\.?$", re.IGNORECASE)
#: Thousands by comma and decimals by point, or the other way round; VND has no decimals, so they must be zero.
_COMMA = re.compile(r"([+-]?)(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d{1,2}))?", re.ASCII)
_POINT = re.compile(r"([+-]?)(\d{1,3}(?:\.\d{3})+|\d+)(?:,(\d{1,2}))?", re.ASCII)
_STYLES = (_COMMA, _POINT)
#: By the mark before the decimals.
_BY_MARK = {".": _COMMA, ",": _POINT}


def says_nothing(cell: Cell) -> bool:
    """Whether an amount cell is empty or holds only a dash."""
    return text_of(cell) in {"", "-", "–"}


def is_nothing(cell: Cell) -> bool:
    """Whether an amount cell is empty, a dash, or a zero in any writing."""
    return says_nothing(cell) or re.fullmatch(r"[+-]?0+(?:[.,]0+)*", _bare(cell), re.ASCII) is not None


def _bare(cell: Cell) -> str:
    return _UNIT.sub("", text_of(cell))


class Column:
    """The amounts of one column: first every cell is seen, then each can be read as the column writes its sums.

    ``decimal_mark`` "," or "." says how the column is written; without it the cells decide.
    """

    def __init__(self, decimal_mark: str | None = None) -> None:
        self._fitting = [style for style in _STYLES if decimal_mark is None or style is _BY_MARK[decimal_mark]]

    def see(self, where: str, cell: Cell) -> None:
        """Raises ``Malformed`` when the cell is no sum, or groups its thousands otherwise than those above it."""
        if not isinstance(cell, str) or says_nothing(cell):
            return
        bare = _bare(cell)
        if not any(style.fullmatch(bare) for style in _STYLES):
            raise Malformed(f"{bare[:40]!r} không phải số tiền", where=where)
        self._fitting = [style for style in self._fitting if style.fullmatch(bare)]
        if not self._fitting:
            raise Malformed(f"{bare[:40]!r} ngăn cách hàng nghìn khác các dòng trên trong cùng cột", where=where)

    def read(self, where: str, cell: Cell) -> Dong:
        """The cell in whole đồng, 0 when it is empty; may be negative. Raises ``Malformed``."""
        return 0 if says_nothing(cell) else _amount(cell, self._fitting[0], where)


def read_column(cells: Sequence[tuple[str, Cell]]) -> list[Dong]:
    """Read the (place, cell) pairs of one column as whole đồng, 0 where a cell is empty; may be negative.

    Raises ``Malformed`` with the place of the first cell that is no sum, has decimals other than zero, is
    larger than the cap, or groups its thousands by another mark than the rest of the column.
    """
    column = Column()
    for where, cell in cells:
        column.see(where, cell)
    return [column.read(where, cell) for where, cell in cells]


def _amount(cell: Cell, style: re.Pattern[str], where: str) -> Dong:
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        raise Malformed(f"{text_of(cell)[:40]!r} không phải số tiền", where=where)
    if isinstance(cell, float) and not cell.is_integer():
        raise Malformed(f"{cell} không phải số đồng nguyên", where=where)
    if isinstance(cell, str):
        match = style.fullmatch(_bare(cell))
        if match is None or (match[3] or "").strip("0"):
            raise Malformed(f"{text_of(cell)[:40]!r} không phải số đồng nguyên", where=where)
        digits = re.sub(r"[.,]", "", match[2])
        value = int(digits) if len(digits) < 40 else AMOUNT_CAP + 1
        value = -value if match[1] == "-" else value
    else:
        value = int(cell)
    if abs(value) > AMOUNT_CAP:
        raise Malformed(f"số tiền {text_of(cell)[:40]} vượt quá giới hạn {AMOUNT_CAP}", where=where)
    return value


def read_one(text: str) -> Dong | None:
    """A sum that stands alone, such as a balance beside its label; ``None`` when the text is no sum."""
    bare = _bare(text)
    style = next((s for s in _STYLES if s.fullmatch(bare)), None)
    return None if style is None else _amount(text, style, "")
