"""New income bases from an office's list: card number, kind of base, first month, amount in đồng."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from adapters.office.table import Column, Line, Listed, Place, Words, listed, read_table, required, words
from domain.money import Dong
from domain.period import Month
from domain.policy_rows import BaseKind

#: The number of a Party card as offices write it: digits or capital letters, maybe with dots, blanks or hyphens.
CARD = r"(?=.*[0-9])[0-9A-Z](?:[ .-]?[0-9A-Z]){5,11}"

BASES: Words[str] = words(
    {
        BaseKind.SI_SALARY.value: ("Lương đóng BHXH", "Tiền lương đóng BHXH", BaseKind.SI_SALARY.value),
        BaseKind.BENEFIT.value: ("Trợ cấp ốm đau, thai sản", "Trợ cấp", BaseKind.BENEFIT.value),
        BaseKind.PENSION.value: ("Lương hưu", BaseKind.PENSION.value),
        BaseKind.SALARY.value: ("Lương và phụ cấp (342)", BaseKind.SALARY.value),
        BaseKind.UNIT_INCOME.value: ("Thu nhập từ quỹ lương (342)", BaseKind.UNIT_INCOME.value),
        BaseKind.ALLOWANCE.value: ("Sinh hoạt phí", BaseKind.ALLOWANCE.value),
    }
)

COLUMNS: Mapping[str, Column] = MappingProxyType(
    {
        "card": required("số thẻ", "số thẻ đảng", "số thẻ đảng viên"),
        "kind": required("loại căn cứ"),
        "from": required("từ tháng"),
        "amount": required("số tiền"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseRow:
    """One member's new base."""

    place: Place
    card_number: str
    kind: str
    from_month: Month
    amount: Dong


def fold_card(number: str) -> str:
    """A card number however it was spaced: equal for equal cards."""
    return "".join(c for c in number if c not in " .-")


def read_bases(path: Path) -> Listed[BaseRow]:
    """Read the list; ``Malformed`` when it cannot be read at all."""
    table = read_table(path, COLUMNS)
    seen: dict[tuple[str, str, str], Place] = {}
    return listed(table, (_base(line, seen) for line in table.lines))


def _base(line: Line, seen: dict[tuple[str, str, str], Place]) -> BaseRow | None:
    row = BaseRow(
        place=line.place,
        card_number=line.code("card", CARD, "số thẻ đảng"),
        kind=line.word("kind", BASES, ""),
        from_month=line.month("from"),
        amount=line.amount("amount"),
    )
    if not line.problems and row.amount == 0:
        line.reject("amount", "căn cứ phải lớn hơn 0 đồng")
    first = seen.setdefault((fold_card(row.card_number), row.kind, row.from_month), line.place)
    if not line.problems and first is not line.place:
        line.reject("card", f"cùng số thẻ, loại căn cứ và tháng với {first.where}; giữ một dòng")
    return None if line.problems else row
