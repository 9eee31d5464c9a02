"""Taking entries back: what a payment did to members, to the book and to receipts is undone, step by step.

Each function records what it undoes into the ``Work`` and returns the posting that turns it round; whoever corrects
puts the lines together into one entry. Nothing here decides whether a correction may be made.
"""

from collections import defaultdict

from domain import (
    bank_account,
    cash,
    correction,
    dues_account,
    organisation,
    payment,
    receipt_book,
    settlement,
    suspense,
)
from domain.correction import Wanted
from domain.dues_account import CreditApplied
from domain.dues_corrections import CreditUnapplied, CreditUnheld, PaymentUnapplied
from domain.entry_line import EntryLine
from domain.errors import Refusal, RefusalCode
from domain.events import DomainEvent
from domain.identifiers import MemberId, PaymentId, UnitId
from domain.money import Dong, format_dong
from domain.payment import Asset, MatchUndone, Payment, PaymentTakenBack
from domain.period import Month
from ledger.accounts import open_account, year_with
from ledger.owning import credit_moved, home, owning_unit
from ledger.payment_parts import Part, parts_of
from ledger.posting import entry
from ledger.work import Act, Work

#: Accounts that a correction may not drive below nothing, and what that would mean.
_NEVER_BELOW = {
    "3310": "kỳ báo cáo đã chốt và phân bổ khoản này; dùng hoàn trả sau phân bổ thay cho điều chỉnh",
    "1110": "tiền mặt này đã nộp ngân hàng hoặc bàn giao; điều chỉnh lần nộp, bàn giao đó trước",
}


def reversed_lines(*events: DomainEvent) -> tuple[EntryLine, ...]:
    """The entries of events with debit and credit changed over."""
    return tuple(_line(line.unit, line.account, line.key, -line.amount) for event in events for line in entry(event))


def _line(unit: str, account: str, key: str, amount: Dong) -> EntryLine:
    """A line of ``amount`` on the debit side, or of its opposite on the credit side."""
    return EntryLine(unit_id=UnitId(unit), account=account, key=key, debit=max(amount, 0), credit=max(-amount, 0))


# --- what a payment did -------------------------------------------------------------------------------------------


def chosen(work: Work, state: Payment, wanted: Wanted, unit_id: UnitId, act: Act) -> tuple[Part, ...]:
    """The parts that are taken back: one member's, or everybody's; refuses what is not beneath ``unit_id``."""
    org = work.organisation
    found = tuple(part for part in parts_of(work, state, act.on.year) if wanted.member_id in (None, part.member_id))
    if not found and wanted.kind is correction.Kind.MATCH:
        raise Refusal(
            RefusalCode.NOTHING_DUE,
            f"Khoản {state.received.payment_id} không đang ghi cho đảng viên nào như đã nêu; không có gì để gỡ.",
        )
    for part in found:
        if not organisation.is_within(org, part.unit_id, unit_id):
            raise organisation.outside(part.unit_id, unit_id)
        at = home(work, work.member(part.member_id)) if part.credit else part.unit_id
        if not organisation.is_within(org, at, unit_id):
            raise correction.blocked(
                f"Số đóng thừa {format_dong(part.credit)} đồng từ khoản này đã theo đảng viên sang {at}. Cấp trên "
                f"chung của {part.unit_id} và {at} lập điều chỉnh này; hai sổ được sửa cùng lúc."
            )
    return found


# --- undoing ------------------------------------------------------------------------------------------------------


