"""Check on amounts (I2): whole đồng, within bounds, on every event that carries money."""

from collections.abc import Mapping
from typing import Any

from domain import (
    attempt,
    bank_account,
    book,
    cash,
    cash_count,
    cash_custody,
    cash_return,
    channel_case,
    closing,
    correction,
    day_close,
    declaration,
    dues_account,
    dues_corrections,
    dues_moves,
    dues_reserved,
    held_passed,
    match,
    member,
    member_amount,
    open_item,
    opening,
    passed_on,
    past,
    payment,
    payment_channels,
    payment_request,
    refund,
    refund_cases,
    refund_channel,
    remittance,
    remittance_cases,
    restructuring,
    settlement,
    settlement_failed,
    spending,
    suspense_reserved,
)
from domain import receipt_book as receipts
from domain.money import AMOUNT_CAP
from ledger.checks.base import Finding, Findings, World
from ledger.posting import Line
from ledger.store import Recorded

#: Amounts of each event in đồng: field → the least it may be. A field may be None where nothing was stated.
#: "items.applied" means the field of each element of a tuple or of a nested value.
AMOUNTS: Mapping[type, Mapping[str, int]] = {
    opening.OpeningEntered: {
        f"figures.{name}": 0
        for name in ("bank", "cash", "fund", "credit", "arrears", "ytd_collected", "ytd_kept", "ytd_remitted")
    },
    opening.OpeningSigned: dict.fromkeys(
        ("bank", "cash", "fund", "credit", "arrears", "ytd_collected", "ytd_kept", "ytd_remitted"), 0
    ),
    past.PastImported: {
        **dict.fromkeys(("members.paid", "months.collected", "months.kept", "months.sent"), 0),
    },
    member.IncomeBaseDeclared: {"amount": 1},
    dues_account.DuesAssessed: {"base": 1, "cap": 1, "gross": 0, "relieved": 0, "due": 0},
    dues_account.PaymentApplied: {"amount": 1},
    dues_account.CreditHeld: {"amount": 1},
    dues_account.OpeningCreditCarried: {"amount": 1},
    dues_account.CreditApplied: {"amount": 1},
    dues_account.CreditReleased: {"amount": 1},
    dues_reserved.CreditReserved: {"amount": 1},
    dues_reserved.CreditUnreserved: {"amount": 1},
    dues_account.ApplicationUndone: {"amount": 1},
    dues_account.ReliefRecognised: {"amount": 1},
    dues_moves.ObligationMoved: {"amount": 1},
    dues_moves.CreditMoved: {"amount": 1},
    dues_moves.MonthWaived: {"amount": 1},
    dues_account.DuesAdjusted: {
        **dict.fromkeys(("gross_up", "gross_down", "relieved_up", "relieved_down"), 0),
        **dict.fromkeys(("applied_before", "undone", "to_credit", "to_ahead"), 0),
        **{f"{side}.{name}": 0 for side in ("before", "after") for name in ("gross", "relieved", "due")},
    },
    dues_account.CollectedAhead: {"amount": 1},
    dues_account.AheadApplied: {"amount": 1},
    dues_account.AheadReturned: {"amount": 1},
    dues_account.SurplusDeclared: {"amount": 1},
    dues_account.SurplusAccepted: {"amount": 1},
    dues_account.SurplusRejected: {"amount": 1},
    dues_account.PendingCarried: {"ahead": 0, "surpluses.amount": 1},
    member_amount.AmountSet: {"amount": 1},
    dues_account.YearOpened: {"items.assessed": 0, "items.relieved": 0, "items.applied": 0, "credit": 0},
    payment_request.PaymentRequested: {"amount": 1, "lines.amount": 1},
    payment_request.RequestAnswered: {"amount": 1},
    attempt.AttemptOpened: {"amount": 1},
    payment_request.RequestWithdrawn: {"owed": 0},
    payment.PaymentReceived: {
        "amount": 1,
        "dues_amount": 0,
        "credit_amount": 0,
        "converted_amount": 0,
        "suspense_amount": 0,
    },
    payment.WitnessAdded: {"amount": 1},
    payment.PaymentCredited: {"amount": 1, "fee": 0, "credited": 0},
    payment.PaymentConflicted: {"stated": 0, "expected": 0},
    payment.SuspenseIdentified: {"amount": 1, "dues_amount": 0, "credit_amount": 0},
    match.MatchAccepted: {"amount": 1, "parts.amount": 1, "parts.waiting": 1, "parts.owed": 0},
    payment.SuspenseReleased: {"amount": 1},
    suspense_reserved.SuspenseReserved: {"amount": 1},
    suspense_reserved.SuspenseUnreserved: {"amount": 1},
    payment.SuspenseNamed: {"amount": 1},
    held_passed.HeldMoneyPassed: {"amount": 1},
    payment.SuspenseForRemittance: {"amount": 1},
    payment.CashConverted: {"amount": 1},
    cash.BagTakenToBank: {"amount": 1},
    cash.BagCredited: {"amount": 1},
    cash.CashPassedToHolder: {"amount": 1},
    cash.CashDrawn: {"amount": 1},
    cash_count.CashCounted: {"notes.value": 1, **dict.fromkeys(("counted", "booked", "shortage", "surplus"), 0)},
    cash_count.ShortageMadeGood: {"amount": 1},
    cash_count.ShortageWrittenOff: {"amount": 1},
    cash_custody.CustodyOffered: {"counted": 0},
    cash_return.HeldCashReturned: {"amount": 1},
    cash_custody.CustodyAccepted: {"counted": 0},
    spending.VoucherProposed: {"amount": 1},
    spending.VoucherApproved: {"amount": 1, "booked": 0},
    spending.VoucherPaidByBank: {"amount": 1},
    spending.VoucherVoided: {"booked": 0},
    # More may have come back by void vouchers than was spent.
    spending.FundYearClosed: {
        "from_retained": -AMOUNT_CAP,
        "from_other": -AMOUNT_CAP,
        "lines.debit": 0,
        "lines.credit": 0,
    },
    # A bank may state an overdrawn balance, which is a fact and no fault of ours.
    bank_account.StatementImported: {
        "opening": -AMOUNT_CAP,
        "closing": -AMOUNT_CAP,
        "credits": 0,
        "debits": 0,
        "lines.amount": 1,
    },
    bank_account.MovementNamed: {"amount": 1},
    day_close.AccountDayClosed: {
        **dict.fromkeys(("opening", "closing", "book", "suspense", "parts.amount", "told", "told_booked"), -AMOUNT_CAP),
        **dict.fromkeys(("money_in", "money_out", "moved", "explained"), 0),
    },
    bank_account.StatementWitnessed: {"opening": -AMOUNT_CAP, "closing": -AMOUNT_CAP},
    open_item.DecisionProposed: {"decision.amount": 0},
    open_item.DecisionTaken: {"decision.amount": 0},
    open_item.SuspenseWrittenOff: {"amount": 1},
    open_item.CreditAccepted: {"amount": 1, "fee": 0, "credited": 1},
    open_item.SuspenseToCredit: {"amount": 1},
    open_item.SuspenseWaitsAgain: {"amount": 1},
    receipts.ReceiptIssued: {"amount": 1},
    # A figure of a signed book may be negative: a refund in a month in which nothing came in.
    book.BookSigned: {"figures.amount": -AMOUNT_CAP},
    declaration.PeriodDeclared: {
        **dict.fromkeys(("own_collected", "from_subordinates", "collected", "kept", "payable"), 0),
        "subordinates.amount": 0,
    },
    declaration.PeriodHeld: {"collected": 0},
    declaration.HeldFromBelow: {"subordinates.amount": 0},
    declaration.HeldPeriodAllocated: {
        **dict.fromkeys(("own_collected", "from_subordinates", "collected", "kept", "payable"), 0),
        "subordinates.amount": 0,
    },
    declaration.DeclarationCorrected: {"reduced_by": 1, "collected_after": 0, "kept_part": 0, "passed_part": 0},
    declaration.DeclarationRestated: {"reduced_by": 1, "collected_after": 0, "kept_part": 0, "passed_part": 0},
    declaration.UnsplitReduced: {"amount": 1},
    declaration.DeclarationAnnounced: {"payable": 0},
    remittance.RemittancePrepared: {"amount": 0, "netted": 0},
    remittance.ClawBackNetted: {"amount": 1},
    remittance.RemittanceSent: {"amount": 1},
    remittance.SendingSeen: {"amount": 1},
    remittance.SendingCorrected: {"difference": 1},
    remittance.RemittanceReceived: {"amount": 1},
    remittance.RemittanceDisputed: {"expected": 0, "seen": 0},
    remittance.SettledFromHeld: {"amount": 1},
    remittance_cases.InterimPrepared: {"amount": 1},
    remittance_cases.InterimReceived: {"amount": 1},
    remittance_cases.InterimSettled: {"amount": 1},
    remittance_cases.RemittanceReturned: {"amount": 1},
    remittance_cases.RemittanceMisrouted: {"amount": 1},
    remittance_cases.RemittancePassedOn: {"amount": 1},
    refund.RefundRequested: {
        "amount": 1,
        "relief_amount": 0,
        **{
            f"parts.{name}": 0
            for name in (
                "taken",
                "collected_after",
                "kept_before",
                "kept_after",
                "kept_part",
                "passed_part",
                "unsplit_part",
            )
        },
    },
    refund.RefundTakenFromUnsplit: {"amount": 1},
    refund.RefundPaidOut: {"amount": 1},
    refund.PayoutSeen: {"amount": 1},
    refund.PayoutFailed: {"amount": 1},
    refund_channel.RefundReported: {"amount": 1},
    # A settlement's sums are negative where more was given back than taken in.
    settlement.SettlementTold: {
        **dict.fromkeys(("amount", "fees", "net"), -AMOUNT_CAP),
        **{f"lines.{name}": -AMOUNT_CAP for name in ("amount", "fee", "net")},
    },
    settlement.SettlementPartBooked: dict.fromkeys(("fee", "fee_back", "taken", "given"), 0),
    settlement.SettlementDiffered: {"stated": -AMOUNT_CAP, "expected": -AMOUNT_CAP},
    settlement.SettlementLumpSeen: {"amount": -AMOUNT_CAP},
    settlement.SettlementLumpCredited: {"amount": -AMOUNT_CAP, **dict.fromkeys(("credited", "netted", "added"), 0)},
    settlement.SettlementLumpTakenBack: {"amount": -AMOUNT_CAP},
    settlement_failed.SettlementFailed: {"amount": -AMOUNT_CAP},
    settlement_failed.SettlementLumpReturned: {
        "amount": -AMOUNT_CAP,
        **dict.fromkeys(("gross", "fees", "credited", "netted", "added"), 0),
    },
    payment_channels.SuspenseToLump: {"amount": 1},
    payment_channels.CreditReturned: {"amount": 1},
    payment_channels.SuspenseToCase: {"amount": 1},
    channel_case.CaseTold: dict.fromkeys(("taken", "given", "moved_out", "moved_in"), 0),
    channel_case.CaseClosed: {"borne": 0, "opened": 0},
    channel_case.CaseReopened: {"amount": 1},
    closing.MonthClosed: {"explanations.amount": 0},
    correction.CorrectionProposed: {"amount": 1},
    correction.EntryReversed: {"amount": 1, "lines.debit": 0, "lines.credit": 0},
    payment.MatchUndone: {"amount": 1, "dues_amount": 0, "credit_amount": 0},
    payment.PaymentTakenBack: {"amount": 1},
    payment.CreditTakenBack: {"amount": 1},
    dues_corrections.PaymentUnapplied: {"amount": 1, "assessed": 0, "relieved": 0, "applied_before": 0},
    dues_corrections.CreditUnheld: {"amount": 1},
    dues_corrections.CreditUnapplied: {"amount": 1, "assessed": 0, "relieved": 0, "applied_before": 0},
    cash.BagCreditUndone: {"amount": 1},
    bank_account.StatementTakenBack: {"opening": -AMOUNT_CAP, "closing": -AMOUNT_CAP},
    refund_cases.ClawBackSent: {"amount": 1},
    refund_cases.ClawBackReceived: {"amount": 1},
    restructuring.RestructurePlanned: {"funds.amount": 1},
    restructuring.BalancesHandedOver: {"lines.debit": 0, "lines.credit": 0},
    passed_on.PayablePassed: {"amount": 1},
    passed_on.PayableInherited: {"amount": 1, "outstanding": 0},
    passed_on.SuspenseTakenOver: {"amount": 1},
}


