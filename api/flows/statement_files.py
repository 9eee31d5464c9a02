"""The files that statements came from: kept as they were, given back byte for byte, and every row found again.

A file is evidence under its own sha256. Beside it stands one index for each statement that it held: which row of the
file each line was. The ledger itself knows digests and keys only.
"""

import hashlib
import uuid
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import msgspec

from api.wiring import Installation
from domain import bank_account, organisation
from domain.bank_account import StatementImported, StatementTakenBack, StatementWitnessed
from domain.errors import Refusal, RefusalCode
from domain.identifiers import AccountId, UnitId
from domain.money import Dong
from domain.notice import BankLine, BankStatement


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementFile:
    """One statement on record; ``state`` is "imported", "witness" (no new line of its own) or "withdrawn"."""

    digest: str
    account_id: str
    unit_id: UnitId
    format: str
    from_date: date
    to_date: date
    opening: Dong
    closing: Dong
    new_lines: int
    witnessed: int
    state: str
    file: str | None  #: sha256 of the file, where it is kept
    filename: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineSource:
    """Where a bank line stands in the file that brought it, and its words; personal data, for readers of the unit."""

    account_id: str
    key: str
    digest: str
    file: str | None
    filename: str | None
    where: str | None
    text: dict[str, Any] | None


def _file_id(sha256: str) -> uuid.UUID:
    return uuid.uuid5(uuid.NAMESPACE_URL, f"dangphi:statement-file:{sha256}")


def _index_id(digest: str) -> uuid.UUID:
    return uuid.uuid5(uuid.NAMESPACE_URL, f"dangphi:statement-index:{digest}")


