"""Writing VietQR payloads: NAPAS "Quy định về định dạng VietQR" v1.0 (09/2021).

A payload is a row of objects ``ID(2 digits) LENGTH(2 digits) VALUE`` in ascending order of ID, closed by a
CRC-16 over everything before it. :func:`encode` is the front for dues: one account, an exact amount, a
content. :func:`write` writes every field that the standard knows. Nothing is ever cut: what does not fit is
refused.
"""

import unicodedata
from binascii import crc_hqx
from dataclasses import dataclass
from types import MappingProxyType

from domain.errors import Malformed
from domain.money import Dong, format_dong

GUID = "A000000727"
STATIC, DYNAMIC = "11", "12"
SERVICES = frozenset({"QRIBFTTA", "QRIBFTTC", "QRPUSH", "QRCASH"})
#: NAPAS 247 carries less than 500 million đồng per transfer (document 8.1.1).
AMOUNT_MOST: Dong = 499_999_999
CONTENT_MOST = 25
ACCOUNT_MOST = 19


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """The values of one payload as they stand in it, all text; None means that the object is absent.

    ``lang`` is the raw template 64; ``others`` are objects that VietQR leaves to EMVCo or to third parties
    (tags 65-99 and further merchant accounts), kept as (tag, value) so that nothing read is lost.
    """

    init: str | None = None
    guid: str | None = None
    bin: str | None = None
    account: str | None = None
    service: str | None = None
    mcc: str | None = None
    currency: str | None = None
    amount: str | None = None
    tip: str | None = None
    fee_fixed: str | None = None
    fee_percent: str | None = None
    country: str | None = None
    name: str | None = None
    city: str | None = None
    postal: str | None = None
    bill: str | None = None
    mobile: str | None = None
    store: str | None = None
    loyalty: str | None = None
    reference: str | None = None
    customer: str | None = None
    terminal: str | None = None
    purpose: str | None = None
    consumer_data: str | None = None
    lang: str | None = None
    others: tuple[tuple[str, str], ...] = ()


#: Objects at the root that are plain text: tag, field, most characters.
ROOT_TEXTS = (
    ("01", "init", 2),
    ("52", "mcc", 4),
    ("53", "currency", 3),
    ("54", "amount", 13),
    ("55", "tip", 2),
    ("56", "fee_fixed", 13),
    ("57", "fee_percent", 5),
    ("58", "country", 2),
    ("59", "name", 25),
    ("60", "city", 15),
    ("61", "postal", 10),
    ("64", "lang", 99),
)
#: Objects inside template 62 (additional data).
ADDITIONAL_TEXTS = (
    ("01", "bill", 25),
    ("02", "mobile", 25),
    ("03", "store", 25),
    ("04", "loyalty", 25),
    ("05", "reference", 25),
    ("06", "customer", 25),
    ("07", "terminal", 25),
    ("08", "purpose", 25),
    ("09", "consumer_data", 3),
)
#: Where each field stands, for messages: field to tag path.
PLACES = MappingProxyType(
    {field: tag for tag, field, _ in ROOT_TEXTS}
    | {field: f"62.{tag}" for tag, field, _ in ADDITIONAL_TEXTS}
    | {"guid": "38.00", "bin": "38.01.00", "account": "38.01.01", "service": "38.02"}
)


def crc16(text: str) -> str:
    """CRC-16/CCITT-FALSE (poly 1021, init FFFF) of the UTF-8 bytes, as four upper-case hex digits."""
    return f"{crc_hqx(text.encode('utf-8', 'surrogatepass'), 0xFFFF):04X}"


def _one(tag: str, value: str | None, most: int, where: str) -> str:
    """One object, or nothing for None; refuses what does not fit instead of cutting it."""
    if value is None:
        return ""
    if not 1 <= len(value) <= most:
        raise Malformed(
            f"giá trị có {len(value)} ký tự, chỉ được từ 1 đến {most}. Hãy rút gọn, hoặc bỏ hẳn trường này.",
            where=where,
            code="field-too-long" if value else "tlv-empty",
        )
    if not (value.isascii() and value.isprintable()):
        raise Malformed(
            f"giá trị {value!r} có ký tự ngoài bảng ASCII in được. Hãy viết không dấu.",
            where=where,
            code="not-ascii",
        )
    return f"{tag}{len(value):02d}{value}"


