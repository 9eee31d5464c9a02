"""Receipts and slips on paper: same bytes, words that can be read back, and input that is never markup."""

from dataclasses import replace
from datetime import date
from io import BytesIO
from time import perf_counter

import pytest
from PIL import Image
from pypdf import PdfReader

from adapters.books.receipt import (
    AppliedMonth,
    Channel,
    ReceiptDocument,
    grouped_reference,
    receipts_pdf,
    receipts_png,
)
from adapters.books.slip import PaymentSlip, slips_pdf, slips_png
from adapters.books.typesetting import breakable, day, shown
from adapters.vietqr.image import QUIET_ZONE, matrix
from adapters.vietqr.payload import encode
from domain.errors import Malformed, Refusal
from domain.period import Month
from domain.reference import Reference

REFERENCE = Reference("HJQPM5YNFT97")
RECEIPT = ReceiptDocument(
    unit_name="Chi bộ Tổ dân phố số 3",
    unit_code="HP-VH-03",
    superior_name="Đảng bộ phường Việt Hòa",
    number=12,
    year=2026,
    payer_name="Nguyễn Thị Diễm Quỳnh",
    months=(
        AppliedMonth(month=Month("2026-06"), amount=45_000),
        AppliedMonth(month=Month("2026-07"), amount=32_716),
    ),
    credit=1_400,
    amount=79_116,
    paid_on=date(2026, 7, 12),
    issued_on=date(2026, 7, 13),
    channel=Channel.CASH,
    reference=REFERENCE,
    payment_id="cash/HP-VH-03-2026-0012",
    position=1_234,
)
PAYLOAD = encode(bin="970436", account="0011001234567", amount=32_716, content=REFERENCE)
SLIP = PaymentSlip(
    unit_name="Chi bộ Tổ dân phố số 3",
    unit_code="HP-VH-03",
    member_name="Phạm Hữu Đức Ẩn",
    months=(Month("2026-07"),),
    amount=32_716,
    reference=REFERENCE,
    payload=PAYLOAD,
    account_holder="DANG BO PHUONG VIET HOA",
    valid_until=date(2026, 8, 10),
)
HOSTILE = [
    '#panic("x")',
    "$ 1/0 $ *đậm* _nghiêng_ `raw` <nhãn> @chú //",
    '"}], "receipts": [{"total": "0 đồng"',
    "\\u{202e} \\ #sys.inputs",
    '#image("/etc/passwd")',
    "]#while true {}[",
]


def texts(pdf: bytes) -> list[str]:
    """The words of each page, blanks single."""
    return [" ".join(page.extract_text().split()) for page in PdfReader(BytesIO(pdf)).pages]


def test_a_receipt_says_who_paid_what_for_which_months_and_where_to_look_it_up() -> None:
    (page,) = texts(receipts_pdf([RECEIPT]))
    for words in (
        "ĐẢNG CỘNG SẢN VIỆT NAM",
        "ĐẢNG BỘ PHƯỜNG VIỆT HÒA",
        "CHI BỘ TỔ DÂN PHỐ SỐ 3",
        "BIÊN LAI THU ĐẢNG PHÍ",
        "Số: 000012/2026",
        "Ngày 13 tháng 7 năm 2026",
        "Nguyễn Thị Diễm Quỳnh",
        "tiền mặt, nộp ngày 12/7/2026",
        "Đảng phí tháng 6/2026 45.000 đồng",
        "Đảng phí tháng 7/2026 32.716 đồng",
        "Đóng thừa, chuyển kỳ sau 1.400 đồng",
        "79.116 đồng",
        "Bảy mươi chín nghìn một trăm mười sáu đồng.",
        "NGƯỜI NỘP",
        "NGƯỜI THU",
        "HJ QPM5 YNFT 97",
        "cash/HP-VH-03-2026-0012",
        "Vị trí trong sổ: 1234",
    ):
        assert words in page


def test_a_payment_with_a_receipt_of_the_portal_gets_a_confirmation_that_keeps_its_number() -> None:
    confirmed = replace(RECEIPT, number=None, portal_number="DVC-000123456", channel=Channel.PORTAL)
    (page,) = texts(receipts_pdf([confirmed]))
    assert "Số:" not in page
    assert "XÁC NHẬN ĐÃ NỘP ĐẢNG PHÍ" in page
    assert "Biên lai do Cổng cấp, số DVC-000123456" in page
    assert "BIÊN LAI THU" not in page


