"""A unit spends its own money: vouchers with two people, cash and bank, never what belongs to others, year end."""

from datetime import date
from typing import Any

import pytest

from domain.bank_account import NotDues
from domain.errors import Refusal, RefusalCode
from domain.identifiers import UnitId
from domain.payment import Asset
from domain.spending import VoucherKind
from ledger.handlers import cash_return, collect, spend, statements
from ledger.verify import verify
from tests.acceptance.story import START, Cell, Story, account, into, member, out
from tests.acceptance.tables import hold_together
from tests.good_log import read_all

A = UnitId("A")
AUGUST = date(2026, 8, 12)


@pytest.fixture
def cell(story: Story) -> Story:
    """A cell with a fund of 1,000,000 in the bank and 150,000 of its members' dues in cash."""
    story.set_up([Cell(id="A", bank=1_000_000), Cell(id="B", own_account=False)], ward_bank=25_000_000)
    story.enrol("A", member("A1", "SI_COMPULSORY", ("si-salary", 15_000_000)))
    story.assess("A", "2026-07", START)
    story.cash("A", "1", "A1", 150_000, date(2026, 7, 12))
    return story


def payment(voucher: str, amount: int, **more: Any) -> spend.ProposeVoucher:
    told: dict[str, Any] = {
        "unit_id": A,
        "voucher_id": voucher,
        "kind": VoucherKind.PAYMENT,
        "heading": "newspapers",
        "source": "4310",
        "asset": Asset.CASH,
        "amount": amount,
        "dated": AUGUST,
        "purpose": "báo tháng 8",
    }
    return spend.ProposeVoucher(**{**told, **more})


def approve(voucher: str) -> spend.ApproveVoucher:
    return spend.ApproveVoucher(unit_id=A, voucher_id=voucher)


def spent(story: Story, voucher: str, amount: int, on: date = AUGUST, **more: Any) -> dict[str, Any]:
    story.do("A-TP", on, payment(voucher, amount, dated=on, **more))
    return story.do("A-BT", on, approve(voucher))


def code(story: Story, actor: str, command: object, on: date = AUGUST) -> RefusalCode:
    with pytest.raises(Refusal) as caught:
        story.do(actor, on, command)
    return caught.value.code


def sound(story: Story) -> None:
    hold_together(story, {"A": "VH", "B": "VH", "VH": "HP", "HP": "TW"})
    verdict = verify(read_all(story.installation.store))
    assert [(f.check, f.sentence) for check in verdict.checks for f in check.findings] == []


def test_cash_is_spent_under_a_heading_by_two_people_and_numbered(cell: Story) -> None:
    assert cell.do("A-TP", AUGUST, payment("DN-1", 120_000))["own_money"] == 1_000_000
    assert cell.balances("A")["1110"] == 150_000
    assert code(cell, "A-TP", approve("DN-1")) is RefusalCode.NOT_ALLOWED
    told = cell.do("A-BT", AUGUST, approve("DN-1"))
    assert (told["state"], told["number"], told["year"], told["reference"]) == ("booked", 1, 2026, None)
    assert cell.balances("A")["1110"] == 30_000
    assert cell.books().balances("A", "6310") == {"newspapers:4310": 120_000}
    assert spent(cell, "DN-2", 10_000, heading="support")["number"] == 2
    assert spent(cell, "DN-3", 5_000, heading="other", on=date(2027, 1, 5))["number"] == 1
    assert cell.do("A-BT", AUGUST, approve("DN-2"))["number"] == 2
    sound(cell)


def test_nobody_spends_more_than_is_the_units_own_or_than_lies_there(cell: Story) -> None:
    cell.do("A-TP", AUGUST, payment("DN-1", 150_001))
    assert code(cell, "A-BT", approve("DN-1")) is RefusalCode.CASH_NOT_IN_HAND
    cell.do("A-TP", AUGUST, payment("DN-2", 1_000_001, asset=Asset.BANK))
    assert code(cell, "A-BT", approve("DN-2")) is RefusalCode.OWN_MONEY_SHORT
    cell.do("A-TP", AUGUST, payment("DN-3", 1, source="4320"))
    assert code(cell, "A-BT", approve("DN-3")) is RefusalCode.OWN_MONEY_SHORT
    assert code(cell, "A-TP", payment("DN-4", 1, heading="1")) is RefusalCode.HEADING_UNKNOWN
    assert code(cell, "A-TP", payment("DN-1", 7)) is RefusalCode.VOUCHER_STATE
    assert code(cell, "A-BT", approve("DN-9")) is RefusalCode.UNKNOWN_VOUCHER
    sound(cell)


