"""A bank's statement file into the ledger: read, free text put away as evidence, references found, lines placed."""

import hashlib
import io
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from adapters.bank.reader import open_statements
from api.flows import bank_advice
from api.flows.column_maps import saved_maps
from api.flows.statement_files import keep_file, keep_index, line_evidence_id, put_away
from api.flows.statement_report import StatementReport
from api.flows.statement_slices import SLICE, Sliced, plan
from api.flows.statement_slices import statements as statements_of
from api.flows.statement_text import payer_key
from api.wiring import Installation
from domain import bank_account, organisation
from domain.bank_account import StatementLine
from domain.errors import Refusal, RefusalCode
from domain.identifiers import AccountId
from domain.notice import BankLine, BankStatement
from domain.organisation import AccountRegistered
from domain.reference import find_references
from ledger.application import Outcome, command_id_for
from ledger.handlers.statements import ImportStatement, ImportStatements, LineText, require_importable
from ledger.store import VersionMoved
from ledger.work import Act

__all__ = ["Progress", "StatementReport", "digest_on_record", "import_statement_file", "payer_key"]

#: Told after each slice of a long file: slices done, slices in all.
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Planned:
    """One account's statement of the file."""

    account: AccountRegistered
    sliced: Sliced


def import_statement_file(
    inst: Installation,
    *,
    actor: str,
    at: datetime,
    data: bytes | Path,
    filename: str,
    progress: Progress = lambda done, of: None,
    most: int = SLICE,
) -> tuple[StatementReport, ...]:
    """Import every statement of a file, all or none; a camt.054 is taken as early word of its credits.

    The file is known again by its hash: the same file gives the same answer and adds nothing. It is tried whole before
    anything of it is recorded or kept. A file of up to ``most`` lines is one command. A longer one is recorded by
    slices of whole days, each a statement of its own: when that is cut off, the same file again goes on, by whomever.
    It is read in a stream: memory holds one slice, and what the ledger knows of the account.
    """
    source = data if isinstance(data, Path) else io.BytesIO(data)
    try:
        if bank_advice.is_advice(source):
            return bank_advice.take(inst, actor=actor, at=at, source=source, filename=filename, payer=payer_key)
        with open_statements(source, filename, maps=saved_maps(inst.settings)) as opened:
            org = inst.ledger.work().organisation
            seen: Counter[str] = Counter()
            planned: list[_Planned] = []
            for statement in opened:
                account = _registered(org, statement.account_number, filename)
                digest = _digest(statement.file_digest, account.account_id, seen)
                planned.append(_Planned(account=account, sliced=plan(statement, digest, most)))
            whole = sum(statement.count for statement in opened) <= most
            importing = _Importing(inst, actor, at, filename)
            return importing.whole(planned, source) if whole else importing.by_slices(planned, source, progress)
    except VersionMoved:
        raise
    except Refusal as refusal:
        if refusal.message.startswith(filename):
            raise
        raise Refusal(refusal.code, f"{filename}: {refusal.message}", **refusal.details) from refusal


def _registered(org: organisation.Organisation, number: str, filename: str) -> AccountRegistered:
    account = organisation.account_by_number(org, number)
    if account is None:
        raise Refusal(
            RefusalCode.UNKNOWN_ACCOUNT,
            f"{filename}: tài khoản {number} không có trong danh sách tài khoản của các đơn vị. "
            "Đăng ký tài khoản trước, hoặc kiểm tra có chọn nhầm tệp không.",
        )
    return account


def _digest(file_digest: str, account_id: str, seen: Counter[str]) -> str:
    """Statements of one account in one file get digests of their own: each is known again by itself."""
    number = seen[account_id]
    seen[account_id] += 1
    named = f"{file_digest}:{account_id}" + (f":{number}" if number else "")
    return hashlib.sha256(named.encode()).hexdigest()


