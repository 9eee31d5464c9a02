"""Acts of the office that have no HTTP operation, done in the play's own process on the same database."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from api.flows.attempts import open_attempt
from api.flows.settlements import refund_by_gateway, settle_gateway, take_file
from api.wiring import Installation
from domain import organisation
from domain.errors import Malformed, Refusal
from domain.identifiers import MemberId, RefundId, UnitId, payment_id
from domain.period import parse_month
from ledger.application import command_id_for
from ledger.handlers.ask import OpenDuesAttempt, OpenOnRail
from ledger.handlers.refunds import ApproveRefund, RequestCreditRefund
from ledger.work import Act

ACCOUNTANT = "VH-KT1"


def top(inst: Installation) -> UnitId:
    """The unit whose accountant takes settlements."""
    return organisation.by_code(inst.ledger.work().organisation, inst.settings.top_unit).unit_id


def take_settlement(inst: Installation, rail: str, file: str, data: bytes, at: datetime) -> tuple[bytes | None, str]:
    """Take a channel's settlement file in: our answer to it, and why it was refused ("" where it was not)."""
    act = Act(actor=ACCOUNTANT, at=at, command_id=command_id_for("sandbox-settlement", rail, file))
    try:
        return take_file(inst, rail, data, file, top(inst), act)[1], ""
    except (Malformed, Refusal) as error:
        return None, str(error)


def open_by_card(inst: Installation, unit: str, member: str, month: str, at: datetime, name: str) -> Mapping[str, Any]:
    """Open a member's attempt at the card gateway; what the payer is given, or why there is nothing ("refused")."""
    org = inst.ledger.work().organisation
    unit_id = organisation.by_code(org, unit).unit_id
    asked = OpenDuesAttempt(unit_id=unit_id, member_id=MemberId(member), month=parse_month(month))
    act = Act(actor="service:portal", at=at, command_id=command_id_for("sandbox-card", name))
    try:
        return open_attempt(inst, OpenOnRail(unit_id=unit_id, rail="gateway", asked=asked), act).answer
    except Refusal as refusal:
        return {"refused": refusal.message}


def refund_to_card(inst: Installation, unit: str, member: str, intent: str, at: datetime) -> str:
    """Give a member's credit back on the card: asked for by one, approved by two others; why it was refused, or ""."""
    org = inst.ledger.work().organisation
    unit_id = organisation.by_code(org, unit).unit_id
    credit = inst.ledger.work().dues(MemberId(member), at.year).credit
    refund_id = RefundId(f"SB-{intent[-8:]}")
    decision = f"QĐ-SANDBOX-{intent[-4:]}"
    asked = RequestCreditRefund(
        refund_id=refund_id,
        unit_id=unit_id,
        member_id=MemberId(member),
        amount=credit,
        reason="đóng trùng",
        decision=decision,
    )
    approve = ApproveRefund(unit_id=unit_id, refund_id=refund_id)
    acts = ((asked, ACCOUNTANT), (approve, f"VH-{unit[-3:]}-BT"), (approve, "VH-BT"))
    try:
        for number, (command, actor) in enumerate(acts):
            name = command_id_for("sandbox-refund", refund_id, str(number))
            inst.ledger.execute(
                command, Act(actor=actor, at=at, command_id=name, reason="đóng trùng", document=decision)
            )
        back = Act(actor="VH-TQ1", at=at, command_id=command_id_for("sandbox-refund", refund_id, "pay"))
        refund_by_gateway(inst, refund_id, payment_id("gateway", intent), back)
    except (Malformed, Refusal) as error:
        return str(error)
    return ""


def take_payouts(inst: Installation, at: datetime) -> Iterator[tuple[str, str]]:
    """Take the gateway's payouts of the last week: the id of each, and why it was refused ("" where it was not)."""
    act = Act(actor=ACCOUNTANT, at=at, command_id=command_id_for("sandbox-payouts", at.isoformat()))
    try:
        for taken in settle_gateway(inst, top(inst), at - timedelta(days=7), at, act):
            yield taken.settlement_id, taken.refused or ""
    except Refusal as refusal:
        yield "gateway", refusal.message
