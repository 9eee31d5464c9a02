"""What happened to the books of the past, told in Vietnamese."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from domain import past
from projections.phrases import unit


def _imported(e: past.PastImported) -> str:
    return (
        f"nhập sổ cũ {e.file} (lần nhập {e.import_id[:12]}) của {unit(e.unit_id)}: "
        f"{len(e.members)} tháng của đảng viên, {len(e.months)} tháng của đơn vị; chỉ để tra cứu, không ghi sổ tiền"
    )


#: One clause for each type of event; it goes on from "<who> …".
PAST: Mapping[type, Callable[[Any], str]] = MappingProxyType(
    {
        past.PastImported: _imported,
        past.PastUndoProposed: lambda e: f"đề nghị bỏ cả lần nhập sổ cũ {e.import_id[:12]} vì {e.reason}",
        past.PastUndone: lambda e: (
            f"bỏ cả lần nhập sổ cũ {e.import_id[:12]} theo đề nghị của {e.proposed_by} vì {e.reason}"
        ),
    }
)
