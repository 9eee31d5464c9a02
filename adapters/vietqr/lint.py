"""What can be wrong with a VietQR payload: a closed list of named faults and the examination that finds them.

Rules are those of NAPAS "Quy định về định dạng VietQR" v1.0 (09/2021) with the rulings on its misprints and
on what other libraries emit (payments §1.3). The list is printed in ``docs/reference/vietqr-errors.md``.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from adapters.vietqr.banks import bank_of
from adapters.vietqr.payload import (
    ACCOUNT_MOST,
    ADDITIONAL_TEXTS,
    AMOUNT_MOST,
    DYNAMIC,
    GUID,
    PLACES,
    ROOT_TEXTS,
    SERVICES,
    STATIC,
    Fields,
    crc16,
)
from adapters.vietqr.tlv import Break, Row, read_row
from domain.money import format_dong


class Fault(StrEnum):
    """Stable codes; the command line, the documentation and the tests use these words."""

    EMPTY = "empty"
    SURROUNDING_BLANK = "surrounding-blank"
    NOT_ASCII = "not-ascii"
    TLV_HEADER = "tlv-header"
    TLV_LENGTH = "tlv-length"
    TLV_EMPTY = "tlv-empty"
    FIELD_REPEATED = "field-repeated"
    CRC_MISSING = "crc-missing"
    CRC_NOT_LAST = "crc-not-last"
    CRC_MISMATCH = "crc-mismatch"
    CRC_LOWER_CASE = "crc-lower-case"
    FORMAT = "format"
    OTHER_SCHEME = "other-scheme"
    BENEFICIARY_MISSING = "beneficiary-missing"
    BIN_MALFORMED = "bin-malformed"
    BANK_UNKNOWN = "bank-unknown"
    ACCOUNT_MALFORMED = "account-malformed"
    SERVICE_NESTED = "service-nested"
    SERVICE_MISSING = "service-missing"
    SERVICE_UNKNOWN = "service-unknown"
    INITIATION = "initiation"
    CURRENCY = "currency"
    COUNTRY = "country"
    AMOUNT_MALFORMED = "amount-malformed"
    AMOUNT_DECIMALS = "amount-decimals"
    AMOUNT_ZERO = "amount-zero"
    AMOUNT_OVER_LIMIT = "amount-over-limit"
    STATIC_WITH_AMOUNT = "static-with-amount"
    DYNAMIC_WITHOUT_AMOUNT = "dynamic-without-amount"
    FIELD_TOO_LONG = "field-too-long"
    FIELD_MALFORMED = "field-malformed"


#: Faults that are seen in the wild and leave no doubt about payee and amount: lenient reading only warns.
RECOVERABLE = frozenset(
    {
        Fault.SURROUNDING_BLANK,
        Fault.CRC_LOWER_CASE,
        Fault.SERVICE_NESTED,
        Fault.STATIC_WITH_AMOUNT,
        Fault.DYNAMIC_WITHOUT_AMOUNT,
        Fault.FIELD_TOO_LONG,
        Fault.FIELD_MALFORMED,
    }
)
#: Remarks: the payload is legal, yet a person should know.
ADVICE = frozenset({Fault.BANK_UNKNOWN, Fault.SERVICE_MISSING, Fault.AMOUNT_OVER_LIMIT})

#: What happened and what to do next; ``{0}`` is the piece at fault.
MESSAGES = MappingProxyType(
    {
        Fault.EMPTY: "mã rỗng. Hãy quét hoặc dán lại toàn bộ nội dung mã QR.",
        Fault.SURROUNDING_BLANK: "có dấu cách hoặc xuống dòng thừa ở đầu hoặc cuối. Hãy bỏ chúng đi.",
        Fault.NOT_ASCII: "có ký tự ngoài bảng ASCII in được: {0}. Hãy yêu cầu bên tạo mã viết không dấu.",
        Fault.TLV_HEADER: (
            "chờ 4 chữ số (mã trường và độ dài) nhưng gặp {0}; độ dài của trường đứng trước có thể "
            "sai, hoặc mã bị cắt. Hãy quét lại hoặc tạo lại mã."
        ),
        Fault.TLV_LENGTH: (
            "độ dài khai lớn hơn phần còn lại (trường: có/khai) {0}. Mã bị cắt hoặc khai sai; hãy "
            "quét lại hoặc tạo lại mã."
        ),
        Fault.TLV_EMPTY: "trường {0} có độ dài 00. Trường không dùng thì phải bỏ hẳn; hãy tạo lại mã.",
        Fault.FIELD_REPEATED: "trường xuất hiện nhiều lần, không biết theo giá trị nào. Hãy tạo lại mã.",
        Fault.CRC_MISSING: "thiếu trường 63 (CRC) ở cuối. Mã có thể bị cắt; hãy quét lại.",
        Fault.CRC_NOT_LAST: "trường 63 (CRC) không đứng cuối. Hãy tạo lại mã.",
        Fault.CRC_MISMATCH: "CRC không khớp: {0}. Ít nhất một ký tự bị sai; đừng chuyển tiền, hãy quét lại.",
        Fault.CRC_LOWER_CASE: "CRC {0} viết chữ thường, chuẩn yêu cầu chữ hoa. Hãy sửa phần mềm tạo mã.",
        Fault.FORMAT: ("trường đầu tiên phải là 00 với giá trị 01, gặp {0}. Đây có thể không phải mã thanh toán EMV."),
        Fault.OTHER_SCHEME: (
            "mã thuộc hệ thống khác ({0}), không phải VietQR chuyển khoản của NAPAS. Hãy dùng ứng "
            "dụng của hệ thống ấy, hoặc xin mã VietQR."
        ),
        Fault.BENEFICIARY_MISSING: (
            "không có trường 38 (bên thụ hưởng). Mã không cho biết chuyển tiền đến đâu; hãy xin mã khác."
        ),
        Fault.BIN_MALFORMED: "mã ngân hàng phải gồm đúng 6 chữ số, gặp {0}. Hãy tạo lại mã.",
        Fault.BANK_UNKNOWN: ("mã ngân hàng {0} chưa có trong danh mục. Hãy kiểm tra tên người nhận trước khi chuyển."),
        Fault.ACCOUNT_MALFORMED: (
            f"số tài khoản phải gồm 1 đến {ACCOUNT_MOST} chữ số hoặc chữ cái, gặp {{0}}. Hãy tạo lại mã."
        ),
        Fault.SERVICE_NESTED: ("mã dịch vụ {0} nằm lọt trong trường 38.01 thay vì 38.02. Hãy sửa phần mềm tạo mã."),
        Fault.SERVICE_MISSING: ("không có mã dịch vụ; ngân hàng sẽ hiểu là QRPUSH. Hãy kiểm tra trước khi chuyển."),
        Fault.SERVICE_UNKNOWN: (
            "mã dịch vụ {0} không có trong chuẩn. Hãy dùng QRIBFTTA (tài khoản) hoặc QRIBFTTC (thẻ)."
        ),
        Fault.INITIATION: "phương thức khởi tạo phải là 11 (tĩnh) hoặc 12 (động), gặp {0}. Hãy tạo lại mã.",
        Fault.CURRENCY: "mã tiền tệ phải là 704 (VND), gặp {0}. Hãy tạo lại mã.",
        Fault.COUNTRY: "mã quốc gia phải là VN, gặp {0}. Hãy tạo lại mã.",
        Fault.AMOUNT_MALFORMED: "số tiền phải viết bằng tối đa 13 chữ số, gặp {0}. Hãy tạo lại mã.",
        Fault.AMOUNT_DECIMALS: "đồng không có phần lẻ, gặp {0}. Hãy tạo lại mã với số đồng nguyên.",
        Fault.AMOUNT_ZERO: "số tiền bằng 0. Mã không kèm số tiền thì phải bỏ trường 54; hãy tạo lại mã.",
        Fault.AMOUNT_OVER_LIMIT: (
            f"số tiền {{0}} vượt {format_dong(AMOUNT_MOST)} đồng, mức tối đa của chuyển nhanh 24/7. Hãy chia nhỏ "
            "hoặc chuyển thường."
        ),
        Fault.STATIC_WITH_AMOUNT: ("mã tĩnh (11) nhưng có số tiền {0}. Hãy đổi thành mã động (12), hoặc bỏ số tiền."),
        Fault.DYNAMIC_WITHOUT_AMOUNT: (
            "mã động (12) nhưng không có số tiền. Hãy thêm số tiền, hoặc đổi thành mã tĩnh."
        ),
        Fault.FIELD_TOO_LONG: (
            "giá trị dài quá mức cho phép (ký tự: có/tối đa) {0}. Ngân hàng có thể cắt; hãy rút gọn."
        ),
        Fault.FIELD_MALFORMED: "giá trị {0} sai dạng. Hãy tạo lại mã.",
    }
)

VIETQR, VNPAY, EMV, UNKNOWN = "vietqr", "vnpay-qr", "emv", "unknown"
_VNPAY_GUID = "A000000775"
_SHAPES = MappingProxyType(
    {
        "mcc": re.compile(r"\d{4}", re.ASCII),
        "tip": re.compile(r"\d{2}", re.ASCII),
        "fee_fixed": re.compile(r"\d+\.?\d*", re.ASCII),
        "fee_percent": re.compile(r"\d+\.?\d*", re.ASCII),
        "consumer_data": re.compile(r"[AME]{1,3}"),
    }
)
_AMOUNT = re.compile(r"(\d{1,13})(?:\.(\d*))?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One named fault: where (tag path or 1-based character position) and a message that says what to do."""

    code: Fault
    where: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """Everything read from a payload and everything found wrong with it; ``fields`` may be partial."""

    scheme: str
    fields: Fields
    findings: tuple[Finding, ...]


