"""Where a statement's line goes: rules in order, each with a name; what none of them takes is left for a person."""

from dataclasses import dataclass

from domain import bank_account, cash, organisation, payment, refund, refunding, remittance, remitting, spending
from domain.bank_account import LinesPlaced, MovementNamed, NotDues, Placement, StatementLine
from domain.cash import BagCredited
from domain.errors import Refusal, RefusalCode
from domain.identifiers import AccountId, OfficerId, RefundId, RemittanceId, UnitId
from domain.notice import Direction
from domain.organisation import AccountRegistered, Channel
from domain.payment import Asset, Payment, PaymentCredited
from domain.payment_request import Kind, Requested
from domain.reference import Reference, is_valid, shard_of
from domain.refunding import claw_back_of
from domain.remittance import require_prepared, under_way
from domain.return_words import comes_back
from ledger import astray, line_names, placing, same_money, settled_credits, settling, several_people
from ledger.not_dues import named_by_bank
from ledger.placing import Money
from ledger.upwards import settle_on_account
from ledger.work import Act, Work

#: What became of a line: the rule's name and what it was matched with; None when a person must say.
Found = tuple[str, str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineText:
    """A line and its free text, which passes through the command and is never recorded."""

    line: StatementLine
    content: str


def place_all(
    work: Work, act: Act, account: AccountRegistered, items: list[LineText]
) -> tuple[list[Placement], list[dict[str, str]]]:
    """Place lines in their order and record the placements; also returns those left, with the reason."""
    placements: list[Placement] = []
    left: list[dict[str, str]] = []
    line_names.preload(work, act, account.account_id, [item.line for item in items])
    for item in items:
        try:
            with work.all_or_none():
                placed = _place(work, act, account, item)
        except Refusal as refusal:
            # A line is a fact: it stays on the statement, and the reason waits for a person.
            left.append({"line": item.line.key, "code": str(refusal.code), "message": refusal.message})
            continue
        if placed is None:
            left.append({"line": item.line.key, "code": "needs-person", "message": "Cần người phân loại dòng này."})
        else:
            placements.append(Placement(key=item.line.key, outcome=placed[0], target=placed[1]))
    if placements:
        note_placed(work, account.account_id, *placements)
    return placements, left


def note_placed(work: Work, account_id: AccountId, *placements: Placement) -> None:
    """Record by which rule lines found their place."""
    event = LinesPlaced(account_id=account_id, placements=placements)
    work.record(bank_account.stream(account_id), (event,))


def _place(work: Work, act: Act, account: AccountRegistered, item: LineText) -> Found:
    line = item.line
    if line.is_reversal:
        return None
    references = tuple(dict.fromkeys(line.references))
    requests = [r for r in (work.request(ref) for ref in references) if isinstance(r, Requested)]
    if len(requests) == 1 and not _dues_come_back(item, requests[0]) and not _is_shared(work, item, requests[0]):
        found = _place_asked(work, act, account, line, requests[0])
        if found is not None:
            return found
    if not requests and (lump := settling.place_line(work, account, line, item.content)) is not None:
        return lump
    if not requests:
        row = named_by_bank(direction=line.direction, content=item.content, bank_code=line.bank_code)
        if row is not None:
            name_line(work, account, line, row.what, row.heading, "mã giao dịch của ngân hàng", act.actor)
            return str(row.what), row.heading
    if line.direction is Direction.OUT:
        return None
    if not requests:
        _require_here(work, account.unit_id, references)
    return _place_unknown(work, act, account, line, requests[0].asked.reference if len(requests) == 1 else None)


def _dues_come_back(item: LineText, request: Requested) -> bool:
    """Money in that says it is a return answers no request for dues: it waits for a person (payments §7.3)."""
    asked_of_members = request.asked.kind in (Kind.DUES, Kind.BATCH)
    return asked_of_members and item.line.direction is Direction.IN and comes_back(item.content)


def _is_shared(work: Work, item: LineText, request: Requested) -> bool:
    """More than was asked, and a text that points to somebody else too."""
    if item.line.direction is Direction.OUT or item.line.amount <= request.asked.amount:
        return False
    near, several = several_people.pointed_to(item.content, work.settings.reference_prefix)
    return several_people.has_a_share(work, request, item.line.amount, near, several)


def _require_here(work: Work, unit_id: UnitId, references: tuple[str, ...]) -> None:
    """Money under a reference of another shard is no unknown money: it waits for that shard's word (handshake).

    Only a unit that has subordinates kept elsewhere can get such money.
    """
    if all(child.has_books for child in organisation.children(work.organisation, unit_id)):
        return
    for reference in references:
        if is_valid(reference, work.settings.reference_prefix):
            shard = shard_of(Reference(reference), key=work.settings.reference_key)
            if shard != work.settings.shard:
                raise Refusal(
                    RefusalCode.UNKNOWN_REFERENCE,
                    f"Mã {reference} do mảnh dữ liệu số {shard} cấp (tỉnh khác). Chờ đơn vị nộp xác nhận hai phía.",
                )


def _place_asked(work: Work, act: Act, account: AccountRegistered, line: StatementLine, request: Requested) -> Found:
    asked = request.asked
    if line.direction is Direction.OUT:
        return _place_debit(work, account, line, asked.kind, str(asked.case_id))
    if asked.account_id != account.account_id:
        return _place_stray(work, account, line, RemittanceId(str(asked.case_id)), asked.kind)
    if asked.kind is Kind.CLAW_BACK:
        return _place_claw_back(work, account, line, str(asked.case_id))
    if asked.kind is Kind.REMITTANCE:
        return _place_remittance(work, act, account, line, RemittanceId(str(asked.case_id)))
    if asked.kind is Kind.CASH_BAG:
        return _place_bag(work, account, line, asked.reference, asked.unit_id)
    if asked.kind is Kind.REFUND:
        return _place_returned(work, account, line, RefundId(str(asked.case_id)))
    if asked.kind is Kind.SPENDING:
        return _place_brought_back(work, act, account, line, str(asked.case_id))
    return _place_dues(work, act, account, line, request)


def _place_dues(work: Work, act: Act, account: AccountRegistered, line: StatementLine, request: Requested) -> Found:
    money = money_of(work, account, line, request.asked.reference)
    if isinstance(work.payment(money.payment_id), Payment):
        found = _same_money(work, money)
        taken = settled_credits.take(work, request)
        return found if taken is None else (settled_credits.SETTLED_CREDIT, taken.received.payment_id)
    waiting = placing.announced(work, request, line.amount)
    if waiting:
        return _credit_announced(work, waiting[0], account, line)
    less = settled_credits.announced_net(work, request, line.amount)
    if len(less) == 1:
        # The channel's settlement stated the fee that is missing.
        return _credit_announced(work, less[0], account, line)
    told = same_money.same_transfer(same_money.of_request(work, request), money)
    if told is not None:
        # The transfer that a bank's message, or a slip entered by hand, told of before.
        return placing.add_witness(work, told, money, "statement"), told.received.payment_id
    return placing.receive_asked(work, act, request.asked, money), money.payment_id


def _place_bag(
    work: Work, account: AccountRegistered, line: StatementLine, reference: Reference, unit_id: UnitId
) -> Found:
    bag = BagCredited(
        bag=reference,
        # Whoever keeps the bag's account now has what the unit that took it had.
        unit_id=organisation.owner(work.organisation, unit_id),
        account_id=account.account_id,
        amount=line.amount,
        bank_line=line.key,
        booked_on=line.booked_on,
    )
    events = cash.credit_bag(work.cash(unit_id), bag)
    work.record(cash.stream(unit_id), events)
    return ("cash-bag", reference) if events else None


def _place_returned(work: Work, account: AccountRegistered, line: StatementLine, refund_id: RefundId) -> Found:
    """A refund that was paid out and came back whole is owed again; anything else is unknown money."""
    state = work.refund(refund_id)
    if not isinstance(state, refund.Refund) or state.paid is None:
        return None
    if (state.paid.amount, state.paid.asset_key) != (line.amount, account.account_id):
        return None
    events = refund.fail_payout(state, reason="ngân hàng trả lại", on=line.booked_on, bank_line=line.key)
    work.record(refund.stream(refund_id), events)
    return "refund-returned", refund_id


def _place_stray(work: Work, account: AccountRegistered, line: StatementLine, case: RemittanceId, kind: Kind) -> Found:
    """A remittance's money on another account than the superior's: come back, or arrived at a wrong unit."""
    if kind is not Kind.REMITTANCE:
        return None
    rule = astray.at_another_account(
        work, account.unit_id, account.account_id, case, amount=line.amount, line=line.key, on=line.booked_on
    )
    return None if rule is None else (rule, case)


def _place_claw_back(work: Work, account: AccountRegistered, line: StatementLine, case_id: str) -> Found:
    refund_id, superior_id = claw_back_of(case_id)
    events = refunding.receive_claw_back(
        work.refund(refund_id),
        superior_id=superior_id,
        amount=line.amount,
        asset_key=account.account_id,
        bank_line=line.key,
        on=line.booked_on,
    )
    work.record(refund.stream(refund_id), events)
    return ("claw-back-credit", case_id) if events else None


def _place_brought_back(
    work: Work, act: Act, account: AccountRegistered, line: StatementLine, voucher_id: str
) -> Found:
    """A transfer of a voucher that came back whole makes the voucher void; anything else is for a person."""
    voucher = spending.require(work.spending(account.unit_id), account.unit_id, voucher_id)
    if voucher.paid is None or (voucher.paid.account_id, voucher.paid.amount) != (account.account_id, line.amount):
        return None
    events = spending.void(
        voucher,
        on=line.booked_on,
        reason="ngân hàng trả lại",
        voided_by=OfficerId(act.actor),
        bank_line=line.key,
    )
    work.record(spending.stream(account.unit_id), events)
    return ("voucher-returned", voucher_id) if events else None


def _place_debit(work: Work, account: AccountRegistered, line: StatementLine, kind: Kind, case_id: str) -> Found:
    if kind is Kind.REMITTANCE:
        case = RemittanceId(case_id)
        state = require_prepared(work.remittance(case))
        if state.prepared.unit_id != account.unit_id:
            rule = astray.debit_of_another(
                work, state, account.unit_id, account.account_id, amount=line.amount, line=line.key, on=line.booked_on
            )
            return None if rule is None else (rule, case)
        events = remitting.see_debit(state, amount=line.amount, bank_line=line.key, on=line.booked_on)
        work.record(remittance.stream(case), events)
        return "remittance-debit", case
    if kind in (Kind.REFUND, Kind.CLAW_BACK):
        refund_id = claw_back_of(case_id)[0] if kind is Kind.CLAW_BACK else RefundId(case_id)
        seen = refund.see_payout(work.refund(refund_id), amount=line.amount, bank_line=line.key, on=line.booked_on)
        work.record(refund.stream(refund_id), seen)
        return "refund-debit", refund_id
    if kind is Kind.SPENDING:
        voucher = spending.require(work.spending(account.unit_id), account.unit_id, case_id)
        paid = spending.pay_by_bank(
            voucher, account_id=account.account_id, amount=line.amount, bank_line=line.key, on=line.booked_on
        )
        work.record(spending.stream(account.unit_id), paid)
        return "voucher", case_id
    return None


def _place_remittance(
    work: Work, act: Act, account: AccountRegistered, line: StatementLine, case: RemittanceId
) -> Found:
    state = require_prepared(work.remittance(case))
    if state.withdrawn or line.amount > state.prepared.amount - state.received:
        # More than was owed: what the rest is, nobody knows yet, so none of it may count as declared dues (I12).
        return None
    astray.bring_back_under_way(work, case, line.amount, line.booked_on)
    state = require_prepared(work.remittance(case))
    sender = state.prepared.unit_id
    place = organisation.receiving_place(work.organisation, sender, Channel.BANK, act.on)
    if line.amount > under_way(state) and (place.account_id is None or place.holder_id != sender):
        raise Refusal(
            RefusalCode.NO_RECEIVING_ACCOUNT,
            f"{sender} không có tài khoản riêng nên không thể đã chuyển {line.amount} đồng. Cần người đối chiếu.",
        )
    events = remitting.receive(
        state,
        amount=line.amount,
        asset=Asset.BANK,
        asset_key=account.account_id,
        bank_line=line.key,
        on=line.booked_on,
        sender_asset=Asset.BANK,
        sender_key=str(place.account_id),
    )
    work.record(remittance.stream(case), events)
    if state.on_account:
        settle_on_account(work, sender, act)
    return "remittance-credit", case


def _credit_announced(work: Work, waiting: Payment, account: AccountRegistered, line: StatementLine) -> Found:
    asked = PaymentCredited(
        payment_id=waiting.received.payment_id,
        unit_id=account.unit_id,
        account_id=account.account_id,
        clearing=waiting.received.asset_key,
        amount=waiting.received.amount,
        fee=waiting.received.amount - line.amount,
        credited=line.amount,
        bank_line=line.key,
        booked_on=line.booked_on,
    )
    work.record(payment.stream(asked.payment_id), payment.credit(waiting, asked))
    return "portal-credit", asked.payment_id


def _place_unknown(
    work: Work, act: Act, account: AccountRegistered, line: StatementLine, reference: Reference | None
) -> Found:
    money = money_of(work, account, line, reference)
    if isinstance(work.payment(money.payment_id), Payment):
        return _same_money(work, money)
    told = same_money.same_transfer(_told_before(work, account, line, money), money)
    if told is not None:
        placing.add_witness(work, told, money, "statement")
        return "suspense" if told.suspense == told.received.amount else "witness", told.received.payment_id
    return placing.receive_unknown(work, act, money), money.payment_id


def _told_before(work: Work, account: AccountRegistered, line: StatementLine, money: Money) -> list[Payment]:
    """What was told of before. A slip entered by hand is left for the line that carries its reference, if one does."""
    told = same_money.told_about(work, money)
    if all(known.received.reference == money.reference for known in told):
        return list(told)
    others = work.account(account.account_id).lines.values()
    named = {ref for other in others if other.amount == line.amount for ref in other.references}
    return [k for k in told if k.received.reference == money.reference or k.received.reference not in named]


def _same_money(work: Work, money: Money) -> Found:
    """The bank's message told of this very transfer before."""
    known = payment.require_seen(work.payment(money.payment_id))
    if known.received.amount != money.amount:
        placing.note_conflict(work, money, reason="other-content", expected=known.received.amount)
        return "conflict", money.payment_id
    placing.add_witness(work, known, money, "statement")
    # Money that waited in suspense still waits, and a person may still name it.
    return "suspense" if known.suspense == known.received.amount else "witness", money.payment_id


def money_of(work: Work, account: AccountRegistered, line: StatementLine, reference: Reference | None) -> Money:
    """A credit as money that came in."""
    return Money(
        source=line_names.source_of(account.account_id),
        outside_reference=line_names.name_of(work, account.account_id, line),
        channel="bank",
        holder_id=account.unit_id,
        asset=Asset.BANK,
        asset_key=account.account_id,
        amount=line.amount,
        paid_on=line.booked_on,
        booked_on=line.booked_on,
        reference=reference,
        payer_key=line.payer_key,
        bank_line=line.key,
        evidence_id=line.evidence_id,
    )


def name_line(
    work: Work, account: AccountRegistered, line: StatementLine, what: NotDues, heading: str, ground: str, by: str
) -> int:
    """Book a line as not dues; a line is named once. Returns how many events that made."""
    asked = MovementNamed(
        account_id=account.account_id,
        unit_id=account.unit_id,
        bank_line=line.key,
        what=what,
        heading=heading,
        amount=line.amount,
        booked_on=line.booked_on,
        ground=ground,
        named_by=by,
    )
    events = bank_account.name_movement(work.account(account.account_id), asked)
    return work.record(bank_account.stream(account.account_id), events)
