"""The gateway's error model in words for an officer, and whether the same may be asked again (payments §5)."""

from collections.abc import Mapping

from adapters.gateway.objects import Thing
from domain.errors import Refusal, RefusalCode

#: Statuses after which the same request, under the same key, may succeed.
_AGAIN = frozenset({409, 429})

_TYPES: Mapping[str, str] = {
    "card_error": "thẻ bị từ chối; người nộp thử thẻ khác hoặc hỏi ngân hàng của mình",
    "idempotency_error": "mã chống lặp này đã dùng cho một yêu cầu có nội dung khác; kiểm tra số tiền và mã tham chiếu",
    "invalid_request_error": "yêu cầu không hợp lệ; kiểm tra số tiền và trạng thái của giao dịch trên cổng thẻ",
    "api_error": "cổng thẻ gặp lỗi; thử lại sau",
}


def may_ask_again(status: int, should_retry: str) -> bool:
    """Whether to send the same once more; the gateway's own word (``Stripe-Should-Retry``) decides, if given."""
    if should_retry in ("true", "false"):
        return should_retry == "true"
    return status in _AGAIN or status >= 500


def says_nothing(status: int) -> bool:
    """Whether an answer leaves open what became of the request."""
    return status in _AGAIN or status >= 500 or status == 408


def refusal(status: int, error: Thing, request_id: str) -> Refusal:
    """The refusal for an error that asking again does not mend; the gateway's own codes stand in the details."""
    kind, code, decline = (_short(error.get(name)) for name in ("type", "code", "decline_code"))
    if status in (401, 403):
        words = "khoá của cổng thẻ sai hoặc không đủ quyền; kiểm tra DANGPHI_GATEWAY_KEY"
    elif status == 404:
        words = "cổng thẻ không có giao dịch này"
    else:
        words = _TYPES.get(kind, "cổng thẻ từ chối yêu cầu")
    named = ", ".join(part for part in (kind, code, decline, _short(error.get("param"))) if part) or f"HTTP {status}"
    return Refusal(
        RefusalCode.RAIL_SAID_NO,
        f"Cổng thẻ từ chối: {words} ({named}; mã yêu cầu {_short(request_id) or 'không có'}).",
        type=kind,
        gateway_code=code,
        decline_code=decline,
        status=status,
        request_id=_short(request_id),
    )


def _short(value: object) -> str:
    return value[:80] if isinstance(value, str) and value.isprintable() else ""
