"""Acts that a rule forbids, typed by an officer: who may not, what is not yet, what was done already, what is too much.

Before the tests two remittances of July are prepared (cells 001 and 010, the second by the ward's accountant), the
first is approved, and a refund of credit is asked for.
"""

import io
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from dataclasses import replace

import pytest

from adapters.office.organisation import unit_id_for
from api.cli import main
from api.wiring import on_postgres
from tests.acceptance.office_desk import SCENARIO, Desk, Rows, copied, surroundings

COMMAND = "5f0c3f6e-7f0a-4b38-8f5d-1c8f4a6a9d21"
CASE = f"{unit_id_for('31.001.001')}/2026-07/1"
HELD = f"{unit_id_for('31.001.010')}/2026-07/1"
OWN = f"{unit_id_for('31.001.011')}/2026-07/1"
#: A member of cell 006 who paid July twice; the second payment is credit.
CREDITOR, CREDIT = "99.123427", 57_720


def by(who: str, at: str = "2026-08-05T09:00") -> tuple[str, ...]:
    """Who types, and when."""
    return ("--as", who, "--at", at)


def cell(number: str) -> tuple[str, str]:
    """A cell of the ward."""
    return ("--unit", f"31.001.{number}")


PASS = ("collect", "pass", *cell("005"), "--amount", "1", "--slip", "BG", *by("VH-005-CU"), "--command-id", COMMAND)
JULY = ("--period", "2026-07")
WHY = ("--reason", "Cổng bảo trì")
GROUND = ("--reason", "nộp thừa", "--decision", "1-QĐ/CB")

MISTAKEN = (*cell("002"), *GROUND, *by("VH-002-CU"))
OVERPAID = (*cell("006"), *GROUND, *by("VH-006-CU"))


def member_of(dsn: str, card: str) -> str:
    """The id under which the ledger knows a card."""
    with on_postgres(replace(SCENARIO.settings, database_url=dsn)) as inst:
        found = inst.vault.find_by_card(card)
    assert found is not None
    return found


def typed(*arguments: str) -> None:
    """A command that goes through."""
    with redirect_stdout(io.StringIO()) as out, pytest.raises(SystemExit) as ended:
        main.run(arguments)
    assert ended.value.code == 0, out.getvalue()


@pytest.fixture(scope="module")
def august(postgres_server: str, july: str) -> Iterator[tuple[str, Rows]]:
    with pytest.MonkeyPatch.context() as patch, copied(postgres_server, july) as dsn:
        surroundings(patch, dsn)
        typed("remit", "prepare", *cell("001"), *JULY, "--way", "bank", *WHY, *by("VH-001-CU"))
        typed("remit", "approve", CASE, *cell("001"), *by("VH-001-BT"))
        typed("remit", "prepare", *cell("010"), *JULY, "--way", "held", *by("VH-KT1"))
        typed("remit", "prepare", *cell("011"), *JULY, "--way", "held", *by("VH-011-BT"))
        typed(
            "collect", "pass", *cell("005"), "--amount", "1", "--slip", "BG", *by("VH-005-CU"), "--command-id", COMMAND
        )
        yield dsn, Desk(dsn).rows()


