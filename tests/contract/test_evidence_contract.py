"""What the evidence store promises, in memory and in PostgreSQL."""

import hashlib
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from adapters.memory.evidence import MemoryEvidence
from adapters.postgres.evidence import PostgresEvidence

NOON = datetime(2026, 7, 1, 5, tzinfo=UTC)
CONTENT = "Nguyễn Thị An chuyển tiền".encode()


@pytest.fixture(params=["memory", "postgres"])
def evidence(request):
    if request.param == "memory":
        return MemoryEvidence()
    return PostgresEvidence(request.getfixturevalue("datastore"), b"k" * 32)


def test_content_comes_back_with_its_hash_and_kind(evidence):
    key = uuid4()
    assert evidence.store(key, "text/plain", CONTENT) == hashlib.sha256(CONTENT).hexdigest()
    item = evidence.fetch(key)
    assert (item.content, item.media_type, item.erased_at) == (CONTENT, "text/plain", None)
    assert item.sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert evidence.fetch(uuid4()) is None


def test_storing_again_changes_nothing_and_other_content_is_refused(evidence):
    key = uuid4()
    evidence.store(key, "text/plain", CONTENT)
    evidence.store(key, "text/plain", CONTENT)
    with pytest.raises(ValueError, match="other content"):
        evidence.store(key, "text/plain", b"other")
    assert evidence.fetch(key).content == CONTENT


def test_what_is_erased_keeps_its_hash_and_stays_erased(evidence):
    key = uuid4()
    digest = evidence.store(key, "text/plain", CONTENT)
    assert evidence.erase(key, NOON) is True
    assert evidence.erase(key, NOON) is False
    assert evidence.erase(uuid4(), NOON) is False
    evidence.store(key, "text/plain", CONTENT)
    item = evidence.fetch(key)
    assert (item.content, item.sha256, item.erased_at) == (None, digest, NOON)
