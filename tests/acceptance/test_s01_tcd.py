"""S01-TCĐ and the public posting of a cell, to the đồng: the August of story 5, with a year around it."""

from datetime import date
from typing import Any

from domain.bank_account import NotDues
from domain.identifiers import OfficerId, UnitId
from domain.payment import Asset
from domain.period import Period
from domain.spending import VoucherKind
from ledger.handlers import cash_count, spend, statements
from ledger.statutory.public_posting import public_posting
from ledger.statutory.s01_tcd import S01Tcd, s01_tcd
from ledger.statutory.sources import LogSources
from tests.acceptance.story import START, Cell, Story, account, into, member, out

G = UnitId("G")


def spent(story: Story, voucher: str, amount: int, on: date, **more: Any) -> dict[str, Any]:
    told: dict[str, Any] = {
        "unit_id": G,
        "voucher_id": voucher,
        "kind": VoucherKind.PAYMENT,
        "heading": "newspapers",
        "source": "4310",
        "asset": Asset.BANK,
        "amount": amount,
        "dated": on,
        "purpose": "báo",
    }
    story.do("G-TP", on, spend.ProposeVoucher(**{**told, **more}))
    return story.do("G-BT", on, spend.ApproveVoucher(unit_id=G, voucher_id=voucher))


def play(story: Story) -> None:
    """July: 150,000 in cash declared (45,000 kept). August: 600,000 declared, 480,000 for newspapers, fee, interest."""
    story.set_up([Cell(id="G", bank=2_950_000)], ward_bank=25_000_000)
    story.enrol(
        "G",
        member("G1", "SI_COMPULSORY", ("si-salary", 15_000_000)),
        member("G2", "SI_COMPULSORY", ("si-salary", 45_000_000)),
    )
    story.assess("G", "2026-07", START)
    story.cash("G", "1", "G1", 150_000, date(2026, 7, 12))
    story.declare("G", "2026-07", date(2026, 8, 1))
    story.assess("G", "2026-08", date(2026, 8, 1))
    story.request("G", "2026-08", date(2026, 8, 1))
    day = date(2026, 8, 20)
    reference = spent(story, "DN-1", 480_000, day)["reference"]
    story.bank(
        "G",
        day,
        into("g2", day, 450_000, story.reference("G2", "2026-08")),
        into("g1", day, 150_000, story.reference("G1", "2026-08")),
        out("bao", day, 480_000, str(reference)),
        out("phi", day, 11_000, content="THU PHI DICH VU SMS"),
        into("lai", day, 437, content="TRA LAI TIEN GUI"),
        into("nsnn", day, 1_000_000, content="cap kinh phi"),
    )
    line = next(
        x for x in story.installation.ledger.work().account(account("G")).lines.values() if x.amount == 1_000_000
    )
    named = statements.NameMovement(
        account_id=account("G"),
        unit_id=G,
        line_key=line.key,
        what=NotDues.STATE_FUNDING,
        heading="ngân sách",
        ground="QĐ cấp",
    )
    story.do("VH-KT", day, named)
    story.declare("G", "2026-08", date(2026, 8, 31))


def book(story: Story, first: date, last: date) -> S01Tcd:
    store = story.installation.store
    return s01_tcd(LogSources(store), G, first, last, until=store.head())


def some(pairs: tuple[tuple[str, int], ...]) -> dict[str, int]:
    return {code: amount for code, amount in pairs if amount}


