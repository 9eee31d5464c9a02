"""The past: old books taken in as facts, and an import undone as a whole by two people."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from domain import organisation, past
from domain.access import Action
from domain.errors import Refusal, RefusalCode
from domain.identifiers import UnitId
from domain.past import PastImported, PastUndoProposed
from ledger.handler import Handler
from ledger.work import Act, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPast:
    """Take an old book in for units beneath ``root``."""

    root: UnitId
    parts: tuple[PastImported, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposePastUndo:
    """First signature under undoing an import."""

    root: UnitId
    import_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoPast:
    """Second signature; the import counts no longer."""

    root: UnitId
    import_id: str


def import_past(work: Work, command: ImportPast, act: Act) -> dict[str, object]:
    """Record each unit's part; the same file again adds nothing."""
    for part in command.parts:
        organisation.unit(work.organisation, part.unit_id)
        if not organisation.is_within(work.organisation, part.unit_id, command.root):
            raise organisation.outside(part.unit_id, command.root)
    parts = tuple(replace(part, imported_by=act.actor) for part in command.parts)
    taken = work.record(past.stream(command.root), past.take_in(work.past(command.root), parts))
    return {
        "import_id": parts[0].import_id if parts else None,
        "units": taken,
        "member_months": sum(len(part.members) for part in parts) if taken else 0,
        "unit_months": sum(len(part.months) for part in parts) if taken else 0,
    }


def propose_past_undo(work: Work, command: ProposePastUndo, act: Act) -> dict[str, object]:
    """Record who proposes and why."""
    if not command.reason.strip():
        raise Refusal(RefusalCode.PAST_UNDO_NOT_PROPOSED, "Đề nghị bỏ một lần nhập phải ghi lý do.")
    asked = PastUndoProposed(
        import_id=command.import_id, unit_id=command.root, reason=command.reason, proposed_by=act.actor
    )
    work.record(past.stream(command.root), past.propose_undo(work.past(command.root), asked))
    return {"import_id": command.import_id, "proposed_by": act.actor}


def undo_past(work: Work, command: UndoPast, act: Act) -> dict[str, object]:
    """One event undoes the whole import."""
    state = work.past(command.root)
    undone = work.record(past.stream(command.root), past.undo(state, import_id=command.import_id, by=act.actor))
    return {"import_id": command.import_id, "undone": undone}


#: What each command asks permission for, where, and the function that decides it.
COMMANDS: Mapping[type, Handler] = {
    ImportPast: Handler("import-past", Action.ENTER_OPENING, "root", import_past),
    ProposePastUndo: Handler("propose-past-undo", Action.ENTER_OPENING, "root", propose_past_undo),
    UndoPast: Handler("undo-past", Action.SIGN_OPENING, "root", undo_past),
}
