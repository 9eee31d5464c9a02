"""Which month a text names."""

from collections.abc import Sequence
from functools import lru_cache


def names_month(tokens: Sequence[str], month: str) -> bool:
    """Whether the text names the month, as «T5», «THANG 5», «T052026» or «5/2026»."""
    if not tokens:
        return False
    year, short, digits = _written(month)
    for at, token in enumerate(tokens):
        after = tokens[at + 1] if at + 1 < len(tokens) else ""
        if token in short or (token in ("THANG", "T") and after in digits) or (token in digits and after == year):
            return True
    return False


@lru_cache(maxsize=1_000)
def _written(month: str) -> tuple[str, frozenset[str], frozenset[str]]:
    """The year, the ways to write the month in one word, and its number alone."""
    year, number = month[:4], int(month[5:])
    short = {f"T{number}", f"T{number:02d}", f"THANG{number}", f"THANG{number:02d}"}
    short |= {f"{word}{year}" for word in short}
    return year, frozenset(short), frozenset((str(number), f"{number:02d}"))
