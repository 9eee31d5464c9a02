"""Bulk export: a unit's journal, obligations, payments or remittances of some months into one file."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from adapters.bulk.files import Format, write
from api.reading import reading
from api.wiring import Installation
from domain.access import Action
from domain.errors import Malformed, Refusal, RefusalCode
from domain.identifiers import UnitId
from domain.period import Month, day_of
from ledger.ports import Vault
from ledger.reports_export import ExportColumn
from projections import export
from projections.export import Dataset

#: Members whose names are looked up at a time.
_NAMES = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What was written where; ``position`` is how far the ledger reached."""

    path: Path
    rows: int
    position: int
    with_names: bool


def export_to(
    inst: Installation,
    path: Path,
    *,
    dataset: Dataset,
    wanted: Format,
    actor: str,
    at: datetime,
    unit: UnitId,
    first: Month,
    last: Month,
    names: bool = False,
    started: Callable[[int], None] = lambda rows: None,
    progress: Callable[[int], None] = lambda rows: None,
) -> Exported:
    """Write the file, whole or not at all. The actor must be allowed to read the unit.

    ``names`` adds members' names, for who may keep the unit's roll; everybody else gets members' ids alone.
    """
    if last < first:
        raise Refusal(RefusalCode.MONTH_MALFORMED, f"Kỳ xuất từ {first} đến {last} bị ngược; đổi chỗ hai tháng.")
    if not path.parent.is_dir():
        raise Malformed(f"không có thư mục {path.parent}; tạo thư mục trước.", where="--out")
    inst.ledger.require(actor=actor, action=Action.READ, unit=unit, on=day_of(at))
    columns = export.columns(dataset)
    place = next((n for n, column in enumerate(columns) if column.name == "member_id"), None)
    if names:
        # Whoever may import the roll has the names already.
        inst.ledger.require(actor=actor, action=Action.IMPORT_ROSTER, unit=unit, on=day_of(at))
        if place is None:
            raise Malformed(f"bảng {dataset} không có đảng viên, không thêm tên được; bỏ --names.", where="--names")
        columns = (*columns, ExportColumn(name="member_name", title="họ tên"))
    with reading(inst) as read:
        units = read.unit_ids(unit)
        started(export.count(read.conn, dataset, units, first, last))
        rows: Iterable[tuple[Any, ...]] = export.rows(read.conn, dataset, units, first, last)
        if names and place is not None:
            rows = _named(rows, place, inst.vault)
        count = write(path, wanted, columns, rows, progress)
        return Exported(path=path, rows=count, position=read.position, with_names=names)


def _named(rows: Iterable[tuple[Any, ...]], place: int, vault: Vault) -> Iterator[tuple[Any, ...]]:
    """The rows with the member's name behind them; an erased or unknown member has none."""
    left = iter(rows)
    while block := list(islice(left, _NAMES)):
        persons = vault.persons(sorted({row[place] for row in block if row[place] is not None}))
        for row in block:
            person = persons.get(row[place])
            yield (*row, None if person is None else person.name)
