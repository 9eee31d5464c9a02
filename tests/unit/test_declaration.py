"""Decisions on report periods: declared once, held without a share, restated by refunds only."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from domain import declaration
from domain.declaration import (
    NONE,
    Collected,
    DeclarationRestated,
    Declarations,
    PeriodDeclared,
    PeriodHeld,
    SubordinatePart,
    UnsplitReduced,
    evolve,
)
from domain.errors import Refusal, RefusalCode
from domain.identifiers import RefundId, UnitId
from domain.organisation_kinds import UnitKind
from domain.period import Month, Period
from domain.policy_rows import Confidence, Regime, ShareRow

SHARE = ShareRow(
    id="EX",
    unit_kind=UnitKind.CELL,
    retain_bp=3_000,
    from_period=Month("2026-02"),
    regime=Regime.QD01,
    document="01-QĐ/TW",
    decision="VD-01",
    is_example=True,
    confidence=Confidence.GUESS,
)
PART = SubordinatePart(unit_id=UnitId("A"), period=Period("2026-07"), amount=101)


def _declare(state: Declarations = NONE, **more: Any) -> tuple[PeriodDeclared | PeriodHeld, ...]:
    asked: dict[str, Any] = {
        "unit_id": UnitId("VH"),
        "superior_id": UnitId("HP"),
        "superior_has_books": True,
        "period": Period("2026-07"),
        "figures": Collected(position=9, own=200, subordinates=(PART,)),
        "share": SHARE,
        "on": date(2026, 7, 31),
    } | more
    return declaration.declare(state, **asked)


def _made(state: Declarations = NONE, **more: Any) -> Declarations:
    (event,) = _declare(state, **more)
    return evolve(state, event)


def test_what_is_collected_is_split_without_losing_a_dong() -> None:
    (made,) = _declare()
    assert isinstance(made, PeriodDeclared)
    assert (made.collected, made.kept, made.payable) == (301, 90, 211)
    assert (made.share_document, made.is_example, made.position) == ("VD-01", True, 9)
    state = evolve(NONE, made)
    assert declaration.counted(state) == {("A", "2026-07")}
    assert declaration.counting(state, UnitId("A"), Period("2026-07")) == made
    assert declaration.counting(state, UnitId("B"), Period("2026-07")) is None


@pytest.mark.parametrize(
    ("state", "more", "code"),
    [
        (_made(), {}, RefusalCode.ALREADY_DECLARED),
        (_made(), {"period": Period("2026-Q3"), "on": date(2026, 9, 30)}, RefusalCode.ALREADY_DECLARED),
        (NONE, {"on": date(2026, 7, 30)}, RefusalCode.PERIOD_NOT_OVER),
        (NONE, {"figures": Collected(position=9, own=-1, subordinates=())}, RefusalCode.AMOUNT_OUT_OF_RANGE),
    ],
)
def test_a_period_is_declared_once_and_not_before_its_end(
    state: Declarations, more: dict[str, Any], code: RefusalCode
) -> None:
    with pytest.raises(Refusal) as caught:
        _declare(state, **more)
    assert caught.value.code is code


@pytest.mark.parametrize("share", [None, replace(SHARE, retain_bp=None, low_bp=3_000, high_bp=5_000)])
def test_without_an_active_share_the_money_is_held_and_the_same_again_adds_nothing(share: ShareRow | None) -> None:
    (held,) = _declare(share=share)
    assert isinstance(held, PeriodHeld)
    assert held.collected == 301
    state = evolve(NONE, held)
    assert _declare(state, share=share) == ()
    assert declaration.of_period(state, Period("2026-07")) is None
    (made,) = _declare(state)
    assert isinstance(made, PeriodDeclared)


def test_a_refund_is_taken_once_from_what_is_not_declared_yet() -> None:
    take = {"unit_id": UnitId("VH"), "refund_id": RefundId("r"), "collected": 100}
    (event,) = declaration.take_from_unsplit(NONE, amount=100, **take)
    assert declaration.take_from_unsplit(evolve(NONE, event), amount=100, **take) == ()
    for amount, code in ((101, RefusalCode.REFUND_TOO_LARGE), (0, RefusalCode.AMOUNT_OUT_OF_RANGE)):
        with pytest.raises(Refusal) as caught:
            declaration.take_from_unsplit(NONE, amount=amount, **take)
        assert caught.value.code is code


def test_what_a_period_collected_is_told_with_every_refund_taken_out() -> None:
    state = _made()
    made = state.declared[0]
    restated = DeclarationRestated(
        unit_id=UnitId("VH"),
        superior_id=UnitId("HP"),
        period=made.period,
        refund_id="r",
        is_origin=True,
        reduced_by=41,
        collected_after=260,
        kept_part=12,
        passed_part=29,
        restated_on=date(2026, 8, 21),
        declared_by=UnitId("VH"),
    )
    state = evolve(state, restated)
    assert declaration.collected_now(state, made) == 260
    reduced = UnsplitReduced(
        unit_id=UnitId("VH"),
        subordinate_id=UnitId("A"),
        period=Period("2026-08"),
        refund_id="r",
        amount=7,
        restated_on=date(2026, 8, 21),
    )
    assert declaration.unsplit_reduction(evolve(state, reduced), UnitId("A"), Period("2026-08")) == 7
