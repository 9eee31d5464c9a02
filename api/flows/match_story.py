"""Why a line or a payment was matched, or why not: told from the numbers the decision was taken on.

A match that was accepted is told from its own event. A line that an import placed by an exact reference is weighed by
the same function on the facts as they stood just before it. What still waits is told by the run itself.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from api.flows.match import Looked, Proposal, look, recorded, told_until
from api.flows.match_text import Lender
from api.wiring import Installation
from domain import match, organisation
from domain.bank_account import LinesPlaced
from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId, PaymentId, UnitId
from domain.match import Evidence, MatchAccepted, Rule, Side
from domain.money import Dong, format_dong
from domain.payment import MatchUndone, Payment, PaymentReceived, SuspenseIdentified
from ledger.ports import Recorded
from reconciliation.match.gather import Told
from reconciliation.match.left import everything
from reconciliation.match.values import Candidate, Claim, MoneyIn, NonMatch
from reconciliation.match.weigh import MOST_TOLD, ranked, together
from reconciliation.match.wording import NEXT_STEPS, REASONS, RULE_NAMES, say


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One piece of evidence: its code, side, weight (basis points), numbers and sentence."""

    code: str
    side: str
    weight: int
    numbers: tuple[int, ...]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """Another candidate and why it was not taken."""

    what: str
    member_ids: tuple[MemberId, ...]
    confidence: int
    evidence: tuple[Said, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """The evidence card of one money. ``state``: "matched", "proposed", "placed", "undone" or "unmatched"."""

    key: str
    line_key: str | None
    state: str
    amount: Dong
    on: date
    unit_id: str
    rule: str
    rule_name: str
    confidence: int
    threshold: int
    decided_by: str
    what: tuple[str, ...]
    member_ids: tuple[MemberId, ...]
    evidence: tuple[Said, ...]
    others: tuple[Other, ...]
    reason: str
    next_step: str
    match_id: str = ""


def said(found: Iterable[Evidence]) -> tuple[Said, ...]:
    """Evidence with its sentences, what speaks for it first."""
    told = [Said(code=str(e.code), side=str(e.side), weight=e.weight, numbers=e.numbers, text=say(e)) for e in found]
    return tuple(sorted(told, key=lambda s: s.side != Side.FOR))


def named(claim: Claim) -> str:
    """A claim in words, by ids and figures alone."""
    who = f"đảng viên {claim.member_id} tháng {claim.month}" if claim.member_id else f"{claim.kind} {claim.case}"
    return f"{who}, còn {format_dong(claim.amount)} đồng ({claim.unit_id})"


def _other(candidate: Candidate, claims: Mapping[str, Claim]) -> Other:
    return Other(
        what=" + ".join(named(claims[key]) for key in candidate.claims),
        member_ids=_members(claims[key] for key in candidate.claims),
        confidence=candidate.confidence,
        evidence=said(candidate.evidence),
    )


def _members(claims: Iterable[Claim]) -> tuple[MemberId, ...]:
    return tuple(dict.fromkeys(c.member_id for c in claims if c.member_id is not None))


def cards(looked: Looked) -> tuple[Card, ...]:
    """A card for everything that waits: proposals first, then what found no pair."""
    return (
        *(card for one in looked.proposals for card in _of_proposal(looked, one)),
        *(_of_leftover(looked, one) for one in looked.unmatched),
    )


def _of_proposal(looked: Looked, one: Proposal) -> Iterable[Card]:
    pair = one.pair
    claims = [looked.claims[key] for key in pair.claims]
    step = one.instead or ("Sẽ tự ghi." if one.automatic else f"Nhận bằng «dangphi match accept {one.match_id[:12]}».")
    for key in pair.money:
        money = looked.money[key]
        yield Card(
            key=key,
            line_key=money.line_key,
            state="proposed",
            amount=money.amount,
            on=money.on,
            unit_id=money.unit_id,
            rule=str(pair.rule),
            rule_name=RULE_NAMES[pair.rule],
            confidence=pair.confidence,
            threshold=one.threshold,
            decided_by="",
            what=tuple(named(claim) for claim in claims),
            member_ids=_members(claims),
            evidence=said(pair.evidence),
            others=() if pair.runner_up is None else (_other(pair.runner_up, looked.claims),),
            reason="",
            next_step=step,
            match_id=one.match_id,
        )


def _of_leftover(looked: Looked, one: NonMatch) -> Card:
    money = looked.money[one.money]
    return Card(
        key=money.key,
        line_key=money.line_key,
        state="unmatched",
        amount=money.amount,
        on=money.on,
        unit_id=money.unit_id,
        rule="",
        rule_name="",
        confidence=0,
        threshold=match.NEVER,
        decided_by="",
        what=(),
        member_ids=(),
        evidence=(),
        others=tuple(_other(candidate, looked.claims) for candidate in one.candidates),
        reason=REASONS[one.reason],
        next_step=NEXT_STEPS[one.reason],
    )


def explain(inst: Installation, wanted: str, *, on: date, unit: UnitId | None = None) -> Card:
    """The card of a line or payment of a unit and those beneath it (None: of any), by its key or a clear part of it.

    Refuses ``unknown-payment`` where it is not exactly one.
    """
    looked = look(inst, on=on, unit=unit)
    here = None
    if unit is not None:
        org = inst.ledger.work().organisation
        here = frozenset(one.unit_id for one in organisation.subtree(org, unit))
    waiting = [card for card in cards(looked) if _meant(wanted, card.key, card.line_key)]
    if len({card.key for card in waiting}) == 1:
        return waiting[0]
    told = told_until(inst)
    found = [
        paid
        for paid in told.payments.values()
        if _meant(wanted, paid.received.payment_id, *_lines(paid))
        and (here is None or {paid.received.unit_id, paid.received.holder_id} & here)
    ]
    if len(found) == 1 and not waiting:
        return _of_payment(inst, told, found[0])
    if not found and not waiting and (placed := _placed(inst, wanted, here)) is not None:
        return _of_line(told, *placed)
    message = f"Không có dòng hay khoản tiền nào là {wanted!r} ở đơn vị này. Xem «dangphi match list»."
    if len(waiting) + len(found) > 1:
        message = f"{wanted!r} chưa đủ để phân biệt; viết cả mã."
    raise Refusal(RefusalCode.UNKNOWN_PAYMENT, message)


def _meant(wanted: str, *keys: str | None) -> bool:
    """Whether a person may mean one of these keys: all of it, or a beginning or end of four characters and more."""
    clear = len(wanted) >= 4
    return any(key and (key == wanted or (clear and (key.startswith(wanted) or key.endswith(wanted)))) for key in keys)


def _lines(paid: Payment) -> tuple[str | None, ...]:
    credited = None if paid.credited is None else paid.credited.bank_line
    return (paid.received.bank_line, credited, *(w.bank_line for w in paid.witnesses))


def _of_payment(inst: Installation, told: Told, paid: Payment) -> Card:
    """From the acceptance if a match was accepted and stands, else weighed as it was when the money came in."""
    key = paid.received.payment_id
    names = ("match-accepted", "match-undone", "suspense-identified", "payment-received")
    events = [one for one in recorded(inst, names) if _about(one, key)]
    accepted = [one for one in events if isinstance(one.event, MatchAccepted)]
    if accepted:
        undone = any(isinstance(o.event, MatchUndone) and o.position > accepted[-1].position for o in events)
        event = accepted[-1].event
        assert isinstance(event, MatchAccepted)  # The list above holds nothing else.
        return _of_accepted(told, paid, event, undone=undone)
    by_person = [one for one in events if isinstance(one.event, SuspenseIdentified)]
    last = by_person[-1] if by_person else next(o for o in events if isinstance(o.event, PaymentReceived))
    return _weighed(inst, paid, last)


def _about(one: Recorded, key: PaymentId) -> bool:
    event = one.event
    if isinstance(event, MatchAccepted):
        return any(part.payment_id == key for part in event.parts)
    return getattr(event, "payment_id", None) == key


def _of_accepted(told: Told, paid: Payment, event: MatchAccepted, *, undone: bool) -> Card:
    mine = [part for part in event.parts if part.payment_id == paid.received.payment_id]
    runner = Other(
        what=", ".join(f"đảng viên {member}" for member in event.runner_up) or "khoản khác",
        member_ids=event.runner_up,
        confidence=event.runner_up_confidence,
        evidence=said(event.runner_up_evidence),
    )
    money = told.money(paid, sum(part.amount for part in mine))
    return _card(
        money,
        state="undone" if undone else "matched",
        rule=event.rule,
        confidence=event.confidence,
        threshold=event.threshold,
        by=event.decided_by,
        what=tuple(
            f"đảng viên {p.member_id} tháng {p.month}: {format_dong(p.amount)} đồng, lúc đó còn nợ "
            f"{format_dong(p.owed)} đồng"
            for p in mine
        ),
        members=tuple(dict.fromkeys(part.member_id for part in mine)),
        evidence=event.evidence,
        others=(runner,) if event.runner_up_evidence else (),
        match_id=event.match_id,
    )


def _card(
    money: MoneyIn,
    *,
    state: str,
    rule: Rule | None,
    confidence: int,
    threshold: int,
    by: str,
    what: tuple[str, ...],
    members: tuple[MemberId, ...],
    evidence: Sequence[Evidence],
    others: tuple[Other, ...],
    match_id: str = "",
    reason: str = "",
) -> Card:
    return Card(
        key=money.key,
        line_key=money.line_key,
        state=state,
        amount=money.amount,
        on=money.on,
        unit_id=money.unit_id,
        rule="" if rule is None else str(rule),
        rule_name="" if rule is None else RULE_NAMES[rule],
        confidence=confidence,
        threshold=threshold,
        decided_by=by,
        what=what,
        member_ids=members,
        evidence=said(evidence),
        others=others,
        reason=reason,
        next_step="Nếu sai: gỡ bằng «dangphi match undo» hoặc «dangphi correct match»." if state != "undone" else "",
        match_id=match_id,
    )


def _weighed(inst: Installation, paid: Payment, one: Recorded) -> Card:
    """What spoke for and against when the money was given its member, on the facts of just before."""
    # A command's events stand together, and its first may already have changed what was owed.
    before = told_until(inst, one.position - one.meta.index - 1)
    event = one.event
    identified = isinstance(event, SuspenseIdentified)
    amount = event.amount if isinstance(event, SuspenseIdentified | PaymentReceived) else 0
    member = event.member_id if isinstance(event, SuspenseIdentified | PaymentReceived) else None
    seen = paid if not identified else before.payments.get(one.stream, paid)
    lender = Lender(inst, before)
    money = lender.money((before.money(seen, amount),))[0]
    claims = lender.claims((money,), before.claims(frozenset(money.references)))
    left = everything((money,), claims, before.known_payers())
    carried = [c for c in claims if set(c.references) & set(money.references)]
    chosen = [c for c in carried if member is None or c.member_id == member] or [
        c for c in claims if c.member_id == member and member is not None
    ][:1]
    evidence = together((money,), chosen, left.index) if chosen else ()
    own = {c.member_id or c.key for c in chosen}
    others = [
        _other(candidate, left.index.claims)
        for candidate in ranked(money, left)
        if (left.index.claims[candidate.claims[0]].member_id or candidate.claims[0]) not in own
    ]
    by_reference = any(set(c.references) & set(money.references) for c in chosen)
    return _card(
        money,
        state="matched" if identified or paid.received.dues_amount or paid.received.credit_amount else "placed",
        rule=Rule.EXACT_REFERENCE if by_reference else None,
        confidence=match.confidence(tuple(evidence)),
        threshold=match.NEVER,
        by=event.identified_by if isinstance(event, SuspenseIdentified) else one.meta.actor,
        what=tuple(named(claim) for claim in chosen),
        members=_members(chosen),
        evidence=evidence,
        others=tuple(others[:MOST_TOLD]),
        reason="" if chosen else "khoản này vào sổ theo chứng từ, không qua khớp",
    )


def _placed(inst: Installation, wanted: str, here: frozenset[UnitId] | None) -> tuple[str, str, str] | None:
    """A line's key, the rule that placed it and with what, where the line is no payment of its own."""
    found = None
    accounts = inst.ledger.work().organisation.accounts
    for one in recorded(inst, ("lines-placed",)):
        if isinstance(one.event, LinesPlaced) and (here is None or accounts[one.event.account_id].unit_id in here):
            for placement in one.event.placements:
                if _meant(wanted, placement.key):
                    found = (placement.key, placement.outcome, placement.target)
    return found


def _of_line(told: Told, key: str, outcome: str, target: str) -> Card:
    line = told.line_of[key]
    account = next(a for a, bank in told.banks.items() if key in bank.lines)
    return Card(
        key=key,
        line_key=key,
        state="placed",
        amount=line.amount,
        on=line.booked_on,
        unit_id=account,
        rule=outcome,
        rule_name=outcome,
        confidence=match.CERTAIN,
        threshold=match.NEVER,
        decided_by="",
        what=(target,),
        member_ids=(),
        evidence=(),
        others=(),
        reason=f"dòng này đã có chỗ trong sổ theo quy tắc «{outcome}»: {target}",
        next_step="",
    )
