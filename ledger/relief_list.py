"""Reliefs of a unit's members with their ends: in force, running out, run out. A list; nothing changes."""

from dataclasses import asdict, dataclass
from datetime import date

from domain import member, organisation, relief
from domain.identifiers import MemberId, UnitId
from domain.member import Member, ReliefGranted
from domain.period import Month, last_day, month_of, shift
from domain.policy import setting_number
from domain.policy_settings import SettingName
from ledger.work import Work

IN_FORCE, RUNNING_OUT, RUN_OUT = "in-force", "running-out", "run-out"

#: How each state is named to Vietnamese readers.
STATE_TITLES = {IN_FORCE: "còn hiệu lực", RUNNING_OUT: "sắp hết hạn", RUN_OUT: "đã hết hạn"}

#: How long a relief that has run out stays on the list, in days; afterwards only the member's history tells of it.
REMEMBERED_DAYS = 366


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliefRow:
    """One relief; ``days_left`` counts to the end of its last month (negative: run out since), None without end."""

    member_id: MemberId
    unit_id: UnitId
    relief: str
    percent: int
    from_month: Month
    to_month: Month | None
    decision: str
    state: str
    days_left: int | None


def relief_list(work: Work, unit_id: UnitId, on: date, *, state: str | None = None) -> tuple[ReliefRow, ...]:
    """Reliefs of the members of a unit and beneath it, soonest end first; one that another follows is left out."""
    units = [unit.unit_id for unit in organisation.subtree(work.organisation, unit_id)]
    members = work.directory.members_of(units)
    work.preload(member.stream(m) for m in members)
    warning = setting_number(work.policy, SettingName.RELIEF_WARNING_DAYS, month_of(on))
    rows = [row for m in members for row in _of_member(work.member(m), on, warning)]
    chosen = [row for row in rows if state is None or row.state == state]
    return tuple(sorted(chosen, key=lambda row: (row.to_month or "9999-12", row.unit_id, row.member_id)))


def _of_member(known: Member, on: date, warning: int) -> list[ReliefRow]:
    rows = []
    for granted in known.reliefs:
        if granted.to_month is not None and (granted.to_month < granted.from_month or _follows(known, granted, on)):
            continue
        left = None if granted.to_month is None else (last_day(granted.to_month) - on).days
        if left is not None and left < -REMEMBERED_DAYS:
            continue
        rows.append(_row(known, granted, left, warning))
    return rows


def _follows(known: Member, granted: ReliefGranted, on: date) -> bool:
    """Whether another decision holds at ``on`` or takes over, so that nobody need act on this one."""
    now = month_of(on)
    return any(
        later is not granted
        and later.from_month > granted.from_month
        and (later.to_month is None or later.to_month >= now)
        and later.from_month <= shift(granted.to_month or now, 1)
        for later in known.reliefs
    )


def _row(known: Member, granted: ReliefGranted, left: int | None, warning: int) -> ReliefRow:
    state = IN_FORCE if left is None or left > warning else RUNNING_OUT if left >= 0 else RUN_OUT
    return ReliefRow(
        member_id=known.member_id,
        unit_id=known.unit_id,
        relief=granted.relief,
        percent=granted.percent,
        from_month=granted.from_month,
        to_month=granted.to_month,
        decision=granted.decision,
        state=state,
        days_left=left,
    )


def waiting_list(work: Work, unit_id: UnitId) -> tuple[dict[str, object], ...]:
    """Applications without a decision, and exemptions proposed and not settled, of a unit and beneath it."""
    units = [unit.unit_id for unit in organisation.subtree(work.organisation, unit_id)]
    members = work.directory.members_of(units)
    work.preload(relief.stream(m) for m in members)
    found: list[dict[str, object]] = []
    for member_id in members:
        state = work.reliefs(member_id)
        for asked in relief.waiting(state):
            found.append(
                {
                    "kind": "application",
                    "member_id": member_id,
                    "unit_id": asked.unit_id,
                    "application": asked.application,
                    "relief": asked.relief,
                    "percent": asked.percent,
                    "from_month": asked.from_month,
                    "to_month": asked.to_month,
                }
            )
        for made in relief.to_confirm(state):
            found.append(
                {
                    "kind": "exemption",
                    "member_id": member_id,
                    "unit_id": made.unit_id,
                    "relief": made.relief,
                    "from_month": made.from_month,
                    "basis": made.basis,
                }
            )
    return tuple(found)


def as_dicts(rows: tuple[ReliefRow, ...]) -> list[dict[str, object]]:
    """The rows as an answer shows them."""
    return [{**asdict(row), "title": STATE_TITLES[row.state]} for row in rows]
