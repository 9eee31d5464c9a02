"""What may be decided about where a member belongs: admission, letters, releases, endings, returns.

Each decision takes what is known and returns the events it makes; the same decision again makes none. Sources: rules
§4 (Charter of the Party, 24-QĐ/TW, 01-HD/TW 2021), and settings of the policy where no text gives an answer.
"""

from dataclasses import replace
from datetime import date

from domain import membership
from domain.access import require_other_person
from domain.errors import Refusal, RefusalCode
from domain.identifiers import UnitId
from domain.member import Member, State, require_known
from domain.membership import (
    Ending,
    MemberAdmitted,
    MemberArrived,
    MemberMoved,
    MemberRecognised,
    MembershipEnded,
    MembershipRestored,
    ReleasedFromActivities,
    TemporaryTransferEnded,
    TransferKind,
    TransferLetterIssued,
    TransferReceived,
    TransferWithdrawn,
)
from domain.period import Month, month_of, months_between, shift
from domain.policy import Policy, setting
from domain.policy_settings import SettingName

#: How many months a temporary transfer may last: 3 months to under 1 year, for study up to 2 years (rules §4).
TERMS = {TransferKind.TEMPORARY: (3, 11), TransferKind.STUDY: (3, 24)}

#: A letter that says more months ahead are paid than this is a slip of the pen.
MONTHS_AHEAD = 12


def first_month(policy: Policy, ceremony_on: date) -> Month:
    """The first dues month after an admission; no text says which, so it is a setting."""
    month = month_of(ceremony_on)
    return month if setting(policy, SettingName.FIRST_DUES_MONTH, month) == "month-of-ceremony" else shift(month, 1)


def last_month(policy: Policy, why: Ending, effective_on: date) -> Month:
    """The last dues month when a membership ends; the month of a death that is waived is not owed at all."""
    month = month_of(effective_on)
    waived = why is Ending.DIED and setting(policy, SettingName.DEATH_WAIVES_OPEN_MONTHS, month) != "none"
    before = setting(policy, SettingName.LAST_DUES_MONTH, month) == "month-before"
    return shift(month, -1) if before or waived else month


def payee(policy: Policy, month: Month, temporary: UnitId | None, official: UnitId | None) -> UnitId | None:
    """To whom a temporary transfer's months are owed (a setting); None: to a unit outside this shard."""
    return temporary if setting(policy, SettingName.TEMPORARY_TRANSFER_PAYEE, month) == "temporary-cell" else official


def admit(state: State, asked: MemberAdmitted) -> tuple[MemberAdmitted, ...]:
    """Admit a person who is no member now."""
    if isinstance(state, Member):
        for past in state.membership.history:
            if isinstance(past, MemberAdmitted) and (past.decision, past.unit_id) == (asked.decision, asked.unit_id):
                return ()
        _require_absent(state)
        asked = replace(asked, first_month=max(asked.first_month, _free_from(state)))
    if asked.ceremony_on < asked.decided_on:
        raise Refusal(
            RefusalCode.MEMBERSHIP_STATE,
            f"Lễ kết nạp {asked.ceremony_on:%d/%m/%Y} trước ngày quyết định {asked.decided_on:%d/%m/%Y}. "
            "Kiểm tra hai ngày trên quyết định.",
        )
    return (asked,)


def recognise(state: State, asked: MemberRecognised) -> tuple[MemberRecognised, ...]:
    """Recognise a probationary member as an official one; what is owed stays the same."""
    known = require_known(state)
    if asked in known.membership.history:
        return ()
    _require_on_roll(known, asked.unit_id)
    return (asked,)


def issue_letter(
    state: State, asked: TransferLetterIssued, *, last_paid: Month | None
) -> tuple[TransferLetterIssued, ...]:
    """Give a letter of introduction. ``last_paid`` is the latest month for which this ledger has taken money."""
    known = require_known(state)
    if any(replace(past, issued_by=asked.issued_by) == asked for past in known.membership.letters):
        return ()
    belongs = known.membership
    if belongs.pending is not None:
        raise Refusal(
            RefusalCode.TRANSFER_STATE,
            f"Đảng viên đã có giấy giới thiệu {belongs.pending.letter} chưa được tiếp nhận. "
            "Nơi đến tiếp nhận, hoặc thu hồi giấy đó trước.",
        )
    if any(letter.letter == asked.letter for letter in belongs.letters):
        raise Refusal(
            RefusalCode.TRANSFER_STATE,
            f"Giấy giới thiệu số {asked.letter} của đảng viên này đã ghi với nội dung khác. Kiểm tra số giấy.",
        )
    _require_on_roll(known, asked.unit_id)
    if (asked.to_unit is None) == (not asked.to_outside) or asked.to_unit == asked.unit_id:
        raise Refusal(
            RefusalCode.TRANSFER_STATE,
            "Giấy giới thiệu phải ghi đúng một nơi đến, khác nơi đi: một đơn vị trong sổ, hoặc tên nơi ngoài sổ.",
        )
    _check_months(known, asked, last_paid)
    return (asked,)


