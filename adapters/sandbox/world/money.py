"""The truth: every sum of money of the world, once, with what befell it."""

from dataclasses import dataclass
from datetime import date, datetime

from domain.money import Dong


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """One sum that somebody paid, or that an account gained or lost otherwise.

    ``way``: portal, qr, gateway, stranger (a credit that is no dues), fee, interest, sent-back (a credit taken back),
    payout (a lump of money that was counted before). ``outside`` is the channel's own id of it.
    """

    key: str
    way: str
    amount: Dong
    paid_at: datetime
    reference: str = ""  #: our reference as it was meant, "" where there is none
    outside: str = ""
    account_id: str = ""
    booked_on: date | None = None
    bank_reference: str = ""
    payer: str = ""
    in_lump: bool = False  #: the bank's line of it is a lump of many
    befell: tuple[str, ...] = ()  #: faults, by name
    of: tuple[str, ...] = ()  #: keys of the money that a lump or a return is made of


#: Ways in which new money reaches the unit.
PAID = ("portal", "qr", "gateway", "stranger")
