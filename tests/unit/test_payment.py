"""Decisions on money that came in: facts are taken in once, contradicted by cases, identified up to what waits."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from domain import payment, suspense
from domain.errors import Refusal, RefusalCode
from domain.identifiers import AccountId, MemberId, PaymentId, UnitId
from domain.payment import (
    NOT_SEEN,
    Asset,
    Payment,
    PaymentConflicted,
    PaymentCredited,
    PaymentReceived,
    State,
    SuspenseIdentified,
    SuspenseNamed,
    WitnessAdded,
    evolve,
)

DAY = date(2026, 7, 10)
ID = PaymentId("portal/1")


def _fact(**more: Any) -> PaymentReceived:
    fact = PaymentReceived(
        payment_id=ID,
        source="portal",
        outside_reference="1",
        channel="portal",
        unit_id=UnitId("A"),
        holder_id=UnitId("VH"),
        asset=Asset.CLEARING,
        asset_key="portal",
        amount=100,
        dues_amount=100,
        credit_amount=0,
        converted_amount=0,
        suspense_amount=0,
        paid_on=DAY,
        booked_on=None,
        reference=None,
        request_kind="dues",
        member_id=MemberId("m"),
        payer_key=None,
        bank_line=None,
        evidence_id=None,
    )
    return replace(fact, **more)


def _seen(**more: Any) -> Payment:
    state = evolve(NOT_SEEN, _fact(**more))
    assert isinstance(state, Payment)
    return state


CREDIT = PaymentCredited(
    payment_id=ID,
    unit_id=UnitId("VH"),
    account_id=AccountId("b:1"),
    clearing="portal",
    amount=100,
    fee=0,
    credited=100,
    bank_line="k",
    booked_on=DAY,
)
WAITING = _seen(dues_amount=0, suspense_amount=100)


@pytest.mark.parametrize(
    ("state", "fact", "kind"),
    [
        (NOT_SEEN, _fact(), PaymentReceived),
        (_seen(), _fact(), None),
        (_seen(), _fact(amount=90, dues_amount=90), PaymentConflicted),
    ],
)
def test_money_is_taken_in_once_and_contradictions_become_cases(
    state: State, fact: PaymentReceived, kind: type | None
) -> None:
    assert [type(e) for e in payment.receive(state, fact)] == ([] if kind is None else [kind])


@pytest.mark.parametrize(
    ("fact", "code"),
    [
        (_fact(dues_amount=99), RefusalCode.AMOUNT_DIFFERS),
        (_fact(amount=0, dues_amount=0), RefusalCode.AMOUNT_OUT_OF_RANGE),
        (_fact(amount=2**63, dues_amount=2**63), RefusalCode.AMOUNT_OUT_OF_RANGE),
    ],
)
def test_parts_must_make_the_whole(fact: PaymentReceived, code: RefusalCode) -> None:
    with pytest.raises(Refusal) as caught:
        payment.receive(NOT_SEEN, fact)
    assert caught.value.code is code


def test_the_same_contradiction_and_the_same_witness_are_noted_once() -> None:
    case = PaymentConflicted(
        payment_id=ID,
        source="portal",
        outside_reference="1",
        reference=None,
        reason="amount-differs",
        stated=90,
        expected=100,
        seen_on=DAY,
        evidence_id=None,
    )
    assert payment.conflict(NOT_SEEN, case) == (case,)
    assert payment.conflict(evolve(NOT_SEEN, case), case) == ()
    # A case known before the money keeps standing on it.
    assert payment.conflict(evolve(evolve(NOT_SEEN, case), _fact()), case) == ()
    word = WitnessAdded(
        payment_id=ID,
        source="statement",
        outside_reference="FT",
        amount=100,
        seen_on=DAY,
        bank_line="k",
        evidence_id=None,
    )
    assert payment.witness(_seen(), word) == (word,)
    assert payment.witness(evolve(_seen(), word), word) == ()


def test_announced_money_is_credited_once_and_to_the_dong() -> None:
    assert payment.credit(_seen(), CREDIT) == (CREDIT,)
    assert payment.credit(evolve(_seen(), CREDIT), CREDIT) == ()
    with_fee = replace(CREDIT, fee=10, credited=90)
    assert payment.credit(_seen(), with_fee) == (with_fee,)
    for wrong in (replace(CREDIT, credited=99), replace(CREDIT, amount=90, credited=90)):
        with pytest.raises(Refusal) as caught:
            payment.credit(_seen(), wrong)
        assert caught.value.code is RefusalCode.AMOUNT_DIFFERS


def _identified(amount: int, dues: int, credit: int) -> SuspenseIdentified:
    return SuspenseIdentified(
        payment_id=ID,
        holder_id=UnitId("A"),
        unit_id=UnitId("A"),
        member_id=MemberId("m"),
        amount=amount,
        dues_amount=dues,
        credit_amount=credit,
        ground="",
        identified_by="o",
    )


@pytest.mark.parametrize(
    ("amount", "dues", "credit", "code"),
    [
        (100, 60, 40, None),
        (40, 40, 0, None),
        (101, 101, 0, RefusalCode.NOT_IN_SUSPENSE),
        (100, 60, 39, RefusalCode.AMOUNT_DIFFERS),
        (0, 0, 0, RefusalCode.AMOUNT_OUT_OF_RANGE),
    ],
)
def test_waiting_money_is_identified_up_to_what_waits(
    amount: int, dues: int, credit: int, code: RefusalCode | None
) -> None:
    asked = _identified(amount, dues, credit)
    if code is None:
        (event,) = suspense.identify(WAITING, asked)
        after = evolve(WAITING, event)
        assert isinstance(after, Payment)
        assert after.suspense == 100 - amount
        return
    with pytest.raises(Refusal) as caught:
        suspense.identify(WAITING, asked)
    assert caught.value.code is code


def test_waiting_money_is_released_for_a_refund_at_the_unit_where_it_waits() -> None:
    (event,) = suspense.release(WAITING, amount=100, refund_id="r")
    assert event.unit_id == "A"
    with pytest.raises(Refusal) as caught:
        suspense.release(evolve(WAITING, event), amount=1, refund_id="r")
    assert caught.value.code is RefusalCode.NOT_IN_SUSPENSE


def test_waiting_money_is_named_whole_or_not_at_all() -> None:
    asked = SuspenseNamed(
        payment_id=ID, unit_id=UnitId("A"), amount=100, what="interest", heading="lãi", ground="", named_by="o"
    )
    assert suspense.name_suspense(WAITING, asked) == (asked,)
    for state in (evolve(WAITING, _identified(1, 1, 0)), _seen()):
        with pytest.raises(Refusal) as caught:
            suspense.name_suspense(state, asked)
        assert caught.value.code is RefusalCode.NOT_IN_SUSPENSE


@pytest.mark.parametrize(
    ("state", "amount", "count"),
    [
        (_seen(asset=Asset.CASH), 100, 1),
        (_seen(asset=Asset.CASH), 99, 0),
        (_seen(asset=Asset.BANK), 100, 0),
        (NOT_SEEN, 100, 0),
    ],
)
def test_only_cash_of_the_very_amount_is_converted(state: State, amount: int, count: int) -> None:
    assert len(payment.convert_cash(state, by_payment_id=PaymentId("portal/2"), amount=amount)) == count


def test_cash_is_converted_once() -> None:
    state = _seen(asset=Asset.CASH)
    (event,) = payment.convert_cash(state, by_payment_id=PaymentId("portal/2"), amount=100)
    assert payment.convert_cash(evolve(state, event), by_payment_id=PaymentId("portal/3"), amount=100) == ()


def test_nothing_is_decided_on_money_nobody_saw() -> None:
    with pytest.raises(Refusal) as caught:
        suspense.release(NOT_SEEN, amount=1, refund_id="r")
    assert caught.value.code is RefusalCode.UNKNOWN_PAYMENT
