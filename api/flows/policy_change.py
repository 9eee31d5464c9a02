"""Publishing a policy change: new rows of any kind in force from a month on, by a named approver's decision."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from adapters.office.policy_change import PolicyChange
from api.flows.imports import source
from api.flows.notices import top_unit
from api.wiring import Installation
from domain import organisation
from domain.errors import Refusal, RefusalCode
from domain.identifiers import UnitId
from domain.period import Month, day_of, month_of
from domain.policy_change import RowChange, changes_by
from domain.policy_rows import PolicyRow
from domain.policy_words import kind_of, subject_of, value_of
from ledger.application import Outcome, command_id_for
from ledger.handlers.publish import PublishPolicy
from ledger.handlers.setup import ActivatePolicy
from ledger.work import Act


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What a change changes and from when; ``backdated_to`` is the earliest month before this one that it reaches.

    Months that were assessed stay as they are: a backdated change makes differences, never edits.
    """

    changes: tuple[RowChange, ...]
    backdated_to: Month | None
    outcome: Outcome


def publish(
    inst: Installation,
    change: PolicyChange,
    *,
    actor: str,
    at: datetime,
    approver: str,
    dry_run: bool = False,
    command_id: UUID | None = None,
) -> Published:
    """Activate the rows of a change, all of them or none; the same file again adds nothing.

    A dry run shows the same and records nothing. Raises Refusal when a row may not be activated (a share outside the
    legal range, a known id with other content) or when the actor may not.
    """
    policy = inst.ledger.work().policy
    today = day_of(at)
    if change.decided_on > today:
        raise Refusal(
            RefusalCode.MONTH_IN_FUTURE,
            f"Văn bản {change.number} ghi ngày {change.decided_on:%d/%m/%Y}, sau hôm nay ({today:%d/%m/%Y}). "
            "Kiểm tra ngày ký; văn bản ký rồi mới công bố được, còn mức mới có thể bắt đầu từ tháng sau này.",
        )
    changes = changes_by(policy, change.rows)
    command = PublishPolicy(
        unit_id=_top_of_shard(inst),
        activation=ActivatePolicy(
            rows=change.rows,
            approver=approver,
            document=change.number,
            decided_on=change.decided_on,
            allow_draft_with_document=True,
        ),
    )
    act = Act(
        actor=actor,
        at=at,
        command_id=command_id or command_id_for("publish-policy", change.digest, approver),
        reason=change.note,
        document=f"{change.number}, {source(change.name, change.digest)}",
    )
    outcome = inst.ledger.execute(command, act, dry_run=dry_run)
    early = [found.month for found in changes if found.month < month_of(today)]
    return Published(changes=changes, backdated_to=min(early, default=None), outcome=outcome)


def _top_of_shard(inst: Installation) -> UnitId:
    """The highest unit that keeps its books here, on the way up from the unit that this shard serves."""
    org = inst.ledger.work().organisation
    served = top_unit(inst)
    if served is None:
        return UnitId("")
    kept = [unit.unit_id for unit in organisation.path_up(org, served) if unit.has_books]
    return kept[-1] if kept else served


def answer(found: Published, *, dry_run: bool) -> dict[str, object]:
    """The result as JSON; ``was`` is what the new row takes over from."""
    return {
        "activated": found.outcome.answer["activated"],
        "position": found.outcome.position,
        "dry_run": dry_run,
        "replayed": found.outcome.replayed,
        "backdated_to": found.backdated_to,
        "changes": [_change(change) for change in found.changes],
    }


def _change(change: RowChange) -> dict[str, object]:
    row = change.row
    assert row is not None
    return {
        "row": row.id,
        "kind": kind_of(row),
        "subject": subject_of(row),
        "from": change.month,
        "value": value_of(row),
        "was": _was(change.was),
    }


def _was(row: PolicyRow | None) -> dict[str, str] | None:
    return None if row is None else {"row": row.id, "value": value_of(row)}
