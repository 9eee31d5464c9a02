"""Money under one reference that is more than was asked, while its text points to somebody else as well.

What is over becomes the member's credit only where nothing in the text speaks against it: another reference with a
slip in it, or words that the money is for more people, leave the whole of it for a person (payments §7.3).
"""

from collections.abc import Iterable

from domain.payment_request import Kind, Requested
from domain.reference import suggest
from domain.return_words import is_for_several
from ledger.work import Work


def pointed_to(text: str, prefix: str) -> tuple[tuple[str, ...], bool]:
    """References that one slip in the text would explain, and whether its words speak of several people."""
    return tuple(one.reference for one in suggest(text, prefix)), is_for_several(text)


def has_a_share(work: Work, request: Requested, amount: int, near: Iterable[str], several: bool) -> bool:
    """Whether somebody else may have a share in money of this amount (đồng) under a member's request."""
    asked = request.asked
    if asked.kind is not Kind.DUES or amount <= asked.amount:
        return False
    if several:
        return True
    others = (work.request(reference) for reference in near)
    return any(
        isinstance(other, Requested)
        and other.asked.account_id == asked.account_id
        and other.asked.member_id != asked.member_id
        for other in others
    )
