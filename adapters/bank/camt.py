"""camt.053 statements and camt.054 notifications as lines of our own (payments §6.1).

A statement's sum is proved before it is returned. A notification has no balances, so nothing can be proved of
it: its lines say what a later statement will say again, and they are recognised by the bank's reference.
"""

import hashlib
import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from datetime import date, datetime, time
from typing import BinaryIO

from adapters.bank.camt_document import CamtBalance, CamtDetails, CamtEntry, CamtRecord, stream_records
from adapters.bank.lines import Twins, with_keys
from adapters.bank.opened import MAX_LINES, LineSpool, OpenedStatement, Taking
from adapters.inbound import VIETNAM
from domain.errors import Malformed
from domain.money import CURRENCY, Dong
from domain.notice import BankLine, BankStatement, Direction, NoticeStatus, PaymentNotice

_BIN = re.compile(r"\d{6}", re.ASCII)


def open_camt(file: BinaryIO, taking: Taking, *, currency: str = CURRENCY) -> tuple[OpenedStatement, ...]:
    """Read a camt.053 file in a stream, one statement for each Stmt; amounts in the smallest unit of ``currency``.

    Raises ``Malformed`` with the place when the file cannot be read, is a camt.054, lacks an opening or
    closing balance or holds another currency, and ``Refusal`` (statement-does-not-add-up) when lines and
    balances disagree.
    """
    read: list[OpenedStatement] = []
    raw = taking.spool()
    fault: Malformed | None = None
    for found in stream_records(file, "camt.053"):
        if isinstance(found, CamtEntry):
            try:
                for line in _booked(found, currency):
                    raw.add(line)
            except Malformed as error:
                # What is wrong with the whole statement explains more than its first entry: it is looked at first.
                fault = fault or error
        else:
            read.append(_statement(found, raw, taking, currency, fault))
            raw, fault = taking.spool(), None
    return tuple(read)


def read_camt(data: bytes, *, currency: str = CURRENCY) -> tuple[BankStatement, ...]:
    """The statements of a camt.053 file as :func:`open_camt` reads them, whole in memory."""
    with ExitStack() as stack:
        taking = Taking(hashlib.sha256(data).hexdigest(), stack)
        return tuple(opened.whole() for opened in open_camt(io.BytesIO(data), taking, currency=currency))


def stream_camt054(file: BinaryIO, *, currency: str = CURRENCY) -> Iterator[tuple[CamtRecord, tuple[BankLine, ...]]]:
    """Each Ntfctn of a camt.054 file with its booked lines; nothing proves their sum, as there are no balances."""
    seen = Twins()
    lines: list[BankLine] = []
    for found in stream_records(file, "camt.054"):
        if isinstance(found, CamtEntry):
            lines += _booked(found, currency)
            if len(lines) > MAX_LINES:
                raise Malformed(f"tệp có hơn {MAX_LINES} dòng; chia thành nhiều tệp nhỏ hơn", where=found.where)
        else:
            yield found, tuple(with_keys(found.account, lines, seen))
            lines = []


def read_camt054(data: bytes, *, currency: str = CURRENCY) -> tuple[BankLine, ...]:
    """The booked lines of all notifications of a camt.054 file."""
    return tuple(line for _, lines in stream_camt054(io.BytesIO(data), currency=currency) for line in lines)


def read_camt054_notices(
    data: bytes, filename: str = "camt.054", *, bin_of: Callable[[str], str | None] = lambda account: None
) -> tuple[PaymentNotice, ...]:
    """The booked credits of a camt.054 file as notices: early witnesses of lines that a statement will show again.

    Reversals are left out: a notification has no balances that tell their direction, and the statement brings them.
    The outside reference is the bank's own, as in camt.053; parts of one entry that share a reference get ``#2``,
    ``#3`` … behind it, in the file's order, and a credit without any is named ``line:`` and its key. ``bin_of`` gives
    the BIN of an account's bank where the file does not (it must be known: it names the source). The moment is
    midnight of the booking day in Vietnam. Raises ``Malformed``.
    """
    notices: list[PaymentNotice] = []
    times: Counter[tuple[str, str]] = Counter()
    try:
        for record, lines in stream_camt054(io.BytesIO(data)):
            bin = _bin(record) or bin_of(record.account)
            if bin is None:
                raise Malformed(f"không biết tài khoản {record.account} thuộc ngân hàng nào", where=record.where)
            for line in lines:
                if line.direction is Direction.OUT or line.is_reversal:
                    continue
                source = f"bank:{bin}:{record.account}"
                named = line.bank_reference or f"line:{line.key}"
                times[source, named] += 1
                again = times[source, named]
                notices.append(_notice(line, source, f"{named}#{again}" if again > 1 else named, record.account))
    except Malformed as error:
        raise Malformed(error.message, where=f"{filename}, {error.where}" if error.where else filename) from error
    return tuple(notices)


