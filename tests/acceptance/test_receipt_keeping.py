"""Receipts: void and replaced, printed once and copied, and the sheet on which members sign for cash."""

import hashlib
from datetime import date

import pytest

from adapters.books.cash_sheet import sheet_pdf
from adapters.books.receipt import receipts_pdf
from api.flows.papers import receipts_of
from api.flows.receipts import cash_sheet, file_scan, parse_span, print_one, unsigned
from domain.correction import Kind, Wanted
from domain.errors import Malformed, Refusal, RefusalCode
from domain.identifiers import PaymentId, UnitId
from domain.period import Month
from ledger.handlers.receipts import VoidReceipt
from ledger.verify import verify
from ledger.work import Act
from tests.acceptance.story import Story, at
from tests.acceptance.test_closing_months import A, kinds, played, refusal, sound
from tests.acceptance.test_corrections import corrected
from tests.good_log import read_all

TODAY = date(2026, 8, 4)


def who(story: Story, actor: str = "A-TP") -> Act:
    """An act of today."""
    import uuid

    story.commands += 1
    return Act(actor=actor, at=at(TODAY), command_id=uuid.uuid5(uuid.NAMESPACE_OID, f"act/{story.commands}"))


def test_a_void_receipt_keeps_its_number_and_another_stands_for_it(story: Story) -> None:
    played(story)
    command = VoidReceipt(unit_id=A, year=2026, number=2, reason="rách", replace=True)
    assert story.do("A-TP", TODAY, command) == {"voided": 2, "replaced_by": 3}
    assert story.do("A-TP", TODAY, command) == {"voided": 2, "replaced_by": None}
    book = story.installation.ledger.work().receipts(A, 2026)
    assert (book.last, book.void, book.by_payment[PaymentId("cash:A/1")]) == (3, frozenset({2}), 3)
    sound(story)


def test_a_void_receipt_without_another_is_a_point_of_the_months_checklist(story: Story) -> None:
    played(story)
    story.do("A-TP", TODAY, VoidReceipt(unit_id=A, year=2026, number=2, reason="rách", replace=False))
    assert "receipt" in kinds(story)
    assert [d.number for d in receipts_of(story.installation)] == [1]
    sound(story)


def test_a_number_that_was_never_issued_is_refused(story: Story) -> None:
    played(story)
    no = refusal(story, "A-TP", TODAY, VoidReceipt(unit_id=A, year=2026, number=7, reason="x", replace=False))
    assert no.code is RefusalCode.UNKNOWN_RECEIPT


def test_the_first_printing_is_the_original_and_the_next_says_that_it_is_a_copy(story: Story) -> None:
    played(story)
    first = print_one(story.installation, A, 2026, 1, who(story))
    second = print_one(story.installation, A, 2026, 1, who(story))
    assert (first.copy, second.copy, first.amount) == (0, 1, 100_000)
    assert receipts_pdf((first,))[:4] == b"%PDF"
    assert receipts_pdf((first,)) != receipts_pdf((second,))
    sound(story)


def test_a_void_receipt_is_not_printed(story: Story) -> None:
    played(story)
    story.do("A-TP", TODAY, VoidReceipt(unit_id=A, year=2026, number=2, reason="rách", replace=False))
    with pytest.raises(Refusal) as caught:
        print_one(story.installation, A, 2026, 2, who(story))
    assert caught.value.code is RefusalCode.UNKNOWN_RECEIPT


def test_papers_follow_a_correction(story: Story) -> None:
    played(story)
    wanted = Wanted(
        kind=Kind.CASH,
        payment_id=PaymentId("cash:A/1"),
        to_month=Month("2026-07"),
        amount=20_000,
        slip="1-thay",
    )
    corrected(story, wanted)
    papers = {d.number: (d.payment_id, d.amount) for d in receipts_of(story.installation)}
    assert papers[3] == ("cash:A/1-thay", 20_000)
    assert 2 not in papers


def test_cash_is_signed_for_on_a_sheet_whose_scan_is_kept_and_linked_by_its_hash(story: Story) -> None:
    played(story)
    story.cash("A", "2", "A2", 5_000, date(2026, 8, 2))
    inst = story.installation
    sheet, payments = cash_sheet(inst, A, parse_span("2026-07"))
    assert payments == ("cash:A/1",)
    assert [(line.amount, line.months, line.receipt) for line in sheet.lines] == [(30_000, "2026-07", "2/2026")]
    assert sheet_pdf(sheet) == sheet_pdf(sheet)
    assert unsigned(inst, A, "2026-07") == payments
    scan = b"%PDF-1.7 signed"
    answer = file_scan(inst, A, "2026-07", scan, who(story))
    assert (answer["signed"], answer["sha256"]) == (1, hashlib.sha256(scan).hexdigest())
    assert unsigned(inst, A, "2026-07") == ()
    assert unsigned(inst, A, "2026-08-02") == ("cash:A/2",)
    assert file_scan(inst, A, "2026-07", scan, who(story))["signed"] == 0
    sound(story)


def test_a_scan_that_is_no_longer_kept_as_it_was_is_found(story: Story) -> None:
    played(story)
    scan = b"%PDF-1.7 signed"
    file_scan(story.installation, A, "2026-07", scan, who(story))
    log = read_all(story.installation.store)
    digest = hashlib.sha256(scan).hexdigest()
    assert verify(log, evidence=lambda _: digest).ok
    for kept in (None, "00" * 32):
        bad = verify(log, evidence=lambda _, kept=kept: kept)
        assert [check.id for check in bad.checks if not check.ok] == ["I34"]


def test_only_scans_and_only_spans_are_taken(story: Story) -> None:
    played(story)
    with pytest.raises(Malformed):
        file_scan(story.installation, A, "2026-07", b"hello", who(story))
    with pytest.raises(Refusal):
        file_scan(story.installation, UnitId("B"), "2026-07", b"%PDF", who(story, "B-TP"))
    with pytest.raises(Malformed):
        parse_span("2026-07-33")
