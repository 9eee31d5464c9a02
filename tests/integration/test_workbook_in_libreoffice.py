"""The treasurer's workbook in LibreOffice: every formula comes out as we stored it, and pages can be printed."""

import io
import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from adapters.books.treasurer import treasurer_workbook
from domain.identifiers import AccountId
from ledger.reports_reconciliation import ReconciliationResult
from tests.reconciliation_facts import result
from tests.unit.test_reconciliation_returns import settled, told
from tests.unit.test_treasurer_workbook import busy

OFFICE = shutil.which("soffice") or shutil.which("libreoffice")
_STORED = re.compile(r"(<f>[^<]*</f>)<v>[^<]*</v>")


def _results() -> tuple[ReconciliationResult, ...]:
    lines = (told(1, 8, 30_000, "portal/1"), told(2, 8, 20_000, "portal/2"), told(3, 8, 70_000, None))
    other = replace(result(settled(*lines)), account_id=AccountId("970436:0022"))
    return busy(), other


def _without_values(data: bytes) -> bytes:
    """The same file with no value stored beside a formula, so that the program has to calculate."""
    stripped = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(stripped, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            body = source.read(name)
            if name.startswith("xl/worksheets/"):
                body = _STORED.sub(r"\1", body.decode()).encode()
            target.writestr(name, body)
    return stripped.getvalue()


def _converted(data: bytes, kind: str, folder: Path) -> Path:
    if OFFICE is None:
        pytest.skip("LibreOffice không có trên máy này: chưa kiểm bảng tính bằng một chương trình khác")
    source = folder / "doi-chieu.xlsx"
    source.write_bytes(data)
    out = folder / kind
    profile = f"-env:UserInstallation=file://{folder / 'profile'}"
    command = [OFFICE, profile, "--headless", "--convert-to", kind, "--outdir", str(out), str(source)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return out / f"doi-chieu.{kind}"


def _formulas(data: bytes) -> dict[tuple[str, str], Any]:
    """Sheet and cell of each formula, with the value stored beside it."""
    cells = [c for page in load_workbook(io.BytesIO(data)) for row in page.iter_rows() for c in row]
    stored = load_workbook(io.BytesIO(data), data_only=True)
    return {
        (c.parent.title, c.coordinate): stored[c.parent.title][c.coordinate].value for c in cells if c.data_type == "f"
    }


def test_every_formula_comes_out_as_it_was_stored(tmp_path: Path) -> None:
    data = treasurer_workbook(_results(), title="Đối chiếu")
    again = load_workbook(_converted(_without_values(data), "xlsx", tmp_path), data_only=True)
    ours = _formulas(data)
    assert len(ours) > 150
    wrong = {at: (told, seen) for at, told in ours.items() if (seen := again[at[0]][at[1]].value) != told}
    assert not wrong
    shown = [str(c.value) for page in again for row in page.iter_rows() for c in row]
    assert [text for text in shown if text.startswith(("Err:", "#"))] == []
    assert again["Tổng hợp"]["B6"].value == "KHỚP"


def test_a_wrong_figure_is_called_out_by_the_sheet_itself(tmp_path: Path) -> None:
    """A day's book figure is changed by hand in the file: the control cell of the first page says so."""
    book = load_workbook(io.BytesIO(treasurer_workbook(_results(), title="Đối chiếu")))
    book["Chốt ba bên theo ngày"]["I6"] = 12_345
    changed = io.BytesIO()
    book.save(changed)
    again = load_workbook(_converted(changed.getvalue(), "xlsx", tmp_path), data_only=True)
    assert again["Chốt ba bên theo ngày"]["S6"].value == "LỆCH"
    assert again["Tổng hợp"]["B6"].value == "LỆCH"


def test_it_prints(tmp_path: Path) -> None:
    made = _converted(treasurer_workbook(_results(), title="Đối chiếu"), "pdf", tmp_path).read_bytes()
    assert made.startswith(b"%PDF")
    assert len(made) > 20_000
