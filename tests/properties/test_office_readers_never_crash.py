"""Whatever an office's file holds, its reader answers with rows and problems, or says that it cannot read it."""

import contextlib
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.office import cells
from adapters.office.bases import read_bases
from adapters.office.cells import BadCell
from adapters.office.officers import read_officers
from adapters.office.openings import read_openings
from adapters.office.organisation import read_accounts, read_holders, read_regions, read_units
from adapters.office.roster import read_roster
from adapters.sandbox.office_lists import RESIDENTIAL_FILE, example_office_files
from domain.errors import Malformed
from domain.money import AMOUNT_CAP

READERS = {
    "to-chuc.csv": read_units,
    "tai-khoan.csv": read_accounts,
    "noi-nhan-tien.csv": read_holders,
    "vung-luong.csv": read_regions,
    "officers.csv": read_officers,
    "so-du-dau-ky.csv": read_openings,
    "luong-thang-7.csv": read_bases,
    "danh-sach-loi.csv": read_roster,
}
FILES = example_office_files(7)
LIMITS = settings(max_examples=60, deadline=timedelta(seconds=5), suppress_health_check=list(HealthCheck))
CELL = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.datetimes() | st.dates() | st.times()


@pytest.mark.parametrize("name", READERS)
@LIMITS
@given(data=st.data())
def test_a_damaged_list_gives_rows_and_problems_or_is_refused(tmp_path: Path, name: str, data: st.DataObject) -> None:
    """Cells replaced by any text, bytes replaced by any bytes; every row is read or named, never lost."""
    lines = FILES[name].decode().split("\r\n")[:6]
    number = data.draw(st.integers(0, len(lines) - 1))
    parts = lines[number].split(",")
    parts[data.draw(st.integers(0, len(parts) - 1))] = data.draw(
        st.text(max_size=30) | st.sampled_from(["=1", "0", ""])
    )
    lines[number] = ",".join(parts)
    content = "\r\n".join([*lines, ""]).encode("utf-8", "surrogatepass")
    at = data.draw(st.integers(0, len(content)))
    content = content[:at] + data.draw(st.just(b"") | st.binary(max_size=4)) + content[at:]
    path = tmp_path / name
    path.write_bytes(content)
    with contextlib.suppress(Malformed):
        listed = READERS[name](path)
        left_out = {problem.row for problem in listed.problems}
        assert len(listed.rows) + len(left_out) >= listed.lines
        assert not left_out & {row.place.row for row in listed.rows}


@LIMITS
@given(at=st.integers(0, len(FILES[RESIDENTIAL_FILE])), patch=st.binary(min_size=1, max_size=40))
def test_a_damaged_workbook_gives_rows_or_is_refused(tmp_path: Path, at: int, patch: bytes) -> None:
    content = FILES[RESIDENTIAL_FILE]
    path = tmp_path / "danh-sach.xlsx"
    path.write_bytes(content[:at] + patch + content[at + len(patch) :])
    with contextlib.suppress(Malformed):
        assert read_roster(path).lines > 0


@settings(LIMITS, max_examples=400)
@given(cell=CELL)
def test_every_cell_is_read_or_refused_and_amounts_stay_within_bounds(cell: cells.Cell) -> None:
    for reader in (cells.day_of, cells.month_in, cells.text_of):
        with contextlib.suppress(BadCell):
            reader(cell)
    with contextlib.suppress(BadCell):
        assert 0 <= cells.amount_of(cell) <= AMOUNT_CAP
    with contextlib.suppress(BadCell):
        assert 1 <= cells.whole_of(cell, 1, 100) <= 100