def test_the_book_of_august_is_right_to_the_dong_and_stands_beside_its_cover(story: Story) -> None:
    play(story)
    found = book(story, date(2026, 8, 1), date(2026, 8, 31))
    assert found.opening == 2_950_000
    assert found.period.dues == (("2026-07", 45_000), ("2026-08", 180_000))
    assert some(found.period.incomes) == {"state-funding": 1_000_000, "interest": 437}
    assert some(found.period.spent) == {"newspapers": 480_000, "bank-fee": 11_000}
    assert some(found.period.spent_from) == {"4310": 491_000}
    assert found.period.by_line() == {
        "newspapers": 480_000,
        "congress": 0,
        "awards": 0,
        "support": 0,
        "committee-allowance": 0,
        "other": 11_000,
    }
    assert (found.period.total_in, found.period.total_out) == (1_225_437, 491_000)
    assert found.balance == 2_950_000 + 1_225_437 - 491_000 == 3_684_437
    assert (found.year_opening, found.year.brought_in) == (0, 2_950_000)
    assert found.year.total_in == found.period.total_in
    cover = found.cover
    assert (cover.cash, cover.bank, cover.elsewhere, cover.of_others) == (150_000, 4_059_437, 0, 525_000)
    assert cover.own == found.balance


def test_a_shortage_stays_the_units_own_until_it_is_written_off(story: Story) -> None:
    play(story)
    day = date(2026, 9, 1)
    witness = OfficerId("VH-KT")
    story.do("G-TP", day, cash_count.CountCash(unit_id=G, counted_on=day, notes=(), total=140_000, witness=witness))
    found = book(story, day, date(2026, 9, 30))
    assert (found.balance, found.cover.shortage, found.cover.own) == (3_684_437, 10_000, 3_684_437)
    off = cash_count.WriteOffShortage(unit_id=G, case_id="KQ/G/1", amount=10_000, source="4310", decision="QD")
    story.do("G-BT", day, off)
    found = book(story, day, date(2026, 9, 30))
    assert some(found.period.spent) == {"shortage": 10_000}
    assert (found.opening, found.balance, found.cover.own) == (3_684_437, 3_674_437, 3_674_437)


def test_the_close_of_a_year_is_neither_income_nor_spending(story: Story) -> None:
    play(story)
    before = book(story, date(2026, 1, 1), date(2026, 12, 31))
    story.do("VH-KT", date(2027, 1, 5), spend.CloseFundYear(unit_id=G, year=2026))
    after = book(story, date(2026, 1, 1), date(2026, 12, 31))
    assert after == before
    next_year = book(story, date(2027, 1, 1), date(2027, 1, 31))
    assert (next_year.year_opening, next_year.opening, next_year.balance) == (3_684_437, 3_684_437, 3_684_437)
    assert next_year.year.total_in == next_year.year.total_out == 0


def test_the_public_posting_of_a_cell_says_what_came_in_stayed_went_up_and_was_spent(story: Story) -> None:
    play(story)
    store = story.installation.store
    august = public_posting(LogSources(store), G, Period("2026-08"), until=store.head())
    assert (august.declared, august.collected, august.kept, august.payable) == (True, 600_000, 180_000, 420_000)
    assert (august.sent, august.still_to_send, august.unsplit) == (0, 420_000, 0)
    assert some(august.spent) == {"newspapers": 480_000, "bank-fee": 11_000}
    assert (august.spent_total, august.balance) == (491_000, 3_684_437)
    story.remit("G", "VH", "2026-07", date(2026, 9, 3))
    story.remit("G", "VH", "2026-08", date(2026, 9, 4))
    sent = public_posting(LogSources(store), G, Period("2026-08"), until=store.head())
    assert (sent.sent, sent.still_to_send) == (420_000, 0)


def test_a_period_without_a_share_is_shown_as_not_split(story: Story) -> None:
    story.set_up([Cell(id="G", bank=1_000)], shares=(), ward_bank=25_000_000)
    story.enrol("G", member("G1", "SI_COMPULSORY", ("si-salary", 15_000_000)))
    story.assess("G", "2026-07", START)
    story.cash("G", "1", "G1", 150_000, date(2026, 7, 12))
    store = story.installation.store
    july = public_posting(LogSources(store), G, Period("2026-07"), until=store.head())
    assert (july.declared, july.collected, july.kept, july.unsplit) == (False, 150_000, 0, 150_000)
