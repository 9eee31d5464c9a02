"""The tree as an office looks at it: on a day, what an act would move, and roll-ups as it was or as restated."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from domain import declaration, organisation, payment_request, remittance
from domain.access import Action
from domain.errors import Refusal, RefusalCode
from domain.identifiers import RemittanceId, UnitId
from domain.money import Dong, format_dong
from domain.organisation import Organisation
from domain.organisation_history import ended_on
from domain.organisation_kinds import KIND_TITLES
from domain.payment_request import Requested
from domain.period import Period, months_of, period_end
from domain.restructuring import RestructurePlanned
from ledger.application import Ledger
from ledger.chart import CHART
from ledger.handlers import restructure
from ledger.handlers.restructure import PlanRestructure
from ledger.moving import Moved
from ledger.unfinished import corrections_going_along, reliefs_going_along
from ledger.work import Act, Work

#: The two ways to look at the past: with the tree of that time, or with today's.
AS_WAS, RESTATED = "was", "restated"


# --- The tree on a day --------------------------------------------------------------------------------------------


def tree_on(org: Organisation, root: UnitId, day: date) -> list[dict[str, Any]]:
    """The unit and everything beneath it as on a day, superiors before subordinates; ended ones are left out."""
    then = organisation.on(org, day)
    organisation.unit(then, root)
    rows = []
    depths: dict[UnitId, int] = {}
    for unit in organisation.subtree(then, root):
        above = -1 if unit.parent_id is None or unit.unit_id == root else depths[unit.parent_id]
        depths[unit.unit_id] = above + 1
        rows.append(
            {
                "unit": unit.unit_id,
                "code": unit.code,
                "name": unit.name,
                "kind": unit.kind,
                "kind_title": KIND_TITLES[unit.kind],
                "parent": unit.parent_id,
                "depth": depths[unit.unit_id],
            }
        )
    return rows


# --- What an act would move ---------------------------------------------------------------------------------------


def preview(ledger: Ledger, command: PlanRestructure, act: Act) -> dict[str, Any]:
    """Everything that an act would move if it were carried out now; nothing is written.

    Refuses whom the plan itself would refuse, and whatever stands in the way of carrying it out.
    """
    ledger.require(actor=act.actor, action=Action.RESTRUCTURE, unit=command.root, on=act.on)
    work = ledger.work()
    work.directory.catch_up()
    work.books.catch_up()
    planned = restructure.planned(work.organisation, command, planned_by=act.actor)
    before = work.organisation
    moved = restructure.preview(work, planned, act)
    return _told(work, before, planned, moved, act)


def _told(work: Work, before: Organisation, planned: RestructurePlanned, moved: Moved, act: Act) -> dict[str, Any]:
    lines = [line for handed in moved.handovers for line in handed.lines]
    who = {move.old: move.new for move in planned.moves}
    return {
        "restructure": planned.restructure_id,
        "effective_on": planned.effective_on,
        "moves": [{"old": move.old, "new": move.new} for move in planned.moves],
        "reparented": [{"unit": e.unit_id, "from": e.from_parent_id, "to": e.parent_id} for e in moved.reparented],
        "balances": [
            {
                "unit": line.unit_id,
                "account": line.account,
                "name": CHART[line.account].name,
                "key": line.key,
                "debit": line.debit,
                "credit": line.credit,
            }
            for line in lines
            if not line.account.startswith("0")
        ],
        "obligations": [
            {"unit": line.unit_id, "member_month": line.key, "amount": line.debit}
            for line in lines
            if line.account == "0110" and line.debit
        ],
        "requests": _requests(work, moved, act),
        "remittances": [_remittance(work, e.remittance_id, e.from_unit_id, e.unit_id) for e in moved.remittances],
        "payables": [
            {"period": e.period, "from": e.from_unit_id, "unit": e.unit_id, "superior": e.superior_id}
            | {"amount": e.amount, "outstanding": e.outstanding}
            for e in moved.payables
        ],
        "refunds": [{"refund": e.refund_id, "from": e.from_unit_id, "to": e.unit_id} for e in moved.refunds],
        "suspense": [{"payment": e.payment_id, "amount": e.amount, "to": e.unit_id} for e in moved.suspense],
        "corrections": [
            {"correction": number, "amount": asked.amount, "to": who[asked.unit_id]}
            for number, asked in corrections_going_along(work, who)
        ],
        "reliefs": [
            {"application": asked.application, "member": asked.member_id, "to": who[asked.unit_id]}
            for asked in reliefs_going_along(work, who)
        ],
        "members": [{"member": e.member_id, "from": e.from_unit, "to": e.unit_id} for e in moved.members],
        "accounts": [{"account": e.account_id, "from": e.from_unit_id, "to": e.unit_id} for e in moved.accounts],
        "receiving": [
            {"unit": e.unit_id, "channel": e.channel, "holder": e.holder_id, "account": e.account_id}
            for e in moved.holders
        ],
        "grants": [
            {"officer": g.officer_id, "role": g.role, "unit": g.unit_id, "lapses": planned.effective_on}
            for g in work.access.grants
            if g.unit_id in who and (g.valid_to is None or g.valid_to >= planned.effective_on)
        ],
        "warnings": _warnings(work, before, planned),
    }


def _requests(work: Work, moved: Moved, act: Act) -> list[dict[str, Any]]:
    """Standing requests that nobody has paid yet: their money will find the new unit."""
    open_months = {line.key for handed in moved.handovers for line in handed.lines if line.account == "0110"}
    asked = [(e, reference) for e in moved.members for reference in work.directory.references_of(e.member_id)]
    work.preload(payment_request.stream(reference) for _, reference in asked)
    found = []
    for event, reference in asked:
        request = work.request(reference)
        if isinstance(request, Requested) and f"{event.member_id}:{request.asked.month}" in open_months:
            found.append(
                {
                    "reference": reference,
                    "member": event.member_id,
                    "month": request.asked.month,
                    "amount": request.asked.amount,
                    "to": event.unit_id,
                }
            )
    return found


def _remittance(work: Work, case: RemittanceId, from_unit: UnitId, to_unit: UnitId) -> dict[str, Any]:
    r = remittance.require_prepared(work.remittance(case))
    return {
        "remittance": case,
        "from": from_unit,
        "to": to_unit,
        "period": r.prepared.period,
        "to_send": remittance.to_send(r),
        "under_way": remittance.under_way(r),
        "disputed": r.open_dispute is not None,
    }


def _warnings(work: Work, before: Organisation, planned: RestructurePlanned) -> list[str]:
    org = work.organisation
    places = {unit for unit, _ in org.holders}
    found = [
        f"{organisation.unit(org, unit).name} chưa có nơi nhận tiền; khai báo trước khi thu."
        for unit in planned.new_units
        if unit not in places
    ]
    officers = {grant.unit_id for grant in work.access.grants}
    found += [
        f"{organisation.unit(org, unit).name} chưa có cán bộ nào được giao quyền tại đơn vị."
        for unit in planned.new_units
        if unit not in officers
    ]
    return found


def preview_lines(told: dict[str, Any]) -> Iterable[str]:
    """The same as a readable table, line by line."""
    yield f"Phương án {told['restructure']}, hiệu lực {told['effective_on']:%d/%m/%Y} (chỉ xem trước, chưa ghi gì)"
    for move in told["moves"]:
        yield f"  {move['old']} → {move['new']}"
    for one in told["reparented"]:
        yield f"  {one['unit']}: {one['from']} → {one['to']} (cấp trên)"
    yield f"{'Đơn vị':<16}{'TK':<6}{'Khoá':<34}{'Nợ':>16}{'Có':>16}"
    for row in told["balances"]:
        debit, credit = (format_dong(row[side]) if row[side] else "·" for side in ("debit", "credit"))
        yield f"{row['unit']:<16}{row['account']:<6}{row['key'][:33]:<34}{debit:>16}{credit:>16}"
    titles = {
        "obligations": "Nghĩa vụ còn nợ",
        "requests": "Yêu cầu nộp chưa trả",
        "remittances": "Lệnh nộp đang mở",
        "payables": "Kỳ đã chốt còn phải nộp hoặc chưa phân bổ ở cấp trên",
        "refunds": "Hồ sơ hoàn trả",
        "suspense": "Tiền chưa rõ chủ",
        "corrections": "Đề nghị điều chỉnh chưa duyệt, đơn vị tiếp nhận duyệt",
        "reliefs": "Đơn miễn, giảm chưa quyết định, theo đảng viên",
        "members": "Đảng viên",
        "accounts": "Tài khoản giữ nguyên số",
        "receiving": "Nơi nhận tiền",
        "grants": "Quyền hết hiệu lực cùng đơn vị cũ",
    }
    for key, title in titles.items():
        yield f"{title}: {len(told[key])}"
        for row in told[key][:20]:
            yield "  - " + ", ".join(f"{name} {_cell(value)}" for name, value in row.items())
        if len(told[key]) > 20:
            yield f"  … và {len(told[key]) - 20} dòng nữa (xem đủ bằng --json)"
    for warning in told["warnings"]:
        yield f"Lưu ý: {warning}"


def _cell(value: object) -> str:
    return format_dong(value) if isinstance(value, int) and not isinstance(value, bool) else str(value)


# --- Roll-ups -----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Sums:
    own: Dong = 0
    kept: Dong = 0
    payable: Dong = 0
    declared: int = 0


def rollup(work: Work, root: UnitId, period: Period, *, as_: str, today: date) -> dict[str, Any]:
    """What the units beneath ``root`` declared for a period, each its own figures; đồng.

    ``was``: the units that lay beneath it on the period's last day. ``restated``: today's tree laid over the past, so
    that what an ended unit declared stands under its successor.
    """
    org = work.organisation
    if as_ == AS_WAS:
        then = organisation.on(org, period_end(period))
        chosen = {unit.unit_id: unit.unit_id for unit in organisation.subtree(then, root)}
        names = then.units
        if ended_on(org, root, period_end(period)):
            raise Refusal(
                RefusalCode.UNIT_ENDED, f"{org.units[root].name} đã kết thúc trước kỳ {period}; xem theo cây hiện nay."
            )
    else:
        root = organisation.owner(org, root)
        chosen = {u: organisation.owner(org, u) for u in org.units if organisation.is_within(org, u, root)}
        names = organisation.on(org, today).units
    work.preload(declaration.stream(unit) for unit in chosen)
    wanted = set(months_of(period))
    sums: dict[UnitId, _Sums] = {}
    for unit, shown in chosen.items():
        row = sums.setdefault(shown, _Sums())
        for made in work.declarations(unit).declared:
            if set(months_of(made.period)) <= wanted:
                row.own += made.own_collected
                row.kept += made.kept
                row.payable += made.payable
                row.declared += 1
    rows = [
        {
            "unit": unit,
            "code": names[unit].code,
            "name": names[unit].name,
            "kind": names[unit].kind,
            "own_collected": row.own,
            "kept": row.kept,
            "payable": row.payable,
            "declarations": row.declared,
        }
        for unit, row in sums.items()
        if unit in names
    ]
    top = sums.get(root, _Sums())
    return {
        "unit": root,
        "period": period,
        "as": as_,
        "tree_of": period_end(period) if as_ == AS_WAS else today,
        "units": len(rows),
        "collected": sum(row.own for row in sums.values()),
        "kept": sum(row.kept for row in sums.values()),
        "passed_up_by_top": top.payable,
        "rows": rows,
    }
