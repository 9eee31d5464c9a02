"""Evidence for and against: one function that every rule, every explanation and every report takes its numbers from."""

from collections.abc import Iterable, Sequence, Set

from rapidfuzz import fuzz

from domain.match import Code, Evidence, confidence, evidence
from reconciliation.match.left import Index, Left
from reconciliation.match.named import claims_of_people
from reconciliation.match.values import Candidate, Claim, ClaimKind, MoneyIn
from reconciliation.match.weigh_months import names_month

#: Dues of a month are mostly paid within so many days of the first day on which they are owed.
WINDOW_DAYS = 62
#: Names less alike than this, in percent, say nothing.
NAME_LIKE = 88
#: So many claims of one amount are looked at for one money; more say nothing about any of them.
MOST_EQUAL = 200
#: So many candidates are told.
MOST_TOLD = 3


def weigh(money: MoneyIn, claim: Claim, index: Index) -> tuple[Evidence, ...]:
    """What speaks for and against one money answering one claim; always in the same order."""
    found = _by_reference(money, claim, index)
    sure = any(e.code is Code.REFERENCE for e in found)
    found += _by_place(money, claim)
    found += _by_amount(money, claim)
    found += _by_day(money, claim)
    found += [e for e in (*_by_payer(money, claim, index), *_by_name(money, claim)) if not sure or e.side == "for"]
    if claim.month is not None and names_month(money.tokens, claim.month):
        found.append(evidence(Code.MONTH_NAMED))
    if claim.closed:
        found.append(evidence(Code.MONTH_CLOSED))
    if claim.member_id is not None and claim.member_id in money.not_of:
        found.append(evidence(Code.UNDONE_BEFORE))
    if money.returned:
        found.append(evidence(Code.RETURN_WORDS))
    return tuple(found)


def _by_reference(money: MoneyIn, claim: Claim, index: Index) -> list[Evidence]:
    own = [r for r in money.references if r in claim.references]
    others = [r for r in money.references if r not in claim.references]
    if own:
        found = [evidence(Code.REFERENCE)]
        also = max(len(index.carriers.get(r, ())) for r in own)
        return found + ([evidence(Code.REFERENCE_AGAIN, also)] if also > 1 else [])
    near = [n for n in money.near if n.reference in claim.references]
    found = [evidence(Code.REFERENCE_NEAR, near[0].position)] if near else []
    return found + ([evidence(Code.REFERENCE_OTHER, len(others))] if others else [])


def _by_place(money: MoneyIn, claim: Claim) -> list[Evidence]:
    found = []
    if claim.account_id is not None and money.account_id is not None:
        found.append(evidence(Code.ACCOUNT if claim.account_id == money.account_id else Code.ACCOUNT_OTHER))
    if money.unit_id not in claim.units:
        found.append(evidence(Code.UNIT_OTHER))
    return found


def _by_amount(money: MoneyIn, claim: Claim) -> list[Evidence]:
    if claim.amount == 0:
        return [evidence(Code.ANSWERED)]
    if money.amount == claim.amount:
        return [evidence(Code.AMOUNT, money.amount)]
    fee = claim.amount - money.amount
    if 0 < fee <= claim.fee_allowed:
        return [evidence(Code.FEE_WITHIN, fee, claim.fee_allowed)]
    return [evidence(Code.AMOUNT_OTHER, money.amount, claim.amount)]


def _by_day(money: MoneyIn, claim: Claim) -> list[Evidence]:
    found = []
    if claim.due_on is not None:
        days = (money.on - claim.due_on).days
        code = Code.IN_WINDOW if 0 <= days <= WINDOW_DAYS else Code.OUT_OF_WINDOW
        found.append(evidence(code, days, WINDOW_DAYS))
    if claim.valid_until is not None and money.on > claim.valid_until:
        found.append(evidence(Code.EXPIRED, (money.on - claim.valid_until).days))
    return found


def _by_payer(money: MoneyIn, claim: Claim, index: Index) -> list[Evidence]:
    before = index.payers.get(money.payer_key or "", {})
    if not before or claim.member_id is None:
        return []
    own = before.get(claim.member_id, 0)
    others = len(before) - (own > 0)
    found = [evidence(Code.PAYER_KNOWN, own)] if own else []
    return found + ([evidence(Code.PAYER_OF_OTHERS, others)] if others else [])


def _by_name(money: MoneyIn, claim: Claim) -> list[Evidence]:
    if claim.name is None:
        return []
    like = likeness(claim.name, money)
    if like == 100:
        return [evidence(Code.NAME_SAME)]
    if like >= NAME_LIKE:
        return [evidence(Code.NAME_LIKE, like)]
    return [evidence(Code.NAME_DIFFERS, like)] if money.payer_name else []


def likeness(name: str, money: MoneyIn) -> int:
    """How alike a folded name is to the payer's name or to any run of as many words of the text; percent."""
    best = int(fuzz.token_sort_ratio(name, money.payer_name)) if money.payer_name else 0
    length = len(name.split())
    if best < 100 and length > 1:
        for start in range(len(money.tokens) - length + 1):
            best = max(best, int(fuzz.ratio(name, " ".join(money.tokens[start : start + length]))))
    return best


# --- candidates -------------------------------------------------------------------------------------------------


