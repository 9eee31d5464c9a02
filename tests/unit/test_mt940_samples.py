"""MT940: the public sample files, with figures computed from their text alone and beside the library's reading."""

import contextlib
import io
import re
from decimal import Decimal
from pathlib import Path

import mt940
import pytest

from adapters.bank.mt940 import Mt940Record, stream_mt940
from adapters.bank.reader import read_statement
from domain.errors import Malformed, Refusal, RefusalCode
from domain.notice import BankLine, Direction

SAMPLES = Path(__file__).resolve().parents[2] / ".." / "shared" / "payments" / "statements" / "mt940"

GOOD = (
    "betterplace_sepa_snippet.sta",
    "citi_mt940.txt",
    "jejik_generic.sta",
    "jejik_ing.sta",
    "jejik_rabobank-iban.sta",
    "mBank_mt940.sta",
    "mBank_with_newline_in_tnr.sta",
    "sberbank_171011_01234945.sta",
)

#: Shortened or made anonymous by their publishers: what the lines are missing of the closing balance, by statement.
NOT_ADDING_UP = {
    "betterplace_sepa_snippet.sta": [0, 30008],
    "jejik_ing.sta": [4906],
    "mBank_with_newline_in_tnr.sta": [77071],
}


def sample(name: str) -> bytes:
    if not SAMPLES.exists():
        pytest.skip("the shared MT940 samples are missing beside the repository")
    return (SAMPLES / name).read_bytes()


def parsed(data: bytes) -> list[tuple[Mt940Record, list[BankLine]]]:
    out: list[tuple[Mt940Record, list[BankLine]]] = []
    lines: list[BankLine] = []
    for found in stream_mt940(io.BytesIO(data)):
        if isinstance(found, BankLine):
            lines.append(found)
        else:
            out.append((found, lines))
            lines = []
    return out


def cents(text: str) -> int:
    return int(Decimal(text.replace(",", ".") if not text.endswith(",") else text[:-1]) * 100)


def told(data: bytes) -> list[tuple[int, int, int, int]]:
    """(opening, lines, net, closing) of each statement by plain search in the text, in hundredths."""
    text = data.decode("latin-1").replace("\r", "")
    out = []
    for part in re.split(r"(?m)^:60F:", text)[1:]:
        sign, opening = re.match(r"([CD])\d{6}[A-Z]{3}([\d,]+)", part).groups()  # type: ignore[union-attr]  # Is there.
        closing_sign, closing = re.search(r"(?m)^:62F:([CD])\d{6}[A-Z]{3}([\d,]+)", part).groups()  # type: ignore[union-attr]  # Same.
        moves = re.findall(r"(?m)^:61:\d{6}(?:\d{4}|    )?(R?[CD])[A-Z]?([\d,]+)", part)
        moved = [cents(amount) * (1 if mark in {"C", "RD"} else -1) for mark, amount in moves]
        out.append(
            (
                cents(opening) * (1 if sign == "C" else -1),
                sum(one != 0 for one in moved),
                sum(moved),
                cents(closing) * (1 if closing_sign == "C" else -1),
            )
        )
    return out


@pytest.mark.parametrize("name", GOOD)
def test_each_sample_gives_the_figures_that_stand_in_its_text(name: str) -> None:
    read = [
        (
            record.opening.signed_minor,
            len(lines),
            sum(line.amount if line.direction is Direction.IN else -line.amount for line in lines),
            record.closing.signed_minor,
        )
        for record, lines in parsed(sample(name))
    ]
    assert read == told(sample(name))
    missing = [closing - opening - net for opening, _, net, closing in read]
    assert missing == NOT_ADDING_UP.get(name, [0] * len(read))


@pytest.mark.parametrize("name", GOOD)
def test_the_library_finds_the_same_sums_on_the_same_days(name: str) -> None:
    ours = [
        (line.amount if line.direction is Direction.IN else -line.amount, line.value_on, line.booked_on)
        for _, lines in parsed(sample(name))
        for line in lines
    ]
    theirs = []
    for one in mt940.parse(sample(name).decode("utf-8", "replace")):
        amount = one.data["amount"].amount
        if amount:
            day = one.data["date"]
            entered = one.data.get("entry_date") or day
            theirs.append((int(amount * 100), day, entered))
    assert [(a, str(b), str(c)) for a, b, c in ours] == [(a, str(b), str(c)) for a, b, c in theirs]


