"""A signed book is made again byte for byte, whatever happens later; a changed past is found (I35)."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from adapters.books.versions import tool_versions
from api.cli.book import _sentence
from api.flows import books as flow
from api.flows.book_originals import erase, original
from api.flows.books import JournalSources
from api.wiring import in_memory
from domain.book import BookSigned, SignedAs
from domain.errors import Malformed, Refusal, RefusalCode
from domain.identifiers import MemberId, UnitId
from ledger.ports import Person
from ledger.statutory.books import Asked, remake
from ledger.statutory.heading import BookKind
from ledger.statutory.sources import FoldedMoves, LogSources
from ledger.store import Recorded
from ledger.verify import verify
from ledger.work import Act
from projections.all import PROJECTIONS
from projections.runner import catch_up
from tests.acceptance import test_story_4
from tests.acceptance.story import Story, at, settings
from tests.acceptance.test_story_1 import play_july, play_to_20_august
from tests.good_log import read_all

BOOKS = [
    Asked(kind=BookKind.S01, unit_id=UnitId("A"), period="2026"),
    Asked(kind=BookKind.S02, unit_id=UnitId("VH"), period="2026-08"),
    Asked(kind=BookKind.B01, unit_id=UnitId("HP"), period="2026-Q3"),
    Asked(kind=BookKind.S01_TCD, unit_id=UnitId("A"), period="2026-08"),
    Asked(kind=BookKind.MEMBER_YEAR, unit_id=UnitId("A"), period="2026", subject="A2"),
    Asked(kind=BookKind.POSTING, unit_id=UnitId("A"), period="2026-08"),
]
WARD = Asked(kind=BookKind.B01, unit_id=UnitId("VH"), period="2026-07")
CELL = Asked(kind=BookKind.S01, unit_id=UnitId("A"), period="2026")


def act(story: Story, actor: str, on: date) -> Act:
    """Somebody acts."""
    story.commands += 1
    return Act(actor=actor, at=at(on), command_id=flow.uuid5(flow.NAMESPACE_OID, f"{id(story)}/{story.commands}"))


def sign(story: Story, asked: Asked, on: date = date(2026, 8, 20)) -> BookSigned:
    """Both people sign; returns the preparer's signature."""
    inst = story.installation
    flow.sign_as_preparer(inst, flow.make_book(inst, asked, with_names=True), act(story, "VH-KT", on))
    flow.sign_for_committee(inst, asked, act(story, "VH-CU", on))
    return flow.signed_books(inst, asked.unit_id)[-2]


def names(story: Story, **told: str) -> None:
    """Put names of members into the vault."""
    persons = [Person(member_id=MemberId(m), name=name, card_number=None) for m, name in told.items()]
    story.installation.vault.put(persons)


def test_a_signed_book_is_the_same_bytes_after_everything_that_happened_since(story: Story) -> None:
    play_july(story)
    play_to_20_august(story)
    names(story, A1="Nguyễn Văn Ất")
    signed, cell = sign(story, WARD), sign(story, CELL)
    test_story_4._refund(story)
    test_story_4._august(story)
    names(story, A1="Nguyễn Văn Át")
    for one in (signed, cell):
        again = flow.reproduce(story.installation, one)
        assert again.ok, again.same
        assert again.complete
        assert again.differing == ()
    assert flow.figures(story.installation, CELL) != flow.figures(story.installation, CELL, at=cell.position)


def test_only_another_person_may_sign_for_the_committee_and_only_what_was_prepared(story: Story) -> None:
    play_july(story)
    play_to_20_august(story)
    inst, day = story.installation, date(2026, 8, 20)
    with pytest.raises(Refusal) as refused:
        flow.sign_for_committee(inst, WARD, act(story, "VH-CU", day))
    assert refused.value.code is RefusalCode.BOOK_STATE
    made = flow.make_book(inst, WARD)
    with pytest.raises(Refusal) as refused:
        flow.sign_as_preparer(inst, made, act(story, "VH-TQ", day))
    assert refused.value.code is RefusalCode.NOT_ALLOWED
    flow.sign_as_preparer(inst, made, act(story, "VH-KT", day))
    with pytest.raises(Refusal) as refused:
        flow.sign_for_committee(inst, WARD, act(story, "VH-KT", day))
    assert refused.value.code is RefusalCode.NOT_ALLOWED


