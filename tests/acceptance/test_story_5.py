"""Story 5 of accounting.md: two cells merge amid a keying error, a cash shortage and an arrear (E + F → G)."""

from dataclasses import replace
from datetime import date
from typing import Any

from domain.access import Role
from domain.identifiers import AccountId, OfficerId, RemittanceId, UnitId
from domain.opening import OpeningEntered, OpeningFigures
from domain.organisation import UnitRegistered
from domain.organisation_kinds import UnitKind
from domain.payment import Asset
from domain.period import Month
from domain.remittance import Way
from domain.restructuring import RestructureKind, Side
from domain.spending import VoucherKind
from ledger.handlers import cash_count, remit, restructure, roster, setup, spend
from ledger.verify import verify
from projections.all import PROJECTIONS
from projections.remittances import remittance
from projections.runner import catch_up
from projections.stored import stored
from projections.units import accounts_of, all_units, subtree
from tests.acceptance.story import START, Cell, Story, account, grant, into, member, out
from tests.acceptance.tables import ABOVE, check

SUPERIOR = {"E": "VH", "F": "VH", "G": "VH", **ABOVE}
E, F, G, WARD = UnitId("E"), UnitId("F"), UnitId("G"), UnitId("VH")
JULY, AUGUST = "2026-07", "2026-08"
MERGER = "SN-2026-08"

ON_31_JULY = """
| account | E         | F         |
| 1110    | 150,000   | ·         |
| 1120    | 2,150,000 | 1,046,801 |
| 1150    | 350,000   | ·         |
| 3360    | 350,000   | 172,761   |
| 4310    | 2,300,000 | 874,040   |
"""

ON_1_AUGUST = """
| account | E | F | G         | VH      |
| 1110    | · | · | 140,000   | ·       |
| 1120    | · | · | 3,196,801 | ·       |
| 1150    | · | · | 350,000   | ·       |
| 1360    | · | · | ·         | 522,761 |
| 1370    | · | · | 10,000    | ·       |
| 3350    | · | · | ·         | 522,761 |
| 3360    | · | · | 522,761   | ·       |
| 4310    | · | · | 3,174,040 | ·       |
"""

ON_4_AUGUST = """
| account | E | F | G         | VH      |
| 1110    | · | · | 140,000   | ·       |
| 1120    | · | · | 3,511,801 | 35,000  |
| 1360    | · | · | ·         | 487,761 |
| 1370    | · | · | 10,000    | ·       |
| 3310    | · | · | ·         | 35,000  |
| 3350    | · | · | ·         | 487,761 |
| 3360    | · | · | 487,761   | ·       |
| 4310    | · | · | 3,174,040 | ·       |
"""

ON_31_AUGUST = """
| account | E | F | G         | VH      | HP      |
| 1110    | · | · | 150,000   | ·       | ·       |
| 1120    | · | · | 3,293,477 | 261,381 | 261,380 |
| 1360    | · | · | ·         | 532,000 | ·       |
| 3310    | · | · | ·         | ·       | 261,380 |
| 3350    | · | · | ·         | 532,000 | ·       |
| 3360    | · | · | 532,000   | ·       | ·       |
| 4310    | · | · | 3,402,040 | 261,381 | ·       |
| 4320    | · | · | 437       | ·       | ·       |
| 6310    | · | · | 491,000   | ·       | ·       |
"""


def _begin(story: Story) -> None:
    story.set_up([Cell(id="E"), Cell(id="F")])
    openings = tuple(_opening(unit, bank, cash) for unit, bank, cash in ((E, 2_000_000, 150_000), (F, 800_000, 0)))
    story.do("VH-KT", START, setup.EnterOpenings(root=WARD, openings=openings))
    story.do("VH-CU", START, setup.SignOpenings(root=WARD, units=(E, F)))
    story.truth |= {account(E): 2_000_000, account(F): 800_000}
    office = setup.GrantRoles(grants=(grant("VH-VP", Role.OFFICE, WARD),))
    story.do("service:setup", START, office)
    arrear = roster.ArrearRow(month=Month("2025-12"), base=4_500_000)
    story.enrol(
        "E",
        member("E1", "SI_COMPULSORY", ("si-salary", 25_000_000)),
        replace(
            member("E2", "SI_COMPULSORY", ("si-salary", 25_000_000), arrears=(arrear,)), category_342="R342_ADMIN_ARMED"
        ),
    )
    story.enrol("F", member("F1", "SI_COMPULSORY", ("si-salary", 24_680_100)))


def _opening(unit: UnitId, bank: int, cash: int) -> OpeningEntered:
    figures = OpeningFigures(
        account_id=account(unit),
        bank=bank,
        cash=cash,
        fund=bank + cash,
        credit=0,
        arrears=0,
        ytd_collected=0,
        ytd_kept=0,
        ytd_remitted=0,
    )
    return OpeningEntered(unit_id=unit, as_of=START, figures=figures, document="BB-01", entered_by="VH-KT")


