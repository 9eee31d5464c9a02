"""A log in which nothing is wrong and nearly every kind of event occurs; damaged copies of it try the checks."""

from dataclasses import dataclass
from datetime import date
from functools import cache

from api import wiring
from domain.bank_account import NotDues
from domain.identifiers import MemberId, PaymentId, RefundId, RemittanceId, UnitId
from domain.notice import NoticeStatus
from domain.payment import Asset
from domain.period import Month, Period
from domain.remittance import Way
from domain.remittance_cases import Resolution
from ledger.handlers import ask, collect, payouts, refunds, remit, resolve, statements
from ledger.store import EventStore, Recorded, StoredCommand, Unreadable
from tests.acceptance.story import BIN, START, Cell, Story, account, at, into, member, out, settings

JULY = "2026-07"


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """Events and stored commands of one shard."""

    events: tuple[Recorded, ...]
    commands: tuple[StoredCommand, ...]


@cache
def good_log() -> Log:
    """Played once for all tests of a process."""
    story = Story(wiring.in_memory(settings()))
    play(story)
    store = story.installation.store
    events = tuple(item for item in read_all(store) if isinstance(item, Recorded))
    return Log(events=events, commands=tuple(store.commands()))


def read_all(store: EventStore) -> list[Recorded | Unreadable]:
    """The whole log as it is found."""
    found: list[Recorded | Unreadable] = []
    while batch := store.audit(found[-1].position if found else 0, 1_000):
        found += batch
    return found


def play(story: Story) -> None:
    """July and August of a ward with four cells."""
    _set_up(story)
    _collect(story)
    _place_by_hand(story)
    _declare_and_remit(story)
    _refund(story)


def _set_up(story: Story) -> None:
    story.set_up(
        [Cell(id="A", bank=1_200_000), Cell(id="B", own_account=False), Cell(id="C"), Cell(id="D", bank=500_000)],
        ward_bank=25_000_000,
    )
    story.enrol(
        "A",
        member("A1", "SI_COMPULSORY", ("si-salary", 12_345_678)),
        member("A2", "NON_SI_PENSIONER", ("pension", 6_543_100)),
        member("A3", "NON_SI_UNDER_RETIREMENT"),
        member("A4", "SI_COMPULSORY", ("si-salary", 50_000_000)),
        member("A5", "STUDENT"),
        member("A6", "SI_COMPULSORY", ("si-salary", 7_777_777), ("X4", 30)),
        member("A7", "SI_COMPULSORY", ("si-salary", 9_000_000)),
    )
    story.enrol("B", member("B1", "SI_COMPULSORY", ("si-salary", 9_876_543)), member("B2", "NON_SI_OVER_RETIREMENT"))
    story.enrol(
        "C",
        member("C1", "NON_SI_PENSIONER", ("pension", 5_400_000)),
        member("C4", "SI_COMPULSORY", ("si-salary", 9_500_000)),
        member("C5", "NON_SI_PENSIONER", ("pension", 9_720_000)),
    )
    story.enrol("D", member("D1", "SI_COMPULSORY", ("si-salary", 10_000_000)))
    story.assess("VH", JULY, START)
    story.request("VH", JULY, START)


def _webhook(story: Story, reference: str, amount: int, day: date) -> str:
    notice = collect.Notice(
        source=f"bank:{account('A')}",
        outside_reference="FT-hook",
        status=NoticeStatus.PAID,
        reference=None,
        found=(reference,),
        amount=amount,
        paid_at=at(day),
        account_number="00A",
        payer_key=None,
        evidence_id=None,
    )
    return story.tell(notice)[0]


