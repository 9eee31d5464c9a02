"""Setting entries right: the wrong one is turned round with a reason and a decision, the right one booked beside it.

Nothing is edited. A correction stands in the stream "correction/<unit>" of the unit whose books it changes first, so
that a declaration made at the same moment cannot count what the correction takes away. It is dated in the open month;
the original stays where it is, and each names the other. Above a threshold one person proposes and another approves.

Source: rules §9 point 9; Law on Accounting 2015 article 27 (corrections by reversal, with a document).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import assert_never

from domain.entry_line import EntryLine
from domain.errors import Refusal, RefusalCode
from domain.identifiers import AccountId, MemberId, PaymentId, UnitId
from domain.money import Dong
from domain.period import Month


def stream(unit_id: UnitId) -> str:
    """The name of the stream of a unit's corrections."""
    return f"correction/{unit_id}"


class Kind(StrEnum):
    """What is set right."""

    MATCH = "match"  #: money went to the wrong member or month
    CASH = "cash"  #: a cash entry with a wrong amount, or of money that was never taken
    IMPORT = "import"  #: a bank statement of a wrong file or a wrong account
    DECISION = "decision"  #: a decision on an open item; proposed and carried out by ``ledger.handlers.open_items``


# --- Events -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a correction is to do; the fields that its kind does not use are None; đồng."""

    kind: Kind
    payment_id: PaymentId | None = None
    member_id: MemberId | None = None  #: whose part is taken back; None: everybody's
    to_member: MemberId | None = None  #: whose it is; None: back to money of an unknown owner, or no new entry
    to_month: Month | None = None
    amount: Dong | None = None  #: of the new cash entry
    slip: str | None = None  #: of the new cash entry
    account_id: AccountId | None = None
    file_digest: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionProposed:
    """One person wants an entry set right; ``amount`` is what would be turned round."""

    correction_id: str
    unit_id: UnitId
    wanted: Wanted
    amount: Dong
    reason: str
    decision: str
    proposed_by: str
    proposed_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryReversed:
    """An entry was turned round; ``lines`` are the posting of that, dated ``corrected_on``.

    ``original`` is the payment or statement line that was wrong, ``replaced_by`` the payment that stands for it now
    (the same one where only its owner changed, None where nothing does). ``approved_by`` is None below the threshold.
    """

    correction_id: str
    unit_id: UnitId
    kind: Kind
    original: str
    original_stream: str
    replaced_by: str | None
    amount: Dong
    lines: tuple[EntryLine, ...]
    reason: str
    decision: str
    corrected_on: date
    proposed_by: str
    approved_by: str | None


CorrectionEvent = CorrectionProposed | EntryReversed


# --- State ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrections:
    """Proposals by id, and the ids of the corrections that were carried out."""

    proposed: Mapping[str, CorrectionProposed] = field(default_factory=dict)
    done: frozenset[str] = frozenset()


EMPTY = Corrections()


def evolve(state: Corrections, event: CorrectionEvent) -> Corrections:
    """Copy one fact into the state."""
    match event:
        case CorrectionProposed():
            return replace(state, proposed={**state.proposed, event.correction_id: event})
        case EntryReversed():
            return replace(state, done=state.done | {event.correction_id})
        case _:
            assert_never(event)


# --- Decisions --------------------------------------------------------------------------------------------------


def propose(state: Corrections, asked: CorrectionProposed) -> tuple[CorrectionProposed, ...]:
    """Propose; the same again adds nothing, an id that was used for another correction is refused."""
    known = state.proposed.get(asked.correction_id)
    if known is not None and known.wanted == asked.wanted:
        return ()
    if known is not None or asked.correction_id in state.done:
        raise blocked(f"Mã điều chỉnh {asked.correction_id} đã dùng cho một điều chỉnh khác. Dùng mã khác.")
    return (asked,)


def require_proposed(state: Corrections, correction_id: str) -> CorrectionProposed:
    """A proposal that waits for its approval."""
    found = state.proposed.get(correction_id)
    if found is None or correction_id in state.done:
        raise Refusal(
            RefusalCode.CORRECTION_UNKNOWN,
            f"Không có đề nghị điều chỉnh {correction_id} nào đang chờ duyệt. Kiểm tra mã và đơn vị.",
        )
    return found


def waiting(state: Corrections) -> tuple[CorrectionProposed, ...]:
    """Proposals that nobody has approved."""
    return tuple(asked for key, asked in state.proposed.items() if key not in state.done)


def netted(lines: tuple[EntryLine, ...]) -> tuple[EntryLine, ...]:
    """Lines of one unit, account and key put together; what comes to nothing is left out."""
    sums: dict[tuple[UnitId, str, str], Dong] = {}
    for line in lines:
        place = (line.unit_id, line.account, line.key)
        sums[place] = sums.get(place, 0) + line.debit - line.credit
    return tuple(
        EntryLine(unit_id=unit, account=account, key=key, debit=max(amount, 0), credit=max(-amount, 0))
        for (unit, account, key), amount in sums.items()
        if amount
    )


def blocked(message: str, **details: object) -> Refusal:
    """Something later depends on the entry."""
    return Refusal(RefusalCode.CORRECTION_BLOCKED, message, **details)