def test_the_same_receipts_make_the_same_bytes_and_another_amount_makes_others() -> None:
    other = replace(RECEIPT, amount=79_117, credit=1_401)
    assert receipts_pdf([RECEIPT, other]) == receipts_pdf([RECEIPT, other])
    assert receipts_pdf([RECEIPT]) != receipts_pdf([other])


def test_each_receipt_stands_on_an_a5_page_of_its_own() -> None:
    reader = PdfReader(BytesIO(receipts_pdf([replace(RECEIPT, number=number) for number in range(1, 6)])))
    sizes = {(round(page.mediabox.width), round(page.mediabox.height)) for page in reader.pages}
    assert (len(reader.pages), sizes) == (5, {(420, 595)})


def test_a_batch_lists_every_member_even_over_several_pages() -> None:
    lines = tuple(AppliedMonth(month=Month("2026-07"), amount=1_000 + n, member=f"Đảng viên {n}") for n in range(40))
    amount = sum(line.amount for line in lines)
    pages = texts(receipts_pdf([replace(RECEIPT, months=lines, credit=0, amount=amount)]))
    assert all(f"Đảng viên {n} " in " ".join(pages) for n in range(40))
    assert len(pages) > 1
    assert all("Vị trí trong sổ: 1234" in page for page in pages)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_printed_as_it_was_typed_and_changes_no_figure(text: str) -> None:
    documents = [replace(RECEIPT, payer_name=text, unit_name=text, officer_role=text, portal_number=text)]
    (page,) = texts(receipts_pdf(documents))
    assert shown(text) in page
    assert "79.116 đồng" in page


def test_a_name_of_a_thousand_characters_leaves_the_receipt_one_page() -> None:
    name = "Nguyễn " * 20 + "W" * 860
    (page,) = texts(
        receipts_pdf([replace(RECEIPT, payer_name=name, unit_name=name, superior_name=name, payment_id=name)])
    )
    assert "79.116 đồng" in page
    assert "…" in page


def test_hidden_characters_cannot_turn_the_direction_of_reading() -> None:
    assert shown("A\u202eB\u200f\x00\x1b[0mC\u2028 D") == "AB[0mC D"
    assert shown("Nguye\u0302\u0303n") == "Nguyễn"
    assert "\u202e" not in "".join(texts(receipts_pdf([replace(RECEIPT, payer_name="Lê\u202e Văn\ud800 B")])))


def test_only_words_of_unnatural_length_get_places_to_break() -> None:
    assert breakable("portal/000.00.00.G22-260709-0012") == "portal/000.00.00.G22-260709-0012"
    assert max(map(len, breakable("W" * 100).split("\u200b"))) == 20


@pytest.mark.parametrize(("value", "words"), [(date(2026, 7, 1), "01/7/2026"), (date(2026, 2, 12), "12/02/2026")])
def test_a_day_is_written_as_office_papers_write_it(value: date, words: str) -> None:
    assert day(value) == words


def test_a_receipt_whose_parts_do_not_make_its_amount_is_not_printed() -> None:
    with pytest.raises(Malformed, match=r"79\.116, khác số tiền 79\.115"):
        receipts_pdf([replace(RECEIPT, amount=79_115)])
    with pytest.raises(Malformed, match="không có biên lai"):
        receipts_pdf([])
    with pytest.raises(Refusal):
        receipts_pdf([replace(RECEIPT, amount=0, months=(), credit=0)])


def test_hundreds_of_receipts_take_a_few_seconds() -> None:
    documents = [replace(RECEIPT, number=number) for number in range(1, 301)]
    began = perf_counter()
    assert len(PdfReader(BytesIO(receipts_pdf(documents))).pages) == 300
    assert perf_counter() - began < 20


