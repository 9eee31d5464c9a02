"""A July of one cell in which money comes, goes and comes back in every way; nothing but commands books anything."""

import hashlib
from dataclasses import replace
from datetime import date
from typing import Any

from domain.bank_account import NotDues
from domain.channel_case import CaseWord
from domain.identifiers import AccountId, MemberId, PaymentId, RefundId, UnitId
from domain.open_item import DecisionKind, line_item
from domain.payment import Asset
from domain.period import Month
from domain.reference import Reference
from domain.refund_channel import ChannelState
from ledger.handlers import ask, bank_slips, collect, payouts, refunds, slips, statements
from ledger.handlers.open_items import ApproveDecision, Asked, Decide, PartAsked, UndoDecision
from ledger.handlers.settlements import ReportChannelRefund
from ledger.handlers.statements import ImportStatement
from tests.acceptance.story import BIN, PROVINCE, START, Cell, Story, account, into, member, out
from tests.settled import K, line, settled, take

A = UnitId("A")
CELL = AccountId(f"{BIN}:00A")
MONTH = "2026-07"
DUES = 50_000
END = date(2026, 7, 31)
HT_BANK, HT_CHANNEL = RefundId("HT-1"), RefundId("HT-2")
PO_1, PO_2 = "po_1QhXyZ2eZvKYlo2C", "po_1BBBBBBBBBBBBBBB"
#: Members by what they do; each owes 50,000.
(
    BY_PORTAL, TWICE, SAID, SAYS_ONLY, SLIP, SLIP_ONLY, GATE_1, GATE_2, GATE_3, LESS, LESS_AGAIN, SPLIT_1, SPLIT_2,
    CASH, LATE,
) = MEMBERS = tuple(f"A{n:02d}" for n in range(1, 16))  # fmt: skip


def day(number: int) -> date:
    """A day of July."""
    return date(2026, 7, number)


def play(story: Story) -> Story:
    """The whole month, and the first days of August."""
    story.set_up([Cell(id="A", bank=1_000_000)])
    story.enrol("A", *(member(name, "NON_SI_PENSIONER", ("pension", 10_000_000)) for name in MEMBERS))
    story.assess("A", MONTH, START)
    story.request("A", MONTH, START)
    _first_week(story)
    _gateway(story)
    _second_half(story)
    _decisions(story)
    _channel_takes_back(story)
    return story


def _first_week(story: Story) -> None:
    """Portal with its settlement, a debt paid twice, a transfer told of, a slip by hand, a bag of cash."""
    attempt = story.pay_by_portal("A", BY_PORTAL, MONTH, day(6))
    told = settled(line(1, K.COLLECTION, "GD000001", DUES, 0, attempt), rail="portal", name="20260707_HP_1")
    take(story, _dated(told, day(6)), on=day(7))
    for name in (SAID, SAYS_ONLY):
        on = day(3) if name == SAID else day(30)
        said = slips.TellTransfer(unit_id=A, reference=story.reference(name, MONTH), told_on=on)
        story.do("A-TP", on, said)
    by_hand(story, SLIP, "CT-1", day(5))
    story.cash("A", "1", CASH, DUES, day(2))
    bag = story.do("A-TP", day(4), collect.TakeCashBag(unit_id=A, amount=DUES, taken_on=day(4)))["bag"]
    story.bank(
        "A",
        day(9),
        into("said", day(4), DUES, story.reference(SAID, MONTH)),
        into("slip", day(5), DUES, story.reference(SLIP, MONTH)),
        into("bag", day(6), 48_000, bag),
        into("portal", day(7), DUES, attempt),
        into("once", day(8), DUES, story.reference(TWICE, MONTH)),
        into("twice", day(9), DUES, story.reference(TWICE, MONTH)),
        clean=False,
    )


def by_hand(story: Story, name: str, slip: str, on: date) -> None:
    """An accountant enters the slip that a member showed."""
    command = bank_slips.RecordTransfer(
        unit_id=A,
        account_id=CELL,
        slip=slip,
        amount=DUES,
        paid_on=on,
        reference=Reference(story.reference(name, MONTH)),
        bank_number=None,
        evidence_id=None,
    )
    story.do("VH-KT", on, command)