def line_evidence_id(key: str) -> uuid.UUID:
    """The id under which a line's free text is kept."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"dangphi:bank-line:{key}")


def keep_file(inst: Installation, data: bytes) -> str:
    """Keep a file as it is; returns its sha256 (hex)."""
    sha256 = hashlib.sha256(data).hexdigest()
    inst.evidence.store(_file_id(sha256), "application/octet-stream", data)
    return sha256


def keep_index(inst: Installation, statement: BankStatement, *, sha256: str, filename: str) -> None:
    """Keep which row each line of a statement was; whoever brought the file first has named it."""
    name = _index_id(statement.file_digest)
    if inst.evidence.fetch(name) is None:
        rows = {line.key: line.where for line in statement.lines}
        index = msgspec.json.encode({"file": sha256, "filename": filename, "rows": rows})
        inst.evidence.store(name, "application/json", index)


def put_away(inst: Installation, line: BankLine) -> None:
    """Keep a line's free text as evidence, under an id made of the line's key."""
    text = msgspec.json.encode(
        {
            "content": line.content,
            "counterparty_account": line.counterparty_account,
            "counterparty_name": line.counterparty_name,
        }
    )
    inst.evidence.store(line_evidence_id(line.key), "application/json", text)


def _index(inst: Installation, digest: str) -> dict[str, Any]:
    kept = inst.evidence.fetch(_index_id(digest))
    if kept is None or kept.content is None:
        return {}
    found: dict[str, Any] = msgspec.json.decode(kept.content)
    return found


def statements_of(inst: Installation, account_id: AccountId) -> tuple[StatementFile, ...]:
    """Every statement of an account ever told, in the order of the log, with what became of it."""
    found: dict[str, StatementFile] = {}
    for event in inst.store.load(bank_account.stream(account_id))[0]:
        match event:
            case StatementImported():
                index = _index(inst, event.file_digest)
                found[event.file_digest] = StatementFile(
                    digest=event.file_digest,
                    account_id=account_id,
                    unit_id=event.unit_id,
                    format=event.format,
                    from_date=event.from_date,
                    to_date=event.to_date,
                    opening=event.opening,
                    closing=event.closing,
                    new_lines=len(event.lines),
                    witnessed=0,
                    state="imported",
                    file=index.get("file"),
                    filename=index.get("filename"),
                )
            case StatementWitnessed():
                found[event.file_digest] = _witnessed(inst, event, found.get(event.file_digest))
            case StatementTakenBack():
                known = found.get(event.file_digest)
                if known is not None:
                    found[event.file_digest] = replace(known, state="withdrawn")
            case _:
                pass
    return tuple(found.values())


def _witnessed(inst: Installation, event: StatementWitnessed, known: StatementFile | None) -> StatementFile:
    if known is not None and known.state == "imported":
        return replace(known, witnessed=len(event.aliases))
    index = _index(inst, event.file_digest)
    return StatementFile(
        digest=event.file_digest,
        account_id=event.account_id,
        unit_id=event.unit_id,
        format=event.format,
        from_date=event.from_date,
        to_date=event.to_date,
        opening=event.opening,
        closing=event.closing,
        new_lines=0,
        witnessed=len(event.aliases),
        state="witness",
        file=index.get("file"),
        filename=index.get("filename"),
    )


def accounts_of(inst: Installation, unit_id: UnitId) -> tuple[AccountId, ...]:
    """The bank accounts of a unit."""
    org = inst.ledger.work().organisation
    return tuple(sorted(a.account_id for a in org.accounts.values() if organisation.owner(org, a.unit_id) == unit_id))


def find_statements(inst: Installation, text: str) -> tuple[StatementFile, ...]:
    """The statements whose own digest, or whose file's, begins with ``text`` (8 characters or more); newest first.

    Refuses ``correction-unknown`` when there is none.
    """
    org = inst.ledger.work().organisation
    wanted = text.lower()
    found = [
        one
        for account in sorted(org.accounts)
        for one in statements_of(inst, AccountId(account))
        if len(wanted) >= 8 and (one.digest.startswith(wanted) or (one.file or "").startswith(wanted))
    ]
    if not found:
        raise Refusal(
            RefusalCode.CORRECTION_UNKNOWN,
            f"Không có sao kê nào mang mã {text[:16]}… (cần ít nhất 8 ký tự của mã tệp). Xem dangphi statement list.",
        )
    return tuple(sorted(found, key=lambda one: (one.account_id, one.to_date), reverse=True))


def file_of(inst: Installation, statement: StatementFile) -> bytes:
    """The file as it came, its hash checked. Refuses when it was imported before files were kept, or was erased."""
    kept = None if statement.file is None else inst.evidence.fetch(_file_id(statement.file))
    if kept is None or kept.content is None:
        raise Refusal(
            RefusalCode.CORRECTION_UNKNOWN,
            f"Kho lưu không còn tệp của sao kê {statement.digest[:12]}…; chỉ còn các dòng và số dư. Xin lại từ ngân "
            "hàng.",
        )
    if hashlib.sha256(kept.content).hexdigest() != statement.file:
        raise Refusal(
            RefusalCode.CORRECTION_UNKNOWN,
            f"Tệp đã lưu của sao kê {statement.digest[:12]}… không còn đúng mã băm. Khôi phục từ bản sao lưu của kho.",
        )
    return kept.content


def source_of(inst: Installation, account_id: AccountId, key: str) -> tuple[LineSource, ...]:
    """Where a line stands in each file that told it, first the one that brought it, with its words where kept."""
    found: list[LineSource] = []
    for event in inst.store.load(bank_account.stream(account_id))[0]:
        if isinstance(event, StatementImported):
            keys = {line.key for line in event.lines} & {key}
        elif isinstance(event, StatementWitnessed):
            keys = {alias.key for alias in event.aliases if alias.line == key}
        else:
            continue
        for there in keys:
            index = _index(inst, event.file_digest)
            text = inst.evidence.fetch(line_evidence_id(there))
            found.append(
                LineSource(
                    account_id=account_id,
                    key=there,
                    digest=event.file_digest,
                    file=index.get("file"),
                    filename=index.get("filename"),
                    where=index.get("rows", {}).get(there),
                    text=None if text is None or text.content is None else msgspec.json.decode(text.content),
                )
            )
    if not found:
        raise Refusal(RefusalCode.UNKNOWN_PAYMENT, f"Không có dòng {key[:12]}… trên sao kê {account_id}.")
    return tuple(found)
