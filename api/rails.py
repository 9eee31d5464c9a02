"""The channels of an installation by name: the one place that knows which adapter stands behind which.

A channel is a record of functions (``ledger.rail.Rail``); what it cannot do is None there. Whoever takes messages,
opens attempts, asks after them or reads settlements looks it up here and never names an adapter.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache

from adapters.bank.webhooks import accept_casso, accept_sepay, accept_sepay_hub
from adapters.gateway.rail import gateway_rail
from adapters.portal.rail import portal_rail
from adapters.vietqr.banks import directory
from api.settings import Settings
from domain.errors import Refusal, RefusalCode
from domain.notice import PaymentNotice, Rejection
from ledger.rail import Answer, Rail

#: Rejections that must not make the sender try again: there is nothing wrong with the delivery.
SETTLED = frozenset({"test-message", "not-credit", "unknown-bank", "not-money"})
_STATUS = {"bad-signature": 401, "stale": 401}


def _portal(settings: Settings) -> Rail:
    return portal_rail(
        partner=settings.portal_partner,
        secret=settings.portal_secret,
        url=settings.portal_url,
        closes=settings.portal_closes,
        in_lumps=settings.portal_lumps,
    )


def _sepay(settings: Settings) -> Rail:
    def accept(raw: bytes, headers: Mapping[str, str], received_at: datetime) -> PaymentNotice | Rejection:
        return accept_sepay(raw, headers, received_at, api_key=settings.sepay_key, bin_of=bin_of)

    return Rail(name="sepay", clearing=None, accept=accept, acknowledge=bank_answer)


def _sepay_hub(settings: Settings) -> Rail:
    def accept(raw: bytes, headers: Mapping[str, str], received_at: datetime) -> PaymentNotice | Rejection:
        return accept_sepay_hub(raw, headers, received_at, secret=settings.sepay_hub_secret, bin_of=bin_of)

    return Rail(name="sepay-hub", clearing=None, accept=accept, acknowledge=bank_answer)


def _casso(settings: Settings) -> Rail:
    def accept(raw: bytes, headers: Mapping[str, str], received_at: datetime) -> PaymentNotice | Rejection:
        return accept_casso(raw, headers, received_at, secret=settings.casso_secret, bin_of=bin_of)

    return Rail(name="casso", clearing=None, accept=accept, acknowledge=bank_answer)


def _gateway(settings: Settings) -> Rail:
    return gateway_rail(
        url=settings.gateway_url, key=settings.gateway_key, secrets=settings.gateway_secrets, answer=bank_answer
    )


#: Every channel that an installation may have: its name, and what makes it from the settings. A new one is one line.
MAKERS: Mapping[str, Callable[[Settings], Rail]] = {
    "portal": _portal,
    "sepay": _sepay,
    "sepay-hub": _sepay_hub,
    "casso": _casso,
    "gateway": _gateway,
}


def rails(settings: Settings) -> Mapping[str, Rail]:
    """All channels by name."""
    return {name: make(settings) for name, make in MAKERS.items()}


def rail(settings: Settings, name: str) -> Rail:
    """One channel. Refuses ``unknown-rail`` for a name that no channel has, and says which names there are."""
    if name not in MAKERS:
        raise Refusal(
            RefusalCode.UNKNOWN_RAIL,
            f"Không có kênh thanh toán {name[:40]!r}. Các kênh: {', '.join(MAKERS)}.",
        )
    return MAKERS[name](settings)


def cannot(found: Rail, what: str) -> Refusal:
    """The refusal for something that a channel cannot do, or cannot do as it is set up."""
    return Refusal(
        RefusalCode.RAIL_CANNOT,
        f"Kênh {found.name} không {what} được, hoặc chưa đặt địa chỉ của kênh (docs/reference/settings.md). "
        "Đặt địa chỉ rồi làm lại, hoặc dùng kênh khác.",
        rail=found.name,
    )


def bank_answer(reading: PaymentNotice | Rejection, now: datetime) -> Answer:
    """What a bank's webhook is told once its message is kept: JSON, and no reason to send again what is settled."""
    if isinstance(reading, PaymentNotice) or reading.code in SETTLED:
        return Answer(status=200, media_type="application/json", body=b'{"success":true}')
    refused = {"success": False, "code": reading.code, "message": reading.reason}
    return Answer(
        status=_STATUS.get(reading.code, 400),
        media_type="application/json",
        body=json.dumps(refused, ensure_ascii=False).encode(),
    )


@cache
def _bins() -> dict[str, str | None]:
    """BIN by every name of a bank; None for a name that several banks go by."""
    found: dict[str, str | None] = {}
    for bank in directory().values():
        for name in {bank.code, bank.short_name, bank.shown, bank.name, *bank.aliases}:
            key = name.casefold()
            found[key] = bank.bin if found.get(key, bank.bin) == bank.bin else None
    return found


def bin_of(name: str) -> str | None:
    """The BIN of a bank by any of its names, whatever the case; None where no or more than one bank is meant."""
    return _bins().get(name.strip().casefold())