class _Importing:
    """One file on its way into the ledger."""

    def __init__(self, inst: Installation, actor: str, at: datetime, filename: str) -> None:
        self._inst = inst
        self._actor = actor
        self._at = at
        self._filename = filename

    def whole(self, planned: Sequence[_Planned], source: Path | io.BytesIO) -> tuple[StatementReport, ...]:
        """A file of ordinary length: one command, tried first."""
        parts = [(made, one.account) for one in planned for _, made in statements_of(one.sliced)]
        asked = tuple(_command(self._inst, made, account) for made, account in parts)
        command = asked[0] if len(asked) == 1 else ImportStatements(unit_id=asked[0].unit_id, statements=asked)
        act = self._act(*((one.account_id, one.file_digest) for one in asked))
        if self._inst.store.command(act.command_id) is None:
            self._inst.ledger.execute(command, act, dry_run=True)
            sha256 = keep_file(self._inst, source)
            for made, _ in parts:
                self._keep(made, sha256)
        outcome = self._inst.ledger.execute(command, act)
        answers = [outcome.answer] if len(asked) == 1 else outcome.answer["statements"]
        return tuple(_report(made, one, outcome) for made, one in zip(asked, answers, strict=True))

    def by_slices(
        self, planned: Sequence[_Planned], source: Path | io.BytesIO, progress: Progress
    ) -> tuple[StatementReport, ...]:
        """A long file: one command for each slice. What could refuse it is asked before the first is recorded."""
        for one in planned:
            self._require_importable(one)
        of = sum(len(one.sliced.slices) for one in planned)
        sha256 = keep_file(self._inst, source)
        reports: list[StatementReport] = []
        for one in planned:
            for _, made in statements_of(one.sliced):
                command = _command(self._inst, made, one.account)
                act = self._act((command.account_id, command.file_digest))
                if self._inst.store.command(act.command_id) is None:
                    self._keep(made, sha256)
                outcome = self._inst.ledger.execute(command, act)
                reports.append(_report(command, outcome.answer, outcome))
                progress(len(reports), of)
        return tuple(reports)

    def _require_importable(self, one: _Planned) -> None:
        """Try the slices that can be refused: those of days told before, or the first and the last."""
        work = self._inst.ledger.work()
        account = one.account
        slices, state = one.sliced.slices, work.account(account.account_id)
        left = [x for x in slices if x.digest not in state.files]
        days = [(first, last) for first, last, _, _ in state.spans]
        told = [x for x in left if any(x.from_date <= last and first <= x.to_date for first, last in days)]
        ends = {x.digest: x for x in (*slices[:1], *slices[-1:], *told) if x in left}
        wanted = [x for x in slices if x.digest in ends]
        act = Act(actor=self._actor, at=self._at, command_id=uuid.uuid4())
        for _, made in statements_of(one.sliced, wanted):
            require_importable(self._inst.ledger.work(), _command(self._inst, made, account), act)

    def _keep(self, made: BankStatement, sha256: str) -> None:
        keep_index(self._inst, made, sha256=sha256, filename=self._filename)
        put_away(self._inst, made.lines)

    def _act(self, *asked: tuple[str, str]) -> Act:
        """The same file again is the same command, unless a correction has taken it back meanwhile."""
        digests = {digest for _, digest in asked}
        streams = tuple(dict.fromkeys(bank_account.stream(AccountId(account)) for account, _ in asked))
        store = self._inst.store
        gone = store.read_streams(streams, until=store.head(), names=("statement-taken-back",))
        again = sum(getattr(one.event, "file_digest", "") in digests for one in gone)
        times = (f"again-{again}",) if again else ()
        named = command_id_for("import-statement", self._actor, *(digest for _, digest in asked), *times)
        return Act(actor=self._actor, at=self._at, command_id=named)


def _report(command: ImportStatement, answer: dict[str, Any], outcome: Outcome) -> StatementReport:
    return StatementReport(
        account_id=command.account_id,
        from_date=command.from_date.isoformat(),
        to_date=command.to_date.isoformat(),
        lines=len(command.lines),
        answer=answer,
        replayed=outcome.replayed,
    )


def _command(inst: Installation, statement: BankStatement, account: AccountRegistered) -> ImportStatement:
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


#: So many statements of one account may stand in one file.
_MOST_STATEMENTS = 400


def digest_on_record(inst: Installation, account: AccountId, content: bytes) -> str:
    """The digest under which the last statement of this file and account is on record; its own when none is."""
    files = inst.ledger.work().account(account).files
    named = f"{hashlib.sha256(content).hexdigest()}:{account}"
    own = hashlib.sha256(named.encode()).hexdigest()
    numbered = (hashlib.sha256(f"{named}:{n}".encode()).hexdigest() for n in range(_MOST_STATEMENTS, 0, -1))
    return next((digest for digest in numbered if digest in files), own)
