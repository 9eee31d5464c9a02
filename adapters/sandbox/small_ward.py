"""Office lists of a small ward for a sandbox's month: some cells of the example, some members of each, plain cases.

Reliefs, arrears and credits have their place in the example; here the money's ways are what is tried.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from adapters.office import officers, openings, organisation
from adapters.sandbox.office_lists import csv_bytes, first, roster_csv
from adapters.sandbox.people import Made, make_members
from adapters.sandbox.viet_hoa import (
    ACCOUNTS,
    CENTRE,
    PROVINCE,
    WARD,
    account_rows,
    holder_rows,
    officer_rows,
    region_rows,
    unit_rows,
)
from domain.money import Dong, format_dong

#: Cells in the order in which they are taken: the third one's money goes to the ward's account.
_CELLS = ("31.001.001", "31.001.002", "31.001.004", "31.001.003", "31.001.005", "31.001.006")

#: What is on each account when the month begins, đồng.
OPENING: Dong = 500_000
_DOCUMENT = "Biên bản chốt số dư (sandbox)"

_ONLY_PLAIN = ("relief", "arrears", "credit")


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallWard:
    """What a small ward consists of."""

    cells: tuple[str, ...]
    accounts: tuple[tuple[str, str, str], ...]  #: unit, BIN, number
    names: dict[str, str]  #: of units, by code
    cards: tuple[tuple[str, str], ...]  #: cell and card number of each member
    officers: tuple[tuple[str, str, str], ...]  #: code, unit, role


def write_small_ward(folder: Path, *, seed: int, month: str, cells: int, members: int) -> SmallWard:
    """Write the lists into ``folder``: at most six cells, so many members of each as its list has."""
    chosen = _CELLS[: max(1, min(cells, len(_CELLS)))]
    units = {CENTRE, PROVINCE, WARD, *chosen}

    def kept(rows: Sequence[tuple[str, ...]], place: int = 0) -> list[tuple[str, ...]]:
        return [row for row in rows if row[place] in units]

    people = _people(seed, chosen, members)
    posts = kept(list(officer_rows()), 1)
    accounts = tuple((unit, *ACCOUNTS[unit]) for unit in (PROVINCE, WARD, *chosen) if unit in ACCOUNTS)
    files = {
        "to-chuc.csv": csv_bytes(first(organisation.UNIT_COLUMNS), kept(list(unit_rows()))),
        "tai-khoan.csv": csv_bytes(first(organisation.ACCOUNT_COLUMNS), kept(list(account_rows()))),
        "noi-nhan-tien.csv": csv_bytes(first(organisation.HOLDER_COLUMNS), kept(list(holder_rows()))),
        "vung-luong.csv": csv_bytes(first(organisation.REGION_COLUMNS), kept(list(region_rows()))),
        "officers.csv": csv_bytes(first(officers.COLUMNS), posts),
        "dang-vien.csv": roster_csv([made.row for made in people]),
        "so-du-dau-ky.csv": _openings(month, (WARD, *chosen)),
    }
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return SmallWard(
        cells=chosen,
        accounts=tuple(one for one in accounts if one[0] != PROVINCE),
        names={row[0]: row[1] for row in unit_rows() if row[0] in units},
        cards=tuple((made.cell.code, str(made.row["card"])) for made in people),
        officers=tuple((row[0], row[1], row[2]) for row in posts),
    )


def _openings(month: str, units: Sequence[str]) -> bytes:
    """Who has an account has a fund of its own on it, out of which the bank may take its fees."""
    funds = [OPENING if unit in ACCOUNTS else 0 for unit in units]
    rows = [
        (unit, f"01/{month[5:]}/{month[:4]}", ACCOUNTS[unit][1] if unit in ACCOUNTS else "", *_figures(fund), _DOCUMENT)
        for unit, fund in zip(units, funds, strict=True)
    ]
    rows.append(("Tổng cộng", "", "", *_figures(sum(funds)), ""))
    return csv_bytes(first(openings.COLUMNS), rows)


def _figures(fund: Dong) -> tuple[str, ...]:
    """Bank, cash, fund, credit, arrears, and the year's collected, kept and passed up."""
    return tuple(format_dong(one) for one in (fund, 0, fund, 0, 0, 0, 0, 0))


def _people(seed: int, cells: Sequence[str], most: int) -> list[Made]:
    found: list[Made] = []
    everybody = make_members(seed)
    for cell in cells:
        plain = [
            made
            for made in everybody
            if made.cell.code == cell
            and made.row["category"]
            and made.row["scope"] == "Trực tuyến"
            and not any(made.row.get(name) for name in _ONLY_PLAIN)
        ]
        found += plain[:most]
    return found