def test_what_was_erased_leaves_the_figures_to_compare(story: Story) -> None:
    play_july(story)
    play_to_20_august(story)
    signed = sign(story, CELL)
    story.installation.evidence.erase(flow.UUID(signed.inputs_id), at(date(2026, 9, 1)))
    again = flow.reproduce(story.installation, signed)
    assert again.same["json"]
    assert not again.same["pdf"]
    assert again.made is None


def test_the_signed_files_are_kept_and_outlive_the_programs_that_made_them(story: Story) -> None:
    play_july(story)
    play_to_20_august(story)
    names(story, A1="Nguyễn Văn Ất")
    inst, day = story.installation, date(2026, 8, 20)
    made = flow.make_book(inst, CELL, with_names=True)
    # A page that no later program would set this way.
    theirs = replace(made, pdf=made.pdf + b"%an older layout")
    flow.sign_as_preparer(inst, theirs, act(story, "VH-KT", day))
    (signed,) = flow.signed_books(inst, CELL.unit_id)
    assert original(inst, signed, "pdf") == theirs.pdf
    assert original(inst, signed, "json") == made.json
    # Three files and the names behind them go by a decision; what was erased is told from what was changed.
    assert erase(inst, signed, at(date(2026, 9, 1))) == 4
    assert original(inst, signed, "pdf") is None


def test_another_version_of_a_tool_is_told_from_a_changed_past(story: Story) -> None:
    play_july(story)
    play_to_20_august(story)
    older = {**tool_versions(), "typst": "0.13.0"}
    inst, day = story.installation, date(2026, 8, 20)
    made = flow.make_book(inst, WARD)
    # Signed by the older typesetter, whose pages are other bytes.
    theirs = replace(made, inputs=replace(made.inputs, made_with=older), pdf=made.pdf + b"%older")
    flow.sign_as_preparer(inst, theirs, act(story, "VH-KT", day))
    (signed,) = flow.signed_books(inst, WARD.unit_id)
    again = flow.reproduce(inst, signed)
    assert not again.ok
    assert (again.other_version, again.altered, again.differing) == (("pdf",), (), ())
    assert again.changed["typst"] == ("0.13.0", tool_versions()["typst"])
    assert "làm bằng phiên bản khác của typst 0.13.0 (nay " in _sentence(again)
    assert "sửa" not in _sentence(again)
    # The same bytes from the same tools cannot differ without somebody's doing.
    altered = replace(again, same={**again.same, "json": False, "xlsx": False})
    assert altered.altered == ("json", "xlsx")
    assert "KHÁC, đã bị sửa: json, xlsx" in _sentence(altered)
    figures = replace(again, differing=(("02", 1, 2),))
    assert figures.altered == ("pdf",), "where a figure differs no version explains the page"


def test_the_log_is_read_once_for_all_books_in_memory() -> None:
    story = Story(in_memory(settings()))
    play_july(story)
    play_to_20_august(story)
    inst = story.installation

    class Counting:
        """The store, and how many events it gave without being asked for names."""

        whole = 0

        def read(self, after: int, limit: int, names: Iterable[str] | None = None) -> tuple[Recorded, ...]:
            """Events by name."""
            found = inst.store.read(after, limit, names)
            self.whole += len(found) if names is None else 0
            return found

        def read_streams(
            self, streams: Sequence[str], *, until: int, names: Iterable[str] | None = None
        ) -> tuple[Recorded, ...]:
            """Events by stream."""
            return inst.store.read_streams(streams, until=until, names=names)

    log, folded = Counting(), FoldedMoves()
    for asked in (WARD, CELL, BOOKS[3], BOOKS[5]):
        flow.make(LogSources(log, folded), asked, at=inst.store.head())
    # A book may ask for single events more, to know the day of a position.
    assert inst.store.head() <= log.whole <= inst.store.head() + 4
    assert flow.make_book(inst, WARD).json == flow.json_of(
        flow.make(LogSources(inst.store), WARD, at=inst.store.head())
    )


@pytest.mark.parametrize("asked", BOOKS, ids=lambda asked: asked.kind)
def test_journal_and_log_give_the_same_book(asked: Asked, played: Story) -> None:
    inst = played.installation
    from_log = flow.json_of(flow.make(LogSources(inst.store), asked, at=inst.store.head()))
    assert flow.make_book(inst, asked).json == from_log


