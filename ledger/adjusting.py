"""An obligation compared with what law and facts say now; the difference is recorded, the month is never edited."""

from dataclasses import dataclass, replace

from domain import declaration, dues_account, dues_adjustment, organisation
from domain.dues_account import DuesAdjusted, DuesAssessed, OpenItem
from domain.dues_events import Reckoning
from domain.dues_moves import MonthWaived
from domain.identifiers import MemberId, UnitId
from domain.member import Member
from domain.money import Dong
from domain.period import Month, month_of
from ledger import reissuing
from ledger.accounts import account_years, open_account
from ledger.open_month import require_open
from ledger.owning import credit_follows, owning_unit
from ledger.reckon import Reckoned, reckon
from ledger.work import Act, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a month stands in the log: its sums, the computation behind them, and whether it stays as it is."""

    item: OpenItem
    reckoning: Reckoning
    unit_id: UnitId
    is_fixed: bool  #: carried in when the ledger began, or waived: never reckoned again


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Why an obligation is reckoned again, and on which paper."""

    kind: str
    reason: str
    decision: str


def recorded_months(work: Work, member_id: MemberId, year: int) -> dict[Month, Standing]:
    """How each assessed month of a member stands in the log, oldest month first."""
    found: dict[Month, Standing] = {}
    for candidate in reversed(account_years(year)):
        items = work.dues(member_id, candidate).items
        for event in work.events(dues_account.stream(member_id, candidate)):
            match event:
                case DuesAssessed():
                    found[event.month] = _first(event)
                case DuesAdjusted():
                    found[event.month] = replace(found[event.month], reckoning=event.after, unit_id=event.unit_id)
                case MonthWaived():
                    found[event.month] = replace(found[event.month], is_fixed=True)
                case _:
                    pass
        for month, item in items.items():
            if month in found:
                found[month] = replace(found[month], item=item)
    return dict(sorted(found.items()))


def _first(event: DuesAssessed) -> Standing:
    return Standing(
        item=OpenItem(month=event.month, assessed=event.gross, relieved=event.relieved, applied=0),
        reckoning=dues_adjustment.recorded_reckoning(event),
        unit_id=event.unit_id,
        is_fixed=event.is_opening,
    )


def reckon_again(work: Work, known: Member, month: Month, stands: Standing) -> Reckoned:
    """What the month would be today; the unit in whose books it stands gives the region."""
    return reckon(work, known, owning_unit(work, known, month) or stands.unit_id, month)


def unsplit(work: Work, unit_id: UnitId) -> Dong:
    """What a unit has collected itself and not declared; a declaration in between makes the command decide again."""
    work.guard(declaration.stream(unit_id))
    work.books.catch_up()
    return work.balance(unit_id, "3310", "own")


def adjust_month(
    work: Work, act: Act, known: Member, month: Month, stands: Standing, ground: Ground
) -> DuesAdjusted | None:
    """Record the difference of one month, dated today in an open month; None where nothing differs.

    Money beyond the new due becomes credit only out of what the member's own unit has not declared; what another unit
    collected, or a declaration has split, stays collected and answers for other months.
    """
    if stands.is_fixed:
        return None
    again = reckon_again(work, known, month, stands)
    after = dues_adjustment.reckoning_of(again.assessment, again.relief_decision)
    before = _as_it_stands(stands)
    if dues_adjustment.same_inputs(before, after):
        return None
    unit_id = owning_unit(work, known, month) or stands.unit_id
    require_open(work, unit_id, month_of(act.on))
    stream = open_account(work, known.member_id, known.unit_id, act.on.year)
    events = dues_adjustment.adjust(
        work.dues(known.member_id, act.on.year),
        member_id=known.member_id,
        unit_id=unit_id,
        item=work.dues(known.member_id, act.on.year).items.get(month, stands.item),
        before=before,
        after=after,
        unsplit=unsplit(work, unit_id) if unit_id == known.unit_id else 0,
        ground=ground.kind,
        reason=ground.reason,
        decision=ground.decision,
        on=act.on,
    )
    for event in events:
        owner = owning_unit(work, known, event.month) or event.unit_id
        placed = event if isinstance(event, DuesAdjusted) else dues_adjustment.in_books_of(event, owner)
        work.record(stream, credit_follows(work, known, placed.unit_id, (placed,)))
    # A code with the old amount must not be paid any more.
    reissuing.after_change(work, act, known.member_id, month)
    return events[0] if isinstance(events[0], DuesAdjusted) else None


def _as_it_stands(stands: Standing) -> Reckoning:
    """The last computation with the sums of the month, which a late relief may have changed since."""
    item, told = stands.item, stands.reckoning
    if (told.gross, told.relieved) == (item.assessed, item.relieved):
        return told
    return dues_adjustment.with_sums(told, item)


def adjust_span(
    work: Work, act: Act, member_id: MemberId, first: Month, last: Month | None, ground: Ground
) -> tuple[DuesAdjusted, ...]:
    """Adjust every assessed month of a member within a span; months in which nothing differs add nothing."""
    months = recorded_months(work, member_id, act.on.year)
    made = (
        adjust_month(work, act, work.member(member_id), month, stands, ground)
        for month, stands in months.items()
        if first <= month and (last is None or month <= last)
    )
    return tuple(event for event in made if event is not None)


def require_member_of(work: Work, member_id: MemberId, unit_id: UnitId) -> Member:
    """The member, or a refusal if not beneath the unit that acts."""
    known = work.member(member_id)
    if not organisation.is_within(work.organisation, known.unit_id, unit_id):
        raise organisation.outside(known.unit_id, unit_id)
    return known


def told(event: DuesAdjusted) -> dict[str, object]:
    """One adjustment as an answer shows it: both computations, the difference, and what became of the money."""
    return {
        "member_id": event.member_id,
        "month": event.month,
        "due_before": event.before.due,
        "due_after": event.after.due,
        "difference": event.after.due - event.before.due,
        "paid_beyond": event.undone,
        "to_credit": event.to_credit,
        "stays_collected": event.to_ahead,
        "before": list(event.before.steps),
        "after": list(event.after.steps),
    }
