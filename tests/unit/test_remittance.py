"""Decisions on a remittance: prepared, approved, sent, received, disputed, explained, corrected, settled."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from domain import remitting
from domain.errors import Refusal, RefusalCode
from domain.identifiers import RemittanceId, UnitId
from domain.period import Period
from domain.remittance import (
    NOT_PREPARED,
    Remittance,
    RemittancePrepared,
    RemittanceReceived,
    RemittanceSent,
    State,
    Way,
    evolve,
    to_send,
    under_way,
)

DAY = date(2026, 8, 10)
ASKED = RemittancePrepared(
    remittance_id=RemittanceId("A/2026-07/1"),
    unit_id=UnitId("A"),
    superior_id=UnitId("VH"),
    superior_has_books=True,
    period=Period("2026-07"),
    amount=350,
    netted=50,
    netted_case="r",
    way=Way.PORTAL,
    reason=None,
    prepared_by="one",
    prepared_on=DAY,
)


def _state(*events: Any) -> Remittance:
    state: State = NOT_PREPARED
    for event in events:
        state = evolve(state, event)
    assert isinstance(state, Remittance)
    return state


PREPARED = _state(ASKED)
APPROVED = _state(ASKED, *remitting.approve(PREPARED, approved_by="two", on=DAY))


def _send(state: State, amount: int) -> tuple[Any, ...]:
    return remitting.send(state, amount=amount, asset="1120", asset_key="k", basis="officer", on=DAY)


def _receive(state: State, amount: int, line: str | None = "l1") -> tuple[Any, ...]:
    return remitting.receive(
        state, amount=amount, asset="1120", asset_key="up", bank_line=line, on=DAY, sender_asset="1120", sender_key="k"
    )


SENT = _state(ASKED, *remitting.approve(PREPARED, approved_by="two", on=DAY), *_send(APPROVED, 350))


def _code(call: Any, *args: Any, **kwargs: Any) -> RefusalCode:
    with pytest.raises(Refusal) as caught:
        call(*args, **kwargs)
    return caught.value.code


@pytest.mark.parametrize(
    ("asked", "payable", "code"),
    [
        (ASKED, 400, None),
        (ASKED, 399, RefusalCode.REMITTANCE_TOO_LARGE),
        (replace(ASKED, amount=-1, netted=401), 400, RefusalCode.REMITTANCE_TOO_LARGE),
        (replace(ASKED, amount=0, netted=0), 400, RefusalCode.AMOUNT_OUT_OF_RANGE),
        (replace(ASKED, amount=0), 50, None),
        (replace(ASKED, way=Way.BANK), 400, RefusalCode.CHANNEL_NEEDS_REASON),
        (replace(ASKED, way=Way.CASH), 400, RefusalCode.CHANNEL_NEEDS_REASON),
        (replace(ASKED, way=Way.CASH, reason="mất mạng"), 400, None),
        (replace(ASKED, way=Way.HELD), 400, None),
    ],
)
def test_preparing(asked: RemittancePrepared, payable: int, code: RefusalCode | None) -> None:
    if code is None:
        assert remitting.prepare(NOT_PREPARED, asked, payable=payable) == (asked,)
        assert remitting.prepare(_state(asked), asked, payable=0) == ()
    else:
        assert _code(remitting.prepare, NOT_PREPARED, asked, payable=payable) is code


def test_one_number_is_one_remittance() -> None:
    assert _code(remitting.prepare, PREPARED, replace(ASKED, amount=1), payable=400) is RefusalCode.REMITTANCE_STATE


def test_another_person_approves_once_and_netting_is_booked_then() -> None:
    assert _code(remitting.approve, PREPARED, approved_by="one", on=DAY) is RefusalCode.MAKER_IS_CHECKER
    approved, netted = remitting.approve(PREPARED, approved_by="two", on=DAY)
    assert (approved.approved_by, netted.amount) == ("two", 50)
    assert remitting.approve(APPROVED, approved_by="three", on=DAY) == ()
    assert len(remitting.approve(_state(replace(ASKED, netted=0)), approved_by="two", on=DAY)) == 1
    assert _code(remitting.approve, NOT_PREPARED, approved_by="two", on=DAY) is RefusalCode.REMITTANCE_STATE


@pytest.mark.parametrize(
    ("state", "amount", "code"),
    [
        (APPROVED, 350, None),
        (APPROVED, 100, None),
        (APPROVED, 351, RefusalCode.REMITTANCE_TOO_LARGE),
        (SENT, 1, RefusalCode.REMITTANCE_TOO_LARGE),
        (APPROVED, 0, RefusalCode.AMOUNT_OUT_OF_RANGE),
        (PREPARED, 350, RefusalCode.REMITTANCE_STATE),
        (NOT_PREPARED, 350, RefusalCode.REMITTANCE_STATE),
        (replace(APPROVED, prepared=replace(ASKED, way=Way.HELD)), 350, RefusalCode.REMITTANCE_STATE),
    ],
)
def test_sending(state: State, amount: int, code: RefusalCode | None) -> None:
    if code is not None:
        assert _code(_send, state, amount) is code
        return
    (event,) = _send(state, amount)
    after = evolve(state, event)
    assert isinstance(after, Remittance)
    assert (event.n, to_send(after), under_way(after)) == (1, 350 - amount, amount)


def test_the_same_debit_is_seen_once() -> None:
    (event,) = remitting.see_debit(SENT, amount=35, bank_line="d", on=DAY)
    assert remitting.see_debit(evolve(SENT, event), amount=35, bank_line="d", on=DAY) == ()


def test_receiving_a_part_all_and_the_same_line_again() -> None:
    (part,) = _receive(SENT, 35)
    after = _state(*_history(SENT), part)
    assert under_way(after) == 315
    assert _receive(after, 35) == ()
    (rest,) = _receive(after, 315, "l2")
    assert under_way(_state(*_history(after), rest)) == 0


def _history(state: Remittance) -> tuple[Any, ...]:
    """The facts that make a state of these tests."""
    approvals = remitting.approve(PREPARED, approved_by="two", on=DAY)
    return (ASKED, *approvals, state.last_sent, *state.receipts)


def test_a_credit_without_a_recorded_sending_proves_it() -> None:
    sent, received = _receive(APPROVED, 350)
    assert isinstance(sent, RemittanceSent)
    assert isinstance(received, RemittanceReceived)
    assert (sent.basis, sent.amount, received.amount) == ("superior-credit", 350, 350)
    after = _state(ASKED, sent, received)
    assert (after.proved, under_way(after), to_send(after)) == (350, 0, 0)


def test_a_dispute_is_answered_by_the_other_side_and_corrected_up_to_what_is_under_way() -> None:
    (dispute,) = remitting.dispute(SENT, expected=350, seen=35, reason="", disputed_by="up", on=DAY)
    open_ = evolve(SENT, dispute)
    assert remitting.dispute(open_, expected=350, seen=35, reason="", disputed_by="up", on=DAY) == ()
    say = {"explanation": "", "document": None, "on": DAY}
    assert _code(remitting.explain, open_, explained_by="up", **say) is RefusalCode.MAKER_IS_CHECKER
    assert _code(remitting.explain, SENT, explained_by="one", **say) is RefusalCode.REMITTANCE_STATE
    (answer,) = remitting.explain(open_, explained_by="one", **say)
    closed = evolve(open_, answer)
    assert isinstance(closed, Remittance)
    assert (closed.open_dispute, closed.answered) == (dispute, True)
    assert _code(remitting.dispute, APPROVED, expected=0, seen=0, reason="", disputed_by="up", on=DAY) is (
        RefusalCode.REMITTANCE_STATE
    )
    fix = {"reason": "", "corrected_by": "one", "on": DAY}
    (event,) = remitting.correct_sending(SENT, difference=315, **fix)
    after = evolve(SENT, event)
    assert isinstance(after, Remittance)
    assert (under_way(after), to_send(after)) == (35, 315)
    for state, difference, code in (
        (SENT, 351, RefusalCode.REMITTANCE_STATE),
        (APPROVED, 1, RefusalCode.REMITTANCE_STATE),
        (SENT, 0, RefusalCode.AMOUNT_OUT_OF_RANGE),
    ):
        assert _code(remitting.correct_sending, state, difference=difference, **fix) is code


HELD = replace(APPROVED, prepared=replace(ASKED, way=Way.HELD))


@pytest.mark.parametrize(
    ("state", "held", "by", "code"),
    [
        (HELD, 350, "up", None),
        (HELD, 349, "up", RefusalCode.REMITTANCE_TOO_LARGE),
        (HELD, 350, "one", RefusalCode.MAKER_IS_CHECKER),
        (APPROVED, 350, "up", RefusalCode.REMITTANCE_STATE),
        (replace(HELD, approved_by=None), 350, "up", RefusalCode.REMITTANCE_STATE),
    ],
)
def test_settling_from_held_money(state: Remittance, held: int, by: str, code: RefusalCode | None) -> None:
    ask = {"holder_id": UnitId("VH"), "held": held, "confirmed_by": by, "on": DAY}
    if code is not None:
        assert _code(remitting.settle_from_held, state, **ask) is code
        return
    (event,) = remitting.settle_from_held(state, **ask)
    after = evolve(state, event)
    assert not event.via_other_holder
    assert remitting.settle_from_held(after, **ask) == ()
    assert isinstance(after, Remittance)
    assert (under_way(after), to_send(after)) == (0, 0)
