"""What a channel says it settled: a portal's file of the day after, or a gateway's payout, line by line.

A settlement is one more witness of payments that notifications told of, and it says which of them one lump on the
bank account stands for. Control totals are part of it: a settlement that does not add up is refused whole (payments
§7.3). One stream per settlement: "settlement/<rail>/<id>", where the id of a channel that pays in lumps is the word by
which the bank's line names it, so that line and settlement meet whichever came first.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import assert_never

from domain.errors import Refusal, RefusalCode
from domain.identifiers import AccountId, PaymentId, UnitId
from domain.money import Dong
from domain.period import day_of
from domain.settlement_failed import SettlementFailed, SettlementFailure, SettlementLumpReturned

#: How the bank's line names a lump of a channel that pays many payments at once (payments §5: payout; §3.3: the
#: settlement file of the day). That the line carries these words is assumed.
LUMP_WORDS = {
    "gateway": re.compile(r"(?<![0-9A-Z])(PO[_\- ]?(?=[0-9A-Z]*[A-Z])[0-9][0-9A-Z]{11,39})(?![0-9A-Z])"),
    "portal": re.compile(
        r"(?<![0-9A-Z])QUYET TOAN[ _.\-]?(20[0-9]{6}[ _.\-]?[A-Z][0-9A-Z]{0,49}(?:[ _.\-][0-9]{1,6})?)(?![0-9A-Z])"
    ),
}

#: Channels that never pay otherwise. Whether the portal does is agreed for each installation (ledger.work.Settings).
ALWAYS_IN_LUMPS = frozenset({"gateway"})

#: Stands between a file's name and the account number, where one file tells of the lumps of several accounts.
OF_ACCOUNT = "@"

_PLAIN = re.compile(rf"[^0-9A-Z{OF_ACCOUNT}]")


def pays_in_lumps(rail: str) -> bool:
    """Whether every bank line of this channel stands for many payments and never for one of them."""
    return rail in ALWAYS_IN_LUMPS


def is_lump(told: "SettlementTold | Settlement") -> bool:
    """Whether the bank books a settlement as one line; otherwise it books each of its payments."""
    return told.bank_words is not None or pays_in_lumps(told.rail)


def key_of(words: str) -> str:
    """A settlement's id as it survives a bank: letters and digits alone, upper case."""
    return _PLAIN.sub("", words.upper())


def stream(rail: str, settlement_id: str) -> str:
    """The name of a settlement's stream."""
    plain = pays_in_lumps(rail) or OF_ACCOUNT in settlement_id
    return f"settlement/{rail}/{key_of(settlement_id) if plain else settlement_id}"


def named_in(content: str, account_number: str = "") -> tuple[tuple[str, str], ...]:
    """Lumps that the free text of a line on an account names: (rail, key); each once, in the order of the text."""
    found = ((rail, key_of(word)) for rail, each in LUMP_WORDS.items() for word in each.findall(content.upper()))
    named = ((rail, key if pays_in_lumps(rail) else f"{key}{OF_ACCOUNT}{account_number}") for rail, key in found)
    return tuple(dict.fromkeys(named))


class SettlementKind(StrEnum):
    """What one line of a settlement is."""

    COLLECTION = "collection"
    REFUND = "refund"
    FEE = "fee"
    ADJUSTMENT = "adjustment"  #: a dispute lost or won, a refund that failed and came back


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementLine:
    """One line; amounts in đồng, signed as they change the channel's debt to us: net = amount - fee."""

    number: int
    kind: SettlementKind
    reference: str | None  #: our reference
    outside_reference: str  #: the channel's id of the payment, refund or fee
    amount: Dong
    fee: Dong
    net: Dong
    at: datetime  #: aware; when the channel took or gave the money
    where: str  #: place in the file
    account_number: str | None = None  #: to which the channel pays it, where it says so


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """One settlement; ``net`` is the sum of the lines' net and what the bank is to credit (or debit) as a lump."""

    rail: str
    settlement_id: str
    from_date: date
    to_date: date
    lines: tuple[SettlementLine, ...]
    net: Dong
    bank_words: str | None  #: what the bank's line carries, where the channel pays the settlement as one lump
    digest: str  #: sha256 hex of the raw bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredLine:
    """Our word on one line: "matched", "missing-in-book", "amount-differs", "doubled", "unknown"."""

    number: int
    outcome: str
    ours: Dong | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementAnswer:
    """Our answer to a settlement: one word for each of its lines, and for what we have that it lacks."""

    settlement: Settlement
    lines: tuple[AnsweredLine, ...]
    missing: tuple[tuple[str, Dong], ...]  #: (our reference, amount) of paid attempts the settlement does not name
    at: datetime


