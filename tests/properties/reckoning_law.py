"""What a member owes for a month, written out by hand: months, rates, caps, reliefs and one rounding at the end.

Nothing here is taken from the product. A person is a dictionary of facts as they were told; ``inputs`` says what an
obligation is made of, so that two computations can be compared.
"""

from typing import Any

#: The rates of 2026 and 2027 that the people of the machine fall under: category -> (kind of base, hundredths of a %).
RATES = {"SI_COMPULSORY": ("si-salary", 100), "NON_SI_PENSIONER": ("pension", 50)}
WAGE = 4_730_000  #: minimum wage of region II
OF_WAGE = {"NON_SI_UNDER_RETIREMENT": 30, "NON_SI_OVER_RETIREMENT": 20}
STUDENT = 5_000
CAP_BEFORE, CAP_FROM_JULY = 46_800_000, 50_600_000

Inputs = tuple[str, int | None, str, int, int]  #: category, base, month of the base, gross, relieved


def after(month: str, by: int = 1) -> str:
    """The month ``by`` months later."""
    count = int(month[:4]) * 12 + int(month[5:]) - 1 + by
    return f"{count // 12:04d}-{count % 12 + 1:02d}"


def quarter_months(period: str) -> list[str]:
    """The months of a period: one, or the three of a quarter."""
    if "Q" not in period:
        return [period]
    first = f"{period[:4]}-{int(period[-1]) * 3 - 2:02d}"
    return [after(first, n) for n in range(3)]


def half_up(above: int, below: int) -> int:
    """A quotient rounded half up to one đồng."""
    return (2 * above + below) // (2 * below)


def kept_of(collected: int, percent: int) -> int:
    """What a unit keeps of what it collected."""
    return half_up(collected * percent, 100)


def category(person: dict[str, Any], month: str) -> str:
    """The category said last of those that hold from the latest month on."""
    told = [row for row in person["standings"] if row[0] <= month]
    latest = max(row[0] for row in told)
    return str([row for row in told if row[0] == latest][-1][1])


def _latest(rows: list[tuple[str, str, int]]) -> tuple[str, str, int] | None:
    if not rows:
        return None
    latest = max(row[1] for row in rows)
    return [row for row in rows if row[1] == latest][-1]


def base(person: dict[str, Any], month: str) -> tuple[int, str] | None:
    """The income that counts for a month and the month it is of: for insurance that of the month before."""
    kind = RATES[category(person, month)][0]
    rows = [row for row in person["bases"] if row[0] == kind]
    if kind == "pension":
        found = _latest([row for row in rows if row[1] <= month])
        return None if found is None else (found[2], month)
    begins = _insured_since(person, month)
    found = _latest([row for row in rows if row[1] <= after(month, -1)])
    if found is None:
        found = _latest([row for row in rows if row[1] == month])
    if found is not None and begins is not None and found[1] < after(begins, -1):
        # After a gap an old salary does not count; the first one told for the new insured time does.
        found = _latest([row for row in rows if after(begins, -1) <= row[1] <= month])
    if found is None:
        return None
    return found[2], month if found[1] == month else after(month, -1)


def _insured_since(person: dict[str, Any], month: str) -> str | None:
    """The first month of the present insured time, if an uninsured one came before it."""
    changes = sorted({row[0] for row in person["standings"] if row[0] <= month})
    for begins in reversed(changes[1:]):
        if category(person, after(begins, -1)) != "SI_COMPULSORY":
            return begins
    return None


def counted(person: dict[str, Any], month: str, student: list[tuple[str, int]]) -> tuple[int, int, int | None, str]:
    """The sum and the rate (in 1/10,000) of a month's dues; with the base, if there is one, and its month."""
    what = category(person, month)
    if what == "STUDENT":
        rates = [amount for first, amount in student if first <= month]
        return rates[-1], 10_000, None, ""
    if what in OF_WAGE:
        return WAGE, OF_WAGE[what], None, ""
    found = base(person, month)
    assert found is not None, (person, month)
    amount, of = found
    cap = CAP_BEFORE if of <= "2026-06" else CAP_FROM_JULY
    return (min(amount, cap) if what == "SI_COMPULSORY" else amount), RATES[what][1], amount, of


def relief(person: dict[str, Any], month: str) -> int:
    """The percent taken off: of several decisions the largest."""
    rows = [r for r in person["reliefs"] if r["first"] <= month and (r["last"] is None or month <= r["last"])]
    return max((r["percent"] for r in rows), default=0)


def inputs(person: dict[str, Any], month: str, student: list[tuple[str, int]]) -> Inputs:
    """What the month's obligation is made of, as law and facts stand now."""
    amount, rate, told, of = counted(person, month, student)
    gross = half_up(amount * rate * 100, 1_000_000)
    due = half_up(amount * rate * (100 - relief(person, month)), 1_000_000)
    return category(person, month), told, of, gross, gross - due


def due_with(inputs_: Inputs, percent: int, student_due: int) -> int:
    """What the same month would be with one relief alone, reckoned from what was recorded of it."""
    what, told, of, _, _ = inputs_
    if what == "STUDENT":
        return half_up(student_due * (100 - percent), 100)
    if what in OF_WAGE:
        return half_up(WAGE * OF_WAGE[what] * (100 - percent), 1_000_000)
    assert told is not None
    cap = CAP_BEFORE if of <= "2026-06" else CAP_FROM_JULY
    amount = min(told, cap) if what == "SI_COMPULSORY" else told
    return half_up(amount * RATES[what][1] * (100 - percent), 1_000_000)
