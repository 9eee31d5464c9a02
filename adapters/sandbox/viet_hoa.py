"""The organisations of the example: a ward of Hải Phòng with made-up cells, accounts and posts.

Nothing here is anybody's: schools, companies and account numbers are invented, and officers are codes of posts.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from domain.organisation_kinds import UnitKind

CENTRE, PROVINCE, WARD = "00", "31", "31.001"
SCHOOL, COMPANY = "31.001.101", "31.001.102"
VIETINBANK, VIETCOMBANK = "970415", "970436"

#: The day from which the example's grants, accounts and receiving places hold; units are older.
SINCE = "01/07/2026"
_REORGANISED = "01/07/2025"
_DECISION = "02-QĐ/VD-ĐU"


@dataclass(frozen=True, slots=True, kw_only=True)
class CellPlan:
    """One cell: its members' number, what they do, who holds its account (own code: itself), one officer or two."""

    code: str
    name: str
    kind: UnitKind
    parent: str
    size: int
    work: str  #: "residential", "state", "school", "company", "coop"
    holder: str
    one_officer: bool = False


def _residential() -> Iterator[CellPlan]:
    sizes = (34, 31, 29, 30, 32, 28, 30, 27, 33, 31, 29, 28)
    for number, size in enumerate(sizes, start=1):
        code = f"{WARD}.{number:03d}"
        yield CellPlan(
            code=code,
            name=f"Chi bộ Tổ dân phố số {number}",
            kind=UnitKind.CELL,
            parent=WARD,
            size=size,
            work="residential",
            holder=code if number <= 3 else WARD,
            one_officer=number >= 10,
        )


def _cells_of(parent: str, names: tuple[str, ...], sizes: tuple[int, ...], work: str, own: int) -> Iterator[CellPlan]:
    for number, (name, size) in enumerate(zip(names, sizes, strict=True), start=1):
        code = f"{parent}.{number:02d}"
        yield CellPlan(
            code=code,
            name=name,
            kind=UnitKind.CELL,
            parent=parent,
            size=size,
            work=work,
            holder=code if number <= own else parent,
        )


def _under_ward(code: str, name: str, kind: UnitKind, size: int, work: str, holder: str) -> CellPlan:
    return CellPlan(code=code, name=name, kind=kind, parent=WARD, size=size, work=work, holder=holder)


CELLS: tuple[CellPlan, ...] = (
    *_residential(),
    _under_ward("31.001.021", "Chi bộ Cơ quan Đảng, Mặt trận", UnitKind.CELL, 26, "state", "31.001.021"),
    _under_ward("31.001.022", "Chi bộ Cơ quan Ủy ban nhân dân", UnitKind.CELL, 27, "state", WARD),
    _under_ward("31.001.031", "Chi bộ cơ sở Trạm Y tế", UnitKind.BASE_CELL, 18, "state", "31.001.031"),
    _under_ward("31.001.032", "Chi bộ cơ sở Hợp tác xã Đồng Mẫu", UnitKind.BASE_CELL, 15, "coop", "31.001.032"),
    *_cells_of(
        SCHOOL,
        (
            "Chi bộ Tổ Toán – Tin",
            "Chi bộ Tổ Ngữ văn",
            "Chi bộ Tổ Khoa học tự nhiên",
            "Chi bộ Tổ Khoa học xã hội",
            "Chi bộ Hành chính",
        ),
        (30, 28, 29, 27, 28),
        "school",
        own=3,
    ),
    *_cells_of(
        COMPANY,
        ("Chi bộ Văn phòng Công ty", "Chi bộ Phân xưởng May 1", "Chi bộ Phân xưởng May 2", "Chi bộ Kho vận"),
        (29, 28, 27, 26),
        "company",
        own=2,
    ),
)

#: Units above the cells, from the top: code, name, kind as it is written, code of the superior, has books here.
COMMITTEES = (
    (CENTRE, "Văn phòng Trung ương Đảng", UnitKind.CENTRAL, "", False),
    (PROVINCE, "Thành ủy Hải Phòng", UnitKind.PROVINCE, CENTRE, True),
    (WARD, "Đảng ủy phường Việt Hòa", UnitKind.SUPERIOR_COMMUNE, PROVINCE, True),
    (SCHOOL, "Đảng ủy Trường THPT Sông Mẫu", UnitKind.BASE_OTHER, WARD, True),
    (COMPANY, "Đảng ủy Công ty CP May Thử Nghiệm", UnitKind.BASE_OTHER, WARD, True),
)

