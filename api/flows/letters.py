"""Letters of introduction that nobody received yet, with their age: from or to a unit and all beneath it."""

from dataclasses import asdict
from datetime import date
from typing import Any

from adapters.office.holidays import days_off
from api.reading import Reading
from api.wiring import Installation
from domain.identifiers import MemberId, UnitId
from domain.letter_age import LetterAge, age_of
from domain.membership import TransferLetterIssued


def letters_of(inst: Installation, read: Reading, root: UnitId, on: date) -> tuple[LetterAge, ...]:
    """Letters on their way on a day, the oldest first; what was given after the day is not there yet."""
    closed = days_off(inst.settings.holidays)
    work = inst.ledger.work()
    found = []
    for row in read.open_letters(read.unit_ids(root)):
        given = work.member(MemberId(row.member_id)).membership.pending
        # A death or a move of the tree ends a letter without anybody receiving it.
        if not isinstance(given, TransferLetterIssued) or given.letter != row.document or given.to_unit is None:
            continue
        if given.issued_on <= on:
            found.append(age_of(given, given.to_unit, on, closed))
    return tuple(found)


def letter_as_dict(letter: LetterAge) -> dict[str, Any]:
    """One letter as an answer shows it: days as text, no deadline for a temporary transfer."""
    told = asdict(letter)
    return {key: value.isoformat() if isinstance(value, date) else value for key, value in told.items()}
