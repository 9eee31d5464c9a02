"""Whoever pays in a sandbox's month is named by nothing that the month leaves: no page, no log, no table, no address.

The month is played over real sockets, so that every channel's messages, settlements and statements pass through; each
payer's name and card stand in the vault alone, and the portal alone is told one, for its receipt.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from psycopg.sql import SQL, Identifier

from adapters.postgres import server
from adapters.sandbox.world.scenario import Scenario, scenario_of
from api.sandbox.house import house_settings
from api.sandbox.page import as_json, as_text
from api.sandbox.run import DATABASE, Played, play
from api.wiring import on_postgres
from domain.attempt import AttemptOpened
from domain.member import MemberEnrolled

FAULTS = {"duplicate": 0.3, "wrong-signature": 0.3, "hang-up": 0.2, "error-500": 0.2, "part-payment": 0.3}
WAYS = {"qr": 30, "portal": 30, "bill": 20, "gateway": 20, "cash": 10}

#: Tables that a month through the rails must have filled; an empty one would prove nothing.
FILLED = {"events", "inbox", "vault", "evidence", "attempts_v1", "attempt_months_v1"}


@dataclass(frozen=True, slots=True)
class Left:
    """What a month left behind, and who lived in it."""

    played: Played
    log: str
    tables: dict[str, str]
    names: frozenset[str]
    cards: frozenset[str]


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Left]:
    folder = tmp_path_factory.mktemp("sandbox")
    scenario = scenario_of(
        {
            "seed": 7,
            "month": "2026-08",
            "days": 2,
            "days_after": 1,
            "population": {"cells": 2, "members_per_cell": 6, "first_day": 1, "last_day": 1, "ways": WAYS},
            "fault": FAULTS,
        }
    )
    log = folder / "dangphi.log"
    played = play(scenario, data_dir=folder / "data", report=lambda *_: None, log=log)
    dsn = make_conninfo(server.start(folder / "data"), dbname=DATABASE)
    try:
        yield Left(played, log.read_text(encoding="utf-8", errors="replace"), *_inside(scenario, folder, dsn))
    finally:
        server.stop(folder / "data")


def _inside(scenario: Scenario, folder: Path, dsn: str) -> tuple[dict[str, str], frozenset[str], frozenset[str]]:
    """Every table as text, and everybody's name and card."""
    settings = house_settings(
        scenario, base="http://127.0.0.1:1", data_dir=folder / "data", clock=folder / "clock", dsn=dsn
    )
    tables = {}
    with psycopg.connect(dsn) as conn:
        found = conn.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", (settings.schema,)).fetchall()
        for (name,) in found:
            with conn.cursor().copy(SQL("COPY {} TO STDOUT").format(Identifier(settings.schema, name))) as copy:
                tables[name] = b"".join(bytes(block) for block in copy).decode()
    with on_postgres(replace(settings, database_url=dsn)) as inst:
        events = [one.event for one in inst.store.read(0, 100_000)]
        assert any(isinstance(event, AttemptOpened) for event in events), "nobody paid through a rail"
        enrolled = [event.member_id for event in events if isinstance(event, MemberEnrolled)]
        people = inst.vault.persons(enrolled).values()
    return tables, frozenset(p.name for p in people), frozenset(str(p.card_number).replace(".", "") for p in people)


def people_in(text: str, left: Left) -> set[str]:
    """Everybody whom a text names, with or without marks, or by card, or by the bytes of either in hexadecimal."""
    bare = _bare(text)
    digits = text.replace(".", "")
    found = {name for name in left.names if _bare(name) in bare or name.encode().hex() in text}
    return found | {card for card in left.cards if card in digits}


def _bare(text: str) -> str:
    parts = unicodedata.normalize("NFD", text.replace("Đ", "D").replace("đ", "d"))
    return "".join(c for c in parts if not unicodedata.combining(c)).lower()


def test_the_search_finds_whoever_is_named(left: Left) -> None:
    name, card = sorted(left.names)[0], sorted(left.cards)[0]
    assert len(left.names) == len(left.cards) == 12
    assert people_in(f"x {_bare(name).upper()} y", left) == {name}
    assert people_in(name.encode().hex(), left) == {name}
    assert people_in(f"số thẻ {card[:2]}.{card[2:]}", left) == {card}


def test_pages_and_logs_of_a_month_name_nobody(left: Left) -> None:
    assert left.played.page.compared.moved > 0
    for text in (as_text(left.played.page), as_json(left.played.page), left.played.transcript, left.log):
        assert not people_in(text, left)
    assert left.log.startswith("Giao diện HTTP")
    told = set(re.findall(r"post ([a-z-]+)/", left.played.transcript))
    assert {"portal", "sepay"} <= told, told


def test_no_table_of_a_month_through_every_rail_names_anybody(left: Left) -> None:
    assert {name for name in FILLED if left.tables.get(name)} == FILLED
    for name, text in left.tables.items():
        assert not people_in(text, left), name
