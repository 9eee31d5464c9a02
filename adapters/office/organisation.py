"""The tree, its bank accounts, who receives whose money, and wage regions, from an office's lists (CSV or XLSX).

Four files: ``to-chuc`` (units), ``tai-khoan`` (accounts), ``noi-nhan-tien`` (receiving places) and ``vung-luong``
(wage regions). Units are named by their codes; the ledger knows them by ids that never change with a code.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType

from adapters.office.table import (
    YES_NO,
    Column,
    Line,
    Listed,
    Place,
    Words,
    listed,
    optional,
    read_table,
    required,
    words,
)
from domain.identifiers import UnitId
from domain.organisation import Channel
from domain.organisation_kinds import KIND_TITLES, UnitKind

#: A unit's code: letters, digits, dots, underscores and hyphens.
CODE = r"[0-9A-Za-z][0-9A-Za-z._-]{0,39}"
_ACCOUNT = r"[0-9A-Za-z]{4,19}"
_BIN = r"[0-9]{6}"

_SHORT: Mapping[UnitKind, tuple[str, ...]] = MappingProxyType(
    {
        UnitKind.CENTRAL: ("Trung ương", "Văn phòng Trung ương Đảng"),
        UnitKind.PROVINCE: ("Thành ủy", "Tỉnh ủy", "Đảng ủy trực thuộc Trung ương"),
        UnitKind.DISTRICT: ("Huyện ủy và tương đương", "Huyện ủy"),
        UnitKind.SUPERIOR_COMMUNE: ("Cấp trên trực tiếp của tổ chức cơ sở đảng", "Cấp trên trực tiếp của TCCSĐ"),
        UnitKind.BASE_COMMUNE: ("Đảng bộ cơ sở xã, phường, đặc khu",),
        UnitKind.BASE_OTHER: ("Đảng bộ cơ sở", "Đảng bộ cơ sở khác"),
        UnitKind.BASE_CELL: ("Chi bộ cơ sở",),
        UnitKind.SUBCOMMITTEE: ("Đảng bộ bộ phận", "Đảng bộ trực thuộc cơ sở"),
        UnitKind.CELL: ("Chi bộ", "Chi bộ trực thuộc"),
        UnitKind.ARMED: ("Tổ chức đảng trong lực lượng vũ trang",),
        UnitKind.OVERSEAS_CENTRAL: ("Đảng ủy Ngoài nước",),
        UnitKind.OVERSEAS_HOST: ("Đảng ủy nước sở tại",),
        UnitKind.OVERSEAS_CELL: ("Chi bộ ở nước ngoài",),
    }
)
KINDS: Words[UnitKind] = words({kind: (*_SHORT[kind], kind.value, KIND_TITLES[kind]) for kind in UnitKind})
CHANNELS: Words[Channel] = words(
    {
        Channel.PORTAL: ("Cổng", "Cổng dịch vụ công", "portal"),
        Channel.BANK: ("Ngân hàng", "Chuyển khoản", "bank"),
        Channel.CASH: ("Tiền mặt", "cash"),
    }
)
_REGIONS = words({region: (region,) for region in ("I", "II", "III", "IV")})

UNIT_COLUMNS: Mapping[str, Column] = MappingProxyType(
    {
        "code": required("mã", "mã đơn vị"),
        "name": required("tên", "tên đơn vị"),
        "kind": required("loại", "loại tổ chức"),
        "parent": required("mã cấp trên"),
        "since": required("từ ngày"),
        "books": required("có sổ"),
    }
)
ACCOUNT_COLUMNS: Mapping[str, Column] = MappingProxyType(
    {
        "code": required("mã đơn vị"),
        "bin": required("BIN", "mã ngân hàng"),
        "number": required("số tài khoản"),
        "holder": required("tên chủ tài khoản"),
        "since": required("từ ngày"),
    }
)
HOLDER_COLUMNS: Mapping[str, Column] = MappingProxyType(
    {
        "code": required("mã đơn vị"),
        "channel": required("kênh"),
        "holder": required("mã đơn vị giữ"),
        "number": optional("số tài khoản"),
        "since": required("từ ngày"),
    }
)
REGION_COLUMNS: Mapping[str, Column] = MappingProxyType(
    {
        "code": required("mã đơn vị"),
        "region": required("vùng"),
        "assumed": required("giả định"),
        "document": required("văn bản"),
        "since": required("từ ngày"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRow:
    """A unit as listed; ``parent_code`` is None at the top."""

    place: Place
    code: str
    name: str
    kind: UnitKind
    parent_code: str | None
    effective_from: date
    has_books: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRow:
    """A unit's own bank account as listed."""

    place: Place
    unit_code: str
    bin: str
    number: str
    holder_name: str
    effective_from: date


