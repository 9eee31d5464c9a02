"""What happened to a member's dues and belonging in a year, each thing told in words that a reader knows.

No key of a payment, no code of a category: how the money came, on which day, under which receipt; by which decision,
from when to when, from which cell to which.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import cast

from domain import dues_account, dues_corrections, dues_moves, membership, payment, receipt_book
from domain.dues_account import DuesAdjusted
from domain.events import EVENT_NAMES
from domain.identifiers import MemberId, PaymentId, UnitId
from domain.money import Dong
from domain.organisation_history import unit_on
from domain.payment import CashConverted, PaymentReceived
from domain.payment_request import Kind
from domain.period import Month, day_of
from ledger.ports import Recorded
from ledger.statutory.sources import EventLog
from ledger.statutory.tree import Ground

#: What each event is called, and whether its amount was given (1) or taken back (-1).
_TITLES: dict[type, tuple[str, int]] = {
    dues_account.PaymentApplied: ("Nộp đảng phí", 1),
    dues_account.CreditHeld: ("Nộp thừa, giữ cho tháng sau", 1),
    dues_account.OpeningCreditCarried: ("Tiền thừa mang sang khi mở sổ", 1),
    dues_account.CreditApplied: ("Trừ từ tiền nộp thừa", 1),
    dues_account.CreditReserved: ("Giữ riêng tiền nộp thừa chờ hoàn trả", 1),
    dues_account.CreditUnreserved: ("Thôi giữ riêng tiền nộp thừa", 1),
    dues_account.CreditReleased: ("Hoàn trả tiền nộp thừa", -1),
    dues_account.ApplicationUndone: ("Gỡ khoản đã nộp để hoàn trả", -1),
    dues_account.ReliefRecognised: ("Miễn, giảm phát hiện sau", -1),
    dues_account.DuesAdjusted: ("Tính lại mức đóng", 1),
    dues_account.CollectedAhead: ("Thu trước", 1),
    dues_account.AheadApplied: ("Trừ từ khoản thu trước", 1),
    dues_account.AheadReturned: ("Khoản thu trước trở lại thành tiền thừa", 1),
    dues_account.SurplusDeclared: ("Đăng ký tự nguyện đóng cao hơn", 1),
    dues_account.SurplusAccepted: ("Chấp nhận phần tự nguyện đóng cao hơn", 1),
    dues_account.SurplusRejected: ("Không chấp nhận phần tự nguyện đóng cao hơn", 1),
    dues_corrections.PaymentUnapplied: ("Điều chỉnh: gỡ khoản nộp", -1),
    dues_corrections.CreditUnheld: ("Điều chỉnh: gỡ tiền nộp thừa", -1),
    dues_corrections.CreditUnapplied: ("Điều chỉnh: gỡ khoản trừ từ tiền nộp thừa", -1),
    dues_moves.MonthWaived: ("Không thu nữa phần còn nợ của tháng", -1),
    dues_moves.ObligationMoved: ("Chuyển phần còn phải đóng sang chi bộ khác", 1),
    dues_moves.CreditMoved: ("Chuyển tiền nộp thừa sang chi bộ khác", 1),
    membership.MemberAdmitted: ("Kết nạp", 1),
    membership.MemberRecognised: ("Công nhận chính thức", 1),
    membership.TransferLetterIssued: ("Cấp giấy giới thiệu chuyển sinh hoạt", 1),
    membership.TransferWithdrawn: ("Thu hồi giấy giới thiệu", 1),
    membership.TransferReceived: ("Tiếp nhận sinh hoạt", 1),
    membership.MemberArrived: ("Chuyển đến", 1),
    membership.TemporaryTransferEnded: ("Kết thúc sinh hoạt tạm thời", 1),
    membership.ReleasedFromActivities: ("Tạm miễn sinh hoạt", 1),
    membership.MembershipEnded: ("Ra khỏi danh sách", 1),
    membership.MembershipRestored: ("Phục hồi", 1),
    membership.MemberMoved: ("Chuyển theo sắp xếp tổ chức", 1),
}
_WAYS = {"portal": "Cổng DVCQG", "bank": "chuyển khoản", "cash": "tiền mặt"}


@dataclass(frozen=True, slots=True, kw_only=True)
class YearEntry:
    """One thing that happened to the member's dues or belonging in the year; negative amounts were taken back; đồng."""

    recorded_on: str  #: ISO day
    what: str
    event: str
    month: str
    amount: Dong | None
    note: str  #: how, by which decision, from where to where
    position: int


def entries_of(log: EventLog, ground: Ground, member: MemberId, dues: Iterable[Recorded], year: int) -> list[YearEntry]:
    """What was recorded in a year of a member's dues and belonging, in the order of the log."""
    told = [*dues, *log.read_streams((f"member/{member}",), until=ground.position)]
    wanted = [r for r in told if type(r.event) in _TITLES and day_of(r.recorded_at).year == year]
    payments = {PaymentId(paid) for paid in (getattr(r.event, "payment_id", None) for r in wanted) if paid is not None}
    ways = payment_words(log, payments, until=ground.position)
    return [_entry(ground, recorded, ways) for recorded in sorted(wanted, key=lambda r: r.position)]


