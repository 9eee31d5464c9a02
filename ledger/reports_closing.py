"""The closing page: whether other people's money is all there, and where each collected đồng went.

Frozen values, filled by whoever reads the balances; the additions are shown as rows, and ``check`` makes them again,
so that a figure that does not add up is named on the page itself. All amounts are whole đồng.
Sources: accounting §1 and §4 (A4 cover, A6 collected = kept + on its way), B01/ĐP lines 02 - 04 = 12.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.money import Dong
from ledger.chart import ASSETS, CHART, OWED

PROVISIONAL = "tạm tính"
EXAMPLE_SHARE = "tỷ lệ ví dụ"

#: Accounts between units of the same page: who adds units up drops the pair from both sides.
_BETWEEN = {"1390": 1, "3390": 1}


class Level(StrEnum):
    """The levels of the Party through which dues pass, lowest first; the values are the words of the page."""

    CELL = "Chi bộ"
    BASE = "Đảng ủy cơ sở"
    WARD = "Đảng ủy phường"
    PROVINCE = "Thành ủy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One amount with its name; ``code`` is the account it is the balance of, where it is one."""

    label: str
    amount: Dong
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """Money held = owed to others + own (A4); ``short_units`` are units whose own cover fails, by name.

    A deduction (claw-back due from above, spending, a shortage) is a negative figure.
    """

    held: tuple[Figure, ...]
    owed: tuple[Figure, ...]
    own: tuple[Figure, ...]
    units: int
    short_units: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelFigures:
    """One level's money of one report period, summed over its units; amounts in đồng.

    ``from_below`` is all that superiors booked as received for subordinates (netted claw-back included), whether split
    already or not. ``refunded`` went back to payers, ``returned_below`` is the subordinates' part of refunds.
    ``kept`` and ``payable`` are after refunds: Cr 4310 less what refunds took, Cr 3360 less Dr 1380.
    ``received_above`` includes money settled from what a holder held. ``to_send`` is 3360 less what is under way;
    ``claw_back`` is 1380 not netted yet, ``netted`` was. ``carried_in`` was collected or payable at the opening.
    """

    level: Level
    units: int
    period: str
    closed: bool
    share: str = ""  #: what the level keeps, such as "30 %"; empty where none is active
    carried_in: Dong = 0
    from_members: Dong = 0
    from_below: Dong = 0
    refunded: Dong = 0
    returned_below: Dong = 0
    kept: Dong = 0
    unsplit: Dong = 0
    payable: Dong = 0
    received_above: Dong = 0
    under_way: Dong = 0
    to_send: Dong = 0
    claw_back: Dong = 0
    netted: Dong = 0

    @property
    def collected(self) -> Dong:
        """What there was to split, after refunds."""
        return self.carried_in + self.from_members + self.from_below - self.refunded - self.returned_below


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """The levels of one report period, at least one, lowest first; what the last one passes on leaves the page."""

    title: str
    example_shares: bool
    levels: tuple[LevelFigures, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Addition:
    """Signed terms that make a total; for what the page adds up beside cover and levels."""

    title: str
    terms: tuple[Figure, ...]
    total: Figure
    provisional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenItem:
    """Something that waits: since when, who answers for it, and the next step (A8)."""

    what: str
    amount: Dong
    since: date | None
    owner: str
    next_step: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What waits under one heading. items + rest = total; with ``code``, total is that account's figure in the cover.

    Long lists show their first items; ``rest_count`` further ones come to ``rest_amount``.
    """

    title: str
    total: Dong
    items: tuple[OpenItem, ...]
    rest_count: int = 0
    rest_amount: Dong = 0
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckLine:
    """The result of one check of the replayed log; ``finding`` is the first of ``findings``."""

    check_id: str
    title: str
    ok: bool
    findings: int = 0
    finding: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftFile:
    """A file that was left for the office, and what it is for."""

    path: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosingPage:
    """The whole page as of a log position."""

    title: str
    unit_name: str
    as_of: date
    position: int
    cover: Cover
    flows: tuple[Flow, ...]
    additions: tuple[Addition, ...] = ()
    waiting: tuple[Waiting, ...] = ()
    checks: tuple[CheckLine, ...] = ()
    files: tuple[LeftFile, ...] = ()
    notes: tuple[str, ...] = ()


def total(figures: tuple[Figure, ...]) -> Dong:
    """The sum of signed figures."""
    return sum(figure.amount for figure in figures)


def cover_of(
    balances: Mapping[str, Dong], *, units: int, held_between: Dong = 0, short_units: tuple[str, ...] = ()
) -> Cover:
    """The cover from balances by account code, each on its natural side, added up over ``units`` units.

    ``held_between`` is what units of the page hold for each other (1390 = 3390); it is dropped from both sides, because
    the money lies with the holder alone. Zeros are left out.
    """

    def figures(*signed: tuple[str, int]) -> tuple[Figure, ...]:
        amounts = ((c, sign * (balances.get(c, 0) - _BETWEEN.get(c, 0) * held_between)) for c, sign in signed)
        return tuple(Figure(label=CHART[code].name, amount=amount, code=code) for code, amount in amounts if amount)

    return Cover(
        held=figures(*((code, 1) for code in ASSETS)),
        owed=figures(*((code, 1) for code in OWED), ("1380", -1)),
        own=figures(("4310", 1), ("4320", 1), ("6310", -1), ("1370", -1)),
        units=units,
        short_units=short_units,
    )


def destinations(flow: Flow) -> tuple[Figure, ...]:
    """Where members' money of the period is now, zeros left out; the sum is what members paid less refunds (A6)."""
    top = flow.levels[-1]
    kept = tuple(Figure(label=f"{level.level} được để lại", amount=level.kept) for level in flow.levels)
    rest = (
        Figure(label="Chưa phân bổ", amount=sum(level.unsplit for level in flow.levels)),
        Figure(label="Đang chuyển lên", amount=sum(level.under_way for level in flow.levels)),
        Figure(label="Còn phải nộp lên", amount=sum(level.to_send for level in flow.levels)),
        Figure(label=f"Cấp trên của {top.level} đã nhận", amount=top.received_above),
        Figure(label=f"{top.level} chờ cấp trên cấn trừ", amount=-top.claw_back),
    )
    return tuple(figure for figure in (*kept, *rest) if figure.amount)
