"""A camt.054: the bank's advice of credits, before the statement that will show the same lines.

Each booked credit is a notice like a webhook's: money that is known gets one more witness, other money is taken in,
and the line of the statement that follows is a witness of it. Debits and reversals wait for the statement.
"""

import hashlib
import io
import uuid
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import msgspec

from adapters.bank.camt import read_camt054, read_camt054_notices
from api.flows.statement_files import keep_file
from api.flows.statement_report import StatementReport
from api.wiring import Installation
from domain import organisation
from domain.errors import Malformed, Refusal, RefusalCode
from domain.notice import PaymentNotice
from domain.organisation import AccountRegistered, Organisation
from domain.period import day_of
from domain.reference import find_references
from domain.return_words import comes_back
from domain.settlement import named_in
from ledger.application import command_id_for
from ledger.handlers.collect import Notice
from ledger.handlers.statements import ImportNotices
from ledger.work import Act

#: An advice is read whole; a bank sends one for a batch or a day.
MOST_BYTES = 64 * 1024 * 1024
_HEAD = 4096

#: So many credits go into the log by one command.
_PER_COMMAND = 5_000


def is_advice(source: Path | io.BytesIO) -> bool:
    """Whether a file says of itself that it is a camt.054."""
    if isinstance(source, Path):
        with source.open("rb") as file:
            head = file.read(_HEAD)
    else:
        head = source.getbuffer()[:_HEAD].tobytes()
    return b"camt.054." in head.replace(b"\x00", b"")


def take(
    inst: Installation,
    *,
    actor: str,
    at: datetime,
    source: Path | io.BytesIO,
    filename: str,
    payer: Callable[[Installation, str | None], str | None],
) -> tuple[StatementReport, ...]:
    """Take the booked credits of an advice in, account by account; the same file again adds nothing."""
    data = _whole(source, filename)
    org = inst.ledger.work().organisation
    notices = read_camt054_notices(data, filename, bin_of=lambda number: _bin_of(org, number, filename))
    left_out = len(read_camt054(data)) - len(notices)
    by_account: dict[str, list[PaymentNotice]] = {}
    for notice in notices:
        by_account.setdefault(f"{notice.account_number}", []).append(notice)
    registered = {number: _registered(org, number, filename) for number in by_account}
    sha256 = hashlib.sha256(data).hexdigest()
    commands: list[tuple[ImportNotices, Act, list[PaymentNotice]]] = []
    for number, told in by_account.items():
        for start in range(0, len(told), _PER_COMMAND):
            some = told[start : start + _PER_COMMAND]
            command = _command(inst, registered[number], some, payer)
            named = command_id_for("import-advice", actor, sha256, registered[number].account_id, str(start))
            act = Act(actor=actor, at=at, command_id=named)
            if inst.store.command(named) is None:
                inst.ledger.execute(command, act, dry_run=True)
            commands.append((command, act, some))
    if any(inst.store.command(act.command_id) is None for _, act, _ in commands):
        keep_file(inst, io.BytesIO(data))
    reports: list[StatementReport] = []
    for command, act, some in commands:
        inst.evidence.store_many([(_evidence_id(one), "application/json", _text(one)) for one in some])
        outcome = inst.ledger.execute(command, act)
        days = [day_of(one.paid_at) for one in some]
        more = {"left_for_statement": left_out} if left_out and not reports else {}
        reports.append(
            StatementReport(
                account_id=command.account_id,
                from_date=min(days).isoformat(),
                to_date=max(days).isoformat(),
                lines=len(some),
                answer={**outcome.answer, **more},
                replayed=outcome.replayed,
            )
        )
    return tuple(reports)


def _whole(source: Path | io.BytesIO, filename: str) -> bytes:
    size = source.stat().st_size if isinstance(source, Path) else len(source.getbuffer())
    if size > MOST_BYTES:
        raise Malformed(f"camt.054 dài {size} byte, tối đa {MOST_BYTES} byte; xin theo kỳ ngắn hơn", where=filename)
    return source.read_bytes() if isinstance(source, Path) else source.getvalue()


def _registered(org: Organisation, number: str, filename: str) -> AccountRegistered:
    found = organisation.account_by_number(org, number)
    if found is None:
        raise Refusal(
            RefusalCode.UNKNOWN_ACCOUNT,
            f"{filename}: tài khoản {number} không có trong danh sách tài khoản của các đơn vị. "
            "Đăng ký tài khoản trước, hoặc kiểm tra có chọn nhầm tệp không.",
        )
    return found


def _bin_of(org: Organisation, number: str, filename: str) -> str:
    return _registered(org, number, filename).account_id.partition(":")[0]


def _command(
    inst: Installation,
    account: AccountRegistered,
    told: list[PaymentNotice],
    payer: Callable[[Installation, str | None], str | None],
) -> ImportNotices:
    return ImportNotices(
        unit_id=account.unit_id,
        account_id=account.account_id,
        notices=tuple(
            Notice(
                source=f"bank:{account.account_id}",
                outside_reference=one.outside_reference,
                status=one.status,
                reference=one.reference,
                found=tuple(find_references(one.content, inst.settings.reference_prefix)),
                amount=one.amount,
                paid_at=one.paid_at,
                account_number=one.account_number,
                payer_key=payer(inst, one.payer_account),
                evidence_id=str(_evidence_id(one)),
                via="notification",
                lump=bool(named_in(one.content)),
                comes_back=comes_back(one.content),
            )
            for one in told
        ),
    )


def _evidence_id(one: PaymentNotice) -> uuid.UUID:
    stated = f"{one.source}/{one.outside_reference}/{one.amount}/{one.paid_at.isoformat()}"
    return uuid.uuid5(uuid.NAMESPACE_URL, f"dangphi:advice:{stated}")


def _text(one: PaymentNotice) -> bytes:
    return msgspec.json.encode({"content": one.content, "counterparty_account": one.payer_account})
