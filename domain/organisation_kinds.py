"""Kinds of Party organisation, as far as dues depend on them.

A kind is a dated fact of a unit: a ward committee was the direct superior of base organisations from 2025-07
to 2026-07-25 and is itself a base committee from 2026-07-26 (208-QĐ/TW), and its share may differ by that.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class UnitKind(StrEnum):
    """What a unit is in the Party's tree; shares are keyed by this word."""

    CENTRAL = "CENTRAL"
    PROVINCE = "PROVINCE"
    DISTRICT = "DISTRICT"
    SUPERIOR_COMMUNE = "SUPERIOR_COMMUNE"
    BASE_COMMUNE = "BASE_COMMUNE"
    BASE_OTHER = "BASE_OTHER"
    BASE_CELL = "BASE_CELL"
    SUBCOMMITTEE = "SUBCOMMITTEE"
    CELL = "CELL"
    ARMED = "ARMED"
    OVERSEAS_CENTRAL = "OVERSEAS_CENTRAL"
    OVERSEAS_HOST = "OVERSEAS_HOST"
    OVERSEAS_CELL = "OVERSEAS_CELL"


#: Kinds to which members belong directly, whatever may lie beneath them.
CELL_KINDS = frozenset({UnitKind.CELL, UnitKind.BASE_CELL, UnitKind.OVERSEAS_CELL})

#: How each kind is named to Vietnamese readers.
KIND_TITLES: Mapping[UnitKind, str] = MappingProxyType(
    {
        UnitKind.CENTRAL: "Trung ương",
        UnitKind.PROVINCE: "tỉnh ủy, thành ủy, đảng ủy trực thuộc Trung ương",
        UnitKind.DISTRICT: "huyện ủy và tương đương (đến 30/6/2025)",
        UnitKind.SUPERIOR_COMMUNE: "đảng ủy xã, phường, đặc khu là cấp trên trực tiếp của tổ chức cơ sở đảng",
        UnitKind.BASE_COMMUNE: "đảng bộ cơ sở xã, phường, đặc khu",
        UnitKind.BASE_OTHER: "đảng bộ cơ sở khác",
        UnitKind.BASE_CELL: "chi bộ cơ sở",
        UnitKind.SUBCOMMITTEE: "đảng bộ trực thuộc cơ sở (đảng bộ bộ phận)",
        UnitKind.CELL: "chi bộ trực thuộc đảng bộ cơ sở",
        UnitKind.ARMED: "tổ chức đảng trong Quân đội, Công an",
        UnitKind.OVERSEAS_CENTRAL: "Đảng ủy Ngoài nước (trước đây)",
        UnitKind.OVERSEAS_HOST: "đảng ủy nước sở tại",
        UnitKind.OVERSEAS_CELL: "chi bộ ở nước ngoài",
    }
)
