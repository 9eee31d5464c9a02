"""How old a letter of introduction is, by when it must be presented and the transfer finished, and whose turn it is.

Source: rules §4: an official transfer is presented within 30 working days and finished within 60. No text sets a term
for a temporary one, so none is shown.
"""

from collections.abc import Set
from dataclasses import dataclass
from datetime import date

from domain.deadlines import working_days_after, working_days_since
from domain.identifiers import MemberId, UnitId
from domain.membership_events import TransferKind, TransferLetterIssued

PRESENT_WITHIN = 30
FINISH_WITHIN = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterAge:
    """A letter that nobody received yet; ``working_days`` since it was given, deadlines None for a temporary transfer.

    ``state``: "waiting", "present-late" or "finish-late"; ``who_acts`` is the unit whose turn it is.
    """

    member_id: MemberId
    letter: str
    kind: TransferKind
    from_unit: UnitId
    to_unit: UnitId
    issued_on: date
    working_days: int
    present_by: date | None
    finish_by: date | None
    state: str
    who_acts: UnitId
    next_step: str


_STEPS = {
    "waiting": "Đảng viên nộp giấy; chi bộ nơi đến tiếp nhận.",
    "present-late": "Quá 30 ngày làm việc: chi bộ nơi đến hỏi đảng viên, tiếp nhận hoặc báo lại nơi đi.",
    "finish-late": "Quá 60 ngày làm việc: nơi đi thu hồi giấy, hoặc nơi đến tiếp nhận ngay.",
}


def age_of(given: TransferLetterIssued, to_unit: UnitId, on: date, holidays: Set[date] = frozenset()) -> LetterAge:
    """The age of a letter between two cells of this ledger on a day."""
    official = given.kind is TransferKind.OFFICIAL
    present_by = working_days_after(given.issued_on, PRESENT_WITHIN, holidays) if official else None
    finish_by = working_days_after(given.issued_on, FINISH_WITHIN, holidays) if official else None
    if finish_by is not None and on > finish_by:
        state = "finish-late"
    elif present_by is not None and on > present_by:
        state = "present-late"
    else:
        state = "waiting"
    return LetterAge(
        member_id=given.member_id,
        letter=given.letter,
        kind=given.kind,
        from_unit=given.unit_id,
        to_unit=to_unit,
        issued_on=given.issued_on,
        working_days=working_days_since(given.issued_on, on, holidays),
        present_by=present_by,
        finish_by=finish_by,
        state=state,
        who_acts=given.unit_id if state == "finish-late" else to_unit,
        next_step=_STEPS[state],
    )
