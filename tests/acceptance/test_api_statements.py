"""A statement file over HTTP: taken whole or not at all, known again by its hash."""

import hashlib
import resource
import socket
from dataclasses import replace
from datetime import date

import pytest

from adapters.sandbox.statements import write_camt053, write_vietcombank_xlsx
from domain.notice import BankLine, BankStatement, Direction
from tests.acceptance.front_door import FrontDoor, bearer, problem

OPENING = 25_000_000


def statement(*credits: tuple[str, int], closing: int | None = None) -> BankStatement:
    """The ward's account from 1 to 4 July: (content, amount) of each credit."""
    lines = tuple(
        BankLine(
            key="",
            booked_on=date(2026, 7, 3),
            value_on=date(2026, 7, 3),
            direction=Direction.IN,
            amount=amount,
            bank_reference=f"FT{number}",
            content=content,
            balance_after=None,
            counterparty_account="0399887766",
            counterparty_name="NGUYEN VAN A",
            is_reversal=False,
            bank_code=None,
            where="",
        )
        for number, (content, amount) in enumerate(credits)
    )
    return BankStatement(
        account_number="00VH",
        bin="970436",
        from_date=date(2026, 7, 1),
        to_date=date(2026, 7, 4),
        opening=OPENING,
        closing=OPENING + sum(amount for _, amount in credits) if closing is None else closing,
        lines=lines,
        format="",
        file_digest="",
    )


def upload(door: FrontDoor, data: bytes, *, key: str = "k1", by: str = "VH-KT", name: str = "saoke.xml"):
    headers = {**bearer(by), "Idempotency-Key": key, "content-type": "application/octet-stream"}
    return door.client.post("/statements", params={"filename": name}, content=data, headers=headers)


@pytest.mark.parametrize("written", ["camt", "xlsx"])
def test_a_file_is_taken_in_and_its_lines_are_placed(door, written):
    made = statement((f"IBFT {door.story.reference('B1', '2026-07')} nop", 98_765), ("khong ro", 70_000))
    data = write_camt053([made]) if written == "camt" else write_vietcombank_xlsx(made)
    answer = upload(door, data)
    assert answer.status_code == 200, answer.text
    (report,) = answer.json()["answer"]["statements"]
    assert (report["account"], report["lines"], report["new_lines"]) == ("970436:00VH", 2, 2)
    assert report["placed"] == {"reference": 1, "suspense": 1}
    head = door.inst.store.head()
    again = upload(door, data)
    assert (again.json(), again.headers["Idempotency-Replayed"]) == (answer.json(), "true")
    under_another_key = upload(door, data, key="k2")
    assert (under_another_key.json(), under_another_key.headers["Idempotency-Replayed"]) == (answer.json(), "true")
    assert door.inst.store.head() == head


def test_another_file_under_a_used_key_is_refused(door):
    assert upload(door, write_camt053([statement(("x", 1_000))])).status_code == 200
    other = write_camt053([statement(("x", 1_000), ("y", 2_000))])
    problem(upload(door, other), 422, "command-reused")


def test_a_second_file_of_the_same_days_that_says_otherwise_is_refused(door):
    assert upload(door, write_camt053([statement(("x", 1_000))])).status_code == 200
    head = door.inst.store.head()
    problem(upload(door, write_camt053([statement(("x", 2_000))]), key="k2"), 409, "statement-conflicts")
    assert door.inst.store.head() == head


def test_a_file_that_does_not_add_up_is_refused_whole(door):
    head = door.inst.store.head()
    told = problem(
        upload(door, write_camt053([statement(("x", 1_000), closing=OPENING)])), 422, "statement-does-not-add-up"
    )
    assert "saoke.xml" in told["detail"]
    assert door.inst.store.head() == head


def test_files_that_cannot_be_read_say_what_they_are(door):
    good = write_camt053([statement(("x", 1_000))])
    for data, words in ((good[:-40], "saoke.xml"), (b"%PDF-1.7", "PDF"), (b"", "thiếu"), (b"\x1f\x8b\x08", "gzip")):
        assert words in problem(upload(door, data), 400, "malformed")["detail"]


def test_a_statement_of_an_unknown_account_or_of_tomorrow_is_refused(door):
    made = statement(("x", 1_000))
    problem(upload(door, write_camt053([replace(made, account_number="0099999")])), 404, "unknown-account")
    later = replace(made, to_date=date(2026, 7, 6))
    problem(upload(door, write_camt053([later])), 422, "month-in-future")


