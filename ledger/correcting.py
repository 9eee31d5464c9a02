"""Before a correction is carried out: which proposal is meant, and whether a statement's line can be taken back."""

from collections.abc import Mapping
from typing import cast

from domain import bank_account, correction, open_item, organisation, payment
from domain.bank_account import BankAccount, Placement, StatementImported
from domain.correction import CorrectionProposed, Kind, Wanted, blocked
from domain.errors import Refusal, RefusalCode
from domain.identifiers import PaymentId, UnitId
from domain.open_item import KIND_NAMES, DecisionKind, Decisions
from domain.payment import Payment
from ledger import same_money
from ledger.work import Work

#: What a line of a statement booked and a correction can turn round whatever came after it.
_UNDONE = ("conflict", "known", "portal-credit", "cash-bag", "settlement-lump", "settlement-waits", "settled-credit")


def proposed(work: Work, unit_id: UnitId, correction_id: str) -> CorrectionProposed:
    """The proposal; where two units used the same number, the ended one's is asked for as «code:number»."""
    own = work.corrections(unit_id)
    if correction_id in {asked.correction_id for asked in correction.waiting(own)}:
        return own.proposed[correction_id]
    org = work.organisation
    gone = [unit for unit in sorted(org.ended) if organisation.owner(org, unit) == unit_id]
    work.preload(correction.stream(unit) for unit in gone)
    found = {
        f"{organisation.unit(org, unit).code}:{asked.correction_id}": asked
        for unit in gone
        for asked in correction.waiting(work.corrections(unit))
    }
    if correction_id in found:
        return found[correction_id]
    named = {full: asked for full, asked in found.items() if asked.correction_id == correction_id}
    if len(named) > 1:
        raise Refusal(
            RefusalCode.CORRECTION_UNKNOWN,
            f"Nhiều đơn vị cũ có đề nghị {correction_id} đang chờ. Duyệt từng đề nghị bằng mã đầy đủ: "
            f"{', '.join(named)}.",
        )
    if named:
        return next(iter(named.values()))
    return correction.require_proposed(own, correction_id)


def require_unconfirmed(state: Payment, wanted: Wanted) -> None:
    """Beside cash only a bank slip that no bank has confirmed is one office's word, which it may take back."""
    if not same_money.only_by_slip(state):
        raise Refusal(
            RefusalCode.PAYMENT_KIND_DIFFERS,
            f"Khoản {wanted.payment_id} không phải tiền mặt, cũng không phải phiếu chuyển tiền mà ngân hàng chưa báo. "
            "Ngân hàng đã báo thì gỡ khớp (dangphi correct match) hoặc rút sao kê (dangphi statement withdraw).",
        )
    if (wanted.slip, wanted.to_member, wanted.to_month, wanted.amount) != (None,) * 4:
        raise Refusal(
            RefusalCode.PAYMENT_KIND_DIFFERS,
            f"Phiếu chuyển tiền {wanted.payment_id} chỉ huỷ, không thay tại đây. Huỷ xong thì ghi lại phiếu đúng "
            "(dangphi open-item transfer).",
        )


def after_proposed(work: Work, unit_id: UnitId, wanted: Wanted) -> bool:
    """Whether every newer statement of the account is itself proposed to be taken back: this one then comes after them.

    So a long file, which stands in the book as several statements, is proposed as a whole and approved as a whole.
    """
    if wanted.kind is not Kind.IMPORT or wanted.account_id is None:
        return False
    files = work.account(wanted.account_id).files
    told = [e for e in work.events(bank_account.stream(wanted.account_id)) if isinstance(e, StatementImported)]
    ends = {e.file_digest: e.to_date for e in told if e.file_digest in files}
    own = ends.get(wanted.file_digest or "")
    newer = {digest for digest, end in ends.items() if own is not None and end > own}
    proposed_too = {asked.wanted.file_digest for asked in correction.waiting(work.corrections(unit_id))}
    return bool(newer) and newer <= proposed_too


def require_untied(work: Work, state: BankAccount, key: str) -> None:
    """Refuse by name a line on which something else has come to depend: nobody need approve what cannot be done."""
    placed = state.placed.get(key)
    if placed is None or key in state.named or placed.outcome in _UNDONE or tells_only(work, state, key):
        return
    if placed.outcome not in ("reference", "suspense"):
        raise _depends(placed)
    known = payment.require_seen(work.payment(PaymentId(placed.target)))
    if known.received.bank_line != key:
        raise _depends(placed)
    _require_undecided(work, known)


def tells_only(work: Work, state: BankAccount, key: str) -> bool:
    """Whether a line is one word of several for its money: without it the others still tell of the money."""
    placed = state.placed.get(key)
    if placed is None or placed.outcome not in ("reference", "suspense", "witness"):
        return False
    known = work.payment(PaymentId(placed.target))
    if not isinstance(known, Payment):
        return False
    if any(w.bank_line == key for w in known.witnesses):
        return True
    return known.received.bank_line == key and any(w.bank_line is None for w in known.witnesses)


def _require_undecided(work: Work, known: Payment) -> None:
    """Money that was written off, given back or taken as a credit is somewhere else now: that is undone first."""
    item = known.received.payment_id
    unit = organisation.owner(work.organisation, payment.waits_at(known))
    state = cast(Decisions, work.state(open_item.stream(unit)))
    for number, taken in state.taken.items():
        made = taken.decision
        if made.item == item and number not in state.undone and made.kind in _ELSEWHERE:
            raise blocked(
                f"Khoản {item} đã có quyết định {number} («{KIND_NAMES[made.kind]}», {made.amount} đồng). Gỡ quyết "
                f"định đó trước (dangphi open-item undo {number}) rồi mới rút được sao kê.",
                decision=number,
            )


def _depends(placed: Placement) -> Refusal:
    what = _FIRST.get(placed.outcome, "việc đó phải tra soát, điều chỉnh trước")
    return blocked(
        f"Dòng {placed.key[:12]}… của sao kê đã gắn với «{placed.outcome}» {placed.target}; {what} rồi mới lấy lại "
        "được sao kê.",
        line=placed.key,
        outcome=placed.outcome,
        target=placed.target,
    )


#: What must be done before a line with this outcome can be taken back.
_FIRST: Mapping[str, str] = {
    "remittance-debit": "điều chỉnh số đã gửi của lệnh nộp (dangphi remit correct)",
    "remittance-credit": "tra soát với đơn vị nộp (dangphi remit dispute)",
    "remittance-returned": "nộp lại hoặc giải quyết tra soát của lệnh nộp",
    "refund-debit": "ghi khoản hoàn trả bị trả lại hoặc chi lại",
    "refund-returned": "chi lại khoản hoàn trả",
    "claw-back-credit": "tra soát khoản cấp trên trả lại",
    "settlement-returned": "tra soát đợt trả bị thu lại với kênh",
    "voucher": "huỷ phiếu chi (dangphi spend void)",
    "voucher-returned": "lập lại phiếu chi",
}

#: Decisions after which the money no longer waits where the line put it, and no member has it.
_ELSEWHERE = frozenset(
    {
        DecisionKind.RETURN,
        DecisionKind.REJECT,
        DecisionKind.WRITE_OFF,
        DecisionKind.ACCEPT_FEE,
        DecisionKind.LUMP,
        DecisionKind.OPEN_AGAIN,
    }
)