def undo_part(work: Work, act: Act, state: Payment, part: Part, correction_id: str) -> tuple[EntryLine, ...]:
    """A member's part goes back to suspense; his months are owed again, his credit is gone."""
    payment_id = state.received.payment_id
    account = open_account(work, part.member_id, part.unit_id, act.on.year)
    for month, amount in part.months:
        assessed, relieved, applied = _month(work, part.member_id, month, act.on.year)
        owner = owning_unit(work, work.member(part.member_id), month)
        if owner is None:
            raise correction.blocked(
                f"Đảng viên {part.member_id} không còn phải đóng tháng {month} ở đơn vị nào; gỡ ra thì không ai nợ."
            )
        if applied < amount:
            # A restated month or a late relief has freed a part of it since: it is credit, or was given back.
            raise correction.blocked(
                f"Tháng {month} của đảng viên {part.member_id} chỉ còn {format_dong(applied)} đồng đã đóng, không gỡ "
                f"được {format_dong(amount)} đồng: mức đóng đã tính lại hoặc đã hoàn trả. Xử lý phần dôi ra trước."
            )
        undone = PaymentUnapplied(
            member_id=part.member_id,
            unit_id=owner,
            month=month,
            amount=amount,
            payment_id=payment_id,
            assessed=assessed,
            relieved=relieved,
            applied_before=applied,
            correction_id=correction_id,
        )
        work.record(account, (undone,))
    lines: tuple[EntryLine, ...] = ()
    if part.credit:
        _free_credit(work, act, part, account, correction_id)
        lines = _bring_back(work, part, account)
        unheld = CreditUnheld(
            member_id=part.member_id,
            unit_id=part.unit_id,
            amount=part.credit,
            payment_id=payment_id,
            correction_id=correction_id,
        )
        work.record(account, (unheld,))
    holder = organisation.owner(work.organisation, payment.waits_at(state))
    matched = MatchUndone(
        payment_id=payment_id,
        holder_id=holder,
        unit_id=part.unit_id,
        member_id=part.member_id,
        amount=part.amount,
        dues_amount=part.dues,
        credit_amount=part.credit,
        correction_id=correction_id,
    )
    work.record(payment.stream(payment_id), (matched,))
    return (*lines, *_unmatched(part, holder, payment_id))


def _unmatched(part: Part, holder: UnitId, payment_id: PaymentId) -> list[EntryLine]:
    """Out of what was collected or held for the member, back to money without an owner at its holder."""
    lines = [
        _line(part.unit_id, "3310", "own", part.dues),
        _line(part.unit_id, "3340", part.member_id, part.credit),
        _line(holder, "3380", payment_id, -part.amount),
    ]
    if holder != part.unit_id:
        lines.append(_line(part.unit_id, "1390", holder, -part.amount))
        lines.append(_line(holder, "3390", part.unit_id, part.amount))
    return lines


def _month(work: Work, member_id: MemberId, month: Month, year: int) -> tuple[Dong, Dong, Dong]:
    """The month as the newest account that has it shows it: assessed, relieved, applied."""
    found = year_with(work, member_id, month, year)
    if found is None:
        raise correction.blocked(f"Không tìm thấy nghĩa vụ tháng {month} của đảng viên {member_id}. Kiểm tra tháng.")
    item = work.dues(member_id, found).items[month]
    return item.assessed, item.relieved, item.applied


def _bring_back(work: Work, part: Part, account: str) -> tuple[EntryLine, ...]:
    """Credit that went with its member to another unit comes back to the books into which the payment brought it.

    What the two units held for it is held no more; where that money was passed on since, the other one holds it now.
    """
    at = home(work, work.member(part.member_id))
    if at == part.unit_id:
        return ()
    if work.balance(at, "1390", part.unit_id) < part.credit:
        work.record(account, credit_moved(part.member_id, at, part.unit_id, part.credit))
        return ()
    return (
        _line(at, "3340", part.member_id, part.credit),
        _line(at, "1390", part.unit_id, -part.credit),
        _line(part.unit_id, "3390", at, part.credit),
        _line(part.unit_id, "3340", part.member_id, -part.credit),
    )


