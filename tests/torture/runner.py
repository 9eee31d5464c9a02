"""Plays the torture set through the product: real files, the real import, the real matching; then looks what became.

What became of a line is read from the events alone: whose dues and credit its đồng went to, and by which rule it was
placed. Nothing of the set's truth is known here.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from adapters.bank.reader import read_statement
from api.flows.statements import import_statement_file
from domain.bank_account import LinesPlaced, StatementImported
from domain.dues_account import CreditHeld, PaymentApplied
from domain.match import MatchAccepted
from domain.payment import PaymentCredited, PaymentReceived
from tests.acceptance.story import Story, at
from tests.torture.files import files
from tests.torture.stage import READY, staged, ward
from tests.torture.values import Line, Parts, World


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a person would be shown beside a payment or line left open: the rule that paired it, if one did, and the
    answers, the best one first."""

    rule: str | None
    answers: tuple[Parts, ...]


#: A matcher that is run once everything is imported; it tells what it would show of what it left open.
Matcher = Callable[[Story], Mapping[str, Shown]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Became:
    """What became of one line: đồng by member, the rule that placed it, and what would be suggested."""

    posted: Mapping[str, int] = field(default_factory=dict)
    rule: str | None = None
    suggested: tuple[Parts, ...] = ()
    suggested_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """The whole set, played."""

    story: Story
    became: Mapping[int, Became]
    doubled: int  #: lines of overlapping files that came in twice
    lost: int  #: lines that no statement in the book holds


def nothing_more(story: Story) -> Mapping[str, Shown]:
    """The import alone, without a matcher."""
    return {}


def play(world: World, lines: Iterable[Line], matcher: Matcher, *, story: Story | None = None) -> Played:
    """Import every file, match, and tell what became of each line."""
    lines = tuple(lines)
    story = story or staged(world)
    keys: dict[int, str] = {}
    day = READY
    for file in files(world, lines):
        day += timedelta(days=1)
        read = [line for statement in read_statement(file.data, file.name) for line in statement.lines]
        assert len(read) == len(file.ids), file.name
        for number, line in zip(file.ids, read, strict=True):
            assert keys.setdefault(number, line.key) == line.key, f"line {number} has two keys"
        import_statement_file(story.installation, actor=ward(), at=at(day), data=file.data, filename=file.name)
    assert len(set(keys.values())) == len(keys), "two lines have one key"
    suggested = matcher(story)
    return _told(story, keys, suggested)


def _told(story: Story, keys: Mapping[int, str], suggested: Mapping[str, Shown]) -> Played:
    ids = {key: number for number, key in keys.items()}
    seen: Counter[str] = Counter()
    line_of: dict[str, str] = {}
    rule: dict[str, str] = {}
    posted: dict[str, Counter[str]] = defaultdict(Counter)
    for recorded in story.installation.store.read(0, 10_000_000):
        match recorded.event:
            case StatementImported() as event:
                seen.update(line.key for line in event.lines)
            case LinesPlaced() as event:
                rule |= {one.key: one.outcome for one in event.placements}
            case PaymentReceived() as event if event.bank_line is not None:
                line_of[event.payment_id] = event.bank_line
            case PaymentCredited() as event:
                line_of[event.payment_id] = event.bank_line
            case PaymentApplied() | CreditHeld() as event:
                posted[event.payment_id][event.member_id] += event.amount
            case MatchAccepted() as event:
                rule |= {line_of[part.payment_id]: str(event.rule) for part in event.parts}
            case _:
                pass
    found: dict[int, Counter[str]] = defaultdict(Counter)
    for payment, parts in posted.items():
        # What a channel announced and no bank line has credited yet belongs to no line.
        if payment in line_of:
            found[ids[line_of[payment]]].update(parts)
    shown = {ids[line_of.get(key, key)]: told for key, told in suggested.items() if line_of.get(key, key) in ids}
    none = Shown(rule=None, answers=())
    became = {
        number: Became(
            posted=dict(found[number]),
            rule=rule.get(key),
            suggested=shown.get(number, none).answers,
            suggested_by=shown.get(number, none).rule,
        )
        for number, key in keys.items()
    }
    return Played(
        story=story,
        became=became,
        doubled=sum(count - 1 for count in seen.values()),
        lost=sum(key not in seen for key in keys.values()),
    )
