"""Themes around a reference: it arrives whole, damaged, with another amount, twice, late, or with others."""

from datetime import date

from tests.torture import town
from tests.torture.codes import codes_in
from tests.torture.damage import CUTS, HARMLESS, SLIPS, TELLING_CUTS, Damage, is_true_slip
from tests.torture.pen import Pen, Slot
from tests.torture.shapes import Sender, content, shapes_at
from tests.torture.values import Must, Parts

_NOISE = (
    " FT{0:014d}",
    " 09{0:08d}",
    " MOMO{0:012d}MOMO",
    " HJ2026 HJZYAT1B",
    " HP{0:06d}",
    " ma so {0:010d}",
    " HJ{0:010d}",
)


def _whole(slot: Slot, amount: int | None = None) -> Parts:
    return ((slot.member.id, slot.member.dues if amount is None else amount),)


def _day_for(pen: Pen, slot: Slot) -> date:
    if slot.member.unit == town.EXPIRING and slot.month == "2026-07":
        return pen.day_after(date.fromisoformat(town.EXPIRED_ON))
    return pen.day(slot.month)


def _theme(slot: Slot) -> tuple[str, str]:
    if slot.month == "2026-07" and slot.member.unit == town.EXPIRING:
        return "expired-request", "the request had expired; money beats states"
    if slot.month == "2026-07" and slot.member.unit == town.CLOSED:
        return "closed-month", "the month is closed; the reference is good"
    return "reference", "one open reference on the right account"


def every_shape_and_damage(pen: Pen, rounds: int) -> None:
    """Each shape of each bank with each harmless damage."""
    for unit in pen.world.units:
        for shape in shapes_at(unit.bank):
            for damage, harm in HARMLESS.items():
                for _ in range(rounds):
                    slot = pen.slot(unit.id)
                    on = _day_for(pen, slot)
                    who = pen.sender(unit, on, slot.member.name if pen.dice.below(4) else None)
                    text = pen.text(shape, who, harm(pen.dice, slot.reference), (slot.reference,))
                    theme, why = _theme(slot)
                    pen.write(
                        unit.id,
                        on,
                        slot.member.dues,
                        text,
                        shape=shape,
                        damage=damage,
                        theme=theme,
                        must=Must.POST,
                        to=_whole(slot),
                        why=why,
                        who=who,
                    )


def with_noise(pen: Pen, count: int) -> None:
    """Other systems' references and look-alikes stand in front of the true one."""
    for unit in pen.world.units:
        for _ in range(count):
            slot = pen.slot(unit.id)
            on = _day_for(pen, slot)
            who = pen.sender(unit, on, slot.member.name)
            shape = pen.shape(unit.id)
            while True:
                noise = pen.dice.pick(_NOISE).format(pen.dice.below(10**9)).strip()
                x = f"{noise} {slot.reference}" if pen.dice.below(2) else f"{slot.reference} {noise}"
                if codes_in(x) == (slot.reference,):
                    break
            text = pen.text(shape, who, x, (slot.reference,))
            pen.write(
                unit.id,
                on,
                slot.member.dues,
                text,
                shape=shape,
                damage="noise",
                theme="noise",
                must=Must.POST,
                to=_whole(slot),
                why="one open reference among look-alikes",
                who=who,
            )


def names_like_words(pen: Pen, count: int) -> None:
    """Senders whose names hold the words of a return or of a bank's fee: they pay all the same."""
    for unit in pen.world.units:
        for number in range(count):
            slot = pen.slot(unit.id)
            on = _day_for(pen, slot)
            family = pen.dice.pick(town.FAMILY)
            name = f"{family} {('HOAN TRANG', 'QUANG HUY', 'PHI LONG', 'HOAN TRAM')[number % 4]}"
            who = pen.sender(unit, on, name)
            pen.write(
                unit.id,
                on,
                slot.member.dues,
                pen.text("app-transfer", who, slot.reference, (slot.reference,)),
                shape="app-transfer",
                theme="name-like-a-return",
                must=Must.POST,
                to=_whole(slot),
                why="a name is no word of a return",
                who=who,
            )


