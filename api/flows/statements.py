"""A bank's statement file into the ledger: read, free text put away as evidence, references found, lines placed."""

import hashlib
import hmac
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec

from adapters.bank.reader import read_statement
from api.wiring import Installation
from domain import bank_account, organisation
from domain.bank_account import StatementLine, StatementTakenBack
from domain.errors import Refusal, RefusalCode
from domain.identifiers import AccountId
from domain.notice import BankLine, BankStatement
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


def import_statement_file(
    inst: Installation, *, actor: str, at: datetime, data: bytes, filename: str
) -> tuple[StatementReport, ...]:
    """Import every statement of a file, all or none, in one command.

    The file is known again by its hash: the same file gives the same answer and adds nothing. The free text of its
    lines is put away once the ledger has said that it would take the file; a crash in between leaves text without
    events, and the next import finds it.
    """
    statements = read_statement(data, filename)
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
    asked = tuple(_command(inst, statement, account) for statement, account in _apart(pairs))
    try:
        act = Act(actor=actor, at=at, command_id=_id(inst, actor, asked))
        answers, replayed = _execute(inst, asked, tuple(statements), act)
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


def _execute(
    inst: Installation, asked: tuple[ImportStatement, ...], statements: tuple[BankStatement, ...], act: Act
) -> tuple[list[dict[str, Any]], bool]:
    """Run the file's command and return the answer to each statement, and whether it is the answer of an earlier time.

    Of a refused file nothing is kept.
    """
    command = asked[0] if len(asked) == 1 else ImportStatements(unit_id=asked[0].unit_id, statements=asked)
    if inst.store.command(act.command_id) is None:
        inst.ledger.execute(command, act, dry_run=True)
        for statement in statements:
            for line in statement.lines:
                _put_away(inst, line)
    outcome = inst.ledger.execute(command, act)
    answers = [outcome.answer] if len(asked) == 1 else list(outcome.answer["statements"])
    return answers, outcome.replayed


def _evidence_id(line: BankLine) -> uuid.UUID:
    return uuid.uuid5(uuid.NAMESPACE_URL, f"dangphi:bank-line:{line.key}")


def _put_away(inst: Installation, line: BankLine) -> None:
    """Keep a line's free text as evidence, under an id made of the line's key."""
    text = msgspec.json.encode(
        {
            "content": line.content,
            "counterparty_account": line.counterparty_account,
            "counterparty_name": line.counterparty_name,
        }
    )
    inst.evidence.store(_evidence_id(line), "application/json", text)


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
            evidence_id=str(_evidence_id(line)),
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
