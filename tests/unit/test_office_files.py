"""Files of an office as they arrive: headings in any spelling, broken encodings, cut ends, formulas."""

import io
import unicodedata

import pytest
from openpyxl import Workbook

from adapters.office.bases import read_bases
from adapters.office.officers import read_officers
from adapters.office.openings import read_openings
from adapters.office.organisation import read_holders, read_units, unit_id_for
from adapters.office.roster import COLUMNS, read_roster
from domain.errors import Malformed

BASES = "số thẻ,loại căn cứ,từ tháng,số tiền\r\n99.100137,Lương hưu,07/2026,5.787.200\r\n"


_TONES = "\u0300\u0301\u0303\u0309\u0323"


def in_windows_1258(text):
    """Vietnamese as old programs save it: the letter with its shape, then the tone as a byte of its own."""
    pieces = []
    for letter in text:
        parts = unicodedata.normalize("NFD", letter)
        pieces.append(unicodedata.normalize("NFC", "".join(c for c in parts if c not in _TONES)))
        pieces += [c for c in parts if c in _TONES]
    return "".join(pieces).encode("cp1258")


@pytest.fixture
def saved(tmp_path):
    """Writes content into a file and returns its path."""

    def save(content, name="tep.csv"):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return save


def workbook(*rows, title="Danh sách"):
    book = Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def reasons(listed):
    return [(problem.row, problem.column, problem.reason) for problem in listed.problems]


@pytest.mark.parametrize("content", [BASES.encode(), b"\xef\xbb\xbf" + BASES.encode()], ids=["plain", "BOM"])
def test_utf8_is_read_with_and_without_a_byte_order_mark(saved, content):
    (row,) = read_bases(saved(content)).rows
    assert (row.card_number, row.kind, row.from_month, row.amount) == ("99.100137", "pension", "2026-07", 5_787_200)


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_the_separator_of_a_vietnamese_spreadsheet_is_understood(saved, delimiter):
    assert len(read_bases(saved(BASES.replace(",", delimiter))).rows) == 1


def test_headings_are_found_under_titles_and_in_any_spelling(saved):
    rows = [
        ["ĐẢNG BỘ PHƯỜNG"],
        [],
        ["SO THE", "Loại  căn cứ", "TỪ THÁNG", "Số tiền (đồng)", "Ghi chú"],
        ["99.100137", "Lương hưu", "07/2026", 5_787_200, "=1+1"],
    ]
    listed = read_bases(saved(workbook(*rows), "a.xlsx"))
    assert [row.amount for row in listed.rows] == [5_787_200]
    assert listed.rows[0].place.where == "a.xlsx, trang «Danh sách», dòng 4"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (in_windows_1258(BASES), "Windows-1258"),
        (BASES.encode("utf-16"), "UTF-16"),
        (BASES.encode() + b"99.1,\xff\xfe,\r\n", "không phải UTF-8"),
        (BASES.replace("\r\n", "\0\r\n").encode(), "nhị phân"),
        (b"", "rỗng"),
        (b" \r\n", "rỗng"),
        (b"\xd0\xcf\x11\xe0 old", "XLS"),
        (b"PK\x03\x04 cut", "XLSX hỏng"),
        (BASES.encode()[:-6], "có thể bị cắt"),
        ((BASES + '"99.1').encode() + b"\n", "nháy"),
        (BASES.encode()[:-20] + "đ".encode()[:1], "bị cắt giữa một chữ"),
        (BASES.splitlines(keepends=True)[0].encode(), "không có dòng dữ liệu"),
    ],
)
def test_a_file_that_cannot_be_read_whole_is_refused_with_what_to_do(saved, content, says):
    with pytest.raises(Malformed, match=says) as refused:
        read_bases(saved(content))
    assert refused.value.where.startswith("tep.csv")