def test_only_whoever_keeps_the_account_s_books_may_send_its_statement(door):
    data = write_camt053([statement(("x", 1_000))])
    problem(upload(door, data, by="A-TP"), 403, "not-allowed")
    problem(upload(door, data, by="VH-TQ"), 403, "not-allowed")
    refused = door.client.post("/statements", params={"filename": "x"}, content=data, headers={"Idempotency-Key": "k"})
    problem(refused, 401, "unauthenticated")


def padding(data: bytes, entries: int) -> bytes:
    """A statement with entries of a kilobyte that are not booked yet, which move no money."""
    pending = (
        '<Ntry><Amt Ccy="VND">1</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>PDNG</Cd></Sts>'
        f"<AddtlNtryInf>{'x' * 1_000}</AddtlNtryInf></Ntry>"
    )
    return data.replace(b"</Stmt>", pending.encode() * entries + b"</Stmt>")


def test_a_file_of_more_than_20_mb_is_taken_in_a_stream_and_one_of_more_than_512_is_refused_unread(door):
    made = statement(("x", 1_000))
    padded = padding(write_camt053([made]), 21_000)
    told = upload(door, padded).json()["answer"]["statements"]
    assert [one["new_lines"] for one in told] == [1]
    kept = door.get(f"/statements/{hashlib.sha256(padded).hexdigest()}/file")
    assert kept.content == padded
    with socket.create_connection((door.client.base_url.host, door.client.base_url.port), timeout=30) as line:
        head = "POST /statements?filename=x.xml HTTP/1.1\r\nHost: x\r\nContent-Length: 600000000\r\n"
        line.sendall(f"{head}Authorization: Bearer token-VH-KT\r\nIdempotency-Key: k9\r\n\r\n".encode())
        line.shutdown(socket.SHUT_WR)
        said = line.recv(4_096)
    assert b"413" in said.split(b"\r\n")[0] or said == b""


def test_no_room_for_the_file_aside_is_said_and_the_same_file_goes_in_later(door):
    data = padding(write_camt053([statement(("x", 1_000))]), 2_000)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    head = door.inst.store.head()
    resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, hard))
    try:
        told = problem(upload(door, data), 503, "unavailable")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "tệp tạm" in told["detail"]
    assert door.inst.store.head() == head
    assert upload(door, data).status_code == 200


def test_the_rules_look_at_what_an_import_left_unless_they_are_told_not_to(door):
    made = statement(("NOP DANG PHI", 98_765))
    told = upload(door, write_camt053([made])).json()["answer"]["matched"]
    assert set(told) == {"posted", "proposed", "left", "refused"}
    assert sum(told.values()) >= 1
    more = replace(
        made, from_date=date(2026, 7, 5), to_date=date(2026, 7, 5), opening=made.closing, closing=made.closing
    )
    headers = {**bearer("VH-KT"), "Idempotency-Key": "k3", "content-type": "application/octet-stream"}
    data = write_camt053([replace(more, lines=())])
    answer = door.client.post("/statements", params={"filename": "b", "match": "false"}, content=data, headers=headers)
    assert answer.status_code == 200, answer.text
    assert "matched" not in answer.json()["answer"]


def test_a_file_that_was_withdrawn_and_comes_again_is_imported_again(door: FrontDoor) -> None:
    data = write_camt053([statement(("khong ro", 1_000))])
    digest = upload(door, data).json()["answer"]["sha256"]
    headers = {**bearer("VH-KT"), "Idempotency-Key": "w1"}
    body = {"reason": "nhầm tệp", "decision": "BB-07"}
    back = door.client.post(f"/statements/{digest}/withdrawal", json=body, headers=headers)
    assert back.status_code == 200, back.text
    agreed = door.post(f"/statements/{digest}/withdrawal-approval", {}, by="VH-CU")
    assert (agreed.status_code, states(door)) == (200, ["withdrawn"]), agreed.text
    again = upload(door, data, key="k9")
    assert ("Idempotency-Replayed" in again.headers, states(door)) == (False, ["imported"])
    assert "Idempotency-Replayed" in upload(door, data, key="k10").headers


def states(door: FrontDoor) -> list[str]:
    told = door.client.get("/units/VH/statements", headers=bearer("VH-KT"))
    return [one["state"] for one in told.json()["statements"]]


def test_who_may_import_nowhere_is_refused_before_a_byte_is_kept(door: FrontDoor) -> None:
    problem(upload(door, b"x" * 1_000_000, by="nobody"), 403, "not-allowed")
    problem(upload(door, b"x" * 1_000_000, by="service:portal", key="k2"), 403, "not-allowed")
