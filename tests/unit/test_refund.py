"""Decisions on refunds: planned to the đồng at every level, approved by two others, paid once."""

from dataclasses import replace
from datetime import date
from functools import reduce
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import refund
from domain.declaration import NONE, Declarations, PeriodDeclared, SubordinatePart
from domain.declaration import evolve as declared
from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId, RefundId, UnitId
from domain.money import split_by_share
from domain.period import Month, Period
from domain.refund import NOT_REQUESTED, Refund, RefundRequested, Source, State, evolve

DAY = date(2026, 8, 21)
JULY = Period("2026-07")
ASKED = RefundRequested(
    refund_id=RefundId("r"),
    source=Source.CREDIT,
    unit_id=UnitId("A"),
    member_id=MemberId("m"),
    payment_id=None,
    month=Month("2026-07"),
    amount=100,
    parts=(),
    relief=None,
    relief_percent=0,
    relief_amount=0,
    reason="",
    decision="QD",
    requested_by="one",
    requested_on=DAY,
)


def _state(*events: Any) -> State:
    return reduce(evolve, events, NOT_REQUESTED)


def _approved(*people: str) -> State:
    state = _state(ASKED)
    for person in people:
        state = reduce(evolve, refund.approve(state, approved_by=person, on=DAY), state)
    return state


def _pay(state: State) -> tuple[Any, ...]:
    return refund.pay_out(state, holder_id=UnitId("A"), asset="1120", asset_key="k", paid_by="c", on=DAY)


def _code(call: Any, *args: Any, **kwargs: Any) -> RefusalCode:
    with pytest.raises(Refusal) as caught:
        call(*args, **kwargs)
    return caught.value.code


@pytest.mark.parametrize(
    ("state", "asked", "available", "code"),
    [
        (NOT_REQUESTED, ASKED, 100, None),
        (_state(ASKED), replace(ASKED, amount=1), 100, RefusalCode.REFUND_STATE),
        (NOT_REQUESTED, ASKED, 99, RefusalCode.REFUND_TOO_LARGE),
        (NOT_REQUESTED, replace(ASKED, decision=""), 100, RefusalCode.REFUND_STATE),
        (NOT_REQUESTED, replace(ASKED, amount=0), 100, RefusalCode.AMOUNT_OUT_OF_RANGE),
    ],
)
def test_asking(state: State, asked: RefundRequested, available: int, code: RefusalCode | None) -> None:
    if code is None:
        assert refund.request(state, asked, available=available) == (asked,)
        assert refund.request(_state(asked), asked, available=0) == ()
    else:
        assert _code(refund.request, state, asked, available=available) is code


@pytest.mark.parametrize(
    ("before", "person", "result"),
    [
        ((), "two", 1),
        (("two",), "three", 2),
        (("two", "three"), "four", None),
        (("two", "three"), "two", None),
        ((), "one", RefusalCode.MAKER_IS_CHECKER),
        (("two",), "two", RefusalCode.MAKER_IS_CHECKER),
        (("two",), "one", RefusalCode.MAKER_IS_CHECKER),
    ],
)
def test_two_other_people_approve(before: tuple[str, ...], person: str, result: int | RefusalCode | None) -> None:
    state = _approved(*before)
    if isinstance(result, RefusalCode):
        assert _code(refund.approve, state, approved_by=person, on=DAY) is result
        return
    assert [event.n for event in refund.approve(state, approved_by=person, on=DAY)] == (
        [] if result is None else [result]
    )


def test_a_refund_is_paid_once_after_two_approvals_and_again_when_it_came_back() -> None:
    assert _code(_pay, _approved("two")) is RefusalCode.REFUND_STATE
    assert _code(_pay, NOT_REQUESTED) is RefusalCode.REFUND_STATE
    ready = _approved("two", "three")
    assert _code(refund.fail_payout, ready, reason="", on=DAY) is RefusalCode.REFUND_STATE
    (paid,) = _pay(ready)
    done = evolve(ready, paid)
    assert _pay(done) == ()
    (seen,) = refund.see_payout(done, amount=100, bank_line="l", on=DAY)
    assert refund.see_payout(evolve(done, seen), amount=100, bank_line="l", on=DAY) == ()
    (failed,) = refund.fail_payout(done, reason="", on=DAY)
    back = evolve(done, failed)
    assert isinstance(back, Refund)
    assert len(_pay(back)) == 1


