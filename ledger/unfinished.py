"""What a unit must finish itself before it ends: papers that only its own people can answer for.

Money, claims, refunds, remittances, shortages and unknown payments go over to the successor. A proposal that nobody
approved, an approved transfer that the bank has not answered and a handover of cash that waits for its second signature
do not: they name people and numbers of the old unit.
"""

from collections.abc import Iterable

from domain import cash_custody, spending
from domain.identifiers import UnitId
from ledger.work import Work


def unfinished(work: Work, units: Iterable[UnitId]) -> tuple[str, ...]:
    """One Vietnamese line for each such paper with what to do; the command stands only if none comes meanwhile."""
    found: list[str] = []
    for unit in units:
        work.guard(spending.stream(unit))
        work.guard(cash_custody.stream(unit))
        for name, voucher in sorted(work.spending(unit).vouchers.items()):
            if voucher.state == "proposed":
                found.append(f"phiếu {name} của {unit} chưa duyệt: duyệt hoặc từ chối")
            elif voucher.approved is not None and voucher.state == "waiting":
                found.append(
                    f"{spending.numbered(voucher.approved)} ({name}) của {unit} chờ ngân hàng: nhập sao kê có dòng "
                    "chi, hoặc huỷ phiếu và lập lại ở đơn vị tiếp nhận"
                )
        offer = work.custody(unit).offer
        if offer is not None:
            found.append(f"bàn giao quỹ của {unit} chờ {offer.to_officer} ký: ký nhận, hoặc kiểm quỹ và bàn giao lại")
    return tuple(found)
