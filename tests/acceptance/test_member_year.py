"""The member's year as its reader sees it: words of the law, both computations, where the money came from."""

import re
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from adapters.books.form import Form, figure
from api import wiring
from api.flows import books as flow
from api.flows import past
from domain.identifiers import MemberId, UnitId
from domain.membership import Ending, TransferKind
from domain.period import VIETNAM, Month
from ledger.handlers import members, roster, transfers
from ledger.handlers.adjust import RestateBase
from ledger.handlers.past import ProposePastUndo, UndoPast
from ledger.handlers.surplus import DecideSurplus, DeclareSurplus
from ledger.ports import Person
from ledger.statutory.books import Asked
from ledger.statutory.heading import BookKind
from ledger.statutory.member_year import MemberYear
from tests.acceptance.story import START, WARD, Cell, Story, into, member, settings

A, B, A1 = UnitId("A"), UnitId("B"), MemberId("A1")
#: Nothing of this kind may reach a member: codes of categories, reliefs and policy rows, keys of payments.
_CODE = re.compile(r"\b[A-Z]+\d*_[A-Z_]+\b|\b[RX]\d+\b|\bR\d\d-|bank:|portal:|cash:|\b\d{4}-\d{2}\b")


@pytest.fixture
def story() -> Story:
    """Two cells; A1 paid 100,000 a month until now."""
    made = Story(wiring.in_memory(settings()))
    made.set_up([Cell(id="A", bank=1_000_000), Cell(id="B", bank=1_000_000)])
    return made


def year(story: Story, unit: UnitId = A, period: str = "2026") -> tuple[MemberYear, Form]:
    """The statement and its form."""
    made = flow.make_book(story.installation, Asked(kind=BookKind.MEMBER_YEAR, unit_id=unit, period=period, subject=A1))
    assert isinstance(made.book, MemberYear)
    assert made.pdf.startswith(b"%PDF")
    assert not [text for text in texts(made.form) if _CODE.search(text.replace("Mẫu", ""))]
    return made.book, made.form


def texts(form: Form) -> list[str]:
    """Every word on the page."""
    cells = [cell for grid in form.grids for row in grid.rows for cell in row.cells if isinstance(cell, str)]
    return [*cells, *form.facts, *form.notes, *(grid.title for grid in form.grids)]


def grid(form: Form, title: str) -> list[list[object]]:
    """The rows of one table, sums as their figures."""
    found = next(grid for grid in form.grids if grid.title == title)
    return [[c if isinstance(c, str) else figure(c) for c in row.cells] for row in found.rows]


def test_how_each_payment_came_is_told_in_words_with_its_receipt(story: Story) -> None:
    story.enrol("A", member("A1", "NON_SI_PENSIONER", ("pension", 6_000_000)))
    for month in ("2026-07", "2026-08", "2026-09"):
        story.assess("VH", month, date(2026, int(month[5:]), 1))
        story.request("VH", month, date(2026, int(month[5:]), 1))
    story.bank("A", date(2026, 7, 10), into("j", date(2026, 7, 10), 30_000, story.reference("A1", "2026-07")))
    story.cash("A", "PT-7", "A1", 30_000, date(2026, 8, 12), month="2026-08")
    story.pay_by_portal("A", "A1", "2026-09", date(2026, 9, 9))
    _, form = year(story)
    assert [row[-1] for row in grid(form, "Diễn biến trong năm")] == [
        "chuyển khoản ngày 10/7/2026, biên lai số 1/2026",
        "tiền mặt ngày 12/8/2026, phiếu thu số PT-7, biên lai số 2/2026",
        "Cổng DVCQG ngày 09/9/2026",
    ]
    assert grid(form, "Theo tháng đảng phí")[0][:3] == ["7/2026", "Hưởng lương hưu", "01-QĐ/TW"]


