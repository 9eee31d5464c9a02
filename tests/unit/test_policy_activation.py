"""Which rows may be put in force and by whom; which share holds; which reliefs may be granted."""

from dataclasses import replace
from datetime import date

import msgspec
import pytest

from adapters.office.policy_file import load, offline_policy
from domain.errors import Refusal, RefusalCode
from domain.organisation_kinds import UnitKind
from domain.period import Month
from domain.policy import (
    NO_POLICY,
    CapActivated,
    Policy,
    ShareActivated,
    check_relief,
    evolve,
    share_for,
    with_known,
)
from domain.policy_activation import activate
from domain.policy_rows import Confidence, PolicyRow, RateRow, Regime, ShareRow

DAY = date(2026, 6, 25)
OFFLINE = offline_policy()


def _known(row_id: str) -> PolicyRow:
    row = load().rows.find(row_id)
    assert row is not None
    return row


def _activated(policy: Policy, row: PolicyRow, *, document: str = "15-QĐ/VP") -> Policy:
    for event in activate(
        policy, row, approver="NGUOI-DUYET", document=document, decided_on=DAY, allow_draft_with_document=True
    ):
        policy = evolve(policy, event)
    return policy


def _rate(row_id: str) -> RateRow:
    row = _known(row_id)
    assert isinstance(row, RateRow)
    return row


# --- Activation -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row_id", ["R10-STU", "CAP25", "S26-CELL"])
def test_a_draft_is_not_activated_with_the_file(row_id: str) -> None:
    with pytest.raises(Refusal) as caught:
        activate(
            NO_POLICY,
            _known(row_id),
            approver="A",
            document="15-QĐ/VP",
            decided_on=DAY,
            allow_draft_with_document=False,
        )
    assert caught.value.code is RefusalCode.POLICY_ROW_IS_DRAFT


@pytest.mark.parametrize(
    ("row_id", "approver", "document"),
    [("CAP25", "", "15-QĐ/VP"), ("CAP25", "A", " "), ("R26-SI", " ", ""), ("RN1", "A", "")],
)
def test_an_activation_without_approver_or_document_is_refused(row_id: str, approver: str, document: str) -> None:
    with pytest.raises(Refusal) as caught:
        activate(
            NO_POLICY,
            _known(row_id),
            approver=approver,
            document=document,
            decided_on=DAY,
            allow_draft_with_document=True,
        )
    assert caught.value.code is RefusalCode.POLICY_APPROVAL_INCOMPLETE


def test_a_row_whose_value_nobody_knows_cannot_be_activated() -> None:
    with pytest.raises(Refusal) as caught:
        _activated(NO_POLICY, _known("S26-COMM"))
    assert caught.value.code is RefusalCode.POLICY_ROW_UNKNOWN_VALUE


def test_a_sure_row_is_activated_with_the_file_by_its_own_document() -> None:
    (event,) = activate(
        NO_POLICY, _known("R26-SI"), approver="A", document="", decided_on=DAY, allow_draft_with_document=False
    )
    assert (event.document, event.row) == ("01-QĐ/TW", _known("R26-SI"))


def test_a_draft_with_document_records_who_and_by_what() -> None:
    (event,) = activate(
        NO_POLICY, _known("CAP25"), approver="A", document="15-QĐ/VP", decided_on=DAY, allow_draft_with_document=True
    )
    assert isinstance(event, CapActivated)
    assert (event.row, event.decided_on) == (_known("CAP25"), DAY)
    fact = evolve(NO_POLICY, event).activation("CAP25")
    assert fact is not None
    assert (fact.approver, fact.document, fact.decided_on) == ("A", "15-QĐ/VP", DAY)


def test_the_same_activation_again_adds_nothing() -> None:
    policy = _activated(NO_POLICY, _known("CAP25"))
    assert _activated(policy, _known("CAP25")) == policy


def test_an_active_row_is_not_activated_by_another_document_or_with_another_content() -> None:
    policy = _activated(NO_POLICY, _known("R26-SI"))
    for row, document in ((_known("R26-SI"), "16-QĐ/VP"), (replace(_rate("R26-SI"), value_bp=200), "15-QĐ/VP")):
        with pytest.raises(Refusal) as caught:
            _activated(policy, row, document=document)
        assert caught.value.code is RefusalCode.POLICY_ALREADY_ACTIVE


def test_every_activation_survives_the_log() -> None:
    policy = with_known(NO_POLICY, load().rows)
    for row in load().rows.every():
        if row.id.startswith("S26-") and row.id != "S26-CELL":
            continue
        (event,) = activate(
            policy, row, approver="A", document="15-QĐ/VP", decided_on=DAY, allow_draft_with_document=True
        )
        written = msgspec.json.encode(event)
        assert msgspec.json.decode(written, type=type(event)) == event
        policy = evolve(policy, event)
    assert len(policy.activations) == len(policy.active.every())
    assert policy.active.find("X4") == _known("X4")


# --- Shares -----------------------------------------------------------------------------------------------------


