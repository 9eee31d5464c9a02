"""What-if runs and publishing: what a draft would change, worked out by hand, and that nothing is written."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from adapters.office import policy_change
from api.cli.policy_runs import svg
from api.flows import policy_change as publishing
from api.flows.what_if import WhatIf, answer, months_between, what_if
from api.wiring import in_memory
from domain.errors import Malformed, Refusal, RefusalCode
from domain.identifiers import UnitId
from domain.organisation_kinds import UnitKind
from domain.period import VIETNAM, Month
from domain.what_if import Effect
from ledger.handlers import setup
from ledger.handlers.publish import PublishPolicy
from ledger.verify import verify
from tests.acceptance.story import PROVINCE, START, WARD, Cell, Story, member, settings, share

NOW = datetime(2026, 7, 20, 9, tzinfo=VIETNAM)
RATE = {
    "id": "R27-STU",
    "title": "học sinh, sinh viên",
    "category": "STUDENT",
    "kind": "fixed",
    "base_kind": "none",
    "value_dong": 8_000,
    "from_month": "2026-07",
    "regime": "01",
    "document": "77-QĐ/TW",
    "confidence": "guess",
}
SHARE = {
    "id": "S27-CELL",
    "unit_kind": "CELL",
    "retain_bp": 5_000,
    "from_period": "2026-07",
    "regime": "01",
    "document": "77-QĐ/TW",
    "confidence": "guess",
}


@pytest.fixture
def story() -> Story:
    found = Story(in_memory(settings()))
    found.set_up([Cell(id="A"), Cell(id="B")])
    found.enrol(
        "A",
        member("a-si", "SI_COMPULSORY", ("si-salary", 10_000_000)),
        member("a-stu", "STUDENT"),
        member("a-under", "NON_SI_UNDER_RETIREMENT"),
    )
    found.enrol(
        "B",
        member("b-stu", "STUDENT", relief=("X4", 50)),
        member("b-over", "NON_SI_OVER_RETIREMENT"),
        member("b-none", "SI_COMPULSORY"),
    )
    return found


def _change(**lists: list[dict[str, Any]]) -> policy_change.PolicyChange:
    head = {
        "format": "dangphi-policy-change",
        "version": 1,
        "number": "77-QĐ/TW",
        "date": "2026-07-15",
        "issuer": "HP-CU",
    }
    return policy_change.from_bytes(json.dumps({**head, **lists}, ensure_ascii=False).encode(), "du-thao.json")


def _run(story: Story, first: str, last: str | None = None, **more: Any) -> WhatIf:
    given = {"actor": "HP-KT", "at": NOW, "unit": PROVINCE, **more}
    return what_if(story.installation, first=Month(first), last=Month(last or first), **given)


def _sums(effect: Effect) -> tuple[int, int, int, int]:
    return effect.members, effect.touched, effect.before, effect.after


def test_the_step_of_2028_touches_those_without_pension_and_nobody_else(story: Story) -> None:
    found = _run(story, "2028-01", "2028-12", change=_change(rates=[{**RATE, "from_month": "2030-01"}]))
    by = found.replayed.by_category
    # Region II: 4.730.000 × 0,3 % → 0,5 % and 0,2 % → 0,3 %, twelve months; the relief of b-stu ended in 2026-12.
    assert _sums(by["NON_SI_UNDER_RETIREMENT"]) == (1, 1, 12 * 14_190, 12 * 23_650)
    assert _sums(by["NON_SI_OVER_RETIREMENT"]) == (1, 1, 12 * 9_460, 12 * 14_190)
    assert _sums(by["STUDENT"]) == (2, 0, 2 * 12 * 5_000, 2 * 12 * 5_000)
    assert _sums(by["SI_COMPULSORY"]) == (1, 0, 1_200_000, 1_200_000)
    assert found.replayed.refused == {RefusalCode.BASE_MISSING: 12}
    assert (found.replayed.recorded, found.replayed.projected) == (0, 60)
    assert {(c.was and c.was.id, c.row and c.row.id) for c in found.changes} == {
        ("R26-U-A", "R28-U-B"),
        ("R26-O-A", "R28-O-B"),
    }


def test_a_month_that_was_assessed_counts_as_it_stands_in_the_ledger(story: Story) -> None:
    story.assess("VH", "2026-07", START)
    story.new_base("a-si", "si-salary", "2026-06", 20_000_000, START)
    found = _run(story, "2026-07", "2026-08", change=_change(rates=[RATE]))
    by = found.replayed.by_category
    # July stands as assessed (100.000); August is projected from the base declared since (200.000).
    assert _sums(by["SI_COMPULSORY"]) == (1, 0, 300_000, 300_000)
    # 5.000 → 8.000 and, with half off until December, 2.500 → 4.000.
    assert _sums(by["STUDENT"]) == (2, 2, 2 * 7_500, 2 * 12_000)
    assert found.replayed.recorded == 5
    units = {row.code: row.effect for row in _run(story, "2026-07", change=_change(rates=[RATE]), depth=2).units}
    assert (units["A"].difference, units["B"].difference, units[WARD].difference) == (3_000, 1_500, 4_500)
    assert units[PROVINCE] == units[WARD]
    assert [row.code for row in _run(story, "2026-07", change=_change(rates=[RATE]), depth=2).units] == [
        PROVINCE,
        WARD,
        "A",
        "B",
    ]


def test_levels_show_what_each_would_keep_and_what_nobody_may_split(story: Story) -> None:
    found = _run(story, "2026-08", change=_change(shares=[SHARE]))
    assert found.shares_differ
    levels = {row.kind: row for row in found.levels}
    # Cell A: 100.000 + 5.000 + 14.190 = 119.190, cell B: 2.500 + 9.460 = 11.960.
    assert (levels[UnitKind.CELL].kept_before, levels[UnitKind.CELL].kept_after) == (35_757 + 3_588, 59_595 + 5_980)
    ward_before, ward_after = 131_150 - 39_345, 131_150 - 65_575
    assert levels[UnitKind.SUPERIOR_COMMUNE].kept_before == -(-ward_before // 2)
    assert levels[UnitKind.SUPERIOR_COMMUNE].kept_after == -(-ward_after // 2)
    assert found.replayed.total.difference == 0
    assert all((row.held_before, row.held_after) == (0, 0) for row in found.levels)


def test_money_without_an_active_share_waits_where_it_is_and_goes_nowhere() -> None:
    story = Story(in_memory(settings()))
    story.set_up([Cell(id="A")], shares=(share(UnitKind.CELL, 30),))
    story.enrol("A", member("a-stu", "STUDENT"))
    levels = {row.kind: row for row in _run(story, "2026-08", change=_change(rates=[RATE])).levels}
    assert (levels[UnitKind.CELL].kept_before, levels[UnitKind.CELL].kept_after) == (1_500, 2_400)
    assert (levels[UnitKind.SUPERIOR_COMMUNE].held_before, levels[UnitKind.SUPERIOR_COMMUNE].held_after) == (
        3_500,
        5_600,
    )
    assert levels[UnitKind.PROVINCE].held_after == 0


def test_without_a_file_the_drafts_of_the_policy_file_are_tried_and_marked(story: Story) -> None:
    found = _run(story, "2026-08")
    assert "S26-CELL" in found.drafts
    told = answer(found)
    marked = {c["after"]["row"]: c["draft"] for c in told["changes"] if c["after"]}  # type: ignore[index,union-attr,attr-defined]
    assert marked.get("S26-CELL", True)
    assert json.dumps(told, ensure_ascii=False)
    assert svg(found).startswith("<svg ")


def test_a_run_writes_nothing(story: Story) -> None:
    head = story.installation.store.head()
    commands = len(list(story.installation.store.commands()))
    _run(story, "2026-07", "2027-06", change=_change(rates=[RATE], shares=[SHARE]))
    assert story.installation.store.head() == head
    assert len(list(story.installation.store.commands())) == commands
    assert story.installation.ledger.work().policy.activation("R27-STU") is None


def test_a_run_is_refused_to_whoever_may_not_read_and_for_a_period_that_is_none(story: Story) -> None:
    for wrong, code in (
        ({"actor": "A-TP"}, RefusalCode.NOT_ALLOWED),
        ({"first": "2026-09", "last": "2026-08"}, RefusalCode.MONTH_MALFORMED),
    ):
        given: dict[str, Any] = {"first": "2026-08", "last": None, **wrong}
        with pytest.raises(Refusal) as caught:
            _run(story, given.pop("first"), given.pop("last"), **given)
        assert caught.value.code is code
    assert len(months_between(Month("2026-11"), Month("2027-02"))) == 4
    with pytest.raises(Refusal):
        months_between(Month("2020-01"), Month("2026-01"))


def test_a_cell_officer_sees_the_effect_on_the_cell_alone(story: Story) -> None:
    found = _run(story, "2026-08", actor="A-TP", unit=UnitId("A"), change=_change(rates=[RATE]))
    assert found.replayed.total.members == 3
    assert [row.code for row in found.units] == ["A"]


# --- Publishing -------------------------------------------------------------------------------------------------

SETTING = {
    "id": "TL-ARREARS",
    "name": "unpaid-months-flag",
    "value": "2",
    "is_default": False,
    "from_month": "2026-09",
    "document": "77-QĐ/TW",
    "confidence": "seen",
}
WAGE = {
    "id": "W27-II",
    "region": "II",
    "amount": 5_000_000,
    "from_month": "2027-01",
    "document": "9/2026/NĐ-CP",
    "confidence": "seen",
}


def _publish(story: Story, change: policy_change.PolicyChange, *, dry_run: bool = False) -> publishing.Published:
    return publishing.publish(story.installation, change, actor="HP-CU", at=NOW, approver="HP-CU", dry_run=dry_run)


def test_a_change_of_every_kind_is_shown_first_and_then_holds_from_its_months(story: Story) -> None:
    change = _change(rates=[{**RATE, "from_month": "2026-10"}], wages=[WAGE], settings=[SETTING])
    head = story.installation.store.head()
    shown = _publish(story, change, dry_run=True)
    assert story.installation.store.head() == head
    said = publishing.answer(shown, dry_run=True)
    assert [(c["row"], c["from"], c["was"]) for c in said["changes"]] == [  # type: ignore[index,attr-defined]
        ("R27-STU", "2026-10", {"row": "R26-STU", "value": "5.000 đồng"}),
        ("W27-II", "2027-01", {"row": "W26-II", "value": "4.730.000 đồng"}),
        ("TL-ARREARS", "2026-09", {"row": "TL-UNPAID-MONTHS-FLAG", "value": "3"}),
    ]
    done = _publish(story, change)
    assert (done.outcome.answer["activated"], done.backdated_to) == (3, None)
    assert _publish(story, change).outcome.replayed
    policy = story.installation.ledger.work().policy
    fact = policy.activation("R27-STU")
    assert fact is not None
    assert (fact.approver, fact.document) == ("HP-CU", "77-QĐ/TW")
    story.assess("VH", "2026-07", START)
    found = _run(story, "2026-10")
    assert found.replayed.by_category["STUDENT"].after == 8_000 + 4_000


def test_a_backdated_change_is_named_and_leaves_assessed_months_alone(story: Story) -> None:
    story.assess("VH", "2026-07", START)
    done = _publish(story, _change(rates=[{**RATE, "from_month": "2026-06"}]))
    assert done.backdated_to == "2026-06"
    found = _run(story, "2026-07", baseline=Month("2026-05"))
    assert _sums(found.replayed.by_category["STUDENT"]) == (2, 2, 7_500, 12_000)


def test_all_rows_or_none(story: Story) -> None:
    head = story.installation.store.head()
    with pytest.raises(Refusal) as caught:
        _publish(story, _change(wages=[WAGE], rates=[{**RATE, "id": "R26-STU"}]))
    assert caught.value.code is RefusalCode.POLICY_ALREADY_ACTIVE
    assert story.installation.store.head() == head


def test_a_decision_is_signed_before_it_is_published_and_only_by_whoever_may(story: Story) -> None:
    early = policy_change.from_bytes(
        json.dumps(
            {
                "format": "dangphi-policy-change",
                "version": 1,
                "number": "1",
                "date": "2026-08-01",
                "issuer": "x",
                "settings": [SETTING],
            }
        ).encode(),
        "x.json",
    )
    with pytest.raises(Refusal) as caught:
        _publish(story, early)
    assert caught.value.code is RefusalCode.MONTH_IN_FUTURE
    with pytest.raises(Refusal) as caught:
        publishing.publish(story.installation, _change(settings=[SETTING]), actor="A-TP", at=NOW, approver="HP-CU")
    assert caught.value.code is RefusalCode.NOT_ALLOWED
    # A ward's committee may decide for itself, not for the whole shard.
    activation = setup.ActivatePolicy(
        rows=_change(settings=[SETTING]).rows,
        approver="VH-CU",
        document="1",
        decided_on=START,
        allow_draft_with_document=True,
    )
    with pytest.raises(Refusal) as caught:
        story.do("VH-CU", START, PublishPolicy(unit_id=WARD, activation=activation))
    assert caught.value.code is RefusalCode.NOT_ALLOWED


def test_the_checks_understand_a_published_change(story: Story) -> None:
    _publish(story, _change(settings=[SETTING], wages=[WAGE], rates=[{**RATE, "from_month": "2026-10"}]))
    verdict = verify(story.installation.store.audit(0, 100_000))
    assert [check.id for check in verdict.checks if not check.ok] == []


@pytest.mark.parametrize(
    ("lists", "where"),
    [
        ({}, "du-thao.json"),
        ({"rates": [{**RATE, "valu_dong": 1}]}, "rates[0].valu_dong"),
        ({"rates": [RATE, {**RATE, "id": "R27-STU-2"}]}, "du-thao.json"),
        ({"settings": [{**SETTING, "value": "13"}]}, "settings[0].value"),
    ],
)
def test_a_file_that_is_wrong_is_named_with_the_place(lists: dict[str, Any], where: str) -> None:
    with pytest.raises(Malformed) as caught:
        _change(**lists)
    assert where in str(caught.value)


def test_the_example_in_the_how_to_reads() -> None:
    example = Path(__file__).resolve().parents[2] / "examples" / "du-thao-muc-dong.json"
    assert policy_change.read(example).rows.every()
