"""Counting the cash of a unit: what lay there against what the book said, and what became of a difference.

One stream per unit ("cash-count/<unit>"). A count is a fact and is never refused for what it finds. A shortage is a
case in account 1370 until somebody makes it good or the committee writes it off; a surplus is money of an unknown
owner (3380) and follows the road of such money. Whether a case is still open is a question to the book, because a
merge carries open cases into other books.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import assert_never

from domain.errors import Refusal, RefusalCode
from domain.identifiers import OfficerId, PaymentId, UnitId, payment_id
from domain.money import AMOUNT_CAP, Dong, format_dong, require_amount

#: The notes and coins that may be counted, in đồng, from the largest down.
DENOMINATIONS = (500_000, 200_000, 100_000, 50_000, 20_000, 10_000, 5_000, 2_000, 1_000, 500, 200)


def stream(unit_id: UnitId) -> str:
    """The name of the stream of a unit's counts."""
    return f"cash-count/{unit_id}"


def case_of(unit_id: UnitId, number: int) -> str:
    """The name of the case that a unit's n-th count opened, if it found a shortage."""
    return f"KQ/{unit_id}/{number}"


def surplus_of(unit_id: UnitId, number: int) -> PaymentId:
    """The payment under which the surplus of a unit's n-th count waits for its owner."""
    return payment_id(f"count:{unit_id}", str(number))


# --- Events -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Notes:
    """So many notes of one value; ``value`` in đồng."""

    value: Dong
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CashCounted:
    """Cash was counted by two people. counted = booked − shortage + surplus; one of the two is zero; đồng."""

    unit_id: UnitId
    number: int  #: 1, 2, 3 … of the unit
    counted_on: date
    notes: tuple[Notes, ...]  #: empty when only the total was told
    counted: Dong
    booked: Dong  #: account 1110 of the unit at ``position``
    position: int  #: the last position of the log that the book figure takes in
    shortage: Dong
    surplus: Dong
    case_id: str | None  #: the case of a shortage, key of 1370
    payment_id: PaymentId | None  #: the payment under which a surplus waits
    counted_by: OfficerId
    witnessed_by: OfficerId
    evidence: str | None  #: sha256 of the signed minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortageMadeGood:
    """Whoever answers for the cash put the missing money back, or a part of it."""

    unit_id: UnitId
    case_id: str
    n: int  #: 1, 2, 3 … of the unit's resolutions
    amount: Dong
    paid_on: date
    recorded_by: OfficerId


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortageWrittenOff:
    """The committee decided that the unit bears a shortage, or a part of it."""

    unit_id: UnitId
    case_id: str
    n: int
    amount: Dong
    spending_key: str  #: key of 6310: heading and source
    written_off_on: date
    decision: str
    decided_by: OfficerId


CashCountEvent = CashCounted | ShortageMadeGood | ShortageWrittenOff


# --- State ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class CashCounts:
    """The counts of a unit, who counted each case, and how many resolutions there were."""

    last: int = 0
    resolutions: int = 0
    counters: Mapping[str, OfficerId] = field(default_factory=dict)  #: case or payment → who counted
    latest: CashCounted | None = None


EMPTY = CashCounts()


def evolve(state: CashCounts, event: CashCountEvent) -> CashCounts:
    """Copy one fact into the state."""
    match event:
        case CashCounted():
            case = event.case_id or event.payment_id
            counters = {**state.counters, case: event.counted_by} if case else state.counters
            return replace(state, last=event.number, counters=counters, latest=event)
        case ShortageMadeGood() | ShortageWrittenOff():
            return replace(state, resolutions=event.n)
        case _:
            assert_never(event)


# --- Decisions --------------------------------------------------------------------------------------------------


def total_of(notes: tuple[Notes, ...], told: Dong | None) -> Dong:
    """What was counted: the sum of the notes, or the total told; refused where the two differ or nothing was told."""
    for one in notes:
        if one.value not in DENOMINATIONS or not 0 <= one.count <= 10_000_000:
            raise Refusal(
                RefusalCode.AMOUNT_OUT_OF_RANGE,
                f"Không có loại tiền {format_dong(one.value)} đồng, hoặc số tờ {one.count} không hợp lệ. "
                "Kiểm tra bảng kê mệnh giá.",
            )
    if not notes and told is None:
        raise Refusal(RefusalCode.AMOUNT_DIFFERS, "Biên bản kiểm quỹ phải có bảng kê mệnh giá hoặc tổng số tiền.")
    by_notes = sum(one.value * one.count for one in notes)
    if notes and told is not None and told != by_notes:
        raise Refusal(
            RefusalCode.AMOUNT_DIFFERS,
            f"Bảng kê mệnh giá cộng được {format_dong(by_notes)} đồng nhưng tổng ghi {format_dong(told)} đồng. "
            "Đếm và cộng lại trước khi ghi biên bản.",
        )
    total = by_notes if notes or told is None else told
    if not isinstance(total, int) or isinstance(total, bool) or not 0 <= total <= AMOUNT_CAP:
        raise Refusal(RefusalCode.AMOUNT_OUT_OF_RANGE, f"Số tiền kiểm đếm {total!r} không hợp lệ. Kiểm tra lại.")
    return total


def count(
    state: CashCounts,
    *,
    unit_id: UnitId,
    counted_on: date,
    notes: tuple[Notes, ...],
    counted: Dong,
    booked: Dong,
    position: int,
    counted_by: OfficerId,
    witnessed_by: OfficerId,
    evidence: str | None,
) -> tuple[CashCounted, ...]:
    """Take a count down; a count of the same sheet (by its hash) again adds nothing."""
    latest = state.latest
    if evidence is not None and latest is not None and latest.evidence == evidence:
        return ()
    number = state.last + 1
    missing, more = max(booked - counted, 0), max(counted - booked, 0)
    return (
        CashCounted(
            unit_id=unit_id,
            number=number,
            counted_on=counted_on,
            notes=notes,
            counted=counted,
            booked=booked,
            position=position,
            shortage=missing,
            surplus=more,
            case_id=case_of(unit_id, number) if missing else None,
            payment_id=surplus_of(unit_id, number) if more else None,
            counted_by=counted_by,
            witnessed_by=witnessed_by,
            evidence=evidence,
        ),
    )


def require_open(case_id: str, amount: Dong, open_amount: Dong) -> None:
    """Refuse to resolve more of a shortage than is still open."""
    if require_amount(amount) > open_amount:
        raise Refusal(
            RefusalCode.COUNT_CASE_STATE,
            f"Vụ thiếu quỹ {case_id} còn {format_dong(open_amount)} đồng, không thể xử lý {format_dong(amount)} đồng. "
            "Xem danh sách vụ việc còn mở bằng «dangphi cash alerts».",
            case_id=case_id,
            open=open_amount,
        )
