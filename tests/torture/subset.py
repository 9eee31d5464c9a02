"""A stratified part of the set: every theme at every bank, every shape, every damage, and what belongs together."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from tests.torture.codes import codes_in
from tests.torture.values import Line, World


def stratified(world: World, lines: Sequence[Line], each: int = 2) -> tuple[Line, ...]:
    """Lines in whole groups (of one member, one payer's account, one reference), so that each line's truth stays what
    it is: at least ``each`` of every theme at every bank, of every shape and of every damage."""
    wanted: dict[tuple[str, ...], int] = defaultdict(int)
    chosen: list[Line] = []
    for group in _groups(world, lines):
        strata = {stratum for line in group for stratum in _strata(line)}
        if any(wanted[stratum] < each for stratum in strata):
            chosen += group
            for line in group:
                for stratum in _strata(line):
                    wanted[stratum] += 1
    return tuple(sorted(chosen, key=lambda line: line.id))


def _strata(line: Line) -> tuple[tuple[str, ...], ...]:
    return ("theme", line.theme, line.unit), ("shape", line.shape), ("damage", line.damage)


def _groups(world: World, lines: Iterable[Line]) -> list[list[Line]]:
    """Lines joined by whom they are for, whose account paid, and which references they carry; smallest groups first."""
    owner = {one.reference: one.member for one in world.asked}
    above: dict[str, str] = {}

    def top(key: str) -> str:
        while above.setdefault(key, key) != key:
            key = above[key]
        return key

    for line in lines:
        for key in _keys(line, owner):
            above[top(key)] = top(f"line:{line.id}")
    groups: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        groups[top(f"line:{line.id}")].append(line)
    return sorted(groups.values(), key=lambda group: (len(group), group[0].id))


def _keys(line: Line, owner: dict[str, str]) -> Iterable[str]:
    yield f"line:{line.id}"
    yield from (f"member:{member}" for member, _ in line.to)
    yield from (f"member:{owner.get(code, code)}" for code in codes_in(line.content))
    if line.payer is not None:
        yield f"payer:{line.payer}"
