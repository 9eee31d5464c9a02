"""A collector's list that comes back filled in: one row a member, known by the reference printed on it.

The list was printed or saved before the round, filled in by hand or offline on a phone, and is entered later, perhaps
twice. What is not filled in says nothing. Rows are known by their reference and slip, never by a name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType

from adapters.office.table import Column, Line, Place, RowProblem, Table, optional, read_table, required
from domain.errors import Malformed
from domain.money import Dong, format_dong

#: Headings of the list, as we write them and as people change them.
COLUMNS: Mapping[str, Column] = MappingProxyType(
    {
        "reference": required("Mã nộp", "mã", "reference"),
        "amount": required("Thực thu", "thực thu (đồng)", "số tiền", "amount"),
        "paid_on": required("Ngày thu", "ngày", "paid on"),
        "slip": optional("Số phiếu", "phiếu thu", "slip"),
        # For the collector's eyes; what is owed and by whom is looked up again.
        "name": optional("Họ và tên", "họ tên", "name"),
        "owed": optional("Phải đóng", "owed"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectedRow:
    """One row that was filled in; ``slip`` is the reference itself where no other number is written; đồng."""

    place: Place
    reference: str
    amount: Dong
    paid_on: date
    slip: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """The rows that were filled in, and how many were left blank."""

    digest: str
    rows: tuple[CollectedRow, ...]
    blank: int


def read_collection(path: Path) -> Collected:
    """Read a list. It is taken whole or not at all: a bad row refuses the file and every bad row is named.

    Raises ``Malformed``; also where a row of totals says another sum than the rows.
    """
    table = read_table(path, COLUMNS)
    filled = [line for line in table.lines if line.has("amount")]
    rows = [_row(line) for line in filled]
    problems = [*table.problems, *(p for line in filled for p in line.problems)]
    seen: dict[str, CollectedRow] = {}
    for row in rows:
        first = seen.setdefault(row.slip, row)
        if first is not row and not problems:
            problems.append(row.place.problem(f"số phiếu {row.slip} đã có ở dòng {first.place.row}"))
    if problems:
        raise Malformed(_told(problems), where=table.name)
    _require_total(table, rows)
    return Collected(digest=table.digest, rows=tuple(rows), blank=len(table.lines) - len(rows))


def _row(line: Line) -> CollectedRow:
    reference = "".join(line.text("reference").split()).upper()
    amount = line.amount("amount")
    if amount == 0 and not line.problems:
        line.reject("amount", "là 0; để trống nếu không thu")
    return CollectedRow(
        place=line.place,
        reference=reference,
        amount=amount,
        paid_on=line.day("paid_on"),
        slip=line.text("slip") if line.has("slip") else reference,
    )


def _told(problems: list[RowProblem]) -> str:
    """At most ten problems in words; the file is entered when all are mended."""
    said = [f"dòng {p.row}{f', cột «{p.column}»' if p.column else ''}: {p.reason}" for p in problems[:10]]
    more = f" … và {len(problems) - 10} dòng khác" if len(problems) > 10 else ""
    return f"{'; '.join(said)}{more}. Sửa các dòng này rồi nhập lại cả tệp; chưa ghi dòng nào"


def _require_total(table: Table, rows: list[CollectedRow]) -> None:
    for total in table.totals:
        if not total.has("amount"):
            continue
        stated, summed = total.amount("amount"), sum(row.amount for row in rows)
        if not total.problems and stated and stated != summed:
            raise Malformed(
                f"dòng cộng ghi {format_dong(stated)} đồng, các dòng cộng lại {format_dong(summed)} đồng; tìm dòng sai "
                "hoặc dòng thiếu rồi nhập lại",
                where=total.place.where,
            )