# --- Events -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledLine:
    """A line as it is recorded: plain ids and amounts; net = amount - fee, signed as in ``SettlementLine``."""

    number: int
    kind: SettlementKind
    reference: str | None
    outside_reference: str
    amount: Dong
    fee: Dong
    net: Dong
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementTold:
    """A channel told what it settled; the lines add up to ``net``. Evidence, no entry."""

    rail: str
    settlement_id: str
    unit_id: UnitId  #: whose account the channel pays to, or the top unit where it pays each payment singly
    from_date: date
    to_date: date
    count: int
    amount: Dong  #: sum of the lines' amounts
    fees: Dong  #: sum of their fees
    net: Dong
    lines: tuple[SettledLine, ...]
    bank_words: str | None
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementPartBooked:
    """A line that is no collection changed what the channel owes us; of the four amounts those that are not 0 count."""

    rail: str
    settlement_id: str
    unit_id: UnitId
    number: int
    kind: SettlementKind
    case_id: str  #: the channel's id of the dispute or refund behind it
    fee: Dong
    fee_back: Dong
    taken: Dong  #: a dispute lost, or a refund that nobody here asked for: missing until a person decides (1370)
    given: Dong  #: given back
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementDiffered:
    """Something of a settlement contradicts the book, or an earlier telling of it; a case for a person, no entry.

    ``reason`` is "restated", "amount-differs", "unknown", "doubled", "other-holder" or "lump-differs".
    """

    rail: str
    settlement_id: str
    unit_id: UnitId
    reason: str
    number: int | None  #: of the line, where it is about one
    outside_reference: str
    stated: Dong
    expected: Dong | None
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementLumpSeen:
    """A bank line names a settlement that cannot be cleared yet; it waits for it. No entry; amount is signed."""

    rail: str
    settlement_id: str
    unit_id: UnitId
    account_id: AccountId
    bank_line: str
    amount: Dong
    booked_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementLumpCredited:
    """The bank booked a settlement as one line: its payments are credited by events of their own with this line.

    amount = credited + added - netted; amount is negative where the bank debited more refunds than collections.
    """

    rail: str
    settlement_id: str
    unit_id: UnitId  #: the account's unit
    account_id: AccountId
    bank_line: str
    amount: Dong
    credited: Dong  #: sum of what the payments are credited with
    netted: Dong  #: refunds, fees and disputes that the channel took off
    added: Dong  #: what it gave back
    payments: tuple[PaymentId, ...]
    booked_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementLumpTakenBack:
    """The bank's line was of a statement taken back; what is reversed stands in the correction's own entry."""

    rail: str
    settlement_id: str
    unit_id: UnitId
    account_id: AccountId
    amount: Dong
    bank_line: str
    correction_id: str


SettlementEvent = (
    SettlementTold
    | SettlementPartBooked
    | SettlementDiffered
    | SettlementLumpSeen
    | SettlementLumpCredited
    | SettlementLumpTakenBack
    | SettlementFailure
)


# --- State ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What is known of a settlement; nobody may have told of it yet while a bank line waits for it."""

    told: SettlementTold | None = None
    booked: frozenset[int] = frozenset()  #: numbers of lines with an entry
    differed: Mapping[int, tuple[SettlementDiffered, ...]] = field(default_factory=dict)  #: by part of the file
    waiting: tuple[SettlementLumpSeen, ...] = ()
    lump: SettlementLumpCredited | None = None
    failed: bool = False  #: the channel says that its pay-out failed
    returned: tuple[SettlementLumpReturned, ...] = ()

    @property
    def differences(self) -> tuple[SettlementDiffered, ...]:
        """Everything that contradicts the book, in the order of the lines."""
        return tuple(one for _, part in sorted(self.differed.items()) for one in part)


NOT_TOLD = Settled()


def evolve(state: Settled, event: SettlementEvent) -> Settled:
    """Copy one fact into the state."""
    match event:
        case SettlementTold():
            return replace(state, told=event)
        case SettlementPartBooked():
            return replace(state, booked=state.booked | {event.number})
        case SettlementDiffered():
            part = _part(event)
            return replace(state, differed={**state.differed, part: (*state.differed.get(part, ()), event)})
        case SettlementLumpSeen():
            return replace(state, waiting=(*state.waiting, event))
        case SettlementLumpCredited():
            left = tuple(seen for seen in state.waiting if seen.bank_line != event.bank_line)
            return replace(state, lump=event, waiting=left)
        case SettlementLumpTakenBack():
            left = tuple(seen for seen in state.waiting if seen.bank_line != event.bank_line)
            gone = state.lump is not None and state.lump.bank_line == event.bank_line
            return replace(state, lump=None if gone else state.lump, waiting=left)
        case SettlementFailed():
            return replace(state, failed=True)
        case SettlementLumpReturned():
            left = tuple(seen for seen in state.waiting if seen.bank_line != event.bank_line)
            return replace(state, lump=None, waiting=left, returned=(*state.returned, event))
        case _:
            assert_never(event)


