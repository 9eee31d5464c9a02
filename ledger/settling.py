"""What a channel's settlement does to the book: each line a witness, the lump on the bank account one line for many.

A lump clears its payments only when every line of the settlement agrees with the book; until then the bank's line
waits, named, and nothing of it is booked. Line and settlement may come in any order.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from domain import bank_account, organisation, payment, refund, settlement
from domain.bank_account import LinesPlaced, Placement, StatementLine
from domain.identifiers import PaymentId, RefundId, payment_id
from domain.money import Dong, format_dong
from domain.notice import Direction
from domain.organisation import AccountRegistered
from domain.payment import Payment, PaymentCredited
from domain.refund_channel import ChannelState
from domain.settlement import (
    SettledLine,
    SettlementDiffered,
    SettlementKind,
    SettlementLumpCredited,
    SettlementLumpSeen,
    SettlementPartBooked,
    SettlementTold,
)
from ledger import channel_cases, channel_refunds, lump_returns, placing
from ledger.channel_refunds import Told
from ledger.placing import Money
from ledger.work import Act, Work

#: How a line that stands for a whole settlement, or waits for one, is placed.
LUMP, WAITS = "settlement-lump", "settlement-waits"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Our word on one line; ``ours`` is the amount in the book, where there is one."""

    number: int
    outcome: str
    ours: Dong | None


# --- lines --------------------------------------------------------------------------------------------------------


def paid_under(told: SettlementTold, line: SettledLine) -> PaymentId:
    """The payment that a collection line speaks of."""
    return payment_id(told.rail, line.outside_reference)


def holds(work: Work, told: SettlementTold, known: Payment) -> bool:
    """Whether the money of a payment lies with the unit whose account the channel pays to."""
    org = work.organisation
    return organisation.owner(org, known.received.holder_id) == organisation.owner(org, told.unit_id)


def differ(work: Work, told: SettlementTold, line: SettledLine, reason: str, expected: Dong | None) -> str:
    """Note that a line contradicts the book; returns the reason."""
    asked = SettlementDiffered(
        rail=told.rail,
        settlement_id=told.settlement_id,
        unit_id=told.unit_id,
        reason=reason,
        number=line.number,
        outside_reference=line.outside_reference,
        stated=line.amount,
        expected=expected,
        digest=told.digest,
    )
    state = work.settlement(told.rail, told.settlement_id)
    work.record(settlement.stream(told.rail, told.settlement_id), settlement.differ(state, asked))
    return reason


def witness(work: Work, told: SettlementTold, line: SettledLine, known: Payment, evidence_id: str | None) -> Outcome:
    """One more witness of money that is in the book; another amount is a case for a person and no witness."""
    ours = known.received.amount
    if ours != line.amount:
        return Outcome(number=line.number, outcome=differ(work, told, line, "amount-differs", ours), ours=ours)
    money = Money(
        source=f"settlement:{told.rail}",
        outside_reference=f"{told.settlement_id}#{line.number}",
        channel=told.rail,
        holder_id=known.received.holder_id,
        asset=known.received.asset,
        asset_key=known.received.asset_key,
        amount=line.amount,
        paid_on=line.on,
        booked_on=None,
        reference=known.received.reference,
        evidence_id=evidence_id,
    )
    placing.add_witness(work, known, money, money.source)
    if settlement.is_lump(told) and not holds(work, told, known):
        return Outcome(number=line.number, outcome=differ(work, told, line, "other-holder", ours), ours=ours)
    return Outcome(number=line.number, outcome="matched", ours=ours)


def witnessed_elsewhere(told: SettlementTold, line: SettledLine, known: Payment) -> bool:
    """Whether another settlement, or another line of this one, told of the same payment before."""
    own = f"{told.settlement_id}#{line.number}"
    source = f"settlement:{told.rail}"
    return any(w.source == source and w.outside_reference != own for w in known.witnesses)


def take_other(work: Work, act: Act, told: SettlementTold, line: SettledLine) -> Outcome:
    """A line that is no collection: a refund of ours is its witness, everything else is booked as it is told."""
    ours: Dong | None = None
    outcome = "matched"
    if settlement.named_in(line.outside_reference):
        # A payout that failed came back: what it paid is paid by this one, and nothing is booked for it.
        back = brought_back(work, told, line)
        reason = "matched" if back else differ(work, told, line, "unknown", None)
        return Outcome(number=line.number, outcome=reason, ours=line.amount if back else None)
    booked = False
    if line.kind is SettlementKind.REFUND and line.amount < 0:
        booked = _refund(work, act, told, line, ChannelState.DONE)
    elif line.kind is SettlementKind.ADJUSTMENT and line.amount > 0 and line.reference:
        booked = _refund(work, act, told, line, ChannelState.FAILED)
    if booked:
        ours = line.amount
    elif line.kind is SettlementKind.REFUND:
        outcome = "missing-in-book"
    _book_part(work, told, line, 0 if booked or line.kind is SettlementKind.FEE else line.amount)
    return Outcome(number=line.number, outcome=outcome, ours=ours)


