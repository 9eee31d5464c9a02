"""Asking after attempts of which too little was heard: from 30 minutes to three days after they were opened.

Seen once in public code (payments §3.2): payments still open after 30 minutes are asked for, for three days. An answer
is kept like a message from outside and worked off by the same worker, so a round may be cut anywhere and told again.
After three days an attempt of which nothing was ever heard is closed by the clock; one that may hold money stays as it
is, for a person (``overdue``).
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from adapters.inbound import VIETNAM
from api.flows.notices import keep_answer, taken_directly, top_unit
from api.rails import MAKERS, rails
from api.wiring import Installation
from domain import attempt
from domain.attempt import NOT_OPENED, UNDECIDED, Attempt, AttemptOpened, AttemptReported, AttemptState
from domain.errors import Malformed, Refusal
from domain.notice import Rejection
from ledger.application import command_id_for
from ledger.handlers.attempts import ExpireAttempts
from ledger.rail import ChannelAway, Rail
from ledger.work import Act
from projections import attempts as rows
from projections.attempts import ATTEMPTS
from projections.runner import catch_up

#: How old an attempt must be before it is asked about, and until when it is.
FROM_AGE = timedelta(minutes=30)
TO_AGE = timedelta(days=3)

#: Channels that fail this often in a row are left alone until the next round.
_AWAY_MOST = 3
_PAGE = 500

_log = logging.getLogger("dangphi.poll")


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """An attempt that no channel has decided."""

    reference: str
    rail: str
    unit: str
    amount: int
    opened_at: datetime
    state: AttemptState


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled:
    """What one round did; ``answers`` counts by state or by the code of a rejection."""

    asked: int = 0
    answers: Mapping[str, int] = field(default_factory=dict)
    away: int = 0
    expired: int = 0
    overdue: tuple[Waiting, ...] = ()  #: may hold money and is past three days: for a person


def waiting(inst: Installation, opened_before: datetime) -> Iterator[Waiting]:
    """Attempts that nobody decided, opened before a moment, oldest first; from a table where there is one."""
    if inst.shard is None:
        yield from _folded(inst, opened_before)
        return
    with inst.shard.connect() as conn:
        catch_up(conn, inst.store, (ATTEMPTS,))
        found = rows.undecided(conn, opened_before=opened_before, limit=_PAGE)
        while found:
            for row in found:
                yield Waiting(
                    reference=row.reference,
                    rail=row.rail,
                    unit=row.unit,
                    amount=row.amount,
                    opened_at=row.opened_at,
                    state=row.state,
                )
            last = found[-1]
            found = rows.undecided(
                conn, opened_before=opened_before, after=(last.opened_at, last.reference), limit=_PAGE
            )


def _folded(inst: Installation, opened_before: datetime) -> Iterator[Waiting]:
    states: dict[str, Attempt] = {}
    position = 0
    while found := inst.store.read(position, _PAGE, ("attempt-opened", "attempt-reported")):
        for recorded in found:
            event = recorded.event
            if isinstance(event, AttemptOpened | AttemptReported):
                states[event.reference] = attempt.evolve(states.get(event.reference, NOT_OPENED), event)
        position = found[-1].position
    for reference, known in states.items():
        opened = known.opened
        if opened is not None and known.state in UNDECIDED and opened.opened_at < opened_before:
            yield Waiting(
                reference=reference,
                rail=opened.rail,
                unit=opened.unit_id,
                amount=opened.amount,
                opened_at=opened.opened_at,
                state=known.state,
            )


def poll(inst: Installation, now: datetime, *, goes_on: Callable[[], bool] = lambda: True) -> Polled:
    """Ask once after every attempt that is due to be asked after; ``now`` is aware.

    Stops early when ``goes_on`` says so; the next round begins again with the oldest. A channel that does not answer
    three times in a row is left alone until then, and holds up no other.
    """
    channels = rails(inst.settings)
    silent: Counter[str] = Counter()
    answers: Counter[str] = Counter()
    asked = 0
    old: list[Waiting] = []
    for one in list(waiting(inst, now - FROM_AGE)):
        if not goes_on():
            break
        if now - one.opened_at > TO_AGE:
            old.append(one)
            continue
        channel = channels.get(one.rail)
        if channel is None or channel.inquire is None or silent[one.rail] >= _AWAY_MOST:
            continue
        asked += 1
        try:
            answers[_ask(inst, channel, one.reference, now)] += 1
            silent[one.rail] = 0
        except ChannelAway:
            silent[one.rail] += 1
            answers["away"] += 1
        except (Malformed, Refusal) as error:
            # An answer that cannot be read says nothing of the payment; the others are asked after all the same.
            _log.warning("an answer of %s cannot be used: %s", one.rail, type(error).__name__)
            answers["unreadable"] += 1
    expired = _expire(inst, [one for one in old if one.state is AttemptState.OPENED], now)
    away = answers.pop("away", 0)
    return Polled(
        asked=asked,
        answers=answers,
        away=away,
        expired=expired,
        overdue=tuple(one for one in old if one.state is not AttemptState.OPENED),
    )


def _ask(inst: Installation, channel: Rail, reference: str, now: datetime) -> str:
    """Ask and keep the answer; the state it tells, or the code of its rejection."""
    if channel.question is not None and channel.accept_answer is not None:
        raw = channel.question(reference, now)
        _, reading = keep_answer(inst, channel.name, raw.body, raw.headers, now)
    else:
        assert channel.inquire is not None, "only channels that can be asked are asked"
        reading = channel.inquire(reference, now)
        if not isinstance(reading, Rejection):
            taken_directly(inst, reading, now)
    return reading.code if isinstance(reading, Rejection) else str(reading.status)


def _expire(inst: Installation, old: list[Waiting], now: datetime) -> int:
    root = top_unit(inst)
    if root is None or not old:
        return 0
    expired = 0
    for start in range(0, len(old), _PAGE):
        references = tuple(one.reference for one in old[start : start + _PAGE])
        act = Act(
            actor="service:worker",
            at=now.astimezone(VIETNAM),
            command_id=command_id_for("expire-attempts", *references),
        )
        outcome = inst.ledger.execute(ExpireAttempts(root=root, references=references), act)
        expired += len(outcome.answer["expired"])
    return expired


def can_ask(inst: Installation) -> bool:
    """Whether any channel of this installation can be asked at all."""
    return any(MAKERS[name](inst.settings).inquire is not None for name in MAKERS)
