"""What a unit still owes upwards and what its remittances have taken of it; money on account that answers for it."""

from domain import organisation, refund, refunding, remittance, remittance_resolving
from domain.identifiers import RefundId, RemittanceId, UnitId
from domain.money import Dong
from domain.period import Period
from domain.remittance import Remittance, on_account_left, require_prepared, to_send, under_way
from ledger.work import Act, Work


def remittances_for(work: Work, unit_id: UnitId, period: str) -> tuple[Remittance, ...]:
    """Remittances of a unit and period; the command stands only if none of them moves meanwhile."""
    found = []
    for known in work.directory.remittances_of(unit_id, period):
        work.guard(remittance.stream(RemittanceId(known)))
        found.append(require_prepared(work.remittance(RemittanceId(known))))
    return tuple(found)


def netted_open(r: Remittance) -> Dong:
    """Claw-back that a remittance will take at its approval; after it, the books show it."""
    return r.prepared.netted if r.approved_by is None and not r.withdrawn else 0


def still_payable(work: Work, unit_id: UnitId, period: Period) -> Dong:
    """3360 of the period, less what its remittances have prepared and not yet seen received; đồng.

    Of money on account only what left the unit counts: it will answer for what is owed when it arrives.
    """
    reserved = 0
    for r in remittances_for(work, unit_id, period):
        waiting = under_way(r) + remittance.astray(r)
        reserved += waiting if r.on_account else to_send(r) + waiting + netted_open(r)
    # After the remittances, never before: what was received in between would still look owed.
    work.books.catch_up()
    return work.balance(unit_id, "3360", period) - reserved


def reported_periods(work: Work, unit_id: UnitId) -> tuple[Period, ...]:
    """Every period that the unit declared or holds, in the order in which it first did."""
    state = work.declarations(unit_id)
    reported = (*state.held, *state.declared, *state.inherited)
    return tuple(dict.fromkeys(one.period for one in reported))


def on_account(work: Work, unit_id: UnitId) -> tuple[Remittance, ...]:
    """The unit's remittances on account, oldest first."""
    return tuple(
        r for period in reported_periods(work, unit_id) for r in remittances_for(work, unit_id, period) if r.on_account
    )


def settle_on_account(work: Work, unit_id: UnitId, act: Act) -> Dong:
    """Let what the superior holds on account answer for what the unit owes, oldest period first; returns how much.

    Only a debt to the superior that holds the money: after a change in the tree the rest waits for a decision.
    """
    waiting = [r for r in on_account(work, unit_id) if on_account_left(r)]
    if not waiting:
        return 0
    superior = organisation.superior(work.organisation, unit_id)
    settled = 0
    for period in reported_periods(work, unit_id):
        for r in waiting:
            case = r.prepared.remittance_id
            if superior is None or r.prepared.superior_id != superior.unit_id:
                continue
            state = work.remittance(case)
            owed = max(0, still_payable(work, unit_id, period))
            events = remittance_resolving.settle_interim(state, period=period, owed=owed, on=act.on)
            work.record(remittance.stream(case), events)
            settled += sum(event.amount for event in events)
    return settled


def claw_back_left(work: Work, unit_id: UnitId, refund_id: RefundId) -> Dong:
    """Claw-back of a refund due to a unit from above that nothing has taken yet; negative if too much was; đồng.

    Taken are what prepared remittances will net and what the superior has sent down. The command stands only if the
    refund does not move meanwhile.
    """
    work.guard(refund.stream(refund_id))
    state = work.refund(refund_id)
    superior = organisation.superior(work.organisation, unit_id)
    taken = 0 if superior is None else refunding.in_transit(state, superior.unit_id)
    for made in work.declarations(unit_id).declared:
        for r in remittances_for(work, unit_id, made.period):
            if r.prepared.netted_case == refund_id:
                taken += netted_open(r)
    work.books.catch_up()
    return work.balance(unit_id, "1380", refund_id) - taken
