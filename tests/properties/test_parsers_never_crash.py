"""Whatever bytes arrive, the readers answer with a value, a refusal or a rejection, and soon."""

import contextlib
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.bank.camt import read_camt, read_camt054
from adapters.bank.lines import squeeze
from adapters.bank.reader import read_statement
from adapters.bank.webhooks import accept_casso, accept_sepay
from adapters.inbound import VIETNAM
from adapters.portal.messages import read_init_answer
from adapters.portal.notification import accept, accept_query_answer, acknowledge
from adapters.sandbox.portal import signed_notification
from adapters.sandbox.statements import write_camt053, write_vietcombank_xlsx
from domain.errors import Malformed, Refusal
from domain.notice import BankLine, BankStatement, Direction, PaymentNotice, Rejection

NOW = datetime(2026, 7, 5, 3, 0, tzinfo=UTC)
LIMITS = settings(max_examples=150, deadline=timedelta(seconds=5), suppress_health_check=[HealthCheck.too_slow])

#: Text that XML carries, with blanks folded as the readers fold them.
CONTENT = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Zl", "Zp")), max_size=100).map(
    squeeze
)
REFERENCE = st.none() | st.text("ABCDEFGHJK0123456789.", min_size=1, max_size=20)
DAY = st.dates(date(2026, 7, 1), date(2026, 7, 31))


@st.composite
def statements(draw: st.DrawFn) -> BankStatement:
    lines = tuple(
        BankLine(
            key="",
            booked_on=draw(DAY),
            value_on=draw(st.none() | DAY),
            direction=draw(st.sampled_from(Direction)),
            amount=draw(st.integers(1, 10**12)),
            bank_reference=draw(REFERENCE),
            content=draw(CONTENT),
            balance_after=None,
            counterparty_account=None,
            counterparty_name=None,
            is_reversal=False,
            bank_code=None,
            where="",
        )
        for _ in range(draw(st.integers(0, 6)))
    )
    opening = draw(st.integers(-(10**12), 10**12))
    moved = sum(line.amount if line.direction is Direction.IN else -line.amount for line in lines)
    return BankStatement(
        account_number=draw(st.text("0123456789", min_size=6, max_size=16)),
        bin="970436",
        from_date=date(2026, 7, 1),
        to_date=date(2026, 7, 31),
        opening=opening,
        closing=opening + moved,
        lines=lines,
        format="",
        file_digest="",
    )


def bare(statement: BankStatement) -> BankStatement:
    """A statement without what only a reader knows: keys, places, running balances, codes, format, digest."""
    lines = tuple(replace(line, key="", where="", balance_after=None, bank_code=None) for line in statement.lines)
    return replace(statement, lines=lines, format="", file_digest="")


@LIMITS
@given(st.lists(statements(), min_size=1, max_size=3))
def test_a_camt_file_reads_back_as_it_was_written(sent: list[BankStatement]) -> None:
    data = write_camt053(sent)
    assert data == write_camt053(sent)
    read = read_statement(data, "a.xml")
    assert [bare(statement) for statement in read] == sent
    by_account: dict[str, list[str]] = {}
    for statement in read:
        by_account.setdefault(statement.account_number, []).extend(line.key for line in statement.lines)
    assert all(len(set(keys)) == len(keys) for keys in by_account.values())


@settings(LIMITS, max_examples=40)
@given(statements())
def test_a_vietcombank_file_reads_back_as_it_was_written(sent: BankStatement) -> None:
    data = write_vietcombank_xlsx(sent)
    assert data == write_vietcombank_xlsx(sent)
    (read,) = read_statement(data, "a.xlsx")
    assert bare(read) == sent
    assert len({line.key for line in read.lines}) == len(read.lines)