def test_an_adjustment_shows_its_amount_and_both_computations(story: Story) -> None:
    story.enrol("A", member("A1", "SI_COMPULSORY", ("si-salary", 10_000_000)))
    story.assess("VH", "2026-07", START)
    story.cash("A", "1", "A1", 100_000, date(2026, 7, 10))
    restate = RestateBase(
        unit_id=A,
        member_id=A1,
        kind="si-salary",
        from_month=Month("2026-06"),
        to_month=Month("2026-06"),
        amount=12_345_678,
        reason="cơ quan BHXH điều chỉnh tháng 6",
        decision="TB 12/BHXH",
    )
    story.do("VH-KT", date(2026, 7, 20), restate)
    book, form = year(story)
    (month,) = book.months
    assert (month.gross, month.due, month.paid, month.open) == (123_457, 123_457, 100_000, 23_457)
    (row,) = grid(form, "Tính lại mức đóng")
    month_, before, after, was, now, difference, why = row
    assert (month_, was, now, difference) == ("7/2026", 100_000, 123_457, 23_457)
    assert before == (
        "Thuộc đối tượng tham gia BHXH bắt buộc. Căn cứ tháng 6/2026: 10.000.000 đồng; mức 1%. "
        "Mức đóng 100.000 đồng, phải đóng 100.000 đồng."
    )
    assert "12.345.678 đồng; mức 1%" in str(after)
    assert why == "TB 12/BHXH, ngày 20/7/2026: cơ quan BHXH điều chỉnh tháng 6"
    told = grid(form, "Diễn biến trong năm")[-1]
    assert told[1:4] == ["Tính lại mức đóng", "7/2026", 23_457]
    assert "đã tính lại" in str(grid(form, "Theo tháng đảng phí")[0][-1])


def test_a_transfer_names_both_cells_and_each_month_its_cell(story: Story) -> None:
    story.enrol("A", member("A1", "SI_COMPULSORY", ("si-salary", 10_000_000)))
    story.assess("VH", "2026-07", START)
    august = date(2026, 8, 5)
    letter = transfers.IssueTransfer(
        unit_id=A,
        member_id=A1,
        kind=TransferKind.OFFICIAL,
        to_unit=B,
        to_outside=None,
        letter="GT-01",
        issued_on=august,
        paid_through=Month("2026-07"),
    )
    story.do("A-BT", august, letter)
    story.do("B-BT", august, transfers.ReceiveTransfer(unit_id=B, member_id=A1, letter="GT-01", received_on=august))
    story.assess("VH", "2026-08", august)
    for unit in (A, B):
        book, form = year(story, unit)
        assert [(m.month, m.unit_id) for m in book.months] == [("2026-07", "A"), ("2026-08", "B")]
        notes = [str(row[-1]) for row in grid(form, "Diễn biến trong năm")]
        assert notes[0] == "từ Đơn vị A đến Đơn vị B, giấy GT-01, đảng phí đóng ở nơi đi đến hết tháng 7/2026"
        assert notes[1] == "từ Đơn vị A vào Đơn vị B, giấy GT-01, đóng đảng phí từ tháng 8/2026"
        assert [row[-1] for row in grid(form, "Theo tháng đảng phí")[:2]] == ["Đơn vị A", "Đơn vị B"]


def test_a_surplus_and_a_relief_stand_on_lines_of_their_own(story: Story) -> None:
    story.enrol("A", member("A1", "NON_SI_PENSIONER", ("pension", 6_000_000), ("X4", 50)))
    story.assess("VH", "2026-07", START)
    story.cash("A", "1", "A1", 35_000, date(2026, 7, 12))
    surplus = DeclareSurplus(unit_id=A, member_id=A1, surplus_id="DT-1", amount=20_000, document="đơn 3")
    story.do("A-TP", date(2026, 7, 13), surplus)
    accept = DecideSurplus(superior_id=WARD, member_id=A1, surplus_id="DT-1", accepted=True, decision="12-QĐ/ĐU")
    story.do("VH-CU", date(2026, 7, 20), accept)
    book, form = year(story)
    rows = grid(form, "Theo tháng đảng phí")
    assert rows[0][4:9] == [30_000, 15_000, 15_000, 15_000, 0]
    assert rows[0][-1] == "giảm 50 %"
    assert rows[-2][:2] == ["Cộng", ""]
    assert rows[-1][1] == "Tự nguyện đóng cao hơn mức, theo 12-QĐ/ĐU"
    assert (rows[-1][7], book.surplus[0].amount) == (20_000, 20_000)
    (relief,) = grid(form, "Miễn, giảm")
    assert relief[:2] == ["Hoàn cảnh khó khăn khác", "giảm 50 %"]
    assert relief[2] == f"{int(book.reliefs[0].from_month[5:])}/{book.reliefs[0].from_month[:4]}"
    assert relief[4] == book.reliefs[0].decision != ""


