"""The third witness: what a channel says it collected, against the book and the bank, line by line and day by day."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from domain.money import Dong, format_dong
from ledger.reports_places import DayWitness, Standing, ToldPlace, WitnessBreak
from reconciliation.facts import ItemKind, PaymentFact, ToldDays, ToldFact
from reconciliation.view import View

_OTHER = {
    "fee": (Standing.NOT_DUES, "Phí của kênh thu"),
    "refund": (Standing.RETURNED, "Kênh đã hoàn trả"),
    "adjustment": (Standing.RETURNED, "Kênh điều chỉnh: khiếu nại hoặc hoàn trả không thành"),
}
_NAMES = {
    Standing.MISSING_IN_BOOK: "kênh có, sổ chưa có",
    Standing.AMOUNT_DIFFERS: "lệch số tiền",
    Standing.DUPLICATE: "kênh kê hai lần",
    Standing.MISSING_AT_BANK: "sổ có, kênh không kê",
}
_OTHER_DAY = "kênh kê vào ngày khác"


def clearing(view: View) -> dict[str, PaymentFact]:
    """Payments of the account that came through a channel, by id."""
    names = (item.subject for item in view.items.values() if item.kind is ItemKind.PORTAL_PAYMENT)
    return {name: view.payments[name] for name in names if name in view.payments}


def told_places(
    view: View, told: Iterable[ToldFact], days: Iterable[ToldDays], from_date: date, to_date: date
) -> tuple[ToldPlace, ...]:
    """A place for each settlement line of the span, and for each payment that the settlement of its day lacks."""
    known = clearing(view)
    days = tuple(sorted(days, key=lambda d: (d.from_date, d.to_date, d.rail, d.settlement_id)))
    seen: set[str] = set()
    places = []
    for one in sorted(told, key=lambda t: (t.on, t.rail, t.settlement_id, t.number)):
        if one.on <= to_date:
            place = _place(one, known, seen)
            if one.on >= from_date:
                places.append(place)
    for name, payment in sorted(known.items()):
        covered = [d for d in days if d.rail == payment.source and d.from_date <= payment.paid_on <= d.to_date]
        if covered and name not in seen and from_date <= payment.paid_on <= to_date:
            places.append(_lacking(payment, covered[0].settlement_id))
    return tuple(places)


def _place(one: ToldFact, known: dict[str, PaymentFact], seen: set[str]) -> ToldPlace:
    payment = known.get(one.payment_id or "")
    booked: Dong | None = None
    if one.kind in _OTHER:
        standing, what = _OTHER[one.kind]
    elif payment is None:
        standing, what = Standing.MISSING_IN_BOOK, "Kênh kê khoản này, sổ chưa có; hỏi kênh thông báo đã mất"
    elif payment.payment_id in seen:
        standing, what = Standing.DUPLICATE, "Kênh kê khoản này hai lần; yêu cầu kênh đính chính"
    else:
        seen.add(payment.payment_id)
        booked = payment.amount
        same = payment.amount == one.amount
        standing = Standing.MATCHED if same else Standing.AMOUNT_DIFFERS
        what = (
            "Kênh và sổ như nhau"
            if same
            else f"Kênh kê {format_dong(one.amount)} đ, sổ ghi {format_dong(payment.amount)} đ; yêu cầu kênh đính chính"
        )
    return ToldPlace(
        rail=one.rail,
        settlement_id=one.settlement_id,
        number=one.number,
        on=one.on,
        kind=one.kind,
        outside_reference=one.outside_reference,
        reference=one.reference,
        amount=one.amount,
        booked=booked,
        standing=standing,
        what=f"{what}.",
    )


def _lacking(payment: PaymentFact, settlement_id: str) -> ToldPlace:
    return ToldPlace(
        rail=payment.source,
        settlement_id=settlement_id,
        number=None,
        on=payment.paid_on,
        kind="collection",
        outside_reference=payment.payment_id.partition("/")[2],
        reference=payment.reference,
        amount=None,
        booked=payment.amount,
        standing=Standing.MISSING_AT_BANK,
        what="Sổ có khoản này, quyết toán của kênh không kê; đề nghị kênh đối soát lại ngày này.",
    )


def witnesses(
    view: View, places: Iterable[ToldPlace], days: Iterable[ToldDays], from_date: date, to_date: date
) -> tuple[DayWitness, ...]:
    """One row for each channel and day on which it told, or the book took money through it."""
    known = clearing(view)
    days, places = tuple(days), tuple(places)
    told: dict[tuple[str, date], list[ToldPlace]] = defaultdict(list)
    for place in places:
        if place.kind == "collection":
            told[place.rail, place.on].append(place)
    mine: dict[tuple[str, date], list[PaymentFact]] = defaultdict(list)
    for payment in known.values():
        if from_date <= payment.paid_on <= to_date:
            mine[payment.source, payment.paid_on].append(payment)
    rows = []
    for rail, day in sorted({*told, *mine}):
        covered = any(d.rail == rail and d.from_date <= day <= d.to_date for d in days)
        rows.append(_witness(view, rail, day, told[rail, day], mine[rail, day], covered=covered))
    return tuple(rows)


def _witness(
    view: View, rail: str, day: date, told: list[ToldPlace], mine: list[PaymentFact], *, covered: bool
) -> DayWitness:
    lines = [place for place in told if place.number is not None]
    stated = sum(place.amount or 0 for place in lines)
    booked = sum(payment.amount for payment in mine)
    breaks: dict[str, list[Dong]] = defaultdict(list)
    for place in told:
        if place.standing in _NAMES:
            breaks[_NAMES[place.standing]].append((place.amount or 0) - (place.booked or 0))
    in_time = {f"{rail}/{place.outside_reference}" for place in lines} | {place.reference for place in lines}
    rest = stated - booked - sum(sum(amounts) for amounts in breaks.values())
    if covered and rest:
        # The channel counts some payment on another day than the payer's own; both days name it.
        moved = [p for p in mine if p.payment_id not in in_time and p.reference not in in_time]
        breaks[_OTHER_DAY] = [0] * max(len(moved) - 1, 0) + [rest]
    at_bank = {p.payment_id: view.booked((f"payment:{p.payment_id}",)) for p in mine}
    credited = [p for p in mine if at_bank[p.payment_id]]
    fees = sum(p.amount - at_bank[p.payment_id] for p in credited)
    waiting = [p.amount for p in mine if not at_bank[p.payment_id]]
    bank = [("ngân hàng chưa báo có", len(waiting), sum(waiting)), ("phí giữ lại", len(credited), fees)]
    return DayWitness(
        rail=rail,
        day=day,
        told_count=len(lines) if covered else None,
        told=stated if covered else None,
        booked_count=len(mine),
        booked=booked,
        credited_count=len(credited),
        credited=sum(at_bank[p.payment_id] for p in credited),
        told_breaks=tuple(
            WitnessBreak(name=name, count=len(amounts), amount=sum(amounts)) for name, amounts in breaks.items()
        )
        if covered
        else (),
        bank_breaks=tuple(
            WitnessBreak(name=name, count=count, amount=amount) for name, count, amount in bank if amount
        ),
    )