def test_a_cut_workbook_is_refused(saved):
    content = workbook(["số thẻ", "loại căn cứ", "từ tháng", "số tiền"], ["99.100137", "Lương hưu", "07/2026", 5])
    with pytest.raises(Malformed, match="XLSX hỏng"):
        read_bases(saved(content[: len(content) // 2], "a.xlsx"))


def test_a_missing_a_strange_and_a_doubled_heading_are_named(saved):
    with pytest.raises(Malformed, match="thiếu: «số tiền»"):
        read_bases(saved(BASES.replace(",số tiền", "").replace(",5.787.200", "")))
    with pytest.raises(Malformed, match="cột lạ «màu»"):
        read_bases(saved("số thẻ,loại căn cứ,từ tháng,số tiền,màu\r\n99.100137,Lương hưu,07/2026,5,đỏ\r\n"))
    with pytest.raises(Malformed, match="hai cột cùng là «số thẻ»"):
        read_bases(saved("số thẻ,so the,loại căn cứ,từ tháng,số tiền\r\n99.100137,,Lương hưu,07/2026,5\r\n"))


def test_bad_rows_are_listed_with_row_column_and_reason_while_good_rows_go_in(saved):
    lines = [
        "99.100137,Lương hưu,07/2026,5.787.200",
        "99.100138,Lương hưu,07/2026,-5",
        "99.100139,Lương huu cũ,07/2026,5",
        "99.100140,Lương hưu,13/2026,5",
        "x,Lương hưu,07/2026,5",
        '99.100141,Lương hưu,07/2026,"=5000*2"',
        "99.100142,Lương hưu,07/2026,0",
        "99.100143,Lương hưu,07/2026,7,500,000",
        "99.100137,Lương hưu,07/2026,5.787.201",
        "99100137,Lương hưu,08/2026,1",
    ]
    listed = read_bases(saved("số thẻ,loại căn cứ,từ tháng,số tiền\r\n" + "\r\n".join(lines) + "\r\n"))
    assert [row.place.row for row in listed.rows] == [2, 11]
    found = {problem.row: (problem.column, problem.reason) for problem in listed.problems}
    assert sorted(found) == list(range(3, 11))
    assert [found[row][0] for row in (3, 4, 5, 6, 7, 8)] == [
        "số tiền",
        "loại căn cứ",
        "từ tháng",
        "số thẻ",
        "số tiền",
        "số tiền",
    ]
    assert "công thức" in found[7][1]
    assert "có 6 ô" in found[9][1]
    assert "dòng 2" in found[10][1]


def test_a_formula_in_a_workbook_is_refused_and_never_computed(saved):
    heads = ["số thẻ", "loại căn cứ", "từ tháng", "số tiền"]
    listed = read_bases(saved(workbook(heads, ["99.100137", "Lương hưu", "07/2026", "=5000*2"]), "a.xlsx"))
    assert listed.rows == ()
    assert reasons(listed)[0][:2] == (2, "số tiền")
    assert "=5000*2" in reasons(listed)[0][2]


def test_a_card_number_that_became_a_number_is_refused(saved):
    heads = ["số thẻ", "loại căn cứ", "từ tháng", "số tiền"]
    listed = read_bases(saved(workbook(heads, [99100137, "Lương hưu", "07/2026", 5]), "a.xlsx"))
    assert "Text" in reasons(listed)[0][2]


# --- units, officers, openings ------------------------------------------------------------------------------------


def test_a_unit_id_is_opaque_stable_and_free_of_slashes():
    assert unit_id_for("31.001") == unit_id_for("31.001") == "u-8e0b05ff7785"
    assert unit_id_for("31.001") != unit_id_for("31.0010")


def test_kinds_are_read_as_offices_write_them_and_as_codes(saved):
    text = "mã,tên,loại,mã cấp trên,từ ngày,có sổ\r\n"
    rows = ["A,a,Chi bộ cơ sở,,01/07/2026,có", "B,b,SUPERIOR_COMMUNE,A,01/07/2026,không", "C/1,c,chi bộ,,1/7/2026,có"]
    listed = read_units(saved(text + "\r\n".join(rows) + "\r\n"))
    assert [(row.kind, row.parent_code, row.has_books) for row in listed.rows] == [
        ("BASE_CELL", None, True),
        ("SUPERIOR_COMMUNE", "A", False),
    ]
    assert reasons(listed)[0][:2] == (4, "mã")


def test_cash_has_no_account_and_transfers_have_one(saved):
    text = "mã đơn vị,kênh,mã đơn vị giữ,số tài khoản,từ ngày\r\n"
    rows = ["A,tiền mặt,A,0001,01/07/2026", "A,Cổng,A,,01/07/2026", "A,cash,A,,01/07/2026"]
    listed = read_holders(saved(text + "\r\n".join(rows) + "\r\n"))
    assert [row.place.row for row in listed.rows] == [4]
    assert [problem[:2] for problem in reasons(listed)] == [(2, "số tài khoản"), (3, "số tài khoản")]


def test_officers_are_read_under_english_and_vietnamese_headings(saved):
    english = "code,unit,role,from,to,decision,second_person\r\nVH-BT,31.001,secretary,01/07/2026,,02-QĐ,31\r\n"
    vietnamese = "mã cán bộ,mã đơn vị,vai trò,từ ngày,đến ngày,số quyết định\r\nVH-BT,31.001,bí thư,1/7/2026,,02-QĐ\r\n"
    one, other = read_officers(saved(english)).rows[0], read_officers(saved(vietnamese)).rows[0]
    assert (one.officer, one.role, one.valid_from, one.valid_to) == (
        other.officer,
        other.role,
        other.valid_from,
        other.valid_to,
    )
    assert (one.second_person, other.second_person) == ("31", None)


OPENINGS = (
    "mã đơn vị,tại ngày,tiền gửi,tiền mặt,quỹ,đóng thừa,nợ đảng phí,lũy kế thu,lũy kế để lại,lũy kế nộp,văn bản\r\n"
    "A,01/07/2026,1.000,200,1.100,100,7,10,3,7,BB\r\n"
    "B,01/07/2026,500,0,500,0,0,0,0,0,BB\r\n"
    "Tổng cộng,,1.500,200,1.600,100,7,10,3,7,\r\n"
)


def test_opening_balances_are_read_when_their_totals_add_up(saved):
    listed = read_openings(saved(OPENINGS))
    assert [(row.unit_code, row.bank, row.fund, row.arrears) for row in listed.rows] == [
        ("A", 1_000, 1_100, 7),
        ("B", 500, 500, 0),
    ]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("Tổng cộng,,1.500", "Tổng cộng,,1.501"), "tổng ghi 1.501 đồng nhưng các dòng cộng lại là 1.500"),
        (("B,01/07/2026,500,0,500,0,0,0,0,0,BB\r\n", ""), "tổng ghi 1.500"),
        (("Tổng cộng,,1.500,200,1.600,100,7,10,3,7,\r\n", ""), "Tổng cộng"),
        (("Tổng cộng,,1.500", "Tổng cộng,,x"), "số đồng nguyên"),
    ],
)
def test_opening_balances_whose_totals_do_not_add_up_are_refused_whole(saved, change, says):
    with pytest.raises(Malformed, match=says):
        read_openings(saved(OPENINGS.replace(*change)))


