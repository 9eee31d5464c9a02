"""Money that comes late, twice, wrong or nameless: facts are never refused and never counted twice."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from api import wiring
from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId, PaymentId, RefundId, UnitId
from domain.notice import NoticeStatus
from domain.payment import Asset
from domain.period import Month
from ledger.handlers import ask, collect, payouts, refunds, remit, statements
from tests.acceptance.story import BIN, START, Cell, Story, account, at, into, member, out, settings
from tests.acceptance.tables import ABOVE, hold_together

JULY = "2026-07"
DAY = date(2026, 7, 10)


@pytest.fixture
def memory() -> Story:
    """Cell A with an account, cell B without, two members each, July assessed: 100,000 and 5,000."""
    story = Story(wiring.in_memory(settings()))
    story.set_up([Cell(id="A"), Cell(id="B", own_account=False)])
    for cell in ("A", "B"):
        story.enrol(
            cell,
            member(f"{cell}1", "SI_COMPULSORY", ("si-salary", 10_000_000)),
            member(f"{cell}2", "STUDENT"),
        )
        story.assess(cell, JULY, START)
    story.request("VH", JULY, START)
    return story


def _webhook(reference: str | None, amount: int, number: str, unit: str = "A") -> collect.Notice:
    return collect.Notice(
        source=f"bank:{BIN}:00{unit}",
        outside_reference=number,
        status=NoticeStatus.PAID,
        reference=None,
        found=() if reference is None else (reference,),
        amount=amount,
        paid_at=at(DAY),
        account_number=f"00{unit}",
        payer_key=None,
        evidence_id=None,
    )


def _batch(story: Story, *lines: tuple[str, int, PaymentId | None], cell: str = "A") -> str:
    command = ask.OpenBatchAttempt(
        unit_id=UnitId(cell),
        lines=tuple(
            ask.BatchLine(member_id=MemberId(n), month=Month(JULY), amount=a, cash_payment_id=c) for n, a, c in lines
        ),
    )
    return str(story.do(f"{cell}-TP", DAY, command)["reference"])


@pytest.mark.parametrize("order", ["PWS", "PSW", "WPS", "WSP", "SPW", "SWP"])
def test_portal_webhook_and_statement_in_any_order_are_one_payment(memory: Story, order: str) -> None:
    attempt = memory.attempt("A", "A1", JULY, DAY)["reference"]
    portal, webhook = memory.notice(attempt, 100_000, DAY), _webhook(attempt, 100_000, "FT-x")
    statement = memory.statement("A", DAY, into("x", DAY, 100_000, attempt))
    for letter in order:
        for _ in range(2):  # everything is delivered twice
            if letter == "S":
                memory.do("VH-KT", DAY, statement)
            else:
                memory.tell(portal if letter == "P" else webhook)
    assert memory.balances("A") == {"1120": 100_000, "3310": 100_000}
    assert memory.owed("A") == 5_000


def test_one_reference_paid_twice_is_dues_and_credit(memory: Story) -> None:
    reference = memory.reference("A1", JULY)
    memory.bank("A", DAY, into("1", DAY, 100_000, reference), into("2", DAY, 100_000, reference))
    assert memory.balances("A") == {"1120": 200_000, "3310": 100_000, "3340": 100_000}


def test_an_attempt_paid_twice_on_the_portal_matches_two_bank_lines(memory: Story) -> None:
    attempt = memory.attempt("A", "A1", JULY, DAY)["reference"]
    first = memory.statement("A", DAY, into("1", DAY, 100_000, attempt), into("2", DAY, 100_000, attempt))
    memory.tell(memory.notice(attempt, 100_000, DAY))
    memory.do("VH-KT", DAY, first)
    memory.tell(memory.notice(attempt, 100_000, DAY))
    assert memory.balances("A") == {"1120": 200_000, "3310": 100_000, "3340": 100_000}


def test_another_sum_under_an_attempt_waits_for_a_person(memory: Story) -> None:
    attempt = memory.attempt("A", "A1", JULY, DAY)["reference"]
    assert memory.tell(memory.notice(attempt, 90_000, DAY)) == ["amount-differs"]
    assert memory.balances("A") == {}
    assert memory.bank("A", DAY, into("1", DAY, 90_000, attempt))["placed"] == {"suspense": 1}
    assert memory.balances("A") == {"1120": 90_000, "3380": 90_000}


def test_cash_paid_online_is_converted_once_and_never_counted_twice(memory: Story) -> None:
    cash = memory.cash("A", "1", "A1", 100_000, DAY)
    first, second = (_batch(memory, ("A1", 100_000, cash)) for _ in range(2))
    memory.tell(memory.notice(first, 100_000, DAY))
    assert memory.balances("A") == {"1140": 100_000, "3310": 100_000}
    # The same slip paid again under another attempt: nobody knows whose money that is.
    memory.tell(memory.notice(second, 100_000, DAY))
    assert memory.balances("A") == {"1140": 200_000, "3310": 100_000, "3380": 100_000}
    with pytest.raises(Refusal) as caught:
        _batch(memory, ("A1", 100_000, cash))
    assert caught.value.code is RefusalCode.CASH_NOT_IN_HAND


def test_cash_that_went_to_the_bank_in_a_bag_is_not_converted_as_well(memory: Story) -> None:
    cash = memory.cash("A", "1", "A1", 100_000, DAY)
    attempt = _batch(memory, ("A1", 100_000, cash))
    memory.do("A-TP", DAY, collect.TakeCashBag(unit_id=UnitId("A"), amount=100_000, taken_on=DAY))
    memory.tell(memory.notice(attempt, 100_000, DAY))
    assert memory.balances("A") == {"1130": 100_000, "1140": 100_000, "3310": 100_000, "3380": 100_000}


def test_a_batch_of_a_held_cell_paid_twice_waits_in_the_cell_and_is_identified_there(memory: Story) -> None:
    attempt = _batch(memory, ("B1", 100_000, None), ("B2", 5_000, None), cell="B")
    for _ in range(2):
        memory.tell(memory.notice(attempt, 105_000, DAY, number=None))
    assert memory.balances("B") == {"1390": 210_000, "3310": 105_000, "3380": 105_000}
    said = statements.IdentifySuspense(
        unit_id=UnitId("B"),
        payment_id=PaymentId("portal/GD000002"),
        member_id=MemberId("B2"),
        month=None,
        amount=5_000,
        ground="đảng viên báo",
    )
    assert memory.do("VH-KT", DAY, said) == {"dues": 0, "credit": 5_000, "receipt": None}
    back = refunds.RequestSuspenseRefund(
        refund_id=RefundId("HT-1"),
        unit_id=UnitId("B"),
        payment_id=PaymentId("portal/GD000002"),
        amount=100_000,
        reason="nộp hai lần",
        decision="QD-1",
    )
    memory.do("B-TP", DAY, back)
    for approver in ("VH-CU", "HP-CU"):
        memory.do(approver, DAY, refunds.ApproveRefund(unit_id=UnitId("B"), refund_id=RefundId("HT-1")))
    pay = payouts.PayRefund(unit_id=UnitId("B"), refund_id=RefundId("HT-1"), asset=Asset.BANK, paid_on=DAY)
    memory.do("VH-TQ", DAY, pay)
    assert memory.balances("B") == {"1390": 110_000, "3310": 105_000, "3340": 5_000}
    assert memory.balances("VH") == {"1120": -100_000, "1140": 210_000, "3390": 110_000}


def test_suspense_at_the_ward_is_identified_to_a_member_of_a_cell_with_its_own_account(memory: Story) -> None:
    memory.bank("VH", DAY, into("1", DAY, 100_000, content="nop dang phi"))
    said = statements.IdentifySuspense(
        unit_id=UnitId("VH"),
        payment_id=PaymentId(f"bank:{BIN}:00VH/FT-1"),
        member_id=MemberId("A1"),
        month=Month(JULY),
        amount=100_000,
        ground="đảng viên báo",
    )
    memory.do("VH-KT", DAY, said)
    assert memory.balances("A") == {"1390": 100_000, "3310": 100_000}
    assert memory.balances("VH") == {"1120": 100_000, "3390": 100_000}
    with pytest.raises(Refusal) as caught:
        memory.do("VH-KT", DAY, said)
    assert caught.value.code is RefusalCode.NOT_IN_SUSPENSE


def test_a_batch_of_notices_goes_on_past_those_that_become_cases(memory: Story) -> None:
    good = memory.attempt("A", "A1", JULY, DAY)["reference"]
    qr = memory.reference("A2", JULY)
    said = memory.tell(
        memory.notice("HJ00000000XX", 1_000, DAY),
        memory.notice(None, 1_000, DAY),
        _webhook(qr, 5_000, "W-1", unit="nowhere"),
        replace(_webhook(qr, 5_000, "W-2"), amount=0),
        replace(memory.notice(good, 100_000, DAY), status=NoticeStatus.PENDING),
        memory.notice(good, 100_000, DAY, number="GD-OK"),
        replace(memory.notice(good, 100_000, DAY, number="GD-OK"), status=NoticeStatus.FAILED),
        memory.notice(good, 90_000, DAY, number="GD-OK"),
        on=DAY,
    )
    assert said == [
        "unknown-reference",
        "unknown-reference",
        "unknown-account",
        "amount-out-of-range",
        "pending",
        "reference",
        "failed-after-paid",
        "other-content",
    ]
    assert memory.balances("A") == {"1140": 100_000, "3310": 100_000}


def _declared(story: Story) -> None:
    story.bank("A", DAY, into("1", DAY, 100_000, story.reference("A1", JULY)))
    assert story.declare("A", JULY, date(2026, 7, 31))["payable"] == 70_000


def test_a_remittance_keyed_too_high_is_disputed_corrected_and_sent_again(memory: Story) -> None:
    _declared(memory)
    day = date(2026, 8, 3)
    with pytest.raises(Refusal) as caught:
        memory.prepare("A", JULY, day, remit.Way.BANK)
    assert caught.value.code is RefusalCode.CHANNEL_NEEDS_REASON
    made = memory.prepare("A", JULY, day, remit.Way.BANK, "Cổng bảo trì")
    case = made["remittance_id"]
    send = remit.SendRemittance(unit_id=UnitId("A"), remittance_id=case, sent_on=day)
    assert memory.do("A-TP", day, send)["sent"] == 70_000
    memory.bank("A", day, out("s1", day, 7_000, made["reference"]))
    memory.bank("VH", day, into("s1", day, 7_000, made["reference"]))
    assert memory.balances("A")["1150"] == 63_000
    with pytest.raises(Refusal) as caught:
        memory.prepare("A", JULY, day)
    assert caught.value.code is RefusalCode.NOTHING_DUE
    dispute = remit.DisputeRemittance(superior_id=UnitId("VH"), remittance_id=case, reason="thiếu 63.000")
    assert memory.do("VH-KT", day, dispute) == {"expected": 70_000, "seen": 7_000, "events": 1}
    explain = remit.ExplainDispute(unit_id=UnitId("A"), remittance_id=case, explanation="ghi nhầm", document=None)
    memory.do("A-TP", day, explain)
    correct = remit.CorrectSending(unit_id=UnitId("A"), remittance_id=case, difference=63_000, reason="ghi nhầm")
    memory.do("A-TP", day, correct)
    assert memory.balances("A") == {"1120": 93_000, "3360": 63_000, "4310": 30_000}
    with pytest.raises(Refusal) as caught:
        memory.do("A-TP", day, correct)
    assert caught.value.code is RefusalCode.REMITTANCE_STATE
    later = day + timedelta(days=1)
    memory.do("A-TP", later, replace(send, sent_on=later))
    memory.bank("A", later, out("s2", later, 63_000, made["reference"]))
    memory.bank("VH", later, into("s2", later, 63_000, made["reference"]))
    assert memory.balances("A") == {"1120": 30_000, "4310": 30_000}
    assert memory.balances("VH") == {"1120": 70_000, "3310": 70_000}
    hold_together(memory, {"A": "VH", **ABOVE})


@pytest.mark.parametrize("order", ["portal first", "superior's bank first", "both debit and credit first"])
def test_a_remittance_told_in_any_order_is_sent_once(memory: Story, order: str) -> None:
    _declared(memory)
    day = date(2026, 8, 3)
    made = memory.prepare("A", JULY, day)
    attempt = ask.OpenRemittanceAttempt(unit_id=UnitId("A"), remittance_id=made["remittance_id"])
    reference = memory.do("A-TP", day, attempt)["reference"]
    notice = memory.notice(reference, 70_000, day)
    debit = memory.statement("A", day, out("s", day, 70_000, reference))
    credit = memory.statement("VH", day, into("s", day, 70_000, reference))
    steps = {
        "portal first": [notice, debit, credit],
        "superior's bank first": [credit, notice, debit],
        "both debit and credit first": [debit, credit, notice],
    }[order]
    for step in [*steps, *steps]:
        if isinstance(step, collect.Notice):
            assert "amount" not in memory.tell(step)[0]
        else:
            memory.do("VH-KT", day, step)
    assert memory.balances("A") == {"1120": 30_000, "4310": 30_000}
    assert memory.balances("VH") == {"1120": 70_000, "3310": 70_000}


def test_more_money_than_a_remittance_owes_waits_in_suspense(memory: Story) -> None:
    _declared(memory)
    day = date(2026, 8, 3)
    made = memory.prepare("A", JULY, day, remit.Way.BANK, "Cổng bảo trì")
    memory.bank("VH", day, into("s", day, 70_001, made["reference"]))
    assert memory.balances("VH") == {"1120": 70_001, "1360": 70_000, "3350": 70_000, "3380": 70_001}


def test_a_statement_that_says_less_or_other_than_a_known_one_is_refused_whole(memory: Story) -> None:
    first = memory.statement("A", DAY, into("1", DAY, 5_000, memory.reference("A2", JULY)))
    memory.do("VH-KT", DAY, first)
    assert memory.do("VH-KT", DAY, replace(first))["known"]
    other = replace(first, file_digest="x", lines=(into("2", DAY, 5_000),))
    for wrong, code in (
        (other, RefusalCode.STATEMENT_CONFLICTS),
        (replace(other, lines=(), closing=0), RefusalCode.STATEMENT_CONFLICTS),
        (replace(other, closing=4_999), RefusalCode.STATEMENT_DOES_NOT_ADD_UP),
        (replace(other, unit_id=UnitId("VH")), RefusalCode.STATEMENT_OTHER_ACCOUNT),
        (replace(other, to_date=date(2026, 8, 1)), RefusalCode.MONTH_IN_FUTURE),
    ):
        with pytest.raises(Refusal) as caught:
            memory.do("VH-KT", DAY, wrong)
        assert caught.value.code is code
    day = DAY + timedelta(days=1)
    gap = statements.ImportStatement(
        unit_id=UnitId("A"),
        account_id=account("A"),
        file_digest="y",
        format="camt",
        from_date=day,
        to_date=day,
        opening=1,
        closing=1,
        lines=(),
    )
    with pytest.raises(Refusal) as caught:
        memory.do("VH-KT", day, gap)
    assert caught.value.code is RefusalCode.STATEMENT_GAP
    assert memory.balances("A") == {"1120": 5_000, "3310": 5_000}


def test_a_refund_that_comes_back_is_owed_again(memory: Story) -> None:
    reference = memory.reference("A1", JULY)
    memory.bank("A", DAY, into("1", DAY, 130_000, reference))
    ask_back = refunds.RequestCreditRefund(
        refund_id=RefundId("HT-1"),
        unit_id=UnitId("A"),
        member_id=MemberId("A1"),
        amount=30_000,
        reason="đóng thừa",
        decision="QD-1",
    )
    memory.do("A-TP", DAY, ask_back)
    approve = refunds.ApproveRefund(unit_id=UnitId("A"), refund_id=RefundId("HT-1"))
    with pytest.raises(Refusal) as caught:
        memory.do("VH-TQ", DAY, approve)
    assert caught.value.code is RefusalCode.NOT_ALLOWED
    for approver in ("A-BT", "VH-CU"):
        memory.do(approver, DAY, approve)
    assert memory.balances("A") == {"1120": 130_000, "3310": 100_000, "3370": 30_000}
    pay = payouts.PayRefund(unit_id=UnitId("A"), refund_id=RefundId("HT-1"), asset=Asset.BANK, paid_on=DAY)
    with pytest.raises(Refusal) as caught:
        memory.do("VH-TQ", DAY, replace(pay, asset=Asset.CASH))
    assert caught.value.code is RefusalCode.CASH_NOT_IN_HAND
    back = memory.do("VH-TQ", DAY, pay)["reference"]
    assert memory.do("VH-TQ", DAY, pay) == {"paid": 0, "reference": back}
    day = DAY + timedelta(days=1)
    memory.bank("A", day, out("r", day, 30_000, back), into("r2", day, 30_000, back))
    assert memory.balances("A") == {"1120": 130_000, "3310": 100_000, "3370": 30_000}


def test_one_relief_asked_back_twice_is_given_back_once(memory: Story) -> None:
    memory.bank("A", DAY, into("1", DAY, 60_000, memory.reference("A1", JULY)))
    asked = [
        refunds.RequestReliefRefund(
            refund_id=RefundId(f"HT-{n}"),
            unit_id=UnitId("A"),
            member_id=MemberId("A1"),
            month=Month(JULY),
            period=None,
            relief="X4",
            percent=50,
            reason="khó khăn",
            decision="QD-1",
        )
        for n in (1, 2)
    ]
    for command in asked:
        # 50,000 of 100,000 falls away; 60,000 was paid, so 10,000 goes back.
        assert memory.do("A-TP", DAY, command)["amount"] == 10_000
    for refund, code in (("HT-1", None), ("HT-2", RefusalCode.REFUND_STATE)):
        approve = refunds.ApproveRefund(unit_id=UnitId("A"), refund_id=RefundId(refund))
        memory.do("A-BT", DAY, approve)
        if code is None:
            memory.do("VH-CU", DAY, approve)
            continue
        with pytest.raises(Refusal) as caught:
            memory.do("VH-CU", DAY, approve)
        assert caught.value.code is code
    assert memory.balances("A") == {"1120": 60_000, "3310": 50_000, "3370": 10_000}
    assert memory.owed("A") == 5_000
    with pytest.raises(Refusal) as caught:
        memory.do("A-TP", DAY, replace(asked[0], refund_id=RefundId("HT-3")))
    assert caught.value.code is RefusalCode.NOTHING_DUE
