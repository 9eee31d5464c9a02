"""What each word of the scenario does: one small function a step, all of them through flows and commands."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid5

from api.demo.scenario import Scenario, Step
from api.demo.stage import Stage
from api.demo.steps_books import BOOK_STEPS
from api.demo.steps_money import MONEY_STEPS
from api.demo.steps_people import PEOPLE_STEPS
from api.demo.steps_unit import UNIT_STEPS
from api.demo.steps_up import UP_STEPS
from api.flows import openings as openings_flow
from api.flows import roster as roster_flow
from api.flows import setup as setup_flow
from domain.access import Role
from domain.errors import Malformed, Refusal
from domain.period import parse_month
from ledger.application import command_id_for
from ledger.handlers.ask import RequestMonth
from ledger.handlers.assess import AssessMonth
from ledger.work import Act

SETUP = "service:setup"


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a step did, for the progress display and the closing page."""

    step: Step
    result: Any


def play(stage: Stage, before: Callable[[Step], None] | None = None) -> Iterator[Done]:
    """Play the steps in order. ``before`` lets the maker of the example files put a step's files in place.

    What a rule or a reader says no to is named with its step.
    """
    for step in stage.scenario.steps:
        if before is not None:
            before(step)
        place = f"bước {step.at:%d/%m/%Y %H:%M} «{step.text}»"
        try:
            result = STEPS[step.do](stage, step)
        except Malformed as error:
            raise Malformed(str(error), where=place) from error
        except Refusal as refusal:
            raise Refusal(refusal.code, f"{place}: {refusal.message}", **refusal.details) from refusal
        yield Done(step=step, result=result)


def require_known(scenario: Scenario) -> None:
    """Refuse a story with a step that nobody can play, before anything is done for it."""
    for step in scenario.steps:
        if step.do not in STEPS:
            raise Malformed(
                f"bước «{step.text}»: không có việc «{step.do}»; các việc: {', '.join(STEPS)}", where="demo.toml"
            )


def _path(stage: Stage, step: Step, key: str = "file") -> Path:
    return stage.scenario.folder / str(step.given[key])


def _law(stage: Stage, step: Step) -> Any:
    return setup_flow.activate_law(
        stage.inst,
        actor=SETUP,
        at=step.at,
        approver=stage.scenario.approver,
        document=stage.scenario.document,
        decided_on=stage.scenario.decided_on,
        drafts=step.given.get("drafts", ()),
    )


def _shares(stage: Stage, step: Step) -> Any:
    return setup_flow.activate_shares(
        stage.inst, actor=SETUP, at=step.at, path=_path(stage, step), approver=stage.scenario.approver
    )


def _organisation(stage: Stage, step: Step) -> Any:
    return setup_flow.import_organisation(
        stage.inst,
        actor=SETUP,
        at=step.at,
        units=_path(stage, step, "units"),
        accounts=_path(stage, step, "accounts"),
        holders=_path(stage, step, "holders"),
        regions=_path(stage, step, "regions"),
    )


def _officers(stage: Stage, step: Step) -> Any:
    return setup_flow.import_officers(
        stage.inst,
        actor=SETUP,
        at=step.at,
        path=_path(stage, step),
        proposed_by=str(step.given["proposed_by"]),
        approved_by=str(step.given["approved_by"]),
    )


def _enter_openings(stage: Stage, step: Step) -> Any:
    root = stage.unit(str(step.given["root"])).unit_id
    actor = stage.officer(root, Role.ACCOUNTANT, step.at.date())
    return openings_flow.enter_openings(stage.inst, actor=actor, at=step.at, path=_path(stage, step), root=root)


def _sign_openings(stage: Stage, step: Step) -> Any:
    root = stage.unit(str(step.given["root"])).unit_id
    actor = stage.officer(root, Role.COMMITTEE, step.at.date())
    return openings_flow.sign_openings(stage.inst, actor=actor, at=step.at, root=root)


def _roster(stage: Stage, step: Step) -> Any:
    root = stage.unit("ward").unit_id
    actor = stage.officer(root, Role.ACCOUNTANT, step.at.date())
    path = _path(stage, step)
    namespace = command_id_for("demo-members", str(stage.scenario.seed), path.name)
    numbers = iter(range(1_000_000))
    return roster_flow.import_roster(
        stage.inst,
        actor=actor,
        at=step.at,
        path=path,
        root=root,
        new_id=lambda: str(uuid5(namespace, str(next(numbers)))),
    )


def _bases(stage: Stage, step: Step) -> Any:
    root = stage.unit("ward").unit_id
    actor = stage.officer(root, Role.ACCOUNTANT, step.at.date())
    return roster_flow.import_bases(stage.inst, actor=actor, at=step.at, path=_path(stage, step), root=root)


def _assess(stage: Stage, step: Step) -> Any:
    root = stage.unit("ward").unit_id
    actor = stage.officer(root, Role.ACCOUNTANT, step.at.date())
    command = AssessMonth(unit_id=root, month=parse_month(str(step.given["month"])))
    if step.given.get("dry_run"):
        act = Act(actor=actor, at=step.at, command_id=command_id_for("demo-dry", step.at.isoformat()))
        return stage.inst.ledger.execute(command, act, dry_run=True).answer
    return stage.run(command, actor=actor, at=step.at, name="assess").answer


def _request(stage: Stage, step: Step) -> Any:
    root = stage.unit("ward").unit_id
    actor = stage.officer(root, Role.ACCOUNTANT, step.at.date())
    command = RequestMonth(
        unit_id=root, month=parse_month(str(step.given["month"])), valid_until=step.given["valid_until"]
    )
    return stage.run(command, actor=actor, at=step.at, name="request").answer


STEPS: Mapping[str, Callable[[Stage, Step], Any]] = {
    "law": _law,
    "shares": _shares,
    "organisation": _organisation,
    "officers": _officers,
    "enter-openings": _enter_openings,
    "sign-openings": _sign_openings,
    "roster": _roster,
    "bases": _bases,
    "assess": _assess,
    "request": _request,
    **MONEY_STEPS,
    **UP_STEPS,
    **PEOPLE_STEPS,
    **BOOK_STEPS,
    **UNIT_STEPS,
}