def test_a_transfer_waits_for_the_bank_and_is_booked_by_its_line(cell: Story) -> None:
    told = spent(cell, "DN-1", 600_000, asset=Asset.BANK)
    assert (told["state"], told["number"]) == ("waiting", 1)
    assert cell.balances("A")["1120"] == 1_000_000
    cell.do("A-TP", AUGUST, payment("DN-2", 400_001, asset=Asset.BANK))
    assert code(cell, "A-BT", approve("DN-2")) is RefusalCode.OWN_MONEY_SHORT, "what waits is held"
    sound(cell)
    answer = cell.bank("A", date(2026, 8, 14), out("ck", date(2026, 8, 14), 600_000, told["reference"]))
    assert answer["placed"] == {"voucher": 1}
    assert cell.balances("A")["1120"] == 400_000
    assert cell.books().balances("A", "6310") == {"newspapers:4310": 600_000}
    sound(cell)
    back = cell.bank("A", date(2026, 8, 20), into("back", date(2026, 8, 19), 600_000, told["reference"]))
    assert back["placed"] == {"voucher-returned": 1}
    assert cell.balances("A")["1120"] == 1_000_000
    assert cell.balances("A").get("6310", 0) == 0
    sound(cell)


def test_a_debit_without_reference_is_matched_by_hand_and_never_booked_twice(cell: Story) -> None:
    spent(cell, "DN-1", 300_000, asset=Asset.BANK, heading="congress")
    day = date(2026, 8, 14)
    cell.bank("A", day, out("ck", day, 300_000), out("ck2", day, 50_000), clean=False)
    lines = {x.amount: x.key for x in cell.installation.ledger.work().account(account("A")).lines.values()}

    def named(amount: int) -> statements.NameMovement:
        return statements.NameMovement(
            account_id=account("A"),
            unit_id=A,
            line_key=lines[amount],
            what=NotDues.SPENDING,
            heading="congress",
            ground="sao kê",
        )

    assert code(cell, "VH-KT", named(300_000), day) is RefusalCode.LINE_ANSWERS_VOUCHER
    wrong = spend.MatchVoucher(unit_id=A, account_id=account("A"), line_key=lines[50_000], voucher_id="DN-1")
    assert code(cell, "VH-KT", wrong, day) is RefusalCode.AMOUNT_DIFFERS
    match = spend.MatchVoucher(unit_id=A, account_id=account("A"), line_key=lines[300_000], voucher_id="DN-1")
    assert cell.do("VH-KT", day, match)["state"] == "booked"
    assert cell.do("VH-KT", day, match)["matched"] == 0
    assert code(cell, "VH-KT", named(300_000), day) is RefusalCode.NOT_IN_SUSPENSE
    cell.do("VH-KT", day, named(50_000))
    assert cell.books().balances("A", "6310") == {"congress:4310": 300_000, "congress": 50_000}
    sound(cell)


def test_a_void_voucher_keeps_its_number_and_is_turned_round(cell: Story) -> None:
    spent(cell, "DN-1", 120_000)
    void = spend.VoidVoucher(unit_id=A, voucher_id="DN-1", reason="chi nhầm mục")
    assert code(cell, "A-TP", void) is RefusalCode.NOT_ALLOWED
    assert cell.do("A-BT", AUGUST, void)["state"] == "void"
    assert cell.balances("A")["1110"] == 150_000
    assert cell.balances("A").get("6310", 0) == 0
    assert cell.do("A-BT", AUGUST, void)["number"] == 1
    assert spent(cell, "DN-2", 120_000)["number"] == 2
    waiting = spent(cell, "DN-3", 100_000, asset=Asset.BANK)
    assert cell.do("A-BT", AUGUST, spend.VoidVoucher(unit_id=A, voucher_id="DN-3", reason="thôi"))["state"] == "void"
    late = cell.bank("A", AUGUST, out("ck", AUGUST, 100_000, waiting["reference"]), clean=False)
    assert late["left"][0]["code"] == "voucher-state", "the bank paid all the same: a person must look"
    sound(cell)


def test_a_proposal_that_is_turned_down_never_had_a_number(cell: Story) -> None:
    cell.do("A-TP", AUGUST, payment("DN-1", 120_000))
    refuse = spend.RefuseVoucher(unit_id=A, voucher_id="DN-1", reason="trùng phiếu")
    told = cell.do("A-BT", AUGUST, refuse)
    assert (told["state"], told["number"]) == ("refused", None)
    assert code(cell, "A-BT", approve("DN-1")) is RefusalCode.VOUCHER_STATE
    assert spent(cell, "DN-2", 1_000)["number"] == 1
    sound(cell)


