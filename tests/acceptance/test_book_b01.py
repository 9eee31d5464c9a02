"""B01/ĐP of the stories of accounting.md, to the đồng, and what it does with late, held and merged units."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from adapters.books.form import Sum
from adapters.books.form_b01 import b01_form
from api import wiring
from domain.access import Role
from domain.book import ColumnName
from domain.errors import Refusal, RefusalCode
from domain.identifiers import UnitId
from domain.organisation_kinds import UnitKind
from domain.period import Period
from domain.policy_rows import ShareRow
from ledger.application import Outcome
from ledger.handlers import declare
from ledger.handlers.books import SetReportColumn
from ledger.handlers.setup import GrantRoles, RegisterOrganisation
from ledger.statutory.annex import LateState
from ledger.statutory.b01 import B01, b01, check
from ledger.statutory.books import columns_at
from ledger.statutory.sources import LogSources
from tests.acceptance import test_story_3, test_story_4, test_story_5
from tests.acceptance.story import START, Cell, Story, accountant, into, member, settings, share
from tests.acceptance.test_story_1 import play_july, play_to_20_august
from tests.acceptance.tree import grant


def report(story: Story, unit: str, period: str, at: int | None = None) -> B01:
    """The report as of a position, or now."""
    store = story.installation.store
    sources, position = LogSources(store), store.head() if at is None else at
    return b01(sources, UnitId(unit), Period(period), at=position, columns=columns_at(sources, position))


def figures(report: B01, *numbers: str) -> dict[str, int]:
    """Some lines of the sum column."""
    return {number: report.value(number) for number in numbers}


@pytest.fixture
def memory() -> Story:
    """A shard in memory."""
    return Story(wiring.in_memory(settings()))


def test_the_ward_of_story_1_reports_the_figures_of_the_story(story: Story) -> None:
    play_july(story)
    play_to_20_august(story)
    made = report(story, "VH", "2026-07")
    assert figures(made, "02", "05", "06", "07", "04", "12", "14") == {
        "02": 841_094,
        "05": 252_328,
        "06": 0,
        "07": 294_383,  # The ward counts as superior of base organisations in July.
        "04": 546_711,
        "12": 294_383,
        "14": 0,
    }
    assert made.value("01") == 9
    assert all(line.values[0] == line.values[3] for line in made.lines)


class BaseWard(Story):
    """The same story with a ward that is itself a base organisation, as from 26 July 2026."""

    def run(self, actor: str, on: date | datetime, command: object, **more: Any) -> Outcome:
        """Register the ward as what it is here."""
        if isinstance(command, RegisterOrganisation):
            units = tuple(replace(u, kind=UnitKind.BASE_COMMUNE) if u.unit_id == "VH" else u for u in command.units)
            command = replace(command, units=units)
        return super().run(actor, on, command, **more)

    def activate_shares(self, shares: tuple[ShareRow, ...]) -> None:
        """The ward keeps as much as in the story."""
        super().activate_shares((*shares, share(UnitKind.BASE_COMMUNE, 50)))


def test_a_ward_that_is_a_base_organisation_keeps_in_line_06() -> None:
    memory = BaseWard(wiring.in_memory(settings()))
    play_july(memory)
    play_to_20_august(memory)
    made = report(memory, "VH", "2026-07")
    assert figures(made, "02", "05", "06", "07", "04", "12", "14") == {
        "02": 841_094,
        "05": 252_328,
        "06": 294_383,
        "07": 0,
        "04": 546_711,
        "12": 294_383,
        "14": 0,
    }


def test_line_14_falls_when_the_money_goes_up_and_the_old_report_stays_as_it_was(memory: Story) -> None:
    play_july(memory)
    memory.remit("A", "VH", "2026-07", date(2026, 8, 10))
    memory.settle("B", "VH", "2026-07", date(2026, 8, 10))
    memory.declare("VH", "2026-07", date(2026, 8, 12))
    declared = memory.installation.store.head()
    memory.remit("VH", "HP", "2026-07", date(2026, 8, 17))
    assert report(memory, "VH", "2026-07").value("14") == 0
    assert report(memory, "VH", "2026-07", at=declared).value("14") == 294_383


def test_a_refund_after_the_split_is_a_negative_line_in_the_open_period(story: Story) -> None:
    test_story_4.test_a_refund_after_the_split_is_given_back_by_every_level(story)
    made = report(story, "VH", "2026-08")
    assert figures(made, "02", "05", "07", "12") == {"02": 924_284, "05": 277_285, "07": 323_500, "12": 323_499}
    quarter = report(story, "HP", "2026-Q3")
    assert figures(quarter, "02", "12", "14") == {"02": 841_094 + 924_284, "12": 308_941, "14": 308_941}
    assert quarter.value("13") == quarter.value("03") - quarter.value("08")
    assert report(story, "VH", "2026-07").value("02") == 841_094
    whole = report(story, "VH", "2026-Q3", at=None) if _declared(story, "2026-09") else None
    assert whole is None


def _declared(story: Story, period: str) -> bool:
    return any(d.period == period for d in story.installation.ledger.work().declarations(UnitId("VH")).declared)


def test_a_quarter_is_the_sum_of_its_months(memory: Story) -> None:
    play_july(memory)
    play_to_20_august(memory)
    memory.declare("A", "2026-08", date(2026, 8, 31))
    memory.declare("VH", "2026-08", date(2026, 9, 12))
    with pytest.raises(Refusal) as refused:
        report(memory, "VH", "2026-Q3")
    assert refused.value.code is RefusalCode.NOT_DECLARED
    memory.declare("VH", "2026-09", date(2026, 10, 12))
    quarter = report(memory, "VH", "2026-Q3")
    months = [report(memory, "VH", month) for month in ("2026-07", "2026-08", "2026-09")]
    for number in ("02", "04", "05", "07", "12"):
        assert quarter.value(number) == sum(month.value(number) for month in months)
    assert months[-1].value("03") == quarter.value("03") == 841_094


def test_a_late_subordinate_stands_in_the_annex_and_counts_in_the_next_period(memory: Story) -> None:
    play_july(memory)
    memory.remit("A", "VH", "2026-07", date(2026, 8, 10))
    memory.declare("VH", "2026-07", date(2026, 8, 12))
    july = report(memory, "VH", "2026-07")
    assert figures(july, "02", "05") == {"02": 697_807, "05": 209_342}
    assert [(p.unit_id, p.state, p.payable, p.received) for p in july.late] == [("B", LateState.WAITING, 100_301, 0)]
    memory.settle("B", "VH", "2026-07", date(2026, 8, 15))
    memory.declare("VH", "2026-08", date(2026, 9, 12))
    august = report(memory, "VH", "2026-08")
    assert figures(august, "02", "05") == {"02": 143_287, "05": 42_986}
    late = [(p.unit_id, p.period, p.state) for p in august.late]
    assert ("B", "2026-07", LateState.COUNTED_LATE) in late
    assert ("A", "2026-08", LateState.NOT_DECLARED) in late
    assert august.value("03") == 841_094


def test_money_without_a_share_is_shown_as_not_allocated_until_a_share_comes_late(story: Story) -> None:
    test_story_3.held_july(story)
    held = report(story, "D", "2026-07")
    assert figures(held, "02", "04", "12") == {"02": 1_000_001, "04": 0, "12": 0}
    assert held.unallocated == (1_000_001, 0, 0, 1_000_001)
    shown = [row.cells for row in b01_form(held).grids[0].rows]
    assert any("chưa phân bổ" in str(cells[1]) for cells in shown)
    before = story.installation.store.head()
    test_story_3.activate(story)
    story.do(accountant("D"), date(2026, 8, 20), declare.ApplyLateShare(unit_id=UnitId("D")))
    story.declare("D", "2026-08", date(2026, 8, 31))
    august = report(story, "D", "2026-08")
    assert figures(august, "02", "04", "12") == {"02": 0, "04": 300_000, "12": 700_001}
    assert figures(august, "03", "08", "13") == {"03": 1_000_001, "08": 300_000, "13": 700_001}
    assert august.unallocated[3] == -1_000_001
    assert august.unallocated_ytd[3] == 0
    assert report(story, "D", "2026-07", at=before) == held
    test_story_3.remit_on(story, "D", "VH", date(2026, 9, 1), date(2026, 9, 2))
    story.declare("VH", "2026-08", date(2026, 9, 3))
    ward = report(story, "VH", "2026-08")
    assert figures(ward, "02", "05", "07", "12") == {"02": 1_000_001, "05": 300_000, "07": 350_001, "12": 350_000}


def test_what_a_merged_unit_brought_is_reported_from_the_books_of_the_old_units(story: Story) -> None:
    test_story_5.test_a_merger_with_an_error_under_way_ends_in_the_balances_of_the_story(story)
    made = report(story, "VH", "2026-07")
    assert figures(made, "02", "05", "07", "12", "14") == {
        "02": 500_000 + 246_801,
        "05": 150_000 + 74_040,
        "07": 261_381,
        "12": 261_380,
        "14": 0,
    }
    assert made.late == ()
    assert made.elsewhere == ()


def test_an_enterprise_stands_in_a_column_of_its_own_once_decided(memory: Story) -> None:
    cells = [Cell(id="A"), Cell(id="DN", kind=UnitKind.BASE_OTHER), Cell(id="K", kind=UnitKind.BASE_OTHER)]
    memory.set_up(cells)
    for day_up, (unit, base) in enumerate((("A", 10_000_000), ("DN", 20_000_100), ("K", 5_000_000)), start=5):
        memory.enrol(unit, member(f"{unit}1", "SI_COMPULSORY", ("si-salary", base)))
        memory.assess(unit, "2026-07", START)
        memory.request(unit, "2026-07", START)
        day = date(2026, 7, 20)
        memory.bank(unit, day, into(unit, day, base // 100, memory.reference(f"{unit}1", "2026-07")))
        memory.declare(unit, "2026-07", date(2026, 7, 31))
        memory.remit(unit, "VH", "2026-07", date(2026, 8, day_up))
    memory.declare("VH", "2026-07", date(2026, 8, 12))
    lines = {line.number: line.values for line in report(memory, "VH", "2026-07").lines}
    assert lines["02"] == (100_000, 0, 250_001, 350_001)
    decided = SetReportColumn(unit_id=UnitId("DN"), column=ColumnName.ENTERPRISE, document="QD-9")
    with pytest.raises(Refusal):
        memory.do("VH-KT", date(2026, 8, 13), decided)
    memory.do("service:setup", date(2026, 8, 13), _office())
    memory.do("VH-VP1", date(2026, 8, 13), decided)
    made = report(memory, "VH", "2026-07")
    lines = {line.number: line.values for line in made.lines}
    assert lines["01"] == (1, 1, 1, 3)
    assert lines["02"] == (100_000, 200_001, 50_000, 350_001)
    assert lines["05"] == (30_000, 0, 0, 30_000)
    assert lines["06"] == (0, 100_001, 25_000, 125_001)
    assert sum(lines["12"][:3]) == lines["12"][3] == made.value("14")  # type: ignore[arg-type]  # all are figures
    assert lines["14"][:3] == (None, None, None)


def _office() -> GrantRoles:
    return GrantRoles(grants=(grant("VH-VP1", Role.OFFICE, "VH"),), second_persons=())


def test_a_broken_identity_refuses_to_print(memory: Story) -> None:
    play_july(memory)
    play_to_20_august(memory)
    made = report(memory, "VH", "2026-07")
    for number in ("02", "03", "04", "08", "12", "13"):
        lines = tuple(
            replace(line, values=(line.values[0], line.values[1], line.values[2], line.values[3] + 1))
            if line.number == number
            else line
            for line in made.lines
        )
        with pytest.raises(Refusal) as refused:
            check(replace(made, lines=lines))
        assert refused.value.code is RefusalCode.BOOK_BROKEN
    moved = [
        replace(line, values=tuple(value + 1 if value is not None else None for value in (*line.values[:3], 0)))
        if line.number == "05"
        else line
        for line in made.lines
    ]
    with pytest.raises(Refusal):
        check(replace(made, lines=tuple(moved)))  # type: ignore[arg-type]  # four values each


def test_every_sum_of_the_form_is_the_sum_of_its_cells(memory: Story) -> None:
    play_july(memory)
    play_to_20_august(memory)
    grid = b01_form(report(memory, "VH", "2026-07")).grids[0]
    sums = [(row, c, cell) for row in grid.rows for c, cell in enumerate(row.cells) if isinstance(cell, Sum)]
    assert len(sums) > 20
    for _, _, cell in sums:
        terms = [sign * _figure(grid.rows[r].cells[c]) for sign, r, c in cell.terms]
        assert sum(terms) == cell.value


def _figure(cell: object) -> int:
    return cell.value if isinstance(cell, Sum) else cell if isinstance(cell, int) else 0
