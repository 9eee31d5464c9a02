"""Webhooks of the gateway: ``Stripe-Signature`` over the raw bytes, then the one object that the event shows.

Certain (payments §5): delivery at least once and in no order, several secrets while one is replaced, a tolerance of
300 s to the past. Two events may tell the same, so a message is known again by object and state, which the intake's
digest does, and not by the event's id alone. Money is told by PaymentIntents, refunds and disputes; what a charge or a
payout says comes with the settlement, which is complete, and is answered here without being used.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from adapters.gateway import objects
from adapters.gateway.objects import Thing
from adapters.inbound import header_value, read_object
from domain.errors import Malformed
from domain.notice import NoticeStatus, PaymentNotice, Rejection
from ledger.rail import RefundState

SOURCE = "gateway"
REFUNDS = "gateway:refund"
CASES = "gateway:case:"

#: What an event on a dispute says, by the end of its name and, where it is closed, the dispute's status.
_DISPUTES: Mapping[str, str] = {
    "funds_withdrawn": "withdrawn",
    "funds_reinstated": "reinstated",
    "closed:won": "won",
    "closed:lost": "lost",
}

#: How old a signed moment may be; the side of the future is not checked, as the vendor's own library does.
TOLERANCE = timedelta(seconds=300)

#: Signatures that are compared at most; the gateway sends one for each secret that is valid.
_MOST_SIGNATURES = 8

_REFUND_NOTICES: Mapping[RefundState, NoticeStatus] = {
    RefundState.PENDING: NoticeStatus.PENDING,
    RefundState.DONE: NoticeStatus.PAID,
    RefundState.FAILED: NoticeStatus.FAILED,
}


def accept(
    raw: bytes,
    headers: Mapping[str, str],
    received_at: datetime,
    *,
    secrets: Sequence[str],
    tolerance: timedelta = TOLERANCE,
) -> PaymentNotice | Rejection:
    """Verify one webhook and read it; never raises on what a stranger sends. ``received_at`` is aware."""
    refused = _refused(raw, header_value(headers, "Stripe-Signature"), received_at, secrets, tolerance)
    if refused is not None:
        return refused
    try:
        event = read_object(raw, headers)
        kind = objects.text(event, "type", "event")
        data = event.get("data")
        thing = data.get("object") if isinstance(data, dict) else None
        if not isinstance(thing, dict):
            raise Malformed("thiếu data.object", where="event")
        return read(kind, thing, objects.instant(event, "created", "event"))
    except Malformed as error:
        return Rejection(code="bad-format", reason=str(error))


def read(kind: str, thing: Thing, at: datetime) -> PaymentNotice | Rejection:
    """What an event of a kind says with its object. Raises ``Malformed``."""
    if kind.startswith("payment_intent."):
        return of_intent(thing, at)
    if kind.startswith("refund.") or kind == "charge.refund.updated":
        return _of_refund(thing, at)
    if kind.startswith("charge.dispute."):
        return _of_dispute(kind.removeprefix("charge.dispute."), thing, at)
    return Rejection(code="not-money", reason=f"sự kiện {kind[:60]} không báo tiền; quyết toán sẽ báo")


def of_intent(intent: Thing, at: datetime) -> PaymentNotice | Rejection:
    """A PaymentIntent as a notice; its state is that of the object, since events come in no order."""
    where = "payment_intent"
    objects.require_dong(intent, where)
    status = objects.notice_status(objects.state_of(intent))
    if status is None:
        return Rejection(code="not-money", reason="giao dịch mới mở, chưa ai thanh toán")
    paid = status is NoticeStatus.PAID
    return PaymentNotice(
        source=SOURCE,
        outside_reference=objects.text(intent, "id", where),
        reference=objects.marked(intent, "reference"),
        status=status,
        amount=objects.amount(intent, "amount_received" if paid else "amount", where, least=1),
        paid_at=at,
        account_number=None,
        content="",
        bank=None,
    )


def _of_refund(refund: Thing, at: datetime) -> PaymentNotice:
    """A refund as a notice of its own source: ``reference`` is our refund's id."""
    where = "refund"
    objects.require_dong(refund, where)
    return PaymentNotice(
        source=REFUNDS,
        outside_reference=objects.text(refund, "id", where),
        reference=objects.marked(refund, "refund_id"),
        status=_REFUND_NOTICES[objects.refund_state(refund)],
        amount=objects.amount(refund, "amount", where, least=1),
        paid_at=at,
        account_number=None,
        content="",
        bank=None,
    )


def _of_dispute(what: str, dispute: Thing, at: datetime) -> PaymentNotice:
    """A dispute as a notice of a source that says what is told of it; ``reference`` is the disputed PaymentIntent.

    What was withdrawn and given back is told by events of their own; a lost case was withdrawn before. A won one says
    nothing of money: the reinstatement does (payments §5).
    """
    where = "dispute"
    objects.require_dong(dispute, where)
    word = _DISPUTES.get(what, "opened")
    if what == "closed":
        word = _DISPUTES.get(f"closed:{dispute.get('status')}", "opened")
    about = dispute.get("payment_intent")
    return PaymentNotice(
        source=f"{CASES}{word}",
        outside_reference=objects.text(dispute, "id", where),
        reference=about if isinstance(about, str) and 0 < len(about) <= 200 and about.isprintable() else None,
        status=NoticeStatus.PENDING,
        amount=objects.amount(dispute, "amount", where, least=1),
        paid_at=at,
        account_number=None,
        content="",
        bank=None,
    )


def _refused(
    raw: bytes, header: str, received_at: datetime, secrets: Sequence[str], tolerance: timedelta
) -> Rejection | None:
    stamp, signatures = _parts(header)
    if stamp is None or not signatures or not secrets:
        return Rejection(code="bad-signature", reason="thiếu chữ ký Stripe-Signature, hoặc chưa đặt khoá webhook")
    signed = stamp.encode() + b"." + raw
    expected = [hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in secrets]
    # Every pair is compared, so that the time taken tells nothing.
    matches = [hmac.compare_digest(one.encode(), other.encode()) for one in expected for other in signatures]
    if not any(matches):
        return Rejection(code="bad-signature", reason="chữ ký Stripe-Signature sai")
    if received_at.timestamp() - int(stamp) > tolerance.total_seconds():
        return Rejection(code="stale", reason=f"tin ký quá {int(tolerance.total_seconds())} giây trước khi đến")
    return None


def _parts(header: str) -> tuple[str | None, list[str]]:
    """The moment and the v1 signatures of a header; None for a moment that is missing, told twice or no number."""
    pairs = [part.strip().partition("=") for part in header.split(",")[:32]]
    stamps = [value for name, _, value in pairs if name == "t"]
    signatures = [value for name, _, value in pairs if name == "v1"][:_MOST_SIGNATURES]
    if len(stamps) != 1 or not (stamps[0].isascii() and stamps[0].isdecimal() and len(stamps[0]) <= 12):
        return None, signatures
    return stamps[0], signatures
