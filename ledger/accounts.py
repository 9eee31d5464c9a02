"""A member's dues accounts over the years: opened with what the year before left, found again by dues month.

Each year has a stream of its own. A month stands in the account of the year in which it was assessed and, while
something of it is open, in every later one; the newest account that has it is the one that counts.
"""

from collections.abc import Iterable
from dataclasses import replace

from domain import dues_account
from domain.dues_account import DuesAdjusted, DuesAssessed, Reckoning
from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId, UnitId
from domain.period import Month
from ledger.work import Work

#: How many years without any movement an account may have before its remainder is looked for by hand.
LOOK_BACK = 3


def preload_accounts(work: Work, members: Iterable[MemberId], year: int) -> None:
    """Load many members' accounts: those of the year, and where there is none yet those before."""
    known = tuple(members)
    work.preload(dues_account.stream(m, year) for m in known)
    fresh = [m for m in known if work.version(dues_account.stream(m, year)) == 0]
    work.preload(dues_account.stream(m, earlier) for m in fresh for earlier in _before(year))


def open_account(work: Work, member_id: MemberId, unit_id: UnitId, year: int) -> str:
    """The stream of a member's account of a year, opened with what the last account left open."""
    stream = dues_account.stream(member_id, year)
    if work.version(stream):
        return stream
    for earlier in _before(year):
        before = dues_account.stream(member_id, earlier)
        if work.version(before):
            # What is paid into the old account at this moment must not be lost: then this command loads again.
            work.guard(before)
            last = work.dues(member_id, earlier)
            opened = dues_account.open_year(last, member_id=member_id, unit_id=unit_id, year=year)
            work.record(stream, opened)
            break
    return stream


def has_account(work: Work, member_id: MemberId, year: int) -> bool:
    """Whether anything was ever recorded in the member's accounts of this year or the years before."""
    return any(work.version(dues_account.stream(member_id, known)) for known in (year, *_before(year)))


def year_with(work: Work, member_id: MemberId, month: Month, year: int) -> int | None:
    """The newest account up to ``year`` that has the month, or None if it was never assessed (I9)."""
    for candidate in (year, *_before(year)):
        if month in work.dues(member_id, candidate).items:
            return candidate
    return None


def assessed(work: Work, member_id: MemberId, month: Month, year: int) -> DuesAssessed:
    """The recorded assessment of a month, as its last adjustment left it, or a refusal."""
    after: Reckoning | None = None
    for candidate in (year, *_before(year)):
        for event in reversed(work.events(dues_account.stream(member_id, candidate))):
            if isinstance(event, DuesAdjusted) and event.month == month and after is None:
                after = event.after
            if isinstance(event, DuesAssessed) and event.month == month:
                return event if after is None else _as_adjusted(event, after)
    raise Refusal(RefusalCode.NOT_ASSESSED, f"Tháng {month} chưa được tính mức đóng. Tính mức đóng trước.")


def _as_adjusted(event: DuesAssessed, after: Reckoning) -> DuesAssessed:
    return replace(
        event,
        category=after.category,
        rule=after.rule,
        document=after.document,
        article=after.article,
        regime=after.regime,
        base_kind=after.base_kind,
        base=after.base,
        base_month=after.base_month,
        region=after.region,
        cap=after.cap,
        relief=after.relief,
        relief_percent=after.relief_percent,
        relief_decision=after.relief_decision,
        rounding=after.rounding,
        gross=after.gross,
        relieved=after.relieved,
        due=after.due,
    )


def account_years(year: int) -> tuple[int, ...]:
    """The years in whose accounts a member's months may stand, newest first."""
    return (year, *_before(year))


def _before(year: int) -> tuple[int, ...]:
    return tuple(range(year - 1, year - 1 - LOOK_BACK, -1))
