"""The torture set's lines as statement files of seven banks: two overlapping files for each cell and month."""

import calendar
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from adapters.sandbox.statement_files import carries, line_of, statement_of, write_statement
from domain.notice import BankLine
from tests.torture.town import OPENING
from tests.torture.values import Line, Unit, World

FORMATS = {
    "VCB": "vietcombank-xlsx",
    "BIDV": "bidv-xlsx",
    "VietinBank": "vietinbank-xlsx",
    "Agribank": "agribank-html",
    "MB": "mb-xlsx",
    "Techcombank": "techcombank-xlsx",
    "ACB": "camt.053.001.08",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A statement file, and the ids of the lines that it holds in the order of the statement."""

    unit: str
    name: str
    data: bytes
    ids: tuple[int, ...]


def files(world: World, lines: Iterable[Line]) -> Iterator[File]:
    """Files in the order in which they are read; the second of a month repeats its days 11 to 20."""
    by_unit: dict[str, list[Line]] = {unit.id: [] for unit in world.units}
    for line in sorted(lines, key=lambda one: (one.on, one.id)):
        by_unit[line.unit].append(line)
    for month in world.months:
        year, number = int(month[:4]), int(month[5:])
        last = calendar.monthrange(year, number)[1]
        for first, end in ((1, 20), (11, last)):
            for unit in world.units:
                yield _file(unit, by_unit[unit.id], date(year, number, first), date(year, number, end))


def _file(unit: Unit, lines: list[Line], first: date, last: date) -> File:
    shown = [one for one in lines if first.isoformat() <= one.on <= last.isoformat()]
    opening = OPENING + sum(_signed(one) for one in lines if one.on < first.isoformat())
    kind = FORMATS[unit.bank]
    statement = statement_of(
        unit.number, [_bank_line(one) for one in shown], opening=opening, bin=unit.bin, first=first, last=last
    )
    name, data = write_statement(kind, statement, holder_name=f"CHI BO {unit.id}")
    return File(unit=unit.id, name=name, data=data, ids=tuple(one.id for one in shown))


def shows_reference(bank: str) -> bool:
    """Whether the bank's files carry references of the bank's own."""
    return carries(FORMATS[bank]).reference


def _signed(line: Line) -> int:
    return line.amount if line.direction == "in" else -line.amount


def _bank_line(line: Line) -> BankLine:
    plain = line_of(date.fromisoformat(line.on), _signed(line), line.content, reference=line.bank_reference)
    return replace(
        plain,
        counterparty_account=line.payer,
        counterparty_name=line.payer_name,
        is_reversal=line.reversal,
        bank_code=line.bank_code,
    )
