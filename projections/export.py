"""Whole tables for other programs: journal, obligations, payments, remittances of some units and months, row by row.

Rows come through a cursor on the server, so that a million of them pass through little memory. Everything is read in
one transaction of one moment, which the caller opens.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from psycopg import Connection
from psycopg.rows import tuple_row

from domain.period import Month
from ledger.reports_export import ExportColumn, ExportKind
from projections.journal import LINES
from projections.member_statement import MONTH_ROWS
from projections.payments import PAYMENT_ROWS
from projections.remittances import REMITTANCE_ROWS
from projections.units import UNIT_ROWS

#: Rows that the server hands over at a time.
_FETCH = 5_000

_K = ExportKind


class Dataset(StrEnum):
    """What can be exported."""

    JOURNAL = "journal"
    OBLIGATIONS = "obligations"
    PAYMENTS = "payments"
    REMITTANCES = "remittances"


def _c(name: str, title: str, sql: str, kind: ExportKind = ExportKind.TEXT) -> tuple[ExportColumn, str]:
    return ExportColumn(name=name, title=title, kind=kind), sql


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """Where a dataset comes from; the filter takes units, first and last month."""

    columns: tuple[tuple[ExportColumn, str], ...]
    table: str
    where: str
    order: str


#: Months of a report period: of a quarter its first and its last.
_FIRST = (
    "CASE WHEN t.period LIKE '%%Q%%' THEN left(t.period, 5) || lpad((right(t.period, 1)::int * 3 - 2)::text, 2, '0')"
    " ELSE t.period END"
)
_LAST = (
    "CASE WHEN t.period LIKE '%%Q%%' THEN left(t.period, 5) || lpad((right(t.period, 1)::int * 3)::text, 2, '0')"
    " ELSE t.period END"
)

_SOURCES: dict[Dataset, _Source] = {
    Dataset.JOURNAL: _Source(
        table=LINES.serving,
        columns=(
            _c("position", "vị trí", "t.position", _K.NUMBER),
            _c("entry_no", "dòng", "t.entry_no", _K.NUMBER),
            _c("occurred_on", "ngày phát sinh", "t.occurred_on", _K.DAY),
            _c("recorded_at", "lúc ghi", "t.recorded_at", _K.MOMENT),
            _c("unit", "mã đơn vị", "u.code"),
            _c("book", "sổ", "t.book"),
            _c("account", "tài khoản", "t.account"),
            _c("key", "đối tượng", "t.key"),
            _c("amount", "số tiền (nợ +, có −)", "t.amount", _K.NUMBER),
            _c("currency", "tiền tệ", "t.currency"),
            _c("event", "việc", "t.event"),
            _c("stream", "luồng", "t.stream"),
            _c("actor", "người làm", "t.actor"),
            _c("document", "văn bản", "t.document"),
        ),
        where="t.unit = ANY(%s) AND t.occurred_on >= (%s || '-01')::date"
        " AND t.occurred_on < (%s || '-01')::date + interval '1 month'",
        order="t.position, t.entry_no",
    ),
    Dataset.OBLIGATIONS: _Source(
        table=MONTH_ROWS.serving,
        columns=(
            _c("unit", "mã đơn vị", "u.code"),
            _c("member_id", "mã đảng viên", "t.member_id"),
            _c("month", "tháng", "t.month"),
            _c("category", "nhóm", "t.category"),
            _c("rule", "dòng chính sách", "t.rule"),
            _c("document", "văn bản", "t.document"),
            _c("article", "điều", "t.article"),
            _c("assessed", "mức đóng", "t.assessed", _K.NUMBER),
            _c("relieved", "miễn giảm", "t.relieved", _K.NUMBER),
            _c("applied", "đã đóng", "t.applied", _K.NUMBER),
            _c("open", "còn phải đóng", "t.assessed - t.relieved - t.applied", _K.NUMBER),
        ),
        where="t.unit = ANY(%s) AND t.month >= %s AND t.month <= %s",
        order="u.code, t.member_id, t.month",
    ),
    Dataset.PAYMENTS: _Source(
        table=PAYMENT_ROWS.serving,
        columns=(
            _c("position", "vị trí", "t.position", _K.NUMBER),
            _c("unit", "mã đơn vị", "u.code"),
            _c("source", "kênh báo", "t.source"),
            _c("outside_reference", "mã giao dịch", "t.outside_reference"),
            _c("channel", "kênh nộp", "t.channel"),
            _c("paid_on", "ngày nộp", "t.paid_on", _K.DAY),
            _c("booked_on", "ngày ghi có", "t.booked_on", _K.DAY),
            _c("amount", "số tiền", "t.amount", _K.NUMBER),
            _c("dues", "đảng phí", "t.dues", _K.NUMBER),
            _c("credit", "đóng thừa", "t.credit", _K.NUMBER),
            _c("suspense", "chưa xác định", "t.suspense", _K.NUMBER),
            _c("suspense_open", "còn chưa xác định", "t.suspense_open", _K.NUMBER),
            _c("reference", "mã tham chiếu", "t.reference"),
            _c("member_id", "mã đảng viên", "t.member_id"),
        ),
        where="t.unit = ANY(%s) AND t.paid_on >= (%s || '-01')::date"
        " AND t.paid_on < (%s || '-01')::date + interval '1 month'",
        order="t.position",
    ),
    Dataset.REMITTANCES: _Source(
        table=REMITTANCE_ROWS.serving,
        columns=(
            _c("remittance_id", "mã lệnh nộp", "t.remittance_id"),
            _c("unit", "mã đơn vị nộp", "u.code"),
            _c("superior", "cấp trên (mã trong sổ)", "t.superior"),
            _c("period", "kỳ", "t.period"),
            _c("prepared", "đã lập", "t.prepared", _K.NUMBER),
            _c("netted", "bù trừ", "t.netted", _K.NUMBER),
            _c("sent", "đã gửi", "t.sent", _K.NUMBER),
            _c("received", "cấp trên đã nhận", "t.received", _K.NUMBER),
            _c("first_sent_on", "gửi lần đầu", "t.first_sent_on", _K.DAY),
            _c("received_on", "ngày nhận", "t.received_on", _K.DAY),
            _c("prepared_by", "người lập", "t.prepared_by"),
            _c("approved_by", "người duyệt", "t.approved_by"),
        ),
        # A quarter belongs to every month that lies in it.
        where=f"t.unit = ANY(%s) AND {_LAST} >= %s AND {_FIRST} <= %s",
        order="t.position",
    ),
}


def columns(dataset: Dataset) -> tuple[ExportColumn, ...]:
    """The columns of a dataset, in order."""
    return tuple(column for column, _ in _SOURCES[dataset].columns)


def count(conn: Connection[Any], dataset: Dataset, units: Sequence[str], first: Month, last: Month) -> int:
    """How many rows there will be."""
    source = _SOURCES[dataset]
    with conn.cursor(row_factory=tuple_row) as curs:
        statement = f"SELECT count(*) FROM {source.table} t WHERE {source.where}"
        row = curs.execute(statement.encode(), (list(units), first, last)).fetchone()
    return 0 if row is None else int(row[0])


def rows(
    conn: Connection[Any], dataset: Dataset, units: Sequence[str], first: Month, last: Month
) -> Iterator[tuple[Any, ...]]:
    """The rows in a fixed order; the connection must be in a transaction, and not be used for anything else."""
    source = _SOURCES[dataset]
    chosen = ", ".join(sql for _, sql in source.columns)
    statement = (
        f"SELECT {chosen} FROM {source.table} t LEFT JOIN {UNIT_ROWS.serving} u ON u.unit_id = t.unit"
        f" WHERE {source.where} ORDER BY {source.order}"
    )
    with conn.cursor("export_rows", row_factory=tuple_row) as curs:
        curs.itersize = _FETCH
        curs.execute(statement.encode(), (list(units), first, last))
        yield from curs
