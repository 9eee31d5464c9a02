"""The treasurer's workbook: totals that compute, text that never runs, the same bytes twice."""

import io
import re
import zipfile
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from python_calamine import CalamineWorkbook

from adapters.books.sheet import Formula, basis_points, safe
from adapters.books.treasurer import treasurer_workbook
from domain.identifiers import MemberId, UnitId
from ledger.reports_reconciliation import (
    BREAK_TITLES,
    LEFTOVER_TITLES,
    BreakKind,
    LeftoverKind,
    ReconciliationResult,
    Suggestion,
)
from reconciliation.facts import Declared, ItemKind, RemittanceFact
from tests.reconciliation_facts import ACCOUNT, UNIT, book, day, evidence, line, named, paid, result, together

TITLE = "Đối chiếu tháng 7/2026"
SHEETS = [
    "Tổng hợp",
    "Khớp",
    "Còn lại",
    "Tiền treo theo tuổi",
    "Tiền đang đi đường",
    "Chốt ba bên theo ngày",
    "Tra soát Cổng",
    "Dòng quyết toán",
    "Quyết định",
    "Không phải đảng phí",
    "Đã trả lại",
    "Số liệu biểu đồ",
]
CASE = "sent:C/2026-07/1"


def busy() -> ReconciliationResult:
    """One account with a matched transfer, a fee, suspense, a portal payment that waits and a sending keyed wrong."""
    suspense = paid("bank/2", 70_000, is_dues=False, dues=0, suspended=70_000, waiting=70_000)
    facts = together(
        book("payment:bank/1", 4, 50_000),
        book("payment:bank/2", 6, 70_000),
        book("payment:portal/3", 8, 30_000, ItemKind.PORTAL_PAYMENT, code="1140"),
        book("named:c", 9, -11_000, ItemKind.NAMED),
        book(f"{CASE}#1", 10, -350_000, ItemKind.SENDING, case=CASE),
        lines=[
            line("a", 5, 50_000, rule="reference", bank_reference='=HYPERLINK("http://x")'),
            line("b", 6, 70_000, rule="suspense"),
            line("c", 9, -11_000, rule="bank-fee"),
            line("d", 10, -35_000, rule="remittance-debit"),
        ],
        evidence=[
            evidence("a", "payment:bank/1"),
            evidence("b", "payment:bank/2"),
            evidence("c", "named:c"),
            evidence("d", "", case=CASE),
        ],
        payments=[paid("bank/1", 50_000), suspense, paid("portal/3", 30_000, source="portal")],
        names=[named("c", "bank-fee")],
        remittances=[
            RemittanceFact(
                remittance_id="C/2026-07/1",
                unit_id=UNIT,
                superior_id=UnitId("VH"),
                account_id=ACCOUNT,
                sent_on=day(10),
                steps=((day(10), 350_000), (day(10), -35_000)),
                debits=(day(10),),
                dispute="chỉ nhận 35.000",
            )
        ],
        declared=[Declared(unit_id=UNIT, period="2026-06", is_example=True)],
    )
    return result(facts)


def made(*results: ReconciliationResult, **names: Any) -> bytes:
    return treasurer_workbook(results or (busy(),), title=TITLE, **names)


def values(data: bytes) -> Workbook:
    """As a program sees it that shows stored values and calculates nothing."""
    return load_workbook(io.BytesIO(data), data_only=True)


def column(book_: Workbook, sheet: str, head: str, *, row: int = 5) -> list[Any]:
    """The values beneath a heading."""
    page = book_[sheet]
    (letter,) = [cell.column_letter for cell in page[row] if cell.value == head]
    return [page[f"{letter}{n}"].value for n in range(row + 1, page.max_row + 1)]


def test_it_opens_in_two_readers_with_all_its_sheets() -> None:
    data = made()
    assert load_workbook(io.BytesIO(data)).sheetnames == SHEETS
    assert CalamineWorkbook.from_filelike(io.BytesIO(data)).sheet_names == SHEETS


def test_the_same_results_give_the_same_bytes_and_no_clock_is_left_running() -> None:
    data = made()
    assert data == made()
    with zipfile.ZipFile(io.BytesIO(data)) as zipped:
        assert {entry.date_time for entry in zipped.infolist()} == {(1980, 1, 31, 0, 0, 0)}
        core = zipped.read("docProps/core.xml").decode()
    assert re.findall(r"<dcterms:[^>]*>([^<]*)<", core) == ["1980-01-01T00:00:00Z"] * 2


