"""The year's close of a unit's funds: what was spent (6310) is taken off what bore it (4310, 4320)."""

from collections.abc import Mapping
from datetime import date

from domain import bank_account, cash_count, spending
from domain.entry_line import EntryLine
from domain.identifiers import UnitId
from domain.money import Dong
from ledger.headings import of_key
from ledger.posting import entry, occurred_on
from ledger.work import Work


def spent_later(work: Work, unit_id: UnitId, year: int) -> dict[str, Dong]:
    """What stands in 6310 by key and is dated after a year; đồng.

    Vouchers, named bank movements and write-offs are looked up in their own streams. A fee that a portal withheld
    stands in the stream of its payment and is taken as of the year that is closed.
    """
    accounts = [a.account_id for a in work.organisation.accounts.values() if a.unit_id == unit_id]
    streams = (
        spending.stream(unit_id),
        cash_count.stream(unit_id),
        *(bank_account.stream(account) for account in accounts),
    )
    found: dict[str, Dong] = {}
    for name in streams:
        for event in work.events(name):
            if occurred_on(event, date.min).year <= year:
                continue
            for line in entry(event):
                if (line.unit, line.account) == (unit_id, "6310"):
                    found[line.key] = found.get(line.key, 0) + line.amount
    return found


def closing_lines(
    unit_id: UnitId, spent: Mapping[str, Dong], later: Mapping[str, Dong], other: Mapping[str, Dong]
) -> tuple[EntryLine, ...]:
    """The closing entry: each key of 6310 against 4310 or 4320 by its source; ``other`` are the balances of 4320.

    What other means bore is taken from their sources in the order of their names, each down to zero; what is left
    over stands on the last.
    """
    of_year = {key: amount - later.get(key, 0) for key, amount in sorted(spent.items())}
    sums = {"4310": 0, "4320": 0}
    for key, amount in of_year.items():
        sums[of_key(key)[1]] += amount
    taken = [("4310", "", sums["4310"])]
    rest = sums["4320"]
    sources = sorted(key for key, amount in other.items() if amount > 0) or ["other"]
    for source in sources:
        part = rest if source == sources[-1] else min(rest, other.get(source, 0))
        taken.append(("4320", source, part))
        rest -= part
    lines = [_line(unit_id, account, key, amount) for account, key, amount in taken if amount]
    lines += [_line(unit_id, "6310", key, -amount) for key, amount in of_year.items() if amount]
    return tuple(lines)


def _line(unit_id: UnitId, account: str, key: str, amount: Dong) -> EntryLine:
    """A line with a positive amount on the debit side, a negative one on the credit side."""
    return EntryLine(unit_id=unit_id, account=account, key=key, debit=max(amount, 0), credit=max(-amount, 0))
