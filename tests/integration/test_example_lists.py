"""The model lists under ``examples/danh-sach`` go into the ledger of the example's ward as they are."""

from datetime import datetime
from pathlib import Path

import pytest

from adapters.office import policy_change
from adapters.office.past_books import read_past_members, read_past_units
from api.flows.moves import import_moves
from api.flows.past import import_past
from api.flows.split import by_list
from api.wiring import in_memory
from domain.period import VIETNAM
from ledger.verify import verify
from tests.integration.office_acts import OFFICES, RESIDENTIAL, SETTINGS, WARD, Office, unit_id_for

LISTS = Path(__file__).resolve().parents[2] / "examples" / "danh-sach"
LATER = datetime(2026, 8, 10, 9, 0, tzinfo=VIETNAM)
CELL = unit_id_for("31.001.021")


@pytest.fixture
def office():
    made = Office(in_memory(SETTINGS))
    made.set_up()
    made.enter()
    made.roster(RESIDENTIAL)
    made.roster(OFFICES)
    made.sign()
    made.assess()
    return made


def moves(office, name, actor):
    return import_moves(office.inst, actor=actor, at=LATER, path=LISTS / name, root=WARD, new_id=lambda: f"new-{name}")


def test_moves_go_in_and_the_other_side_receives(office):
    given = moves(office, "bien-dong.csv", "VH-KT1")
    assert (given.rows, given.taken, given.problems) == (5, 5, ())
    received = moves(office, "tiep-nhan.csv", "VH-KT2")
    assert (received.taken, received.problems) == (1, ())
    assert moves(office, "bien-dong.csv", "VH-KT1").events == 0
    assert verify(office.inst.store.read(0, 100_000)).ok


def test_one_payment_is_split_as_the_list_says(office):
    told = {"actor": "VH-021-CU", "at": LATER, "data": (LISTS / "bang-ke-chia.csv").read_bytes(), "name": "ds.csv"}
    done = by_list(office.inst, **told, unit=CELL, slip="PT-9", payment=None)
    assert len(done.events) > 3
    assert verify(office.inst.store.read(0, 100_000)).ok


def test_old_books_go_in_as_two_lists_of_one_import(office):
    files = {"members": LISTS / "so-cu-dang-vien.csv", "units": LISTS / "so-cu-don-vi.csv"}
    done = import_past(office.inst, actor="VH-KT1", at=LATER, root=WARD, **files)
    assert (done.rows, done.taken, done.member_months, done.unit_months) == (4, 4, 11, 2)
    assert done.problems == ()


def test_the_policy_draft_is_read():
    draft = policy_change.read(LISTS.parent / "du-thao-muc-dong.json")
    assert draft.number


def test_every_model_list_is_named_in_the_readme_and_read_by_a_test():
    readme = (LISTS / "README.md").read_text(encoding="utf-8")
    here = Path(__file__).read_text(encoding="utf-8")
    for path in LISTS.glob("*.csv"):
        assert path.name in readme
        assert path.name in here
    assert read_past_members(LISTS / "so-cu-dang-vien.csv").problems == ()
    assert read_past_units(LISTS / "so-cu-don-vi.csv").problems == ()
