"""The hold-out's world: other people, namesakes within a cell and across cells, requests replaced, members who left."""

import unicodedata
from dataclasses import replace
from datetime import date

from domain.identifiers import MemberId, UnitId
from domain.period import Month
from domain.reference import mint
from ledger.handlers import adjust, ask, members
from ledger.handlers.members import Ending
from tests.acceptance.story import Story
from tests.acceptance.tree import settings
from tests.torture import town
from tests.torture.stage import READY, staged
from tests.torture.values import FOLDER, Asked, Dice, Member, World

FILE = FOLDER / "holdout.jsonl"
SEED = 77_001
MEMBERS = 160  #: of each cell
JULY, AUGUST, SEPTEMBER = town.MONTHS

FAMILY = ("Nguyễn", "Phan", "Võ", "Huỳnh", "Trương", "Đinh", "Lương", "Hồ", "Cao", "Tạ", "Đoàn", "Hà", "Tống")
MIDDLE = ("Hữu", "Thị", "Hồng", "Phương", "Quốc", "Gia", "Đình", "Trọng", "Mỹ", "Thị Kim", "Văn", "Thị Thu", "Anh")
# fmt: off
GIVEN = (
    "Hoàn", "Huy", "Trà", "Ân", "Bảo", "Chiến", "Diễm", "Đức", "Ế", "Giàu", "Hạnh", "Hiếu", "Khôi", "Lộc", "Mẫn",
    "Nghĩa", "Oanh", "Phượng", "Quý", "Sương", "Thắm", "Trâm", "Tuyết", "Uyên", "Vỹ", "Xuyến", "Ý", "Thưởng", "Lãi",
)
# fmt: on
#: Numbers of members whose income changes for September, and of those who leave: their requests stay in the world.
CHANGED, GONE = range(4), range(4, 7)
#: Pairs of namesakes: (6, 7) within a cell with the same dues; number 9 has a namesake in the next cell.
TWINS, ACROSS = (7, 8), 9
RAISE = 12_500


def plain(name: str) -> str:
    """A name as banks write it."""
    flat = unicodedata.normalize("NFD", name.replace("đ", "d").replace("Đ", "D"))
    return "".join(letter for letter in flat if not unicodedata.combining(letter)).upper()


def make_world(seed: int = SEED) -> World:
    """Seven cells; no two people of a cell have one name but the twins."""
    dice = Dice(seed)
    people: list[Member] = []
    for unit in town.UNITS:
        names: set[str] = set()
        while len(names) < MEMBERS:
            name = f"{dice.pick(FAMILY)} {dice.pick(MIDDLE)} {dice.pick(GIVEN)}"
            if name not in names:
                names.add(name)
                dues = (160 + dice.below(640)) * 500
                people.append(Member(id=f"{unit.id}-{len(names):03d}", unit=unit.id, name=name, dues=dues))
    for place in range(len(town.UNITS)):
        first = place * MEMBERS
        one, other = (first + number for number in TWINS)
        people[other] = replace(people[other], name=people[one].name, dues=people[one].dues)
        there = ((place + 1) % len(town.UNITS)) * MEMBERS + ACROSS + 1
        here = people[first + ACROSS]
        people[there] = replace(people[there], name=here.name, dues=here.dues)
    key = settings().reference_key
    asked = tuple(
        Asked(reference=_minted(number), member=one.id, month=month)
        for number, (month, one) in enumerate((month, one) for month in town.MONTHS for one in people)
    )
    batches = town._batches(dice, tuple(people), key, len(asked))
    return World(
        seed=seed,
        months=town.MONTHS,
        units=town.UNITS,
        members=tuple(people),
        asked=asked,
        batches=batches,
        lumps=(),
    )


def _minted(counter: int) -> str:
    return str(mint(key=settings().reference_key, shard=1, counter=counter))


def asked_anew(world: World) -> dict[str, str]:
    """The references that replace those of members whose income changed, as the ledger will give them out."""
    first = len(world.asked) + len(world.batches)
    changed = [world.members[place * MEMBERS + n] for place in range(len(world.units)) for n in CHANGED]
    return {one.id: _minted(first + number) for number, one in enumerate(changed)}


def stage(world: World) -> Story:
    """The world, and then: incomes change and requests are replaced; some leave."""
    story = staged(world)
    for place, unit in enumerate(world.units):
        own = world.members[place * MEMBERS : (place + 1) * MEMBERS]
        for number in CHANGED:
            one = own[number]
            story.new_base(one.id, "si-salary", AUGUST, (one.dues + RAISE) * 100, READY)
        again = adjust.ReassessMonths(
            unit_id=UnitId(unit.id),
            from_month=Month(SEPTEMBER),
            to_month=Month(SEPTEMBER),
            reason="lương tháng 8 đổi",
            decision="BC 8",
        )
        story.do("VH-KT", READY, again)
        story.do("VH-KT", READY, ask.RequestMonth(unit_id=UnitId(unit.id), month=Month(SEPTEMBER), valid_until=None))
    for member, reference in asked_anew(world).items():
        assert story.reference(member, SEPTEMBER) == reference
    for place, unit in enumerate(world.units):
        for number in GONE:
            end = members.EndMembership(
                unit_id=UnitId(unit.id),
                member_id=MemberId(world.members[place * MEMBERS + number].id),
                why=Ending.LEFT,
                effective_on=date(2026, 9, 30),
                decision="QĐ-9",
                decided_on=date(2026, 9, 30),
            )
            story.do(f"{unit.id}-BT", READY, end)
    return story
