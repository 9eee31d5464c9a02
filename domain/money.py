"""Money as whole đồng.

Every amount in dangphi is an ``int`` of đồng, the smallest unit of the only currency in use (VND has no
decimals, ISO 4217). Nothing here, and nothing that calls it, goes through a float.
"""

from dataclasses import dataclass
from typing import TypeAlias

from domain.errors import Refusal, RefusalCode

Dong: TypeAlias = int

CURRENCY = "VND"

#: The largest integer that every reader of JSON carries exactly (2^53 - 1); nothing real comes near it.
AMOUNT_CAP: Dong = 9_007_199_254_740_991

#: 100 % in basis points.
WHOLE_BP = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """What one level keeps of a sum and what it passes up; the two always make the whole (B01/ĐP 02 - 04 = 12)."""

    kept: Dong
    passed_up: Dong


def require_amount(amount: object, what: str = "số tiền") -> Dong:
    """Return ``amount`` if it is a whole number of đồng with 0 < amount <= AMOUNT_CAP, else refuse (I2)."""
    if isinstance(amount, bool) or not isinstance(amount, int):
        raise Refusal(RefusalCode.AMOUNT_NOT_INTEGER, f"{what} phải là số đồng nguyên, nhận được {amount!r}.")
    if not 0 < amount <= AMOUNT_CAP:
        raise Refusal(
            RefusalCode.AMOUNT_OUT_OF_RANGE,
            f"{what} phải lớn hơn 0 và không quá {format_dong(AMOUNT_CAP)} đồng, nhận được {amount}.",
        )
    return amount


def ratio_half_up(amount: Dong, numerator: int, denominator: int) -> Dong:
    """``amount * numerator / denominator`` rounded half up to one đồng (policy rows RN1 and RN2).

    All three are non-negative integers, so "half up" and "half away from zero" are the same thing here.
    """
    return (2 * amount * numerator + denominator) // (2 * denominator)


def split_by_share(collected: Dong, retain_bp: int) -> Split:
    """Split a non-negative sum by the share a level keeps, in basis points (policy row RN2).

    What is kept is rounded half up, the complement goes up, so no đồng is lost.
    """
    kept = ratio_half_up(collected, retain_bp, WHOLE_BP)
    return Split(kept=kept, passed_up=collected - kept)


def format_dong(amount: Dong) -> str:
    """``1234567`` as ``1.234.567``, the way Vietnamese readers group digits."""
    return f"{amount:,}".replace(",", ".")
