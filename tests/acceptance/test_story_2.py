"""Story 2 of accounting.md: elderly members, one double payment, one unknown transfer (cell C)."""

from datetime import date

from domain.identifiers import MemberId, PaymentId, UnitId
from domain.period import Month
from ledger.handlers import ask, statements
from tests.acceptance.story import BIN, START, Cell, Story, into, member
from tests.acceptance.tables import ABOVE, check

SUPERIOR = {"C": "VH", **ABOVE}

BEFORE_DECLARATION = """
| account | C       | VH |
| 1120    | 329,100 | ·  |
| 3310    | 184,100 | ·  |
| 3340    | 95,000  | ·  |
| 3380    | 50,000  | ·  |
"""

ON_31_JULY = """
| account | C       | VH      |
| 1120    | 329,100 | ·       |
| 1360    | ·       | 128,870 |
| 3340    | 95,000  | ·       |
| 3350    | ·       | 128,870 |
| 3360    | 128,870 | ·       |
| 3380    | 50,000  | ·       |
| 4310    | 55,230  | ·       |
"""

ON_31_AUGUST = """
| account | C       | VH      | HP     |
| 1120    | 348,744 | 64,435  | 64,435 |
| 1360    | ·       | 205,460 | ·      |
| 3310    | ·       | ·       | 64,435 |
| 3350    | ·       | 205,460 | ·      |
| 3360    | 205,460 | ·       | ·      |
| 4310    | 143,284 | 64,435  | ·      |
"""

JULY = "2026-07"


def _july(story: Story) -> None:
    story.set_up([Cell(id="C")])
    story.enrol(
        "C",
        member("C1", "NON_SI_PENSIONER", ("pension", 5_400_000)),
        member("C2", "NON_SI_PENSIONER", ("pension", 6_120_000)),
        member("C3", "NON_SI_PENSIONER", ("pension", 6_750_000)),
        member("C4", "SI_COMPULSORY", ("si-salary", 9_500_000)),
        member("C5", "NON_SI_PENSIONER", ("pension", 9_720_000)),
    )
    assert story.assess("C", JULY, START)["due"] == 234_950
    story.request("C", JULY, START)
    first = story.cash("C", "1", "C1", 27_000, date(2026, 7, 5))
    second = story.cash("C", "2", "C2", 30_600, date(2026, 7, 5))
    twice = story.attempt("C", "C4", JULY, date(2026, 7, 8))
    story.bank(
        "C",
        date(2026, 7, 8),
        into("c3", date(2026, 7, 6), 31_500, story.reference("C3", JULY)),
        into("c4", date(2026, 7, 8), 95_000, story.reference("C4", JULY)),
    )
    assert story.tell(story.notice(twice["reference"], 95_000, date(2026, 7, 9))) == ["reference"]
    story.bank("C", date(2026, 7, 10), into("c4-2", date(2026, 7, 10), 95_000, twice["reference"]))
    unknown = story.bank("C", date(2026, 7, 15), into("c5", date(2026, 7, 15), 50_000, content="nop dang phi T7"))
    assert unknown["placed"] == {"suspense": 1}
    lines = tuple(
        ask.BatchLine(member_id=MemberId(name), month=Month(JULY), amount=amount, cash_payment_id=cash)
        for name, amount, cash in (("C1", 27_000, first), ("C2", 30_600, second))
    )
    opened = story.do("C-TP", date(2026, 7, 20), ask.OpenBatchAttempt(unit_id=UnitId("C"), lines=lines))
    assert story.tell(story.notice(opened["reference"], 57_600, date(2026, 7, 20))) == ["reference"]
    story.bank("C", date(2026, 7, 31), into("batch", date(2026, 7, 21), 57_600, opened["reference"]))


def _august(story: Story) -> None:
    paid = PaymentId(f"bank:{BIN}:00C/FT-c5")
    said = statements.IdentifySuspense(
        unit_id=UnitId("C"),
        payment_id=paid,
        member_id=MemberId("C5"),
        month=Month(JULY),
        amount=50_000,
        ground="đảng viên báo",
    )
    answer = story.do("VH-KT", date(2026, 8, 4), said)
    assert (answer["dues"], answer["credit"]) == (48_600, 1_400)
    story.new_base("C4", "si-salary", JULY, 10_271_400, date(2026, 8, 5))
    assert story.assess("C", "2026-08", date(2026, 8, 5))["due"] == 242_664
    story.request("C", "2026-08", date(2026, 8, 5))
    assert story.remit("C", "VH", JULY, date(2026, 8, 10)) == 128_870
    story.declare("VH", JULY, date(2026, 8, 12))
    assert story.remit("VH", "HP", JULY, date(2026, 8, 17)) == 64_435
    paid_in = (("C4", 7_714), ("C5", 47_200), ("C1", 27_000), ("C2", 30_600), ("C3", 36_000))
    lines = [
        into(f"aug-{name}", date(2026, 8, 20), amount, story.reference(name, "2026-08")) for name, amount in paid_in
    ]
    story.bank("C", date(2026, 8, 31), *lines)


def test_a_double_payment_and_an_unknown_transfer_end_in_the_balances_of_the_story(story: Story) -> None:
    _july(story)
    check(story, BEFORE_DECLARATION, superior=SUPERIOR)
    assert story.owed("C") == 50_850
    made = story.declare("C", JULY, date(2026, 7, 31))
    assert (made["collected"], made["kept"], made["payable"]) == (184_100, 55_230, 128_870)
    check(story, ON_31_JULY, superior=SUPERIOR)
    _august(story)
    made = story.declare("C", "2026-08", date(2026, 8, 31))
    assert (made["collected"], made["kept"], made["payable"]) == (293_514, 88_054, 205_460)
    check(story, ON_31_AUGUST, superior=SUPERIOR)
    assert story.owed("C") == 0