@pytest.fixture
def played(story: Story) -> Story:
    """Story 4 to its end."""
    test_story_4.test_a_refund_after_the_split_is_given_back_by_every_level(story)
    return story


def test_the_office_s_own_template_takes_the_place_of_ours(played: Story, tmp_path: Path) -> None:
    ours = flow.make_book(played.installation, BOOKS[2])
    (tmp_path / "b01.typ").write_text('#set page(paper: "a5")\n#data.title, #data.unit', encoding="utf-8")
    theirs = flow.make_book(played.installation, BOOKS[2], templates=tmp_path)
    assert theirs.pdf != ours.pdf
    assert (theirs.json, theirs.xlsx) == (ours.json, ours.xlsx)
    assert flow.make_book(played.installation, BOOKS[0], templates=tmp_path).inputs.template.count("flipped") == 1
    (tmp_path / "b01.typ").write_text("#nothing-known", encoding="utf-8")
    with pytest.raises(Malformed, match="mẫu in"):
        flow.make_book(played.installation, BOOKS[2], templates=tmp_path)


class Tampered:
    """A log of which one event was changed."""

    def __init__(self, events: list[Recorded]) -> None:
        self._events = events

    def read(self, after: int, limit: int, wanted: object = None) -> tuple[Recorded, ...]:
        """Events by name."""
        told = None if wanted is None else set(wanted)  # type: ignore[call-overload]  # names
        found = [r for r in self._events if r.position > after and (told is None or r.name in told)]
        return tuple(found[:limit])

    def read_streams(self, streams: object, *, until: int, names: object = None) -> tuple[Recorded, ...]:
        """Events by stream."""
        wanted = set(streams)  # type: ignore[call-overload]  # names of streams
        return tuple(r for r in self._events if r.stream in wanted and r.position <= until)


def findings(events: list[Recorded]) -> list[str]:
    """What I35 finds."""
    verdict = verify(events, books=remake(LogSources(Tampered(events))))
    return [f.sentence for check in verdict.checks if check.id == "I35" for f in check.findings]


def test_a_changed_past_is_found_in_what_was_signed(story: Story) -> None:
    play_july(story)
    play_to_20_august(story)
    sign(story, WARD)
    sign(story, CELL)
    log = [r for r in read_all(story.installation.store) if isinstance(r, Recorded)]
    assert findings(log) == []
    verdict = verify(log, commands=story.installation.store.commands())
    assert [(f.check, f.sentence) for check in verdict.checks for f in check.findings] == []
    if story.installation.shard is not None:
        with story.installation.shard.connect() as conn:
            catch_up(conn, story.installation.store, PROJECTIONS)
            verdict = verify(log, books=remake(JournalSources(story.installation.store, conn)))
            assert [f for c in verdict.checks if c.id == "I35" for f in c.findings] == []

    def tampered(event: str, **changes: object) -> list[str]:
        place = next(i for i, r in enumerate(log) if r.name == event)
        return findings([replace(r, event=replace(r.event, **changes)) if i == place else r for i, r in enumerate(log)])

    broken = tampered("period-declared", own_collected=1, collected=1, kept=0, payable=1)
    assert any("không lập lại được" in told for told in broken), "a report that no longer adds up"
    later = tampered("member-enrolled", enrolled_on=date(2026, 9, 1))
    assert any("chỉ tiêu «01» đã ký 9" in told for told in later), later
    assert any("«collected»" in told for told in tampered("payment-received", dues_amount=7))
    signed = next(r.event for r in log if isinstance(r.event, BookSigned))
    assert isinstance(signed, BookSigned)
    assert tampered("book-signed", position=signed.position + 10_000)
    assert tampered("book-signed", digests=replace(signed.digests, json="0"))
    assert tampered("book-signed", signed_by="VH-CU")
    swapped = [
        replace(r, event=replace(r.event, digests=replace(r.event.digests, pdf="0")))
        if isinstance(r.event, BookSigned) and r.event.signed_as is SignedAs.COMMITTEE
        else r
        for r in log
    ]
    assert any("khác bản người lập" in told for told in findings(swapped))
