"""A bank's statement file into the ledger: read, free text put away as evidence, references found, lines placed."""

import hashlib
import hmac
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from adapters.bank.reader import read_statement
from api.flows.column_maps import saved_maps
from api.flows.statement_files import keep_file, keep_index, line_evidence_id, put_away
from api.wiring import Installation
from domain import bank_account, organisation
from domain.bank_account import StatementLine, StatementTakenBack
from domain.errors import Refusal, RefusalCode
from domain.identifiers import AccountId
from domain.notice import BankLine, BankStatement, Direction
from domain.reference import find_references
from ledger.application import command_id_for
from ledger.handlers.statements import ImportStatement, ImportStatements, LineText
from ledger.store import VersionMoved
from ledger.work import Act


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementReport:
    """What became of one account's statement."""

    account_id: str
    from_date: str
    to_date: str
    lines: int
    answer: dict[str, Any]
    replayed: bool = False  #: the same file was imported before; the answer is the one given then


#: So many lines go into the log by one command; a longer statement goes in by slices of whole days.
SLICE = 20_000

#: Told after each slice: slices done, slices in all.
Progress = Callable[[int, int], None]


def import_statement_file(
    inst: Installation,
    *,
    actor: str,
    at: datetime,
    data: bytes,
    filename: str,
    progress: Progress = lambda done, of: None,
) -> tuple[StatementReport, ...]:
    """Import every statement of a file, all or none.

    The file is known again by its hash: the same file gives the same answer and adds nothing. Every part is tried
    before the first is recorded; the free text of its lines and the file itself are put away then, so that a crash in
    between leaves text without events, and the next import finds it. A file of more than ``SLICE`` lines is recorded
    by slices of whole days, each a statement of its own: when that is cut off, the same file again goes on.
    """
    statements = read_statement(data, filename, maps=saved_maps(inst.settings))
    org = inst.ledger.work().organisation
    pairs: list[tuple[BankStatement, organisation.AccountRegistered]] = []
    for statement in statements:
        account = organisation.account_by_number(org, statement.account_number)
        if account is None:
            raise Refusal(
                RefusalCode.UNKNOWN_ACCOUNT,
                f"{filename}: tài khoản {statement.account_number} không có trong danh sách tài khoản của các đơn vị. "
                "Đăng ký tài khoản trước, hoặc kiểm tra có chọn nhầm tệp không.",
            )
        pairs.append((statement, account))
    parts = [(part, account) for statement, account in _apart(pairs) for part in sliced(statement)]
    asked = tuple(_command(inst, statement, account) for statement, account in parts)
    whole = len(parts) == len(pairs)
    try:
        answers, replayed = _record(inst, actor, at, asked, parts, data, filename, (whole, progress))
    except VersionMoved:
        raise
    except Refusal as refusal:
        raise Refusal(refusal.code, f"{filename}: {refusal.message}", **refusal.details) from refusal
    return tuple(
        StatementReport(
            account_id=command.account_id,
            from_date=command.from_date.isoformat(),
            to_date=command.to_date.isoformat(),
            lines=len(command.lines),
            answer=answer,
            replayed=replayed,
        )
        for command, answer in zip(asked, answers, strict=True)
    )


def _record(
    inst: Installation,
    actor: str,
    at: datetime,
    asked: tuple[ImportStatement, ...],
    parts: list[tuple[BankStatement, organisation.AccountRegistered]],
    data: bytes,
    filename: str,
    how: tuple[bool, Progress],
) -> tuple[list[dict[str, Any]], bool]:
    """Run the file's commands: one for the whole, or one for each slice; of a refused file nothing is kept."""
    whole, progress = how
    groups = [asked] if whole else [(one,) for one in asked]
    acts = [Act(actor=actor, at=at, command_id=_id(inst, actor, group)) for group in groups]
    fresh = [inst.store.command(act.command_id) is None for act in acts]
    for group, act, new in zip(groups, acts, fresh, strict=True):
        if new:
            inst.ledger.execute(_one(group), act, dry_run=True)
    if any(fresh):
        sha256 = keep_file(inst, data)
        for statement, _ in parts:
            keep_index(inst, statement, sha256=sha256, filename=filename)
            for line in statement.lines:
                put_away(inst, line)
    answers: list[dict[str, Any]] = []
    replayed = True
    for done, (group, act) in enumerate(zip(groups, acts, strict=True), 1):
        outcome = inst.ledger.execute(_one(group), act)
        replayed = replayed and outcome.replayed
        answers += [outcome.answer] if len(group) == 1 else list(outcome.answer["statements"])
        progress(done, len(groups))
    return answers, replayed


