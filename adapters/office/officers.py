"""Officers and their grants from an office's list: code, unit, role, first and last day, decision.

A row may name, under ``second_person``, the unit whose accountant is the second person where the row's unit has one
officer only. Officers are codes of posts (``VH-KT1``), never names of people.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType

from adapters.office.organisation import CODE
from adapters.office.table import Column, Line, Listed, Place, Words, listed, optional, read_table, required, words
from domain.access import Role

ROLES: Words[Role] = words(
    {
        Role.SECRETARY: ("bí thư", "phó bí thư", "secretary"),
        Role.COLLECTOR: ("chi ủy viên thu đảng phí", "người thu", "collector"),
        Role.ACCOUNTANT: ("kế toán", "kế toán Đảng", "accountant"),
        Role.CASHIER: ("thủ quỹ", "cashier"),
        Role.COMMITTEE: ("T/M cấp ủy", "chủ tài khoản", "cấp ủy", "committee"),
        Role.OFFICE: ("văn phòng", "Văn phòng Đảng ủy", "office"),
        Role.INSPECTOR: ("kiểm tra", "Ủy ban Kiểm tra", "inspector"),
    }
)

COLUMNS: Mapping[str, Column] = MappingProxyType(
    {
        "code": required("code", "mã cán bộ"),
        "unit": required("unit", "mã đơn vị"),
        "role": required("role", "vai trò"),
        "from": required("from", "từ ngày"),
        "to": required("to", "đến ngày"),
        "decision": required("decision", "số quyết định"),
        "second_person": optional("second_person", "người thứ hai"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficerRow:
    """One grant; ``valid_to`` None is open, ``second_person`` is the code of the unit whose accountant stands in."""

    place: Place
    officer: str
    unit_code: str
    role: Role
    valid_from: date
    valid_to: date | None
    decision: str
    second_person: str | None


def read_officers(path: Path) -> Listed[OfficerRow]:
    """Read the list; ``Malformed`` when it cannot be read at all."""
    table = read_table(path, COLUMNS)
    return listed(table, (_officer(line) for line in table.lines))


def _officer(line: Line) -> OfficerRow | None:
    row = OfficerRow(
        place=line.place,
        officer=line.code("code", CODE, "mã cán bộ"),
        unit_code=line.code("unit", CODE, "mã đơn vị"),
        role=line.word("role", ROLES, Role.INSPECTOR),
        valid_from=line.day("from"),
        valid_to=line.day("to") if line.has("to") else None,
        decision=line.text("decision"),
        second_person=line.code("second_person", CODE, "mã đơn vị") if line.has("second_person") else None,
    )
    if row.valid_to is not None and row.valid_to < row.valid_from:
        line.reject("to", "ngày kết thúc trước ngày bắt đầu")
    return None if line.problems else row