def test_other_income_in_cash_comes_in_by_a_receipt_voucher(cell: Story) -> None:
    money = payment("PT-1", 500_000, kind=VoucherKind.RECEIPT, heading="state-funding", source="4320")
    cell.do("A-TP", AUGUST, money)
    assert cell.do("A-BT", AUGUST, approve("PT-1"))["number"] == 1
    assert cell.balances("A")["1110"] == 650_000
    assert cell.books().balances("A", "4320") == {"state-funding": 500_000}
    assert spent(cell, "DN-1", 500_000, source="4320", heading="congress")["number"] == 1
    void = spend.VoidVoucher(unit_id=A, voucher_id="PT-1", reason="ghi nhầm")
    assert code(cell, "A-BT", void) is RefusalCode.OWN_MONEY_SHORT, "it is spent already"
    bank = payment("PT-2", 1, kind=VoucherKind.RECEIPT, heading="interest", asset=Asset.BANK)
    assert code(cell, "A-TP", bank) is RefusalCode.VOUCHER_STATE
    sound(cell)


def test_a_unit_without_an_account_spends_cash_only(cell: Story) -> None:
    asked = payment("DN-1", 1, unit_id=UnitId("B"), asset=Asset.BANK)
    assert code(cell, "B-TP", asked) is RefusalCode.NO_RECEIVING_ACCOUNT


def test_the_year_end_takes_what_was_spent_off_the_funds_once(cell: Story) -> None:
    cell.do("A-TP", AUGUST, payment("PT-1", 200_000, kind=VoucherKind.RECEIPT, heading="state-funding"))
    cell.do("A-BT", AUGUST, approve("PT-1"))
    spent(cell, "DN-1", 120_000)
    spent(cell, "DN-2", 150_000, source="4320", heading="meetings")
    day = date(2026, 8, 14)
    cell.bank("A", day, out("fee", day, 11_000, content="THU PHI DICH VU"))
    spent(cell, "DN-3", 7_000, on=date(2027, 1, 5))
    close = spend.CloseFundYear(unit_id=A, year=2026)
    assert code(cell, "VH-KT", close, date(2026, 12, 31)) is RefusalCode.PERIOD_NOT_OVER
    told = cell.do("VH-KT", date(2027, 1, 20), close)
    assert told == {"year": 2026, "closed": 1, "from_retained": 131_000, "from_other": 150_000}
    assert cell.books().balances("A", "6310") == {"newspapers:4310": 7_000}
    assert (cell.balances("A")["4310"], cell.balances("A")["4320"]) == (869_000, 50_000)
    assert cell.do("VH-KT", date(2027, 1, 20), close)["closed"] == 0
    assert code(cell, "A-TP", payment("DN-4", 1), date(2027, 1, 20)) is RefusalCode.FUND_YEAR_CLOSED
    sound(cell)


def test_held_money_goes_back_in_cash_and_is_spent(story: Story) -> None:
    story.set_up([Cell(id="B", own_account=False)], ward_bank=25_000_000)
    story.enrol("B", member("B1", "SI_COMPULSORY", ("si-salary", 10_000_000)))
    story.assess("B", "2026-07", START)
    story.cash("B", "1", "B1", 100_000, date(2026, 7, 12))
    day = date(2026, 7, 13)
    unit, holder = UnitId("B"), UnitId("VH")
    story.do("B-TP", day, collect.PassCash(unit_id=unit, amount=100_000, slip="BG-1", passed_on=day))
    back = cash_return.ReturnHeldCash(holder_id=holder, unit_id=unit, amount=30_000, slip="TL-1", returned_on=AUGUST)
    assert code(story, "VH-TQ", back) is RefusalCode.OWN_MONEY_SHORT, "nothing is declared yet: it is not its own"
    story.declare("B", "2026-07", date(2026, 8, 1))
    more = cash_return.ReturnHeldCash(holder_id=holder, unit_id=unit, amount=30_001, slip="TL-2", returned_on=AUGUST)
    assert code(story, "VH-TQ", more) is RefusalCode.OWN_MONEY_SHORT
    assert story.do("VH-TQ", AUGUST, back) == {"returned": 30_000, "still_held": 70_000}
    assert story.do("VH-TQ", AUGUST, back)["returned"] == 0
    assert (story.balances("B")["1110"], story.balances("B")["1390"]) == (30_000, 70_000)
    assert (story.balances("VH")["1110"], story.balances("VH")["3390"]) == (70_000, 70_000)
    story.do("B-TP", AUGUST, payment("DN-1", 30_000, unit_id=unit))
    second = spend.ApproveVoucher(unit_id=unit, voucher_id="DN-1")
    assert story.do("VH-KT", AUGUST, second)["number"] == 1, "the second person of a one-officer unit"
    assert story.balances("B").get("1110", 0) == 0
    hold_together(story, {"B": "VH", "VH": "HP", "HP": "TW"})
    verdict = verify(read_all(story.installation.store))
    assert [(f.check, f.sentence) for check in verdict.checks for f in check.findings] == []
