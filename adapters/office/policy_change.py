"""A policy change: a signed decision that puts new rows of any kind in force from a month on.

The file is JSON (``format`` ``dangphi-policy-change``): number, day and issuer of the decision, and the same lists of
rows as the policy file, each list optional.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from adapters.office.policy_file import read_rows, require_distinct
from adapters.office.strict_json import parse, read_bytes
from domain.errors import Malformed
from domain.policy_rows import PolicyRows

_LISTS = frozenset({"rates", "wages", "caps", "reliefs", "roundings", "shares", "settings"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyChange:
    """A decision as read; ``digest`` is the SHA-256 of the file (hex)."""

    number: str
    decided_on: date
    issuer: str
    note: str | None
    rows: PolicyRows
    digest: str
    name: str


def read(path: Path) -> PolicyChange:
    """Read a change file; ``Malformed`` says where it is wrong."""
    return from_bytes(read_bytes(path), path.name)


def from_bytes(content: bytes, name: str) -> PolicyChange:
    """The same from bytes that came over the wire; ``name`` stands in messages."""
    top = parse(content, name)
    if top.text("format") != "dangphi-policy-change":
        raise Malformed("phải là «dangphi-policy-change».", where=top.at("format"))
    top.whole("version", 1, 1)
    number, decided_on, issuer = top.text("number"), top.day("date"), top.text("issuer")
    note = top.optional_text("note")
    rows = read_rows(top, optional=_LISTS)
    top.done()
    if not rows.every():
        raise Malformed("văn bản không có dòng nào; ghi ít nhất một dòng vào rates, wages, shares…", where=name)
    require_distinct(rows, name)
    # A share chosen by a decision must name it, so that the law's range binds the choice.
    rows = replace(rows, shares=tuple(replace(row, decision=row.decision or number) for row in rows.shares))
    return PolicyChange(
        number=number,
        decided_on=decided_on,
        issuer=issuer,
        note=note,
        rows=rows,
        digest=hashlib.sha256(content).hexdigest(),
        name=name,
    )
