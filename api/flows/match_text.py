"""What the log does not hold and matching needs for a moment: the text of a transfer and the names of members.

Both come from the encrypted side stores, stay in passing values, and end with the run.
"""

import uuid
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import msgspec

from api.wiring import Installation
from domain.reference import find_references, suggest
from reconciliation.match.gather import Told
from reconciliation.match.values import Claim, MoneyIn, NearReference
from reconciliation.match.weigh import words

#: Where channels put the text and the payer's name in what they send; the first that is there counts.
_TEXT = ("content", "description", "transaction_content", "ThongTinGiaoDich")
_NAME = ("counterparty_name", "counterAccountName")
#: Words that banks write where money comes back.
_RETURNS = (("HOAN", "TRA"), ("HOAN", "TIEN"), ("REVERSAL",), ("HUY", "GD"), ("HUY", "REVERSAL"), ("TRA", "LAI"))


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
            returned=money.returned or comes_back(tokens),
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
        """Names of the members whose open amount is what some money of their unit brought; only those are opened."""
        amounts = {(m.unit_id, m.amount) for m in money}
        claims = tuple(claims)
        wanted = [
            claim
            for claim in claims
            if claim.member_id is not None and any((unit, claim.amount) in amounts for unit in claim.units)
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


def comes_back(tokens: tuple[str, ...]) -> bool:
    """Whether the words are those of a return or a reversal."""
    runs = {tokens[at : at + length] for length in (1, 2) for at in range(len(tokens))}
    return any(words in runs for words in _RETURNS)
