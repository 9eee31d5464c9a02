"""A posting that an event states itself, where no fixed rule could: balances handed over, an entry turned round."""

from dataclasses import dataclass

from domain.identifiers import UnitId
from domain.money import Dong


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryLine:
    """One line of a double entry of ``unit_id``: one of ``debit`` and ``credit`` is zero, the other positive; đồng."""

    unit_id: UnitId
    account: str
    key: str
    debit: Dong
    credit: Dong
