"""Kept messages for those who may see them: hash and headers to readers, the words with a right and a reason."""

import hashlib

from tests.acceptance.front_door import FrontDoor, paid, problem

REASON = {"reason": "kiểm tra theo 05-KH/UBKT"}


def paid_and_forged(door: FrontDoor) -> tuple[str, bytes]:
    """A member's payment told by the portal, and another notice with a wrong signature; reference and raw bytes."""
    reference = door.attempt()["reference"]
    raw = paid(reference, 30_000, "GD-1")
    assert door.notify(raw, Authorization="Bearer khoa-bi-mat").status_code == 200
    door.notify(paid(reference, 30_000, "GD-2", secret="another"))
    door.work_off()
    return reference, raw


def test_a_reader_sees_hash_headers_and_verdict_of_a_message_and_never_its_words(door):
    reference, raw = paid_and_forged(door)
    for subject in ("portal/GD-1", reference):
        told = door.get("/messages", by="A-TP", of=subject)
        (row,) = told.json()["messages"]
        assert (row["verdict"], row["told"]) == ("đã tin", "GD-1")
        assert row["sha256"] == hashlib.sha256(raw).hexdigest()
        assert "authorization" in row["headers"]
        assert reference not in told.text
        assert "khoa-bi-mat" not in told.text
    assert door.get(f"/messages/{row['message']}", by="A-TP").json() == row
    problem(door.get("/messages/9999"), 404, "unknown-payment")


def test_forged_messages_belong_to_the_top_and_are_listed_with_their_reason(door):
    paid_and_forged(door)
    (forged,) = door.get("/messages", by="HP-KT", rejected="true").json()["messages"]
    assert (forged["verdict"], forged["code"]) == ("không tin", "bad-signature")
    problem(door.get("/messages", by="A-TP", rejected="true"), 403, "not-allowed")
    problem(door.get(f"/messages/{forged['message']}", by="A-TP"), 403, "not-allowed")
    assert [row["told"] for row in door.get("/messages", by="A-TP").json()["messages"]] == ["GD-1"]


def test_the_words_are_opened_with_a_right_and_a_reason_that_is_kept(door):
    _, raw = paid_and_forged(door)
    (row,) = door.get("/messages", of="portal/GD-1").json()["messages"]
    path = f"/messages/{row['message']}/open"
    problem(door.post(path, REASON, by="A-TP"), 403, "not-allowed")
    problem(door.post(path, {"reason": ""}), 400, "malformed")
    problem(door.post(path, {"reason": "  "}), 400, "malformed")
    head = door.inst.store.head()
    opened = door.post(path, REASON, key="6ff5a2b6-0000-4000-8000-000000000001")
    assert opened.json()["body"] == raw.decode()
    assert opened.json()["header_values"]["authorization"] == "(không hiện khoá)"
    assert door.inst.store.head() == head
    with door.inst.shard.connect() as conn:
        kept = conn.execute("SELECT actor, answer FROM commands WHERE name = 'open-message'").fetchall()
    ((actor, answer),) = kept
    assert actor == "VH-KT"
    assert "05-KH/UBKT" in bytes(answer).decode()
