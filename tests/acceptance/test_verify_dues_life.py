"""The checks find each fault planted into a log of adjustments, money collected ahead, surpluses and set amounts."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from adapters.office.policy_file import load
from api import wiring
from domain.identifiers import MemberId, UnitId
from domain.member import Scope
from domain.period import Month
from domain.policy_rows import Confidence, PolicyRows, SettingRow
from domain.policy_settings import SettingName
from ledger.handlers.adjust import RecordAmountSet, RestateBase, ReturnAhead
from ledger.handlers.surplus import DecideSurplus, DeclareSurplus
from ledger.store import Recorded
from ledger.verify import verify
from tests.acceptance.story import Cell, Story, into, member, settings

JUNE, JULY = Month("2026-06"), Month("2026-07")
A, A1 = UnitId("A"), MemberId("A1")

Events = list[Recorded]


def _setting(name: SettingName, value: str) -> SettingRow:
    return SettingRow(
        id=f"TL-{name}-{value}", name=name, value=value, from_month=JULY, document="QĐ 1", confidence=Confidence.GUESS
    )


def _july() -> Story:
    """July assessed, paid with 30,000 more than due, which is declared as surplus; then the period is declared."""
    story = Story(wiring.in_memory(settings()))
    story.set_up([Cell(id="A", bank=1_000_000)])
    drafts = tuple(row for row in load().rows.rates if row.category == "OVERSEAS_OTHER" and row.confidence != "seen")
    story._activate(
        PolicyRows(rates=drafts, settings=(_setting(SettingName.OVERSEAS, "on"),)), document="QĐ 1", draft=True
    )
    story.enrol(
        "A",
        member("A1", "SI_COMPULSORY", ("si-salary", 10_000_000)),
        member("A2", "STUDENT"),
        member("A3", "OVERSEAS_OTHER", scope=Scope.ABROAD),
    )
    day = date(2026, 7, 5)
    story.do(
        "VH-KT",
        day,
        RecordAmountSet(
            unit_id=A,
            member_id=MemberId("A3"),
            category="OVERSEAS_OTHER",
            from_month=JULY,
            to_month=None,
            amount=50_000,
            foreign=None,
            decision="QĐ 10",
            decided_by="ĐU BNG",
            decided_on=day,
        ),
    )
    story.assess("A", JULY, day)
    story.request("A", JULY, day)
    story.bank("A", date(2026, 7, 10), into("a", date(2026, 7, 10), 130_000, story.reference("A1", JULY)))
    story.do(
        "A-TP",
        date(2026, 7, 12),
        DeclareSurplus(unit_id=A, member_id=A1, surplus_id="DT-1", amount=30_000, document="đơn"),
    )
    story.declare("A", JULY, date(2026, 7, 31))
    return story


@pytest.fixture(scope="module")
def log() -> Events:
    """A split month restated downwards, a part given back as credit, a surplus taken over New Year, a set amount."""
    story = _july()
    story.do(
        "VH-KT",
        date(2026, 8, 20),
        RestateBase(
            unit_id=A,
            member_id=A1,
            kind="si-salary",
            from_month=JUNE,
            to_month=JUNE,
            amount=8_000_000,
            reason="BHXH",
            decision="TB 1",
        ),
    )
    story.cash("A", "P1", "A2", 5_000, date(2026, 8, 21))
    story.do("VH-KT", date(2026, 8, 22), ReturnAhead(unit_id=A, member_id=A1, amount=4_000, decision="QĐ 7"))
    story.assess("A", Month("2027-01"), date(2027, 1, 5))
    story.do(
        "VH-CU",
        date(2027, 1, 6),
        DecideSurplus(superior_id=UnitId("VH"), member_id=A1, surplus_id="DT-1", accepted=True, decision="12-QĐ"),
    )
    return list(story.installation.store.read(0, 100_000))


def _edit(name: str, **changes: Any) -> Callable[[Events], Events]:
    def tamper(log: Events) -> Events:
        return [
            replace(r, event=replace(r.event, **{k: v(r.event) if callable(v) else v for k, v in changes.items()}))
            if r.name == name
            else r
            for r in log
        ]

    return tamper


def _drop(name: str) -> Callable[[Events], Events]:
    return lambda log: [r for r in log if r.name != name]


def _reckoning(side: str, **changes: Any) -> Callable[[Any], Any]:
    return lambda event: replace(getattr(event, side), **changes)


def test_the_untouched_log_passes_every_check_and_holds_every_kind_of_event(log: Events) -> None:
    verdict = verify(log)
    assert [(f.check, f.sentence) for check in verdict.checks for f in check.findings] == []
    assert {
        "dues-adjusted",
        "ahead-applied",
        "ahead-returned",
        "surplus-declared",
        "surplus-accepted",
        "dues-pending-carried",
        "amount-set",
    } <= {r.name for r in log}


FAULTS: list[tuple[str, Callable[[Events], Events], str]] = [
    ("I10", _edit("dues-adjusted", before=_reckoning("before", due=90_000)), "bắt đầu từ"),
    ("I10", _edit("dues-adjusted", after=_reckoning("after", gross=70_000, due=70_000)), "tính lại được"),
    ("I10", _edit("dues-adjusted", gross_down=19_999), "chênh lệch phải là"),
    ("I10", _edit("amount-set", amount=60_000), "tính lại được"),
    ("I10", _drop("amount-set"), "không có quyết định ấn định"),
    ("I6", _edit("dues-adjusted", applied_before=99_999), "điều chỉnh tháng"),
    ("I6", _edit("dues-adjusted", to_ahead=19_999), "tiền vượt"),
    ("I6", _edit("ahead-returned", amount=30_000), "đã thu trước trong khi chỉ còn"),
    ("I6", _edit("ahead-applied", amount=16_001), "đã thu trước trong khi chỉ còn"),
    ("I6", _edit("surplus-accepted", amount=29_999), "đề nghị đang chờ là"),
    ("I6", _drop("surplus-declared"), "không có đề nghị nào đang chờ"),
    ("I6", _edit("dues-pending-carried", ahead=1), "mang sang"),
    ("I6", _drop("dues-pending-carried"), "không mang sang"),
]


@pytest.mark.parametrize(("check", "tamper", "words"), FAULTS, ids=[f"{c}-{w}" for c, _, w in FAULTS])
def test_a_planted_fault_is_found_by_its_check(
    log: Events, check: str, tamper: Callable[[Events], Events], words: str
) -> None:
    verdict = verify(tamper(list(log)))
    found = next(c for c in verdict.checks if c.id == check)
    assert any(words in finding.sentence for finding in found.findings), [f.sentence for f in found.findings]
