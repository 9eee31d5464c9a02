"""Story 3 of accounting.md: no published share, interim remittance, late activation (cell D)."""

from datetime import date

import pytest

from api import wiring
from domain.declaration import HeldPeriodAllocated, PeriodHeld
from domain.errors import Refusal, RefusalCode
from domain.identifiers import RemittanceId, UnitId
from domain.organisation_kinds import UnitKind
from domain.period import Period
from domain.remittance import Way
from ledger.handlers import ask, declare, interim, remit
from ledger.verify import verify
from tests.acceptance.story import START, Cell, Story, accountant, into, member, out, preparer, settings, share
from tests.acceptance.tables import ABOVE, check
from tests.good_log import read_all

SUPERIOR = {"D": "VH", **ABOVE}
JULY = "2026-07"

ON_11_AUGUST = """
| account | D         | VH      |
| 1120    | 700,001   | 300,000 |
| 1390    | 300,000   | ·       |
| 3310    | 1,000,001 | ·       |
| 3390    | ·         | 300,000 |
"""

ON_20_AUGUST = """
| account | D       | VH      |
| 1120    | 700,001 | 300,000 |
| 1360    | ·       | 400,001 |
| 3310    | ·       | 300,000 |
| 3350    | ·       | 400,001 |
| 3360    | 400,001 | ·       |
| 4310    | 300,000 | ·       |
"""

ON_28_AUGUST = """
| account | D       | VH      | HP      |
| 1120    | 300,000 | 350,001 | 350,000 |
| 3310    | ·       | ·       | 350,000 |
| 4310    | 300,000 | 350,001 | ·       |
"""


def held_july(story: Story) -> None:
    """D collected 1,000,001 in July and no share is in force."""
    story.set_up([Cell(id="D")], shares=())
    names = {"D1": (46_800_000, 468_000), "D2": (46_800_000, 468_000), "D3": (6_400_100, 64_001)}
    story.enrol("D", *(member(name, "SI_COMPULSORY", ("si-salary", base)) for name, (base, _) in names.items()))
    assert story.assess("D", JULY, START)["due"] == 1_000_001
    story.request("D", JULY, START)
    day = date(2026, 7, 20)
    lines = [into(name, day, due, story.reference(name, JULY)) for name, (_, due) in names.items()]
    story.bank("D", date(2026, 7, 31), *lines)
    assert story.declare("D", JULY, date(2026, 7, 31))["state"] == "chưa phân bổ"


def send_on_account(story: Story, amount: int, sent: date, received: date) -> RemittanceId:
    """Prepare, approve, send by portal; the superior's bank credits it."""
    asked = interim.PrepareInterim(
        unit_id=UnitId("D"), period=Period(JULY), amount=amount, way=Way.PORTAL, decision="NQ 09"
    )
    case = RemittanceId(story.do("D-TP", sent, asked)["remittance_id"])
    story.do("VH-CU", sent, remit.ApproveRemittance(unit_id=UnitId("D"), remittance_id=case))
    attempt = ask.OpenRemittanceAttempt(unit_id=UnitId("D"), remittance_id=case)
    reference = story.do("D-TP", sent, attempt)["reference"]
    assert story.tell(story.notice(reference, amount, sent)) == ["remittance-sent"]
    story.bank("D", sent, out(f"i-{case}", sent, amount, reference))
    credited = story.bank("VH", received, into(f"i-{case}", received, amount, reference))
    assert credited["placed"] == {"remittance-credit": 1}
    return case


def activate(story: Story) -> None:
    """Shares for cell and ward from 2026-07, none for the province."""
    story.activate_shares((share(UnitKind.CELL, 30, JULY), share(UnitKind.SUPERIOR_COMMUNE, 50, JULY)))


def remit_on(story: Story, unit: str, superior: str, sent: date, received: date) -> int:
    """As ``Story.remit``, with a day between the two banks."""
    made = story.prepare(unit, JULY, sent)
    case = RemittanceId(made["remittance_id"])
    attempt = ask.OpenRemittanceAttempt(unit_id=UnitId(unit), remittance_id=case)
    opened = story.do(preparer(unit), sent, attempt)
    assert story.tell(story.notice(opened["reference"], opened["amount"], sent)) == ["remittance-sent"]
    amount = int(opened["amount"])
    story.bank(unit, sent, out(f"r-{case}", sent, amount, opened["reference"]))
    story.bank(superior, received, into(f"r-{case}", received, amount, opened["reference"]))
    return amount


def sound(story: Story) -> None:
    """``dangphi verify`` finds nothing in the whole log."""
    verdict = verify(read_all(story.installation.store), commands=tuple(story.installation.store.commands()))
    assert [(f.check, f.sentence) for found in verdict.checks for f in found.findings] == []


