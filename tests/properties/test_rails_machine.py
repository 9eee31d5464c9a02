"""Every channel of money in any order, beside the plain reckoning: attempts, settlements, statements, decisions.

It shares the reckoning and the comparison with the life machines; ``DANGPHI_LIFE_EXAMPLES`` and
``DANGPHI_LIFE_VERIFY_EVERY`` mean the same here.
"""

from typing import Any, cast

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from tests.properties.life_base import LAST_MONTH, WHO
from tests.properties.life_dues import DuesRules
from tests.properties.life_statements import StatementRules
from tests.properties.test_life_machine import EXAMPLES, RUN


class RailsMachine(StatementRules):
    """July is owed and asked for; dues change now and then, so that codes and attempts grow old."""

    _income = DuesRules._income
    #: Left to the other machines.
    a_released_member_pays_ahead = None  # type: ignore[assignment]  # a rule that is not wanted here

    @initialize()
    def begin(self) -> None:
        self.set_up()

    @precondition(lambda self: self.month < LAST_MONTH)
    @rule(days=st.integers(1, 27))
    def a_month_begins(self, days: int) -> None:
        cast(Any, DuesRules.a_month_begins)(self, days)

    @rule(name=WHO, back=st.integers(0, 2), change=st.sampled_from([50, 80, 110, 200]))
    def an_income_is_restated(self, name: int, back: int, change: int) -> None:
        if name % 2:
            earning = [who for who, person in self.r.people.items() if person["bases"]]
            told = list(self.r.people).index(earning[name % len(earning)])
            self.a_member_says_that_he_has_transferred(told, back)
        cast(Any, DuesRules.an_income_is_restated)(self, name, back, change)
        self.codes_told_of_stand()
        self.codes_are_issued_again()


RailsMachine.TestCase.settings = settings(RUN, max_examples=int(EXAMPLES or 50))
TestEveryChannelInAnyOrder = RailsMachine.TestCase
