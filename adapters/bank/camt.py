"""camt.053 statements and camt.054 notifications as lines of our own (payments §6.1).

A statement's sum is proved before it is returned. A notification has no balances, so nothing can be proved of
it: its lines say what a later statement will say again, and they are recognised by the bank's reference.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from adapters.bank.camt_document import CamtBalance, CamtDetails, CamtEntry, CamtRecord, read_records
from adapters.bank.lines import net, require_tie_out, with_keys
from domain.errors import Malformed
from domain.money import CURRENCY, Dong
from domain.notice import BankLine, BankStatement, Direction

_BIN = re.compile(r"\d{6}", re.ASCII)
_FLIPPED = {Direction.IN: Direction.OUT, Direction.OUT: Direction.IN}


def read_camt(data: bytes, *, currency: str = CURRENCY) -> tuple[BankStatement, ...]:
    """Read a camt.053 file, one statement for each Stmt; amounts in the smallest unit of ``currency``.

    Raises ``Malformed`` with the place when the file cannot be read, is a camt.054, lacks an opening or
    closing balance or holds another currency, and ``Refusal`` (statement-does-not-add-up) when lines and
    balances disagree.
    """
    digest = hashlib.sha256(data).hexdigest()
    seen: Counter[str] = Counter()
    return tuple(_statement(record, digest, currency, seen) for record in _records(data, "camt.053"))


def read_camt054(data: bytes, *, currency: str = CURRENCY) -> tuple[BankLine, ...]:
    """Read the booked lines of a camt.054 file; nothing proves their sum, as the message has no balances."""
    seen: Counter[str] = Counter()
    return tuple(
        line
        for record in _records(data, "camt.054")
        for line in with_keys(record.account, _lines(record, currency), seen)
    )


def _records(data: bytes, message: str) -> tuple[CamtRecord, ...]:
    records = read_records(data)
    if not records[0].message.startswith(message):
        raise Malformed(f"tệp là {records[0].message}, ở đây cần {message}", where="Document")
    return records


def _statement(record: CamtRecord, digest: str, currency: str, seen: Counter[str]) -> BankStatement:
    if record.account_currency not in {None, currency}:
        raise Malformed(f"tài khoản tính bằng {record.account_currency}, cần {currency}", where=record.where)
    opening = _balance(record, ("OPBD", "PRCD"), "số dư đầu kỳ (OPBD)", currency)
    closing = _balance(record, ("CLBD",), "số dư cuối kỳ (CLBD)", currency)
    lines = _directed(_lines(record, currency), closing.signed_minor - opening.signed_minor)
    require_tie_out(opening.signed_minor, closing.signed_minor, lines, where=record.where)
    days = _days(record, closing.day, [line.booked_on for line in lines])
    return BankStatement(
        account_number=record.account,
        bin=record.member_id if record.member_id and _BIN.fullmatch(record.member_id) else None,
        from_date=min(days),
        to_date=max(days),
        opening=opening.signed_minor,
        closing=closing.signed_minor,
        lines=with_keys(record.account, lines, seen),
        format=record.message,
        file_digest=digest,
    )


def _days(record: CamtRecord, closing_day: date, booked: list[date]) -> list[date]:
    """Days that the statement covers: what it says of itself, and every day it has a line for."""
    stated = [day for day in (record.from_day, record.to_day) if day is not None]
    return [*(stated or [closing_day]), *booked]


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


def _directed(lines: tuple[BankLine, ...], moved: Dong) -> tuple[BankLine, ...]:
    """Decide which way reversals moved money.

    ISO 20022 says that CdtDbtInd of a reversal is the reversal's own direction (a CRDT reversal gives money
    back); some banks leave the direction of the entry undone and expect the reader to turn it. The balances
    tell which: the reading of the standard holds unless only the other one adds up.
    """
    if net(lines) == moved or not any(line.is_reversal for line in lines):
        return lines
    turned = tuple(replace(line, direction=_FLIPPED[line.direction]) if line.is_reversal else line for line in lines)
    return turned if net(turned) == moved else lines


def _lines(record: CamtRecord, currency: str) -> tuple[BankLine, ...]:
    """Booked entries as lines without keys; entries of nothing (0) move no money and are left out."""
    return tuple(
        line
        for entry in record.entries
        if entry.status == "BOOK" and entry.amount.minor > 0
        for line in _lines_of(entry, currency)
    )


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
