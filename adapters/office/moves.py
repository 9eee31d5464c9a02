"""A list of members' moves from an office (CSV or XLSX): one row an act, its kind in words.

Which columns a row needs depends on its kind; a needed cell that is empty is named with its place.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

from adapters.office.bases import BASES, CARD
from adapters.office.categories import CATEGORIES, CATEGORIES_342, SCOPES
from adapters.office.organisation import CODE
from adapters.office.table import Column, Line, Listed, Place, Words, listed, optional, read_table, required, words
from domain.member import Scope
from domain.membership import TransferKind
from domain.money import Dong
from domain.period import Month


class MoveKind(StrEnum):
    """What a row says happened."""

    ADMIT = "admit"
    RECOGNISE = "recognise"
    LETTER = "letter"
    RECEIVE = "receive"
    ARRIVE = "arrive"
    RELEASE = "release"
    STRUCK_OFF = "struck-off"
    LEFT = "left"
    EXPELLED = "expelled"
    DIED = "died"
    RESTORE = "restore"


KINDS: Words[MoveKind] = words(
    {
        MoveKind.ADMIT: ("Kết nạp",),
        MoveKind.RECOGNISE: ("Công nhận chính thức", "Chuyển chính thức thành đảng viên chính thức"),
        MoveKind.LETTER: ("Chuyển đi", "Cấp giấy giới thiệu"),
        MoveKind.RECEIVE: ("Tiếp nhận", "Chuyển đến"),
        MoveKind.ARRIVE: ("Đến từ ngoài sổ", "Chuyển đến từ tỉnh khác"),
        MoveKind.RELEASE: ("Tạm miễn sinh hoạt",),
        MoveKind.STRUCK_OFF: ("Xoá tên", "Xóa tên"),
        MoveKind.LEFT: ("Ra khỏi Đảng", "Xin ra khỏi Đảng"),
        MoveKind.EXPELLED: ("Khai trừ",),
        MoveKind.DIED: ("Từ trần",),
        MoveKind.RESTORE: ("Phục hồi", "Phục hồi đảng tịch"),
    }
)
TERMS: Words[TransferKind] = words(
    {
        TransferKind.OFFICIAL: ("Chính thức", "official"),
        TransferKind.TEMPORARY: ("Tạm thời", "temporary"),
        TransferKind.STUDY: ("Đi học", "Tạm thời đi học", "study"),
    }
)

#: Headings of the list; the first of each is the one that our own files carry.
COLUMNS: Mapping[str, Column] = MappingProxyType(
    {
        "kind": required("loại biến động"),
        "card": required("số thẻ đảng", "số thẻ đảng viên", "số thẻ"),
        "unit": required("mã chi bộ", "mã đơn vị"),
        "day": required("ngày hiệu lực", "ngày"),
        "document": required("số quyết định, giấy giới thiệu", "số quyết định", "số giấy giới thiệu", "số giấy"),
        "decided_on": optional("ngày quyết định"),
        "name": optional("họ và tên", "họ tên"),
        "term": optional("hình thức chuyển"),
        "to": optional("mã nơi đến"),
        "outside": optional("nơi ngoài sổ", "nơi đi, đến ngoài sổ"),
        "paid_through": optional("đã đóng đến tháng"),
        "from_month": optional("từ tháng"),
        "to_month": optional("đến tháng"),
        "granted_by": optional("cấp quyết định"),
        "category": optional("nhóm đối tượng"),
        "category_342": optional("nhóm theo 342"),
        "scope": optional("diện"),
        "base_kind": optional("loại căn cứ"),
        "base": optional("số tiền căn cứ"),
        "base_month": optional("tháng căn cứ"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedMove:
    """One row; what its kind does not use is None."""

    place: Place
    kind: MoveKind
    card_number: str
    unit_code: str
    day: date
    document: str
    decided_on: date | None
    name: str | None
    term: TransferKind
    to_code: str | None
    outside: str | None
    paid_through: Month | None
    from_month: Month | None
    to_month: Month | None
    granted_by: str | None
    category: str | None
    category_342: str | None
    scope: Scope
    base: tuple[str, Month, Dong] | None


#: Cells that a kind of row cannot do without.
_NEEDED: Mapping[MoveKind, tuple[str, ...]] = {
    MoveKind.ADMIT: ("name", "decided_on"),
    MoveKind.ARRIVE: ("name", "outside", "paid_through"),
    MoveKind.LETTER: ("paid_through",),
    MoveKind.RELEASE: ("from_month", "to_month", "granted_by", "decided_on"),
    MoveKind.RESTORE: ("decided_on",),
    **dict.fromkeys((MoveKind.STRUCK_OFF, MoveKind.LEFT, MoveKind.EXPELLED, MoveKind.DIED), ("decided_on",)),
}


def read_moves(path: Path) -> Listed[ListedMove]:
    """Read the list; ``Malformed`` when it cannot be read at all."""
    table = read_table(path, COLUMNS)
    return listed(table, (_move(line) for line in table.lines))


def _move(line: Line) -> ListedMove | None:
    kind = line.word("kind", KINDS, MoveKind.RECEIVE)
    for field in _NEEDED.get(kind, ()):
        if not line.has(field):
            line.text(field)  # Notes the empty cell with its place.
    if kind is MoveKind.LETTER and line.has("to") == line.has("outside"):
        line.reject("to" if line.column("to") else "kind", "ghi đúng một nơi đến: mã nơi đến, hoặc nơi ngoài sổ")
    row = ListedMove(
        place=line.place,
        kind=kind,
        card_number=line.code("card", CARD, "số thẻ đảng"),
        unit_code=line.code("unit", CODE, "mã đơn vị"),
        day=line.day("day"),
        document=line.text("document"),
        decided_on=line.day("decided_on") if line.has("decided_on") else None,
        name=line.text("name") if line.has("name") else None,
        term=line.word("term", TERMS, TransferKind.OFFICIAL) if line.has("term") else TransferKind.OFFICIAL,
        to_code=line.code("to", CODE, "mã đơn vị") if line.has("to") else None,
        outside=line.text("outside") if line.has("outside") else None,
        paid_through=line.month("paid_through") if line.has("paid_through") else None,
        from_month=line.month("from_month") if line.has("from_month") else None,
        to_month=line.month("to_month") if line.has("to_month") else None,
        granted_by=line.text("granted_by") if line.has("granted_by") else None,
        category=line.word("category", CATEGORIES, "") if line.has("category") else None,
        category_342=line.word("category_342", CATEGORIES_342, "") if line.has("category_342") else None,
        scope=line.word("scope", SCOPES, Scope.ONLINE) if line.has("scope") else Scope.ONLINE,
        base=_base(line),
    )
    return None if line.problems else row


def _base(line: Line) -> tuple[str, Month, Dong] | None:
    if not line.has("base"):
        return None
    amount = line.amount("base")
    if amount == 0 and not line.problems:
        line.reject("base", "căn cứ phải lớn hơn 0 đồng; để trống nếu không có")
    return line.word("base_kind", BASES, ""), line.month("base_month"), amount
