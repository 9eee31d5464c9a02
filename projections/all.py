"""The list of all projections, in the order in which they are brought forward."""

from projections.attempts import ATTEMPTS
from projections.audit_trail import AUDIT_TRAIL
from projections.balances import BALANCES
from projections.bank_lines import BANK_LINES
from projections.cash_book import CASH_BOOK
from projections.declarations import DECLARATIONS
from projections.journal import JOURNAL
from projections.member_statement import MEMBER_STATEMENT
from projections.member_units import MEMBER_UNITS
from projections.members import MEMBERS
from projections.payment_requests import PAYMENT_REQUESTS
from projections.payments import PAYMENTS
from projections.projection import Projection
from projections.receipts import RECEIPTS
from projections.refunds import REFUNDS
from projections.remittances import REMITTANCES
from projections.settlements import SETTLEMENTS
from projections.units import UNITS

PROJECTIONS: tuple[Projection, ...] = (
    UNITS,
    JOURNAL,
    BALANCES,
    MEMBERS,
    MEMBER_UNITS,
    MEMBER_STATEMENT,
    PAYMENT_REQUESTS,
    ATTEMPTS,
    PAYMENTS,
    BANK_LINES,
    SETTLEMENTS,
    CASH_BOOK,
    DECLARATIONS,
    REMITTANCES,
    REFUNDS,
    RECEIPTS,
    AUDIT_TRAIL,
)
