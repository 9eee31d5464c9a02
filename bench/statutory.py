"""B01 of a ward and of a province with twelve months of history, beside a plain SQL sum over the same journal."""

import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from time import perf_counter

from psycopg.rows import tuple_row

from api import wiring
from api.flows.books import make_book
from bench import world
from bench.measure import Line, Scale, interleave, line
from bench.place import Place
from bench.province import PROVINCE, Person, founded, people, rolls
from bench.what_if import _settings as _of_what_if
from domain import declaration, remittance
from domain.declaration import PeriodDeclared, SubordinatePart
from domain.identifiers import RemittanceId, UnitId
from domain.money import split_by_share
from domain.period import Period, period_end
from domain.remittance import RemittanceReceived
from ledger.statutory.b01 import B01
from ledger.statutory.books import Asked
from ledger.statutory.heading import BookKind
from ledger.store import StreamAppend
from projections.all import PROJECTIONS
from projections.journal import LINES
from projections.runner import catch_up

WARD_MEMBERS, PROVINCE_MEMBERS = 2_000, 165_000
#: The goals of the issue, in seconds.
WARD_LIMIT, PROVINCE_LIMIT = 2.0, 60.0
MONTHS = tuple(Period(f"2026-{number:02d}") for number in range(1, 13))


def run(place: Place, scale: Scale) -> list[Line]:
    """Both sizes; everything is taken from the log and the journal as of its head, files included."""
    ward = _measure(place, scale, WARD_MEMBERS, WARD_LIMIT, "ward")
    return [*ward, *_measure(place, scale, scale.size(PROVINCE_MEMBERS), PROVINCE_LIMIT, "province")]


def _measure(place: Place, scale: Scale, members: int, limit: float, what: str) -> list[Line]:
    persons = tuple(people(members))
    top = PROVINCE
    if what == "ward":
        top = persons[0].ward
        persons = tuple(replace(person, ward=top) for person in persons)
    dsn = place.database()
    with wiring.on_postgres(replace(_of_what_if(dsn), schema=f"bench_books_{what}")) as inst:
        for command in (founded(persons), *rolls(persons), *history(persons)):
            inst.store.append(command.appends, command.context, b"{}")
        assert inst.shard is not None
        with inst.shard.connect() as conn:
            catch_up(conn, inst.store, PROJECTIONS)
        place.settle(dsn)
        collected: dict[str, int] = {}

        def ours() -> float:
            start = perf_counter()
            made = make_book(inst, Asked(kind=BookKind.B01, unit_id=top, period="2026-12"))
            assert isinstance(made.book, B01)
            collected["ours"] = made.book.value("03")
            return perf_counter() - start

        def peer() -> float:
            start = perf_counter()
            statement = f"SELECT sum(amount) FROM {LINES.serving} WHERE account = '3310' AND key = 'own' AND amount > 0"
            assert inst.shard is not None
            with inst.shard.connect() as conn, conn.cursor(row_factory=tuple_row) as curs:
                row = curs.execute(statement.encode()).fetchone()
            collected["peer"] = 0 if row is None else int(row[0])
            return perf_counter() - start

        name = f"B01 of a {what}, {members:,} members, {len(MONTHS)} months"
        seen = interleave({name: ours, "one SQL sum over the journal": peer}, scale.trials)
        if collected["ours"] != collected["peer"]:
            raise AssertionError(f"B01 has {collected['ours']} collected, the journal {collected['peer']}")
        note = f"{inst.store.head():,} events; JSON, XLSX and PDF"
    limited = line(seen, "books", name, "s", goal=limit, by_ratio=False, at_most=True, note=note)
    return [limited, line(seen, "books", name, "s", "one SQL sum over the journal")]


def history(persons: tuple[Person, ...]) -> Iterator[world.Command]:
    """Twelve months: every cell declares 30 %, its ward receives all and declares 50 %: a command a ward and month."""
    cells: dict[UnitId, dict[UnitId, int]] = {}
    for person in persons:
        counts = cells.setdefault(person.ward, {})
        counts[person.unit_id] = counts.get(person.unit_id, 0) + 1
    number, before = 2 * 10**9, world.context(0)
    versions: dict[str, int] = {}
    for month in MONTHS:
        for ward, counts in cells.items():
            number += 1
            context = replace(before, command_id=uuid.UUID(int=number), request_digest=f"{number:064x}")
            made = [_declared(cell, ward, month, 60_000 * count, ()) for cell, count in counts.items()]
            parts = tuple(SubordinatePart(unit_id=d.unit_id, period=month, amount=d.payable) for d in made)
            up = _declared(ward, PROVINCE, month, 0, parts)
            declared = [_next(versions, declaration.stream(d.unit_id), d) for d in (*made, up)]
            received = [_received(d) for d in (*made, up)]
            sent = [_next(versions, remittance.stream(r.remittance_id), r) for r in received]
            yield world.Command(context=context, appends=(*declared, *sent))
    parts = tuple(
        SubordinatePart(unit_id=ward, period=month, amount=_of_ward(counts))
        for ward, counts in cells.items()
        for month in MONTHS
    )
    last = _declared(PROVINCE, PROVINCE, MONTHS[-1], 0, parts)
    context = replace(before, command_id=uuid.UUID(int=number + 1), request_digest=f"{number + 1:064x}")
    yield world.Command(context=context, appends=(_next(versions, declaration.stream(PROVINCE), last),))


def _of_ward(counts: dict[UnitId, int]) -> int:
    sums = sum(split_by_share(60_000 * count, 3_000).passed_up for count in counts.values())
    return split_by_share(sums, 5_000).passed_up


def _next(versions: dict[str, int], stream: str, event: PeriodDeclared | RemittanceReceived) -> StreamAppend:
    expected = versions.get(stream, 0)
    versions[stream] = expected + 1
    return StreamAppend(stream=stream, expected_version=expected, events=(event,))


def _declared(
    unit: UnitId, superior: UnitId, month: Period, own: int, parts: tuple[SubordinatePart, ...]
) -> PeriodDeclared:
    below = sum(part.amount for part in parts)
    retain = 5_000 if parts else 3_000
    split = split_by_share(own + below, retain)
    return PeriodDeclared(
        unit_id=unit,
        superior_id=superior,
        superior_has_books=True,
        period=month,
        position=1,
        own_collected=own,
        from_subordinates=below,
        subordinates=parts,
        collected=own + below,
        share_row="EX",
        share_document="bench",
        is_example=True,
        retain_bp=retain,
        kept=split.kept,
        payable=split.passed_up,
        declared_on=period_end(month),
    )


def _received(made: PeriodDeclared) -> RemittanceReceived:
    return RemittanceReceived(
        remittance_id=RemittanceId(f"{made.unit_id}/{made.period}/1"),
        unit_id=made.unit_id,
        superior_id=made.superior_id,
        sender_here=True,
        superior_here=True,
        period=made.period,
        amount=made.payable,
        asset="1120",
        asset_key="bench",
        bank_line=None,
        received_on=date(2026, 12, 31),
    )
