"""The cash changes hands: counted, signed by the one who leaves, then by the one who takes over."""

from datetime import date

import pytest

from domain.access import Role
from domain.errors import Refusal, RefusalCode
from domain.identifiers import OfficerId, UnitId
from ledger.handlers import cash_count, cash_custody, collect, setup
from ledger.verify import verify
from tests.acceptance.story import START, Cell, Story, grant, member
from tests.good_log import read_all

A = UnitId("A")
DAY = date(2026, 8, 1)
NEW = OfficerId("A-TP2")


@pytest.fixture
def cell(story: Story) -> Story:
    """A cell with 150,000 in cash, a collector, and the one who follows him."""
    story.set_up([Cell(id="A", bank=1_000_000)], ward_bank=25_000_000)
    story.do("service:setup", START, setup.GrantRoles(grants=(grant(NEW, Role.COLLECTOR, "A"),), second_persons=()))
    story.enrol("A", member("A1", "SI_COMPULSORY", ("si-salary", 15_000_000)))
    story.assess("A", "2026-07", START)
    story.cash("A", "13", "A1", 150_000, date(2026, 7, 12))
    return story


def counted(story: Story, total: int) -> int:
    command = cash_count.CountCash(unit_id=A, counted_on=DAY, notes=(), total=total, witness=OfficerId("VH-KT"))
    return int(story.do("A-TP", DAY, command)["number"])


def offer(count: int, to: OfficerId = NEW) -> cash_custody.OfferCustody:
    return cash_custody.OfferCustody(
        unit_id=A, to_officer=to, count_number=count, open_slips=("14-50",), decision="QD-BG-1"
    )


def code(story: Story, actor: str, command: object) -> RefusalCode:
    with pytest.raises(Refusal) as caught:
        story.do(actor, DAY, command)
    return caught.value.code


def test_custody_passes_when_both_have_signed_and_not_before(cell: Story) -> None:
    assert code(cell, "A-TP", offer(1)) is RefusalCode.CUSTODY_STATE, "nothing was counted"
    assert code(cell, NEW, cash_custody.AcceptCustody(unit_id=A)) is RefusalCode.CUSTODY_STATE
    number = counted(cell, 140_000)
    told = cell.do("A-TP", DAY, offer(number))
    assert told == {"offered": 1, "to": "A-TP2", "counted": 140_000, "last_receipt": 1, "open_bags": []}
    assert cell.do("A-TP", DAY, offer(number))["offered"] == 0
    assert cell.installation.ledger.work().custody(A).custodian is None
    assert code(cell, "A-TP", cash_custody.AcceptCustody(unit_id=A)) is RefusalCode.CUSTODY_STATE
    assert cell.do(NEW, DAY, cash_custody.AcceptCustody(unit_id=A)) == {"accepted": 1, "custodian": "A-TP2"}
    assert cell.do(NEW, DAY, cash_custody.AcceptCustody(unit_id=A))["accepted"] == 0
    custody = cell.installation.ledger.work().custody(A)
    assert (custody.custodian, custody.since) == ("A-TP2", DAY)
    assert code(cell, "A-TP", offer(number, OfficerId("VH-TQ"))) is RefusalCode.CUSTODY_STATE, "it is his no more"
    verdict = verify(read_all(cell.installation.store))
    assert [(f.check, f.sentence) for check in verdict.checks for f in check.findings] == []


def test_cash_that_moved_after_the_count_must_be_counted_again(cell: Story) -> None:
    number = counted(cell, 150_000)
    cell.do("A-TP", DAY, offer(number))
    bag = collect.TakeCashBag(unit_id=A, amount=100_000, taken_on=DAY)
    reference = cell.do("A-TP", DAY, bag)["bag"]
    assert code(cell, NEW, cash_custody.AcceptCustody(unit_id=A)) is RefusalCode.CUSTODY_STATE
    again = counted(cell, 50_000)
    assert cell.do("A-TP", DAY, offer(again))["open_bags"] == [reference]
    assert cell.do(NEW, DAY, cash_custody.AcceptCustody(unit_id=A))["accepted"] == 1


def test_nobody_hands_over_to_himself_or_to_a_stranger(cell: Story) -> None:
    number = counted(cell, 150_000)
    assert code(cell, "A-TP", offer(number, OfficerId("A-TP"))) is RefusalCode.MAKER_IS_CHECKER
    assert code(cell, "A-TP", offer(number, OfficerId("X"))) is RefusalCode.NOT_ALLOWED