def _share(
    retain_bp: int, *, kind: UnitKind = UnitKind.CELL, start: str = "2026-07", name: str = "01-QĐ/ĐU"
) -> ShareRow:
    return ShareRow(
        id=f"{name}#{kind}",
        unit_kind=kind,
        retain_bp=retain_bp,
        from_period=Month(start),
        regime=Regime.QD01,
        document=name,
        decision=name,
        confidence=Confidence.SEEN,
    )


def test_with_no_active_share_there_is_none_to_split_by() -> None:
    for kind in UnitKind:
        assert share_for(OFFLINE, kind, Month("2026-07")) is None


@pytest.mark.parametrize(
    ("kind", "retain_bp"),
    [
        (UnitKind.BASE_COMMUNE, 9000),
        (UnitKind.BASE_OTHER, 7000),
        (UnitKind.BASE_CELL, 7000),
        (UnitKind.PROVINCE, 5000),
        (UnitKind.SUPERIOR_COMMUNE, 5000),
        (UnitKind.OVERSEAS_CELL, 3000),
        (UnitKind.OVERSEAS_HOST, 5000),
        (UnitKind.OVERSEAS_CENTRAL, 0),
    ],
)
def test_the_shares_of_342_hold_to_the_end_of_january_2026(kind: UnitKind, retain_bp: int) -> None:
    row = share_for(OFFLINE, kind, Month("2026-01"))
    assert row is not None
    assert row.retain_bp == retain_bp
    assert share_for(OFFLINE, kind, Month("2026-02")) is None


def test_a_legal_range_is_no_share_until_somebody_chooses() -> None:
    assert OFFLINE.activation("S10-CELL") is not None
    assert share_for(OFFLINE, UnitKind.CELL, Month("2025-12")) is None
    chosen = _share(3000, start="2025-01")
    assert share_for(_activated(OFFLINE, chosen), UnitKind.CELL, Month("2025-12")) == chosen


@pytest.mark.parametrize(
    ("kind", "retain_bp"), [(UnitKind.CELL, 2999), (UnitKind.CELL, 5001), (UnitKind.BASE_OTHER, 6000)]
)
def test_a_local_choice_outside_the_law_is_refused(kind: UnitKind, retain_bp: int) -> None:
    with pytest.raises(Refusal) as caught:
        _activated(OFFLINE, _share(retain_bp, kind=kind, start="2026-01"))
    assert caught.value.code is RefusalCode.SHARE_OUTSIDE_RANGE


def test_a_choice_for_months_after_342_is_not_bound_by_its_range_nor_by_a_draft() -> None:
    row = _share(2000)
    assert share_for(_activated(OFFLINE, row), UnitKind.CELL, Month("2026-07")) == row


def test_a_later_decision_governs_from_its_first_period() -> None:
    first, second = _share(3000), _share(3500, start="2026-10", name="02-QĐ/ĐU")
    policy = _activated(_activated(OFFLINE, second), first)
    assert share_for(policy, UnitKind.CELL, Month("2026-09")) == first
    assert share_for(policy, UnitKind.CELL, Month("2026-10")) == second
    assert share_for(policy, UnitKind.CELL, Month("2026-06")) is None


def test_the_draft_of_70_percent_for_cells_holds_once_it_is_approved() -> None:
    policy = _activated(OFFLINE, _known("S26-CELL"))
    assert isinstance(
        activate(
            OFFLINE, _known("S26-CELL"), approver="A", document="1", decided_on=DAY, allow_draft_with_document=True
        )[0],
        ShareActivated,
    )
    row = share_for(policy, UnitKind.CELL, Month("2026-07"))
    assert row is not None
    assert row.retain_bp == 7000


# --- Reliefs ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("relief", "percent", "first", "last"),
    [("X1", 100, "2026-07", None), ("X3", 100, "2026-07", "2027-06"), ("X4", 30, "2026-07", "2026-07")],
)
def test_a_relief_within_its_row_may_be_granted(relief: str, percent: int, first: str, last: str | None) -> None:
    row = check_relief(OFFLINE, relief, percent, Month(first), None if last is None else Month(last))
    assert row.id == relief


@pytest.mark.parametrize(
    ("relief", "percent", "first", "last", "said"),
    [
        ("X4", 50, "2026-07", "2027-07", "13 tháng"),
        ("X4", 50, "2026-07", None, "không thời hạn"),
        ("X4", 60, "2026-07", "2026-12", "60%"),
        ("X1", 50, "2026-07", None, "50%"),
        ("X6", 100, "2026-07", None, "không có"),
        ("X4", 50, "2026-07", "2026-06", "trước khi bắt đầu"),
        ("X4", 50, "2026-01", "2026-06", "2026-01"),
    ],
)
def test_a_relief_beyond_its_row_is_refused(relief: str, percent: int, first: str, last: str | None, said: str) -> None:
    with pytest.raises(Refusal) as caught:
        check_relief(OFFLINE, relief, percent, Month(first), None if last is None else Month(last))
    assert caught.value.code is RefusalCode.RELIEF_NOT_ALLOWED
    assert said in caught.value.message


def test_a_relief_nobody_activated_is_refused_by_name() -> None:
    with pytest.raises(Refusal) as caught:
        check_relief(with_known(NO_POLICY, load().rows), "X4", 50, Month("2026-07"), Month("2026-12"))
    assert caught.value.code is RefusalCode.POLICY_ROW_NOT_ACTIVE
