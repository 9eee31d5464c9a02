"""S01/ĐP as a cell reads it: empty months stay empty, who came and left, what was paid freely, what old books tell."""

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from adapters.books.form import Cell as FormCell
from adapters.books.form import figure
from adapters.books.form_b01 import b01_form
from adapters.books.form_s01 import s01_form
from api import wiring
from api.flows import books as flow
from api.flows import past
from domain.identifiers import MemberId, UnitId
from domain.period import VIETNAM
from domain.restructuring import RestructureKind, Side
from ledger.handlers import setup
from ledger.handlers.past import ProposePastUndo, UndoPast
from ledger.handlers.surplus import DecideSurplus, DeclareSurplus
from ledger.statutory.b01 import B01
from ledger.statutory.books import Asked
from ledger.statutory.heading import BookKind
from ledger.statutory.s01 import S01
from ledger.statutory.s02 import S02
from tests.acceptance.moves import AUGUST, letter, play, receive
from tests.acceptance.moving import carry_out, plan, register, sign, ward_with_july
from tests.acceptance.story import WARD, Cell, Story, member, opening, settings
from tests.acceptance.test_book_signing import sign as sign_book

A = UnitId("A")
NOW = datetime(2026, 9, 20, 9, tzinfo=VIETNAM)


@pytest.fixture
def story() -> Story:
    """Cell A with a pensioner who owes 30,000 a month."""
    made = Story(wiring.in_memory(settings()))
    made.set_up([Cell(id="A", bank=1_000_000)])
    made.enrol("A", member("A1", "NON_SI_PENSIONER", ("pension", 6_000_000)))
    made.assess("VH", "2026-07", date(2026, 7, 1))
    return made


def book(story: Story, unit: UnitId = A, at: int | None = None) -> S01:
    """The cell's book of 2026."""
    found = flow.figures(story.installation, Asked(kind=BookKind.S01, unit_id=unit, period="2026"), at=at)
    assert isinstance(found, S01)
    return found


def part_two(found: S01) -> dict[str, tuple[FormCell, ...]]:
    """Part II by the first cell of its rows; a sum as its figure, an empty cell as None."""
    rows = s01_form(found, {}).grids[1].rows
    shown = [tuple(c if c is None or isinstance(c, str) else figure(c) for c in row.cells) for row in rows]
    return {str(row[0]): row[1:] for row in shown}


def remarks(found: S01) -> dict[str, str]:
    """What stands beside each member."""
    return {str(row.cells[1]): str(row.cells[-1]) for row in s01_form(found, {}).grids[0].rows}


def test_sums_of_months_to_come_stay_empty_and_each_month_says_how_it_stands(story: Story) -> None:
    story.cash("A", "1", "A1", 30_000, date(2026, 7, 12))
    story.declare("A", "2026-07", date(2026, 7, 31))
    story.assess("VH", "2026-08", date(2026, 8, 1))
    story.assess("VH", "2026-09", date(2026, 9, 3))
    rows = part_two(book(story))
    assert rows["Tháng 6"][3:] == (None, None, None, "trước khi ghi sổ")
    assert rows["Tháng 7"] == (30_000, 9_000, None, 30_000, 9_000, 0, "đã chốt")
    assert rows["Tháng 8"][3:] == (30_000, 9_000, 0, "chưa chốt")
    assert rows["Tháng 9"][3:] == (30_000, 9_000, 0, "đang thu, chưa chốt")
    assert rows["Tháng 10"] == (None, None, None, None, None, None, "")
    assert rows["Tháng 12"] == (None, None, None, None, None, None, "")


def test_a_surplus_is_counted_with_its_member_and_named_below(story: Story) -> None:
    story.cash("A", "1", "A1", 50_000, date(2026, 7, 12))
    surplus = DeclareSurplus(unit_id=A, member_id=MemberId("A1"), surplus_id="DT-1", amount=20_000, document="đơn 3")
    story.do("A-TP", date(2026, 7, 13), surplus)
    accept = DecideSurplus(
        superior_id=WARD, member_id=MemberId("A1"), surplus_id="DT-1", accepted=True, decision="12-QĐ/ĐU"
    )
    story.do("VH-CU", date(2026, 7, 20), accept)
    found = book(story)
    (row,) = found.members
    assert (row.amounts[6], row.others, row.surplus[0].amount) == (50_000, (), 20_000)
    assert part_two(found)["Tháng 7"][0] == 50_000
    assert "Tháng 7: A1 20.000 đồng là tự nguyện đóng cao hơn mức, theo 12-QĐ/ĐU." in s01_form(found, {}).notes


def test_who_was_transferred_stands_in_both_books_with_the_day_and_the_other_cell() -> None:
    story = play()
    story.assess("VH", "2026-07", date(2026, 7, 1))
    story.cash("A", "PT-1", "A1", 100_000, date(2026, 7, 6))
    letter(story)
    receive(story)
    story.assess("VH", "2026-08", AUGUST)
    assert remarks(book(story, A))["A1"] == "đến 04/8/2026 (sang Đơn vị B)"
    assert remarks(book(story, UnitId("B")))["A1"] == "từ 05/8/2026 (từ Đơn vị A)"
    assert remarks(book(story, UnitId("B")))["B1"] == ""


