"""Files beside XLSX and CSV: web pages and old workbooks under .xls, notifications, large files in a stream."""

import io
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook

from adapters.bank.camt import read_camt054_notices
from adapters.bank.delimited import html_rows
from adapters.bank.grid import workbook_sheets
from adapters.bank.reader import open_statements, read_statement, sniff
from adapters.sandbox.old_workbook import write_xls
from adapters.sandbox.statement_files import line_of, statement_of, write_statement
from adapters.sandbox.statements import write_camt053
from domain.errors import Malformed, Refusal

SENT = statement_of(
    "0011001234567",
    [
        line_of(date(2026, 7, 4), 50_000, "HJQPM5YNFT97 nộp đảng phí", reference="FT1"),
        line_of(date(2026, 7, 5), -2_000, "Phí", reference="FT2"),
        line_of(date(2026, 7, 5), 50_000, "HJQPM5YNFT97 nộp đảng phí", reference=None),
    ],
    opening=1_000,
    bin="970436",
)


def cells(page: str) -> list[tuple[object, ...]]:
    return [row.cells for row in html_rows(page.encode())]


def test_cells_of_a_web_page_are_found_with_their_entities_spans_and_breaks() -> None:
    page = (
        "<HTML><head><title>Sao k&ecirc;</title><style>td { a: '<td>x' }</style></head>"
        "<p>Số tài khoản: 001</p><table><!-- <tr><td>no</td></tr> --><TR><td colspan=2>a &amp; b</td>"
        "<td nowrap>04/07/2026<br/>5078.1</tr><tr><td>x<td>y<b>z</b></table><script>var a = '<td>no</td>';</script>cuối"
    )
    assert cells(page) == [
        ("Sao kê",),
        ("Số tài khoản: 001",),
        ("a & b", "", "04/07/2026\n5078.1"),
        ("x", "yz"),
        ("cuối",),
    ]


@pytest.mark.parametrize(
    "page", ["<html", "<html><td", "<html><!--", "<html><script>", "<html>&#xD800;&#0;", "<html></td></tr>"]
)
def test_a_torn_page_gives_what_is_there(page: str) -> None:
    assert all(isinstance(cell, str) and "\ud800" not in cell for row in html_rows(page.encode()) for cell in row.cells)


def test_a_web_page_under_an_xls_name_is_read_in_the_old_code_page_too() -> None:
    name, data = write_statement("agribank-html", SENT)
    assert name.endswith(".xls")
    assert sniff(data) == "html"
    (read,) = read_statement(data, name)
    assert [line.where for line in read.lines] == ["dòng bảng 10", "dòng bảng 11", "dòng bảng 12"]
    plain = data.decode().replace("nộp đảng phí", "nop dang phi")
    bare = plain.encode("ascii", "xmlcharrefreplace")
    assert read_statement(bare, name)[0].lines[0].content == "HJQPM5YNFT97 nop dang phi"


def test_an_old_workbook_is_read_with_its_numbers_and_text() -> None:
    name, data = write_statement("agribank-xls", SENT)
    assert sniff(data) == "xls"
    (read,) = read_statement(data, name)
    assert (read.opening, read.closing, len(read.lines)) == (1_000, 99_000, 3)
    assert read.lines[0].where == "trang 1 dòng 10"


@pytest.mark.parametrize("keep", [8, 600, 2_000, 5_000])
def test_a_cut_old_workbook_is_refused(keep: int) -> None:
    data = write_statement("agribank-xls", SENT)[1]
    with pytest.raises((Malformed, Refusal)):
        read_statement(data[:keep], "a.xls")


def test_an_old_workbook_without_headings_is_told_what_it_lacks() -> None:
    with pytest.raises(Malformed, match="chưa biết các tiêu đề cột"):
        read_statement(write_xls([["Day", "Out", "In"], ["04/07/2026", "", "5"]]), "a.xls")


def test_booked_credits_of_a_notification_become_notices_under_the_banks_reference() -> None:
    name, data = write_statement("camt.054.001.08", SENT)
    first, second = read_camt054_notices(data, name)
    assert (first.source, first.outside_reference, first.amount) == ("bank:970436:0011001234567", "FT1", 50_000)
    assert first.paid_at.isoformat() == "2026-07-04T00:00:00+07:00"
    assert first.content == "HJQPM5YNFT97 nộp đảng phí"
    assert second.outside_reference.startswith("line:")
    (statement,) = read_statement(write_statement("camt.053.001.08", SENT)[1], "a.xml")
    assert statement.lines[0].bank_reference == first.outside_reference
    assert f"line:{statement.lines[2].key}" == second.outside_reference


