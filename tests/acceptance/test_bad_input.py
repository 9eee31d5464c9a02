"""Bad lists through the command line: a message that says what, where and what to do; exit 1; nothing changed.

One row a case. The words are those of the message: what is wrong, where it stands, and what to do about it.
"""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.acceptance import bad_files as bad
from tests.acceptance.bad_files import Maker, holding
from tests.acceptance.office_desk import Desk

AT = ("--at", "2026-08-01T09:00")
WARD = ("--as", "VH-KT1")
ROSTER = ("--unit", "31.001", *WARD, *AT)
SETUP = ("--as", "service:setup", *AT)
OFFICERS = ("--proposed-by", "HP-VP", "--approved-by", "HP-BTV", *SETUP)
MB = 1_000_000


Case = tuple[str, Sequence[str], Maker, Sequence[str], Sequence[str]]


def _ids(cases: Sequence[Case]) -> list[str]:
    return [case[0] for case in cases]


# --- lists of the office ----------------------------------------------------------------------------------------

IMPORTS: list[Case] = [
    # what is wrong, command, file, options, words of the message
    ("no-file", ("import", "roster"), bad.missing("ds.csv"), ROSTER, ("ds.csv", "không có tệp", "kiểm tra đường dẫn")),
    ("a-folder", ("import", "roster"), bad.folder_named("ds.csv"), ROSTER, ("ds.csv", "thư mục", "kiểm tra")),
    ("empty", ("import", "roster"), holding("ds.csv", " \n"), ROSTER, ("ds.csv", "rỗng", "lấy lại")),
    ("pdf-as-xlsx", ("import", "roster"), holding("ds.xlsx", b"%PDF-1.7\n"), ROSTER, ("ds.xlsx", "PDF", "xin tệp gốc")),
    (
        "cut-csv",
        ("import", "roster"),
        holding("ds.csv", bad.roster_row().encode()[:-30]),
        ROSTER,
        ("ds.csv, dòng 2", "bị cắt", "lấy lại"),
    ),
    (
        "cut-xlsx",
        ("import", "roster"),
        holding("ds.xlsx", bad.roster_workbook(7_500_000)[:-200]),
        ROSTER,
        ("ds.xlsx", "bị cắt", "lấy lại"),
    ),
    ("xlsx-bomb", ("import", "roster"), lambda f: holding("ds.xlsx", bad.bomb())(f), ROSTER, ("ds.xlsx", "bung ra")),
    (
        "cp1258",
        ("import", "roster"),
        holding("ds.csv", bad.roster_row().encode("cp1258", "ignore")),
        ROSTER,
        ("ds.csv, dòng 1", "1258", "CSV UTF-8"),
    ),
    (
        "utf-16",
        ("import", "roster"),
        holding("ds.csv", bad.roster_row().encode("utf-16")),
        ROSTER,
        ("ds.csv", "UTF-16", "CSV UTF-8"),
    ),
    (
        "25-mb",
        ("import", "roster"),
        bad.large("ds.csv", b"a,b,c,d,e,f,g\n", 25 * MB),
        ROSTER,
        ("ds.csv", "200000 dòng", "chia"),
    ),
    ("34-mb", ("import", "roster"), bad.large("ds.csv", b"x" * 1000, 34 * MB), ROSTER, ("ds.csv", "tối đa", "chia")),
    *(
        (
            f"salary-{name}",
            ("import", "roster"),
            holding("ds.csv", bad.roster_row(salary=salary)),
            ROSTER,
            ("ds.csv, dòng 2, cột «lương đóng BHXH»", said, "sửa các ô"),
        )
        for name, salary, said in (
            ("negative", "-5", "số tiền âm"),
            ("2^63", str(2**63), "vượt quá giới hạn"),
            ("fractional", "5.000,5", "số đồng nguyên"),
            ("unicode-digits", "５０００", "không phải 0–9"),
            ("formula", "=A1*2", "công thức"),
        )
    ),
    (
        "formula-xlsx",
        ("import", "roster"),
        holding("ds.xlsx", bad.roster_workbook("=SUM(A1:A2)")),
        ROSTER,
        ("ds.xlsx, trang «Sheet», dòng 2, cột «lương đóng BHXH»", "công thức", "dán giá trị"),
    ),
    (
        "fraction-xlsx",
        ("import", "roster"),
        holding("ds.xlsx", bad.roster_workbook(7_500_000.5)),
        ROSTER,
        ("dòng 2, cột «lương đóng BHXH»", "phần lẻ"),
    ),
    (
        "unknown-unit",
        ("import", "roster"),
        holding("ds.csv", bad.roster_row(unit="31.001.999")),
        ROSTER,
        ("dòng 2, cột «mã chi bộ»", "31.001.999", "Kiểm tra cột mã đơn vị"),
    ),
    (
        "foreign-unit",
        ("import", "roster"),
        holding("ds.csv", bad.roster_row(unit="31")),
        ROSTER,
        ("dòng 2, cột «mã chi bộ»", "31 không thuộc phạm vi của 31.001"),
    ),
    (
        "future-month",
        ("import", "roster"),
        holding("ds.csv", bad.roster_row(base_month="10/2026")),
        ROSTER,
        ("dòng 2, cột «tháng căn cứ»", "2026-10", "tương lai", "Kiểm tra lại"),
    ),
    (
        "future-bases",
        ("import", "bases"),
        holding("l.csv", "số thẻ,loại căn cứ,từ tháng,số tiền\n99.149594,Lương đóng BHXH,10/2026,9.000.000\n"),
        ROSTER,
        ("l.csv, dòng 2, cột «từ tháng»", "2026-10", "kiểm tra"),
    ),
    (
        "unknown-card",
        ("import", "bases"),
        holding("l.csv", "số thẻ,loại căn cứ,từ tháng,số tiền\n99.000000,Lương đóng BHXH,07/2026,9.000.000\n"),
        ROSTER,
        ("l.csv, dòng 2, cột «số thẻ»", "không có đảng viên", "nhập danh sách"),
    ),
    (
        "total-off-by-one",
        ("import", "openings"),
        holding("sd.csv", bad.OPENINGS.replace("34.123.000,829.000", "34.123.001,829.000", 1)),
        ROSTER,
        ("sd.csv, dòng 30, cột «tiền gửi»", "58.944.500", "58.944.501", "đối chiếu"),
    ),
    (
        "no-total",
        ("import", "openings"),
        holding("sd.csv", bad.OPENINGS[: bad.OPENINGS.index("Tổng cộng")]),
        ROSTER,
        ("sd.csv", "«Tổng cộng»", "bị cắt"),
    ),
    (
        "cut-json",
        ("import", "shares"),
        holding("ty-le.json", '{"number": "12-QĐ'),
        ("--approver", "HP-BTV", *SETUP),
        ("ty-le.json", "không phải JSON", "lấy lại"),
    ),
    (
        "officer-of-unknown-unit",
        ("import", "officers"),
        holding("cb.csv", "code,unit,role,from,to,decision,second_person\nXX,31.999,accountant,01/07/2026,,02,\n"),
        OFFICERS,
        ("cb.csv, dòng 2", "31.999", "Kiểm tra"),
    ),
    (
        "unknown-role",
        ("import", "officers"),
        holding("cb.csv", "code,unit,role,from,to,decision,second_person\nXX,31.001,boss,01/07/2026,,02,\n"),
        OFFICERS,
        ("cb.csv, dòng 2, cột «role»", "«boss»", "các giá trị được dùng"),
    ),
    (
        "accountant-and-cashier",
        ("import", "officers"),
        holding("cb.csv", "code,unit,role,from,to,decision,second_person\nVH-KT1,31.001,cashier,01/07/2026,,02,\n"),
        OFFICERS,
        ("cb.csv, dòng 2", "VH-KT1", "kế toán", "thủ quỹ"),
    ),
]