def _collect(story: Story) -> None:
    a1 = story.pay_by_portal("A", "A1", JULY, date(2026, 7, 9))
    assert _webhook(story, story.reference("A3", JULY), 14_190, date(2026, 7, 9)) == "reference"
    wrong = story.attempt("A", "A7", JULY, date(2026, 7, 9))["reference"]
    assert story.tell(story.notice(wrong, 1_000, date(2026, 7, 9))) == ["amount-differs"]
    story.bank(
        "A",
        date(2026, 7, 10),
        into("a1", date(2026, 7, 10), 123_457, a1),
        into("hook", date(2026, 7, 10), 14_190, story.reference("A3", JULY)),
        into("a4", date(2026, 7, 10), 500_000, story.reference("A4", JULY)),
        out("fee", date(2026, 7, 10), 11_000, content="THU PHI DICH VU"),
    )
    story.cash("A", "1", "A2", 32_716, date(2026, 7, 12))
    story.cash("A", "2", "A5", 5_000, date(2026, 7, 12))
    slip = story.cash("A", "3", "A6", 54_444, date(2026, 7, 12))
    line = ask.BatchLine(member_id=MemberId("A6"), month=Month(JULY), amount=54_444, cash_payment_id=slip)
    opened = story.do("A-TP", date(2026, 7, 20), ask.OpenBatchAttempt(unit_id=UnitId("A"), lines=(line,)))
    assert story.tell(story.notice(opened["reference"], 54_444, date(2026, 7, 20))) == ["reference"]
    bag = collect.TakeCashBag(unit_id=UnitId("A"), amount=37_716, taken_on=date(2026, 7, 21))
    bag_reference = story.do("A-TP", date(2026, 7, 21), bag)["bag"]
    story.bank(
        "A",
        date(2026, 7, 22),
        into("batch", date(2026, 7, 22), 54_444, opened["reference"]),
        into("bag", date(2026, 7, 22), 37_716, bag_reference),
    )
    b1 = story.pay_by_portal("B", "B1", JULY, date(2026, 7, 20))
    story.bank("VH", date(2026, 7, 22), into("b1", date(2026, 7, 21), 98_765, b1))
    story.cash("B", "1", "B2", 9_460, date(2026, 7, 29))
    passed = collect.PassCash(unit_id=UnitId("B"), amount=9_460, slip="BG-1", passed_on=date(2026, 7, 30))
    story.do("B-TP", date(2026, 7, 30), passed)
    story.cash("C", "1", "C1", 27_000, date(2026, 7, 5))
    story.bank(
        "C",
        date(2026, 7, 15),
        into("c4", date(2026, 7, 8), 95_000, story.reference("C4", JULY)),
        into("c4-2", date(2026, 7, 9), 95_000, story.reference("C4", JULY)),
        into("c5", date(2026, 7, 15), 50_000, content="nop dang phi T7"),
        into("back", date(2026, 7, 15), 7_000, content="khong ro"),
        into("state", date(2026, 7, 15), 3_000_000, content="cap kinh phi"),
    )
    story.bank("D", date(2026, 7, 15), into("d1", date(2026, 7, 15), 100_000, story.reference("D1", JULY)))


def _waiting(key: str) -> PaymentId:
    return PaymentId(f"bank:{BIN}:00C/FT-{key}")


def _place_by_hand(story: Story) -> None:
    day = date(2026, 7, 28)
    said = statements.IdentifySuspense(
        unit_id=UnitId("C"),
        payment_id=_waiting("c5"),
        member_id=MemberId("C5"),
        month=Month(JULY),
        amount=50_000,
        ground="đảng viên báo",
    )
    story.do("VH-KT", day, said)
    state_line = into("state", date(2026, 7, 15), 3_000_000).line.key
    named = statements.NameMovement(
        account_id=account("C"),
        unit_id=UnitId("C"),
        line_key=state_line,
        what=NotDues.STATE_FUNDING,
        heading="ngân sách",
        ground="QĐ cấp kinh phí",
    )
    story.do("VH-KT", day, named)


def _declare_and_remit(story: Story) -> None:
    end = at(date(2026, 7, 31), 23, 30)
    for unit in ("A", "B", "C", "D"):
        story.declare(unit, JULY, end)
    story.remit("A", "VH", JULY, date(2026, 8, 10))
    story.settle("B", "VH", JULY, date(2026, 8, 10))
    story.remit("C", "VH", JULY, date(2026, 8, 11))
    _keyed_wrong(story)
    story.declare("VH", JULY, date(2026, 8, 15))
    story.remit("VH", "HP", JULY, date(2026, 8, 17))


