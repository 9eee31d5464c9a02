"""The whole life of dues in any order, beside a plain reckoning of who owes, paid, keeps and sends.

Two machines share the reckoning (``reckoning.py``) and their rules (``life_*.py``): one with the shares published from
the beginning, one in which they come late. By default they run the same few hundred steps each time; with
``DANGPHI_LIFE_EXAMPLES=2000`` they run as long as wanted, each time others, and
``DANGPHI_LIFE_VERIFY_EVERY=1`` verifies the whole log after each step.
"""

import os

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize

from tests.properties.life_dues import DuesRules
from tests.properties.life_late_share import LateShareRules
from tests.properties.life_members import MemberRules
from tests.properties.life_office import OfficeRules
from tests.properties.life_refunds import RefundRules
from tests.properties.life_upwards import UpwardRules

EXAMPLES = os.environ.get("DANGPHI_LIFE_EXAMPLES")
RUN = settings(
    max_examples=int(EXAMPLES or 40),
    stateful_step_count=40,
    deadline=None,
    derandomize=EXAMPLES is None,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate),
    report_multiple_bugs=False,
)


class LifeMachine(DuesRules, MemberRules, UpwardRules, RefundRules, OfficeRules):
    """Shares are in force; some months have been lived before the first act."""

    @initialize(lived=st.integers(0, 3), too_much=st.booleans())
    def begin(self, lived: int, too_much: bool) -> None:
        self.begin_after(lived, too_much=too_much)


class LateShareMachine(LateShareRules, DuesRules, MemberRules, RefundRules, OfficeRules):
    """No share is in force; what is collected is held until one comes."""

    @initialize(lived=st.integers(0, 2), too_much=st.booleans())
    def begin(self, lived: int, too_much: bool) -> None:
        self.begin_after(lived, too_much=too_much)


LifeMachine.TestCase.settings = RUN
LateShareMachine.TestCase.settings = RUN
TestTheWholeLifeOfDues = LifeMachine.TestCase
TestTheLifeBeforeAShareIsPublished = LateShareMachine.TestCase