def _check_months(known: Member, asked: TransferLetterIssued, last_paid: Month | None) -> None:
    spell = known.membership.spells[-1]
    if spell.from_month is not None and asked.paid_through < shift(spell.from_month, -1):
        raise _months(
            f"nơi đi chỉ thu từ tháng {spell.from_month}, giấy lại ghi đã đóng đến tháng {asked.paid_through}. "
            f"Ghi tháng {shift(spell.from_month, -1)} trở đi."
        )
    if asked.paid_through > shift(month_of(asked.issued_on), MONTHS_AHEAD):
        raise _months(f"tháng {asked.paid_through} cách ngày giấy quá {MONTHS_AHEAD} tháng. Kiểm tra tháng.")
    if last_paid is not None and last_paid > asked.paid_through:
        raise _months(
            f"giấy ghi đã đóng hết tháng {asked.paid_through} nhưng sổ đã thu tháng {last_paid}. "
            f"Ghi tháng {last_paid} hoặc tháng sau đó."
        )
    start = shift(asked.paid_through, 1)
    if any(stay.to_month >= start for stay in known.membership.stays):
        raise _months("đảng viên đang chuyển tạm thời trong các tháng này. Kết thúc lần chuyển tạm thời trước đã.")
    if asked.kind is not TransferKind.OFFICIAL:
        _check_term(asked.kind, start, asked.to_month)
    elif asked.to_month is not None:
        raise _months("chuyển chính thức không có tháng kết thúc. Bỏ trống tháng cuối, hoặc chọn chuyển tạm thời.")


def _check_term(kind: TransferKind, start: Month, end: Month | None) -> None:
    low, high = TERMS[kind]
    length = 0 if end is None else months_between(start, end) + 1
    if not low <= length <= high:
        raise _months(
            f"chuyển tạm thời từ {start} đến {end or 'không ghi'} là {length} tháng, được từ {low} đến {high} tháng. "
            "Sửa tháng cuối; đi học đến 24 tháng; lâu hơn là chuyển chính thức."
        )


def withdraw_letter(state: State, asked: TransferWithdrawn) -> tuple[TransferWithdrawn, ...]:
    """Take back a letter that nobody received."""
    known = require_known(state)
    if asked in known.membership.history:
        return ()
    given = next((letter for letter in known.membership.letters if letter.letter == asked.letter), None)
    away = given is not None and given.to_unit is None and given in known.membership.history[-1:]
    if given is None or given.unit_id != asked.unit_id or not (known.membership.pending == given or away):
        raise Refusal(
            RefusalCode.TRANSFER_STATE,
            f"Đơn vị {asked.unit_id} không có giấy giới thiệu {asked.letter} đang chờ tiếp nhận. Kiểm tra số giấy; "
            "giấy đã tiếp nhận thì chuyển lại bằng giấy mới.",
        )
    return (asked,)


def receive(state: State, asked: TransferReceived) -> tuple[TransferReceived, ...]:
    """Take a member in by the letter the old cell gave; two people, one on each side."""
    known = require_known(state)
    for past in known.membership.history:
        if isinstance(past, TransferReceived) and (past.letter, past.unit_id) == (asked.letter, asked.unit_id):
            return ()
    given = pending_letter(known, asked.letter, asked.unit_id)
    require_other_person(given.issued_by, asked.received_by, f"Giấy giới thiệu {asked.letter}: tiếp nhận")
    if asked.received_on < given.issued_on:
        raise Refusal(
            RefusalCode.TRANSFER_STATE,
            f"Ngày tiếp nhận {asked.received_on:%d/%m/%Y} trước ngày giấy {given.issued_on:%d/%m/%Y}. Sửa ngày.",
        )
    return (asked,)


def pending_letter(known: Member, letter: str, to_unit: UnitId) -> TransferLetterIssued:
    """The letter to this unit that waits to be received, or a refusal."""
    pending = known.membership.pending
    if pending is None or pending.letter != letter or pending.to_unit != to_unit:
        raise Refusal(
            RefusalCode.TRANSFER_STATE,
            f"Không có giấy giới thiệu {letter} đến đơn vị {to_unit} chờ tiếp nhận. "
            "Nơi đi ghi giấy giới thiệu trước; kiểm tra số giấy và đơn vị đến.",
        )
    return pending


def arrive(state: State, asked: MemberArrived) -> tuple[MemberArrived, ...]:
    """Take in a member who comes from outside this shard."""
    if isinstance(state, Member):
        for past in state.membership.history:
            if isinstance(past, MemberArrived) and replace(past, roster_order=asked.roster_order) == asked:
                return ()
        _require_absent(state)
        if asked.from_month < _free_from(state):
            raise _months(
                f"tháng {asked.from_month} đã thuộc một đơn vị của sổ này. Ghi tháng đã đóng trên giấy từ tháng "
                f"{shift(_free_from(state), -1)} trở đi."
            )
    if asked.kind is TransferKind.OFFICIAL:
        if asked.to_month is not None:
            raise _months("chuyển chính thức không có tháng kết thúc. Bỏ trống tháng cuối.")
    else:
        _check_term(asked.kind, asked.from_month, asked.to_month)
    return (asked,)


