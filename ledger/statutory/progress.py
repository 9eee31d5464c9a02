"""Progress for the office: who of those who owe has paid a month, cell by cell, and over which way.

The denominator is fixed: members on the roll on the first day of the month, as the books knew it at the end of that
day, less the exempt and those outside the online procedure (ward plans, rules §5.3). What is recorded later moves the
numerator only. Where a cell's books began within the month, the day they began takes the place of the first day.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import cast, get_args

from domain import dues_account, member, payment
from domain.events import EVENT_NAMES
from domain.identifiers import MemberId, PaymentId, UnitId
from domain.member import Member, MemberEvent, Scope
from domain.membership import spell_on
from domain.money import Dong
from domain.organisation_history import on as tree_on
from domain.organisation_history import unit_on
from domain.payment import CashConverted, PaymentReceived
from domain.payment_request import Kind
from domain.period import Month, day_of, first_day, last_day
from domain.policy import setting_number
from domain.policy_settings import SettingName
from ledger.posting import entry
from ledger.statutory.cell_money import dues_streams
from ledger.statutory.roll import BELONGING
from ledger.statutory.sources import Sources, named
from ledger.statutory.tree import Ground, ground_at

_STANDING = tuple(
    EVENT_NAMES[cls] for cls in get_args(MemberEvent) if cls in EVENT_NAMES and EVENT_NAMES[cls] not in BELONGING
)
_WHOLE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressRow:
    """One cell, or the whole: people. roll − exempt − outside = owing = paid + part + unpaid + relieved_since.

    paid = online + cash + on_behalf + from_credit; ``collected`` in đồng is what answers for the month.
    """

    unit_id: str
    unit_code: str
    unit_name: str
    roll: int
    exempt: int
    outside: int
    owing: int
    paid: int
    online: int
    cash: int
    on_behalf: int
    from_credit: int
    part: int
    unpaid: int
    relieved_since: int
    collected: Dong

    @property
    def paid_bp(self) -> int:
        """Paid of owing in basis points, rounded down, so that 100 % is only said when all paid."""
        return 10_000 if self.owing == 0 else self.paid * 10_000 // self.owing


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitProgress:
    """The same of a unit and all cells beneath it; ``depth`` counts levels below the unit that was asked for."""

    depth: int
    row: ProgressRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """A unit's month as of a position and a day; ``final_by`` is the day before which the final report is due.

    ``rows`` are the cells, ``units`` every unit above cells from the top down, each as the sum of its cells.
    """

    unit_id: str
    unit_name: str
    month: Month
    counted_on: date  #: the day of the denominator
    as_of: date
    final_by: date
    position: int
    rows: tuple[ProgressRow, ...]
    units: tuple[UnitProgress, ...]
    total: ProgressRow

    @property
    def days_late(self) -> int:
        """By how many days a report of ``as_of`` misses the day of the final report; 0 while it is in time."""
        return max(0, (self.as_of - self.final_by).days + 1)


@dataclass(slots=True)
class _Count:
    """Sums of one cell."""

    sums: dict[str, int] = field(default_factory=lambda: defaultdict(int))


def progress(sources: Sources, unit: UnitId, month: Month, *, at: int, as_of: date) -> Progress:
    """Who had paid by the end of ``as_of``, as recorded up to log position ``at``."""
    ground = ground_at(sources, at)
    counted_on, members = _roll(sources, ground, unit, month, at)
    org = ground.organisation
    counts: dict[UnitId, _Count] = defaultdict(_Count)
    owing: dict[MemberId, UnitId] = {}
    for member_id, (cell, known) in members.items():
        sums = counts[cell].sums
        sums["roll"] += 1
        standing = member.standing_in(known, month)
        relief = member.relief_in(known, month)
        if standing is not None and standing.scope is not Scope.ONLINE:
            sums["outside"] += 1
        elif relief is not None and relief.percent == _WHOLE:
            sums["exempt"] += 1
        else:
            sums["owing"] += 1
            owing[member_id] = cell
    _count_paid(sources, owing, counts, month, at, as_of)
    rows = []
    for cell in sorted(counts, key=lambda one: org.units[one].code if one in org.units else one):
        found = unit_on(org, cell, counted_on) or org.first[cell]
        rows.append(_row(cell, found.code, found.name, counts[cell].sums))
    top = org.units[unit]
    final = setting_number(ground.policy, SettingName.PROGRESS_FINAL_DAY, month)
    return Progress(
        unit_id=unit,
        unit_name=top.name,
        month=month,
        counted_on=counted_on,
        as_of=as_of,
        # What is owed for December is reported with the next year.
        final_by=date(int(month[:4]) + (month[5:] == "12"), 11, final),
        position=at,
        rows=tuple(rows),
        units=_units(ground, unit, counts, counted_on),
        total=_row(unit, top.code, "Cộng", _whole(counts.values())),
    )


def _whole(counts: Iterable[_Count]) -> dict[str, int]:
    whole: dict[str, int] = defaultdict(int)
    for count in counts:
        for name, value in count.sums.items():
            whole[name] += value
    return whole


def _units(ground: Ground, top: UnitId, counts: Mapping[UnitId, _Count], day: date) -> tuple[UnitProgress, ...]:
    """Every unit with cells beneath it, from the top down, by code, as the tree stood on the day of the denominator."""
    below = tree_on(ground.organisation, day).below or ground.organisation.below
    found: list[UnitProgress] = []

    def visit(unit: UnitId, depth: int) -> tuple[_Count, ...]:
        named = unit_on(ground.organisation, unit, day) or ground.organisation.first[unit]
        place = len(found)
        own = (counts[unit],) if unit in counts else ()
        subs = sorted(below.get(unit, ()), key=lambda sub: ground.organisation.first[sub].code)
        inside = tuple(count for sub in subs for count in visit(sub, depth + 1))
        if inside:
            row = _row(unit, named.code, named.name, _whole((*own, *inside)))
            found.insert(place, UnitProgress(depth=depth, row=row))
        return (*own, *inside)

    visit(top, 0)
    return tuple(found)


def _roll(
    sources: Sources, ground: Ground, unit: UnitId, month: Month, at: int
) -> tuple[date, dict[MemberId, tuple[UnitId, Member]]]:
    """Members on the rolls beneath the unit on the day of the denominator, as known at the end of that day."""
    start = first_day(month)
    beneath = _beneath(ground, unit, start)
    events = list(named(sources, (*BELONGING, *_STANDING), until=at))
    days = [day_of(r.recorded_at) for r in events if getattr(r.event, "unit_id", None) in beneath]
    counted_on = max(start, min((day for day in days if day <= last_day(month)), default=start))
    states: dict[MemberId, member.State] = {}
    for recorded in events:
        if day_of(recorded.recorded_at) <= counted_on:
            event = cast(MemberEvent, recorded.event)
            states[event.member_id] = member.evolve(states.get(event.member_id, member.UNKNOWN), event)
    found: dict[MemberId, tuple[UnitId, Member]] = {}
    for member_id, state in states.items():
        if isinstance(state, Member):
            spell = spell_on(state.membership, counted_on)
            if spell is not None and spell.unit_id in beneath:
                found[member_id] = (spell.unit_id, state)
    return counted_on, found


def _beneath(ground: Ground, unit: UnitId, day: date) -> set[UnitId]:
    below = tree_on(ground.organisation, day).below or ground.organisation.below
    found, stack = set(), [unit]
    while stack:
        one = stack.pop()
        if one not in found:
            found.add(one)
            stack += below.get(one, ())
    return found


def _count_paid(
    sources: Sources,
    owing: Mapping[MemberId, UnitId],
    counts: Mapping[UnitId, _Count],
    month: Month,
    at: int,
    as_of: date,
) -> None:
    """Sort everyone who owes into paid, part-paid, unpaid and relieved since."""
    open_: dict[MemberId, Dong] = defaultdict(int)
    paid: dict[MemberId, Dong] = defaultdict(int)
    assessed: set[MemberId] = set()
    by: dict[MemberId, PaymentId | None] = {}
    year = int(month[:4])
    for recorded in sources.read_streams(dues_streams(owing, (year - 1, year, year + 1)), until=at):
        event = recorded.event
        if getattr(event, "month", None) != month or day_of(recorded.recorded_at) > as_of:
            continue
        member_id = MemberId(recorded.stream.split("/")[1])
        for line in entry(event):
            if line.account == "0110":
                open_[member_id] += line.amount
        if isinstance(event, dues_account.DuesAssessed):
            assessed.add(member_id)
        elif isinstance(event, dues_account.PaymentApplied):
            paid[member_id] += event.amount
            by[member_id] = event.payment_id
        elif isinstance(event, dues_account.CreditApplied | dues_account.AheadApplied):
            paid[member_id] += event.amount
            by.setdefault(member_id, None)
        elif isinstance(event, dues_account.ApplicationUndone):
            paid[member_id] -= event.amount
    ways = _ways(sources, {p for p in by.values() if p is not None}, at)
    for member_id, cell in owing.items():
        sums = counts[cell].sums
        sums["collected"] += paid[member_id]
        if member_id not in assessed or (open_[member_id] and not paid[member_id]):
            sums["unpaid"] += 1
        elif open_[member_id]:
            sums["part"] += 1
        elif not paid[member_id]:
            sums["relieved_since"] += 1
        else:
            sums["paid"] += 1
            last = by.get(member_id)
            sums["from_credit" if last is None else ways.get(last, "online")] += 1


def _ways(sources: Sources, payments: set[PaymentId], at: int) -> dict[PaymentId, str]:
    """Over which way each payment came: online, cash, or on behalf (a batch, or cash paid online by the collector)."""
    found: dict[PaymentId, str] = {}
    for recorded in sources.read_streams([payment.stream(one) for one in sorted(payments)], until=at):
        event = recorded.event
        if isinstance(event, PaymentReceived):
            batch = event.request_kind == Kind.BATCH
            found[event.payment_id] = "on_behalf" if batch else "cash" if event.channel == "cash" else "online"
        elif isinstance(event, CashConverted):
            found[PaymentId(recorded.stream.split("/", 1)[1])] = "on_behalf"
    return found


def _row(unit: UnitId, code: str, name: str, sums: Mapping[str, int]) -> ProgressRow:
    return ProgressRow(
        unit_id=unit,
        unit_code=code,
        unit_name=name,
        roll=sums.get("roll", 0),
        exempt=sums.get("exempt", 0),
        outside=sums.get("outside", 0),
        owing=sums.get("owing", 0),
        paid=sums.get("paid", 0),
        online=sums.get("online", 0),
        cash=sums.get("cash", 0),
        on_behalf=sums.get("on_behalf", 0),
        from_credit=sums.get("from_credit", 0),
        part=sums.get("part", 0),
        unpaid=sums.get("unpaid", 0),
        relieved_since=sums.get("relieved_since", 0),
        collected=sums.get("collected", 0),
    )
