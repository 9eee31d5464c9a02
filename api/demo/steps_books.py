"""Steps of the story in which statutory books are made and signed by two people."""

from collections.abc import Callable, Mapping
from typing import Any

from api.demo.scenario import Step
from api.demo.stage import Stage
from api.demo.steps_up import group
from api.flows.books import make_book, sign_as_preparer, sign_for_committee
from ledger.application import command_id_for
from ledger.statutory.books import Asked
from ledger.statutory.heading import BookKind
from ledger.work import Act


def _sign_book(stage: Stage, step: Step) -> Any:
    """The preparer signs what the book shows now; the committee signs the same bytes, made again."""
    signed = 0
    for unit in group(stage, str(step.given["units"])):
        asked = Asked(kind=BookKind(str(step.given["book"])), unit_id=unit.unit_id, period=str(step.given["period"]))
        preparer = stage.maker(unit.unit_id, step.at.date())
        checker = stage.checker(unit.unit_id, step.at.date(), preparer)
        name = f"{asked.kind}:{unit.code}:{asked.period}"
        made = make_book(stage.inst, asked, with_names=asked.kind is BookKind.S01)
        sign_as_preparer(stage.inst, made, _act(preparer, step, f"prepare:{name}"))
        sign_for_committee(stage.inst, asked, _act(checker, step, f"sign:{name}"))
        signed += 1
    return {"signed": signed}


def _act(actor: str, step: Step, name: str) -> Act:
    return Act(actor=actor, at=step.at, command_id=command_id_for("demo", step.at.isoformat(), name))


BOOK_STEPS: Mapping[str, Callable[[Stage, Step], Any]] = {"sign-book": _sign_book}
