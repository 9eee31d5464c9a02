"""Office lists for the year of the ward: the same cells and people as in the month, a year earlier, under 342-QĐ/TW.

Reliefs of 01-QĐ/TW do not exist yet, nobody is in arrears, and every member has a category under either regulation.
"""

import random
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from adapters.office import bases, officers, openings, organisation
from adapters.sandbox.office_lists import csv_bytes, first, roster_csv
from adapters.sandbox.people import LEAVE, OVER, PENSIONER, SI, STUDENT, UNDER, Made, Row, between, make_members
from adapters.sandbox.viet_hoa import (
    ACCOUNTS,
    CELLS,
    COMPANY,
    PROVINCE,
    SCHOOL,
    WARD,
    account_rows,
    holder_rows,
    officer_rows,
    region_rows,
    unit_rows,
)
from domain.money import format_dong

SINCE = "01/08/2025"
_FIRST = date(2025, 8, 1)
_ADMIN = "342: cơ quan hành chính, lực lượng vũ trang"
_ENTERPRISE = "342: doanh nghiệp, đơn vị sự nghiệp, tổ chức kinh tế"
_PENSION = "342: hưởng lương hưu BHXH"
_STUDENT = "342: học sinh, sinh viên"
_TOWN = "342: nông nghiệp, thị xã, thị trấn"

#: What belongs to the months from July 2026 on and has no place in a list of 2025.
_LATER = ("relief", "percent", "relief_from", "relief_to", "decision", "decided_by", "decided_on", "arrears")
_LATER_TOO = ("arrear_bases", "category_342", "credit")


def write_year_files(folder: Path, seed: int) -> None:
    """Write the office lists of the year into ``folder``; the same seed gives the same bytes."""
    members = tuple(made for made in make_members(seed) if made.row["category"])
    files = {
        "to-chuc.csv": csv_bytes(first(organisation.UNIT_COLUMNS), unit_rows()),
        "tai-khoan.csv": csv_bytes(first(organisation.ACCOUNT_COLUMNS), account_rows(SINCE)),
        "noi-nhan-tien.csv": csv_bytes(first(organisation.HOLDER_COLUMNS), holder_rows(SINCE)),
        "vung-luong.csv": csv_bytes(first(organisation.REGION_COLUMNS), region_rows(SINCE)),
        "officers.csv": csv_bytes(first(officers.COLUMNS), officer_rows(SINCE)),
        "danh-sach-dang-vien.csv": roster_csv([_of_2025(made) for made in members]),
        "luong-theo-342.csv": csv_bytes(first(bases.COLUMNS), _bases_342(members)),
        "so-du-dau-ky.csv": _openings(seed),
        "so-du-dau-ky-thanh-uy.csv": csv_bytes(
            first(openings.COLUMNS), [_opening(PROVINCE, 398_120_000), _opening("Tổng cộng", 398_120_000)]
        ),
    }
    for name, content in files.items():
        (folder / name).write_bytes(content)


def _of_2025(made: Made) -> Row:
    """The same person on the list of August 2025."""
    row = {key: value for key, value in made.row.items() if key not in (*_LATER, *_LATER_TOO)}
    row |= {"enrolled": _FIRST, "from_month": "08/2025", "category_342": _category_342(made)}
    if "base_month" in row:
        row["base_month"] = "07/2025"
    return row


def _category_342(made: Made) -> str:
    category = made.row["category"]
    if category in (SI, LEAVE):
        return _ADMIN if made.cell.work == "state" else _ENTERPRISE
    return {PENSIONER: _PENSION, STUDENT: _STUDENT, UNDER: _TOWN, OVER: _TOWN}.get(str(category), _ENTERPRISE)


def _bases_342(members: Sequence[Made]) -> Iterator[tuple[str, ...]]:
    """Salaries as 342-QĐ/TW counts them: the same sums here, under the names of that regulation."""
    for made in members:
        amount = made.row.get("si-salary", made.row.get("benefit", made.row.get("allowance")))
        if isinstance(amount, int):
            by_salary = _category_342(made) == _ADMIN
            kind = "Lương và phụ cấp (342)" if by_salary else "Thu nhập từ quỹ lương (342)"
            yield str(made.row["card"]), kind, "08/2025", format_dong(amount)


def _openings(seed: int) -> bytes:
    rng = random.Random(seed + 5)
    codes = (WARD, SCHOOL, COMPANY, *(cell.code for cell in CELLS if cell.code in ACCOUNTS))
    banks = {code: between(rng, 400_000, 4_000_000, 1_000) for code in codes} | {WARD: 31_207_000}
    rows = [_opening(code, bank) for code, bank in banks.items()]
    return csv_bytes(first(openings.COLUMNS), [*rows, _opening("Tổng cộng", sum(banks.values()))])


def _opening(code: str, bank: int) -> tuple[str, ...]:
    """A unit that begins with money in the bank alone, all of it its own fund; or the sum of all of them."""
    told = code in ACCOUNTS
    figures = (format_dong(bank), "0", format_dong(bank), "0", "0", "0", "0", "0")
    if not told:
        return (code, "", "", *figures, "")
    return (code, SINCE, ACCOUNTS[code][1], *figures, "Biên bản chốt số dư 31/7/2025 (ví dụ)")
