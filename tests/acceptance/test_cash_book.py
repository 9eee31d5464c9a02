"""The cash book shows every movement with its paper and balance; alerts name cash that should be in the bank."""

from datetime import date

import pytest

from api.flows.cash import alerts_of, book_as_csv, book_of
from api.reading import reading
from domain.errors import Refusal, RefusalCode
from domain.identifiers import OfficerId, UnitId
from domain.payment import Asset
from domain.period import Month
from domain.policy_rows import Confidence, PolicyRows, SettingRow
from domain.policy_settings import SettingName
from domain.spending import VoucherKind
from ledger.cash_book import CashBook, cash_book, movements
from ledger.handlers import cash_count, collect, setup, spend
from ledger.store import Recorded
from tests.acceptance.story import START, Cell, Story, into, member
from tests.good_log import read_all

A = UnitId("A")


def play(story: Story) -> str:
    """July of a cell: cash in, a bag to the bank, a voucher, one void, a count; returns the bag's reference."""
    story.set_up([Cell(id="A", bank=1_000_000)], ward_bank=25_000_000)
    story.enrol("A", member("A1", "SI_COMPULSORY", ("si-salary", 15_000_000)), member("A2", "STUDENT"))
    story.assess("A", "2026-07", START)
    story.cash("A", "14", "A1", 150_000, date(2026, 7, 6))
    bag = collect.TakeCashBag(unit_id=A, amount=100_000, taken_on=date(2026, 7, 7))
    reference = str(story.do("A-TP", date(2026, 7, 7), bag)["bag"])
    story.cash("A", "15", "A2", 5_000, date(2026, 7, 20))
    for voucher, amount in (("DN-1", 20_000), ("DN-2", 7_000)):
        asked = spend.ProposeVoucher(
            unit_id=A,
            voucher_id=voucher,
            kind=VoucherKind.PAYMENT,
            heading="newspapers",
            source="4310",
            asset=Asset.CASH,
            amount=amount,
            dated=date(2026, 7, 21),
            purpose="báo",
        )
        story.do("A-TP", date(2026, 7, 21), asked)
        story.do("A-BT", date(2026, 7, 21), spend.ApproveVoucher(unit_id=A, voucher_id=voucher))
    story.do("A-BT", date(2026, 7, 22), spend.VoidVoucher(unit_id=A, voucher_id="DN-2", reason="trùng"))
    count = cash_count.CountCash(
        unit_id=A, counted_on=date(2026, 7, 31), notes=(), total=34_000, witness=OfficerId("VH-KT")
    )
    story.do("A-TP", date(2026, 7, 31), count)
    return reference


def folded(story: Story, first: date, last: date) -> CashBook:
    log = [r for r in read_all(story.installation.store) if isinstance(r, Recorded)]
    moved = [m for recorded in log for m in movements(recorded)]
    return cash_book("A", moved, first, last)


def test_every_movement_has_its_paper_and_the_balance_after_it(story: Story) -> None:
    reference = play(story)
    book = folded(story, date(2026, 7, 7), date(2026, 7, 31))
    assert (book.opening, book.received, book.paid, book.closing) == (150_000, 12_000, 128_000, 34_000)
    assert [(x.movement.paper, x.movement.amount, x.balance) for x in book.lines] == [
        (f"giấy nộp {reference}", -100_000, 50_000),
        ("phiếu 15", 5_000, 55_000),
        ("phiếu chi 1/2026", -20_000, 35_000),
        ("phiếu chi 2/2026", -7_000, 28_000),
        ("phiếu chi 2/2026", 7_000, 35_000),
        ("kiểm quỹ 1", -1_000, 34_000),
    ]
    assert story.balances("A")["1110"] == book.closing


def test_the_stored_book_is_the_folded_one_and_csv_says_the_same(story: Story) -> None:
    play(story)
    if story.installation.shard is None:
        pytest.skip("trong bộ nhớ không có bảng đọc")
    with reading(story.installation) as read:
        stored = book_of(read, A, date(2026, 7, 1), date(2026, 7, 31))
    assert stored == folded(story, date(2026, 7, 1), date(2026, 7, 31))
    rows = book_as_csv(stored).splitlines()
    assert rows[0] == "Ngày,Chứng từ,Nội dung,Thu,Chi,Tồn quỹ"
    assert rows[-1] == '2026-07-31,,"Cộng, tồn cuối kỳ",162000,128000,34000'
    assert len(rows) == 3 + len(stored.lines)


def test_alerts_name_old_cash_bags_limits_and_open_shortages_with_the_next_step(story: Story) -> None:
    reference = play(story)
    if story.installation.shard is None:
        pytest.skip("trong bộ nhớ không có bảng đọc")
    limit = SettingRow(
        id="EX-CASH-LIMIT",
        name=SettingName.CASH_LIMIT,
        value="30000",
        unit_kind=None,
        is_default=False,
        from_month=Month("2026-07"),
        to_month=None,
        document="QD-DM",
        article=None,
        confidence=Confidence.GUESS,
        note="",
    )
    command = setup.ActivatePolicy(
        rows=PolicyRows(settings=(limit,)),
        approver="HP-CU",
        document="QD-DM",
        decided_on=date(2026, 1, 1),
        allow_draft_with_document=True,
    )
    story.do("service:setup", date(2026, 7, 31), command)
    with reading(story.installation) as read:
        work = story.installation.ledger.work()
        early = alerts_of(read, work, [A], date(2026, 7, 8))
        late = alerts_of(read, work, [A], date(2026, 8, 10))
    assert [(x.kind, x.amount) for x in early] == [("limit", 50_000)], "of that day, and young"
    assert [(x.kind, x.key, x.amount, x.since, x.working_days) for x in late] == [
        ("limit", "A", 34_000, date(2026, 7, 22), 13),
        ("old-cash", "A", 34_000, date(2026, 7, 6), 25),
        ("bag", reference, 100_000, date(2026, 7, 7), 24),
        ("shortage", "KQ/A/1", 1_000, date(2026, 7, 31), 6),
    ]
    assert all(x.next_step for x in late)
    story.bank("A", date(2026, 8, 11), into("bag", date(2026, 8, 11), 100_000, reference))
    with reading(story.installation) as read:
        assert "bag" not in {x.kind for x in alerts_of(read, work, [A], date(2026, 8, 12))}


def test_spending_out_of_the_cash_box_counts_against_the_next_one(story: Story) -> None:
    play(story)
    more = spend.ProposeVoucher(
        unit_id=A,
        voucher_id="DN-3",
        kind=VoucherKind.PAYMENT,
        heading="support",
        source="4310",
        asset=Asset.CASH,
        amount=34_001,
        dated=date(2026, 7, 31),
        purpose="thăm hỏi",
    )
    story.do("A-TP", date(2026, 7, 31), more)
    with pytest.raises(Refusal) as caught:
        story.do("A-BT", date(2026, 7, 31), spend.ApproveVoucher(unit_id=A, voucher_id="DN-3"))
    assert caught.value.code is RefusalCode.CASH_NOT_IN_HAND
