"""Which events matching follows, by their stable names: what is read from the log for a run and nothing more."""

from typing import get_args

from domain.bank_account import AccountEvent
from domain.cash import BagCredited
from domain.closing import MonthClosed, MonthReopened
from domain.dues_account import DuesEvent
from domain.events import EVENT_NAMES
from domain.member import MemberEvent
from domain.organisation import OrganisationEvent
from domain.payment import PaymentEvent
from domain.payment_request import RequestEvent
from domain.refund import PayoutSeen
from domain.remittance import RemittanceEvent
from domain.settlement import SettlementEvent
from domain.spending import VoucherPaidByBank


def event_names() -> tuple[str, ...]:
    """The stable names of the events that matching follows."""
    followed = (
        *get_args(PaymentEvent),
        *get_args(DuesEvent),
        *get_args(RequestEvent),
        *get_args(AccountEvent),
        *get_args(MemberEvent),
        *get_args(OrganisationEvent),
        *get_args(RemittanceEvent),
        *get_args(SettlementEvent),
        MonthClosed,
        MonthReopened,
        BagCredited,
        PayoutSeen,
        VoucherPaidByBank,
    )
    return tuple(sorted(EVENT_NAMES[cls] for cls in set(followed)))
