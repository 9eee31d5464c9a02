"""The tree of the stories, its people, its accounts and its shares."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from api.settings import Settings
from domain.access import Role, RoleGranted, SecondPersonSet
from domain.identifiers import AccountId, MemberId, OfficerId, UnitId, account_id
from domain.member import Scope
from domain.opening import OpeningEntered, OpeningFigures
from domain.organisation import Channel, HolderAssigned, UnitRegistered, WageRegionAssigned
from domain.organisation_kinds import UnitKind
from domain.period import Month
from domain.policy_rows import Confidence, Regime, ShareRow
from ledger.handlers import roster, setup

BIN = "970436"
START = date(2026, 7, 1)

CENTRE, PROVINCE, WARD = UnitId("TW"), UnitId("HP"), UnitId("VH")


def settings(shard: int = 1, schema: str = "memory") -> Settings:
    """Settings of an installation for tests; every secret is made up."""
    return Settings(
        database_url=None,
        data_dir=None,
        schema=schema,
        shard=shard,
        reference_key=bytes(range(32)),
        reference_prefix="HJ",
        vault_key=bytes(32),
        portal_partner="P",
        portal_secret="secret",
        sepay_key="",
        casso_secret="",
        tokens={},
        top_unit=PROVINCE,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A unit under the ward: whether it has an account, and what it had at the start."""

    id: str
    own_account: bool = True
    bank: int = 0
    kind: UnitKind = UnitKind.CELL


def share(kind: UnitKind, percent: int, start: str = "2026-02", end: str | None = None) -> ShareRow:
    """A local decision: what a kind of unit keeps, marked as an example."""
    return ShareRow(
        id=f"EX-{kind}-{percent}-{start}",
        unit_kind=kind,
        retain_bp=percent * 100,
        from_period=Month(start),
        to_period=None if end is None else Month(end),
        regime=Regime.QD01 if start >= "2026-02" else Regime.QD342,
        document="VD-01",
        decision="VD-01",
        is_example=True,
        confidence=Confidence.GUESS,
    )


#: What the stories of accounting.md assume: cell 30 %, base committee 50 %, ward 50 %, province 50 %.
EXAMPLE_SHARES = (
    share(UnitKind.CELL, 30),
    share(UnitKind.BASE_OTHER, 50),
    share(UnitKind.SUPERIOR_COMMUNE, 50),
    share(UnitKind.PROVINCE, 50),
)


def tree(cells: tuple[Cell, ...]) -> setup.RegisterOrganisation:
    """Centre (no books), province, ward and cells, accounts and holders."""
    levels = (
        (CENTRE, UnitKind.CENTRAL, None, False),
        (PROVINCE, UnitKind.PROVINCE, CENTRE, True),
        (WARD, UnitKind.SUPERIOR_COMMUNE, PROVINCE, True),
        *((UnitId(cell.id), cell.kind, WARD, True) for cell in cells),
    )
    units = tuple(
        UnitRegistered(
            unit_id=unit,
            code=unit,
            name=f"Đơn vị {unit}",
            kind=kind,
            parent_id=parent,
            effective_from=date(2025, 7, 1),
            has_books=books,
        )
        for unit, kind, parent, books in levels
    )
    own = (CENTRE, PROVINCE, WARD, *(UnitId(cell.id) for cell in cells if cell.own_account))
    holder = {unit: unit for unit in own} | {UnitId(cell.id): WARD for cell in cells if not cell.own_account}
    return setup.RegisterOrganisation(
        units=units,
        accounts=tuple(
            setup.AccountToRegister(
                unit_id=unit, bin=BIN, number=f"00{unit}", holder_name=unit, effective_from=date(2025, 7, 1)
            )
            for unit in own
        ),
        holders=tuple(
            HolderAssigned(
                unit_id=unit,
                channel=channel,
                holder_id=above,
                account_id=None if channel is Channel.CASH else account(above),
                effective_from=date(2025, 7, 1),
            )
            for unit, above in holder.items()
            for channel in Channel
        ),
        regions=(
            WageRegionAssigned(
                unit_id=PROVINCE, region="II", assumed=True, document="giả định", effective_from=date(2025, 7, 1)
            ),
        ),
    )


