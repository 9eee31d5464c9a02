"""Synthetic Party members for the example: seeded, plausible, and nobody's.

Every name carries the word ``Mẫu`` (sample) and every card number begins with 99, which no province has. Only
``random.Random.random`` is used, whose numbers Python keeps the same from version to version.
"""

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias, TypeVar

from adapters.sandbox.viet_hoa import CELLS, CellPlan

T = TypeVar("T")
Value: TypeAlias = str | int | date
Row: TypeAlias = dict[str, Value]

SI, LEAVE = "Thuộc diện BHXH bắt buộc", "Nghỉ ốm đau, thai sản"
PENSIONER = "Hưởng lương hưu"
UNDER, OVER = "Chưa đến tuổi nghỉ hưu, không lương hưu", "Từ đủ tuổi nghỉ hưu, không lương hưu"
STUDENT = "Học sinh, sinh viên"

_SURNAME_LIST = "Nguyễn Trần Lê Phạm Hoàng Phan Vũ Đặng Bùi Đỗ Hồ Ngô Dương Lý Đào Đoàn Vương Trịnh Mai Lương"
_GIVEN_LIST = (
    "An Bình Chiến Dung Duyên Giang Hà Hạnh Hiền Hòa Hùng Hương Khánh Lan Liên Linh Long Loan Mai Minh Nam Nga Ngọc "
    "Nhung Oanh Phúc Phương Quang Quyên Sơn Tâm Thanh Thảo Thắng Thủy Trung Tuấn Uyên Vân Yến"
)
_SURNAMES, _GIVEN = tuple(_SURNAME_LIST.split()), tuple(_GIVEN_LIST.split())

#: Salary coefficients of the state scale, in hundredths; the base salary is 2,340,000 to June and 2,530,000 from July
#: 2026 (73/2024/NĐ-CP, 161/2026/NĐ-CP), so a hundredth is 23,400 and then 25,300 đồng.
_COEFFICIENTS = (234, 267, 300, 333, 366, 399, 432, 465, 498, 508, 542, 576, 610, 644, 678, 799, 862, 1000)
_OLD_HUNDREDTH, _NEW_HUNDREDTH = 23_400, 25_300

#: Who belongs to which kind of cell: category and its share of a hundred.
_MIX: Mapping[str, tuple[tuple[str, int], ...]] = {
    "residential": ((PENSIONER, 54), (OVER, 14), (UNDER, 15), (SI, 12), (STUDENT, 4), (LEAVE, 1)),
    "state": ((SI, 96), (LEAVE, 4)),
    "school": ((SI, 92), (LEAVE, 4), (STUDENT, 4)),
    "company": ((SI, 96), (LEAVE, 4)),
    "coop": ((SI, 40), (UNDER, 50), (PENSIONER, 10)),
}
_STATE_PAID = ("state", "school")


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """One made-up member: the row of the list by field, and the state-scale coefficient where there is one."""

    cell: CellPlan
    row: Row
    coefficient: int | None

    @property
    def july_base(self) -> int | None:
        """The SI salary from July on for those on the state scale; đồng."""
        return None if self.coefficient is None else self.coefficient * _NEW_HUNDREDTH


def pick(rng: random.Random, choices: Sequence[T]) -> T:
    """One of several, by one draw."""
    return choices[int(rng.random() * len(choices))]


