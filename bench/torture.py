"""The torture set through the real import and the real matching: every đồng compared with the truth."""

from time import perf_counter

from adapters.bank.reader import read_statement
from bench.measure import Line, NotMeasured, Scale, interleave, line
from bench.place import Place
from tests.torture.files import files
from tests.torture.matcher import matched
from tests.torture.runner import Played, play
from tests.torture.score import Score, judge, score
from tests.torture.stage import staged
from tests.torture.table import listed, tables
from tests.torture.values import read_lines, read_world

#: The issue's goals, in percent and đồng.
PRECISION, RECALL, WRONG = 100.0, 99.0, 0.0

_PLAYED, _READ = "lines imported and matched in memory", "their files read alone"


def torture(place: Place, scale: Scale) -> list[Line]:
    """Precision, recall and đồng posted wrongly; the tables by bank, rule, shape, damage and theme are printed."""
    world, lines = read_world(), read_lines()
    last: list[Played] = []

    def ours() -> float:
        story = staged(world)
        start = perf_counter()
        last[:] = [play(world, lines, matched, story=story)]
        return len(lines) / (perf_counter() - start)

    def reading() -> float:
        made = tuple(files(world, lines))
        start = perf_counter()
        for file in made:
            read_statement(file.data, file.name)
        return len(lines) / (perf_counter() - start)

    seen = interleave({_PLAYED: ours, _READ: reading}, scale.trials)
    (played,) = last
    if played.doubled or played.lost:
        raise NotMeasured(f"{played.doubled} lines of overlapping files came in twice, {played.lost} are lost")
    verdicts = judge(lines, played.became)
    print(tables(world, verdicts))
    print(listed(verdicts, most=3))
    about = (
        f"{len(lines):,} lines at {len(world.units)} banks, two overlapping files a month each; no line doubled or lost"
    )
    return [*_goals(score(verdicts)), line(seen, "torture", _PLAYED, "lines/s", _READ, note=about)]


def _goals(found: Score) -> list[Line]:
    precision = 100 * (found.precision or 0.0)
    recall = 100 * (found.recall or 0.0)
    first, three = _percent(found.first_place, found.to_suggest), _percent(found.first_three, found.to_suggest)
    return [
        _goal(
            "precision of what was posted by itself", precision, "%", PRECISION, f"{found.right:,} of {found.posted:,}"
        ),
        _goal(
            "đồng posted wrongly", float(found.wrong_dong), "đ", WRONG, "to another, or without a ground", at_most=True
        ),
        _goal("recall of the reachable truth", recall, "%", RECALL, f"{found.reached:,} of {found.asked:,}"),
        _goal(
            "posted of what must be posted",
            _percent(found.posted_of_must, found.must_post),
            "%",
            RECALL,
            f"{found.posted_of_must:,} of {found.must_post:,}",
        ),
        Line(
            figure="torture",
            what="right answer among the first three suggestions, of reachable lines left open",
            value=three,
            unit="%",
            note=f"{found.first_three:,} of {found.to_suggest:,}; in the first place {first:.2f} %",
        ),
    ]


def _percent(part: int, whole: int) -> float:
    return 100 * part / whole if whole else 100.0


def _goal(what: str, value: float, unit: str, goal: float, note: str, *, at_most: bool = False) -> Line:
    return Line(
        figure="torture", what=what, value=value, unit=unit, goal=goal, by_ratio=False, at_most=at_most, note=note
    )
