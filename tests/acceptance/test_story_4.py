"""Story 4 of accounting.md: a refund after the split; it goes on from story 1."""

from datetime import date

from domain.identifiers import MemberId, RefundId, UnitId
from domain.payment import Asset
from domain.period import Month, Period
from ledger.handlers import payouts, refunds
from tests.acceptance.story import Story, into, member, out
from tests.acceptance.tables import check
from tests.acceptance.test_story_1 import SUPERIOR, b01, play_july, play_to_20_august

ON_21_AUGUST = """
| account | A         | B      | VH         | HP      |
| 1110    | ·         | ·      | 9,460      | ·       |
| 1120    | 1,409,342 | ·      | 25,327,909 | 294,383 |
| 1380    | 22,901    | ·      | 11,451     | ·       |
| 1390    | ·         | 42,986 | ·          | ·       |
| 3310    | ·         | ·      | ·          | 282,932 |
| 3365    | ·         | ·      | 22,901     | 11,451  |
| 3370    | 32,716    | ·      | ·          | ·       |
| 3390    | ·         | ·      | 42,986     | ·       |
| 4310    | 1,399,527 | 42,986 | 25,282,933 | ·       |
"""

ON_30_SEPTEMBER = """
| account | A         | B       | VH         | HP      |
| 1110    | ·         | ·       | 9,460      | ·       |
| 1120    | 1,608,027 | ·       | 25,730,009 | 617,882 |
| 1390    | ·         | 121,586 | ·          | ·       |
| 3360    | ·         | ·       | ·          | 308,941 |
| 3390    | ·         | ·       | 121,586    | ·       |
| 4310    | 1,608,027 | 121,586 | 25,617,883 | 308,941 |
"""

REFUND = RefundId("HT-01")


def _refund(story: Story) -> None:
    asked = refunds.RequestReliefRefund(
        refund_id=REFUND,
        unit_id=UnitId("A"),
        member_id=MemberId("A2"),
        month=Month("2026-07"),
        period=Period("2026-07"),
        relief="X1",
        percent=100,
        reason="đủ 50 năm tuổi Đảng trước tháng 7",
        decision="QD-HT-01",
    )
    answer = story.do("A-TP", date(2026, 8, 21), asked)
    assert answer["amount"] == 32_716
    assert [(p["unit_id"], p["kept"], p["passed"], p["unsplit"]) for p in answer["parts"]] == [
        ("A", 9_815, 22_901, 0),
        ("VH", 11_450, 11_451, 0),
        ("HP", 0, 0, 11_451),
    ]
    for approver in ("A-BT", "VH-CU"):
        story.do(approver, date(2026, 8, 21), refunds.ApproveRefund(unit_id=UnitId("A"), refund_id=REFUND))
    check(story, ON_21_AUGUST, superior=SUPERIOR)
    assert story.owed("A") == 0
    paid_on = date(2026, 8, 24)
    pay = payouts.PayRefund(unit_id=UnitId("A"), refund_id=REFUND, asset=Asset.BANK, paid_on=paid_on)
    reference = story.do("VH-TQ", paid_on, pay)["reference"]
    assert story.bank("A", paid_on, out("refund", paid_on, 32_716, reference))["placed"] == {"refund-debit": 1}


def _august(story: Story) -> None:
    day = date(2026, 8, 25)
    story.enrol("A", member("A2", "NON_SI_PENSIONER", ("pension", 6_543_100), ("X1", 100)), on=day)
    story.new_base("A1", "si-salary", "2026-07", 12_136_600, day)
    story.new_base("B1", "si-salary", "2026-07", 21_747_800, day)
    a, b = story.assess("A", "2026-08", day), story.assess("B", "2026-08", day)
    assert (a["due"], a["nothing_due"], b["due"]) == (695_000, 1, 262_000)
    story.request("VH", "2026-08", day)
    for unit, holder, names in (("A", "A", ("A1", "A3", "A4", "A5", "A6")), ("B", "VH", ("B1", "B2", "B3"))):
        amounts = {name: _asked(story, name) for name in names}
        lines = [into(f"aug-{n}", day, amounts[n], story.reference(n, "2026-08")) for n in names]
        story.bank(holder, date(2026, 8, 31), *lines)
        made = story.declare(unit, "2026-08", date(2026, 8, 31))
        assert made["collected"] == sum(amounts.values())


def _asked(story: Story, name: str) -> int:
    request = story.installation.ledger.work().request(story.reference(name, "2026-08"))
    return int(request.asked.amount)  # type: ignore[union-attr]  # the reference was just looked up


def test_a_refund_after_the_split_is_given_back_by_every_level(story: Story) -> None:
    play_july(story)
    play_to_20_august(story)
    _refund(story)
    _august(story)
    assert story.remit("A", "VH", "2026-08", date(2026, 9, 10)) == 463_599
    assert story.settle("B", "VH", "2026-08", date(2026, 9, 10)) == 183_400
    made = story.declare("VH", "2026-08", date(2026, 9, 12))
    assert (made["collected"], made["kept"], made["payable"]) == (669_900, 334_950, 334_950)
    assert story.remit("VH", "HP", "2026-08", date(2026, 9, 17)) == 323_499
    made = story.declare("HP", "2026-Q3", date(2026, 9, 30))
    assert (made["collected"], made["kept"], made["payable"]) == (617_882, 308_941, 308_941)
    check(story, ON_30_SEPTEMBER, superior=SUPERIOR)
    assert _b01_after_refund(story) == {"02": 924_284, "05": 277_285, "06": 323_500, "12": 323_499}


def _b01_after_refund(story: Story) -> dict[str, int]:
    """B01 of the ward for August: the refund of July is a negative line in the open period."""
    lines = b01(story, "VH", "2026-08")
    work = story.installation.ledger.work()
    restated = {unit: work.declarations(UnitId(unit)).restated[0] for unit in ("A", "VH")}
    return {
        "02": lines["02"] - restated["A"].reduced_by,
        "05": lines["05"] - restated["A"].kept_part,
        "06": lines["06"] - restated["VH"].kept_part,
        "12": lines["12"] - restated["VH"].passed_part,
    }