class AmountsChecker:
    """I2: amounts are whole đồng within bounds."""

    events = frozenset(AMOUNTS)

    def __init__(self, world: World) -> None:
        self._found = Findings()
        self._plain = {
            cls: tuple((name, least) for name, least in fields.items() if "." not in name)
            for cls, fields in AMOUNTS.items()
        }
        self._nested: dict[type, tuple[tuple[str, str, int], ...]] = {
            cls: tuple((name.split(".")[0], name.split(".")[1], least) for name, least in fields.items() if "." in name)
            for cls, fields in AMOUNTS.items()
        }

    def see(self, recorded: Recorded, lines: tuple[Line, ...]) -> None:
        """Look at each amount of the event."""
        event: Any = recorded.event
        for name, least in self._plain[type(event)]:
            value = getattr(event, name)
            if (type(value) is not int or not least <= value <= AMOUNT_CAP) and value is not None:
                self._wrong(recorded, name, value, least)
        for outer, inner, least in self._nested[type(event)]:
            held = getattr(event, outer)
            for part in held if isinstance(held, tuple) else (held,):
                value = getattr(part, inner)
                if type(value) is not int or not least <= value <= AMOUNT_CAP:
                    self._wrong(recorded, f"{outer}.{inner}", value, least)

    def _wrong(self, recorded: Recorded, name: str, value: object, least: int) -> None:
        self._found.add(
            "I2",
            f"Sự kiện «{recorded.name}», trường {name}: {value!r} không phải số đồng nguyên từ {least} đến "
            f"{AMOUNT_CAP}. Đối chiếu với chứng từ gốc; sửa bằng sự kiện mới, không sửa dòng này.",
            recorded,
        )

    def finish(self) -> tuple[Finding, ...]:
        """What was found."""
        return self._found.all()
