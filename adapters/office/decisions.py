"""A list of decisions on open items (CSV in UTF-8, or XLSX): a line a decision, a divided transfer on several."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from adapters.office.cells import amount_of, day_of, month_in
from adapters.office.money_files import CellsOfRow, read_rows
from domain.money import Dong, require_amount
from domain.open_item import DecisionKind
from domain.period import Month

HEADINGS = ("mã khoản", "quyết định", "số tiền", "số thẻ", "tháng", "đến ngày", "số văn bản", "lý do")

#: What an office writes for each kind.
KINDS: Mapping[str, DecisionKind] = {
    "xác định": DecisionKind.IDENTIFY,
    "chia": DecisionKind.SPLIT,
    "đóng lần hai": DecisionKind.DUPLICATE,
    "trả lại": DecisionKind.RETURN,
    "nhầm tài khoản": DecisionKind.REJECT,
    "ghi thu khác": DecisionKind.WRITE_OFF,
    "nhận phí": DecisionKind.ACCEPT_FEE,
    "chờ": DecisionKind.WAIT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRow:
    """One line of the list; ``amount`` None: all that waits; đồng."""

    where: str
    item: str
    kind: DecisionKind
    amount: Dong | None
    card_number: str | None
    month: Month | None
    until: date | None
    document: str | None
    reason: str


def read_decisions(data: bytes, name: str) -> tuple[DecisionRow, ...]:
    """The list in its order. Raises ``Malformed`` naming line and column; then nothing is returned."""
    return read_rows(data, name, HEADINGS, _decision)


def _decision(row: CellsOfRow, where: str) -> DecisionRow:
    return DecisionRow(
        where=where,
        item=row.text("mã khoản"),
        kind=row.word("quyết định", KINDS),
        amount=row.read("số tiền", lambda cell: require_amount(amount_of(cell))) if row.has("số tiền") else None,
        card_number=row.text("số thẻ") if row.has("số thẻ") else None,
        month=row.read("tháng", month_in) if row.has("tháng") else None,
        until=row.read("đến ngày", day_of) if row.has("đến ngày") else None,
        document=row.text("số văn bản") if row.has("số văn bản") else None,
        reason=row.text("lý do"),
    )
