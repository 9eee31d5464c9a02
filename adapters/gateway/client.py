"""Asking the gateway: PaymentIntents, refunds, payouts and what they are made of, over HTTPS forms (payments §5).

Every POST carries an ``Idempotency-Key`` made of our own ids, so a request that is sent again, by this process or by
the next one, is the same request. What the gateway answers with 409, 429 or 5xx, or not at all, is asked again a
bounded number of times; after that nothing is known (``ChannelAway``). Every answer is bounded in bytes and in time.
Certain: endpoints, fields and headers.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import requests

from adapters.gateway import objects, refusals
from adapters.gateway.objects import Thing
from adapters.inbound import header_value
from adapters.outbound import body_of, may_be_asked
from domain.errors import Malformed, Refusal
from domain.money import Dong
from ledger.rail import AttemptAsked, AttemptOffer, ChannelAway, RawAnswer, RefundReport

#: Seconds to connect and to wait for the next bytes.
_TIMEOUT = (5, 30)

#: Seconds for the whole of one answer, however slowly it comes.
_WHOLE = 60.0

#: Seconds between tries; one try more than there are pauses.
PAUSES = (0.5, 2.0)

#: The largest answer that is read, in bytes; a page of 100 expanded transactions has a few hundred thousand.
_MOST = 8 * 1024 * 1024

#: Objects on a page of a list, which is the most the gateway gives, and the pages that are read at most.
_PAGE, _PAGES = 100, 500


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayClient:
    """One account at the gateway. ``pauses`` bounds how often the same is asked again, ``whole`` (seconds) each answer.

    ``sleep`` is given by tests.
    """

    url: str
    key: str = field(repr=False)
    pauses: tuple[float, ...] = PAUSES
    sleep: Callable[[float], None] = time.sleep
    whole: float = _WHOLE

    # --- intents ------------------------------------------------------------------------------------------------

    def open_attempt(self, asked: AttemptAsked, now: datetime) -> AttemptOffer:
        """Create the PaymentIntent of an attempt, once whatever happens on the way; ``now`` is not sent.

        Refuses ``rail-said-no``; raises ``ChannelAway`` when nothing is known and ``Malformed`` when the intent that
        came back is not the one that was asked for.
        """
        form = {
            "amount": str(asked.amount),
            "currency": "vnd",
            "description": asked.words,
            "metadata[reference]": asked.reference,
            "payment_method_types[0]": "card",
        }
        raw = self._send("POST", "/v1/payment_intents", form, f"dangphi-attempt-{asked.reference}")
        intent = objects.parse(raw.body, "PaymentIntent")
        objects.require_dong(intent, "PaymentIntent")
        told = (objects.amount(intent, "amount", "PaymentIntent"), objects.marked(intent, "reference"))
        if told != (asked.amount, asked.reference):
            raise Malformed("cổng thẻ trả về một giao dịch khác giao dịch đã yêu cầu", where="PaymentIntent")
        secret = intent.get("client_secret")
        return AttemptOffer(
            outside_id=objects.text(intent, "id", "PaymentIntent"),
            redirect_url=_redirect(intent),
            client_secret=secret if isinstance(secret, str) else None,
            raw=raw,
        )

    def confirm(self, intent_id: str, payment_method: str) -> Thing:
        """Confirm an intent with a payment method that the payer gave the gateway; returns the intent."""
        form = {"payment_method": payment_method}
        key = f"dangphi-confirm-{intent_id}-{payment_method}"
        return self._object("POST", f"/v1/payment_intents/{_safe(intent_id)}/confirm", form, key)

    def cancel(self, intent_id: str) -> Thing:
        """Cancel an intent; the gateway refuses one that has succeeded."""
        key = f"dangphi-cancel-{intent_id}"
        return self._object("POST", f"/v1/payment_intents/{_safe(intent_id)}/cancel", {}, key)

    def retrieve(self, intent_id: str) -> Thing:
        """An intent as it is now."""
        return self._object("GET", f"/v1/payment_intents/{_safe(intent_id)}", {}, None)

    def question(self, reference: str, now: datetime) -> RawAnswer:
        """The newest intent of one of our references, as it came; found in the list, since a list is never stale.

        Raises ``Malformed`` when the gateway has none made in the four days before ``now``.
        """
        created = {"created[gte]": str(int(now.timestamp()) - 4 * 86_400)}
        for intent in self.each("payment_intents", created):
            if objects.marked(intent, "reference") == reference:
                name = objects.text(intent, "id", "PaymentIntent")
                return self._send("GET", f"/v1/payment_intents/{_safe(name)}", {}, None)
        raise Malformed(f"cổng thẻ không có giao dịch nào mang mã {reference[:40]}", where="payment_intents")

    # --- refunds ------------------------------------------------------------------------------------------------

    def refund(self, payment: str, refund_id: str, amount: Dong, reason: str, now: datetime) -> RefundReport:
        """Ask for a refund of a PaymentIntent. The reason is ours and stays here: free text may name a person.

        ``refund_id`` may end in "#n" for the n-th new try after the gateway failed one: then its key is another.
        """
        own = plain_refund(refund_id)
        form = {"payment_intent": payment, "amount": str(amount), "metadata[refund_id]": own}
        told = self._object("POST", "/v1/refunds", form, f"dangphi-refund-{refund_id}")
        objects.require_dong(told, "Refund")
        if objects.amount(told, "amount", "Refund") != amount:
            raise Malformed("cổng thẻ hoàn số tiền khác số đã yêu cầu", where="Refund")
        failure = told.get("failure_reason")
        return RefundReport(
            refund_id=own,
            outside_id=objects.text(told, "id", "Refund"),
            state=objects.refund_state(told),
            amount=amount,
            reason=failure[:80] if isinstance(failure, str) else None,
        )

    # --- payouts ------------------------------------------------------------------------------------------------

    def payouts(self, since: datetime, until: datetime) -> tuple[Thing, ...]:
        """Payouts made in a span of time, oldest first, whatever became of them."""
        span = {"created[gte]": str(int(since.timestamp())), "created[lte]": str(int(until.timestamp()))}
        return tuple(reversed(tuple(self.each("payouts", span))))

    def transactions_of(self, payout_id: str) -> tuple[Thing, ...]:
        """What a payout is made of, each with its source expanded."""
        found = self.each("balance_transactions", {"payout": payout_id, "expand[0]": "data.source"})
        return tuple(self._with_source(one) for one in found)

    def _with_source(self, transaction: Thing) -> Thing:
        """The transaction with its source as an object: a gateway that does not expand lists is asked for each."""
        source = transaction.get("source")
        kind = {"ch": "charges", "py": "charges", "re": "refunds", "pyr": "refunds"}.get(str(source).split("_", 1)[0])
        if not isinstance(source, str) or kind is None:
            return transaction
        return {**transaction, "source": self._object("GET", f"/v1/{kind}/{_safe(source)}", {}, None)}

    # --- the wire -----------------------------------------------------------------------------------------------

    def each(self, kind: str, wanted: Mapping[str, str]) -> Iterator[Thing]:
        """Every object of a list, newest first, page by page; an object that two pages show comes once."""
        seen: set[str] = set()
        form = {**wanted, "limit": str(_PAGE)}
        for _ in range(_PAGES):
            page = self._object("GET", f"/v1/{kind}", form, None)
            data = page.get("data")
            if not isinstance(data, list) or not all(isinstance(one, dict) for one in data):
                raise Malformed("cổng thẻ gửi danh sách không đọc được", where=kind)
            for one in data:
                name = objects.text(one, "id", kind)
                if name not in seen:
                    seen.add(name)
                    yield one
            if page.get("has_more") is not True or not data:
                return
            form["starting_after"] = objects.text(data[-1], "id", kind)
        raise Malformed(f"cổng thẻ gửi danh sách dài hơn {_PAGE * _PAGES} mục; chọn khoảng ngày ngắn hơn", where=kind)

    def _object(self, method: str, path: str, form: Mapping[str, str], key: str | None) -> dict[str, Any]:
        return objects.parse(self._send(method, path, form, key).body, path)

    def _send(self, method: str, path: str, form: Mapping[str, str], key: str | None) -> RawAnswer:
        if not may_be_asked(self.url):
            raise Malformed("địa chỉ của cổng thẻ phải là https", where="DANGPHI_GATEWAY_URL")
        for pause in (*self.pauses, None):
            answer, again = self._once(method, path, form, key)
            if isinstance(answer, RawAnswer):
                return answer
            if not again or pause is None:
                raise answer
            self.sleep(pause)
        raise AssertionError("the last try either returns or raises")

    def _once(
        self, method: str, path: str, form: Mapping[str, str], key: str | None
    ) -> tuple[RawAnswer | ChannelAway | Refusal | Malformed, bool]:
        """The answer, or what to raise, and whether the same may be asked again."""
        headers = {
            "Authorization": f"Bearer {self.key}",
            "Accept": "application/json",
            # What is not packed cannot swell.
            "Accept-Encoding": "identity",
        }
        if key is not None:
            headers["Idempotency-Key"] = key[:255]
        until = time.monotonic() + self.whole
        sent: dict[str, Any] = {"params": form} if method == "GET" else {"data": form}
        try:
            with requests.request(
                method, self.url + path, headers=headers, timeout=_TIMEOUT, allow_redirects=False, stream=True, **sent
            ) as answer:
                status, told = answer.status_code, dict(answer.headers)
                body = body_of(answer, most=_MOST, until=until, who="cổng thẻ")
        except ChannelAway as error:
            return error, True
        except requests.RequestException as error:
            return ChannelAway(f"cổng thẻ không trả lời ({type(error).__name__})"), True
        if status == 200:
            return RawAnswer(body=body, headers=told), False
        again = refusals.may_ask_again(status, header_value(told, "Stripe-Should-Retry").lower())
        if refusals.says_nothing(status):
            return ChannelAway(f"cổng thẻ trả HTTP {status}"), again
        if 300 <= status < 400:
            return Malformed("cổng thẻ chuyển hướng; kiểm tra DANGPHI_GATEWAY_URL", where="HTTP"), False
        return refusals.refusal(status, _error(body), header_value(told, "Request-Id")), again


def plain_refund(refund_id: str) -> str:
    """Our refund's id without the number of the try."""
    own, mark, number = refund_id.rpartition("#")
    return own if mark and number.isdecimal() else refund_id


def _error(body: bytes) -> Thing:
    try:
        error = objects.parse(body, "error").get("error")
    except Malformed:
        return {}
    return error if isinstance(error, dict) else {}


def _redirect(intent: Thing) -> str | None:
    """Where the payer's bank wants to see him, if anywhere; only an https page is handed on."""
    action = intent.get("next_action")
    told = action.get("redirect_to_url") if isinstance(action, dict) else None
    url = told.get("url") if isinstance(told, dict) else None
    return url if isinstance(url, str) and url.startswith("https://") and url.isprintable() else None


def _safe(name: str) -> str:
    """An id as a piece of a path."""
    if not name.replace("_", "").isalnum() or not name.isascii():
        raise Malformed("mã của cổng thẻ có ký tự lạ", where=name[:40])
    return name
