"""What a command needs to be run: who may ask for it, where, and the function that decides it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from domain.access import Action
from ledger.work import Act, Work


@dataclass(frozen=True, slots=True)
class Handler:
    """What a command asks permission for, where, and the function that decides it."""

    name: str
    action: Action
    unit: str  #: field of the command that names the unit; "" when it is the whole shard
    decide: Callable[[Work, Any, Act], dict[str, object]]
