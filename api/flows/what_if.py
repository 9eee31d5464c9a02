"""A what-if run: a period's obligations as they are and under a draft policy, and what differs. Nothing is kept."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from adapters.office.policy_change import PolicyChange
from adapters.office.policy_file import load
from api.wiring import Installation
from domain import organisation
from domain.access import Action
from domain.errors import Refusal, RefusalCode
from domain.identifiers import UnitId
from domain.organisation import UnitRegistered
from domain.organisation_kinds import KIND_TITLES
from domain.period import Month, day_of, month_of, shift
from domain.policy import Policy
from domain.policy_activation import activate
from domain.policy_change import RowChange, changes_between
from domain.policy_rows import PolicyRow, PolicyRows, covers, has_known_value, span
from domain.policy_words import kind_of, subject_of, value_of
from domain.reckoner import Reckoner, frozen, only, with_rows
from domain.what_if import Effect, LevelEffect, Place, Replayed, levels, replay, rolled_up
from ledger.projected_roll import Roll

#: The longest period of one run, in months.
MOST_MONTHS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitEffect:
    """A unit with everything beneath it; ``depth`` 0 is the unit asked about."""

    unit_id: UnitId
    code: str
    name: str
    depth: int
    effect: Effect


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """The effect of ``drafts`` and of rows that begin in the period, against the rows in force in ``baseline``."""

    unit_id: UnitId
    months: tuple[Month, ...]
    baseline: Month
    drafts: frozenset[str]
    changes: tuple[RowChange, ...]
    replayed: Replayed
    units: tuple[UnitEffect, ...]
    levels: tuple[LevelEffect, ...]
    position: int

    @property
    def shares_differ(self) -> bool:
        """Whether any level would keep another part of what it collects than before."""
        return any("share" in {kind_of(row) for row in (c.row, c.was) if row is not None} for c in self.changes)


def months_between(first: Month, last: Month) -> tuple[Month, ...]:
    """The months of a run, both ends included; refuses a period that is backwards or too long."""
    if last < first:
        raise Refusal(RefusalCode.MONTH_MALFORMED, f"Kỳ thử từ {first} đến {last} bị ngược; đổi chỗ hai tháng.")
    found = [first]
    while found[-1] < last:
        if len(found) == MOST_MONTHS:
            raise Refusal(
                RefusalCode.MONTH_MALFORMED, f"Kỳ thử dài quá {MOST_MONTHS} tháng; chia thành nhiều lần chạy."
            )
        found.append(shift(found[-1], 1))
    return tuple(found)


def what_if(
    inst: Installation,
    *,
    actor: str,
    at: datetime,
    unit: UnitId,
    first: Month,
    last: Month,
    change: PolicyChange | None = None,
    baseline: Month | None = None,
    depth: int = 1,
    started: Callable[[int], None] = lambda members: None,
    progress: Callable[[int], None] = lambda members: None,
) -> WhatIf:
    """Replay a period under a draft policy. ``change`` None: the drafts of the policy file that hold in the period.

    ``baseline`` is the month whose rows stand for "nothing changes", by default the month before the period.
    ``started`` is told how many members there are, ``progress`` how many more are done. Writes no event.
    """
    inst.ledger.require(actor=actor, action=Action.READ, unit=unit, on=day_of(at))
    work = inst.ledger.work()
    inst.ledger.directory.catch_up()
    months = months_between(first, last)
    held = baseline or shift(first, -1)
    rows = _drafts(work.policy, months) if change is None else _checked(work.policy, change)
    before, after = frozen(work.policy, held), with_rows(work.policy, rows)
    beneath = organisation.subtree(work.organisation, unit)
    ids = frozenset(found.unit_id for found in beneath)
    members = inst.ledger.directory.concerned_by([found.unit_id for found in beneath])
    started(len(members))
    roll = Roll(inst.store, work.organisation, months, (before, after), ids, month_of(day_of(at)))
    replayed = replay(roll.lines(members, progress), Reckoner(before, months), Reckoner(after, months))
    places = tuple(
        Place(unit_id=u.unit_id, kind=u.kind, parent_id=u.parent_id if u.parent_id in ids else None) for u in beneath
    )
    sums = rolled_up(places, replayed.by_unit)
    depths = _depths(places)
    return WhatIf(
        unit_id=unit,
        months=months,
        baseline=held,
        drafts=frozenset(row.id for row in rows.every()),
        changes=changes_between(before, after, months),
        replayed=replayed,
        units=tuple(
            UnitEffect(unit_id=u.unit_id, code=u.code, name=u.name, depth=depths[u.unit_id], effect=sums[u.unit_id])
            for u in _each_under_its_own(beneath)
            if depths[u.unit_id] <= depth
        ),
        levels=levels(places, replayed.assessed, before, after),
        position=inst.store.head(),
    )


def _each_under_its_own(units: tuple[UnitRegistered, ...]) -> tuple[UnitRegistered, ...]:
    """The units of a subtree, each followed by everything beneath it."""
    below: dict[UnitId | None, list[UnitRegistered]] = {}
    for unit in units[1:]:
        below.setdefault(unit.parent_id, []).append(unit)

    def with_below(unit: UnitRegistered) -> tuple[UnitRegistered, ...]:
        return (unit, *(found for child in below.get(unit.unit_id, ()) for found in with_below(child)))

    return with_below(units[0])


def _depths(places: tuple[Place, ...]) -> dict[UnitId, int]:
    found: dict[UnitId, int] = {}
    for place in places:
        found[place.unit_id] = 0 if place.parent_id is None else found[place.parent_id] + 1
    return found


def _drafts(policy: Policy, months: tuple[Month, ...]) -> PolicyRows:
    """The rows of the shipped file that nobody has activated, that say something, and that hold in the period."""
    rows = load().rows
    chosen = frozenset(
        row.id
        for row in rows.every()
        if policy.activation(row.id) is None
        and has_known_value(row)
        and any(covers(*span(row), month) for month in months)
    )
    return only(rows, chosen)


def _checked(policy: Policy, change: PolicyChange) -> PolicyRows:
    """The rows of a change that are not in force yet; refuses what could not be activated either."""
    new = []
    for row in change.rows.every():
        events = activate(
            policy,
            row,
            approver=change.issuer,
            document=change.number,
            decided_on=change.decided_on,
            allow_draft_with_document=True,
        )
        if events:
            new.append(row.id)
    return only(change.rows, frozenset(new))


# --- As others read it ------------------------------------------------------------------------------------------


def answer(found: WhatIf) -> dict[str, object]:
    """The run as JSON; amounts in đồng, ``difference`` = after − before."""
    return {
        "from": found.months[0],
        "to": found.months[-1],
        "baseline": found.baseline,
        "position": found.position,
        "drafts": sorted(found.drafts),
        "changes": [_change(change, found.drafts) for change in found.changes],
        "total": _effect(found.replayed.total),
        "recorded": found.replayed.recorded,
        "projected": found.replayed.projected,
        "refused": {str(code): count for code, count in found.replayed.refused.items()},
        "by_category": [{"category": name, **_effect(sums)} for name, sums in found.replayed.by_category.items()],
        "by_unit": [
            {"unit": row.code, "name": row.name, "depth": row.depth, **_effect(row.effect)} for row in found.units
        ],
        "shares_differ": found.shares_differ,
        "by_level": [
            {
                "kind": row.kind,
                "title": KIND_TITLES[row.kind],
                "units": row.units,
                "kept_before": row.kept_before,
                "kept_after": row.kept_after,
                "held_before": row.held_before,
                "held_after": row.held_after,
            }
            for row in found.levels
        ],
    }


def _effect(found: Effect) -> dict[str, int]:
    return {
        "obligations": found.obligations,
        "members": found.members,
        "touched": found.touched,
        "before": found.before,
        "after": found.after,
        "difference": found.difference,
    }


def _change(change: RowChange, drafts: frozenset[str]) -> dict[str, object]:
    row = change.row or change.was
    assert row is not None
    return {
        "month": change.month,
        "kind": kind_of(row),
        "subject": subject_of(row),
        "before": _said(change.was),
        "after": _said(change.row),
        "draft": change.row is not None and change.row.id in drafts,
    }


def _said(row: PolicyRow | None) -> dict[str, object] | None:
    if row is None:
        return None
    return {"row": row.id, "value": value_of(row), "document": row.document, "confidence": row.confidence}
