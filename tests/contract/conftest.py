"""The same contract for every implementation: fixtures that give each in turn."""

import pytest

from adapters.memory.recorder import MemoryRecorder
from adapters.postgres.recorder import PostgresRecorder


@pytest.fixture(params=["memory", "arrays", "copy"])
def recorder(request):
    """A fresh log: in memory, in PostgreSQL by arrays, in PostgreSQL by COPY."""
    if request.param == "memory":
        return MemoryRecorder()
    datastore = request.getfixturevalue("datastore")
    return PostgresRecorder(datastore, copy_from=1 if request.param == "copy" else 1_000_000)
