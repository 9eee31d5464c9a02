"""Tables of other banks and in CSV: headings, separators, labels, encodings, and what the file is instead."""

import unicodedata
from datetime import date

import pytest

from adapters.bank.amounts import read_column, read_one
from adapters.bank.delimited import decode_text
from adapters.bank.grid import Cell, Row
from adapters.bank.headings import account_number, columns_of
from adapters.bank.reader import read_statement, sniff
from domain.errors import Malformed, Refusal
from domain.notice import BankStatement, Direction

CSV = """Ngân hàng TMCP Đầu tư và Phát triển Việt Nam (BIDV);;;;
Số tài khoản cũ/OLD:;21510000123456;;;
Số tài khoản:;2151 0000 999;;;
Từ ngày 01/07/2026 đến ngày 31/07/2026;;;;
;DƯ ĐẦU;;;1.000.000
Ngày hiệu lực;Ghi nợ;Ghi có;Số dư;Mô tả
04/07/2026;;50.000;1.050.000;HJQPM5YNFT97 nộp đảng phí
05/07/2026;20.000;;1.030.000;Rút tiền
Cộng phát sinh;20.000;50.000;;
;DƯ CUỐI;;;1.030.000
"""


def read(text: str | bytes) -> BankStatement:
    (statement,) = read_statement(text if isinstance(text, bytes) else text.encode(), "sao-ke.csv")
    return statement


def row(*cells: Cell) -> Row:
    return Row(where="dòng 1", cells=cells)


def test_a_csv_of_bidv_is_read_with_the_account_that_is_not_the_old_one() -> None:
    statement = read(CSV)
    assert (statement.account_number, statement.bin, statement.format) == ("21510000999", "970418", "bidv-csv")
    assert (statement.from_date, statement.to_date) == (date(2026, 7, 1), date(2026, 7, 31))
    assert [(item.amount, item.direction, item.where) for item in statement.lines] == [
        (50_000, Direction.IN, "dòng 7"),
        (20_000, Direction.OUT, "dòng 8"),
    ]
    assert statement.lines[0].content == "HJQPM5YNFT97 nộp đảng phí"


@pytest.mark.parametrize("delimiter", [",", "\t", "|"])
def test_any_usual_delimiter_is_found_by_the_heading(delimiter: str) -> None:
    assert read(CSV.replace(";", delimiter)).lines == read(CSV).lines


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1258"])
def test_a_csv_of_another_encoding_gives_the_same_lines(encoding: str) -> None:
    text = decomposed_tones(CSV) if encoding == "cp1258" else CSV
    assert read(text.encode(encoding)).lines == read(CSV).lines


def decomposed_tones(text: str) -> str:
    """Letters with their own mark kept whole and the tone behind them, as Windows-1258 wants it."""
    tones = {"\u0300", "\u0301", "\u0303", "\u0309", "\u0323"}
    out = []
    for letter in text:
        parts = unicodedata.normalize("NFD", letter)
        tone = "".join(part for part in parts if part in tones)
        rest = unicodedata.normalize("NFC", "".join(part for part in parts if part not in tones))
        out.append(rest + tone)
    return "".join(out)


