"""One list of everything that a reconciliation found: each line, item and settlement line once, with its standing."""

from collections.abc import Iterable, Iterator

from ledger.reports_places import STANDING_TITLES, Entry, Returned, Standing, ToldPlace
from ledger.reports_reconciliation import (
    LEFTOVER_TITLES,
    Leftover,
    LeftoverKind,
    Matched,
    NotDuesLine,
    ReconciliationResult,
)

#: Kinds of leftovers that are about no money: they stand beside the eight.
BESIDE = (LeftoverKind.STATEMENT_GAP, LeftoverKind.NOTIFICATION_REJECTED)
#: Every word by which the list can be narrowed.
KINDS = (*(str(standing) for standing in Standing), *(str(kind) for kind in BESIDE))


def entries(r: ReconciliationResult, kind: str | None = None) -> Iterator[Entry]:
    """Everything, leftovers first; ``kind`` is one of ``KINDS`` or None for all."""
    for entry, name in _all(r):
        if kind is None or kind == name:
            yield entry


def totals(r: ReconciliationResult) -> dict[str, dict[str, int]]:
    """How many of each kind, what they moved, and what of it still waits; đồng."""
    found = {kind: {"count": 0, "amount": 0, "open": 0} for kind in KINDS}
    for entry, name in _all(r):
        sums = found[name]
        sums["count"] += 1
        sums["amount"] += abs(entry.bank_amount if entry.bank_amount is not None else entry.book_amount or 0)
        sums["open"] += entry.open_amount
    return found


def page_of(rows: Iterable[Entry], page: int, per_page: int) -> tuple[tuple[Entry, ...], int]:
    """The rows of a page (from 1), and how many pages there are."""
    every = tuple(rows)
    pages = max(1, -(-len(every) // per_page))
    return every[(page - 1) * per_page : page * per_page], pages


def _all(r: ReconciliationResult) -> Iterator[tuple[Entry, str]]:
    for one in r.leftovers:
        yield _left(r, one), str(one.kind)
    for told in r.told:
        yield _told(r, told), str(told.standing)
    for back in r.returned:
        yield _back(r, back), str(Standing.RETURNED)
    for other in r.not_dues:
        yield _other(r, other), str(Standing.NOT_DUES)
    for matched in r.matched:
        yield _matched(r, matched), str(Standing.MATCHED)


def _evidence(line_key: str | None, items: tuple[str, ...]) -> tuple[str, ...]:
    """Ids by which the matter can be looked up: the statement line, payments, cases."""
    return (*(() if line_key is None else (f"line:{line_key}",)), *items)


def _left(r: ReconciliationResult, one: Leftover) -> Entry:
    kind = one.kind
    beside = kind in BESIDE
    side = "both" if one.line_key and one.items else "bank" if one.line_key else "book" if one.items else "notice"
    return Entry(
        standing=Standing.UNIDENTIFIED if beside else Standing(str(kind)),
        title=LEFTOVER_TITLES[kind],
        side="statement" if kind is LeftoverKind.STATEMENT_GAP else side,
        dated_on=one.dated_on,
        age_days=one.age_days,
        bank_reference=one.bank_reference,
        line_key=one.line_key,
        items=one.items,
        bank_amount=one.bank_amount,
        book_amount=one.book_amount,
        open_amount=one.open_amount,
        unit_id=one.unit_id,
        role=one.role,
        due_on=one.due_on,
        overdue=one.overdue(r.as_of),
        what=one.what,
        next_step=one.next_step,
        decision="" if one.decided is None else one.decided.words,
        why=one.why,
        evidence=_evidence(one.line_key, one.items),
    )


def _in_order(r: ReconciliationResult, one: Matched | NotDuesLine | Returned, standing: Standing, why: str) -> Entry:
    signed = one.amount if one.direction == "in" else -one.amount
    return Entry(
        standing=standing,
        title=STANDING_TITLES[standing],
        side="both" if one.line_key and one.items else "bank" if one.line_key else "book",
        dated_on=one.booked_on,
        age_days=(r.as_of - one.booked_on).days,
        bank_reference=one.bank_reference,
        line_key=one.line_key,
        items=one.items,
        bank_amount=None if one.line_key is None else signed,
        book_amount=signed if one.items else None,
        open_amount=0,
        unit_id=one.unit_id,
        role="",
        due_on=None,
        overdue=False,
        what=one.reason,
        next_step="",
        decision="",
        why=why,
        evidence=_evidence(one.line_key, one.items),
    )


def _matched(r: ReconciliationResult, one: Matched) -> Entry:
    return _in_order(r, one, Standing.MATCHED, "; ".join(filter(None, (one.why, one.why_not))))


def _other(r: ReconciliationResult, one: NotDuesLine) -> Entry:
    return _in_order(r, one, Standing.NOT_DUES, f"{one.named_by}: {one.heading}")


def _back(r: ReconciliationResult, one: Returned) -> Entry:
    return _in_order(r, one, Standing.RETURNED, one.original)


def _told(r: ReconciliationResult, one: ToldPlace) -> Entry:
    order = one.standing in (Standing.MATCHED, Standing.NOT_DUES, Standing.RETURNED)
    open_ = 0 if order else abs((one.amount or 0) - (one.booked or 0))
    return Entry(
        standing=one.standing,
        title=STANDING_TITLES[one.standing],
        side="channel",
        dated_on=one.on,
        age_days=(r.as_of - one.on).days,
        bank_reference=one.outside_reference,
        line_key=None,
        items=(),
        bank_amount=one.amount,
        book_amount=one.booked,
        open_amount=open_,
        unit_id=r.unit_id,
        role="" if order else "kế toán",
        due_on=None,
        overdue=False,
        what=one.what,
        next_step="" if order else "Gửi trả lời quyết toán cho kênh, nêu đúng dòng này; theo dõi đến khi đính chính.",
        decision="",
        why=f"quyết toán {one.settlement_id}" + ("" if one.number is None else f", dòng {one.number}"),
        evidence=(f"settlement:{one.rail}/{one.settlement_id}",),
    )
