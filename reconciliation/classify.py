"""Says of one place what it is: matched, not dues, or left over and why."""

from dataclasses import replace
from datetime import date

from domain.identifiers import UnitId
from domain.money import Dong
from ledger.reports_places import Decided, Returned
from ledger.reports_reconciliation import Leftover, LeftoverKind, Matched, NotDuesLine
from reconciliation import wording
from reconciliation.beside import decided
from reconciliation.facts import PAYMENTS, Item, ItemKind, LineFact, PaymentFact
from reconciliation.items import BAGS, BANK, PORTAL
from reconciliation.matching import Place
from reconciliation.returns import direction, sort_return
from reconciliation.view import View

Sorted = Matched | NotDuesLine | Leftover | Returned


def sort_place(view: View, place: Place, as_of: date) -> tuple[Sorted, ...]:
    """Name one place; ``as_of`` is the day of the ages.

    The line's own standing comes first. Of a lump, each payment whose owner nobody knows, and each that was paid
    twice, follows with a standing of its own; the line itself is in order.
    """
    known = [(name, view.payments.get(view.items[name].subject)) for name in place.items]
    apart = [] if len(place.items) == 1 else [(name, p) for name, p in known if p is not None and _stands_apart(p)]
    own = _sort(view, place, as_of)
    if place.key is None or not isinstance(own, Matched):
        return (own,)
    names = {name for name, _ in apart}
    rest = replace(own, items=tuple(name for name in own.items if name not in names))
    return (rest, *(_part(view, view.lines[place.key], name, payment, as_of) for name, payment in apart))


def _stands_apart(payment: PaymentFact) -> bool:
    return payment.named is None and (bool(payment.waiting) or is_duplicate(payment))


def _part(view: View, line: LineFact, name: str, payment: PaymentFact, as_of: date) -> Leftover:
    """One payment of a lump that a person has to look at; the lump's line stands elsewhere."""
    kind = LeftoverKind.UNIDENTIFIED if payment.waiting else LeftoverKind.DUPLICATE
    left = _leftover(view, Place(key=None, items=(name,), how="part"), kind, line, (view.items[name],), payment, as_of)
    booked = view.booked((name,))
    return replace(left, line_key=None, bank_amount=booked, book_amount=booked, effect=0)


def explained(view: View, place: Place, found: tuple[Sorted, ...]) -> Dong:
    """The part of a place's bank line that is explained: all of it but what waits for an owner or a decision.

    What nobody has placed, what differs, and what the bank took back and the book has not, is not explained.
    """
    own, parts = found[0], found[1:]
    moved = 0 if place.key is None else abs(view.lines[place.key].amount)
    if isinstance(own, Leftover):
        if own.kind is LeftoverKind.DUPLICATE:
            return moved
        return max(0, moved - own.open_amount) if own.kind is LeftoverKind.UNIDENTIFIED else 0
    waits = (p.open_amount for p in parts if isinstance(p, Leftover) and p.kind is LeftoverKind.UNIDENTIFIED)
    return max(0, moved - sum(waits))


def _sort(view: View, place: Place, as_of: date) -> Sorted:
    line = None if place.key is None else view.lines[place.key]
    items = tuple(view.items[name] for name in place.items)
    payment = view.payments.get(items[0].subject) if len(items) == 1 and items[0].kind in PAYMENTS else None
    kind = _kind(view, place, line, items, payment)
    back = sort_return(view, place, kind, line, items)
    if back is not None:
        return back
    if kind is not None:
        return _leftover(view, place, kind, line, items, payment, as_of)
    assert line is not None  # Only a line with items can be in order.
    named = _named(view, line, payment)
    if named is not None:
        what, heading, named_by, ground = named
        return NotDuesLine(
            line_key=line.key,
            bank_reference=line.bank_reference,
            booked_on=line.booked_on,
            direction=direction(line),
            amount=abs(line.amount),
            items=place.items,
            what=what,
            heading=heading,
            named_by=named_by,
            reason=f"{wording.NOT_DUES.get(what, what)}, căn cứ: {ground}; {wording.signed(line.amount)}.",
            unit_id=line.unit_id,
        )
    why, why_not = _why(view, line, items)
    # What was taken back and booked again is dated as it was booked last.
    last = max(((m.position, m.on) for item in place.items for m in view.bank(item)), default=(0, line.booked_on))
    book_on = last[1]
    return Matched(
        line_key=line.key,
        bank_reference=line.bank_reference,
        booked_on=line.booked_on,
        book_on=book_on,
        direction=direction(line),
        amount=abs(line.amount),
        items=place.items,
        rule=line.rule or "evidence",
        reason=wording.why_matched(line, items, book_on, payment),
        unit_id=line.unit_id,
        notified=payment is not None and payment.notified,
        why=why,
        why_not=why_not,
    )


def _why(view: View, line: LineFact, items: tuple[Item, ...]) -> tuple[str, str]:
    """What was recorded when the money was matched: by the matcher, or by the rule at import."""
    known = [view.why[item.subject] for item in items if item.subject in view.why]
    if known:
        return known[0].why, known[0].why_not
    if line.rule is None:
        return wording.rule_title(None), "không xét khoản khác: sự kiện trong sổ dẫn thẳng dòng này"
    return wording.why_at_import(line)


def _kind(
    view: View, place: Place, line: LineFact | None, items: tuple[Item, ...], payment: PaymentFact | None
) -> LeftoverKind | None:
    """Why the place is left over; None when it is in order."""
    if line is None:
        return LeftoverKind.AMOUNT_DIFFERS if _other_amount(view, items, payment) else LeftoverKind.MISSING_AT_BANK
    if not items:
        return LeftoverKind.RETURNED if line.key in view.reversals else LeftoverKind.MISSING_IN_BOOK
    booked = view.booked(place.items)
    if booked != line.amount:
        same = view.expected(place.items) == line.amount
        return LeftoverKind.MISSING_IN_BOOK if same else LeftoverKind.AMOUNT_DIFFERS
    if payment is None or payment.named is not None:
        return None
    if payment.waiting:
        return LeftoverKind.UNIDENTIFIED
    return LeftoverKind.DUPLICATE if is_duplicate(payment) else None


