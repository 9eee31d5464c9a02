"""Reconciliation of what channels pay out: lumps that went back, lines that people say are lumps, and undoing that."""

from datetime import date

import pytest

from api import wiring
from api.flows.reconcile import reconcile_accounts
from domain.open_item import DecisionKind
from ledger.handlers.open_items import ApproveDecision, Asked, Decide, UndoDecision
from ledger.reports_reconciliation import LeftoverKind, ReconciliationResult
from tests.acceptance.story import BIN, START, Story, into, out, settings
from tests.acceptance.test_closing_months import sound
from tests.settled import DAY, PAID_OUT, PAYOUT, A, K, line, ready, settled, take, told

CELL = f"{BIN}:00A"
WORDS = f"STRIPE PAYOUT {PAYOUT}"
END = date(2026, 7, 31)


@pytest.fixture
def paid() -> tuple[Story, list[str]]:
    """Three members paid 5,000 each at the gateway."""
    story = Story(wiring.in_memory(settings()))
    refs = ready(story)
    story.tell(*(told(f"pi_{n}", refs[n - 1]) for n in (1, 2, 3)), on=DAY)
    return story, refs


def payout(refs: list[str], name: str = PAYOUT, to: int = 3) -> object:
    return settled(*(line(n, K.COLLECTION, f"pi_{n}", 5_000, 300, refs[n - 1]) for n in range(1, to + 1)), name=name)


def reconciled(story: Story) -> ReconciliationResult:
    (result,) = reconcile_accounts(story.installation, from_date=START, to_date=END, as_of=END)
    assert result.account_id == CELL
    assert result.ties
    last = result.days[-1]
    assert sum(one.effect for one in result.leftovers) == last.closing - last.book
    sound(story)
    return result


def open_(result: ReconciliationResult) -> dict[LeftoverKind, list[int]]:
    found: dict[LeftoverKind, list[int]] = {}
    for one in result.leftovers:
        found.setdefault(one.kind, []).append(one.open_amount)
    return found


def test_a_lump_that_went_back_opens_its_payments_again_until_another_pays_them(paid: tuple[Story, list[str]]) -> None:
    story, refs = paid
    take(story, payout(refs))  # type: ignore[arg-type]  # a settlement
    story.bank("A", date(2026, 7, 14), into("po", PAID_OUT, 14_100, content=WORDS))
    result = reconciled(story)
    assert (open_(result), result.explained_bp) == ({}, 10_000)
    story.bank("A", date(2026, 7, 16), out("back", date(2026, 7, 15), 14_100, content=WORDS))
    result = reconciled(story)
    assert open_(result) == {LeftoverKind.MISSING_AT_BANK: [5_000, 5_000, 5_000]}
    assert [(one.amount, one.original) for one in result.returned] == [(14_100, f"gateway/{PAYOUT}")]
    assert result.explained_bp == 10_000
    again = payout(refs, "po_1BBBBBBBBBBBBBBB", 2)
    take(story, again, on=date(2026, 7, 17))  # type: ignore[arg-type]  # a settlement
    story.bank("A", END, into("po2", date(2026, 7, 18), 9_400, content="PO_1BBBBBBBBBBBBBBB"), clean=False)
    result = reconciled(story)
    assert open_(result) == {LeftoverKind.MISSING_AT_BANK: [5_000]}
    lumps = [m for m in result.matched if m.rule == "settlement-lump"]
    assert [m.amount for m in lumps] == [14_100, 9_400]
    assert lumps[1].items == ("payment:gateway/pi_1#2", "payment:gateway/pi_2#2")


def test_a_line_without_words_is_a_lump_by_decision_and_waits_again_when_that_is_undone(
    paid: tuple[Story, list[str]],
) -> None:
    story, refs = paid
    take(story, payout(refs))  # type: ignore[arg-type]  # a settlement
    story.bank("A", END, into("po", PAID_OUT, 14_100, content="chuyen tien"))
    before = reconciled(story)
    assert open_(before) == {
        LeftoverKind.MISSING_AT_BANK: [5_000, 5_000, 5_000],
        LeftoverKind.UNIDENTIFIED: [14_100],
    }
    item = f"bank:{CELL}/FT-po"
    for _ in range(2):
        asked = Asked(item=item, kind=DecisionKind.LUMP, reason="đúng số đợt trả", target=f"gateway/{PAYOUT}")
        made = story.do("VH-KT", END, Decide(unit_id=A, asked=asked))
        if made["state"] == "proposed":
            story.do("A-BT", END, ApproveDecision(unit_id=A, decision_id=made["decision_id"]))
        result = reconciled(story)
        assert open_(result) == {}
        assert result.explained_bp == 10_000
        (lump,) = result.matched
        assert lump.items == (*(f"payment:{one}" for one in (item, "gateway/pi_1", "gateway/pi_2", "gateway/pi_3")),)
        undone = story.do("A-TP", END, UndoDecision(unit_id=A, decision_id=made["decision_id"], reason="nhầm"))
        if undone["state"] == "proposed":
            story.do("A-BT", END, ApproveDecision(unit_id=A, decision_id=undone["decision_id"]))
        after = reconciled(story)
        assert (open_(after), after.explained_bp) == (open_(before), before.explained_bp)
        assert [d.ties for d in after.days] == [d.ties for d in before.days]
