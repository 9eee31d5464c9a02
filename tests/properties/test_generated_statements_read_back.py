"""Whatever lines there are: every format that the generator writes reads back to the same lines and balances."""

import io
import os
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.bank.camt import read_camt054, read_camt054_notices
from adapters.bank.reader import open_statements, read_statement
from adapters.sandbox.statement_files import FORMATS, write_statement
from domain.notice import BankStatement, Direction
from tests.properties.generated_statements import as_carried, statements

EXAMPLES = int(os.environ.get("DANGPHI_FUZZ_EXAMPLES", "25"))
LIMITS = settings(max_examples=EXAMPLES, deadline=timedelta(seconds=10), suppress_health_check=[HealthCheck.too_slow])
WITH_BALANCES = tuple(name for name in FORMATS if not name.startswith("camt.054"))


@pytest.mark.parametrize("format_name", WITH_BALANCES)
@settings(LIMITS)
@given(sent=statements(), seed=st.integers(0, 5))
def test_a_statement_reads_back_as_it_was_written(format_name: str, sent: BankStatement, seed: int) -> None:
    name, data = write_statement(format_name, sent, holder_name="ĐẢNG ỦY PHƯỜNG", seed=seed)
    assert (name, data) == write_statement(format_name, sent, holder_name="ĐẢNG ỦY PHƯỜNG", seed=seed)
    (read,) = read_statement(data, name)
    assert (read.format, read.account_number) == (format_name, sent.account_number)
    assert (read.opening, read.closing) == (sent.opening, sent.closing)
    wanted = [as_carried(line, format_name) for line in sent.lines]
    got = [as_carried(line, format_name) for line in read.lines]
    # A table with the newest line on top holds the same lines the other way round.
    assert got in (wanted, wanted[::-1])
    assert len({line.key for line in read.lines}) == len(read.lines)
    assert len({line.where for line in read.lines}) == len(read.lines)


@pytest.mark.parametrize("format_name", [name for name in FORMATS if name.startswith("camt.054")])
@settings(LIMITS)
@given(sent=statements(), seed=st.integers(0, 1))
def test_a_notification_reads_back_and_names_its_credits_once(format_name: str, sent: BankStatement, seed: int) -> None:
    _, data = write_statement(format_name, sent, seed=seed)
    wanted = [as_carried(line, format_name) for line in sent.lines]
    assert [as_carried(line, format_name) for line in read_camt054(data)] == wanted
    notices = read_camt054_notices(data)
    credits_ = [line for line in sent.lines if line.direction is Direction.IN and not line.is_reversal]
    assert [(n.amount, n.content, n.source) for n in notices] == [
        (line.amount, line.content, f"bank:970436:{sent.account_number}") for line in credits_
    ]
    assert len({n.outside_reference for n in notices}) == len(notices)
    for notice, line in zip(notices, credits_, strict=True):
        if line.bank_reference:
            assert notice.outside_reference.partition("#")[0] == line.bank_reference


@settings(LIMITS)
@given(sent=statements(), format_name=st.sampled_from(WITH_BALANCES))
def test_an_opened_statement_can_be_gone_through_again_and_says_its_sums(sent: BankStatement, format_name: str) -> None:
    name, data = write_statement(format_name, sent)
    with open_statements(io.BytesIO(data), name) as (opened,):
        assert list(opened.lines()) == list(opened.lines()) == list(opened.whole().lines)
        assert opened.opening + opened.money_in - opened.money_out == opened.closing
        assert opened.count == len(sent.lines)
