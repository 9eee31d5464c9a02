"""By which actions each event may come about (I20): the table that an audit replays every command against."""

from collections.abc import Mapping

from domain.access import Action

_A = Action
_COLLECTING = (_A.RECEIVE_NOTICE, _A.RECORD_CASH, _A.IMPORT_STATEMENT, _A.PLACE_MONEY)
_REFERENCES = (_A.REQUEST_PAYMENT, _A.OPEN_ATTEMPT, _A.HAND_OVER_CASH, _A.PREPARE_REMITTANCE, _A.PAY_REFUND)
_WITNESSING = (_A.RECEIVE_NOTICE, _A.IMPORT_STATEMENT)

#: By which actions each event may come about (I20). Every event has a row.
ALLOWED: Mapping[str, tuple[Action, ...]] = {
    **dict.fromkeys(
        (
            "policy-rate-activated",
            "policy-wage-activated",
            "policy-cap-activated",
            "policy-relief-activated",
            "policy-rounding-activated",
            "policy-share-activated",
            "policy-setting-activated",
        ),
        (_A.ACTIVATE_POLICY,),
    ),
    **dict.fromkeys(
        ("unit-registered", "bank-account-registered", "holder-assigned", "wage-region-assigned"), (_A.SET_UP,)
    ),
    "role-granted": (_A.GRANT_ROLE,),
    "second-person-set": (_A.GRANT_ROLE,),
    "opening-entered": (_A.ENTER_OPENING,),
    "opening-signed": (_A.SIGN_OPENING,),
    **dict.fromkeys(
        ("member-enrolled", "standing-declared", "income-base-declared", "opening-credit-carried"),
        (_A.IMPORT_ROSTER,),
    ),
    # A relief found late holds from its month on.
    "relief-granted": (_A.IMPORT_ROSTER, _A.APPROVE_REFUND, _A.RESTATE_DUES),
    # Arrears of an imported list are assessed as they come in, and credit answers for them at once.
    "dues-assessed": (_A.ASSESS, _A.IMPORT_ROSTER),
    "credit-applied": (_A.ASSESS, _A.IMPORT_ROSTER),
    # Whatever touches a member's account first in a year opens it with what the year before left.
    "dues-year-opened": (
        *_COLLECTING,
        _A.ASSESS,
        _A.IMPORT_ROSTER,
        _A.REQUEST_PAYMENT,
        _A.OPEN_ATTEMPT,
        _A.REQUEST_REFUND,
        _A.APPROVE_REFUND,
    ),
    "payment-applied": _COLLECTING,
    "credit-held": _COLLECTING,
    "credit-released": (_A.APPROVE_REFUND,),
    "application-undone": (_A.APPROVE_REFUND, _A.RESTATE_DUES),
    "relief-recognised": (_A.APPROVE_REFUND, _A.RESTATE_DUES),
    "counters-reserved": _REFERENCES,
    "payment-requested": _REFERENCES,
    "request-answered": _WITNESSING,
    "payment-received": (_A.RECEIVE_NOTICE, _A.RECORD_CASH, _A.IMPORT_STATEMENT),
    "witness-added": _WITNESSING,
    "payment-credited": (_A.IMPORT_STATEMENT,),
    "payment-conflicted": _WITNESSING,
    "suspense-identified": (_A.PLACE_MONEY,),
    "suspense-released": (_A.APPROVE_REFUND,),
    "suspense-named": (_A.PLACE_MONEY,),
    "cash-converted": _WITNESSING,
    "cash-bag-taken": (_A.HAND_OVER_CASH,),
    "cash-bag-credited": (_A.IMPORT_STATEMENT,),
    "cash-passed-to-holder": (_A.HAND_OVER_CASH,),
    "statement-imported": (_A.IMPORT_STATEMENT,),
    "movement-named": (_A.IMPORT_STATEMENT, _A.PLACE_MONEY),
    "lines-placed": (_A.IMPORT_STATEMENT, _A.PLACE_MONEY, _A.ACKNOWLEDGE_REMITTANCE),
    "receipt-issued": (*_COLLECTING, _A.ISSUE_RECEIPT),
    "period-declared": (_A.DECLARE,),
    "period-held": (_A.DECLARE,),
    "declaration-restated": (_A.APPROVE_REFUND,),
    "unsplit-reduced": (_A.APPROVE_REFUND,),
    "declaration-announced": (_A.ACKNOWLEDGE_REMITTANCE,),
    "remittance-prepared": (_A.PREPARE_REMITTANCE,),
    "remittance-approved": (_A.APPROVE_REMITTANCE,),
    "claw-back-netted": (_A.APPROVE_REMITTANCE,),
    # The superior's credit, or its cashier, may prove a sending that nobody had recorded.
    "remittance-sent": (_A.SEND_REMITTANCE, _A.RECEIVE_NOTICE, _A.IMPORT_STATEMENT, _A.ACKNOWLEDGE_REMITTANCE),
    "sending-seen": (_A.IMPORT_STATEMENT,),
    "sending-corrected": (_A.CORRECT_REMITTANCE,),
    "remittance-received": (_A.IMPORT_STATEMENT, _A.ACKNOWLEDGE_REMITTANCE, _A.CORRECT_REMITTANCE),
    "remittance-disputed": (_A.DISPUTE_REMITTANCE,),
    "dispute-explained": (_A.CORRECT_REMITTANCE,),
    "settled-from-held": (_A.ACKNOWLEDGE_REMITTANCE,),
    "refund-requested": (_A.REQUEST_REFUND,),
    "refund-approved": (_A.APPROVE_REFUND,),
    "refund-taken-from-unsplit": (_A.APPROVE_REFUND,),
    "refund-paid-out": (_A.PAY_REFUND,),
    "payout-seen": (_A.IMPORT_STATEMENT,),
    "payout-failed": (_A.IMPORT_STATEMENT, _A.PAY_REFUND),
}

#: Events about a unit elsewhere than beneath the one acted for: a payee above, levels above, the whole tree.
ELSEWHERE = frozenset(
    {
        "unit-registered",
        "bank-account-registered",
        "holder-assigned",
        "wage-region-assigned",
        "role-granted",
        "second-person-set",
        "payment-requested",
        "declaration-restated",
        "unsplit-reduced",
        "declaration-announced",
        "remittance-received",
    }
)
