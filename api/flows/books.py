"""Statutory books: made as of a position, rendered, signed by two people, and made again years later byte for byte.

What a signature keeps beside the digests is the input that the log does not hold: the names of members as they were
shown and the text of the template. Both lie in the evidence store, encrypted and erasable; the event names their hash.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, assert_never
from uuid import NAMESPACE_OID, UUID, uuid5
from weakref import WeakKeyDictionary

from psycopg import Connection

from adapters.books.form import Form
from adapters.books.form_b01 import b01_form
from adapters.books.form_member_year import member_year_form
from adapters.books.form_pdf import form_pdf, template_text
from adapters.books.form_posting import posting_form
from adapters.books.form_s01 import s01_form
from adapters.books.form_s02 import s02_form
from adapters.books.form_tcd import tcd_form
from adapters.books.form_xlsx import form_xlsx
from adapters.books.versions import changed_tools, explained, tool_versions
from api.flows import book_originals
from api.wiring import Installation
from domain import book
from domain.book import BookSigned, Digests
from domain.errors import Refusal, RefusalCode
from domain.identifiers import UnitId
from domain.period import day_of
from ledger.application import Outcome
from ledger.chart import natural
from ledger.handlers.books import PrepareBook, SignBook
from ledger.ports import Recorded
from ledger.statutory.b01 import B01
from ledger.statutory.books import Asked, PostingPage, Statutory, TcdBook, asked_of, figures_of, json_of, make
from ledger.statutory.member_year import MemberYear
from ledger.statutory.s01 import S01
from ledger.statutory.s02 import S02
from ledger.statutory.sources import FoldedMoves, LogSources, Move, Sources
from ledger.store import EventStore
from ledger.work import Act
from projections import journal
from projections.moment import one_moment
from projections.runner import ProjectionStopped, alerts, catch_up


class JournalSources:
    """Sources over the journal's table, which is faster than the log for balances; events come from the store."""

    def __init__(self, store: EventStore, conn: Connection[Any]) -> None:
        self._store = store
        self._conn = conn

    def read(self, after_position: int, limit: int, names: Iterable[str] | None = None) -> tuple[Recorded, ...]:
        """Events by name."""
        return self._store.read(after_position, limit, names)

    def read_streams(
        self, streams: Sequence[str], *, until: int, names: Iterable[str] | None = None
    ) -> tuple[Recorded, ...]:
        """Events by stream."""
        return self._store.read_streams(streams, until=until, names=names)

    def moves(self, unit: str, accounts: Sequence[str], *, until: int) -> tuple[Move, ...]:
        """Journal lines up to a position."""
        found = [
            Move(
                position=line.position,
                occurred_on=line.occurred_on,
                recorded_on=day_of(line.recorded_at),
                account=line.account,
                key=line.key,
                amount=natural(line.account, line.amount),
                event=line.event,
            )
            for account in accounts
            for line in journal.lines_between(self._conn, units=(unit,), until=until, account=account)
        ]
        return tuple(sorted(found, key=lambda move: move.position))


#: Journal lines of logs in memory, folded as far as a book has asked; they go with their store.
_FOLDED: WeakKeyDictionary[EventStore, FoldedMoves] = WeakKeyDictionary()


@contextmanager
def sources_of(inst: Installation) -> Iterator[Sources]:
    """Where an installation's books take their facts from: its journal, or the log alone in memory."""
    if inst.shard is None:
        yield LogSources(inst.store, _FOLDED.setdefault(inst.store, FoldedMoves()))
        return
    with inst.shard.connect() as conn:
        catch_up(conn, inst.store, (journal.JOURNAL,))
        for alert in alerts(conn):
            if alert.reader == journal.JOURNAL.reader:
                raise ProjectionStopped(alert)
        with one_moment(conn):
            yield JournalSources(inst.store, conn)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What the log does not hold of a book: names by member id, the text of its template, what it was made with."""

    names: dict[str, str]
    template: str
    made_with: dict[str, str] = field(default_factory=tool_versions)

    def to_bytes(self) -> bytes:
        """The same inputs, the same bytes."""
        told = {"made_with": self.made_with, "names": self.names, "template": self.template}
        return json.dumps(told, ensure_ascii=False, sort_keys=True).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A book made: its figures, its form and its three files."""

    asked: Asked
    position: int
    book: Statutory
    form: Form
    inputs: Inputs
    json: bytes
    xlsx: bytes
    pdf: bytes

    @property
    def digests(self) -> Digests:
        """sha256 of everything."""
        return Digests(
            json=_sha256(self.json),
            xlsx=_sha256(self.xlsx),
            pdf=_sha256(self.pdf),
            template=_sha256(self.inputs.template.encode()),
            inputs=_sha256(self.inputs.to_bytes()),
        )