def _notice(line: BankLine, source: str, outside_reference: str, account: str) -> PaymentNotice:
    return PaymentNotice(
        source=source,
        outside_reference=outside_reference,
        reference=None,
        status=NoticeStatus.PAID,
        amount=line.amount,
        paid_at=datetime.combine(line.booked_on, time(), VIETNAM),
        account_number=account,
        content=line.content,
        bank=None,
        payer_account=line.counterparty_account,
    )


def _bin(record: CamtRecord) -> str | None:
    return record.member_id if record.member_id and _BIN.fullmatch(record.member_id) else None


def _statement(
    record: CamtRecord, raw: LineSpool, taking: Taking, currency: str, fault: Malformed | None
) -> OpenedStatement:
    if record.account_currency not in {None, currency}:
        raise Malformed(f"tài khoản tính bằng {record.account_currency}, cần {currency}", where=record.where)
    opening = _balance(record, ("OPBD", "PRCD"), "số dư đầu kỳ (OPBD)", currency)
    closing = _balance(record, ("CLBD",), "số dư cuối kỳ (CLBD)", currency)
    if fault is not None:
        raise fault
    stated = [day for day in (record.from_day, record.to_day) if day is not None]
    # By ISO 20022 CdtDbtInd of a reversal is the reversal's own direction; some banks leave the direction of the entry
    # undone and expect the reader to turn it. The balances tell which.
    return taking.prove(
        raw,
        account_number=record.account,
        bin=_bin(record),
        days=stated or [closing.day],
        opening=opening.signed_minor,
        closing=closing.signed_minor,
        format=record.message,
        where=record.where,
        turn_reversals=True,
    )


def _balance(record: CamtRecord, codes: tuple[str, ...], what: str, currency: str) -> CamtBalance:
    """The balance under the first of the codes that is there. PRCD, the last closing balance, opens too."""
    for code in codes:
        found = [balance for balance in record.balances if balance.code == code]
        if len(found) > 1:
            raise Malformed(f"có {len(found)} {what}, chỉ được có một", where=found[1].where)
        if found:
            if found[0].currency != currency:
                raise Malformed(f"{what} tính bằng {found[0].currency}, cần {currency}", where=found[0].where)
            return found[0]
    raise Malformed(f"thiếu {what}", where=record.where)


def _booked(entry: CamtEntry, currency: str) -> Iterable[BankLine]:
    """An entry as lines without keys; what is not booked, and what is nothing (0), moves no money."""
    return _lines_of(entry, currency) if entry.status == "BOOK" and entry.amount.minor > 0 else ()


def _lines_of(entry: CamtEntry, currency: str) -> Iterable[BankLine]:
    if entry.amount.currency != currency:
        raise Malformed(f"bút toán tính bằng {entry.amount.currency}, cần {currency}", where=entry.where)
    if entry.booked_on is None:
        raise Malformed("bút toán đã ghi sổ mà thiếu BookgDt", where=entry.where)
    if len(entry.details) > 1 and _adds_up(entry):
        for number, details in enumerate(entry.details, start=1):
            assert details.amount is not None  # _adds_up saw an amount in each.
            credit = entry.credit if details.credit is None else details.credit
            where = f"{entry.where}/TxDtls[{number}]"
            yield _line(entry, entry.booked_on, details.amount.minor, credit, (details,), where)
    else:
        yield _line(entry, entry.booked_on, entry.amount.minor, entry.credit, entry.details, entry.where)


def _adds_up(entry: CamtEntry) -> bool:
    """Whether the amounts of a batch are all there, positive, in one currency, and sum to the entry."""
    total = 0
    for details in entry.details:
        part = details.amount
        if part is None or part.currency != entry.amount.currency or part.minor == 0:
            return False
        against = details.credit is not None and details.credit != entry.credit
        total += -part.minor if against else part.minor
    return total == entry.amount.minor


def _line(
    entry: CamtEntry,
    booked_on: date,
    amount: Dong,
    credit: bool,
    details: tuple[CamtDetails, ...],
    where: str,
) -> BankLine:
    only = details[0] if len(details) == 1 else None
    name = account = reference = None
    if only is not None:
        # The parties keep the roles of the original payment, so a reversal's other side is the opposite one.
        payer_is_other = credit != entry.reversal
        name = only.debtor_name if payer_is_other else only.creditor_name
        account = only.debtor_account if payer_is_other else only.creditor_account
        reference = only.reference or entry.reference or only.end_to_end
    return BankLine(
        key="",
        booked_on=booked_on,
        value_on=entry.value_on,
        direction=Direction.IN if credit else Direction.OUT,
        amount=amount,
        bank_reference=reference or entry.reference,
        content=" ".join(part.content for part in details if part.content) or entry.additional,
        balance_after=None,
        counterparty_account=account,
        counterparty_name=name,
        is_reversal=entry.reversal,
        bank_code=entry.code,
        where=where,
    )
