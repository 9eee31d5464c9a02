"""Encryption of what names people: AES-256-GCM, bound to the place where it is stored.

Every ciphertext is sealed with associated data that says where it belongs (table, row, column), so that a
ciphertext copied into another row is refused and not read as that row's content (reliability §1.2:
without this, swapping two rows changed who had paid, with no error).
"""

import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ledger.ports import Tampered

_NONCE = 12


class Sealer:
    """Seals and opens with one key of 32 bytes; safe for threads.

    Sealed bytes are a random nonce of 12 bytes, the ciphertext, and the tag of 16 bytes.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) != 32:
            raise ValueError("a key of 32 bytes is needed")
        self._cipher = AESGCM(key)

    def seal(self, content: bytes, place: str) -> bytes:
        """Encrypt content for one place."""
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, content, place.encode())

    def open(self, sealed: bytes, place: str) -> bytes:
        """Decrypt what was sealed for this place; raise ``Tampered`` for anything else."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], place.encode())
        except (InvalidTag, ValueError) as error:
            raise Tampered(f"what is stored at {place} was not sealed there") from error


def derive_key(master: bytes, purpose: str) -> bytes:
    """Derive the 32-byte key of one purpose from the system's master key (HKDF, RFC 5869, SHA-256)."""
    if len(master) < 32:
        raise ValueError("a master key of at least 32 bytes is needed")
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"dangphi:{purpose}".encode()).derive(master)


def keyed_hash(key: bytes, text: str) -> bytes:
    """HMAC-SHA256: finds a value again without storing it, and without the key says nothing about it."""
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def card_digest(key: bytes, card_number: str) -> bytes:
    """The keyed hash of a card number, the same however it was spaced or cased."""
    return keyed_hash(key, "".join(card_number.split()).replace(".", "").replace("-", "").upper())