def _free_credit(work: Work, act: Act, part: Part, account: str, correction_id: str) -> None:
    """Credit that has answered for later months meanwhile is taken off them, the newest month first."""
    member, year = part.member_id, act.on.year
    short = part.credit - dues_account.free_credit(work.dues(member, year))
    if short <= 0:
        return
    at = home(work, work.member(member))
    used: dict[Month, Dong] = defaultdict(int)
    units: dict[Month, UnitId] = {}
    for y in (year - 1, year):
        for event in work.events(dues_account.stream(member, y)):
            if isinstance(event, CreditApplied):
                used[event.month] += event.amount
                units[event.month] = organisation.owner(work.organisation, event.unit_id)
            elif isinstance(event, CreditUnapplied):
                used[event.month] -= event.amount
    for month in sorted(used, reverse=True):
        assessed, relieved, applied = _month(work, member, month, year)
        amount = min(short, used[month], applied)
        if amount <= 0:
            continue
        undone = CreditUnapplied(
            member_id=member,
            unit_id=units[month],
            month=month,
            amount=amount,
            assessed=assessed,
            relieved=relieved,
            applied_before=applied,
            correction_id=correction_id,
        )
        work.record(account, (undone, *credit_moved(member, units[month], at, amount)))
        short -= amount
        if short == 0:
            return
    raise correction.blocked(
        f"{format_dong(short)} đồng đóng thừa của đảng viên {member} từ khoản này đã hoàn trả, đã tính là thu "
        "trước, hoặc đang chờ duyệt hoàn trả, đóng thêm; điều chỉnh hoặc rút việc đó trước."
    )


def take_back(work: Work, state: Payment, correction_id: str, reason: str) -> tuple[EntryLine, ...]:
    """Money that waits whole in suspense never came in this way: the book gives it back to where it seemed to lie."""
    seen = state.received
    if state.converted_by is not None or seen.converted_amount:
        raise correction.blocked(
            f"Khoản {seen.payment_id} gắn với tiền mặt đã nộp trực tuyến; điều chỉnh lượt nộp hộ đó trước."
        )
    suspense.require_free(state, state.suspense)
    if state.suspense != seen.amount:
        raise correction.blocked(
            f"Khoản {seen.payment_id} còn treo {format_dong(state.suspense)} trên {format_dong(seen.amount)} đồng; "
            "phần kia đã hoàn trả hoặc đổi loại. Điều chỉnh việc đó trước."
        )
    if seen.asset is Asset.CLEARING:
        raise correction.blocked(f"Khoản {seen.payment_id} do Cổng báo; tra soát với Cổng, không huỷ tại sổ.")
    org = work.organisation
    waits, holder = organisation.owner(org, payment.waits_at(state)), organisation.owner(org, seen.holder_id)
    key = holder if seen.asset is Asset.CASH else seen.asset_key
    back = PaymentTakenBack(
        payment_id=seen.payment_id,
        unit_id=seen.unit_id,
        amount=seen.amount,
        reason=reason,
        correction_id=correction_id,
    )
    work.record(payment.stream(seen.payment_id), (back,))
    lines = [
        _line(waits, "3380", seen.payment_id, seen.amount),
        _line(holder, seen.asset, key, -seen.amount),
    ]
    if waits != holder:
        lines += [_line(waits, "1390", holder, -seen.amount), _line(holder, "3390", waits, seen.amount)]
    return tuple(lines)


def void_receipt(
    work: Work, act: Act, state: Payment, units: tuple[UnitId, ...], reason: str, *, replaced_here: bool
) -> int | None:
    """Void the payment's receipt in the book of one of these units; returns its number, None where there is none.

    ``replaced_here`` says that the next number of the same book will be issued for it by this command.
    """
    payment_id = state.received.payment_id
    for unit in units:
        for year in range(state.received.paid_on.year, act.on.year + 1):
            book = work.receipts(unit, year)
            number = book.by_payment.get(payment_id)
            if number is None:
                continue
            events = receipt_book.void(
                book,
                unit_id=unit,
                year=year,
                number=number,
                reason=reason,
                replaced_by=book.last + 1 if replaced_here and year == act.on.year else None,
                still_due=False,
                voided_by=act.actor,
                on=act.on,
            )
            work.record(receipt_book.stream(unit, year), events)
            return number
    return None


