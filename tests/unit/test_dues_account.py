"""Decisions on a member's dues account: given these facts, when asked, then these events or this refusal."""

from functools import reduce

import pytest

from domain import dues_account, dues_adjustment
from domain.assessment import Assessment
from domain.dues_account import (
    NEW,
    Account,
    ApplicationUndone,
    CreditApplied,
    CreditHeld,
    CreditReleased,
    DuesEvent,
    OpeningCreditCarried,
    PaymentApplied,
    ReliefRecognised,
    evolve,
)
from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId, PaymentId, UnitId
from domain.period import Month
from domain.policy_rows import BaseKind, Regime

ME = {"member_id": MemberId("m"), "unit_id": UnitId("A")}
PAID = PaymentId("portal/1")


def _assessment(month: str, due: int, relieved: int = 0) -> Assessment:
    return Assessment(
        category="STUDENT",
        month=Month(month),
        rule="R26-STU",
        document="01-QĐ/TW",
        article="3",
        regime=Regime.QD01,
        base_kind=BaseKind.NONE,
        base=None,
        base_month=None,
        region=None,
        wage_row=None,
        cap=None,
        cap_row=None,
        gross=due + relieved,
        relief="X1" if relieved else None,
        relief_percent=0,
        due=due,
        relieved=relieved,
        rounding="RN0",
        steps=(),
    )


def _assess(state: Account, month: str, due: int, relieved: int = 0) -> tuple[DuesEvent, ...]:
    return dues_account.assess(state, **ME, assessment=_assessment(month, due, relieved), relief_decision=None)


def _pay(state: Account, amount: int, month: str | None = None) -> tuple[DuesEvent, ...]:
    return dues_account.apply_payment(
        state, **ME, payment_id=PAID, amount=amount, month=None if month is None else Month(month)
    )


def _after(state: Account, events: tuple[DuesEvent, ...]) -> Account:
    return reduce(evolve, events, state)


#: May 100, June 200 and July 300 assessed.
OWING = reduce(lambda s, x: _after(s, _assess(s, *x)), [("2026-05", 100), ("2026-06", 200), ("2026-07", 300)], NEW)


def test_a_month_is_assessed_once() -> None:
    assert len(_assess(NEW, "2026-07", 300)) == 1
    assert _assess(OWING, "2026-07", 999) == ()
    assert dues_account.total_owed(OWING) == 600


def test_a_full_relief_is_an_obligation_with_nothing_due() -> None:
    state = _after(NEW, _assess(NEW, "2026-07", 0, 300))
    assert dues_account.owed(state, Month("2026-07")) == 0
    assert _assess(state, "2026-07", 300) == ()


@pytest.mark.parametrize(
    ("amount", "month", "parts", "credit"),
    [
        (300, "2026-07", [("2026-07", 300)], 0),
        (350, "2026-07", [("2026-07", 300), ("2026-05", 50)], 0),
        (50, None, [("2026-05", 50)], 0),
        (601, "2026-06", [("2026-06", 200), ("2026-05", 100), ("2026-07", 300)], 1),
        (250, "2026-12", [("2026-05", 100), ("2026-06", 150)], 0),
    ],
)
def test_money_answers_for_the_asked_month_then_the_oldest_and_the_rest_is_credit(
    amount: int, month: str | None, parts: list[tuple[str, int]], credit: int
) -> None:
    events = _pay(OWING, amount, month)
    assert [(e.month, e.amount) for e in events if isinstance(e, PaymentApplied)] == parts
    assert sum(e.amount for e in events if isinstance(e, CreditHeld)) == credit
    assert [e.n for e in events if isinstance(e, PaymentApplied)] == list(range(1, len(parts) + 1))
    after = _after(OWING, events)
    assert dues_account.total_owed(after) == 600 - sum(part for _, part in parts)
    assert after.credit == credit


@pytest.mark.parametrize("amount", [0, -1, 2**63])
def test_no_money_is_no_payment(amount: int) -> None:
    with pytest.raises(Refusal) as caught:
        _pay(OWING, amount)
    assert caught.value.code is RefusalCode.AMOUNT_OUT_OF_RANGE


def test_held_credit_answers_for_the_next_month_assessed() -> None:
    state = _after(NEW, dues_account.carry_opening_credit(NEW, **ME, amount=120))
    assert state.credit == 120
    assert dues_account.carry_opening_credit(state, **ME, amount=120) == ()
    assert dues_account.carry_opening_credit(NEW, **ME, amount=0) == ()
    events = _assess(state, "2026-07", 100)
    assert isinstance(events[1], CreditApplied)
    after = _after(state, events)
    assert (after.credit, dues_account.total_owed(after)) == (20, 0)
    after = _after(after, _assess(after, "2026-08", 100))
    assert (after.credit, dues_account.total_owed(after)) == (0, 80)


def test_credit_is_released_up_to_what_is_held() -> None:
    state = evolve(NEW, OpeningCreditCarried(**ME, amount=120))
    (event,) = dues_account.release_credit(state, **ME, amount=120, refund_id="r")
    assert isinstance(event, CreditReleased)
    assert evolve(state, event).credit == 0
    with pytest.raises(Refusal) as caught:
        dues_account.release_credit(state, **ME, amount=121, refund_id="r")
    assert caught.value.code is RefusalCode.REFUND_TOO_LARGE


@pytest.mark.parametrize(
    ("paid", "relief", "undone", "owed"),
    [(0, 90, 0, 210), (300, 90, 90, 0), (250, 90, 40, 0), (200, 90, 0, 10), (300, 300, 300, 0)],
)
def test_a_relief_found_late_frees_what_was_paid_too_much(paid: int, relief: int, undone: int, owed: int) -> None:
    state = _after(NEW, _assess(NEW, "2026-07", 300))
    if paid:
        state = _after(state, _pay(state, paid))
    events = _relieve(state, relief)
    assert sum(e.amount for e in events if isinstance(e, ApplicationUndone)) == undone
    assert isinstance(events[-1], ReliefRecognised)
    assert dues_account.owed(_after(state, events), Month("2026-07")) == owed


def _relieve(state: Account, amount: int, month: str = "2026-07") -> tuple[DuesEvent, ...]:
    return dues_adjustment.recognise_relief(
        state,
        **ME,
        month=Month(month),
        relief="X4",
        percent=30,
        amount=amount,
        decision="QD",
        reason="",
        refund_id="r",
    )


@pytest.mark.parametrize(
    ("month", "amount", "code"),
    [
        ("2026-08", 1, RefusalCode.NOT_ASSESSED),
        ("2026-07", 301, RefusalCode.AMOUNT_DIFFERS),
        ("2026-07", 0, RefusalCode.AMOUNT_OUT_OF_RANGE),
    ],
)
def test_a_relief_beyond_what_was_assessed_is_refused(month: str, amount: int, code: RefusalCode) -> None:
    with pytest.raises(Refusal) as caught:
        _relieve(OWING, amount, month)
    assert caught.value.code is code


def test_a_new_year_takes_over_open_months_and_credit_only() -> None:
    state = _after(OWING, _pay(OWING, 150, "2026-05"))
    (event,) = dues_account.open_year(state, **ME, year=2027)
    opened = evolve(NEW, event)
    assert sorted(opened.items) == ["2026-06", "2026-07"]
    assert dues_account.total_owed(opened) == dues_account.total_owed(state) == 450
    assert dues_account.open_year(NEW, **ME, year=2027) == ()
