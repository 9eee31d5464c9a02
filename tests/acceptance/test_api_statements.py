"""A statement file over HTTP: taken whole or not at all, known again by its hash."""

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


def test_a_file_over_20_mb_is_refused_unread(door):
    problem(upload(door, b"x" * (20 * 1024 * 1024 + 1)), 413, "body-too-large")
