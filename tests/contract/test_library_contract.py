"""The eventsourcing library's own test cases, run against our recorders with text stream names."""

from uuid import uuid4

import pytest
from eventsourcing.tests import persistence as library

from adapters.memory.recorder import MemoryRecorder, MemoryTracking
from adapters.postgres.recorder import PostgresRecorder
from adapters.postgres.shard import ShardDatastore
from adapters.postgres.tracking import PostgresTracking


class TextStreams:
    def new_originator_id(self):
        return f"dues/{uuid4()}/2026"


class OnPostgres:
    """Gives each test a shard of its own, with as many connections as the library's tests have threads."""

    @pytest.fixture(autouse=True)
    def _with_datastore(self, shard):
        with ShardDatastore(shard, pool_size=2, max_overflow=12) as datastore:
            self.datastore = datastore
            yield


class TestMemoryLog(TextStreams, library.ApplicationRecorderTestCase):
    def create_recorder(self):
        return MemoryRecorder()


class TestMemoryLogDoesNotInterleave(TextStreams, library.NonInterleavingNotificationIDsBaseCase):
    def create_recorder(self):
        return MemoryRecorder()


class TestMemoryTracking(library.TrackingRecorderTestCase):
    def create_recorder(self):
        return MemoryTracking()


class TestPostgresLogByArrays(OnPostgres, TextStreams, library.ApplicationRecorderTestCase):
    def create_recorder(self):
        return PostgresRecorder(self.datastore)


class TestPostgresLogByCopy(OnPostgres, TextStreams, library.ApplicationRecorderTestCase):
    def create_recorder(self):
        return PostgresRecorder(self.datastore, copy_from=1)


class TestPostgresLogByArraysDoesNotInterleave(OnPostgres, TextStreams, library.NonInterleavingNotificationIDsBaseCase):
    def create_recorder(self):
        return PostgresRecorder(self.datastore, copy_from=10_000)


class TestPostgresLogByCopyDoesNotInterleave(OnPostgres, TextStreams, library.NonInterleavingNotificationIDsBaseCase):
    def create_recorder(self):
        return PostgresRecorder(self.datastore, copy_from=1)


class TestPostgresTracking(OnPostgres, library.TrackingRecorderTestCase):
    def create_recorder(self):
        return PostgresTracking(self.datastore)
