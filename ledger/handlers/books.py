"""Sign a statutory book, and decide in which column of B01/ĐP a unit is reported.

What is signed was made and rendered before; here stand only its digests. Whoever signs as preparer needs the action
of preparing, whoever signs for the committee that of approving: two commands, because an action belongs to a command.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from domain import book, organisation
from domain.access import Action
from domain.book import BookSigned, ColumnName, Digests, Figure, ReportColumnSet, SignedAs
from domain.identifiers import UnitId
from ledger.handler import Handler
from ledger.work import Act, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class PrepareBook:
    """Sign a book as its preparer."""

    unit_id: UnitId
    kind: str
    subject: str
    period: str
    position: int
    tree_version: int
    policy_version: int
    figures: tuple[Figure, ...]
    digests: Digests
    inputs_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignBook(PrepareBook):
    """Sign the same book for the committee."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetReportColumn:
    """Decide in which column of B01/ĐP a base organisation is reported."""

    unit_id: UnitId
    column: ColumnName
    document: str


def sign_book(work: Work, command: PrepareBook, act: Act) -> dict[str, object]:
    """Record a signature."""
    asked = BookSigned(
        unit_id=command.unit_id,
        kind=command.kind,
        subject=command.subject,
        period=command.period,
        position=command.position,
        tree_version=command.tree_version,
        policy_version=command.policy_version,
        figures=command.figures,
        digests=command.digests,
        inputs_id=command.inputs_id,
        signed_as=SignedAs.COMMITTEE if isinstance(command, SignBook) else SignedAs.PREPARER,
        signed_by=act.actor,
        signed_on=act.on,
    )
    stream = book.stream(command.unit_id)
    signed = work.record(stream, book.sign(work.signed_books(command.unit_id), asked))
    return {"signed": signed, "signed_as": asked.signed_as, "at": command.position, "pdf": command.digests.pdf}


def set_report_column(work: Work, command: SetReportColumn, act: Act) -> dict[str, object]:
    """Record the column of a unit."""
    organisation.unit(work.organisation, command.unit_id)
    asked = ReportColumnSet(
        unit_id=command.unit_id,
        column=command.column,
        document=command.document,
        set_by=act.actor,
        set_on=act.on,
    )
    stream = book.stream(command.unit_id)
    return {"set": work.record(stream, book.set_column(work.signed_books(command.unit_id), asked))}


#: What each command asks permission for, where, and the function that decides it.
COMMANDS: Mapping[type, Handler] = {
    PrepareBook: Handler("prepare-book", Action.PREPARE_BOOK, "unit_id", sign_book),
    SignBook: Handler("sign-book", Action.SIGN_BOOK, "unit_id", sign_book),
    SetReportColumn: Handler("set-report-column", Action.SET_REPORT_COLUMN, "unit_id", set_report_column),
}
