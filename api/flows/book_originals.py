"""The very bytes that were signed, kept beside what a book can be made again from.

A book is made again from the log for as long as the programs that lay it out stay what they were. The signed files
themselves outlive those programs: each is found by the digest in the signature, and is believed only if it still has
that digest. They lie in the evidence store, encrypted, and are erased with the names they show.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from uuid import NAMESPACE_OID, UUID, uuid5

from api.wiring import Installation
from domain.book import BookSigned

_MEDIA = {
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}


def keep(inst: Installation, files: Mapping[str, bytes]) -> None:
    """Keep the files of a book ("json", "xlsx", "pdf"); the same book again keeps nothing twice."""
    for part, content in files.items():
        inst.evidence.store(_id_of(part, hashlib.sha256(content).hexdigest()), _MEDIA[part], content)


def original(inst: Installation, signed: BookSigned, part: str) -> bytes | None:
    """A signed file ("json", "xlsx" or "pdf") as it was; None when it was erased or never kept."""
    digest: str = getattr(signed.digests, part)
    item = inst.evidence.fetch(_id_of(part, digest))
    content = None if item is None else item.content
    return content if content is not None and hashlib.sha256(content).hexdigest() == digest else None


def erase(inst: Installation, signed: BookSigned, at: datetime) -> int:
    """Erase the signed files and what names them, by a decision on personal data; returns how many were there."""
    ids = [_id_of(part, getattr(signed.digests, part)) for part in _MEDIA]
    return sum(inst.evidence.erase(known, at) for known in (*ids, UUID(signed.inputs_id)))


def _id_of(part: str, digest: str) -> UUID:
    return uuid5(NAMESPACE_OID, f"book-original/{part}/{digest}")
