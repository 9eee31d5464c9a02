"""The example's office files as bytes: lists in CSV and XLSX, and opening balances that agree with them."""

import csv
import io
import random
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.worksheet import Worksheet

from adapters.office import bases, cells, officers, openings, organisation, roster
from adapters.office.categories import CATEGORIES, CATEGORIES_342
from adapters.office.policy_file import offline_policy
from adapters.office.table import Column
from adapters.sandbox.people import SI, Made, Row, between, make_members, wrong_rows
from adapters.sandbox.statements import fixed_zip
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
from domain.assessment import assess, rate_for
from domain.money import Dong, format_dong, ratio_half_up
from domain.policy import Policy
from domain.policy_rows import BaseKind

RESIDENTIAL_FILE = "danh-sach-dang-vien-khu-dan-cu.xlsx"
OFFICES_FILE = "danh-sach-dang-vien-co-quan.csv"
WRONG_FILE = "danh-sach-loi.csv"
JULY_FILE = "luong-thang-7.csv"

_BOM = b"\xef\xbb\xbf"
_REGION = "II"
_MONTHS_SO_FAR = 5  #: February to June 2026 under 01-QĐ/TW
_TITLES = (
    "ĐẢNG BỘ PHƯỜNG VIỆT HÒA",
    "DANH SÁCH ĐẢNG VIÊN CÁC CHI BỘ TỔ DÂN PHỐ",
    "Dữ liệu tổng hợp để minh họa, không phải người thật",
)


def write_example_office_files(folder: Path, seed: int) -> None:
    """Write every office file of the example into ``folder``; the same seed gives the same bytes."""
    for name, content in example_office_files(seed).items():
        (folder / name).write_bytes(content)


def example_office_files(seed: int) -> dict[str, bytes]:
    """The files by name."""
    members = make_members(seed)
    residential = [made.row for made in members if made.cell.work == "residential"]
    offices = [made.row for made in members if made.cell.work != "residential"]
    return {
        "to-chuc.csv": csv_bytes(first(organisation.UNIT_COLUMNS), unit_rows()),
        "tai-khoan.csv": csv_bytes(first(organisation.ACCOUNT_COLUMNS), account_rows()),
        "noi-nhan-tien.csv": csv_bytes(first(organisation.HOLDER_COLUMNS), holder_rows()),
        "vung-luong.csv": csv_bytes(first(organisation.REGION_COLUMNS), region_rows()),
        "officers.csv": csv_bytes(first(officers.COLUMNS), officer_rows()),
        RESIDENTIAL_FILE: _workbook(residential),
        # Excel writes a byte order mark before CSV in UTF-8, so one of the example's files has it.
        OFFICES_FILE: _BOM + roster_csv(offices),
        WRONG_FILE: roster_csv(list(wrong_rows(seed, members))),
        JULY_FILE: csv_bytes(first(bases.COLUMNS), _july_rows(members)),
        "so-du-dau-ky.csv": _openings(seed, members),
        "so-du-dau-ky-thanh-uy.csv": _openings_csv([(PROVINCE, _figures(0, 412_350_000, 0, 0, (0, 0, 0)))]),
    }


def first(columns: Mapping[str, Column]) -> tuple[str, ...]:
    return tuple(column.headings[0] for column in columns.values())


def csv_bytes(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(headings)
    writer.writerows(rows)
    return text.getvalue().encode()


# --- lists of members -------------------------------------------------------------------------------------------


def roster_csv(rows: Sequence[Row]) -> bytes:
    return csv_bytes(first(roster.COLUMNS), ([_text(row.get(field, "")) for field in roster.COLUMNS] for row in rows))


def _text(value: str | int | date) -> str:
    return f"{value:%d/%m/%Y}" if isinstance(value, date) else str(value)


def _workbook(rows: Sequence[Row]) -> bytes:
    """A workbook as offices keep it: titles, headings in row 5, sums as numbers, days as dates, card numbers as text.

    The zip is stored with every clock stopped, so that the bytes are the same on every machine.
    """
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)  # A new workbook has one worksheet.
    sheet.title = "Danh sách"
    for number, title in enumerate(_TITLES, start=1):
        sheet.cell(row=number, column=1, value=title).font = Font(bold=number < 3, italic=number == 3)
    for column, heading in enumerate(first(roster.COLUMNS), start=1):
        cell = sheet.cell(row=5, column=column, value=heading)
        cell.font = Font(bold=True)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.column_dimensions[cell.column_letter].width = 28 if column == 2 else 16
    sheet.freeze_panes = "C6"
    for index, row in enumerate(rows, start=6):
        for column, field in enumerate(roster.COLUMNS, start=1):
            value = row.get(field)
            if value is None or value == "":
                continue
            cell = sheet.cell(row=index, column=column, value=value)
            if isinstance(value, date):
                cell.number_format = "dd/mm/yyyy"
            elif isinstance(value, int) and value > 999:
                cell.number_format = "#,##0"
    written = io.BytesIO()
    book.save(written)
    return fixed_zip(written.getvalue())