def finding(code: Fault, where: str = "", piece: str | None = None) -> Finding:
    """The finding with its Vietnamese message; unprintable characters of ``piece`` are escaped."""
    text = MESSAGES[code].format("(không có)" if piece is None else repr(piece))
    message = f"{_place(where)}: {text}" if where else text[:1].upper() + text[1:]
    return Finding(code=code, where=where, message=message)


def _place(where: str) -> str:
    """A tag path is a field; a position in the text speaks for itself."""
    return f"Trường {where}" if where[0].isdigit() else where[:1].upper() + where[1:]


def lint(text: str) -> tuple[Finding, ...]:
    """Every fault and remark of a payload, in the order of reading; empty means strictly valid."""
    return examine(text).findings


def examine(text: str) -> Examination:
    """Read a payload as far as it goes and name all its faults; never raises, whatever the text."""
    bare = text.strip()
    if not bare:
        return Examination(scheme=UNKNOWN, fields=Fields(), findings=(finding(Fault.EMPTY),))
    found: list[Finding] = []
    if bare != text:
        found.append(finding(Fault.SURROUNDING_BLANK))
    if not (bare.isascii() and bare.isprintable()):
        strange = "".join(dict.fromkeys(c for c in bare if not (c.isascii() and c.isprintable())))
        found.append(finding(Fault.NOT_ASCII, piece=strange[:20]))
    row = read_row(bare)
    found += _breaks(row, "")
    found += _checksum(bare, row)
    if bare[:6] != "000201":
        found.append(finding(Fault.FORMAT, "00", bare[:6]))
    scheme = _scheme(row)
    transfer = read_row(row.first("38") or "")
    inner = read_row(transfer.first("01") or "")
    additional = read_row(row.first("62") or "")
    fields = _fields(row, transfer, inner, additional)
    found += _breaks(transfer, "38")
    if scheme != VIETQR:
        foreign = scheme in (VNPAY, EMV)
        found.append(finding(Fault.OTHER_SCHEME if foreign else Fault.BENEFICIARY_MISSING, "38", scheme))
    else:
        found += [*_breaks(inner, "38.01"), *_beneficiary(fields, inner)]
        found += [*_breaks(additional, "62"), *_constants(fields), *_amount(fields), *_texts(fields)]
    return Examination(scheme=scheme, fields=fields, findings=tuple(found))


