"""Settlement files as the portal would send them the day after, rightly signed and sealed: for the sandbox and tests.

A fault is made from here: leave a row out, give it twice, change its amount before it is signed; or break the bytes
that come out. The layout stands in ``adapters.portal.settlement``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from adapters.inbound import VIETNAM
from adapters.portal.settlement import VERSION, line_signature, sealed
from domain.money import CURRENCY, Dong


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledPayment:
    """One payment as the portal settles it; đồng, instants aware. ``returned`` is money given back (HOAN)."""

    reference: str
    transaction_id: str
    amount: Dong
    paid_at: datetime
    booked_at: datetime
    account_number: str
    fee: Dong = 0
    bank: str = "VIETCOMBANK"
    dossier: str = ""  #: "" = the reference
    information: str = ""  #: "" = "NOP DANG PHI <reference>"
    returned: bool = False


def file_name(partner: str, last: date, number: int = 1) -> str:
    """The name of a settlement file whose last day is ``last``."""
    return f"{last:%Y%m%d}_{partner}_{number}.txt"


def settlement_file(*, partner: str, secret: str, first: date, last: date, payments: Sequence[SettledPayment]) -> bytes:
    """A whole file in the order of the payments; the same payments give the same bytes."""
    lines = [f"H|{VERSION}|{partner}|{first:%Y%m%d}|{last:%Y%m%d}"]
    total = 0
    for number, one in enumerate(payments, start=1):
        sign = -1 if one.returned else 1
        total += sign * one.amount
        values = [
            "D",
            str(number),
            one.reference,
            one.transaction_id,
            one.dossier or one.reference,
            str(one.amount),
            CURRENCY,
            one.bank,
            f"{one.paid_at.astimezone(VIETNAM):%Y%m%d%H%M%S}",
            f"{one.booked_at.astimezone(VIETNAM):%Y%m%d%H%M%S}",
            "HOAN" if one.returned else "THU",
            "1",
            one.account_number,
            str(one.fee),
            str(one.amount - sign * one.fee),
            one.information or f"NOP DANG PHI {one.reference}",
        ]
        lines.append("|".join([*values, line_signature(values, secret)]))
    return sealed(lines, total)
