"""Progress of a month: a fixed denominator, and every way of paying apart."""

import csv
import io
from datetime import date

from adapters.books.progress_page import page_data
from api.flows.progress import as_csv, as_values, picture, progress_of, units_csv, weeks_csv, weeks_of
from domain.identifiers import MemberId, UnitId
from domain.member import Scope
from domain.period import Month
from ledger.handlers import ask
from tests.acceptance.story import START, Cell, Story, into, member

JULY = Month("2026-07")


def play(story: Story) -> None:
    """Six members: online, cash, on behalf, part-paid, exempt, outside the procedure."""
    story.set_up([Cell(id="A", bank=0), Cell(id="B")])
    story.enrol(
        "A",
        member("A1", "SI_COMPULSORY", ("si-salary", 10_000_000)),
        member("A2", "NON_SI_PENSIONER", ("pension", 6_000_000)),
        member("A3", "NON_SI_PENSIONER", ("pension", 8_000_000)),
        member("A4", "SI_COMPULSORY", ("si-salary", 9_000_000)),
        member("A5", "NON_SI_PENSIONER", ("pension", 6_000_000), ("X1", 100)),
        member("A6", "NON_SI_PENSIONER", ("pension", 6_000_000), scope=Scope.CASH),
    )
    story.enrol("B", member("B1", "STUDENT"))
    story.assess("VH", "2026-07", START)
    story.request("VH", "2026-07", START)
    story.pay_by_portal("A", "A1", "2026-07", date(2026, 7, 9))
    story.cash("A", "1", "A2", 30_000, date(2026, 7, 12))
    slip = story.cash("A", "2", "A3", 40_000, date(2026, 7, 12))
    line = ask.BatchLine(member_id=MemberId("A3"), month=JULY, amount=40_000, cash_payment_id=slip)
    opened = story.do("A-TP", date(2026, 7, 20), ask.OpenBatchAttempt(unit_id=UnitId("A"), lines=(line,)))
    assert story.tell(story.notice(opened["reference"], 40_000, date(2026, 7, 20))) == ["reference"]
    part = into("a4", date(2026, 7, 21), 50_000, story.reference("A4", "2026-07"))
    story.bank("A", date(2026, 7, 21), part)


def test_who_of_those_who_owe_has_paid_and_how(story: Story) -> None:
    play(story)
    found = progress_of(story.installation, UnitId("VH"), JULY, as_of=date(2026, 7, 31))
    a, b = found.rows
    assert (a.roll, a.exempt, a.outside, a.owing) == (6, 1, 1, 4)
    assert (a.paid, a.online, a.cash, a.on_behalf, a.part, a.unpaid) == (3, 1, 1, 1, 1, 0)
    assert a.collected == 100_000 + 30_000 + 40_000 + 50_000
    assert (b.owing, b.paid, b.unpaid) == (1, 0, 1)
    assert (found.total.owing, found.total.paid, found.total.paid_bp) == (5, 3, 6_000)
    assert (found.counted_on, found.final_by) == (START, date(2026, 11, 25))


def test_the_denominator_stays_and_an_earlier_week_is_asked_for_by_its_day(story: Story) -> None:
    play(story)
    story.enrol("B", member("B1", "STUDENT"), member("B2", "STUDENT"), on=date(2026, 7, 25))
    found = progress_of(story.installation, UnitId("VH"), JULY, as_of=date(2026, 7, 31))
    assert found.total.owing == 5
    week = progress_of(story.installation, UnitId("VH"), JULY, as_of=date(2026, 7, 10))
    assert (week.total.owing, week.total.paid, week.total.unpaid) == (5, 1, 4)


def test_the_table_and_the_values_say_the_same(story: Story) -> None:
    play(story)
    found = progress_of(story.installation, UnitId("VH"), JULY, as_of=date(2026, 7, 31))
    rows = list(csv.reader(io.StringIO(as_csv(found))))
    assert rows[0][0] == "Mã đơn vị"
    assert [row[-1] for row in rows[1:]] == ["75.00", "0.00", "60.00"]
    assert as_values(found)["total"]["paid"] == int(rows[-1][6]) == 3


def test_one_run_tells_each_week_of_every_cell_and_the_month_of_every_unit(story: Story) -> None:
    play(story)
    july = date(2026, 7, 31)
    found = progress_of(story.installation, UnitId("HP"), JULY, as_of=july)
    ward = progress_of(story.installation, UnitId("VH"), JULY, as_of=july)
    assert [(told.depth, told.row.unit_id) for told in found.units][:2] == [(0, "HP"), (1, "VH")]
    (row,) = [told.row for told in found.units if told.row.unit_id == "VH"]
    assert (
        (row.owing, row.paid, row.collected)
        == (ward.total.owing, ward.total.paid, ward.total.collected)
        == (
            5,
            3,
            220_000,
        )
    )
    weeks = weeks_of(story.installation, UnitId("VH"), JULY, as_of=july)
    assert [week.until.day for week in weeks] == [5, 12, 19, 26, 31]
    assert [week.paid["A"] for week in weeks] == [0, 7_500, 7_500, 7_500, 7_500]
    assert [week.until.day for week in weeks_of(story.installation, UnitId("VH"), JULY, as_of=date(2026, 7, 20))] == [
        5,
        12,
        19,
    ]
    told = list(csv.reader(io.StringIO(weeks_csv(ward, weeks))))
    assert told[0][3] == "Đến 05/07/2026 (%)"
    assert told[1][-1] == "75.00"
    assert [line[2] for line in csv.reader(io.StringIO(units_csv(found)))][1] == "Đơn vị HP"
    assert picture(ward, weeks, png=False).startswith(b"%PDF")
    assert picture(ward, weeks, png=False) == picture(ward, weeks, png=False)
    assert picture(ward, weeks, png=True).startswith(b"\x89PNG")


def test_bars_are_shares_of_those_who_owe(story: Story) -> None:
    play(story)
    ward = progress_of(story.installation, UnitId("VH"), JULY, as_of=date(2026, 7, 31))
    a, b = page_data(ward, ())["cells"]
    assert a["parts"] == [2_500, 2_500, 2_500, 0, 2_500]
    assert (a["figures"], a["percent"], b["percent"]) == ("3/4", "75,0 %", "0,0 %")


def test_a_report_on_or_after_the_day_of_the_final_one_is_late(story: Story) -> None:
    play(story)

    def late(month: str, day: date) -> tuple[int, str]:
        found = progress_of(story.installation, UnitId("VH"), Month(month), as_of=day)
        return found.days_late, page_data(found, ())["late"]

    assert late("2026-07", date(2026, 11, 24)) == (0, "")
    assert late("2026-07", date(2026, 11, 25)) == (1, "Muộn 1 ngày so với hạn báo cáo cuối (trước 25/11/2026).")
    assert late("2026-10", date(2026, 12, 4))[0] == 10
    assert late("2026-12", date(2026, 12, 31)) == (0, "")
