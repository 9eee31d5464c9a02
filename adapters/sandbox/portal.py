"""Result notifications as the portal would send them, rightly signed: for the example and for tests."""

import json
from datetime import datetime

from adapters.inbound import VIETNAM
from adapters.portal import signature
from domain.money import CURRENCY, Dong


def signed_notification(
    *,
    partner: str,
    secret: str,
    reference: str,
    amount: Dong,
    transaction_id: str,
    paid_at: datetime,
    code: str = "00",
    bank: str = "VIETCOMBANK",
    information: str | None = None,
    kind: str = "CONFIRM",
) -> bytes:
    """The raw body of one notification, members in the order of the document, UTF-8 without blanks.

    ``amount`` is in đồng and goes out as a JSON number; ``paid_at`` must be aware and goes out as Vietnamese
    time. A notification with a wrong amount is one with another ``amount``; one with a wrong signature is one
    made with another ``secret``. Raises ``Malformed`` when a value cannot be signed.
    """
    fields = {
        "LoaiBanTin": kind,
        "MaLoi": code,
        "MaDoiTac": partner,
        "MaThamChieu": reference,
        "SoTien": str(amount),
        "MaTienTe": CURRENCY,
        "MaGiaoDich": transaction_id,
        "MaNganHang": bank,
        "ThoiGianGD": f"{paid_at.astimezone(VIETNAM):%Y%m%d%H%M%S}",
        "ThongTinGiaoDich": f"NOP DANG PHI {reference}" if information is None else information,
    }
    body: dict[str, str | int] = {**fields, "SoTien": amount}
    body["MaXacThuc"] = signature.sign(fields, signature.NOTIFICATION, secret)
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
