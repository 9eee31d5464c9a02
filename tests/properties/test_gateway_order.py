"""Webhooks, payouts and bank lines of the gateway in any order, any number of times, end in the same balances.

Raw webhooks go through the inbox and its worker, payouts through the client's document, bank lines through the import.
"""

from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.gateway.payout import document, read_payout
from api import wiring
from api.flows.notices import keep_raw, work_off_inbox
from domain.identifiers import MemberId, RefundId
from domain.settlement import Settlement
from ledger.handlers import refunds
from ledger.verify import verify
from tests.acceptance.story import START, Story, account, at, into
from tests.acceptance.story import settings as installation_settings
from tests.gateway_machine import NOW, SECRET, Gateway, event, signed
from tests.good_log import read_all
from tests.settled import A, attempt, ready, take

HT = RefundId("HT-01")
PLAYED = date(2026, 7, 20)
HEARD = datetime.fromtimestamp(NOW, UTC)


@cache
def _outside() -> tuple[tuple[str, ...], tuple[object, ...]]:
    """What happened at the gateway: references in the order they were opened, and the facts that tell of it."""
    refs = _story()[1]
    gateway = Gateway()
    names = [gateway.create(5_000, ref)["id"] for ref in refs]
    facts: list[object] = []
    gateway.intents[names[1]]["last_payment_error"] = {"code": "card_declined"}
    facts.append(event("payment_intent.payment_failed", dict(gateway.intents[names[1]]), name="evt_f"))
    gateway.intents[names[2]]["status"] = "canceled"
    facts.append(event("payment_intent.canceled", dict(gateway.intents[names[2]]), name="evt_c"))
    for number, name in enumerate(names):
        # The last one is told of by nobody but the payout.
        paid = dict(gateway.succeed(name))
        if number < len(names) - 1:
            facts.append(event("payment_intent.succeeded", paid, name=f"evt_{number}"))
            facts.append(event("payment_intent.succeeded", paid, name=f"evt_again_{number}"))
    first = gateway.pay_out()
    refund = dict(gateway.refund(names[0], 5_000, HT))
    facts.append(event("refund.created", refund, name="evt_r"))
    failed = dict(gateway.fail(refund["id"]))
    facts.append(event("refund.failed", failed, name="evt_rf"))
    gateway.moves("stripe_fee", "fee_1", -300)
    gateway.moves("charge", "ch_foreign", 9_000, 0)
    # One payment is disputed: the money is taken, and the case is lost.
    dispute = {"id": "dp_1", "object": "dispute", "amount": 5_000, "currency": "vnd", "payment_intent": names[2]}
    gateway.moves("adjustment", "dp_1", -5_000, 0)
    facts.append(event("charge.dispute.created", {**dispute, "status": "needs_response"}, name="evt_d1"))
    facts.append(event("charge.dispute.funds_withdrawn", {**dispute, "status": "needs_response"}, name="evt_d2"))
    facts.append(event("charge.dispute.closed", {**dispute, "status": "lost"}, name="evt_d3"))
    second = gateway.pay_out()
    for payout in (first, second):
        own = [one for one in gateway.transactions.values() if one["payout"] == payout["id"]]
        expanded = [{**one, "source": gateway._source(one["source"])} for one in own]
        facts.append(read_payout(document(payout, expanded), payout["id"]))
    facts.append(("bank", [(payout["id"], payout["amount"]) for payout in (first, second)]))
    return tuple(refs), tuple(facts)


def _story() -> tuple[Story, list[str]]:
    """A1 pays twice, A2 and A3 once; the refund of what A1 paid twice is approved when it can be."""

    own = replace(installation_settings(), gateway_secrets=(SECRET,))
    story = Story(wiring.in_memory(own))
    refs = ready(story, 3)
    return story, [*refs, attempt(story, "A1")]


def _play(order: tuple[int, ...]) -> dict[str, int]:
    refs, facts = _outside()
    story, own = _story()
    assert tuple(own) == refs
    # Credit for the refund is there from the start, so that its approval does not depend on the order of the rest.
    story.cash("A", "1", "A1", 10_000, START)
    _approve(story)
    for place in order:
        fact = facts[place]
        if isinstance(fact, bytes):
            keep_raw(story.installation, "gateway", fact, signed(fact, SECRET), HEARD)
            work_off_inbox(story.installation, at(PLAYED))
        elif isinstance(fact, Settlement):
            take(story, fact, on=PLAYED)
        elif story.read_to.get(account("A"), START) < PLAYED:
            _, lines = fact  # type: ignore[misc]  # the only other fact is the bank's
            story.bank("A", PLAYED, *(into(po, PLAYED, money, content=f"TT {po.upper()}") for po, money in lines))
    verdict = verify(read_all(story.installation.store), commands=story.installation.store.commands())
    assert verdict.ok, [f.sentence for c in verdict.checks for f in c.findings]
    return story.balances("A")


def _approve(story: Story) -> None:
    asked = refunds.RequestCreditRefund(
        refund_id=HT, unit_id=A, member_id=MemberId("A1"), amount=5_000, reason="nộp thừa", decision="QD-HT"
    )
    story.do("A-TP", PLAYED, asked)
    for approver in ("A-BT", "VH-CU"):
        story.do(approver, PLAYED, refunds.ApproveRefund(unit_id=A, refund_id=HT))


@cache
def _expected() -> dict[str, int]:
    return _play(tuple(range(len(_outside()[1]))))


def test_the_facts_in_their_order_end_as_reckoned_by_hand() -> None:
    # Four charges of 5,000 less 100, a foreign one of 9,000, a fee of 300, a lost dispute of 5,000; the refund failed,
    # so it is still owed.
    assert _expected() == {
        "1110": 10_000,
        "1120": 1_000_000 + 19_600 + 3_700,
        "1370": 5_000,
        "3310": 15_000,
        "3340": 10_000,
        "3370": 5_000,
        "3380": 9_000,
        "4310": 1_000_000,
        "6310": 700,
    }


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_order_and_any_repetition_end_in_the_same_balances(data: st.DataObject) -> None:
    places = range(len(_outside()[1]))
    chosen = data.draw(st.permutations(places))
    for again in data.draw(st.lists(st.sampled_from(places), max_size=8)):
        chosen.insert(data.draw(st.integers(0, len(chosen))), again)
    assert _play(tuple(chosen)) == _expected()
