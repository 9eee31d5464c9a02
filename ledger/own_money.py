"""How much of a unit's money is its own, and which bank debits are already spoken for by a voucher."""

from domain import spending
from domain.errors import Refusal, RefusalCode
from domain.identifiers import AccountId, UnitId
from domain.money import Dong, format_dong
from ledger.headings import of_key
from ledger.work import Work


def own_money(work: Work, unit_id: UnitId, source: str | None = None) -> Dong:
    """What a unit may still spend: 4310 + 4320 − 6310 less open shortages and approved transfers; đồng.

    Of one source (4310 or 4320) when named: then what was spent of that source is taken off, and a shortage, which
    belongs to no source, is not. By A1 this is the slack of the cover check (A4), so who stays within it never spends
    money that belongs to somebody else.
    """
    waiting = spending.held(work.spending(unit_id), source=source)
    if source is None:
        funds = work.balance(unit_id, "4310") + work.balance(unit_id, "4320")
        return funds - work.balance(unit_id, "6310") - work.balance(unit_id, "1370") - waiting
    spent = sum(amount for key, amount in work.books.balances(unit_id, "6310").items() if of_key(key)[1] == source)
    return work.balance(unit_id, source) - spent - waiting


def require_not_voucher(work: Work, unit_id: UnitId, account_id: AccountId, amount: Dong, line_key: str) -> None:
    """Refuse to book a debit as spending by hand while an approved transfer of that amount waits: not twice."""
    for voucher in spending.waiting(work.spending(unit_id), account_id):
        if voucher.proposed.amount == amount:
            raise Refusal(
                RefusalCode.LINE_ANSWERS_VOUCHER,
                f"Dòng {line_key[:12]}… {format_dong(amount)} đồng có thể là phiếu {voucher.proposed.voucher_id} đã "
                "duyệt đang chờ ngân hàng. Khớp dòng với phiếu («dangphi spend match»), hoặc huỷ phiếu nếu không phải.",
                voucher=voucher.proposed.voucher_id,
            )
