"""Codes with a zero in front leave as text: exactly in a CSV, as a text cell in a workbook, never as a formula."""

from pathlib import Path

from openpyxl import load_workbook

from adapters.bulk.files import Format, write
from ledger.reports_export import ExportColumn

COLUMNS = (ExportColumn(name="account", title="tài khoản"),)


def test_a_workbook_keeps_the_zero_of_an_account_code(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    write(path, Format.XLSX, COLUMNS, [("0110",), ("00012",)])
    cells = [row[0] for row in load_workbook(path).active.iter_rows(min_row=2)]
    assert [(cell.value, cell.data_type) for cell in cells] == [("0110", "s"), ("00012", "s")]


def test_a_csv_holds_the_code_and_nothing_before_it(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    write(path, Format.CSV, COLUMNS, [("0110",)])
    assert path.read_text(encoding="utf-8-sig").splitlines() == ["tài khoản", "0110"]
