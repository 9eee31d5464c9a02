"""What a cell of an office's list may say, and why the rest is refused."""

from datetime import date, datetime

import pytest

from adapters.office.cells import BadCell, amount_of, code_of, day_of, fold, month_in, whole_of, word_of
from adapters.office.table import words
from domain.money import AMOUNT_CAP


@pytest.mark.parametrize(
    ("cell", "amount"),
    [
        ("7500000", 7_500_000),
        ("7.500.000", 7_500_000),
        ("7,500,000", 7_500_000),
        ("7.500.000đ", 7_500_000),
        ("7.500.000 đồng", 7_500_000),
        ("7500000 VND", 7_500_000),
        (" 1.500 ", 1_500),
        ("0", 0),
        (7_500_000, 7_500_000),
        (7_500_000.0, 7_500_000),
        (AMOUNT_CAP, AMOUNT_CAP),
    ],
)
def test_an_amount_is_whole_dong_however_thousands_are_grouped(cell, amount):
    assert amount_of(cell) == amount


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("-5", "âm"),
        ("−5", "âm"),
        ("(5.000)", "âm"),
        (-5, "âm"),
        ("7.500.000,5", "phần lẻ"),
        ("1.50", "phần lẻ"),
        ("1.500,000", "phần lẻ"),
        (1.5, "phần lẻ"),
        (str(2**63), "giới hạn"),
        (2**63, "giới hạn"),
        (AMOUNT_CAP + 1, "giới hạn"),
        ("9" * 5_000, "giới hạn"),
        ("٧٥٠٠٠٠٠", "0–9"),
        ("７５００", "0–9"),
        ("một triệu", "số đồng nguyên"),
        ("1e6", "số đồng nguyên"),
        ("+5", "số đồng nguyên"),
        (True, "số tiền"),
        (datetime(2026, 7, 1), "số tiền"),  # noqa: DTZ001 -- spreadsheets give dates without a zone.
    ],
)
def test_an_amount_that_can_be_misread_is_refused_with_its_reason(cell, reason):
    with pytest.raises(BadCell, match=reason):
        amount_of(cell)


def test_days_are_read_in_vietnamese_order_and_impossible_ones_are_refused():
    assert day_of("02/07/2026") == day_of("2026-07-02") == day_of(date(2026, 7, 2)) == date(2026, 7, 2)
    for bad in ("31/06/2026", "2026/07/02", "7/2026", "02.07.2026", 46_204, "٠٢/٠٧/٢٠٢٦"):
        with pytest.raises(BadCell):
            day_of(bad)


def test_a_month_that_a_spreadsheet_turned_into_its_first_day_is_still_that_month():
    assert month_in("07/2026") == month_in("7/2026") == month_in("2026-07") == month_in(date(2026, 7, 1)) == "2026-07"
    for bad in (date(2026, 7, 2), "13/2026", "00/2026", "07/26", "tháng 7", 72026):
        with pytest.raises(BadCell):
            month_in(bad)


def test_a_percent_cell_of_a_spreadsheet_is_not_taken_for_a_whole_number():
    assert whole_of("50%", 1, 100) == whole_of(50, 1, 100) == 50
    for bad in (0.5, "101", "0", "5o", True):
        with pytest.raises(BadCell):
            whole_of(bad, 1, 100)


def test_a_code_that_became_a_number_is_refused_because_its_zeros_are_gone():
    assert code_of("0000001002", "[0-9]{10}", "số tài khoản") == "0000001002"
    with pytest.raises(BadCell, match="Text"):
        code_of(1002, "[0-9]{4}", "số tài khoản")


def test_headings_and_words_are_the_same_without_marks_case_blanks_and_hints():
    assert fold("  SỐ THẺ  Đảng (8 số)") == fold("so the dang") == "sothedang"
    assert fold("Đ") == fold("đ") == fold("đ".upper()) == "d"


def test_a_misspelt_word_is_refused_with_the_word_it_resembles():
    kinds = words({1: ("Thuộc diện BHXH bắt buộc",), 2: ("Hưởng lương hưu",)})
    assert word_of("thuoc dien bhxh bat buoc", kinds.by_spelling, kinds.names) == 1
    with pytest.raises(BadCell, match="có phải «Thuộc diện BHXH bắt buộc»"):
        word_of("Thuộc diện BHXH bắc buộc", kinds.by_spelling, kinds.names)
    with pytest.raises(BadCell, match="Hưởng lương hưu"):
        word_of("khác", kinds.by_spelling, kinds.names)
