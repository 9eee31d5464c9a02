"""Set entries right: undo a match, a cash entry or a whole import; above a threshold two people do it."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain import bank_account, correction, organisation, payment, policy
from domain.access import Action, require_other_person
from domain.bank_account import BankAccount, StatementImported, StatementTakenBack, StatementWitnessed
from domain.correction import CorrectionProposed, EntryReversed, Kind, Wanted, blocked
from domain.entry_line import EntryLine
from domain.errors import Refusal, RefusalCode
from domain.identifiers import AccountId, MemberId, PaymentId, UnitId, payment_id
from domain.money import Dong, require_amount
from domain.payment import Asset, NotSeen, Payment
from domain.period import Month, month_of
from domain.policy_settings import SettingName
from ledger import correcting, placing, reversal, settled_credits, settling
from ledger.handler import Handler
from ledger.handlers.statements import IdentifySuspense, identify_suspense
from ledger.open_month import require_open
from ledger.payment_parts import parts_of
from ledger.placing import Money
from ledger.work import Act, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectEntry:
    """Turn a wrong entry round and book the right one; ``correction_id`` is the office's number for it."""

    unit_id: UnitId
    correction_id: str
    wanted: Wanted
    reason: str
    decision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveCorrection:
    """Another person approves what was proposed; it is carried out at once."""

    unit_id: UnitId
    correction_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """What every reversed entry of one correction says."""

    correction_id: str
    unit_id: UnitId  #: whose correction it is
    books: UnitId  #: whose books are corrected: the unit's, or its successor's once it has ended
    reason: str
    decision: str
    proposed_by: str
    approved_by: str | None


def correct_entry(work: Work, command: CorrectEntry, act: Act) -> dict[str, object]:
    """Correct at once below the threshold, else note the proposal for another person."""
    unit = organisation.unit(work.organisation, command.unit_id)
    require_open(work, command.unit_id, month_of(act.on))
    state = work.corrections(command.unit_id)
    if command.correction_id in state.done:
        raise blocked(f"Điều chỉnh {command.correction_id} của {command.unit_id} đã thực hiện. Dùng mã khác.")
    amount = _amount(work, command.wanted, command.unit_id, act)
    _require_replacement(work, command.wanted)
    limit = policy.setting_number(work.policy, SettingName.CORRECTION_TWO_PEOPLE_FROM, month_of(act.on), unit.kind)
    if (amount < limit or not amount) and not correcting.after_proposed(work, command.unit_id, command.wanted):
        why = Why(
            correction_id=command.correction_id,
            unit_id=command.unit_id,
            books=command.unit_id,
            reason=command.reason,
            decision=command.decision,
            proposed_by=act.actor,
            approved_by=None,
        )
        return _carry_out(work, act, command.wanted, why)
    asked = CorrectionProposed(
        correction_id=command.correction_id,
        unit_id=command.unit_id,
        wanted=command.wanted,
        amount=amount,
        reason=command.reason,
        decision=command.decision,
        proposed_by=act.actor,
        proposed_on=act.on,
    )
    work.record(correction.stream(command.unit_id), correction.propose(state, asked))
    return {"state": "proposed", "correction_id": command.correction_id, "amount": amount}


def approve_correction(work: Work, command: ApproveCorrection, act: Act) -> dict[str, object]:
    """Carry out what another person proposed, in this unit or in one that has ended and went into it."""
    asked = correcting.proposed(work, command.unit_id, command.correction_id)
    require_other_person(asked.proposed_by, act.actor, f"Điều chỉnh {asked.correction_id}")
    for unit in dict.fromkeys((command.unit_id, asked.unit_id)):
        require_open(work, unit, month_of(act.on))
    why = Why(
        correction_id=asked.correction_id,
        unit_id=asked.unit_id,
        books=command.unit_id,
        reason=asked.reason,
        decision=asked.decision,
        proposed_by=asked.proposed_by,
        approved_by=act.actor,
    )
    return _carry_out(work, act, asked.wanted, why)


def _carry_out(work: Work, act: Act, wanted: Wanted, why: Why) -> dict[str, object]:
    match wanted.kind:
        case Kind.MATCH:
            return undo_match(work, act, wanted, why)
        case Kind.CASH:
            return _undo_cash(work, act, wanted, why)
        case Kind.IMPORT:
            return _undo_import(work, act, wanted, why)
        case Kind.DECISION:
            raise blocked("Quyết định về một khoản đang treo được gỡ bằng số của nó (dangphi open-item undo).")


