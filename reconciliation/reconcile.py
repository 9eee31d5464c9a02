"""Reconcile one account: bank lines, portal notifications and the book; every leftover has a name, an age, an owner."""

from collections.abc import Iterable, Set
from dataclasses import replace
from datetime import date

from domain.deadlines import working_days_after
from domain.errors import Malformed
from domain.identifiers import AccountId, UnitId
from domain.money import Dong
from domain.period import Month, first_day, month_of, quarter_of, shift
from ledger.reports_places import Returned
from ledger.reports_reconciliation import (
    BreakKind,
    Leftover,
    LeftoverKind,
    Matched,
    NotDuesLine,
    ReconciliationResult,
    UnderWay,
)
from reconciliation import wording
from reconciliation.beside import on_the_way, open_cases
from reconciliation.classify import Sorted, explained, sort_place
from reconciliation.facts import Facts, ItemKind, Movement, NoticeFact
from reconciliation.items import BANK
from reconciliation.matching import Place
from reconciliation.suggest import with_suggestions
from reconciliation.tie_out import Share, jumps, shares_of, tie_out
from reconciliation.view import View, of_account
from reconciliation.witness import told_places, witnesses


def reconcile(
    facts: Facts, *, account: AccountId, from_date: date, to_date: date, as_of: date, days_off: Set[date] = frozenset()
) -> ReconciliationResult:
    """Reconcile an account over the days ``from_date`` to ``to_date``; ages are those of ``as_of``.

    ``days_off`` are public holidays, which do not count as working days.

    What is open at the end of ``to_date`` is listed whatever its date; what happened after it only says when the thing
    was settled. Raises ``Malformed`` when the days do not follow one another.
    """
    if not from_date <= to_date <= as_of:
        raise Malformed(
            f"từ ngày {from_date:%d/%m/%Y}, đến ngày {to_date:%d/%m/%Y}, tính tuổi đến ngày {as_of:%d/%m/%Y}: "
            "ba ngày phải theo thứ tự",
            where="đối chiếu",
        )
    view = replace(of_account(facts, account, to_date), days_off=days_off)
    places = view.places()
    view = replace(view, answered={p.key: bool(p.items) for p in places if p.key is not None})
    sorted_ = [sort_place(view, place, as_of) for place in places]
    shares = [share for place, of in zip(places, sorted_, strict=True) for share in _shares(view, place, of[0])]
    explained_by = {str(p.key): explained(view, p, of) for p, of in zip(places, sorted_, strict=True) if p.key}
    found = [one for of in sorted_ for one in of]
    told = told_places(view, facts.told, facts.told_days, from_date, to_date)
    seen = witnesses(view, told, facts.told_days, from_date, to_date)
    days = tie_out(
        lines=tuple(view.lines.values()),
        spans=view.spans,
        book=_book(facts, account, to_date),
        opening=view.opening,
        shares=shares,
        explained=explained_by,
        from_date=from_date,
        to_date=to_date,
        suspense=_suspense(view),
        also=(w.day for w in seen),
    )
    left = [one for one in found if isinstance(one, Leftover) and _is_listed(one, from_date)]
    left += [*_gaps(view, as_of), *_notices(view, left, as_of), *open_cases(view, as_of), *on_the_way(view, as_of)]
    return ReconciliationResult(
        account_id=account,
        unit_id=view.unit,
        from_date=from_date,
        to_date=to_date,
        as_of=as_of,
        position=facts.position,
        matched=_matched(found, from_date),
        not_dues=_not_dues(found, from_date),
        leftovers=_ordered(with_suggestions(view, left)),
        under_way=_under_way(view, to_date, as_of),
        days=days,
        open_periods=_open_periods(facts, view.unit, from_date, to_date),
        uses_example_shares=_uses_examples(facts, view),
        returned=_back(found, from_date),
        told=told,
        witnesses=seen,
    )


