"""Bad statements, cash sheets, notifications and sessions through the command line: refused, nothing changed."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.acceptance import bad_files as bad
from tests.acceptance.bad_files import Maker, holding
from tests.acceptance.office_desk import SCENARIO, Desk

AT = ("--at", "2026-08-01T09:00")
LATE = ("--at", "2026-08-11T09:00")
WARD = ("--as", "VH-KT1")
CELL = ("--as", "VH-001-CU", *AT)
MB = 1_000_000

Case = tuple[str, Sequence[str], Maker, Sequence[str], Sequence[str]]


def _ids(cases: Sequence[Case]) -> list[str]:
    return [case[0] for case in cases]


STATEMENT = ("collect", "statement")
CASH = ("collect", "cash")
NOTICES = ("collect", "notices")

COLLECTED: list[Case] = [
    ("cut-camt", STATEMENT, holding("sk.xml", bad.NEXT[:5000]), (*WARD, *LATE), ("sk.xml, dòng", "bị cắt", "tải lại")),
    ("cut-xlsx", STATEMENT, holding("sk.xlsx", bad.CELL_XLSX[:5000]), (*WARD, *LATE), ("sk.xlsx", "bị cắt", "tải lại")),
    ("empty", STATEMENT, holding("sk.xml", b""), (*WARD, *LATE), ("sk.xml", "rỗng", "tải lại")),
    ("pdf", STATEMENT, holding("sk.xlsx", b"%PDF-1.7"), (*WARD, *LATE), ("sk.xlsx", "PDF", "tải bản XLSX")),
    (
        "25-mb",
        STATEMENT,
        bad.large("sk.csv", b"abc;def\n", 25 * MB),
        (*WARD, *LATE),
        ("sk.csv", "không thấy dòng tiêu đề", "kiểm tra có nhầm tệp không"),
    ),
    (
        "cp1258",
        STATEMENT,
        holding("sk.xml", bad.NEXT.encode("cp1258", "ignore")),
        (*WARD, *LATE),
        ("sk.xml, dòng", "tải lại"),
    ),
    (
        "xxe",
        STATEMENT,
        holding("sk.xml", bad.with_dtd('<!ENTITY x SYSTEM "file:///etc/passwd">', "x")),
        (*WARD, *LATE),
        ("sk.xml", "DTD", "tải lại"),
    ),
    (
        "billion-laughs",
        STATEMENT,
        holding("sk.xml", bad.with_dtd(bad.BILLION_LAUGHS, "a9")),
        (*WARD, *LATE),
        ("sk.xml", "thực thể", "tải lại"),
    ),
    (
        "total-off-by-one",
        STATEMENT,
        holding("sk.xml", bad.moved(bad.NEXT, "CLBD", 1)),
        (*WARD, *LATE),
        ("sk.xml, Stmt[1]", "lệch 1", "tải lại"),
    ),
    *(
        (f"amount-{name}", STATEMENT, holding("sk.xml", bad.first_entry(bad.NEXT, text)), (*WARD, *LATE), words)
        for name, text, words in (
            ("negative", "-5", ("sk.xml, Stmt[1]/Ntry[1]", "'-5'", "tải lại")),
            ("2^63", str(2**63), ("sk.xml, Stmt[1]/Ntry[1]", "9223372036854775808", "tải lại")),
            ("fractional", "5.5", ("sk.xml, Stmt[1]/Ntry[1]", "phần lẻ", "tải lại")),
            ("unicode-digits", "５０", ("sk.xml, Stmt[1]/Ntry[1]", "không đọc được", "tải lại")),
        )
    ),
    (
        "gap",
        STATEMENT,
        holding("sk.xml", bad.moved(bad.moved(bad.NEXT, "OPBD", 5), "CLBD", 5)),
        (*WARD, *LATE),
        ("sk.xml", "62632248", "62632243", "xin lại tệp"),
    ),
    (
        "future",
        STATEMENT,
        holding("sk.xml", bad.NEXT),
        (*WARD, *AT),
        ("sk.xml", "10/08/2026, sau hôm nay 01/08/2026", "Kiểm tra tệp"),
    ),
    (
        "unknown-account",
        STATEMENT,
        holding("sk.xml", bad.NEXT.replace("0000001002", "0000009999")),
        (*WARD, *LATE),
        ("sk.xml", "0000009999", "Đăng ký tài khoản"),
    ),
    (
        "account-of-another",
        STATEMENT,
        holding("sk.xml", bad.PROVINCE),
        (*WARD, "--at", "2026-08-21T09:00"),
        ("sk.xml", "VH-KT1 không có quyền nhập sao kê tại đơn vị 31", "quyết định giao quyền"),
    ),
    (
        "one-of-two-accounts-of-another",
        STATEMENT,
        holding("sk.xml", bad.two_statements(bad.NEXT, bad.PROVINCE)),
        (*WARD, "--at", "2026-08-21T09:00"),
        ("sk.xml", "không có quyền nhập sao kê tại đơn vị 31"),
    ),
    (
        "other-content-of-a-known-day",
        STATEMENT,
        holding("sk.xml", bad.swapped_entries(bad.KNOWN)),
        (*WARD, *LATE),
        ("sk.xml", "970415:0000001002", "thừa dòng +27.583 đồng ngày 16/07/2026", "31/07/2026", "Đối chiếu hai tệp"),
    ),
    (
        "cash-cut-in-a-number",
        CASH,
        holding("tm.csv", bad.CASH_SHEET.rstrip()[:-1]),
        CELL,
        ("tm.csv, dòng 8", "bị cắt", "lấy lại"),
    ),
    (
        "cash-cp1258",
        CASH,
        holding("tm.csv", bad.CASH_SHEET.decode().encode("cp1258", "ignore")),
        CELL,
        ("tm.csv, dòng 1", "1258", "CSV UTF-8"),
    ),
    ("cash-xlsx", CASH, holding("tm.csv", bad.CELL_XLSX), CELL, ("tm.csv", "XLSX", "CSV UTF-8")),
    *(
        (
            f"cash-{name}",
            CASH,
            holding("tm.csv", bad.cash_row(amount=amount)),
            CELL,
            ("tm.csv, dòng 2, cột «số tiền»", said),
        )
        for name, amount, said in (
            ("negative", "-5", "số tiền âm"),
            ("2^63", str(2**63), "vượt quá giới hạn"),
            ("fractional", "14.190,5", "số đồng nguyên"),
            ("odd-grouping", "1.4.190", "dấu ngăn hàng nghìn sai"),
            ("unicode-digits", "１４１９０", "không phải 0–9"),
            ("formula", "=1+1", "công thức"),
            ("nothing", "0", "lớn hơn 0"),
        )
    ),
    (
        "cash-unknown-unit",
        CASH,
        holding("tm.csv", bad.cash_row(unit="31.001.999")),
        CELL,
        ("tm.csv, dòng 2", "31.001.999", "Kiểm tra"),
    ),
    (
        "cash-unknown-card",
        CASH,
        holding("tm.csv", bad.cash_row(card="99.999999")),
        CELL,
        ("tm.csv, dòng 2", "số thẻ", "nhập danh sách"),
    ),
    (
        "cash-future-month",
        CASH,
        holding("tm.csv", bad.cash_row(month="2026-09")),
        CELL,
        ("tm.csv", "PT-X1", "tháng 2026-09 chưa đến", "Kiểm tra lại phiếu"),
    ),
    (
        "cash-future-day",
        CASH,
        holding("tm.csv", bad.cash_row(on="02/09/2026")),
        CELL,
        ("tm.csv", "PT-X1", "ngày 02/09/2026 chưa đến"),
    ),
    (
        "cash-slip-twice",
        CASH,
        holding("tm.csv", bad.cash_row() + bad.cash_row(amount="6000").splitlines()[1] + "\n"),
        CELL,
        ("tm.csv, dòng 3", "trùng số phiếu PT-X1"),
    ),
    (
        "cash-slip-known-otherwise",
        CASH,
        holding("tm.csv", bad.cash_row(slip="PT2607-31.001.001-001", amount="999")),
        CELL,
        ("tm.csv", "PT2607-31.001.001-001", "999", "Dùng số phiếu khác"),
    ),
    (
        "cash-of-another-cell",
        CASH,
        holding("tm.csv", bad.cash_row()),
        ("--as", "VH-002-CU", *AT),
        ("VH-002-CU không có quyền thu tiền mặt tại đơn vị 31.001.001", "quyết định giao quyền"),
    ),
    (
        "cash-by-nobody",
        CASH,
        holding("tm.csv", bad.cash_row()),
        ("--as", "AI-DO", *AT),
        ("AI-DO không có quyền thu tiền mặt", "quyết định giao quyền"),
    ),
    ("notices-empty", NOTICES, holding("tb.jsonl", b""), AT, ("tb.jsonl", "rỗng", "lấy lại")),
    (
        "notices-cut",
        NOTICES,
        holding("tb.jsonl", bad.NOTICES[:1000]),
        AT,
        ("tb.jsonl, dòng 3", "bị cắt", "lấy lại"),
    ),
    (
        "notices-utf-16",
        NOTICES,
        holding("tb.jsonl", bad.NOTICES.encode("utf-16")),
        AT,
        ("tb.jsonl, dòng 1", "không phải UTF-8", "xuất lại"),
    ),
    (
        "notices-doubled-key",
        NOTICES,
        holding("tb.jsonl", bad.notice(lambda line: line.replace('"headers"', '"body": "", "headers"'))),
        AT,
        ("tb.jsonl, dòng 1", "hai trường cùng tên", "lấy lại"),
    ),
    (
        "session-future-month",
        ("collect", "sessions"),
        holding("ph.csv", bad.session(tháng="2026-10")),
        LATE,
        ("ph.csv, dòng 2", "2026-10"),
    ),
    (
        "session-in-the-future",
        ("collect", "sessions"),
        holding("ph.csv", bad.session(**{"lúc mở": "2027-08-04T07:16:00+07:00"})),
        LATE,
        ("ph.csv, dòng 2", "2027-08-04", "kiểm tra tệp"),
    ),
    (
        "second-session-of-an-unknown-unit",
        ("collect", "sessions"),
        holding(
            "ph.csv",
            bad.session() + bad.session(**{"phiên": "s-2", "mã đơn vị": "31.001.999"}).splitlines()[1] + "\n",
        ),
        LATE,
        ("ph.csv, dòng 3", "31.001.999", "Kiểm tra"),
    ),
    (
        "second-session-refused-by-a-rule",
        ("collect", "sessions"),
        holding("ph.csv", bad.session() + bad.session(phiên="s-2", tháng="2026-10").splitlines()[1] + "\n"),
        LATE,
        ("ph.csv, dòng 3", "2026-10"),
    ),
]


@pytest.mark.parametrize("case", COLLECTED, ids=_ids(COLLECTED))
def test_bad_money_is_refused_by_place_and_changes_nothing(desk: Desk, tmp_path: Path, case: Case) -> None:
    _, command, make, options, words = case
    desk.refuses([*command, make(tmp_path), *options], *words)


def test_a_notification_that_names_its_amount_twice_is_kept_as_evidence_and_moves_no_money(
    own_desk: Desk, tmp_path: Path
) -> None:
    path = holding("tb.jsonl", bad.notice(bad.doubled_amount))(tmp_path)
    words = ("tb.jsonl, dòng 1", "hai trường cùng tên", "không được tin", "Đối chiếu với Cổng")
    own_desk.refuses(["collect", "notices", path, *AT], *words, may_change=("inbox",))


def test_the_same_statement_again_gives_the_same_answer_and_changes_nothing(desk: Desk, tmp_path: Path) -> None:
    path = holding("sk.xml", bad.KNOWN)(tmp_path)
    actor = (*WARD, "--at", "2026-07-31T20:00")
    before = desk.rows()
    first, second = (desk.dangphi("collect", "statement", path, *actor, "--json") for _ in range(2))
    assert (first.code, first.out) == (0, second.out)
    assert desk.rows() == before


def test_two_statements_of_one_file_go_in_together(own_desk: Desk, tmp_path: Path) -> None:
    whole = (SCENARIO.folder / "sao-ke/2026-08-17-phuong/ward.xml").read_text(encoding="utf-8")
    path = holding("sk.xml", bad.two_statements(bad.NEXT, whole))(tmp_path)
    before = own_desk.rows()
    answer = own_desk.dangphi("collect", "statement", path, *WARD, "--at", "2026-08-18T09:00", "--json")
    assert answer.code == 0, answer
    assert answer.out.count('"known": false') == 2
    assert own_desk.rows()["commands"][0] == before["commands"][0] + 1


def test_a_gap_between_two_statements_of_one_file_refuses_both(desk: Desk, tmp_path: Path) -> None:
    second = (SCENARIO.folder / "sao-ke/2026-08-17-phuong/ward.xml").read_text(encoding="utf-8")
    wrong = bad.moved(bad.moved(second, "OPBD", 7), "CLBD", 7)
    path = holding("sk.xml", bad.two_statements(bad.NEXT, wrong))(tmp_path)
    desk.refuses(["collect", "statement", path, *WARD, "--at", "2026-08-18T09:00"], "sk.xml", "xin lại tệp")
