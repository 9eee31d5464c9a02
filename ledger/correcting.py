"""Before a correction is carried out: which proposal is meant, and whether a statement's line can be taken back."""

from domain import correction, organisation, payment
from domain.bank_account import BankAccount, Placement
from domain.correction import CorrectionProposed, blocked
from domain.errors import Refusal, RefusalCode
from domain.identifiers import PaymentId, UnitId
from ledger.work import Work

#: What a line of a statement booked and a correction can turn round whatever came after it.
_UNDONE = ("conflict", "known", "portal-credit", "cash-bag")


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


def require_untied(work: Work, state: BankAccount, key: str) -> None:
    """Refuse by name a line on which something else has come to depend: nobody need approve what cannot be done."""
    placed = state.placed.get(key)
    if placed is None or key in state.named or placed.outcome in _UNDONE:
        return
    if placed.outcome not in ("reference", "suspense"):
        raise _depends(placed)
    if payment.require_seen(work.payment(PaymentId(placed.target))).received.bank_line != key:
        raise _depends(placed)


def _depends(placed: Placement) -> Refusal:
    return blocked(
        f"Dòng {placed.key[:12]}… của sao kê đã gắn với «{placed.outcome}» {placed.target}; việc đó phải tra soát, "
        "điều chỉnh trước rồi mới lấy lại được sao kê."
    )
