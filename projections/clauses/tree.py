"""What happened to the tree, told in Vietnamese: renamed, re-typed, moved, merged, ended; what was handed over."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from domain import passed_on, restructuring, unit_changes
from domain.organisation_kinds import KIND_TITLES
from domain.restructuring import RestructureKind, Side
from projections.phrases import day, money, period_text, unit, when_given

_KINDS: Mapping[RestructureKind, str] = MappingProxyType(
    {
        RestructureKind.MERGE: "hợp nhất, sáp nhập",
        RestructureKind.SPLIT: "chia tách",
        RestructureKind.DISSOLVE: "giải thể",
        RestructureKind.ABOLISH_LEVEL: "bỏ một cấp",
        RestructureKind.REPARENT: "chuyển đơn vị về cấp trên khác",
    }
)
_SIDES: Mapping[Side, str] = MappingProxyType({Side.OLD: "bên giao", Side.NEW: "bên nhận"})


def _planned(e: restructuring.RestructurePlanned) -> str:
    moves = f", {len(e.moves)} đơn vị kết thúc" if e.moves else ""
    reparents = f", {len(e.reparents)} đơn vị đổi cấp trên" if e.reparents else ""
    return (
        f"lập phương án {e.restructure_id} ({_KINDS[e.kind]}) trong {unit(e.root)}{moves}{reparents}, hiệu lực "
        f"{day(e.effective_on)} theo {e.decision} của {e.decided_by} ngày {day(e.decided_on)}"
    )


#: One clause for each type of event; it goes on from "<who> …".
TREE: Mapping[type, Callable[[Any], str]] = MappingProxyType(
    {
        unit_changes.UnitRenamed: lambda e: (
            f"đổi tên {unit(e.unit_id)} thành «{e.name}» từ {day(e.effective_from)} theo {e.decision}"
        ),
        unit_changes.UnitRetyped: lambda e: (
            f"xếp {unit(e.unit_id)} là {KIND_TITLES[e.kind]} từ {day(e.effective_from)} theo {e.decision}"
        ),
        unit_changes.UnitRecoded: lambda e: (
            f"đổi mã {unit(e.unit_id)} thành {e.code} từ {day(e.effective_from)} theo {e.decision}"
        ),
        unit_changes.UnitReparented: lambda e: (
            f"chuyển {unit(e.unit_id)}{when_given(e.from_parent_id and unit(e.from_parent_id), ' từ {}')} "
            f"về trực thuộc {unit(e.parent_id)} từ {day(e.effective_from)} theo {e.decision}"
        ),
        unit_changes.UnitEnded: lambda e: (
            f"kết thúc {unit(e.unit_id)} từ {day(e.effective_from)}, {unit(e.successor_id)} tiếp nhận, "
            f"theo {e.decision}"
        ),
        unit_changes.AccountPassedOn: lambda e: (
            f"chuyển tài khoản {e.account_id} (giữ nguyên số) từ {unit(e.from_unit_id)} sang {unit(e.unit_id)} từ "
            f"{day(e.effective_from)}"
        ),
        restructuring.RestructurePlanned: _planned,
        restructuring.HandoverSigned: lambda e: (
            f"ký bàn giao {e.restructure_id} cho {unit(e.unit_id)} ({_SIDES[e.side]})"
        ),
        restructuring.RestructureWithdrawn: lambda e: f"rút phương án {e.restructure_id}, lý do: {e.reason}",
        restructuring.BalancesHandedOver: lambda e: (
            f"bàn giao số dư theo phương án {e.restructure_id}, phần {e.part}, ngày {day(e.handed_over_on)}: "
            f"{len(e.lines)} dòng, mỗi bên nợ {money(sum(line.debit for line in e.lines))}"
        ),
        restructuring.RestructureCarriedOut: lambda e: (
            f"thực hiện phương án {e.restructure_id}, hiệu lực {day(e.effective_on)}: {e.units} đơn vị, {e.members} "
            f"đảng viên, {e.accounts} tài khoản, {e.remittances} lệnh nộp, {e.refunds} hồ sơ hoàn trả"
        ),
        passed_on.PayablePassed: lambda e: (
            f"chuyển {money(e.amount)} kỳ {period_text(e.period)} mà {unit(e.unit_id)} kê khai với "
            f"{unit(e.superior_id)} cho {unit(e.to_unit_id)}, nộp {unit(e.to_superior_id)}"
        ),
        passed_on.PayableInherited: lambda e: (
            f"{unit(e.unit_id)} tiếp nhận {money(e.amount)} kỳ {period_text(e.period)} của {unit(e.from_unit_id)}, "
            f"còn phải nộp {unit(e.superior_id)} {money(e.outstanding)}"
        ),
        passed_on.RemittanceTakenOver: lambda e: (
            f"lệnh nộp {e.remittance_id} của {unit(e.from_unit_id)} do {unit(e.unit_id)} tiếp tục, nộp "
            f"{unit(e.superior_id)}"
        ),
        passed_on.RefundTakenOver: lambda e: (
            f"hồ sơ hoàn trả {e.refund_id} của {unit(e.from_unit_id)} do {unit(e.unit_id)} tiếp tục"
        ),
        passed_on.SuspenseTakenOver: lambda e: (
            f"chuyển {money(e.amount)} chưa rõ chủ của khoản {e.payment_id} từ {unit(e.from_unit_id)} sang "
            f"{unit(e.unit_id)}"
        ),
    }
)