def figures(inst: Installation, asked: Asked, *, at: int | None = None) -> Statutory:
    """The figures of a book as of a position (None: now), without rendering anything."""
    with sources_of(inst) as sources:
        return make(sources, asked, at=position_of(inst, at))


def position_of(inst: Installation, at: int | None) -> int:
    """A position of the log: the one asked for, which must have been reached, or the last."""
    head = inst.store.head()
    if at is not None and not 0 < at <= head:
        raise Refusal(RefusalCode.BOOK_STATE, f"Sổ chưa có vị trí {at}; vị trí cuối là {head}.")
    return head if at is None else at


def make_book(
    inst: Installation,
    asked: Asked,
    *,
    at: int | None = None,
    with_names: bool = False,
    templates: Path | None = None,
    inputs: Inputs | None = None,
) -> Made:
    """Make a book with its files; ``inputs`` are those of a signed book, else names come from the vault if wanted."""
    position = position_of(inst, at)
    made = figures(inst, asked, at=position)
    if inputs is None:
        names = names_in(inst, made) if with_names else {}
        inputs = Inputs(names=names, template=template_text(asked.kind, templates or inst.settings.templates))
    form = form_of(made, inputs.names)
    return Made(
        asked=asked,
        position=position,
        book=made,
        form=form,
        inputs=inputs,
        json=json_of(made),
        xlsx=form_xlsx(form),
        pdf=form_pdf(form, inputs.template),
    )


def names_in(inst: Installation, made: Statutory) -> dict[str, str]:
    """Names of the members that stand in a book."""
    ids: list[str] = []
    if isinstance(made, S01):
        ids = [row.member_id for row in made.members if row.member_id]
    elif isinstance(made, MemberYear):
        ids = [made.member_id]
    return {member_id: person.name for member_id, person in inst.vault.persons(ids).items()} if ids else {}


def form_of(made: Statutory, names: dict[str, str]) -> Form:
    """A book laid out."""
    match made:
        case S01():
            return s01_form(made, names)
        case S02():
            return s02_form(made)
        case B01():
            return b01_form(made)
        case TcdBook():
            return tcd_form(made)
        case MemberYear():
            return member_year_form(made, names)
        case PostingPage():
            return posting_form(made)
        case _:
            assert_never(made)


# --- signing ------------------------------------------------------------------------------------------------------


def sign_as_preparer(inst: Installation, made: Made, act: Act) -> Outcome:
    """Sign a book as its preparer; what is needed to make it again, and its very bytes, are kept first."""
    content = made.inputs.to_bytes()
    evidence_id = _evidence_id(content)
    inst.evidence.store(evidence_id, "application/json", content)
    book_originals.keep(inst, {"json": made.json, "xlsx": made.xlsx, "pdf": made.pdf})
    return inst.ledger.execute(PrepareBook(**_signed_content(made, str(evidence_id))), act)


def sign_for_committee(inst: Installation, asked: Asked, act: Act) -> Outcome:
    """Sign for the committee what the preparer signed: made again at that position, from what was kept."""
    prepared = _prepared(inst, asked)
    made = make_book(inst, asked, at=prepared.position, inputs=_kept(inst, prepared))
    return inst.ledger.execute(SignBook(**_signed_content(made, prepared.inputs_id)), act)


def _signed_content(made: Made, inputs_id: str) -> dict[str, Any]:
    head = made.book.heading
    return {
        "unit_id": made.asked.unit_id,
        "kind": str(made.asked.kind),
        "subject": made.asked.subject,
        "period": made.asked.period,
        "position": made.position,
        "tree_version": head.tree_version,
        "policy_version": head.policy_version,
        "figures": figures_of(made.book),
        "digests": made.digests,
        "inputs_id": inputs_id,
    }


