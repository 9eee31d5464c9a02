"""The sandbox's world: one seed tells one story, every fault happens, and no đồng of the truth comes from nowhere."""

import json
from datetime import date, timedelta

import pytest

from adapters.bank.webhooks import accept_casso, accept_sepay
from adapters.portal import messages, notification
from adapters.portal.settlement import read_settlement
from adapters.sandbox.world.bank_life import at, pay_qr
from adapters.sandbox.world.portal_life import cancel_on_portal, pay_on_portal, settlement_is_due, settlement_of
from adapters.sandbox.world.post import Try
from adapters.sandbox.world.scenario import Fault, scenario_of
from adapters.sandbox.world.signing import wire_of
from adapters.sandbox.world.world import World
from adapters.vietqr.payload import encode
from domain.errors import Malformed
from domain.notice import Direction, NoticeStatus, PaymentNotice, Rejection
from tests.sandbox_story import ACCOUNT, BIN, NUMBER, code, fresh_world, month, opened, run, strict

STORM = {str(fault): 0.2 for fault in Fault if not fault.startswith("idp-")}


def struck(world: World, fault: Fault) -> list[str]:
    return [one.key for one in world.chances.struck if one.fault is fault]


def test_one_seed_tells_one_story_to_the_byte_and_another_seed_another() -> None:
    first, second, other = (month(fresh_world(seed=seed, faults=STORM)) for seed in (11, 11, 12))
    assert "\n".join(first.transcript).encode() == "\n".join(second.transcript).encode()
    assert first.moneys == second.moneys
    assert first.transcript != other.transcript
    assert len(first.transcript) > 500


def test_the_order_of_requests_changes_no_throw_of_the_dice() -> None:
    def paid(order: tuple[int, ...]) -> dict[str, tuple[int, tuple[str, ...]]]:
        world = fresh_world(seed=3, faults={"part-payment": 0.3, "no-code": 0.3})
        for number in order:
            pay_qr(world, encode(bin=BIN, account=NUMBER, amount=50_000, content=code("Q", number)), f"p{number}")
        return {key: (money.amount, money.befell) for key, money in world.moneys.items()}

    assert paid(tuple(range(20))) == paid(tuple(reversed(range(20))))


@pytest.mark.parametrize(
    "fault",
    [
        Fault.DUPLICATE,
        Fault.DELAY,
        Fault.REORDER,
        Fault.LOSS,
        Fault.WRONG_SIGNATURE,
        Fault.STALE,
        Fault.HANG_UP,
        Fault.AFTER_CANCEL,
        Fault.PENDING_FOR_EVER,
        Fault.PAID_TWICE,
        Fault.CARD_REFUSED,
        Fault.PART,
        Fault.OVER,
        Fault.NO_CODE,
        Fault.WRONG_CHARACTER,
        Fault.SENT_BACK,
        Fault.STATEMENT_LAG,
    ],
)
def test_every_fault_happens_at_its_rate_and_never_without_one(fault: Fault) -> None:
    assert not struck(month(fresh_world()), fault)
    stormy = month(fresh_world(faults={str(fault): 0.3}))
    assert struck(stormy, fault)
    assert {one.fault for one in stormy.chances.struck} == {fault}


def test_a_fault_with_an_exact_moment_strikes_once_at_the_first_occasion_after_it() -> None:
    world = month(fresh_world(faults={"part-payment": {"at": ["2026-08-10T00:00:00"]}}))
    (one,) = [struck for struck in world.chances.struck if struck.fault is Fault.PART]
    assert one.at >= at(date(2026, 8, 10), 0)
    parts = [money for money in world.moneys.values() if "part-payment" in money.befell]
    assert len(parts) == 1


