"""What a reconciliation has gathered so far, in log order, and the names that its items go by."""

from dataclasses import dataclass, field

from domain.bank_account import Placement, StatementImported, StatementLine
from domain.identifiers import AccountId, MemberId, UnitId
from domain.money import Dong
from domain.payment import PaymentConflicted
from domain.payment_request import PaymentRequested, TransferTold
from domain.settlement import SettlementTold
from reconciliation.facts import (
    NO_ACCOUNT,
    CaseFact,
    DecisionFact,
    Declared,
    Evidence,
    Item,
    Movement,
    NameFact,
    PaymentFact,
    RemittanceFact,
    ToldDays,
    WaitMove,
    WhyFact,
)


@dataclass(slots=True)
class Seen:
    """What has been gathered so far, in log order."""

    owners: dict[AccountId, UnitId] = field(default_factory=dict)
    statements: list[StatementImported] = field(default_factory=list)
    lines: dict[tuple[AccountId, str], tuple[UnitId, StatementLine]] = field(default_factory=dict)
    placed: dict[tuple[AccountId, str], Placement] = field(default_factory=dict)
    requests: dict[str, PaymentRequested] = field(default_factory=dict)
    answered: set[str] = field(default_factory=set)
    items: dict[str, Item] = field(default_factory=dict)
    movements: list[Movement] = field(default_factory=list)
    by_item: dict[str, list[Movement]] = field(default_factory=dict)
    keys: dict[tuple[str, str], str] = field(default_factory=dict)  #: (item, account of the chart) → analytic key
    evidence: list[Evidence] = field(default_factory=list)
    payments: dict[str, PaymentFact] = field(default_factory=dict)
    by_reference: dict[str, str] = field(default_factory=dict)
    credit: dict[MemberId, list[tuple[str, Dong]]] = field(default_factory=dict)
    names: list[NameFact] = field(default_factory=list)
    conflicts: list[PaymentConflicted] = field(default_factory=list)
    superiors: dict[str, UnitId] = field(default_factory=dict)
    sendings: dict[str, RemittanceFact] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    declared: list[Declared] = field(default_factory=list)
    line_positions: dict[tuple[AccountId, str], int] = field(default_factory=dict)
    waits: list[WaitMove] = field(default_factory=list)
    decisions: dict[str, DecisionFact] = field(default_factory=dict)
    undone: set[str] = field(default_factory=set)
    settlements: dict[tuple[str, str], SettlementTold] = field(default_factory=dict)  #: by channel and id
    told_days: list[ToldDays] = field(default_factory=list)
    why: dict[str, WhyFact] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)
    rounds: dict[str, int] = field(default_factory=dict)  #: payment → how often its credit went back
    untied: dict[tuple[str, str], int] = field(default_factory=dict)  #: (line, item) → when they were parted
    lump_ties: dict[str, list[str]] = field(default_factory=dict)  #: line of a lump → items that it answers
    netted: set[str] = field(default_factory=set)  #: refunds and cases that a lump has netted
    cases: dict[str, CaseFact] = field(default_factory=dict)
    on_the_way: dict[str, TransferTold] = field(default_factory=dict)  #: by reference: told to have been transferred

    by_case: dict[str, list[str]] = field(default_factory=dict)  #: case → items of refunds and cases of channels

    def move(self, movement: Movement) -> None:
        """Take a movement in."""
        self.movements.append(movement)
        self.by_item.setdefault(movement.item, []).append(movement)


def witness(seen: Seen, line_key: str | None, case: str, item: str | None, position: int) -> None:
    """An event names a line for a case, or for one item of it."""
    if line_key is not None:
        seen.evidence.append(Evidence(line_key=line_key, case=case, item=item, position=position))


def first_account(seen: Seen, unit: UnitId) -> AccountId:
    """The account of a unit that was registered first, if it has one."""
    return next((account for account, owner in seen.owners.items() if owner == unit), NO_ACCOUNT)


def paid_name(seen: Seen, payment_id: str) -> str:
    """The item of a payment; one whose credit went back is owed anew, under a name of its own."""
    number = seen.rounds.get(payment_id, 0)
    return f"payment:{payment_id}#{number + 1}" if number else f"payment:{payment_id}"


def lump_name(rail: str, settlement_id: str) -> str:
    """What a settlement adds to its payments or takes off them; each lump of it is an item by its bank line."""
    return f"lump:{rail}/{settlement_id}"
