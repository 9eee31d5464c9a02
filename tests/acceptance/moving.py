"""A ward that can be moved: three cells that declared July, and the steps of an act in one line each."""

from datetime import date

from api import wiring
from domain.access import Role
from domain.identifiers import UnitId
from domain.organisation import Channel, HolderAssigned, UnitRegistered
from domain.organisation_kinds import UnitKind
from domain.restructuring import RestructureKind, Side
from ledger.handlers import restructure, setup
from ledger.verify import Verdict, verify
from tests.acceptance.story import BIN, START, Cell, Story, account, grant, into, member, settings
from tests.acceptance.tables import hold_together

JULY, AUGUST = "2026-07", "2026-08"
END, FIRST = date(2026, 7, 31), date(2026, 8, 1)
WARD, PROVINCE, OTHER = UnitId("VH"), UnitId("HP"), UnitId("ND")


def ward_with_july() -> Story:
    """A ward with three cells that collected and declared July: A and B with an account, C held by the ward."""
    story = Story(wiring.in_memory(settings()))
    story.set_up([Cell(id="A", bank=100_000), Cell(id="B"), Cell(id="C", own_account=False)])
    grants = [
        grant("VH-VP", Role.OFFICE, WARD),
        grant("HP-VP", Role.OFFICE, PROVINCE),
        grant("HP-CU2", Role.COMMITTEE, PROVINCE),
        grant("C-BT", Role.SECRETARY, "C"),
    ]
    story.do("service:setup", START, setup.GrantRoles(grants=tuple(grants)))
    for unit, salary in (("A", 10_000_000), ("B", 20_000_000), ("C", 30_000_000)):
        story.enrol(unit, *(member(f"{unit}{n}", "SI_COMPULSORY", ("si-salary", salary)) for n in (1, 2)))
        story.assess(unit, JULY, START)
        story.request(unit, JULY, START)
    day = date(2026, 7, 10)
    story.bank("A", day, *(into(f"p-A{n}", day, 100_000, story.reference(f"A{n}", JULY)) for n in (1, 2)))
    story.bank("B", day, into("p-B1", day, 250_000, story.reference("B1", JULY)))
    story.bank("VH", day, into("p-C1", day, 300_000, story.reference("C1", JULY)))
    for unit in ("A", "B", "C"):
        story.declare(unit, JULY, END)
    return story


def register(story: Story, unit: str, parent: UnitId, kind: UnitKind = UnitKind.CELL, own: bool = False) -> None:
    """A unit from 1 August on, with its officers, and an account of its own if it is to have one."""
    new = UnitRegistered(
        unit_id=UnitId(unit),
        code=unit,
        name=f"Đơn vị {unit}",
        kind=kind,
        parent_id=parent,
        effective_from=FIRST,
        has_books=True,
    )
    accounts = (
        setup.AccountToRegister(
            unit_id=UnitId(unit), bin=BIN, number=f"00{unit}", holder_name=unit, effective_from=FIRST
        ),
    )
    holders = tuple(
        HolderAssigned(
            unit_id=UnitId(unit),
            channel=channel,
            holder_id=UnitId(unit),
            account_id=None if channel is Channel.CASH else account(unit),
            effective_from=FIRST,
        )
        for channel in Channel
    )
    command = setup.RegisterOrganisation(units=(new,), accounts=accounts if own else (), holders=holders if own else ())
    story.do("service:setup", FIRST, command)
    roles = (("TP", Role.COLLECTOR), ("BT", Role.SECRETARY))
    if kind is not UnitKind.CELL:
        roles = (("KT", Role.ACCOUNTANT), ("CU", Role.COMMITTEE))
    grants = tuple(grant(f"{unit}-{code}", role, unit) for code, role in roles)
    story.do("service:setup", FIRST, setup.GrantRoles(grants=grants))


def plan(
    story: Story, root: UnitId, kind: RestructureKind, *, case: str = "", **more: object
) -> restructure.PlanRestructure:
    """Plan an act for 1 August and record it."""
    command = restructure.PlanRestructure(
        root=root,
        restructure_id=case or f"{kind}-1",
        kind=kind,
        effective_on=FIRST,
        decision="12-QĐ/ĐU",
        decided_by="cấp ủy",
        decided_on=date(2026, 7, 20),
        **more,  # type: ignore[arg-type]  # Which fields a kind needs is what the tests vary.
    )
    story.do("VH-VP" if root == WARD else "HP-VP", FIRST, command)
    return command


def sign(story: Story, officer: str, unit: str, command: restructure.PlanRestructure, side: Side) -> None:
    signed = restructure.SignHandover(unit_id=UnitId(unit), restructure_id=command.restructure_id, side=side)
    story.do(officer, FIRST, signed)


def carry_out(story: Story, command: restructure.PlanRestructure) -> dict[str, object]:
    actor = "VH-VP" if command.root == WARD else "HP-VP"
    order = restructure.CarryOutRestructure(root=command.root, restructure_id=command.restructure_id)
    done = story.do(actor, FIRST, order)
    assert story.do(actor, FIRST, order)["known"] is True
    return done


def require_sound(story: Story, superior: dict[str, str]) -> Verdict:
    hold_together(story, superior)
    verdict = verify(story.installation.store.read(0, 1_000_000))
    assert verdict.ok, [finding.sentence for result in verdict.checks for finding in result.findings]
    return verdict
