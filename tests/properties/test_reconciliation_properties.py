"""Whatever happened: every line and item has exactly one place, the order of facts means nothing, the sums tie."""

from dataclasses import fields, replace
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from reconciliation.facts import Facts, ItemKind, Span, ToldDays, ToldFact
from reconciliation.places import entries, totals
from tests.reconciliation_facts import (
    ACCOUNT,
    END,
    START,
    all_places,
    asked,
    book,
    day,
    evidence,
    line,
    move,
    named,
    paid,
    result,
    together,
)

AMOUNTS = st.integers(1, 10**12)
DAYS = st.integers(1, 31)

#: What may happen: (kind, amount, other amount, day in the book, day at the bank).
HAPPENINGS = st.lists(
    st.tuples(
        st.sampled_from(
            (
                "transfer",
                "portal",
                "portal-waits",
                "suspense",
                "twice",
                "fee",
                "unknown",
                "sending",
                "bag",
                "refund",
                "refunded",
                "reversal",
                "taken-back",
                "lump",
            )
        ),
        AMOUNTS,
        AMOUNTS,
        DAYS,
        DAYS,
    ),
    max_size=12,
)


def _transfer(n: int, amount: int, other: int, on: int, at: int) -> dict[str, Any]:
    return {
        "book": book(f"payment:bank/{n}", on, amount),
        "lines": [line(f"k{n}", at, amount, rule="reference")],
        "evidence": [evidence(f"k{n}", f"payment:bank/{n}")],
        "payments": [paid(f"bank/{n}", amount)],
    }


def _portal(n: int, amount: int, other: int, on: int, at: int) -> dict[str, Any]:
    name = f"payment:portal/{n}"
    return {
        "book": book(name, on, amount, ItemKind.PORTAL_PAYMENT, code="1140"),
        "movements": [move(name, max(on, at), -amount, code="1140"), move(name, max(on, at), amount)],
        "lines": [line(f"k{n}", max(on, at), amount, rule="portal-credit")],
        "evidence": [evidence(f"k{n}", name)],
        "payments": [paid(f"portal/{n}", amount)],
    }


def _portal_waits(n: int, amount: int, other: int, on: int, at: int) -> dict[str, Any]:
    return {
        "book": book(f"payment:portal/{n}", on, amount, ItemKind.PORTAL_PAYMENT, code="1140"),
        "payments": [paid(f"portal/{n}", amount)],
    }


def _suspense(n: int, amount: int, other: int, on: int, at: int) -> dict[str, Any]:
    waiting = min(amount, other)
    payment = paid(f"bank/{n}", amount, is_dues=False, dues=0, suspended=amount, waiting=waiting)
    return {**_transfer(n, amount, other, on, at), "payments": [payment]}


def _twice(n: int, amount: int, other: int, on: int, at: int) -> dict[str, Any]:
    payment = paid(f"bank/{n}", amount, dues=0, credit=amount, credit_open=min(amount, other))
    return {**_transfer(n, amount, other, on, at), "payments": [payment]}


def _fee(n: int, amount: int, other: int, on: int, at: int) -> dict[str, Any]:
    return {
        "book": book(f"named:k{n}", at, -amount, ItemKind.NAMED),
        "lines": [line(f"k{n}", at, -amount, rule="bank-fee")],
        "evidence": [evidence(f"k{n}", f"named:k{n}")],
        "names": [named(f"k{n}", "bank-fee")],
    }


def _unknown(n: int, amount: int, other: int, on: int, at: int) -> dict[str, Any]:
    return {"book": Facts(), "lines": [line(f"k{n}", at, amount if on % 2 else -amount)]}


def _sending(n: int, amount: int, other: int, on: int, at: int) -> dict[str, Any]:
    """Recorded as ``amount``; the bank takes ``other``; sometimes corrected, sometimes in two debits."""
    case = f"sent:C/{n}"
    corrected = [move(f"{case}#1", min(31, on + 3), amount - other)] if on % 2 else []
    keys = [f"k{n}", f"j{n}"][: 1 + at % 2]
    return {
        "book": book(f"{case}#1", on, -amount, ItemKind.SENDING, case=case),
        "movements": corrected,
        "lines": [line(key, at, -other, rule="remittance-debit") for key in keys],
        "evidence": [evidence(key, "", case=case) for key in keys],
    }