def _amount(work: Work, wanted: Wanted, unit_id: UnitId, act: Act) -> Dong:
    """What the correction would turn round; also refuses what is not there or not this unit's."""
    if wanted.kind is Kind.IMPORT:
        made = _imported(work, wanted, unit_id, proposing=True)
        for line in made.lines:
            correcting.require_untied(work, work.account(made.account_id), line.key)
        return sum(line.amount for line in made.lines)
    state = _payment(work, wanted, unit_id)
    if wanted.kind is Kind.CASH:
        return state.received.amount
    return sum(part.amount for part in reversal.chosen(work, state, wanted, unit_id, act))


def _payment(work: Work, wanted: Wanted, unit_id: UnitId) -> Payment:
    if wanted.payment_id is None:
        raise Refusal(RefusalCode.UNKNOWN_PAYMENT, "Phải nêu mã khoản tiền cần điều chỉnh.")
    state = payment.require_seen(work.payment(wanted.payment_id))
    for place in (state.received.unit_id, payment.waits_at(state)):
        if not organisation.is_within(work.organisation, place, unit_id):
            raise organisation.outside(place, unit_id)
    if wanted.kind is Kind.CASH and state.received.asset is not Asset.CASH:
        correcting.require_unconfirmed(state, wanted)
    return state


# --- the three kinds ----------------------------------------------------------------------------------------------


def undo_match(work: Work, act: Act, wanted: Wanted, why: Why) -> dict[str, object]:
    """Back to money of an unknown owner, and from there to its true owner if one is named."""
    state = _payment(work, wanted, why.books)
    parts = reversal.chosen(work, state, wanted, why.books, act)
    lines = tuple(line for part in parts for line in reversal.undo_part(work, act, state, part, why.correction_id))
    amount = sum(part.amount for part in parts)
    units = tuple(dict.fromkeys((*(part.unit_id for part in parts), state.received.unit_id)))
    to_unit = None if wanted.to_member is None else work.member(wanted.to_member).unit_id
    same_book = to_unit == units[0] and state.received.channel != "portal"
    void = reversal.void_receipt(work, act, state, units, why.reason, replaced_here=same_book)
    seen = state.received.payment_id
    record_reversed(work, act, why, Kind.MATCH, seen, payment.stream(seen), lines, amount, wanted.to_member and seen)
    answer: dict[str, object] = {"state": "corrected", "amount": amount, "voided_receipt": void}
    if wanted.to_member is not None:
        # What is left of a batch keeps its one receipt; money with one owner gets the owner's.
        asked = IdentifySuspense(
            unit_id=payment.waits_at(state),
            payment_id=seen,
            member_id=wanted.to_member,
            month=wanted.to_month,
            amount=amount,
            ground=f"điều chỉnh {why.correction_id}",
        )
        answer |= identify_suspense(work, asked, act)
    _receipt_for_rest(work, act, state, void)
    reversal.require_left(work, lines)
    return answer


def _receipt_for_rest(work: Work, act: Act, state: Payment, void: int | None) -> None:
    """A payment of several people whose receipt is void gets another one for what still stands."""
    seen = state.received
    after = work.payment(seen.payment_id)
    if void is None or not isinstance(after, Payment) or not after.matched:
        return
    if seen.payment_id in work.receipts(seen.unit_id, act.on.year).by_payment:
        return
    if seen.request_kind == "batch":
        placing.issue_receipt(work, act, seen.unit_id, seen.payment_id, None, after.matched, seen.paid_on)


def _undo_cash(work: Work, act: Act, wanted: Wanted, why: Why) -> dict[str, object]:
    """The entry is turned round, its receipt is void; the right entry, if there is one, stands under its own slip."""
    state = _payment(work, wanted, why.books)
    seen = state.received
    new_id = None if wanted.slip is None else payment_id(seen.source, wanted.slip)
    if new_id is not None and not isinstance(work.payment(new_id), NotSeen):
        raise blocked(f"Phiếu {wanted.slip} đã dùng cho một khoản khác. Dùng số phiếu mới cho khoản thay thế.")
    lines, void = _take_back(work, act, state, why, replaced_here=new_id is not None)
    record_reversed(
        work, act, why, Kind.CASH, seen.payment_id, payment.stream(seen.payment_id), lines, seen.amount, new_id
    )
    answer: dict[str, object] = {"state": "corrected", "amount": seen.amount, "voided_receipt": void}
    if new_id is not None:
        answer |= _new_cash(work, act, wanted, seen)
    reversal.require_left(work, lines)
    return answer


