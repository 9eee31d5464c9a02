"""Refunds through the channel that brought the money: paid once, failed after success, told in any order."""

from datetime import date

import pytest

from api import wiring
from domain.errors import Refusal
from domain.identifiers import MemberId, RefundId
from domain.notice import NoticeStatus
from domain.payment import Asset
from domain.refund_channel import ChannelState
from ledger.handlers import payouts, refunds
from ledger.handlers.settlements import ReportChannelRefund
from ledger.verify import verify
from tests.acceptance.story import Story, into, out, settings
from tests.good_log import read_all
from tests.settled import PAID_OUT, A, K, attempt, line, ready, settled, take, told

HT = RefundId("HT-01")
LATER = date(2026, 7, 15)
RE = "re_1"


def story_of() -> Story:
    """A1 pays the same debt twice at the gateway; the second 5,000 is approved to go back."""
    story = Story(wiring.in_memory(settings()))
    (first,) = ready(story, 1)
    second = attempt(story, "A1")
    assert story.tell(told("pi_1", first), told("pi_2", second)) == ["reference", "reference"]
    asked = refunds.RequestCreditRefund(
        refund_id=HT, unit_id=A, member_id=MemberId("A1"), amount=5_000, reason="nộp hai lần", decision="QD-HT"
    )
    story.do("A-TP", PAID_OUT, asked)
    for approver in ("A-BT", "VH-CU"):
        story.do(approver, PAID_OUT, refunds.ApproveRefund(unit_id=A, refund_id=HT))
    return story


def word(status: NoticeStatus, number: str = RE) -> "object":
    return told(number, HT, 5_000, status=status, source="gateway:refund", on=LATER)


def good(story: Story) -> None:
    verdict = verify(read_all(story.installation.store), commands=story.installation.store.commands())
    assert verdict.ok, [f.sentence for c in verdict.checks for f in c.findings]


def answered(state: ChannelState, number: str = RE) -> ReportChannelRefund:
    return ReportChannelRefund(
        unit_id=A, refund_id=HT, rail="gateway", outside_id=number, state=state, amount=5_000, on=LATER
    )


def test_a_refund_through_the_channel_is_netted_from_its_next_lump() -> None:
    story = story_of()
    assert story.do("VH-TQ", LATER, answered(ChannelState.PENDING))["outcome"] == "refund-paid"
    assert story.tell(word(NoticeStatus.PAID), word(NoticeStatus.PAID)) == ["refund-paid", "known"]
    assert story.balances("A") == {"1120": 1_000_000, "1140": 5_000, "3310": 5_000, "4310": 1_000_000}
    lines = (
        line(1, K.COLLECTION, "pi_1", 5_000, 100),
        line(2, K.COLLECTION, "pi_2", 5_000, 100),
        line(3, K.REFUND, RE, -5_000, 0, HT),
    )
    take(story, settled(*lines), on=LATER)
    story.bank("A", LATER, into("po", LATER, 4_800, content="PO_1QHXYZ2EZVKYLO2C"))
    assert story.balances("A") == {"1120": 1_004_800, "3310": 5_000, "4310": 1_000_000, "6310": 200}
    good(story)


def test_a_refund_that_fails_after_success_opens_the_debt_again_and_may_be_paid_anew() -> None:
    story = story_of()
    story.do("VH-TQ", LATER, answered(ChannelState.DONE))
    assert story.balances("A").get("3370") is None
    assert story.tell(word(NoticeStatus.FAILED)) == ["refund-failed"]
    assert story.balances("A")["3370"] == 5_000
    assert story.balances("A")["1140"] == 10_000
    # The older word of success, told again, pays nothing.
    assert story.tell(word(NoticeStatus.PAID)) == ["known"]
    assert story.do("VH-TQ", LATER, answered(ChannelState.DONE, "re_2"))["outcome"] == "refund-paid"
    assert story.balances("A").get("3370") is None
    good(story)


def test_a_failure_heard_first_is_never_paid_by_an_older_word() -> None:
    story = story_of()
    assert story.tell(word(NoticeStatus.FAILED), word(NoticeStatus.PAID)) == ["refund-failed", "known"]
    assert story.balances("A")["3370"] == 5_000
    lines = (line(1, K.REFUND, RE, -5_000, 0, HT), line(2, K.ADJUSTMENT, RE, 5_000, 0, HT))
    take(story, settled(*lines), on=LATER)
    assert story.balances("A")["3370"] == 5_000
    assert story.balances("A")["1140"] == 10_000
    good(story)


def test_a_settlement_alone_may_tell_of_a_refund() -> None:
    story = story_of()
    take(story, settled(line(1, K.REFUND, RE, -5_000, 0, HT)), on=LATER)
    assert "3370" not in story.balances("A")
    assert story.balances("A")["1140"] == 5_000
    assert story.tell(word(NoticeStatus.PAID)) == ["known"]
    story.bank("A", LATER, out("po", LATER, 5_000, content="PO_1QHXYZ2EZVKYLO2C"))
    assert story.balances("A")["1140"] == 10_000
    assert story.balances("A")["1120"] == 995_000
    good(story)


def test_a_refund_nobody_asked_for_is_missing_money_with_a_case() -> None:
    story = story_of()
    answer = take(story, settled(line(1, K.REFUND, "re_9", -3_000, 0, "HT-99")), on=LATER)
    assert answer["lines"][0]["outcome"] == "missing-in-book"
    assert story.balances("A")["1370"] == 3_000
    assert story.tell(told("re_9", "HT-99", 3_000, source="gateway:refund")) == ["refund-state"]
    good(story)


def test_what_the_channel_pays_out_is_not_paid_out_of_the_bank_too() -> None:
    story = story_of()
    story.do("VH-TQ", LATER, answered(ChannelState.DONE))
    pay = payouts.PayRefund(unit_id=A, refund_id=HT, asset=Asset.BANK, paid_on=LATER)
    assert story.do("VH-TQ", LATER, pay)["paid"] == 0
    with pytest.raises(Refusal, match="bằng cách khác"):
        story.do("VH-TQ", LATER, answered(ChannelState.DONE, "re_2"))
    good(story)
