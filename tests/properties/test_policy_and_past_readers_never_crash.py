"""Damaged policy changes and old books are read, listed row by row, or refused by place; no crash and no loss."""

import contextlib
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.office import policy_change
from adapters.office.past_books import read_past_members, read_past_units
from domain.errors import Malformed
from domain.money import AMOUNT_CAP

LIMITS = settings(max_examples=80, deadline=timedelta(seconds=5), suppress_health_check=list(HealthCheck))
EXAMPLE = (Path(__file__).resolve().parents[2] / "examples" / "du-thao-muc-dong.json").read_bytes()
BOOKS = {
    "members": (
        read_past_members,
        "số thẻ,họ tên,năm,tháng 5,tháng 6,tháng 7\n99.100001,Một,2026,90000,100000,1\n99.100002,Hai,2026,,5000,\n",
    ),
    "units": (
        read_past_units,
        "mã đơn vị,tháng,đã thu,để lại,đã nộp\nA,05/2026,90000,27000,63000\nB,06/2026,105000,31500,73500\n",
    ),
}


def _damaged(content: bytes, data: st.DataObject) -> bytes:
    at = data.draw(st.integers(0, len(content)))
    cut = data.draw(st.integers(0, 8))
    return (
        content[:at]
        + data.draw(st.binary(max_size=6) | st.sampled_from([b"=1", b"-5", b"9" * 30]))
        + content[at + cut :]
    )


@LIMITS
@given(data=st.data())
def test_a_damaged_change_is_read_or_refused(data: st.DataObject) -> None:
    with contextlib.suppress(Malformed):
        found = policy_change.from_bytes(_damaged(EXAMPLE, data), "x.json")
        assert found.rows.every()


@pytest.mark.parametrize("kind", BOOKS)
@LIMITS
@given(data=st.data())
def test_a_damaged_old_book_gives_rows_and_problems_or_is_refused(
    tmp_path: Path, kind: str, data: st.DataObject
) -> None:
    reader, text = BOOKS[kind]
    path = tmp_path / "so-cu.csv"
    path.write_bytes(_damaged(text.encode(), data))
    with contextlib.suppress(Malformed):
        listed = reader(path)
        left_out = {problem.row for problem in listed.problems}
        assert len(listed.rows) + len(left_out) >= listed.lines
        for row in listed.rows:
            amounts = [paid for _, paid in row.paid] if hasattr(row, "paid") else [row.collected, row.kept, row.sent]
            assert all(0 <= amount <= AMOUNT_CAP for amount in amounts)
