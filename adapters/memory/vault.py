"""The identity vault in memory: the same contract as the PostgreSQL one, forgotten with the process."""

import os
import threading
from collections.abc import Mapping, Sequence
from datetime import datetime

from adapters.sealing import card_digest
from ledger.ports import Person, card_taken, identity_erased


class MemoryVault:
    """Persons by member id; None where the identity was erased."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._persons: dict[str, Person | None] = {}
        self._cards: dict[bytes, str] = {}
        self._card_key = os.urandom(32)

    def put(self, persons: Sequence[Person]) -> None:
        """Keep or replace persons, all or none."""
        with self._lock:
            after, cards = dict(self._persons), dict(self._cards)
            for person in persons:
                member = person.member_id
                if member in after and after[member] is None:
                    raise identity_erased(member)
                after[member] = person
                cards = {card: holder for card, holder in cards.items() if holder != member}
                if person.card_number is not None:
                    card = card_digest(self._card_key, person.card_number)
                    if cards.setdefault(card, member) != member:
                        raise card_taken()
            self._persons, self._cards = after, cards

    def name(self, member_id: str) -> str | None:
        """Return the member's name; None when unknown or erased."""
        person = self._persons.get(member_id)
        return None if person is None else person.name

    def persons(self, member_ids: Sequence[str]) -> Mapping[str, Person]:
        """Return the persons known among these members, by member id."""
        known = ((member, self._persons.get(member)) for member in member_ids)
        return {member: person for member, person in known if person is not None}

    def find_by_card(self, card_number: str) -> str | None:
        """Return the member id that has this card number."""
        return self._cards.get(card_digest(self._card_key, card_number))

    def erase(self, member_id: str, at: datetime) -> bool:
        """Forget the person; return whether there was an identity to destroy."""
        with self._lock:
            if self._persons.get(member_id) is None:
                return False
            self._persons[member_id] = None
            self._cards = {card: holder for card, holder in self._cards.items() if holder != member_id}
            return True
