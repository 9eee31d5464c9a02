"""The list of Party members of an office (CSV or XLSX): one row a member, with what dues depend on.

Names and card numbers are read here for the identity vault alone; everything else becomes events about an id.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType

from adapters.office import cells
from adapters.office.bases import CARD, fold_card
from adapters.office.categories import CATEGORIES, CATEGORIES_342, RELIEFS, SCOPES
from adapters.office.organisation import CODE
from adapters.office.table import Column, Line, Listed, Place, listed, optional, read_table, required
from domain.member import Scope
from domain.money import Dong
from domain.period import Month, month_of
from domain.policy_rows import BaseKind

#: Headings of the list; the first of each is the one that our own files carry.
COLUMNS: Mapping[str, Column] = MappingProxyType(
    {
        "order": required("thứ tự"),
        "name": required("họ và tên", "họ tên"),
        "card": required("số thẻ đảng", "số thẻ đảng viên", "số thẻ"),
        "unit": required("mã chi bộ", "mã đơn vị"),
        "enrolled": required("ngày vào danh sách"),
        "from_month": optional("áp dụng từ tháng"),
        "category": required("nhóm đối tượng", "nhóm theo 01-QĐ/TW"),
        "category_342": optional("nhóm theo 342", "nhóm đối tượng theo 342-QĐ/TW"),
        "si-salary": optional("lương đóng BHXH", "tiền lương đóng BHXH"),
        "benefit": optional("trợ cấp ốm đau, thai sản"),
        "pension": optional("lương hưu"),
        "allowance": optional("sinh hoạt phí"),
        "base_month": optional("tháng căn cứ"),
        "relief": optional("mã miễn giảm", "miễn giảm"),
        "percent": optional("tỷ lệ miễn giảm", "tỷ lệ"),
        "relief_from": optional("miễn giảm từ tháng"),
        "relief_to": optional("miễn giảm đến tháng"),
        "decision": optional("số quyết định"),
        "decided_by": optional("cấp quyết định", "người quyết định"),
        "decided_on": optional("ngày quyết định"),
        "scope": optional("diện"),
        "arrears": optional("tháng còn nợ"),
        "arrear_bases": optional("căn cứ tháng nợ"),
        "credit": optional("đóng thừa đầu kỳ"),
    }
)

#: Columns of income bases: the field is the kind under which the ledger knows the base.
BASE_FIELDS = (BaseKind.SI_SALARY, BaseKind.BENEFIT, BaseKind.PENSION, BaseKind.ALLOWANCE)
_RELIEF_FIELDS = ("percent", "relief_from", "relief_to", "decision", "decided_by", "decided_on")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedRelief:
    """A relief as listed; ``to_month`` None is open. ``decided_by`` is the body that decided, never a person."""

    relief: str
    percent: int
    from_month: Month
    to_month: Month | None
    decision: str
    decided_by: str
    decided_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedMember:
    """One member as listed. ``bases`` are (kind, month, đồng); ``arrears`` are (month, base in đồng or None)."""

    place: Place
    order: int
    name: str
    card_number: str
    unit_code: str
    enrolled_on: date
    from_month: Month
    category: str | None
    category_342: str | None
    scope: Scope
    bases: tuple[tuple[str, Month, Dong], ...]
    relief: ListedRelief | None
    arrears: tuple[tuple[Month, Dong | None], ...]
    opening_credit: Dong


def read_roster(path: Path) -> Listed[ListedMember]:
    """Read the list; ``Malformed`` when it cannot be read at all. Of two rows with one card the first goes in."""
    table = read_table(path, COLUMNS)
    cards: dict[str, Place] = {}
    orders: dict[tuple[str, int], Place] = {}
    good = []
    for line in table.lines:
        row = _member(line)
        if line.problems:
            continue
        same_card = cards.setdefault(fold_card(row.card_number), row.place)
        same_order = orders.setdefault((row.unit_code, row.order), row.place)
        if same_card is not row.place:
            line.reject("card", f"trùng số thẻ với {same_card.where}; kiểm tra lại hai người này")
        elif same_order is not row.place:
            line.reject("order", f"chi bộ đã có thứ tự {row.order} ở {same_order.where}; đánh lại số")
        else:
            good.append(row)
    return listed(table, good)


def _member(line: Line) -> ListedMember:
    enrolled = line.day("enrolled")
    return ListedMember(
        place=line.place,
        order=line.whole("order", 1, 99_999),
        name=line.text("name"),
        card_number=line.code("card", CARD, "số thẻ đảng"),
        unit_code=line.code("unit", CODE, "mã chi bộ"),
        enrolled_on=enrolled,
        from_month=line.month("from_month") if line.has("from_month") else month_of(enrolled),
        category=line.word("category", CATEGORIES, "") if line.has("category") else None,
        category_342=line.word("category_342", CATEGORIES_342, "") if line.has("category_342") else None,
        scope=line.word("scope", SCOPES, Scope.ONLINE) if line.has("scope") else Scope.ONLINE,
        bases=_bases(line),
        relief=_relief(line),
        arrears=_arrears(line),
        opening_credit=line.amount("credit") if line.has("credit") else 0,
    )


def _bases(line: Line) -> tuple[tuple[str, Month, Dong], ...]:
    """Every base the row states, all of the one month named; that month must be named when there is a base."""
    kinds = [kind for kind in BASE_FIELDS if line.has(kind)]
    if not kinds:
        return ()
    month = line.month("base_month")
    found = []
    for kind in kinds:
        amount = line.amount(kind)
        if amount == 0 and not line.problems:
            line.reject(kind, "căn cứ phải lớn hơn 0 đồng; để trống nếu không có")
        found.append((kind.value, month, amount))
    return tuple(found)


def _relief(line: Line) -> ListedRelief | None:
    if not line.has("relief"):
        stray = next((field for field in _RELIEF_FIELDS if line.has(field)), None)
        if stray:
            line.reject(stray, "có giá trị nhưng ô mã miễn giảm trống; điền X1, X2, X3 hoặc X4, hoặc xoá ô này")
        return None
    return ListedRelief(
        relief=line.word("relief", RELIEFS, ""),
        percent=line.whole("percent", 1, 100),
        from_month=line.month("relief_from"),
        to_month=line.month("relief_to") if line.has("relief_to") else None,
        decision=line.text("decision"),
        decided_by=line.text("decided_by"),
        decided_on=line.day("decided_on"),
    )


def _arrears(line: Line) -> tuple[tuple[Month, Dong | None], ...]:
    """Months owed, separated by semicolons, with no base, one base for all, or one base for each."""
    months = line.parts("arrears", cells.month_in)
    bases = line.parts("arrear_bases", cells.amount_of)
    if len(set(months)) < len(months):
        line.reject("arrears", "một tháng được ghi hai lần")
    if len(bases) not in (0, 1, len(months)) or (bases and not months):
        line.reject("arrear_bases", f"có {len(bases)} số tiền cho {len(months)} tháng nợ; ghi một số cho mỗi tháng")
        return ()
    if len(bases) == 1:
        bases = bases * len(months)
    return tuple(zip(months, bases or [None] * len(months), strict=True))
