"""Members whose whole name stands in a text: found by looking runs of its words up, however many members there are."""

from collections.abc import Sequence

from domain.identifiers import MemberId
from reconciliation.match.left import Index, Left
from reconciliation.match.values import Claim, ClaimKind, MoneyIn
from reconciliation.match.weigh_months import names_month

#: Names have so many words, no fewer and no more; one word is no name.
_SHORTEST, _LONGEST = 2, 7


def people_in(money: MoneyIn, index: Index) -> tuple[tuple[MemberId, ...], ...]:
    """Who is named, in the order of the text: one tuple a name, with all who bear it among those who owe in the unit.

    Longer names go first and no word is used twice, so that nobody is found within another's name.
    """
    found: dict[int, tuple[MemberId, ...]] = {}
    used: set[int] = set()
    for length in range(min(_LONGEST, len(money.tokens)), _SHORTEST - 1, -1):
        for start in range(len(money.tokens) - length + 1):
            places = range(start, start + length)
            if used.isdisjoint(places):
                name = " ".join(money.tokens[start : start + length])
                if bearers := index.by_name.get((money.unit_id, name)):
                    found[start] = bearers
                    used.update(places)
    return tuple(dict.fromkeys(found[start] for start in sorted(found)))


def claims_of_people(left: Left, money: MoneyIn) -> list[Claim]:
    """Open months of everybody who is named in the text or as its payer; few, as names are few."""
    names = [*people_in(money, left.index)]
    if money.payer_name and (bearers := left.index.by_name.get((money.unit_id, money.payer_name))):
        names.append(bearers)
    members = dict.fromkeys(member for bearers in names for member in bearers)
    return [claim for member in members for claim in open_months(left, money, member)]


def open_months(left: Left, money: MoneyIn, member: MemberId) -> list[Claim]:
    """What a member owes that this money may answer, the oldest first."""
    return [
        claim
        for claim in left.open_claims(left.index.by_member.get(member, ()))
        if claim.kind is ClaimKind.MONTH
        and claim.direction is money.direction
        and money.unit_id in claim.units
        and (claim.account_id is None or money.account_id is None or claim.account_id == money.account_id)
    ]


def one_month_each(left: Left, money: MoneyIn, members: Sequence[MemberId]) -> list[tuple[Claim, ...]]:
    """Sets of one open month of each member, of the same month for all, whose sum is the money.

    The month that the text names goes before the others; with none named the oldest goes first.
    """
    each = [{claim.month: claim for claim in open_months(left, money, member)} for member in members]
    months = sorted({month for known in each for month in known if month is not None})
    sets = [tuple(known[month] for known in each) for month in months if all(month in known for known in each)]
    fits = [chosen for chosen in sets if sum(claim.amount for claim in chosen) == money.amount]
    named = [chosen for chosen in fits if names_month(money.tokens, str(chosen[0].month))]
    return named or fits