def slips(pen: Pen, rounds: int) -> None:
    """One slip in the reference: to be located and suggested, never to be posted."""
    for unit in pen.world.units:
        for shape in shapes_at(unit.bank):
            for damage, harm in SLIPS.items():
                for _ in range(rounds):
                    slot = pen.slot(unit.id)
                    on = _day_for(pen, slot)
                    # The sender is a stranger: nothing but the damaged reference says whose the money is.
                    who = pen.sender(unit, on)
                    text = _slipped(pen, shape, who, slot.reference, harm)
                    pen.write(
                        unit.id,
                        on,
                        slot.member.dues,
                        text,
                        shape=shape,
                        damage=damage,
                        theme="slip",
                        must=Must.SUGGEST,
                        to=_whole(slot),
                        why="one slip points to one open reference",
                        who=who,
                    )


def _slipped(pen: Pen, shape: str, who: Sender, code: str, harm: Damage) -> str:
    """A content around a damaged reference; what stands behind may not mend it by chance (a lost 2 before 26)."""
    while True:
        x = harm(pen.dice, code)
        text = content(pen.dice, shape, who, x)
        if is_true_slip(code, x) and not codes_in(text):
            return text


def cuts(pen: Pen, rounds: int) -> None:
    """The bank ends the content inside the reference."""
    for unit in pen.world.units:
        for shape in shapes_at(unit.bank):
            for damage, lost in CUTS.items():
                for _ in range(rounds):
                    slot = pen.slot(unit.id)
                    on = _day_for(pen, slot)
                    who = pen.sender(unit, on)
                    full = pen.text(shape, who, slot.reference, (slot.reference,))
                    end = full.index(slot.reference) + len(slot.reference) - lost
                    tells = damage in TELLING_CUTS
                    why = "the data symbols are all there" if tells else "data symbols are lost with the checks"
                    pen.write(
                        unit.id,
                        on,
                        slot.member.dues,
                        full[:end],
                        shape=shape,
                        damage=damage,
                        theme="cut",
                        must=Must.SUGGEST,
                        to=_whole(slot),
                        reachable=tells,
                        why=why,
                        who=who,
                    )


def other_amounts(pen: Pen, count: int) -> None:
    """Part payments and payments of more than was asked: the member's all the same, the rest is credit."""
    for unit in pen.world.units:
        for number in range(count):
            slot = pen.slot(unit.id, uneven=True)
            on = _day_for(pen, slot)
            who = pen.sender(unit, on, slot.member.name)
            part = number % 2 == 0
            step = (5 + pen.dice.below(60)) * 1_000
            amount = slot.member.dues - step if part else slot.member.dues + step + pen.dice.below(1_000)
            shape = pen.shape(unit.id)
            pen.write(
                unit.id,
                on,
                amount,
                pen.text(shape, who, slot.reference, (slot.reference,)),
                shape=shape,
                theme="part-payment" if part else "over-payment",
                must=Must.POST,
                to=_whole(slot, amount),
                why="the reference says whose it is; the amount decides nothing",
                who=who,
            )


def paid_twice(pen: Pen, count: int) -> None:
    """The same reference twice: on different days, and as true twins of one day."""
    for unit in pen.world.units:
        for number in range(count):
            slot = pen.slot(unit.id, uneven=True)
            on = _day_for(pen, slot)
            twins = number % 2 == 0
            days = (on, on) if twins else (on, pen.day_after(on))
            who = pen.sender(unit, on, slot.member.name)
            for day in days:
                pen.write(
                    unit.id,
                    day,
                    slot.member.dues,
                    slot.reference,
                    shape="as-encoded",
                    theme="twins-of-one-member" if twins else "paid-already",
                    must=Must.POST,
                    to=_whole(slot),
                    why="two transfers of one member; the second is credit",
                    who=who,
                    nameless=twins and unit.bank == "ACB",
                )


def same_amount_same_day(pen: Pen, count: int) -> None:
    """Two members send the same amount on one day, each under a reference."""
    for unit in pen.world.units:
        for _ in range(count):
            one, other = pen.slots(unit.id, 2, uneven=True)
            on = pen.day("2026-09")
            amount = max(one.member.dues, other.member.dues)
            for slot in (one, other):
                who = pen.sender(unit, on, slot.member.name)
                shape = pen.shape(unit.id)
                pen.write(
                    unit.id,
                    on,
                    amount,
                    pen.text(shape, who, slot.reference, (slot.reference,)),
                    shape=shape,
                    theme="same-amount-two-members",
                    must=Must.POST,
                    to=_whole(slot, amount),
                    why="each line names its member",
                    who=who,
                )
