"""The portal as a channel: what it can do, with and without an address of its Payment Platform.

Without an address we only listen: notifications are taken and answered, nothing is opened and nothing asked. Refunds
it has none (1.0.6): money goes back by transfer (payments §3.3).
"""

from collections.abc import Mapping
from datetime import datetime

from adapters.portal import notification
from adapters.portal.client import PortalClient
from adapters.portal.settlement import read_settlement, write_answer
from domain.notice import PaymentNotice, Rejection
from domain.settlement import Settlement, SettlementAnswer
from ledger.rail import Answer, Rail

NAME = "portal"


def portal_rail(*, partner: str, secret: str, url: str, closes: int = 24, in_lumps: bool = False) -> Rail:
    """The portal for one partner; ``url`` "" while nothing may be asked of it.

    Agreed with the portal: the hour at which its day ``closes``, and whether it pays a day's payments ``in_lumps``.
    """
    client = PortalClient(url=url, partner=partner, secret=secret) if url else None

    def accept(raw: bytes, headers: Mapping[str, str], received_at: datetime) -> PaymentNotice | Rejection:
        return notification.accept(raw, headers, received_at, partner=partner, secret=secret)

    def accept_answer(raw: bytes, headers: Mapping[str, str], received_at: datetime) -> PaymentNotice | Rejection:
        return notification.accept_query_answer(raw, headers, received_at, partner=partner, secret=secret)

    def acknowledge(outcome: PaymentNotice | Rejection, now: datetime) -> Answer:
        status, body = notification.acknowledge(outcome, secret=secret, now=now, partner=partner)
        return Answer(status=status, media_type="application/json", body=body)

    def read(raw: bytes, name: str) -> Settlement:
        return read_settlement(raw, name, partner=partner, secret=secret, closes=closes)

    def answer(told: SettlementAnswer) -> bytes:
        return write_answer(told, partner=partner, secret=secret)

    return Rail(
        name=NAME,
        clearing=NAME,
        accept=accept,
        acknowledge=acknowledge,
        open_attempt=client.open_attempt if client else None,
        inquire=client.inquire if client else None,
        question=client.query if client else None,
        accept_answer=accept_answer,
        read_settlement=read,
        answer_settlement=answer,
        receipt=client.receipt if client else None,
        in_lumps=in_lumps,
        closes=closes,
    )
