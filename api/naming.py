"""What people read instead of ids: units go by their codes, in refusals and answers of both edges."""

import re
from collections.abc import Callable

from domain.identifiers import UnitId
from domain.money import format_dong
from ledger.application import Ledger

#: How a unit's id looks in a text. A remittance's id, which people have to type, begins with one and goes on behind a
#: slash; the number of a decision does too, but is typed with the unit's code.
_UNIT_ID = re.compile(r"\bu-[0-9a-f]{12}\b(?!/(?!QD-))")

#: An amount in bare digits; digits behind a point, a slash or a letter belong to something else.
_BARE_AMOUNT = re.compile(r"(?<![\w.,/:-])\d{4,}(?= đồng\b)")


def unit_codes(ledger: Ledger) -> Callable[[str], str]:
    """A function from a text to the same text with units' codes in place of their ids, for the tree as it is now."""
    codes = {unit_id: unit.code for unit_id, unit in ledger.work().organisation.units.items()}
    return lambda text: dotted(_UNIT_ID.sub(lambda found: codes.get(UnitId(found[0]), found[0]), text))


def with_unit_codes(ledger: Ledger, text: str) -> str:
    """One text with units' codes in place of their ids; the ledger is asked only when there is one."""
    return unit_codes(ledger)(text) if _UNIT_ID.search(text) else dotted(text)


def dotted(text: str) -> str:
    """Amounts that a refusal wrote in bare digits, with their thousands apart as everywhere else."""
    return _BARE_AMOUNT.sub(lambda found: format_dong(int(found[0])), text)
