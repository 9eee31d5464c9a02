"""What the log does not hold and matching needs for a moment: the text of a transfer and the names of members.

Both come from the encrypted side stores, stay in passing values, and end with the run.
"""

import uuid
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import msgspec

from api.wiring import Installation
from domain.identifiers import UnitId
from domain.notice import Direction
from domain.reference import find_references, suggest
from domain.return_words import comes_back, words
from reconciliation.match.gather import Told
from reconciliation.match.values import Claim, MoneyIn, NearReference

#: Where channels put the text and the payer's name in what they send; the first that is there counts.
_TEXT = ("content", "description", "transaction_content", "ThongTinGiaoDich")
_NAME = ("counterparty_name", "counterAccountName")
#: Members of one unit whose names are opened to be looked for in texts; of more only those whose debt fits.
_MOST_OPENED = 5_000


class Lender:
    """Adds texts and names; what was read once in a run is not read again."""

    def __init__(self, inst: Installation, told: Told) -> None:
        self._inst = inst
        self._told = told
        self._texts: dict[str, tuple[str, str | None]] = {}
        self._names: dict[str, str | None] = {}

    def enrich(
        self, money: tuple[MoneyIn, ...], claims: tuple[Claim, ...]
    ) -> tuple[tuple[MoneyIn, ...], tuple[Claim, ...]]:
        """Both, for facts of any moment."""
        told = self.money(money)
        return told, self.claims(told, claims)

    def money(self, waiting: Iterable[MoneyIn]) -> tuple[MoneyIn, ...]:
        """The same money with its words, its payer's name and what its text says of references."""
        return tuple(self._worded(one) for one in waiting)

    def _worded(self, money: MoneyIn) -> MoneyIn:
        text, name = self._text(money)
        prefix = self._inst.settings.reference_prefix
        tokens = words(text)
        return replace(
            money,
            references=tuple(dict.fromkeys((*money.references, *find_references(text, prefix)))),
            near=tuple(
                NearReference(reference=s.reference, slip=str(s.slip), position=s.position)
                for s in suggest(text, prefix)
            ),
            tokens=tokens,
            payer_name=None if name is None else " ".join(words(name)) or None,
            returned=money.returned or comes_back(text),
        )

    def _text(self, money: MoneyIn) -> tuple[str, str | None]:
        if money.key not in self._texts:
            found = [self._read(evidence) for evidence in money.evidence]
            text = " ".join(dict.fromkeys(text for text, _ in found if text))
            name = next((name for _, name in found if name), None)
            self._texts[money.key] = (text, name)
        return self._texts[money.key]

    def _read(self, evidence: str) -> tuple[str, str | None]:
        """A kept message's text and payer; nothing where it was erased or says neither."""
        item = self._inst.evidence.fetch(uuid.UUID(evidence))
        if item is None or item.content is None:
            return "", None
        try:
            told: Any = msgspec.json.decode(item.content)
        except msgspec.DecodeError:
            return "", None
        fields = told if isinstance(told, dict) else {}
        inner = fields.get("data")
        fields = {**fields, **(inner if isinstance(inner, dict) else {})}
        text = next((str(fields[key]) for key in _TEXT if fields.get(key)), "")
        return text, next((str(fields[key]) for key in _NAME if fields.get(key)), None)

    def claims(self, money: Iterable[MoneyIn], claims: Iterable[Claim]) -> tuple[Claim, ...]:
        """Names of the members whom some money may name: those who owe in its unit, or, where these are too many to
        be opened, those who owe exactly what it brought."""
        unnamed = [m for m in money if m.direction is Direction.IN and not m.returned]
        amounts = {(m.unit_id, m.amount) for m in unnamed}
        claims = tuple(claims)
        owing: dict[UnitId, set[str]] = {m.unit_id: set() for m in unnamed}
        for claim in claims:
            for unit in claim.units if claim.member_id is not None else ():
                if unit in owing:
                    owing[unit].add(str(claim.member_id))
        small = {unit for unit, members in owing.items() if len(members) <= _MOST_OPENED}
        wanted = [
            claim
            for claim in claims
            if claim.member_id is not None
            and any(unit in small or (unit, claim.amount) in amounts for unit in claim.units)
        ]
        unread = sorted({str(c.member_id) for c in wanted} - self._names.keys())
        persons = self._inst.vault.persons(unread)
        for member in unread:
            person = persons.get(member)
            self._names[member] = None if person is None else " ".join(words(person.name)) or None
        named = {claim.key for claim in wanted}
        return tuple(
            replace(claim, name=self._names.get(str(claim.member_id))) if claim.key in named else claim
            for claim in claims
        )
