"""Suggestions beside what is left over: who may have paid, which line may belong to which item. Never posted."""

from dataclasses import replace

from domain.identifiers import MemberId, UnitId
from domain.money import Dong
from ledger.reports_reconciliation import Leftover, LeftoverKind, Suggestion
from reconciliation.facts import RequestFact
from reconciliation.matching import near_amounts
from reconciliation.view import View

#: How far apart, in days, two reports of the same money may lie (payments §7.3).
NEAR_DAYS = 5
#: More candidates than this say nothing.
MOST = 3

_AT_BANK = (LeftoverKind.MISSING_IN_BOOK, LeftoverKind.UNIDENTIFIED, LeftoverKind.DUPLICATE)


def with_suggestions(view: View, left: list[Leftover]) -> list[Leftover]:
    """Add to each leftover what it may belong to."""
    names = {_name(one): one for one in left}
    wanted = [
        (name, one.book_amount or 0, one.dated_on.toordinal())
        for name, one in names.items()
        if one.kind is LeftoverKind.MISSING_AT_BANK and one.open_amount
    ]
    offered = [
        (name, one.bank_amount or 0, one.dated_on.toordinal())
        for name, one in names.items()
        if one.kind in _AT_BANK and one.line_key is not None
    ]
    near = near_amounts(wanted, offered, days=NEAR_DAYS, most=MOST)
    senders, asked = _senders(view), _asked(view)
    found = []
    for one in left:
        candidates = near.get(_name(one), ())
        if 0 < len(candidates) <= MOST and one.closed_on is None:
            one = replace(one, next_step=f"{one.next_step} {_may_be(names, candidates)}")
        if one.kind is LeftoverKind.UNIDENTIFIED and one.open_amount and one.line_key is not None:
            one = replace(one, suggestions=_who(view, one, senders, asked))
        found.append(one)
    return found


def _name(one: Leftover) -> str:
    return one.line_key or "+".join(one.items) or f"{one.kind}:{one.bank_reference}:{one.dated_on}"


def _may_be(names: dict[str, Leftover], candidates: tuple[str, ...]) -> str:
    told = ", ".join(
        f"{names[name].bank_reference or name[:12]} ngày {names[name].dated_on:%d/%m/%Y}" for name in candidates
    )
    return f"Gợi ý: dòng sao kê cùng số tiền chưa rõ: {told}."


def _senders(view: View) -> dict[str, tuple[MemberId, UnitId]]:
    """The member whose money last came from a payer's account; known by keyed hash only."""
    known = sorted(view.payments.values(), key=lambda p: p.position)
    return {p.payer_key: (p.member_id, p.unit_id) for p in known if p.payer_key and p.member_id and not p.waiting}


def _asked(view: View) -> dict[Dong, list[RequestFact]]:
    """Open requests of members on this account, by amount."""
    found: dict[Dong, list[RequestFact]] = {}
    for r in view.requests:
        if r.account_id == view.account and not r.answered and r.member_id is not None:
            found.setdefault(r.amount, []).append(r)
    return found


def _who(
    view: View,
    one: Leftover,
    senders: dict[str, tuple[MemberId, UnitId]],
    open_requests: dict[Dong, list[RequestFact]],
) -> tuple[Suggestion, ...]:
    payment = next((view.payments[s] for i in one.items if (s := view.items[i].subject) in view.payments), None)
    if payment is None:
        return ()
    found = []
    if payment.payer_key in senders:
        member, unit = senders[payment.payer_key]
        found.append(Suggestion(member_id=member, unit_id=unit, ground="đã từng nộp từ cùng tài khoản nguồn"))
    asked = open_requests.get(payment.waiting, [])
    if len(asked) <= MOST:
        found += [
            Suggestion(
                member_id=r.member_id, unit_id=r.unit_id, ground=f"còn yêu cầu {r.reference} đúng số tiền, chưa nộp"
            )
            for r in sorted(asked, key=lambda r: r.reference)
            if r.member_id is not None
        ]
    return tuple(found[:MOST])
