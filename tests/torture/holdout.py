"""The hold-out: another world, other hands, other shapes, written without a look at the engine and played once.

``python -m tests.torture.holdout`` writes its lines. Where the main set draws many lines of each shape, this one has a
few of each of many cases, most of them set as traps: whoever posts on half of the evidence posts wrong money.
"""

from tests.torture.holdout_hand import Hand
from tests.torture.holdout_people import (
    NO_RETURN,
    RETURNED,
    named,
    other_purposes,
    pays_for_another,
    returns,
    shared_accounts,
    twins,
)
from tests.torture.holdout_references import WRAPPINGS, gone, replaced, sets, several, slips, wrapped
from tests.torture.holdout_world import FILE, SEED, asked_anew, make_world, stage
from tests.torture.pen import Pen
from tests.torture.values import Dice, Line, World, lines_text

__all__ = ["FILE", "SEED", "make", "make_world", "stage"]


def make(seed: int = SEED) -> tuple[World, tuple[Line, ...]]:
    """The world and its lines."""
    world = make_world(seed)
    pen = Pen(world, Dice(seed + 1))
    anew = asked_anew(world)
    wraps = [pen.dice.shuffled(WRAPPINGS) for _ in range(3)]
    pool = [wrap for row in wraps for wrap in row]
    for place in range(len(world.units)):
        h = Hand(pen, place, anew)
        wrapped(h, pool[place * 15 : (place + 1) * 15])
        several(h)
        replaced(h)
        gone(h)
        named(h)
        pays_for_another(h)
        twins(h)
        shared_accounts(h)
        other_purposes(h)
        back = [RETURNED[(place * 4 + n) % len(RETURNED)] for n in range(4)]
        kept = [NO_RETURN[(place * 4 + n) % len(NO_RETURN)] for n in range(4)]
        returns(h, back, kept)
        slips(h)
        sets(h)
    return world, tuple(pen.lines)


if __name__ == "__main__":
    FILE.write_text(lines_text(make()[1]), encoding="utf-8")
