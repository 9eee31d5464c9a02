"""Money and claims for tests of matching, each in one line. Amounts in thousands of đồng are written out."""

from datetime import date
from typing import Any

from domain.identifiers import AccountId, MemberId, UnitId
from domain.notice import Direction
from domain.period import Month
from reconciliation.match.values import Claim, ClaimKind, MoneyIn, MoneyKind

ACCOUNT, OTHER = AccountId("970436:0011"), AccountId("970436:0022")
CELL, WARD = UnitId("C"), UnitId("W")
JULY = Month("2026-07")
REFERENCES = ("HJQPM5YNFT97", "HJYB2BJ6D342", "HJ0E44PNC2ZW", "HJZYAT1BKCEA", "HJ1WPCP6ZV6N")
R1, R2, R3, R4, R5 = REFERENCES


def money(key: str, amount: int, *references: str, **more: Any) -> MoneyIn:
    """Money on the ward's account in July."""
    values: dict[str, Any] = {
        "kind": MoneyKind.SUSPENSE,
        "account_id": ACCOUNT,
        "unit_id": WARD,
        "on": date(2026, 7, 10),
        "direction": Direction.IN,
        **more,
    }
    return MoneyIn(key=key, amount=amount, references=references, **values)


def owes(member: str, amount: int, *references: str, month: str = JULY, **more: Any) -> Claim:
    """What a member of the cell owes for a month."""
    values: dict[str, Any] = {
        "kind": ClaimKind.MONTH,
        "units": (CELL, WARD),
        "account_id": ACCOUNT,
        "member_id": MemberId(member),
        "month": Month(month),
        "due_on": date(int(month[:4]), int(month[5:]), 1),
        **more,
    }
    return Claim(key=f"month:{member}:{month}", amount=amount, references=references, **values)


def cleared(key: str, amount: int, on: date, fee: int = 0) -> Claim:
    """A payment that the portal announced."""
    return Claim(
        key=f"clearing:{key}",
        kind=ClaimKind.CLEARING,
        units=(WARD,),
        amount=amount,
        account_id=ACCOUNT,
        due_on=on,
        fee_allowed=fee,
        case="portal",
    )


def told(key: str, amount: int, on: date) -> Claim:
    """A lump that a settlement told of."""
    return Claim(
        key=f"settlement:{key}",
        kind=ClaimKind.SETTLEMENT,
        units=(WARD,),
        amount=amount,
        account_id=ACCOUNT,
        due_on=on,
    )
