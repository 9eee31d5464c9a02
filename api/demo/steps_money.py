"""Steps of the story in which money comes in: sessions, notices, cash, statements, and what officers say of lines."""

from collections.abc import Callable, Mapping
from typing import Any

from api.demo.scenario import Step
from api.demo.stage import Stage
from api.flows import money as money_flow
from api.flows import notices as notices_flow
from api.flows import statements as statements_flow
from api.flows.notice_files import keep_file
from domain import organisation
from domain.access import Role
from domain.identifiers import UnitId
from ledger.books import balance
from ledger.handlers.collect import PassCash, TakeCashBag


def _sessions(stage: Stage, step: Step) -> Any:
    path = stage.scenario.folder / str(step.given["file"])
    on = step.at.date()
    collectors = {cell.code: stage.maker(cell.unit_id, on) for cell in stage.cells()}
    opened = money_flow.open_attempts(stage.inst, collector_of=collectors, data=path.read_bytes(), name=path.name)
    stage.notes.setdefault("sessions", {}).update({o.session: o for o in opened})
    return {"opened": len(opened), "amount": sum(o.amount for o in opened)}


def _notices(stage: Stage, step: Step) -> Any:
    """Each raw request is kept at the moment it arrived; then the worker works them off."""
    path = stage.scenario.folder / str(step.given["file"])
    kept = keep_file(stage.inst, path.read_bytes(), path.name)
    counts = notices_flow.work_off_inbox(stage.inst, step.at, 10_000)
    return {"kept": dict(kept.outcomes), "placed": counts}


def _cash(stage: Stage, step: Step) -> Any:
    total = count = 0
    for path in sorted((stage.scenario.folder / str(step.given["folder"])).glob("*.csv")):
        cell = stage.unit(path.stem)
        actor = stage.maker(cell.unit_id, step.at.date())
        outcome = money_flow.record_cash_sheet(
            stage.inst, actor=actor, at=step.at, data=path.read_bytes(), name=path.name
        )
        total += outcome.answer["amount"]
        count += len(outcome.answer["receipts"])
    return {"receipts": count, "amount": total}


def _hand_over_cash(stage: Stage, step: Step) -> Any:
    """What is left in hand goes to the bank in a bag, or to the cashier of the unit that holds the account."""
    bags: dict[str, tuple[str, int]] = {}
    passed = 0
    on = step.at.date()
    units = (stage.unit(str(step.given["unit"])),) if "unit" in step.given else stage.cells()
    for cell in units:
        stage.inst.ledger.books.catch_up()
        opening = stage.inst.ledger.work().opening(cell.unit_id).signed
        in_hand = balance(stage.inst.ledger.books, cell.unit_id, "1110") - (opening.cash if opening else 0)
        if in_hand <= 0:
            continue
        cashiers = stage.officers(cell.unit_id, Role.CASHIER, on)
        actor = cashiers[0] if cashiers else stage.maker(cell.unit_id, on)
        if stage.has_own_account(cell.unit_id, on):
            bag = TakeCashBag(unit_id=cell.unit_id, amount=in_hand, taken_on=on)
            answer = stage.run(bag, actor=actor, at=step.at, name=f"bag:{cell.code}").answer
            bags[cell.unit_id] = (answer["bag"], in_hand)
        else:
            slip = f"BG-{on:%y%m}-{cell.code}"
            command = PassCash(unit_id=cell.unit_id, amount=in_hand, slip=slip, passed_on=on)
            stage.run(command, actor=actor, at=step.at, name=f"pass:{cell.code}")
            passed += in_hand
    stage.notes["bags"] = bags
    return {"bags": len(bags), "in_bags": sum(amount for _, amount in bags.values()), "passed": passed}


def _statements(stage: Stage, step: Step) -> Any:
    tally: dict[str, int] = {}
    left = files = 0
    folder = stage.scenario.folder / str(step.given["folder"])
    owner = stage.unit(str(step.given["accountant_of"])).unit_id
    actor = stage.officer(owner, Role.ACCOUNTANT, step.at.date())
    for path in sorted(folder.iterdir()):
        files += 1
        reports = statements_flow.import_statement_file(
            stage.inst, actor=actor, at=step.at, data=path.read_bytes(), filename=path.name
        )
        for report in reports:
            left += len(report.answer["left"])
            for rule, count in report.answer["placed"].items():
                tally[rule] = tally.get(rule, 0) + count
    return {"files": files, "placed": tally, "left": left}


def _name_lines(stage: Stage, step: Step) -> Any:
    path = stage.scenario.folder / str(step.given["file"])
    ward = stage.unit("ward").unit_id
    actor = stage.officer(ward, Role.ACCOUNTANT, step.at.date())
    outcomes = money_flow.name_lines(stage.inst, actor=actor, at=step.at, data=path.read_bytes(), name=path.name)
    return {"named": len(outcomes)}


def _identify(stage: Stage, step: Step) -> Any:
    path = stage.scenario.folder / str(step.given["file"])
    ward = stage.unit("ward").unit_id
    actor = stage.officer(ward, Role.ACCOUNTANT, step.at.date())
    outcomes = money_flow.identify_money(stage.inst, actor=actor, at=step.at, data=path.read_bytes(), name=path.name)
    return {"identified": len(outcomes)}


def account_of(stage: Stage, unit_id: UnitId) -> organisation.AccountRegistered | None:
    """The unit's own bank account, if it has one."""
    accounts = stage.inst.ledger.work().organisation.accounts.values()
    return next((a for a in accounts if a.unit_id == unit_id), None)


MONEY_STEPS: Mapping[str, Callable[[Stage, Step], Any]] = {
    "sessions": _sessions,
    "notices": _notices,
    "cash": _cash,
    "hand-over-cash": _hand_over_cash,
    "statements": _statements,
    "name-lines": _name_lines,
    "identify": _identify,
}
