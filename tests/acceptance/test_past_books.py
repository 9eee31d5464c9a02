"""Old books: taken in as facts, undone as a whole by two people, set beside our own figures."""

import json
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from api.cli.past import as_values, svg
from api.flows import past as flow
from domain.errors import Malformed, Refusal, RefusalCode
from domain.identifiers import MemberId, UnitId
from domain.past import MemberMonth
from domain.period import VIETNAM, Month
from ledger import past_books
from ledger.ports import Person
from ledger.posting import entry
from ledger.store import Recorded
from ledger.verify import verify
from tests.acceptance.story import WARD, Cell, Story, member
from tests.conftest import ShardMaker
from tests.projection_log import installed

NOW = datetime(2026, 9, 20, 9, tzinfo=VIETNAM)
CARDS = {"a-si": "99.100001", "a-stu": "99.100002"}


@pytest.fixture
def story(new_shard: ShardMaker):
    with installed(new_shard()) as inst:
        found = Story(inst)
        found.set_up([Cell(id="A")])
        found.enrol("A", member("a-si", "SI_COMPULSORY", ("si-salary", 10_000_000)), member("a-stu", "STUDENT"))
        inst.vault.put([Person(member_id=name, name=name, card_number=card) for name, card in CARDS.items()])
        yield found


def _files(folder: Path, *, paid_july: int = 100_000, collected_july: int = 105_000) -> tuple[Path, Path]:
    members, units = folder / "so-cu-dang-vien.csv", folder / "so-cu-don-vi.csv"
    members.write_text(
        f"số thẻ,họ tên,năm,tháng 5,tháng 6,tháng 7\n99.100001,Một,2026,90000,100000,{paid_july}\n"
        "99.100002,Hai,2026,,5000,\n",
        encoding="utf-8",
    )
    units.write_text(
        "mã đơn vị,tháng,đã thu,để lại,đã nộp\nA,05/2026,90000,27000,63000\nA,06/2026,105000,31500,73500\n"
        f"A,07/2026,{collected_july},31500,73500\n",
        encoding="utf-8",
    )
    return members, units


def _import(story: Story, files: tuple[Path, Path], actor: str = "VH-KT") -> flow.PastReport:
    return flow.import_past(story.installation, actor=actor, at=NOW, root=WARD, members=files[0], units=files[1])


def test_old_books_are_read_and_no_book_of_account_moves(story: Story, tmp_path: Path) -> None:
    before = story.balances("A"), story.balances("VH")
    done = _import(story, _files(tmp_path))
    assert (done.rows, done.taken, done.member_months, done.unit_months, done.events) == (5, 5, 4, 3, 1)
    assert (story.balances("A"), story.balances("VH")) == before
    assert not any(entry(recorded.event) for recorded in story.installation.store.read(0, 1_000, ["past-imported"]))
    work = story.installation.ledger.work()
    assert [(one.month, one.paid) for one in past_books.of_member(work, MemberId("a-si"))] == [
        ("2026-05", 90_000),
        ("2026-06", 100_000),
        ("2026-07", 100_000),
    ]
    told = past_books.year_to_date(work, UnitId("A"), Month("2026-06"))
    assert (told.collected, told.kept, told.sent) == (195_000, 58_500, 136_500)
    # The same files again add nothing.
    head = story.installation.store.head()
    assert _import(story, _files(tmp_path)).events == 0
    assert story.installation.store.head() == head


def test_an_import_is_undone_as_a_whole_by_two_people(story: Story, tmp_path: Path) -> None:
    key = _import(story, _files(tmp_path)).import_id
    given = {"at": NOW, "root": WARD, "import_id": key}
    with pytest.raises(Refusal) as caught:
        flow.undo(story.installation, actor="VH-CU", command_id=uuid4(), **given)
    assert caught.value.code is RefusalCode.PAST_UNDO_NOT_PROPOSED
    flow.propose_undo(story.installation, actor="VH-KT", reason="nhầm năm", command_id=uuid4(), **given)
    with pytest.raises(Refusal) as caught:
        flow.undo(story.installation, actor="VH-KT", command_id=uuid4(), **given)
    assert caught.value.code is RefusalCode.NOT_ALLOWED
    outcome = flow.undo(story.installation, actor="VH-CU", command_id=uuid4(), **given)
    assert len(outcome.events) == 1
    work = story.installation.ledger.work()
    assert past_books.of_member(work, MemberId("a-si")) == ()
    assert past_books.of_unit(work, UnitId("A")) == ()
    with pytest.raises(Refusal) as caught:
        flow.propose_undo(story.installation, actor="VH-KT", reason="x", command_id=uuid4(), **given)
    assert caught.value.code is RefusalCode.UNKNOWN_PAST_IMPORT
    # What was undone may come in again.
    assert _import(story, _files(tmp_path)).events == 1
    assert len(past_books.of_unit(story.installation.ledger.work(), UnitId("A"))) == 3


