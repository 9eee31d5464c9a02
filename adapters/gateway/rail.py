"""The gateway as a channel: what it can do, with and without an address.

It pays in lumps, so its payments wait on a clearing account of their own (1140 "gateway") until a payout clears them.
It has no settlement file: a payout's document carries no signature, so one is believed only when it was fetched from
the gateway over our own connection (``api.flows.settlements.settle_gateway``), never when a person hands it in.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from adapters.gateway import objects, webhook
from adapters.gateway.client import GatewayClient
from adapters.inbound import VIETNAM
from domain.errors import Malformed
from domain.notice import PaymentNotice, Rejection
from ledger.rail import Answer, Rail

NAME = "gateway"


def gateway_rail(
    *,
    url: str,
    key: str,
    secrets: Sequence[str],
    answer: Callable[[PaymentNotice | Rejection, datetime], Answer],
) -> Rail:
    """The gateway for one account; ``url`` "" while it is only listened to. ``answer`` says that a webhook is kept."""
    client = client_of(url, key)

    def accept(raw: bytes, headers: Mapping[str, str], received_at: datetime) -> PaymentNotice | Rejection:
        return webhook.accept(raw, headers, received_at, secrets=secrets)

    def inquire(reference: str, now: datetime) -> PaymentNotice | Rejection:
        assert client is not None
        told = client.question(reference, now)
        return accept_answer(told.body, told.headers, now)

    return Rail(
        name=NAME,
        clearing=NAME,
        accept=accept,
        acknowledge=answer,
        open_attempt=client.open_attempt if client else None,
        inquire=inquire if client else None,
        question=client.question if client else None,
        accept_answer=accept_answer,
        refund=client.refund if client else None,
        in_lumps=True,
    )


def client_of(url: str, key: str) -> GatewayClient | None:
    """The client, or None while the gateway has no address or no key."""
    return GatewayClient(url=url, key=key) if url and key else None


def accept_answer(raw: bytes, headers: Mapping[str, str], received_at: datetime) -> PaymentNotice | Rejection:
    """A PaymentIntent that was asked for over our own connection: no signature, the same meaning as a webhook's."""
    try:
        return webhook.of_intent(objects.parse(raw, "PaymentIntent"), received_at.astimezone(VIETNAM))
    except Malformed as error:
        return Rejection(code="bad-format", reason=str(error))
