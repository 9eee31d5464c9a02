"""Makes the torture set, the same bytes every time: ``python -m tests.torture.maker`` writes it anew."""

from tests.torture import themes, themes_many, themes_without, town
from tests.torture.pen import Pen
from tests.torture.values import FOLDER, LINES_FILE, WORLD_FILE, Dice, Line, World, lines_text, world_text

SEED = 20260701


def make(seed: int = SEED) -> tuple[World, tuple[Line, ...]]:
    """The world and every line with its truth."""
    world = town.make_world(seed)
    pen = Pen(world, Dice(seed + 1))
    themes_many.batches(pen)
    themes.every_shape_and_damage(pen, rounds=2)
    themes.slips(pen, rounds=2)
    themes.cuts(pen, rounds=1)
    themes.with_noise(pen, 40)
    themes.names_like_words(pen, 8)
    themes.other_amounts(pen, 24)
    themes.paid_twice(pen, 12)
    themes.same_amount_same_day(pen, 10)
    themes_many.several(pen, pairs=20, lists=8)
    themes_many.several_unclear(pen, 12)
    themes_many.beside_a_foreign_one(pen, 6)
    themes_many.beside_a_paid_one(pen, 6)
    themes_many.two_of_another_unit(pen, 4)
    themes_many.not_here(pen, 18)
    themes_without.known_payers(pen)
    themes_without.names(pen)
    themes_without.own_words(pen)
    themes_without.strangers(pen, 18)
    themes_without.treasurers_sums(pen, 4)
    themes_without.returns(pen, 18)
    themes_without.lumps(pen, 3)
    themes_without.not_dues(pen)
    themes_many.lumps(pen)
    return world, tuple(pen.lines)


def write() -> None:
    """Write both files."""
    world, lines = make()
    FOLDER.mkdir(parents=True, exist_ok=True)
    WORLD_FILE.write_text(world_text(world), encoding="utf-8")
    LINES_FILE.write_text(lines_text(lines), encoding="utf-8")


if __name__ == "__main__":
    write()
