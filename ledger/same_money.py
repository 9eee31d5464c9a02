"""The same transfer told by several: notification, webhooks of two providers, statement, a bank slip entered by hand.

A transfer is known again by the bank's own number. Where a teller has no number, by account, amount, our reference and
day, give or take one; then each teller tells each transfer once, so a second message of the same teller, or a second
line of the statement, is a second transfer. Two true twins stay two, whatever the order in which they are told.
"""

import re
from collections.abc import Iterable
from datetime import timedelta

from domain.identifiers import AccountId, PaymentId
from domain.payment import Asset, Payment, PaymentReceived
from domain.payment_request import Requested
from ledger.placing import Money
from ledger.work import Work

#: How far apart two tellers may date one transfer.
DAYS_APART = 1

#: What a teller without the bank's number calls a transfer: "sepay:123", "sepay-hub:8f1b", "casso:77", "slip:A-12".
_OWN_NAME = re.compile(r"(?P<teller>[a-z]+(?:-[a-z]+)*):.+")
_LINE_KEY = re.compile(r"[0-9a-f]{64}")

#: The teller of a bank slip that a person entered by hand.
SLIP = "slip"


def number_in(outside_reference: str) -> str | None:
    """The bank's own number in what a teller calls a transfer; None where the teller made the name up."""
    if _OWN_NAME.fullmatch(outside_reference) or _LINE_KEY.fullmatch(outside_reference):
        return None
    return outside_reference


def teller_in(outside_reference: str) -> str | None:
    """Who made the name of a transfer up, where it is no number of the bank."""
    found = _OWN_NAME.fullmatch(outside_reference)
    return None if found is None else found["teller"]


def of_request(work: Work, request: Requested) -> tuple[Payment, ...]:
    """The payments under a request."""
    found = (work.payment(answer.payment_id) for answer in request.answers)
    return tuple(known for known in found if isinstance(known, Payment))


def told_about(work: Work, money: Money) -> tuple[Payment, ...]:
    """Payments into the same account, of the same amount, dated at most a day apart, this command's included."""
    if money.asset is not Asset.BANK:
        return ()
    around = timedelta(days=DAYS_APART)
    first, last = money.paid_on - around, money.paid_on + around
    names = list(work.payments_told(AccountId(money.asset_key), money.amount, first, last))
    if money.bank_line is None:
        # Messages taken together may tell of one transfer; lines of one statement are a transfer each.
        names += [
            event.payment_id
            for event in work.new_events()
            if isinstance(event, PaymentReceived)
            and (event.asset, event.asset_key, event.amount) == (Asset.BANK, money.asset_key, money.amount)
            and first <= event.paid_on <= last
        ]
    work.preload(f"payment/{name}" for name in names)
    found = (work.payment(PaymentId(name)) for name in dict.fromkeys(names))
    return tuple(known for known in found if isinstance(known, Payment))


def credited_before(work: Work, request: Requested, money: Money) -> Payment | None:
    """The announced payment whose credit on a statement is the transfer that a bank's message tells of afterwards."""
    for known in of_request(work, request):
        seen = known.credited
        if seen is None or (seen.account_id, seen.credited) != (money.asset_key, money.amount):
            continue
        if abs((seen.booked_on - money.paid_on).days) > DAYS_APART:
            continue
        line = work.account(seen.account_id).lines.get(seen.bank_line)
        if bank_may_tell(known, money, None if line is None else line.bank_reference):
            return known
    return None


def bank_may_tell(known: Payment, money: Money, number: str | None = None) -> bool:
    """Whether a bank's message may be about announced money: another number, or the same teller twice, is another's.

    ``number`` is the bank's own on the statement's line, if a line has credited the money.
    """
    told = {w.outside_reference for w in known.witnesses if w.source.startswith("bank:")}
    if money.outside_reference in told:
        return True
    numbers = {number_in(name) for name in told} | {number}
    stated, teller = number_in(money.outside_reference), teller_in(money.outside_reference)
    if stated is not None and not numbers <= {None, stated}:
        return False
    return teller is None or teller not in {teller_in(name) for name in told}


def same_transfer(known: Iterable[Payment], money: Money) -> Payment | None:
    """The payment that ``money`` tells of once more, or None when it is another transfer; the nearest day first."""
    fit = [one for one in known if _may_be(one, money)]
    if not fit:
        return None
    by_name = [one for one in fit if money.outside_reference in _names(one)]
    return min(by_name or fit, key=lambda one: (abs((one.received.paid_on - money.paid_on).days), _name(one)))


def _name(known: Payment) -> str:
    return known.received.payment_id


def _may_be(known: Payment, money: Money) -> bool:
    seen = known.received
    if (seen.asset, seen.asset_key, seen.amount) != (money.asset, money.asset_key, money.amount):
        return False
    if abs((seen.paid_on - money.paid_on).days) > DAYS_APART:
        return False
    if money.bank_line is not None and on_statement(known):
        return False
    if money.outside_reference in _names(known):
        return True
    number, numbers = number_in(money.outside_reference), _numbers(known)
    if number is not None and numbers:
        return number in numbers
    if not _same_reference(known, money):
        return False
    teller = teller_in(money.outside_reference)
    return teller is None or teller not in _tellers(known)


def _same_reference(known: Payment, money: Money) -> bool:
    """The same reference of ours. A slip entered by hand names it where the transfer itself may not."""
    if known.received.reference == money.reference:
        return True
    by_hand = SLIP in _tellers(known) and known.received.reference is not None and money.reference is None
    return by_hand and not on_statement(known)


def on_statement(known: Payment) -> bool:
    """Whether a line of a statement stands behind a payment."""
    return known.received.bank_line is not None or any(w.bank_line is not None for w in known.witnesses)


def only_by_slip(known: Payment) -> bool:
    """Whether nobody but a bank slip entered by hand has told of this money."""
    names = (known.received.outside_reference, *(w.outside_reference for w in known.witnesses))
    by_hand = known.received.asset is Asset.BANK and all(teller_in(name) == SLIP for name in names)
    return by_hand and not on_statement(known)


def _names(known: Payment) -> tuple[str, ...]:
    own = f"bank:{known.received.asset_key}"
    told = [w.outside_reference for w in known.witnesses if w.source in (own, "statement")]
    return (known.received.outside_reference, *told)


def _numbers(known: Payment) -> frozenset[str]:
    return frozenset(number for number in map(number_in, _names(known)) if number is not None)


def _tellers(known: Payment) -> frozenset[str]:
    return frozenset(teller for teller in map(teller_in, _names(known)) if teller is not None)
