"""Messages of the Payment Platform 1.0.6: INIT, QUERY and GET_BILL as we send them, answers as we read them.

Field names and order: payments §3.2, certain (two public implementations agree), where a docstring does not say
"assumed" or "seen once". All values on the wire are text unless noted.
"""

import ipaddress
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from unicodedata import normalize
from urllib.parse import urlsplit

from adapters.inbound import VIETNAM, read_object
from adapters.outbound import LOOPBACK
from adapters.portal import signature
from domain.errors import Malformed, Refusal, RefusalCode
from domain.money import CURRENCY, Dong, require_amount

VERSION = "1.0.6"

#: Letters and digits only; 255 on the wire, but public implementations cut at 50.
_REFERENCE = re.compile(r"[A-Za-z0-9]{1,50}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class PayLine:
    """One line of DSKhoanNop: one member of a payment for many is one line (assumed; the array is real)."""

    content: str  #: NoiDung
    amount: Dong  #: SoTien


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """ThongTinBienLai, shown to the payer and printed on the portal's receipt. Not covered by the signature.

    The receiving account must therefore be agreed with the portal by other means and is never taken from a
    message. Fields that only fines use are sent as empty text.
    """

    lines: tuple[PayLine, ...]
    service_code: str  #: MaDVC
    service_name: str  #: TenDVC
    procedure_code: str  #: MaTTHC
    procedure_name: str  #: TenTTHC
    unit_code: str  #: MaDonVi, such as 000.00.00.G17
    unit_name: str  #: TenDonVi
    dossier: str  #: MaHoSo
    account_number: str  #: TKThuHuong
    account_bank: str  #: MaNHThuHuong
    account_name: str  #: TenTKThuHuong
    purpose: str  #: NoiDungThanhToan
    payer_name: str  #: HoTenNguoiNop; personal data


@dataclass(frozen=True, slots=True, kw_only=True)
class InitMessage:
    """INIT: asks the platform to open a payment; the payer then chooses a bank on the portal."""

    partner: str  #: MaDoiTac
    reference: str  #: MaThamChieu
    amount: Dong  #: SoTien
    information: str  #: ThongTinGiaoDich, composed (NFC)
    at: datetime  #: ThoiGianGD
    ip: str  #: Ip, IPv4 of the caller
    receipt: Receipt
    signature: str  #: MaXacThuc


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """QUERY (what became of a payment) or GET_BILL (its receipt); both carry the same five fields."""

    kind: str  #: "QUERY" or "GET_BILL"
    partner: str
    reference: str
    at: datetime
    signature: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InitAnswer:
    """The platform's answer to INIT: ``code`` "00" comes with the address to send the payer to."""

    code: str
    payment_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultNotification:
    """A result notification or the answer to QUERY as written, signature not yet checked."""

    kind: str  #: LoaiBanTin; the literal of a notification is assumed ("CONFIRM") and never compared
    code: str  #: MaLoi
    partner: str  #: MaDoiTac
    reference: str  #: MaThamChieu
    amount: Dong  #: SoTien, sent as a JSON number or as digits
    currency: str  #: MaTienTe
    transaction_id: str  #: MaGiaoDich, the platform's id; empty when nothing was paid
    bank: str  #: MaNganHang
    at: str  #: ThoiGianGD, yyyyMMddHHmmss
    information: str  #: ThongTinGiaoDich
    signature: str  #: MaXacThuc
    state: str  #: TrangThaiGD, only in the answer to QUERY


def _stamp(at: datetime) -> str:
    """ThoiGianGD: Vietnamese time with a 24 hour clock (a public client writes 12 hours, and is wrong)."""
    if at.tzinfo is None:
        raise Malformed("thời điểm phải có múi giờ", where="ThoiGianGD")
    return f"{at.astimezone(VIETNAM):%Y%m%d%H%M%S}"


def _require_reference(reference: str) -> str:
    if not _REFERENCE.fullmatch(reference):
        raise Malformed("mã tham chiếu chỉ gồm 1 đến 50 chữ và số", where="MaThamChieu")
    return reference


def init_message(
    *,
    partner: str,
    secret: str,
    reference: str,
    amount: Dong,
    information: str,
    at: datetime,
    ip: str,
    receipt: Receipt,
) -> InitMessage:
    """Build and sign INIT for one attempt; ``amount`` in đồng, ``at`` aware.

    Refuses (amount-differs) when the lines of the receipt do not sum to ``amount``. Raises ``Malformed`` on a
    reference, an address or a text that may not be sent.
    """
    require_amount(amount)
    for line in receipt.lines:
        require_amount(line.amount, "số tiền khoản nộp")
    total = sum(line.amount for line in receipt.lines)
    if total != amount:
        raise Refusal(
            RefusalCode.AMOUNT_DIFFERS,
            f"Tổng các khoản nộp là {total} đồng, khác số tiền {amount} đồng của giao dịch {reference}.",
            lines=total,
            amount=amount,
        )
    try:
        ipaddress.IPv4Address(ip)
    except ValueError as error:
        raise Malformed(f"{ip[:40]!r} không phải địa chỉ IPv4", where="Ip") from error
    unsigned = InitMessage(
        partner=partner,
        reference=_require_reference(reference),
        amount=amount,
        information=normalize("NFC", information),
        at=at,
        ip=ip,
        receipt=receipt,
        signature="",
    )
    return replace(unsigned, signature=signature.sign(_init_fields(unsigned), signature.INIT, secret))


def _init_fields(message: InitMessage) -> dict[str, str]:
    return {
        "LoaiBanTin": "INIT",
        "PhienBan": VERSION,
        "MaDoiTac": message.partner,
        "MaThamChieu": message.reference,
        "SoTien": str(message.amount),
        "LoaiHinhThanhToan": "PAY",
        "MaKenhThanhToan": "1",
        "MaThietBi": "1",
        "NgonNgu": "vi-VN",
        "MaTienTe": CURRENCY,
        "MaNganHang": "PAYMENT",
        "ThongTinGiaoDich": message.information,
        "ThoiGianGD": _stamp(message.at),
        "Ip": message.ip,
    }


#: Fields of ThongTinBienLai that only fines use, or that dues have nothing to say in.
_EMPTY_IN_RECEIPT = (
    "SoCMNDNguoiNop",
    "DiaChiNguoiNop",
    "HuyenNguoiNop",
    "TinhNguoiNop",
    "MaCoQuanQD",
    "TenCoQuanQD",
    "MaLoaiHinhThuPhat",
    "TenLoaiHinhThuPhat",
    "KhoBac",
    "NgayQD",
    "SoQD",
    "ThoiGianViPham",
    "DiaDiemViPham",
    "TenNguoiViPham",
    "TaiKhoanThuNSNN",
)


def receipt_fields(receipt: Receipt) -> dict[str, object]:
    """ThongTinBienLai as it goes over the wire."""
    return {
        "MaDichVu": "2",  # A fee or charge; 1 would be a fine.
        "MaDVC": receipt.service_code,
        "TenDVC": receipt.service_name,
        "MaTTHC": receipt.procedure_code,
        "TenTTHC": receipt.procedure_name,
        "MaDonVi": receipt.unit_code,
        "TenDonVi": receipt.unit_name,
        "MaHoSo": receipt.dossier,
        "TKThuHuong": receipt.account_number,
        "MaNHThuHuong": receipt.account_bank,
        "TenTKThuHuong": receipt.account_name,
        "PhiLePhi": [],
        "NoiDungThanhToan": receipt.purpose,
        "HoTenNguoiNop": receipt.payer_name,
        "DSKhoanNop": [{"NoiDung": line.content, "SoTien": str(line.amount)} for line in receipt.lines],
        **dict.fromkeys(_EMPTY_IN_RECEIPT, ""),
    }


def _json(fields: Mapping[str, object]) -> bytes:
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()


def encode_init(message: InitMessage) -> bytes:
    """The body of INIT: UTF-8 JSON, members in the order of the document."""
    fields: dict[str, object] = {**_init_fields(message), "ThongTinBienLai": receipt_fields(message.receipt)}
    return _json({**fields, "MaXacThuc": message.signature})


def query_message(*, partner: str, secret: str, reference: str, at: datetime) -> FollowUp:
    """Build and sign QUERY. Ask for payments that are open after 30 minutes, for three days (seen once)."""
    return _follow_up("QUERY", partner, secret, reference, at)


def get_bill_message(*, partner: str, secret: str, reference: str, at: datetime) -> FollowUp:
    """Build and sign GET_BILL. The answer is a PDF or JSON with a URL (each seen once): see its Content-Type."""
    return _follow_up("GET_BILL", partner, secret, reference, at)


def _follow_up_fields(kind: str, partner: str, reference: str, at: datetime) -> dict[str, str]:
    return {
        "LoaiBanTin": kind,
        "PhienBan": VERSION,
        "MaDoiTac": partner,
        "MaThamChieu": _require_reference(reference),
        "ThoiGianGD": _stamp(at),
    }


def _follow_up(kind: str, partner: str, secret: str, reference: str, at: datetime) -> FollowUp:
    signed = signature.sign(_follow_up_fields(kind, partner, reference, at), signature.QUERY, secret)
    return FollowUp(kind=kind, partner=partner, reference=reference, at=at, signature=signed)


def encode_follow_up(message: FollowUp) -> bytes:
    """The body of QUERY or GET_BILL: UTF-8 JSON."""
    fields = _follow_up_fields(message.kind, message.partner, message.reference, message.at)
    return _json({**fields, "MaXacThuc": message.signature})


def _text(fields: Mapping[str, object], name: str, *, required: bool) -> str:
    """A field as text; an absent or null one counts as empty, as public implementations sign it."""
    value = fields.get(name)
    if value is None:
        value = ""
    if not isinstance(value, str):
        raise Malformed(f"trường {name} phải là văn bản", where=name)
    if required and not value:
        raise Malformed(f"thiếu trường {name}", where=name)
    return value


def open_envelope(raw: bytes, headers: Mapping[str, str]) -> dict[str, object]:
    """The answer's own object: direct, or as JSON text in ``message`` over an LGSP (each seen once)."""
    answer = read_object(raw, headers)
    if "error_code" not in answer:
        return answer
    code, inner = answer["error_code"], answer.get("message")
    if str(code) != "0":
        raise Malformed(f"trục LGSP trả lỗi {str(code)[:20]!r}", where="error_code")
    if isinstance(inner, dict):
        return inner
    if not isinstance(inner, str):
        raise Malformed("trường message phải là văn bản JSON", where="message")
    try:
        return read_object(inner.encode(), {})
    except UnicodeEncodeError as error:
        raise Malformed("trường message không phải UTF-8", where="message") from error


def is_page(url: str, *, local: bool = False) -> bool:
    """Whether a payer may be sent to an address: https, or this very machine where the platform is a sandbox on it."""
    parts = urlsplit(url)
    if not url.isprintable() or not parts.hostname:
        return False
    return parts.scheme == "https" or (local and parts.scheme == "http" and parts.hostname in LOOPBACK)


def read_init_answer(raw: bytes, headers: Mapping[str, str], *, local: bool = False) -> InitAnswer:
    """Read the answer to INIT in either envelope. The answer is not signed; the address must be https.

    ``local`` says that the platform is a sandbox on this machine, which has no certificate.

    Raises ``Malformed`` when it cannot be read or when "00" comes without an https address.
    """
    fields = open_envelope(raw, headers)
    code = _text(fields, "MaLoi", required=True)
    url = _text(fields, "UrlThanhToan", required=code == "00")
    if url and not is_page(url, local=local):
        raise Malformed("địa chỉ thanh toán phải là https", where="UrlThanhToan")
    return InitAnswer(code=code, payment_url=url or None)


def read_notification(fields: Mapping[str, object]) -> ResultNotification:
    """Take the fields of a notification or an answer to QUERY; ``Malformed`` names the field that is wrong."""
    amount = fields.get("SoTien")
    if isinstance(amount, str) and re.fullmatch(r"0|[1-9][0-9]{0,15}", amount):
        amount = int(amount)
    if isinstance(amount, bool) or not isinstance(amount, int):
        raise Malformed("SoTien phải là số nguyên", where="SoTien")
    return ResultNotification(
        kind=_text(fields, "LoaiBanTin", required=True),
        code=_text(fields, "MaLoi", required=True),
        partner=_text(fields, "MaDoiTac", required=True),
        reference=_text(fields, "MaThamChieu", required=True),
        amount=amount,
        currency=_text(fields, "MaTienTe", required=False),
        transaction_id=_text(fields, "MaGiaoDich", required=False),
        bank=_text(fields, "MaNganHang", required=False),
        at=_text(fields, "ThoiGianGD", required=True),
        information=_text(fields, "ThongTinGiaoDich", required=False),
        signature=_text(fields, "MaXacThuc", required=True),
        state=_text(fields, "TrangThaiGD", required=False),
    )


def notification_fields(message: ResultNotification) -> dict[str, str]:
    """The signed fields of a notification as text, as both sides join them."""
    return {
        "LoaiBanTin": message.kind,
        "MaLoi": message.code,
        "MaDoiTac": message.partner,
        "MaThamChieu": message.reference,
        "SoTien": str(message.amount),
        "MaTienTe": message.currency,
        "MaGiaoDich": message.transaction_id,
        "MaNganHang": message.bank,
        "ThoiGianGD": message.at,
        "ThongTinGiaoDich": message.information,
    }


def acknowledgement(*, code: str, words: str, partner: str, reference: str, now: datetime, secret: str) -> bytes:
    """The answer to a notification, signed by ourselves (assumed order; never the incoming MaXacThuc back)."""
    fields = {
        "MaLoi": code,
        "MoTaLoi": words,
        "MaDoiTac": partner,
        "MaThamChieu": reference,
        "ThoiGianGD": _stamp(now),
    }
    return _json({**fields, "MaXacThuc": signature.sign(fields, signature.ACKNOWLEDGEMENT, secret)})
