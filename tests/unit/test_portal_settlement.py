"""The settlement file of the day after: read whole or refused whole, with the line and the reason."""

import hashlib
from dataclasses import replace
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.inbound import VIETNAM
from adapters.portal.settlement import read_settlement, sealed, write_answer
from adapters.sandbox.portal_settlement import SettledPayment, file_name, settlement_file
from domain.errors import Malformed
from domain.settlement import AnsweredLine, SettlementAnswer, SettlementKind

DAY = date(2026, 7, 4)
NAME = "20260704_P1_1.txt"
ONE = SettledPayment(
    reference="HJQPM5YNFT97",
    transaction_id="GD1",
    amount=50_000,
    paid_at=datetime(2026, 7, 4, 9, 15, tzinfo=VIETNAM),
    booked_at=datetime(2026, 7, 4, 22, 0, tzinfo=VIETNAM),
    account_number="0011001234567",
)
TWO = replace(ONE, reference="HJYB2BJ6D342", transaction_id="GD2", amount=70_000, fee=1_100)
BACK = replace(ONE, transaction_id="GD3", amount=20_000, returned=True)


def made(*payments: SettledPayment) -> bytes:
    return settlement_file(partner="P1", secret="s3", first=DAY, last=DAY, payments=payments)


def read(raw: bytes, name: str = NAME):
    return read_settlement(raw, name, partner="P1", secret="s3")


def test_a_file_is_read_into_lines_that_sum_to_what_the_bank_is_to_credit():
    found = read(made(ONE, TWO, BACK))
    assert file_name("P1", DAY) == NAME
    assert (found.settlement_id, found.from_date, found.to_date, found.rail) == ("20260704_P1_1", DAY, DAY, "portal")
    assert [(x.number, x.kind, x.reference, x.outside_reference) for x in found.lines] == [
        (1, SettlementKind.COLLECTION, "HJQPM5YNFT97", "GD1"),
        (2, SettlementKind.COLLECTION, "HJYB2BJ6D342", "GD2"),
        (3, SettlementKind.REFUND, "HJQPM5YNFT97", "GD3"),
    ]
    assert [(x.amount, x.fee, x.net) for x in found.lines] == [
        (50_000, 0, 50_000),
        (70_000, 1_100, 68_900),
        (-20_000, 0, -20_000),
    ]
    assert found.net == 98_900
    assert found.digest == hashlib.sha256(made(ONE, TWO, BACK)).hexdigest()


def test_a_day_without_payments_is_a_settlement_of_nothing():
    assert (read(made()).lines, read(made()).net) == ((), 0)


def test_a_line_told_twice_is_kept_and_marked():
    found = read(made(ONE, TWO, ONE))
    assert found.lines[2].where.endswith("dòng 4 (trùng dòng 2)")
    lines = made(ONE, TWO).decode().splitlines()
    copied = sealed([lines[0], lines[1], lines[1], lines[2]], 170_000)
    assert [x.where for x in read(copied).lines] == [
        f"{NAME}, dòng 2",
        f"{NAME}, dòng 3 (trùng dòng 2)",
        f"{NAME}, dòng 4",
    ]


def resealed(*lines: str, total: int = 120_000) -> bytes:
    return sealed(lines, total)


GOOD = made(ONE, TWO)
HEAD, FIRST, SECOND, TAIL = GOOD.decode().splitlines()
BROKEN = {
    "cut in the middle": (GOOD[:200], "dòng 2"),
    "cut before the trailer": (f"{HEAD}\n{FIRST}\n{SECOND}\n".encode(), "thiếu dòng tổng"),
    "cut in the trailer": (GOOD[:-10], "dòng 4"),
    "nothing": (b"", "dòng 1"),
    "only a line feed": (b"\n", "thiếu dòng tổng"),
    "only a trailer": (sealed([], 0), "thiếu dòng đầu"),
    "wrong count": (GOOD.replace(b"T|2|", b"T|3|"), "dòng 4"),
    "wrong sum": (resealed(HEAD, FIRST, SECOND, total=120_001), "cộng lại 120000"),
    "wrong checksum": (GOOD[:-2] + (b"0" if GOOD[-2:-1] != b"0" else b"1") + b"\n", "sha256"),
    "a line left out and resealed": (resealed(HEAD, SECOND, total=70_000), "dòng 2"),
    "an amount changed and resealed": (
        resealed(HEAD, FIRST.replace("|50000|", "|50001|"), SECOND, total=120_001),
        "MaXacThuc",
    ),
    "the payee changed and resealed": (
        resealed(HEAD, FIRST.replace("0011001234567", "0011001234568"), SECOND),
        "MaXacThuc",
    ),
    "carriage returns": (GOOD.replace(b"\n", b"\r\n"), "ký tự điều khiển"),
    "a mark of byte order": (b"\xef\xbb\xbf" + GOOD, "dòng 1"),
    "not UTF-8": (GOOD.replace(b"NOP", b"N\xffP", 1), "dòng 2: không phải UTF-8"),
    "a field too many": (resealed(HEAD, FIRST + "|x", SECOND), "18"),
    "another partner": (GOOD.replace(b"|P1|", b"|P2|", 1), "dòng 1"),
    "another version": (GOOD.replace(b"H|1.0", b"H|1.1"), "dòng 1"),
    "no such day": (GOOD.replace(b"20260704|20260704", b"20260704|20260732"), "dòng 1"),
    "days turned round": (GOOD.replace(b"|20260704|20260704", b"|20260705|20260704"), "từ ngày sau"),
    "another day than its name": (GOOD.replace(b"|20260704|20260704", b"|20260704|20260705"), "tên tệp"),
    "two trailers": (GOOD + TAIL.encode() + b"\n", "dòng 4"),
}


