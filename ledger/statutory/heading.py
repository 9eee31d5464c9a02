"""What stands on every statutory book: whose it is, for when, and at which versions its figures were taken."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.identifiers import UnitId
from domain.organisation_history import unit_on
from ledger.statutory.tree import Ground


class BookKind(StrEnum):
    """The books of rules §3, the member's year and the posting for the members of a cell."""

    S01 = "s01"
    S02 = "s02"
    B01 = "b01"
    S01_TCD = "s01-tcd"
    MEMBER_YEAR = "member-year"
    POSTING = "posting"


#: How the office calls them.
TITLES: dict[BookKind, str] = {
    BookKind.S01: "Sổ thu, nộp đảng phí (S01/ĐP)",
    BookKind.S02: "Sổ tổng hợp thu, nộp đảng phí (S02/ĐP)",
    BookKind.B01: "Báo cáo thu, nộp đảng phí (B01/ĐP)",
    BookKind.S01_TCD: "Sổ thu, chi tài chính (S01-TCĐ)",
    BookKind.MEMBER_YEAR: "Bản kê đảng phí trong năm của đảng viên",
    BookKind.POSTING: "Công khai đảng phí hằng tháng của chi bộ",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """Unit and superior as they were named on the last day of the period, and the three versions of the figures."""

    kind: BookKind
    unit_id: str
    unit_code: str
    unit_name: str
    superior_name: str
    period: str  #: "2026-07", "2026-Q3" or "2026"
    position: int
    tree_version: int
    policy_version: int


def heading(ground: Ground, kind: BookKind, unit_id: UnitId, period: str, last_day: date) -> Heading:
    """The heading of a unit's book for a period that ends on ``last_day``."""
    org = ground.organisation
    unit = unit_on(org, unit_id, last_day) or org.first[unit_id]
    above = None if unit.parent_id is None else unit_on(org, unit.parent_id, last_day)
    return Heading(
        kind=kind,
        unit_id=unit_id,
        unit_code=unit.code,
        unit_name=unit.name,
        superior_name="" if above is None else above.name,
        period=period,
        position=ground.position,
        tree_version=ground.tree_version,
        policy_version=ground.policy_version,
    )
