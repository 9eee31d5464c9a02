"""Installations for stories: in memory, and on a fresh schema of a real PostgreSQL."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from api import wiring
from tests.acceptance.front_door import FrontDoor, opened
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
def door(new_shard: ShardMaker) -> Iterator[FrontDoor]:
    """The HTTP front door over a ward on a fresh schema of a real PostgreSQL."""
    with opened(new_shard) as front:
        yield front