def write(fields: Fields) -> str:
    """The payload of ``fields`` in canonical order (ascending IDs, CRC last).

    Checks that each value fits its object and that the amount is one VND can have; whether the whole makes a
    sensible request (say, an amount in a dynamic code) is what the lint says. Raises Malformed.
    """
    if fields.amount is not None and not (fields.amount.isdecimal() and fields.amount.strip("0")):
        raise Malformed(
            f"số tiền {fields.amount!r} phải là số đồng nguyên lớn hơn 0, chỉ gồm chữ số.",
            where=PLACES["amount"],
            code="amount-malformed",
        )
    beneficiary = _one("00", fields.bin, 6, PLACES["bin"]) + _one("01", fields.account, ACCOUNT_MOST, PLACES["account"])
    transfer = (
        _one("00", fields.guid, 32, PLACES["guid"])
        + _one("01", beneficiary or None, 99, "38.01")
        + _one("02", fields.service, 10, PLACES["service"])
    )
    additional = "".join(
        _one(tag, getattr(fields, field), most, PLACES[field]) for tag, field, most in ADDITIONAL_TEXTS
    )
    rows = [(tag, _one(tag, getattr(fields, field), most, tag)) for tag, field, most in ROOT_TEXTS]
    rows += [("00", "000201"), ("38", _one("38", transfer or None, 99, "38"))]
    rows += [("62", _one("62", additional or None, 99, "62"))]
    rows += [(tag, _one(tag, value, 99, tag)) for tag, value in fields.others]
    body = "".join(text for _, text in sorted(rows, key=lambda row: row[0])) + "6304"
    return body + crc16(body)


def plain(text: str) -> str:
    """``text`` without diacritics (NFD, marks dropped, đ to d); case, blanks and punctuation stay."""
    if text.isascii():
        return text
    apart = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _content(content: str) -> str:
    """The content as it goes into tag 62.08; refuses what is empty, too long or has no ASCII form."""
    text = plain(content)
    if not (text.isascii() and text.isprintable()):
        strange = "".join(dict.fromkeys(c for c in text if not (c.isascii() and c.isprintable())))
        raise Malformed(
            f"nội dung có ký tự không viết được bằng ASCII: {strange!r}. Hãy bỏ các ký tự ấy.",
            where="content",
            code="not-ascii",
        )
    if not text:
        raise Malformed("nội dung để trống. Hãy bỏ hẳn tham số này nếu không cần.", where="content", code="tlv-empty")
    if len(text) > CONTENT_MOST:
        raise Malformed(
            f"nội dung có {len(text)} ký tự, chỉ được tối đa {CONTENT_MOST} (thẻ 62.08). Hãy rút gọn; không tự cắt.",
            where="content",
            code="field-too-long",
        )
    return text


def _refuse(bin: str, account: str, amount: object, service: str) -> Malformed:
    """What is wrong with arguments of :func:`encode` that failed its quick test."""
    if not (len(bin) == 6 and bin.isascii() and bin.isdigit()):
        return Malformed(f"mã BIN {bin!r} phải gồm đúng 6 chữ số, ví dụ 970436.", where="bin", code="bin-malformed")
    if not (0 < len(account) <= ACCOUNT_MOST and account.isascii() and account.isalnum()):
        return Malformed(
            f"số tài khoản {account!r} phải gồm từ 1 đến {ACCOUNT_MOST} chữ số hoặc chữ cái không dấu, "
            "viết liền. Hãy kiểm tra lại; không tự cắt.",
            where="account",
            code="account-malformed",
        )
    if service not in SERVICES:
        return Malformed(
            f"mã dịch vụ {service!r} không có trong chuẩn ({', '.join(sorted(SERVICES))}).",
            where="service",
            code="service-unknown",
        )
    return Malformed(
        f"số tiền {amount!r} phải là số đồng nguyên từ 1 đến {format_dong(AMOUNT_MOST)}. "
        "Chuyển nhanh 24/7 chỉ nhận dưới 500 triệu đồng; hãy chia nhỏ hoặc chuyển thường.",
        where="amount",
        code="amount-over-limit" if type(amount) is int and amount > AMOUNT_MOST else "amount-malformed",
    )


def encode(
    *,
    bin: str,
    account: str,
    amount: Dong | None = None,
    content: str | None = None,
    service: str = "QRIBFTTA",
) -> str:
    """The payload of a transfer: dynamic (payable once) with an amount, static without.

    ``amount`` in whole đồng, 1 to 499,999,999; ``content`` at most 25 printable ASCII characters after its
    diacritics are dropped. Raises Malformed with a code of the lint; nothing is cut.
    """
    if not (
        len(bin) == 6
        and bin.isascii()
        and bin.isdigit()
        and 0 < len(account) <= ACCOUNT_MOST
        and account.isascii()
        and account.isalnum()
        and service in SERVICES
        and (amount is None or (type(amount) is int and 0 < amount <= AMOUNT_MOST))
    ):
        raise _refuse(bin, account, amount, service)
    # Written out in one piece because a bulk run makes one payload for every member of a province.
    inner = f"0006{bin}01{len(account):02d}{account}"
    transfer = f"0010{GUID}01{len(inner):02d}{inner}02{len(service):02d}{service}"
    if amount is None:
        head, tail = "000201010211", "53037045802VN"
    else:
        digits = str(amount)
        head, tail = "000201010212", f"530370454{len(digits):02d}{digits}5802VN"
    if content is not None:
        text = _content(content)
        tail = f"{tail}62{len(text) + 4:02d}08{len(text):02d}{text}"
    body = f"{head}38{len(transfer):02d}{transfer}{tail}6304"
    return f"{body}{crc_hqx(body.encode('ascii'), 0xFFFF):04X}"
