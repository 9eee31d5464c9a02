"""Whatever bytes come as a statement, they are read or refused: no other error, and soon.

``DANGPHI_FUZZ_EXAMPLES`` sets how many cases each test tries (a long run: 20000).
"""

import contextlib
import io
import os
import zipfile
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.bank.camt import read_camt, read_camt054, read_camt054_notices
from adapters.bank.delimited import html_rows
from adapters.bank.mt940 import stream_mt940
from adapters.bank.reader import first_rows, read_statement
from adapters.sandbox.statement_files import FORMATS, line_of, statement_of, write_statement
from domain.errors import Malformed, Refusal
from domain.money import AMOUNT_CAP
from domain.notice import BankLine, Direction
from tests.properties.mutations import mutated

EXAMPLES = int(os.environ.get("DANGPHI_FUZZ_EXAMPLES", "40"))
LIMITS = settings(
    max_examples=EXAMPLES,
    deadline=timedelta(seconds=10),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

SENT = statement_of(
    "0011001234567",
    [
        line_of(date(2026, 7, 4), 50_000, "MBVCB.123456.HJQPM5YNFT97.CT tu 0011 NGUYỄN VĂN A", reference="FT1"),
        line_of(date(2026, 7, 4), -1_200, "Phí dịch vụ", reference="FT2"),
        line_of(date(2026, 7, 5), 1_234_567, "=1+1 " + "x" * 90, reference="FT3"),
    ],
    opening=1_000_000,
    bin="970436",
)
GOOD = {name: write_statement(name, SENT, seed=seed) for name in FORMATS for seed in (3,)}


def _signed(line: BankLine) -> int:
    return line.amount if line.direction is Direction.IN else -line.amount


def read_or_refused(data: bytes) -> None:
    """Read a file; an error other than the two that people are told of fails the test by itself.

    What was read is proved once more: the sums lead to the closing balance and no key comes twice.
    """
    with contextlib.suppress(Malformed, Refusal):
        keys: set[tuple[str, str]] = set()
        for statement in read_statement(data, "a"):
            assert statement.opening + sum(map(_signed, statement.lines)) == statement.closing
            assert all(0 < line.amount <= AMOUNT_CAP for line in statement.lines)
            for line in statement.lines:
                # No database takes every control character, and nobody typed one.
                assert not any(letter < " " for letter in (line.bank_reference or "") + line.content)
                name = (statement.account_number, line.key)
                assert name not in keys
                keys.add(name)


@pytest.mark.parametrize("format_name", [name for name in FORMATS if not name.endswith("-xls")])
@settings(LIMITS)
@given(st.data())
def test_a_damaged_file_of_any_format_is_read_or_refused(format_name: str, data: st.DataObject) -> None:
    bad = data.draw(mutated(GOOD[format_name][1]))
    read_or_refused(bad)
    if format_name.startswith("camt"):
        for read in (read_camt, read_camt054, lambda raw: read_camt054_notices(raw, bin_of=lambda _: "970436")):
            with contextlib.suppress(Malformed, Refusal):
                read(bad)
    with contextlib.suppress(Malformed):
        first_rows(io.BytesIO(bad))


# The reader of XLS is a process of its own, which takes a few hundredths of a second to start.
@settings(LIMITS, max_examples=max(EXAMPLES // 8, 5))
@given(mutated(GOOD["agribank-xls"][1]))
def test_a_damaged_old_workbook_is_read_or_refused(data: bytes) -> None:
    read_or_refused(data)


SHEET = "xl/worksheets/sheet1.xml"


def parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


PARTS = parts(GOOD["mb-xlsx"][1])


@pytest.mark.parametrize("name", sorted(PARTS))
@settings(LIMITS, max_examples=max(EXAMPLES // 4, 5))
@given(st.data())
def test_a_workbook_with_one_damaged_part_is_read_or_refused(name: str, data: st.DataObject) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, body in PARTS.items():
            archive.writestr(part, data.draw(mutated(body)) if part == name else body)
    read_or_refused(out.getvalue())


STARTS = st.sampled_from(
    [b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b":20:", b"<", b"<html>", b"{1:", b"\xff\xfe", b"%PDF"]
)


@settings(LIMITS)
@given(STARTS, st.binary(max_size=2_000))
def test_any_bytes_are_refused_or_read(start: bytes, rest: bytes) -> None:
    read_or_refused(start + rest)
    for read in (_mt940, _html):
        with contextlib.suppress(Malformed):
            read(start + rest)


def _mt940(data: bytes) -> list[object]:
    return list(stream_mt940(io.BytesIO(data)))


def _html(data: bytes) -> list[object]:
    return list(html_rows(data))


FIELD = st.sampled_from(
    [
        *(":20:A", ":25:0011001", ":28C:1/1", ":60F:C260701VND0,", ":60M:C260701VND0,", ":62F:C260701VND0,", "-"),
        *(":62M:C260701VND0,", ":61:260704C1,NTRFX", ":61:2607040704RC1,NTRFX//Y", ":86:166?20A?21B", ":86:x", ":NS:1"),
        *(":61:260704D1,NTRFX", ":64:x", ":99:", "text", "", ":25:", ":61:", ":60F:", ":62F:D991231VND1,", "-}"),
    ]
)


@settings(LIMITS, max_examples=EXAMPLES * 4)
@given(st.lists(FIELD, max_size=24), st.sampled_from(["\n", "\r\n"]))
def test_mt940_fields_in_any_order_are_read_or_refused(fields: list[str], end: str) -> None:
    read_or_refused((":20:A" + end + end.join(fields)).encode())


CELL = st.sampled_from(
    [
        *("", "-", "0", "04/07/2026", "50.000", "50,000", "-1", "1,5", "٥", "Tổng", "Số dư đầu kỳ:", "7", "Số dư cuối"),
        *("04/07/2026\n12", "Ngày giao dịch", "Ghi có", "Ghi nợ", "31/02/2026", "Số tài khoản: 00110012", "VND", "1E5"),
    ]
)


@settings(LIMITS, max_examples=EXAMPLES * 2)
@given(
    st.lists(st.lists(CELL, max_size=6), max_size=8),
    st.sampled_from(["csv", "html"]),
    st.sampled_from(["", "VietinBank", "Techcombank", "MB Bank"]),
)
def test_a_table_of_any_cells_is_read_or_refused(rows: list[list[str]], kind: str, bank: str) -> None:
    table = [[bank, "Số tài khoản: 0011001234567"], ["Ngày giao dịch", "Ghi nợ", "Ghi có", "Số dư", "Nội dung"], *rows]
    writers: dict[str, Callable[[], str]] = {
        "csv": lambda: "\n".join(";".join(cell.replace("\n", " ") for cell in row) for row in table),
        "html": lambda: (
            "<table>"
            + "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in table)
            + "</table>"
        ),
    }
    read_or_refused(writers[kind]().encode())
