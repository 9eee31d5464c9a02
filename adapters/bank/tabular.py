"""Statements that Vietnamese banks export as a table (XLSX, CSV), read by their headings.

The rows are told apart by what they hold, never by their number: a row with a date and a sum moved money, a row
with a balance's label states a balance, and a row of totals or a footnote is passed over. That this was right is
proved at the end: opening + in - out = closing, or the file is refused whole.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from adapters.bank import headings
from adapters.bank.amounts import is_nothing, read_column, read_one, says_nothing
from adapters.bank.grid import Cell, Row, is_blank
from adapters.bank.headings import Bank, Columns
from adapters.bank.lines import require_tie_out, squeeze, with_keys
from adapters.bank.vietcombank import split_date_and_reference
from domain.errors import Malformed
from domain.money import CURRENCY, Dong
from domain.notice import BankLine, BankStatement, Direction


@dataclass(frozen=True, slots=True, kw_only=True)
class _Movement:
    """A row that moved money, its sums not yet read."""

    row: Row
    booked_on: date
    reference: str | None


def read_table(rows: Sequence[Row], *, kind: str, file_digest: str) -> BankStatement | None:
    """Read one sheet; ``None`` when it has no row of headings. ``kind`` is "xlsx" or "csv".

    Raises ``Malformed`` with the row when something cannot be read, ``Refusal`` (statement-does-not-add-up)
    when lines and balances disagree.
    """
    found = headings.find_columns(rows)
    if found is None:
        return None
    start, columns = found
    above, heading, below = rows[:start], rows[start], rows[start + 1 :]
    bank = headings.bank_of(above, heading)
    movements, notes = _sort(below, columns, bank)
    beside = [*above, *notes]
    _require_currency(beside)
    account = headings.account_number(beside)
    if account is None:
        raise Malformed("không thấy số tài khoản quanh bảng kê", where=heading.where)
    lines = _lines(movements, columns, bank)
    opening, closing = _balances(beside, lines, heading.where)
    require_tie_out(opening, closing, lines, where=heading.where)
    days = [*headings.stated_days(above), *(line.booked_on for line in lines)]
    if not days:
        raise Malformed("không thấy ngày nào: bảng không có dòng và không ghi từ ngày đến ngày", where=heading.where)
    return BankStatement(
        account_number=account,
        bin=bank.bin,
        from_date=min(days),
        to_date=max(days),
        opening=opening,
        closing=closing,
        lines=with_keys(account, lines),
        format=f"{bank.format}-{kind}",
        file_digest=file_digest,
    )


def _require_currency(rows: Iterable[Row]) -> None:
    for row in rows:
        stated = headings.labelled(row, "currency")
        if stated and stated[0].upper() not in {CURRENCY, "VNĐ", "ĐỒNG"}:
            raise Malformed(f"sao kê tính bằng {stated[0][:20]!r}, cần {CURRENCY}", where=row.where)


def _cell(row: Row, column: int | None) -> Cell:
    return None if column is None or column >= len(row.cells) else row.cells[column]


def _sort(rows: Iterable[Row], columns: Columns, bank: Bank) -> tuple[list[_Movement], list[Row]]:
    """Tell rows that moved money from notes, which may hold labels; totals, repeated headings and blanks go."""
    movements: list[_Movement] = []
    notes: list[Row] = []
    for row in rows:
        if is_blank(row):
            continue
        debit, credit = _cell(row, columns.debit), _cell(row, columns.credit)
        moved = (not is_nothing(debit), not is_nothing(credit))
        day, reference, fault = _dated(row, columns)
        if day is not None:
            if not any(moved) and _states_balance(row):
                notes.append(row)
            elif not any(moved) and says_nothing(debit) and says_nothing(credit):
                raise Malformed("dòng có ngày mà không có số tiền", where=row.where)
            elif all(moved):
                raise Malformed("dòng vừa ghi nợ vừa ghi có", where=row.where)
            elif any(moved):
                movements.append(_Movement(row=row, booked_on=day, reference=reference))
        elif headings.columns_of(row) is not None:
            continue
        elif bank.fill_down and movements and fault is None and _carries_on(row, columns, moved):
            movements.append(_Movement(row=row, booked_on=movements[-1].booked_on, reference=reference))
        elif _states_balance(row) or not any(moved):
            notes.append(row)
        elif not headings.is_total(row) and not all(moved):
            raise fault or Malformed("dòng có số tiền mà không có ngày", where=row.where)
    return movements, notes


def _carries_on(row: Row, columns: Columns, moved: tuple[bool, bool]) -> bool:
    """Whether a row without a date moved money: one sum, and a running balance or a reference (no totals row)."""
    return moved[0] != moved[1] and bool(row.text(columns.balance) or row.text(columns.reference))


def _states_balance(row: Row) -> bool:
    return bool(headings.labelled(row, "opening") or headings.labelled(row, "closing"))


def _dated(row: Row, columns: Columns) -> tuple[date | None, str | None, Malformed | None]:
    """The row's date and reference, and why there is no date when the cell holds something else."""
    text = row.text(columns.booked)
    apart = columns.reference is not None and columns.reference != columns.booked
    reference = squeeze(row.text(columns.reference)) or None if apart else None
    if not text:
        return None, reference, None
    try:
        day, under = split_date_and_reference(text)
    except Malformed as error:
        return None, reference, Malformed(error.message, where=row.where)
    if under and columns.reference != columns.booked:
        return None, reference, Malformed(f"{text[:40]!r} không phải ngày dạng NN/TT/NNNN", where=row.where)
    return day, reference or under, None


