"""The sandbox's card gateway: idempotency, states, refunds that fail, payouts that are the sum of their parts."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from adapters.gateway import webhook
from adapters.gateway.payout import document, read_payout
from adapters.sandbox.world.gateway_api import Reply
from adapters.sandbox.world.gateway_life import pay_card, refund_created
from adapters.sandbox.world.post import Try
from adapters.sandbox.world.signing import wire_of
from adapters.sandbox.world.world import World
from domain.notice import NoticeStatus, PaymentNotice, Rejection
from tests.sandbox_story import code, fresh_world, month, run


def ask(world: World, method: str, path: str, form: dict[str, Any] | None = None, key: str = "") -> Reply:
    headers = {"authorization": f"Bearer {world.keys.gateway_key}"}
    if key:
        headers["idempotency-key"] = key
    body = urlencode(form or {}).encode() if method == "POST" else b""
    query = urlencode(form or {}) if method == "GET" else ""
    return world.gateway_api.answer(method, path, query, body, headers, world.now)


def an_intent(world: World, amount: int = 60_000, key: str = "k1") -> dict[str, Any]:
    form = {"amount": str(amount), "currency": "vnd", "metadata[reference]": code("G", 1)}
    return ask(world, "POST", "/v1/payment_intents", form, key).body


def test_the_same_key_with_the_same_form_is_answered_alike_and_with_another_form_refused() -> None:
    world = fresh_world()
    first = an_intent(world)
    form = {"amount": "60000", "currency": "vnd", "metadata[reference]": code("G", 1)}
    again = ask(world, "POST", "/v1/payment_intents", form, "k1")
    assert again.body["id"] == first["id"]
    assert again.headers["Idempotent-Replayed"] == "true"
    other = ask(world, "POST", "/v1/payment_intents", {**form, "amount": "70000"}, "k1")
    assert (other.status, other.body["error"]["type"]) == (400, "idempotency_error")
    assert len(world.gateway.intents) == 1


def test_an_error_of_validation_is_not_kept_under_its_key() -> None:
    world = fresh_world()
    wrong = ask(world, "POST", "/v1/payment_intents", {"amount": "60000.5", "currency": "vnd"}, "k1")
    assert (wrong.status, wrong.body["error"]["param"]) == (400, "amount")
    assert an_intent(world)["status"] == "requires_payment_method"


def test_nobody_without_the_key_is_answered() -> None:
    world = fresh_world()
    reply = world.gateway_api.answer("GET", "/v1/payouts", "", b"", {}, world.now)
    assert reply.status == 401
    assert reply.headers["Request-Id"]


def test_a_refused_card_goes_back_to_wait_and_the_next_one_pays() -> None:
    world = fresh_world(faults={"card-refused": 1.0})
    intent = an_intent(world)
    assert pay_card(world, intent["id"], "one") == "requires_payment_method"
    assert world.gateway.intents[intent["id"]]["last_payment_error"]["code"] == "card_declined"
    run(world, world.now + timedelta(hours=1))
    assert world.gateway.intents[intent["id"]]["status"] == "succeeded"
    assert world.moneys[f"gateway/{intent['id']}"].amount == 60_000
    cancelled = ask(world, "POST", f"/v1/payment_intents/{intent['id']}/cancel")
    assert cancelled.body["error"]["code"] == "payment_intent_unexpected_state"


def test_a_refund_may_fail_after_it_succeeded_and_the_money_comes_back_to_the_balance() -> None:
    world = fresh_world(faults={"refund-fails": 1.0})
    intent = an_intent(world)
    pay_card(world, intent["id"], "one")
    run(world, world.now + timedelta(minutes=5))
    refund = ask(world, "POST", "/v1/refunds", {"payment_intent": intent["id"], "amount": "20000"}, "r1").body
    assert refund["status"] == "succeeded"
    refund_created(world, refund["id"])
    over = ask(world, "POST", "/v1/refunds", {"payment_intent": intent["id"], "amount": "40001"}, "r2")
    assert over.status == 400
    run(world, world.now + timedelta(days=2))
    assert ask(world, "GET", f"/v1/refunds/{refund['id']}").body["status"] == "failed"
    moved = [one for one in world.gateway.transactions.values() if one["source"] == refund["id"]]
    assert [one["amount"] for one in moved] == [-20_000, 20_000]
    assert [str(one.fault) for one in world.chances.struck] == ["refund-fails"]


def test_a_payout_is_the_sum_of_the_nets_of_its_transactions_and_arrives_on_the_account() -> None:
    world = month(fresh_world(), people=12)
    payouts = list(world.gateway.payouts.values())
    assert payouts
    for payout in payouts:
        page = ask(world, "GET", "/v1/balance_transactions", {"payout": payout["id"], "limit": "100"}).body
        found = [{**one, "source": world.gateway.charges.get(one["source"], one["source"])} for one in page["data"]]
        told = read_payout(document(payout, found), payout["id"])
        assert told.net == payout["amount"]
        (entry,) = [
            entry
            for entries in world.bank.entries.values()
            for entry in entries
            if entry.about == f"lump/{payout['id']}"
        ]
        assert entry.amount == payout["amount"]
        assert payout["id"] in entry.content


def test_lists_are_newest_first_and_go_on_after_a_cursor() -> None:
    world = fresh_world()
    names = [an_intent(world, key=f"k{number}")["id"] for number in range(5)]
    first = ask(world, "GET", "/v1/payment_intents", {"limit": "2"}).body
    assert [one["id"] for one in first["data"]] == [names[4], names[3]]
    assert first["has_more"]
    rest = ask(world, "GET", "/v1/payment_intents", {"limit": "100", "starting_after": names[3]}).body
    assert [one["id"] for one in rest["data"]] == [names[2], names[1], names[0]]
    assert not rest["has_more"]


def test_webhooks_are_believed_by_our_reader_unless_stale_or_wrongly_signed_and_while_secrets_roll() -> None:
    world = fresh_world(faults={"stale": 0.3, "wrong-signature": 0.3}, gateway={"roll_secret_on": 10})
    sent: list[tuple[Try, PaymentNotice | Rejection]] = []

    def answer(one: Try) -> int | None:
        if one.message.channel == "gateway":
            rolled = world.secret_rolled()
            wire = wire_of(one, world.keys, rolled=rolled)
            secrets = world.keys.gateway_secrets[1:] if rolled else world.keys.gateway_secrets[:1]
            sent.append((one, webhook.accept(wire.body, dict(wire.headers), one.at, secrets=secrets)))
        return 401 if one.flaw else 200

    month(world, people=12, answer=answer)
    assert {one.flaw for one, _ in sent} == {None, "stale", "wrong-signature"}
    for one, told in sent:
        if one.flaw is not None:
            assert isinstance(told, Rejection)
            assert told.code == {"stale": "stale", "wrong-signature": "bad-signature"}[one.flaw]
        else:
            assert isinstance(told, PaymentNotice) or told.code == "not-money"
    paid = {
        told.outside_reference
        for _, told in sent
        if isinstance(told, PaymentNotice) and told.status is NoticeStatus.PAID
    }
    assert len(paid) == 12
