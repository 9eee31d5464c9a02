"""What every import has in common: one command made from the good rows, and a report of what became of all rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from adapters.office.table import Place, RowProblem
from api.wiring import Installation
from domain.errors import Refusal
from ledger.application import HANDLERS, Outcome, command_id_for, request_digest
from ledger.work import Act

#: What the ledger's answers to the commands of imports count.
_COUNTED = frozenset(
    ("activated", "units", "accounts", "holders", "regions", "grants", "second_persons", "entered", "signed")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an import did.

    ``rows`` are those in the files, ``taken`` those that no rule refused, ``counts`` the ledger's answer (the first
    one, when this very import had been made before: ``replayed``). ``events`` is how many were recorded now, 0 when
    everything was known. ``problems`` name every row left out, ``differences`` figures of two lists that disagree.
    """

    rows: int
    taken: int
    events: int
    position: int
    replayed: bool
    counts: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[RowProblem, ...] = ()
    differences: tuple[RowProblem, ...] = ()


def execute(
    inst: Installation,
    command: object,
    *,
    flow: str,
    digests: tuple[str, ...],
    actor: str,
    at: datetime,
    document: str | None,
) -> Outcome:
    """Run an import's command under an id made of the files' digests and the rows that go in.

    The rows are part of it because the same file may bring other rows later, once a unit it names is registered. A
    command that would record nothing leaves nothing, not even its id: a list of bad rows changes nothing at all.
    """
    content = request_digest(HANDLERS[type(command)].name, command)
    act = Act(actor=actor, at=at, command_id=command_id_for(flow, *digests, content), document=document)
    if inst.store.known(act.command_id, content) is None:
        tried = inst.ledger.execute(command, act, dry_run=True)
        if not tried.events:
            return tried
    return inst.ledger.execute(command, act)


def report(
    outcome: Outcome,
    *,
    rows: int,
    taken: int,
    problems: tuple[RowProblem, ...] = (),
    differences: tuple[RowProblem, ...] = (),
) -> ImportReport:
    """The report of an executed import."""
    return ImportReport(
        rows=rows,
        taken=taken,
        events=len(outcome.events),
        position=outcome.position,
        replayed=outcome.replayed,
        counts={name: value for name, value in outcome.answer.items() if name in _COUNTED},
        problems=_in_order(problems),
        differences=differences,
    )


def _in_order(problems: tuple[RowProblem, ...]) -> tuple[RowProblem, ...]:
    """File by file and sheet by sheet as they came, each from the top down."""
    sheets = list(dict.fromkeys((problem.file, problem.sheet) for problem in problems))
    return tuple(sorted(problems, key=lambda p: (sheets.index((p.file, p.sheet)), p.row or 0)))


def refused(place: Place, refusal: Refusal, column: str | None = None) -> RowProblem:
    """A rule's refusal as a problem of the row it is about."""
    return place.problem(refusal.message, column, refusal.code)


def source(name: str, digest: str) -> str:
    """How a file is named as the paper behind an import: its name and the SHA-256 of its bytes."""
    return f"{name} (sha256 {digest})"
