"""The torture set's world in a real installation: cells at seven banks, their roll, three months asked for."""

from dataclasses import replace
from datetime import date

from api import wiring
from domain.identifiers import AccountId, MemberId, UnitId, account_id
from domain.organisation import Channel, HolderAssigned
from domain.period import Month
from domain.settlement import SettlementKind
from ledger.handlers import ask, assess, close, setup
from ledger.ports import Person
from tests import settled
from tests.acceptance import tree
from tests.acceptance.story import START, WARD, Story, settings
from tests.torture import town
from tests.torture.values import Lump, World

#: The day before the first statement is read: everything is asked for, nothing is paid.
READY = date(2026, 10, 1)


def staged(world: World) -> Story:
    """A shard in memory that holds the world; every reference is the one that the set's contents carry."""
    story = Story(wiring.in_memory(settings()))
    cells = tuple(tree.Cell(id=unit.id) for unit in world.units)
    story.activate(tree.EXAMPLE_SHARES)
    story.do("service:setup", START, _organisation(world, cells))
    story.do("service:setup", START, tree.officers(cells))
    _open(story, world)
    for unit in world.units:
        people = [one for one in world.members if one.unit == unit.id]
        story.installation.vault.put([Person(member_id=one.id, name=one.name, card_number=None) for one in people])
        rows = [tree.member(one.id, "SI_COMPULSORY", ("si-salary", one.dues * 100)) for one in people]
        story.enrol(unit.id, *rows)
    for month in world.months:
        _ask(story, world, month)
    for batch in world.batches:
        lines = tuple(
            ask.BatchLine(member_id=MemberId(member), month=Month(batch.month), amount=amount, cash_payment_id=None)
            for member, amount in batch.parts
        )
        command = ask.OpenBatchAttempt(unit_id=UnitId(batch.unit), lines=lines)
        opened = story.do(f"{batch.unit}-TP", READY, command)
        assert opened["reference"] == batch.reference
    for lump in world.lumps:
        _pay_out(story, lump)
    _close(story)
    return story


def _pay_out(story: Story, lump: Lump) -> None:
    """The gateway tells of each payment, and two days later what it pays out together."""
    on = date.fromisoformat(lump.on)
    lines = []
    for place, ((name, amount), fee) in enumerate(zip(lump.parts, lump.fees, strict=True)):
        asked = ask.OpenDuesAttempt(unit_id=UnitId(lump.unit), member_id=MemberId(name), month=Month("2026-09"))
        opened = story.do(
            f"{lump.unit}-TP", READY, ask.OpenOnRail(unit_id=UnitId(lump.unit), rail="gateway", asked=asked)
        )
        assert opened["reference"] == lump.references[place]
        number = f"pi_{lump.payout.removeprefix('po_')}_{place}"
        assert story.tell(settled.told(number, lump.references[place], amount, on=on), on=READY) == ["reference"]
        lines.append(
            settled.line(place + 1, SettlementKind.COLLECTION, number, amount, fee, reference=lump.references[place])
        )
    settled.take(story, settled.settled(*lines, name=lump.payout), unit=lump.unit, on=READY)


def _open(story: Story, world: World) -> None:
    """Each cell begins with some money of its own."""
    entries = []
    for unit in world.units:
        plain = tree.opening(UnitId(unit.id), town.OPENING)
        figures = replace(plain.figures, account_id=account_of(world, unit.id))
        entries.append(replace(plain, figures=figures))
    story.do(ward(), START, setup.EnterOpenings(root=WARD, openings=tuple(entries)))
    signed = setup.SignOpenings(root=WARD, units=tuple(UnitId(unit.id) for unit in world.units))
    story.do(f"{WARD}-CU", START, signed)


def _ask(story: Story, world: World, month: str) -> None:
    """Assess and ask on the first of the month, cell by cell in the order of the world."""
    on = date.fromisoformat(f"{month}-01")
    for unit in world.units:
        story.do("VH-KT", on, assess.AssessMonth(unit_id=UnitId(unit.id), month=Month(month)))
        ends = unit.id == town.EXPIRING and month == world.months[0]
        until = date.fromisoformat(town.EXPIRED_ON) if ends else None
        command = ask.RequestMonth(unit_id=UnitId(unit.id), month=Month(month), valid_until=until)
        story.do("VH-KT", on, command)
    asked = [one for one in world.asked if one.month == month]
    assert [story.reference(one.member, month) for one in asked] == [one.reference for one in asked]


def _close(story: Story) -> None:
    """One cell has closed July before any of its money was known."""
    why = tuple(
        close.Explanation(kind=kind, key=None, reason="sao kê về muộn")
        for kind in ("statement", "period", "cash-count", "suspense")
    )
    closed, month = UnitId(town.CLOSED), Month("2026-07")
    story.do(f"{closed}-TP", READY, close.CloseMonth(unit_id=closed, month=month, explanations=why))
    story.do(f"{closed}-BT", READY, close.ConfirmClose(unit_id=closed, month=month))


def account_of(world: World, unit: str) -> AccountId:
    """A cell's account."""
    found = next(one for one in world.units if one.id == unit)
    return account_id(found.bin, found.number)


def _organisation(world: World, cells: tuple[tree.Cell, ...]) -> setup.RegisterOrganisation:
    plain = tree.tree(cells)
    banks = {unit.id: unit for unit in world.units}
    accounts = tuple(
        replace(one, bin=banks[one.unit_id].bin, number=banks[one.unit_id].number) if one.unit_id in banks else one
        for one in plain.accounts
    )
    return replace(plain, accounts=accounts, holders=tuple(_holder(world, one) for one in plain.holders))


def _holder(world: World, one: HolderAssigned) -> HolderAssigned:
    if one.channel is Channel.CASH or one.unit_id not in {unit.id for unit in world.units}:
        return one
    return replace(one, account_id=account_of(world, one.unit_id))


def ward() -> str:
    """Who does the cells' accounts."""
    return f"{WARD}-KT"