def test_months_of_both_regulations_stand_in_one_statement_in_words(story: Story) -> None:
    bases = (
        roster.BaseRow(kind="pension", from_month=Month("2025-12"), amount=5_000_000),
        roster.BaseRow(kind="pension", from_month=Month("2026-02"), amount=6_000_000),
    )
    row = replace(
        member("A1", "NON_SI_PENSIONER"), from_month=Month("2025-12"), category_342="R342_PENSION", bases=bases
    )
    story.enrol("A", row)
    story.assess("VH", "2026-01", START)
    story.assess("VH", "2026-02", START)
    book, form = year(story)
    rows = grid(form, "Theo tháng đảng phí")
    assert [row[:3] for row in rows[:2]] == [
        ["1/2026", "Hưởng lương BHXH", "342-QĐ/TW"],
        ["2/2026", "Hưởng lương hưu", "01-QĐ/TW"],
    ]
    assert [m.regime for m in book.months] == ["342", "01"]
    assert len([note for note in form.notes if "342-QĐ/TW" in note or "01-QĐ/TW" in note]) == 2


def test_months_of_an_interruption_are_marked_and_months_without_dues_say_so(story: Story) -> None:
    story.enrol("A", member("A1", "SI_COMPULSORY", ("si-salary", 10_000_000)))
    story.assess("VH", "2026-07", START)
    end = members.EndMembership(
        unit_id=A,
        member_id=A1,
        why=Ending.STRUCK_OFF,
        effective_on=date(2026, 7, 10),
        decision="QĐ-XT",
        decided_on=date(2026, 7, 10),
    )
    story.do("A-BT", date(2026, 7, 10), end)
    back = date(2026, 10, 5)
    restore = members.RestoreMember(unit_id=B, member_id=A1, restored_on=back, decision="QĐ-PH", decided_on=back)
    story.do("B-BT", back, restore)
    story.assess("VH", "2026-12", date(2026, 12, 1))
    book, form = year(story, B)
    assert [m.month for m in book.months if m.is_gap] == ["2026-08", "2026-09"]
    assert [(one.month, one.why) for one in book.without] == [
        ("2026-10", "Đơn vị B chưa xác định mức đóng"),
        ("2026-11", "Đơn vị B chưa xác định mức đóng"),
    ]
    rows = {str(row[0]): row for row in grid(form, "Theo tháng đảng phí")}
    assert "thời gian gián đoạn, đóng bù" in str(rows["8/2026"][-1])
    assert rows["10/2026"][1] == "Đơn vị B chưa xác định mức đóng"


def test_months_before_our_books_are_told_by_old_books_until_the_import_is_undone(story: Story, tmp_path: Path) -> None:
    story.enrol("A", member("A1", "NON_SI_PENSIONER", ("pension", 6_000_000)))
    story.installation.vault.put([Person(member_id=A1, name="Một", card_number="99.100001")])
    story.assess("VH", "2026-07", START)
    book = tmp_path / "so-cu.csv"
    book.write_text(
        "số thẻ,họ tên,năm,tháng 5,tháng 6,tháng 7\n99.100001,Một,2026,29000,29500,30000\n", encoding="utf-8"
    )
    now = datetime(2026, 9, 20, 9, tzinfo=VIETNAM)
    past.import_past(story.installation, actor="VH-KT", at=now, root=WARD, members=book, units=None)
    told, form = year(story)
    assert [(one.month, one.paid) for one in told.old_books] == [("2026-05", 29_000), ("2026-06", 29_500)]
    rows = grid(form, "Theo tháng đảng phí")
    assert [(row[0], row[7], row[-1]) for row in rows[:2]] == [
        ("5/2026", 29_000, "theo sổ cũ"),
        ("6/2026", 29_500, "theo sổ cũ"),
    ]
    assert rows[2][0] == "7/2026"
    position = story.installation.store.head()
    key = past.find_import(story.installation, WARD, told_import(story))
    story.do("VH-KT", now, ProposePastUndo(root=WARD, import_id=key, reason="nhập nhầm"))
    story.do("VH-CU", now, UndoPast(root=WARD, import_id=key))
    assert year(story)[0].old_books == ()
    asked = Asked(kind=BookKind.MEMBER_YEAR, unit_id=A, period="2026", subject=A1)
    before = flow.figures(story.installation, asked, at=position)
    assert before == told, "a book as of the position before the undoing is the book of that day"


def told_import(story: Story) -> str:
    """The id of the only import."""
    return next(iter(story.installation.ledger.work().past(WARD).parts))