def brought_back(work: Work, told: SettlementTold, line: SettledLine) -> SettlementTold | None:
    """The settlement whose lump never stayed on the account and comes back with this line, whole."""
    if line.kind is not SettlementKind.ADJUSTMENT or line.outside_reference == told.settlement_id:
        return None
    known = work.settlement(told.rail, line.outside_reference)
    return known.told if known.told is not None and known.lump is None and known.told.net == line.net else None


def _refund(work: Work, act: Act, told: SettlementTold, line: SettledLine, state: ChannelState) -> bool:
    """Whether the line is a refund of ours that is, or hereby gets, booked as paid or as failed."""
    if not channel_refunds.is_known(work, line.reference, abs(line.amount)):
        return False
    known = refund.require_requested(work.refund(RefundId(line.reference or "")))
    heard = known.reports.get(line.outside_reference)
    by_other_way = known.paid is not None and heard is None
    if by_other_way or (state is ChannelState.FAILED and heard is None):
        # Paid back a second time by the channel: that money is missing until a person gets it back.
        return False
    word = Told(
        rail=told.rail,
        refund_id=RefundId(line.reference or ""),
        outside_id=line.outside_reference,
        state=state,
        amount=abs(line.amount),
        on=line.on,
    )
    channel_refunds.take(work, act, word)
    came_back = any(x.number != line.number and x.outside_reference == line.outside_reference for x in told.lines)
    if state is ChannelState.DONE and heard is not ChannelState.FAILED and not came_back:
        channel_refunds.settled(work, act, word)
    return True


def _book_part(work: Work, told: SettlementTold, line: SettledLine, moved: Dong) -> None:
    """Book what a line changes besides a refund of ours: fees here, money taken or given back with its case."""
    # A line that is itself a fee states it as an amount that is taken off.
    fee = line.fee - line.amount if line.kind is SettlementKind.FEE else line.fee
    if moved:
        channel_cases.by_settlement(work, told, line, moved)
    state = work.settlement(told.rail, told.settlement_id)
    if line.number in state.booked or fee == 0:
        return
    event = SettlementPartBooked(
        rail=told.rail,
        settlement_id=told.settlement_id,
        unit_id=organisation.owner(work.organisation, told.unit_id),
        number=line.number,
        kind=line.kind,
        case_id=line.outside_reference,
        fee=max(0, fee),
        fee_back=max(0, -fee),
        taken=0,
        given=0,
        on=line.on,
    )
    work.record(settlement.stream(told.rail, told.settlement_id), (event,))


# --- the lump -----------------------------------------------------------------------------------------------------


def place_line(work: Work, account: AccountRegistered, line: StatementLine, content: str) -> tuple[str, str] | None:
    """Place a bank line that names a channel's lump: it clears the settlement, or waits for it. None if it names none.

    The words in the line are certain only together with account, direction and amount; the rest waits for a person.
    """
    named = settlement.named_in(content, account.number)
    if len(named) != 1:
        return None
    rail, key = named[0]
    state = work.settlement(rail, key)
    signed = line.amount if line.direction is Direction.IN else -line.amount
    seen = SettlementLumpSeen(
        rail=rail,
        settlement_id=key,
        unit_id=account.unit_id,
        account_id=account.account_id,
        bank_line=line.key,
        amount=signed,
        booked_on=line.booked_on,
    )
    name = settlement.stream(rail, key)
    work.record(name, settlement.wait(state, seen))
    cleared = clear(work, rail, key) == line.key
    back = lump_returns.take(work, rail, key)
    if back == line.key:
        return lump_returns.RETURNED, _target(work, rail, key)
    if back is not None:
        lump_returns.place(work, account.account_id, back, rail, key)
    return (LUMP, _target(work, rail, key)) if cleared else (WAITS, f"{rail}/{key}")


def _target(work: Work, rail: str, key: str) -> str:
    """What a cleared line is placed at: the settlement as its channel names it."""
    told = work.settlement(rail, key).told
    return f"{rail}/{key if told is None else told.settlement_id}"


