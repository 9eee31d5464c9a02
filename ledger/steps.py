"""Rules of the posting table made ready: how to get at each part of a line, reckoned once and not for every event."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from ledger.rule import CONDITIONS, Rule


@dataclass(frozen=True, slots=True)
class Step:
    """One rule made ready. A part that is the same for all events is kept as text."""

    side: int
    amount: Callable[[Any], int]
    applies: Callable[[Any], bool] | None
    unit: Callable[[Any], str]
    account: str
    account_of: Callable[[Any], Any] | None
    key: str
    key_of: Callable[[Any], Any] | None
    each: Callable[[Any], tuple[Any, ...]] | None


def steps_of(rules: Mapping[type, tuple[Rule, ...]]) -> dict[type, tuple[Step, ...]]:
    """The steps of a table, by class of event."""
    return {cls: tuple(_step(rule) for rule in of) for cls, of in rules.items()}


def _step(rule: Rule) -> Step:
    account, account_of = _part(rule.account)
    key, key_of = _part(rule.key)
    return Step(
        rule.side,
        attrgetter(rule.amount),
        CONDITIONS[rule.when] if rule.when else None,
        attrgetter(rule.unit),
        account,
        account_of,
        key,
        key_of,
        attrgetter(rule.each) if rule.each else None,
    )


def _part(template: str) -> tuple[str, Callable[[Any], Any] | None]:
    """``"{member_id}:{month}"`` as ``("%s:%s", getter of both)``; plain text as itself."""
    names = fields_of(template)
    if not names:
        return template, None
    text = template.replace("%", "%%")
    for name in names:
        text = text.replace("{" + name + "}", "%s")
    return text, attrgetter(*names)


def fields_of(template: str) -> tuple[str, ...]:
    """The fields that a template names, in their order."""
    return tuple(part.split("}")[0] for part in template.split("{")[1:])