def _lines(movements: Sequence[_Movement], columns: Columns, bank: Bank) -> list[BankLine]:
    def column(index: int | None) -> list[Dong]:
        return read_column([(movement.row.where, _cell(movement.row, index)) for movement in movements])

    lines: list[BankLine] = []
    sums = zip(column(columns.debit), column(columns.credit), column(columns.balance), strict=True)
    for movement, (debit, credit, balance) in zip(movements, sums, strict=True):
        row = movement.row
        paid_out = -debit if bank.negative_debits else debit
        if paid_out < 0 or credit < 0:
            raise Malformed("số tiền âm trong cột ghi nợ hoặc ghi có", where=row.where)
        lines.append(
            BankLine(
                key="",
                booked_on=movement.booked_on,
                value_on=_effective(row, columns),
                direction=Direction.IN if credit else Direction.OUT,
                amount=credit or paid_out,
                bank_reference=movement.reference,
                content=squeeze(row.text(columns.content)),
                balance_after=None if says_nothing(_cell(row, columns.balance)) else balance,
                counterparty_account=squeeze(row.text(columns.peer_account)) or None,
                counterparty_name=squeeze(row.text(columns.peer_name)) or None,
                is_reversal=False,
                bank_code=None,
                where=row.where,
            )
        )
    return lines


def _effective(row: Row, columns: Columns) -> date | None:
    text = row.text(columns.effective)
    if not text:
        return None
    try:
        return split_date_and_reference(text)[0]
    except Malformed as error:
        raise Malformed(error.message, where=row.where) from error


def _balances(rows: Sequence[Row], lines: Sequence[BankLine], where: str) -> tuple[Dong, Dong]:
    """Opening and closing as the file labels them; what it does not label comes from the running balances."""
    opening = _labelled_balance(rows, "opening")
    closing = _labelled_balance(rows, "closing")
    derived = _running(lines)
    if derived is not None:
        opening = derived[0] if opening is None else opening
        closing = derived[1] if closing is None else closing
    if opening is None or closing is None:
        raise Malformed("không thấy số dư đầu kỳ và số dư cuối kỳ, cũng không có cột số dư để tính", where=where)
    return opening, closing


def _labelled_balance(rows: Sequence[Row], kind: str) -> Dong | None:
    for row in rows:
        values = headings.labelled(row, kind)
        try:
            read = [amount for amount in map(read_one, values) if amount is not None]
        except Malformed as error:
            raise Malformed(error.message, where=row.where) from error
        if read:
            return read[-1]
    return None


def _running(lines: Sequence[BankLine]) -> tuple[Dong, Dong] | None:
    """Opening and closing by the running balances, oldest line first or, as some banks export, newest first."""
    if not lines or any(line.balance_after is None for line in lines):
        return None
    ends: list[tuple[Dong, Dong]] = []
    for first, last in ((lines[0], lines[-1]), (lines[-1], lines[0])):
        moved = first.amount if first.direction is Direction.IN else -first.amount
        ends.append(((first.balance_after or 0) - moved, last.balance_after or 0))
    net = sum(line.amount if line.direction is Direction.IN else -line.amount for line in lines)
    return next((end for end in ends if end[0] + net == end[1]), ends[0])
