"""Every event is told in a sentence a person can read: who, when, what, by which paper, why; no names of people."""

import re
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from domain.bank_account import NotDues
from domain.dues_account import DuesAssessed
from domain.events import EVENT_TYPES
from domain.refund import Source
from domain.remittance import Way
from ledger.codec import Codec
from ledger.store import Meta, Recorded
from projections import phrases
from projections.sentences import CLAUSES, clause, tell, with_names

GOLDEN = Path(__file__).parents[1] / "golden" / "events"
CODEC = Codec(EVENT_TYPES)


def recorded(topic: str) -> Recorded:
    state = (GOLDEN / f"{topic}.json").read_bytes()
    event, meta = CODEC.event_and_meta(topic, state)
    return Recorded(
        position=7,
        stream="s",
        version=1,
        name=CODEC.name(topic),
        event=event,
        meta=meta,
        recorded_at=datetime(2026, 7, 9, 3, 15, tzinfo=UTC),
    )


def test_every_event_type_has_a_sentence_of_its_own():
    assert {cls for cls, _ in EVENT_TYPES.values()} - set(CLAUSES) == set()


@pytest.mark.parametrize("name", EVENT_TYPES)
def test_a_sentence_reads_like_vietnamese_and_not_like_a_program(name):
    sentence = tell(recorded(f"{name}.{EVENT_TYPES[name][1]}"))
    assert sentence.startswith("09/07/2026 10:15, "), "the moment stands first, in Vietnamese time"
    assert sentence.endswith(".")
    told = with_names(sentence, {})
    for trace in ("None", "True", "False", "{", "}", "⟦", "⟧", "<", "Decimal", "datetime"):
        assert trace not in told, f"{trace!r} in {told!r}"
    assert not re.search(r"\d{4,} đồng", told), f"amounts are grouped: {told!r}"
    assert not re.search(r"\d{4}-\d{2}-\d{2}", told), f"days are written as people write them: {told!r}"


def test_a_sentence_says_who_when_what_from_which_paper_and_why():
    event = recorded("dues-assessed.1")
    assert isinstance(event.event, DuesAssessed)
    meta = Meta(
        command_id=UUID(int=1),
        index=0,
        count=1,
        actor="VH-KT1",
        role="accountant",
        unit="VH",
        action="assess",
        reason="kỳ họp tháng 7",
        document="QĐ 12",
    )
    said = tell(
        Recorded(
            position=1,
            stream=event.stream,
            version=1,
            name=event.name,
            event=event.event,
            meta=meta,
            recorded_at=event.recorded_at,
        )
    )
    assert "kế toán VH-KT1 xác định đảng viên" in said
    assert f"phải đóng {phrases.money(event.event.due)} cho tháng 07/2026" in said
    assert said.endswith("; văn bản: QĐ 12; lý do: kỳ họp tháng 7.")


def test_units_are_shown_by_name_where_the_name_is_known_and_by_id_where_it_is_not():
    sentence = "kế toán A duyệt cho ⟦u-1⟧ và ⟦u-2⟧"
    assert with_names(sentence, {"u-1": "Chi bộ 1"}) == "kế toán A duyệt cho Chi bộ 1 và u-2"


def test_an_event_without_a_sentence_is_told_by_its_name_and_nothing_is_made_up():
    class Unheard:
        pass

    assert clause(Unheard()) == "ghi sự kiện Unheard"


@pytest.mark.parametrize(
    ("titles", "words"),
    [(phrases.WAYS, Way), (phrases.SOURCES, Source), (phrases.NOT_DUES, NotDues)],
    ids=["ways", "sources", "not-dues"],
)
def test_every_word_of_a_closed_list_has_a_vietnamese_title(titles, words):
    assert set(titles) == set(words)


def test_periods_are_written_as_months_and_quarters():
    assert phrases.period_text("2026-07") == "07/2026"
    assert phrases.period_text("2026-Q3") == "quý 3/2026"
