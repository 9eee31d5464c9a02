"""The bank directory: BIN (tag 38.01.00) to the names that people know.

The BIN is the only key: it survives rebrands, while short codes are shared by different banks (BVB) or belong
to two BINs (MAFC). An unknown BIN is a warning, never an error: banks are added faster than any list.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Bank:
    """One BIN. ``confidence`` (high, medium, low) says how well public lists agree on it."""

    bin: str
    code: str
    short_name: str
    name: str
    brand_now: str | None
    aliases: tuple[str, ...]
    confidence: str

    @property
    def shown(self) -> str:
        """The name a payer sees in a banking app today."""
        return self.brand_now or self.short_name


@cache
def directory() -> dict[str, Bank]:
    """All banks by BIN, read once at the first question so that commands which ask none start without it."""
    read = json.loads(Path(__file__).with_name("banks.json").read_text(encoding="utf-8"))
    return {row["bin"]: Bank(**{**row, "aliases": tuple(row["aliases"])}) for row in read["banks"]}


def bank_of(bin: str) -> Bank | None:
    """The bank of a six-digit BIN, or None where the directory does not know it."""
    return directory().get(bin)
