"""The law as data: effective-dated rows, each with its document, its article and how sure we are of it.

Amounts are whole đồng, rates and shares are basis points (100 bp = 1 %), months are inclusive at both ends
and ``None`` at the end means open. Every field is plain, so that an event can carry a whole row.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol, TypeAlias, TypeVar

from domain.money import Dong
from domain.organisation_kinds import UnitKind
from domain.period import Month
from domain.policy_settings import SettingName, allows


class Confidence(StrEnum):
    """How a row came to us; only ``seen`` and ``derived`` may be activated with the file alone."""

    SEEN = "seen"
    DERIVED = "derived"
    SECONDARY = "secondary"
    MEMORY = "memory"
    GUESS = "guess"


#: How each confidence is named to Vietnamese readers.
CONFIDENCE_TITLES: Mapping[Confidence, str] = MappingProxyType(
    {
        Confidence.SEEN: "đã đọc văn bản",
        Confidence.DERIVED: "suy ra từ văn bản",
        Confidence.SECONDARY: "nguồn thứ cấp",
        Confidence.MEMORY: "theo trí nhớ",
        Confidence.GUESS: "giả định",
    }
)

#: Rows read in an official text or following from such rows by arithmetic.
SURE = frozenset({Confidence.SEEN, Confidence.DERIVED})


class Regime(StrEnum):
    """Which regulation a row belongs to: 342-QĐ/TW for months to 2026-01, 01-QĐ/TW from 2026-02."""

    QD342 = "342"
    QD01 = "01"


class RateKind(StrEnum):
    """How a level is stated: a share of a base, a fixed sum, a legal range, or a legal minimum."""

    PERCENT = "percent"
    FIXED = "fixed"
    RANGE = "range"
    MINIMUM = "minimum"


class BaseKind(StrEnum):
    """What a percentage is taken of; the word is also the kind under which a member declares that income."""

    SI_SALARY = "si-salary"  #: of the immediately preceding month (01-QĐ/TW, Article 3)
    BENEFIT = "benefit"  #: sickness or maternity benefit of the leave month
    PENSION = "pension"
    ALLOWANCE = "allowance"  #: living allowance abroad
    SALARY = "salary"  #: salary with allowances that count for insurance (342-QĐ/TW, B.I.1)
    UNIT_INCOME = "unit-income"  #: all income from the unit's wage fund (342-QĐ/TW, B.I.3)
    REGIONAL_MINIMUM_WAGE = "regional-minimum-wage"
    NONE = "none"  #: a sum, not a percentage


class RoundingScope(StrEnum):
    """What a rounding row is about: a member's obligation, or the split of collected money."""

    OBLIGATION = "obligation"
    SPLIT = "split"


@dataclass(frozen=True, slots=True, kw_only=True)
class RateRow:
    """The level of one category; ``low`` and ``high`` are whole units of ``currency``."""

    id: str
    title: str
    category: str
    kind: RateKind
    base_kind: BaseKind
    value_bp: int | None = None
    value_dong: Dong | None = None
    low: int | None = None
    high: int | None = None
    currency: str = "VND"
    from_month: Month
    to_month: Month | None = None
    regime: Regime
    document: str
    article: str | None = None
    confidence: Confidence
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WageRow:
    """The minimum monthly wage of one region, in đồng (decrees 74/2024/NĐ-CP and 293/2025/NĐ-CP)."""

    id: str
    region: str
    amount: Dong
    from_month: Month
    to_month: Month | None = None
    document: str
    article: str | None = None
    confidence: Confidence
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CapRow:
    """The highest base that counts, in đồng, for bases of ``base_kind`` that belong to the months named."""

    id: str
    base_kind: BaseKind
    amount: Dong
    from_month: Month
    to_month: Month | None = None
    document: str
    article: str | None = None
    confidence: Confidence
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliefRow:
    """A ground of exemption, reduction, deferral or surplus (01-QĐ/TW, Article 5).

    ``percents`` are whole percents taken off; an empty tuple: the ground changes no amount (X5, X6).
    """

    id: str
    kind: str
    ground: str
    percents: tuple[int, ...]
    max_months: int | None = None
    application_required: bool
    from_month: Month
    to_month: Month | None = None
    document: str
    article: str | None = None
    confidence: Confidence
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundingRow:
    """Half-up rounding to a multiple of ``unit`` đồng; ``is_default``: holds until an office decides."""

    id: str
    scope: RoundingScope
    unit: Dong
    is_default: bool = False
    from_month: Month
    to_month: Month | None = None
    document: str | None = None
    article: str | None = None
    confidence: Confidence
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareRow:
    """What a kind of unit keeps of what it collected and received.

    A row of the law has either ``retain_bp`` or a legal range ``low_bp``–``high_bp`` (or neither where nobody
    has seen the figure); a local choice has ``retain_bp`` and names its ``decision``. ``is_example`` marks
    figures that were made up to show how the ledger works.
    """

    id: str
    unit_kind: UnitKind
    retain_bp: int | None = None
    low_bp: int | None = None
    high_bp: int | None = None
    from_period: Month
    to_period: Month | None = None
    regime: Regime
    document: str
    article: str | None = None
    decision: str | None = None
    is_example: bool = False
    confidence: Confidence
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingRow:
    """The answer to a question that no text settles yet; for one kind of unit, or for all (``unit_kind`` None).

    ``is_default``: holds until an office decides, and may be activated with the file.
    """

    id: str
    name: SettingName
    value: str
    unit_kind: UnitKind | None = None
    is_default: bool = False
    from_month: Month
    to_month: Month | None = None
    document: str | None = None
    article: str | None = None
    confidence: Confidence
    note: str | None = None


