"""The torture set's figures as text tables, and its faults as a list that says what was expected and what was got."""

from collections.abc import Iterable, Mapping, Sequence

from tests.torture.score import Score, Verdict, by, faults, score
from tests.torture.values import World

_HEAD = ("", "lines", "posted", "right", "đ wrong", "precision", "must post", "recall", "to suggest", "first", "in 3")


def tables(world: World, verdicts: Sequence[Verdict]) -> str:
    """By bank, by rule, by shape, by what happened to the reference, and by theme."""
    banks = {unit.id: unit.bank for unit in world.units}
    parts = [
        ("bank", by(verdicts, lambda v: banks[v.line.unit])),
        ("rule", by(verdicts, _rule)),
        ("shape", by(verdicts, lambda v: v.line.shape)),
        ("what happened to the reference", by(verdicts, lambda v: v.line.damage)),
        ("theme", by(verdicts, lambda v: v.line.theme)),
    ]
    whole = table("all", {"all": score(verdicts)})
    return "\n".join([whole, *(table(name, rows) for name, rows in parts)])


def _rule(v: Verdict) -> str:
    """The rule that placed the line; for what waits, the rule that would be shown with its pair."""
    if v.posted or v.became.rule not in ("suspense", None):
        return f"placed: {v.became.rule}"
    if v.became.suggested_by is not None:
        return f"suggested: {v.became.suggested_by}"
    return "candidates only" if v.became.suggested else "nothing to show"


def table(name: str, rows: Mapping[str, Score]) -> str:
    """One table."""
    cells = [(name, *_HEAD[1:]), *((key, *_cells(found)) for key, found in rows.items())]
    widths = [max(len(row[column]) for row in cells) for column in range(len(_HEAD))]
    return "".join(
        "  ".join(
            cell.ljust(width) if place == 0 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        + "\n"
        for row in cells
    )


def _cells(found: Score) -> tuple[str, ...]:
    return (
        f"{found.lines:,}",
        f"{found.posted:,}",
        f"{found.right:,}",
        f"{found.wrong_dong:,}",
        _share(found.precision),
        f"{found.must_post:,}",
        _share(found.recall),
        f"{found.to_suggest:,}",
        f"{found.first_place:,}",
        f"{found.first_three:,}",
    )


def _share(value: float | None) -> str:
    return "·" if value is None else f"{value:.2%}"


def listed(verdicts: Iterable[Verdict], most: int = 5) -> str:
    """Faults by theme, some of each."""
    groups: dict[str, list[Verdict]] = {}
    for verdict in faults(verdicts):
        groups.setdefault(f"{verdict.line.theme}/{verdict.line.damage}", []).append(verdict)
    rows: list[str] = []
    for name, found in sorted(groups.items()):
        rows.append(f"{name}: {len(found)} lines, {sum(v.wrong for v in found):,} đ wrong")
        rows += [_fault(v) for v in found[:most]]
    return "\n".join(rows)


def _fault(v: Verdict) -> str:
    line = v.line
    what = f"  #{line.id} {line.unit} {line.on} {line.amount:,} {line.content!r}"
    meant = f"must {line.must}: {dict(line.to)} ({line.why})"
    got = f"got {dict(v.became.posted)} by {v.became.rule}; shown {[dict(one) for one in v.became.suggested[:3]]}"
    return f"{what}\n      {meant}\n      {got}"
