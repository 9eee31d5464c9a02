"""A statement with a lump taken back and imported again; each fault planted in settlements is found by its check."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

import pytest

from api import wiring
from domain.correction import Kind, Wanted
from ledger.handlers import correct
from ledger.store import Recorded
from ledger.verify import verify
from tests.acceptance.story import Story, account, into, settings
from tests.good_log import read_all
from tests.settled import PAID_OUT, A, K, line, ready, settled, take, told

LUMP = "settlement-lump-credited"
Events = list[Recorded]
CONTENT = "TT PO_1QHXYZ2EZVKYLO2C"


def cleared() -> tuple[Story, Any]:
    """Two payments, a fee and a lump that is cleared; also returns the statement that brought it."""
    story = Story(wiring.in_memory(settings()))
    refs = ready(story, 3)
    story.tell(told("pi_1", refs[0]), told("pi_2", refs[1]))
    lines = [line(n, K.COLLECTION, f"pi_{n}", 5_000, 300, refs[n - 1]) for n in (1, 2)]
    take(story, settled(*lines, line(3, K.FEE, "txn_fee", -1_000)))
    made = story.statement("A", PAID_OUT, into("po", PAID_OUT, 8_400, content=CONTENT))
    assert story.do("VH-KT", PAID_OUT, made)["placed"] == {"settlement-lump": 1}
    return story, made


def verdict(events: Any) -> dict[str, list[str]]:
    return {c.id: [f.sentence for f in c.findings] for c in verify(events).checks if c.findings}


def test_taking_a_statement_back_opens_its_lump_and_importing_it_again_clears_it() -> None:
    story, made = cleared()
    before = story.balances("A")
    asked = correct.CorrectEntry(
        unit_id=A,
        correction_id="DC-1",
        wanted=Wanted(kind=Kind.IMPORT, account_id=account("A"), file_digest=made.file_digest),
        reason="nhầm tệp",
        decision="BB-07",
    )
    on = date(2026, 7, 14)
    if story.do("A-TP", on, asked)["state"] == "proposed":
        story.do("A-BT", on, correct.ApproveCorrection(unit_id=A, correction_id="DC-1"))
    assert story.balances("A") == {"1120": 1_000_000, "1140": 9_000, "3310": 10_000, "4310": 1_000_000, "6310": 1_000}
    assert verdict(read_all(story.installation.store)) == {}
    assert story.do("VH-KT", on, made)["placed"] == {"settlement-lump": 1}
    assert story.balances("A") == before
    assert verdict(read_all(story.installation.store)) == {}


@cache
def log() -> tuple[Recorded, ...]:
    return tuple(r for r in read_all(cleared()[0].installation.store) if isinstance(r, Recorded))


def edit(name: str, **changes: Any) -> Callable[[Events], Events]:
    def tamper(events: Events) -> Events:
        place = next(n for n, recorded in enumerate(events) if recorded.name == name)
        event: Any = events[place].event
        events[place] = replace(events[place], event=replace(event, **changes))
        return events

    return tamper


def without(name: str) -> Callable[[Events], Events]:
    def tamper(events: Events) -> Events:
        place = next(n for n, recorded in enumerate(events) if recorded.name == name)
        return [*events[:place], *events[place + 1 :]]

    return tamper


def again(name: str, **changes: Any) -> Callable[[Events], Events]:
    def tamper(events: Events) -> Events:
        old = next(recorded for recorded in events if recorded.name == name)
        event: Any = old.event
        return [*events, replace(old, position=events[-1].position + 1, event=replace(event, **changes))]

    return tamper


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (edit("settlement-told", net=8_401), "số thuần"),
        (edit("settlement-told", fees=601), "phí"),
        (edit("settlement-told", count=4), "4 dòng"),
        (edit(LUMP, amount=8_500), "quyết toán là"),
        (edit(LUMP, netted=900), "khác"),
        (edit(LUMP, bank_line="0" * 64), "không có trên sao kê"),
        (edit(LUMP, payments=("gateway/pi_1",)), "nói trả 1 khoản"),
        (edit(LUMP, credited=9_500), "sổ báo có"),
        (again(LUMP), "hai quyết toán"),
        (without("settlement-told"), "chưa ai báo"),
        (without("payment-credited"), "sổ báo có 1 khoản"),
        (again("payment-credited"), "báo có hai lần"),
        (without(LUMP), "báo có cho 2 khoản"),
    ],
)
def test_each_fault_in_a_settlement_is_found(fault: Callable[[Events], Events], words: str) -> None:
    assert verdict(log()) == {}
    found = verdict(fault(list(log())))
    assert any(words in sentence for sentence in found["A13"]), found.get("A13")