def _keyed_wrong(story: Story) -> None:
    """D records 70,000 sent; its bank took 7,000."""
    day, later = date(2026, 8, 12), date(2026, 8, 13)
    made = story.prepare("D", JULY, day, Way.BANK, "Cổng bảo trì")
    case = RemittanceId(made["remittance_id"])
    send = remit.SendRemittance(unit_id=UnitId("D"), remittance_id=case, sent_on=day)
    story.do("D-TP", day, send)
    story.bank("D", day, out("d-s1", day, 7_000, made["reference"]))
    story.bank("VH", day, into("d-s1", day, 7_000, made["reference"]))
    story.do("VH-KT", day, remit.DisputeRemittance(superior_id=UnitId("VH"), remittance_id=case, reason="thiếu 63.000"))
    explain = remit.ExplainDispute(unit_id=UnitId("D"), remittance_id=case, explanation="ghi nhầm", document=None)
    story.do("D-TP", day, explain)
    correct = remit.CorrectSending(unit_id=UnitId("D"), remittance_id=case, difference=63_000, reason="ghi nhầm")
    story.do("D-TP", day, correct)
    story.do("D-TP", later, remit.SendRemittance(unit_id=UnitId("D"), remittance_id=case, sent_on=later))
    story.bank("D", later, out("d-s2", later, 63_000, made["reference"]))
    story.bank("VH", later, into("d-s2", later, 63_000, made["reference"]))
    done = resolve.ResolveDispute(
        superior_id=UnitId("VH"), remittance_id=case, resolution=Resolution.KEYED_WRONG, note="đã gửi bổ sung"
    )
    story.do("VH-KT", later, done)


def _approve(story: Story, refund: str, unit: str, day: date) -> None:
    for approver in (f"{unit}-BT", "VH-CU"):
        story.do(approver, day, refunds.ApproveRefund(unit_id=UnitId(unit), refund_id=RefundId(refund)))


def _pay_back(story: Story, refund: str, unit: str, day: date, amount: int) -> None:
    pay = payouts.PayRefund(unit_id=UnitId(unit), refund_id=RefundId(refund), asset=Asset.BANK, paid_on=day)
    reference = story.do("VH-TQ", day, pay)["reference"]
    story.bank(unit, day, out(f"pay-{refund}", day, amount, reference))


def _refund(story: Story) -> None:
    """Out of credit, out of suspense, and after the split; what is given back up is netted in August."""
    day = date(2026, 8, 21)
    credit = refunds.RequestCreditRefund(
        refund_id=RefundId("HT-1"),
        unit_id=UnitId("C"),
        member_id=MemberId("C4"),
        amount=90_000,
        reason="đóng hai lần",
        decision="QD-HT-1",
    )
    story.do("C-TP", day, credit)
    _approve(story, "HT-1", "C", day)
    unknown = refunds.RequestSuspenseRefund(
        refund_id=RefundId("HT-2"),
        unit_id=UnitId("C"),
        payment_id=_waiting("back"),
        amount=7_000,
        reason="chuyển nhầm",
        decision="QD-HT-2",
    )
    story.do("C-TP", day, unknown)
    _approve(story, "HT-2", "C", day)
    exempt = refunds.RequestReliefRefund(
        refund_id=RefundId("HT-3"),
        unit_id=UnitId("A"),
        member_id=MemberId("A2"),
        month=Month(JULY),
        period=Period(JULY),
        relief="X1",
        percent=100,
        reason="đủ 50 năm tuổi Đảng",
        decision="QD-HT-3",
    )
    story.do("A-TP", day, exempt)
    _approve(story, "HT-3", "A", day)
    _pay_back(story, "HT-1", "C", date(2026, 8, 22), 90_000)
    _pay_back(story, "HT-3", "A", date(2026, 8, 24), 32_716)
    story.assess("VH", "2026-08", date(2026, 8, 25))
    story.request("VH", "2026-08", date(2026, 8, 25))
    story.bank("A", date(2026, 8, 28), into("aug", date(2026, 8, 28), 468_000, story.reference("A4", "2026-08")))
    half = refunds.RequestReliefRefund(
        refund_id=RefundId("HT-4"),
        unit_id=UnitId("A"),
        member_id=MemberId("A4"),
        month=Month("2026-08"),
        period=None,
        relief="X4",
        percent=50,
        reason="khó khăn",
        decision="QD-HT-4",
    )
    story.do("A-TP", date(2026, 8, 29), half)
    _approve(story, "HT-4", "A", date(2026, 8, 29))
    story.declare("A", "2026-08", date(2026, 8, 31))
    story.remit("A", "VH", "2026-08", date(2026, 9, 10))
    story.declare("HP", "2026-Q3", date(2026, 9, 30))
