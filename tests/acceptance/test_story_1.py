"""Story 1 of accounting.md: a clean month; cell A has an account, cell B uses the ward's."""

from datetime import date

from domain.declaration import PeriodDeclared
from domain.identifiers import UnitId
from ledger.handlers import collect
from tests.acceptance.story import START, Cell, Story, at, into, member
from tests.acceptance.tables import ABOVE, check

SUPERIOR = {"A": "VH", "B": "VH", **ABOVE}

ON_31_JULY = """
| account | A         | B       | VH         |
| 1110    | ·         | ·       | 9,460      |
| 1120    | 1,337,647 | ·       | 25,133,827 |
| 1130    | 92,160    | ·       | ·          |
| 1140    | 468,000   | ·       | ·          |
| 1360    | ·         | ·       | 588,766    |
| 1390    | ·         | 143,287 | ·          |
| 3350    | ·         | ·       | 588,766    |
| 3360    | 488,465   | 100,301 | ·          |
| 3390    | ·         | ·       | 143,287    |
| 4310    | 1,409,342 | 42,986  | 25,000,000 |
"""

ON_20_AUGUST = """
| account | A         | B      | VH         | HP      |
| 1110    | ·         | ·      | 9,460      | ·       |
| 1120    | 1,409,342 | ·      | 25,327,909 | 294,383 |
| 1390    | ·         | 42,986 | ·          | ·       |
| 3310    | ·         | ·      | ·          | 294,383 |
| 3390    | ·         | ·      | 42,986     | ·       |
| 4310    | 1,409,342 | 42,986 | 25,294,383 | ·       |
"""


def play_july(story: Story) -> None:
    """Everything up to the evening of 31 July: members, dues, money, declarations of the cells."""
    story.set_up([Cell(id="A", bank=1_200_000), Cell(id="B", own_account=False)], ward_bank=25_000_000)
    story.enrol(
        "A",
        member("A1", "SI_COMPULSORY", ("si-salary", 12_345_678)),
        member("A2", "NON_SI_PENSIONER", ("pension", 6_543_100)),
        member("A3", "NON_SI_UNDER_RETIREMENT"),
        member("A4", "SI_COMPULSORY", ("si-salary", 50_000_000)),
        member("A5", "STUDENT"),
        member("A6", "SI_COMPULSORY", ("si-salary", 7_777_777), ("X4", 30)),
    )
    story.enrol(
        "B",
        member("B1", "SI_COMPULSORY", ("si-salary", 9_876_543)),
        member("B2", "NON_SI_OVER_RETIREMENT"),
        member("B3", "NON_SI_PENSIONER", ("pension", 7_012_300)),
    )
    assert story.assess("A", "2026-07", START)["due"] == 697_807
    assert story.assess("B", "2026-07", START)["due"] == 143_287
    assert story.request("VH", "2026-07", START)["issued"] == 9
    a1 = story.pay_by_portal("A", "A1", "2026-07", date(2026, 7, 9))
    story.bank("A", date(2026, 7, 10), into("a1", date(2026, 7, 10), 123_457, a1))
    story.cash("A", "1", "A2", 32_716, date(2026, 7, 12))
    story.cash("A", "2", "A5", 5_000, date(2026, 7, 12))
    story.cash("A", "3", "A6", 54_444, date(2026, 7, 12))
    story.bank("A", date(2026, 7, 14), into("a3", date(2026, 7, 14), 14_190, story.reference("A3", "2026-07")))
    b1 = story.pay_by_portal("B", "B1", "2026-07", date(2026, 7, 20))
    b3 = story.pay_by_portal("B", "B3", "2026-07", date(2026, 7, 21))
    story.bank(
        "VH",
        date(2026, 7, 22),
        into("b1", date(2026, 7, 21), 98_765, b1),
        into("b3", date(2026, 7, 22), 35_062, b3),
    )
    story.cash("B", "1", "B2", 9_460, date(2026, 7, 29))
    passed = collect.PassCash(unit_id=UnitId("B"), amount=9_460, slip="BG-1", passed_on=date(2026, 7, 30))
    story.do("B-TP", date(2026, 7, 30), passed)
    bag = collect.TakeCashBag(unit_id=UnitId("A"), amount=92_160, taken_on=date(2026, 7, 31))
    bag_reference = story.do("A-TP", date(2026, 7, 31), bag)["bag"]
    a4 = story.pay_by_portal("A", "A4", "2026-07", at(date(2026, 7, 31), 23, 52))
    late = at(date(2026, 7, 31), 23, 58)
    assert story.declare("A", "2026-07", late) | {"position": 0} == {
        "state": "declared",
        "position": 0,
        "collected": 697_807,
        "kept": 209_342,
        "payable": 488_465,
        "is_example": True,
    }
    made = story.declare("B", "2026-07", late)
    assert (made["collected"], made["kept"], made["payable"]) == (143_287, 42_986, 100_301)
    check(story, ON_31_JULY, superior=SUPERIOR)
    story.bank(
        "A",
        date(2026, 8, 3),
        into("a4", date(2026, 8, 3), 468_000, a4),
        into("bag", date(2026, 8, 3), 92_160, bag_reference),
    )


def play_to_20_august(story: Story) -> None:
    """Cells remit, the ward declares and remits, the province receives."""
    assert story.remit("A", "VH", "2026-07", date(2026, 8, 10)) == 488_465
    assert story.settle("B", "VH", "2026-07", date(2026, 8, 10)) == 100_301
    made = story.declare("VH", "2026-07", date(2026, 8, 12))
    assert (made["collected"], made["kept"], made["payable"]) == (588_766, 294_383, 294_383)
    assert story.remit("VH", "HP", "2026-07", date(2026, 8, 17)) == 294_383


def b01(story: Story, unit: str, period: str) -> dict[str, int]:
    """Lines of B01/ĐP of a unit for a period, from its declaration and those counted in it (accounting §4)."""
    work = story.installation.ledger.work()
    made = next(d for d in work.declarations(UnitId(unit)).declared if d.period == period)
    below: list[PeriodDeclared] = []
    for part in made.subordinates:
        below += [d for d in work.declarations(part.unit_id).declared if d.period == part.period]
    collected = sum(d.collected for d in below) + made.own_collected
    kept_below = sum(d.kept for d in below)
    under_way = story.balances(unit).get("1150", 0)
    owed = story.books().balances(unit, "3360").get(period, 0)
    return {
        "02": collected,
        "04": kept_below + made.kept,
        "05": kept_below,
        "06": made.kept,
        "12": made.payable,
        "14": owed - under_way,
    }


def test_a_clean_month_ends_in_the_balances_of_the_story(story: Story) -> None:
    play_july(story)
    play_to_20_august(story)
    check(story, ON_20_AUGUST, superior=SUPERIOR)
    assert story.owed("A") == story.owed("B") == 0
    lines = b01(story, "VH", "2026-07")
    assert lines == {"02": 841_094, "04": 546_711, "05": 252_328, "06": 294_383, "12": 294_383, "14": 0}
    assert lines["12"] == lines["02"] - lines["04"]