def clear(work: Work, rail: str, settlement_id: str) -> str | None:
    """Clear a settlement with the bank line that waits for it, if all agrees; returns that line's key.

    A line of another amount than the settlement's net stays waiting, and so does a settlement with a difference.
    """
    state = work.settlement(rail, settlement_id)
    told = state.told
    if told is None or state.lump is not None:
        return None
    here = organisation.owner(work.organisation, told.unit_id)
    fits = [seen for seen in state.waiting if (seen.amount, seen.unit_id) == (told.net, here)]
    payments = _ready(work, told)
    if len(fits) != 1 or payments is None:
        return None
    (seen,) = fits
    credited = sum(line.net for line, _ in payments)
    rest = told.net - credited
    lump = SettlementLumpCredited(
        rail=rail,
        settlement_id=told.settlement_id,
        unit_id=here,
        account_id=seen.account_id,
        bank_line=seen.bank_line,
        amount=told.net,
        credited=credited,
        netted=max(0, -rest),
        added=max(0, rest),
        payments=tuple(known.received.payment_id for _, known in payments),
        booked_on=seen.booked_on,
    )
    work.record(settlement.stream(rail, settlement_id), (lump,))
    for line, known in payments:
        _credit(work, lump, line, known)
    return seen.bank_line


def clear_waiting(work: Work, rail: str, settlement_id: str) -> str | None:
    """Clear a settlement that has just been told with a line that came before it, and say where that line went."""
    key = settlement.key_of(settlement_id)
    line = clear(work, rail, key)
    if line is not None:
        lump = work.settlement(rail, key).lump
        assert lump is not None
        again = Placement(key=line, outcome=LUMP, target=_target(work, rail, key))
        event = LinesPlaced(account_id=lump.account_id, placements=(again,))
        work.record(bank_account.stream(lump.account_id), (event,))
        back = lump_returns.take(work, rail, key)
        if back is not None:
            lump_returns.place(work, lump.account_id, back, rail, key)
    return line


def _ready(
    work: Work, told: SettlementTold, within: frozenset[str] = frozenset()
) -> tuple[tuple[SettledLine, Payment], ...] | None:
    """The payments that the lump credits; None while one of them is not in the book as the settlement tells it."""
    found: dict[PaymentId, tuple[SettledLine, Payment]] = {}
    for line in told.lines:
        if settlement.named_in(line.outside_reference):
            back = brought_back(work, told, line)
            if back is None or back.settlement_id in within:
                return None
            inner = _ready(work, back, within | {told.settlement_id})
            if inner is None or any(known.received.payment_id in found for _, known in inner):
                return None
            found |= {known.received.payment_id: (one, known) for one, known in inner}
            continue
        if line.kind is not SettlementKind.COLLECTION:
            continue
        known = work.payment(paid_under(told, line))
        if not isinstance(known, Payment) or known.credited is not None or known.received.amount != line.amount:
            return None
        if known.received.payment_id in found or not holds(work, told, known):
            return None
        found[known.received.payment_id] = (line, known)
    return tuple(found.values())


def _credit(work: Work, lump: SettlementLumpCredited, line: SettledLine, known: Payment) -> None:
    asked = PaymentCredited(
        payment_id=known.received.payment_id,
        unit_id=lump.unit_id,
        account_id=lump.account_id,
        clearing=lump.rail,
        amount=line.amount,
        fee=line.fee,
        credited=line.net,
        bank_line=lump.bank_line,
        booked_on=lump.booked_on,
    )
    work.record(payment.stream(asked.payment_id), payment.credit(known, asked))


def why_not(work: Work, rail: str, settlement_id: str) -> str:
    """In words for a person, why a settlement is not cleared yet; empty once it is."""
    state = work.settlement(rail, settlement_id)
    if state.lump is not None:
        return _coming_back(state)
    if state.told is None:
        return "Chưa có quyết toán này từ kênh. Lấy quyết toán trước."
    if state.differences:
        return f"{len(state.differences)} điểm lệch với sổ phải xử lý trước: {_lines(state.differences)}."
    if not state.waiting:
        return f"Ngân hàng chưa báo dòng {format_dong(state.told.net)} đồng mang mã quyết toán này."
    if all(seen.amount != state.told.net for seen in state.waiting):
        return (
            f"Dòng ngân hàng mang mã này là {format_dong(state.waiting[0].amount)} đồng, quyết toán là "
            f"{format_dong(state.told.net)} đồng. Tra soát với kênh và ngân hàng."
        )
    return "Có khoản thu của quyết toán chưa có trong sổ hoặc đã được báo có bằng dòng khác."


def _coming_back(state: settlement.Settled) -> str:
    if not state.failed or state.lump is None:
        return ""
    return (
        f"Kênh báo đợt trả này thất bại sau khi ngân hàng đã ghi {format_dong(state.lump.amount)} đồng. Chờ dòng ngân "
        "hàng thu lại; tiền sẽ về chờ kênh trả lần sau."
    )


def _lines(differences: Iterable[SettlementDiffered]) -> str:
    return ", ".join(f"dòng {d.number}: {REASONS.get(d.reason, d.reason)}" for d in differences)


#: What a difference is, in words.
REASONS: Mapping[str, str] = {
    "restated": "kênh gửi lại với nội dung khác",
    "amount-differs": "lệch số tiền",
    "unknown": "sổ không có khoản này",
    "doubled": "ghi trùng",
    "other-holder": "tiền do đơn vị khác giữ",
}
