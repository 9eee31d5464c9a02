"""One account at a cut-off day: its part of the facts, with what came later set apart."""

from collections import defaultdict
from collections.abc import Set
from dataclasses import dataclass
from datetime import date

from domain.identifiers import AccountId, UnitId
from domain.money import Dong
from reconciliation.facts import (
    Evidence,
    Facts,
    Item,
    ItemKind,
    LineFact,
    Movement,
    NameFact,
    NoticeFact,
    PaymentFact,
    RemittanceFact,
    RequestFact,
    Span,
)
from reconciliation.gather import BANK
from reconciliation.matching import OpenItem, Place, pair

#: Kinds of request whose case a line out of the account, or into it, may belong to.
_CASES_OUT = {"remittance": "sent:", "refund": "refund:"}
_CASES_IN = {"remittance": "received:", "cash-bag": "bag:"}


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What is known of one account up to ``cut_off``; ``later`` gives the first day after it of a line or an item."""

    account: AccountId
    unit: UnitId
    cut_off: date
    lines: dict[str, LineFact]
    items: dict[str, Item]
    moves: dict[str, tuple[Movement, ...]]  #: by item, up to the cut-off
    evidence: tuple[Evidence, ...]
    spans: tuple[Span, ...]
    payments: dict[str, PaymentFact]
    names: dict[str, NameFact]
    requests: tuple[RequestFact, ...]
    notices: tuple[NoticeFact, ...]
    remittances: tuple[RemittanceFact, ...]
    later: dict[str, date]
    days_off: Set[date] = frozenset()  #: public holidays, which are no working days

    @property
    def opening(self) -> Dong:
        """The book's opening balance."""
        return sum(
            m.amount for item in self.items.values() if item.kind is ItemKind.OPENING for m in self.bank(item.item)
        )

    def bank(self, item: str) -> tuple[Movement, ...]:
        """The item's movements on 1120."""
        return tuple(m for m in self.moves[item] if m.code == BANK)

    def booked(self, items: tuple[str, ...]) -> Dong:
        """What the book has on 1120 for items; signed."""
        return sum(m.amount for item in items for m in self.bank(item))

    def expected(self, items: tuple[str, ...]) -> Dong:
        """What the bank should show for items, those still in clearing included; signed."""
        return sum(m.amount for item in items for m in self.moves[item])

    def places(self) -> tuple[Place, ...]:
        """Lines and items paired; the opening balance has no line."""
        open_items = [
            OpenItem(
                item=name,
                case=item.case,
                on=item.on.toordinal(),
                booked=self.booked((name,)),
                expected=self.expected((name,)),
            )
            for name, item in self.items.items()
            if item.kind is not ItemKind.OPENING
        ]
        return pair(self.lines.values(), open_items, self.evidence, self._hints())

    def _hints(self) -> list[tuple[str, str]]:
        """Unplaced lines that carry one known reference, with the case it belongs to."""
        asked = {request.reference: request for request in self.requests}
        waiting: dict[str, str] = {}
        for name, item in sorted(self.items.items()):
            known = self.payments.get(item.subject)
            if (
                item.kind is ItemKind.PORTAL_PAYMENT
                and known is not None
                and known.reference
                and not self.booked((name,))
            ):
                waiting.setdefault(known.reference, item.case)
        hints = []
        for line in self.lines.values():
            known_asked = [asked[r] for r in line.references if r in asked]
            if len(known_asked) != 1:
                continue
            request = known_asked[0]
            prefix = (_CASES_IN if line.amount > 0 else _CASES_OUT).get(request.kind)
            subject = request.reference if request.kind == "cash-bag" else request.case_id
            case = f"{prefix}{subject}" if prefix else waiting.get(request.reference)
            if case is not None:
                hints.append((line.key, case))
        return hints


def of_account(facts: Facts, account: AccountId, cut_off: date) -> View:
    """The view of one account. Requests of other accounts stay in sight: a sending pays into the superior's account."""
    all_items = {i.item: i for i in facts.items if i.account_id == account}
    moves: dict[str, list[Movement]] = defaultdict(list)
    later: dict[str, date] = {}
    for m in sorted(facts.movements, key=lambda m: (m.on, m.position, m.code)):
        if m.item in all_items:
            _keep(moves, later, m, cut_off)
    lines = {x.key: x for x in facts.lines if x.account_id == account}
    evidence = tuple(e for e in facts.evidence if e.line_key in lines)
    _lines_later(evidence, all_items, lines, later, cut_off)
    owners = dict(facts.owners)
    items = {name: item for name, item in all_items.items() if name in moves}
    here = {line.key for line in lines.values() if line.booked_on <= cut_off}
    used = {p.payment_id: p for p in facts.payments}
    return View(
        account=account,
        unit=owners.get(account, UnitId("")),
        cut_off=cut_off,
        lines={key: lines[key] for key in sorted(here)},
        items=dict(sorted(items.items())),
        moves={name: tuple(found) for name, found in moves.items()},
        evidence=tuple(e for e in evidence if e.line_key in here),
        spans=tuple(s for s in facts.spans if s.account_id == account and s.from_date <= cut_off),
        payments=used,
        names={n.line_key: n for n in facts.names if n.line_key in here},
        requests=facts.requests,
        notices=tuple(n for n in facts.notices if n.account_id == account and n.seen_on <= cut_off),
        remittances=tuple(r for r in facts.remittances if r.account_id == account),
        later=later,
    )


def _keep(moves: dict[str, list[Movement]], later: dict[str, date], m: Movement, cut_off: date) -> None:
    if m.on <= cut_off:
        moves[m.item].append(m)
    else:
        later[m.item] = min(m.on, later.get(m.item, m.on))


def _lines_later(
    evidence: tuple[Evidence, ...],
    items: dict[str, Item],
    lines: dict[str, LineFact],
    later: dict[str, date],
    cut_off: date,
) -> None:
    """When the other side of an item or a line came after the cut-off."""
    by_case: dict[str, list[str]] = defaultdict(list)
    for item in items.values():
        by_case[item.case].append(item.item)
    for e in evidence:
        on = lines[e.line_key].booked_on
        names = by_case[e.case] if e.item is None else [e.item]
        if on > cut_off:
            for name in names:
                later[name] = min(on, later.get(name, on))
        else:
            known = [later[name] for name in names if name in later]
            if known:
                later[e.line_key] = min(known)