def _july_rows(members: Sequence[Made]) -> Iterable[tuple[str, ...]]:
    """The state scale from July on: the base salary rises from 2,340,000 to 2,530,000 (161/2026/NĐ-CP)."""
    for made in members:
        if made.july_base is not None and made.row["category"] == SI:
            yield str(made.row["card"]), "Lương đóng BHXH", "07/2026", format_dong(made.july_base)


# --- opening balances -------------------------------------------------------------------------------------------

#: In the order of the file's amount columns.
_Figures = tuple[Dong, Dong, Dong, Dong, Dong, Dong, Dong, Dong]


def _figures(cash: Dong, bank: Dong, credit: Dong, arrears: Dong, ytd: tuple[Dong, Dong, Dong]) -> _Figures:
    return bank, cash, bank + cash - credit, credit, arrears, *ytd


def _openings(seed: int, members: Sequence[Made]) -> bytes:
    """Ward, base committees and cells; year-to-date figures follow the example's shares from the cells up."""
    rng = random.Random(seed + 2)
    policy = offline_policy()
    passed: dict[str, Dong] = {WARD: 0, SCHOOL: 0, COMPANY: 0}
    rows: dict[str, _Figures] = {}
    for cell in CELLS:
        own = [made.row for made in members if made.cell is cell]
        collected = cell.size * between(rng, 25_000, 70_000, 100) * _MONTHS_SO_FAR
        kept = ratio_half_up(collected, 30, 100)
        passed[cell.parent] += collected - kept
        credit = sum(_whole(row.get("credit", 0)) for row in own)
        arrears = sum(_owed(policy, row) for row in own)
        has_account = cell.code in ACCOUNTS
        bank = between(rng, 400_000, kept, 1_000) + credit if has_account else 0
        cash = between(rng, 0, 150_000, 1_000) if rng.random() < 0.5 else 0
        rows[cell.code] = _figures(cash, bank, credit, arrears, (collected, kept, collected - kept))
    for code in (SCHOOL, COMPANY):
        rows[code] = _committee(rng, passed[code])
        passed[WARD] += passed[code] - ratio_half_up(passed[code], 50, 100)
    rows[WARD] = _committee(rng, passed[WARD])
    return _openings_csv([(code, rows[code]) for code in (WARD, SCHOOL, COMPANY, *(cell.code for cell in CELLS))])


def _committee(rng: random.Random, collected: Dong) -> _Figures:
    kept = ratio_half_up(collected, 50, 100)
    cash = between(rng, 200_000, 1_500_000, 1_000)
    return _figures(cash, between(rng, kept // 2_000 * 1_000, kept, 1_000), 0, 0, (collected, kept, collected - kept))


def _openings_csv(rows: Sequence[tuple[str, _Figures]]) -> bytes:
    document = "Biên bản chốt số dư 30/6/2026 (ví dụ)"
    lines = []
    for code, figures in rows:
        account = ACCOUNTS[code][1] if code in ACCOUNTS else ""
        lines.append((code, "01/07/2026", account, *map(format_dong, figures), document))
    totals = [sum(column) for column in zip(*(figures for _, figures in rows), strict=True)]
    lines.append(("Tổng cộng", "", "", *map(format_dong, totals), ""))
    return csv_bytes(first(openings.COLUMNS), lines)


def _whole(value: str | int | date) -> int:
    if not isinstance(value, int):
        raise TypeError("a sum of đồng is a whole number")
    return value


def _owed(policy: Policy, row: Row) -> Dong:
    """What a member owes for earlier months, by the law of each month; đồng."""
    base = row.get("arrear_bases")
    total = 0
    for text in str(row.get("arrears", "")).split("; "):
        if not text:
            continue
        month = cells.month_in(text)
        by_342 = month < "2026-02"
        spellings = (CATEGORIES_342 if by_342 else CATEGORIES).by_spelling
        category = spellings[cells.fold(str(row["category_342" if by_342 else "category"]))]
        by_wage = rate_for(policy, month=month, category=category).base_kind is BaseKind.REGIONAL_MINIMUM_WAGE
        total += assess(
            policy,
            month=month,
            category=category,
            base=None if base is None else _whole(base),
            base_month=None,
            region=_REGION if by_wage else None,
            relief=None,
        ).due
    return total
