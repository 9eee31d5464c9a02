"""Themes without a reference: known payers, names, own words, and everything on an account that is not dues."""

from tests.torture import town
from tests.torture.codes import codes_in
from tests.torture.pen import Pen
from tests.torture.values import Member, Must

_WORDS = (
    "nop dang phi thang {0}",
    "dang phi T{0}",
    "dong dang phi",
    "nop tien thang {0}",
    "Nộp đảng phí tháng {0}",
    "N?p ??ng ph? th?ng {0}",
    "chuyen tien",
    "",
)


def _words(pen: Pen, month: str) -> str:
    return pen.dice.pick(_WORDS).format(int(month[-2:]))


def known_payers(pen: Pen) -> None:
    """Who paid under a reference once pays again from the same account without one; a family's account is two's."""
    for unit in (one for one in pen.world.units if one.bank in town.SHOWS_PAYER):
        for one in pen.quiet(unit.id, 1, 30):
            account = pen.account()
            _first(pen, one, account)
            for month in ("2026-08", "2026-09"):
                _again(pen, (one,), account, month, theme="known-payer", why="this account paid for this member")
            if one.id.endswith("5"):
                _back(pen, one, account)
        people = pen.quiet(unit.id, 31, 46)
        for one, other in zip(people[::2], people[1::2], strict=True):
            account = pen.account()
            _first(pen, one, account)
            _first(pen, other, account)
            if one.dues != other.dues:
                why = "this account pays for two; the amount is what one of them owes"
                _again(pen, (one,), account, "2026-08", theme="family-one", why=why)
            why = "this account pays for two; the amount is what both owe"
            _again(pen, (one, other), account, "2026-09", theme="family-both", why=why)


def _first(pen: Pen, one: Member, account: str) -> None:
    slot = pen.by_key[one.id, "2026-07"]
    unit = pen.units[one.unit]
    on = pen.day("2026-07")
    who = pen.sender(unit, on, one.name, account)
    pen.write(
        one.unit,
        on,
        one.dues,
        pen.text("app-qr", who, slot.reference, (slot.reference,)),
        shape="app-qr",
        theme="first-of-a-payer",
        must=Must.POST,
        to=((one.id, one.dues),),
        why="one open reference on the right account",
        who=who,
    )


def _again(pen: Pen, whose: tuple[Member, ...], account: str, month: str, *, theme: str, why: str) -> None:
    unit = pen.units[whose[0].unit]
    on = pen.day(month)
    who = pen.sender(unit, on, whose[0].name, account)
    pen.write(
        unit.id,
        on,
        sum(one.dues for one in whose),
        pen.text("ibft", who, _words(pen, month), ()),
        shape="ibft",
        damage="no-reference",
        theme=theme,
        must=Must.EITHER,
        to=tuple((one.id, one.dues) for one in whose),
        why=why,
        who=who,
    )


def _back(pen: Pen, one: Member, account: str) -> None:
    """From an account that is known, in an amount that is owed, but it says that it is a return."""
    unit = pen.units[one.unit]
    on = pen.day("2026-09")
    who = pen.sender(unit, on, one.name, account)
    text = pen.dice.pick(("HOAN TRA TIEN CHUYEN NHAM", "Hoàn trả GD lỗi", "TRA LAI TIEN CHUYEN NHAM TK"))
    pen.write(
        unit.id,
        on,
        one.dues,
        text,
        shape="return-in",
        damage="no-reference",
        theme="return-of-known-payer",
        must=Must.RETURN,
        reachable=False,
        why="the words of a return stand in it",
        who=who,
    )


def names(pen: Pen) -> None:
    """The content names the member, the amount is what he owes."""
    for unit in (one for one in pen.world.units if one.bank not in town.SHOWS_PAYER):
        for one in pen.quiet(unit.id, 1, 30):
            for month in ("2026-08", "2026-09"):
                on = pen.day(month)
                who = pen.sender(unit, on, one.name)
                shape = pen.dice.pick(("vcb-app", "app-transfer"))
                alone = pen.names[unit.id, one.name] == 1
                pen.write(
                    unit.id,
                    on,
                    one.dues,
                    pen.text(shape, who, _words(pen, month), ()),
                    shape=shape,
                    damage="no-reference",
                    theme="name",
                    must=Must.EITHER if alone else Must.SUGGEST,
                    to=((one.id, one.dues),),
                    reachable=alone,
                    why="name and exact amount" if alone else "two members have this name",
                    who=who,
                )


def own_words(pen: Pen) -> None:
    """No reference and no name; where only one member owes that amount, he may be suggested."""
    for unit in pen.world.units:
        for one in pen.quiet(unit.id, 47, 60):
            for month in ("2026-08", "2026-09"):
                on = pen.day(month)
                who = pen.sender(unit, on)
                shape = pen.dice.pick(("as-encoded", "app-qr"))
                alone = pen.amounts[unit.id, one.dues] == 1
                pen.write(
                    unit.id,
                    on,
                    one.dues,
                    pen.text(shape, who, _words(pen, month) or "tien thang", ()),
                    shape=shape,
                    damage="no-reference",
                    theme="own-words",
                    must=Must.SUGGEST if alone else Must.HOLD,
                    to=((one.id, one.dues),),
                    reachable=alone,
                    why="only one member owes this" if alone else "several owe this amount and nothing else is known",
                    who=who,
                )


