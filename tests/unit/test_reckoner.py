"""Many obligations under one policy: equal cases once, months with the same rows alike, and never another amount."""

from dataclasses import replace
from datetime import date

import pytest

from adapters.office.policy_file import load, offline_policy
from domain.assessment import assess
from domain.errors import RefusalCode
from domain.identifiers import MemberId, UnitId
from domain.period import Month, shift
from domain.policy import Policy
from domain.policy_change import changes_between, changes_by
from domain.policy_rows import PolicyRows, RateRow
from domain.reckoner import REMEMBERED, Case, Reckoner, frozen, only, with_rows
from domain.set_amount import SetAmount
from domain.what_if import Line, replay

OFFLINE = offline_policy()
YEAR = tuple(shift(Month("2026-02"), n) for n in range(30))


def _capped() -> Policy:
    rows = load().rows
    return with_rows(OFFLINE, PolicyRows(caps=rows.caps))


def test_each_month_gets_the_amount_that_assess_gives_it_also_where_a_cap_or_rate_changes_on_the_way() -> None:
    policy = _capped()
    reckoner = Reckoner(policy, YEAR)
    cases = [Case(category="SI_COMPULSORY", base=60_000_000), Case(category="NON_SI_UNDER_RETIREMENT", region="III")]
    for case in cases:
        for month in YEAR:
            direct = assess(
                policy,
                month=month,
                category=str(case.category),
                base=case.base,
                base_month=None,
                region=case.region,
                relief=None,
            )
            assert reckoner.due(month, case).due == direct.due, month
    # Thirty months of two cases: cap of the preceding month in 2026-07/08, rates in 2028-01, the reliefs of the year.
    assert reckoner.reckoned <= 10


def test_a_base_of_the_month_itself_is_reckoned_for_that_month() -> None:
    policy = _capped()
    reckoner = Reckoner(policy, YEAR)
    first = Case(category="SI_COMPULSORY", base=60_000_000, base_month=Month("2026-07"))
    assert reckoner.due(Month("2026-07"), first).due == 506_000
    assert reckoner.due(Month("2026-07"), replace(first, base_month=None)).due == 468_000


@pytest.mark.parametrize(
    ("case", "code"),
    [
        (Case(category=None), RefusalCode.NOT_CLASSIFIED),
        (Case(category="SI_COMPULSORY"), RefusalCode.BASE_MISSING),
        (Case(category="OVERSEAS_OTHER"), RefusalCode.AMOUNT_SET_BY_DECISION),
        (Case(category="STUDENT", relief="X4", percent=45), RefusalCode.RELIEF_NOT_ALLOWED),
    ],
)
def test_a_refusal_is_an_answer(case: Case, code: RefusalCode) -> None:
    assert Reckoner(OFFLINE, YEAR).due(YEAR[0], case).refused is code


def test_what_is_remembered_stays_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("domain.reckoner.REMEMBERED", 10)
    reckoner = Reckoner(OFFLINE, YEAR)
    for base in range(1, 100):
        reckoner.due(YEAR[0], Case(category="SI_COMPULSORY", base=base * 1_000))
    assert len(reckoner._known) <= 11
    assert REMEMBERED > 100_000


def test_a_frozen_policy_answers_every_month_as_that_one() -> None:
    policy = frozen(_capped(), Month("2027-12"))
    case = Case(category="NON_SI_UNDER_RETIREMENT", region="II")
    assert {Reckoner(policy, YEAR).due(month, case).due for month in YEAR} == {14_190}
    assert Reckoner(policy, YEAR).due(YEAR[-1], Case(category="SI_COMPULSORY", base=90_000_000)).due == 506_000


def test_changes_are_told_once_with_what_they_take_over_from() -> None:
    rates = load().rows.rates
    student = next(row for row in rates if row.id == "R26-STU")
    newer = replace(student, id="R27-STU", value_dong=6_000, from_month=Month("2027-01"))
    assert isinstance(newer, RateRow)
    rows = PolicyRows(rates=(newer, student))
    assert [(c.month, c.row and c.row.id, c.was and c.was.id) for c in changes_by(OFFLINE, rows)] == [
        ("2027-01", "R27-STU", "R26-STU")
    ]
    found = changes_between(OFFLINE, with_rows(OFFLINE, only(rows, frozenset({"R27-STU"}))), YEAR)
    assert [(c.month, c.row and c.row.id, c.was and c.was.id) for c in found] == [("2027-01", "R27-STU", "R26-STU")]


def test_a_set_amount_goes_through_a_replay() -> None:
    chosen = SetAmount(amount=50_000, decision="5-QĐ", decided_on=date(2026, 6, 1))
    case = Case(category="OVERSEAS_OTHER", set_amount=chosen)
    lines = (Line(unit_id=UnitId("A"), month=YEAR[0], case=case),)
    found = replay([(MemberId("m"), lines)], Reckoner(OFFLINE, YEAR), Reckoner(OFFLINE, YEAR))
    assert (found.total.before, found.total.after, found.total.touched) == (50_000, 50_000, 0)


def test_a_member_of_two_categories_counts_once_in_the_total() -> None:
    lines = (
        Line(unit_id=UnitId("A"), month=YEAR[0], case=Case(category="STUDENT")),
        Line(unit_id=UnitId("B"), month=YEAR[1], case=Case(category="SI_COMPULSORY", base=1_000_000), recorded=9_999),
    )
    found = replay([(MemberId("m"), lines)], Reckoner(OFFLINE, YEAR), Reckoner(OFFLINE, YEAR))
    assert (found.total.members, found.total.touched, found.recorded, found.projected) == (1, 1, 1, 1)
    assert {name: (e.members, e.touched) for name, e in found.by_category.items()} == {
        "STUDENT": (1, 0),
        "SI_COMPULSORY": (1, 1),
    }
    assert set(found.by_unit) == {"A", "B"}