PolicyRow: TypeAlias = RateRow | WageRow | CapRow | ReliefRow | RoundingRow | ShareRow | SettingRow


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRows:
    """Rows by kind, each kind in the order in which its rows became known."""

    rates: tuple[RateRow, ...] = ()
    wages: tuple[WageRow, ...] = ()
    caps: tuple[CapRow, ...] = ()
    reliefs: tuple[ReliefRow, ...] = ()
    roundings: tuple[RoundingRow, ...] = ()
    shares: tuple[ShareRow, ...] = ()
    settings: tuple[SettingRow, ...] = ()

    def every(self) -> tuple[PolicyRow, ...]:
        """All rows, rates first and settings last."""
        return (
            *self.rates,
            *self.wages,
            *self.caps,
            *self.reliefs,
            *self.roundings,
            *self.shares,
            *self.settings,
        )

    def find(self, row_id: str) -> PolicyRow | None:
        """The row with this id, if there is one."""
        return next((row for row in self.every() if row.id == row_id), None)


NO_ROWS = PolicyRows()


class Dated(Protocol):
    """Any row that is in force between two months."""

    @property
    def from_month(self) -> Month:
        """First month in force."""

    @property
    def to_month(self) -> Month | None:
        """Last month in force, or ``None``."""


DatedRow = TypeVar("DatedRow", bound=Dated)


def covers(start: Month, end: Month | None, month: Month) -> bool:
    """Whether ``month`` lies in the inclusive span; an open end covers every later month."""
    return start <= month and (end is None or month <= end)


def in_force(rows: Iterable[DatedRow], month: Month) -> DatedRow | None:
    """The row that governs ``month``: of several, the one that starts last, then the one that was added last.

    A newer row therefore takes over from its first month on, even where the older one was left open.
    """
    chosen: DatedRow | None = None
    for row in rows:
        if covers(row.from_month, row.to_month, month) and (chosen is None or row.from_month >= chosen.from_month):
            chosen = row
    return chosen


def span(row: PolicyRow) -> tuple[Month, Month | None]:
    """First and last month in which a row is in force."""
    if isinstance(row, ShareRow):
        return row.from_period, row.to_period
    return row.from_month, row.to_month


def has_known_value(row: PolicyRow) -> bool:
    """Whether a row says anything usable: some shares of 2026 stand in no text that anybody has found."""
    match row:
        case RateRow(kind=RateKind.PERCENT):
            return row.value_bp is not None
        case RateRow(kind=RateKind.FIXED):
            return row.value_dong is not None
        case RateRow():
            return row.low is not None
        case ShareRow():
            return row.retain_bp is not None or (row.low_bp is not None and row.high_bp is not None)
        case SettingRow():
            return allows(row.name, row.value)
        case _:
            return True


def is_stated_default(row: PolicyRow) -> bool:
    """Whether a row says of itself that it holds until an office decides; it may be activated with the file."""
    return isinstance(row, RoundingRow | SettingRow) and row.is_default


def cite(document: str, article: str | None) -> str:
    """A source as a Vietnamese reader would name it: ``01-QĐ/TW, Điều 3(2)`` or ``342-QĐ/TW, mục B.I.1``."""
    if article is None:
        return document
    if article[:1].isdigit():
        return f"{document}, Điều {article}"
    if "." in article:
        return f"{document}, mục {article}"
    # An article whose number nobody has seen carries a working name, which would mislead as a citation.
    return document


def share_label(row: ShareRow) -> str:
    """How every page that uses a share names it; figures made up for a demonstration say so."""
    source = cite(row.decision or row.document, None if row.decision else row.article)
    return f"tỷ lệ ví dụ ({source})" if row.is_example else source
