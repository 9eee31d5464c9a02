"""Vietcombank-style XLSX: what the example bank writes reads back, and what a damaged workbook is told."""

import hashlib
import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook

from adapters.bank.reader import read_statement
from adapters.bank.vietcombank import split_date_and_reference
from adapters.sandbox.statements import write_vietcombank_xlsx
from domain.errors import Malformed, Refusal, RefusalCode
from domain.notice import BankLine, BankStatement, Direction


def line(**changes: Any) -> BankLine:
    fields: dict[str, Any] = {
        "key": "",
        "booked_on": date(2026, 7, 4),
        "value_on": date(2026, 7, 4),
        "direction": Direction.IN,
        "amount": 50_000,
        "bank_reference": "5078.12345",
        "content": "MBVCB.123.HJQPM5YNFT97.CT tu 001 NGUYEN VAN A",
        "balance_after": None,
        "counterparty_account": None,
        "counterparty_name": None,
        "is_reversal": False,
        "bank_code": None,
        "where": "",
    }
    return BankLine(**{**fields, **changes})


def statement(*lines: BankLine, first: int = 1, last: int = 31, opening: int = 1_000_000) -> BankStatement:
    moved = sum(item.amount if item.direction is Direction.IN else -item.amount for item in lines)
    return BankStatement(
        account_number="0011001234567",
        bin="970436",
        from_date=date(2026, 7, first),
        to_date=date(2026, 7, last),
        opening=opening,
        closing=opening + moved,
        lines=lines,
        format="",
        file_digest="",
    )


def one(data: bytes) -> BankStatement:
    (read,) = read_statement(data, "sao-ke.xlsx")
    return read