def test_members_of_a_merged_cell_have_from_and_to_and_its_book_ends_with_it() -> None:
    ward = ward_with_july()
    register(ward, "G", WARD)
    command = plan(ward, WARD, RestructureKind.MERGE, sources=(UnitId("B"), UnitId("C")), target=UnitId("G"))
    for unit in ("B", "C"):
        sign(ward, f"{unit}-BT", unit, command, Side.OLD)
    sign(ward, "G-BT", "G", command, Side.NEW)
    carry_out(ward, command)
    ward.assess("VH", "2026-09", date(2026, 9, 3))
    old, new = book(ward, UnitId("B")), book(ward, UnitId("G"))
    assert remarks(old)["B1"] == "đến 31/7/2026 (sang Đơn vị G)"
    assert remarks(new)["C1"] == "từ 01/8/2026 (từ Đơn vị C)"
    assert part_two(old)["Tháng 7"][0] == 200_000
    assert part_two(old)["Tháng 9"][3:6] == (None, None, None)
    assert part_two(old)["Tháng 9"][-1].startswith("kết thúc ")  # type: ignore[union-attr]  # words


# --- old books ----------------------------------------------------------------------------------------------------


def bring(story: Story, folder: Path) -> None:
    """Old books of the cell for May to July; July is ours already."""
    units = folder / "so-cu.csv"
    units.write_text(
        "mã đơn vị,tháng,đã thu,để lại,đã nộp\nA,05/2026,90000,27000,63000\nA,06/2026,105000,31500,73500\n"
        "A,07/2026,30000,9000,21000\n",
        encoding="utf-8",
    )
    done = past.import_past(story.installation, actor="VH-KT", at=NOW, root=WARD, members=None, units=units)
    assert done.unit_months == 3


def undo(story: Story) -> None:
    """Two people undo the import."""
    key = next(iter(story.installation.ledger.work().past(WARD).parts))
    story.do("VH-KT", NOW, ProposePastUndo(root=WARD, import_id=key, reason="nhập nhầm"))
    story.do("VH-CU", NOW, UndoPast(root=WARD, import_id=key))


def report(story: Story) -> B01:
    """The cell's B01 of July."""
    found = flow.figures(story.installation, Asked(kind=BookKind.B01, unit_id=A, period="2026-07"))
    assert isinstance(found, B01)
    return found


def year_lines(found: B01) -> dict[str, int]:
    """The lines of the year to date."""
    return {number: found.value(number) for number in ("02", "03", "08", "09", "12", "13")}


def test_old_books_stand_in_the_year_to_date_until_their_import_is_undone(story: Story, tmp_path: Path) -> None:
    story.cash("A", "1", "A1", 30_000, date(2026, 7, 12))
    story.declare("A", "2026-07", date(2026, 7, 31))
    without = {"02": 30_000, "03": 30_000, "08": 9_000, "09": 9_000, "12": 21_000, "13": 21_000}
    assert year_lines(report(story)) == without
    bring(story, tmp_path)
    # May and June count; July is ours, so the old book's word on it is not added.
    told = {"02": 30_000, "03": 225_000, "08": 67_500, "09": 67_500, "12": 21_000, "13": 157_500}
    assert year_lines(report(story)) == told
    assert (
        "các tháng 5/2026 đến 6/2026 theo sổ cũ: thu 195.000, giữ lại 58.500 đồng" in b01_form(report(story)).notes[1]
    )
    rows = part_two(book(story))
    assert rows["Mang sang"][3:] == (195_000, 58_500, 136_500, "theo sổ cũ")
    assert rows["Tháng 6"][-1] == "theo sổ cũ"
    assert rows["Tháng 7"][3:] == (225_000, 67_500, 136_500, "đã chốt")
    s02 = flow.figures(story.installation, Asked(kind=BookKind.S02, unit_id=WARD, period="2026-07"))
    assert isinstance(s02, S02)
    assert s02.rows[0].reported[2] == 225_000
    signed = sign_book(story, Asked(kind=BookKind.B01, unit_id=A, period="2026-07"), on=date(2026, 9, 21))
    undo(story)
    assert year_lines(report(story)) == without
    assert report(story).old_books == ()
    assert part_two(book(story))["Tháng 7"][3] == 30_000
    again = flow.reproduce(story.installation, signed)
    assert again.ok
    assert isinstance(again.made, flow.Made)
    assert isinstance(again.made.book, B01)
    assert year_lines(again.made.book) == told


def test_where_the_signed_opening_states_the_year_to_date_old_books_do_not_count_again(tmp_path: Path) -> None:
    story = Story(wiring.in_memory(settings()))
    story.set_up([Cell(id="A"), Cell(id="B")])
    plain = opening(A, 0)
    told = replace(plain.figures, ytd_collected=190_000, ytd_kept=57_000, ytd_remitted=133_000)
    entered = replace(plain, figures=told)
    story.do("VH-KT", date(2026, 7, 1), setup.EnterOpenings(root=WARD, openings=(entered,)))
    story.do("VH-CU", date(2026, 7, 1), setup.SignOpenings(root=WARD, units=(A,)))
    story.enrol("A", member("A1", "NON_SI_PENSIONER", ("pension", 6_000_000)))
    story.assess("VH", "2026-07", date(2026, 7, 1))
    story.cash("A", "1", "A1", 30_000, date(2026, 7, 12))
    story.declare("A", "2026-07", date(2026, 7, 31))
    bring(story, tmp_path)
    assert (report(story).value("03"), report(story).old_books) == (220_000, ())
    assert part_two(book(story))["Mang sang"][-1] == "trước khi ghi sổ"