def _declaration(unit: str, superior: str, collected: int, share_bp: int, below: str | None) -> PeriodDeclared:
    split = split_by_share(collected, share_bp)
    parts = () if below is None else (SubordinatePart(unit_id=UnitId(below), period=JULY, amount=collected),)
    return PeriodDeclared(
        unit_id=UnitId(unit),
        superior_id=UnitId(superior),
        superior_has_books=superior != "TW",
        period=JULY,
        position=1,
        own_collected=0 if below else collected,
        from_subordinates=collected if below else 0,
        subordinates=parts,
        collected=collected,
        share_row="x",
        share_document="x",
        is_example=True,
        retain_bp=share_bp,
        kept=split.kept,
        payable=split.passed_up,
        declared_on=DAY,
    )


def _chain(collected: int, shares: tuple[int, ...]) -> list[tuple[UnitId, Declarations]]:
    """Cell, ward and province; the first ``len(shares)`` of them have declared."""
    names = ("A", "VH", "HP", "TW")
    chain = []
    for place in range(3):
        state = NONE
        if place < len(shares):
            below = None if place == 0 else names[place - 1]
            made = _declaration(names[place], names[place + 1], collected, shares[place], below)
            state = declared(state, made)
            collected = made.payable
        chain.append((UnitId(names[place]), state))
    return chain


@given(
    collected=st.integers(1, 10**9),
    shares=st.lists(st.integers(0, 10_000), min_size=1, max_size=3).map(tuple),
    refunds=st.lists(st.integers(1, 10**9), min_size=1, max_size=5),
)
def test_claw_back_parts_always_make_the_refund_however_many_follow(
    collected: int, shares: tuple[int, ...], refunds: list[int]
) -> None:
    chain = _chain(collected, shares)
    left = collected
    for number, wanted in enumerate(refunds):
        amount = min(wanted, left)
        if amount == 0:
            break
        plan = {"unit_id": UnitId("A"), "period": JULY, "chain": tuple(chain)}
        parts = refund.plan_after_split(amount=amount, **plan)
        outside = 0 if parts[-1].unsplit_part else parts[-1].passed_part
        assert sum(p.kept_part + p.unsplit_part for p in parts) + outside == amount
        for lower, upper in pairwise(parts):
            assert lower.passed_part == upper.taken
        for part in parts:
            assert part.kept_part >= 0
            assert part.kept_part + part.passed_part + part.unsplit_part == part.taken
        booked = refund.book_parts(parts, refund_id=RefundId(f"r{number}"), on=DAY)
        chain = [(unit, declared(state, booked[unit]) if unit in booked else state) for unit, state in chain]
        left -= amount
    too_much = {"unit_id": UnitId("A"), "period": JULY, "chain": tuple(chain)}
    assert _code(refund.plan_after_split, amount=left + 1, **too_much) is RefusalCode.REFUND_TOO_LARGE


def test_the_plan_of_story_4() -> None:
    state = declared(NONE, _declaration("A", "VH", 697_807, 3_000, None))
    ward = _declaration("VH", "HP", 588_766, 5_000, "A")
    chain = ((UnitId("A"), state), (UnitId("VH"), declared(NONE, ward)), (UnitId("HP"), NONE))
    parts = refund.plan_after_split(unit_id=UnitId("A"), period=JULY, amount=32_716, chain=chain)
    assert [(p.kept_part, p.passed_part, p.unsplit_part) for p in parts] == [
        (9_815, 22_901, 0),
        (11_450, 11_451, 0),
        (0, 0, 11_451),
    ]