# --- Decisions --------------------------------------------------------------------------------------------------


def require_adds_up(settlement: Settlement) -> None:
    """Refuse a settlement whose control totals are wrong, whole (payments §7.3)."""
    where = f"Quyết toán {settlement.settlement_id} của kênh {settlement.rail}"
    for line in settlement.lines:
        if line.amount - line.fee != line.net:
            raise Refusal(
                RefusalCode.SETTLEMENT_DOES_NOT_ADD_UP,
                f"{where}, dòng {line.number} ({line.where}): {line.amount} đồng trừ phí {line.fee} khác số thuần "
                f"{line.net}. Cả quyết toán bị từ chối; xin kênh gửi lại.",
            )
        if line.kind is SettlementKind.COLLECTION and not (line.amount > 0 and 0 <= line.fee <= line.amount):
            raise Refusal(
                RefusalCode.SETTLEMENT_DOES_NOT_ADD_UP,
                f"{where}, dòng {line.number} ({line.where}): khoản thu {line.amount} đồng với phí {line.fee} không "
                "thể đúng. Cả quyết toán bị từ chối; xin kênh gửi lại.",
            )
    total = sum(line.net for line in settlement.lines)
    if total != settlement.net:
        raise Refusal(
            RefusalCode.SETTLEMENT_DOES_NOT_ADD_UP,
            f"{where}: các dòng cộng lại {total} đồng, kênh nói {settlement.net} đồng. Cả quyết toán bị từ chối; "
            "xin kênh gửi lại.",
        )
    if len({line.number for line in settlement.lines}) != len(settlement.lines):
        raise Refusal(RefusalCode.SETTLEMENT_DOES_NOT_ADD_UP, f"{where}: số thứ tự dòng trùng nhau. Xin kênh gửi lại.")


def tell(state: Settled, settlement: Settlement, unit_id: UnitId) -> tuple[SettlementTold | SettlementDiffered, ...]:
    """Take a settlement in, once. The same again adds nothing; with other content it becomes a case for a person."""
    told = SettlementTold(
        rail=settlement.rail,
        settlement_id=settlement.settlement_id,
        unit_id=unit_id,
        from_date=settlement.from_date,
        to_date=settlement.to_date,
        count=len(settlement.lines),
        amount=sum(line.amount for line in settlement.lines),
        fees=sum(line.fee for line in settlement.lines),
        net=settlement.net,
        lines=tuple(_settled(line) for line in settlement.lines),
        bank_words=settlement.bank_words,
        digest=settlement.digest,
    )
    if state.told is None:
        return (told,)
    if state.told.digest == settlement.digest:
        return ()
    return differ(
        state,
        SettlementDiffered(
            rail=settlement.rail,
            settlement_id=settlement.settlement_id,
            unit_id=state.told.unit_id,
            reason="restated",
            number=None,
            outside_reference=settlement.settlement_id,
            stated=settlement.net,
            expected=state.told.net,
            digest=settlement.digest,
        ),
    )


def _settled(line: SettlementLine) -> SettledLine:
    return SettledLine(
        number=line.number,
        kind=line.kind,
        reference=line.reference,
        outside_reference=line.outside_reference,
        amount=line.amount,
        fee=line.fee,
        net=line.net,
        on=day_of(line.at),
    )


def _part(event: SettlementDiffered) -> int:
    """Lines by hundreds, so that a file of which every line differs is taken in without looking at all of them."""
    return -1 if event.number is None else event.number // 100


def differ(state: Settled, asked: SettlementDiffered) -> tuple[SettlementDiffered, ...]:
    """Note a contradiction; the same again adds nothing."""
    part = state.differed.get(_part(asked), ())
    known = {(d.reason, d.number, d.stated, d.expected, d.digest) for d in part}
    return () if (asked.reason, asked.number, asked.stated, asked.expected, asked.digest) in known else (asked,)


def wait(state: Settled, seen: SettlementLumpSeen) -> tuple[SettlementLumpSeen, ...]:
    """Let a bank line wait for its settlement, once."""
    return () if any(one.bank_line == seen.bank_line for one in state.waiting) else (seen,)
