"""Publishing policy: rows of any kind in force for the whole shard, by the committee at its top."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain import organisation
from domain.access import Action
from domain.errors import Refusal, RefusalCode
from domain.identifiers import UnitId
from ledger.handler import Handler
from ledger.handlers.setup import ActivatePolicy, activate_policy
from ledger.work import Act, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishPolicy:
    """Put rows in force from the top of the shard; ``unit_id`` is the highest unit that keeps its books here."""

    unit_id: UnitId
    activation: ActivatePolicy


def publish_policy(work: Work, command: PublishPolicy, act: Act) -> dict[str, object]:
    """Activate every row or none; a unit beneath the top may not decide for the others."""
    own = organisation.unit(work.organisation, command.unit_id)
    above = organisation.superior(work.organisation, command.unit_id)
    if not own.has_books or (above is not None and above.has_books):
        raise Refusal(
            RefusalCode.NOT_ALLOWED,
            f"Quy định có hiệu lực cho mọi đơn vị trong sổ, nên {own.name} không tự công bố được; đề nghị cấp ủy cao "
            "nhất của sổ này công bố.",
        )
    return activate_policy(work, command.activation, act)


#: What each command asks permission for, where, and the function that decides it.
COMMANDS: Mapping[type, Handler] = {
    PublishPolicy: Handler("publish-policy", Action.ACTIVATE_POLICY, "unit_id", publish_policy),
}
