"""Whatever happened: every line and item has exactly one place, the order of facts means nothing, the sums tie."""

from dataclasses import fields, replace
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from reconciliation.facts import Facts, ItemKind, Span
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
            ("transfer", "portal", "portal-waits", "suspense", "twice", "fee", "unknown", "sending", "bag", "refund")
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


MADE = {
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
        for name in ("lines", "movements", "evidence", "payments", "names", "requests")
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
    lines = (*found.matched, *found.not_dues)
    left = [one for one in found.leftovers if one.line_key is not None]
    assert sum(x.amount for x in lines) + sum(abs(x.bank_amount or 0) for x in left) == found.moved


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
