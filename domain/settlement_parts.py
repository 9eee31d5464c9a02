"""One settlement file that tells of the lumps of several accounts: each account's part is a settlement of its own."""

from dataclasses import replace
from hashlib import sha256

from domain.settlement import OF_ACCOUNT, Settlement


def accounts_of(settlement: Settlement) -> tuple[str, ...]:
    """The accounts that the lines name, each once, in the order of the file."""
    named = (line.account_number for line in settlement.lines if line.account_number)
    return tuple(dict.fromkeys(named))


def of_account(settlement: Settlement, account_number: str) -> Settlement:
    """What the channel pays to one account as a lump. Its digest covers its own lines alone.

    So a file that is sent again with another account's lines changed is known here, and restated there.
    """
    lines = tuple(line for line in settlement.lines if line.account_number == account_number)
    told = [(str(one.kind), one.reference, one.outside_reference, one.amount, one.fee, one.net) for one in lines]
    return replace(
        settlement,
        settlement_id=f"{settlement.settlement_id}{OF_ACCOUNT}{account_number}",
        lines=lines,
        net=sum(line.net for line in lines),
        bank_words=settlement.settlement_id,
        digest=sha256(repr(told).encode()).hexdigest(),
    )
