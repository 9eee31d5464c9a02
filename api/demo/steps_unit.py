"""Steps of the story about a unit: its months closed, its cash counted, its money spent, its place in the tree."""

from collections.abc import Callable, Mapping
from typing import Any

from api.demo.scenario import Step
from api.demo.stage import Stage
from api.demo.steps_up import group
from domain.access import Role
from domain.identifiers import OfficerId, UnitId
from domain.organisation_kinds import UnitKind
from domain.payment import Asset
from domain.period import Month, parse_month
from domain.restructuring import RestructureKind, Side
from domain.spending import VoucherKind
from ledger.close_checklist import checklist
from ledger.handlers.cash_count import CountCash, MakeGoodShortage
from ledger.handlers.close import CloseMonth, ConfirmClose, Explanation
from ledger.handlers.restructure import (
    CarryOutRestructure,
    ChangeUnits,
    PlanRestructure,
    SignHandover,
    UnitToChange,
)
from ledger.handlers.spend import ApproveVoucher, CloseFundYear, ProposeVoucher


def _close_month(stage: Stage, step: Step) -> Any:
    """Every unit closes its month: what still waits is explained point by point, and a second person confirms."""
    month = parse_month(str(step.given["month"]))
    closed = explained = 0
    for unit in group(stage, str(step.given["units"])):
        closed += 1
        explained += _close_one(stage, step, unit.unit_id, month)
    return {"closed": closed, "explained": explained}


def _close_one(stage: Stage, step: Step, unit: UnitId, month: Month) -> int:
    on = step.at.date()
    points = checklist(stage.inst.ledger.work(), unit, month)
    reasons: Mapping[str, str] = step.given["reasons"]
    command = CloseMonth(
        unit_id=unit,
        month=month,
        explanations=tuple(
            Explanation(kind=point.kind, key=point.key, reason=reasons[point.kind])
            for point in points
            if point.kind in reasons
        ),
    )
    closer = stage.maker(unit, on)
    answer = stage.run(command, actor=closer, at=step.at, name=f"close:{unit}").answer
    if answer["waits_for_second"]:
        second = stage.checker(unit, on, closer)
        stage.run(ConfirmClose(unit_id=unit, month=month), actor=second, at=step.at, name=f"confirm:{unit}")
    return len(command.explanations)


def _retype(stage: Stage, step: Step) -> Any:
    province = stage.unit("province").unit_id
    unit = stage.unit(str(step.given["unit"])).unit_id
    command = ChangeUnits(
        root=province,
        units=(UnitToChange(unit_id=unit, kind=UnitKind(str(step.given["kind"]))),),
        effective_from=step.given["effective_from"],
        decision=str(step.given["decision"]),
    )
    actor = stage.officer(province, Role.OFFICE, step.at.date())
    return stage.run(command, actor=actor, at=step.at, name="retype").answer


def _merge(stage: Stage, step: Step) -> Any:
    """Two cells become one: planned by the ward's office, signed by both sides, carried out at once, then renamed."""
    ward = stage.unit("ward").unit_id
    office = stage.officer(ward, Role.OFFICE, step.at.date())
    target = stage.unit(str(step.given["target"])).unit_id
    sources = tuple(stage.unit(code).unit_id for code in step.given["sources"])
    act = str(step.given["act"])
    plan = PlanRestructure(
        root=ward,
        restructure_id=act,
        kind=RestructureKind.MERGE,
        effective_on=step.given["effective_on"],
        decision=str(step.given["decision"]),
        decided_by=str(step.given["decided_by"]),
        decided_on=step.given["decided_on"],
        sources=sources,
        target=target,
    )
    stage.run(plan, actor=office, at=step.at, name="merge-plan")
    for side, units in ((Side.OLD, sources), (Side.NEW, (target,))):
        for unit in units:
            signer = stage.officer(unit, Role.SECRETARY, step.at.date())
            sign = SignHandover(unit_id=unit, restructure_id=act, side=side)
            stage.run(sign, actor=signer, at=step.at, name=f"merge-sign:{unit}")
    answer = stage.run(
        CarryOutRestructure(root=ward, restructure_id=act), actor=office, at=step.at, name="merge-carry-out"
    ).answer
    rename = ChangeUnits(
        root=ward,
        units=(UnitToChange(unit_id=target, name=str(step.given["name"])),),
        effective_from=step.given["effective_on"],
        decision=str(step.given["decision"]),
    )
    stage.run(rename, actor=office, at=step.at, name="merge-rename")
    return answer


def _spend(stage: Stage, step: Step) -> Any:
    """A bill is paid from the unit's own fund by bank transfer: proposed by one, approved by another."""
    unit = stage.unit(str(step.given["unit"])).unit_id
    on = step.at.date()
    propose = ProposeVoucher(
        unit_id=unit,
        voucher_id=str(step.given["voucher"]),
        kind=VoucherKind.PAYMENT,
        heading=str(step.given["heading"]),
        source="4310",
        asset=Asset.BANK,
        amount=int(step.given["amount"]),
        dated=on,
        purpose=str(step.given["purpose"]),
    )
    maker = stage.officer(unit, Role.ACCOUNTANT, on)
    stage.run(propose, actor=maker, at=step.at, name=f"voucher:{propose.voucher_id}")
    approve = ApproveVoucher(unit_id=unit, voucher_id=propose.voucher_id)
    answer = stage.run(
        approve, actor=stage.checker(unit, on, maker), at=step.at, name=f"voucher-approved:{propose.voucher_id}"
    ).answer
    stage.notes.setdefault("vouchers", {})[propose.voucher_id] = (unit, answer["reference"], propose.amount)
    return answer


def _count_cash(stage: Stage, step: Step) -> Any:
    """The cashier counts with a witness; what is missing is a case that the cashier makes good."""
    unit = stage.unit(str(step.given["unit"])).unit_id
    on = step.at.date()
    stage.inst.ledger.books.catch_up()
    in_book = stage.inst.ledger.work().balance(unit, "1110")
    cashier = stage.officer(unit, Role.CASHIER, on)
    witness = stage.officer(unit, Role.ACCOUNTANT, on)
    missing = int(step.given.get("missing", 0))
    command = CountCash(
        unit_id=unit, counted_on=on, notes=(), total=in_book - missing, witness=OfficerId(witness), evidence=None
    )
    answer = stage.run(command, actor=cashier, at=step.at, name=f"count:{on}").answer
    if missing:
        good = MakeGoodShortage(unit_id=unit, case_id=str(answer["case"]), amount=missing, paid_on=on)
        stage.run(good, actor=cashier, at=step.at, name=f"make-good:{on}")
    return answer


def _fund_year(stage: Stage, step: Step) -> Any:
    unit = stage.unit(str(step.given["unit"])).unit_id
    actor = stage.officer(unit, Role.ACCOUNTANT, step.at.date())
    command = CloseFundYear(unit_id=unit, year=int(step.given["year"]))
    return stage.run(command, actor=actor, at=step.at, name=f"fund-year:{command.year}").answer


UNIT_STEPS: Mapping[str, Callable[[Stage, Step], Any]] = {
    "close-month": _close_month,
    "retype": _retype,
    "merge": _merge,
    "spend": _spend,
    "count-cash": _count_cash,
    "fund-year": _fund_year,
}
