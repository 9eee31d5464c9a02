"""A lump that the bank took back: its payments are the channel's debt again, whichever line came first.

The channel's word that a pay-out failed moves no money: the bank's balance is what it is until the bank's own line.
"""

from domain import bank_account, payment, settlement
from domain.bank_account import LinesPlaced, Placement
from domain.identifiers import AccountId
from domain.payment_channels import CreditReturned
from domain.settlement import SettlementLumpCredited, SettlementLumpSeen
from domain.settlement_failed import SettlementFailed, SettlementLumpReturned
from ledger.work import Act, Work

#: How a line that took a lump back is placed.
RETURNED = "settlement-returned"


def note_failed(work: Work, act: Act, rail: str, settlement_id: str) -> bool:
    """Note the channel's word that a settlement's pay-out failed, once; False while nobody told of the settlement."""
    state = work.settlement(rail, settlement_id)
    if state.told is None or state.failed:
        return False
    event = SettlementFailed(
        rail=rail,
        settlement_id=state.told.settlement_id,
        unit_id=state.told.unit_id,
        amount=state.told.net,
        told_on=act.on,
    )
    work.record(settlement.stream(rail, settlement_id), (event,))
    return True


def take(work: Work, rail: str, settlement_id: str) -> str | None:
    """Take a cleared lump back with a line of the opposite amount that waits; returns that line's key.

    The line names the settlement, or a person said that it is about it: account and amount agree to the đồng.
    """
    state = work.settlement(rail, settlement_id)
    lump = state.lump
    if lump is None:
        return None
    fits = [one for one in state.waiting if (one.account_id, one.amount) == (lump.account_id, -lump.amount)]
    if len(fits) != 1:
        return None
    _record(work, lump, fits[0])
    return fits[0].bank_line


def _record(work: Work, lump: SettlementLumpCredited, line: SettlementLumpSeen) -> None:
    paid = [payment.require_seen(work.payment(name)) for name in lump.payments]
    gross = sum(known.received.amount for known in paid)
    event = SettlementLumpReturned(
        rail=lump.rail,
        settlement_id=lump.settlement_id,
        unit_id=lump.unit_id,
        account_id=lump.account_id,
        credited_line=lump.bank_line,
        bank_line=line.bank_line,
        amount=lump.amount,
        gross=gross,
        fees=gross - lump.credited,
        credited=lump.credited,
        netted=lump.netted,
        added=lump.added,
        payments=lump.payments,
        booked_on=line.booked_on,
    )
    work.record(settlement.stream(lump.rail, lump.settlement_id), (event,))
    for known in paid:
        back = CreditReturned(
            payment_id=known.received.payment_id,
            unit_id=lump.unit_id,
            account_id=lump.account_id,
            amount=known.received.amount,
            rail=lump.rail,
            settlement_id=lump.settlement_id,
            bank_line=lump.bank_line,
            returned_line=line.bank_line,
        )
        work.record(payment.stream(back.payment_id), (back,))


def place(work: Work, account: AccountId, line: str, rail: str, settlement_id: str) -> None:
    """Say anew where a line went that had waited."""
    told = work.settlement(rail, settlement_id).told
    target = f"{rail}/{settlement_id if told is None else told.settlement_id}"
    again = Placement(key=line, outcome=RETURNED, target=target)
    work.record(bank_account.stream(account), (LinesPlaced(account_id=account, placements=(again,)),))
