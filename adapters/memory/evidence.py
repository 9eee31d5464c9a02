"""Evidence in memory: the same contract as the PostgreSQL one, forgotten with the process."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from ledger.ports import EvidenceItem


class MemoryEvidence:
    """Kept content by id."""

    def __init__(self) -> None:
        self._items: dict[UUID, EvidenceItem] = {}

    def store(self, evidence_id: UUID, media_type: str, content: bytes) -> str:
        """Keep content and return its sha256 (hex). What was erased stays erased."""
        digest = hashlib.sha256(content).hexdigest()
        item = EvidenceItem(
            evidence_id=evidence_id, sha256=digest, media_type=media_type, content=content, erased_at=None
        )
        if self._items.setdefault(evidence_id, item).sha256 != digest:
            raise ValueError(f"evidence {evidence_id} holds other content already")
        return digest

    def store_many(self, items: Sequence[tuple[UUID, str, bytes]]) -> frozenset[UUID]:
        """Keep many contents; returns the ids that hold other content."""
        other = set()
        for evidence_id, media_type, content in items:
            try:
                self.store(evidence_id, media_type, content)
            except ValueError:
                other.add(evidence_id)
        return frozenset(other)

    def fetch(self, evidence_id: UUID) -> EvidenceItem | None:
        """Return what is kept under an id."""
        return self._items.get(evidence_id)

    def erase(self, evidence_id: UUID, at: datetime) -> bool:
        """Destroy the content, keep hash and kind; return whether there was content to destroy."""
        item = self._items.get(evidence_id)
        if item is None or item.content is None:
            return False
        self._items[evidence_id] = replace(item, content=None, erased_at=at)
        return True