def begun(story: Story, name: str, on: date) -> str:
    """A member begins to pay at the gateway."""
    asked = ask.OpenDuesAttempt(unit_id=A, member_id=MemberId(name), month=Month(MONTH))
    return str(story.do("A-TP", on, ask.OpenOnRail(unit_id=A, rail="gateway", asked=asked))["reference"])


def paid(story: Story, reference: str, number: str, on: date) -> None:
    """The gateway's webhook tells of the payment."""
    notice = replace(story.notice(reference, DUES, on, number=number), source="gateway")
    assert story.tell(notice) == ["reference"]


def _gateway(story: Story) -> None:
    """Two lumps: one with fees and money of nobody, one that nets a refund and a dispute."""
    *refs, again = (begun(story, name, day(10)) for name in (GATE_1, GATE_2, GATE_3, GATE_1))
    for n, reference in enumerate((*refs, again), start=1):
        paid(story, reference, f"pi_{n}", day(10) if n < 4 else day(11))
    lines = [line(n, K.COLLECTION, f"pi_{n}", DUES, 300, ref) for n, ref in enumerate(refs, start=1)]
    first = settled(*lines, line(4, K.COLLECTION, "pi_x", 7_000, 0, None), line(5, K.FEE, "txn_fee", -1_000), name=PO_1)
    take(story, _dated(first, day(10)), on=day(13))
    _refunds(story)
    second = settled(
        line(1, K.COLLECTION, "pi_4", DUES, 300, again),
        line(2, K.REFUND, "re_1", -DUES, 0, HT_CHANNEL),
        line(3, K.ADJUSTMENT, "dp_9", -DUES, 0),
        name=PO_2,
    )
    take(story, _dated(second, day(11)), on=day(16))
    story.bank(
        "A",
        day(18),
        into("po1", day(14), first.net, content=f"STRIPE PAYOUT {PO_1}"),
        out("po2", day(17), -second.net, content=f"STRIPE {PO_2}"),
        clean=False,
    )


def _dated(settlement: Any, on: date) -> Any:
    lines = tuple(replace(x, at=x.at.replace(day=on.day)) for x in settlement.lines)
    return replace(settlement, from_date=on, to_date=on, lines=lines)


def _refunds(story: Story) -> None:
    """What was paid twice goes back: 50,000 by the gateway, 30,000 by the bank."""
    for case_id, name, amount in ((HT_CHANNEL, GATE_1, DUES), (HT_BANK, TWICE, 30_000)):
        asked = refunds.RequestCreditRefund(
            refund_id=case_id, unit_id=A, member_id=MemberId(name), amount=amount, reason="đóng trùng", decision="QD-9"
        )
        story.do("A-TP", day(12), asked)
        for officer in ("A-BT", "VH-CU"):
            story.do(officer, day(12), refunds.ApproveRefund(unit_id=A, refund_id=case_id))
    word = ReportChannelRefund(
        unit_id=A,
        refund_id=HT_CHANNEL,
        rail="gateway",
        outside_id="re_1",
        state=ChannelState.DONE,
        amount=DUES,
        on=day(12),
    )
    story.do("VH-TQ", day(12), word)


