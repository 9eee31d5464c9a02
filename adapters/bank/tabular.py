"""Statements that Vietnamese banks export as a table (XLSX, CSV), read by their headings.

The rows are told apart by what they hold, never by their number: a row with a date and a sum moved money, a row
with a balance's label states a balance, and a row of totals or a footnote is passed over. That this was right is
proved at the end: opening + in - out = closing, or the file is refused whole.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import chain, islice

from adapters.bank import headings
from adapters.bank.amounts import Column, is_nothing, read_one, says_nothing
from adapters.bank.column_maps import ColumnMap
from adapters.bank.grid import Cell, Row, is_blank, text_of
from adapters.bank.headings import Bank, Columns
from adapters.bank.lines import Tally, squeeze
from adapters.bank.opened import OpenedStatement, Spool, Taking
from adapters.bank.vietcombank import day_in_form, split_date_and_reference
from domain.errors import Malformed
from domain.money import CURRENCY, Dong
from domain.notice import BankLine, Direction

#: Rows beside the movements that are kept because they may say something; a table with more is no statement.
_MOST_NOTES = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Movement:
    """A row that moved money, its sums not yet read."""

    where: str
    booked_on: date
    value_on: date | None
    reference: str | None
    debit: str | int | float | None
    credit: str | int | float | None
    balance: str | int | float | None
    content: str
    peer_account: str | None
    peer_name: str | None


@dataclass(slots=True, kw_only=True)
class _Sheet:
    """One table being read."""

    columns: Columns
    bank: Bank
    read_day: Callable[[str], tuple[date, str | None]]
    money_in: frozenset[str]
    sums: tuple[Column, Column, Column]  #: debit, credit (both the same where sums are signed), balance
    notes: list[Row]
    again: Callable[[Row], bool]  #: whether a row is the headings once more
    last_day: date | None = None


def open_table(
    rows: Iterator[Row], *, kind: str, taking: Taking, maps: Sequence[ColumnMap] = ()
) -> OpenedStatement | Sequence[Row]:
    """Read one sheet; the rows looked at when none of them is a row of headings. ``kind`` is "xlsx", "csv", …

    A saved map whose headings stand in the sheet goes before the known words. Raises ``Malformed`` with the row
    when something cannot be read, ``Refusal`` (statement-does-not-add-up) when lines and balances disagree.
    """
    head = list(islice(rows, headings.HEADINGS_WITHIN))
    mapped = _mapped(head, maps)
    found = mapped or headings.find_columns(head)
    if found is None:
        return head
    start = found[0]
    above, heading, below = head[:start], head[start], chain(head[start + 1 :], rows)
    own = found[1] if isinstance(found[1], ColumnMap) else None
    sheet = _sheet_of(own, None if isinstance(found[1], ColumnMap) else found[1], above, heading)
    raw = taking.keep(Spool(_Movement))
    for movement in _movements(below, sheet):
        for column, cell in zip(sheet.sums, (movement.debit, movement.credit, movement.balance), strict=True):
            column.see(movement.where, cell)
        raw.put(movement)
    beside = [*above, *sheet.notes]
    _require_currency(beside)
    account = headings.account_number(beside) or (own.account if own else None)
    if account is None:
        told = "không thấy số tài khoản quanh bảng kê; lấy bản có phần đầu, hoặc lưu bảng cột kèm số tài khoản"
        raise Malformed(f"{told}: dangphi statement map TỆP", where=heading.where)
    spool = taking.spool()
    for movement in raw:
        spool.add(_line(movement, sheet))
    raw.close()
    opening, closing = _balances(beside, spool.tally, heading.where)
    return taking.prove(
        spool,
        account_number=account,
        bin=sheet.bank.bin,
        days=headings.stated_days(above),
        opening=opening,
        closing=closing,
        format=f"{sheet.bank.format}-{kind}",
        where=heading.where,
    )


def _mapped(head: Sequence[Row], maps: Sequence[ColumnMap]) -> tuple[int, ColumnMap] | None:
    """The first row that a saved map was made for; of several maps that of the account which the file names."""
    for index, row in enumerate(head):
        fitting = [one for one in maps if one.fits(row)]
        if not fitting:
            continue
        stated = headings.account_number(head[:index])
        own = [one for one in fitting if stated is None or one.account == stated]
        if len(own) != 1:
            named = ", ".join(one.account for one in fitting)
            raise Malformed(
                f"tiêu đề này có bảng cột của tài khoản {named}, mà tệp ghi tài khoản {stated or 'nào thì không rõ'}; "
                "lưu bảng cột cho tài khoản ấy: dangphi statement map",
                where=row.where,
            )
        return index, own[0]
    return None


def _sheet_of(own: ColumnMap | None, known: Columns | None, above: Sequence[Row], heading: Row) -> _Sheet:
    if own is not None:
        signed = Column(own.decimal_mark)
        two = "amount" not in own.columns
        return _Sheet(
            columns=own.places,
            bank=own.bank,
            read_day=partial(day_in_form, form=own.date_form),
            money_in=frozenset(headings.fold(word) for word in own.money_in),
            sums=(signed, Column(own.decimal_mark) if two else signed, Column(own.decimal_mark)),
            notes=[],
            again=own.fits,
        )
    assert known is not None  # One of the two was found.
    return _Sheet(
        columns=known,
        bank=headings.bank_of(above, heading),
        read_day=split_date_and_reference,
        money_in=frozenset(),
        sums=(Column(), Column(), Column()),
        notes=[],
        again=lambda row: headings.columns_of(row) is not None,
    )


def _require_currency(rows: Iterable[Row]) -> None:
    for row in rows:
        stated = headings.labelled(row, "currency")
        if stated and stated[0].upper() not in {CURRENCY, "VNĐ", "ĐỒNG"}:
            raise Malformed(f"sao kê tính bằng {stated[0][:20]!r}, cần {CURRENCY}", where=row.where)


def _cell(row: Row, column: int | None) -> Cell:
    return None if column is None or column >= len(row.cells) else row.cells[column]


def _split(row: Row, sheet: _Sheet) -> tuple[Cell, Cell]:
    """Debit and credit of a row; a single column of sums tells them apart by its sign or by the direction's word."""
    columns = sheet.columns
    if columns.amount is None:
        return _cell(row, columns.debit), _cell(row, columns.credit)
    cell = _cell(row, columns.amount)
    if is_nothing(cell):
        return None, cell
    if columns.direction is not None:
        inward = headings.fold(row.text(columns.direction)) in sheet.money_in
    else:
        inward = not text_of(cell).startswith(("-", "("))
        if not inward:
            cell = text_of(cell).removeprefix("-").strip("()")
    return (None, cell) if inward else (cell, None)


