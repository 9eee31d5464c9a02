"""Checks on the books of the past: two people undo an import (I21), and what is undone was taken in (I34)."""

from domain.past import PastImported, PastUndone, PastUndoProposed
from ledger.checks.base import Finding, Findings, World
from ledger.posting import Line
from ledger.store import Recorded


class PastChecker:
    """I21 and I34 for old books: maker and checker of an undoing, and the import that it names."""

    events = frozenset({PastImported, PastUndoProposed, PastUndone})

    def __init__(self, world: World) -> None:
        self._found = Findings()
        self._imports: set[str] = set()
        self._proposed: dict[str, str] = {}

    def see(self, recorded: Recorded, lines: tuple[Line, ...]) -> None:
        """Remember imports and who proposed to undo them; compare who did."""
        e, actor = recorded.event, recorded.meta.actor
        match e:
            case PastImported():
                self._imports.add(e.import_id)
                self._named(recorded, e.imported_by, actor)
            case PastUndoProposed():
                self._require_import(recorded, e.import_id)
                self._proposed[e.import_id] = e.proposed_by
                self._named(recorded, e.proposed_by, actor)
            case PastUndone():
                self._require_import(recorded, e.import_id)
                maker = self._proposed.pop(e.import_id, "")
                if maker != e.proposed_by or e.undone_by == maker:
                    self._found.add(
                        "I21",
                        f"Lần nhập sổ cũ {e.import_id[:12]} bị bỏ mà không đủ hai người: đề nghị "
                        f"{maker or 'không ai'}, duyệt {e.undone_by}. Nhập lại sổ cũ và báo Uỷ ban Kiểm tra.",
                        recorded,
                        unit=e.unit_id,
                    )
                self._imports.discard(e.import_id)
                self._named(recorded, e.undone_by, actor)
            case _:
                pass

    def _require_import(self, recorded: Recorded, import_id: str) -> None:
        if import_id not in self._imports:
            self._found.add(
                "I34",
                f"Sự kiện «{recorded.name}» nêu lần nhập sổ cũ {import_id[:12]} không có hoặc đã bỏ. "
                "Tìm sự kiện nhập đã mất.",
                recorded,
            )

    def _named(self, recorded: Recorded, named: str, actor: str) -> None:
        if named != actor:
            self._found.add(
                "I21",
                f"Sự kiện «{recorded.name}» ghi tên {named} nhưng người thao tác là {actor}. "
                "Xác minh ai đã thật sự làm việc này.",
                recorded,
                unit=recorded.meta.unit,
            )

    def finish(self) -> tuple[Finding, ...]:
        """What was found."""
        return self._found.all()
