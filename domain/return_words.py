"""Words of a transfer's content that decide whose money it is not: it comes back, or it is for more people than one.

Words, not pieces of words: «HOÀN TRANG» and «QUANG HUY» are people who pay (payments §7.3, return and recall). The
list is the only one: imports, channels' messages and the matching all ask here.
"""

from itertools import pairwise

from domain.reference import fold

#: Runs of folded words that mean a return wherever they stand.
_ANYWHERE = (
    ("HOAN", "TRA"),
    ("HOANTRA",),
    ("HOAN", "TIEN"),
    ("HOANTIEN",),
    ("HOAN", "LAI"),
    ("HOAN", "CHUYEN"),
    ("CHUYEN", "HOAN"),
    ("CHUYEN", "TRA", "LAI"),
    ("TRA", "LAI"),
    ("TRA", "VE"),
    ("THOAI", "CHI"),
    ("THOAI", "THU"),
    ("THOAI", "TRA"),
    ("BI", "TU", "CHOI"),
    ("LENH", "TU", "CHOI"),
    ("HUY", "LENH"),
    ("HUY", "GIAO", "DICH"),
    ("HUY", "REVERSAL"),
    ("REVERSAL",),
    ("REVERSED",),
    ("REFUND",),
    ("REFUNDED",),
    ("CHARGEBACK",),
    ("RETURN",),
    ("RETURNED",),
    ("RECALL",),
    ("RJCT",),
)
#: Runs that mean it at the beginning only: HUY is also a name, and banks write GD behind names.
_AT_FIRST = (("HUY", "GD"), ("REV",), ("RC",))
#: Runs that say that the money is for more than one, or for somebody else than who is named first.
_SEVERAL = (
    ("CUNG",),
    ("VOI",),
    ("NOP", "HO"),
    ("NOP", "THAY"),
    ("DANG", "VIEN"),
    ("VO", "CHONG"),
    ("CA", "NHA"),
)


def words(text: str) -> tuple[str, ...]:
    """The folded words of a text: runs of letters and digits, as every bank leaves them at the least."""
    spaced = "".join(letter if letter.isalnum() else " " for letter in text)
    return tuple(word for part in spaced.split() if (word := fold(part)))


def comes_back(text: str) -> bool:
    """Whether a transfer's content says that it is a return or a reversal."""
    found = words(text)
    if any(found[: len(run)] == run for run in _AT_FIRST):
        return True
    return _holds(found, _ANYWHERE)


def is_for_several(text: str) -> bool:
    """Whether the content says that the money is not one person's alone: what is over is then nobody's credit."""
    found = words(text)
    # «T8 VA T9» joins months of one person; before anything else VA joins people.
    joined = (after for word, after in pairwise(found) if word == "VA")
    return any(not _is_month(after) for after in joined) or _holds(found, _SEVERAL)


def _is_month(word: str) -> bool:
    return word == "THANG" or (word[0] == "T" and word[1:].isdigit()) or word.isdigit()


def _holds(found: tuple[str, ...], runs: tuple[tuple[str, ...], ...]) -> bool:
    present = frozenset(found)
    return any(
        run[0] in present and any(found[at : at + len(run)] == run for at in range(len(found) - len(run) + 1))
        for run in runs
    )
