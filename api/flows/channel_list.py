"""What waits at channels: the days whose settlement is late, attempts nobody decided, cases of money taken back."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from adapters.inbound import VIETNAM
from api.flows.settlements import by_day
from api.rails import rails
from api.wiring import Installation
from domain import channel_case
from domain.channel_case import CaseTold
from domain.identifiers import UnitId
from domain.money import Dong
from domain.settlement import SettlementTold
from projections.runner import catch_up
from projections.settlements import SETTLEMENTS, settlements

#: A day's settlement is there by noon of the next day (payments §3.3: assumed).
NOON = time(12)
#: So many days are looked back; what is older was asked for long ago.
DAYS = 40
_BATCH = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class LateDay:
    """A day of a channel whose settlement has not come; đồng."""

    rail: str
    day: date
    payments: int
    amount: Dong


def late_days(inst: Installation, now: datetime, units: Collection[UnitId]) -> tuple[LateDay, ...]:
    """Days with payments of a channel that settles day by day, past noon of the day after, that no file tells of.

    Counts only payments that one of ``units`` holds: a file tells of everybody's, a reader may not see everybody's.
    """
    wanted = frozenset(units)
    here = now.astimezone(VIETNAM)
    last = here.date() - timedelta(days=1 if here.time() >= NOON else 2)
    first = last - timedelta(days=DAYS)
    found = []
    for channel in rails(inst.settings).values():
        if channel.answer_settlement is None:
            continue
        told = _told(inst, channel.name, first, last)
        count: Counter[date] = Counter()
        amount: Counter[date] = Counter()
        for one, day in by_day(inst, channel.name, first, last, channel.closes):
            if one.holder in wanted and not any(start <= day <= end for start, end in told):
                count[day] += 1
                amount[day] += one.amount
        found += [LateDay(rail=channel.name, day=day, payments=count[day], amount=amount[day]) for day in sorted(count)]
    return tuple(found)


def _told(inst: Installation, rail: str, first: date, last: date) -> list[tuple[date, date]]:
    if inst.shard is not None:
        with inst.shard.connect() as conn:
            catch_up(conn, inst.store, (SETTLEMENTS,))
            return [(row.from_date, row.to_date) for row in settlements(conn, rail, first, last)]
    spans = []
    position = 0
    while batch := inst.store.read(position, _BATCH, ("settlement-told",)):
        events = (recorded.event for recorded in batch)
        spans += [(e.from_date, e.to_date) for e in events if isinstance(e, SettlementTold) and e.rail == rail]
        position = batch[-1].position
    return spans


def cases(inst: Installation, units: list[UnitId]) -> list[dict[str, object]]:
    """Every case of some units, with what is missing in it; the oldest first."""
    work = inst.ledger.work()
    first: dict[tuple[str, str], CaseTold] = {}
    last: dict[tuple[str, str], CaseTold] = {}
    position = 0
    while batch := inst.store.read(position, _BATCH, ("case-told",)):
        for recorded in batch:
            if isinstance(e := recorded.event, CaseTold):
                first.setdefault((e.rail, e.case_id), e)
                last[e.rail, e.case_id] = e
        position = batch[-1].position
    wanted = set(units)
    told = []
    for (rail, case_id), event in first.items():
        state = work.channel_case(rail, case_id)
        if state.unit_id in wanted:
            taken, given = state.moved
            shown: dict[str, object] = {"case": channel_case.item(rail, case_id), "unit": state.unit_id}
            shown |= {"payment": state.payment_id, "since": event.told_on, "last_word": str(last[rail, case_id].word)}
            told.append({**shown, "taken": taken, "given": given, "decided": state.closed, "missing": state.missing})
    return told
