"""An officer's desk at the end of July: the demo's story up to the evening of the 31st, and ``dangphi`` to type."""

import fcntl
import os
import re
import tempfile
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from psycopg.sql import SQL, Identifier

from adapters.postgres import server
from api.cli import main
from api.demo.scenario import Scenario, read_scenario
from api.demo.settings import EXAMPLE
from api.demo.stage import Stage
from api.demo.steps import play
from api.settings import Settings
from api.wiring import on_postgres
from projections.all import PROJECTIONS

#: The last step that is played: every cell of the ward has declared July.
LAST = "Các chi bộ chốt kỳ tháng 7"

SCENARIO: Scenario = read_scenario(EXAMPLE)


#: Words of a library's own message, or of a traceback, which no officer should have to read.
_ENGLISH = re.compile(
    r"Traceback|Error|Exception|\b(expected|invalid|missing|unterminated|must be|not found|does not|failed|unknown)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command left on the terminal."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """Both streams; a traceback would stand in one of them."""
        return self.out + self.err


Rows = Mapping[str, tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Desk:
    """One database; ``dangphi`` finds it in its environment. ``known`` are its rows where nothing may change them."""

    dsn: str
    capsys: pytest.CaptureFixture[str] | None = None
    known: Rows | None = None

    def dangphi(self, *arguments: object) -> Answer:
        """Run the command line as ``dangphi`` does; the code is the process's exit status."""
        assert self.capsys is not None
        self.capsys.readouterr()
        code = 0
        try:
            main.run([str(argument) for argument in arguments])
        except SystemExit as leaving:
            code = leaving.code if isinstance(leaving.code, int) else 1
        out, err = self.capsys.readouterr()
        return Answer(code, out, err)

    def refuses(self, arguments: Sequence[object], *words: str, may_change: Sequence[str] = ()) -> Answer:
        """Run a command that must be refused: exit status 1, every word said, no traceback, nothing changed.

        ``may_change`` names tables that take evidence of what was refused.
        """
        before = self.known or self.rows()
        answer = self.dangphi(*arguments)
        assert answer.code == 1, answer
        for word in words:
            assert word in answer.said, f"«{word}» is not in: {answer.said}"
        assert not _ENGLISH.search(answer.said), answer.said
        changed = {table for table, rows in self.rows().items() if rows != before.get(table)}
        assert changed <= set(may_change), changed
        return answer

    def rows(self) -> dict[str, tuple[int, str]]:
        """Every table that something is kept in: how many rows, and a hash over all of them.

        Read models are left out: any command may bring them up to the log, which changes nothing that is kept.
        """
        with psycopg.connect(self.dsn) as conn:
            names = conn.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY 1", (SCENARIO.settings.schema,)
            ).fetchall()
            query = SQL("SELECT count(*), coalesce(md5(string_agg(r::text, '' ORDER BY r::text)), '') FROM {} r")
            found = {}
            for (name,) in names:
                if name in READ_MODELS:
                    continue
                row = conn.execute(query.format(Identifier(SCENARIO.settings.schema, name))).fetchone()
                assert row is not None
                found[name] = (int(row[0]), str(row[1]))
            return found


def environment(settings: Settings, dsn: str) -> dict[str, str]:
    """The settings as an operator would write them."""
    return {
        "DANGPHI_DATABASE_URL": dsn,
        "DANGPHI_SCHEMA": settings.schema,
        "DANGPHI_SHARD": str(settings.shard),
        "DANGPHI_REFERENCE_KEY": settings.reference_key.hex(),
        "DANGPHI_REFERENCE_PREFIX": settings.reference_prefix,
        "DANGPHI_VAULT_KEY": settings.vault_key.hex(),
        "DANGPHI_PORTAL_PARTNER": settings.portal_partner,
        "DANGPHI_PORTAL_SECRET": settings.portal_secret,
        "DANGPHI_TOP_UNIT": settings.top_unit,
    }


def surroundings(monkeypatch: pytest.MonkeyPatch, dsn: str) -> None:
    """Put the settings of a desk into the environment."""
    for name, value in environment(SCENARIO.settings, dsn).items():
        monkeypatch.setenv(name, value)


#: Tables that are made from the log and can be made again.
READ_MODELS = frozenset({"tracking", *(table.serving for projection in PROJECTIONS for table in projection.tables)})


@contextmanager
def played(postgres_server: str, last: str = LAST) -> Iterator[str]:
    """A database with the story played up to the step of that text; about three seconds."""
    name = f"t_{os.getpid()}_{uuid.uuid4().hex[:8]}"
    dsn = server.create_database(postgres_server, name)
    try:
        with on_postgres(replace(SCENARIO.settings, database_url=dsn)) as inst:
            for done in play(Stage(inst=inst, scenario=SCENARIO)):
                if done.step.text == last:
                    break
        yield dsn
    finally:
        server.drop_database(postgres_server, name)


@contextmanager
def of_july(postgres_server: str) -> Iterator[str]:
    """A database of one's own with the story played up to ``LAST``.

    The first test process of a run that asks plays it; every other one copies what that one played. What is copied
    bears the number of the run's first process, so that a later run clears it away.
    """
    process = os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()
    name = f"t_{process}_july"
    with (Path(tempfile.gettempdir()) / f"dangphi-tests-{os.getuid()}" / "july.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with psycopg.connect(postgres_server, autocommit=True) as conn:
            if not conn.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
                with played(postgres_server) as dsn:
                    made = psycopg.conninfo.conninfo_to_dict(dsn)["dbname"]
                    conn.execute(SQL("ALTER DATABASE {} RENAME TO {}").format(Identifier(str(made)), Identifier(name)))
    with copied(postgres_server, make_conninfo(postgres_server, dbname=name)) as own:
        yield own


@contextmanager
def copied(postgres_server: str, dsn: str) -> Iterator[str]:
    """A copy of a database that nobody is connected to, for a test that changes it."""
    source = psycopg.conninfo.conninfo_to_dict(dsn)["dbname"]
    name = f"t_{os.getpid()}_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(postgres_server, autocommit=True) as conn:
        conn.execute(SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(name), Identifier(str(source))))
    try:
        yield make_conninfo(dsn, dbname=name)
    finally:
        server.drop_database(postgres_server, name)
