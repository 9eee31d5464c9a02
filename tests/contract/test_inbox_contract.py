"""What the inbox promises, in memory and in PostgreSQL."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from adapters.memory.inbox import MemoryInbox
from adapters.postgres.inbox import PostgresInbox
from ledger.ports import InboxMessage, KeepOutcome, Verdict

MESSAGE = InboxMessage(
    source="portal",
    outside_reference="GD-1",
    received_at=datetime(2026, 7, 1, 5, tzinfo=UTC),
    headers=(("x-signature", "abc"), ("content-type", "application/json")),
    body='{"NoiDung": "Nguyễn Thị An nộp đảng phí"}'.encode(),
    verdict=Verdict.ACCEPTED,
    reject_code=None,
    digest="d1",
)
FORGED = replace(MESSAGE, verdict=Verdict.REJECTED, reject_code="bad-signature", digest="forged")


@pytest.fixture(params=["memory", "postgres"])
def inbox(request):
    if request.param == "memory":
        yield MemoryInbox()
    else:
        with PostgresInbox(request.getfixturevalue("shard"), b"k" * 32) as opened:
            yield opened


def keep(inbox, *messages):
    return tuple(kept.outcome.value for kept in inbox.keep(messages))


def test_a_message_is_kept_once_however_often_it_comes(inbox):
    (first,) = inbox.keep([MESSAGE])
    (again,) = inbox.keep([replace(MESSAGE, received_at=datetime(2026, 7, 2, tzinfo=UTC))])
    assert (first.outcome, again.outcome) == (KeepOutcome.NEW, KeepOutcome.KNOWN)
    assert first.id == again.id
    assert keep(inbox, MESSAGE, replace(MESSAGE, outside_reference="GD-2")) == ("known", "new")
    assert [row.message.outside_reference for row in inbox.take(10)] == ["GD-1", "GD-2"]


def test_the_same_message_twice_in_one_delivery_is_kept_once(inbox):
    assert keep(inbox, MESSAGE, MESSAGE, MESSAGE) == ("new", "known", "known")
    assert len(inbox.take(10)) == 1


def test_a_message_comes_back_as_it_was_given(inbox):
    (kept,) = inbox.keep([MESSAGE])
    (row,) = inbox.take(10)
    assert row.message == MESSAGE
    assert row.id == kept.id
    assert inbox.get(kept.id) == row
    assert inbox.get(kept.id + 1000) is None


def test_other_content_under_the_same_reference_is_kept_beside_as_a_conflict(inbox):
    other = replace(MESSAGE, body=b'{"amount": 35000}', digest="d2")
    assert keep(inbox, MESSAGE) == ("new",)
    (conflict,) = inbox.keep([other])
    (again,) = inbox.keep([other])
    assert conflict.outcome is again.outcome is KeepOutcome.CONFLICT
    assert conflict.id == again.id
    assert [(row.message.verdict, row.message.body) for row in inbox.take(10)] == [
        (Verdict.ACCEPTED, MESSAGE.body),
        (Verdict.CONFLICT, other.body),
    ]
    assert keep(inbox, MESSAGE) == ("known",), "the first one stands"


def test_two_contents_of_one_reference_in_one_delivery_are_a_message_and_a_conflict(inbox):
    other = replace(MESSAGE, digest="d2")
    assert sorted(keep(inbox, MESSAGE, other, other)) == ["conflict", "conflict", "new"]
    assert len(inbox.take(10)) == 2


def test_a_forged_message_is_kept_once_is_not_worked_on_and_takes_nobody_s_place(inbox):
    (forged,) = inbox.keep([FORGED])
    assert keep(inbox, FORGED) == ("known",)
    assert inbox.take(10) == ()
    assert keep(inbox, MESSAGE) == ("new",)
    assert [row.message.digest for row in inbox.take(10)] == ["d1"]
    assert inbox.get(forged.id).message == FORGED


def test_a_forged_copy_of_a_true_message_is_no_conflict(inbox):
    assert keep(inbox, MESSAGE, FORGED) == ("new", "new")
    assert [row.message.verdict for row in inbox.take(10)] == [Verdict.ACCEPTED]


def test_messages_are_worked_on_in_order_of_arrival_and_once(inbox):
    many = [replace(MESSAGE, outside_reference=f"GD-{n:02}") for n in range(10)]
    for message in many:
        inbox.keep([message])
    first = inbox.take(4)
    assert [row.message.outside_reference for row in first] == ["GD-00", "GD-01", "GD-02", "GD-03"]
    inbox.mark_processed([row.id for row in first], 17)
    inbox.mark_processed([row.id for row in first], 99)
    assert inbox.get(first[0].id).processed_position == 17
    assert [row.message.outside_reference for row in inbox.take(2)] == ["GD-04", "GD-05"]


def test_keeping_nothing_is_nothing(inbox):
    assert inbox.keep([]) == ()


def test_a_future_is_done_when_the_message_is_kept(inbox):
    assert inbox.keep_later([MESSAGE]).result(timeout=5)[0].outcome is KeepOutcome.NEW
    assert len(inbox.take(10)) == 1


def test_a_parked_message_lets_the_others_pass_and_comes_back_in_its_place(inbox):
    many = [replace(MESSAGE, outside_reference=f"GD-{n}") for n in range(3)]
    kept = inbox.keep(many)
    inbox.park(kept[0].id, "không đọc được", datetime(2026, 7, 2, tzinfo=UTC))
    assert [row.message.outside_reference for row in inbox.take(10)] == ["GD-1", "GD-2"]
    inbox.mark_processed([kept[1].id, kept[2].id], 5)
    state = inbox.state()
    assert (state.waiting, state.oldest, state.parked) == (0, None, 1)
    assert inbox.unpark() == 1
    assert inbox.unpark() == 0
    assert [row.message.outside_reference for row in inbox.take(10)] == ["GD-0"]


def test_the_state_counts_what_waits_and_since_when_and_leaves_the_forged_out(inbox):
    later = replace(MESSAGE, outside_reference="GD-2", received_at=datetime(2026, 7, 3, tzinfo=UTC))
    inbox.keep([later, MESSAGE, FORGED])
    state = inbox.state()
    assert (state.waiting, state.oldest, state.parked) == (2, MESSAGE.received_at, 0)


def test_messages_are_found_by_the_names_of_what_they_told_of(inbox):
    failed = replace(MESSAGE, outside_reference="GD-1/failed", digest="d2")
    longer = replace(MESSAGE, outside_reference="GD-10", digest="d3")
    asked = replace(MESSAGE, source="portal-query", digest="d4")
    other = replace(MESSAGE, source="casso", digest="d5")
    for message in (MESSAGE, failed, longer, asked, other, FORGED):
        inbox.keep([message])
    found = inbox.about(("portal", "portal-query"), ("GD-1",))
    assert [row.message for row in found] == [MESSAGE, failed, asked, FORGED]
    assert [row.message for row in inbox.about(("casso", "portal"), ("GD-10", "GD-2"))] == [longer]
    assert inbox.about(("portal",), ()) == ()


def test_the_last_messages_come_first_and_may_be_asked_by_verdict(inbox):
    for message in (MESSAGE, FORGED, replace(MESSAGE, outside_reference="GD-2")):
        inbox.keep([message])
    assert [row.message.outside_reference for row in inbox.latest(2)] == ["GD-2", "GD-1"]
    assert [row.message for row in inbox.latest(9, Verdict.REJECTED)] == [FORGED]