def test_capitals_keep_the_marks_above_them() -> None:
    """The heading is cut to its place; a cut too close took the hook and the dots off "ĐẢNG BỘ" once."""

    def highest(name: str) -> int:
        (png,) = receipts_png([replace(RECEIPT, superior_name=name)], ppi=288)
        heading = Image.open(BytesIO(png)).convert("L").crop((0, 0, 800, 300))
        box = heading.point(lambda value: 255 if value < 128 else 0).getbbox()
        assert box is not None
        return box[1]

    for bare, marked in (("A" * 12, "Ẳ" * 12), ("O" * 12, "Ộ" * 12), ("E" * 12, "Ễ" * 12)):
        assert highest(marked) <= highest(bare) - 4


@pytest.mark.parametrize(
    ("reference", "prefix", "words"),
    [("HJQPM5YNFT97", "HJ", "HJ QPM5 YNFT 97"), ("DANGQPM5YNFT97", "DANG", "DANG QPM5 YNFT 97")],
)
def test_a_reference_is_grouped_as_people_read_it(reference: str, prefix: str, words: str) -> None:
    assert grouped_reference(reference, prefix=prefix) == words


def test_a_slip_says_everything_needed_to_pay_without_the_code() -> None:
    (page,) = texts(slips_pdf([SLIP]))
    for words in (
        "Chi bộ Tổ dân phố số 3 (HP-VH-03)",
        "Phạm Hữu Đức Ẩn",
        "Đảng phí tháng 7/2026",
        "32.716 đồng",
        "Ba mươi hai nghìn bảy trăm mười sáu đồng.",
        "HJ QPM5 YNFT 97",
        "DANG BO PHUONG VIET HOA",
        "0011001234567, Vietcombank",
        "Nộp trước hết ngày 10/8/2026",
    ):
        assert words in page


def test_slips_stand_three_on_a_page_and_their_bytes_are_always_the_same() -> None:
    slips = [SLIP] * 7
    assert len(texts(slips_pdf(slips))) == 3
    assert slips_pdf(slips) == slips_pdf(slips)


def test_the_code_on_paper_is_the_code_of_the_payload_module_by_module() -> None:
    sheet = Image.open(BytesIO(slips_png([SLIP], ppi=150)[0])).convert("L")
    width, height = sheet.size
    corner = (round(width * 0.64), 0, width, round(height * 0.235))
    code = sheet.crop(corner).point(lambda value: 255 if value < 128 else 0)
    box = code.getbbox()
    assert box is not None
    drawn = code.crop(box)
    assert abs(drawn.width - drawn.height) <= 2
    wanted = [row[QUIET_ZONE:-QUIET_ZONE] for row in matrix(PAYLOAD)[QUIET_ZONE:-QUIET_ZONE]]
    step = drawn.width / len(wanted)
    seen = [
        tuple(drawn.getpixel((int((x + 0.5) * step), int((y + 0.5) * step))) == 255 for x in range(len(wanted)))
        for y in range(len(wanted))
    ]
    assert seen == wanted


def test_a_slip_with_a_thousand_letter_name_still_shows_the_account() -> None:
    (page,) = texts(slips_pdf([replace(SLIP, member_name='#panic("x") ' + "W" * 1_000)]))
    assert "0011001234567" in page
    assert '#panic("x")' in page


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"amount": 32_717}, r"ghi 32\.716 đồng, phiếu ghi 32\.717"),
        ({"reference": Reference("HJ0123456789")}, "không mang mã nộp HJ0123456789"),
        ({"payload": PAYLOAD[:-1] + "0"}, "không hợp lệ"),
        ({"payload": encode(bin="970436", account="1", content=REFERENCE)}, "không ghi số tiền"),
    ],
)
def test_a_slip_that_says_other_than_its_code_is_not_printed(changes: dict[str, object], message: str) -> None:
    with pytest.raises(Malformed, match=message):
        slips_pdf([replace(SLIP, **changes)])  # type: ignore[arg-type]  # replace cannot name the keys of **changes


def test_no_slips_make_no_file() -> None:
    with pytest.raises(Malformed, match="không có phiếu"):
        slips_pdf([])


def test_receipts_follow_each_other_in_the_order_given() -> None:
    pages = texts(receipts_pdf([replace(RECEIPT, number=number) for number in (3, 1, 2)]))
    found = [int(page.split("Số: ")[1][:6]) for page in pages]
    assert found == [3, 1, 2]