def _movements(rows: Iterable[Row], sheet: _Sheet) -> Iterator[_Movement]:
    """Tell rows that moved money from notes, which may hold labels; totals, repeated headings and blanks go."""
    for row in rows:
        if is_blank(row):
            continue
        debit, credit = _split(row, sheet)
        moved = (not is_nothing(debit), not is_nothing(credit))
        day, reference, fault = _dated(row, sheet)
        if day is not None:
            if not any(moved) and _states_balance(row):
                _note(row, sheet)
            elif not any(moved) and says_nothing(debit) and says_nothing(credit):
                raise Malformed("dòng có ngày mà không có số tiền", where=row.where)
            elif all(moved):
                raise Malformed("dòng vừa ghi nợ vừa ghi có", where=row.where)
            elif any(moved):
                yield _movement(row, sheet, day, reference, debit, credit)
        elif sheet.again(row):
            continue
        elif sheet.bank.fill_down and sheet.last_day and fault is None and _carries_on(row, sheet.columns, moved):
            yield _movement(row, sheet, sheet.last_day, reference, debit, credit)
        elif _states_balance(row) or not any(moved):
            _note(row, sheet)
        elif not headings.is_total(row) and not all(moved):
            raise fault or Malformed("dòng có số tiền mà không có ngày", where=row.where)


def _note(row: Row, sheet: _Sheet) -> None:
    sheet.notes.append(row)
    if len(sheet.notes) > _MOST_NOTES:
        raise Malformed(f"bảng có hơn {_MOST_NOTES} dòng không phải giao dịch; không phải sao kê", where=row.where)