def take_back_credit(work: Work, state: Payment, correction_id: str) -> tuple[EntryLine, ...]:
    """The bank's credit of announced money was none."""
    credited = state.credited
    if credited is None:
        return ()
    back = payment.CreditTakenBack(
        payment_id=credited.payment_id,
        unit_id=credited.unit_id,
        account_id=credited.account_id,
        amount=credited.amount,
        bank_line=credited.bank_line,
        correction_id=correction_id,
    )
    work.record(payment.stream(credited.payment_id), (back,))
    return reversed_lines(credited)


def take_back_witness(work: Work, payment_id: PaymentId, line: str, correction_id: str) -> tuple[EntryLine, ...]:
    """A line that was one word of several for its money: the money stays, the line's word for it goes."""
    known = payment.require_seen(work.payment(payment_id))
    said = next((w for w in known.witnesses if w.bank_line == line), None)
    back = payment.WitnessTakenBack(
        payment_id=payment_id,
        source=known.received.source if said is None else said.source,
        outside_reference=known.received.outside_reference if said is None else said.outside_reference,
        bank_line=line,
        correction_id=correction_id,
    )
    work.record(payment.stream(payment_id), (back,))
    return ()


def take_back_lump(work: Work, target: str, line: str, correction_id: str) -> tuple[EntryLine, ...]:
    """The bank's line for a whole settlement was none: nobody it paid is credited, and it waits for another line."""
    rail, key = target.split("/", 1)
    state = work.settlement(rail, key)
    lump = state.lump if state.lump is not None and state.lump.bank_line == line else None
    seen = next((one for one in state.waiting if one.bank_line == line), lump)
    if any(line == back.credited_line for back in state.returned):
        raise correction.blocked(
            f"Dòng {line[:12]}… là đợt trả {target} mà ngân hàng đã thu lại bằng dòng khác; tra soát cả hai dòng trước."
        )
    if seen is None:
        return ()
    back = settlement.SettlementLumpTakenBack(
        rail=rail,
        settlement_id=seen.settlement_id,
        unit_id=seen.unit_id,
        account_id=seen.account_id,
        amount=seen.amount,
        bank_line=line,
        correction_id=correction_id,
    )
    work.record(settlement.stream(rail, key), (back,))
    if lump is None:
        return ()
    credits = [take_back_credit(work, payment.require_seen(work.payment(p)), correction_id) for p in lump.payments]
    return (*reversed_lines(lump), *(one for lines in credits for one in lines))


def take_back_bag(work: Work, unit_id: UnitId, line: str, correction_id: str) -> tuple[EntryLine, ...]:
    """The bank's credit of a cash bag was none."""
    for event in work.events(cash.stream(unit_id)):
        if isinstance(event, cash.BagCredited) and event.bank_line == line:
            back = cash.BagCreditUndone(
                bag=event.bag,
                unit_id=event.unit_id,
                account_id=event.account_id,
                amount=event.amount,
                bank_line=line,
                correction_id=correction_id,
            )
            work.record(cash.stream(unit_id), (back,))
            return reversed_lines(event)
    return ()


def take_back_name(work: Work, account: str, line: str) -> tuple[EntryLine, ...]:
    """A line that was named as not dues; the statement that brought it takes the name back with it."""
    for event in work.events(account):
        if isinstance(event, bank_account.MovementNamed) and event.bank_line == line:
            return reversed_lines(event)
    return ()


def require_left(work: Work, lines: tuple[EntryLine, ...]) -> None:
    """Refuse, by name, what would take more out of an account than it has: something later depends on the entry."""
    for account, why in _NEVER_BELOW.items():
        # Taking credit back may take it off months, which lessens what was collected (``CreditUnapplied``).
        freed = [event.unit_id for event in work.new_events() if isinstance(event, CreditUnapplied)]
        for unit in dict.fromkeys((*(line.unit_id for line in lines if line.account in (account, "3340")), *freed)):
            left = work.balance(unit, account, "own" if account == "3310" else None)
            if left < 0:
                raise correction.blocked(
                    f"{unit}: điều chỉnh sẽ làm tài khoản {account} thiếu {format_dong(-left)} đồng: {why}.",
                    unit=unit,
                    account=account,
                )