_KIND_WORDS = {
    UnitKind.CENTRAL: "Trung ương",
    UnitKind.PROVINCE: "Thành ủy",
    UnitKind.SUPERIOR_COMMUNE: "Cấp trên trực tiếp của tổ chức cơ sở đảng",
    UnitKind.BASE_OTHER: "Đảng bộ cơ sở",
    UnitKind.BASE_CELL: "Chi bộ cơ sở",
    UnitKind.CELL: "Chi bộ",
}

#: Account numbers by unit: VietinBank for ward and province, Vietcombank for the others; none is anybody's.
ACCOUNTS: dict[str, tuple[str, str]] = {
    PROVINCE: (VIETINBANK, "0000001001"),
    WARD: (VIETINBANK, "0000001002"),
    SCHOOL: (VIETCOMBANK, "0000001101"),
    COMPANY: (VIETCOMBANK, "0000001102"),
} | {
    cell.code: (VIETCOMBANK, f"0000001{200 + number}")
    for number, cell in enumerate((cell for cell in CELLS if cell.holder == cell.code), start=1)
}


def unit_rows() -> Iterator[tuple[str, ...]]:
    """Rows of ``to-chuc.csv``."""
    for code, name, kind, parent, books in COMMITTEES:
        yield code, name, _KIND_WORDS[kind], parent, _REORGANISED, "có" if books else "không"
    for cell in CELLS:
        yield cell.code, cell.name, _KIND_WORDS[cell.kind], cell.parent, _REORGANISED, "có"


def account_rows(since: str = SINCE) -> Iterator[tuple[str, ...]]:
    """Rows of ``tai-khoan.csv``."""
    names = {row[0]: row[1] for row in unit_rows()}
    for code, (bin_, number) in ACCOUNTS.items():
        yield code, bin_, number, names[code].upper(), since


def holder_rows(since: str = SINCE) -> Iterator[tuple[str, ...]]:
    """Rows of ``noi-nhan-tien.csv``: cash stays with the unit that took it until it is handed over."""
    holders = {code: code for code in (PROVINCE, WARD, SCHOOL, COMPANY)} | {cell.code: cell.holder for cell in CELLS}
    for code, holder in holders.items():
        yield code, "Cổng", holder, ACCOUNTS[holder][1], since
        yield code, "Ngân hàng", holder, ACCOUNTS[holder][1], since
        yield code, "Tiền mặt", code, "", since


def region_rows(since: str = SINCE) -> Iterator[tuple[str, ...]]:
    """Rows of ``vung-luong.csv``: the region is assumed, for the annex of the decree is not loaded."""
    yield WARD, "II", "có", "293/2025/NĐ-CP (vùng giả định cho ví dụ)", since


def officer_rows(since: str = SINCE) -> Iterator[tuple[str, ...]]:
    """Rows of ``officers.csv``: code, unit, role, from, to, decision, second_person."""
    posts = (
        (PROVINCE, "HP", (("VP", "office"), ("KT1", "accountant"), ("TQ1", "cashier"), ("BTV", "committee"))),
        (
            WARD,
            "VH",
            (
                ("VP1", "office"),
                ("KT1", "accountant"),
                ("KT2", "accountant"),
                ("TQ1", "cashier"),
                ("BT", "committee"),
                ("PBT", "committee"),
                ("UBKT1", "inspector"),
            ),
        ),
        (SCHOOL, "VH-101", (("KT", "accountant"), ("TQ", "cashier"), ("BT", "committee"))),
        (COMPANY, "VH-102", (("KT", "accountant"), ("TQ", "cashier"), ("BT", "committee"))),
    )
    for unit, prefix, roles in posts:
        for post, role in roles:
            yield f"{prefix}-{post}", unit, role, since, "", _DECISION, ""
    for cell in CELLS:
        prefix = "VH-" + cell.code.removeprefix(f"{WARD}.").replace(".", "-")
        second = WARD if cell.one_officer else ""
        collector = f"{prefix}-BT" if cell.one_officer else f"{prefix}-CU"
        yield f"{prefix}-BT", cell.code, "secretary", since, "", _DECISION, second
        yield collector, cell.code, "collector", since, "", _DECISION, second
