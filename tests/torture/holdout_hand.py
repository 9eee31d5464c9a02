"""What the hold-out's lines are written with."""

from datetime import date

from tests.torture import town
from tests.torture.codes import ALPHABET
from tests.torture.holdout_world import MEMBERS, SEPTEMBER, plain
from tests.torture.pen import Pen
from tests.torture.shapes import Sender
from tests.torture.values import Dice, Member, Must, Parts


class Hand:
    """Writes for one cell; members are drawn once."""

    def __init__(self, pen: Pen, place: int, anew: dict[str, str]) -> None:
        self.pen, self.dice, self.anew = pen, pen.dice, anew
        self.unit = pen.world.units[place]
        self.own = pen.world.members[place * MEMBERS : (place + 1) * MEMBERS]
        after = (place + 1) % len(pen.world.units)
        self.next = pen.world.members[after * MEMBERS : (after + 1) * MEMBERS]
        self.shows = self.unit.bank in town.SHOWS_PAYER
        self._left = iter(self.own[12:-24])

    def one(self) -> Member:
        """A member nobody has written of."""
        return next(self._left)

    def some(self, count: int) -> list[Member]:
        """Members nobody has written of, each with dues of his own and no sum of some the sum of others."""
        found: list[Member] = []
        while len(found) < count:
            one = self.one()
            if one.dues not in {other.dues for other in found}:
                found.append(one)
        return found

    def ref(self, one: Member, month: str = SEPTEMBER) -> str:
        """The first reference of a member's month."""
        return self.pen.by_key[one.id, month].reference

    def put(
        self,
        theme: str,
        must: Must,
        amount: int,
        text: str,
        to: Parts = (),
        *,
        why: str,
        month: str = SEPTEMBER,
        reachable: bool | None = None,
        payer: tuple[str, str] | None = None,
        damage: str = "own",
        direction: str = "in",
        day: int | None = None,
        reversal: bool = False,
    ) -> None:
        """One line; ``payer`` is (name, account)."""
        on = date.fromisoformat(f"{month}-{day:02d}") if day else self.pen.day(month)
        name, account = payer or (plain(self.stranger()), self.pen.account())
        who = Sender(name=name, account=account, to_account=self.unit.number, on=on)
        self.pen.write(
            self.unit.id,
            on,
            amount,
            text,
            shape="own",
            theme=theme,
            must=must,
            why=why,
            to=to,
            damage=damage,
            reachable=bool(to) if reachable is None else reachable,
            who=None if direction == "out" else who,
            direction=direction,
            reversal=reversal,
        )

    def stranger(self) -> str:
        """A name that nobody of the cell has."""
        name = f"{self.dice.pick(town.FAMILY)} {self.dice.pick(town.MIDDLE)} {self.dice.pick(town.GIVEN)}"
        return f"{name} {'PQRST'[self.dice.below(5)]}"


def whole(*some: Member, times: int = 1) -> Parts:
    """What these owe for a month, or for some."""
    return tuple((one.id, one.dues * times) for one in some)


def slipped(dice: Dice, code: str, place: int = 7) -> str:
    other = dice.pick(tuple(symbol for symbol in ALPHABET if symbol != code[place]))
    return code[:place] + other + code[place + 1 :]