@pytest.fixture
def desk(august: tuple[str, Rows], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    dsn, rows = august
    surroundings(monkeypatch, dsn)
    return Desk(dsn, capsys, rows)


ACTS: dict[str, tuple[Sequence[str], Sequence[str]]] = {
    # months and periods that are not yet
    "assess-future-month": (
        ("dues", "assess", "--unit", "31.001", "--month", "2026-10", *by("VH-KT1")),
        ("2026-10 chưa đến (hôm nay 05/08/2026)", "chỉ tính mức đóng"),
    ),
    "ask-future-month": (
        ("dues", "ask", "--unit", "31.001", "--month", "2026-10", *by("VH-KT1")),
        ("2026-10 chưa đến (hôm nay 05/08/2026)", "chỉ lập yêu cầu"),
    ),
    "month-misspelt": (
        ("dues", "assess", "--unit", "31.001", "--month", "7/2026", *by("VH-KT1")),
        ("Tháng phải có dạng", "2026-07", "'7/2026'"),
    ),
    "declare-before-its-end": (
        ("remit", "declare", *cell("001"), "--period", "2026-08", *by("VH-001-BT")),
        ("Kỳ 2026-08 chưa kết thúc", "31/08/2026", "Chốt từ"),
    ),
    "declare-twice": (
        ("remit", "declare", *cell("001"), *JULY, *by("VH-001-BT")),
        ("31.001.001 đã chốt kỳ 2026-07", "kỳ báo cáo kế tiếp"),
    ),
    "refund-of-a-future-month": (
        ("refund", "relief", "HT-8", *MISTAKEN, "--member", "M", "--month", "2026-10", "--relief", "X1"),
        ("2026-10 chưa được tính mức đóng", "Tính mức đóng trước"),
    ),
    # who may not
    "assess-by-a-collector": (
        ("dues", "assess", "--unit", "31.001", "--month", "2026-08", *by("VH-001-CU")),
        ("VH-001-CU không có quyền tính mức đóng tại đơn vị 31.001", "quyết định giao quyền"),
    ),
    "declare-for-another-cell": (
        ("remit", "declare", *cell("001"), *JULY, *by("VH-002-BT")),
        ("VH-002-BT không có quyền chốt kỳ tại đơn vị 31.001.001", "quyết định giao quyền"),
    ),
    "accountant-approves-own-work": (
        ("remit", "approve", HELD, *cell("010"), *by("VH-KT1")),
        ("người duyệt (VH-KT1) trùng người lập", "Một người khác phải duyệt"),
    ),
    "approve-own-remittance": (
        ("remit", "approve", OWN, *cell("011"), *by("VH-011-BT")),
        ("người duyệt (VH-011-BT) trùng người lập", "Một người khác phải duyệt"),
    ),
    "approve-through-another-unit": (
        ("remit", "approve", HELD, *cell("002"), *by("VH-002-BT")),
        ("31.001.010 không thuộc phạm vi của 31.001.002", "trong phạm vi quản lý"),
    ),
    # what is unknown
    "unknown-unit": (
        ("remit", "declare", *cell("999"), *JULY, *by("VH-001-BT")),
        ("'31.001.999'", "Kiểm tra"),
    ),
    "unknown-officer": (
        ("remit", "declare", *cell("001"), *JULY, *by("AI-DO")),
        ("AI-DO không có quyền", "quyết định giao quyền"),
    ),
    "unknown-remittance": (
        ("remit", "approve", "khong-co", *cell("001"), *by("VH-001-BT")),
        ("Chưa lập lệnh nộp này", "Lập lệnh nộp trước"),
    ),
    "unknown-refund": (
        ("refund", "approve", "HT-0", *cell("001"), *by("VH-001-BT")),
        ("Chưa có đề nghị hoàn trả", "Kiểm tra mã hồ sơ"),
    ),
    "unknown-member": (
        ("refund", "credit", "HT-9", *cell("001"), "--member", "khong-co", "--amount", "5", *GROUND, *by("VH-001-CU")),
        ("Không có đảng viên này", "Nhập danh sách"),
    ),
    "unknown-reference": (("dues", "request", "HJXXXXXXXXXX"), ("HJXXXXXXXXXX", "Kiểm tra lại")),
    "unknown-account": (
        ("reconcile", "--from", "2026-07-01", "--to", "2026-07-31", "--account", "970415:999"),
        ("970415:999", "Đăng ký tài khoản"),
    ),
    # amounts
    "send-more-than-prepared": (
        ("remit", "send", CASE, *cell("001"), "--amount", "999999999", *by("VH-001-CU")),
        ("chỉ còn 604.374 đồng chưa gửi", "999.999.999", "Gửi phần còn lại"),
    ),
    "prepare-twice": (
        ("remit", "prepare", *cell("001"), *JULY, "--way", "bank", *WHY, *by("VH-001-CU")),
        ("31.001.001 không còn gì phải lập lệnh nộp cho kỳ 2026-07", "xem các lệnh đã lập"),
    ),
    "refund-more-than-credit": (
        ("refund", "credit", "HT-9", *OVERPAID, "--member", "CREDITOR", "--amount", str(CREDIT + 1)),
        ("tối đa 57.720 đồng", "57.721 đồng", "Kiểm tra lại số tiền"),
    ),
    "send-negative": (
        ("remit", "send", CASE, *cell("001"), "--amount", "-5", *by("VH-001-CU")),
        ("«-5»", "lớn hơn 0", "gõ lại"),
    ),
    "send-nothing": (
        ("remit", "send", CASE, *cell("001"), "--amount", "0", *by("VH-001-CU")),
        ("lớn hơn 0", "nhận được 0"),
    ),
    "send-2^63": (
        ("remit", "send", CASE, *cell("001"), "--amount", str(2**63), *by("VH-001-CU")),
        ("«9223372036854775808»", "không quá", "gõ lại"),
    ),
    "send-fraction": (
        ("remit", "send", CASE, *cell("001"), "--amount", "50.000", *by("VH-001-CU")),
        ("«50.000»", "chỉ gồm chữ số 0–9"),
    ),
    "pass-unicode-digits": (
        ("collect", "pass", *cell("005"), "--amount", "٣٥", "--slip", "BG-2", *by("VH-005-CU")),
        ("«٣٥»", "chỉ gồm chữ số 0–9", "ví dụ 50000"),
    ),
    "pass-more-than-in-hand": (
        ("collect", "pass", *cell("005"), "--amount", "99999999", "--slip", "BG-2", *by("VH-005-CU")),
        ("31.001.005 chỉ có", "99.999.999", "Kiểm tra số tiền"),
    ),
    # commands
    "way-without-reason": (
        ("remit", "prepare", *cell("002"), *JULY, "--way", "bank", *by("VH-002-CU")),
        ("phải ghi lý do",),
    ),
    "command-id-used-for-something-else": (
        ("dues", "assess", "--unit", "31.001", "--month", "2026-08", *by("VH-KT1"), "--command-id", COMMAND),
        (COMMAND, "đã được dùng cho một yêu cầu khác", "mã lệnh mới"),
    ),
    "command-id-is-none": (
        ("dues", "assess", "--unit", "31.001", "--month", "2026-08", *by("VH-KT1"), "--command-id", "một"),
        ("--command-id", "'một'", "bỏ trống"),
    ),
    "moment-is-none": (
        ("dues", "assess", "--unit", "31.001", "--month", "2026-08", *by("VH-KT1", "hôm nay")),
        ("--at", "'hôm nay'", "2026-07-31T20:00"),
    ),
    "days-out-of-order": (
        ("reconcile", "--from", "2026-07-31", "--to", "2026-07-01"),
        ("31/07/2026", "01/07/2026", "phải theo thứ tự"),
    ),
    "workbook-into-a-folder-that-is-not": (
        ("reconcile", "--from", "2026-07-31", "--to", "2026-07-31", "--out", "/dev/null/x.xlsx"),
        ("/dev/null/x.xlsx", "tệp, không phải thư mục", "Kiểm tra đường dẫn"),
    ),
}


@pytest.mark.parametrize("case", ACTS)
def test_a_forbidden_act_is_refused_with_the_next_step_and_changes_nothing(desk: Desk, case: str) -> None:
    arguments, words = ACTS[case]
    names = {"M": "99.106713", "CREDITOR": CREDITOR}
    given = [member_of(desk.dsn, names[one]) if one in names else one for one in arguments]
    desk.refuses(given, *words)


def test_the_same_command_id_with_the_same_request_gives_the_same_answer(desk: Desk) -> None:
    assert desk.known is not None
    answer = desk.dangphi(*PASS, "--json")
    assert (answer.code, '"replayed": true' in answer.out) == (0, True), answer
    assert desk.rows() == desk.known


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nosuch",), ("không có lệnh «nosuch»", "dangphi --help")),
        (("collect", "cash"), ("thiếu", "dangphi collect cash --help")),
        (("import", "roster", "ds.csv", "--as", "VH-KT1"), ("thiếu '--unit'",)),
        (("remit", "prepare", "--way", "bus", "--as", "a", "--unit", "u", "--period", "p"), ("'--way'", "'portal'")),
        (("verify", "--jsn"), ("không có tuỳ chọn --jsn", "--json")),
        (("serve", "--port", "70000"), ("'--port'", "số nguyên")),
    ],
)
def test_a_command_line_that_is_not_understood_is_explained_in_vietnamese_and_exits_with_two(
    capsys: pytest.CaptureFixture[str], arguments: Sequence[str], words: Sequence[str]
) -> None:
    answer = Desk("", capsys).dangphi(*arguments)
    assert (answer.code, answer.out) == (2, "")
    assert all(word in answer.err for word in words), answer.err
    assert "Error" not in answer.err
