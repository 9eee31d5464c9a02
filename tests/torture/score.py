"""Compares what became of each line with the truth, đồng by đồng."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from tests.torture.runner import Became
from tests.torture.values import Line, Must

#: So many suggestions are looked at.
FIRST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One line judged. ``wrong`` is đồng posted to somebody whose they are not, or without a ground to post them."""

    line: Line
    became: Became
    posted: bool
    wrong: int
    missed: bool  #: had to be posted and was not, or not whole
    place: int  #: of the right answer among the suggestions, from 1; 0 where it is not among them

    @property
    def asked(self) -> bool:
        """Whether the answer can be reached at all, by posting or by suggesting."""
        return self.line.must in (Must.POST, Must.SUGGEST, Must.EITHER) and self.line.reachable

    @property
    def reached(self) -> bool:
        """Whether it was: posted right, or among the first suggestions where posting is not asked for."""
        if self.posted:
            return self.wrong == 0 and dict(self.became.posted) == dict(self.line.to)
        return self.line.must is not Must.POST and 0 < self.place <= FIRST


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Figures over some lines; shares are None where there is nothing to divide by."""

    lines: int
    posted: int
    right: int
    wrong_dong: int
    must_post: int
    posted_of_must: int
    asked: int
    reached: int
    to_suggest: int
    first_place: int
    first_three: int

    @property
    def precision(self) -> float | None:
        """Of what was posted by itself, the share that was right."""
        return self.right / self.posted if self.posted else None

    @property
    def recall(self) -> float | None:
        """Of what can be reached, the share that was posted right or suggested among the first three."""
        return self.reached / self.asked if self.asked else None

    @property
    def recall_posted(self) -> float | None:
        """Of what must be posted, the share that was."""
        return self.posted_of_must / self.must_post if self.must_post else None


def judge(lines: Iterable[Line], became: Mapping[int, Became]) -> tuple[Verdict, ...]:
    """Each line beside its truth."""
    return tuple(_judge(line, became[line.id]) for line in lines)


def _judge(line: Line, became: Became) -> Verdict:
    truth = dict(line.to)
    may = line.must in (Must.POST, Must.EITHER)
    wrong = sum(max(0, amount - (truth.get(member, 0) if may else 0)) for member, amount in became.posted.items())
    place = next(
        (number for number, answer in enumerate(became.suggested, start=1) if truth and dict(answer) == truth), 0
    )
    return Verdict(
        line=line,
        became=became,
        posted=bool(became.posted),
        wrong=wrong,
        missed=line.must is Must.POST and dict(became.posted) != truth,
        place=place,
    )


def score(verdicts: Iterable[Verdict]) -> Score:
    """The figures."""
    some = tuple(verdicts)
    posted = [v for v in some if v.posted]
    must = [v for v in some if v.line.must is Must.POST]
    asked = [v for v in some if v.asked]
    open_ = [v for v in asked if not v.posted and v.line.must is not Must.POST]
    return Score(
        lines=len(some),
        posted=len(posted),
        right=sum(v.wrong == 0 for v in posted),
        wrong_dong=sum(v.wrong for v in some),
        must_post=len(must),
        posted_of_must=sum(not v.missed for v in must),
        asked=len(asked),
        reached=sum(v.reached for v in asked),
        to_suggest=len(open_),
        first_place=sum(v.place == 1 for v in open_),
        first_three=sum(0 < v.place <= FIRST for v in open_),
    )


def by(verdicts: Iterable[Verdict], name: Callable[[Verdict], str]) -> dict[str, Score]:
    """The figures of each group."""
    groups: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        groups.setdefault(name(verdict), []).append(verdict)
    return {group: score(groups[group]) for group in sorted(groups)}


def faults(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """What is wrong or missed, for a person to look at."""
    return [v for v in verdicts if v.wrong or v.missed or (v.asked and not v.reached)]
