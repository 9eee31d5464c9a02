"""Whatever somebody does to a log, the checks come to an end and say so."""

from dataclasses import fields, replace
from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.store import Recorded
from ledger.verify import verify
from tests.good_log import good_log

_PLACES = st.integers(0, 10_000)


def _damaged(value: Any, draw: st.DrawFn) -> Any:
    """Another value of the same type."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return draw(st.sampled_from([0, -1, value + 1, value - 1, value * 7, 2**70]))
    if isinstance(value, datetime):
        return value + timedelta(days=draw(st.integers(-400, 400)))
    if isinstance(value, date):
        return value + timedelta(days=draw(st.integers(-400, 400)))
    if isinstance(value, str):
        return draw(st.sampled_from(["", "x", "A", "VH", "2026-07", "1360", "9999", "A1", value + "0"]))
    if isinstance(value, tuple):
        return draw(st.sampled_from([(), value[:1], value * 2]))
    return value


@st.composite
def damages(draw: st.DrawFn) -> list[Recorded]:
    """A log with one to three damages."""
    log = list(good_log().events)
    for _ in range(draw(st.integers(1, 3))):
        place = draw(_PLACES) % len(log)
        kind = draw(st.sampled_from(["edit", "edit", "edit", "drop", "double", "swap", "cut", "meta"]))
        if kind == "edit":
            event = log[place].event
            name = draw(st.sampled_from([field.name for field in fields(event)]))
            log[place] = replace(log[place], event=replace(event, **{name: _damaged(getattr(event, name), draw)}))
        elif kind == "drop":
            del log[place]
        elif kind == "double":
            log.insert(place, log[draw(_PLACES) % len(log)])
        elif kind == "swap":
            other = draw(_PLACES) % len(log)
            log[place], log[other] = log[other], log[place]
        elif kind == "cut":
            log = log[: place + 1]
        else:
            meta = log[place].meta
            name = draw(st.sampled_from(["actor", "role", "unit", "action", "index", "count"]))
            log[place] = replace(log[place], meta=replace(meta, **{name: _damaged(getattr(meta, name), draw)}))
    return log


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(damages())
def test_a_damaged_log_gives_findings_and_never_an_error(log):
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
