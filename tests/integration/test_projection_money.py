"""Money in, up and back, and the history of each, as the read models show them on a played ward."""

import re
from dataclasses import replace
from datetime import date

import pytest

from api.reading import reading
from domain.identifiers import RemittanceId
from domain.remittance import require_prepared, under_way
from ledger.books import FoldedBooks, balance
from projections.audit_trail import Subject
from tests.acceptance.story import PROVINCE, WARD, account
from tests.conftest import ShardMaker
from tests.projection_log import played

UNITS = ["HP", "VH", "A", "B", "C", "D"]
END = date(2026, 9, 30)


@pytest.fixture(scope="module")
def ward(_shared_database):
    with played(ShardMaker(_shared_database)()) as installation:
        yield installation


@pytest.fixture
def read(ward):
    with reading(ward) as opened:
        yield opened


@pytest.fixture(scope="module")
def books(ward):
    folded = FoldedBooks(ward.store)
    folded.catch_up()
    return folded


# --- money in -------------------------------------------------------------------------------------------------------


def test_requests_show_what_came_in_under_them(read):
    paid = read.requests(member_id="C4", month="2026-07")[0]
    assert (paid.amount, paid.answered, paid.answers, paid.status()) == (95_000, 190_000, 2, "over")
    unpaid = next(r for r in read.requests(month="2026-08", kind="dues") if r.member_id == "C1")
    assert (unpaid.status(), unpaid.answered) == ("open", 0)
    assert replace(unpaid, valid_until=date(2026, 8, 31)).status(END) == "expired"
    assert read.request(paid.reference) == paid
    assert read.request("HJ0000000000") is None
    first = read.requests(limit=3)
    assert read.requests(after=first[-1].position, limit=1)[0].position > first[-1].position


def test_payments_show_parts_witnesses_credit_receipts_and_conversion(read):
    cash = read.payment("cash:A/3")
    assert cash.converted_by is not None
    batch = read.payment(cash.converted_by)
    assert (batch.converted, batch.dues, batch.request_kind, batch.credited_on) == (
        54_444,
        0,
        "batch",
        date(2026, 7, 22),
    )
    assert len(cash.receipts) == 1
    assert batch.receipts == (), "cash turned into an online payment has one receipt, not two (A9)"
    hooked = read.payment(f"bank:{account('A')}/FT-hook")
    assert [w.source for w in hooked.witnesses] == ["statement"]
    identified = next(p for p in read.payments(unit_ids=["C"]) if p.payment_id.endswith("FT-c5"))
    assert (identified.suspense, identified.suspense_open, len(identified.receipts)) == (50_000, 0, 1)
    for payment in read.payments():
        assert payment.dues + payment.credit + payment.converted + payment.suspense == payment.amount


def test_a_message_that_contradicts_is_listed_as_a_case(read):
    (conflict,) = read.conflicts()
    assert (conflict.reason, conflict.stated) == ("amount-differs", 1_000)
    assert read.conflicts(conflict.payment_id) == (conflict,)
    assert read.payment(conflict.payment_id) is None, "no money came of it"


def test_waiting_money_is_that_of_the_books_with_its_age(read, books):
    for unit in UNITS:
        waiting = {w.payment_id: w.amount for w in read.suspense([unit], END)}
        assert waiting == books.balances(unit, "3380")
        assert sum(w.amount for w in read.clearing([unit], END)) == balance(books, unit, "1140")
    assert all(w.age_days == (END - w.paid_on).days for w in read.suspense(UNITS, END))


def test_receipts_have_no_gap_and_lead_to_their_payments(read):
    by_book: dict[tuple[str, int], list[int]] = {}
    for receipt in read.receipts():
        by_book.setdefault((receipt.unit, receipt.year), []).append(receipt.number)
        assert f"{receipt.unit}/{receipt.year}/{receipt.number}" in read.payment(receipt.payment_id).receipts
    assert by_book
    for numbers in by_book.values():
        assert numbers == list(range(1, len(numbers) + 1))
    assert read.receipts(payment_id="cash:A/1")[0].member_id == "A2"


def test_bank_lines_show_where_each_went_and_statements_add_up(read):
    for statement in read.statements():
        assert statement.opening + statement.credits - statement.debits == statement.closing
    lines = read.bank_lines(accounts=[account("C")])
    assert {line.outcome for line in lines} >= {"reference", "suspense", "state-funding", "refund-debit"}
    assert read.bank_lines(unplaced_only=True) == ()
    fee = next(line for line in read.bank_lines(accounts=[account("A")]) if line.named is not None)
    assert (fee.named, fee.amount, fee.direction) == ("bank-fee", 11_000, "out")
    july = read.bank_lines(accounts=[account("C")], first=date(2026, 7, 8), last=date(2026, 7, 9))
    assert [line.amount for line in july] == [95_000, 95_000]


# --- money up and back ----------------------------------------------------------------------------------------------