@pytest.mark.parametrize(
    ("data", "words", "where"),
    [
        (CSV.encode()[:-20] + "ộ".encode()[:2], "cắt", "dòng 10"),
        (CSV.encode().replace("nộp".encode(), b"n\xff\xfep"), "UTF-8", "dòng 7"),
        ("Ngày;Nợ\nTẶNG".encode("utf-16-le"), "Windows-1258", "dòng 1"),
        (b"Ng\xb5y giao d\xdech;Ghi n\xee;Ghi c\xe3\n", "Windows-1258", "dòng 1"),
        (b"\x81\x8d;Ghi\n", "Windows-1258", "dòng 1"),
        (b"\xff\xfe\x00", "utf-16", "dòng 1"),
    ],
)
def test_an_encoding_that_does_not_fit_is_refused_with_the_line(data: bytes, words: str, where: str) -> None:
    with pytest.raises(Malformed) as caught:
        decode_text(data)
    assert words in caught.value.message
    assert caught.value.where == where


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("05/07/2026;", ";"), "không có ngày"),
        (("05/07/2026;", "5 tháng 7;"), "không phải ngày"),
        (("Số tài khoản:;2151 0000 999", "Chi nhánh:;Hải Phòng"), "số tài khoản"),
        (("Mô tả\n", "Mô tả\nLoại tiền: USD\n"), "USD"),
        (("Số dư;Mô tả", "Số tiền ghi có;Mô tả"), "hai cột"),
        ((";20.000;;1.030.000;Rút", ";;;1.030.000;Rút"), "không có số tiền"),
        (("Rút tiền", '"Rút tiền'), "nháy"),
        (("Ghi nợ", "Gì đó"), "tiêu đề"),
    ],
)
def test_a_damaged_csv_is_refused_by_name(change: tuple[str, str], words: str) -> None:
    assert change[0] in CSV
    with pytest.raises(Malformed) as caught:
        read(CSV.replace(*change))
    assert words in caught.value.message
    assert caught.value.where.startswith("sao-ke.csv")


def test_a_sum_off_by_one_dong_is_refused() -> None:
    with pytest.raises(Refusal, match="lệch -1"):
        read(CSV.replace(";DƯ CUỐI;;;1.030.000", ";DƯ CUỐI;;;1.029.999"))


@pytest.mark.parametrize("newest_first", [False, True])
def test_balances_without_labels_come_from_the_running_balance(newest_first: bool) -> None:
    lines = CSV.splitlines()
    lines = [text for text in lines if "DƯ" not in text]
    if newest_first:
        lines[5], lines[6] = lines[6], lines[5]
    statement = read("\n".join(lines))
    assert (statement.opening, statement.closing) == (1_000_000, 1_030_000)


def test_without_any_balance_nothing_is_proved_and_nothing_is_taken() -> None:
    text = "\n".join(line for line in CSV.splitlines() if "DƯ" not in line).replace("Số dư;", "Ghi chú;")
    with pytest.raises(Malformed, match="số dư"):
        read(text)


def test_a_bank_that_leaves_repeated_dates_blank_is_filled_down() -> None:
    text = (
        "VietinBank eFAST,,,,,\nSố tài khoản: 101000123456,,,,,\n"
        "Số dư đầu kỳ: 0,,,,,\nSố dư cuối kỳ: 3,,,,,\n"
        "Ngày hạch toán/Accounting date,Mô tả giao dịch,Nợ/Debit,Có/Credit,Số dư TK,Số giao dịch/Transaction number\n"
        "04/07/2026,a,0,1,1,R1\n,b,0,2,3,R2\n"
    )
    statement = read(text)
    assert [(item.booked_on.day, item.amount, item.bank_reference) for item in statement.lines] == [
        (4, 1, "R1"),
        (4, 2, "R2"),
    ]
    assert statement.format == "vietinbank-csv"


def test_negative_debits_are_the_custom_of_one_bank_and_an_error_of_the_others() -> None:
    text = (
        "{bank},,,\nTài khoản số: 19001234,,,\nSố dư đầu kỳ: 10,,,\nSố dư cuối kỳ: 3,,,\n"
        "Ngày giao dịch/Transaction date,Nợ/Debit,Có/Credit,Diễn giải/Description\n04/07/2026,-7,,x\n"
    )
    (item,) = read(text.format(bank="Techcombank")).lines
    assert (item.amount, item.direction) == (7, Direction.OUT)
    with pytest.raises(Malformed, match="âm"):
        read(text.format(bank="MB Bank"))
    with pytest.raises(Malformed, match="âm"):
        read(text.format(bank="Techcombank").replace("-7", "7"))


def test_the_longest_alias_decides_what_a_heading_means() -> None:
    found = columns_of(
        row("STT\nNo.", "Ngày GD", "Ngày hiệu lực2/\nEffective date", "Số tiền ghi nợ", "Số tiền ghi có", "Số bút toán")
    )
    assert found is not None
    assert (found.booked, found.effective, found.debit, found.credit, found.reference) == (1, 2, 3, 4, 5)


