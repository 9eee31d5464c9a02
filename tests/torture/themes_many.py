"""Themes of several references, of references that are not for this account, and of payments for several members."""

from datetime import date, timedelta

from domain.reference import mint
from tests.acceptance.tree import settings
from tests.torture.damage import HARMLESS
from tests.torture.pen import Pen
from tests.torture.values import Must

#: Shapes with room for several references.
_ROOMY = ("as-encoded", "app-transfer", "app-qr")


def several(pen: Pen, pairs: int, lists: int) -> None:
    """One transfer for two dues, and a treasurer's for a list: split where the amount is the sum."""
    for unit in pen.world.units:
        for number in range(pairs + lists):
            slots = pen.slots(unit.id, 2 if number < pairs else 3 + pen.dice.below(3))
            on = pen.day("2026-09")
            who = pen.sender(unit, on, slots[0].member.name)
            codes = tuple(slot.reference for slot in slots)
            shape = pen.dice.pick(_ROOMY)
            glue = pen.dice.pick((" ", ", ", "+", ""))
            pen.write(
                unit.id,
                on,
                sum(slot.member.dues for slot in slots),
                pen.text(shape, who, glue.join(codes) + " HP T9", codes),
                shape=shape,
                damage="several",
                theme="two-references" if number < pairs else "list-of-references",
                must=Must.POST,
                to=tuple((slot.member.id, slot.member.dues) for slot in slots),
                why="the amount is the sum of what is open under the references",
                who=who,
            )


def several_unclear(pen: Pen, count: int) -> None:
    """Two references whose sum is not what came: whose the money is, a person must say."""
    for unit in pen.world.units:
        for number in range(count):
            one, other = pen.slots(unit.id, 2)
            on = pen.day("2026-09")
            who = pen.sender(unit, on)
            both = one.member.dues + other.member.dues
            only_one = number % 2 == 0 and one.member.dues != other.member.dues
            amount = one.member.dues if only_one else both - 7_000
            codes = (one.reference, other.reference)
            pen.write(
                unit.id,
                on,
                amount,
                pen.text("as-encoded", who, " ".join(codes), codes),
                shape="as-encoded",
                damage="several",
                theme="two-references-one-amount" if only_one else "two-references-other-sum",
                must=Must.SUGGEST if only_one else Must.HOLD,
                to=((one.member.id, amount),) if only_one else (),
                reachable=only_one,
                why="the amount is what one of the two owes" if only_one else "the amount fits neither nor both",
                who=who,
            )


def beside_a_foreign_one(pen: Pen, count: int) -> None:
    """A reference of ours beside a well-formed one that this ledger never gave out."""
    for unit in pen.world.units:
        for _ in range(count):
            slot = pen.slot(unit.id)
            on = pen.day(slot.month)
            who = pen.sender(unit, on, slot.member.name)
            codes = (_foreign(pen, 1), slot.reference)
            pen.write(
                unit.id,
                on,
                slot.member.dues,
                pen.text("as-encoded", who, " ".join(codes), codes),
                shape="as-encoded",
                damage="several",
                theme="reference-beside-foreign",
                must=Must.POST,
                to=((slot.member.id, slot.member.dues),),
                why="only one of the two is open in the ledger",
                who=who,
            )


def beside_a_paid_one(pen: Pen, count: int) -> None:
    """An answered reference beside an open one, for what is open: only what is open counts (payments §7.1)."""
    for unit in pen.world.units:
        for _ in range(count):
            paid, open_ = pen.slots(unit.id, 2)
            first, on = pen.day("2026-08"), pen.day("2026-09")
            who = pen.sender(unit, first, paid.member.name)
            pen.write(
                unit.id,
                first,
                paid.member.dues,
                pen.text("app-qr", who, paid.reference, (paid.reference,)),
                shape="app-qr",
                theme="reference",
                must=Must.POST,
                to=((paid.member.id, paid.member.dues),),
                why="one open reference on the right account",
                who=who,
            )
            codes = (paid.reference, open_.reference)
            pen.write(
                unit.id,
                on,
                open_.member.dues,
                pen.text("as-encoded", who, " ".join(codes), codes),
                shape="as-encoded",
                damage="several",
                theme="reference-beside-paid",
                must=Must.EITHER,
                to=((open_.member.id, open_.member.dues),),
                why="one of the two is answered; the amount is what the other owes",
                who=who,
            )


