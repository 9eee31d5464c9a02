"""The torture set's values, and how they stand in its two files (compact JSON, one line of the bank a row)."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields
from enum import StrEnum
from pathlib import Path
from random import Random
from typing import TypeVar

T = TypeVar("T")

FOLDER = Path(__file__).resolve().parents[1] / "golden" / "torture"
WORLD_FILE = FOLDER / "world.json"
LINES_FILE = FOLDER / "lines.jsonl"

Parts = tuple[tuple[str, int], ...]


class Must(StrEnum):
    """What a matcher must, may and must not do with a line."""

    POST = "post"  #: post it, by itself, to exactly these members in these amounts
    SUGGEST = "suggest"  #: never post it by itself; the answer belongs among the first three suggestions
    EITHER = "either"  #: posting it to exactly these members is right, suggesting them is enough
    HOLD = "hold"  #: nothing in the line says whose it is: it must stay unidentified
    OTHER = "other"  #: no dues (fee, interest, state funding, own spending, a probe): never a member's money
    RETURN = "return"  #: money that came back, or a bank's reversal: never a new payment


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A cell with an account of its own at a bank."""

    id: str
    bank: str
    bin: str
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A made-up member; ``dues`` is what each month asks, in đồng."""

    id: str
    unit: str
    name: str
    dues: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A standing request: its reference, whose and for which month."""

    reference: str
    member: str
    month: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One payment for several members, opened on the portal and paid straight into the unit's account."""

    reference: str
    unit: str
    month: str
    parts: Parts


@dataclass(frozen=True, slots=True, kw_only=True)
class Lump:
    """Payments of a gateway that pays them out together, less its fees; ``fees`` go with ``parts``, one each."""

    payout: str
    unit: str
    on: str
    references: tuple[str, ...]
    parts: Parts
    fees: tuple[int, ...]

    @property
    def net(self) -> int:
        """What the bank will show."""
        return sum(amount for _, amount in self.parts) - sum(self.fees)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Everything that exists before the first line arrives."""

    seed: int
    months: tuple[str, ...]
    units: tuple[Unit, ...]
    members: tuple[Member, ...]
    asked: tuple[Asked, ...]
    batches: tuple[Batch, ...]
    lumps: tuple[Lump, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a bank and the truth about it; ``to`` is the right answer where there is one.

    ``reachable`` says whether the line and the book together hold the answer; ``why`` says how, or why not.
    ``payer`` is the sender's account where that bank's statements show one.
    """

    id: int
    unit: str
    on: str
    direction: str
    amount: int
    content: str
    payer: str | None
    payer_name: str | None
    bank_reference: str | None
    bank_code: str | None
    reversal: bool
    shape: str
    damage: str
    theme: str
    must: Must
    to: Parts
    reachable: bool
    why: str


_LINE = tuple(one.name for one in fields(Line))


class Dice:
    """Seeded chance that gives the same story on every machine: only ``Random.random`` is promised to."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def below(self, bound: int) -> int:
        """A number from 0 to ``bound`` - 1."""
        return int(self._random.random() * bound)

    def pick(self, things: Sequence[T]) -> T:
        """One of some things."""
        return things[self.below(len(things))]

    def digits(self, count: int) -> str:
        """Digits, the first one not 0."""
        return str(1 + self.below(9)) + "".join(str(self.below(10)) for _ in range(count - 1))

    def shuffled(self, things: Iterable[T]) -> list[T]:
        """The things in another order."""
        found = list(things)
        for place in range(len(found) - 1, 0, -1):
            other = self.below(place + 1)
            found[place], found[other] = found[other], found[place]
        return found


def world_text(world: World) -> str:
    """The world as it stands in its file."""
    rows = {
        "about": "Invented units, accounts, people and requests; see tests/torture.",
        "seed": world.seed,
        "months": world.months,
        "units": [astuple(one) for one in world.units],
        "members": [astuple(one) for one in world.members],
        "asked": [astuple(one) for one in world.asked],
        "batches": [astuple(one) for one in world.batches],
        "lumps": [astuple(one) for one in world.lumps],
    }
    parts = [f"{json.dumps(key)}: {_rows(value)}" for key, value in rows.items()]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _rows(value: object) -> str:
    if isinstance(value, list):
        return "[\n" + ",\n".join(_compact(row) for row in value) + "\n]"
    return _compact(value)


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def lines_text(lines: Iterable[Line]) -> str:
    """The lines as they stand in their file: the first row names the columns."""
    return "".join(_compact(row) + "\n" for row in (_LINE, *(astuple(one) for one in lines)))


def read_world(file: Path = WORLD_FILE) -> World:
    """The world of the set."""
    raw = json.loads(file.read_text(encoding="utf-8"))
    return World(
        seed=raw["seed"],
        months=tuple(raw["months"]),
        units=tuple(Unit(id=a, bank=b, bin=c, number=d) for a, b, c, d in raw["units"]),
        members=tuple(Member(id=a, unit=b, name=c, dues=d) for a, b, c, d in raw["members"]),
        asked=tuple(Asked(reference=a, member=b, month=c) for a, b, c in raw["asked"]),
        batches=tuple(Batch(reference=a, unit=b, month=c, parts=_parts(d)) for a, b, c, d in raw["batches"]),
        lumps=tuple(
            Lump(payout=a, unit=b, on=c, references=tuple(d), parts=_parts(e), fees=tuple(f))
            for a, b, c, d, e, f in raw["lumps"]
        ),
    )


def read_lines(file: Path = LINES_FILE) -> tuple[Line, ...]:
    """The lines of the set, in order of their ids."""
    head, *rows = [json.loads(row) for row in file.read_text(encoding="utf-8").splitlines()]
    assert tuple(head) == _LINE
    found = []
    for row in rows:
        named = dict(zip(head, row, strict=True))
        found.append(Line(**{**named, "must": Must(named["must"]), "to": _parts(named["to"])}))
    return tuple(found)


def _parts(rows: list[list[object]]) -> Parts:
    return tuple((str(member), int(str(amount))) for member, amount in rows)
