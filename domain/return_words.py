"""The words by which a bank says that money comes back: next to a reference they make it no new payment.

Words, not pieces of words: «HOÀN TRANG» and «QUANG HUY» are people who pay (payments §7.3, return and recall).
"""

from domain.reference import fold

#: Runs of folded words that mean a return wherever they stand.
_ANYWHERE = (
    ("HOAN", "TRA"),
    ("HOANTRA",),
    ("HOAN", "TIEN"),
    ("HOANTIEN",),
    ("TRA", "LAI"),
    ("REVERSAL",),
    ("RETURN", "OF"),
    ("HUY", "REVERSAL"),
)
#: Runs that mean it at the beginning only: HUY is also a name, and banks write GD behind names.
_AT_FIRST = (("HUY", "GD"), ("HUY", "GIAO", "DICH"), ("HUY", "LENH"), ("REV",), ("RC",))


def words(text: str) -> tuple[str, ...]:
    """The folded words of a text: runs of letters and digits, as every bank leaves them at the least."""
    spaced = "".join(letter if letter.isalnum() else " " for letter in text)
    return tuple(word for part in spaced.split() if (word := fold(part)))


def comes_back(text: str) -> bool:
    """Whether a transfer's content says that it is a return or a reversal."""
    found = words(text)
    if any(found[: len(run)] == run for run in _AT_FIRST):
        return True
    return any(found[at : at + len(run)] == run for run in _ANYWHERE for at in range(len(found)))