def _breaks(row: Row, where: str) -> Iterator[Finding]:
    codes = {Break.HEADER: Fault.TLV_HEADER, Break.LENGTH: Fault.TLV_LENGTH, Break.EMPTY: Fault.TLV_EMPTY}
    if row.broken:
        place = f"vị trí {row.position + 1}"
        yield finding(codes[row.broken], f"{where} ({place})" if where else place, row.detail)
    for tag in row.repeated:
        yield finding(Fault.FIELD_REPEATED, f"{where}.{tag}" if where else tag)


def _checksum(text: str, row: Row) -> Iterator[Finding]:
    """The CRC object: last, four hex digits, right; a broken row says nothing certain about where it ends."""
    tags = [tag for tag, _ in row.objects]
    if row.broken:
        return
    if "63" not in tags:
        yield finding(Fault.CRC_MISSING, "63")
    elif tags[-1] != "63":
        yield finding(Fault.CRC_NOT_LAST, "63")
    else:
        given = row.objects[-1][1]
        right = crc16(text[: -len(given)])
        if given.upper() != right:
            yield finding(Fault.CRC_MISMATCH, "63", f"{given} ≠ {right}")
        elif given != right:
            yield finding(Fault.CRC_LOWER_CASE, "63", given)


def _scheme(row: Row) -> str:
    """Whose code it is: tags 02-51 hold the merchant accounts of all schemes, 38 that of NAPAS 247."""
    accounts = {tag: read_row(value).first("00") for tag, value in row.objects if "02" <= tag <= "51"}
    if accounts.get("38") == GUID:
        return VIETQR
    if _VNPAY_GUID in accounts.values():
        return VNPAY
    return EMV if accounts else UNKNOWN


