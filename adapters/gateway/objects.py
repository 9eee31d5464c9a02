"""Reading the gateway's objects: strict fields, whole đồng, and the life of a PaymentIntent in our own words.

VND is zero-decimal (certain, payments §5): 60000 means 60 000 đồng. An object in another currency is not ours and is
never converted.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from adapters.inbound import VIETNAM
from domain.attempt import AttemptState
from domain.errors import Malformed
from domain.money import AMOUNT_CAP, Dong
from domain.notice import NoticeStatus
from ledger.rail import RefundState

#: An object of the gateway as JSON has it.
Thing = Mapping[str, Any]

#: A PaymentIntent's status in our words (certain, payments §5); a failed card sends it back to the first.
_STATES: Mapping[str, AttemptState] = {
    "requires_payment_method": AttemptState.OPENED,
    "requires_confirmation": AttemptState.OPENED,
    "requires_action": AttemptState.PENDING,
    "processing": AttemptState.PENDING,
    "requires_capture": AttemptState.PENDING,
    "succeeded": AttemptState.PAID,
    "canceled": AttemptState.CANCELLED,
}

_NOTICES: Mapping[AttemptState, NoticeStatus] = {
    AttemptState.PAID: NoticeStatus.PAID,
    AttemptState.PENDING: NoticeStatus.PENDING,
    AttemptState.FAILED: NoticeStatus.FAILED,
    AttemptState.CANCELLED: NoticeStatus.FAILED,
    AttemptState.UNKNOWN: NoticeStatus.UNKNOWN,
}

_REFUNDS: Mapping[str, RefundState] = {
    "pending": RefundState.PENDING,
    "requires_action": RefundState.PENDING,
    "succeeded": RefundState.DONE,
    "failed": RefundState.FAILED,
    "canceled": RefundState.FAILED,
}


def parse(raw: bytes, where: str) -> dict[str, Any]:
    """One JSON object; ``Malformed`` on anything else. Numbers with a point stay text and are no amounts."""
    try:
        value = json.loads(raw.decode("utf-8"), parse_float=str, parse_constant=str)
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise Malformed("cổng thẻ gửi nội dung không phải JSON", where=where) from error
    if not isinstance(value, dict):
        raise Malformed("cổng thẻ gửi nội dung không phải một đối tượng JSON", where=where)
    return value


def text(thing: Thing, name: str, where: str) -> str:
    """A text field that must be there: an id, short and printable."""
    value = thing.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= 200 or not value.isprintable():
        raise Malformed(f"thiếu hoặc sai trường {name}", where=where)
    return value


def amount(thing: Thing, name: str, where: str, *, least: Dong = -AMOUNT_CAP) -> Dong:
    """A whole number of đồng."""
    value = thing.get(name)
    if type(value) is not int or not least <= value <= AMOUNT_CAP:
        raise Malformed(f"trường {name} không phải số đồng nguyên hợp lệ", where=where)
    return value


def require_dong(thing: Thing, where: str) -> None:
    """Refuse an object in another currency."""
    if str(thing.get("currency", "")).lower() != "vnd":
        raise Malformed(f"tiền tệ {str(thing.get('currency'))[:8]!r}, chỉ nhận vnd", where=where)


def instant(thing: Thing, name: str, where: str) -> datetime:
    """A moment in seconds since 1970, as Vietnamese time."""
    value = thing.get(name)
    if type(value) is not int or not 0 <= value <= 4_102_444_800:
        raise Malformed(f"trường {name} không phải thời điểm", where=where)
    return datetime.fromtimestamp(value, VIETNAM)


def marked(thing: Thing, name: str) -> str | None:
    """What we wrote into an object's metadata when it was made."""
    metadata = thing.get("metadata")
    value = metadata.get(name) if isinstance(metadata, dict) else None
    return value if isinstance(value, str) and 0 < len(value) <= 200 and value.isprintable() else None


def state_of(intent: Thing) -> AttemptState:
    """What became of the attempt; a card that was refused may be followed by another one that is not."""
    status = str(intent.get("status"))
    if status == "requires_payment_method" and intent.get("last_payment_error"):
        return AttemptState.FAILED
    return _STATES.get(status, AttemptState.UNKNOWN)


def notice_status(state: AttemptState) -> NoticeStatus | None:
    """The same as a notice's word; None while nobody has tried to pay."""
    return _NOTICES.get(state)


def refund_state(refund: Thing) -> RefundState:
    """What became of a refund; an unknown word says no more than that it was asked for."""
    return _REFUNDS.get(str(refund.get("status")), RefundState.PENDING)
