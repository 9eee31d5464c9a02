"""What was recorded for a day of an account after that day had been closed; late facts are listed, never refused."""

from collections.abc import Iterable
from datetime import date

from domain.day_close import AccountDayClosed
from domain.identifiers import AccountId
from domain.money import Dong
from ledger.reports_places import LateFact
from reconciliation import wording
from reconciliation.facts import Facts
from reconciliation.items import BANK


def late_facts(facts: Facts, account: AccountId, closes: Iterable[AccountDayClosed]) -> tuple[LateFact, ...]:
    """Bank lines and postings of 1120 dated on or before a closed day and recorded after its close.

    Each belongs to the first closed day whose figures it changes.
    """
    standing = sorted(closes, key=lambda c: c.day)
    found = []
    for line in facts.lines:
        if line.account_id == account:
            what = f"dòng sao kê {line.bank_reference or line.key[:12]}"
            found += _late(standing, line.booked_on, line.position, "bank", what, line.amount)
    for m in facts.movements:
        if m.account_id == account and m.code == BANK:
            found += _late(standing, m.on, m.position, "book", f"bút toán {m.item}", m.amount)
    return tuple(sorted(found, key=lambda x: (x.closed_day, x.position, x.side, x.what)))


def _late(
    standing: list[AccountDayClosed], on: date, position: int, side: str, what: str, amount: Dong
) -> list[LateFact]:
    for close in standing:
        if on <= close.day and position > close.position:
            told = f"{what}, {wording.signed(amount)}"
            return [
                LateFact(
                    day=on,
                    closed_day=close.day,
                    number=close.number,
                    position=position,
                    side=side,
                    what=told,
                    amount=amount,
                )
            ]
    return []