def test_a_notification_whose_bank_nobody_knows_is_refused_with_the_place() -> None:
    bare = write_camt053([statement_of("001001", SENT.lines, opening=0)], version="camt.054.001.04")
    with pytest.raises(Malformed, match="001001") as caught:
        read_camt054_notices(bare, "a.xml")
    assert caught.value.where == "a.xml, Ntfctn[1]"
    assert len(read_camt054_notices(bare, bin_of={"001001": "970415"}.get)) == 2


def test_parts_of_one_entry_that_share_a_reference_are_told_apart() -> None:
    data = write_statement("camt.054.001.04", SENT)[1]
    entry = data[data.index(b"<Ntry>") : data.index(b"</Ntry>") + 7]
    first, second, _ = read_camt054_notices(data.replace(entry, entry + entry))
    assert (first.outside_reference, second.outside_reference) == ("FT1", "FT1#2")


def test_nothing_of_a_formula_is_computed_and_its_saved_value_counts() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["A1"], sheet["B1"] = "=1+1", '=HYPERLINK("http://x","y")'
    out = io.BytesIO()
    book.save(out)
    (rows,) = [list(sheet) for sheet in workbook_sheets(io.BytesIO(out.getvalue()))]
    assert all(cell is None for row in rows for cell in row.cells)


def _written_large(path: Path, format_name: str, lines: int) -> None:
    """A file of more than 50 MB with this many lines of 50,000 đồng, written without holding it."""
    text = "x" * 400
    with path.open("w", encoding="utf-8") as file:
        if format_name == "mt940":
            file.write(":20:A\n:25:0011001234567\n:28C:1/1\n:60F:C260701VND0,\n")
            for number in range(lines):
                file.write(f":61:2607040704C50000,NTRFNONREF//FT{number}\n:86:{text}\n")
            file.write(f":62F:C260731VND{50_000 * lines},\n-\n")
        else:
            file.write("Số tài khoản: 0011001234567,,,,\nSố dư đầu kỳ: 0,,,,\n")
            file.write("Ngày giao dịch,Ghi nợ,Ghi có,Số tham chiếu,Nội dung\n")
            for number in range(lines):
                file.write(f"04/07/2026,,50000,FT{number},{text}\n")
            file.write(f"Số dư cuối kỳ: {50_000 * lines},,,,\n")


@pytest.mark.parametrize("format_name", ["mt940", "csv"])
def test_a_file_over_fifty_megabytes_is_read_line_by_line(tmp_path: Path, format_name: str) -> None:
    path = tmp_path / f"large.{format_name}"
    _written_large(path, format_name, 125_000)
    assert path.stat().st_size > 50_000_000
    with open_statements(path, path.name) as (opened,):
        assert (opened.count, opened.closing, opened.money_in) == (125_000, 6_250_000_000, 6_250_000_000)
        first = next(iter(opened.lines()))
        assert first.bank_reference == "FT0"


def test_what_is_not_proved_gives_no_line_and_what_is_closed_gives_none_more() -> None:
    name, data = write_statement("mt940", replace(SENT, closing=SENT.closing + 1))
    with pytest.raises(Refusal), open_statements(io.BytesIO(data), name):
        pytest.fail("an unproved statement was given out")
    name, data = write_statement("mt940", SENT)
    with open_statements(io.BytesIO(data), name) as (opened,):
        assert opened.count == 3
    with pytest.raises(ValueError, match="closed"):
        list(opened.lines())


def test_a_stream_that_cannot_be_rewound_is_read_too() -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    name, data = write_statement("camt.053.001.02", SENT)
    with open_statements(Pipe(data), name) as (opened,):
        assert opened.whole() == read_statement(data, name)[0]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("padding", [0, 70_000, 300_000])
def test_a_dtd_is_found_wherever_it_stands_before_the_first_element(padding: int, encoding: str) -> None:
    body = write_statement("camt.053.001.08", SENT)[1].decode().partition("?>")[2].lstrip()
    harmless = f"<!--{'x' * padding}-->{body}".encode(encoding)
    assert len(read_statement(harmless, "a.xml")[0].lines) == 3
    laced = f"<!--{'x' * padding}--><!DOCTYPE Document [<!ENTITY e 'x'>]>{body}".encode(encoding)
    with pytest.raises(Malformed, match="DTD"):
        read_statement(laced, "a.xml")
    with pytest.raises(Malformed, match="hỏng"):
        read_statement(f"<!--{'x' * padding}-->{body}<!DOCTYPE x>".encode(encoding), "a.xml")
