"""Signing a book: the preparer first, then another person, and the same bytes."""

from dataclasses import replace
from datetime import date

import pytest

from domain import book
from domain.book import BookSigned, ColumnName, Digests, Figure, ReportColumnSet, SignedAs
from domain.errors import Refusal, RefusalCode
from domain.identifiers import UnitId

PREPARED = BookSigned(
    unit_id=UnitId("VH"),
    kind="b01",
    subject="",
    period="2026-07",
    position=312,
    tree_version=94,
    policy_version=69,
    figures=(Figure(name="02", amount=841_094),),
    digests=Digests(json="j", xlsx="x", pdf="p", template="t", inputs="i"),
    inputs_id="1",
    signed_as=SignedAs.PREPARER,
    signed_by="VH-KT",
    signed_on=date(2026, 8, 13),
)
APPROVED = replace(PREPARED, signed_as=SignedAs.COMMITTEE, signed_by="VH-CU")


def _after(*events: BookSigned) -> book.Books:
    state = book.NONE
    for event in events:
        state = book.evolve(state, event)
    return state


def test_two_people_sign_one_after_the_other() -> None:
    assert book.sign(book.NONE, PREPARED) == (PREPARED,)
    assert book.sign(_after(PREPARED), APPROVED) == (APPROVED,)
    state = _after(PREPARED, APPROVED)
    assert book.is_complete(state, PREPARED)
    assert not book.is_complete(_after(PREPARED), PREPARED)


def test_the_same_signature_again_adds_nothing() -> None:
    assert book.sign(_after(PREPARED), PREPARED) == ()
    assert book.sign(_after(PREPARED, APPROVED), replace(APPROVED, signed_on=date(2026, 8, 20))) == ()


@pytest.mark.parametrize(
    ("state", "asked", "code"),
    [
        (book.NONE, APPROVED, RefusalCode.BOOK_STATE),
        (_after(PREPARED), replace(APPROVED, signed_by="VH-KT"), RefusalCode.MAKER_IS_CHECKER),
        (_after(PREPARED), replace(APPROVED, position=313), RefusalCode.BOOK_DIFFERS),
        (_after(PREPARED), replace(APPROVED, digests=replace(PREPARED.digests, pdf="q")), RefusalCode.BOOK_DIFFERS),
        (_after(PREPARED), replace(APPROVED, period="2026-08"), RefusalCode.BOOK_STATE),
    ],
)
def test_the_committee_signs_only_what_another_person_prepared(
    state: book.Books, asked: BookSigned, code: RefusalCode
) -> None:
    with pytest.raises(Refusal) as refused:
        book.sign(state, asked)
    assert refused.value.code is code


def test_a_new_version_of_a_book_is_prepared_anew_and_the_old_signatures_stay() -> None:
    later = replace(PREPARED, position=400, digests=replace(PREPARED.digests, json="k"))
    state = _after(PREPARED, APPROVED, later)
    assert book.last_prepared(state, kind="b01", subject="", period="2026-07") == later
    assert book.is_complete(state, PREPARED)
    assert not book.is_complete(state, later)


def test_the_column_of_a_unit_is_decided_once_by_a_document() -> None:
    asked = ReportColumnSet(
        unit_id=UnitId("DN"), column=ColumnName.ENTERPRISE, document="QD-1", set_by="HP-VP", set_on=date(2026, 8, 1)
    )
    assert book.set_column(book.NONE, asked) == (asked,)
    state = book.evolve(book.NONE, asked)
    assert book.set_column(state, replace(asked, set_on=date(2026, 8, 2))) == ()
    assert book.set_column(state, replace(asked, document="QD-2")) != ()