def test_the_ledger_of_an_account_runs_true_and_a_statement_of_any_span_ties() -> None:
    world = month(fresh_world(faults=STORM))
    entries = world.bank.entries[ACCOUNT]
    balance = 1_000_000
    for entry in entries:
        balance += entry.signed
        assert entry.balance_after == balance
    for first, last in ((date(2026, 8, 1), date(2026, 8, 31)), (date(2026, 8, 7), date(2026, 8, 9))):
        told = world.bank.statement(ACCOUNT, first, last, date(2026, 9, 20))
        assert told is not None
        moved = sum(line.amount if line.direction is Direction.IN else -line.amount for line in told.lines)
        assert told.opening + moved == told.closing


def test_all_money_of_the_truth_stands_once_on_the_account() -> None:
    world = month(fresh_world(faults=STORM))
    booked = [entry.about for entry in world.bank.entries[ACCOUNT]]
    assert len(booked) == len(set(booked))
    assert set(booked) <= set(world.moneys)
    for money in world.moneys.values():
        if money.way == "qr":
            assert money.key in booked


def test_a_statement_that_lags_is_not_there_on_the_next_day_but_on_the_day_after() -> None:
    world = month(fresh_world(faults={"statement-lag": 0.2}))
    _, day = sorted(world.bank.lagging)[0]
    assert world.bank.statement(ACCOUNT, day, day, day + timedelta(days=1)) is None
    assert world.bank.statement(ACCOUNT, day, day, day + timedelta(days=2)) is not None


def test_what_is_booked_late_in_the_evening_stands_under_the_next_day() -> None:
    world = fresh_world()
    run(world, at(date(2026, 8, 5), 23, 5))
    pay_qr(world, encode(bin=BIN, account=NUMBER, amount=50_000, content=code("Q", 1)), "late")
    assert world.bank.entries[ACCOUNT][-1].booked_on == date(2026, 8, 6)


def _portal_notices(world: World, sent: list[Try]) -> list[PaymentNotice | Rejection]:
    found = []
    for one in sent:
        if one.message.channel == "portal":
            wire = wire_of(one, world.keys)
            found.append(
                notification.accept(
                    wire.body,
                    dict(wire.headers),
                    one.at,
                    partner=world.keys.portal_partner,
                    secret=world.keys.portal_secret,
                )
            )
    return found


def test_our_own_readers_believe_every_message_but_the_flawed_ones() -> None:
    world = fresh_world(faults={"wrong-signature": 0.5}, bank={"webhooks": {"970436": "sepay"}})
    sent: list[Try] = []

    def answer(one: Try) -> int | None:
        sent.append(one)
        return strict(one)

    month(world, answer=answer)
    for one, notice in zip(
        [o for o in sent if o.message.channel == "portal"], _portal_notices(world, sent), strict=True
    ):
        assert isinstance(notice, Rejection) == (one.flaw is not None)
    hooks = [one for one in sent if one.message.channel == "sepay" and '"in"' in one.message.text]
    assert hooks
    for one in hooks:
        wire = wire_of(one, world.keys)
        told = accept_sepay(wire.body, dict(wire.headers), one.at, api_key=world.keys.sepay_key, bin_of=lambda _: BIN)
        assert isinstance(told, Rejection) == (one.flaw is not None)


def test_casso_messages_are_signed_as_its_reader_wants() -> None:
    world = fresh_world(bank={"webhooks": {"970436": "casso"}})
    pay_qr(world, encode(bin=BIN, account=NUMBER, amount=50_000, content=code("Q", 1)), "one")
    one = world.step(world.now + timedelta(hours=1))
    assert one is not None
    wire = wire_of(one, world.keys)
    told = accept_casso(wire.body, dict(wire.headers), one.at, secret=world.keys.casso_secret, bin_of=lambda _: BIN)
    assert isinstance(told, PaymentNotice)
    assert (told.amount, told.outside_reference) == (50_000, world.bank.entries[ACCOUNT][0].reference)


