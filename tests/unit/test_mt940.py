"""MT940: reversals, years, continued statements, and what a damaged message is told."""

from datetime import date

import pytest

from adapters.bank.reader import read_statement, sniff
from domain.errors import Malformed, Refusal
from domain.notice import BankStatement, Direction

HEAD = ":20:A\n:25:970436/0011001234567\n:28C:1/1\n:60F:C260701VND1000,\n"
LINE = ":61:2607040704C50000,NTRFNONREF//FT1\n:86:HJQPM5YNFT97\n"


def message(*lines: str, closing: int, head: str = HEAD) -> bytes:
    mark = "D" if closing < 0 else "C"
    return f"{head}{''.join(lines)}:62F:{mark}260731VND{abs(closing)},\n-\n".encode()


def one(data: bytes) -> BankStatement:
    (statement,) = read_statement(data, "vcb.sta")
    return statement


def test_a_statement_is_read_with_account_bank_days_and_text() -> None:
    read = one(message(LINE, closing=51_000))
    assert (read.account_number, read.bin, read.format) == ("0011001234567", "970436", "mt940")
    assert (read.from_date, read.to_date) == (date(2026, 7, 4), date(2026, 7, 31))
    (line,) = read.lines
    assert (line.amount, line.direction, line.bank_reference, line.content, line.where, line.bank_code) == (
        50_000,
        Direction.IN,
        "FT1",
        "HJQPM5YNFT97",
        "dòng 5",
        "NTRF",
    )


@pytest.mark.parametrize(
    ("mark", "direction", "reversal", "closing"),
    [
        ("C", Direction.IN, False, 51_000),
        ("CD", Direction.IN, False, 51_000),
        ("D", Direction.OUT, False, -49_000),
        ("RC", Direction.OUT, True, -49_000),
        ("RD", Direction.IN, True, 51_000),
        ("RDD", Direction.IN, True, 51_000),
    ],
)
def test_the_reversal_of_a_credit_is_money_out(mark: str, direction: Direction, reversal: bool, closing: int) -> None:
    (line,) = one(message(LINE.replace("C50000", f"{mark}50000"), closing=closing)).lines
    assert (line.direction, line.is_reversal) == (direction, reversal)


@pytest.mark.parametrize(
    ("dates", "booked"),
    [
        ("2512311231", date(2025, 12, 31)),
        ("2512310102", date(2026, 1, 2)),
        ("2601021231", date(2025, 12, 31)),
        ("2402280229", date(2024, 2, 29)),
        ("260704", date(2026, 7, 4)),
        ("260704    ", date(2026, 7, 4)),
    ],
)
def test_the_entry_date_takes_the_year_that_is_nearest_to_the_value_date(dates: str, booked: date) -> None:
    (line,) = one(message(LINE.replace("2607040704", dates), closing=51_000)).lines
    assert line.booked_on == booked


def test_pieces_of_a_structured_text_are_joined_without_a_blank() -> None:
    text = ":86:166?00GUTSCHRIFT?20MBVCB.123456.HJQPM5Y?21NFT97.CT tu 0011?3100112233?32NGUYEN VAN?33 AN\n"
    (line,) = one(message(LINE.split(":86:")[0], text, closing=51_000)).lines
    assert line.content == "MBVCB.123456.HJQPM5YNFT97.CT tu 0011"
    assert (line.counterparty_account, line.counterparty_name) == ("00112233", "NGUYEN VAN AN")


def test_a_reference_broken_by_the_width_of_a_line_is_whole_again() -> None:
    text = "x" * 59 + " HJQPM" + "\n" + "5YNFT97 and more\nand a line of its own\n"
    (line,) = one(message(LINE.split(":86:")[0], f":86:{text}", closing=51_000)).lines
    assert "HJQPM5YNFT97 and more and a line of its own" in line.content


CONTINUED = (
    f"{HEAD}{LINE}:62M:C260715VND51000,\n-\n"
    ":20:A\n:25:970436/0011001234567\n:28C:1/2\n:60M:C260715VND51000,\n"
    f"{LINE.replace('FT1', 'FT2')}:62F:C260731VND101000,\n-\n"
)


def test_a_continued_statement_is_one_statement() -> None:
    read = one(CONTINUED.encode())
    assert (read.opening, read.closing, [line.bank_reference for line in read.lines]) == (
        1_000,
        101_000,
        ["FT1", "FT2"],
    )