def edited(data: bytes, edit: Callable[[Worksheet], object]) -> bytes:
    """The workbook after an edit by hand, as a spreadsheet would save it."""
    book = load_workbook(io.BytesIO(data))
    sheet = book.worksheets[0]
    edit(sheet)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def repacked(data: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w") as target:
        for entry in source.namelist():
            body = source.read(entry)
            target.writestr(entry, change(body) if entry == name else body)
    return out.getvalue()


THREE = statement(
    line(),
    line(booked_on=date(2026, 7, 5), direction=Direction.OUT, amount=20_000, bank_reference=None, content="=1+1"),
    line(booked_on=date(2026, 7, 5), amount=1_234_567, value_on=None, content="Số dư cuối kỳ: 5"),
)


def test_the_written_statement_reads_back_whole() -> None:
    data = write_vietcombank_xlsx(THREE, holder_name="ĐẢNG ỦY PHƯỜNG VIỆT HÒA")
    read = one(data)
    assert [replace(item, key="", where="", balance_after=None) for item in read.lines] == list(THREE.lines)
    assert [item.balance_after for item in read.lines] == [1_050_000, 1_030_000, 2_264_567]
    assert [item.where for item in read.lines] == ["trang 1 dòng 11", "trang 1 dòng 12", "trang 1 dòng 13"]
    assert (read.account_number, read.bin, read.format) == ("0011001234567", "970436", "vietcombank-xlsx")
    assert (read.from_date, read.to_date) == (date(2026, 7, 1), date(2026, 7, 31))
    assert (read.opening, read.closing) == (1_000_000, 2_264_567)
    assert read.file_digest == hashlib.sha256(data).hexdigest()


def test_the_same_statement_gives_the_same_bytes_and_no_clock_is_in_them() -> None:
    data = write_vietcombank_xlsx(THREE)
    assert data == write_vietcombank_xlsx(THREE)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        core = archive.read("docProps/core.xml").decode()
    assert core.count("1980-01-01T00:00:00Z") == 2
    assert str(datetime.now().year) not in core  # noqa: DTZ005  # The machine's own year is what must be absent.


def test_another_reader_of_workbooks_opens_the_file_too() -> None:
    rows = CalamineWorkbook.from_filelike(io.BytesIO(write_vietcombank_xlsx(THREE))).get_sheet_by_index(0).to_python()
    assert rows[10][:2] == ["1", "04/07/2026\n5078.12345"]
    assert rows[11][6] == "=1+1"


def test_a_statement_without_lines_keeps_its_days_and_balances() -> None:
    read = one(write_vietcombank_xlsx(statement()))
    assert (read.lines, read.opening, read.closing) == ((), 1_000_000, 1_000_000)


def test_an_overdrawn_balance_is_read_with_its_sign() -> None:
    assert one(write_vietcombank_xlsx(statement(line(), opening=-80_000))).lines[0].balance_after == -30_000


def test_overlapping_windows_name_the_same_line_alike() -> None:
    days = [line(booked_on=date(2026, 7, day), bank_reference=None) for day in (3, 4, 4, 5)]
    early = one(write_vietcombank_xlsx(statement(*days[:3], first=1, last=4)))
    late = one(write_vietcombank_xlsx(statement(*days[1:], first=4, last=9, opening=1_050_000)))
    assert [item.key for item in early.lines[1:]] == [item.key for item in late.lines[:2]]
    assert len({item.key for item in (*early.lines, *late.lines)}) == 4


def test_a_closing_balance_off_by_one_dong_refuses_the_whole_file() -> None:
    with pytest.raises(Refusal) as caught:
        one(write_vietcombank_xlsx(replace(THREE, closing=THREE.closing + 1)))
    assert caught.value.code is RefusalCode.STATEMENT_DOES_NOT_ADD_UP
    assert caught.value.details["difference"] == 1
    assert "sao-ke.xlsx" in caught.value.message


def test_a_deleted_row_refuses_the_whole_file() -> None:
    with pytest.raises(Refusal):
        one(edited(write_vietcombank_xlsx(THREE), lambda sheet: sheet.delete_rows(12)))


@pytest.mark.parametrize(
    ("cell", "value", "words"),
    [
        ("B11", "07/13/2026", "07/13/2026"),
        ("B11", "31/02/2026", "lịch"),
        ("B11", "４/7/2026", "ngày"),
        ("B11", None, "không có ngày"),
        ("C11", "hôm qua", "ngày"),
        ("E11", "-50,000", "âm"),
        ("E11", "50,000.50", "nguyên"),
        ("E11", "５０,０００", "không phải số tiền"),
        ("E11", "50.000", "ngăn cách"),
        ("E11", str(2**63), "giới hạn"),
        ("E11", 2**63, "giới hạn"),
        ("E11", 50_000.5, "nguyên"),
        ("E11", True, "không phải số tiền"),
        ("E11", "=40000+10000", "không có số tiền"),
        ("D11", "50,000", "vừa ghi nợ vừa ghi có"),
    ],
)
def test_a_spoiled_cell_is_refused_with_its_row(cell: str, value: str | int | float | None, words: str) -> None:
    def spoil(sheet: Worksheet) -> None:
        sheet[cell] = value

    with pytest.raises(Malformed) as caught:
        one(edited(write_vietcombank_xlsx(THREE), spoil))
    assert words in caught.value.message
    assert caught.value.where.startswith("sao-ke.xlsx, trang 1 dòng 1")


def test_numbers_and_dates_in_cells_of_their_own_kind_are_read_as_they_are() -> None:
    def as_typed(sheet: Worksheet) -> None:
        sheet["B12"] = datetime(2026, 7, 5)  # noqa: DTZ001  # A cell of a workbook has no zone.
        sheet["D12"] = 20_000
        sheet["E13"] = 1_234_567.0

    lines = one(edited(write_vietcombank_xlsx(THREE), as_typed)).lines
    assert (lines[1].booked_on, lines[1].amount, lines[2].amount) == (date(2026, 7, 5), 20_000, 1_234_567)


def test_a_formula_is_read_by_its_saved_value_and_never_computed() -> None:
    data = write_vietcombank_xlsx(THREE)
    value = b"<is><t>50,000</t></is>"

    def with_formula(xml: bytes) -> bytes:
        head, mark, tail = xml.partition(value)
        start = head.rindex(b"<c ")
        assert mark
        return head[:start] + b'<c r="E11"><f>1/0+99</f><v>50000</v>' + tail

    read = one(repacked(data, "xl/worksheets/sheet1.xml", with_formula))
    assert read.lines[0].amount == 50_000


def test_a_repeated_heading_and_blank_rows_between_pages_are_passed_over() -> None:
    def page_break(sheet: Worksheet) -> None:
        sheet.insert_rows(12, amount=2)
        for column in range(1, 8):
            sheet.cell(row=13, column=column, value=sheet.cell(row=10, column=column).value)

    assert len(one(edited(write_vietcombank_xlsx(THREE), page_break)).lines) == 3


@pytest.mark.parametrize(
    "prologue", [b'<!DOCTYPE x [<!ENTITY a "ha">]>', b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>']
)
def test_a_workbook_with_entities_is_refused(prologue: bytes) -> None:
    data = write_vietcombank_xlsx(THREE)
    spoiled = repacked(data, "xl/worksheets/sheet1.xml", lambda xml: prologue + xml.replace(b"MBVCB", b"&e;&a;"))
    with pytest.raises(Malformed):
        one(spoiled)


def test_a_workbook_that_unfolds_too_far_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.bank.grid.MAX_UNZIPPED", 10_000)
    with pytest.raises(Malformed, match="bung ra"):
        one(write_vietcombank_xlsx(THREE))


def test_a_sheet_of_a_million_empty_rows_is_refused_soon() -> None:
    data = repacked(
        write_vietcombank_xlsx(THREE),
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace(b"</sheetData>", b'<row r="1048576"><c r="A1048576"><v>1</v></c></row></sheetData>'),
    )
    with pytest.raises(Malformed, match="dòng trống"):
        one(data)


@pytest.mark.parametrize("keep", [4, 100, 5_000, -30])
def test_a_cut_workbook_says_so(keep: int) -> None:
    with pytest.raises(Malformed, match="cắt"):
        one(write_vietcombank_xlsx(THREE)[:keep])


def test_an_empty_workbook_has_no_heading() -> None:
    out = io.BytesIO()
    Workbook().save(out)
    with pytest.raises(Malformed, match="tiêu đề"):
        one(out.getvalue())


def test_the_writer_refuses_text_that_a_workbook_cannot_carry() -> None:
    with pytest.raises(Malformed):
        write_vietcombank_xlsx(statement(line(content="a\x00b")))


@pytest.mark.parametrize(
    ("text", "day", "reference"),
    [
        ("04/07/2026\n5078.12345", date(2026, 7, 4), "5078.12345"),
        ("04/07/2026 5078.12345", date(2026, 7, 4), "5078.12345"),
        ("4-7-2026 09:15:00", date(2026, 7, 4), None),
        ("04/07/2026 09:15\n5078 - 1", date(2026, 7, 4), "5078 - 1"),
        ("2026-07-04", date(2026, 7, 4), None),
    ],
)
def test_the_date_cell_holds_the_day_first_and_the_reference_under_it(
    text: str, day: date, reference: str | None
) -> None:
    assert split_date_and_reference(text) == (day, reference)


@pytest.mark.parametrize("text", ["", "04/07/26", "04/07-2026", "2026/07/04", "July 4", "04/07/20265078"])
def test_what_is_no_date_is_never_guessed(text: str) -> None:
    with pytest.raises(Malformed):
        split_date_and_reference(text)
