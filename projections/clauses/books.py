"""What happened to signed books, told in Vietnamese."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from domain import book
from ledger.statutory.heading import TITLES, BookKind
from projections.phrases import period_text, unit

_PLACES = {book.SignedAs.PREPARER: "với tư cách người lập", book.SignedAs.COMMITTEE: "thay mặt cấp ủy"}
_COLUMNS = {
    book.ColumnName.COMMUNE: "xã, phường, đặc khu",
    book.ColumnName.ENTERPRISE: "doanh nghiệp",
    book.ColumnName.OTHER: "khác",
}


def _signed(e: book.BookSigned) -> str:
    title = TITLES[BookKind(e.kind)]
    period = period_text(e.period) if "-" in e.period else e.period
    member = f" của đảng viên {e.subject}" if e.subject else ""
    return (
        f"ký {_PLACES[e.signed_as]} {title} kỳ {period} của {unit(e.unit_id)}{member}, số liệu tại vị trí "
        f"{e.position}, dấu PDF {e.digests.pdf[:16]}…"
    )


#: One clause for each type of event.
BOOKS: Mapping[type, Callable[[Any], str]] = MappingProxyType(
    {
        book.BookSigned: _signed,
        book.ReportColumnSet: lambda e: (
            f"xếp {unit(e.unit_id)} vào cột «{_COLUMNS[e.column]}» của báo cáo B01, căn cứ {e.document}"
        ),
    }
)