def is_duplicate(payment: PaymentFact) -> bool:
    """Dues paid under a request whose debt was already met: the whole of it became credit."""
    return payment.is_dues and payment.dues == 0 and 0 < payment.amount == payment.credit


def _other_amount(view: View, items: tuple[Item, ...], payment: PaymentFact | None) -> LineFact | None:
    """A line of another amount under the reference of money that the portal announced and the bank never credited."""
    if payment is None or payment.reference is None or items[0].kind is not ItemKind.PORTAL_PAYMENT:
        return None
    if view.booked((items[0].item,)):
        return None
    for line in view.carrying.get(payment.reference, ()):
        if line.amount > 0 and line.amount != payment.amount:
            return line
    return None


def _named(view: View, line: LineFact, payment: PaymentFact | None) -> tuple[str, str, str, str] | None:
    """What, heading, by whom and why, if the line is not dues."""
    if payment is not None and payment.named is not None:
        return payment.named
    name = view.names.get(line.key)
    return None if name is None else (name.what, name.heading, name.named_by, name.ground)


def _leftover(
    view: View,
    place: Place,
    kind: LeftoverKind,
    line: LineFact | None,
    items: tuple[Item, ...],
    payment: PaymentFact | None,
    as_of: date,
) -> Leftover:
    book = view.expected(place.items) if items else None
    bank = None if line is None else line.amount
    other = _other_amount(view, items, payment) if line is None else None
    on = items[0].on if line is None else line.booked_on
    first = items[0] if items else None
    later = [view.later[name] for name in (*place.items, place.key or "") if name in view.later]
    closed_on = min((day for day in later if day <= as_of), default=None)
    due_on = wording.due_on(kind, on, first, view.days_off)
    lies_in = _lies_in(view, kind, items)
    step = wording.next_step(kind, line, first, book, by_channel=lies_in == PORTAL)
    return Leftover(
        kind=kind,
        account_id=view.account,
        unit_id=_owner(view, kind, line, first, payment),
        line_key=place.key,
        items=place.items,
        bank_reference=None if line is None else line.bank_reference,
        dated_on=on,
        bank_amount=bank if other is None else other.amount,
        book_amount=book,
        open_amount=_open(kind, bank, book, payment),
        effect=(bank or 0) - view.booked(place.items),
        lies_in=lies_in,
        what=_what(view, kind, other or line, items, book, payment),
        next_step=step if closed_on is None else wording.settled_later(closed_on),
        age_days=(as_of - on).days,
        due_on=due_on,
        closed_on=closed_on,
        role=wording.role(kind, first),
        decided=_decided(view, line, items),
        why=_why_left(view, kind, line, items),
    )


def _what(
    view: View,
    kind: LeftoverKind,
    line: LineFact | None,
    items: tuple[Item, ...],
    book: Dong | None,
    payment: PaymentFact | None,
) -> str:
    if kind is LeftoverKind.RETURNED and line is not None:
        return wording.returned(line, view.lines[view.reversals[line.key]])
    return wording.what_is_left(kind, line, items, book, payment)


def _decided(view: View, line: LineFact | None, items: tuple[Item, ...]) -> Decided | None:
    """The last decision about the line or the payment."""
    names = [] if line is None else [f"line:{view.account}#{line.key}"]
    found = [view.decisions[n] for n in (*names, *(i.subject for i in items)) if n in view.decisions]
    if not found:
        return None
    return decided(max(found, key=lambda d: d.position))


def _why_left(view: View, kind: LeftoverKind, line: LineFact | None, items: tuple[Item, ...]) -> str:
    """Why it was not matched, or how it was, as recorded."""
    known = [view.why[item.subject] for item in items if item.subject in view.why]
    if known:
        return f"{known[0].why}; {known[0].why_not}"
    return wording.why_left(kind, line)


def _owner(
    view: View, kind: LeftoverKind, line: LineFact | None, item: Item | None, payment: PaymentFact | None
) -> UnitId:
    """Who has to act: the member's unit for what was paid twice, else the unit whose account or item it is."""
    if kind is LeftoverKind.DUPLICATE and payment is not None:
        return payment.unit_id
    if item is not None:
        return item.unit_id
    return view.unit if line is None else line.unit_id


def _open(kind: LeftoverKind, bank: Dong | None, book: Dong | None, payment: PaymentFact | None) -> Dong:
    """What still waits for somebody."""
    match kind:
        case LeftoverKind.UNIDENTIFIED if payment is not None:
            return payment.waiting
        case LeftoverKind.DUPLICATE if payment is not None:
            return payment.credit_open
        case LeftoverKind.AMOUNT_DIFFERS if bank is not None:
            return abs(bank - (book or 0))
        case _:
            return abs(book or 0) if bank is None else abs(bank)


def _lies_in(view: View, kind: LeftoverKind, items: tuple[Item, ...]) -> str:
    """The account of the chart in which the open money waits."""
    fixed = {LeftoverKind.UNIDENTIFIED: "3380", LeftoverKind.DUPLICATE: "3340", LeftoverKind.MISSING_IN_BOOK: ""}
    if kind in fixed:
        return fixed[kind]
    codes = {m.code for item in items for m in view.moves[item.item]}
    return next((code for code in (BANK, PORTAL, BAGS) if code in codes), "")
