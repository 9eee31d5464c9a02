"""The example's office files are made by the project: same seed, same bytes, and what they promise is in them."""

import io
import tomllib
import zipfile
from collections import Counter
from pathlib import Path

import pytest

from adapters.office.categories import CATEGORIES
from adapters.office.roster import read_roster
from adapters.sandbox.office_lists import OFFICES_FILE, RESIDENTIAL_FILE, example_office_files
from adapters.sandbox.people import make_members
from adapters.sandbox.viet_hoa import ACCOUNTS, CELLS, WARD

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "viet-hoa"
SEED = tomllib.loads((EXAMPLE / "demo.toml").read_text(encoding="utf-8"))["seed"]
FILES = example_office_files(SEED)


@pytest.mark.parametrize("name", sorted(FILES))
def test_the_committed_file_is_the_one_that_the_seed_makes(name):
    assert (EXAMPLE / name).read_bytes() == FILES[name]


def test_another_seed_makes_other_people_in_the_same_cells():
    others = make_members(SEED + 1)
    ours = make_members(SEED)
    assert Counter(made.cell.code for made in others) == Counter(made.cell.code for made in ours)
    assert [made.row["name"] for made in others] != [made.row["name"] for made in ours]


def test_the_workbook_carries_no_clock_and_no_compression():
    with zipfile.ZipFile(io.BytesIO(FILES[RESIDENTIAL_FILE])) as archive:
        entries = archive.infolist()
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert {entry.compress_type for entry in entries} == {zipfile.ZIP_STORED}


def test_the_lists_hold_about_700_people_of_every_category_relief_and_scope():
    members = [row for name in (RESIDENTIAL_FILE, OFFICES_FILE) for row in read_roster(EXAMPLE / name).rows]
    assert len(members) == 700
    assert {row.category for row in members} == {None, *CATEGORIES.by_spelling.values()}
    assert sum(row.category is None for row in members) == 3
    assert Counter((row.relief.relief, row.relief.percent) for row in members if row.relief) == {
        ("X1", 100): 18,
        ("X2", 100): 6,
        ("X3", 100): 7,
        ("X4", 30): 2,
        ("X4", 50): 2,
        ("X4", 70): 2,
        ("X4", 100): 2,
    }
    assert Counter(row.scope for row in members) == {"online": 676, "cash": 20, "abroad": 2, "armed-forces": 2}
    assert {month for row in members for month, _ in row.arrears} == {"2025-11", "2025-12", "2026-06"}
    assert all(row.category_342 for row in members if row.arrears)
    assert max(amount for row in members for _, _, amount in row.bases) == 50_000_000
    assert all("Mẫu" in row.name and row.card_number.startswith("99.") for row in members)


def test_at_least_ten_cells_use_the_wards_account_and_some_have_their_own():
    assert len(CELLS) == 25
    assert sum(cell.holder == WARD for cell in CELLS) >= 10
    assert sum(cell.holder == cell.code for cell in CELLS) == len(ACCOUNTS) - 4 == 11
    assert sum(cell.one_officer for cell in CELLS) == 3
