"""Many facts copied at once make the same account as one fact after the other."""

from dataclasses import replace
from datetime import date
from functools import reduce

from hypothesis import given
from hypothesis import strategies as st

from domain.bank_account import (
    EMPTY,
    AccountEvent,
    LineAlias,
    LinesPlaced,
    MovementNamed,
    NotDues,
    Placement,
    StatementImported,
    StatementLine,
    StatementTakenBack,
    StatementWitnessed,
    evolve,
)
from domain.bank_account_fold import fold
from domain.identifiers import AccountId, UnitId
from domain.notice import Direction

ACCOUNT, UNIT, DAY = AccountId("970436:1"), UnitId("A"), date(2026, 7, 1)
REFERENCES = st.sampled_from([None, "FT1", "FT2"])


def imported(number: int, references: list[str | None]) -> StatementImported:
    """A file whose lines carry these numbers of the bank."""
    lines = tuple(
        StatementLine(
            key=f"{number}/{place}",
            booked_on=DAY,
            direction=Direction.OUT if place % 4 == 3 else Direction.IN,
            amount=1_000,
            bank_reference=reference,
            references=(),
            bank_code=None,
            is_reversal=False,
            payer_key=None,
            evidence_id=None,
        )
        for place, reference in enumerate(references)
    )
    return StatementImported(
        account_id=ACCOUNT,
        unit_id=UNIT,
        file_digest=f"f{number}",
        format="csv",
        from_date=DAY,
        to_date=DAY,
        opening=number,
        closing=number,
        credits=0,
        debits=0,
        line_count=len(lines),
        lines=lines,
    )


def follow(told: StatementImported, *, gone: bool) -> list[AccountEvent]:
    """What may come after a file."""
    keys = tuple(line.key for line in told.lines)
    found: list[AccountEvent] = [told]
    if keys:
        placed = Placement(key=keys[0], outcome="suspense", target="x")
        found.append(LinesPlaced(account_id=ACCOUNT, placements=(placed,)))
        found.append(
            MovementNamed(
                account_id=ACCOUNT,
                unit_id=UNIT,
                bank_line=keys[-1],
                what=NotDues.FEE,
                heading="h",
                amount=1_000,
                booked_on=DAY,
                ground="g",
                named_by="b",
            )
        )
    found.append(
        StatementWitnessed(
            account_id=ACCOUNT,
            unit_id=UNIT,
            file_digest=f"w{told.file_digest}",
            format="xlsx",
            from_date=DAY,
            to_date=DAY,
            opening=told.opening,
            closing=told.closing,
            aliases=tuple(LineAlias(key=f"w{key}", line=key) for key in keys),
        )
    )
    if gone:
        found.append(
            StatementTakenBack(
                account_id=ACCOUNT,
                unit_id=UNIT,
                file_digest=told.file_digest,
                from_date=DAY,
                to_date=DAY,
                opening=told.opening,
                closing=told.closing,
                bank_lines=keys,
                reason="r",
                decision="d",
                correction_id="c",
                taken_back_on=DAY,
            )
        )
    return found


@given(st.lists(st.tuples(st.lists(REFERENCES, max_size=6), st.booleans()), max_size=5), st.integers(0, 30))
def test_a_fold_in_one_go_or_in_two_is_the_fold_one_by_one(
    files: list[tuple[list[str | None], bool]], cut: int
) -> None:
    events = [e for n, (refs, gone) in enumerate(files) for e in follow(imported(n, refs), gone=gone)]
    one_by_one = reduce(evolve, events, EMPTY)
    assert fold(EMPTY, events) == one_by_one
    first = fold(EMPTY, events[:cut])
    before = replace(first)
    assert fold(first, events[cut:]) == one_by_one
    assert first == before


def test_credits_that_share_a_number_are_told_apart_in_their_order() -> None:
    state = fold(EMPTY, [imported(0, ["FT1", "FT1", None, "FT1", "FT1"])])
    assert dict(state.repeats) == {"0/1": 2, "0/4": 3}
    assert state.bank_references["FT1"] == 3