def test_each_thing_stands_on_its_sheet() -> None:
    found = values(made())
    assert column(found, "Khớp", "Số tiền") == [50_000]
    assert column(found, "Không phải đảng phí", "Loại") == ["Phí ngân hàng"]
    assert column(found, "Tiền treo theo tuổi", "Còn chưa xác định")[0] == 70_000
    assert column(found, "Tiền đang đi đường", "Số tiền") == [30_000, 315_000]
    assert "chỉ nhận 35.000" in column(found, "Tiền đang đi đường", "Tình trạng")[1]
    kinds = column(found, "Còn lại", "Loại")
    assert kinds == [
        LEFTOVER_TITLES[kind]
        for kind in (LeftoverKind.MISSING_AT_BANK, LeftoverKind.AMOUNT_DIFFERS, LeftoverKind.UNIDENTIFIED)
    ]
    assert column(found, "Còn lại", "Quá hạn") == ["quá hạn", None, None]


def test_the_stored_totals_are_our_own_sums() -> None:
    r = busy()
    page = values(made(r))["Tổng hợp"]
    row, total = [[cell.value for cell in page[n]] for n in (29, 30)]
    last = r.days[-1]
    sums = [0, 120_000, 46_000, last.closing, last.book, 315_000]
    assert row[2:8] == sums == total[2:8]
    assert last.closing - last.book == 315_000
    assert row[8] == "KHỚP"
    # 50,000 and the fee of 11,000 out of 166,000.
    assert row[9:12] == total[9:12] == [61_000, 105_000, pytest.approx(0.3674)]
    assert page["B6"].value == "KHỚP"


def test_every_total_and_check_is_a_live_formula() -> None:
    book_ = load_workbook(io.BytesIO(made()))
    summary, days = book_["Tổng hợp"], book_["Chốt ba bên theo ngày"]
    assert summary["D29"].value == (
        "=SUMIFS('Chốt ba bên theo ngày'!$E$6:$E$12,'Chốt ba bên theo ngày'!$A$6:$A$12,$A29)"
    )
    assert summary["D30"].value == "=SUM(D29:D29)"
    assert days["G6"].value == "=D6+E6-F6"
    assert days["K6"].value == "=I6-J6"
    assert days["R6"].value == "=G6-K6-J6-SUM(L6:Q6)"
    assert days["S6"].value == '=IF(AND(R6=0,D6+E6-F6=G6,OR(H6="",H6=G6)),"KHỚP","LỆCH")'
    assert book_["Khớp"]["E4"].value == "=SUBTOTAL(109,E6:E6)"
    formulas = [c for page in book_ for row in page.iter_rows() for c in row if c.data_type == "f"]
    stored = values(made())
    assert len(formulas) > 50
    assert all(stored[c.parent.title][c.coordinate].value is not None for c in formulas)


def test_the_tie_out_of_each_day_adds_up_on_the_sheet() -> None:
    found = values(made())
    named = [
        "Đang đi đường",
        *(BREAK_TITLES[k] for k in BreakKind if k not in (BreakKind.MISSING_AT_BANK, BreakKind.TIMING)),
    ]
    heads = (
        "Số dư đầu",
        "Tiền vào",
        "Tiền ra",
        "Số dư cuối",
        "Sổ đã rõ chủ",
        "Trong đó chưa xác định",
        "Kiểm tra",
        *named,
    )
    rows = list(zip(*(column(found, "Chốt ba bên theo ngày", head) for head in heads), strict=True))
    assert len(rows) == 7
    for opening, money_in, money_out, closing, owned, waiting, check, *breaks in rows:
        assert opening + money_in - money_out == closing == owned + waiting + sum(breaks)
        assert check == "KHỚP"


def test_a_day_that_does_not_tie_says_so_on_both_sheets() -> None:
    r = busy()
    broken = replace(r, days=(*r.days[:-1], replace(r.days[-1], stated_closing=1)))
    found = values(made(broken))
    assert column(found, "Chốt ba bên theo ngày", "Kiểm tra")[-1] == "LỆCH"
    assert found["Tổng hợp"]["I29"].value == found["Tổng hợp"]["B6"].value == "LỆCH"


def test_an_unclosed_period_and_example_shares_are_said_on_the_first_page() -> None:
    page = values(made())["Tổng hợp"]
    said = " ".join(str(page[f"A{n}"].value) for n in range(1, 6))
    assert "tạm tính" in said
    assert "2026-07" in said
    assert "tỷ lệ ví dụ" in said
    assert page["M29"].value == "tạm tính"
    closed = replace(busy(), open_periods=(), uses_example_shares=False)
    quiet = values(made(closed))["Tổng hợp"]
    assert not any("tạm tính" in str(c.value) or "ví dụ" in str(c.value) for row in quiet.iter_rows() for c in row)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "\r=1", '=cmd|"/c calc"!A1'])
