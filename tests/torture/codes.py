"""References read the slow and obvious way, from the description alone: a second opinion beside the product's own."""

import unicodedata

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
PREFIX = "HJ"


def _times(a: int, b: int) -> int:
    """Multiplication in GF(2)[x]/(x^5 + x^2 + 1), bit by bit."""
    product = 0
    for bit in range(5):
        if b >> bit & 1:
            product ^= a << bit
    for bit in range(8, 4, -1):
        if product >> bit & 1:
            product ^= 0b100101 << (bit - 5)
    return product


def holds(body: str) -> bool:
    """Whether both sums over ten symbols are zero: Σ v and Σ v·x^i."""
    plain = weighted = 0
    power = 1
    for symbol in body:
        value = ALPHABET.index(symbol)
        plain ^= value
        weighted ^= _times(value, power)
        power = _times(power, 2)
    return plain == 0 and weighted == 0


def bare(text: str) -> str:
    """What is left of a content: capitals and digits."""
    flat = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D")).upper()
    return "".join(letter for letter in flat if letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")


def folded(symbols: str) -> str:
    """Look-alikes as the symbols that were meant."""
    return symbols.replace("O", "0").replace("I", "1").replace("L", "1").replace("U", "V")


def codes_in(text: str) -> tuple[str, ...]:
    """Every valid reference in a text, each once, in order."""
    left = bare(text)
    found: list[str] = []
    for start in range(len(left) - 11):
        body = folded(left[start + 2 : start + 12])
        if left[start : start + 2] == PREFIX and holds(body) and PREFIX + body not in found:
            found.append(PREFIX + body)
    return tuple(found)