def candidates(money: MoneyIn, left: Left) -> tuple[Claim, ...]:
    """Claims that anything at all points to: a reference, the payer, a name, the amount; few enough to weigh."""
    index = left.index
    keys: dict[str, None] = {}
    for reference in (*money.references, *(near.reference for near in money.near)):
        keys.update(dict.fromkeys(index.by_reference.get(reference, ())))
    for member in sorted(index.payers.get(money.payer_key or "", ())):
        open_ = left.open_claims(index.by_member.get(member, ()))
        keys.update(dict.fromkeys(claim.key for claim in open_[:MOST_TOLD]))
    keys.update(dict.fromkeys(claim.key for claim in claims_of_people(left, money)))
    equal = index.by_amount.get((money.unit_id, money.amount), ())
    keys.update(dict.fromkeys(claim.key for claim in left.open_claims(equal)[:MOST_EQUAL]))
    named = (index.claims[key] for key in keys)
    return tuple(claim for claim in named if claim.direction is money.direction)


def best_beside(money: MoneyIn, left: Left, own: Set[str]) -> Candidate | None:
    """The best of the first few candidates that are not ``own`` (members, or claims of nobody); None if there is none.

    By the payer and by names all are looked at, by the amount as many as would be told.
    """
    index = left.index
    known = sorted(index.payers.get(money.payer_key or "", ()))
    keys = [key for member in known for key in index.by_member.get(member, ())[:MOST_TOLD]]
    equal = index.by_amount.get((money.unit_id, money.amount), ())[: MOST_TOLD + 1]
    found = [*claims_of_people(left, money), *left.open_claims((*keys, *equal))]
    best: Candidate | None = None
    for claim in found:
        if (claim.member_id or claim.key) not in own and claim.direction is money.direction:
            told = weigh(money, claim, index)
            sure = confidence(told)
            if best is None or sure > best.confidence:
                best = Candidate(claims=(claim.key,), confidence=sure, evidence=told)
    return best


def ranked(money: MoneyIn, left: Left) -> tuple[Candidate, ...]:
    """Single candidates, the best first; each is told how many others are its equals."""
    weighed = [(claim, weigh(money, claim, left.index)) for claim in candidates(money, left)]
    best: dict[str, tuple[Claim, tuple[Evidence, ...]]] = {}
    for claim, found in weighed:
        # Of one member's months the surest counts, and of equals the oldest: who pays is the question here.
        owner = claim.member_id or claim.key
        if owner not in best or confidence(found) > confidence(best[owner][1]):
            best[owner] = (claim, found)
    levels: dict[int, int] = {}
    for _, found in best.values():
        levels[confidence(found)] = levels.get(confidence(found), 0) + 1
    told = []
    for claim, found in best.values():
        equals = levels[confidence(found)] - 1
        full = (*found, evidence(Code.EQUALS, equals)) if equals else found
        told.append(Candidate(claims=(claim.key,), confidence=confidence(full), evidence=full))
    return tuple(sorted(told, key=lambda c: (-c.confidence, c.claims)))


def together(money: Sequence[MoneyIn], claims: Sequence[Claim], index: Index) -> tuple[Evidence, ...]:
    """Evidence of several moneys or claims as one: what holds of all speaks for it, what holds of one against it."""
    if len(money) == 1 and len(claims) == 1:
        return weigh(money[0], claims[0], index)
    each = [weigh(one, claim, index) for one in money for claim in claims]
    carried = {r for one in money for r in one.references}
    found: list[Evidence] = []
    if all(carried & set(claim.references) for claim in claims) and all(one.references for one in money):
        found.append(evidence(Code.REFERENCE))
    for code in (Code.ACCOUNT, Code.IN_WINDOW, Code.PAYER_KNOWN):
        if all(any(e.code is code for e in one) for one in each):
            found.append(next(e for e in each[0] if e.code is code))
    against: dict[Code, Evidence] = {}
    for one in each:
        for e in one:
            of_parts = (Code.AMOUNT_OTHER, Code.REFERENCE_OTHER, Code.NAME_DIFFERS, Code.PAYER_OF_OTHERS)
            if e.side == "against" and e.code not in of_parts:
                against.setdefault(e.code, e)
    strange = carried - {r for claim in claims for r in claim.references}
    if strange:
        against[Code.REFERENCE_OTHER] = evidence(Code.REFERENCE_OTHER, len(strange))
    if len(money) > 1 and len(claims) == 1:
        # Several moneys under one reference are parts of one debt here, and that is what the sum says.
        against.pop(Code.REFERENCE_AGAIN, None)
    return (*found, *_sums(money, claims), *against.values())


def _sums(money: Iterable[MoneyIn], claims: Sequence[Claim]) -> tuple[Evidence, ...]:
    money = tuple(money)
    paid, open_ = sum(m.amount for m in money), sum(c.amount for c in claims)
    if paid == open_:
        return (evidence(Code.SUM_FITS, len(claims), len(money), paid),)
    allowed = sum(claim.fee_allowed for claim in claims)
    if 0 < open_ - paid <= allowed and all(claim.kind is ClaimKind.CLEARING for claim in claims):
        return (evidence(Code.FEE_WITHIN, open_ - paid, allowed),)
    return (evidence(Code.AMOUNT_OTHER, paid, open_),)