@dataclass(frozen=True, slots=True, kw_only=True)
class HolderRow:
    """Who receives a unit's money over a channel; ``number`` is None for cash."""

    place: Place
    unit_code: str
    channel: Channel
    holder_code: str
    number: str | None
    effective_from: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionRow:
    """A unit's wage region as listed."""

    place: Place
    unit_code: str
    region: str
    assumed: bool
    document: str
    effective_from: date


def unit_id_for(code: str) -> UnitId:
    """The id a unit gets when it is first registered under ``code``; opaque, and kept when the code changes."""
    return UnitId("u-" + uuid.uuid5(uuid.NAMESPACE_URL, f"dangphi:unit:{code}").hex[:12])


def read_units(path: Path) -> Listed[UnitRow]:
    """Read the list of units; ``Malformed`` when it cannot be read at all."""
    table = read_table(path, UNIT_COLUMNS)
    return listed(table, (_unit(line) for line in table.lines))


def read_accounts(path: Path) -> Listed[AccountRow]:
    """Read the list of bank accounts; ``Malformed`` when it cannot be read at all."""
    table = read_table(path, ACCOUNT_COLUMNS)
    return listed(table, (_account(line) for line in table.lines))


def read_holders(path: Path) -> Listed[HolderRow]:
    """Read who receives whose money; ``Malformed`` when it cannot be read at all."""
    table = read_table(path, HOLDER_COLUMNS)
    return listed(table, (_holder(line) for line in table.lines))


def read_regions(path: Path) -> Listed[RegionRow]:
    """Read the wage regions; ``Malformed`` when it cannot be read at all."""
    table = read_table(path, REGION_COLUMNS)
    return listed(table, (_region(line) for line in table.lines))


def _unit(line: Line) -> UnitRow | None:
    row = UnitRow(
        place=line.place,
        code=line.code("code", CODE, "mã đơn vị"),
        name=line.text("name"),
        kind=line.word("kind", KINDS, UnitKind.CELL),
        parent_code=line.code("parent", CODE, "mã đơn vị") if line.has("parent") else None,
        effective_from=line.day("since"),
        has_books=line.word("books", YES_NO, False),
    )
    return None if line.problems else row


def _account(line: Line) -> AccountRow | None:
    row = AccountRow(
        place=line.place,
        unit_code=line.code("code", CODE, "mã đơn vị"),
        bin=line.code("bin", _BIN, "mã ngân hàng (6 chữ số)"),
        number=line.code("number", _ACCOUNT, "số tài khoản"),
        holder_name=line.text("holder"),
        effective_from=line.day("since"),
    )
    return None if line.problems else row


def _holder(line: Line) -> HolderRow | None:
    channel = line.word("channel", CHANNELS, Channel.CASH)
    if channel is Channel.CASH and line.has("number"):
        line.reject("number", "tiền mặt không có số tài khoản; để trống ô này")
    row = HolderRow(
        place=line.place,
        unit_code=line.code("code", CODE, "mã đơn vị"),
        channel=channel,
        holder_code=line.code("holder", CODE, "mã đơn vị"),
        number=None if channel is Channel.CASH else line.code("number", _ACCOUNT, "số tài khoản"),
        effective_from=line.day("since"),
    )
    return None if line.problems else row


def _region(line: Line) -> RegionRow | None:
    row = RegionRow(
        place=line.place,
        unit_code=line.code("code", CODE, "mã đơn vị"),
        region=line.word("region", _REGIONS, "I"),
        assumed=line.word("assumed", YES_NO, False),
        document=line.text("document"),
        effective_from=line.day("since"),
    )
    return None if line.problems else row
