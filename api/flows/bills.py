"""What the portal is told when it looks a dossier up: a fresh attempt for what is due, "nothing", or "unknown".

A dossier code (MaHoSo) is a reference that was asked for before: a member's standing request, an attempt, a payment for
a whole cell. Such a code is no personal data, cannot be guessed (forty bits behind a keyed permutation) and has check
symbols, so a mistyped one names nothing. What is due is reckoned anew each time, and each look-up that finds something
mints an attempt with a reference of its own: two of them may be paid, and the second payment becomes credit.
"""

import uuid
from dataclasses import replace
from datetime import datetime

from adapters.inbound import VIETNAM
from adapters.portal import bills
from api.flows.attempts import asked_of
from api.wiring import Installation
from domain import dues_account, organisation
from domain.errors import Refusal, RefusalCode
from domain.identifiers import RemittanceId, UnitId
from domain.payment_request import Kind, PaymentRequested, Requested, RequestLine
from domain.period import Month
from domain.reference import find_references
from domain.remittance import require_prepared
from ledger.accounts import open_account
from ledger.handlers.ask import BatchLine, OpenBatchAttempt, OpenDuesAttempt, OpenOnRail, OpenRemittanceAttempt
from ledger.owning import owning_unit, with_ended
from ledger.rail import AttemptAsked
from ledger.work import Act, Work

VIA = "bill-look-up"

#: Refusals after which the portal is told that nothing is due; every other one means that the code names no bill.
_NOTHING = frozenset({RefusalCode.NOTHING_DUE, RefusalCode.REMITTANCE_STATE, RefusalCode.NOT_ASSESSED})


def look_up(inst: Installation, dossier: str, at: datetime) -> bytes:
    """Answer a look-up at a moment (aware), in the portal's own words. Raises what the store raises when it is away."""
    try:
        minted = mint(inst, dossier, at)
    except Refusal as refusal:
        if refusal.code is RefusalCode.VERSION_MOVED:
            raise
        return bills.nothing_due() if refusal.code in _NOTHING else bills.unknown()
    if minted is None:
        return bills.unknown()
    return bills.due(minted, partner=inst.settings.portal_partner, at=at)


def mint(inst: Installation, dossier: str, at: datetime) -> AttemptAsked | None:
    """A new attempt for what is due under a dossier; None for a code that names none. Refuses when nothing is due.

    The payer is left unnamed: whoever types a code is not thereby told whose it is, and the portal knows who is logged
    in.
    """
    if find_references(dossier, inst.settings.reference_prefix) != (dossier,):
        return None
    work = inst.ledger.work()
    request = work.request(dossier)
    if not isinstance(request, Requested):
        return None
    work.directory.catch_up()
    act = Act(actor="service:portal", at=at.astimezone(VIETNAM), command_id=uuid.uuid4())
    command = _command(work, request.asked, act)
    if command is None:
        return None
    outcome = inst.ledger.execute(command, act)
    asked = asked_of(inst, str(outcome.answer["reference"]))
    return replace(asked, dossier=dossier, payer_name="")


def _command(work: Work, asked: PaymentRequested, act: Act) -> OpenOnRail | None:
    inner: OpenDuesAttempt | OpenBatchAttempt | OpenRemittanceAttempt
    match asked.kind:
        case Kind.DUES if asked.member_id is not None and asked.month is not None:
            known = work.member(asked.member_id)
            unit = owning_unit(work, known, asked.month) or known.unit_id
            inner = OpenDuesAttempt(unit_id=unit, member_id=asked.member_id, month=asked.month)
        case Kind.BATCH:
            unit = organisation.owner(work.organisation, asked.unit_id)
            inner = OpenBatchAttempt(unit_id=unit, lines=_still_due(work, asked.lines, act))
        case Kind.REMITTANCE if asked.case_id is not None:
            case = RemittanceId(asked.case_id)
            unit = require_prepared(work.remittance(case)).prepared.unit_id
            inner = OpenRemittanceAttempt(unit_id=unit, remittance_id=case)
        case _:
            return None
    return OpenOnRail(unit_id=UnitId(unit), rail="portal", asked=inner, via=VIA)


def _still_due(work: Work, lines: tuple[RequestLine, ...], act: Act) -> tuple[BatchLine, ...]:
    """The lines of a payment for many with what each still owes; cash that was receipted is not asked for again."""
    due = []
    for line in lines:
        known = work.member(line.member_id)
        open_account(work, line.member_id, known.unit_id, act.on.year)
        owed = dues_account.owed(work.dues(line.member_id, act.on.year), line.month)
        if owed > 0 and line.cash_payment_id is None:
            due.append(BatchLine(member_id=line.member_id, month=line.month, amount=owed, cash_payment_id=None))
    if not due:
        raise Refusal(RefusalCode.NOTHING_DUE, "Mọi người trong danh sách đã đóng đủ; không còn gì phải nộp.")
    return tuple(due)


def cell_lines(inst: Installation, unit: UnitId, month: Month, year: int) -> tuple[BatchLine, ...]:
    """A line for each member of a cell who still owes something for a month, in roll order; ``year`` is the act's."""
    work = inst.ledger.work()
    work.directory.catch_up()
    lines = []
    for member_id in work.directory.concerned_by(with_ended(work, [unit])):
        known = work.member(member_id)
        if owning_unit(work, known, month) != unit:
            continue
        open_account(work, member_id, known.unit_id, year)
        owed = dues_account.owed(work.dues(member_id, year), month)
        if owed > 0:
            lines.append(BatchLine(member_id=member_id, month=month, amount=owed, cash_payment_id=None))
    if not lines:
        raise Refusal(RefusalCode.NOTHING_DUE, f"Tháng {month}: không đảng viên nào của chi bộ còn phải đóng.")
    return tuple(lines)
