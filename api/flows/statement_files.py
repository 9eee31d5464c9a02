"""The files that statements came from: kept as they were, given back byte for byte, and every row found again.

A file is evidence under its own sha256. Beside it stands one index for each statement that it held: which row of the
file each line was. The ledger itself knows digests and keys only.
"""

import hashlib
import uuid
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

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


#: A file longer than this is kept in pieces, so that nobody ever holds it whole.
PIECE = 8 * 1024 * 1024
_IN_PIECES = "application/vnd.dangphi.pieces+json"


def _piece_id(sha256: str, number: int) -> uuid.UUID:
    return uuid.uuid5(uuid.NAMESPACE_URL, f"dangphi:statement-file:{sha256}/{number}")


def keep_file(inst: Installation, source: Path | BinaryIO) -> str:
    """Keep a file as it is; returns its sha256 (hex). Where a crash cut this off, the same file again completes it."""
    with source.open("rb") if isinstance(source, Path) else nullcontext(source) as file:
        file.seek(0)
        hashed = hashlib.sha256()
        while piece := file.read(PIECE):
            hashed.update(piece)
        digest, length = hashed.hexdigest(), file.tell()
        file.seek(0)
        if length <= PIECE:
            inst.evidence.store(_file_id(digest), "application/octet-stream", file.read())
            return digest
        if inst.evidence.fetch(_file_id(digest)) is None:
            count = 0
            while piece := file.read(PIECE):
                inst.evidence.store(_piece_id(digest, count), "application/octet-stream", piece)
                count += 1
            told = msgspec.json.encode({"sha256": digest, "pieces": count, "bytes": length})
            inst.evidence.store(_file_id(digest), _IN_PIECES, told)
    return digest


def keep_index(inst: Installation, statement: BankStatement, *, sha256: str, filename: str) -> None:
    """Keep which row each line of a statement was; whoever brought the file first has named it."""
    name = _index_id(statement.file_digest)
    if inst.evidence.fetch(name) is None:
        rows = {line.key: line.where for line in statement.lines}
        index = msgspec.json.encode({"file": sha256, "filename": filename, "rows": rows})
        inst.evidence.store(name, "application/json", index)


#: So many lines' texts are put away in one transaction.
_AT_ONCE = 1_000


def put_away(inst: Installation, lines: Sequence[BankLine]) -> None:
    """Keep the lines' free text as evidence, each under an id made of the line's key.

    A line that another export told before in other words keeps its first; each export is kept whole beside.
    """
    for start in range(0, len(lines), _AT_ONCE):
        some = lines[start : start + _AT_ONCE]
        inst.evidence.store_many([(line_evidence_id(line.key), "application/json", _text(line)) for line in some])


def _text(line: BankLine) -> bytes:
    return msgspec.json.encode(
        {
            "content": line.content,
            "counterparty_account": line.counterparty_account,
            "counterparty_name": line.counterparty_name,
        }
    )


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


def withdrawals_of(inst: Installation, sha256: str) -> int:
    """How many statements of a file were ever taken back; withdrawals are few, and only they are read."""
    position = found = 0
    while recorded := inst.store.read(position, 1_000, ("statement-taken-back",)):
        for one in recorded:
            if isinstance(one.event, StatementTakenBack):
                found += _index(inst, one.event.file_digest).get("file") == sha256
        position = recorded[-1].position
    return found


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


def file_of(inst: Installation, statement: StatementFile) -> Iterator[bytes]:
    """The file as it came, in pieces; its hash is checked before the first is given.

    Refuses when it was imported before files were kept, or was erased.
    """
    digest = hashlib.sha256()
    for piece in _pieces(inst, statement):
        digest.update(piece)
    if digest.hexdigest() != statement.file:
        raise Refusal(
            RefusalCode.CORRECTION_UNKNOWN,
            f"Tệp đã lưu của sao kê {statement.digest[:12]}… không còn đúng mã băm. Khôi phục từ bản sao lưu của kho.",
        )
    return _pieces(inst, statement)


def _pieces(inst: Installation, statement: StatementFile) -> Iterator[bytes]:
    sha256 = statement.file
    kept = None if sha256 is None else inst.evidence.fetch(_file_id(sha256))
    if sha256 is None or kept is None or kept.content is None:
        raise _no_file(statement)
    if kept.media_type != _IN_PIECES:
        yield kept.content
        return
    for number in range(msgspec.json.decode(kept.content)["pieces"]):
        piece = inst.evidence.fetch(_piece_id(sha256, number))
        if piece is None or piece.content is None:
            raise _no_file(statement)
        yield piece.content


def _no_file(statement: StatementFile) -> Refusal:
    return Refusal(
        RefusalCode.CORRECTION_UNKNOWN,
        f"Kho lưu không còn tệp của sao kê {statement.digest[:12]}…; chỉ còn các dòng và số dư. Xin lại từ ngân hàng.",
    )


def _keys_named(events: Sequence[object], account_id: AccountId, name: str) -> set[str]:
    """Keys of the lines that people may mean: by the key or at least eight characters of it, by the bank's number, or
    by the payment of that number.
    """
    number = name.removeprefix(f"bank:{account_id}/")
    lines = [line for event in events if isinstance(event, StatementImported) for line in event.lines]
    whole = {line.key for line in lines if line.key == name}
    return whole or {
        line.key for line in lines if line.bank_reference == number or (len(name) >= 8 and line.key.startswith(name))
    }


def source_of(inst: Installation, account_id: AccountId, name: str) -> tuple[LineSource, ...]:
    """Where a line stands in each file that told it, first the one that brought it, with its words where kept.

    A line is named by its key (at least eight characters), by the bank's number or by its payment's id; two lines of
    one name are both told.
    """
    found: list[LineSource] = []
    events = inst.store.load(bank_account.stream(account_id))[0]
    named = _keys_named(events, account_id, name)
    for event in events:
        if isinstance(event, StatementImported):
            keys = {line.key for line in event.lines} & named
        elif isinstance(event, StatementWitnessed):
            keys = {alias.key for alias in event.aliases if alias.line in named}
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
        raise Refusal(
            RefusalCode.UNKNOWN_PAYMENT,
            f"Không có dòng {name[:60]} trên sao kê của tài khoản {account_id}. Ghi số giao dịch của ngân hàng, hoặc "
            "ít nhất 8 ký tự đầu của mã dòng.",
        )
    return tuple(found)