def _prepared(inst: Installation, asked: Asked) -> BookSigned:
    state = inst.ledger.work().signed_books(asked.unit_id)
    found = book.last_prepared(state, kind=asked.kind, subject=asked.subject, period=asked.period)
    if found is None:
        raise Refusal(
            RefusalCode.BOOK_STATE,
            f"Sổ {asked.kind} kỳ {asked.period} của {asked.unit_id} chưa có chữ ký người lập. Người lập ký trước.",
        )
    return found


def _kept(inst: Installation, signed: BookSigned) -> Inputs:
    """The inputs kept at a signature; a refusal when they were erased."""
    item = inst.evidence.fetch(UUID(signed.inputs_id))
    if item is None or item.content is None:
        raise Refusal(
            RefusalCode.BOOK_STATE,
            f"Tên đảng viên và mẫu in của sổ {signed.kind} kỳ {signed.period} đã bị xoá theo quyết định; chỉ còn so "
            "được số liệu (JSON).",
        )
    told = json.loads(item.content)
    return Inputs(names=told["names"], template=told["template"], made_with=told.get("made_with", {}))


# --- made again ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Reproduced:
    """A signed book made again: which of its parts are the same bytes, and which figures differ (signed, now).

    ``changed`` are the tools that it was signed with in another version: (then, now).
    """

    signed: BookSigned
    complete: bool  #: both people signed
    same: dict[str, bool]
    differing: tuple[tuple[str, int, int], ...]
    changed: dict[str, tuple[str, str]]
    made: Made | None  #: None where only the figures could be made

    @property
    def ok(self) -> bool:
        """Every byte is the same."""
        return all(self.same.values())

    @property
    def other_version(self) -> tuple[str, ...]:
        """Parts that differ because they were signed with other versions, the figures being the same."""
        return tuple(p for p, same in self.same.items() if not same and not self.differing and self._explained(p))

    @property
    def altered(self) -> tuple[str, ...]:
        """Parts that differ for no reason that a version gives; empty where what was kept has been erased."""
        wrong = tuple(p for p, same in self.same.items() if not same and p not in self.other_version)
        return wrong if self.made is not None else tuple(p for p in wrong if p == "json")

    def _explained(self, part: str) -> bool:
        return explained(part, self.changed)


def signed_books(inst: Installation, unit: UnitId) -> tuple[BookSigned, ...]:
    """Every signature under books of a unit."""
    return inst.ledger.work().signed_books(unit).signed


def reproduce(inst: Installation, signed: BookSigned) -> Reproduced:
    """Make a signed book again at its position from what was kept, and compare byte for byte."""
    asked = asked_of(signed)
    state = inst.ledger.work().signed_books(signed.unit_id)
    made: Made | None
    changed: dict[str, tuple[str, str]] = {}
    try:
        kept = _kept(inst, signed)
        changed = changed_tools(kept.made_with, tool_versions())
        made = make_book(inst, asked, at=signed.position, inputs=kept)
        again, digests = made.book, made.digests
        names = ("json", "xlsx", "pdf", "template", "inputs")
        same = {name: getattr(digests, name) == getattr(signed.digests, name) for name in names}
    except Refusal as refusal:
        if refusal.code is not RefusalCode.BOOK_STATE:
            raise
        made, again = None, figures(inst, asked, at=signed.position)
        same = {"json": _sha256(json_of(again)) == signed.digests.json, "xlsx": False, "pdf": False}
    before = {figure.name: figure.amount for figure in signed.figures}
    now = {figure.name: figure.amount for figure in figures_of(again)}
    return Reproduced(
        signed=signed,
        complete=book.is_complete(state, signed),
        same=same,
        differing=tuple((n, before[n], now.get(n, 0)) for n in before if before[n] != now.get(n)),
        changed=changed,
        made=made,
    )


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _evidence_id(content: bytes) -> UUID:
    return uuid5(NAMESPACE_OID, f"book-inputs/{_sha256(content)}")


def file_name(asked: Asked) -> str:
    """The stem of a book's files: kind, unit, period and member."""
    parts = (asked.kind, asked.unit_id, asked.period, asked.subject)
    return "-".join(part.replace("/", "_") for part in parts if part)
