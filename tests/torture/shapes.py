"""How transfer contents arrive: a shape for each app, channel and bank of payments §7.1; ``x`` is the payer's text."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from tests.torture.values import Dice


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who sends, from where, to which account, when; all made up."""

    name: str
    account: str
    to_account: str
    on: date


Shape = Callable[[Dice, Sender, str], str]


def _vcb(dice: Dice, who: Sender, x: str) -> str:
    number = dice.digits(10 + dice.below(2)) + (f".{dice.digits(6)}" if dice.below(2) else "")
    tail = dice.pick((" tai BIDV", " tai VIETINBANK", "", ""))
    return f"MBVCB.{number}.{x}.CT tu {who.account} {who.name} toi {who.to_account} CHI BO{tail}"


def _at_acb(dice: Dice, who: Sender, x: str) -> str:
    clock = f"{dice.below(24):02d}{dice.below(60):02d}{dice.below(60):02d}"
    return f"{_vcb(dice, who, x)} GD {clock}-{who.on:%d%m%y} {clock[:2]}:{clock[2:4]}:{clock[4:]}"


def _napas(dice: Dice, who: Sender, x: str) -> str:
    return f"{dice.digits(6)}.{who.on:%d%m%y}.{dice.digits(6)}.{x}"


def _napas_long(dice: Dice, who: Sender, x: str) -> str:
    glued = f"0200{dice.digits(14)}{who.on:%Y}{dice.pick(('WXYZ', 'QRST', 'ABEM'))}{dice.digits(6)}"
    return f"{glued}.{dice.digits(5)}.{dice.digits(6)}.{x}"


def _napas_ft(dice: Dice, who: Sender, x: str) -> str:
    return f"{dice.digits(6)}.{who.on:%d%m%y}.{dice.digits(6)}.{who.name} chuyen {x} FT{dice.digits(14)}"


def _momo(dice: Dice, who: Sender, x: str) -> str:
    number = dice.digits(12)
    letters = "".join(dice.pick("ABKMRXYabkmrxy") for _ in range(5))
    return f"{number}-{x}-CHUYEN TIEN-OQCH000{letters}-MOMO{number}MOMO"


def _momo_cut(dice: Dice, who: Sender, x: str) -> str:
    return f"{dice.digits(11)}-{x}-CHUYEN TIEN-OQCH{dice.digits(8)}-e78a2fd2-73cf-4a3a-a7a4-{dice.digits(8)}"


#: Tied with digits in front that nothing parts from the payer's text.
def _momo_glued(dice: Dice, who: Sender, x: str) -> str:
    return f"{dice.digits(12)}-{dice.digits(11)}{x}-CHUYEN TIEN-OQCH000AEYII-MOMO{dice.digits(12)}MOMO"


def _aggregator(dice: Dice, who: Sender, x: str) -> str:
    return f"BankAPINotify Qa{dice.digits(10)} SEPAY{dice.digits(4)} 1 {_momo(dice, who, x)}"


#: Shapes by name. The first letters of the tuple's banks say at which banks each is seen or assumed to arrive.
SHAPES: dict[str, tuple[str, Shape]] = {
    "as-encoded": ("VBCAMTX", lambda dice, who, x: x),
    "vcb-app": ("VBCAMT", _vcb),
    "vcb-app-at-acb": ("X", _at_acb),
    "napas-at-vcb": ("V", _napas),
    "napas-long-at-vcb": ("V", _napas_long),
    "napas-ft-at-vcb": ("V", _napas_ft),
    "trace-at-mb": ("M", lambda dice, who, x: f"{x} - Ma giao dich/ Trace {dice.digits(6)}"),
    "acsp-at-mb": ("M", lambda dice, who, x: f"{who.name} {x}-Ma GD ACSP/ A{dice.digits(7)}"),
    "momo": ("VBCAMTX", _momo),
    "momo-cut": ("BCAT", _momo_cut),
    "momo-glued": ("VCMX", _momo_glued),
    "aggregator-at-vietinbank": ("C", _aggregator),
    "app-qr": ("VBCAMTX", lambda dice, who, x: f"Thanh toan QR {x}"),
    "app-transfer": ("VBCAMTX", lambda dice, who, x: f"{who.name} chuyen tien {x}"),
    "rem-at-bidv": ("B", lambda dice, who, x: f"REM {dice.digits(10)} B/O {who.name} F/O {x} DTLS"),
    "tail-at-bidv": (
        "B",
        lambda dice, who, x: f"TKThe :{who.account}, tai VCB. {x} -CTLNHIDI000{dice.digits(9)}-1/1-CRE-002",
    ),
    "ct-den-at-vietinbank": ("C", lambda dice, who, x: f"CT DEN:{dice.digits(12)} {x}"),
    "citad": (
        "VBCAT",
        lambda dice, who, x: f"SHGD:{dice.digits(8)}.DD:{who.on:%y%m%d}.BO:{who.name}.Remark:({x})",
    ),
    "ibft": ("BATX", lambda dice, who, x: f"IBFT {x}"),
    "ft-at-techcombank": ("T", lambda dice, who, x: f"{x} FT{dice.digits(14)}"),
    "zalopay": ("VMX", lambda dice, who, x: f"ZALOPAY-CHUYENTIEN-{x}-{who.on:%y%m%d}{dice.digits(9)}"),
    "viettel-money": ("BAM", lambda dice, who, x: f"VTLMONEY {x} {who.on:%y%m%d}{dice.digits(9)}"),
}

_LETTERS = {
    "VCB": "V",
    "BIDV": "B",
    "VietinBank": "C",
    "Agribank": "A",
    "MB": "M",
    "Techcombank": "T",
    "ACB": "X",
}


def shapes_at(bank: str) -> tuple[str, ...]:
    """The shapes that arrive at a bank."""
    return tuple(name for name, (banks, _) in SHAPES.items() if _LETTERS[bank] in banks)


def content(dice: Dice, shape: str, who: Sender, x: str) -> str:
    """The content as the statement shows it."""
    return SHAPES[shape][1](dice, who, x)
