"""VietQR payloads, and references found in what banks make of a transfer's content."""

import random
from binascii import crc_hqx

from adapters.vietqr.payload import encode
from bench import world
from bench.measure import Line, Scale, interleave, line, rate
from bench.place import Place
from domain.reference import find_references

PAYLOADS = 100_000
CONTENTS = 20_000

#: What banks make of a content; the reference stands where the braces are.
_SHAPES = (
    "MBVCB.{n}.{r}.CT tu 0011009999999 NGUYEN VAN A toi 0011001234567",
    "{r}",
    "NOP DANG PHI {r} thang 07",
    "IBFT {spaced} FT26185{n}",
    "CUSTOMER {lower} -CHUYEN TIEN-OQCH{n}",
    "NGUYEN THI B chuyen tien dang phi thang 7 chi bo 5",
)


def payloads(place: Place, scale: Scale) -> list[Line]:
    """A payload for each member of a province, beside the checksum alone."""
    count = scale.size(PAYLOADS)
    asked = [(f"{number:013d}", 10_000 + number, str(world.reference(number))) for number in range(count)]
    made = [encode(bin="970436", account=a, amount=n, content=c) for a, n, c in asked]
    bodies = [text.encode()[:-4] for text in made]

    def encoded() -> None:
        for account, amount, content in asked:
            encode(bin="970436", account=account, amount=amount, content=content)

    def checksums() -> None:
        for body in bodies:
            crc_hqx(body, 0xFFFF)

    what, limit = "payloads with amount and content", "CRC-16 alone"
    contenders = {what: lambda: rate(count, encoded), limit: lambda: rate(count, checksums)}
    seen = interleave(contenders, scale.trials)
    note = f"{count:,} distinct, {len(made[0])} characters"
    return [line(seen, "vietqr", what, "payloads/s", limit, goal=100_000, by_ratio=False, note=note)]


def references(place: Place, scale: Scale) -> list[Line]:
    """References found in contents as they come back from banks."""
    count = scale.size(CONTENTS)
    chance = random.Random(3)
    contents = []
    for number in range(count):
        found = str(world.reference(number))
        shape = chance.choice(_SHAPES)
        spaced = f"{found[:4]} {found[4:8]} {found[8:]}"
        contents.append(shape.format(n=f"{number:06d}", r=found, spaced=spaced, lower=found.lower()))

    def look() -> None:
        for content in contents:
            find_references(content)

    seen = interleave({"references found in contents": lambda: rate(count, look)}, scale.trials)
    share = sum(bool(find_references(content)) for content in contents) / count
    note = f"{len(_SHAPES)} shapes, {share:.0%} with a reference"
    return [line(seen, "references", "references found in contents", "contents/s", note=note)]