def _july(story: Story) -> RemittanceId:
    """July by bank; on the 31st E records 350,000 as sent and its bank takes 35,000."""
    for unit in ("E", "F"):
        story.assess(unit, JULY, START)
        story.request(unit, JULY, START)
    day = date(2026, 7, 14)
    paid = [into(f"jul-{name}", day, 250_000, story.reference(name, JULY)) for name in ("E1", "E2")]
    story.bank("E", day, *paid)
    story.bank("F", day, into("jul-F1", day, 246_801, story.reference("F1", JULY)))
    end = date(2026, 7, 31)
    assert story.declare("E", JULY, end)["payable"] == 350_000
    assert story.declare("F", JULY, end)["payable"] == 172_761
    made = story.prepare("E", JULY, end, Way.BANK, "Cổng chưa nhận lệnh của chi bộ")
    case = RemittanceId(made["remittance_id"])
    story.do("E-TP", end, remit.SendRemittance(unit_id=E, remittance_id=case, sent_on=end))
    story.bank("E", end, out("E-jul", end, 35_000, made["reference"]))
    story.bank("F", end)
    assert story.truth[account(E)] == 2_465_000
    return case


def _merge(story: Story) -> None:
    """1 August: the cash is counted, both sides sign, the ward's office carries the merger out."""
    day = date(2026, 8, 1)
    new = UnitRegistered(
        unit_id=G,
        code="G",
        name="Chi bộ G",
        kind=UnitKind.CELL,
        parent_id=WARD,
        effective_from=day,
        has_books=True,
    )
    story.do("service:setup", day, setup.RegisterOrganisation(units=(new,)))
    grants = (grant("G-TP", Role.COLLECTOR, "G"), grant("G-BT", Role.SECRETARY, "G"))
    story.do("service:setup", day, setup.GrantRoles(grants=grants))
    counted = cash_count.CountCash(unit_id=E, counted_on=day, notes=(), total=140_000, witness=OfficerId("E-BT"))
    assert story.do("E-TP", day, counted)["shortage"] == 10_000
    plan = restructure.PlanRestructure(
        root=WARD,
        restructure_id=MERGER,
        kind=RestructureKind.MERGE,
        sources=(E, F),
        target=G,
        effective_on=day,
        decision="12-QĐ/ĐU",
        decided_by="Đảng ủy phường",
        decided_on=date(2026, 7, 25),
    )
    assert story.do("VH-VP", day, plan)["to_sign"] == {"old": ["E", "F"], "new": ["G"]}
    for officer, unit, side in (("E-BT", E, Side.OLD), ("F-BT", F, Side.OLD), ("G-BT", G, Side.NEW)):
        story.do(officer, day, restructure.SignHandover(unit_id=unit, restructure_id=MERGER, side=side))
    done = story.do("VH-VP", day, restructure.CarryOutRestructure(root=WARD, restructure_id=MERGER))
    assert (done["members"], done["accounts"], done["remittances"]) == (3, 2, 1)


def _correct(story: Story, case: RemittanceId) -> None:
    """The ward sees 35,000 and disputes; G, which has E's remittance now, corrects the sending."""
    seen = date(2026, 8, 3)
    directory = story.installation.ledger.directory
    directory.catch_up()
    reference = directory.request_of_case(case)
    assert reference is not None
    assert story.bank("VH", seen, into("E-jul", seen, 35_000, reference))["placed"] == {"remittance-credit": 1}
    told = story.do(
        "VH-KT",
        seen,
        remit.DisputeRemittance(superior_id=WARD, remittance_id=case, reason="chỉ nhận 35.000 đồng"),
    )
    assert (told["expected"], told["seen"]) == (350_000, 35_000)
    day = date(2026, 8, 4)
    explain = remit.ExplainDispute(unit_id=G, remittance_id=case, explanation="ghi nhầm một số 0", document=None)
    story.do("G-TP", day, explain)
    fix = remit.CorrectSending(unit_id=G, remittance_id=case, difference=315_000, reason="ghi 350.000 thay vì 35.000")
    story.do("G-TP", day, fix)


