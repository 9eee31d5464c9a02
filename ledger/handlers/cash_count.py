"""Count the cash of a unit, and settle what a count found missing or too much."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from domain import access, cash, cash_count, payment, suspense
from domain.access import Action
from domain.cash_count import Notes, ShortageMadeGood, ShortageWrittenOff
from domain.errors import Refusal, RefusalCode
from domain.identifiers import OfficerId, PaymentId, UnitId
from domain.money import Dong, format_dong
from domain.payment import Asset, PaymentReceived, SuspenseNamed
from domain.period import month_of
from ledger import cash_desk
from ledger.handler import Handler
from ledger.headings import SHORTAGE, spending_key
from ledger.open_month import require_open
from ledger.own_money import own_money
from ledger.work import Act, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class CountCash:
    """Two people count the cash of a unit now, note by note or as a total; the book figure is that of this moment."""

    unit_id: UnitId
    counted_on: date
    notes: tuple[Notes, ...]
    total: Dong | None  #: may be left out when the notes are listed
    witness: OfficerId
    evidence: str | None = None  #: sha256 of the signed minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeGoodShortage:
    """Whoever answers for the cash puts missing money back."""

    unit_id: UnitId
    case_id: str
    amount: Dong
    paid_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteOffShortage:
    """The committee decides that the unit's own money bears a shortage; ``source`` is 4310 or 4320."""

    unit_id: UnitId
    case_id: str
    amount: Dong
    source: str
    decision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepSurplus:
    """The committee decides that a surplus whose owner was not found is the unit's other means."""

    unit_id: UnitId
    payment_id: PaymentId
    decision: str


def count_cash(work: Work, command: CountCash, act: Act) -> dict[str, object]:
    """Compare what lies there with the book; a shortage opens a case, a surplus waits for its owner."""
    not_future(command.counted_on, act)
    access.require_other_person(act.actor, command.witness, f"Kiểm quỹ của {command.unit_id}")
    require_officer(work, command.witness, command.unit_id, command.counted_on)
    counted = cash_count.total_of(command.notes, command.total)
    stream = cash_count.stream(command.unit_id)
    # The book is read after the cash stream, and the count stands only if no cash went out meanwhile.
    booked = cash_desk.in_hand(work, command.unit_id)
    work.guard(cash.stream(command.unit_id))
    events = cash_count.count(
        work.cash_counts(command.unit_id),
        unit_id=command.unit_id,
        counted_on=command.counted_on,
        notes=command.notes,
        counted=counted,
        booked=booked,
        position=work.books.catch_up(),
        counted_by=OfficerId(act.actor),
        witnessed_by=command.witness,
        evidence=command.evidence,
    )
    work.record(stream, events)
    if not events:
        return {"known": True}
    (found,) = events
    if found.payment_id is not None:
        _take_surplus(work, found.payment_id, found.unit_id, found.surplus, found.counted_on)
    return {
        "known": False,
        "number": found.number,
        "counted": found.counted,
        "booked": found.booked,
        "shortage": found.shortage,
        "surplus": found.surplus,
        "case": found.case_id,
        "payment": found.payment_id,
    }


def _take_surplus(work: Work, waiting: PaymentId, unit_id: UnitId, amount: Dong, on: date) -> None:
    """A surplus is money of an unknown owner: from here on it goes the way of all such money (3380)."""
    source, _, number = waiting.partition("/")
    fact = PaymentReceived(
        payment_id=waiting,
        source=source,
        outside_reference=number,
        channel="cash",
        unit_id=unit_id,
        holder_id=unit_id,
        asset=Asset.CASH,
        asset_key=unit_id,
        amount=amount,
        dues_amount=0,
        credit_amount=0,
        converted_amount=0,
        suspense_amount=amount,
        paid_on=on,
        booked_on=on,
        reference=None,
        request_kind=None,
        member_id=None,
        payer_key=None,
        bank_line=None,
        evidence_id=None,
    )
    work.record(payment.stream(waiting), payment.receive(work.payment(waiting), fact))


def make_good(work: Work, command: MakeGoodShortage, act: Act) -> dict[str, object]:
    """Money comes back into the cash box; never more than is missing."""
    not_future(command.paid_on, act)
    open_amount = work.balance(command.unit_id, "1370", command.case_id)
    cash_count.require_open(command.case_id, command.amount, open_amount)
    state = work.cash_counts(command.unit_id)
    event = ShortageMadeGood(
        unit_id=command.unit_id,
        case_id=command.case_id,
        n=state.resolutions + 1,
        amount=command.amount,
        paid_on=command.paid_on,
        recorded_by=OfficerId(act.actor),
    )
    work.record(cash_count.stream(command.unit_id), (event,))
    return {"case": command.case_id, "made_good": command.amount, "open": open_amount - command.amount}