def _bag(n: int, amount: int, other: int, on: int, at: int) -> dict[str, Any]:
    return {
        "book": book(f"bag:R{n}", on, amount, ItemKind.CASH_BAG, code="1130"),
        "lines": [line(f"k{n}", at, other, references=(f"R{n}",))],
        "requests": [asked(f"R{n}", "cash-bag", amount, case_id="C")],
    }


def _refund(n: int, amount: int, other: int, on: int, at: int) -> dict[str, Any]:
    return {"book": book(f"refund:H{n}@1", on, -amount, ItemKind.REFUND, case=f"refund:H{n}")}


def _refunded(n: int, amount: int, other: int, on: int, at: int) -> dict[str, Any]:
    return {
        "book": book(f"refund:G{n}@1", on, -amount, ItemKind.REFUND, case=f"refund:G{n}"),
        "lines": [line(f"k{n}", at, -amount, rule="refund-debit")],
        "evidence": [evidence(f"k{n}", "", case=f"refund:G{n}")],
    }


def _reversal(n: int, amount: int, other: int, on: int, at: int) -> dict[str, Any]:
    """The bank turns a movement round; the book had it, or had not."""
    lines = [line(f"k{n}", min(on, at), amount), line(f"r{n}", max(on, at), -amount, is_reversal=True)]
    if other % 2:
        return {"book": Facts(), "lines": lines}
    return {**_transfer(n, amount, other, on, min(on, at)), "lines": lines}


def _taken_back(n: int, amount: int, other: int, on: int, at: int) -> dict[str, Any]:
    name = f"payment:bank/{n}"
    return {
        "book": book(name, on, amount),
        "movements": [move(name, max(on, at), -amount)],
        "payments": [paid(f"bank/{n}", amount)] if other % 2 else [],
    }


def _lump(n: int, amount: int, other: int, on: int, at: int) -> dict[str, Any]:
    """One line credits two payments of a channel less what it took off."""
    fee, when = min(amount, other), max(on, at)
    names = (f"payment:gateway/{n}a", f"payment:gateway/{n}b", f"lump:gateway/{n}")
    own = (book(names[0], on, amount, ItemKind.PORTAL_PAYMENT, code="1140"),)
    own += (book(names[1], on, amount, ItemKind.PORTAL_PAYMENT, code="1140"),)
    own += (book(names[2], on, -fee, ItemKind.SETTLEMENT, code="1140"),)
    moves = [(names[0], amount), (names[1], amount), (names[2], -fee)]
    return {
        "book": together(*own),
        "movements": [
            m for name, sum_ in moves for m in (move(name, when, -sum_, code="1140"), move(name, when, sum_))
        ],
        "lines": [line(f"k{n}", when, 2 * amount - fee)],
        "evidence": [evidence(f"k{n}", name) for name in names],
        "payments": [
            paid(f"gateway/{n}{x}", amount, source="gateway", channel="gateway", paid_on=day(on)) for x in "ab"
        ],
        "told": [_told(n, 1, "a", amount, on), _told(n, 2, "b", other, on), _told(n, 3, "a", amount, on)][: 1 + at % 3],
        "told_days": [
            ToldDays(rail="gateway", settlement_id=f"po_{n}", from_date=day(min(on, 15)), to_date=day(max(on, 15)))
        ],
    }


def _told(n: int, number: int, which: str, amount: int, on: int) -> ToldFact:
    return ToldFact(
        account_id=ACCOUNT,
        rail="gateway",
        settlement_id=f"po_{n}",
        number=number,
        on=day(on),
        kind="collection",
        reference=None,
        outside_reference=f"{n}{which}",
        amount=amount,
        fee=0,
        payment_id=f"gateway/{n}{which}",
    )


MADE = {
    "refunded": _refunded,
    "reversal": _reversal,
    "taken-back": _taken_back,
    "lump": _lump,
    "transfer": _transfer,
    "portal": _portal,
    "portal-waits": _portal_waits,
    "suspense": _suspense,
    "twice": _twice,
    "fee": _fee,
    "unknown": _unknown,
    "sending": _sending,
    "bag": _bag,
    "refund": _refund,
}


