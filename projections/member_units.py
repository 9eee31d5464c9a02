"""Which members ever had to do with which unit: where a roll, now or of any day, is looked for.

Every unit that a member's event names counts, so the list may hold somebody who was never on the roll; the member's
own events say what it was.
"""

from dataclasses import dataclass
from typing import get_args

from domain.member import MemberEnrolled
from domain.membership import MembershipEvent
from projections.projection import Batch, Projection, names_of
from projections.table import Table
from projections.writing import Writer


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberUnit:
    """A unit and a member who had to do with it."""

    unit: str
    member_id: str


MEMBER_UNIT_ROWS = Table(name="member_units", version=1, row=MemberUnit, key=("unit", "member_id"))

_EVENTS = (MemberEnrolled, *get_args(MembershipEvent))

#: The fields of these events that name a unit of this shard.
_UNITS = ("unit_id", "from_unit", "to_unit", "payee_id")


def apply(writer: Writer, batch: Batch) -> None:
    """Add what is not there yet."""
    found: dict[tuple[str, str], None] = {}
    for recorded in batch.events:
        if isinstance(recorded.event, _EVENTS):
            for name in _UNITS:
                unit = getattr(recorded.event, name, None)
                if unit is not None:
                    found[unit, recorded.event.member_id] = None
    writer.put(MEMBER_UNIT_ROWS, [MemberUnit(unit=unit, member_id=member) for unit, member in sorted(found)])


MEMBER_UNITS = Projection(
    name="member_units",
    version=1,
    tables=(MEMBER_UNIT_ROWS,),
    apply=apply,
    names=names_of(*_EVENTS),
)