def _matched(found: Iterable[Sorted], from_date: date) -> tuple[Matched, ...]:
    mine = (m for m in found if isinstance(m, Matched) and max(m.booked_on, m.book_on) >= from_date)
    return tuple(sorted(mine, key=lambda m: (m.booked_on, m.line_key)))


def _not_dues(found: Iterable[Sorted], from_date: date) -> tuple[NotDuesLine, ...]:
    mine = (n for n in found if isinstance(n, NotDuesLine) and n.booked_on >= from_date)
    return tuple(sorted(mine, key=lambda n: (n.booked_on, n.line_key)))


def _back(found: Iterable[Sorted], from_date: date) -> tuple[Returned, ...]:
    mine = (x for x in found if isinstance(x, Returned) and x.booked_on >= from_date)
    return tuple(sorted(mine, key=lambda x: (x.booked_on, x.line_key or "", x.items)))


def _ordered(left: Iterable[Leftover]) -> tuple[Leftover, ...]:
    """The oldest first within each kind, kinds in the order of their list."""
    kinds = list(LeftoverKind)
    return tuple(sorted(left, key=lambda x: (kinds.index(x.kind), x.dated_on, x.line_key or "", x.items, x.what)))


def _is_listed(one: Leftover, from_date: date) -> bool:
    return one.dated_on >= from_date or one.open_amount > 0 or one.effect != 0


def _book(facts: Facts, account: AccountId, to_date: date) -> tuple[Movement, ...]:
    """Every posting on the account but the opening balance, straight from the postings and not from the items."""
    opening = {i.item for i in facts.items if i.kind is ItemKind.OPENING}
    return tuple(
        m
        for m in facts.movements
        if m.account_id == account and m.code == BANK and m.on <= to_date and m.item not in opening
    )


_OWN_NAME = {
    LeftoverKind.MISSING_IN_BOOK: BreakKind.MISSING_IN_BOOK,
    LeftoverKind.MISSING_AT_BANK: BreakKind.MISSING_AT_BANK,
    LeftoverKind.AMOUNT_DIFFERS: BreakKind.AMOUNT_DIFFERS,
    LeftoverKind.RETURNED: BreakKind.RETURNED,
}


def _shares(view: View, place: Place, one: Sorted) -> list[Share]:
    """What a place adds to (bank - book) from which day on; a place in order adds up to 0 in the end."""
    moves = [m for item in place.items for m in view.bank(item)]
    kind = _OWN_NAME.get(one.kind) if isinstance(one, Leftover) else None
    if kind is None:
        kind = BreakKind.CORRECTED if len(moves) > len(place.items) else BreakKind.TIMING
    shares = [Share(kind=kind, on=m.on.toordinal(), amount=-m.amount) for m in moves]
    if place.key is not None:
        line = view.lines[place.key]
        shares.append(Share(kind=kind, on=line.booked_on.toordinal(), amount=line.amount))
    return shares


def _suspense(view: View) -> list[tuple[int, Dong]]:
    """Movements of money without an owner that lies on the account, from the day on which it is there."""
    since: dict[str, int] = {}
    for item in view.items.values():
        moves = view.bank(item.item)
        if moves:
            since[item.subject] = min(m.on.toordinal() for m in moves)
    return [(max(w.on.toordinal(), since[w.payment_id]), w.amount) for w in view.waits if w.payment_id in since]


def _gaps(view: View, as_of: date) -> list[Leftover]:
    """Statements that do not begin where the one before, or the book's opening, ended."""
    left = []
    for jump in jumps(view.spans, tuple(view.lines.values()), view.opening):
        effect = shares_of(jump).amount
        left.append(
            Leftover(
                kind=LeftoverKind.STATEMENT_GAP,
                account_id=view.account,
                unit_id=view.unit,
                line_key=None,
                items=(),
                bank_reference=None,
                dated_on=jump.on,
                bank_amount=jump.stated,
                book_amount=jump.expected,
                open_amount=abs(effect),
                effect=effect,
                lies_in="1120",
                what=wording.about_jump(jump.is_first, jump.expected, jump.stated),
                next_step=wording.next_step(LeftoverKind.STATEMENT_GAP, None, None, None),
                age_days=(as_of - jump.on).days,
                due_on=None,
                closed_on=None,
            )
        )
    return left


