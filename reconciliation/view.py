"""One account at a cut-off day: its part of the facts, with what came later set apart."""

from collections import defaultdict
from collections.abc import Iterable, Set
from dataclasses import dataclass, field
from datetime import date

from domain.identifiers import AccountId, UnitId
from domain.money import Dong
from reconciliation.facts import (
    CaseFact,
    DecisionFact,
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
    WaitMove,
    WhyFact,
)
from reconciliation.items import BANK
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
    waits: tuple[WaitMove, ...] = ()
    decisions: dict[str, DecisionFact] = field(default_factory=dict)  #: by open item
    cases: tuple[CaseFact, ...] = ()
    why: dict[str, WhyFact] = field(default_factory=dict)  #: by payment
    origins: dict[str, str] = field(default_factory=dict)  #: by case of a return
    reversals: dict[str, str] = field(default_factory=dict)  #: line ↔ the line that it turns round
    answered: dict[str, bool] = field(default_factory=dict)  #: line → whether the book has something for it
    carrying: dict[str, list[LineFact]] = field(default_factory=dict)  #: lines by reference
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
        waits=tuple(w for w in facts.waits if w.on <= cut_off),
        # Whoever looks at October in November wants to know what was decided since; each decision says its day.
        decisions={d.item: d for d in facts.decisions},
        cases=tuple(c for c in facts.cases if c.account_id == account and c.on <= cut_off),
        why={w.payment_id: w for w in facts.why},
        origins=dict(facts.origins),
        reversals=_reversals([lines[key] for key in here]),
        carrying=_carrying(lines[key] for key in sorted(here)),
    )


def _carrying(lines: Iterable[LineFact]) -> dict[str, list[LineFact]]:
    found: dict[str, list[LineFact]] = defaultdict(list)
    for line in lines:
        for reference in line.references:
            found[reference].append(line)
    return found


#: How many days after a movement the bank may turn it round.
REVERSAL_DAYS = 60


def _reversals(lines: list[LineFact]) -> dict[str, str]:
    """Lines that the bank marks as reversals, each with the movement that it turns round; both ways.

    The original has the opposite sign and the same amount, lies at most ``REVERSAL_DAYS`` before, and is the one with
    the same bank reference, else the nearest; one original is turned round once.
    """
    offered: dict[int, list[LineFact]] = defaultdict(list)
    for line in sorted(lines, key=lambda x: (x.booked_on, x.key)):
        if not line.is_reversal:
            offered[line.amount].append(line)
    pairs: dict[str, str] = {}
    for line in sorted((x for x in lines if x.is_reversal), key=lambda x: (x.booked_on, x.key)):
        near = [
            x
            for x in offered[-line.amount]
            if x.key not in pairs and 0 <= (line.booked_on - x.booked_on).days <= REVERSAL_DAYS
        ]
        if near:
            named = line.bank_reference
            best = max(near, key=lambda x: (named is not None and x.bank_reference == named, x.booked_on, x.key))
            pairs |= {line.key: best.key, best.key: line.key}
    return pairs | _sent_back(lines, pairs)


def _sent_back(lines: list[LineFact], pairs: dict[str, str]) -> dict[str, str]:
    """Debits that nobody placed and that carry the reference and the amount of a credit before: the bank took it back.

    Most banks mark no reversal in their exports; the words and the amount are all there is.
    """
    credits: dict[tuple[Dong, str], list[LineFact]] = defaultdict(list)
    for line in sorted(lines, key=lambda x: (x.booked_on, x.key)):
        if line.amount > 0 and line.key not in pairs:
            for reference in line.references:
                credits[line.amount, reference].append(line)
    found: dict[str, str] = {}
    for line in sorted(lines, key=lambda x: (x.booked_on, x.key)):
        if line.amount > 0 or line.rule is not None or line.is_reversal:
            continue
        near = [
            x
            for reference in line.references
            for x in credits.get((-line.amount, reference), ())
            if x.key not in found and 0 <= (line.booked_on - x.booked_on).days <= REVERSAL_DAYS
        ]
        if near:
            found |= {line.key: near[-1].key, near[-1].key: line.key}
    return found


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
