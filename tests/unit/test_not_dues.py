"""Which bank lines the bank itself names: only those that begin with its words, and never a member's own text."""

import pytest

from domain.bank_account import NotDues
from domain.notice import Direction
from ledger.not_dues import named_by_bank

IN, OUT = Direction.IN, Direction.OUT


@pytest.mark.parametrize(
    ("direction", "content", "code", "what"),
    [
        (OUT, "THU PHI DICH VU TAI KHOAN T07", None, NotDues.FEE),
        (OUT, "Thu phí SMS tháng 7", None, NotDues.FEE),
        (OUT, "", "PMNT/MDOP/CHRG", NotDues.FEE),
        (IN, "TRA LAI TIEN GUI THANG 07", None, NotDues.INTEREST),
        (IN, "Lãi nhập vốn", None, NotDues.INTEREST),
        (IN, "", "ACMT/ACOP/INTR", NotDues.INTEREST),
    ],
)
def test_a_line_that_begins_with_the_banks_words_is_named(
    direction: Direction, content: str, code: str | None, what: NotDues
) -> None:
    found = named_by_bank(direction=direction, content=content, bank_code=code)
    assert found is not None
    assert found.what is what


@pytest.mark.parametrize(
    ("direction", "content"),
    [
        (IN, "NGUYEN VAN A tra lai tien hom truoc"),
        (IN, "tra lai tien cho dong chi B"),
        (IN, "nop dang phi va tien lai"),
        (IN, "THU PHI DICH VU"),
        (OUT, "CHUYEN TIEN TRA PHI DICH VU VE SINH"),
        (OUT, "TRA LAI TIEN GUI"),
        (IN, ""),
    ],
)
def test_a_members_own_words_name_nothing(direction: Direction, content: str) -> None:
    assert named_by_bank(direction=direction, content=content, bank_code=None) is None
