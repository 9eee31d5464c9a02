"""Installations for stories: in memory, and on a fresh schema of a real PostgreSQL."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from api import wiring
from tests.acceptance.front_door import FrontDoor, opened
from tests.acceptance.office_desk import Desk, Rows, copied, of_july, surroundings
from tests.acceptance.portal_world import Portal, answering, on_portal
from tests.acceptance.story import Story, settings
from tests.conftest import ShardMaker


@pytest.fixture(params=["memory", "postgres"])
def story(request: pytest.FixtureRequest) -> Iterator[Story]:
    """An empty shard, once in memory and once on PostgreSQL."""
    if request.param == "memory":
        yield Story(wiring.in_memory(settings()))
        return
    maker: ShardMaker = request.getfixturevalue("new_shard")
    shard = maker()
    with wiring.on_postgres(replace(settings(schema=shard.schema), database_url=shard.dsn)) as installation:
        yield Story(installation)


@pytest.fixture
def portal() -> Iterator[Portal]:
    """A Payment Platform that answers at the address that ``ward`` knows."""
    with answering() as made:
        yield made


@pytest.fixture
def ward(story: Story) -> Story:
    """A ward that may ask the portal, in memory and on PostgreSQL."""
    return on_portal(story)


@pytest.fixture
def door(new_shard: ShardMaker) -> Iterator[FrontDoor]:
    """The HTTP front door over a ward on a fresh schema of a real PostgreSQL."""
    with opened(new_shard) as front:
        yield front


@pytest.fixture(scope="module")
def july(postgres_server: str) -> Iterator[str]:
    """A database with the demo's story up to the evening of 31 July, for a module's tests that change nothing."""
    with of_july(postgres_server) as dsn:
        yield dsn


@pytest.fixture(scope="module")
def _july_rows(july: str) -> Rows:
    return Desk(july).rows()


@pytest.fixture
def desk(
    july: str,
    _july_rows: dict[str, tuple[int, str]],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Desk:
    """The module's desk; nothing that is typed here may change anything."""
    surroundings(monkeypatch, july)
    return Desk(july, capsys, _july_rows)


@pytest.fixture
def own_desk(
    july: str, postgres_server: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Desk]:
    """A desk with a database of its own, for what goes in."""
    with copied(postgres_server, july) as dsn:
        surroundings(monkeypatch, dsn)
        yield Desk(dsn, capsys)
