"""Faults planted about attempts to pay are found."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from domain.attempt import AttemptState
from ledger.store import Recorded
from ledger.verify import verify
from tests.good_log import good_log


def place(log: list[Recorded], name: str) -> int:
    return next(n for n, recorded in enumerate(log) if recorded.name == name)


def edited(name: str, **changes: Any) -> Callable[[list[Recorded]], list[Recorded]]:
    def tamper(log: list[Recorded]) -> list[Recorded]:
        at = place(log, name)
        log[at] = replace(log[at], event=replace(log[at].event, **changes))
        return log

    return tamper


def test_the_good_log_plays_attempts_and_their_reports():
    names = {recorded.name for recorded in good_log().events}
    assert {"attempt-opened", "attempt-reported"} <= names


@pytest.mark.parametrize(
    ("tamper", "words"),
    [
        (edited("attempt-opened", amount=1), "yêu cầu ghi"),
        (edited("attempt-opened", unit_id="VH"), "yêu cầu ghi"),
        (edited("attempt-opened", rail="gateway"), "qua «gateway»"),
        (edited("attempt-opened", reference="HJQPM5YNFT97"), "không có yêu cầu nào"),
        (edited("attempt-reported", rail="gateway"), "không ứng với lượt nào"),
        (edited("attempt-reported", reference="HJQPM5YNFT97"), "không ứng với lượt nào"),
    ],
)
def test_an_attempt_that_says_other_than_its_request_is_found(tamper, words):
    verdict = verify(tamper(list(good_log().events)))
    found = next(check for check in verdict.checks if check.id == "I4")
    assert any(words in finding.sentence for finding in found.findings)


def test_another_state_of_a_report_is_no_fault():
    log = edited("attempt-reported", state=AttemptState.UNKNOWN)(list(good_log().events))
    assert next(check for check in verify(log).checks if check.id == "I4").ok