def _notices(view: View, left: list[Leftover], as_of: date) -> list[Leftover]:
    """Notifications that contradict the book or were not believed; one that a line tells already is left out."""
    told = {item for one in left if one.kind is LeftoverKind.AMOUNT_DIFFERS for item in one.items}
    return [
        _notice(view, notice, as_of)
        for notice in view.notices
        if f"payment:{notice.source}/{notice.outside_reference}" not in told
    ]


def _notice(view: View, notice: NoticeFact, as_of: date) -> Leftover:
    useless = notice.rejected or notice.code == "unknown-reference"
    kind = LeftoverKind.NOTIFICATION_REJECTED if useless else LeftoverKind.AMOUNT_DIFFERS
    seen = _bank_saw(view, notice)
    stated = notice.stated or 0
    return Leftover(
        kind=kind,
        account_id=view.account,
        unit_id=view.unit,
        line_key=None,
        items=(),
        bank_reference=notice.outside_reference,
        dated_on=notice.seen_on,
        bank_amount=seen,
        book_amount=None,
        open_amount=0 if seen is not None or notice.rejected else stated,
        effect=0,
        lies_in="",
        what=wording.about_notice(notice, seen),
        next_step=wording.next_step(kind, None, None, None),
        age_days=(as_of - notice.seen_on).days,
        due_on=None,
        closed_on=None,
    )


def _bank_saw(view: View, notice: NoticeFact) -> Dong | None:
    """What the bank credited under the notification's reference."""
    if notice.reference is None:
        return None
    named = {e.case for e in view.evidence}
    for payment in sorted(view.payments.values(), key=lambda p: p.position):
        if payment.reference == notice.reference and f"payment:{payment.payment_id}" in named:
            return payment.amount
    return None


def _under_way(view: View, to_date: date, as_of: date) -> tuple[UnderWay, ...]:
    rows = []
    for r in sorted(view.remittances, key=lambda r: (r.sent_on, r.remittance_id)):
        amount = sum(step for on, step in r.steps if on <= to_date)
        if not amount:
            continue
        debited = any(on <= to_date for on in r.debits)
        rows.append(
            UnderWay(
                remittance_id=r.remittance_id,
                unit_id=r.unit_id,
                superior_id=r.superior_id,
                account_id=r.account_id,
                sent_on=r.sent_on,
                amount=amount,
                debited=debited,
                dispute=r.dispute,
                age_days=(as_of - r.sent_on).days,
                due_on=working_days_after(r.sent_on, 3, view.days_off),
                next_step=wording.follow_up(debited=debited, disputed=r.dispute is not None),
            )
        )
    return tuple(rows)


def _open_periods(facts: Facts, unit: UnitId, from_date: date, to_date: date) -> tuple[str, ...]:
    """Months of the span that the unit declared neither alone nor within their quarter."""
    if not unit:
        return ()
    declared = {d.period for d in facts.declared if d.unit_id == unit}
    month, months = month_of(from_date), list[Month]()
    while first_day(month) <= to_date:
        months.append(month)
        month = shift(month, 1)
    return tuple(str(m) for m in months if m not in declared and quarter_of(m) not in declared)


def _uses_examples(facts: Facts, view: View) -> bool:
    """Whether what was sent or received here was worked out with shares made up as an example."""
    sent = {i.subject for i in view.items.values() if i.kind in (ItemKind.SENDING, ItemKind.RECEIPT)}
    units = {view.unit, *(UnitId(case.split("/", 1)[0]) for case in sent)}
    return any(d.is_example and d.unit_id in units for d in facts.declared)