@pytest.mark.parametrize(("raw", "words"), BROKEN.values(), ids=BROKEN)
def test_a_broken_file_is_refused_whole_with_line_and_reason(raw, words):
    with pytest.raises(Malformed) as caught:
        read(raw)
    assert words in str(caught.value)
    assert NAME in str(caught.value)


def signed(**changed: str) -> bytes:
    """The file with fields of its first line changed by place, signed again by whoever knows the secret."""
    from adapters.portal.settlement import line_signature

    parts = FIRST.split("|")[:-1]
    for place, value in changed.items():
        parts[int(place[1:])] = value
    return resealed(HEAD, "|".join([*parts, line_signature(parts, "s3")]), SECOND)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (signed(f5="-50000"), "SoTien"),
        (signed(f5="50000.0"), "SoTien"),
        (signed(f5="0"), "SoTien"),
        (signed(f5="9" * 16), "SoTien"),
        (signed(f6="USD"), "MaTienTe"),
        (signed(f8="20260703235959"), "nằm ngoài"),
        (signed(f8="20260732000000"), "lịch"),
        (signed(f10="TRA"), "LoaiGD"),
        (signed(f11="3"), "TrangThaiGD"),
        (signed(f13="1"), "SoTienThanhToan"),
        (signed(f3=""), "MaGiaoDich"),
        (signed(f3="a b"), "MaGiaoDich"),
        (signed(f1="2"), "số thứ tự"),
    ],
)
def test_a_rightly_signed_line_that_says_the_impossible_is_refused(raw, words):
    with pytest.raises(Malformed) as caught:
        read(raw)
    assert words in str(caught.value)
    assert "dòng 2" in str(caught.value)


@pytest.mark.parametrize("name", ["x.txt", "20260704_P2_1.txt", "20260704_P1_1.csv", "", "20260704_P1_1.txt\n"])
def test_a_file_of_another_name_is_refused(name):
    with pytest.raises(Malformed):
        read(GOOD, name)


def test_without_a_secret_nothing_is_believed():
    raw = settlement_file(partner="P1", secret="", first=DAY, last=DAY, payments=(ONE,))
    with pytest.raises(Malformed):
        read_settlement(raw, NAME, partner="P1", secret="")


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(GOOD) - 1), st.binary(max_size=3), st.integers(0, 3))
def test_no_change_of_any_byte_is_ever_believed(at, put, gone):
    changed = GOOD[:at] + put + GOOD[at + gone :]
    if changed == GOOD:
        return
    with pytest.raises(Malformed):
        read(changed)


def test_our_answer_has_a_word_for_each_line_and_for_what_is_missing_and_is_sealed_alike():
    settlement = read(made(ONE, TWO, ONE))
    answer = SettlementAnswer(
        settlement=settlement,
        lines=(
            AnsweredLine(number=1, outcome="matched", ours=50_000),
            AnsweredLine(number=2, outcome="amount-differs", ours=69_000),
            AnsweredLine(number=3, outcome="doubled", ours=None),
        ),
        missing=(("HJ0E44PNC2ZW", 60_000),),
        at=datetime(2026, 7, 6, 9, tzinfo=VIETNAM),
    )
    lines = write_answer(answer, partner="P1", secret="s3").decode().splitlines()
    assert [line.rsplit("|", 1)[0] for line in lines[:-1]] == [
        "H|1.0|P1|20260704",
        "A|1|HJQPM5YNFT97|GD1|00|50000",
        "A|2|HJYB2BJ6D342|GD2|05|69000",
        "A|3|HJQPM5YNFT97|GD1|04|",
        "M|HJ0E44PNC2ZW|60000",
    ]
    before = "".join(f"{line}\n" for line in lines[:-1]).encode()
    assert lines[-1] == f"T|4|179000|{hashlib.sha256(before).hexdigest()}"