def test_money_on_account_is_settled_by_a_share_that_comes_late(story: Story) -> None:
    held_july(story)
    send_on_account(story, 300_000, date(2026, 8, 10), date(2026, 8, 11))
    check(story, ON_11_AUGUST, superior=SUPERIOR)
    activate(story)
    made = story.do(accountant("D"), date(2026, 8, 20), declare.ApplyLateShare(unit_id=UnitId("D")))
    assert made["settled_on_account"] == 300_000
    (split,) = made["periods"]
    assert (split["period"], split["booked_in"]) == (JULY, "2026-08")
    assert (split["collected"], split["kept"], split["payable"]) == (1_000_001, 300_000, 700_001)
    check(story, ON_20_AUGUST, superior=SUPERIOR)
    assert remit_on(story, "D", "VH", date(2026, 8, 25), date(2026, 8, 26)) == 400_001
    up = story.declare("VH", JULY, date(2026, 8, 27))
    assert (up["collected"], up["kept"], up["payable"]) == (700_001, 350_001, 350_000)
    assert remit_on(story, "VH", "HP", date(2026, 8, 27), date(2026, 8, 28)) == 350_000
    held = story.declare("HP", "2026-Q3", date(2026, 9, 30))
    assert (held["state"], held["collected"]) == ("chưa phân bổ", 350_000)
    check(story, ON_28_AUGUST, superior=SUPERIOR)
    sound(story)


def test_the_old_declaration_stands_and_the_new_event_names_it(story: Story) -> None:
    held_july(story)
    activate(story)
    story.do(accountant("D"), date(2026, 8, 20), declare.ApplyLateShare(unit_id=UnitId("D")))
    told = [recorded.event for recorded in read_all(story.installation.store) if recorded.stream == "declaration/D"]
    assert [type(event) for event in told] == [PeriodHeld, HeldPeriodAllocated]
    with pytest.raises(Refusal) as caught:
        story.do(accountant("D"), date(2026, 8, 21), declare.ApplyLateShare(unit_id=UnitId("D")))
    assert caught.value.code is RefusalCode.NOT_DECLARED


@pytest.fixture
def memory() -> Story:
    return Story(wiring.in_memory(settings()))


def test_more_on_account_than_is_held_is_refused_and_so_is_a_period_that_has_a_share(memory: Story) -> None:
    held_july(memory)
    send_on_account(memory, 300_000, date(2026, 8, 10), date(2026, 8, 11))
    asked = {"unit_id": UnitId("D"), "period": Period(JULY), "way": Way.PORTAL, "decision": "NQ 09"}
    with pytest.raises(Refusal) as caught:
        memory.do("D-TP", date(2026, 8, 12), interim.PrepareInterim(amount=700_002, **asked))
    assert caught.value.code is RefusalCode.REMITTANCE_TOO_LARGE
    activate(memory)
    memory.do(accountant("D"), date(2026, 8, 20), declare.ApplyLateShare(unit_id=UnitId("D")))
    with pytest.raises(Refusal) as caught:
        memory.do("D-TP", date(2026, 8, 20), interim.PrepareInterim(amount=1, **asked))
    assert caught.value.code is RefusalCode.NOT_DECLARED


def test_without_a_share_nothing_is_split_late(memory: Story) -> None:
    held_july(memory)
    with pytest.raises(Refusal) as caught:
        memory.do(accountant("D"), date(2026, 8, 20), declare.ApplyLateShare(unit_id=UnitId("D")))
    assert caught.value.code is RefusalCode.NO_ACTIVE_SHARE


def test_money_on_account_that_arrives_after_the_share_is_settled_on_arrival(memory: Story) -> None:
    held_july(memory)
    asked = interim.PrepareInterim(
        unit_id=UnitId("D"), period=Period(JULY), amount=300_000, way=Way.BANK, decision="NQ 09", reason="Cổng bảo trì"
    )
    made = memory.do("D-TP", date(2026, 8, 10), asked)
    case = RemittanceId(made["remittance_id"])
    memory.do("VH-CU", date(2026, 8, 10), remit.ApproveRemittance(unit_id=UnitId("D"), remittance_id=case))
    sent = remit.SendRemittance(unit_id=UnitId("D"), remittance_id=case, sent_on=date(2026, 8, 10))
    memory.do("D-TP", date(2026, 8, 10), sent)
    activate(memory)
    late = memory.do(accountant("D"), date(2026, 8, 20), declare.ApplyLateShare(unit_id=UnitId("D")))
    assert late["settled_on_account"] == 0
    prepared = memory.prepare("D", JULY, date(2026, 8, 20))
    assert prepared["amount"] == 400_001
    day = date(2026, 8, 21)
    memory.bank("D", day, out("i", day, 300_000, made["reference"]))
    memory.bank("VH", day, into("i", day, 300_000, made["reference"]))
    assert memory.balances("D")["3360"] == 400_001
    assert "1390" not in memory.balances("D")
    assert memory.balances("VH") == {"1120": 300_000, "1360": 400_001, "3310": 300_000, "3350": 400_001}
    sound(memory)


