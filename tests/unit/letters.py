"""A letter of introduction for tests."""

from datetime import date

from domain.identifiers import MemberId, UnitId
from domain.membership import TransferKind, TransferLetterIssued
from domain.period import Month


def letter(issued_on: date, kind: TransferKind = TransferKind.OFFICIAL) -> TransferLetterIssued:
    """From cell A to cell B."""
    return TransferLetterIssued(
        member_id=MemberId("M"),
        unit_id=UnitId("A"),
        kind=kind,
        to_unit=UnitId("B"),
        to_outside=None,
        letter="GT-1",
        issued_on=issued_on,
        paid_through=Month("2026-07"),
        to_month=None if kind is TransferKind.OFFICIAL else Month("2027-02"),
        payee_id=UnitId("B"),
        issued_by="A-BT",
    )
