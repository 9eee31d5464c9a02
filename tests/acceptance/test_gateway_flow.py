"""The card gateway end to end: attempts opened there, webhooks heard, payouts fetched, refunds asked for."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import uuid4

import httpx
import pytest
import responses

from adapters.inbound import VIETNAM
from api import wiring
from api.app import create_app
from api.flows import settlements
from api.flows.attempts import open_attempt
from api.flows.notices import keep_raw, work_off_inbox
from domain.errors import Refusal
from domain.identifiers import MemberId, PaymentId, RefundId
from domain.payment import Asset
from domain.period import Month
from ledger.handlers import ask, payouts, refunds
from ledger.verify import verify
from ledger.work import Act
from tests.acceptance.front_door import SetClock, served
from tests.acceptance.story import START, Cell, Story, at, into, member
from tests.acceptance.story import settings as installation_settings
from tests.gateway_machine import KEY, NOW, SECRET, URL, Gateway, event, signed
from tests.good_log import read_all
from tests.settled import A

HEARD = datetime.fromtimestamp(NOW, VIETNAM)
LATER = date(2026, 7, 15)
HT = RefundId("HT-01")


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    made = Gateway()
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        made.serve(mock)
        yield made


@pytest.fixture
def story() -> Story:
    own = replace(installation_settings(), gateway_url=URL, gateway_key=KEY, gateway_secrets=(SECRET,))
    story = Story(wiring.in_memory(own))
    story.set_up([Cell(id="A", bank=1_000_000)])
    story.enrol("A", member("A1", "STUDENT"), member("A2", "STUDENT"))
    story.assess("A", "2026-07", START)
    return story


def act(actor: str, on: date = LATER) -> Act:
    return Act(actor=actor, at=at(on), command_id=uuid4())


def opened(story: Story, name: str) -> str:
    asked = ask.OpenDuesAttempt(unit_id=A, member_id=MemberId(name), month=Month("2026-07"))
    command = ask.OpenOnRail(unit_id=A, rail="gateway", asked=asked)
    found = open_attempt(story.installation, command, act("A-TP", HEARD.date()))
    assert found.offer is not None
    assert found.offer.client_secret is not None
    return str(found.offer.outside_id)


def hear(story: Story, raw: bytes) -> int:
    kept = keep_raw(story.installation, "gateway", raw, signed(raw, SECRET), HEARD)
    work_off_inbox(story.installation, at(LATER))
    return kept.answer.status


def settle(story: Story) -> list[settlements.Taken]:
    until = HEARD + timedelta(days=9)
    return list(settlements.settle_gateway(story.installation, A, HEARD - timedelta(days=9), until, act("VH-KT")))


def good(story: Story) -> None:
    verdict = verify(read_all(story.installation.store), commands=story.installation.store.commands())
    assert verdict.ok, [f.sentence for c in verdict.checks for f in c.findings]


def test_from_the_attempt_to_the_bank_line(story: Story, gateway: Gateway) -> None:
    first, second = opened(story, "A1"), opened(story, "A2")
    assert hear(story, event("payment_intent.succeeded", gateway.succeed(first))) == 200
    gateway.succeed(second)
    gateway.pay_out()
    (payout,) = settle(story)
    assert payout.refused is None
    assert [one["outcome"] for one in payout.answer["lines"]] == ["matched", "matched"]
    assert settle(story)[0].answer["state"] == "known"
    content = f"CTY CONG THE TRA {payout.settlement_id.upper()}"
    assert story.bank("A", LATER, into("po", LATER, 9_800, content=content))["placed"] == {"settlement-lump": 1}
    assert story.balances("A") == {"1120": 1_009_800, "3310": 10_000, "4310": 1_000_000, "6310": 200}
    # The evidence is the document that was fetched, whole.
    assert work_off_inbox(story.installation, at(LATER)).taken == 0
    good(story)


def test_success_after_cancel_is_money_all_the_same(story: Story, gateway: Gateway) -> None:
    name = opened(story, "A1")
    gateway.intents[name]["status"] = "canceled"
    hear(story, event("payment_intent.canceled", dict(gateway.intents[name]), name="evt_1"))
    assert "3310" not in story.balances("A")
    hear(story, event("payment_intent.succeeded", gateway.succeed(name), name="evt_2"))
    assert story.balances("A")["3310"] == 5_000
    reference = gateway.intents[name]["metadata"]["reference"]
    assert str(story.installation.ledger.work().attempt(reference).state) == "paid"
    good(story)


def test_a_payout_that_does_not_sum_holds_up_no_other(story: Story, gateway: Gateway) -> None:
    gateway.succeed(opened(story, "A1"))
    wrong = gateway.pay_out()
    wrong["amount"] -= 1
    gateway.succeed(opened(story, "A2"))
    gateway.pay_out()
    first, second = settle(story)
    assert "bị từ chối" in str(first.refused)
    assert second.answer["state"] == "taken"
    assert story.balances("A")["1140"] == 5_000
    good(story)


def test_a_refund_goes_back_by_the_gateway_fails_there_and_is_paid_anew(story: Story, gateway: Gateway) -> None:
    names = [opened(story, "A1"), opened(story, "A1")]
    for number, name in enumerate(names):
        hear(story, event("payment_intent.succeeded", gateway.succeed(name), name=f"evt_{number}"))
    payment = PaymentId(f"gateway/{names[1]}")
    asked = refunds.RequestCreditRefund(
        refund_id=HT, unit_id=A, member_id=MemberId("A1"), amount=5_000, reason="nộp hai lần", decision="QD"
    )
    story.do("A-TP", LATER, asked)
    with pytest.raises(Refusal):
        settlements.refund_by_gateway(story.installation, HT, payment, act("VH-TQ"))
    assert not gateway.refunds, "what is not approved is not asked of the gateway"
    for approver in ("A-BT", "VH-CU"):
        story.do(approver, LATER, refunds.ApproveRefund(unit_id=A, refund_id=HT))
    gateway.faults = [(500, {})] * 3
    with pytest.raises(Refusal, match="không trả lời"):
        settlements.refund_by_gateway(story.installation, HT, payment, act("VH-TQ"))
    assert story.balances("A")["3370"] == 5_000
    for _ in range(2):
        settlements.refund_by_gateway(story.installation, HT, payment, act("VH-TQ"))
    assert len(gateway.refunds) == 1
    assert "3370" not in story.balances("A")
    hear(story, event("refund.failed", gateway.fail(next(iter(gateway.refunds))), name="evt_rf"))
    assert story.balances("A")["3370"] == 5_000
    settlements.refund_by_gateway(story.installation, HT, payment, act("VH-TQ"))
    assert len(gateway.refunds) == 2
    assert "3370" not in story.balances("A")
    reference = gateway.intents[names[1]]["metadata"]["reference"]
    # What was given back may still fail, so the attempt says "paid" until a settlement has taken it off.
    assert str(story.installation.ledger.work().attempt(reference).state) == "paid"
    gateway.pay_out()
    (payout,) = settle(story)
    assert str(story.installation.ledger.work().attempt(reference).state) == "returned"
    assert payout.answer["net"] == 4_800
    assert {one["outcome"] for one in payout.answer["lines"]} == {"matched"}
    story.bank("A", LATER, into("po", LATER, 4_800, content=payout.settlement_id))
    assert "1140" not in story.balances("A")
    good(story)


def test_money_that_came_another_way_is_not_sent_back_by_the_gateway(story: Story, gateway: Gateway) -> None:
    cash = story.cash("A", "1", "A1", 10_000, START)
    asked = refunds.RequestCreditRefund(
        refund_id=HT, unit_id=A, member_id=MemberId("A1"), amount=5_000, reason="nộp thừa", decision="QD"
    )
    story.do("A-TP", LATER, asked)
    with pytest.raises(Refusal, match="không phải tiền qua cổng"):
        settlements.refund_by_gateway(story.installation, HT, cash, act("VH-TQ"))


def test_a_refund_paid_by_hand_is_not_asked_of_the_gateway(story: Story, gateway: Gateway) -> None:
    names = [opened(story, "A1"), opened(story, "A1")]
    for number, name in enumerate(names):
        hear(story, event("payment_intent.succeeded", gateway.succeed(name), name=f"evt_{number}"))
    asked = refunds.RequestCreditRefund(
        refund_id=HT, unit_id=A, member_id=MemberId("A1"), amount=5_000, reason="nộp hai lần", decision="QD"
    )
    story.do("A-TP", LATER, asked)
    for approver in ("A-BT", "VH-CU"):
        story.do(approver, LATER, refunds.ApproveRefund(unit_id=A, refund_id=HT))
    story.do("VH-TQ", LATER, payouts.PayRefund(unit_id=A, refund_id=HT, asset=Asset.BANK, paid_on=LATER))
    with pytest.raises(Refusal, match="bằng cách khác"):
        settlements.refund_by_gateway(story.installation, HT, PaymentId(f"gateway/{names[1]}"), act("VH-TQ"))
    assert not gateway.refunds


def test_the_webhook_is_kept_and_answered_over_http(story: Story, gateway: Gateway) -> None:
    raw = event("payment_intent.succeeded", gateway.succeed(opened(story, "A1")))
    app = create_app(story.installation, SetClock(HEARD))
    with served(app) as address, httpx.Client(base_url=address, timeout=30) as client:
        headers = signed(raw, SECRET)
        told = client.post("/webhooks/gateway", content=raw, headers=headers)
        assert (told.status_code, told.json()) == (200, {"success": True})
        assert client.post("/webhooks/gateway", content=raw, headers=headers).status_code == 200
        refused = client.post("/webhooks/gateway", content=raw + b" ", headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (401, "bad-signature")
    work_off_inbox(story.installation, at(LATER))
    assert story.balances("A")["1140"] == 5_000
