"""The gateway's client against a gateway in memory: one intent whatever happens on the way, errors in words, paging."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import requests
import responses

from adapters.gateway import objects
from adapters.gateway.client import GatewayClient
from adapters.gateway.payout import document, read_payout
from adapters.gateway.rail import gateway_rail
from api.rails import bank_answer
from domain.attempt import AttemptState
from domain.errors import Malformed, Refusal
from domain.notice import NoticeStatus, PaymentNotice
from domain.settlement import SettlementKind
from ledger.rail import AttemptAsked, ChannelAway, RefundState
from tests.gateway_machine import KEY, NOW, URL, Gateway

AT = datetime.fromtimestamp(NOW, UTC)
ASKED = AttemptAsked(
    reference="HJQPM5YNFT97",
    amount=60_000,
    words="Dang phi thang 7",
    account_bin="970436",
    account_number="0011001234567",
    account_holder="DANG BO",
)


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    made = Gateway()
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        made.serve(mock)
        yield made


def client(pauses: tuple[float, ...] = (0.5, 2.0), slept: list[float] | None = None) -> GatewayClient:
    return GatewayClient(url=URL, key=KEY, pauses=pauses, sleep=([] if slept is None else slept).append)


def test_a_server_error_and_then_success_under_one_key_make_one_intent(gateway: Gateway) -> None:
    slept: list[float] = []
    gateway.faults = [(500, {}), (500, {})]
    offer = client(slept=slept).open_attempt(ASKED, AT)
    assert list(gateway.intents) == [offer.outside_id]
    assert offer.client_secret == f"{offer.outside_id}_secret"
    assert {r.headers["Idempotency-Key"] for r in gateway.asked} == {"dangphi-attempt-HJQPM5YNFT97"}
    assert slept == [0.5, 2.0]
    # Another process that asks again gets the same intent.
    assert client().open_attempt(ASKED, AT).outside_id == offer.outside_id
    assert len(gateway.intents) == 1


def test_the_amount_is_sent_in_whole_dong(gateway: Gateway) -> None:
    offer = client().open_attempt(ASKED, AT)
    assert gateway.intents[str(offer.outside_id)]["amount"] == 60_000


def test_what_stays_away_leaves_everything_unknown(gateway: Gateway) -> None:
    gateway.faults = [(503, {}), (429, {}), (409, {})]
    with pytest.raises(ChannelAway):
        client().open_attempt(ASKED, AT)
    assert len(gateway.asked) == 3


def test_the_gateways_own_word_on_retrying_is_honoured(gateway: Gateway) -> None:
    gateway.faults = [(503, {"Stripe-Should-Retry": "false"})]
    with pytest.raises(ChannelAway):
        client().open_attempt(ASKED, AT)
    assert len(gateway.asked) == 1
    gateway.faults = [(400, {"Stripe-Should-Retry": "true"})]
    assert client().open_attempt(ASKED, AT).outside_id in gateway.intents


def test_a_connection_that_breaks_is_a_channel_that_is_away() -> None:
    with responses.RequestsMock() as mock:
        mock.add(responses.POST, f"{URL}/v1/payment_intents", body=requests.ConnectionError("reset"))
        with pytest.raises(ChannelAway):
            client(pauses=()).open_attempt(ASKED, AT)


def test_changed_parameters_under_one_key_are_refused(gateway: Gateway) -> None:
    client().open_attempt(ASKED, AT)
    with pytest.raises(Refusal, match="chống lặp") as refused:
        client().open_attempt(replace(ASKED, amount=70_000), AT)
    assert refused.value.details["type"] == "idempotency_error"
    assert len(gateway.intents) == 1


def test_a_declined_card_is_told_in_words_and_the_intent_waits_for_another(gateway: Gateway) -> None:
    offer = client().open_attempt(ASKED, AT)
    name = str(offer.outside_id)
    with pytest.raises(Refusal, match="thẻ bị từ chối") as refused:
        client().confirm(name, "pm_declined")
    assert refused.value.details["decline_code"] == "insufficient_funds"
    assert objects.state_of(client().retrieve(name)) is AttemptState.FAILED
    assert client().confirm(name, "pm_card")["status"] == "succeeded"
    with pytest.raises(Refusal):
        client().cancel(name)
    assert objects.state_of(client().retrieve(name)) is AttemptState.PAID


def test_a_wrong_key_is_named(gateway: Gateway) -> None:
    with pytest.raises(Refusal, match="DANGPHI_GATEWAY_KEY"):
        GatewayClient(url=URL, key="sk_wrong", pauses=()).retrieve("pi_1")


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("requires_payment_method", AttemptState.OPENED),
        ("requires_confirmation", AttemptState.OPENED),
        ("requires_action", AttemptState.PENDING),
        ("processing", AttemptState.PENDING),
        ("requires_capture", AttemptState.PENDING),
        ("succeeded", AttemptState.PAID),
        ("canceled", AttemptState.CANCELLED),
        ("something_new", AttemptState.UNKNOWN),
    ],
)
def test_the_life_of_an_intent_in_our_words(status: str, state: AttemptState) -> None:
    assert objects.state_of({"status": status}) is state


def test_an_attempt_is_asked_after_by_our_own_reference(gateway: Gateway) -> None:
    rail = gateway_rail(url=URL, key=KEY, secrets=(), answer=bank_answer)
    assert rail.inquire is not None
    gateway.page = 2
    offer = client().open_attempt(ASKED, AT)
    for number in range(5):
        gateway.create(1_000, f"OTHER{number}")
    gateway.succeed(str(offer.outside_id))
    told = rail.inquire(ASKED.reference, AT)
    assert isinstance(told, PaymentNotice)
    assert (told.status, told.amount, told.outside_reference) == (NoticeStatus.PAID, 60_000, offer.outside_id)
    with pytest.raises(Malformed):
        rail.inquire("HJ000000000", AT)


def test_a_refund_is_asked_for_once_and_tried_anew_under_another_key(gateway: Gateway) -> None:
    name = str(client().open_attempt(ASKED, AT).outside_id)
    gateway.succeed(name)
    first = client().refund(name, "HT-01", 60_000, "nộp hai lần", AT)
    assert (first.state, first.refund_id) == (RefundState.DONE, "HT-01")
    assert client().refund(name, "HT-01", 60_000, "nộp hai lần", AT).outside_id == first.outside_id
    again = client().refund(name, "HT-01#1", 60_000, "nộp hai lần", AT)
    assert again.outside_id != first.outside_id
    assert again.refund_id == "HT-01"
    assert all("nộp" not in str(request.body) for request in gateway.asked)


@pytest.mark.parametrize("expands", [True, False])
def test_a_payout_is_read_page_by_page_and_sums_to_the_dong(gateway: Gateway, expands: bool) -> None:
    gateway.page, gateway.expands = 2, expands
    names = [str(client().open_attempt(replace(ASKED, reference=f"REF{n}"), AT).outside_id) for n in range(5)]
    for name in names:
        gateway.succeed(name, fee=700)
    back = gateway.refund(names[0], 60_000, "HT-01")
    gateway.fail(back["id"])
    gateway.moves("stripe_fee", "fee_1", -1_000)
    gateway.moves("adjustment", "dp_1", -60_000, 15_000)
    paid = gateway.pay_out()
    told = read_payout(document(paid, client().transactions_of(paid["id"])), paid["id"])
    assert told.net == paid["amount"] == 5 * 59_300 - 1_000 - 75_000
    kinds = [line.kind for line in told.lines]
    assert kinds == [SettlementKind.COLLECTION] * 5 + [
        SettlementKind.REFUND,
        SettlementKind.ADJUSTMENT,
        SettlementKind.FEE,
        SettlementKind.ADJUSTMENT,
    ]
    assert [line.outside_reference for line in told.lines[:5]] == names
    assert [line.reference for line in told.lines[:2]] == ["REF0", "REF1"]
    assert (told.lines[5].reference, told.lines[6].outside_reference) == ("HT-01", back["id"])
    assert client().payouts(AT, AT) == (paid,)


def test_a_payout_whose_nets_do_not_sum_is_refused_whole(gateway: Gateway) -> None:
    name = str(client().open_attempt(ASKED, AT).outside_id)
    gateway.succeed(name)
    paid = gateway.pay_out()
    paid["amount"] += 1
    with pytest.raises(Refusal) as refused:
        read_payout(document(paid, client().transactions_of(paid["id"])), paid["id"])
    assert refused.value.code == "settlement-does-not-add-up"


@pytest.mark.parametrize("wrong", [{"amount": 1.5}, {"amount": "60000"}, {"currency": "usd"}, {"net": True}])
def test_amounts_that_are_no_whole_dong_are_refused(gateway: Gateway, wrong: dict[str, object]) -> None:
    gateway.succeed(str(client().open_attempt(ASKED, AT).outside_id))
    paid = gateway.pay_out()
    first, *rest = client().transactions_of(paid["id"])
    with pytest.raises(Malformed):
        read_payout(document(paid, [first, *({**one, **wrong} for one in rest)]), paid["id"])
