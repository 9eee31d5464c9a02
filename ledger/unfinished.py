"""What a unit must finish itself before it ends: papers that only its own people can answer for.

Money, claims, refunds, remittances, shortages and unknown payments go over to the successor. A proposal that nobody
approved, an approved transfer that the bank has not answered and a handover of cash that waits for its second signature
do not: they name people and numbers of the old unit. Proposed corrections and applications for relief go along: the
successor's people decide on them.
"""

from collections.abc import Iterable

from domain import cash_custody, correction, organisation, relief, spending
from domain.correction import CorrectionProposed
from domain.identifiers import UnitId
from domain.relief import ReliefApplied
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


def corrections_going_along(work: Work, units: Iterable[UnitId]) -> tuple[tuple[str, CorrectionProposed], ...]:
    """Corrections proposed in these units that nobody approved, with the full number under which each is approved."""
    org = work.organisation
    return tuple(
        (f"{organisation.unit(org, unit).code}:{asked.correction_id}", asked)
        for unit in units
        for asked in correction.waiting(work.corrections(unit))
    )


def reliefs_going_along(work: Work, units: Iterable[UnitId]) -> tuple[ReliefApplied, ...]:
    """Applications for relief of these units' members that nobody has decided."""
    ending = frozenset(units)
    members = work.directory.concerned_by(ending)
    work.preload(relief.stream(one) for one in members)
    return tuple(asked for one in members for asked in relief.waiting(work.reliefs(one)) if asked.unit_id in ending)
