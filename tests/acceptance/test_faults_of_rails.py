"""Faults of reliability §1.5 where money comes in: clocks that err, days' edges, secrets replaced, messages too early.

Named by their numbers there: F34 and F35 (clocks), F39 (out of order), F44 (an answer that breaks off), F57 (a secret
that is gone), F60 (an officer who leaves). Each ends with a book that passes every check.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
import responses

from adapters.inbound import VIETNAM, read_wall_clock
from adapters.sandbox.portal import signed_notification
from api import wiring
from api.flows import poll
from api.flows.notices import keep_raw, work_off_inbox
from domain.attempt import AttemptState
from domain.errors import Malformed
from domain.identifiers import PaymentId, UnitId
from domain.payment import Payment
from ledger.verify import verify
from tests.acceptance.story import START, Cell, Story, at, into, member
from tests.acceptance.story import settings as installation_settings
from tests.gateway_machine import KEY, NOW, SECRET, URL, Gateway, event, signed
from tests.good_log import read_all
from tests.settled import DAY, attempt

HEARD = datetime.fromtimestamp(NOW, VIETNAM)
#: When attempts are asked after: more than half an hour after they were opened.
AFTER = at(DAY) + timedelta(hours=1)
LATER = date(2026, 7, 15)
A = UnitId("A")
OLD, NEW = SECRET, "whsec_new_only"


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    made = Gateway()
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        made.serve(mock)
        yield made


@pytest.fixture
def story() -> Story:
    own = replace(installation_settings(), gateway_url=URL, gateway_key=KEY, gateway_secrets=(OLD,))
    story = Story(wiring.in_memory(own))
    story.set_up([Cell(id="A", bank=1_000_000)])
    story.enrol("A", member("A1", "STUDENT"), member("A2", "STUDENT"))
    story.assess("A", "2026-07", START)
    return story


def good(story: Story) -> None:
    verdict = verify(read_all(story.installation.store), commands=story.installation.store.commands())
    assert verdict.ok, [f.sentence for c in verdict.checks for f in c.findings]


def secrets(story: Story, *known: str) -> None:
    """The operator sets the secrets anew and starts the program again."""
    inst = story.installation
    story.installation = replace(inst, settings=replace(inst.settings, gateway_secrets=known))


def keep(story: Story, raw: bytes, *signers: str, heard: datetime = HEARD) -> int:
    return keep_raw(story.installation, "gateway", raw, signed(raw, *signers), heard).answer.status


def intent(story: Story, gateway: Gateway, name: str = "A1") -> bytes:
    """A webhook of money that a member paid by card."""
    reference = attempt(story, name)
    made = gateway.create(5_000, reference)
    return event("payment_intent.succeeded", gateway.succeed(str(made["id"])))


def paid(story: Story, name: str) -> Payment:
    known = story.installation.ledger.work().payment(PaymentId(name))
    assert isinstance(known, Payment)
    return known


# --- secrets (F57) --------------------------------------------------------------------------------------------------


def test_a_message_acknowledged_under_a_secret_that_is_then_dropped_waits_and_is_not_lost(
    story: Story, gateway: Gateway
) -> None:
    raw = intent(story, gateway)
    assert keep(story, raw, OLD) == 200
    secrets(story, NEW)
    first = work_off_inbox(story.installation, at(LATER))
    assert (first.taken, first.parked) == (1, 1), "kept for a person, and holds nobody up"
    secrets(story, NEW, OLD)
    story.installation.inbox.unpark()
    assert work_off_inbox(story.installation, at(LATER)).outcomes == {"reference": 1}
    good(story)


def test_a_delivery_that_is_tried_again_under_the_new_secret_is_the_same_money(story: Story, gateway: Gateway) -> None:
    raw = intent(story, gateway)
    assert keep(story, raw, NEW) == 401, "the gateway signs with the new secret before we know it"
    secrets(story, NEW, OLD)
    assert keep(story, raw, NEW) == 200
    assert keep(story, raw, NEW, OLD) == 200
    assert keep(story, raw, OLD) == 200
    assert work_off_inbox(story.installation, at(LATER)).outcomes == {"reference": 1}
    good(story)


# --- clocks (F35) ---------------------------------------------------------------------------------------------------


def test_while_our_clock_is_six_minutes_fast_webhooks_are_refused_and_their_money_comes_by_asking(
    story: Story, gateway: Gateway
) -> None:
    raw = intent(story, gateway)
    assert keep(story, raw, OLD, heard=HEARD + timedelta(minutes=6)) == 401
    assert work_off_inbox(story.installation, at(LATER)).outcomes == {}
    asked = poll.poll(story.installation, AFTER)
    assert asked.answers == {"paid": 1}
    assert work_off_inbox(story.installation, at(LATER)).outcomes == {"reference": 1}
    assert keep(story, raw, OLD) == 200, "the gateway tries again when the clock is right"
    work_off_inbox(story.installation, at(LATER))
    assert story.balances("A")["1140"] == 5_000
    good(story)


def test_a_gateway_whose_clock_is_ahead_is_believed(story: Story, gateway: Gateway) -> None:
    assert keep(story, intent(story, gateway), OLD, heard=HEARD - timedelta(hours=1)) == 200
    work_off_inbox(story.installation, at(LATER))
    assert story.balances("A")["1140"] == 5_000


# --- the edges of days (F34) ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 7, 31, 23, 59, 59, tzinfo=VIETNAM), date(2026, 7, 31)),
        (datetime(2026, 8, 1, 0, 0, 0, tzinfo=VIETNAM), date(2026, 8, 1)),
        (datetime(2026, 8, 1, 0, 1, tzinfo=VIETNAM), date(2026, 8, 1)),
        (datetime(2026, 8, 1, 6, 59, tzinfo=VIETNAM), date(2026, 8, 1)),
    ],
    ids=["23:59:59", "midnight", "00:01", "still yesterday in UTC"],
)
def test_money_at_the_edge_of_a_day_belongs_to_the_vietnamese_day_and_to_the_month_it_was_asked_for(
    story: Story, moment: datetime, day: date
) -> None:
    opened = story.attempt("A", "A1", "2026-07", START)
    raw = signed_notification(
        partner="P",
        secret="secret",
        reference=str(opened["reference"]),
        amount=int(opened["amount"]),
        transaction_id="GD1",
        paid_at=moment,
    )
    keep_raw(story.installation, "portal", raw, {}, moment)
    assert work_off_inbox(story.installation, moment + timedelta(minutes=1)).outcomes == {"reference": 1}
    assert paid(story, "portal/GD1").received.paid_on == day
    # The bank books it on the next day at the earliest; it is the same money, and July's dues are paid.
    booked = date(2026, 8, 2)
    assert story.bank("A", booked, into("b", booked, int(opened["amount"]), str(opened["reference"])))["placed"] == {
        "portal-credit": 1
    }
    credited = paid(story, "portal/GD1").credited
    assert credited is not None
    assert credited.booked_on == booked
    assert "1140" not in story.balances("A"), "nothing is on its way any more"
    good(story)


def test_a_leap_second_is_a_moment_and_no_reason_to_refuse_money() -> None:
    assert read_wall_clock("20170101065960") == datetime(2017, 1, 1, 6, 59, 59, tzinfo=VIETNAM)
    for impossible in ("20170101065961", "20170101066000", "20170101240000", "20170229120000"):
        with pytest.raises(Malformed):
            read_wall_clock(impossible)


# --- out of order (F39), broken off (F44) ---------------------------------------------------------------------------


def test_a_refund_that_nobody_here_asked_for_moves_nothing_until_its_settlement_tells_of_it(
    story: Story, gateway: Gateway
) -> None:
    assert keep(story, intent(story, gateway), OLD) == 200
    work_off_inbox(story.installation, at(LATER))
    before = story.balances("A")
    refund = {
        "id": "re_1",
        "object": "refund",
        "amount": 5_000,
        "currency": "vnd",
        "status": "succeeded",
        "payment_intent": "pi_1",
        "metadata": {"refund_id": "HT-99"},
    }
    assert keep(story, event("refund.updated", refund, name="evt_2"), OLD) == 200
    assert work_off_inbox(story.installation, at(LATER)).outcomes == {"refund-state": 1}
    assert story.balances("A") == before
    good(story)


def test_a_gateway_that_breaks_off_leaves_the_attempt_open_and_the_next_round_learns_all(
    story: Story, gateway: Gateway
) -> None:
    intent(story, gateway)
    gateway.faults = [(500, {})] * 3
    away = poll.poll(story.installation, AFTER)
    assert (away.asked, away.away, dict(away.answers)) == (1, 1, {})
    (waiting,) = poll.waiting(story.installation, AFTER)
    assert waiting.state is AttemptState.OPENED
    assert poll.poll(story.installation, AFTER + timedelta(hours=1)).answers == {"paid": 1}
    assert work_off_inbox(story.installation, at(LATER)).outcomes == {"reference": 1}
    good(story)
