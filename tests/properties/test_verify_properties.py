"""Whatever somebody does to a log, the checks come to an end and say so."""

from dataclasses import fields, replace
from datetime import date, timedelta
from enum import Enum
from typing import Any, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.store import Recorded
from ledger.verify import verify
from tests.good_log import good_log

_TEXTS = ("", "x", "A", "VH", "2026-07", "1360", "9999", "A1")


class Damage(NamedTuple):
    """What is done to a log: where, to what else, and which of the possible values is taken."""

    kind: str
    place: int
    other: int
    choice: int


_NUMBERS = st.integers(0, 10_000)
_KINDS = st.sampled_from(["edit", "edit", "edit", "drop", "double", "swap", "cut", "meta"])
_DAMAGES = st.lists(st.builds(Damage, _KINDS, _NUMBERS, _NUMBERS, _NUMBERS), min_size=1, max_size=3)


def _other_value(value: Any, choice: int) -> Any:
    """Another value of the same type: one of another type would not have been read as an event at all."""
    if isinstance(value, Enum):
        members = list(type(value))
        return members[choice % len(members)]
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return (0, -1, value + 1, value - 1, value * 7, 2**70)[choice % 6]
    if isinstance(value, date):
        return value + timedelta(days=choice % 800 - 400)
    if isinstance(value, str):
        return (*_TEXTS, value + "0")[choice % 9]
    if isinstance(value, tuple):
        return ((), value[:1], value * 2)[choice % 3]
    return value


def _damage(log: list[Recorded], how: Damage) -> None:
    place, other = how.place % len(log), how.other % len(log)
    if how.kind == "edit":
        event = log[place].event
        names = [field.name for field in fields(event)]
        name = names[how.other % len(names)]
        log[place] = replace(log[place], event=replace(event, **{name: _other_value(getattr(event, name), how.choice)}))
    elif how.kind == "drop" and len(log) > 1:
        del log[place]
    elif how.kind == "double":
        log.insert(place, log[other])
    elif how.kind == "swap":
        log[place], log[other] = log[other], log[place]
    elif how.kind == "cut":
        del log[place + 1 :]
    else:
        meta = log[place].meta
        name = ("actor", "role", "unit", "action", "index", "count")[how.other % 6]
        log[place] = replace(log[place], meta=replace(meta, **{name: _other_value(getattr(meta, name), how.choice)}))


@settings(max_examples=300, deadline=None)
@given(_DAMAGES)
def test_a_damaged_log_gives_findings_and_never_an_error(damages):
    log = list(good_log().events)
    for how in damages:
        _damage(log, how)
    verdict = verify(log, commands=good_log().commands)
    assert verdict.events == len(log)
    assert verdict.ok is not any(check.findings for check in verdict.checks)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_event_taken_out_of_the_log_is_missed(data):
    log = list(good_log().events)
    place = data.draw(st.integers(0, len(log) - 2))
    del log[place]
    verdict = verify(log, commands=good_log().commands)
    assert {"I16", "I27"} & {check.id for check in verdict.checks if not check.ok}


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_edited_amount_of_an_entry_is_noticed(data):
    events = good_log().events
    money = [place for place, r in enumerate(events) if r.name in _MONEY]
    place = data.draw(st.sampled_from(money))
    log = list(events)
    event: Any = log[place].event
    log[place] = replace(log[place], event=replace(event, amount=event.amount + data.draw(st.integers(1, 10**6))))
    assert not verify(log).ok


#: Events that book one amount: an edit of it must be noticed by some check, whichever it is.
_MONEY = {
    "payment-received",
    "payment-credited",
    "payment-applied",
    "credit-held",
    "credit-applied",
    "credit-released",
    "suspense-identified",
    "suspense-released",
    "suspense-named",
    "cash-bag-taken",
    "cash-bag-credited",
    "movement-named",
    "remittance-sent",
    "remittance-received",
    "settled-from-held",
    "claw-back-netted",
    "refund-taken-from-unsplit",
    "refund-paid-out",
    "unsplit-reduced",
}
