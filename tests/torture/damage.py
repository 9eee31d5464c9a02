"""What happens to a reference on its way through hands and banks (payments §7.1, §7.2)."""

from collections.abc import Callable

from tests.torture.codes import ALPHABET, folded
from tests.torture.values import Dice

Damage = Callable[[Dice, str], str]

_HAND = {"0": "Oo", "1": "Il", "V": "Uu"}


def _mixed(dice: Dice, code: str) -> str:
    return "".join(letter.lower() if dice.below(2) else letter for letter in code)


def _blank(dice: Dice, code: str) -> str:
    place = 1 + dice.below(11)
    return code[:place] + " " + code[place:]


def _break(dice: Dice, code: str) -> str:
    place = 1 + dice.below(11)
    return code[:place] + "\n" + code[place:]


def _question(dice: Dice, code: str) -> str:
    place = 1 + dice.below(11)
    return code[:place] + "?" + code[place:]


def _hand(dice: Dice, code: str) -> str:
    return code[:2] + "".join(dice.pick(_HAND[letter]) if letter in _HAND else letter for letter in code[2:])


#: The reference survives these: it must be found.
HARMLESS: dict[str, Damage] = {
    "none": lambda dice, code: code,
    "lower": lambda dice, code: code.lower(),
    "mixed-case": _mixed,
    "grouped": lambda dice, code: f"{code[:2]} {code[2:6]} {code[6:10]} {code[10:]}",
    "dashes": lambda dice, code: f"{code[:4]}-{code[4:8]}-{code[8:]}",
    "underscore": lambda dice, code: f"{code[:2]}_{code[2:]}",
    "dots": lambda dice, code: f"{code[:2]}.{code[2:6]}.{code[6:]}",
    "blank-inside": _blank,
    "line-break": _break,
    "question-mark": _question,
    "repeated": lambda dice, code: f"{code} {code}",
    "repeated-in-text": lambda dice, code: f"{code} HP T{7 + dice.below(3)} - {code}",
    "by-hand": _hand,
    "by-hand-lower": lambda dice, code: _hand(dice, code).lower(),
    "digits-glued-before": lambda dice, code: dice.digits(11) + code,
    "letters-glued-behind": lambda dice, code: f"{code}HP T{7 + dice.below(3)}",
    "with-month": lambda dice, code: f"{code} HP T{7 + dice.below(3)}",
    "diacritics": lambda dice, code: f"Nộp đảng phí tháng {7 + dice.below(3)} {code} đồng chí Nguyễn",
    "marks-lost": lambda dice, code: f"N?p ??ng ph? th?ng {7 + dice.below(3)} {code} ??ng ch?",
}


def _wrong(dice: Dice, code: str) -> str:
    place = 2 + dice.below(10)
    other = dice.pick(tuple(symbol for symbol in ALPHABET if symbol != code[place]))
    return code[:place] + other + code[place + 1 :]


def _swapped(dice: Dice, code: str) -> str:
    places = [place for place in range(2, 11) if code[place] != code[place + 1]]
    place = dice.pick(places)
    return code[:place] + code[place + 1] + code[place] + code[place + 2 :]


def _missing(dice: Dice, code: str) -> str:
    place = 2 + dice.below(10)
    return code[:place] + code[place + 1 :]


def _extra(dice: Dice, code: str) -> str:
    place = 3 + dice.below(9)
    return code[:place] + dice.pick(ALPHABET) + code[place:]


def _prefix(dice: Dice, code: str) -> str:
    return dice.pick(("HK", "JH", "NJ", "HG", "GJ")) + code[2:]


#: One slip: the reference must not be found, and it can be located for a person.
SLIPS: dict[str, Damage] = {
    "wrong-character": _wrong,
    "swapped": _swapped,
    "missing": _missing,
    "extra": _extra,
    "wrong-prefix": _prefix,
}

#: The content ends inside the reference: so many symbols are lost.
CUTS: dict[str, int] = {"cut-1": 1, "cut-2": 2, "cut-4": 4, "cut-6": 6}

#: Cuts that leave all eight data symbols can be told; of shorter ones only the rest of the line may tell.
TELLING_CUTS = ("cut-1", "cut-2")


def is_true_slip(code: str, text: str) -> bool:
    """Whether the damaged text still differs once look-alikes are folded."""
    return folded(text[2:]) != code[2:] or text[:2] != code[:2]