def test_text_that_a_spreadsheet_would_run_is_escaped(text: str) -> None:
    assert safe(text).startswith("'")


@pytest.mark.parametrize("text", ["Nguyễn Văn A", "970436 · 0011", "", "a=1", "50.000"])
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert safe(text) == text


def test_text_that_xml_cannot_carry_is_made_harmless_and_long_text_is_cut() -> None:
    assert safe("a\x00b\x0bc\ud800") == "a?b?c?"
    assert len(safe("x" * 40_000)) == 32_767


def test_nothing_from_outside_becomes_a_formula_anywhere() -> None:
    """The bank's reference, a unit's name, a member's name and the title all try."""
    evil = '=HYPERLINK("http://x")'
    r = busy()
    suggested = Suggestion(member_id=MemberId("M1"), unit_id=UNIT, ground=evil)
    left = tuple(
        replace(one, suggestions=(suggested,), what=evil, next_step=evil, bank_reference=evil) for one in r.leftovers
    )
    data = treasurer_workbook(
        [replace(r, leftovers=left)], title=evil, unit_names={UNIT: evil}, member_names={"M1": evil}
    )
    book_ = load_workbook(io.BytesIO(data))
    cells = [c for page in book_ for row in page.iter_rows() for c in row if "HYPERLINK" in str(c.value)]
    assert len(cells) > 10
    assert all(c.data_type == "s" and str(c.value).startswith("'") for c in cells)


def test_members_are_named_only_when_their_names_are_given() -> None:
    r = busy()
    suggested = Suggestion(member_id=MemberId("M1"), unit_id=UNIT, ground="cùng tài khoản")
    shown = replace(r, leftovers=tuple(replace(one, suggestions=(suggested,)) for one in r.leftovers))
    head = "Gợi ý (chỉ để tham khảo)"
    assert column(values(made(shown)), "Tiền treo theo tuổi", head)[0].startswith("M1 (C)")
    named_ = values(made(shown, member_names={"M1": "Nguyễn Văn A"}, unit_names={UNIT: "Chi bộ 1"}))
    assert column(named_, "Tiền treo theo tuổi", head)[0] == "Nguyễn Văn A (Chi bộ 1): cùng tài khoản"


def test_the_sheets_are_ready_for_the_desk_and_the_printer() -> None:
    book_ = load_workbook(io.BytesIO(made()))
    for page in book_:
        assert (page.page_setup.orientation, page.page_setup.paperSize) == ("landscape", 9), page.title
        assert page.sheet_properties.pageSetUpPr.fitToPage
        assert page.print_title_rows or page.title in ("Tổng hợp", "Số liệu biểu đồ")
        assert page.freeze_panes
    lists = [page for page in book_ if page.title not in ("Tổng hợp", "Số liệu biểu đồ")]
    assert all(page.auto_filter.ref for page in lists)
    cell = book_["Khớp"]["E6"]
    assert cell.number_format.startswith("[$-42A]#,##0")
    assert book_["Khớp"]["B6"].number_format == "dd/mm/yyyy"
    assert book_["Khớp"]["B6"].value.date() == date(2026, 7, 5)
    assert len(book_["Tổng hợp"]._charts) == 3


def test_nothing_at_all_still_opens() -> None:
    data = treasurer_workbook([], title=TITLE)
    assert values(data)["Tổng hợp"]["B6"].value == "KHỚP"


def test_several_accounts_are_summed() -> None:
    r = busy()
    other = replace(r, account_id="970436:0022", unit_id=UnitId("D"))
    found = values(made(r, other))
    page = found["Tổng hợp"]
    assert [page[f"D{n}"].value for n in (29, 30, 31)] == [120_000, 120_000, 240_000]
    assert [page[f"B{n}"].value for n in range(35, 43)] == [0, 2, 2, 0, 2, 0, 0, 0]
    assert column(found, "Số liệu biểu đồ", "Đã giải thích")[:4] == [100_000, 0, 22_000, 0]


def test_basis_points_become_a_decimal_without_a_float() -> None:
    assert [basis_points(bp) for bp in (10_000, 8_115, 1, 0)] == ["1.0000", "0.8115", "0.0001", "0.0000"]
    assert Formula("A1", 1).value == 1