@pytest.mark.parametrize(
    ("change", "words", "where"),
    [
        ((":60M:C260715VND51000", ":60M:C260715VND51001"), "khác số dư cuối phần trước", "dòng 12"),
        ((":60M:", ":60F:"), "còn tiếp", "dòng 12"),
        (("0011001234567\n:28C:1/2", "0011009999999\n:28C:1/2"), "tài khoản khác", "dòng 10"),
        ((":62F:C260731VND101000,\n-\n", ""), "bị cắt", "dòng 1"),
    ],
)
def test_a_continuation_that_does_not_follow_is_refused(change: tuple[str, str], words: str, where: str) -> None:
    assert change[0] in CONTINUED
    with pytest.raises(Malformed, match=words) as caught:
        read_statement(CONTINUED.replace(*change).encode(), "vcb.sta")
    assert caught.value.where == f"vcb.sta, {where}"


def test_a_statement_whose_rest_is_missing_is_refused() -> None:
    with pytest.raises(Malformed, match="còn tiếp"):
        read_statement(CONTINUED.split("-\n:20:")[0].encode(), "vcb.sta")
    with pytest.raises(Malformed, match="không có phần trước"):
        read_statement((":20:" + CONTINUED.split("-\n:20:")[1]).encode(), "vcb.sta")


def test_several_statements_of_a_file_do_not_share_keys() -> None:
    twice = message(LINE, closing=51_000) + message(LINE, closing=101_000, head=HEAD.replace("VND1000", "VND51000"))
    first, second = read_statement(twice, "vcb.sta")
    assert first.lines[0].key != second.lines[0].key


def test_the_envelope_of_the_network_and_windows_line_ends_are_passed_over() -> None:
    swift = b"{1:F01BFTVVNVXAXXX0000000000}{2:O9401200}{4:\r\n" + message(LINE, closing=51_000)[:-2].replace(
        b"\n", b"\r\n"
    )
    assert one(swift + b"-}\r\n").closing == 51_000
    assert sniff(swift) == "mt940"


def test_text_in_the_old_vietnamese_code_page_or_none_is_no_reason_to_refuse() -> None:
    (line,) = one(message(LINE, closing=51_000).replace(b"HJQPM5YNFT97", b"HJQPM5YNFT97 \xd0\x81")).lines
    assert line.content.startswith("HJQPM5YNFT97 ")


@pytest.mark.parametrize(
    ("data", "words", "where"),
    [
        (message(LINE, closing=51_000).replace(b"C50000,", b"C50000,5"), "phần lẻ", "dòng 5"),
        (message(LINE, closing=51_000).replace(b"C50000,", b"X50000,"), ":61:", "dòng 5"),
        (message(LINE, closing=51_000).replace(b"2607040704", b"2613040704"), "lịch", "dòng 5"),
        (message(LINE, closing=51_000).replace(b"2607040704", b"2607040230"), "lịch", "dòng 5"),
        (message(LINE, closing=51_000).replace(b":28C:", b":25:0011\n:28C:"), "hai trường :25:", "dòng 3"),
        (message(LINE, closing=51_000).replace(b":28C:", b":99X:"), ":99X:", "dòng 3"),
        (message(LINE, closing=51_000).replace(b":60F:", b":64:"), ":60F:", "dòng 5"),
        (message(LINE, closing=51_000).replace(b":25:970436/0011001234567\n", b""), ":25:", "dòng 3"),
        (message(LINE, closing=51_000).replace(b"VND1000", b"USD1000"), "USD", "dòng 4"),
        (message(LINE, closing=51_000).replace(b"C50000", b"C" + b"9" * 16), ":61:", "dòng 5"),
        (message(LINE, closing=51_000) + b":61:2607040704C1,NTRFNONREF\n", "ngoài một bức điện", "dòng 9"),
        (message(LINE * 2, closing=51_000)[:-30] + b"\n:20:B\n", "bức trước", "dòng"),
        (message(LINE + "x" * 5_000 + "\n", closing=51_000), "dài hơn", "dòng 7"),
        (message(LINE + ("x" * 60 + "\n") * 1_000, closing=51_000), "dài hơn", "dòng 6"),
    ],
)
def test_a_damaged_message_is_refused_with_line_and_reason(data: bytes, words: str, where: str) -> None:
    with pytest.raises(Malformed, match=words) as caught:
        read_statement(data, "vcb.sta")
    assert caught.value.where.startswith(f"vcb.sta, {where}")


def test_lines_that_do_not_lead_to_the_closing_balance_refuse_the_file() -> None:
    with pytest.raises(Refusal, match="lệch 1"):
        read_statement(message(LINE, closing=51_001), "vcb.sta")
