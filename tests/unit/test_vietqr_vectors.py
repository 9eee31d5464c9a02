"""Every public VietQR vector behaves as it is marked: positive, negative, lenient, other scheme, CRC."""

import json
from pathlib import Path
from typing import Any

import pytest

from adapters.vietqr.decode import decode
from adapters.vietqr.lint import Fault
from adapters.vietqr.payload import Fields, crc16, encode, write
from domain.errors import Malformed

FILE = Path(__file__).resolve().parents[2] / ".." / "shared" / "payments" / "vietqr_vectors.json"

#: What the reasons written beside the negative vectors mean in the words of the lint.
REASONS = {
    "crc": {Fault.CRC_MISMATCH},
    "inner length wrong": {Fault.TLV_HEADER, Fault.TLV_LENGTH},
    "service code nested": {Fault.SERVICE_NESTED},
    "tlv:": {Fault.TLV_HEADER, Fault.TLV_LENGTH},
    "62:": {Fault.TLV_HEADER, Fault.TLV_LENGTH},
    "non-ascii": {Fault.NOT_ASCII},
    "54-decimals": {Fault.AMOUNT_DECIMALS},
    "54;": {Fault.AMOUNT_ZERO, Fault.AMOUNT_MALFORMED},
    "static-with-amount": {Fault.STATIC_WITH_AMOUNT},
    "dyn-no-amount": {Fault.DYNAMIC_WITHOUT_AMOUNT},
    "58;": {Fault.COUNTRY},
    "53;": {Fault.CURRENCY},
    "no38": {Fault.BENEFICIARY_MISSING},
}


def _vectors(kind: str) -> list[dict[str, Any]]:
    if not FILE.exists():
        pytest.skip("../shared/payments/vietqr_vectors.json is missing: public VietQR vectors not tried")
    chosen = [v for v in json.loads(FILE.read_text(encoding="utf-8"))["vectors"] if v["kind"] == kind]
    assert chosen
    return chosen


def _inputs(fields: Fields | None) -> dict[str, str]:
    assert fields is not None
    texts = {name: getattr(fields, name) for name in Fields.__slots__ if name != "others"}
    return {name: value for name, value in texts.items() if value is not None}


def test_crc_vectors() -> None:
    for vector in _vectors("crc"):
        assert crc16(vector["text"]) == vector["crc"], vector["id"]


def test_positive_vectors_decode_to_exactly_their_inputs_without_warnings() -> None:
    for vector in _vectors("positive"):
        read = decode(vector["payload"])
        assert read.valid, vector["id"]
        assert _inputs(read.fields) == vector["inputs"], vector["id"]
        assert read.warnings == (), vector["id"]
        assert decode(vector["payload"], lenient=True).fields == read.fields


def test_positive_vectors_in_canonical_order_are_written_exactly() -> None:
    for vector in _vectors("positive"):
        if not vector["canonical_order"]:
            continue
        read = decode(vector["payload"]).fields
        assert read is not None
        assert write(read) == vector["payload"], vector["id"]
        # One vector carries an open template (tag 80) that its inputs do not list; it is added from the reading.
        assert write(Fields(**vector["inputs"], others=read.others)) == vector["payload"], vector["id"]
        assert not read.others or vector["id"] == "pos-20"


def test_what_the_libraries_were_asked_for_is_encoded_as_they_did() -> None:
    tried = 0
    for vector in _vectors("positive"):
        asked = dict(vector.get("asked", {}))
        if asked:
            asked |= {"content": asked.pop("purpose", None)}
            asked |= {"amount": int(asked["amount"])} if "amount" in asked else {}
            assert encode(**asked) == vector["payload"], vector["id"]
            tried += 1
    assert tried > 8


def test_negative_vectors_are_refused_strictly_with_one_of_their_reasons_named() -> None:
    for vector in _vectors("negative"):
        read = decode(vector["payload"])
        assert not read.valid, vector["id"]
        assert read.fields is None
        wanted = set().union(*(codes for words, codes in REASONS.items() if words in vector["reason"] + ";"))
        assert wanted & {found.code for found in read.errors}, (vector["id"], vector["reason"], read.errors)
        lenient = decode(vector["payload"], lenient=True)
        if "warn (lenient)" in vector["expect"]:
            assert lenient.valid, vector["id"]
            assert wanted & {found.code for found in lenient.warnings}
        else:
            assert not lenient.valid, vector["id"]


def test_lenient_vectors_are_refused_strictly_and_read_with_a_warning_leniently() -> None:
    for vector in _vectors("lenient"):
        assert not decode(vector["payload"]).valid, vector["id"]
        read = decode(vector["payload"], lenient=True)
        assert read.valid, vector["id"]
        assert read.warnings, vector["id"]
        assert _inputs(read.fields) == vector["inputs"], vector["id"]


def test_codes_of_other_schemes_are_refused_as_such_in_both_readings() -> None:
    for vector in _vectors("other-scheme"):
        for lenient in (False, True):
            read = decode(vector["payload"], lenient=lenient)
            assert not read.valid, vector["id"]
            assert Fault.OTHER_SCHEME in {found.code for found in read.errors}
            assert read.scheme == "vnpay-qr"


def test_what_a_second_encoder_generated_is_encoded_and_decoded_alike() -> None:
    beside = FILE.with_name("vietqr_generated.json")
    if not beside.exists():
        pytest.skip("../shared/payments/vietqr_generated.json is missing: generated VietQR codes not tried")
    vectors = json.loads(beside.read_text(encoding="utf-8"))["vectors"]
    assert len(vectors) >= 60
    for vector in vectors:
        asked = {name: vector[name] for name in ("bin", "account", "service")}
        amount = int(vector["amount"]) if vector.get("amount") else None
        assert encode(**asked, amount=amount, content=vector.get("content")) == vector["payload"], vector["id"]
        read = decode(vector["payload"])
        assert read.valid, vector["id"]
        assert read.fields is not None
        assert (read.fields.init, read.fields.amount) == ("11" if amount is None else "12", vector.get("amount"))


def test_the_content_of_our_own_codes_is_the_reference_alone_and_passes_the_narrowest_limit_seen() -> None:
    # vietqr.vn takes 19 characters; a prefix has at most five letters and the rest of a reference ten.
    assert len("ABCDE" + "QPM5YNFT97") <= 19
    with pytest.raises(Malformed):
        encode(bin="970436", account="0011001234567", amount=500_000_000, content="HJQPM5YNFT97")
    assert decode(encode(bin="970436", account="0011001234567", amount=499_999_999, content="HJQPM5YNFT97")).valid