def test_a_month_is_told_by_one_import_only(story: Story, tmp_path: Path) -> None:
    _import(story, _files(tmp_path))
    with pytest.raises(Refusal) as caught:
        _import(story, _files(tmp_path, paid_july=90_000))
    assert caught.value.code is RefusalCode.PAST_TOLD_TWICE


def test_bad_rows_are_listed_with_their_place_and_the_others_go_in(story: Story, tmp_path: Path) -> None:
    members, units = _files(tmp_path)
    with members.open("a", encoding="utf-8") as file:
        file.write("99.999999,Lạ,2026,,1000,\n99.100001,Một,2025,,,\n99.100002,Hai,2027,5000,,\n")
    with units.open("a", encoding="utf-8") as file:
        file.write("A,08/2026,10,20,0\nXX,08/2026,10,1,0\nHP,08/2026,10,1,0\nA,05/2026,1,1,0\n")
    done = _import(story, (members, units))
    assert (done.rows, len(done.problems), done.taken, done.member_months, done.unit_months) == (12, 7, 5, 4, 3)
    assert all("dòng" in problem.where for problem in done.problems)
    with pytest.raises(Malformed):
        flow.import_past(story.installation, actor="VH-KT", at=NOW, root=WARD, members=None, units=None)


def test_only_whoever_enters_openings_may_bring_old_books(story: Story, tmp_path: Path) -> None:
    with pytest.raises(Refusal) as caught:
        _import(story, _files(tmp_path), actor="A-TP")
    assert caught.value.code is RefusalCode.NOT_ALLOWED


def test_the_shadow_run_lists_every_figure_that_differs(story: Story, tmp_path: Path) -> None:
    _import(story, _files(tmp_path, paid_july=90_000, collected_july=105_000))
    story.assess("A", "2026-07", date(2026, 7, 5))
    story.pay_by_portal("A", "a-si", "2026-07", date(2026, 7, 6))
    story.declare("A", "2026-07", date(2026, 8, 3))
    found = flow.compare(
        story.installation, actor="VH-KT", at=NOW, root=WARD, first=Month("2026-07"), last=Month("2026-08")
    )
    # Paid 100.000 here; the cell keeps 30 % of what was declared and has sent nothing yet.
    assert {(row.member_id, row.what): (row.old, row.ours, row.difference) for row in found.differences} == {
        (MemberId("a-si"), "paid"): (90_000, 100_000, 10_000),
        (None, "collected"): (105_000, 100_000, -5_000),
        (None, "kept"): (31_500, 30_000, -1_500),
        (None, "sent"): (73_500, 0, -73_500),
    }
    assert found.figures == 4
    assert found.months == (("2026-07", 90_000, 100_000),)
    assert svg(found).startswith("<svg ")
    assert json.dumps(as_values(found, {}))
    nothing = flow.compare(
        story.installation, actor="VH-KT", at=NOW, root=WARD, first=Month("2026-01"), last=Month("2026-01")
    )
    assert (nothing.figures, nothing.differences, nothing.months) == (0, (), ())


def _undone(story: Story, folder: Path) -> list[Recorded]:
    key = _import(story, _files(folder)).import_id
    given = {"at": NOW, "root": WARD, "import_id": key}
    flow.propose_undo(story.installation, actor="VH-KT", reason="nhầm năm", command_id=uuid4(), **given)
    flow.undo(story.installation, actor="VH-CU", command_id=uuid4(), **given)
    return list(story.installation.store.read(0, 100_000))


def test_the_checks_understand_a_log_with_old_books(story: Story, tmp_path: Path) -> None:
    verdict = verify(_undone(story, tmp_path))
    assert [check.id for check in verdict.checks if not check.ok] == []


@pytest.mark.parametrize(
    ("name", "changes", "check"),
    [
        ("past-undone", {"undone_by": "VH-KT"}, "I21"),
        ("past-undone", {"proposed_by": "HP-KT"}, "I21"),
        ("past-undo-proposed", {"proposed_by": "HP-KT"}, "I21"),
        ("past-imported", {"imported_by": "HP-KT"}, "I21"),
        ("past-undone", {"import_id": "0" * 64}, "I34"),
        ("past-undo-proposed", {"import_id": "0" * 64}, "I34"),
        (
            "past-imported",
            {"members": (MemberMonth(member_id=MemberId("a-si"), month=Month("2026-05"), paid=-1),)},
            "I2",
        ),
    ],
)
def test_a_planted_fault_is_found_by_its_check(
    story: Story, tmp_path: Path, name: str, changes: dict[str, Any], check: str
) -> None:
    log = [
        replace(recorded, event=replace(recorded.event, **changes)) if recorded.name == name else recorded
        for recorded in _undone(story, tmp_path)
    ]
    assert check in [found.id for found in verify(log).checks if not found.ok]
