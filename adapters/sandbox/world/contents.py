"""What arrives of a transfer's content: shapes by the payer's bank or wallet (payments §7.1), made-up names only."""

from dataclasses import dataclass
from datetime import datetime

from adapters.sandbox.world.dice import Dice


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """Who pays from where; invented."""

    name: str  #: without diacritics, as banks write it
    account: str
    bank: str  #: one of ROUTES


#: Where people's money comes from. About half of the shapes were seen in public code, the others are assumed.
ROUTES = ("vietcombank", "mb", "momo", "napas", "bidv", "zalopay", "viettel", "app")


def arrives(dice: Dice, key: str, code: str, at: datetime, payer: Payer, to_account: str) -> str:
    """The content on the receiving statement for what the payer's app sent; ``code`` may be any words."""
    digits = dice.digits(12, "content", key)
    said = _touched(dice, key, code)
    match payer.bank:
        case "vietcombank":
            return f"MBVCB.{digits[:10]}.{digits[6:]}.{said}.CT tu {payer.account} {payer.name} toi {to_account}"
        case "mb":
            return f"{said} - Ma giao dich/ Trace {digits[:6]}"
        case "momo":
            return f"{digits}-{said}-CHUYEN TIEN-OQCH000{digits[:5]}-MOMO{digits}MOMO"
        case "napas":
            return f"{digits[:6]}.{at:%d%m%y}.{at:%H%M%S}.{said}"
        case "bidv":
            return f"REM Tfr Ac:{payer.account} B/O {payer.name} {said}"
        case "zalopay":
            return f"ZALOPAY-CHUYENTIEN-{said}-{digits}"
        case "viettel":
            return f"VTLMONEY {said} {digits}"
        case _:
            return f"{payer.name} chuyen tien {said}"


def _touched(dice: Dice, key: str, code: str) -> str:
    """What apps do to the code itself without losing it: case, a blank inside, own words behind."""
    match dice.below(20, "touched", key):
        case 0:
            return code.lower()
        case 1:
            return f"{code[:6]} {code[6:]}"
        case 2 | 3:
            return f"{code} DANG PHI"
        case 4:
            return f"Thanh toan QR {code}"
        case _:
            return code


def mistyped(dice: Dice, key: str, code: str) -> str:
    """The code with one character wrong, as a hand that copies it makes it."""
    place = dice.between(2, len(code) - 1, "mistyped-at", key)
    others = [letter for letter in "23456789ABCDEFGH" if letter != code[place]]
    return code[:place] + dice.pick(others, "mistyped-as", key) + code[place + 1 :]


_SURNAMES = ["NGUYEN", "TRAN", "LE", "PHAM", "HOANG", "PHAN", "VU", "DANG", "BUI", "DO"]
_GIVEN = [
    "AN",
    "BINH",
    "CHIEN",
    "DUNG",
    "GIANG",
    "HA",
    "HANH",
    "HUNG",
    "LAN",
    "LONG",
    "MINH",
    "NAM",
    "PHUC",
    "QUANG",
    "SON",
    "TAM",
    "THU",
    "TUAN",
    "VAN",
    "YEN",
]


def payer_of(dice: Dice, name: str) -> Payer:
    """The same person always pays from the same account; the name carries the word MAU (sample)."""
    words = f"{dice.pick(_SURNAMES, 'surname', name)} MAU {dice.pick(_GIVEN, 'given', name)}"
    return Payer(name=words, account="99" + dice.digits(10, "account", name), bank=dice.pick(ROUTES, "route", name))
