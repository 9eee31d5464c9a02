"""Events of no real domain, with every kind of field that an event may have; for tests of the store."""

from dataclasses import dataclass
from datetime import date, datetime

from ledger.codec import Codec


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A value inside an event."""

    month: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """Carries text."""

    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Carries everything else."""

    amount: int
    exact: bool
    on: date
    at: datetime
    note: str | None
    parts: tuple[Part, ...]
    words: tuple[str, ...] = ()


#: ``Counted`` is at its third version; the first two are lifted by these.
UPCASTERS = {
    ("counted", 1): lambda data: {**data, "note": None},
    ("counted", 2): lambda data: {
        **{key: value for key, value in data.items() if key != "month"},
        "parts": [{"month": data["month"], "amount": data["amount"]}],
    },
}

CODEC = Codec({"opened": (Opened, 1), "counted": (Counted, 3)}, UPCASTERS)
