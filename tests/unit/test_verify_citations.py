"""Every thing that an event names must be there (I34): each citing event alone is found, with its things it is not."""

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from domain.events import EVENT_NAMES, EVENT_TYPES
from ledger.checks.base import World
from ledger.checks.citations import CitationsChecker
from ledger.citations import CITED, EVIDENCE, MADE
from ledger.codec import Codec, Meta
from ledger.store import Recorded
from tests.unit.test_verify_closing_faults import log

FOLDER = Path(__file__).resolve().parents[1] / "golden" / "events"
CODEC = Codec(EVENT_TYPES)

#: Fields that name a thing of the ledger, and why an event may have one without a row here.
NAMING = ("payment_id", "bank_line", "refund_id", "remittance_id", "restructure_id", "correction_id", "voucher_id")
ELSEWHERE = {
    "payment-conflicted",  # what was told contradicts a payment that may never have come
    "correction-proposed",  # the correction itself is made when it is approved
    "request-answered",  # the portal's own number; it may answer an attempt to remit
}


def golden(cls: type) -> tuple[Any, Meta]:
    """The event of the golden file, and who recorded it."""
    name = EVENT_NAMES[cls]
    topic = f"{name}.{EVENT_TYPES[name][1]}"
    return CODEC.event_and_meta(topic, (FOLDER / f"{topic}.json").read_bytes())


def recorded(cls: type) -> Recorded:
    """The golden event as if it were the only one of a log."""
    event, meta = golden(cls)
    return replace(log()[-1], position=1, name=EVENT_NAMES[cls], event=event, meta=meta)


@pytest.mark.parametrize("cls", CITED, ids=lambda cls: cls.__name__)
def test_an_event_that_names_what_never_was_is_found(cls: type) -> None:
    alone = CitationsChecker(World())
    item = recorded(cls)
    missing = set(CITED[cls](item.event)) - set(MADE[cls](item.event) if cls in MADE else ())
    alone.see(item, ())
    alone.settle()
    assert len(alone.finish()) == len(missing)


def test_a_kept_document_that_is_gone_is_found_once() -> None:
    for cls in EVIDENCE:
        checker = CitationsChecker(World())
        item = recorded(cls)
        if hasattr(item.event, "evidence_id"):
            item = replace(item, event=replace(item.event, evidence_id="11111111-1111-1111-1111-111111111111"))
        named = EVIDENCE[cls](item.event)
        checker.compare_with(lambda _: None)
        checker.see(item, ())
        checker.see(item, ())
        assert [f.check for f in checker.finish()] == ["I34"] * len(set(named))


def test_every_event_that_names_a_thing_has_a_row() -> None:
    without = set()
    for name, (cls, _) in EVENT_TYPES.items():
        names = {field.name for field in fields(cls)} & set(NAMING)
        if names and cls not in CITED and cls not in MADE:
            without.add(name)
    assert without <= ELSEWHERE