def end_temporary(state: State, asked: TemporaryTransferEnded) -> tuple[TemporaryTransferEnded, ...]:
    """End a temporary transfer before its last month."""
    known = require_known(state)
    if asked in known.membership.history:
        return ()
    stay = next((stay for stay in known.membership.stays if stay.letter == asked.letter), None)
    if stay is None or not shift(stay.from_month, -1) <= asked.last_month < stay.to_month:
        raise Refusal(
            RefusalCode.TRANSFER_STATE,
            f"Giấy {asked.letter} không có lần chuyển tạm thời nào còn sau tháng {asked.last_month}. "
            "Kiểm tra số giấy và tháng cuối.",
        )
    return (asked,)


def release(state: State, asked: ReleasedFromActivities) -> tuple[ReleasedFromActivities, ...]:
    """Record a release from Party activities."""
    known = require_known(state)
    if asked in known.membership.history:
        return ()
    _require_on_roll(known, asked.unit_id)
    if asked.to_month < asked.from_month:
        raise _months(f"thời gian miễn sinh hoạt kết thúc ({asked.to_month}) trước khi bắt đầu ({asked.from_month}).")
    return (asked,)


def end(state: State, asked: MembershipEnded) -> tuple[MembershipEnded, ...]:
    """End a membership by a decision of the body that may; nothing is given back (rules §4)."""
    known = require_known(state)
    if asked in known.membership.history:
        return ()
    _require_on_roll(known, asked.unit_id)
    spell = known.membership.spells[-1]
    if asked.effective_on < spell.from_day:
        raise Refusal(
            RefusalCode.MEMBERSHIP_STATE,
            f"Ngày ra khỏi danh sách {asked.effective_on:%d/%m/%Y} trước ngày vào {asked.unit_id} "
            f"({spell.from_day:%d/%m/%Y}). Kiểm tra ngày trên quyết định.",
        )
    return (asked,)


def restore(state: State, asked: MembershipRestored) -> tuple[MembershipRestored, ...]:
    """Give membership back; ``from_month`` is set to the first interrupted month, whatever was asked."""
    known = require_known(state)
    for past in known.membership.history:
        if isinstance(past, MembershipRestored) and (past.decision, past.unit_id) == (asked.decision, asked.unit_id):
            return ()
    ended = membership.ending(known.membership)
    if ended is None or ended.why is Ending.DIED or asked.restored_on < ended.effective_on:
        raise Refusal(
            RefusalCode.MEMBERSHIP_STATE,
            "Đảng viên này không có quyết định xoá tên, khai trừ hay ra khỏi Đảng trước ngày phục hồi. "
            "Kiểm tra mã đảng viên và quyết định.",
        )
    return (replace(asked, from_month=shift(ended.last_month, 1)),)


def move(state: State, asked: MemberMoved) -> tuple[MemberMoved, ...]:
    """A merged or divided cell's member goes to the new cell; someone not there any more is left where they are."""
    known = require_known(state)
    if asked in known.membership.history:
        return ()
    here = membership.present(known.membership)
    stays = any(
        asked.from_unit in (stay.unit_id, stay.payee_id) and stay.to_month >= asked.from_month
        for stay in known.membership.stays
    )
    return (asked,) if stays or (here is not None and here.unit_id == asked.from_unit) else ()


def _free_from(known: Member) -> Month:
    """The first month that no unit of this shard owns any more, for a member who is on no roll."""
    lasts = [spell.to_month for spell in known.membership.spells if spell.to_month is not None]
    lasts += [stay.to_month for stay in known.membership.stays]
    return shift(max(lasts), 1) if lasts else Month("")


def _require_absent(known: Member) -> None:
    here = membership.present(known.membership)
    if here is not None:
        raise Refusal(
            RefusalCode.MEMBERSHIP_STATE,
            f"Đảng viên đang sinh hoạt tại {here.unit_id}. Dùng giấy giới thiệu để chuyển, không ghi mới.",
        )
    ended = membership.ending(known.membership)
    if ended is not None and ended.why is Ending.DIED:
        raise Refusal(
            RefusalCode.MEMBERSHIP_STATE,
            f"Đảng viên đã từ trần ngày {ended.effective_on:%d/%m/%Y} theo {ended.decision}. Kiểm tra mã đảng viên.",
        )


def _require_on_roll(known: Member, unit_id: UnitId) -> None:
    here = membership.present(known.membership)
    if here is None:
        raise Refusal(
            RefusalCode.MEMBERSHIP_STATE,
            f"Đảng viên không còn trong danh sách của {unit_id}. Kiểm tra mã đảng viên; nếu đã chuyển đi thì nơi đến "
            "làm việc này.",
        )
    if here.unit_id != unit_id:
        raise Refusal(
            RefusalCode.MEMBERSHIP_STATE,
            f"Đảng viên đang trong danh sách của {here.unit_id}, không phải {unit_id}. Chọn đúng đơn vị.",
        )


def _months(what: str) -> Refusal:
    return Refusal(RefusalCode.TRANSFER_MONTHS, f"Chuyển sinh hoạt: {what}")
