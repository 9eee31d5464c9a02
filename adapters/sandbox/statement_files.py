"""Statement files in the shape of every bank and message that dangphi reads, made from one list of lines.

No Vietnamese bank publishes a sample of its exports. The shapes follow what public parsers expect of real files
(payments §6.1, ``docs/reference/bank-formats.md``), traps included: date and reference in one cell, blank dates to fill
down, totals among the rows, negative debits, HTML under an .xls name.

    name, data = write_statement("mt940", statement_of("0011001234567", lines, opening=0, bin="970436"))

The same values and seed give the same bytes. Nothing is proved here: give a wrong ``closing`` and a file that does not
add up is written.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from adapters.sandbox.statement_mt940 import write_mt940
from adapters.sandbox.statement_tables import TABLES, write_table
from adapters.sandbox.statements import write_camt053, write_vietcombank_xlsx
from domain.errors import Malformed
from domain.money import Dong
from domain.notice import BankLine, BankStatement, Direction

_CAMT = tuple(f"camt.05{kind}.001.0{version}" for kind in "34" for version in "248")

#: Every format that :func:`write_statement` knows.
FORMATS = ("vietcombank-xlsx", *TABLES, *_CAMT, "mt940")


@dataclass(frozen=True, slots=True, kw_only=True)
class Carries:
    """What of a line survives a format besides day, direction and amount; the rest cannot be read back."""

    reference: bool = True
    value_day: bool = True
    peer: bool = True
    reversal: bool = True


def carries(format_name: str) -> Carries:
    """What a file of this format can say of a line."""
    if format_name == "vietcombank-xlsx":
        return Carries(peer=False, reversal=False)
    if format_name in TABLES:
        table = TABLES[format_name]
        return Carries(
            reference="reference" in table.columns,
            value_day="effective" in table.columns,
            peer="peer_name" in table.columns,
            reversal=False,
        )
    return Carries()


def statement_of(
    account_number: str,
    lines: Sequence[BankLine],
    *,
    opening: Dong,
    bin: str | None = None,
    first: date | None = None,
    last: date | None = None,
    closing: Dong | None = None,
) -> BankStatement:
    """A statement from its lines: days and closing balance follow from them unless given."""
    days = [line.booked_on for line in lines]
    if not days and (first is None or last is None):
        raise Malformed("bản kê không có dòng thì phải nêu ngày đầu và ngày cuối")
    moved = sum(line.amount if line.direction is Direction.IN else -line.amount for line in lines)
    return BankStatement(
        account_number=account_number,
        bin=bin,
        from_date=first or min(days),
        to_date=last or max(days),
        opening=opening,
        closing=opening + moved if closing is None else closing,
        lines=tuple(lines),
        format="",
        file_digest="",
    )


def line_of(day: date, amount: Dong, content: str, *, reference: str | None = None) -> BankLine:
    """A line in few words: a positive amount is money in, a negative one money out."""
    return BankLine(
        key="",
        booked_on=day,
        value_on=None,
        direction=Direction.IN if amount > 0 else Direction.OUT,
        amount=abs(amount),
        bank_reference=reference,
        content=content,
        balance_after=None,
        counterparty_account=None,
        counterparty_name=None,
        is_reversal=False,
        bank_code=None,
        where="",
    )


def write_statement(
    format_name: str, statement: BankStatement, *, holder_name: str = "", seed: int = 0
) -> tuple[str, bytes]:
    """One statement as (file name, bytes) in a format of :data:`FORMATS`.

    Keys and places of the lines are not written; running balances are computed where the format has them. ``seed``
    chooses among shapes that mean the same: batch entries (camt), statements continued over several messages and
    free or structured texts (MT940), newest line first (tables whose bank does so). camt.054 leaves the balances out.
    Raises ``Malformed`` for an unknown format and for text that the format cannot carry.
    """
    stem = f"{statement.account_number}-{statement.to_date:%Y%m%d}"
    if format_name == "vietcombank-xlsx":
        return f"{stem}.xlsx", write_vietcombank_xlsx(statement, holder_name=holder_name)
    if format_name in TABLES:
        return write_table(format_name, statement, stem=stem, holder_name=holder_name, seed=seed)
    if format_name in _CAMT:
        holders = {statement.account_number: holder_name}
        named = replace(statement, format=format_name)
        return f"{stem}.xml", write_camt053([named], holders=holders, version=format_name, batches=seed % 2 == 1)
    if format_name == "mt940":
        return f"{stem}.sta", write_mt940([statement], seed=seed)
    raise Malformed(f"không biết dạng tệp {format_name!r}; có: {', '.join(FORMATS)}")
