"""The collector's round: a list with references goes out, and comes back once, twice, or spoilt."""

from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook

from adapters.books.collection_sheet import CollectionSheet, collection_pdf, collection_xlsx
from api import wiring
from api.flows.collection import prepare_round, take_round
from domain.errors import Malformed, Refusal
from domain.identifiers import MemberId, UnitId
from domain.period import Month
from ledger.application import command_id_for
from ledger.handlers import ask
from ledger.ports import Person
from ledger.verify import verify
from ledger.work import Act
from tests.acceptance.story import Cell, Story, at, member, settings

JULY = Month("2026-07")
DAY = date(2026, 7, 10)
A = UnitId("A")


@pytest.fixture
def story() -> Story:
    """Cell A: A1 has a code, A2 has none yet; A3 owes nothing."""
    made = Story(wiring.in_memory(settings()))
    made.set_up([Cell(id="A", bank=1_000_000), Cell(id="B", bank=1_000_000)])
    made.enrol("A", member("A1", "SI_COMPULSORY", ("si-salary", 10_000_000)), member("A2", "STUDENT"))
    made.enrol("B", member("B1", "STUDENT"))
    made.installation.vault.put(
        [Person(member_id=one, name=name, card_number=None) for one, name in (("A1", "=Trần A"), ("A2", "Lê B"))]
    )
    made.assess("A", JULY, date(2026, 7, 1))
    made.assess("B", JULY, date(2026, 7, 1))
    made.request("B", JULY, date(2026, 7, 1))
    return made


def _round(story: Story, on: date = DAY) -> CollectionSheet:
    act = Act(actor="A-TP", at=at(on), command_id=command_id_for("round", str(on), str(story.commands)))
    story.commands += 1
    return prepare_round(story.installation, act, A, JULY)


def _filled(story: Story, folder: Path, values: dict[str, tuple[object, object, object]], name: str = "t.xlsx") -> Path:
    """The workbook with cells filled in by member: actual, day, slip."""
    path = folder / name
    path.write_bytes(collection_xlsx(_round(story)))
    book = load_workbook(path)
    sheet = book.worksheets[0]
    for row in sheet.iter_rows(min_row=6):
        said = values.get(str(row[2].value).lstrip("'"))
        if said is not None:
            row[4].value, row[5].value, row[6].value = said
    book.save(path)
    return path


def _take(story: Story, path: Path) -> tuple[dict[str, object], int]:
    outcome, blank = take_round(story.installation, actor="A-TP", at=at(DAY), path=path, unit_id=A)
    return outcome.answer, blank


def _proved(story: Story) -> None:
    verdict = verify(story.installation.store.read(0, 100_000))
    assert [(f.check, f.sentence) for check in verdict.checks for f in check.findings] == []


def _owed(story: Story, name: str) -> int:
    item = story.installation.ledger.work().dues(MemberId(name), 2026).items[JULY]
    return item.assessed - item.relieved - item.applied


def test_everybody_who_owes_stands_on_the_list_with_a_reference_of_his_own(story: Story) -> None:
    story.request("A", JULY, date(2026, 7, 1))
    sheet = _round(story)
    assert [(line.name, line.owed) for line in sheet.lines] == [("=Trần A", 100_000), ("Lê B", 5_000)]
    assert len({line.reference for line in sheet.lines}) == 2
    assert sheet.lines == _round(story).lines  # a second list has the same keys
    assert collection_pdf(sheet).startswith(b"%PDF")
    _proved(story)


def test_a_list_filled_in_offline_is_entered_once_however_often_it_comes_back(story: Story, tmp_path: Path) -> None:
    path = _filled(story, tmp_path, {"Lê B": (5_000, DAY, None)})
    answer, blank = _take(story, path)
    assert (answer["amount"], blank) == (5_000, 1)
    assert _owed(story, "A2") == 0
    again, _ = _take(story, path)
    assert again == answer
    other = _filled(story, tmp_path, {"=Trần A": (100_000, DAY, None)}, "u.xlsx")
    _take(story, other)
    assert _owed(story, "A1") == 0
    assert story.balances("A")["1110"] == 105_000
    _proved(story)


def test_two_copies_of_one_list_count_once(story: Story, tmp_path: Path) -> None:
    _take(story, _filled(story, tmp_path, {"Lê B": (5_000, DAY, None)}))
    copy = tmp_path / "copy.csv"
    reference = next(iter(r for r in [story.installation.ledger.directory.request_for(MemberId("A2"), JULY)]))
    copy.write_text(f"Mã nộp,Thực thu,Ngày thu\n{str(reference).lower()},5000,2026-07-10\n", encoding="utf-8")
    answer, _ = _take(story, copy)
    assert answer["receipts"] == []
    assert story.balances("A")["1110"] == 5_000


def test_the_same_slip_with_another_amount_is_refused(story: Story, tmp_path: Path) -> None:
    _take(story, _filled(story, tmp_path, {"Lê B": (5_000, DAY, None)}))
    reference = story.installation.ledger.directory.request_for(MemberId("A2"), JULY)
    copy = tmp_path / "copy.csv"
    copy.write_text(f"Mã nộp,Thực thu,Ngày thu\n{reference},7000,2026-07-10\n", encoding="utf-8")
    with pytest.raises(Refusal, match="đã ghi 5000 đồng"):
        _take(story, copy)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("HJQPM5YNFT97,5000,2026-07-10", "mã nộp HJQPM5YNFT97 không có trong sổ"),
        ("{B},5000,2026-07-10", "là của đơn vị khác"),
        ("{A},0,2026-07-10", "là 0; để trống nếu không thu"),
        ("{A},5000,", "dòng 2, cột «Ngày thu»: thiếu giá trị"),
        ("{A},năm nghìn,2026-07-10", "dòng 2, cột «Thực thu»"),
        ("{A},5000,2026-07-10\n{A},5000,2026-07-10", "số phiếu .* đã có ở dòng 2"),
        ("{A},5000,2026-07-10\nCộng,7000,", "dòng cộng ghi 7.000 đồng, các dòng cộng lại 5.000 đồng"),
        ("{A},,", "chưa dòng nào được điền"),
    ],
)
def test_a_spoilt_list_is_refused_whole_with_the_row_and_the_reason(
    story: Story, tmp_path: Path, rows: str, words: str
) -> None:
    _round(story)
    directory = story.installation.ledger.directory
    directory.catch_up()
    names = {"A": directory.request_for(MemberId("A2"), JULY), "B": directory.request_for(MemberId("B1"), JULY)}
    path = tmp_path / "spoilt.csv"
    path.write_text("Mã nộp,Thực thu,Ngày thu\n" + rows.format(**names) + "\n", encoding="utf-8")
    with pytest.raises(Malformed, match=words):
        _take(story, path)
    assert story.balances("A").get("1110", 0) == 0


def test_a_code_issued_later_does_not_come_beside_the_collectors_line(story: Story) -> None:
    _round(story)
    answer = story.do("VH-KT", DAY, ask.RequestMonth(unit_id=A, month=JULY, valid_until=None))
    assert answer["issued"] == 0
