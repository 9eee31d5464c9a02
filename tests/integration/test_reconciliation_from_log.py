"""Reconciliation from a log that commands made: portal, bank and book, every kind of leftover, and the keyed-wrong sending."""

from collections import Counter
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from api import wiring
from api.flows.reconcile import reconcile_accounts
from domain.bank_account import NotDues
from domain.errors import Malformed, Refusal
from domain.identifiers import AccountId, PaymentId, RefundId, RemittanceId, UnitId
from domain.payment import Asset
from domain.remittance import Way
from ledger.books import balance
from ledger.handlers import ask, collect, refunds, remit, statements
from ledger.reports_reconciliation import BreakKind, LeftoverKind, ReconciliationResult
from reconciliation.facts import NoticeFact
from tests.acceptance.story import BIN, PROVINCE, START, WARD, Cell, Story, account, into, member, out, settings

JULY = "2026-07"
END = date(2026, 7, 31)
CELL = AccountId(f"{BIN}:00C")


def day(number: int, month: int = 7) -> date:
    return date(2026, month, number)


@pytest.fixture(scope="module")
def told() -> Story:
    """A July in which everything happens that a reconciliation has a name for."""
    story = Story(wiring.in_memory(settings()))
    story.set_up([Cell(id="C", bank=1_000_000)])
    names = [f"C{n}" for n in range(1, 8)]
    story.enrol("C", *(member(name, "NON_SI_PENSIONER", ("pension", 10_000_000)) for name in names))
    story.assess("C", JULY, START)
    story.request("C", JULY, START)
    _by_portal(story)
    _by_transfer(story)
    _cash(story)
    _statement(story)
    return story


def _by_portal(story: Story) -> None:
    story.pay_by_portal("C", "C1", JULY, day(6))
    story.pay_by_portal("C", "C2", JULY, day(30))
    opened = story.attempt("C", "C3", JULY, day(9))
    assert story.tell(story.notice(opened["reference"], 60_000, day(9), number="SAI-TIEN")) == ["amount-differs"]
    assert story.tell(story.notice("HJQPM5YNFT97", 50_000, day(9), number="MA-LA")) == ["unknown-reference"]


def _by_transfer(story: Story) -> None:
    """The bank's own message comes first, its statement later; one message never gets a line."""
    for number, name in (("FT-webhook", "C4"), ("FT-chua-co", "C5")):
        notice = replace(
            story.notice(story.reference(name, JULY), 50_000, day(10), number=number),
            source=f"bank:{CELL}",
            account_number="00C",
        )
        command = collect.TakeNotices(root=PROVINCE, notices=(notice,))
        story.do("service:bank", day(10), command)


def _cash(story: Story) -> None:
    story.cash("C", "1", "C6", 50_000, day(12))
    story.cash("C", "2", "C7", 50_000, day(12))
    bags = [
        story.do("C-TP", day(13), collect.TakeCashBag(unit_id=UnitId("C"), amount=amount, taken_on=day(13)))["bag"]
        for amount in (40_000, 35_000, 25_000)
    ]
    story.bank("C", day(14), into("bag", day(14), 40_000, bags[0]), into("bag2", day(14), 30_000, bags[1]), clean=False)


def _statement(story: Story) -> None:
    first, second = story.reference("C1", JULY), story.reference("C3", JULY)
    known = story.installation.ledger.directory
    known.catch_up()
    attempts = [
        e.asked.reference
        for e in (story.installation.ledger.work().request(r) for r in _portal_references(story))
    ]
    answer = story.bank(
        "C",
        END,
        into("portal", day(15), 50_000, attempts[0]),
        into("c3", day(16), 50_000, second),
        into("webhook", day(17), 50_000, story.reference("C4", JULY)),
        into("again", day(18), 50_000, first),
        into("unknown", day(19), 70_000, content="nop tien"),
        into("lai", day(25), 1_234, content="TRA LAI TIEN GUI"),
        out("phi", day(26), 11_000, content="THU PHI DICH VU SMS"),
        out("chi", day(27), 200_000, content="mua van phong pham"),
        out("la", day(28), 5_000, content="khong ro"),
        clean=False,
    )
    assert answer["placed"] == {
        "portal-credit": 1, "reference": 2, "witness": 1, "suspense": 1, "interest": 1, "bank-fee": 1
    }  # fmt: skip
    spent = next(line for line in story.installation.ledger.work().account(CELL).lines.values() if line.amount == 200_000)
    command = statements.NameMovement(
        account_id=CELL, unit_id=UnitId("C"), line_key=spent.key, what=NotDues.SPENDING, heading="1", ground="Phiếu chi 01"
    )
    story.do("VH-KT", END, command)


def _portal_references(story: Story) -> list[str]:
    return [
        r.event.reference
        for r in story.installation.store.read(0, 10_000, ("payment-requested",))
        if r.event.channel == "portal"
    ]


def at_end(story: Story, unit: str = "C", **more: Any) -> ReconciliationResult:
    """The cell's account at the end of July, looked at on 10 August."""
    chosen = {"from_date": START, "to_date": END, "as_of": day(10, 8), **more}
    (result,) = reconcile_accounts(story.installation, accounts=(account(unit),), **chosen)
    return result

def test_look(told):
    r = at_end(told)
    for m in r.matched: print('M',m)
    for m in r.not_dues: print('N',m)
    for m in r.leftovers: print('L',m)
    for m in r.under_way: print('U',m)
    for d in r.days: print('D',d.day,d.opening,d.money_in,d.money_out,d.closing,d.stated_closing,d.book,d.breaks,d.difference,d.ties,d.explained,d.left, d.covered)
    print(r.explained_bp, r.open_periods, r.uses_example_shares, r.ties)
    assert 0
