"""Signatures of the Payment Platform of the National Public Service Portal, document version 1.0.6.

MaXacThuc = lower-case hex SHA-256 of the signed values joined by ``|`` with the secret as the last member,
in UTF-8 (payments §3.2; two independent public implementations agree). It is a plain hash with the secret
behind, not an HMAC, and the bar is not escaped: a value that holds a bar would sign another message as well.
So a value with ``|`` or a control character is never signed and never believed.
"""

import hashlib
import hmac
import unicodedata
from collections.abc import Mapping

from domain.errors import Malformed

#: Order of the signed fields of each message. Certain (two code bases), except the two marked below.
INIT = (
    "LoaiBanTin",
    "PhienBan",
    "MaDoiTac",
    "MaThamChieu",
    "SoTien",
    "LoaiHinhThanhToan",
    "MaKenhThanhToan",
    "MaThietBi",
    "NgonNgu",
    "MaTienTe",
    "MaNganHang",
    "ThongTinGiaoDich",
    "ThoiGianGD",
    "Ip",
)
NOTIFICATION = (
    "LoaiBanTin",
    "MaLoi",
    "MaDoiTac",
    "MaThamChieu",
    "SoTien",
    "MaTienTe",
    "MaGiaoDich",
    "MaNganHang",
    "ThoiGianGD",
    "ThongTinGiaoDich",
)
QUERY = ("LoaiBanTin", "PhienBan", "MaDoiTac", "MaThamChieu", "ThoiGianGD")
GET_BILL = QUERY
#: Assumed: the order in which the document lists the fields of the answer to a notification.
ACKNOWLEDGEMENT = ("MaLoi", "MoTaLoi", "MaDoiTac", "MaThamChieu", "ThoiGianGD")
#: Assumed: the answer to QUERY is signed like a notification, and TrangThaiGD is not covered.
QUERY_ANSWER = NOTIFICATION


def _signable(name: str, value: str) -> str:
    for character in value:
        if character == "|" or unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}:
            raise Malformed(f"trường {name} có ký tự không được ký (dấu | hoặc ký tự điều khiển)", where=name)
    return value


def sign(fields: Mapping[str, str], order: tuple[str, ...], secret: str) -> str:
    """MaXacThuc over the fields in the given order; an absent field counts as empty text.

    Raises ``Malformed`` when a signed value holds ``|``, a control character or half a surrogate pair.
    """
    values = [_signable(name, fields.get(name, "")) for name in order]
    return hashlib.sha256("|".join([*values, secret]).encode()).hexdigest()


def is_signed(fields: Mapping[str, str], order: tuple[str, ...], secret: str, claimed: str) -> bool:
    """Whether ``claimed`` is the right MaXacThuc, compared in constant time. Raises as ``sign`` does.

    Without a secret nothing is signed: anyone could compute the hash.
    """
    if not secret:
        return False
    expected = sign(fields, order, secret)
    return hmac.compare_digest(expected.encode(), claimed.lower().encode("utf-8", "surrogatepass"))