def _take_back(
    work: Work, act: Act, state: Payment, why: Why, *, replaced_here: bool = False
) -> tuple[tuple[EntryLine, ...], int | None]:
    """Undo every match of a payment and then the payment itself; the lines of both put together."""
    pid = state.received.payment_id
    lines: list[EntryLine] = []
    parts = parts_of(work, state, act.on.year)
    for part in parts:
        lines += reversal.undo_part(work, act, state, part, why.correction_id)
    units = tuple(dict.fromkeys((state.received.unit_id, *(part.unit_id for part in parts))))
    void = reversal.void_receipt(work, act, state, units, why.reason, replaced_here=replaced_here)
    waiting = payment.require_seen(work.payment(pid))
    lines += reversal.take_back(work, waiting, why.correction_id, why.reason)
    return correction.netted(tuple(lines)), void


def _require_replacement(work: Work, wanted: Wanted) -> None:
    """A replacement must be told in full when it is proposed: who approves can only say yes or no to it."""
    told = (wanted.slip, wanted.to_member, wanted.to_month, wanted.amount)
    if wanted.kind is Kind.CASH and wanted.payment_id is not None and told != (None,) * 4:
        _replaced(wanted, payment.require_seen(work.payment(wanted.payment_id)).received)


def _replaced(wanted: Wanted, old: payment.PaymentReceived) -> tuple[MemberId, str, Month]:
    """Who, on which slip and for which month the replacement stands."""
    member_id = wanted.to_member or old.member_id
    if member_id is None or wanted.slip is None or wanted.to_month is None:
        raise Refusal(
            RefusalCode.UNKNOWN_MEMBER, "Khoản thay thế phải nêu số phiếu, đảng viên và tháng. Ghi thêm điều còn thiếu."
        )
    return member_id, wanted.slip, wanted.to_month


def _new_cash(work: Work, act: Act, wanted: Wanted, old: payment.PaymentReceived) -> dict[str, object]:
    """The right cash entry, dated like the wrong one: the cash was taken on that day."""
    member_id, slip, month = _replaced(wanted, old)
    known = work.member(member_id)
    if known.unit_id != old.unit_id:
        raise organisation.outside(known.unit_id, old.unit_id)
    money = Money(
        source=old.source,
        outside_reference=slip,
        channel="cash",
        holder_id=old.holder_id,
        asset=Asset.CASH,
        asset_key=old.asset_key,
        amount=require_amount(old.amount if wanted.amount is None else wanted.amount),
        paid_on=old.paid_on,
        booked_on=old.booked_on,
        reference=None,
    )
    number = placing.receive_cash(work, act, old.unit_id, member_id, month, money)
    return {"replaced_by": money.payment_id, "receipt": number}


def _imported(work: Work, wanted: Wanted, unit_id: UnitId, *, proposing: bool = False) -> StatementImported:
    """The statement that is to be taken back; only the newest of its account can be."""
    if wanted.account_id is None or wanted.file_digest is None:
        raise Refusal(RefusalCode.UNKNOWN_ACCOUNT, "Phải nêu tài khoản và mã tệp (sha256) của sao kê cần lấy lại.")
    account = organisation.account(work.organisation, wanted.account_id)
    if account.unit_id != unit_id:
        raise organisation.outside(account.unit_id, unit_id)
    stream = bank_account.stream(wanted.account_id)
    state = work.account(wanted.account_id)
    made = [
        event if isinstance(event, StatementImported) else bank_account.as_imported(event)
        for event in work.events(stream)
        if isinstance(event, StatementImported | StatementWitnessed) and event.file_digest == wanted.file_digest
    ]
    if wanted.file_digest in state.witnesses:
        return made[-1]
    made = [one for one in made if one.format != bank_account.WITNESS_ONLY]
    if not made or wanted.file_digest not in state.files:
        raise Refusal(
            RefusalCode.CORRECTION_UNKNOWN,
            f"Tài khoản {wanted.account_id} không có sao kê nào từ tệp {wanted.file_digest[:12]}… Kiểm tra mã tệp.",
        )
    last = made[-1]
    later = any(to > last.to_date for _, to, _, _ in state.spans)
    if later and not (proposing and correcting.after_proposed(work, unit_id, wanted)):
        raise blocked(f"Tài khoản {wanted.account_id} đã có sao kê mới hơn; lấy lại sao kê mới hơn trước.")
    tellers = {told for _, told in state.aliases.values()} - {last.file_digest}
    here = {line.key for line in last.lines}
    if any(line in here and told in tellers for line, told in state.aliases.values()):
        others = ", ".join(sorted({told[:12] for line, told in state.aliases.values() if line in here}))
        raise blocked(f"Tệp khác ({others}…) đã chứng thực các dòng của sao kê này; rút tệp đó trước.")
    own = (last.from_date, last.to_date, last.opening, last.closing)
    overlapping = [s for s in state.spans if s != own and s[1] >= last.from_date and s[0] <= last.to_date]
    if overlapping or state.spans.count(own) != 1:
        raise blocked(f"Tài khoản {wanted.account_id} có sao kê khác trùng ngày với tệp này; đối chiếu bằng tay.")
    return last


