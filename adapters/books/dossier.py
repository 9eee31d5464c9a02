"""The dossier of unpaid months on paper: one member a page, with places for the cell's conclusion and signatures."""

from collections.abc import Mapping, Sequence
from typing import Any

from adapters.books.typesetting import breakable, day, dong, pdf, shown
from domain.arrears import STATE_TITLES
from domain.errors import Malformed
from domain.money import format_dong
from ledger.arrears import Dossier, MonthEvidence

_TEMPLATE = "dossier.typ"


def dossier_pdf(dossiers: Sequence[Dossier], unit_names: Mapping[str, str]) -> bytes:
    """All dossiers in one PDF, the same bytes for the same dossiers. Raises Malformed when there is none."""
    if not dossiers:
        raise Malformed("không có hồ sơ nào để in", where="dossiers")
    return pdf(_TEMPLATE, {"dossiers": [_page(told, unit_names) for told in dossiers]})


def _page(told: Dossier, unit_names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "unit": shown(unit_names.get(told.unit_id, told.unit_id)),
        "member": breakable(told.member_id),
        "year": str(told.year),
        "on": day(told.on),
        "counts": f"Chưa đóng {told.unpaid} tháng; đóng một phần {told.part_paid}; được đóng chậm {told.deferred}. "
        f"Mức lập hồ sơ: {told.threshold} tháng trong năm.",
        "open": dong(told.open),
        "months": [_row(month) for month in told.months],
    }


def _row(month: MonthEvidence) -> dict[str, str]:
    paid = [("" if p.paid_on is None else f"{day(p.paid_on)}: ") + format_dong(p.amount) for p in month.payments]
    return {
        "month": month.month,
        "state": STATE_TITLES[month.state] + ("" if month.late_by is None else f" ({shown(month.late_by)})"),
        "due": format_dong(month.due),
        "applied": format_dong(month.applied),
        "request": "" if month.request is None else month.request,
        "paid": "; ".join(paid),
    }
