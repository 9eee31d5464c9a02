"""Every "no" that the domain can say: a closed list of refusals, in order of precedence.

A refusal means that a rule said no: nothing was recorded, and the code says which rule. ``Malformed`` means
that input could not be read at all and never reached a rule.
"""

from enum import StrEnum


class RefusalCode(StrEnum):
    """Stable codes of the refusals; the API, the command line, the documentation and the tests use these words."""

    # Amounts and dates
    AMOUNT_NOT_INTEGER = "amount-not-integer"
    AMOUNT_OUT_OF_RANGE = "amount-out-of-range"
    AMOUNT_DIFFERS = "amount-differs"
    MONTH_MALFORMED = "month-malformed"
    MONTH_IN_FUTURE = "month-in-future"
    PERIOD_NOT_OVER = "period-not-over"
    # Access
    NOT_ALLOWED = "not-allowed"
    MAKER_IS_CHECKER = "maker-is-checker"
    ROLES_CONFLICT = "roles-conflict"
    # Organisation
    UNKNOWN_UNIT = "unknown-unit"
    UNIT_EXISTS_OTHERWISE = "unit-exists-otherwise"
    UNKNOWN_ACCOUNT = "unknown-account"
    HOLDER_NOT_ABOVE = "holder-not-above"
    NO_RECEIVING_ACCOUNT = "no-receiving-account"
    OPENING_NOT_BALANCED = "opening-not-balanced"
    OPENING_ALREADY_SIGNED = "opening-already-signed"
    PAST_TOLD_TWICE = "past-told-twice"
    PAST_DOES_NOT_ADD_UP = "past-does-not-add-up"
    UNKNOWN_PAST_IMPORT = "unknown-past-import"
    PAST_UNDO_NOT_PROPOSED = "past-undo-not-proposed"
    UNIT_ENDED = "unit-ended"
    CODE_TAKEN = "code-taken"
    UNIT_HAS_NO_MEMBERS = "unit-has-no-members"
    RESTRUCTURE_NOT_POSSIBLE = "restructure-not-possible"
    RESTRUCTURE_STATE = "restructure-state"
    # Members and dues
    UNKNOWN_MEMBER = "unknown-member"
    NOT_CLASSIFIED = "not-classified"
    OUTSIDE_PROCEDURE = "outside-procedure"
    BASE_MISSING = "base-missing"
    REGION_MISSING = "region-missing"
    ALREADY_ASSESSED = "already-assessed"
    NOT_ASSESSED = "not-assessed"
    NOTHING_DUE = "nothing-due"
    CARD_TAKEN = "card-taken"
    IDENTITY_ERASED = "identity-erased"
    MEMBERSHIP_STATE = "membership-state"
    TRANSFER_STATE = "transfer-state"
    TRANSFER_MONTHS = "transfer-months"
    RELIEF_STATE = "relief-state"
    SURPLUS_STATE = "surplus-state"
    NOT_RELEASED = "not-released"
    SPLIT_LIST_WRONG = "split-list-wrong"
    # Policy
    POLICY_ROW_NOT_FOUND = "policy-row-not-found"
    POLICY_ROW_NOT_ACTIVE = "policy-row-not-active"
    POLICY_ROW_UNKNOWN_VALUE = "policy-row-unknown-value"
    POLICY_ALREADY_ACTIVE = "policy-already-active"
    RELIEF_NOT_ALLOWED = "relief-not-allowed"
    BASE_NOT_TAKEN = "base-not-taken"
    REGION_NOT_TAKEN = "region-not-taken"
    AMOUNT_SET_BY_DECISION = "amount-set-by-decision"
    POLICY_ROW_IS_DRAFT = "policy-row-is-draft"
    POLICY_APPROVAL_INCOMPLETE = "policy-approval-incomplete"
    SETTING_NOT_ALLOWED = "setting-not-allowed"
    SHARE_OUTSIDE_RANGE = "share-outside-range"
    SET_AMOUNT_OUTSIDE_RANGE = "set-amount-outside-range"
    SET_AMOUNT_NOT_TAKEN = "set-amount-not-taken"
    EXCHANGE_RATE_INCOMPLETE = "exchange-rate-incomplete"
    # Requests and payments
    REFERENCE_MALFORMED = "reference-malformed"
    UNKNOWN_REFERENCE = "unknown-reference"
    UNKNOWN_PAYMENT = "unknown-payment"
    PAYMENT_KIND_DIFFERS = "payment-kind-differs"
    NOT_IN_SUSPENSE = "not-in-suspense"
    ATTEMPT_PENDING = "attempt-pending"
    UNKNOWN_RAIL = "unknown-rail"
    RAIL_CANNOT = "rail-cannot"
    OTHER_HOLDER = "other-holder"
    RAIL_SAID_NO = "rail-said-no"
    RAIL_AWAY = "rail-away"
    CASH_NOT_IN_HAND = "cash-not-in-hand"
    COUNT_CASE_STATE = "count-case-state"
    CUSTODY_STATE = "custody-state"
    SLIP_NUMBER_TAKEN = "slip-number-taken"
    MATCH_STALE = "match-stale"
    MATCH_NOT_AUTOMATIC = "match-not-automatic"
    HEADING_UNKNOWN = "heading-unknown"
    OWN_MONEY_SHORT = "own-money-short"
    UNKNOWN_VOUCHER = "unknown-voucher"
    VOUCHER_STATE = "voucher-state"
    LINE_ANSWERS_VOUCHER = "line-answers-voucher"
    FUND_YEAR_CLOSED = "fund-year-closed"
    # Statements
    STATEMENT_DOES_NOT_ADD_UP = "statement-does-not-add-up"
    STATEMENT_OTHER_ACCOUNT = "statement-other-account"
    STATEMENT_GAP = "statement-gap"
    STATEMENT_CONFLICTS = "statement-conflicts"
    DECISION_UNKNOWN = "decision-unknown"
    DECISION_STATE = "decision-state"
    BATCH_REFUSED = "batch-refused"
    SETTLEMENT_DOES_NOT_ADD_UP = "settlement-does-not-add-up"
    # Declarations, remittances, refunds
    ALREADY_DECLARED = "already-declared"
    NOT_DECLARED = "not-declared"
    NO_ACTIVE_SHARE = "no-active-share"
    REMITTANCE_STATE = "remittance-state"
    REMITTANCE_TOO_LARGE = "remittance-too-large"
    CHANNEL_NEEDS_REASON = "channel-needs-reason"
    REFUND_STATE = "refund-state"
    REFUND_TOO_LARGE = "refund-too-large"
    PERIOD_KIND_DIFFERS = "period-kind-differs"
    # Closing and corrections
    MONTH_CLOSED = "month-closed"
    MONTH_NOT_CLOSED = "month-not-closed"
    MONTHS_CLOSE_IN_ORDER = "months-close-in-order"
    CLOSE_NOT_CONFIRMED = "close-not-confirmed"
    CLOSE_CHECKLIST_OPEN = "close-checklist-open"
    REOPENING_NOT_REQUESTED = "reopening-not-requested"
    CORRECTION_BLOCKED = "correction-blocked"
    CORRECTION_UNKNOWN = "correction-unknown"
    UNKNOWN_RECEIPT = "unknown-receipt"
    DAY_DOES_NOT_TIE = "day-does-not-tie"
    DAY_NOT_COVERED = "day-not-covered"
    DAY_CLOSED_ALREADY = "day-closed-already"
    DAY_NOT_CLOSED = "day-not-closed"
    # Statutory books
    BOOK_BROKEN = "book-broken"
    BOOK_STATE = "book-state"
    BOOK_DIFFERS = "book-differs"
    # Commands
    COMMAND_REUSED = "command-reused"
    VERSION_MOVED = "version-moved"


#: Codes after which the same command may succeed when tried again without change.
RETRYABLE = frozenset({RefusalCode.VERSION_MOVED})


class Refusal(Exception):
    """A rule said no. ``message`` is Vietnamese and says what happened, where, and what to do next."""

    def __init__(self, code: RefusalCode, message: str, **details: object) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details

    @property
    def retryable(self) -> bool:
        """Whether the same command may succeed later without change."""
        return self.code in RETRYABLE


class Malformed(ValueError):
    """Input that cannot be read: what, where (file, row, column where known) and what to do next.

    ``code`` is a stable word for machines; an edge with a closed list of its own (VietQR) uses that list.
    """

    def __init__(self, message: str, *, where: str = "", code: str = "malformed") -> None:
        super().__init__(f"{where}: {message}" if where else message)
        self.message = message
        self.where = where
        self.code = code