def between(rng: random.Random, low: int, high: int, step: int) -> int:
    """A multiple of ``step`` from low up to high, high excluded, by one draw."""
    return low + int(rng.random() * ((high - low) // step)) * step


def make_members(seed: int) -> tuple[Made, ...]:
    """All members, cell by cell in the order of the lists; the same seed gives the same people."""
    rng = random.Random(seed)
    members: list[Made] = []
    for cell in CELLS:
        for order in range(1, cell.size + 1):
            members.append(_member(rng, cell, order, number=len(members)))
    _make_cases(rng, members)
    return tuple(members)


def person(rng: random.Random, number: int) -> tuple[str, str]:
    """A name and a card number."""
    middle = pick(rng, ("Văn", "Thị"))
    return f"{pick(rng, _SURNAMES)} {middle} Mẫu {pick(rng, _GIVEN)}", f"99.{100_000 + 137 * number:06d}"


def _member(rng: random.Random, cell: CellPlan, order: int, number: int) -> Made:
    name, card = person(rng, number)
    category = _draw(rng, _MIX[cell.work])
    row: Row = {
        "order": order,
        "name": name,
        "card": card,
        "unit": cell.code,
        "enrolled": date(2026, 7, 1),
        "category": category,
        "scope": "Trực tuyến",
    }
    coefficient = None
    if category == SI and cell.work in _STATE_PAID:
        coefficient = pick(rng, _COEFFICIENTS)
        row |= {"si-salary": coefficient * _OLD_HUNDREDTH, "base_month": "06/2026"}
    elif category == SI:
        high = 15_000_000 if cell.work == "residential" else 25_000_000
        row |= {"si-salary": between(rng, 5_300_000, high, 1_000), "base_month": "06/2026"}
    elif category == LEAVE:
        row |= {"benefit": between(rng, 4_000_000, 12_000_000, 1_000), "base_month": "07/2026"}
    elif category == PENSIONER:
        row |= {"pension": between(rng, 3_000_000, 9_000_000, 100), "base_month": "07/2026"}
    return Made(cell=cell, row=row, coefficient=coefficient)


def _draw(rng: random.Random, mix: tuple[tuple[str, int], ...]) -> str:
    left = int(rng.random() * 100)
    for category, share in mix:
        if left < share:
            return category
        left -= share
    return mix[0][0]


# --- the cases that an office has ---------------------------------------------------------------------------------


class _Cases:
    """Hands out plain members one by one, so that nobody is two cases at once."""

    def __init__(self, members: Sequence[Made]) -> None:
        self._members = members
        self._taken: set[int] = set()

    def next(self, wanted: Iterable[Callable[[Made], bool]]) -> Made:
        """The first plain member who fits the first wish that anybody fits."""
        for wish in wanted:
            for number, made in enumerate(self._members):
                if number not in self._taken and wish(made):
                    self._taken.add(number)
                    return made
        raise LookupError("the example has too few members of this kind")


def _is(code: str, category: str) -> Callable[[Made], bool]:
    return lambda made: made.cell.code == code and made.row["category"] == category


def _in(code: str, category: str) -> tuple[Callable[[Made], bool], ...]:
    """A member of one cell."""
    return (_is(code, category),)


def _residential(n: int, category: str) -> tuple[Callable[[Made], bool], ...]:
    """A member of the n-th residential cell, else of the next one that has such a member."""
    return tuple(_is(f"31.001.{(n + more) % 12 + 1:03d}", category) for more in range(12))


def _make_cases(rng: random.Random, members: Sequence[Made]) -> None:
    """Reliefs, those outside the online procedure, those nobody could classify, arrears, credit, the cap."""
    cases = _Cases(members)
    _reliefs(cases)
    for n in range(20):
        made = cases.next(_residential(n, PENSIONER if n % 3 else OVER))
        made.row["scope"] = "Miễn sinh hoạt, nộp tiền mặt"
    abroad = cases.next(_residential(3, UNDER))
    abroad.row.update({"category": "Ở nước ngoài, diện khác", "scope": "Nước ngoài"})
    funded = cases.next(_in("31.001.101.02", SI))
    salary = funded.row.pop("si-salary")
    funded.row.update(
        {
            "category": "Ở nước ngoài, hưởng sinh hoạt phí",
            "scope": "Nước ngoài",
            "allowance": salary,
            "base_month": "07/2026",
        }
    )
    for n in (5, 8):
        cases.next(_residential(n, SI)).row["scope"] = "Lực lượng vũ trang"
    for wanted in (_residential(4, UNDER), _in("31.001.101.04", SI), _in("31.001.102.03", SI)):
        unknown = cases.next(wanted)
        unknown.row["category"] = ""
        for field in ("si-salary", "base_month"):
            unknown.row.pop(field, None)
    cases.next(_in("31.001.102.01", SI)).row["si-salary"] = 50_000_000
    _arrears(cases)
    for wanted, credit in (
        (_in("31.001.001", PENSIONER), 20_000),
        (_in("31.001.021", SI), 50_000),
        (_in("31.001.101.01", SI), 12_500),
        (_in("31.001.102.02", SI), 500_000),
    ):
        cases.next(wanted).row["credit"] = credit


def _relief(code: str, percent: int, first: str, last: str, number: int) -> Row:
    row: Row = {
        "relief": code,
        "percent": percent,
        "relief_from": first,
        "decision": f"{number:02d}-QĐ/VD-MG",
        "decided_by": "Đảng ủy phường Việt Hòa" if code in ("X3", "X4") else "Chi bộ xác nhận",
        "decided_on": date(2026, 6, 20),
    }
    return row | ({"relief_to": last} if last else {})


def _reliefs(cases: _Cases) -> None:
    """X1 party age of 50 years, X2 social pension, X3 poverty or critical illness, X4 hardship (01-QĐ/TW, Art. 5)."""
    for n in range(18):
        cases.next(_residential(n, PENSIONER)).row.update(_relief("X1", 100, "02/2026", "", n + 1))
    for n in range(6):
        cases.next(_residential(2 * n, OVER)).row.update(_relief("X2", 100, "03/2026", "", n + 31))
    for n in range(7):
        wanted = _residential(n + 2, UNDER if n % 2 else OVER)
        cases.next(wanted).row.update(_relief("X3", 100, "04/2026", "03/2027", n + 41))
    for n, percent in enumerate((30, 30, 50, 50, 70, 70, 100, 100)):
        wanted = _residential(n + 6, PENSIONER) if n % 2 else _in(f"31.001.102.0{n // 2 + 1}", SI)
        cases.next(wanted).row.update(_relief("X4", percent, "05/2026", "04/2027", n + 51))


def _arrears(cases: _Cases) -> None:
    """Months owed when the ledger begins: to 2026-01 by 342-QĐ/TW, from 2026-02 by 01-QĐ/TW."""
    pension_342, state_342 = "342: hưởng lương hưu BHXH", "342: cơ quan hành chính, lực lượng vũ trang"
    company_342 = "342: doanh nghiệp, đơn vị sự nghiệp, tổ chức kinh tế"
    for wanted, category, months, base_field in (
        (_residential(1, PENSIONER), pension_342, "11/2025; 12/2025", "pension"),
        (_residential(6, PENSIONER), pension_342, "11/2025; 12/2025", "pension"),
        (_residential(8, PENSIONER), pension_342, "12/2025; 06/2026", "pension"),
        (_in("31.001.022", SI), state_342, "12/2025", "si-salary"),
        (_in("31.001.102.01", SI), company_342, "12/2025", "si-salary"),
        (_residential(10, PENSIONER), pension_342, "06/2026", "pension"),
        (_in("31.001.102.04", SI), company_342, "06/2026", "si-salary"),
        (_residential(7, UNDER), "342: đảng viên khác ở trong nước", "06/2026", ""),
    ):
        made = cases.next(wanted)
        made.row.update({"category_342": category, "arrears": months})
        if base_field:
            made.row["arrear_bases"] = made.row[base_field]


def wrong_rows(seed: int, members: Sequence[Made]) -> Iterator[Row]:
    """A small list with one good row and the mistakes that offices make."""
    rng = random.Random(seed + 1)

    def row(order: int, **changes: Value) -> Row:
        name, card = person(rng, 2_000 + order)
        made: Row = {
            "order": 900 + order,
            "name": name,
            "card": card,
            "unit": "31.001.001",
            "enrolled": "01/07/2026",
            "category": SI,
            "si-salary": "7.500.000",
            "base_month": "06/2026",
            "scope": "Trực tuyến",
        }
        return made | changes

    good = row(1)
    yield good
    yield row(2, card=good["card"])
    yield row(3, card=members[0].row["card"])
    yield row(4, **{"si-salary": "7.500.000,5"})
    yield row(5, **{"si-salary": "-7500000"})
    yield row(6, **{"si-salary": str(2**63)})
    yield row(7, **{"si-salary": "٧٥٠٠٠٠٠"})
    yield row(8, **{"si-salary": "=5000000*1,5"})
    yield row(9, unit="31.001.999")
    yield row(10, category="Thuộc diện BHXH bắc buộc")
    yield row(11, base_month="09/2026")
    yield row(12, enrolled="31/06/2026")
    yield row(13, relief="X4", percent=40, relief_from="07/2026", relief_to="12/2026") | _decided()
    yield row(14, name="")


def _decided() -> Row:
    return {"decision": "99-QĐ/VD-MG", "decided_by": "Đảng ủy phường Việt Hòa", "decided_on": "20/06/2026"}
