"""The whole country as a tree to play with: 34 provinces, 3,321 communes, and the districts that ended on 1 July 2025.

Provinces and communes come from the data file of the PyPI package ``vietnam-provinces`` (General Statistics Office,
2025-10-18); the package itself is never imported. The districts of Hải Phòng and Hải Dương stand in a small file with
its source; those of every other province are made up and say so in their names.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from adapters.office.organisation import UNIT_COLUMNS
from adapters.sandbox.office_lists import csv_bytes, first
from domain.errors import Malformed
from domain.identifiers import UnitId
from domain.organisation import UnitRegistered
from domain.organisation_kinds import UnitKind

#: Districts end and communes stand under their province from this day on.
REFORM = date(2025, 7, 1)
BEFORE = date(2020, 1, 1)
CENTRE = UnitId("TW")


@dataclass(frozen=True, slots=True, kw_only=True)
class Commune:
    """A commune, ward or special zone of the real list."""

    code: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class District:
    """A district up to 30 June 2025; ``made_up`` where no list was at hand."""

    code: str
    name: str
    made_up: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Province:
    """A province; ``into`` names the one it went into on 1 July 2025, if this file knows."""

    code: str
    name: str
    districts: tuple[District, ...]
    communes: tuple[Commune, ...] = ()
    into: str | None = None


def country() -> tuple[Province, ...]:
    """Every province, its districts of before, its communes of after. Raises ``Malformed`` without the package."""
    told = json.loads(
        files("adapters.sandbox").joinpath("data/districts_before_2025-07-01.json").read_text(encoding="utf-8")
    )
    known: dict[str, list[District]] = {}
    for row in told["districts"]:
        listed = known.setdefault(row["province"], [])
        code = f"{row['province']}.{len(listed) + 1:03d}"
        listed.append(District(code=code, name=row["name"], made_up=row["made_up"]))
    made_up = int(told["made_up_districts_of_each_other_province"])
    found = []
    for row in json.loads(_list_file().read_text(encoding="utf-8")):
        code = f"{row['code']:02d}"
        communes = tuple(Commune(code=f"{code}.{ward['code']:05d}", name=ward["name"]) for ward in row["wards"])
        districts = tuple(known.get(code, ())) or tuple(
            District(code=f"{code}.{n:03d}", name=f"Huyện số {n} (giả định)", made_up=True)
            for n in range(1, made_up + 1)
        )
        found.append(Province(code=code, name=row["name"], districts=districts, communes=communes))
    found += [
        Province(code=row["code"], name=row["name"], districts=tuple(known.get(row["code"], ())), into=row["into"])
        for row in told["ended_provinces"]
    ]
    return tuple(found)


def _list_file() -> Path:
    """The package's data file, found without importing the package."""
    spec = find_spec("vietnam_provinces")
    if spec is None or not spec.submodule_search_locations:
        raise Malformed("chưa cài danh mục hành chính; chạy: pip install vietnam-provinces", where="vietnam-provinces")
    return Path(spec.submodule_search_locations[0]) / "data" / "nested-divisions.json"


def units_before(provinces: tuple[Province, ...]) -> Iterator[UnitRegistered]:
    """The tree up to 30 June 2025: the centre, provinces, districts."""
    yield _unit("TW", "Trung ương", UnitKind.CENTRAL, None, BEFORE, books=False)
    for province in provinces:
        yield _unit(province.code, province.name, UnitKind.PROVINCE, "TW", BEFORE)
        for district in province.districts:
            yield _unit(district.code, district.name, UnitKind.DISTRICT, province.code, BEFORE)


def communes(provinces: tuple[Province, ...]) -> Iterator[UnitRegistered]:
    """The communes as they were set up on 1 July 2025, each under its province."""
    for province in provinces:
        for commune in province.communes:
            yield _unit(commune.code, commune.name, UnitKind.SUPERIOR_COMMUNE, province.code, REFORM)


def _unit(
    code: str, name: str, kind: UnitKind, parent: str | None, since: date, *, books: bool = True
) -> UnitRegistered:
    return UnitRegistered(
        unit_id=UnitId(code),
        code=code,
        name=name,
        kind=kind,
        parent_id=None if parent is None else UnitId(parent),
        effective_from=since,
        has_books=books,
    )


def unit_files(provinces: tuple[Province, ...]) -> dict[str, bytes]:
    """The same as lists that an office could import, by file name."""
    return {
        "to-chuc-truoc-2025-07-01.csv": _csv(units_before(provinces)),
        "to-chuc-xa-phuong-2025-07-01.csv": _csv(communes(provinces)),
    }


def _csv(units: Iterator[UnitRegistered]) -> bytes:
    rows = (
        (
            unit.code,
            unit.name,
            unit.kind,
            unit.parent_id or "",
            f"{unit.effective_from:%d/%m/%Y}",
            "có" if unit.has_books else "không",
        )
        for unit in units
    )
    return csv_bytes(first(UNIT_COLUMNS), rows)