def facts_of(happenings: list[tuple[str, int, int, int, int]], opening: int) -> Facts:
    """All happenings on one account, under two statements that agree."""
    made = [MADE[kind](n, *rest) for n, (kind, *rest) in enumerate(happenings)]
    rows = {
        name: [one for part in made for one in part.get(name, ())]
        for name in ("lines", "movements", "evidence", "payments", "names", "requests", "told", "told_days")
    }
    middle = opening + sum(x.amount for x in rows["lines"] if x.booked_on <= day(15))
    closing = opening + sum(x.amount for x in rows["lines"])
    spans = [
        Span(account_id=ACCOUNT, from_date=START, to_date=day(15), opening=opening, closing=middle),
        Span(account_id=ACCOUNT, from_date=day(16), to_date=END, opening=middle, closing=closing),
    ]
    first = book(f"opening:{ACCOUNT}", 1, opening, ItemKind.OPENING)
    return together(first, *(part["book"] for part in made), **rows, spans=spans)


@settings(deadline=None, max_examples=50)
@given(HAPPENINGS, st.integers(0, 10**12))
def test_every_line_and_every_item_is_in_exactly_one_place(happenings: list[Any], opening: int) -> None:
    facts = facts_of(happenings, opening)
    keys, items = all_places(result(facts))
    assert sorted(keys) == sorted(x.key for x in facts.lines)
    assert sorted(items) == sorted(x.item for x in facts.items if x.kind is not ItemKind.OPENING)


@settings(deadline=None, max_examples=50)
@given(HAPPENINGS, st.integers(0, 10**12), DAYS)
def test_bank_and_book_tie_on_every_day_with_named_breaks(happenings: list[Any], opening: int, to: int) -> None:
    found = result(facts_of(happenings, opening), to=day(to))
    assert found.ties
    last = found.days[-1]
    assert last.closing - last.book == sum(one.effect for one in found.leftovers)
    for before, after in zip(found.days, found.days[1:], strict=False):
        assert before.closing == after.opening
    assert 0 <= found.explained <= found.moved
    lines = (*found.matched, *found.not_dues, *(x for x in found.returned if x.line_key is not None))
    left = [one for one in found.leftovers if one.line_key is not None]
    assert sum(x.amount for x in lines) + sum(abs(x.bank_amount or 0) for x in left) == found.moved


@settings(deadline=None, max_examples=50)
@given(HAPPENINGS, DAYS)
def test_the_list_of_everything_has_each_thing_once_and_its_totals_are_those_of_its_rows(
    happenings: list[Any], to: int
) -> None:
    facts = facts_of(happenings, 0)
    found = result(facts, to=day(to))
    rows = list(entries(found))
    seen = [row.line_key for row in rows if row.line_key is not None]
    assert sorted(seen) == sorted(x.key for x in facts.lines if x.booked_on <= day(to))
    moved = {m.item for m in facts.movements if m.on <= day(to)}
    items = [item for row in rows for item in row.items]
    assert sorted(items) == sorted(x.item for x in facts.items if x.item in moved and x.kind is not ItemKind.OPENING)
    told = [(x.settlement_id, x.number) for x in found.told if x.number is not None]
    assert sorted(told) == sorted((x.settlement_id, x.number) for x in facts.told if x.on <= day(to))
    sums = totals(found)
    assert sum(one["count"] for one in sums.values()) == len(rows)
    assert sum(one["open"] for one in sums.values()) == sum(row.open_amount for row in rows)
    for kind in sums:
        assert sums[kind]["count"] == sum(1 for _ in entries(found, kind))


@settings(deadline=None, max_examples=50)
@given(HAPPENINGS)
def test_the_three_witnesses_differ_by_named_amounts_only(happenings: list[Any]) -> None:
    found = result(facts_of(happenings, 0))
    assert all(w.ties for w in found.witnesses)
    booked = sum(w.booked for w in found.witnesses)
    clearing = [p for p in found.told if p.number is None or p.standing == "matched"]
    assert booked >= sum(p.booked or 0 for p in clearing)


@settings(deadline=None, max_examples=50)
@given(HAPPENINGS, st.integers(0, 10**12), st.integers(0, 2**32))
def test_the_order_of_facts_means_nothing(happenings: list[Any], opening: int, seed: int) -> None:
    facts = facts_of(happenings, opening)
    random = Random(seed)
    shuffled = {}
    for field in fields(facts):
        rows = getattr(facts, field.name)
        if isinstance(rows, tuple):
            shuffled[field.name] = tuple(random.sample(rows, len(rows)))
    assert result(replace(facts, **shuffled)) == result(facts)
