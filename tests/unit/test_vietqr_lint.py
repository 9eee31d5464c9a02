"""The named faults of VietQR: each can happen, each has a message, the documentation lists exactly these."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.vietqr.decode import decode
from adapters.vietqr.lint import ADVICE, MESSAGES, RECOVERABLE, Fault, lint
from adapters.vietqr.payload import crc16, encode

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "reference" / "vietqr-errors.md"

TO = "38570010A00000072701270006970436011300110012345670208QRIBFTTA"
GOOD = encode(bin="970436", account="0011001234567", amount=50000, content="HJQPM5YNFT97")


def sealed(body: str) -> str:
    """``body`` with the right CRC behind it."""
    return body + "6304" + crc16(body + "6304")


def to(inner: str, service: str = "0208QRIBFTTA") -> str:
    """A static payload whose beneficiary is ``inner``."""
    transfer = f"0010A00000072701{len(inner):02d}{inner}{service}"
    return sealed(f"00020101021138{len(transfer):02d}{transfer}53037045802VN")


#: One payload for each fault, right in everything else as far as the fault allows.
SAMPLES = {
    Fault.EMPTY: "  ",
    Fault.SURROUNDING_BLANK: GOOD + "\r\n",
    Fault.NOT_ASCII: sealed(f"000201010211{TO}53037045802VN62100806Nộp ph"),
    Fault.TLV_HEADER: GOOD + "x",
    Fault.TLV_LENGTH: GOOD[:-1],
    Fault.TLV_EMPTY: sealed(f"000201010211{TO}53037045802VN5900"),
    Fault.FIELD_REPEATED: sealed(f"000201010212{TO}5303704540510000540520000" + "5802VN"),
    Fault.CRC_MISSING: GOOD[:-8],
    Fault.CRC_NOT_LAST: GOOD + "9901x",
    Fault.CRC_MISMATCH: GOOD[:-1] + ("0" if GOOD[-1] != "0" else "1"),
    Fault.CRC_LOWER_CASE: GOOD[:-4] + GOOD[-4:].lower(),
    Fault.FORMAT: sealed(f"010211{TO}53037045802VN"),
    Fault.OTHER_SCHEME: sealed("00020101021126280010A000000775011001234567895303704" + "5802VN"),
    Fault.BENEFICIARY_MISSING: sealed("00020101021153037045802VN"),
    Fault.BIN_MALFORMED: to("000697043X01041234"),
    Fault.BANK_UNKNOWN: to("000699999901041234"),
    Fault.ACCOUNT_MALFORMED: to("000697043601041-34"),
    Fault.SERVICE_NESTED: to("0006970436010412340208QRIBFTTA", ""),
    Fault.SERVICE_MISSING: to("000697043601041234", ""),
    Fault.SERVICE_UNKNOWN: to("000697043601041234", "0208QRIBFTTX"),
    Fault.INITIATION: sealed(f"000201010213{TO}53037045802VN"),
    Fault.CURRENCY: sealed(f"000201010211{TO}53038405802VN"),
    Fault.COUNTRY: sealed(f"000201010211{TO}53037045802US"),
    Fault.AMOUNT_MALFORMED: sealed(f"000201010212{TO}5303704540650 0005802VN"),
    Fault.AMOUNT_DECIMALS: sealed(f"000201010212{TO}5303704540730000.55802VN"),
    Fault.AMOUNT_ZERO: sealed(f"000201010212{TO}5303704540105802VN"),
    Fault.AMOUNT_OVER_LIMIT: sealed(f"000201010212{TO}53037045409500000000" + "5802VN"),
    Fault.STATIC_WITH_AMOUNT: sealed(f"000201010211{TO}530370454055000" + "05802VN"),
    Fault.DYNAMIC_WITHOUT_AMOUNT: sealed(f"000201010212{TO}53037045802VN"),
    Fault.FIELD_TOO_LONG: sealed(f"000201010211{TO}53037045802VN6230" + "0826" + "x" * 26),
    Fault.FIELD_MALFORMED: sealed(f"000201010211{TO}520412X453037045802VN"),
}


def test_the_samples_cover_the_closed_list() -> None:
    assert set(SAMPLES) == set(Fault)
    assert set(MESSAGES) == set(Fault)
    assert not RECOVERABLE & ADVICE


@pytest.mark.parametrize("fault", Fault)
def test_each_fault_is_named_and_weighed(fault: Fault) -> None:
    strict, lenient = decode(SAMPLES[fault]), decode(SAMPLES[fault], lenient=True)
    if fault in ADVICE:
        assert strict.valid
        assert [found.code for found in strict.warnings] == [fault]
    elif fault in RECOVERABLE:
        assert [found.code for found in strict.errors] == [fault]
        assert lenient.valid
        assert [found.code for found in lenient.warnings] == [fault]
    else:
        assert fault in [found.code for found in strict.errors]
        assert not lenient.valid


@pytest.mark.parametrize("fault", Fault)
def test_each_message_names_the_piece_and_says_what_to_do(fault: Fault) -> None:
    found = next(found for found in lint(SAMPLES[fault]) if found.code is fault)
    assert "{" not in found.message
    assert re.search(r"[Hh]ãy |[Đđ]ây có thể", found.message)
    if "{0}" in MESSAGES[fault]:
        assert "'" in found.message or "(không có)" in found.message


def test_a_bare_point_behind_the_amount_is_legal() -> None:
    read = decode(sealed(f"000201010212{TO}5303704540650000.5802VN"))
    assert read.valid
    assert read.amount == 50000


def test_the_order_of_objects_does_not_matter_to_the_reader() -> None:
    read = decode(sealed(f"0002015802VN62160812HJQPM5YNFT97{TO}5303704010211"))
    assert read.valid
    assert read.fields is not None
    assert read.fields.purpose == "HJQPM5YNFT97"


def test_a_refused_payload_gives_no_values() -> None:
    read = decode(SAMPLES[Fault.CRC_MISMATCH], lenient=True)
    assert (read.fields, read.amount, read.initiation) == (None, None, None)


def test_a_long_hostile_text_is_read_in_linear_time() -> None:
    assert not decode("000201" + "9901x" * 200_000).valid


@given(st.text() | st.text("0123456789", max_size=80).map(sealed))
def test_no_text_makes_the_reader_fail(text: str) -> None:
    assert decode(text).valid == (not decode(text).errors)
    assert decode(text, lenient=True).valid or decode(text).errors


@given(st.integers(0, len(GOOD) - 1), st.characters(min_codepoint=32, max_codepoint=126))
def test_any_single_changed_character_is_refused(place: int, wrong: str) -> None:
    changed = GOOD[:place] + wrong + GOOD[place + 1 :]
    if changed != GOOD:
        assert not decode(changed).valid


def test_the_documentation_lists_exactly_the_codes_with_their_weight() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \| (\w+) \| (.+) \| (.+) \|$", DOCUMENT.read_text(encoding="utf-8"), re.M)
    weights = {
        code: "remark" if code in ADVICE else "recoverable" if code in RECOVERABLE else "error" for code in Fault
    }
    assert {code: weight for code, weight, _, _ in rows} == {str(code): weight for code, weight in weights.items()}
    assert [code for code, _, _, _ in rows] == [str(code) for code in Fault]
