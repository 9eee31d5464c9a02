"""The identity vault in PostgreSQL: names and card numbers, each person under a key of its own.

The person's key (AES-256) is stored encrypted under the system's key, which is not in the database. To
erase a person that key is destroyed with the ciphertexts, so that what old backups still hold cannot be
read with the rows that are left. Every ciphertext is bound to its person and column.
"""

import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from eventsourcing.persistence import IntegrityError
from psycopg import Connection

from adapters.postgres.shard import ShardDatastore
from adapters.sealing import Sealer, card_digest, derive_key
from ledger.ports import Person, card_taken, identity_erased


class PostgresVault:
    """One shard's identities."""

    def __init__(self, datastore: ShardDatastore, master_key: bytes) -> None:
        self._datastore = datastore
        self._wrapping = Sealer(derive_key(master_key, "vault-keys"))
        self._card_key = derive_key(master_key, "vault-cards")

    def put(self, persons: Sequence[Person]) -> None:
        """Keep or replace persons, all or none.

        Refuses ``CARD_TAKEN`` when another member has the card number, ``IDENTITY_ERASED`` for one erased.
        """
        try:
            with self._datastore.get_connection() as conn, conn.transaction():
                self._put(conn, persons)
        except IntegrityError as error:
            raise card_taken() from error

    def _put(self, conn: Connection[Any], persons: Sequence[Person]) -> None:
        known = conn.execute(
            "SELECT member_id, wrapped_key FROM vault WHERE member_id = ANY(%s) FOR UPDATE",
            ([person.member_id for person in persons],),
            binary=True,
        ).fetchall()
        wrapped: dict[str, bytes | None] = {row["member_id"]: row["wrapped_key"] for row in known}
        # The last entry of a member counts, as if they were put one after another.
        latest = {person.member_id: person for person in persons}
        rows = [self._sealed(person, wrapped) for person in latest.values()]
        # The key is replaced together with what it encrypts: another put of the same new member may have
        # committed since the look-up above.
        conn.execute(
            "INSERT INTO vault (member_id, wrapped_key, name, card_number, card_hash)"
            " SELECT * FROM unnest(%b::text[], %b::bytea[], %b::bytea[], %b::bytea[], %b::bytea[])"
            " ON CONFLICT (member_id) DO UPDATE SET wrapped_key = excluded.wrapped_key, name = excluded.name,"
            " card_number = excluded.card_number, card_hash = excluded.card_hash"
            " WHERE vault.erased_at IS NULL",
            [list(column) for column in zip(*rows, strict=True)] or [[]] * 5,
        )

    def _sealed(self, person: Person, wrapped: Mapping[str, bytes | None]) -> tuple[object, ...]:
        """Encrypt a person under the key it has, or a new one."""
        member = person.member_id
        if member in wrapped:
            held = wrapped[member]
            if held is None:
                raise identity_erased(member)
            key = self._wrapping.open(held, f"vault/{member}/key")
        else:
            key = os.urandom(32)
            held = self._wrapping.seal(key, f"vault/{member}/key")
        own = Sealer(key)
        card = person.card_number
        return (
            member,
            held,
            own.seal(person.name.encode(), f"vault/{member}/name"),
            None if card is None else own.seal(card.encode(), f"vault/{member}/card"),
            None if card is None else card_digest(self._card_key, card),
        )

    def name(self, member_id: str) -> str | None:
        """Return the member's name; None when unknown or erased."""
        person = self.persons((member_id,)).get(member_id)
        return None if person is None else person.name

    def persons(self, member_ids: Sequence[str]) -> Mapping[str, Person]:
        """Return the persons known among these members. Raises ``Tampered`` for rows that were moved."""
        with self._datastore.get_connection() as conn:
            rows = conn.execute(
                "SELECT member_id, wrapped_key, name, card_number FROM vault"
                " WHERE member_id = ANY(%s) AND wrapped_key IS NOT NULL",
                (list(member_ids),),
                binary=True,
            ).fetchall()
        found = {}
        for row in rows:
            member, card = row["member_id"], row["card_number"]
            own = Sealer(self._wrapping.open(row["wrapped_key"], f"vault/{member}/key"))
            found[member] = Person(
                member_id=member,
                name=own.open(row["name"], f"vault/{member}/name").decode(),
                card_number=None if card is None else own.open(card, f"vault/{member}/card").decode(),
            )
        return found

    def find_by_card(self, card_number: str) -> str | None:
        """Return the member id that has this card number; found by keyed hash, without decrypting."""
        with self._datastore.get_connection() as conn:
            row = conn.execute(
                "SELECT member_id FROM vault WHERE card_hash = %s", (card_digest(self._card_key, card_number),)
            ).fetchone()
        return None if row is None else str(row["member_id"])

    def erase(self, member_id: str, at: datetime) -> bool:
        """Destroy the person's key and ciphertexts; return whether there was an identity to destroy."""
        with self._datastore.get_connection() as conn:
            done = conn.execute(
                "UPDATE vault SET wrapped_key = NULL, name = NULL, card_number = NULL, card_hash = NULL,"
                " erased_at = %s WHERE member_id = %s AND wrapped_key IS NOT NULL",
                (at, member_id),
            )
            return done.rowcount == 1