def test_prose_that_mentions_debit_and_credit_is_no_heading() -> None:
    assert columns_of(row("Phát sinh nợ: 5", "Phát sinh có: 7")) is None
    assert columns_of(row("x" * 80 + " ghi nợ ghi có ngày", "ghi có", "ngày")) is None


def test_an_account_number_may_stand_behind_its_label_or_beside_it() -> None:
    for cells in (("Số tài khoản/Account No: 0011001234567 - VND",), ("Account number", None, "0011 0012 34567")):
        assert account_number([row(*cells)]) == "0011001234567"
    assert account_number([row("Số tài khoản:", "chưa có")]) is None


@pytest.mark.parametrize(
    ("texts", "amounts"),
    [
        (["1,000", "2,500,000.00", "7"], [1_000, 2_500_000, 7]),
        (["1.000", "2.500.000,00", "+7"], [1_000, 2_500_000, 7]),
        (["1,000 VND", "50000đ", "-"], [1_000, 50_000, 0]),
        ([1_000, 2.0, None, ""], [1_000, 2, 0, 0]),
        (["-5,000"], [-5_000]),
    ],
)
def test_one_mark_groups_the_thousands_of_a_column(texts: list[Cell], amounts: list[int]) -> None:
    assert read_column([("dòng 1", text) for text in texts]) == amounts


@pytest.mark.parametrize(
    ("texts", "where"),
    [
        (["1,000", "2.000"], "dòng 2"),
        (["1.000", "12", "2,000"], "dòng 3"),
        (["1,00,000"], "dòng 1"),
        (["1 000"], "dòng 1"),
        (["5", "(5,000)"], "dòng 2"),
        (["12.34"], "dòng 1"),
        (["1e5"], "dòng 1"),
        ([float("nan")], "dòng 1"),
        (["٥٠"], "dòng 1"),
        (["9" * 5_000], "dòng 1"),
    ],
)
def test_a_cell_that_does_not_fit_its_column_is_named(texts: list[Cell], where: str) -> None:
    with pytest.raises(Malformed) as caught:
        read_column([(f"dòng {number}", text) for number, text in enumerate(texts, start=1)])
    assert caught.value.where == where


def test_a_balance_that_stands_alone_is_read_in_either_writing() -> None:
    assert (read_one("1.030.000 VND"), read_one("1,030,000.00"), read_one("không rõ")) == (1_030_000, 1_030_000, None)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "rỗng"),
        (b"  \n", "rỗng"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "XLS hỏng"),
        (b"%PDF-1.7", "PDF"),
        (b"\x89PNG\r\n\x1a\n", "ảnh PNG"),
        (b"\xff\xd8\xff\xe0JFIF", "ảnh JPEG"),
        (b":20:STMT\n:25:001\n", ":25:"),
        (b":20:STMT\n:25:0011001\n", "bị cắt"),
        (b"\xef\xbb\xbf{1:F01BFTVVNVX}", "MT940"),
        (b"<html><table><tr><td>x</td></tr></table></html>", "tiêu đề"),
        (b"<?xml version='1.0'?><Invoice/>", "camt.053"),
        ("<Invoice/>".encode("utf-16"), "camt.053"),
        (b"PK\x03\x04rubbish", "XLSX hỏng"),
        (b"hello", "tiêu đề"),
        (b"a,b\n\x00", "nhị phân"),
    ],
)
def test_a_file_that_is_something_else_is_told_what_it_is(data: bytes, words: str) -> None:
    with pytest.raises(Malformed) as caught:
        read_statement(data, "tep.bin")
    assert words in caught.value.message
    assert "tep.bin" in str(caught.value)


def test_the_bytes_tell_the_format_whatever_the_name_says() -> None:
    assert (sniff(CSV.encode()), sniff(b"PK\x03\x04"), sniff(b"\n<Document/>")) == ("csv", "xlsx", "xml")
    assert read_statement(CSV.encode(), "sao-ke.xlsx")[0].format == "bidv-csv"
