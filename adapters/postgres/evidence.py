"""Evidence in PostgreSQL: raw messages, statement rows and files, encrypted and erasable."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from adapters.postgres.shard import ShardDatastore
from adapters.sealing import Sealer, derive_key
from ledger.ports import EvidenceItem, Tampered


class PostgresEvidence:
    """One shard's evidence, encrypted under a key derived from ``master_key`` and bound to its id."""

    def __init__(self, datastore: ShardDatastore, master_key: bytes) -> None:
        self._datastore = datastore
        self._sealer = Sealer(derive_key(master_key, "evidence"))

    def store(self, evidence_id: UUID, media_type: str, content: bytes) -> str:
        """Keep content and return its sha256 (hex). The same id and content again changes nothing.

        Raises ``ValueError`` if the id is taken by other content. What was erased stays erased.
        """
        digest = hashlib.sha256(content).hexdigest()
        with self._datastore.get_connection() as conn:
            conn.execute(
                "INSERT INTO evidence (evidence_id, sha256, media_type, content) VALUES (%s, %s, %s, %s)"
                " ON CONFLICT DO NOTHING",
                (evidence_id, digest, media_type, self._sealer.seal(content, str(evidence_id))),
            )
            row = conn.execute("SELECT sha256 FROM evidence WHERE evidence_id = %s", (evidence_id,)).fetchone()
        if row is None or row["sha256"] != digest:
            raise ValueError(f"evidence {evidence_id} holds other content already")
        return digest

    def store_many(self, items: Sequence[tuple[UUID, str, bytes]]) -> frozenset[UUID]:
        """Keep many contents in one transaction; returns the ids that hold other content."""
        digests = {evidence_id: hashlib.sha256(content).hexdigest() for evidence_id, _, content in items}
        rows = [(i, digests[i], kind, self._sealer.seal(content, str(i))) for i, kind, content in items]
        # In the order of their ids: two importers of one file wait for each other and never in a circle.
        rows.sort(key=lambda row: row[0])
        with self._datastore.get_connection() as conn, conn.transaction(), conn.cursor() as curs:
            curs.executemany(
                "INSERT INTO evidence (evidence_id, sha256, media_type, content) VALUES (%s, %s, %s, %s)"
                " ON CONFLICT DO NOTHING",
                rows,
            )
            found = curs.execute(
                "SELECT evidence_id, sha256 FROM evidence WHERE evidence_id = ANY(%s)", (list(digests),)
            ).fetchall()
        return frozenset(row["evidence_id"] for row in found if row["sha256"] != digests[row["evidence_id"]])

    def fetch(self, evidence_id: UUID) -> EvidenceItem | None:
        """Return what is kept under an id. Raises ``Tampered`` if the bytes are not what was put there."""
        with self._datastore.get_connection() as conn, conn.cursor(binary=True) as curs:
            row = curs.execute(
                "SELECT sha256, media_type, content, erased_at FROM evidence WHERE evidence_id = %s",
                (evidence_id,),
            ).fetchone()
        if row is None:
            return None
        content = None
        if row["content"] is not None:
            content = self._sealer.open(row["content"], str(evidence_id))
            if hashlib.sha256(content).hexdigest() != row["sha256"]:
                raise Tampered(f"the hash of evidence {evidence_id} was changed")
        return EvidenceItem(
            evidence_id=evidence_id,
            sha256=row["sha256"],
            media_type=row["media_type"],
            content=content,
            erased_at=row["erased_at"],
        )

    def erase(self, evidence_id: UUID, at: datetime) -> bool:
        """Destroy the content, keep hash and kind; return whether there was content to destroy."""
        with self._datastore.get_connection() as conn:
            done = conn.execute(
                "UPDATE evidence SET content = NULL, erased_at = %s WHERE evidence_id = %s AND content IS NOT NULL",
                (at, evidence_id),
            )
            return done.rowcount == 1
