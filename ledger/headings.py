"""Headings of spending: rows of a data file, so that a new form of S01-TCĐ changes data and not the program.

``code`` stands in the log and in the key of account 6310, ``title`` on paper, ``line`` names the line of S01-TCĐ in
which the heading is summed. Source: 99-QĐ/TW (2012) with 21-HD/VPTW (2013), form S01-TCĐ (rules §3).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from domain.errors import Refusal, RefusalCode

#: Where the unit's own money comes from: the retained part of dues, and other means (accounting §2).
SOURCES: Mapping[str, str] = {"4310": "đảng phí được để lại", "4320": "nguồn khác"}
#: Headings that the program itself uses; everything else is a row of the file.
FEE = "bank-fee"
SHORTAGE = "shortage"
OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """One row of the file."""

    code: str
    title: str
    line: str


def read_headings(text: str) -> dict[str, Heading]:
    """Read a file of headings, in its order. Raises ``ValueError`` when a row is incomplete or a needed one missing."""
    rows = [Heading(code=row["code"], title=row["title"], line=row["line"]) for row in json.loads(text)["headings"]]
    found = {row.code: row for row in rows}
    if len(found) != len(rows) or not {FEE, SHORTAGE, OTHER} <= set(found):
        raise ValueError(f"headings must be unique and contain {FEE}, {SHORTAGE} and {OTHER}")
    if bad := [row.code for row in rows if row.line not in found or ":" in row.code]:
        raise ValueError(f"headings with an unknown line or a colon: {bad}")
    return found


HEADINGS: Mapping[str, Heading] = read_headings(
    files("ledger").joinpath("data/spending_headings.json").read_text(encoding="utf-8")
)


def heading(code: str) -> Heading:
    """The heading, or a refusal that lists the known ones."""
    found = HEADINGS.get(code)
    if found is None:
        raise Refusal(
            RefusalCode.HEADING_UNKNOWN,
            f"Không có mục chi {code!r}. Các mục: {', '.join(f'{h.code} ({h.title})' for h in HEADINGS.values())}.",
        )
    return found


def require_source(source: str) -> str:
    """The source account, or a refusal."""
    if source not in SOURCES:
        raise Refusal(
            RefusalCode.HEADING_UNKNOWN,
            f"Nguồn chi {source!r} không hợp lệ: 4310 (đảng phí được để lại) hoặc 4320 (nguồn khác).",
        )
    return source


def spending_key(code: str, source: str) -> str:
    """The analytic key of 6310: heading and source."""
    return f"{heading(code).code}:{require_source(source)}"


def of_key(key: str) -> tuple[str, str]:
    """Heading and source of a key of 6310. A bank's own fee names no source and is borne by the retained part."""
    code, _, source = key.partition(":")
    return (code if code in HEADINGS else OTHER), (source if source in SOURCES else "4310")