def test_declarations_split_to_the_dong_and_show_what_refunds_took_back(read):
    for made in read.declarations():
        assert made.state == "declared"
        assert made.own + made.from_subordinates == made.collected == made.kept + made.payable
        assert made.reduced == made.kept_back + made.passed_back
        assert made.is_example
        assert made.cut_position < made.position
    (cell,) = read.declarations(unit_ids=["A"], period="2026-07")
    (ward_,) = read.declarations(unit_ids=["VH"], period="2026-07")
    assert cell.reduced == 32_716
    assert ward_.reduced == cell.passed_back
    assert cell.kept_back + ward_.kept_back + ward_.unsplit_reduced == 32_716


def test_remittances_are_the_aggregates_own_sums(ward, read):
    work = ward.ledger.work()
    found = read.remittances()
    assert len(found) == 6
    for row in found:
        state = require_prepared(work.remittance(RemittanceId(row.remittance_id)))
        assert (row.prepared, row.sent, row.received, row.settled) == (
            state.prepared.amount,
            state.sent,
            state.received,
            state.settled,
        )
        assert row.under_way == under_way(state) == 0
    wrong = read.remittance("D/2026-07/1")
    assert (wrong.sent, wrong.corrected, wrong.sendings, wrong.seen, wrong.disputes) == (70_000, 63_000, 2, 70_000, 1)
    assert (wrong.status, wrong.disputed, wrong.explanation) == ("received", False, "ghi nhầm")
    assert read.remittance("B/2026-07/1").status == "settled"
    assert read.under_way(UNITS, END) == ()
    assert {r.unit for r in read.remittances(unit_ids=["VH"], period="2026-07")} == {"A", "B", "C", "D", "VH"}


def test_refunds_show_parts_approvals_and_payout(read):
    after_split = read.refund("HT-3")
    assert (after_split.source, after_split.status) == ("split", "seen-by-bank")
    assert after_split.approvers == ("A-BT", "VH-CU")
    assert sum(p.kept_part + p.unsplit_part for p in after_split.parts) == after_split.amount == 32_716
    assert [(r.refund_id, r.status) for r in read.refunds()] == [
        ("HT-1", "seen-by-bank"),
        ("HT-2", "approved"),
        ("HT-3", "seen-by-bank"),
        ("HT-4", "approved"),
    ]


# --- history --------------------------------------------------------------------------------------------------------


def test_the_history_of_a_payment_begins_with_what_was_asked_and_ends_with_the_bank(read):
    payment = next(p for p in read.payments(member_id="A1") if p.channel == "portal")
    told = read.history(Subject.PAYMENT, payment.payment_id)
    assert sorted(line.event for line in told) == [
        "payment-applied",
        "payment-credited",
        "payment-received",
        "payment-requested",
        "request-answered",
    ]
    assert told[0].event == "payment-requested"
    assert told[-1].event == "payment-credited"
    received = next(line for line in told if line.event == "payment-received")
    assert "Cổng Dịch vụ công ghi nhận 123.457 đồng vào ngày 09/07/2026" in received.sentence


def test_the_history_of_a_disputed_remittance_tells_the_whole_story(read):
    told = read.history("remittance", "D/2026-07/1")
    names = [line.event for line in told]
    wanted = [
        "remittance-prepared",
        "remittance-approved",
        "remittance-sent",
        "sending-seen",
        "remittance-received",
        "remittance-disputed",
        "dispute-explained",
        "sending-corrected",
    ]
    assert [name for name in dict.fromkeys(names) if name in wanted] == wanted
    assert "payment-requested" in names
    disputed = next(line for line in told if line.event == "remittance-disputed")
    assert "ghi gửi 70.000 đồng, thực nhận 7.000 đồng, lý do: thiếu 63.000" in disputed.sentence
    assert (disputed.actor, disputed.role, disputed.unit) == ("VH-KT", "accountant", "VH")
    assert disputed.sentence.startswith("12/08/2026 12:00, kế toán VH-KT tra soát")


def test_the_history_of_a_refund_reaches_every_level_and_names_units_by_their_names(read):
    told = read.history("refund", "HT-3")
    assert {"refund-requested", "refund-approved", "declaration-restated", "unsplit-reduced", "refund-paid-out"} <= {
        line.event for line in told
    }
    sentences = " ".join(line.sentence for line in told)
    assert "Đơn vị A" in sentences
    assert "Đơn vị HP" in sentences
    assert "⟦" not in sentences


def test_the_history_of_a_member_has_every_event_that_names_the_member(ward, read):
    told = {line.position for line in read.history("member", "A2")}
    named = {r.position for r in ward.store.read(0, read.position) if getattr(r.event, "member_id", None) == "A2"}
    assert told == named


def test_the_history_of_a_unit_comes_page_by_page(read):
    everything = read.history("unit", WARD)
    first = read.history("unit", WARD, limit=10)
    rest = read.history("unit", WARD, after=first[-1].position)
    assert (*first, *rest) == everything
    assert len(everything) > 30


def test_no_sentence_in_the_whole_log_shows_a_gap_or_a_bare_number(read):
    lines = read.history("unit", PROVINCE) + read.history("unit", WARD)
    lines += tuple(line for unit in "ABCD" for line in read.history("unit", unit))
    for line in lines:
        assert not re.search(r"None|\{|\}|⟦|\b\d{4,} đồng", line.sentence), line.sentence
