"""Requests in people's hands: a member says that he has transferred, or that he has not after all."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from domain import organisation, payment_request
from domain.access import Action
from domain.errors import Refusal, RefusalCode
from domain.identifiers import UnitId
from domain.payment_request import Requested, TellingTakenBack, TransferTold
from domain.period import month_of
from domain.policy import setting_number
from domain.policy_settings import SettingName
from ledger.handler import Handler
from ledger.work import Act, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class TellTransfer:
    """A member of the unit says that he has transferred under a reference; ``told_on`` is the day of the transfer."""

    unit_id: UnitId
    reference: str
    told_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeTellingBack:
    """The transfer was not made, or failed: the code may be used again."""

    unit_id: UnitId
    reference: str
    reason: str


def tell_transfer(work: Work, command: TellTransfer, act: Act) -> dict[str, object]:
    """Note it until the bank reports the money or the days of the setting are over."""
    state = _asked_of(work, command.reference, command.unit_id)
    if command.told_on > act.on:
        raise Refusal(
            RefusalCode.MONTH_IN_FUTURE,
            f"Ngày chuyển {command.told_on:%d/%m/%Y} chưa đến (hôm nay {act.on:%d/%m/%Y}). Kiểm tra lại ngày.",
        )
    kind = organisation.unit(work.organisation, command.unit_id).kind
    days = setting_number(work.policy, SettingName.TOLD_TRANSFER_DAYS, month_of(act.on), kind)
    told = TransferTold(
        reference=state.asked.reference,
        unit_id=state.asked.unit_id,
        told_on=command.told_on,
        lapses_on=command.told_on + timedelta(days=days),
        told_by=act.actor,
    )
    events = payment_request.tell(state, told)
    work.record(payment_request.stream(command.reference), events)
    lapses = payment_request.on_its_way(work.request(command.reference), act.on)
    return {"told": bool(events), "lapses_on": None if lapses is None else lapses.lapses_on.isoformat()}


def take_telling_back(work: Work, command: TakeTellingBack, act: Act) -> dict[str, object]:
    """Let the request be paid again."""
    state = _asked_of(work, command.reference, command.unit_id)
    asked = TellingTakenBack(
        reference=state.asked.reference, unit_id=state.asked.unit_id, reason=command.reason, taken_back_on=act.on
    )
    events = payment_request.take_telling_back(state, asked)
    work.record(payment_request.stream(command.reference), events)
    return {"taken_back": bool(events)}


def _asked_of(work: Work, reference: str, unit_id: UnitId) -> Requested:
    state = work.request(reference)
    if not isinstance(state, Requested):
        raise Refusal(
            RefusalCode.UNKNOWN_REFERENCE,
            f"Chưa phát hành yêu cầu nào mang mã {reference}. Kiểm tra lại mã.",
        )
    owner = organisation.owner(work.organisation, state.asked.unit_id)
    if not organisation.is_within(work.organisation, owner, unit_id):
        raise organisation.outside(owner, unit_id)
    return state


#: What each command asks permission for, where, and the function that decides it.
COMMANDS: Mapping[type, Handler] = {
    TellTransfer: Handler("tell-transfer", Action.TELL_TRANSFER, "unit_id", tell_transfer),
    TakeTellingBack: Handler("take-telling-back", Action.TELL_TRANSFER, "unit_id", take_telling_back),
}
