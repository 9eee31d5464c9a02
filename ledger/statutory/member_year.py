"""One member's year: what each dues month was assessed on, by both regimes, what was relieved, paid and is open."""

from collections import defaultdict
from dataclasses import dataclass

from domain import dues_account, dues_corrections, membership
from domain.dues_account import DuesAssessed
from domain.errors import Refusal, RefusalCode
from domain.events import EVENT_NAMES
from domain.identifiers import MemberId, UnitId
from domain.money import Dong
from domain.period import Month, Period, day_of, period_end
from ledger.posting import entry
from ledger.statutory.cell_money import dues_streams
from ledger.statutory.heading import BookKind, Heading, heading
from ledger.statutory.roll import members_at
from ledger.statutory.sources import Sources
from ledger.statutory.tree import ground_at

#: How many years before the year asked for are read, for arrears that were paid in it.
_YEARS_BACK = 10
_TITLES: dict[type, str] = {
    dues_account.PaymentApplied: "Nộp đảng phí",
    dues_account.CreditHeld: "Nộp thừa, giữ cho tháng sau",
    dues_account.OpeningCreditCarried: "Tiền thừa mang sang khi mở sổ",
    dues_account.CreditApplied: "Trừ từ tiền nộp thừa",
    dues_account.CreditReleased: "Hoàn trả tiền nộp thừa",
    dues_account.ApplicationUndone: "Gỡ khoản đã trừ để hoàn trả",
    dues_account.ReliefRecognised: "Miễn, giảm phát hiện sau",
    dues_account.DuesAdjusted: "Tính lại mức đóng",
    dues_account.CollectedAhead: "Thu trước",
    dues_account.AheadApplied: "Trừ từ khoản thu trước",
    dues_account.AheadReturned: "Trả lại khoản thu trước",
    dues_account.SurplusDeclared: "Đăng ký tự nguyện đóng cao hơn",
    dues_account.SurplusAccepted: "Chấp nhận phần tự nguyện đóng cao hơn",
    dues_account.SurplusRejected: "Không chấp nhận phần tự nguyện",
    dues_corrections.PaymentUnapplied: "Điều chỉnh: gỡ khoản nộp",
    dues_corrections.CreditUnheld: "Điều chỉnh: gỡ tiền thừa",
    dues_corrections.CreditUnapplied: "Điều chỉnh: gỡ khoản trừ từ tiền thừa",
}
_MOVES: dict[type, str] = {
    membership.MemberAdmitted: "Kết nạp",
    membership.TransferLetterIssued: "Cấp giấy giới thiệu chuyển sinh hoạt",
    membership.TransferReceived: "Tiếp nhận sinh hoạt",
    membership.MemberArrived: "Chuyển đến",
    membership.ReleasedFromActivities: "Tạm miễn sinh hoạt",
    membership.MembershipEnded: "Ra khỏi danh sách",
    membership.MembershipRestored: "Phục hồi",
    membership.MemberMoved: "Chuyển theo sắp xếp tổ chức",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class YearMonth:
    """One dues month; đồng. due = gross − relieved; open = due − paid, as of the position."""

    month: Month
    unit_id: str
    regime: str
    category: str
    base: Dong | None
    rule: str
    document: str
    relief: str
    gross: Dong
    relieved: Dong
    due: Dong
    paid: Dong
    open: Dong


@dataclass(frozen=True, slots=True, kw_only=True)
class YearEntry:
    """One thing that happened to the member's dues or belonging in the year."""

    recorded_on: str  #: ISO day
    what: str
    event: str
    month: str
    amount: Dong | None
    note: str
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberYear:
    """The statement of one member and year; ``credit`` is held beyond everything owed. No name: only the id."""

    heading: Heading
    member_id: str
    months: tuple[YearMonth, ...]
    entries: tuple[YearEntry, ...]
    credit: Dong


def member_year(sources: Sources, unit: UnitId, member: MemberId, year: int, *, at: int) -> MemberYear:
    """The year's dues months, months paid in it for older ones, and what happened, as of log position ``at``."""
    ground = ground_at(sources, at)
    known = members_at(sources, (member,), until=at).get(member)
    if known is None or unit not in membership.units_of(known.membership):
        raise Refusal(
            RefusalCode.UNKNOWN_MEMBER, f"Đảng viên {member} chưa từng thuộc {unit} (đến vị trí {at} của sổ)."
        )
    months: dict[Month, _Sums] = defaultdict(_Sums)
    entries: list[YearEntry] = []
    credit = 0
    wanted = f"{year:04d}"
    touched: set[Month] = set()
    for recorded in sources.read_streams(dues_streams((member,), range(year - _YEARS_BACK, year + 2)), until=at):
        event = recorded.event
        day = day_of(recorded.recorded_at)
        if isinstance(event, DuesAssessed):
            months[event.month].assessed = event
        for line in entry(event):
            month = Month(line.key.rsplit(":", 1)[-1])
            if line.account == "0190":
                months[month].gross_less_paid -= line.amount
            elif line.account == "0120":
                months[month].relieved += line.amount
            elif line.account == "0110":
                months[month].open += line.amount
            elif line.account == "3340" and line.key == member:
                credit -= line.amount
        title = _TITLES.get(type(event))
        if title is not None and day.year == year:
            of = getattr(event, "month", None)
            touched.add(Month(of or ""))
            entries.append(_entry(recorded.position, day.isoformat(), title, event, of or ""))
    entries += _moves(sources, member, year, at)
    shown = [m for m in sorted(months) if m[:4] == wanted or m in touched]
    return MemberYear(
        heading=heading(ground, BookKind.MEMBER_YEAR, unit, wanted, period_end(Period(f"{wanted}-12"))),
        member_id=member,
        months=tuple(_month(months[m], m) for m in shown if months[m].assessed is not None),
        entries=tuple(sorted(entries, key=lambda told: told.position)),
        credit=credit,
    )


class _Sums:
    """Sums of the memo book for one month."""

    __slots__ = ("assessed", "gross_less_paid", "open", "relieved")

    def __init__(self) -> None:
        self.assessed: DuesAssessed | None = None
        self.gross_less_paid = 0
        self.relieved = 0
        self.open = 0


def _month(sums: _Sums, month: Month) -> YearMonth:
    told = sums.assessed
    if told is None:
        raise ValueError(f"{month} was never assessed")
    # 0190 holds what was assessed less what was paid; 0110 what is open: assessed − relieved − paid.
    due = sums.open + (told.gross - sums.gross_less_paid)
    gross = due + sums.relieved
    return YearMonth(
        month=month,
        unit_id=told.unit_id,
        regime=told.regime,
        category=told.category,
        base=told.base,
        rule=told.rule,
        document=told.document,
        relief=told.relief or "",
        gross=gross,
        relieved=sums.relieved,
        due=due,
        paid=due - sums.open,
        open=sums.open,
    )


def _entry(position: int, day: str, title: str, event: object, month: str) -> YearEntry:
    decision = getattr(event, "decision", None) or getattr(event, "payment_id", None) or ""
    amount = getattr(event, "amount", None)
    return YearEntry(
        recorded_on=day,
        what=title,
        event=EVENT_NAMES[type(event)],
        month=month,
        amount=amount,
        note=str(decision),
        position=position,
    )


def _moves(sources: Sources, member: MemberId, year: int, at: int) -> list[YearEntry]:
    """Admission, transfers, release and the end of membership recorded in the year."""
    found = []
    for recorded in sources.read_streams((f"member/{member}",), until=at):
        title = _MOVES.get(type(recorded.event))
        day = day_of(recorded.recorded_at)
        if title is not None and day.year == year:
            found.append(_entry(recorded.position, day.isoformat(), title, recorded.event, ""))
    return found