def officers(cells: tuple[Cell, ...]) -> setup.GrantRoles:
    """Province and ward: accountant, cashier, committee; a cell: collector and secretary, or one alone."""
    grants = [
        grant(f"{unit}-{code}", role, unit)
        for unit in (PROVINCE, WARD)
        for code, role in (("KT", Role.ACCOUNTANT), ("TQ", Role.CASHIER), ("CU", Role.COMMITTEE))
    ]
    grants += [grant(f"{cell.id}-TP", Role.COLLECTOR, cell.id) for cell in cells]
    grants += [grant(f"{cell.id}-BT", Role.SECRETARY, cell.id) for cell in cells if cell.own_account]
    alone = tuple(
        SecondPersonSet(unit_id=UnitId(cell.id), of_unit=WARD, decision="QD-02")
        for cell in cells
        if not cell.own_account
    )
    return setup.GrantRoles(grants=tuple(grants), second_persons=alone)


def grant(officer: str, role: Role, unit: str) -> RoleGranted:
    """A grant in force from the beginning."""
    return RoleGranted(
        officer_id=OfficerId(officer),
        role=role,
        unit_id=UnitId(unit),
        valid_from=date(2025, 7, 1),
        valid_to=None,
        decision="QD-02",
        proposed_by="VH-VP",
        approved_by="HP-CU",
    )


def account(unit: str) -> AccountId:
    """A unit's own account."""
    return account_id(BIN, f"00{unit}")


def opening(unit: UnitId, bank: int) -> OpeningEntered:
    """Opening balances: bank = fund."""
    figures = OpeningFigures(
        account_id=account(unit),
        bank=bank,
        cash=0,
        fund=bank,
        credit=0,
        arrears=0,
        ytd_collected=0,
        ytd_kept=0,
        ytd_remitted=0,
    )
    return OpeningEntered(unit_id=unit, as_of=START, figures=figures, document="BB-01", entered_by="VH-KT")


def member(
    name: str,
    category: str,
    base: tuple[str, int] | None = None,
    relief: tuple[str, int] | None = None,
    *,
    scope: Scope = Scope.ONLINE,
    **more: Any,
) -> roster.RosterRow:
    """A member on the roll: category, (kind of base, amount), (ground of relief, percent). The base is that of June."""
    bases = () if base is None else (roster.BaseRow(kind=base[0], from_month=Month("2026-06"), amount=base[1]),)
    reliefs = (
        ()
        if relief is None
        else (
            roster.ReliefRow(
                relief=relief[0],
                percent=relief[1],
                from_month=Month("2026-07"),
                to_month=Month("2026-12") if relief[0] in ("X3", "X4") else None,
                decision="QD-MG",
                decided_by="VH-CU",
                decided_on=START,
            ),
        )
    )
    return roster.RosterRow(
        where="row",
        member_id=MemberId(name),
        unit_id=UnitId(""),
        roster_order=0,
        enrolled_on=START,
        from_month=Month("2026-07"),
        category=category,
        category_342=None,
        scope=scope,
        bases=bases,
        reliefs=reliefs,
        **more,
    )


def accountant(unit: str) -> str:
    """Who does a unit's accounts: its own accountant, or the ward's for a cell."""
    return f"{unit}-KT" if unit in (PROVINCE, WARD) else "VH-KT"


def preparer(unit: str) -> str:
    """Who prepares a unit's remittance."""
    return f"{unit}-KT" if unit in (PROVINCE, WARD) else f"{unit}-TP"


def approver(unit: str) -> str:
    """Who approves it: committee, or a second person at the ward for a cell."""
    return f"{unit}-CU" if unit in (PROVINCE, WARD) else "VH-CU"