def _fields(row: Row, transfer: Row, inner: Row, additional: Row) -> Fields:
    known = {tag for tag, _, _ in ROOT_TEXTS} | {"00", "38", "62", "63"}
    texts = {field: row.first(tag) for tag, field, _ in ROOT_TEXTS}
    texts |= {field: additional.first(tag) for tag, field, _ in ADDITIONAL_TEXTS}
    return Fields(
        guid=transfer.first("00"),
        bin=inner.first("00"),
        account=inner.first("01"),
        service=transfer.first("02"),
        others=tuple((tag, value) for tag, value in row.objects if tag not in known),
        **texts,
    )


def _beneficiary(fields: Fields, inner: Row) -> Iterator[Finding]:
    if fields.bin is None or not (len(fields.bin) == 6 and fields.bin.isascii() and fields.bin.isdigit()):
        yield finding(Fault.BIN_MALFORMED, "38.01.00", fields.bin)
    elif bank_of(fields.bin) is None:
        yield finding(Fault.BANK_UNKNOWN, "38.01.00", fields.bin)
    account = fields.account
    if account is None or not (len(account) <= ACCOUNT_MOST and account.isascii() and account.isalnum()):
        yield finding(Fault.ACCOUNT_MALFORMED, "38.01.01", account)
    nested = inner.first("02")
    if nested is not None:
        yield finding(Fault.SERVICE_NESTED, "38.01.02", nested)
    elif fields.service is None:
        yield finding(Fault.SERVICE_MISSING, "38.02")
    if fields.service is not None and fields.service not in SERVICES:
        yield finding(Fault.SERVICE_UNKNOWN, "38.02", fields.service)


def _constants(fields: Fields) -> Iterator[Finding]:
    if fields.init not in (STATIC, DYNAMIC):
        yield finding(Fault.INITIATION, "01", fields.init)
    if fields.currency != "704":
        yield finding(Fault.CURRENCY, "53", fields.currency)
    if fields.country != "VN":
        yield finding(Fault.COUNTRY, "58", fields.country)


def _amount(fields: Fields) -> Iterator[Finding]:
    """Tag 54: digits and at most one point; VND has no decimals, so only a bare point may follow (5.2.6)."""
    if fields.amount is None:
        if fields.init == DYNAMIC:
            yield finding(Fault.DYNAMIC_WITHOUT_AMOUNT, "54")
        return
    shape = _AMOUNT.fullmatch(fields.amount)
    if shape is None or len(fields.amount) > 13:
        yield finding(Fault.AMOUNT_MALFORMED, "54", fields.amount)
    elif shape[2]:
        yield finding(Fault.AMOUNT_DECIMALS, "54", fields.amount)
    elif not int(shape[1]):
        yield finding(Fault.AMOUNT_ZERO, "54", fields.amount)
    elif int(shape[1]) > AMOUNT_MOST:
        yield finding(Fault.AMOUNT_OVER_LIMIT, "54", fields.amount)
    if fields.init == STATIC:
        yield finding(Fault.STATIC_WITH_AMOUNT, "54", fields.amount)


def _texts(fields: Fields) -> Iterator[Finding]:
    for _, field, most in ROOT_TEXTS + ADDITIONAL_TEXTS:
        value = getattr(fields, field)
        if value is None or field in ("init", "currency", "amount", "country"):
            continue
        if len(value) > most:
            yield finding(Fault.FIELD_TOO_LONG, PLACES[field], f"{len(value)}/{most}")
        elif field in _SHAPES and not _SHAPES[field].fullmatch(value):
            yield finding(Fault.FIELD_MALFORMED, PLACES[field], value)
