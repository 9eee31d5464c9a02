"""What a column of an exported table is called and holds; made by projections, written to files by adapters."""

from dataclasses import dataclass
from enum import StrEnum


class ExportKind(StrEnum):
    """What a column holds; amounts are whole đồng."""

    TEXT = "text"
    NUMBER = "number"
    DAY = "day"
    MOMENT = "moment"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportColumn:
    """A column: its name for programs, its Vietnamese title, and what it holds."""

    name: str
    title: str
    kind: ExportKind = ExportKind.TEXT