def _send_the_rest(story: Story, case: RemittanceId) -> None:
    """The collector makes the shortage good; G sends the rest of E's and all of F's July; the ward passes it on."""
    day = date(2026, 8, 5)
    good = cash_count.MakeGoodShortage(unit_id=G, case_id="KQ/E/1", amount=10_000, paid_on=day)
    story.do("G-TP", day, good)
    sent = story.do("G-TP", day, remit.SendRemittance(unit_id=G, remittance_id=case, sent_on=day))
    assert sent["sent"] == 315_000
    made = story.prepare("G", JULY, day, Way.BANK, "Cổng chưa nhận lệnh của chi bộ")
    assert made["amount"] == 172_761
    other = RemittanceId(made["remittance_id"])
    story.do("G-TP", day, remit.SendRemittance(unit_id=G, remittance_id=other, sent_on=day))
    first = story.installation.ledger.directory.request_of_case(case)
    assert first is not None
    moved = ((315_000, first), (172_761, str(made["reference"])))
    _bank(story, day, *(out(f"G-{amount}", day, amount, reference) for amount, reference in moved))
    story.bank("VH", day, *(into(f"G-{amount}", day, amount, reference) for amount, reference in moved))
    declared = story.declare("VH", JULY, date(2026, 8, 12))
    assert (declared["collected"], declared["kept"], declared["payable"]) == (522_761, 261_381, 261_380)
    assert story.remit("VH", "HP", JULY, date(2026, 8, 17)) == 261_380


def _bank(story: Story, to: date, *lines: Any) -> None:
    """The next statement of the account that E had and that is G's now."""
    statement = replace(story.statement("E", to, *lines), unit_id=G)
    assert story.do("VH-KT", to, statement)["left"] == []


def _august(story: Story) -> None:
    begin = date(2026, 8, 6)
    story.new_base("F1", "si-salary", JULY, 21_500_000, begin)
    assert story.assess("G", AUGUST, begin)["due"] == 715_000
    story.request("G", AUGUST, begin)
    story.request("G", "2025-12", begin)
    voucher = spend.ProposeVoucher(
        unit_id=G,
        voucher_id="PC-BAO",
        kind=VoucherKind.PAYMENT,
        heading="newspapers",
        source="4310",
        asset=Asset.BANK,
        amount=480_000,
        dated=begin,
        purpose="báo Đảng quý III",
    )
    story.do("G-TP", begin, voucher)
    approved = story.do("G-BT", begin, spend.ApproveVoucher(unit_id=G, voucher_id="PC-BAO"))
    day, end = date(2026, 8, 20), date(2026, 8, 31)
    paid = (("E1", 250_000, AUGUST), ("E2", 250_000, AUGUST), ("F1", 215_000, AUGUST), ("E2", 45_000, "2025-12"))
    lines = [into(f"aug-{n}-{month}", day, amount, story.reference(n, month)) for n, amount, month in paid]
    lines.append(out("bao", day, 480_000, approved["reference"]))
    lines.append(out("phi", end, 11_000, content="Phi dich vu thang 8"))
    lines.append(into("lai", end, 437, content="Tra lai tien gui"))
    _bank(story, end, *lines)
    made = story.declare("G", AUGUST, end)
    assert (made["collected"], made["kept"], made["payable"]) == (760_000, 228_000, 532_000)


def test_a_merger_with_an_error_under_way_ends_in_the_balances_of_the_story(story: Story) -> None:
    _begin(story)
    case = _july(story)
    assert (story.owed("E"), story.owed("F")) == (45_000, 0)
    check(story, ON_31_JULY, superior=SUPERIOR)
    _merge(story)
    check(story, ON_1_AUGUST, superior=SUPERIOR)
    assert (story.owed("E"), story.owed("G")) == (0, 45_000)
    _correct(story, case)
    check(story, ON_4_AUGUST, superior=SUPERIOR)
    _send_the_rest(story, case)
    _august(story)
    check(story, ON_31_AUGUST, superior=SUPERIOR)
    assert story.owed("G") == 0
    verdict = verify(story.installation.store.read(0, 1_000_000))
    assert verdict.ok, [finding.sentence for result in verdict.checks for finding in result.findings]
    accounts = {a.account_id: a.unit_id for a in story.installation.ledger.work().organisation.accounts.values()}
    assert accounts[AccountId(account("E"))] == accounts[account("F")] == G
    _read_models_follow(story, case)


def _read_models_follow(story: Story, case: RemittanceId) -> None:
    """On PostgreSQL: units, accounts and remittances stand under their new owner, and verify finds the rows right."""
    shard = story.installation.shard
    if shard is None:
        return
    with shard.connect() as conn:
        catch_up(conn, story.installation.store, PROJECTIONS)
        rows = {row.unit_id: row for row in all_units(conn)}
        assert (rows["E"].successor, rows["E"].ended_on) == ("G", date(2026, 8, 1))
        assert [unit.unit_id for unit in subtree(conn, "VH")] == ["VH", "G"]
        assert [unit.unit_id for unit in subtree(conn, "VH", ended=True)] == ["VH", "G", "E", "F"]
        assert [row.account_id for row in accounts_of(conn, ["G"])] == [account("E"), account("F")]
        found = remittance(conn, case)
        assert found is not None
        assert (found.unit, found.received, found.under_way) == ("G", 350_000, 0)
        with stored(conn) as projected:
            verdict = verify(story.installation.store.read(0, 1_000_000), projections=projected)
    assert verdict.ok, [finding.sentence for result in verdict.checks for finding in result.findings]
