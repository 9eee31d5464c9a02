"""What every theme of the torture set writes with: open requests to draw from, senders, days, and the lines so far."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from tests.torture import town
from tests.torture.codes import codes_in
from tests.torture.shapes import Sender, content, shapes_at
from tests.torture.values import Dice, Line, Member, Must, Parts, Unit, World

#: The first members of each cell carry the themes without a reference; the last ones before those of batches pay too
#: much, too little or twice, which changes what they owe for other months. All others pay exactly or not at all, so
#: that what is open under their references is known to the đồng.
QUIET, UNEVEN = 60, 340
LAST_DAY = date(2026, 9, 30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One member's month that nobody has paid yet."""

    reference: str
    member: Member
    month: str


class Pen:
    """Draws requests without laying any back, and writes lines."""

    def __init__(self, world: World, dice: Dice) -> None:
        self.world, self.dice = world, dice
        self.units = {unit.id: unit for unit in world.units}
        self.members = {one.id: one for one in world.members}
        self.lines: list[Line] = []
        self.names = Counter((one.unit, one.name) for one in world.members)
        self.amounts = Counter((one.unit, one.dues) for one in world.members)
        taken = town.in_batches(world)
        batched = {member for member, _ in taken}
        slots = [
            Slot(reference=one.reference, member=self.members[one.member], month=one.month)
            for one in world.asked
            if one.member not in batched
        ]
        self.by_key = {(slot.member.id, slot.month): slot for slot in slots}
        self._even: dict[str, list[Slot]] = defaultdict(list)
        self._uneven: dict[str, list[Slot]] = defaultdict(list)
        for slot in dice.shuffled(slots):
            number = int(slot.member.id.split("-")[1])
            if number > UNEVEN:
                self._uneven[slot.member.unit].append(slot)
            elif number > QUIET:
                self._even[slot.member.unit].append(slot)

    # --- drawing ------------------------------------------------------------------------------------------------

    def slot(self, unit: str, *, uneven: bool = False) -> Slot:
        """Any open request of a cell."""
        return (self._uneven if uneven else self._even)[unit].pop()

    def slots(self, unit: str, count: int, *, uneven: bool = False) -> list[Slot]:
        """Open requests of as many different members."""
        pool = (self._uneven if uneven else self._even)[unit]
        found: list[Slot] = []
        passed: list[Slot] = []
        while len(found) < count:
            slot = pool.pop()
            (passed if slot.member.id in {one.member.id for one in found} else found).append(slot)
        pool += passed
        return found

    def quiet(self, unit: str, first: int, last: int) -> list[Member]:
        """Members of a cell who pay exactly, by their numbers."""
        return [self.members[f"{unit}-{number:03d}"] for number in range(first, last + 1)]

    def day(self, month: str, first: int = 2) -> date:
        """A day of a month."""
        return date.fromisoformat(f"{month}-{first + self.dice.below(27 - first + 1):02d}")

    def day_after(self, start: date) -> date:
        """Some later day, no later than the last one."""
        return start + timedelta(days=1 + self.dice.below(max(1, (LAST_DAY - start).days)))

    def account(self) -> str:
        """A sender's account."""
        return self.dice.digits(10 + self.dice.below(4))

    def sender(self, unit: Unit, on: date, payer_name: str | None = None, account: str | None = None) -> Sender:
        """A sender; a stranger by name unless it is said who."""
        return Sender(
            name=payer_name or town.name(self.dice), account=account or self.account(), to_account=unit.number, on=on
        )

    def shape(self, unit: str) -> str:
        """A shape that arrives at the cell's bank."""
        return self.dice.pick(shapes_at(self.units[unit].bank))

    # --- writing ------------------------------------------------------------------------------------------------

    def text(self, shape: str, who: Sender, x: str, codes: tuple[str, ...]) -> str:
        """A content that holds exactly these references; chance may not add another."""
        for _ in range(50):
            found = content(self.dice, shape, who, x)
            if set(codes_in(found)) == set(codes):
                return found
        raise AssertionError(f"{shape} around {x!r} holds {codes_in(found)}, meant {codes}")

    def write(
        self,
        unit: str,
        on: date,
        amount: int,
        text: str,
        *,
        shape: str,
        theme: str,
        must: Must,
        why: str,
        to: Parts = (),
        damage: str = "none",
        reachable: bool = True,
        who: Sender | None = None,
        direction: str = "in",
        nameless: bool = False,
        bank_code: str | None = None,
        reversal: bool = False,
    ) -> Line:
        """Put a line down; the bank gives no reference of its own to a ``nameless`` one."""
        shows = self.units[unit].bank in town.SHOWS_PAYER and who is not None
        number = len(self.lines) + 1
        line = Line(
            id=number,
            unit=unit,
            on=on.isoformat(),
            direction=direction,
            amount=amount,
            content=text,
            payer=who.account if shows and who else None,
            payer_name=who.name if shows and who else None,
            bank_reference=None if nameless else f"FT{on:%y}{on.timetuple().tm_yday:03d}{number:09d}",
            bank_code=bank_code,
            reversal=reversal,
            shape=shape,
            damage=damage,
            theme=theme,
            must=must,
            to=to,
            reachable=reachable,
            why=why,
        )
        self.lines.append(line)
        return line
