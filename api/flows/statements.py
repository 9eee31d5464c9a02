"""A bank's statement file into the ledger: read, free text put away as evidence, references found, lines placed."""

import hashlib
import hmac
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from adapters.bank.reader import read_statement
from api.wiring import Installation
from domain import organisation
from domain.bank_account import StatementLine
from domain.errors import Refusal, RefusalCode
from domain.notice import BankLine, BankStatement
from domain.reference import find_references
from ledger.application import command_id_for
from ledger.handlers.statements import ImportStatement, LineText
from ledger.work import Act


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementReport:
    """What became of one account's statement."""

    account_id: str
    from_date: str
    to_date: str
    lines: int
    answer: dict[str, Any]


def import_statement_file(
    inst: Installation, *, actor: str, at: datetime, data: bytes, filename: str
) -> tuple[StatementReport, ...]:
    """Import every statement of a file. Nothing is recorded if one of them cannot be read or does not add up.

    The file is known again by its hash: the same file gives the same answer and adds nothing.
    """
    statements = read_statement(data, filename)
    org = inst.ledger.work().organisation
    known = [organisation.account_by_number(org, s.account_number) for s in statements]
    for statement, account in zip(statements, known, strict=True):
        if account is None:
            raise Refusal(
                RefusalCode.UNKNOWN_ACCOUNT,
                f"{filename}: tài khoản {statement.account_number} không có trong danh sách tài khoản của các đơn vị. "
                "Đăng ký tài khoản trước, hoặc kiểm tra có chọn nhầm tệp không.",
            )
    reports = []
    for statement, account in zip(statements, known, strict=True):
        if account is not None:
            reports.append(_import_one(inst, actor, at, statement, account))
    return tuple(reports)


def _import_one(
    inst: Installation,
    actor: str,
    at: datetime,
    statement: BankStatement,
    account: organisation.AccountRegistered,
) -> StatementReport:
    digest = hashlib.sha256(f"{statement.file_digest}:{account.account_id}".encode()).hexdigest()
    command = ImportStatement(
        unit_id=account.unit_id,
        account_id=account.account_id,
        file_digest=digest,
        format=statement.format,
        from_date=statement.from_date,
        to_date=statement.to_date,
        opening=statement.opening,
        closing=statement.closing,
        lines=tuple(_line(inst, line) for line in statement.lines),
    )
    command_id = command_id_for("import-statement", actor, digest)
    outcome = inst.ledger.execute(command, Act(actor=actor, at=at, command_id=command_id))
    return StatementReport(
        account_id=account.account_id,
        from_date=statement.from_date.isoformat(),
        to_date=statement.to_date.isoformat(),
        lines=len(statement.lines),
        answer=outcome.answer,
    )


def _line(inst: Installation, line: BankLine) -> LineText:
    """Put the free text away; keep the references found in it and a keyed hash of the payer's account."""
    evidence_id = uuid.uuid5(uuid.NAMESPACE_URL, f"dangphi:bank-line:{line.key}")
    text = msgspec.json.encode(
        {
            "content": line.content,
            "counterparty_account": line.counterparty_account,
            "counterparty_name": line.counterparty_name,
        }
    )
    inst.evidence.store(evidence_id, "application/json", text)
    references = tuple(find_references(line.content, inst.settings.reference_prefix))
    return LineText(
        line=StatementLine(
            key=line.key,
            booked_on=line.booked_on,
            direction=line.direction,
            amount=line.amount,
            bank_reference=line.bank_reference,
            references=references,
            bank_code=line.bank_code,
            is_reversal=line.is_reversal,
            payer_key=payer_key(inst, line.counterparty_account),
            evidence_id=str(evidence_id),
        ),
        content=line.content,
    )


def payer_key(inst: Installation, account: str | None) -> str | None:
    """A keyed hash of a payer's account: the same payer is known again, the account cannot be read back."""
    if not account:
        return None
    return hmac.new(inst.settings.vault_key, account.encode(), hashlib.sha256).hexdigest()[:32]
