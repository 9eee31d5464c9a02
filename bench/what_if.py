"""What-if of a province's year: 165,000 members, twelve months, two policies, beside a plain SQL query of the same."""

from datetime import datetime
from time import perf_counter
from typing import Any

import psutil
import psycopg

from api import wiring
from api.flows.what_if import WhatIf, what_if
from api.settings import Settings
from bench.measure import Line, NotMeasured, Scale, interleave, line
from bench.place import Place
from bench.province import PROVINCE, READER, Person, founded, people, rolls
from domain.period import VIETNAM, Month

MEMBERS = 165_000
#: The goal of the issue, in seconds.
LIMIT = 300.0
FIRST, LAST = Month("2028-01"), Month("2028-12")
_NOW = datetime(2026, 7, 20, 9, tzinfo=VIETNAM)

#: The same amounts, reckoned by the database alone: half-up division, grouped by category.
_PEER = """
WITH due AS (
  SELECT p.category,
    CASE p.category
      WHEN 'SI_COMPULSORY' THEN (2 * least(p.base, 50600000) * 100 + 10000) / 20000
      WHEN 'NON_SI_PENSIONER' THEN (2 * p.base * 50 + 10000) / 20000
      WHEN 'STUDENT' THEN 5000
      WHEN 'NON_SI_UNDER_RETIREMENT' THEN (2 * w.amount * 30 + 10000) / 20000
      ELSE (2 * w.amount * 20 + 10000) / 20000 END AS before,
    CASE p.category
      WHEN 'SI_COMPULSORY' THEN (2 * least(p.base, 50600000) * 100 + 10000) / 20000
      WHEN 'NON_SI_PENSIONER' THEN (2 * p.base * 50 + 10000) / 20000
      WHEN 'STUDENT' THEN 5000
      WHEN 'NON_SI_UNDER_RETIREMENT' THEN (2 * w.amount * 50 + 10000) / 20000
      ELSE (2 * w.amount * 30 + 10000) / 20000 END AS after
  FROM people p JOIN wages w USING (region) CROSS JOIN generate_series(1, 12) AS month
)
SELECT category, sum(before)::bigint, sum(after)::bigint FROM due GROUP BY category ORDER BY category
"""


def run(place: Place, scale: Scale) -> list[Line]:
    """The run over a log on PostgreSQL, everything decoded and reckoned by the rules, beside the query."""
    persons = tuple(people(scale.size(MEMBERS)))
    dsn = place.database()
    with wiring.on_postgres(settings(dsn)) as inst:
        for command in (founded(persons), *rolls(persons)):
            inst.store.append(command.appends, command.context, b"{}")
        _peer_rows(dsn, persons)
        place.settle(dsn)
        results: dict[str, Any] = {}

        def ours() -> float:
            start = perf_counter()
            results["ours"] = what_if(
                inst, actor=READER, at=_NOW, unit=PROVINCE, first=FIRST, last=LAST, baseline=Month("2027-12")
            )
            return perf_counter() - start

        def peer() -> float:
            start = perf_counter()
            with psycopg.connect(dsn) as conn:
                results["peer"] = conn.execute(_PEER.encode()).fetchall()
            return perf_counter() - start

        head = inst.store.head()
        name = f"what-if of a province's year, {len(persons):,} members × 12 months × 2 policies"
        seen = interleave({name: ours, "one SQL query over flat rows": peer}, scale.trials)
        if inst.store.head() != head:
            raise NotMeasured("the run wrote an event")
    _require_same(results["ours"], results["peer"])
    memory = psutil.Process().memory_info().rss / 2**20
    note = f"{results['ours'].replayed.total.obligations:,} obligations; process holds {memory:,.0f} MB"
    limited = line(seen, "what-if", name, "s", goal=LIMIT, by_ratio=False, at_most=True, note=note)
    return [limited, line(seen, "what-if", name, "s", "one SQL query over flat rows")]


def settings(dsn: str) -> Settings:
    """An installation for the bench in a database of its own."""
    return Settings(
        database_url=dsn,
        data_dir=None,
        schema="bench_what_if",
        shard=1,
        reference_key=bytes(range(32)),
        reference_prefix="HJ",
        vault_key=bytes(32),
        portal_partner="P",
        portal_secret="secret",
        sepay_key="",
        casso_secret="",
        tokens={},
        top_unit=PROVINCE,
    )


def _peer_rows(dsn: str, persons: tuple[Person, ...]) -> None:
    with psycopg.connect(dsn, autocommit=True) as conn:
        conn.execute("CREATE TABLE people (member_id text, unit text, region text, category text, base bigint)")
        with conn.cursor() as curs, curs.copy("COPY people FROM STDIN") as copy:
            for p in persons:
                copy.write_row((p.member_id, p.unit_id, p.region, p.category, p.base))
        conn.execute("CREATE TABLE wages (region text PRIMARY KEY, amount bigint)")
        conn.execute("INSERT INTO wages VALUES ('I', 5310000), ('II', 4730000), ('III', 4140000), ('IV', 3700000)")
        conn.execute("ANALYZE people")


def _require_same(found: WhatIf, peer: list[tuple[str, int, int]]) -> None:
    """A figure for a wrong answer would be worth nothing: both must agree to the đồng."""
    ours = [(name, sums.before, sums.after) for name, sums in found.replayed.by_category.items()]
    if ours != [tuple(row) for row in peer]:
        raise NotMeasured(f"the two answers differ: {ours} and {peer}")
