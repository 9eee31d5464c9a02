"""Names in a text: whose they are, whose they are not, and what is owed by those who are named together."""

from typing import Any

from domain.match import Code, Rule
from domain.notice import Direction
from domain.return_words import words
from reconciliation.match.engine import match
from reconciliation.match.left import everything
from reconciliation.match.named import one_month_each, people_in
from reconciliation.match.values import Claim, MoneyIn, NearReference
from tests.matching import OTHER, R1, R2, money, owes

CHAU = owes("chau", 60_000, name="LE THI CHAU")
DUNG = owes("dung", 75_000, name="TRAN VAN DUNG")
DUNG_LATER = owes("dung", 75_000, name="TRAN VAN DUNG", month="2026-08")
LONG = owes("long", 80_000, name="LE THI CHAU LONG")


def text(amount: int, content: str, *references: str, **more: Any) -> MoneyIn:
    return money("m", amount, *references, tokens=words(content), **more)


def people(content: str, *claims: Claim) -> tuple[tuple[str, ...], ...]:
    return people_in(text(1, content), everything((), claims).index)


def test_each_name_is_found_in_the_order_of_the_text() -> None:
    assert people("Trần Văn Dũng và Lê Thị Châu nộp", CHAU, DUNG) == (("dung",), ("chau",))


def test_nobody_is_found_within_anothers_name() -> None:
    assert people("LE THI CHAU LONG nop", CHAU, LONG) == (("long",),)
    assert people("LE THI CHAUX", CHAU) == ()
    assert people("DUNG", DUNG) == ()


def test_namesakes_are_told_together() -> None:
    assert people("LE THI CHAU", CHAU, owes("other", 60_000, name="LE THI CHAU")) == (("chau", "other"),)


def test_two_who_are_named_and_owe_the_sum_are_suggested_and_never_posted() -> None:
    (pair,) = match([text(135_000, "LE THI CHAU, TRAN VAN DUNG dang phi")], [CHAU, DUNG, DUNG_LATER]).pairs
    assert (pair.rule, set(pair.claims)) == (Rule.COVERING_SET, {CHAU.key, DUNG.key})
    assert pair.confidence < 9_000


def test_two_of_whom_one_has_a_namesake_are_not_taken_for_a_set() -> None:
    twin = owes("other", 60_000, name="LE THI CHAU")
    result = match([text(135_000, "LE THI CHAU, TRAN VAN DUNG")], [CHAU, twin, DUNG])
    assert not any(any(e.code is Code.NAME_SAME for e in pair.evidence) for pair in result.pairs)


def test_the_month_that_is_named_goes_before_the_older_one() -> None:
    left = everything((), [CHAU, owes("chau", 60_000, month="2026-08"), DUNG, DUNG_LATER])
    ids = [claim.member_id for claim in (CHAU, DUNG) if claim.member_id is not None]
    older = one_month_each(left, text(135_000, "dang phi"), ids)
    named = one_month_each(left, text(135_000, "dang phi T8"), ids)
    assert [{claim.month for claim in chosen} for chosen in older] == [{"2026-07"}, {"2026-08"}]
    assert [{claim.month for claim in chosen} for chosen in named] == [{"2026-08"}]
    assert one_month_each(left, text(1, "dang phi"), ids) == []


def test_a_named_member_is_shown_beside_an_odd_amount() -> None:
    (left,) = match([text(61_500, "LE THI CHAU dang phi")], [CHAU, DUNG]).unmatched
    assert [candidate.claims for candidate in left.candidates] == [(CHAU.key,)]


def test_one_on_another_account_is_no_part_of_a_set() -> None:
    there = owes("dung", 75_000, name="TRAN VAN DUNG", account_id=OTHER)
    assert match([text(135_000, "LE THI CHAU, TRAN VAN DUNG")], [CHAU, there]).pairs == ()


def test_more_than_one_reference_owes_goes_to_whom_the_text_points_besides() -> None:
    mine, other = owes("a", 60_000, R1), owes("b", 75_000, R2, name="TRAN VAN DUNG")
    slip = NearReference(reference=R2, slip="wrong-character", position=5)
    for waiting in (text(135_000, "x", R1, near=(slip,)), text(135_000, "va Tran Van Dung", R1)):
        (pair,) = match([waiting], [mine, other]).pairs
        assert {part.claim: part.amount for part in pair.parts} == {mine.key: 60_000, other.key: 75_000}
        assert pair.over == 0
        assert pair.confidence < 9_000
    # Money out is never dues, whoever is named.
    out = text(135_000, "LE THI CHAU, TRAN VAN DUNG", direction=Direction.OUT)
    assert match([out], [CHAU, DUNG]).pairs == ()
