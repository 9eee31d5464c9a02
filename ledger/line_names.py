"""What the transfer of a bank line is called, and what its placement will ask for, loaded in a few queries.

The bank's own number names a transfer. The parts of a batch share one number, and some banks give none but the same
word to all: parts are then told apart by an ordinal, "FT123", "FT123#2", "FT123#3".
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from domain import dues_account, member, payment, payment_request
from domain.bank_account import BankAccount, StatementLine
from domain.identifiers import AccountId, PaymentId, payment_id
from domain.notice import Direction
from domain.payment import Payment
from domain.payment_request import Requested
from ledger.accounts import preload_accounts
from ledger.same_money import DAYS_APART, on_statement
from ledger.work import Act, Work

#: A number that more credits carry than this is no name of a transfer; its lines are told apart by order alone.
MOST_PARTS = 50


def source_of(account_id: AccountId) -> str:
    """The source under which money on an account is named."""
    return f"bank:{account_id}"


def plain_name(state: BankAccount, line: StatementLine) -> str:
    """The line's name by its number, or its key where it has none, and its place among the lines that share it."""
    number = line.bank_reference or line.key
    place = state.repeats.get(line.key)
    return number if place is None else f"{number}#{place}"


def on_statement_as(state: BankAccount, outside_reference: str) -> bool:
    """Whether a statement shows a transfer by this number, or by "line:" and the key where the bank gave none."""
    key = outside_reference.removeprefix("line:")
    return outside_reference in state.bank_references or key in state.lines or key in state.aliases


def shares_number(state: BankAccount, outside_reference: str) -> bool:
    """Whether several credits on the statements carry the number in a name such as "FT123#2".

    Which of them a message means is not certain then, and the statement has them all.
    """
    number, _, place = outside_reference.rpartition("#")
    if number and place.isdigit() and number in state.bank_references:
        return True
    return state.bank_references.get(outside_reference, 0) > 1


def name_of(work: Work, account_id: AccountId, line: StatementLine) -> str:
    """The name of a line's transfer.

    Where several lines share a number, what another teller told first under one of the names goes to the line of its
    amount, so that the tellers may list the parts in any order.
    """
    state = work.account(account_id)
    own = plain_name(state, line)
    total = state.bank_references.get(line.bank_reference or "", 0)
    if total < 2 or total > MOST_PARTS:
        return own
    names = [own, *(name for n in range(1, total + 1) if (name := _part(f"{line.bank_reference}", n)) != own)]
    told = {name: work.payment(payment_id(source_of(account_id), name)) for name in names}
    waiting = {name: known for name, known in told.items() if isinstance(known, Payment) and not on_statement(known)}
    for name, known in waiting.items():
        if known.received.amount == line.amount:
            return name
    whole = sum(x.amount for x in state.lines.values() if x.bank_reference == line.bank_reference and _is_credit(x))
    for name, known in waiting.items():
        if known.received.amount == whole:
            # A message told of the whole batch as one transfer: a person says which is right.
            return name
    return next((name for name, known in told.items() if not isinstance(known, Payment)), own)


def _part(number: str, place: int) -> str:
    return number if place == 1 else f"{number}#{place}"


def _is_credit(line: StatementLine) -> bool:
    return line.direction is Direction.IN and not line.is_reversal


def preload(work: Work, act: Act, account_id: AccountId, lines: Sequence[StatementLine]) -> None:
    """Load what placing these lines will ask for: a query for each kind of thing and not for each line."""
    credits = [line for line in lines if _is_credit(line)]
    references = dict.fromkeys(reference for line in lines for reference in line.references)
    work.preload(payment_request.stream(reference) for reference in references)
    requests = [found for r in references if isinstance(found := work.request(r), Requested)]
    state = work.account(account_id)
    names = {payment_id(source_of(account_id), plain_name(state, line)) for line in credits}
    names |= {answer.payment_id for request in requests for answer in request.answers}
    if credits:
        around = timedelta(days=DAYS_APART)
        days = [line.booked_on for line in credits]
        work.preload_told(account_id, min(days) - around, max(days) + around)
        for line in {(x.amount, x.booked_on): x for x in credits if not x.references}.values():
            names.update(work.payments_told(account_id, line.amount, line.booked_on - around, line.booked_on + around))
    _payments(work, names)
    members = dict.fromkeys(m for request in requests if (m := request.asked.member_id) is not None)
    work.preload(member.stream(one) for one in members)
    preload_accounts(work, members, act.on.year)
    work.preload(dues_account.stream(one, act.on.year - 1) for one in members)


def _payments(work: Work, names: Iterable[PaymentId]) -> None:
    work.preload(payment.stream(name) for name in sorted(names))
