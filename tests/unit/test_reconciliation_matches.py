"""One row for each kind of match: what is known, and the reason that is given for it."""

import pytest

from reconciliation.facts import ItemKind
from tests.reconciliation_facts import (
    Row,
    book,
    evidence,
    line,
    move,
    named,
    paid,
    placed,
    result,
    suspense,
    together,
)

REF = "HJQPM5YNFT97"

MATCHES = (
    Row(
        name="a transfer with a valid reference",
        facts=placed(50_000, "payment:bank/1", ItemKind.BANK_PAYMENT, "reference", payments=[paid("bank/1", 50_000)]),
        place="matched",
        says="Mã tham chiếu hợp lệ",
    ),
    Row(
        name="portal money credited by the bank",
        facts=together(
            book("payment:portal/1", 3, 50_000, ItemKind.PORTAL_PAYMENT, code="1140"),
            movements=[move("payment:portal/1", 5, -50_000, code="1140"), move("payment:portal/1", 5, 50_000)],
            lines=[line("a", 5, 50_000, rule="portal-credit")],
            evidence=[evidence("a", "payment:portal/1")],
            payments=[paid("portal/1", 50_000, source="portal", notified=True)],
        ),
        place="matched",
        says="1 (Cổng) ngày 03/07/2026",
    ),
    Row(
        name="a webhook's money seen on the statement two days later",
        facts=together(
            book("payment:bank/1", 3, 50_000),
            lines=[line("a", 5, 50_000, rule="witness")],
            evidence=[evidence("a", "payment:bank/1")],
            payments=[paid("bank/1", 50_000)],
        ),
        place="matched",
        says="chậm 2 ngày",
    ),
    Row(
        name="a cash bag",
        facts=placed(70_000, f"bag:{REF}", ItemKind.CASH_BAG, "cash-bag"),
        place="matched",
        says="giấy nộp tiền",
    ),
    Row(
        name="a subordinate's remittance",
        facts=placed(350_000, "received:X/2026-07/1:a", ItemKind.RECEIPT, "remittance-credit"),
        place="matched",
        says="cấp dưới nộp",
    ),
    Row(
        name="a sending whose debit names only the remittance",
        facts=together(
            book("sent:C/2026-07/1#1", 4, -350_000, ItemKind.SENDING, case="sent:C/2026-07/1"),
            lines=[line("a", 5, -350_000, rule="remittance-debit")],
            evidence=[evidence("a", "", case="sent:C/2026-07/1")],
        ),
        place="matched",
        says="Báo nợ của lệnh nộp",
    ),
    Row(
        name="a refund's debit",
        facts=together(
            book("refund:HT1@9", 4, -50_000, ItemKind.REFUND, case="refund:HT1"),
            lines=[line("a", 5, -50_000, rule="refund-debit")],
            evidence=[evidence("a", "", case="refund:HT1")],
        ),
        place="returned",
        says="hoàn trả",
    ),
    Row(
        name="a sending that was taken back whole",
        facts=together(
            book("sent:C/2026-07/1#1", 4, -350_000, ItemKind.SENDING),
            movements=[move("sent:C/2026-07/1#1", 6, 350_000)],
        ),
        place="returned",
        says="điều chỉnh hết",
    ),
    Row(name="suspense that was identified", facts=suspense(waiting=0), place="matched", says="đã có người xác định"),
    Row(
        name="suspense that is being given back",
        facts=suspense(waiting=0, released=True),
        place="matched",
        says="để hoàn trả",
    ),
    Row(
        name="a rule of a later release",
        facts=placed(50_000, "entry:9:1120:x", ItemKind.OTHER, "claw-back-paid"),
        place="matched",
        says="«claw-back-paid»",
    ),
    Row(
        name="one lump that credits two portal payments",
        facts=together(
            book("payment:portal/1", 5, 20_000, ItemKind.PORTAL_PAYMENT),
            book("payment:portal/2", 5, 30_000, ItemKind.PORTAL_PAYMENT),
            lines=[line("a", 5, 50_000, rule="portal-credit")],
            evidence=[evidence("a", "payment:portal/1"), evidence("a", "payment:portal/2")],
        ),
        place="matched",
        says="1 (Cổng) ngày 05/07/2026 + khoản Cổng báo đã thu 2 (Cổng)",
    ),
    Row(
        name="a bank fee",
        facts=placed(-11_000, "named:a", ItemKind.NAMED, "bank-fee", names=[named("a", "bank-fee")]),
        place="not-dues",
        says="Phí ngân hàng",
    ),
    Row(
        name="state funding",
        facts=placed(9_000_000, "named:a", ItemKind.NAMED, "state-funding", names=[named("a", "state-funding")]),
        place="not-dues",
        says="ngân sách",
    ),
    Row(
        name="suspense that turned out to be interest",
        facts=suspense(waiting=0, named=("interest", "interest", "KT", "sao kê")),
        place="not-dues",
        says="Lãi tiền gửi",
    ),
)


@pytest.mark.parametrize("row", MATCHES, ids=lambda row: row.name)
def test_in_order(row: Row) -> None:
    found = result(row.facts)
    assert found.leftovers == ()
    (one,) = {"matched": found.matched, "not-dues": found.not_dues, "returned": found.returned}[row.place]
    assert row.says in one.reason
    assert found.explained_bp == 10_000
    assert found.ties
    assert found.days[-1].breaks == ()
