"""Closing and B01 of a ward and of a province after twelve months, cold, beside plain SQL sums of the journal."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event
from time import perf_counter

import psycopg
from psycopg.rows import tuple_row

from api import wiring
from bench.measure import Line, NotMeasured, Scale, in_process_of_its_own, interleave, line
from bench.place import Place
from bench.province import PROVINCE, founded, people, rolls
from bench.what_if import settings
from bench.year import DUES, MONTHS, Year
from domain.identifiers import UnitId
from projections.balances import BALANCES
from projections.journal import JOURNAL, LINES
from projections.remittances import REMITTANCES
from projections.runner import catch_up

WARD_MEMBERS, PROVINCE_MEMBERS = 2_000, 165_000
#: The goals of the issue, in seconds.
WARD_LIMIT, PROVINCE_LIMIT = 2.0, 60.0
#: Months still open, each closed by one trial, and when.
OPEN = (("2026-12", "2027-01-10"), ("2027-01", "2027-02-10"), ("2027-02", "2027-03-10"))
#: Seconds after which a trial is given up.
_PATIENCE = 600.0

#: What the books of a month and B01 are sums of, as a query writer would sum it: the unit's accounts, and what every
#: cell collected in the year.
_PEER = (
    "SELECT account, sum(amount) FILTER (WHERE amount > 0), sum(amount) FILTER (WHERE amount < 0)"
    f" FROM {LINES.serving} WHERE unit = %s GROUP BY account",
    f"SELECT sum(amount) FROM {LINES.serving} WHERE account = '3310' AND key = 'own' AND amount > 0",
)


def run(place: Place, scale: Scale) -> list[Line]:
    """Both sizes, each in processes that have just started; XLSX and PDF included."""
    ward = _measure(place, scale, WARD_MEMBERS, WARD_LIMIT, "ward")
    return [*ward, *_measure(place, scale, scale.size(PROVINCE_MEMBERS), PROVINCE_LIMIT, "province")]


def _measure(place: Place, scale: Scale, members: int, limit: float, what: str) -> list[Line]:
    dsn, schema = place.database(), f"bench_books_{what}"
    start = perf_counter()
    top, head = _load(dsn, schema, members, alone=what == "ward")
    loaded = perf_counter() - start
    place.settle(dsn)
    parts: dict[str, float] = {}
    months = iter(OPEN * scale.trials)

    def ours() -> float:
        month, at = next(months)
        asked = {"dsn": dsn, "schema": schema, "unit": top, "month": month, "at": f"{at}T09:00:00+07:00"}
        began = perf_counter()
        found = in_process_of_its_own("bench.close_trial", asked, _PATIENCE)
        spent = perf_counter() - began
        if (found["collected"], found["members"]) != (members * DUES * len(MONTHS), members):
            raise NotMeasured(f"B01 is wrong: {found}")
        parts.update(closing=found["closing"], book=found["book"])
        return spent

    def peer() -> float:
        began = perf_counter()
        with psycopg.connect(dsn) as conn, conn.cursor(row_factory=tuple_row) as curs:
            conn.execute(f"SET search_path TO {schema}".encode())
            curs.execute(_PEER[0].encode(), (top,)).fetchall()
            row = curs.execute(_PEER[1].encode()).fetchone()
        if row is None or row[0] != members * DUES * len(MONTHS):
            raise NotMeasured(f"the plain query is wrong: {row}")
        return perf_counter() - began

    name = f"closing and B01 of a {what}, {members:,} members, {len(MONTHS)} months, cold"
    seen = interleave({name: ours, "plain SQL sums over the journal": peer}, min(scale.trials, len(OPEN)))
    note = f"{head:,} events, loaded in {loaded:.0f} s; closing {parts['closing']:.1f} s, book {parts['book']:.1f} s"
    limited = line(seen, "books", name, "s", goal=limit, by_ratio=False, at_most=True, note=note)
    return [limited, line(seen, "books", name, "s", "plain SQL sums over the journal")]


def _load(dsn: str, schema: str, members: int, *, alone: bool) -> tuple[UnitId, int]:
    """Twelve months into the log, and the tables that closing and B01 ask; the unit to close, and the head."""
    persons = tuple(people(members))
    top = PROVINCE
    if alone:
        top = persons[0].ward
        persons = tuple(replace(person, ward=top) for person in persons)
    with wiring.on_postgres(replace(settings(dsn), schema=schema)) as inst:
        loaded = Event()
        with ThreadPoolExecutor(1) as pool:
            following = pool.submit(_follow, inst, loaded)
            try:
                for command in Year(persons).commands((founded(persons), *rolls(persons))):
                    inst.store.append(command.appends, command.context, b"{}")
            finally:
                loaded.set()
            following.result()
        return top, inst.store.head()


def _follow(inst: wiring.Installation, loaded: Event) -> None:
    """Bring the tables along, as the worker of an office does; others than these are not asked here."""
    assert inst.shard is not None
    with inst.shard.connect() as conn:
        while True:
            last = loaded.is_set()
            catch_up(conn, inst.store, (JOURNAL, BALANCES))
            if last:
                break
        catch_up(conn, inst.store, (REMITTANCES,))
        conn.execute("ANALYZE")