def write_off(work: Work, command: WriteOffShortage, act: Act) -> dict[str, object]:
    """The unit bears a shortage out of its own money; who counted the cash does not decide on it."""
    require_open(work, command.unit_id, month_of(act.on))
    _other_than_counter(work, command.case_id, act)
    open_amount = work.balance(command.unit_id, "1370", command.case_id)
    cash_count.require_open(command.case_id, command.amount, open_amount)
    own = max(0, own_money(work, command.unit_id) + work.balance(command.unit_id, "1370"))
    if command.amount > own:
        # Money that is missing beyond that belongs to members and superiors: no committee of the unit can give it up.
        raise Refusal(
            RefusalCode.COUNT_CASE_STATE,
            f"{command.unit_id} chỉ có {format_dong(own)} đồng của mình, không thể ghi giảm "
            f"{format_dong(command.amount)} đồng thiếu: phần còn lại là tiền của đảng viên và cấp khác, người chịu "
            "trách nhiệm phải bồi hoàn. Ghi giảm phần nhỏ hơn, hoặc ghi bồi hoàn.",
        )
    event = ShortageWrittenOff(
        unit_id=command.unit_id,
        case_id=command.case_id,
        n=work.cash_counts(command.unit_id).resolutions + 1,
        amount=command.amount,
        spending_key=spending_key(SHORTAGE, command.source),
        written_off_on=act.on,
        decision=command.decision,
        decided_by=OfficerId(act.actor),
    )
    work.record(cash_count.stream(command.unit_id), (event,))
    return {"case": command.case_id, "written_off": command.amount, "open": open_amount - command.amount}


def keep_surplus(work: Work, command: KeepSurplus, act: Act) -> dict[str, object]:
    """A surplus becomes other means of the unit, by decision; only a surplus that a count found, and whole."""
    require_open(work, command.unit_id, month_of(act.on))
    state = payment.require_seen(work.payment(command.payment_id))
    if not state.received.source.startswith("count:") or payment.waits_at(state) != command.unit_id:
        raise Refusal(
            RefusalCode.COUNT_CASE_STATE,
            f"Khoản {command.payment_id} không phải tiền thừa do kiểm quỹ của {command.unit_id}. "
            "Tiền khác chưa rõ chủ thì xác định chủ hoặc hoàn trả.",
        )
    _other_than_counter(work, command.payment_id, act)
    asked = SuspenseNamed(
        payment_id=command.payment_id,
        unit_id=command.unit_id,
        amount=state.suspense,
        heading="cash-surplus",
        what="cash-surplus",
        ground=command.decision,
        named_by=act.actor,
    )
    work.record(payment.stream(command.payment_id), suspense.name_suspense(state, asked))
    return {"payment": command.payment_id, "kept": state.suspense}


def _other_than_counter(work: Work, case: str, act: Act) -> None:
    """Who counted does not decide; a case that came with a merge was counted elsewhere, in the unit it names."""
    origin = case.removeprefix("KQ/").removeprefix("count:").rpartition("/")[0]
    counter = work.cash_counts(UnitId(origin)).counters.get(case)
    if counter is not None:
        access.require_other_person(counter, act.actor, f"Xử lý kết quả kiểm quỹ {case}")


def require_officer(work: Work, officer: str, unit_id: UnitId, on: date) -> None:
    """Refuse a witness or a new custodian who holds no office that reaches the unit on the day."""
    if not access.roles_at(work.access, work.organisation, officer, unit_id, on):
        raise Refusal(
            RefusalCode.NOT_ALLOWED,
            f"{officer} không giữ chức vụ nào tại {unit_id} ngày {on:%d/%m/%Y}. "
            "Người chứng kiến, người nhận quỹ phải là cán bộ được giao quyền.",
        )


def not_future(day: date, act: Act) -> None:
    """Refuse a day that has not come yet."""
    if day > act.on:
        raise Refusal(
            RefusalCode.MONTH_IN_FUTURE,
            f"Ngày {day:%d/%m/%Y} chưa đến (hôm nay {act.on:%d/%m/%Y}). Kiểm tra lại ngày ghi trên chứng từ.",
        )


def short_of(unit_id: UnitId, amount: Dong, there: Dong, what: str) -> Refusal:
    """The refusal for spending more than there is."""
    return Refusal(
        RefusalCode.OWN_MONEY_SHORT,
        f"{what} của {unit_id} chỉ còn {format_dong(there)} đồng, không thể chi {format_dong(amount)} đồng. "
        "Phần còn lại là tiền của đảng viên, cấp trên hoặc đơn vị khác.",
        there=there,
    )


#: What each command asks permission for, where, and the function that decides it.
COMMANDS: Mapping[type, Handler] = {
    CountCash: Handler("count-cash", Action.COUNT_CASH, "unit_id", count_cash),
    MakeGoodShortage: Handler("make-good-shortage", Action.COUNT_CASH, "unit_id", make_good),
    WriteOffShortage: Handler("write-off-shortage", Action.RESOLVE_COUNT, "unit_id", write_off),
    KeepSurplus: Handler("keep-surplus", Action.RESOLVE_COUNT, "unit_id", keep_surplus),
}