def _second_half(story: Story) -> None:
    """Money of unknown owner, fees, spending, a refund by the bank, and what the bank turned round."""
    pay = payouts.PayRefund(unit_id=A, refund_id=HT_BANK, asset=Asset.BANK, paid_on=day(19))
    refund = story.do("VH-TQ", day(19), pay)["reference"]
    less = story.pay_by_portal("A", LESS, MONTH, day(19))
    again = story.pay_by_portal("A", LESS_AGAIN, MONTH, day(19))
    wrong = into("sai", day(26), 9_000)
    back = out("sai", day(27), 9_000, content="DAO LENH")
    imported = story.statement(
        "A",
        day(28),
        out("hoan", day(20), 30_000, refund),
        into("less", day(21), DUES - 1_100, less),
        into("less2", day(21), DUES - 2_200, again),
        into("stranger", day(22), 70_000),
        into("two", day(22), 100_000, content="HAI NGUOI NOP CHUNG"),
        into("bits", day(22), 600),
        into("lai", day(24), 1_234, content="TRA LAI TIEN GUI"),
        out("phi", day(24), 11_000, content="THU PHI DICH VU SMS"),
        out("chi", day(25), 200_000, content="mua van phong pham"),
        out("la", day(25), 5_000, content="khong ro"),
        wrong,
        replace(back, line=replace(back.line, is_reversal=True, bank_reference=wrong.line.bank_reference)),
    )
    story.do("VH-KT", day(28), imported)
    witnessed = story.do("VH-KT", day(28), other_format(imported))
    assert (witnessed["new_lines"], witnessed["witnessed"]) == (0, len(imported.lines))
    spent = statements.NameMovement(
        account_id=CELL,
        unit_id=A,
        line_key=key_of(story, 200_000),
        what=NotDues.SPENDING,
        heading="1",
        ground="Phiếu chi 01",
    )
    story.do("VH-KT", day(28), spent)
    by_hand(story, SLIP_ONLY, "CT-2", day(30))
    story.pay_by_portal("A", LATE, MONTH, day(30))
    story.bank("A", END)


def other_format(made: ImportStatement) -> ImportStatement:
    """The same days from another export of the bank: other keys, other order."""
    lines = tuple(
        replace(x, line=replace(x.line, key=hashlib.sha256(f"x{x.line.key}".encode()).hexdigest()))
        for x in reversed(made.lines)
    )
    return replace(made, lines=lines, format="bank-xlsx", file_digest=hashlib.sha256(b"xlsx").hexdigest())


def key_of(story: Story, amount: int) -> str:
    """The key of the one line of an amount."""
    lines = story.installation.ledger.work().account(CELL).lines
    return next(key for key, one in lines.items() if one.amount == amount)


def payment(number: str) -> PaymentId:
    """The id of a transfer."""
    return PaymentId(f"bank:{account('A')}/FT-{number}")


def decide(story: Story, item: str, kind: DecisionKind, *parts: tuple[str, int | None], **more: Any) -> str:
    """Decided by one, agreed by another where two are needed."""
    members = tuple(PartAsked(member_id=MemberId(who), month=Month(MONTH), amount=n) for who, n in parts)
    asked = Asked(**{"item": item, "kind": kind, "reason": "đã hỏi", "parts": members, **more})
    made = story.do("VH-KT", END, Decide(unit_id=A, asked=asked))
    if made["state"] == "proposed":
        story.do("A-BT", END, ApproveDecision(unit_id=A, decision_id=made["decision_id"]))
    return str(made["decision_id"])


def _decisions(story: Story) -> None:
    """A division, an accepted fee, one accepted and undone, a writing off, two waitings."""
    decide(story, payment("two"), DecisionKind.SPLIT, (SPLIT_1, DUES), (SPLIT_2, DUES))
    decide(story, payment("less"), DecisionKind.ACCEPT_FEE)
    wrong = decide(story, payment("less2"), DecisionKind.ACCEPT_FEE)
    made = story.do("A-TP", END, UndoDecision(unit_id=A, decision_id=wrong, reason="nhầm khoản"))
    if made["state"] == "proposed":
        story.do("A-BT", END, ApproveDecision(unit_id=A, decision_id=made["decision_id"]))
    decide(story, payment("bits"), DecisionKind.WRITE_OFF, document="QD-13")
    until = date(2026, 8, 15)
    decide(story, payment("stranger"), DecisionKind.WAIT, until=until, owner="A-TP")
    decide(story, line_item(CELL, key_of(story, 5_000)), DecisionKind.WAIT, until=until, owner="VH-KT")


def _channel_takes_back(story: Story) -> None:
    """The gateway's own word on the dispute of which the second lump told first."""
    assert CaseWord.WITHDRAWN == "withdrawn"
    notice = replace(story.notice("pi_3", DUES, day(12), number="dp_9"), source="gateway:case:withdrawn")
    story.do("service:portal", END, collect.TakeNotices(root=PROVINCE, notices=(notice,)))