def test_several_held_months_are_split_each_by_its_own_share(memory: Story) -> None:
    """July 100,001 at 30 %, August 50,003 at 40 %, held one behind the other; September stays for its own time."""
    memory.set_up([Cell(id="D")], shares=())
    memory.enrol("D", member("D1", "SI_COMPULSORY", ("si-salary", 10_000_100)))
    for month, day, amount in ((JULY, date(2026, 7, 31), 100_001), ("2026-08", date(2026, 8, 31), 50_003)):
        if month != JULY:
            memory.new_base("D1", "si-salary", JULY, 5_000_300, day)
        memory.assess("D", month, day)
        memory.request("D", month, day)
        memory.bank("D", day, into(month, day, amount, memory.reference("D1", month)))
        assert memory.declare("D", month, day)["collected"] == amount
    with pytest.raises(Refusal) as caught:
        memory.declare("D", "2026-06", date(2026, 8, 31))
    assert caught.value.code is RefusalCode.ALREADY_DECLARED
    memory.assess("D", "2026-09", date(2026, 9, 5))
    memory.request("D", "2026-09", date(2026, 9, 5))
    memory.bank("D", date(2026, 9, 6), into("9", date(2026, 9, 6), 50_003, memory.reference("D1", "2026-09")))
    memory.activate_shares((share(UnitKind.CELL, 30, JULY, JULY), share(UnitKind.CELL, 40, "2026-08")))
    made = memory.do(accountant("D"), date(2026, 9, 10), declare.ApplyLateShare(unit_id=UnitId("D")))
    split = [(p["period"], p["collected"], p["kept"], p["payable"]) for p in made["periods"]]
    assert split == [(JULY, 100_001, 30_000, 70_001), ("2026-08", 50_003, 20_001, 30_002)]
    assert memory.balances("D")["3310"] == 50_003
    september = memory.declare("D", "2026-09", date(2026, 9, 30))
    assert (september["collected"], september["kept"]) == (50_003, 20_001)
    sound(memory)


def test_a_ward_without_a_share_holds_what_its_cells_remitted_and_splits_each_month_late(memory: Story) -> None:
    """The cell has its share, the ward none until September; July and August stay apart, late July money too."""
    memory.set_up([Cell(id="D"), Cell(id="E")], shares=(share(UnitKind.CELL, 30, JULY),))
    for name in ("D", "E"):
        memory.enrol(name, member(f"{name}1", "SI_COMPULSORY", ("si-salary", 10_000_100)))
    for name, month, day in (("D", JULY, date(2026, 8, 3)), ("D", "2026-08", date(2026, 9, 3))):
        last = date(2026, 7, 31) if month == JULY else date(2026, 8, 31)
        memory.assess("VH", month, last)
        memory.request("VH", month, last)
        memory.bank(name, last, into(month, last, 100_001, memory.reference(f"{name}1", month)))
        memory.declare(name, month, last)
        assert memory.remit(name, "VH", month, day) == 70_001
        held = memory.declare("VH", month, day)
        assert (held["state"], held["collected"]) == ("chưa phân bổ", 70_001)
    # E's July comes up only now, after the ward held July: it still belongs to July when July is split.
    last = date(2026, 9, 5)
    memory.bank("E", last, into("e", last, 50_000, memory.reference("E1", JULY)))
    memory.declare("E", JULY, last)
    memory.remit("E", "VH", JULY, date(2026, 9, 7))
    memory.activate_shares(
        (share(UnitKind.SUPERIOR_COMMUNE, 50, JULY, JULY), share(UnitKind.SUPERIOR_COMMUNE, 40, "2026-08"))
    )
    made = memory.do("VH-KT", date(2026, 9, 10), declare.ApplyLateShare(unit_id=UnitId("VH")))
    split = [(p["period"], p["collected"], p["kept"], p["payable"]) for p in made["periods"]]
    assert split == [(JULY, 105_001, 52_501, 52_500), ("2026-08", 70_001, 28_000, 42_001)]
    assert "3310" not in memory.balances("VH")
    sound(memory)