@settings(LIMITS, max_examples=60)
@given(statements(), st.data())
def test_two_windows_on_one_account_name_their_common_days_alike(sent: BankStatement, data: st.DataObject) -> None:
    lines = tuple(sorted(sent.lines, key=lambda line: line.booked_on))
    cut, end = sorted((data.draw(DAY), data.draw(DAY)))

    def window(keep: Callable[[BankLine], bool]) -> dict[str, BankLine]:
        kept = tuple(line for line in lines if keep(line))
        moved = sum(line.amount if line.direction is Direction.IN else -line.amount for line in kept)
        (read,) = read_camt(write_camt053([replace(sent, lines=kept, closing=sent.opening + moved)]))
        return {line.key: replace(line, where="") for line in read.lines}

    early = window(lambda line: line.booked_on <= end)
    late = window(lambda line: line.booked_on >= cut)
    common = [line for line in lines if cut <= line.booked_on <= end]
    assert len(early.keys() & late.keys()) == len(common)
    assert {**early, **late} == window(lambda line: True)


def only_known_answers(read: Callable[[bytes], object], data: bytes) -> None:
    """Run a reader; an error other than the two that users are told of fails the test by itself."""
    with contextlib.suppress(Malformed, Refusal):
        read(data)


@st.composite
def mutated(draw: st.DrawFn, valid: bytes) -> bytes:
    """A valid file with a few stretches overwritten, removed, doubled or cut off."""
    data = bytearray(valid)
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, max(len(data) - 1, 0)))
        size = draw(st.integers(0, 12))
        kind = draw(st.sampled_from(["overwrite", "remove", "double", "cut"]))
        if kind == "overwrite":
            data[start : start + size] = draw(st.binary(max_size=12))
        elif kind == "remove":
            del data[start : start + size]
        elif kind == "double":
            data[start:start] = data[start : start + size]
        else:
            del data[start:]
    return bytes(data)


SAMPLE = BankStatement(
    account_number="0011001234567",
    bin="970436",
    from_date=date(2026, 7, 1),
    to_date=date(2026, 7, 31),
    opening=1_000_000,
    closing=1_050_000,
    lines=(
        BankLine(
            key="",
            booked_on=date(2026, 7, 4),
            value_on=None,
            direction=Direction.IN,
            amount=50_000,
            bank_reference="5078.12345",
            content="HJQPM5YNFT97 nộp đảng phí",
            balance_after=None,
            counterparty_account=None,
            counterparty_name="NGUYỄN VĂN A",
            is_reversal=False,
            bank_code=None,
            where="",
        ),
    ),
    format="",
    file_digest="",
)
CAMT = write_camt053([SAMPLE])
XLSX = write_vietcombank_xlsx(SAMPLE)
CSV = (
    "Số tài khoản: 0011001234567,,,,\nSố dư đầu kỳ: 1.000.000,,,,\nSố dư cuối kỳ: 1.050.000,,,,\n"
    "Ngày giao dịch,Ghi nợ,Ghi có,Số dư,Nội dung\n04/07/2026,,50.000,1.050.000,HJQPM5YNFT97\n"
).encode()
NOTIFICATION = signed_notification(
    partner="P",
    secret="s",
    reference="HJQPM5YNFT97",
    amount=60_000,
    transaction_id="PP1",
    paid_at=datetime(2026, 7, 4, 14, 32, tzinfo=VIETNAM),
)


@LIMITS
@given(st.binary(max_size=400) | mutated(CAMT) | mutated(CSV))
def test_a_statement_of_any_bytes_is_read_or_refused(data: bytes) -> None:
    only_known_answers(lambda raw: read_statement(raw, "a"), data)
    only_known_answers(read_camt, data)
    only_known_answers(read_camt054, data)


SHEET = "xl/worksheets/sheet1.xml"
PARTS = {name: zipfile.ZipFile(io.BytesIO(XLSX)).read(name) for name in zipfile.ZipFile(io.BytesIO(XLSX)).namelist()}


