"""Money that went back, in order on both sides: refunds, sendings that came back, reversals, entries taken back."""

from datetime import date

from domain.money import Dong
from domain.notice import Direction
from ledger.reports_places import Returned
from ledger.reports_reconciliation import LeftoverKind
from reconciliation import wording
from reconciliation.facts import Item, ItemKind, LineFact
from reconciliation.matching import Place
from reconciliation.view import View

#: Items that give money back.
_RETURNS = (ItemKind.REFUND, ItemKind.FAILED_REFUND, ItemKind.LUMP_RETURNED)


def direction(line: LineFact) -> Direction:
    """Which way a line moved money."""
    return Direction.IN if line.amount > 0 else Direction.OUT


def sort_return(
    view: View, place: Place, kind: LeftoverKind | None, line: LineFact | None, items: tuple[Item, ...]
) -> Returned | None:
    """The place as a return linked to its original; None when it is none, or is not in order."""
    if line is None:
        return _taken_back(view, place, kind, items)
    pair = view.reversals.get(line.key)
    if not items and pair is not None and not view.answered.get(pair):
        other = view.lines[pair]
        original = f"dòng {other.bank_reference or other.key[:12]} ngày {other.booked_on:%d/%m/%Y}"
        which = "Dòng đảo của" if line.is_reversal else "Bị đảo bởi"
        reason = f"{which} {original}, {wording.signed(line.amount)}; hai dòng triệt tiêu, sổ không phải ghi."
        return _back(view, place, line, line.booked_on, abs(line.amount), original, reason)
    if kind is None and items and all(_gives_back(item) for item in items):
        original = view.origins.get(items[0].case, items[0].subject)
        reason = f"{wording.why_matched(line, items, line.booked_on, None)} Trả lại cho: {original}."
        return _back(view, place, line, line.booked_on, abs(line.amount), original, reason)
    return None


def _gives_back(item: Item) -> bool:
    return item.kind in _RETURNS or item.case.startswith("stray:")


def _taken_back(view: View, place: Place, kind: LeftoverKind | None, items: tuple[Item, ...]) -> Returned | None:
    """An entry that the book itself turned round: as much went out of each account as had come in."""
    moved = [m for item in items for m in view.moves[item.item]]
    codes = {m.code for m in moved}
    even = all(sum(m.amount for m in moved if m.code == code) == 0 for code in codes)
    if kind is not LeftoverKind.MISSING_AT_BANK or len(moved) < 2 or not even:
        return None
    on = max(m.on for m in moved)
    amount = sum(m.amount for m in moved if m.amount > 0)
    reason = f"Đã ghi rồi điều chỉnh hết ngày {on:%d/%m/%Y}; ngân hàng không có giao dịch."
    return _back(view, place, None, on, amount, f"bút toán {items[0].subject}", reason)


def _back(
    view: View, place: Place, line: LineFact | None, on: date, amount: Dong, original: str, reason: str
) -> Returned:
    return Returned(
        line_key=place.key,
        bank_reference=None if line is None else line.bank_reference,
        booked_on=on,
        direction=Direction.OUT if line is None else direction(line),
        amount=amount,
        items=place.items,
        original=original,
        reason=reason,
        unit_id=view.unit if line is None else line.unit_id,
    )
