"""What the rules would have proposed when people decided, and how often they would have been right.

Every decision that a person took on waiting money is replayed on the facts as they stood just before it. A proposal is
right when it names the members, with their amounts, for whom the money stands at the end; what a person undid, named
otherwise or gave back makes a proposal wrong. What a program posted counts only once a person has undone it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass
from itertools import groupby
from math import sqrt
from uuid import UUID

from domain.identifiers import MemberId, UnitId
from domain.match import CERTAIN, NEVER, ONLY_SUGGEST, MatchAccepted, MatchPart, Rule
from domain.money import Dong
from domain.open_item import SuspenseWrittenOff
from domain.payment import MatchUndone, SuspenseIdentified, SuspenseNamed, SuspenseReleased
from ledger.ports import Recorded
from reconciliation.match.engine import pairs
from reconciliation.match.gather import Told
from reconciliation.match.values import Claim, MoneyIn, Pair

#: The normal quantile of a one-sided bound at 97.5 %.
_Z = 1.96
#: Of a rule that may post by itself at least so many in ten thousand must be right, at the lower bound.
REQUIRED = 9_900

#: What a person's decision on waiting money is told by.
DECIDED_BY = ("suspense-identified", "suspense-named", "suspense-released", "suspense-written-off")
#: A run replays so many of the newest decisions; all of them are replayed when somebody asks for a calibration.
NEWEST = 200
#: Beside the money of a decision so many others are looked at that could want the same.
MOST_BESIDE = 40

#: Adds text and names, which the log does not hold, to money and claims.
Enrich = Callable[[tuple[MoneyIn, ...], tuple[Claim, ...]], tuple[tuple[MoneyIn, ...], tuple[Claim, ...]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """One proposal beside the decision that a person took; confidence in basis points."""

    rule: Rule
    bank: str  #: the bank's BIN; "" for money that is not on an account
    confidence: int
    right: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One rule at one bank ("*": all of them); basis points. ``allowed``: the threshold that this would allow."""

    rule: Rule
    bank: str
    proposals: int
    right: int
    wrong: int
    precision: int
    lower: int
    allowed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Replayed:
    payment: str
    rule: Rule
    bank: str
    confidence: int
    members: Mapping[MemberId, Dong]
    automatic: bool


def wilson_lower(right: int, total: int) -> int:
    """The lower bound of Wilson's interval at 95 %, in basis points; 0 of nothing."""
    if total == 0:
        return 0
    share, square = right / total, _Z * _Z
    middle = share + square / (2 * total)
    spread = _Z * sqrt(share * (1 - share) / total + square / (4 * total * total))
    return max(0, int((middle - spread) / (1 + square / total) * CERTAIN))


def decisions(
    recorded: Iterable[Recorded],
    enrich: Enrich,
    *,
    within: frozenset[UnitId] | None = None,
    only: Set[UUID] | None = None,
) -> tuple[Decided, ...]:
    """Replay the log: each decision on waiting money of these units (None: all), in log order.

    ``only``: of what people decided, only what these commands did (None: all).
    """
    told = Told()
    replayed: list[_Replayed] = []
    standing: dict[str, dict[MemberId, Dong]] = defaultdict(lambda: defaultdict(int))
    undone: set[str] = set()
    # A command's events are decided on what stood before its first one.
    for command, together in groupby(recorded, key=lambda one: one.meta.command_id):
        events = tuple(together)
        if only is None or command in only or any(isinstance(one.event, MatchAccepted) for one in events):
            replayed += _asked(told, events, enrich, within, by_people=only is None or command in only)
        for one in events:
            event = one.event
            if isinstance(event, SuspenseIdentified):
                standing[event.payment_id][event.member_id] += event.amount
            if isinstance(event, MatchUndone):
                standing[event.payment_id][event.member_id] -= event.amount
                undone.add(event.payment_id)
            told.take(one)
    return tuple(_judged(r, standing[r.payment]) for r in replayed if not r.automatic or r.payment in undone)


def _asked(
    told: Told, events: tuple[Recorded, ...], enrich: Enrich, within: frozenset[UnitId] | None, *, by_people: bool
) -> list[_Replayed]:
    """What one command decided, beside what would have been proposed just before it."""
    found: list[_Replayed] = []
    payments: dict[str, None] = {}
    posted = {part.payment_id for o in events if isinstance(o.event, MatchAccepted) for part in _by_program(o.event)}
    for one in events:
        match one.event:
            case MatchAccepted(automatic=True) as event:
                found += _posted(event, told)
            case SuspenseIdentified() | SuspenseNamed() | SuspenseReleased() | SuspenseWrittenOff() as event:
                if by_people and not one.meta.actor.startswith("service:"):
                    payments[event.payment_id] = None
            case _:
                pass
    for paid in (paid for paid in payments if paid not in posted):
        found += _replay(told, paid, enrich, within)
    return found


