"""Bank lines that are not dues and that the bank itself names: its fees and its interest.

Rows, not code: a pattern over the folded content or the bank's own transaction code, with the heading it is booked
under. State funding and own spending are named by a person, never by a pattern.
"""

import re
from dataclasses import dataclass

from domain.bank_account import NotDues
from domain.notice import Direction
from domain.reference import fold


@dataclass(frozen=True, slots=True, kw_only=True)
class BankNamed:
    """One row: direction, pattern, part of the bank's code, heading.

    The pattern must stand at the beginning of the folded content (A-Z and digits only): a bank's own booking begins
    with its name, while a member may write of interest or fees anywhere in his words.
    """

    what: NotDues
    direction: Direction
    pattern: str
    code_part: str
    heading: str


ROWS = (
    BankNamed(
        what=NotDues.FEE,
        direction=Direction.OUT,
        pattern=r"(THUPHI|PHIDICHVU|PHIDUYTRI|PHIQUANLY|PHISMS|SERVICECHARGE|PHICHUYENTIEN)",
        code_part="CHRG",
        heading="bank-fee",
    ),
    BankNamed(
        what=NotDues.INTEREST,
        direction=Direction.IN,
        pattern=r"(TRALAITIENGUI|TRALAITAIKHOAN|LAITIENGUI|LAINHAPVON|INTERESTPAYMENT)",
        code_part="INTR",
        heading="interest",
    ),
)


def named_by_bank(*, direction: Direction, content: str, bank_code: str | None) -> BankNamed | None:
    """The row that names a line, or None. A line that carries one of our references is never named by a pattern."""
    folded = fold(content)
    for row in ROWS:
        if row.direction is not direction:
            continue
        if (bank_code and row.code_part in bank_code) or re.match(row.pattern, folded):
            return row
    return None
