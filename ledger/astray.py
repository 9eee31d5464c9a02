"""Money of a remittance that a bank shows elsewhere than on the straight road: back, at a wrong unit, passed on."""

from datetime import date

from domain import organisation, remittance, remittance_resolving, remitting
from domain.errors import Refusal, RefusalCode
from domain.identifiers import AccountId, PaymentId, RemittanceId, UnitId
from domain.money import Dong
from domain.organisation import Channel
from domain.remittance import Remittance, require_prepared, under_way
from ledger.work import Work


def pass_on(
    work: Work,
    state: Remittance,
    *,
    at_unit_id: UnitId,
    amount: Dong,
    account_id: AccountId,
    bank_line: str | None,
    on: date,
) -> None:
    """Book that the wrong unit sent the money on."""
    events = remittance_resolving.pass_on(
        state,
        at_unit_id=at_unit_id,
        amount=amount,
        asset_key=account_id,
        bank_line=bank_line,
        basis="bank" if bank_line is not None else "superior-credit",
        on=on,
    )
    work.record(remittance.stream(state.prepared.remittance_id), events)


def bring_back_under_way(work: Work, case: RemittanceId, amount: Dong, on: date) -> None:
    """Money that lay at a wrong unit has reached its goal: that unit must have passed it on."""
    state = require_prepared(work.remittance(case))
    missing = amount - under_way(state)
    for at, there in sorted(state.misrouted.items()):
        part = min(missing, there)
        if part <= 0:
            continue
        place = organisation.receiving_place(work.organisation, at, Channel.BANK, on)
        if place.account_id is None or place.holder_id != at:
            continue
        current = require_prepared(work.remittance(case))
        pass_on(work, current, at_unit_id=at, amount=part, account_id=place.account_id, bank_line=None, on=on)
        missing -= part


def at_another_account(
    work: Work, account_unit: UnitId, account_id: AccountId, case: RemittanceId, *, amount: Dong, line: str, on: date
) -> str | None:
    """A credit with a remittance's reference on an account that is not the superior's; the rule that placed it."""
    bring_back_under_way(work, case, amount, on)
    state = require_prepared(work.remittance(case))
    p = state.prepared
    if amount > under_way(state) or state.withdrawn or not p.superior_has_books:
        return None
    stream = remittance.stream(case)
    if account_unit == p.unit_id:
        back = remittance_resolving.bank_returned(
            state, amount=amount, asset="1120", asset_key=account_id, bank_line=line, on=on
        )
        work.record(stream, back)
        return "remittance-returned"
    if account_unit == p.superior_id:
        return None
    found = remittance_resolving.misroute(
        state, at_unit_id=account_unit, amount=amount, asset="1120", asset_key=account_id, bank_line=line, on=on
    )
    work.record(stream, found)
    return "remittance-astray"


def debit_of_another(
    work: Work, state: Remittance, at: UnitId, account_id: AccountId, *, amount: Dong, line: str, on: date
) -> str | None:
    """A debit with a remittance's reference at a unit that is not the sender: money passed on, or seen later."""
    case = state.prepared.remittance_id
    if amount <= state.misrouted.get(at, 0):
        pass_on(work, state, at_unit_id=at, amount=amount, account_id=account_id, bank_line=line, on=on)
        return "remittance-passed-on"
    if state.passed_unseen.get(at, 0) == amount:
        seen = remittance.SendingSeen(remittance_id=case, unit_id=at, amount=amount, bank_line=line, booked_on=on)
        work.record(remittance.stream(case), (seen,))
        return "remittance-debit"
    return None


def receive_suspense(work: Work, state: Remittance, *, amount: Dong, payment_id: PaymentId, on: date) -> None:
    """Money that waited in the superior's suspense is the remittance; at most what was sent or is left to send."""
    p = state.prepared
    if state.withdrawn or amount > p.amount - state.received:
        raise Refusal(
            RefusalCode.REMITTANCE_TOO_LARGE,
            f"Lệnh nộp {p.remittance_id} còn {p.amount - state.received} đồng chưa nhận, không nhận {amount} đồng.",
        )
    bring_back_under_way(work, p.remittance_id, amount, on)
    current = require_prepared(work.remittance(p.remittance_id))
    place = organisation.receiving_place(work.organisation, p.unit_id, Channel.BANK, on)
    if amount > under_way(current) and (place.account_id is None or place.holder_id != p.unit_id):
        raise Refusal(
            RefusalCode.NO_RECEIVING_ACCOUNT,
            f"{p.unit_id} không có tài khoản riêng nên không thể đã chuyển {amount} đồng. Cần người đối chiếu.",
        )
    events = remitting.receive(
        current,
        amount=amount,
        asset="3380",
        asset_key=payment_id,
        bank_line=None,
        on=on,
        sender_asset="1120",
        sender_key=str(place.account_id),
    )
    work.record(remittance.stream(p.remittance_id), events)
