"""After a split the first cell holds money of the others: it is passed on by transfer, and both statements show it."""

from dataclasses import replace
from datetime import date

import pytest

from domain.errors import Refusal, RefusalCode
from domain.identifiers import AccountId, MemberId, PaymentId, UnitId
from domain.restructuring import FundPart, MemberAssignment, RestructureKind, Side
from ledger.handlers import cash_return
from tests.acceptance.moving import WARD, carry_out, plan, register, require_sound, sign, ward_with_july
from tests.acceptance.story import Story, account, into, out
from tests.acceptance.tables import ABOVE

B1, B2 = UnitId("B1"), UnitId("B2")
DAY = date(2026, 8, 10)


@pytest.fixture
def split() -> Story:
    """B was split into B1, which has its account, and B2, for which B1 holds 20,000."""
    ward = ward_with_july()
    register(ward, "B1", WARD)
    register(ward, "B2", WARD, own=True)
    command = plan(
        ward,
        WARD,
        RestructureKind.SPLIT,
        sources=(UnitId("B"),),
        target=B1,
        members=(MemberAssignment(member_id=MemberId("B2"), unit_id=B2),),
        funds=(FundPart(unit_id=B2, amount=20_000),),
    )
    sign(ward, "B-BT", "B", command, Side.OLD)
    for unit in ("B1", "B2"):
        sign(ward, f"{unit}-BT", unit, command, Side.NEW)
    carry_out(ward, command)
    assert ward.balances("B2") == {"1390": 20_000, "4310": 20_000}
    return ward


def _transferred(ward: Story, amount: int) -> cash_return.PassHeldMoney:
    """Both banks book the transfer; nobody's reference stands on it."""
    debit = out("tra", DAY, amount, content="Chuyen tra tien giu ho")
    ward.do("VH-KT", DAY, replace(ward.statement("B", DAY, debit), unit_id=B1))
    ward.bank("B2", DAY, into("nhan", DAY, amount, content="Chuyen tra tien giu ho"))
    return cash_return.PassHeldMoney(
        root=WARD,
        holder_id=B1,
        account_id=AccountId(account("B")),
        line_key=debit.line.key,
        payment_id=PaymentId(f"bank:{account('B2')}/FT-nhan"),
        ground="UNC 3 ngày 10/8",
    )


def test_held_money_that_was_transferred_is_the_units_own_in_both_books(split: Story) -> None:
    command = _transferred(split, 20_000)
    assert split.balances("B2")["3380"] == 20_000
    assert split.do("VH-KT", DAY, command) == {"passed": 20_000, "still_held": 0}
    assert split.do("VH-KT", DAY, command) == {"passed": 0}
    assert split.balances("B2") == {"1120": 20_000, "4310": 20_000}
    assert "3390" not in split.balances("B1")
    require_sound(split, {"A": "VH", "B1": "VH", "B2": "VH", "C": "VH", **ABOVE})


def test_more_than_is_held_is_not_passed_on(split: Story) -> None:
    with pytest.raises(Refusal) as refused:
        split.do("VH-KT", DAY, _transferred(split, 21_000))
    assert refused.value.code is RefusalCode.AMOUNT_DIFFERS
