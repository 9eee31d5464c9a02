"""Send money up on account while no share is in force: it is nobody's dues yet, the superior holds it for the unit."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain import late_share, organisation, remittance, remittance_resolving
from domain.access import Action
from domain.errors import Refusal, RefusalCode
from domain.identifiers import UnitId, remittance_id
from domain.money import Dong
from domain.payment_request import Kind
from domain.period import Period
from domain.remittance import Way, astray, on_account_left, to_send, under_way
from domain.remittance_cases import InterimPrepared
from ledger.handler import Handler
from ledger.handlers.ask import mint_case_reference
from ledger.handlers.remit import own_account
from ledger.upwards import on_account
from ledger.work import Act, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class PrepareInterim:
    """Prepare money on account of a period that is held without a share; by whose decision, and how it goes."""

    unit_id: UnitId
    period: Period
    amount: Dong
    way: Way
    decision: str
    reason: str | None = None


def prepare_interim(work: Work, command: PrepareInterim, act: Act) -> dict[str, object]:
    """Prepare; approval, sending, receipt, dispute and the rest are those of every remittance."""
    holds = late_share.open_holds(work.declarations(command.unit_id))
    if not any(hold.period == command.period for hold in holds):
        raise Refusal(
            RefusalCode.NOT_DECLARED,
            f"{command.unit_id} không giữ kỳ {command.period} ở trạng thái chưa phân bổ; kỳ đã có tỷ lệ thì lập lệnh "
            "nộp bình thường, kỳ chưa chốt thì chốt trước.",
        )
    superior = organisation.superior(work.organisation, command.unit_id)
    assert superior is not None  # A unit without a superior cannot have reported a period.
    if command.way in (Way.PORTAL, Way.BANK):
        own_account(work, command.unit_id, act)
    number = len(work.directory.remittances_of(command.unit_id, command.period)) + 1
    case_id = remittance_id(command.unit_id, command.period, number)
    asked = InterimPrepared(
        remittance_id=case_id,
        unit_id=command.unit_id,
        superior_id=superior.unit_id,
        superior_has_books=superior.has_books,
        period=command.period,
        amount=command.amount,
        way=command.way,
        reason=command.reason,
        decision=command.decision,
        prepared_by=act.actor,
        prepared_on=act.on,
    )
    events = remittance_resolving.prepare_interim(
        work.remittance(case_id), asked, held=_held(work, command.unit_id, holds)
    )
    work.record(remittance.stream(case_id), events)
    reference = None
    if command.way is Way.BANK:
        reference = mint_case_reference(
            work, act, payee=superior.unit_id, kind=Kind.REMITTANCE, case_id=case_id, amount=asked.amount
        )
    return {"remittance_id": case_id, "amount": asked.amount, "reference": reference}


def _held(work: Work, unit_id: UnitId, holds: tuple[late_share.Hold, ...]) -> Dong:
    """What is held for all periods, less what went or is to go up on account of it."""
    gone = sum(to_send(r) + under_way(r) + astray(r) + on_account_left(r) for r in on_account(work, unit_id))
    work.books.catch_up()
    own = sum(late_share.own_of_each(holds, work.balance(unit_id, "3310", "own")).values())
    return own + work.balance(unit_id, "3310", "sub") - gone


#: What each command asks permission for, where, and the function that decides it.
COMMANDS: Mapping[type, Handler] = {
    PrepareInterim: Handler("prepare-interim", Action.PREPARE_REMITTANCE, "unit_id", prepare_interim),
}
