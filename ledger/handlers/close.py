"""Close a unit's month, confirm a close, open a month again."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain import access, closing, organisation
from domain.access import Action, require_other_person
from domain.actions import ROLE_ACTIONS
from domain.closing import Explained, MonthClosed
from domain.identifiers import UnitId
from domain.period import Month
from ledger import close_reports
from ledger.close_checklist import Point, checklist, refuse_unexplained
from ledger.handler import Handler
from ledger.work import Act, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why points of a kind stay open; ``key`` None explains all of the kind."""

    kind: str
    key: str | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseMonth:
    """Close a month on the figures of the head of the log."""

    unit_id: UnitId
    month: Month
    explanations: tuple[Explanation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmClose:
    """The second person's word."""

    unit_id: UnitId
    month: Month


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestReopening:
    """Ask that the last closed month be opened again."""

    unit_id: UnitId
    month: Month
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenMonth:
    """Open it again, as another person asked."""

    unit_id: UnitId
    month: Month


def close_month(work: Work, command: CloseMonth, act: Act) -> dict[str, object]:
    """Close; every open point is explained or the close is refused with the list."""
    organisation.unit(work.organisation, command.unit_id)
    state = work.closing(command.unit_id)
    if closing.is_closed(state, command.month):
        return _answer(state, command.month)
    explained, unexplained = _explain(checklist(work, command.unit_id, command.month), command.explanations)
    months = work.books.month_books()
    asked = MonthClosed(
        unit_id=command.unit_id,
        month=command.month,
        number=len(state.closes) + 1,
        position=months.position,
        explanations=explained,
        reports=close_reports.digests(months.figures(command.unit_id, command.month)),
        supersedes=closing.supersedes(state, command.month),
        needs_second=_others(work, command.unit_id, act) > 0,
        closed_by=act.actor,
        closed_on=act.on,
    )
    events = closing.close(state, asked)
    refuse_unexplained(unexplained, command.unit_id, command.month)
    work.record(closing.stream(command.unit_id), events)
    return _answer(work.closing(command.unit_id), command.month)


def _explain(
    points: tuple[Point, ...], explanations: tuple[Explanation, ...]
) -> tuple[tuple[Explained, ...], list[Point]]:
    exact = {(e.kind, e.key): e.reason for e in explanations}
    explained, unexplained = [], []
    for point in points:
        reason = exact.get((point.kind, point.key)) or exact.get((point.kind, None))
        if reason and reason.strip():
            explained.append(Explained(kind=point.kind, key=point.key, amount=point.amount, reason=reason))
        else:
            unexplained.append(point)
    return tuple(explained), unexplained


def _others(work: Work, unit_id: UnitId, act: Act) -> int:
    """How many other people may close this unit's months by a grant at the unit itself."""
    return len(
        {
            grant.officer_id
            for grant in work.access.grants
            if grant.officer_id != act.actor
            and grant.unit_id == unit_id
            and Action.CONFIRM_CLOSE in ROLE_ACTIONS[grant.role]
            and access.roles_at(work.access, work.organisation, grant.officer_id, unit_id, act.on)
        }
    )


def _answer(state: closing.Closing, month: Month) -> dict[str, object]:
    made = next(c for c in reversed(state.closes) if c.month >= month)
    return {
        "month": made.month,
        "number": made.number,
        "position": made.position,
        "reports": [{"report": r.report, "sha256": r.sha256} for r in made.reports],
        "explained": len(made.explanations),
        "supersedes": made.supersedes,
        "waits_for_second": made.needs_second and made.number not in state.confirmed,
        "open_month": closing.first_open(state),
    }


def confirm_close(work: Work, command: ConfirmClose, act: Act) -> dict[str, object]:
    """Another person of the unit confirms; the same again adds nothing."""
    state = work.closing(command.unit_id)
    last = closing.require_standing(state, command.unit_id, command.month)
    require_other_person(last.closed_by, act.actor, f"Khoá sổ tháng {command.month} của {command.unit_id}")
    events = closing.confirm(state, unit_id=command.unit_id, month=command.month, confirmed_by=act.actor)
    work.record(closing.stream(command.unit_id), events)
    return _answer(work.closing(command.unit_id), command.month)


def request_reopening(work: Work, command: RequestReopening, act: Act) -> dict[str, object]:
    """One person asks, with the reason."""
    events = closing.request_reopening(
        work.closing(command.unit_id),
        unit_id=command.unit_id,
        month=command.month,
        reason=command.reason,
        requested_by=act.actor,
    )
    return {"requested": work.record(closing.stream(command.unit_id), events), "month": command.month}


def reopen_month(work: Work, command: ReopenMonth, act: Act) -> dict[str, object]:
    """Another person opens; what was closed then stays in the log with its digests."""
    state = work.closing(command.unit_id)
    if state.request is not None:
        require_other_person(
            state.request.requested_by, act.actor, f"Mở lại sổ tháng {command.month} của {command.unit_id}"
        )
    position = work.books.catch_up()
    events = closing.reopen(
        state, unit_id=command.unit_id, month=command.month, position=position, approved_by=act.actor
    )
    work.record(closing.stream(command.unit_id), events)
    after = work.closing(command.unit_id)
    return {"reopened": command.month, "number": events[0].number, "open_month": closing.first_open(after)}


#: What each command asks permission for, where, and the function that decides it.
COMMANDS: Mapping[type, Handler] = {
    CloseMonth: Handler("close-month", Action.CLOSE_MONTH, "unit_id", close_month),
    ConfirmClose: Handler("confirm-close", Action.CONFIRM_CLOSE, "unit_id", confirm_close),
    RequestReopening: Handler("request-reopening", Action.REOPEN_MONTH, "unit_id", request_reopening),
    ReopenMonth: Handler("reopen-month", Action.REOPEN_MONTH, "unit_id", reopen_month),
}