def test_success_after_cancel_tells_a_failure_and_then_the_money() -> None:
    world = fresh_world(faults={"success-after-cancel": 1.0})
    opened(world, code("P", 1), 50_000)
    assert pay_on_portal(world, code("P", 1), "one") == "failed"
    sent: list[Try] = []

    def answer(one: Try) -> int | None:
        sent.append(one)
        return 200

    run(world, world.now + timedelta(hours=2), answer)
    told = [notice.status for notice in _portal_notices(world, sent) if isinstance(notice, PaymentNotice)]
    assert told == [NoticeStatus.FAILED, NoticeStatus.PAID]
    assert world.moneys[f"portal/{code('P', 1)}"].befell == ("success-after-cancel",)


def test_pending_for_ever_moves_no_money_and_query_says_pending() -> None:
    world = fresh_world(faults={"pending-for-ever": 1.0})
    opened(world, code("P", 1), 50_000)
    pay_on_portal(world, code("P", 1), "one")
    run(world, world.now + timedelta(days=9))
    asked = messages.query_message(
        partner=world.keys.portal_partner, secret=world.keys.portal_secret, reference=code("P", 1), at=world.now
    )
    _, body = world.portal.message(messages.encode_follow_up(asked), world.now)
    assert json.loads(body)["TrangThaiGD"] == "3"
    assert not world.moneys


@pytest.mark.parametrize("envelope", ["direct", "lgsp"])
def test_query_tells_what_was_paid_in_either_envelope(envelope: str) -> None:
    world = fresh_world(portal={"envelope": envelope})
    opened(world, code("P", 1), 50_000)
    pay_on_portal(world, code("P", 1), "one")
    keys = world.keys
    asked = messages.query_message(
        partner=keys.portal_partner, secret=keys.portal_secret, reference=code("P", 1), at=world.now
    )
    _, body = world.portal.message(messages.encode_follow_up(asked), world.now)
    told = notification.accept_query_answer(body, {}, world.now, partner=keys.portal_partner, secret=keys.portal_secret)
    assert isinstance(told, PaymentNotice)
    assert (told.status, told.amount, told.outside_reference) == (NoticeStatus.PAID, 50_000, "PP0000000001")


def test_the_portal_refuses_a_reference_twice_and_a_wrong_signature() -> None:
    world = fresh_world()
    assert json.loads(opened(world, code("P", 1), 50_000))["MaLoi"] == "00"
    assert json.loads(opened(world, code("P", 1), 50_000))["MaLoi"] == "04"
    forged = messages.query_message(
        partner=world.keys.portal_partner, secret="not-the-secret", reference=code("P", 1), at=world.now
    )
    assert json.loads(world.portal.message(messages.encode_follow_up(forged), world.now)[1])["MaLoi"] == "02"
    assert json.loads(world.portal.message(b"{", world.now)[1])["MaLoi"] == "03"


def test_whoever_gives_up_on_the_portal_pays_nothing() -> None:
    world = fresh_world()
    opened(world, code("P", 1), 50_000)
    assert cancel_on_portal(world, code("P", 1)) == "failed"
    assert pay_on_portal(world, code("P", 1), "one") == "failed"
    assert not world.moneys


def test_a_payment_after_ten_in_the_evening_is_settled_with_the_next_day_where_there_is_a_cut_off() -> None:
    for cut_off, day in ((None, date(2026, 8, 5)), (22, date(2026, 8, 6))):
        plan = {} if cut_off is None else {"cut_off": cut_off}
        world = fresh_world(portal=plan)
        run(world, at(date(2026, 8, 5), 22, 30))
        opened(world, code("P", 1), 50_000)
        pay_on_portal(world, code("P", 1), "late")
        assert not settlement_is_due(world, day)
        run(world, at(day + timedelta(days=1), 9))
        found = settlement_of(world, day)
        assert found is not None
        told = read_settlement(
            found[1],
            found[0],
            partner=world.keys.portal_partner,
            secret=world.keys.portal_secret,
            closes=cut_off or 24,
        )
        assert [line.reference for line in told.lines] == [code("P", 1)]
        assert settlement_of(world, day + timedelta(days=1)) is None


