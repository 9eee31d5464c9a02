"""What new rows change: for each question the law answers, which row answered before and which answers now."""

from collections.abc import Iterable
from dataclasses import dataclass

from domain.period import Month
from domain.policy import Policy
from domain.policy_rows import PolicyRow, PolicyRows, covers, span
from domain.policy_words import about


@dataclass(frozen=True, slots=True, kw_only=True)
class RowChange:
    """From ``month`` on, ``row`` answers where ``was`` did (None: nothing did, or nothing does any more)."""

    month: Month
    row: PolicyRow | None
    was: PolicyRow | None


def changes_by(policy: Policy, rows: PolicyRows) -> tuple[RowChange, ...]:
    """What activating these rows would change, from each row's first month on; a row that governs nothing is left out.

    A row known already changes nothing. Of several rows about the same question the one that starts last governs, so a
    row that starts before one in force takes over only until that one.
    """
    return tuple(
        RowChange(month=span(row)[0], row=row, was=_governing(policy.active, about(row), span(row)[0]))
        for row in rows.every()
        if policy.active.find(row.id) is None
    )


def changes_between(before: Policy, after: Policy, months: Iterable[Month]) -> tuple[RowChange, ...]:
    """Where two policies answer differently in these months; each difference once, at its first month."""
    found: dict[tuple[str | None, str | None], RowChange] = {}
    questions = dict.fromkeys(about(row) for row in (*before.active.every(), *after.active.every()))
    for month in months:
        for question in questions:
            was, row = _governing(before.active, question, month), _governing(after.active, question, month)
            ids = (None if was is None else was.id, None if row is None else row.id)
            if ids[0] != ids[1]:
                found.setdefault(ids, RowChange(month=month, row=row, was=was))
    return tuple(found.values())


def _governing(rows: PolicyRows, question: tuple[str, str], month: Month) -> PolicyRow | None:
    """The row that answers a question for a month: of several the one that starts last, then the one added last."""
    chosen: PolicyRow | None = None
    for row in rows.every():
        if about(row) != question or not covers(*span(row), month):
            continue
        if chosen is None or span(row)[0] >= span(chosen)[0]:
            chosen = row
    return chosen
