"""Writing VietQR payloads: golden payloads of an independent encoder, limits, images."""

import json
from pathlib import Path

import pytest

from adapters.vietqr import image
from adapters.vietqr.banks import bank_of, directory
from adapters.vietqr.decode import decode
from adapters.vietqr.lint import Fault, lint
from adapters.vietqr.payload import GUID, Fields, crc16, encode, plain, write
from domain.errors import Malformed

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "vietqr.json"
VECTORS = json.loads(GOLDEN.read_text(encoding="utf-8"))["vectors"]


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["id"] for vector in VECTORS])
def test_the_encoder_gives_the_payload_of_an_independent_one_and_the_decoder_reads_it_back(
    vector: dict[str, object],
) -> None:
    asked = {name: vector[name] for name in ("bin", "account", "amount", "content", "service")}
    assert encode(**asked) == vector["payload"]  # type: ignore[arg-type]  # JSON values carry no static types.
    read = decode(str(vector["payload"]))
    assert read.valid
    assert read.fields is not None
    assert (read.fields.bin, read.fields.account, read.fields.purpose) == (
        vector["bin"],
        vector["account"],
        vector["content"],
    )
    assert read.amount == vector["amount"]
    assert read.initiation == ("static" if vector["amount"] is None else "dynamic")
    assert write(read.fields) == vector["payload"]


@pytest.mark.parametrize(("text", "crc"), [("123456789", "29B1"), ("00", "2EC9"), ("01", "3EE8")])
def test_the_crc_is_ccitt_false(text: str, crc: str) -> None:
    assert crc16(text) == crc


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"bin": "97043"}, Fault.BIN_MALFORMED),
        ({"bin": "97043６"}, Fault.BIN_MALFORMED),
        ({"account": ""}, Fault.ACCOUNT_MALFORMED),
        ({"account": "12345678901234567890"}, Fault.ACCOUNT_MALFORMED),
        ({"account": "001-234"}, Fault.ACCOUNT_MALFORMED),
        ({"amount": 0}, Fault.AMOUNT_MALFORMED),
        ({"amount": -50000}, Fault.AMOUNT_MALFORMED),
        ({"amount": 50000.0}, Fault.AMOUNT_MALFORMED),
        ({"amount": True}, Fault.AMOUNT_MALFORMED),
        ({"amount": 500_000_000}, Fault.AMOUNT_OVER_LIMIT),
        ({"amount": 2**63}, Fault.AMOUNT_OVER_LIMIT),
        ({"content": "0" * 26}, Fault.FIELD_TOO_LONG),
        ({"content": "nộp ₫"}, Fault.NOT_ASCII),
        ({"content": "a\nb"}, Fault.NOT_ASCII),
        ({"content": ""}, Fault.TLV_EMPTY),
        ({"service": "QRIBFTTX"}, Fault.SERVICE_UNKNOWN),
    ],
)
def test_what_does_not_fit_is_refused_by_name_and_never_cut(change: dict[str, object], code: Fault) -> None:
    asked: dict[str, object] = {"bin": "970436", "account": "0011001234567", "amount": 50000, "content": "HP T5"}
    with pytest.raises(Malformed) as refused:
        encode(**(asked | change))  # type: ignore[arg-type]  # Wrong types are what this test is about.
    assert refused.value.code == code
    assert refused.value.where == next(iter(change))


def test_the_limits_themselves_are_taken() -> None:
    payload = encode(bin="970436", account="A" * 19, amount=499_999_999, content="x" * 25)
    assert lint(payload) == ()


def test_diacritics_are_folded_and_nothing_else_is_changed() -> None:
    assert plain("Chuyển khoản, ĐẢNG PHÍ") == "Chuyen khoan, DANG PHI"
    payload = encode(bin="970422", account="0023457923442", amount=40123, content="chuyển khoản")
    assert payload.endswith("62160812chuyen khoan6304722F")


def test_the_low_level_writer_refuses_what_the_standard_has_no_room_for() -> None:
    known = Fields(init="12", guid=GUID, bin="970436", account="1", currency="704", country="VN", amount="1")
    for change, code in (
        ({"amount": "30000.5"}, "amount-malformed"),
        ({"amount": "000"}, "amount-malformed"),
        ({"purpose": "x" * 26}, "field-too-long"),
        ({"name": "x" * 26}, "field-too-long"),
        ({"purpose": ""}, "tlv-empty"),
        ({"city": "Hà Nội"}, "not-ascii"),
    ):
        values = {name: getattr(known, name) for name in Fields.__slots__}
        with pytest.raises(Malformed) as refused:
            write(Fields(**(values | change)))
        assert refused.value.code == code, change


def test_the_bank_directory_is_keyed_by_bin_and_shows_the_brand_of_today() -> None:
    assert len(directory()) == 71
    vietcombank, renamed = bank_of("970436"), bank_of("970406")
    assert vietcombank is not None
    assert vietcombank.shown == "Vietcombank"
    assert renamed is not None
    assert renamed.shown == "Vikki Bank"
    assert bank_of("999999") is None


def _modules(payload: str) -> list[str]:
    return ["".join("#" if dark else "." for dark in row) for row in image.matrix(payload)]


def test_all_three_images_draw_the_same_modules() -> None:
    from io import BytesIO

    from PIL import Image

    payload = encode(bin="970436", account="0011001234567", amount=50000, content="HJQPM5YNFT97")
    modules = _modules(payload)
    side = len(modules)

    picture = Image.open(BytesIO(image.png(payload, module=3)))
    assert picture.size == (side * 3, side * 3)
    shown = [
        "".join("." if picture.getpixel((3 * x + 1, 3 * y + 1)) else "#" for x in range(side)) for y in range(side)
    ]
    assert shown == modules

    drawing = image.svg(payload)
    assert f'viewBox="0 0 {side} {side}"' in drawing
    canvas = [["."] * side for _ in range(side)]
    for run in drawing.split('d="')[1].split('"')[0].split("M")[1:]:
        start, width = run.split("h")[0].split(" "), int(run.split("h")[1].split("v")[0])
        for x in range(width):
            canvas[int(start[1])][int(start[0]) + x] = "#"
    assert ["".join(row) for row in canvas] == modules

    upper = {"█": "..", "▀": ".#", "▄": "#.", " ": "##"}
    lines = image.terminal(payload).splitlines()
    unfolded = [
        row for line in lines for row in ("".join(upper[c][0] for c in line), "".join(upper[c][1] for c in line))
    ]
    assert unfolded[:side] == modules