def payment_words(log: EventLog, payments: Iterable[PaymentId], *, until: int) -> dict[PaymentId, str]:
    """How each payment came, on which day, under which receipt."""
    wanted = sorted(set(payments))
    received: dict[PaymentId, PaymentReceived] = {}
    converted: set[PaymentId] = set()
    for recorded in log.read_streams([payment.stream(one) for one in wanted], until=until):
        if isinstance(recorded.event, PaymentReceived):
            received[recorded.event.payment_id] = recorded.event
        elif isinstance(recorded.event, CashConverted):
            converted.add(recorded.event.payment_id)
    books = {(unit, e.paid_on.year + later) for e in received.values() for unit in _holders(e) for later in (0, 1)}
    receipts: dict[PaymentId, str] = {}
    for recorded in log.read_streams([receipt_book.stream(u, y) for u, y in sorted(books)], until=until):
        found = recorded.event
        if isinstance(found, receipt_book.ReceiptIssued) and found.payment_id in received:
            receipts[found.payment_id] = f"{found.number}/{found.year}"
        elif isinstance(found, receipt_book.ReceiptVoided) and (
            receipts.get(found.payment_id) == f"{found.number}/{found.year}"
        ):
            del receipts[found.payment_id]
    return {one: _way(e, receipts.get(one), converted=one in converted) for one, e in received.items()}


def _holders(e: PaymentReceived) -> set[UnitId]:
    return {e.unit_id, e.holder_id}


def _way(e: PaymentReceived, receipt: str | None, *, converted: bool) -> str:
    words = f"{_WAYS.get(e.channel, e.channel)} ngày {_day(e.paid_on)}"
    if e.request_kind == Kind.BATCH:
        words += ", chi bộ nộp thay"
    if e.channel == "cash":
        words += f", phiếu thu số {e.outside_reference}"
    if converted:
        words += ", chi bộ đã nộp tiếp qua Cổng"
    return words if receipt is None else f"{words}, biên lai số {receipt}"


def _entry(ground: Ground, recorded: Recorded, ways: dict[PaymentId, str]) -> YearEntry:
    event = recorded.event
    title, sign = _TITLES[type(event)]
    day = day_of(recorded.recorded_at)
    if isinstance(event, DuesAdjusted):
        amount: Dong | None = event.after.due - event.before.due
    else:
        amount = getattr(event, "amount", None)
    return YearEntry(
        recorded_on=day.isoformat(),
        what=title,
        event=EVENT_NAMES[type(event)],
        month=getattr(event, "month", None) or "",
        amount=None if amount is None else sign * amount,
        note=_note(ground, event, day, ways),
        position=recorded.position,
    )


def _note(ground: Ground, event: object, day: date, ways: dict[PaymentId, str]) -> str:
    paid = getattr(event, "payment_id", None)
    if paid is not None:
        return ways.get(cast(PaymentId, paid), "")
    parts = [_where(ground, event, day), _when(event)]
    decision = getattr(event, "decision", None)
    if decision:
        parts.append(f"theo {decision}")
    reason = getattr(event, "reason", None)
    if reason:
        parts.append(f"lý do: {reason}")
    if isinstance(event, dues_account.SurplusDeclared):
        parts.append(f"theo {event.document}")
    return ", ".join(part for part in parts if part)


def _where(ground: Ground, event: object, day: date) -> str:
    """From which cell to which."""
    match event:
        case membership.TransferLetterIssued():
            to = unit_name(ground, event.to_unit, day) if event.to_unit else str(event.to_outside)
            until = f", đến hết tháng {_month(event.to_month)}" if event.to_month else ""
            return (
                f"từ {unit_name(ground, event.unit_id, day)} đến {to}{until}, giấy {event.letter}, đảng phí đóng ở nơi "
                f"đi đến hết tháng {_month(event.paid_through)}"
            )
        case membership.TransferReceived():
            until = f" đến hết tháng {_month(event.to_month)}" if event.to_month else ""
            return (
                f"từ {unit_name(ground, event.from_unit, day)} vào {unit_name(ground, event.unit_id, day)}, giấy "
                f"{event.letter}, đóng đảng phí từ tháng {_month(event.from_month)}{until}"
            )
        case membership.MemberArrived():
            return (
                f"từ {event.from_outside} vào {unit_name(ground, event.unit_id, day)}, giấy {event.letter}, đóng đảng "
                f"phí từ tháng {_month(event.from_month)}"
            )
        case membership.MemberMoved() | dues_moves.ObligationMoved() | dues_moves.CreditMoved():
            return f"từ {unit_name(ground, event.from_unit, day)} sang {unit_name(ground, event.unit_id, day)}"
        case membership.MemberAdmitted() | membership.MembershipRestored():
            return f"tại {unit_name(ground, event.unit_id, day)}"
        case membership.TransferWithdrawn() | membership.TemporaryTransferEnded():
            return f"giấy {event.letter}"
        case _:
            return ""


def _when(event: object) -> str:
    """From when, or until when."""
    match event:
        case membership.MemberAdmitted():
            return f"ngày {_day(event.ceremony_on)}, đóng từ tháng {_month(event.first_month)}"
        case membership.MemberRecognised():
            return f"từ {_day(event.official_on)}"
        case membership.ReleasedFromActivities():
            return f"từ tháng {_month(event.from_month)} đến tháng {_month(event.to_month)}"
        case membership.MembershipEnded():
            return f"từ {_day(event.effective_on)}, tháng đóng cuối {_month(event.last_month)}"
        case membership.MembershipRestored() | membership.MemberMoved():
            return f"đóng từ tháng {_month(event.from_month)}"
        case _:
            return ""


def unit_name(ground: Ground, unit: UnitId, day: date) -> str:
    """What a unit was called on a day; before it began, as it was registered."""
    found = unit_on(ground.organisation, unit, day) or ground.organisation.first.get(unit)
    return unit if found is None else found.name


def _month(month: Month) -> str:
    return f"{int(month[5:])}/{month[:4]}"


def _day(day: date) -> str:
    # As office papers write a day: two digits for days, and for months 1 and 2.
    month = f"{day.month:02d}" if day.month < 3 else str(day.month)
    return f"{day.day:02d}/{month}/{day.year}"