def test_the_broken_sample_is_refused_with_line_and_reason() -> None:
    with pytest.raises(Malformed, match=":25:") as caught:
        parsed(sample("betterplace_sepa_snippet_broken.sta"))
    assert caught.value.where == "dòng 6"
    # The library reads it without a word and takes the text of the line for the account.
    quiet = mt940.parse(sample("betterplace_sepa_snippet_broken.sta").decode())
    assert "GUTSCHRIFT" in str(quiet.data["account_identification"])


@pytest.mark.parametrize("name", GOOD)
def test_an_account_in_another_currency_is_refused_by_name_on_import(name: str) -> None:
    with pytest.raises(Malformed, match=r"tính bằng (EUR|USD|PLN|HUF), cần VND") as caught:
        read_statement(sample(name), name)
    assert "dòng" in caught.value.where


@pytest.mark.parametrize("name", GOOD)
def test_the_same_text_in_dong_ties_out_or_is_refused(name: str) -> None:
    # The same file with its sums as whole đồng: every comma moved behind the last digit.
    def whole(match: re.Match[str]) -> bytes:
        number = match[2] + (match[3] or b"").ljust(2, b"0")
        return match[1] + number + b","

    data = re.sub(rb"(?m)^(:6[024][FM]?:[CD]\d{6})[A-Z]{3}", rb"\1VND", sample(name))
    data = re.sub(rb"(?m)^(:6[024][FM]?:[CD]\d{6}VND)(\d+),(\d*)", whole, data)
    data = re.sub(rb"(?m)^(:61:\d{6}(?:\d{4}|    )?R?[CD][A-Z]?)(\d+),(\d*)", whole, data)
    if name in NOT_ADDING_UP:
        with pytest.raises(Refusal) as caught:
            read_statement(data, name)
        assert caught.value.code is RefusalCode.STATEMENT_DOES_NOT_ADD_UP
        assert abs(int(str(caught.value.details["difference"]))) in NOT_ADDING_UP[name]
    else:
        statements = read_statement(data, name)
        assert [(s.opening, len(s.lines), s.closing) for s in statements] == [
            (opening, count, closing) for opening, count, _, closing in told(sample(name))
        ]


def test_what_the_samples_say_of_single_lines() -> None:
    (_, first), (_, second) = parsed(sample("betterplace_sepa_snippet.sta"))
    assert first[0].bank_reference == "0724710333343453"
    assert first[0].content == "EREF+EndToEndId TFNR 22 004 00001SVWZ+Verw CTSc-01 BC-PPP TFNr 22 004"
    assert (first[0].counterparty_account, first[0].counterparty_name) == ("DE14508800500194785000", "KARL KAUFMANN")
    assert second[4].counterparty_name == "Richter Renate 70 Zeichen Beginn Fuellzeichen xxxxxxxx"
    ((record, lines),) = parsed(sample("mBank_with_newline_in_tnr.sta"))
    assert record.account == "PL29114010810000267002001002"
    assert lines[0].content.endswith("TNR: 179301073837502.000001")
    ((_, hungarian),) = parsed(sample("sberbank_171011_01234945.sta"))
    assert "ERGO Eletbiztosito Zrt." in hungarian[1].content
    assert [line.booked_on.isoformat() for line in hungarian] == ["2017-10-11"] * 3


def test_no_sample_cut_anywhere_is_read_as_another_sum() -> None:
    whole = sample("mBank_mt940.sta")
    (expected,) = told(whole)
    for end in range(len(whole) - 30, 40, -17):
        with contextlib.suppress(Malformed):
            for record, lines in parsed(whole[:end]):
                assert (record.opening.signed_minor, len(lines)) == expected[:2]
