"""Signed books: a book of a unit for a period, frozen by two people with everything needed to make it again.

One stream per unit ("book/<unit>"). The preparer signs first, then the committee signs the very same bytes: same log
position, same digests. A correction is a new book at a later position; nothing is edited (rules §9 points 9 and 14).
"""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import assert_never

from domain.access import require_other_person
from domain.errors import Refusal, RefusalCode
from domain.identifiers import UnitId
from domain.money import Dong


def stream(unit_id: UnitId) -> str:
    """The name of a unit's signed books."""
    return f"book/{unit_id}"


class SignedAs(StrEnum):
    """In which place a book is signed (rules §3: người lập, T/M cấp ủy)."""

    PREPARER = "preparer"
    COMMITTEE = "committee"


class ColumnName(StrEnum):
    """Columns 1 to 3 of B01/ĐP."""

    COMMUNE = "commune"
    ENTERPRISE = "enterprise"
    OTHER = "other"


# --- Events -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure of the book that is compared when it is made again; đồng, or a count of members."""

    name: str
    amount: Dong


@dataclass(frozen=True, slots=True, kw_only=True)
class Digests:
    """sha256 (hex) of what was signed and of what it was typeset with; ``inputs`` covers names and templates kept."""

    json: str
    xlsx: str
    pdf: str
    template: str
    inputs: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BookSigned:
    """One person signed a book; ``position`` is that of its figures, ``inputs_id`` the evidence that remakes it."""

    unit_id: UnitId
    kind: str
    subject: str  #: the member of a member's year; "" for a book of the unit
    period: str
    position: int
    tree_version: int
    policy_version: int
    figures: tuple[Figure, ...]
    digests: Digests
    inputs_id: str
    signed_as: SignedAs
    signed_by: str
    signed_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportColumnSet:
    """In which column of B01/ĐP a base organisation and all beneath it are reported, by a document."""

    unit_id: UnitId
    column: ColumnName
    document: str
    set_by: str
    set_on: date


BookEvent = BookSigned | ReportColumnSet


# --- State ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """Signatures in the order of the log, and the column decided for the unit."""

    signed: tuple[BookSigned, ...] = ()
    column: ReportColumnSet | None = None


NONE = Books()


def evolve(state: Books, event: BookEvent) -> Books:
    """Copy one fact into the state."""
    match event:
        case BookSigned():
            return replace(state, signed=(*state.signed, event))
        case ReportColumnSet():
            return replace(state, column=event)
        case _:
            assert_never(event)


# --- Questions --------------------------------------------------------------------------------------------------


def last_prepared(state: Books, *, kind: str, subject: str, period: str) -> BookSigned | None:
    """The preparer's last signature under a book."""
    found = (e for e in reversed(state.signed) if (e.kind, e.subject, e.period) == (kind, subject, period))
    return next((e for e in found if e.signed_as is SignedAs.PREPARER), None)


def is_complete(state: Books, prepared: BookSigned) -> bool:
    """Whether the committee signed the same bytes."""
    return any(e.signed_as is SignedAs.COMMITTEE and _same(e, prepared) for e in state.signed)


def _same(one: BookSigned, other: BookSigned) -> bool:
    named = ("kind", "subject", "period", "position", "tree_version", "policy_version", "figures", "digests")
    return all(getattr(one, name) == getattr(other, name) for name in named)


# --- Decisions --------------------------------------------------------------------------------------------------


def sign(state: Books, asked: BookSigned) -> tuple[BookSigned, ...]:
    """Sign a book: the preparer first, then another person for the committee; the same again adds nothing."""
    if any(_same(e, asked) and (e.signed_as, e.signed_by) == (asked.signed_as, asked.signed_by) for e in state.signed):
        return ()
    if asked.signed_as is SignedAs.PREPARER:
        return (asked,)
    prepared = last_prepared(state, kind=asked.kind, subject=asked.subject, period=asked.period)
    if prepared is None:
        raise Refusal(
            RefusalCode.BOOK_STATE,
            f"Sổ {asked.kind} kỳ {asked.period} của {asked.unit_id} chưa có chữ ký người lập. Người lập ký trước.",
        )
    require_other_person(prepared.signed_by, asked.signed_by, f"Sổ {asked.kind} kỳ {asked.period}")
    if not _same(prepared, asked):
        raise Refusal(
            RefusalCode.BOOK_DIFFERS,
            f"Sổ {asked.kind} kỳ {asked.period} của {asked.unit_id} khác bản người lập đã ký (vị trí "
            f"{prepared.position}). Cấp ủy ký đúng bản đó, hoặc người lập ký lại bản mới.",
        )
    return () if is_complete(state, prepared) else (asked,)


def set_column(state: Books, asked: ReportColumnSet) -> tuple[ReportColumnSet, ...]:
    """Decide the column of a unit; the same again adds nothing."""
    known = state.column
    if known is not None and (known.column, known.document) == (asked.column, asked.document):
        return ()
    return (asked,)