def rezipped(sheet: bytes) -> bytes:
    """The workbook with another sheet in it, its check sums right, so that the damage reaches the reader."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, body in PARTS.items():
            archive.writestr(name, sheet if name == SHEET else body)
    return out.getvalue()


@settings(LIMITS, max_examples=100)
@given(mutated(XLSX) | mutated(PARTS[SHEET]).map(rezipped))
def test_a_damaged_workbook_is_read_or_refused(data: bytes) -> None:
    only_known_answers(lambda raw: read_statement(raw, "a"), data)


#: Cells that a spreadsheet may hold where our columns are.
CELL = st.sampled_from(["", "-", "0", "04/07/2026", "50.000", "-1", "1,5", "٥", "Tổng", "Số dư đầu kỳ:", "7"]) | CONTENT


@LIMITS
@given(st.lists(st.lists(CELL, max_size=6), max_size=8), st.sampled_from([",", ";", "\t"]))
def test_a_table_of_any_cells_under_a_heading_is_read_or_refused(rows: list[list[str]], mark: str) -> None:
    head = ["Ngày giao dịch", "Ghi nợ", "Ghi có", "Số dư", "Nội dung", "Số tài khoản: 0011001234567"]
    text = "\n".join(mark.join(cell.replace('"', "") for cell in row) for row in [head[5:], head[:5], *rows])
    only_known_answers(lambda raw: read_statement(raw, "a.csv"), text.encode())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def bodies(valid: bytes) -> st.SearchStrategy[bytes]:
    """Any bytes, a damaged valid body, and a valid body with one member replaced by any JSON."""
    fields = json.loads(valid)
    swapped = st.tuples(st.sampled_from(sorted(fields)), JSON).map(
        lambda change: json.dumps({**fields, change[0]: change[1]}).encode()
    )
    return st.binary(max_size=200) | mutated(valid) | swapped


@LIMITS
@given(bodies(NOTIFICATION), st.dictionaries(st.just("content-type"), st.text(max_size=30)))
def test_a_notification_of_any_bytes_is_answered(body: bytes, headers: dict[str, str]) -> None:
    for check in (accept, accept_query_answer):
        outcome = check(body, headers, NOW, partner="P", secret="s")
        assert isinstance(outcome, PaymentNotice | Rejection)
        status, answer = acknowledge(outcome, secret="s", now=NOW, partner="P")
        assert status in {200, 400, 401, 403}
        assert json.loads(answer)["MaLoi"]
    only_known_answers(lambda raw: read_init_answer(raw, headers), body)


@LIMITS
@given(mutated(NOTIFICATION))
def test_no_damaged_notification_changes_what_is_believed(body: bytes) -> None:
    believed = accept(NOTIFICATION, {}, NOW, partner="P", secret="s")
    outcome = accept(body, {}, NOW, partner="P", secret="s")
    assert isinstance(outcome, Rejection) or outcome == believed


SEPAY = json.dumps(
    {
        "id": 1,
        "gateway": "Vietcombank",
        "transactionDate": "2026-07-04 11:08:33",
        "accountNumber": "0011001234567",
        "content": "HJQPM5YNFT97",
        "transferType": "in",
        "transferAmount": 60_000,
        "referenceCode": "FT1",
    }
).encode()


@LIMITS
@given(bodies(SEPAY), st.text(max_size=60))
def test_a_webhook_of_any_bytes_is_answered(body: bytes, header: str) -> None:
    def bin_of(name: str) -> str | None:
        return "970436" if name == "Vietcombank" else None

    signed = {"Authorization": "Apikey k", "X-Casso-Signature": header, "X-SePay-Signature": header}
    outcomes = (
        accept_sepay(body, signed, NOW, api_key="k", bin_of=bin_of),
        accept_sepay(body, signed, NOW, api_key="k", bin_of=bin_of, hmac_secret="h"),
        accept_casso(body, signed, NOW, secret="s", bin_of=bin_of),
    )
    assert isinstance(outcomes[0], PaymentNotice | Rejection)
    assert all(isinstance(outcome, Rejection) for outcome in outcomes[1:])