def two_of_another_unit(pen: Pen, count: int) -> None:
    """A list that was meant for another cell's account, to the đồng."""
    ids = [unit.id for unit in pen.world.units]
    for place, unit in enumerate(pen.world.units):
        for _ in range(count):
            one, other = pen.slots(ids[(place + 1) % 7], 2)
            on = pen.day("2026-09")
            who = pen.sender(unit, on, one.member.name)
            codes = (one.reference, other.reference)
            pen.write(
                unit.id,
                on,
                one.member.dues + other.member.dues,
                pen.text("as-encoded", who, " ".join(codes), codes),
                shape="as-encoded",
                damage="several",
                theme="two-references-of-other-unit",
                must=Must.HOLD,
                reachable=False,
                why="the references are not for this account",
                who=who,
            )


def lumps(pen: Pen) -> None:
    """What the gateway paid out arrives as one line that names the payout, less the fees of its payments."""
    for lump in pen.world.lumps:
        paid = date.fromisoformat(lump.on) + timedelta(days=2)
        pen.write(
            lump.unit,
            paid,
            lump.net,
            f"{pen.dice.digits(6)}.{paid:%d%m%y}.{pen.dice.digits(6)}.GATEWAY PAYOUT {lump.payout}",
            shape="payout",
            theme="lump-with-fees",
            must=Must.POST,
            to=lump.parts,
            why="the settlement tells whose payments it holds and what was withheld",
        )


def _foreign(pen: Pen, shard: int) -> str:
    """A well-formed reference that is not on record: of another shard, or of this one's future."""
    counter = 500_000 + pen.dice.below(1_000_000)
    return str(mint(key=settings().reference_key, shard=shard, counter=counter))


def not_here(pen: Pen, count: int) -> None:
    """References of another unit's account, of another shard, and of nobody."""
    ids = [unit.id for unit in pen.world.units]
    for place, unit in enumerate(pen.world.units):
        for number in range(count):
            kind = ("other-unit", "other-shard", "never-given")[number % 3]
            damage = pen.dice.pick(("none", "lower", "dashes", "with-month"))
            if kind == "other-unit":
                slot = pen.slot(ids[(place + 1 + pen.dice.below(6)) % 7])
                code, amount = slot.reference, slot.member.dues
            else:
                code = _foreign(pen, 9 if kind == "other-shard" else 1)
                amount = (160 + pen.dice.below(440)) * 500
            on = pen.day("2026-08")
            who = pen.sender(unit, on)
            shape = pen.shape(unit.id)
            pen.write(
                unit.id,
                on,
                amount,
                pen.text(shape, who, HARMLESS[damage](pen.dice, code), (code,)),
                shape=shape,
                damage=damage,
                theme=f"reference-of-{kind}",
                must=Must.HOLD,
                reachable=False,
                why="the reference is not for this account",
                who=who,
            )


def batches(pen: Pen) -> None:
    """A representative pays for members under one reference of a list that was fixed beforehand."""
    for batch in pen.world.batches:
        unit = pen.units[batch.unit]
        on = pen.day(batch.month)
        who = pen.sender(unit, on)
        shape = pen.shape(batch.unit)
        damage = pen.dice.pick(("none", "lower", "grouped", "by-hand"))
        pen.write(
            batch.unit,
            on,
            sum(amount for _, amount in batch.parts),
            pen.text(shape, who, HARMLESS[damage](pen.dice, batch.reference), (batch.reference,)),
            shape=shape,
            damage=damage,
            theme="batch",
            must=Must.POST,
            to=batch.parts,
            why="one reference for a list that was fixed beforehand",
            who=who,
        )
