"""A transfer to a superior whose books are kept elsewhere: no reference of ours, so a person names the debit."""

from datetime import date

import pytest

from api import wiring
from domain.errors import Refusal, RefusalCode
from domain.identifiers import RemittanceId
from domain.period import Period
from domain.remittance import Way
from ledger.checks.base import OpenItem
from ledger.handlers import handshake, remit, resolve
from ledger.verify import verify
from tests.acceptance.story import PROVINCE, Story, account, out, settings
from tests.acceptance.tables import ABOVE, hold_together
from tests.acceptance.test_story_1 import play_july, play_to_20_august
from tests.good_log import read_all

PERIOD = Period("2026-Q3")
DAY = date(2026, 10, 10)
OWED = 147_191


def _sent() -> tuple[Story, RemittanceId]:
    story = Story(wiring.in_memory(settings()))
    play_july(story)
    play_to_20_august(story)
    assert story.declare(PROVINCE, PERIOD, date(2026, 9, 30))["payable"] == OWED
    made = story.prepare(PROVINCE, PERIOD, DAY, Way.BANK, "nộp Văn phòng Trung ương Đảng")
    assert made["reference"] is None
    case = RemittanceId(made["remittance_id"])
    story.do("HP-TQ", DAY, remit.SendRemittance(unit_id=PROVINCE, remittance_id=case, sent_on=DAY))
    return story, case


def _name(case: RemittanceId, line: str) -> resolve.NameSending:
    return resolve.NameSending(unit_id=PROVINCE, account_id=account(PROVINCE), line_key=line, remittance_id=case)


def _open(story: Story) -> tuple[OpenItem, ...]:
    verdict = verify(read_all(story.installation.store))
    assert verdict.ok, [f.sentence for check in verdict.checks for f in check.findings]
    return verdict.open_items


def test_the_debit_is_named_and_the_acknowledgement_leaves_nothing_open() -> None:
    story, case = _sent()
    debit = out("tw", DAY, OWED, content="HP nop dang phi quy III")
    assert story.bank(PROVINCE, DAY, debit, clean=False)["left"] != []
    assert story.do("HP-KT", DAY, _name(case, debit.line.key)) == {"named": OWED}
    assert story.do("HP-KT", DAY, _name(case, debit.line.key)) == {"named": 0}
    assert {(item.account, item.amount) for item in _open(story) if item.unit == PROVINCE} >= {("1150", OWED)}
    told = handshake.ReceivedElsewhere(
        unit_id=PROVINCE, remittance_id=case, amount=OWED, received_on=DAY, acknowledgement="GBN 15/VPTW"
    )
    assert story.do("HP-KT", DAY, told)["events"] == 1
    assert story.do("HP-KT", DAY, told)["events"] == 0
    assert story.balances(PROVINCE) == {"1120": 147_192, "4310": 147_192}
    assert [item for item in _open(story) if item.unit == PROVINCE] == []
    hold_together(story, ABOVE)


def test_a_debit_of_another_amount_or_of_nothing_sent_is_not_named() -> None:
    story, case = _sent()
    less = out("phi", DAY, 11_000, content="chuyen mot phan")
    story.bank(PROVINCE, DAY, less, clean=False)
    assert story.do("HP-KT", DAY, _name(case, less.line.key)) == {"named": 11_000}
    with pytest.raises(Refusal) as unknown:
        story.do("HP-KT", DAY, _name(case, "00"))
    assert unknown.value.code is RefusalCode.UNKNOWN_PAYMENT
    later = date(2026, 10, 12)
    rest = out("rest", later, OWED)
    story.bank(PROVINCE, later, rest, clean=False)
    with pytest.raises(Refusal) as refused:
        story.do("HP-KT", later, _name(case, rest.line.key))
    assert refused.value.code is RefusalCode.AMOUNT_DIFFERS
