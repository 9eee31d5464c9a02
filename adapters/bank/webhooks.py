"""Webhooks that tell of bank credits: SePay, SePay's Bank Hub and Casso v2 (payments §3.4, §6.2).

A webhook is a fast witness of a line that the bank's statement will show again, so its outside reference is the
bank's own. Only money in becomes a notice. Nothing here raises on what a stranger sends.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from adapters.bank.lines import squeeze
from adapters.inbound import header_value, read_object, read_wall_clock
from domain.errors import Malformed
from domain.money import AMOUNT_CAP, Dong
from domain.notice import NoticeStatus, PaymentNotice, Rejection

#: How far a signed moment of sending may lie from the moment of receipt; SePay advises five minutes.
TOLERANCE = timedelta(minutes=5)

_ACCOUNT = re.compile(r"[A-Za-z0-9]{4,19}", re.ASCII)


def accept_sepay(
    raw: bytes,
    headers: Mapping[str, str],
    received_at: datetime,
    *,
    api_key: str,
    bin_of: Callable[[str], str | None],
    hmac_secret: str | None = None,
    tolerance: timedelta = TOLERANCE,
) -> PaymentNotice | Rejection:
    """Verify one SePay webhook: ``Authorization: Apikey …`` and, with ``hmac_secret``, the signature too.

    The signature header is ``X-SePay-Signature: sha256=<hex>``, HMAC-SHA256 over ``X-SePay-Timestamp``, a point
    and the raw body (seen in several public clients); its moment must lie within ``tolerance`` of
    ``received_at``. With ``hmac_secret`` and an empty ``api_key`` the signature alone decides, as SePay lets its
    user choose one of the two. ``bin_of`` gives the BIN of a bank by SePay's name of it.
    """
    refused = _sepay_refused(raw, headers, received_at, api_key, hmac_secret, tolerance)
    if refused is not None:
        return refused
    try:
        fields = read_object(raw, headers)
        if fields.get("id") == 0:
            return Rejection(code="test-message", reason="tin thử của SePay (id 0)")
        kind = _text(fields, "transferType")
        if kind == "out":
            return Rejection(code="not-credit", reason="giao dịch tiền ra, không phải tiền vào")
        if kind != "in":
            raise Malformed("cần in hoặc out", where="transferType")
        return _notice(
            bank_name=_text(fields, "gateway"),
            bin_of=bin_of,
            account=_text(fields, "accountNumber"),
            bank_reference=_text(fields, "referenceCode", empty=True) or f"sepay:{_id(fields)}",
            amount=_amount(fields, "transferAmount"),
            at=_text(fields, "transactionDate"),
            content=_text(fields, "content", empty=True) or _text(fields, "description", empty=True),
            payer_bank=None,
        )
    except Malformed as error:
        return Rejection(code="bad-format", reason=str(error))


def _sepay_refused(
    raw: bytes,
    headers: Mapping[str, str],
    received_at: datetime,
    api_key: str,
    hmac_secret: str | None,
    tolerance: timedelta,
) -> Rejection | None:
    """Why the sender is not believed, or ``None``. Without any secret nobody is believed."""
    if api_key or not hmac_secret:
        scheme, _, key = header_value(headers, "Authorization").partition(" ")
        if not api_key or scheme.lower() != "apikey" or not _same(key.strip(), api_key):
            return Rejection(code="bad-signature", reason="thiếu hoặc sai khóa Apikey")
    if hmac_secret:
        moment = header_value(headers, "X-SePay-Timestamp")
        claimed = header_value(headers, "X-SePay-Signature").removeprefix("sha256=")
        expected = hmac.new(hmac_secret.encode(), _bytes(moment) + b"." + raw, hashlib.sha256).hexdigest()
        if not _same(claimed, expected):
            return Rejection(code="bad-signature", reason="X-SePay-Signature không khớp nội dung")
        return _stale(moment, 1, received_at, tolerance)
    return None


def accept_sepay_hub(
    raw: bytes,
    headers: Mapping[str, str],
    received_at: datetime,
    *,
    secret: str,
    bin_of: Callable[[str], str | None],
    tolerance: timedelta = TOLERANCE,
) -> PaymentNotice | Rejection:
    """Verify one IPN of SePay's Bank Hub: ``Authorization: Apikey …``, its default (developer.sepay.vn/en/bankhub).

    A message that carries ``X-SePay-Signature`` is judged by that alone, as SePay's other webhooks are and with the
    same secret (assumed: the hub's page does not say how it would sign). Under the default the body is unsigned and
    states no moment of sending, so nothing is known of its age: the same message again is the same money. A virtual
    account (``va``) is where the payer sent to; the money is on ``account_number``. ``payment_code`` is what the hub
    found by its own rule; the content is searched by ours.
    """
    if header_value(headers, "X-SePay-Signature"):
        refused = _sepay_refused(raw, headers, received_at, "", secret, tolerance)
    else:
        refused = _sepay_refused(raw, headers, received_at, secret, None, tolerance)
    if refused is not None:
        return refused
    try:
        fields = read_object(raw, headers)
        kind = _text(fields, "transfer_type")
        if kind == "debit":
            return Rejection(code="not-credit", reason="giao dịch tiền ra, không phải tiền vào")
        if kind != "credit":
            raise Malformed("cần credit hoặc debit", where="transfer_type")
        hub_id = _text(fields, "transaction_id")
        return _notice(
            bank_name=_text(fields, "gateway"),
            bin_of=bin_of,
            account=_text(fields, "account_number"),
            bank_reference=_text(fields, "reference_code", empty=True) or f"sepay-hub:{hub_id}",
            amount=_amount(fields, "amount"),
            at=_text(fields, "transaction_date"),
            content=_text(fields, "content", empty=True) or _text(fields, "payment_code", empty=True),
            payer_bank=None,
        )
    except Malformed as error:
        return Rejection(code="bad-format", reason=str(error))


def accept_casso(
    raw: bytes,
    headers: Mapping[str, str],
    received_at: datetime,
    *,
    secret: str,
    bin_of: Callable[[str], str | None],
    tolerance: timedelta | None = None,
) -> PaymentNotice | Rejection:
    """Verify one Casso v2 webhook by ``X-Casso-Signature: t=<ms>,v1=<hex>`` (official sample).

    The signature is HMAC-SHA512 over t, a point and the body as compact JSON with keys sorted at every depth.
    Casso's samples write letters beyond ASCII as they are (JavaScript) or escaped (Python); both are believed.
    ``tolerance`` limits how far t may lie from ``received_at``; by default it does not, because nobody says
    whether a repeated delivery is signed anew, and a replayed message is the same money again.
    """
    signed = header_value(headers, "X-Casso-Signature")
    parts = [part.strip().partition("=") for part in signed.split(",")]
    moment = next((value for name, _, value in parts if name == "t"), "")
    claims = [value for name, _, value in parts if name == "v1"]
    try:
        body = read_object(raw, headers)
        believed = any(_same(claim, right) for right in _casso_signatures(body, moment, secret) for claim in claims)
        if not secret or not believed:
            return Rejection(code="bad-signature", reason="X-Casso-Signature không khớp nội dung")
        late = _stale(moment, 1000, received_at, tolerance) if tolerance is not None else None
        if late is not None:
            return late
        data = body.get("data")
        if not isinstance(data, dict):
            raise Malformed("thiếu đối tượng data (bản v1 của Casso không được nhận)", where="data")
        return _casso_notice(data, bin_of)
    except Malformed as error:
        return Rejection(code="bad-format", reason=str(error))


def _casso_notice(data: Mapping[str, object], bin_of: Callable[[str], str | None]) -> PaymentNotice | Rejection:
    if data.get("id") == 0:
        return Rejection(code="test-message", reason="tin thử của Casso (id 0)")
    amount = data.get("amount")
    if isinstance(amount, int) and not isinstance(amount, bool) and amount < 0:
        return Rejection(code="not-credit", reason="giao dịch tiền ra, không phải tiền vào")
    short, name = _text(data, "bankAbbreviation", empty=True), _text(data, "bankName", empty=True)
    return _notice(
        bank_name=short if short and bin_of(short) else name or short,
        bin_of=bin_of,
        account=_text(data, "accountNumber"),
        bank_reference=_text(data, "reference", empty=True) or f"casso:{_id(data)}",
        amount=_amount(data, "amount"),
        at=_text(data, "transactionDateTime"),
        content=_text(data, "description", empty=True),
        payer_bank=_text(data, "counterAccountBankName", empty=True) or None,
        payer_account=_text(data, "counterAccountNumber", empty=True) or None,
    )


def _casso_signatures(body: Mapping[str, object], moment: str, secret: str) -> list[str]:
    """The right signature in both writings of letters beyond ASCII."""
    return [
        hmac.new(
            secret.encode(),
            _bytes(f"{moment}.{json.dumps(body, sort_keys=True, separators=(',', ':'), ensure_ascii=escaped)}"),
            hashlib.sha512,
        ).hexdigest()
        for escaped in (False, True)
    ]


def _bytes(text: str) -> bytes:
    """UTF-8, also of half surrogate pairs, which JSON can carry and no signature of a sane sender covers."""
    return text.encode("utf-8", "surrogatepass")


def _same(claimed: str, right: str) -> bool:
    return hmac.compare_digest(_bytes(claimed), _bytes(right))


def _stale(moment: str, per_second: int, received_at: datetime, tolerance: timedelta) -> Rejection | None:
    if not re.fullmatch(r"[0-9]{1,15}", moment):
        return Rejection(code="bad-format", reason="thời điểm ký không phải số")
    if abs(received_at.timestamp() - int(moment) / per_second) > tolerance.total_seconds():
        return Rejection(code="stale", reason="thời điểm ký cách lúc nhận quá xa; kiểm tra đồng hồ hai bên")
    return None


def _text(fields: Mapping[str, object], name: str, *, empty: bool = False) -> str:
    value = fields.get(name)
    if value is None and empty:
        return ""
    if not isinstance(value, str) or not (value.strip() or empty):
        raise Malformed("phải là văn bản" if empty else "phải là văn bản và không được trống", where=name)
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise Malformed("có nửa cặp ký tự thay thế", where=name)
    return squeeze(value)


def _id(fields: Mapping[str, object]) -> int:
    value = fields.get("id")
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise Malformed("phải là số nguyên không âm", where="id")
    return value


def _amount(fields: Mapping[str, object], name: str) -> Dong:
    value = fields.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= AMOUNT_CAP:
        raise Malformed("số tiền phải là số đồng nguyên, lớn hơn 0", where=name)
    return value


def _notice(
    *,
    bank_name: str,
    bin_of: Callable[[str], str | None],
    account: str,
    bank_reference: str,
    amount: Dong,
    at: str,
    content: str,
    payer_bank: str | None,
    payer_account: str | None = None,
) -> PaymentNotice | Rejection:
    if not _ACCOUNT.fullmatch(account):
        raise Malformed("không phải số tài khoản", where="accountNumber")
    bin = bin_of(bank_name)
    if bin is None:
        return Rejection(code="unknown-bank", reason=f"danh mục ngân hàng không có {bank_name[:40]!r}")
    return PaymentNotice(
        source=f"bank:{bin}:{account}",
        outside_reference=bank_reference,
        reference=None,
        status=NoticeStatus.PAID,
        amount=amount,
        paid_at=read_wall_clock(at),
        account_number=account,
        content=content,
        bank=payer_bank,
        payer_account=payer_account,
    )