@pytest.mark.parametrize("case", IMPORTS, ids=_ids(IMPORTS))
def test_a_bad_list_is_refused_by_place_and_changes_nothing(desk: Desk, tmp_path: Path, case: Case) -> None:
    _, command, make, options, words = case
    desk.refuses([*command, make(tmp_path), *options], *words)


def test_a_list_with_a_byte_order_mark_goes_in(own_desk: Desk, tmp_path: Path) -> None:
    path = holding("ds.csv", b"\xef\xbb\xbf" + bad.roster_row().encode())(tmp_path)
    answer = own_desk.dangphi("import", "roster", path, *ROSTER)
    assert (answer.code, "taken: 1" in answer.out) == (0, True), answer


def test_of_a_list_with_bad_rows_the_good_one_goes_in_and_a_second_import_changes_nothing(
    own_desk: Desk, tmp_path: Path
) -> None:
    text = bad.roster_row() + bad.roster_row(card="99.900002", salary="-5").splitlines()[1].replace("950", "951") + "\n"
    path = holding("ds.csv", text)(tmp_path)
    before = own_desk.rows()
    answer = own_desk.dangphi("import", "roster", path, *ROSTER)
    assert (answer.code, "taken: 1" in answer.out, "ds.csv, dòng 3" in answer.err) == (3, True, True), answer
    after = own_desk.rows()
    assert after["vault"][0] == before["vault"][0] + 1
    again = own_desk.dangphi("import", "roster", path, *ROSTER)
    assert (again.code, "events: 0" in again.out, "ds.csv, dòng 3" in again.err) == (3, True, True), again
    assert own_desk.rows() == after
