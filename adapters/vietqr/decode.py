"""Reading VietQR payloads, strictly by default, leniently on demand.

A strict reading refuses every fault. A lenient one takes faults that are seen in the wild and leave no doubt
about payee and amount, and says so in warnings. A refused payload gives no values at all: with a wrong CRC
any character may be the wrong one, and nobody should pay an account that might be another.
"""

from dataclasses import dataclass

from adapters.vietqr.lint import ADVICE, RECOVERABLE, Finding, examine
from adapters.vietqr.payload import DYNAMIC, Fields
from domain.money import Dong


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """The result of a reading; ``fields`` is None unless ``valid``.

    ``scheme`` is ``vietqr``, ``vnpay-qr``, ``emv`` (well-formed, of another scheme) or ``unknown``.
    """

    valid: bool
    scheme: str
    fields: Fields | None
    errors: tuple[Finding, ...]
    warnings: tuple[Finding, ...]

    @property
    def initiation(self) -> str | None:
        """``dynamic`` (to be paid once) or ``static`` (may be paid many times)."""
        if self.fields is None:
            return None
        return "dynamic" if self.fields.init == DYNAMIC else "static"

    @property
    def amount(self) -> Dong | None:
        """Whole đồng; ``50000.`` is legal in tag 54 and means 50000."""
        if self.fields is None or self.fields.amount is None:
            return None
        return int(self.fields.amount.rstrip("."))


def decode(text: str, *, lenient: bool = False) -> Decoded:
    """Read a payload; never raises, the faults stand in the result."""
    examination = examine(text)
    tolerated = ADVICE | RECOVERABLE if lenient else ADVICE
    errors = tuple(found for found in examination.findings if found.code not in tolerated)
    return Decoded(
        valid=not errors,
        scheme=examination.scheme,
        fields=None if errors else examination.fields,
        errors=errors,
        warnings=tuple(found for found in examination.findings if found.code in tolerated),
    )