def _undo_import(work: Work, act: Act, wanted: Wanted, why: Why) -> dict[str, object]:
    """Everything the statement's lines booked is turned round, line by line, or nothing is."""
    made = _imported(work, wanted, why.books)
    state = work.account(made.account_id)
    reversed_ = 0
    all_lines: list[EntryLine] = []
    for line in made.lines:
        lines = _undo_line(work, act, state, made.account_id, line.key, why)
        if lines:
            record_reversed(
                work, act, why, Kind.IMPORT, line.key, bank_account.stream(made.account_id), lines, line.amount
            )
            reversed_ += 1
            all_lines += lines
    back = StatementTakenBack(
        account_id=made.account_id,
        unit_id=made.unit_id,
        file_digest=made.file_digest,
        from_date=made.from_date,
        to_date=made.to_date,
        opening=made.opening,
        closing=made.closing,
        bank_lines=tuple(line.key for line in made.lines),
        reason=why.reason,
        decision=why.decision,
        correction_id=why.correction_id,
        taken_back_on=act.on,
    )
    work.record(bank_account.stream(made.account_id), (back,))
    reversal.require_left(work, tuple(all_lines))
    return {"state": "corrected", "lines": len(made.lines), "reversed": reversed_}


def _undo_line(
    work: Work, act: Act, state: BankAccount, account_id: AccountId, key: str, why: Why
) -> tuple[EntryLine, ...]:
    """Turn round what one line booked; refuses by name what a correction may not touch."""
    correcting.require_untied(work, state, key)
    placed = state.placed.get(key)
    if placed is None or placed.outcome in ("conflict", "known"):
        return ()
    if key in state.named:
        return reversal.take_back_name(work, bank_account.stream(account_id), key)
    if correcting.tells_only(work, state, key):
        return reversal.take_back_witness(work, PaymentId(placed.target), key, why.correction_id)
    if placed.outcome in ("reference", "suspense"):
        seen = payment.require_seen(work.payment(PaymentId(placed.target)))
        return _take_back(work, act, seen, why)[0]
    if placed.outcome in (settling.LUMP, settling.WAITS):
        return reversal.take_back_lump(work, placed.target, key, why.correction_id)
    if placed.outcome == "portal-credit":
        seen = payment.require_seen(work.payment(PaymentId(placed.target)))
        return reversal.take_back_credit(work, seen, why.correction_id)
    if placed.outcome == settled_credits.SETTLED_CREDIT:
        # Money that a settlement had explained waits again, and goes with its line if no message told of it.
        lines = settled_credits.take_back(work, PaymentId(placed.target), key, why.correction_id)
        seen = payment.require_seen(work.payment(PaymentId(placed.target)))
        return correction.netted((*lines, *(_take_back(work, act, seen, why)[0] if seen.received.bank_line else ())))
    return reversal.take_back_bag(work, why.books, key, why.correction_id)


def record_reversed(
    work: Work,
    act: Act,
    why: Why,
    kind: Kind,
    original: str,
    original_stream: str,
    lines: tuple[EntryLine, ...],
    amount: Dong,
    replaced_by: str | None = None,
) -> None:
    event = EntryReversed(
        correction_id=why.correction_id,
        unit_id=why.unit_id,
        kind=kind,
        original=original,
        original_stream=original_stream,
        replaced_by=replaced_by,
        amount=amount,
        lines=correction.netted(lines),
        reason=why.reason,
        decision=why.decision,
        corrected_on=act.on,
        proposed_by=why.proposed_by,
        approved_by=why.approved_by,
    )
    work.record(correction.stream(why.unit_id), (event,))
    # A declaration of a unit whose money is taken back must not be decided on the old figures.
    for unit in dict.fromkeys(line.unit_id for line in lines if line.account == "3310"):
        work.guard(f"declaration/{unit}")


#: What each command asks permission for, where, and the function that decides it.
COMMANDS: Mapping[type, Handler] = {
    CorrectEntry: Handler("correct-entry", Action.CORRECT_ENTRY, "unit_id", correct_entry),
    ApproveCorrection: Handler("approve-correction", Action.APPROVE_CORRECTION, "unit_id", approve_correction),
}