def _carries_on(row: Row, columns: Columns, moved: tuple[bool, bool]) -> bool:
    """Whether a row without a date moved money: one sum, and a running balance or a reference (no totals row)."""
    return moved[0] != moved[1] and bool(row.text(columns.balance) or row.text(columns.reference))


def _states_balance(row: Row) -> bool:
    return bool(headings.labelled(row, "opening") or headings.labelled(row, "closing"))


def _dated(row: Row, sheet: _Sheet) -> tuple[date | None, str | None, Malformed | None]:
    """The row's date and reference, and why there is no date when the cell holds something else."""
    columns = sheet.columns
    text = row.text(columns.booked)
    apart = columns.reference is not None and columns.reference != columns.booked
    reference = squeeze(row.text(columns.reference)) or None if apart else None
    if not text:
        return None, reference, None
    try:
        day, under = sheet.read_day(text)
    except Malformed as error:
        return None, reference, Malformed(error.message, where=row.where)
    if under and columns.reference != columns.booked:
        return None, reference, Malformed(f"{text[:40]!r} không phải ngày dạng NN/TT/NNNN", where=row.where)
    return day, reference or under, None


def _movement(row: Row, sheet: _Sheet, day: date, reference: str | None, debit: Cell, credit: Cell) -> _Movement:
    columns = sheet.columns
    sheet.last_day = day
    return _Movement(
        where=row.where,
        booked_on=day,
        value_on=_effective(row, sheet),
        reference=reference,
        debit=_kept(debit),
        credit=_kept(credit),
        balance=_kept(_cell(row, columns.balance)),
        content=squeeze(row.text(columns.content)),
        peer_account=squeeze(row.text(columns.peer_account)) or None,
        peer_name=squeeze(row.text(columns.peer_name)) or None,
    )


def _kept(cell: Cell) -> str | int | float | None:
    """An amount's cell as a spool holds it; what is neither text nor a number of a possible size becomes text."""
    if cell is None or isinstance(cell, str | float):
        return cell
    return cell if isinstance(cell, int) and not isinstance(cell, bool) and abs(cell) < 2**63 else text_of(cell)


def _line(movement: _Movement, sheet: _Sheet) -> BankLine:
    cells = (movement.debit, movement.credit, movement.balance)
    debit, credit, balance = (column.read(movement.where, cell) for column, cell in zip(sheet.sums, cells, strict=True))
    paid_out = -debit if sheet.bank.negative_debits else debit
    if paid_out < 0 or credit < 0:
        raise Malformed("số tiền âm trong cột ghi nợ hoặc ghi có", where=movement.where)
    return BankLine(
        key="",
        booked_on=movement.booked_on,
        value_on=movement.value_on,
        direction=Direction.IN if credit else Direction.OUT,
        amount=credit or paid_out,
        bank_reference=movement.reference,
        content=movement.content,
        balance_after=None if says_nothing(movement.balance) else balance,
        counterparty_account=movement.peer_account,
        counterparty_name=movement.peer_name,
        is_reversal=False,
        bank_code=None,
        where=movement.where,
    )


def _effective(row: Row, sheet: _Sheet) -> date | None:
    text = row.text(sheet.columns.effective)
    if not text:
        return None
    try:
        return sheet.read_day(text)[0]
    except Malformed as error:
        raise Malformed(error.message, where=row.where) from error


def _balances(rows: Sequence[Row], tally: Tally, where: str) -> tuple[Dong, Dong]:
    """Opening and closing as the file labels them; what it does not label comes from the running balances."""
    opening = _labelled_balance(rows, "opening")
    closing = _labelled_balance(rows, "closing")
    derived = _running(tally)
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


def _running(tally: Tally) -> tuple[Dong, Dong] | None:
    """Opening and closing by the running balances, oldest line first or, as some banks export, newest first."""
    if tally.first is None or tally.last is None or not tally.all_balanced:
        return None
    ends: list[tuple[Dong, Dong]] = []
    for first, last in ((tally.first, tally.last), (tally.last, tally.first)):
        moved = first.amount if first.direction is Direction.IN else -first.amount
        ends.append(((first.balance_after or 0) - moved, last.balance_after or 0))
    return next((end for end in ends if end[0] + tally.net == end[1]), ends[0])
