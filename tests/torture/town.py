"""The torture set's world: seven cells at seven banks, their people, and every reference that is open."""

from domain.reference import mint
from tests.acceptance.tree import settings
from tests.torture.values import Asked, Batch, Dice, Lump, Member, Unit, World

MONTHS = ("2026-07", "2026-08", "2026-09")
MEMBERS = 400  #: of each cell
#: Those of a cell who pay through the gateway: they take no part in any other theme.
LUMPED = slice(322, 340)

UNITS = (
    Unit(id="T1", bank="VCB", bin="970436", number="0011004412345"),
    Unit(id="T2", bank="BIDV", bin="970418", number="12610000345678"),
    Unit(id="T3", bank="VietinBank", bin="970415", number="113002678901"),
    Unit(id="T4", bank="Agribank", bin="970405", number="1500205123456"),
    Unit(id="T5", bank="MB", bin="970422", number="0680118899001"),
    Unit(id="T6", bank="Techcombank", bin="970407", number="19036612345015"),
    Unit(id="T7", bank="ACB", bin="970416", number="215667788"),
)
#: Banks whose statements show the sender's account.
SHOWS_PAYER = ("Techcombank", "ACB")
#: The cell whose July requests were good to the 25th only, and the cell that has closed July.
EXPIRING, CLOSED = "T4", "T5"
EXPIRED_ON = "2026-07-25"
#: What each cell had in its account at the start, all of it its own; fees are paid of it. In đồng.
OPENING = 5_000_000

FAMILY = ("NGUYEN", "TRAN", "LE", "PHAM", "HOANG", "VU", "DANG", "BUI", "DO", "NGO", "DUONG", "LY", "MAI", "TRINH")
MIDDLE = ("VAN", "THI", "DUC", "QUANG", "MINH", "THANH", "NGOC", "XUAN", "BA", "CONG", "KIM", "THU")
# fmt: off
GIVEN = (
    "AN", "BINH", "CHAU", "CUONG", "DUNG", "DUY", "GIANG", "HA", "HAI", "HANH",
    "HIEN", "HOA", "HUNG", "HUONG", "KHANH", "KIEN", "LAM", "LAN", "LINH", "LOAN",
    "LONG", "MAI", "NAM", "NGA", "NHUNG", "PHONG", "PHUC", "QUAN", "QUYEN", "SON",
    "TAM", "THAO", "THINH", "TOAN", "TRANG", "TRUNG", "TU", "TUAN", "VIET", "YEN",
)
# fmt: on


def name(dice: Dice) -> str:
    """A made-up name as banks write it."""
    return f"{dice.pick(FAMILY)} {dice.pick(MIDDLE)} {dice.pick(GIVEN)}"


def make_world(seed: int) -> World:
    """The world; references are the ones that the ledger gives out in this order."""
    dice = Dice(seed)
    members = tuple(
        Member(id=f"{unit.id}-{number:03d}", unit=unit.id, name=name(dice), dues=(160 + dice.below(440)) * 500)
        for unit in UNITS
        for number in range(1, MEMBERS + 1)
    )
    key = settings().reference_key
    counter = 0
    lumps_from = len(MONTHS) * len(members)
    asked = []
    for month in MONTHS:
        for one in members:
            asked.append(Asked(reference=_reference(key, counter), member=one.id, month=month))
            counter += 1
    batches = _batches(dice, members, key, lumps_from)
    return World(
        seed=seed,
        months=MONTHS,
        units=UNITS,
        members=members,
        asked=tuple(asked),
        batches=batches,
        lumps=_lumps(dice, members, key, lumps_from + len(batches)),
    )


def _reference(key: bytes, counter: int) -> str:
    return str(mint(key=key, shard=1, counter=counter))


def _batches(dice: Dice, members: tuple[Member, ...], key: bytes, first: int) -> tuple[Batch, ...]:
    """Representatives pay for some of the last members of each cell, month by month."""
    found: list[Batch] = []
    for unit in UNITS:
        own = [one for one in members if one.unit == unit.id][-24:]
        for month in MONTHS:
            left = own
            while len(left) >= 4:
                size = min(len(left), 4 + dice.below(5))
                some, left = left[:size], left[size:]
                reference = _reference(key, first + len(found))
                parts = tuple((one.id, one.dues) for one in some)
                found.append(Batch(reference=reference, unit=unit.id, month=month, parts=parts))
    return tuple(found)


def _lumps(dice: Dice, members: tuple[Member, ...], key: bytes, first: int) -> tuple[Lump, ...]:
    """A gateway pays some members' dues of September out together, two days later and less its fees."""
    found: list[Lump] = []
    counter = first
    for unit in UNITS:
        left = [one for one in members if one.unit == unit.id][LUMPED]
        while left:
            some, left = left[:6], left[6:]
            found.append(
                Lump(
                    payout=f"po_{dice.digits(8)}Torture{len(found):04d}",
                    unit=unit.id,
                    on=f"2026-09-{4 + dice.below(20):02d}",
                    references=tuple(_reference(key, counter + place) for place in range(len(some))),
                    parts=tuple((one.id, one.dues) for one in some),
                    fees=tuple(1_100 + one.dues // 100 for one in some),
                )
            )
            counter += len(some)
    return tuple(found)


def in_batches(world: World) -> frozenset[tuple[str, str]]:
    """(member, month) that a batch or a gateway pays."""
    batched = {(member, batch.month) for batch in world.batches for member, _ in batch.parts}
    return frozenset(batched | {(member, MONTHS[-1]) for lump in world.lumps for member, _ in lump.parts})