def test_a_row_forgotten_under_the_totals_is_listed_and_signatures_are_not(saved):
    text = OPENINGS + "C,01/07/2026,5,0,5,0,0,0,0,0,BB\r\n,,,,,,,,,,Người lập\r\n"
    listed = read_openings(saved(text))
    assert len(listed.rows) == 2
    assert [(row, "sau dòng tổng cộng" in reason) for row, _, reason in reasons(listed)] == [(5, True)]


# --- the members' list --------------------------------------------------------------------------------------------

MEMBER = {
    "order": "1",
    "name": "Nguyễn Văn Mẫu",
    "card": "99.100137",
    "unit": "A",
    "enrolled": "01/07/2026",
    "category": "Hưởng lương hưu",
    "pension": "5.787.200",
    "base_month": "07/2026",
}


def roster_csv(*rows):
    lines = [",".join(f'"{COLUMNS[field].headings[0]}"' for field in COLUMNS)]
    lines += [",".join(f'"{row.get(field, "")}"' for field in COLUMNS) for row in rows]
    return "\r\n".join(lines) + "\r\n"


def test_a_member_is_read_with_base_relief_arrears_and_credit(saved):
    relief = {
        "relief": "X4",
        "percent": "50",
        "relief_from": "05/2026",
        "relief_to": "04/2027",
        "decision": "51-QĐ",
        "decided_by": "Đảng ủy",
        "decided_on": "20/06/2026",
    }
    old = {"category_342": "R342_PENSION", "arrears": "11/2025; 12/2025", "arrear_bases": "5.000.000", "credit": "7"}
    (row,) = read_roster(saved(roster_csv({**MEMBER, **relief, **old, "scope": "miễn sinh hoạt"}))).rows
    assert row.bases == (("pension", "2026-07", 5_787_200),)
    assert (row.relief.relief, row.relief.percent, row.relief.to_month) == ("X4", 50, "2027-04")
    assert row.arrears == (("2025-11", 5_000_000), ("2025-12", 5_000_000))
    assert (row.category, row.category_342, row.scope, row.opening_credit) == (
        "NON_SI_PENSIONER",
        "R342_PENSION",
        "cash",
        7,
    )
    assert row.from_month == "2026-07"


def test_a_member_whom_nobody_could_classify_is_a_good_row_without_a_category(saved):
    (row,) = read_roster(saved(roster_csv({**MEMBER, "category": ""}))).rows
    assert row.category is None


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"category": "Hưởng lưng hưu"}, "nhóm đối tượng"),
        ({"base_month": ""}, "tháng căn cứ"),
        ({"pension": "0"}, "lương hưu"),
        ({"percent": "50"}, "tỷ lệ miễn giảm"),
        ({"relief": "X4"}, "tỷ lệ miễn giảm"),
        ({"relief": "X9", "percent": "50"}, "mã miễn giảm"),
        ({"arrears": "11/2025; 11/2025"}, "tháng còn nợ"),
        ({"arrears": "11/2025; 12/2025; 01/2026", "arrear_bases": "1; 2"}, "căn cứ tháng nợ"),
        ({"arrear_bases": "1"}, "căn cứ tháng nợ"),
        ({"name": ""}, "họ và tên"),
        ({"order": "0"}, "thứ tự"),
        ({"scope": "qua bưu điện"}, "diện"),
        ({"credit": "-1"}, "đóng thừa đầu kỳ"),
    ],
)
def test_a_member_with_a_bad_cell_is_listed_under_its_heading(saved, changes, column):
    listed = read_roster(saved(roster_csv({**MEMBER, **changes})))
    assert listed.rows == ()
    assert column in [problem.column for problem in listed.problems]


def test_of_two_rows_with_one_card_or_one_place_the_first_goes_in(saved):
    rows = [
        MEMBER,
        {**MEMBER, "order": "2", "card": "99 100137"},
        {**MEMBER, "card": "99.100138"},
        {**MEMBER, "card": "99.100138", "order": "3"},
    ]
    listed = read_roster(saved(roster_csv(*rows)))
    assert [row.place.row for row in listed.rows] == [2]
    assert [(row, column) for row, column, _ in reasons(listed)] == [
        (3, "số thẻ đảng"),
        (4, "thứ tự"),
        (5, "số thẻ đảng"),
    ]