def strangers(pen: Pen, count: int) -> None:
    """Nobody's money in an amount that somebody owes; twins of one day among them."""
    for unit in pen.world.units:
        for number in range(count):
            on = pen.day("2026-09")
            amount = pen.dice.pick(pen.quiet(unit.id, 1, 60)).dues
            who = pen.sender(unit, on, "CONG TY " + town.name(pen.dice))
            text = pen.dice.pick(("thanh toan hop dong", "chuyen khoan", "tra tien hang", "ung ho quy"))
            for _ in range(2 if number % 3 == 0 else 1):
                pen.write(
                    unit.id,
                    on,
                    amount,
                    text,
                    shape="as-encoded",
                    damage="no-reference",
                    theme="stranger",
                    must=Must.HOLD,
                    reachable=False,
                    why="nobody of the roll sent it",
                    who=who,
                    nameless=unit.bank == "ACB",
                )


def treasurers_sums(pen: Pen, count: int) -> None:
    """A sum for members that no list names."""
    for unit in pen.world.units:
        for _ in range(count):
            on = pen.day("2026-09")
            some = [pen.dice.pick(pen.quiet(unit.id, 1, 60)) for _ in range(12)]
            who = pen.sender(unit, on)
            pen.write(
                unit.id,
                on,
                sum(one.dues for one in some) + 500,
                f"NOP DANG PHI T9 CHO {len(some)} DANG VIEN",
                shape="as-encoded",
                damage="no-reference",
                theme="sum-without-list",
                must=Must.HOLD,
                reachable=False,
                why="no list says whose it is",
                who=who,
            )


def returns(pen: Pen, count: int) -> None:
    """Money that came back and reversals of the bank, with a reference of ours in the text."""
    words = ("HOAN TRA GD {0} SAI TK THU HUONG", "HUY/REVERSAL FT26121123456789 {0}", "Hoàn trả lệnh chuyển tiền {0}")
    for unit in pen.world.units:
        for number in range(count):
            slot = pen.slot(unit.id)
            on = pen.day(slot.month)
            out = number % 3 == 0
            text = words[number % 3].format(slot.reference) if not out else f"HOAN TRA {slot.reference}"
            pen.write(
                unit.id,
                on,
                slot.member.dues,
                text,
                shape="return-out" if out else "return-in",
                theme="return",
                direction="out" if out else "in",
                reversal=out and unit.bank == "ACB",
                must=Must.RETURN,
                reachable=False,
                why="a return next to a reference is never a new payment",
            )


def lumps(pen: Pen, count: int) -> None:
    """A channel's lump less its fee that no settlement told of, and a fee that the bank gives back."""
    for unit in pen.world.units:
        for _ in range(count):
            on = pen.day("2026-09")
            some = [pen.dice.pick(pen.quiet(unit.id, 1, 60)).dues for _ in range(8)]
            pen.write(
                unit.id,
                on,
                sum(some) - 8 * 1_100,
                f"DVCQG QUYET TOAN {on:%d%m%Y} {len(some)} GD TRU PHI",
                shape="as-encoded",
                damage="no-reference",
                theme="lump-without-settlement",
                must=Must.HOLD,
                reachable=False,
                why="no settlement says whose it is",
            )
        pen.write(
            unit.id,
            pen.day("2026-09"),
            8_800,
            "HOAN PHI SMS THU NHAM",
            shape="bank",
            damage="no-reference",
            theme="fee-given-back",
            must=Must.OTHER,
            reachable=False,
            why="the bank's own booking",
            reversal=unit.bank == "ACB",
        )


def not_dues(pen: Pen) -> None:
    """Fees, interest, state funding, own spending, probes."""
    for unit in pen.world.units:
        for month in pen.world.months:
            for text, amount, direction, code, theme in (
                ("THU PHI QUAN LY TAI KHOAN", 11_000, "out", "PMNT/MDOP/CHRG", "fee"),
                ("PHI SMS THANG", 8_800, "out", "PMNT/MDOP/CHRG", "fee"),
                ("TRA LAI TIEN GUI", 1_204 + pen.dice.below(9_000), "in", "ACMT/MCOP/INTR", "interest"),
                (f"KBNN cap kinh phi QD {pen.dice.digits(3)}", 20_000_000, "in", None, "state-funding"),
                (f"Mua van phong pham HD {pen.dice.digits(7)}", 350_000, "out", None, "own-spending"),
                (f"test {pen.dice.digits(4)}", 1_000, "in", None, "probe"),
                ("SEPAY KIEM TRA KET NOI", 1_000, "in", None, "probe"),
            ):
                on = pen.day(month)
                assert not codes_in(text)
                pen.write(
                    unit.id,
                    on,
                    amount,
                    text,
                    shape="bank" if code else "as-encoded",
                    damage="no-reference",
                    theme=theme,
                    direction=direction,
                    bank_code=code,
                    must=Must.OTHER,
                    reachable=theme in ("fee", "interest"),
                    why="the bank's own booking" if code else "a person knows what it is",
                )
