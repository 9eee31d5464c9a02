"""A ward's list of moves goes in row by row: twice the same, with every mistake named, by two people where two must."""

from datetime import datetime

import pytest

from api.demo.scenario import VIETNAM
from api.flows.moves import import_moves
from api.wiring import in_memory
from domain import membership
from domain.identifiers import MemberId
from tests.integration.office_acts import ACCOUNTANT, OFFICES, SETTINGS, WARD, Office, places, unit_id_for

AUGUST = datetime(2026, 8, 10, 9, 0, tzinfo=VIETNAM)
OLD, NEW = "31.001.021", "31.001.022"
SON, THAO, MAI = "99.149594", "99.149731", "99.149868"
HEAD = (
    'loại biến động,số thẻ đảng,mã chi bộ,ngày hiệu lực,"số quyết định, giấy giới thiệu",ngày quyết định,'
    "họ và tên,mã nơi đến,nơi ngoài sổ,đã đóng đến tháng,nhóm đối tượng\n"
)
GOOD = (
    HEAD
    + f"Chuyển đi,{SON},{OLD},05/08/2026,GT-01,,,{NEW},,07/2026,\n"
    + f"Chuyển đi,{THAO},{OLD},05/08/2026,GT-02,,,,Đảng bộ tỉnh Ninh Bình,07/2026,\n"
    + f"Xóa tên,{MAI},{OLD},06/08/2026,QĐ-9,06/08/2026,,,,,\n"
    + f'Kết nạp,99.777777,{OLD},03/08/2026,QĐ-8,20/07/2026,Trần Văn Mẫu Mới,,,,"Học sinh, sinh viên"\n'
)


@pytest.fixture
def office():
    made = Office(in_memory(SETTINGS))
    made.set_up()
    made.roster(OFFICES)
    return made


@pytest.fixture
def moves(office, tmp_path):
    def go(text, actor=ACCOUNTANT, name="bien-dong.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return import_moves(office.inst, actor=actor, at=AUGUST, path=path, root=WARD, new_id=office.new_id)

    return go


def _member(office, card):
    return office.inst.ledger.work().member(MemberId(office.inst.vault.find_by_card(card)))


def test_a_list_goes_in_and_the_same_list_again_adds_nothing(office, moves):
    report = moves(GOOD)
    assert (report.rows, report.taken, report.problems) == (4, 4, ())
    assert report.events == 5
    head = office.head
    assert moves(GOOD).events == 0
    assert office.head == head
    assert membership.present(_member(office, SON).membership).unit_id == unit_id_for(OLD)
    assert membership.present(_member(office, THAO).membership) is None
    assert _member(office, "99.777777").standings[-1].category == "STUDENT"


def test_the_other_side_receives_by_a_list_of_its_own_and_by_somebody_else(office, moves):
    moves(GOOD)
    received = HEAD + f"Tiếp nhận,{SON},{NEW},08/08/2026,GT-01,,,,,,\n"
    assert places(moves(received, name="tiep-nhan.csv")) == [(2, None, "maker-is-checker")]
    report = moves(received, actor="VH-VP1", name="tiep-nhan.csv")
    assert (report.taken, report.problems) == (1, ())
    assert membership.present(_member(office, SON).membership).unit_id == unit_id_for(NEW)


def test_every_row_that_cannot_go_in_is_named_and_the_others_go_in(office, moves):
    text = (
        HEAD
        + f"Chuyển đi,{SON},{OLD},05/08/2026,GT-01,,,{NEW},Nơi khác,07/2026,\n"
        + f"Chuyển đi,{SON},{OLD},05/08/2026,GT-01,,,{NEW},,,\n"
        + f"Bay đi,{SON},{OLD},05/08/2026,GT-01,,,{NEW},,07/2026,\n"
        + f"Từ trần,99.000001,{OLD},05/08/2026,GCT,05/08/2026,,,,,\n"
        + f"Phục hồi,{MAI},{OLD},05/08/2026,QĐ-1,05/08/2026,,,,,\n"
        + f"Xoá tên,{MAI},31.009.999,05/08/2026,QĐ-1,05/08/2026,,,,,\n"
        + f"Tạm miễn sinh hoạt,{MAI},{OLD},05/08/2026,QĐ-1,05/08/2026,,,,,\n"
        + f"Xoá tên,{THAO},{OLD},05/09/2026,QĐ-1,05/08/2026,,,,,\n"
        + f"Công nhận chính thức,{THAO},{OLD},05/08/2026,QĐ-3,,,,,,\n"
    )
    report = moves(text)
    assert (report.rows, report.taken, report.events) == (9, 1, 1)
    found = {problem.row: str(problem.code) for problem in report.problems}
    assert found == {
        2: "bad-cell",
        3: "bad-cell",
        4: "bad-cell",
        5: "unknown-member",
        6: "membership-state",
        7: "unknown-unit",
        8: "bad-cell",
        9: "month-in-future",
    }
    assert all(problem.reason for problem in report.problems)


def test_a_row_may_build_on_the_row_above_it(office, moves):
    text = (
        HEAD
        + f"Xoá tên,{MAI},{OLD},03/08/2026,QĐ-1,03/08/2026,,,,,\n"
        + f"Phục hồi,{MAI},{OLD},09/08/2026,QĐ-2,08/08/2026,,,,,\n"
    )
    assert moves(text).problems == ()
    assert membership.present(_member(office, MAI).membership).unit_id == unit_id_for(OLD)