def _judged(replayed: _Replayed, standing: Mapping[MemberId, Dong]) -> Decided:
    truth = {member: amount for member, amount in standing.items() if amount}
    right = dict(replayed.members) == truth
    return Decided(rule=replayed.rule, bank=replayed.bank, confidence=replayed.confidence, right=right)


def _by_program(event: MatchAccepted) -> tuple[MatchPart, ...]:
    """What of a match no person looked at, whoever started the run."""
    return event.parts if event.automatic else ()


def _posted(event: MatchAccepted, told: Told) -> list[_Replayed]:
    by_payment: dict[str, dict[MemberId, Dong]] = defaultdict(lambda: defaultdict(int))
    for part in event.parts:
        by_payment[part.payment_id][part.member_id] += part.amount
    return [
        _Replayed(
            payment=paid,
            rule=event.rule,
            bank=_bank(told, paid),
            confidence=event.confidence,
            members=dict(members),
            automatic=True,
        )
        for paid, members in by_payment.items()
    ]


def _bank(told: Told, paid: str) -> str:
    known = told.payments.get(f"payment/{paid}")
    account = None if known is None else told.money(known, 1).account_id
    return "" if account is None else account.split(":")[0]


def _replay(told: Told, paid: str, enrich: Enrich, within: frozenset[UnitId] | None) -> list[_Replayed]:
    """What would have been proposed for this money just now."""
    waiting = told.waiting()
    mine = next((m for m in waiting if m.key == paid), None)
    if mine is None or (within is not None and mine.unit_id not in within):
        return []
    near = _beside(mine, waiting)
    carried = frozenset(reference for m in near for reference in m.references)
    money, claims = enrich(near, told.claims(carried, mine.unit_id))
    by_key = {claim.key: claim for claim in claims}
    return [_said(pair, paid, by_key, mine) for pair in pairs(money, claims, told.payers) if paid in pair.money]


def _beside(mine: MoneyIn, waiting: Iterable[MoneyIn]) -> tuple[MoneyIn, ...]:
    """The money and what in its unit could want the same claims, the nearest in time, so many at most."""
    mine_too = set(mine.references)
    rivals = [
        m
        for m in waiting
        if m.unit_id == mine.unit_id
        and m.key != mine.key
        and (
            m.amount == mine.amount
            or (m.payer_key is not None and m.payer_key == mine.payer_key)
            or not mine_too.isdisjoint(m.references)
        )
    ]
    return (mine, *sorted(rivals, key=lambda m: (abs((m.on - mine.on).days), m.key))[:MOST_BESIDE])


def _said(pair: Pair, paid: str, claims: Mapping[str, Claim], mine: MoneyIn) -> _Replayed:
    members: dict[MemberId, Dong] = defaultdict(int)
    last = MemberId("")
    for part in pair.parts:
        if part.money == paid:
            last = claims[part.claim].member_id or MemberId("")
            members[last] += part.amount
    members[last] += mine.amount - sum(members.values())
    return _Replayed(
        payment=paid,
        rule=pair.rule,
        bank="" if mine.account_id is None else mine.account_id.split(":")[0],
        confidence=pair.confidence,
        members=dict(members),
        automatic=False,
    )


def measure(decided: Iterable[Decided], *, required: int = REQUIRED) -> tuple[Measured, ...]:
    """Each rule over all banks and at each bank: how often right, how sure that is, and the threshold it allows."""
    groups: dict[tuple[Rule, str], list[Decided]] = defaultdict(list)
    for one in decided:
        groups[one.rule, "*"].append(one)
        groups[one.rule, one.bank].append(one)
    order = {rule: place for place, rule in enumerate(Rule)}
    return tuple(
        _measured(rule, bank, found, required)
        for (rule, bank), found in sorted(groups.items(), key=lambda g: (order[g[0][0]], g[0][1]))
    )


def _measured(rule: Rule, bank: str, found: list[Decided], required: int) -> Measured:
    right = sum(one.right for one in found)
    return Measured(
        rule=rule,
        bank=bank,
        proposals=len(found),
        right=right,
        wrong=len(found) - right,
        precision=right * CERTAIN // len(found),
        lower=wilson_lower(right, len(found)),
        allowed=NEVER if rule in ONLY_SUGGEST else allowed(found, required),
    )


def allowed(found: Iterable[Decided], required: int) -> int:
    """The lowest confidence from which on enough were right, at the lower bound; 10,001 where none is."""
    ordered = sorted(found, key=lambda one: -one.confidence)
    best = NEVER
    right = 0
    for total, one in enumerate(ordered, start=1):
        right += one.right
        last = total == len(ordered) or ordered[total].confidence != one.confidence
        if last and wilson_lower(right, total) >= required:
            best = one.confidence
    return best
