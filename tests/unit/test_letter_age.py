"""A letter of introduction: thirty working days to present it, sixty to finish, and whose turn it is."""

from datetime import date, timedelta

import pytest

from domain.letter_age import age_of
from domain.membership import TransferKind
from tests.unit.letters import letter

GIVEN = date(2026, 8, 3)  # Monday: 30 working days end on Monday 14 September, 60 on Monday 26 October


@pytest.mark.parametrize(
    ("on", "state", "who"),
    [
        (GIVEN, "waiting", "B"),
        (date(2026, 9, 14), "waiting", "B"),
        (date(2026, 9, 15), "present-late", "B"),
        (date(2026, 10, 26), "present-late", "B"),
        (date(2026, 10, 27), "finish-late", "A"),
    ],
)
def test_whose_turn_it_is_depends_on_the_age(on, state, who):
    found = age_of(letter(GIVEN), letter(GIVEN).to_unit, on)
    assert (found.state, found.who_acts) == (state, who)
    assert (found.present_by, found.finish_by) == (date(2026, 9, 14), date(2026, 10, 26))


def test_a_temporary_transfer_has_an_age_and_no_term():
    given = letter(GIVEN, TransferKind.TEMPORARY)
    found = age_of(given, given.to_unit, GIVEN + timedelta(days=365))
    assert (found.state, found.present_by, found.finish_by) == ("waiting", None, None)
    assert found.working_days > 200