def _one(group: tuple[ImportStatement, ...]) -> ImportStatement | ImportStatements:
    return group[0] if len(group) == 1 else ImportStatements(unit_id=group[0].unit_id, statements=group)


def sliced(statement: BankStatement, most: int = SLICE) -> Iterator[BankStatement]:
    """A long statement as several of whole days, each with balances of its own; a short one as it is.

    A day is never divided, so a slice has more than ``most`` lines where one day has.
    """
    if len(statement.lines) <= most:
        yield statement
        return
    by_day: dict[date, list[BankLine]] = {}
    for line in statement.lines:
        by_day.setdefault(line.booked_on, []).append(line)
    chunks: list[list[date]] = [[]]
    for day in sorted(by_day):
        if chunks[-1] and sum(len(by_day[d]) for d in chunks[-1]) + len(by_day[day]) > most:
            chunks.append([])
        chunks[-1].append(day)
    first, opening = statement.from_date, statement.opening
    for number, days in enumerate(chunks):
        lines = tuple(line for day in days for line in by_day[day])
        last = statement.to_date if number == len(chunks) - 1 else days[-1]
        closing = opening + sum(x.amount if x.direction is Direction.IN else -x.amount for x in lines)
        digest = hashlib.sha256(f"{statement.file_digest}/{number}".encode()).hexdigest()
        yield replace(
            statement,
            from_date=first,
            to_date=last,
            opening=opening,
            closing=closing,
            lines=lines,
            file_digest=digest,
        )
        first, opening = last + timedelta(days=1), closing


def _apart(
    pairs: Sequence[tuple[BankStatement, organisation.AccountRegistered]],
) -> Iterator[tuple[BankStatement, organisation.AccountRegistered]]:
    """Statements of one account in one file get digests of their own: each is known again by itself."""
    seen: Counter[str] = Counter()
    for statement, account in pairs:
        number = seen[account.account_id]
        seen[account.account_id] += 1
        named = f"{statement.file_digest}:{account.account_id}" + (f":{number}" if number else "")
        yield replace(statement, file_digest=hashlib.sha256(named.encode()).hexdigest()), account


def _command(inst: Installation, statement: BankStatement, account: organisation.AccountRegistered) -> ImportStatement:
    return ImportStatement(
        unit_id=account.unit_id,
        account_id=account.account_id,
        file_digest=statement.file_digest,
        format=statement.format,
        from_date=statement.from_date,
        to_date=statement.to_date,
        opening=statement.opening,
        closing=statement.closing,
        lines=tuple(_line(inst, line) for line in statement.lines),
    )


def _id(inst: Installation, actor: str, asked: Sequence[ImportStatement]) -> uuid.UUID:
    """The same file again is the same command, unless a correction has taken it back meanwhile."""
    again = sum(
        isinstance(event, StatementTakenBack) and event.file_digest == command.file_digest
        for command in asked
        for event in inst.store.load(bank_account.stream(command.account_id))[0]
    )
    times = (f"again-{again}",) if again else ()
    return command_id_for("import-statement", actor, *(command.file_digest for command in asked), *times)


def _line(inst: Installation, line: BankLine) -> LineText:
    """A line with the references found in its text and a keyed hash of the payer's account, without the text."""
    return LineText(
        line=StatementLine(
            key=line.key,
            booked_on=line.booked_on,
            direction=line.direction,
            amount=line.amount,
            bank_reference=line.bank_reference,
            references=tuple(find_references(line.content, inst.settings.reference_prefix)),
            bank_code=line.bank_code,
            is_reversal=line.is_reversal,
            payer_key=payer_key(inst, line.counterparty_account),
            evidence_id=str(line_evidence_id(line.key)),
        ),
        content=line.content,
    )


def payer_key(inst: Installation, account: str | None) -> str | None:
    """A keyed hash of a payer's account: the same payer is known again, the account cannot be read back."""
    if not account:
        return None
    return hmac.new(inst.settings.vault_key, account.encode(), hashlib.sha256).hexdigest()[:32]


#: So many statements of one account may stand in one file.
_MOST_STATEMENTS = 400


def digest_on_record(inst: Installation, account: AccountId, content: bytes) -> str:
    """The digest under which the last statement of this file and account is on record; its own when none is."""
    files = inst.ledger.work().account(account).files
    named = f"{hashlib.sha256(content).hexdigest()}:{account}"
    own = hashlib.sha256(named.encode()).hexdigest()
    numbered = (hashlib.sha256(f"{named}:{n}".encode()).hexdigest() for n in range(_MOST_STATEMENTS, 0, -1))
    return next((digest for digest in numbered if digest in files), own)