@pytest.mark.parametrize(
    ("fault", "amounts"),
    [
        (Fault.SETTLEMENT_MISSING, []),
        (Fault.SETTLEMENT_DOUBLED, [50_000, 50_000]),
        (Fault.SETTLEMENT_AMOUNT, [51_000]),
    ],
)
def test_faults_of_a_settlement_stand_in_a_file_that_still_adds_up(fault: Fault, amounts: list[int]) -> None:
    world = fresh_world(faults={str(fault): 1.0})
    opened(world, code("P", 1), 50_000)
    pay_on_portal(world, code("P", 1), "one")
    day = world.now.date()
    run(world, at(day + timedelta(days=1), 12))
    found, again = settlement_of(world, day), settlement_of(world, day)
    assert found == again
    if found is None:
        assert not amounts
        return
    told = read_settlement(found[1], found[0], partner=world.keys.portal_partner, secret=world.keys.portal_secret)
    assert [line.amount for line in told.lines] == amounts
    assert world.moneys[f"portal/{code('P', 1)}"].amount == 50_000


def test_a_lump_pays_a_day_of_the_portal_less_its_fees() -> None:
    world = month(fresh_world(portal={"pays_out": "lump", "fee": 1_100}))
    lumps = [money for money in world.moneys.values() if money.key.startswith("lump/2026")]
    assert lumps
    for lump in lumps:
        assert lump.amount == sum(world.moneys[key].amount - 1_100 for key in lump.of)


def test_a_credit_that_is_sent_back_leaves_the_balance_as_it_was() -> None:
    world = fresh_world(faults={"sent-back": 1.0})
    pay_qr(world, encode(bin=BIN, account=NUMBER, amount=50_000, content=code("Q", 1)), "one")
    run(world, world.now + timedelta(days=5))
    assert [entry.signed for entry in world.bank.entries[ACCOUNT]] == [50_000, -50_000]
    assert world.bank.balance(ACCOUNT) == 1_000_000


def test_a_message_that_nobody_takes_is_tried_by_its_providers_rule_and_given_up() -> None:
    world = fresh_world()
    pay_qr(world, encode(bin=BIN, account=NUMBER, amount=50_000, content=code("Q", 1)), "one")
    tries: list[Try] = []

    def nobody(one: Try) -> int | None:
        tries.append(one)
        return None

    run(world, world.now + timedelta(days=2), nobody)
    assert len(tries) == 8  # SePay: once, and seven times again.
    assert tries[-1].at - tries[0].at == timedelta(minutes=33)
    assert [message.key for message in world.post.undelivered] == [tries[0].message.key]


def test_the_clock_does_not_go_back() -> None:
    world = fresh_world()
    with pytest.raises(Malformed, match="không lùi lại"):
        world.step(world.now - timedelta(seconds=1))


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ({"seed": 1}, "month"),
        ({"seed": 1, "month": "2026-13"}, "month"),
        ({"seed": "x", "month": "2026-08"}, "seed"),
        ({"seed": 1, "month": "2026-08", "fault": {"dupliate": 0.1}}, "dupliate"),
        ({"seed": 1, "month": "2026-08", "fault": {"loss": 1.5}}, "tỷ lệ"),
        ({"seed": 1, "month": "2026-08", "fault": {"loss": {"at": ["mai"]}}}, "thời điểm"),
        ({"seed": 1, "month": "2026-08", "portal": {"cutoff": 22}}, "cutoff"),
        ({"seed": 1, "month": "2026-08", "bank": {"strangers": -1}}, "strangers"),
        ({"seed": 1, "month": "2026-08", "speed": 0}, "speed"),
        ({"seed": 1, "month": "2026-08", "days": 40}, "days"),
    ],
)
def test_a_scenario_that_is_wrong_is_refused_by_the_name_of_what_is_wrong(raw: dict[str, object], said: str) -> None:
    with pytest.raises(Malformed, match=said):
        scenario_of(raw)
