"""Bank statements: taken in whole, every line placed by a named rule or left for a person with the reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import cast

from domain import access, bank_account, organisation, payment, suspense
from domain.access import Action
from domain.bank_account import NotDues, Placement, StatementImported, StatementLine, StatementWitnessed
from domain.errors import Refusal, RefusalCode
from domain.identifiers import AccountId, MemberId, PaymentId, UnitId
from domain.money import Dong
from domain.notice import Direction
from domain.payment import SuspenseIdentified
from domain.period import Month, month_of
from ledger import placing
from ledger.bank_lines import LineText, name_line, note_placed, place_all
from ledger.handler import Handler
from ledger.handlers.collect import Notice, TakeNotices, take_notices
from ledger.own_money import require_not_voucher
from ledger.work import Act, Work

__all__ = [
    "IdentifySuspense",
    "ImportNotices",
    "ImportStatement",
    "ImportStatements",
    "LineText",
    "NameMovement",
    "identify_suspense",
    "import_notices",
    "import_statement",
    "import_statements",
    "name_movement",
    "require_importable",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportStatement:
    """Take a bank's statement in; opening + in − out = closing or the whole file is refused."""

    unit_id: UnitId  #: the account's unit
    account_id: AccountId
    file_digest: str
    format: str
    from_date: date
    to_date: date
    opening: Dong
    closing: Dong
    lines: tuple[LineText, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportStatements:
    """Take several statements of one file in, all or none; ``unit_id`` is the unit of the first."""

    unit_id: UnitId
    statements: tuple[ImportStatement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportNotices:
    """Take a bank's advice of credits (camt.054) in: early word of what a statement will show."""

    unit_id: UnitId  #: the account's unit
    account_id: AccountId
    notices: tuple[Notice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NameMovement:
    """A person says what a line is that is not dues."""

    account_id: AccountId
    unit_id: UnitId
    line_key: str
    what: NotDues
    heading: str
    ground: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifySuspense:
    """A person says whose waiting money is."""

    unit_id: UnitId  #: the unit in whose books it waits
    payment_id: PaymentId
    member_id: MemberId
    month: Month | None
    amount: Dong
    ground: str


#: So many lines that wait for a person are named in the answer; the list of open items has them all.
MOST_LEFT = 200


def import_statement(work: Work, command: ImportStatement, act: Act) -> dict[str, object]:
    """Record the statement, then place each new line; a file known already adds nothing."""
    registered, events = _decided(work, command, act)
    work.record(bank_account.stream(command.account_id), events)
    if not events:
        return {"known": True, "new_lines": 0, "placed": {}, "left": []}
    fresh = {line.key for event in events if isinstance(event, StatementImported) for line in event.lines}
    witnessed = sum(len(event.aliases) for event in events if isinstance(event, StatementWitnessed))
    placements, left = place_all(work, act, registered, [i for i in command.lines if i.line.key in fresh])
    tally: dict[str, int] = {}
    for placement in placements:
        tally[placement.outcome] = tally.get(placement.outcome, 0) + 1
    answer: dict[str, object] = {"known": False, "new_lines": len(fresh), "placed": tally, "left": left[:MOST_LEFT]}
    more = {"left_more": len(left) - MOST_LEFT} if len(left) > MOST_LEFT else {}
    return {**answer, **more, **({"witnessed": witnessed} if witnessed else {})}


def require_importable(work: Work, command: ImportStatement, act: Act) -> None:
    """Refuse what an import would be refused for as a whole, without placing a line: for parts of a long file."""
    access.authorise(
        work.access,
        work.organisation,
        actor=act.actor,
        action=Action.IMPORT_STATEMENT,
        unit=command.unit_id,
        on=act.on,
    )
    _decided(work, command, act)


def _decided(
    work: Work, command: ImportStatement, act: Act
) -> tuple[organisation.AccountRegistered, tuple[StatementImported | StatementWitnessed, ...]]:
    registered = organisation.account(work.organisation, command.account_id)
    if registered.unit_id != command.unit_id:
        raise Refusal(
            RefusalCode.STATEMENT_OTHER_ACCOUNT,
            f"Tài khoản {command.account_id} là của {registered.unit_id}, không phải của {command.unit_id}.",
        )
    if command.to_date > act.on:
        raise Refusal(
            RefusalCode.MONTH_IN_FUTURE,
            f"Sao kê đến ngày {command.to_date:%d/%m/%Y}, sau hôm nay {act.on:%d/%m/%Y}. Kiểm tra tệp.",
        )
    lines = tuple(item.line for item in command.lines)
    asked = StatementImported(
        account_id=command.account_id,
        unit_id=registered.unit_id,
        file_digest=command.file_digest,
        format=command.format,
        from_date=command.from_date,
        to_date=command.to_date,
        opening=command.opening,
        closing=command.closing,
        credits=sum(line.amount for line in lines if line.direction is Direction.IN),
        debits=sum(line.amount for line in lines if line.direction is Direction.OUT),
        line_count=len(lines),
        lines=lines,
    )
    return registered, bank_account.import_statement(work.account(command.account_id), asked)


def import_notices(work: Work, command: ImportNotices, act: Act) -> dict[str, object]:
    """Each credit becomes a payment, or a witness of one that is known; counted by what became of them."""
    registered = organisation.account(work.organisation, command.account_id)
    if registered.unit_id != command.unit_id:
        raise organisation.outside(registered.unit_id, command.unit_id)
    told = take_notices(work, TakeNotices(root=command.unit_id, notices=command.notices), act)
    tally: dict[str, int] = {}
    for one in cast(list[dict[str, object]], told["outcomes"]):
        tally[str(one["outcome"])] = tally.get(str(one["outcome"]), 0) + 1
    return {"notices": len(command.notices), "outcomes": tally}


def import_statements(work: Work, command: ImportStatements, act: Act) -> dict[str, object]:
    """Record each statement in the order of the file; whoever may not import one of them imports none."""
    for unit in dict.fromkeys(one.unit_id for one in command.statements):
        organisation.unit(work.organisation, unit)
        access.authorise(
            work.access, work.organisation, actor=act.actor, action=Action.IMPORT_STATEMENT, unit=unit, on=act.on
        )
    return {"statements": [import_statement(work, one, act) for one in command.statements]}


def name_movement(work: Work, command: NameMovement, act: Act) -> dict[str, object]:
    """A person names a line as not dues. Money in that waits in suspense cannot be named twice."""
    account = organisation.account(work.organisation, command.account_id)
    state = work.account(command.account_id)
    line = state.lines.get(command.line_key)
    if line is None:
        raise Refusal(
            RefusalCode.UNKNOWN_PAYMENT, f"Không có dòng {command.line_key[:12]}… trên sao kê {command.account_id}."
        )
    income = command.what in (NotDues.INTEREST, NotDues.STATE_FUNDING)
    if income is not (line.direction is Direction.IN):
        raise Refusal(
            RefusalCode.PAYMENT_KIND_DIFFERS,
            f"Dòng {command.line_key[:12]}… là tiền {'vào' if line.direction is Direction.IN else 'ra'}, "
            f"không thể là «{command.what}».",
        )
    placed = state.placed.get(command.line_key)
    if placed is not None and placed.outcome != "suspense":
        raise Refusal(
            RefusalCode.NOT_IN_SUSPENSE,
            f"Dòng {command.line_key[:12]}… đã được ghi sổ theo quy tắc «{placed.outcome}».",
        )
    if command.what is NotDues.SPENDING:
        require_not_voucher(work, account.unit_id, command.account_id, line.amount, line.key)
    count = 0
    if placed is None:
        count = name_line(work, account, line, command.what, command.heading, command.ground, act.actor)
    else:
        count = _rename_suspense(work, command, line, placed, act)
    if count:
        again = Placement(key=line.key, outcome=str(command.what), target=command.heading)
        note_placed(work, command.account_id, again)
    return {"named": count}


def _rename_suspense(work: Work, command: NameMovement, line: StatementLine, placed: Placement, act: Act) -> int:
    """Money that waited in suspense turns out not to be dues."""
    waiting = PaymentId(placed.target)
    state = payment.require_seen(work.payment(waiting))
    asked = payment.SuspenseNamed(
        payment_id=waiting,
        unit_id=state.received.unit_id,
        amount=line.amount,
        heading=command.heading,
        what=str(command.what),
        ground=command.ground,
        named_by=act.actor,
    )
    return work.record(payment.stream(waiting), suspense.name_suspense(state, asked))


def identify_suspense(work: Work, command: IdentifySuspense, act: Act) -> dict[str, object]:
    """Waiting money finds its member: dues first, the rest is credit; a receipt is issued by the member's unit."""
    if command.month is not None and command.month > month_of(act.on):
        raise Refusal(
            RefusalCode.MONTH_IN_FUTURE,
            f"Tháng {command.month} chưa đến (hôm nay {act.on:%d/%m/%Y}). Kiểm tra lại tháng, hoặc bỏ trống.",
        )
    seen = payment.require_seen(work.payment(command.payment_id))
    known = work.member(command.member_id)
    # Money waits at the unit in whose books it stands, which need not be the one that holds it.
    if payment.waits_at(seen) != command.unit_id:
        raise organisation.outside(payment.waits_at(seen), command.unit_id)
    if not organisation.is_within(work.organisation, known.unit_id, command.unit_id):
        raise organisation.outside(known.unit_id, command.unit_id)
    if command.amount > seen.suspense:
        raise Refusal(
            RefusalCode.NOT_IN_SUSPENSE,
            f"Khoản này còn treo {seen.suspense} đồng, không thể xác định {command.amount} đồng.",
        )
    dues, credit = placing.apply_to_member(
        work,
        act,
        member_id=command.member_id,
        unit_id=known.unit_id,
        payment=command.payment_id,
        amount=command.amount,
        month=command.month,
    )
    asked = SuspenseIdentified(
        payment_id=command.payment_id,
        holder_id=command.unit_id,
        unit_id=known.unit_id,
        member_id=command.member_id,
        amount=command.amount,
        dues_amount=dues,
        credit_amount=credit,
        ground=command.ground,
        identified_by=act.actor,
    )
    work.record(payment.stream(command.payment_id), suspense.identify(seen, asked))
    number = None
    if seen.received.channel != "portal" and not seen.matched:
        # One receipt a payment (A9): the portal's where it issued one, or the one given when a part found its member.
        number = placing.issue_receipt(
            work, act, known.unit_id, command.payment_id, command.member_id, command.amount, seen.received.paid_on
        )
    return {"dues": dues, "credit": credit, "receipt": number}


#: What each command asks permission for, where, and the function that decides it.
COMMANDS: Mapping[type, Handler] = {
    ImportStatement: Handler("import-statement", Action.IMPORT_STATEMENT, "unit_id", import_statement),
    ImportStatements: Handler("import-statements", Action.IMPORT_STATEMENT, "unit_id", import_statements),
    ImportNotices: Handler("import-notices", Action.IMPORT_STATEMENT, "unit_id", import_notices),
    NameMovement: Handler("name-movement", Action.PLACE_MONEY, "unit_id", name_movement),
    IdentifySuspense: Handler("identify-suspense", Action.PLACE_MONEY, "unit_id", identify_suspense),
}
