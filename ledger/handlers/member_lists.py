"""A list of many moves: each row is one act of membership, and a row that a rule refuses is left out and named."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain import member, organisation
from domain.access import Action
from domain.errors import Refusal
from domain.identifiers import UnitId
from ledger.handler import Handler
from ledger.handlers import members, transfers
from ledger.handlers.members import (
    AdmitArrival,
    AdmitMember,
    EndMembership,
    RecogniseMember,
    ReleaseMember,
    RestoreMember,
)
from ledger.handlers.rows import RowRefused
from ledger.handlers.transfers import EndTemporaryTransfer, IssueTransfer, ReceiveTransfer, WithdrawTransfer
from ledger.work import Act, Work

Move = (
    AdmitMember
    | AdmitArrival
    | RecogniseMember
    | ReleaseMember
    | EndMembership
    | RestoreMember
    | IssueTransfer
    | ReceiveTransfer
    | WithdrawTransfer
    | EndTemporaryTransfer
)

_ACTS: Mapping[type, Handler] = {**members.COMMANDS, **transfers.COMMANDS}


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveRow:
    """One row of a list; ``where`` is its place in the file."""

    where: str
    move: Move


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportMoves:
    """Take a list of moves in, in its order; rows that a rule refuses are listed and left out."""

    root: UnitId
    rows: tuple[MoveRow, ...]


def import_moves(work: Work, command: ImportMoves, act: Act) -> dict[str, object]:
    """Decide row by row; what a row had begun before it was refused is taken back. The same list adds nothing."""
    work.preload(member.stream(row.move.member_id) for row in command.rows)
    refused: list[RowRefused] = []
    before = len(work.new_events())
    for row in command.rows:
        try:
            with work.all_or_none():
                unit_id = row.move.unit_id
                organisation.unit(work.organisation, unit_id)
                if not organisation.is_within(work.organisation, unit_id, command.root):
                    raise organisation.outside(unit_id, command.root)
                _ACTS[type(row.move)].decide(work, row.move, act)
        except Refusal as refusal:
            refused.append(RowRefused(where=row.where, code=refusal.code, message=refusal.message))
    return {
        "rows": len(command.rows),
        "taken": len(command.rows) - len(refused),
        "events": len(work.new_events()) - before,
        "refused": [item.as_dict() for item in refused],
    }


#: What each command asks permission for, where, and the function that decides it.
COMMANDS: Mapping[type, Handler] = {
    ImportMoves: Handler("import-moves", Action.MOVE_MEMBERS, "root", import_moves),
}
