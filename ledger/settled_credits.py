"""A smaller credit that a settlement explains: the channel stated its fee, so the bank's line is amount less fee.

Only for channels that pay each payment singly. Without a settlement the difference waits for a person, who may accept
it as a fee; with one nobody has to. Settlement, line and a bank's message may come in any order.
"""

from datetime import date, timedelta

from domain import bank_account, payment
from domain.bank_account import LinesPlaced, Placement
from domain.entry_line import EntryLine
from domain.identifiers import AccountId, PaymentId
from domain.money import Dong
from domain.open_item import SuspenseWaitsAgain
from domain.payment import Asset, Payment, PaymentCredited
from domain.payment_channels import SuspenseToLump
from domain.payment_request import Requested
from domain.settlement import SettledLine, is_lump
from domain.suspense import reserved
from ledger.reversal import reversed_lines, take_back_credit, take_back_witness
from ledger.work import Work

#: How the line of waiting money is placed once a settlement says which payment it credits.
SETTLED_CREDIT = "settled-credit"
#: A bank credits what a channel announced at most so many days after.
DAYS = 15


def told_fee(work: Work, known: Payment) -> tuple[str, Dong] | None:
    """The settlement that told of a payment, and the fee it states; None where none told of one above 0."""
    for word in known.witnesses:
        kind, _, rail = word.source.partition(":")
        name, _, number = word.outside_reference.rpartition("#")
        told = work.settlement(rail, name).told if kind == "settlement" else None
        if told is None or is_lump(told):
            continue
        fee = _fee(told.lines, number)
        if fee > 0:
            return name, fee
    return None


def _fee(lines: tuple[SettledLine, ...], number: str) -> Dong:
    """The fee of a line; lines are numbered from 1 as a rule, so that the right one is found at once."""
    place = int(number) - 1 if number.isdecimal() else -1
    if 0 <= place < len(lines) and str(lines[place].number) == number:
        return lines[place].fee
    return next((line.fee for line in lines if str(line.number) == number), 0)


def announced_net(work: Work, request: Requested, amount: Dong) -> tuple[Payment, ...]:
    """Announced payments under a request that no line has credited and whose stated fee leaves exactly this amount."""
    found = (work.payment(answer.payment_id) for answer in request.answers)
    return tuple(known for known in found if isinstance(known, Payment) and _leaves(work, known) == amount)


def _leaves(work: Work, known: Payment) -> Dong | None:
    if known.received.asset is not Asset.CLEARING or known.credited is not None:
        return None
    told = told_fee(work, known)
    return None if told is None else known.received.amount - told[1]


def take(work: Work, request: Requested) -> Payment | None:
    """Credit an announced payment with money that waits under its reference; returns that money, None if none fits."""
    for answer in request.answers:
        announced = work.payment(answer.payment_id)
        left = _leaves(work, announced) if isinstance(announced, Payment) else None
        if left is None or not isinstance(announced, Payment):
            continue
        fits = _waiting(work, request, announced.received.paid_on, left)
        if len(fits) == 1:
            _credit(work, announced, fits[0])
            return fits[0]
    return None


def _waiting(work: Work, request: Requested, paid_on: date, amount: Dong) -> list[Payment]:
    """Money that waits whole on the account asked for, under this reference, of this amount, from these days."""
    first, last = paid_on - timedelta(days=1), paid_on + timedelta(days=DAYS)
    names = work.directory.payments_told(request.asked.account_id, amount, first, last)
    found = (work.payment(PaymentId(name)) for name in names)
    return [
        known
        for known in found
        if isinstance(known, Payment)
        and known.received.reference == request.asked.reference
        and known.suspense == known.received.amount
        and not reserved(known)
        and line_of(known) is not None
    ]


def line_of(known: Payment) -> str | None:
    """The one statement line behind a payment."""
    lines = {k for k in (known.received.bank_line, *(w.bank_line for w in known.witnesses)) if k is not None}
    return lines.pop() if len(lines) == 1 else None


def _credit(work: Work, announced: Payment, waiting: Payment) -> None:
    told = told_fee(work, announced)
    seen, line = waiting.received, line_of(waiting)
    assert told is not None
    assert line is not None
    account_id = AccountId(seen.asset_key)
    booked_on = work.account(account_id).lines[line].booked_on
    leaves = SuspenseToLump(
        payment_id=seen.payment_id,
        unit_id=payment.waits_at(waiting),
        account_id=account_id,
        amount=seen.amount,
        rail=announced.received.asset_key,
        settlement_id=told[0],
        for_payment_id=announced.received.payment_id,
        decision_id=None,
        bank_line=line,
        booked_on=booked_on,
    )
    work.record(payment.stream(seen.payment_id), (leaves,))
    credited = PaymentCredited(
        payment_id=announced.received.payment_id,
        unit_id=leaves.unit_id,
        account_id=account_id,
        clearing=announced.received.asset_key,
        amount=announced.received.amount,
        fee=told[1],
        credited=seen.amount,
        bank_line=line,
        booked_on=booked_on,
    )
    work.record(payment.stream(credited.payment_id), payment.credit(announced, credited))


def take_back(work: Work, name: PaymentId, line: str, correction_id: str) -> tuple[EntryLine, ...]:
    """The line was none: the announced payment is not credited, and the money waits as it did before."""
    found = [e for e in work.events(payment.stream(name)) if isinstance(e, SuspenseToLump)]
    leaves = found[-1]
    assert leaves.for_payment_id is not None
    announced = payment.require_seen(work.payment(leaves.for_payment_id))
    again = SuspenseWaitsAgain(
        payment_id=name, unit_id=leaves.unit_id, amount=leaves.amount, decision_id="", correction_id=correction_id
    )
    work.record(payment.stream(name), (again,))
    lines = (*take_back_credit(work, announced, correction_id), *reversed_lines(leaves))
    if payment.require_seen(work.payment(name)).received.bank_line != line:
        take_back_witness(work, name, line, correction_id)
    return lines


def place(work: Work, waiting: Payment) -> None:
    """Say anew where the line of money that waited went."""
    line = line_of(waiting)
    assert line is not None
    account = AccountId(waiting.received.asset_key)
    again = Placement(key=line, outcome=SETTLED_CREDIT, target=waiting.received.payment_id)
    work.record(bank_account.stream(account), (LinesPlaced(account_id=account, placements=(again,)),))
