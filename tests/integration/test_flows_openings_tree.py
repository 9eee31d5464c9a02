"""Opening balances, the tree, officers and the law through the flows: what is signed, and what is listed instead."""

import pytest

from api.wiring import in_memory
from domain.errors import Refusal, RefusalCode
from tests.integration.office_acts import ACCOUNTANT, OFFICES, OPENINGS, RESIDENTIAL, SETTINGS, Office, places


@pytest.fixture
def office():
    return Office(in_memory(SETTINGS))


@pytest.fixture
def ready(office):
    office.set_up()
    return office


@pytest.fixture
def saved(tmp_path):
    def save(content, name="tep.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return save


# --- opening balances ---------------------------------------------------------------------------------------------


def test_openings_that_differ_from_the_roll_are_not_signed_and_the_others_are(ready):
    ready.enter()
    ready.roster(OFFICES)
    report = ready.sign()
    assert {problem.file for problem in report.differences} == {f"31.001.{n:03d}" for n in (1, 2, 7, 8, 9, 11)}
    assert (report.rows, report.taken) == (28, 22)
    assert {problem.column for problem in report.differences} == {"nợ đảng phí", "đóng thừa"}
    ready.roster(RESIDENTIAL)
    assert (ready.sign().taken, ready.sign().taken) == (6, 0)


def test_a_roll_that_differs_from_entered_openings_says_so(ready, saved):
    ready.enter()
    text = OFFICES.read_text(encoding="utf-8-sig").replace("12/2025,11887200,", "12/2025,12887200,")
    (difference,) = ready.roster(saved(text)).differences
    assert (difference.file, difference.column) == ("31.001.022", "nợ đảng phí")
    assert "118.872" in difference.reason
    assert "128.872" in difference.reason


def test_one_person_cannot_sign_what_the_same_person_entered(ready):
    ready.enter()
    with pytest.raises(Refusal) as refused:
        ready.sign(actor=ACCOUNTANT)
    assert refused.value.code == RefusalCode.NOT_ALLOWED


def test_bad_opening_rows_are_listed_and_the_good_ones_entered(ready, saved):
    heads = OPENINGS.read_text(encoding="utf-8").splitlines()[0]
    rows = [
        "31.001,01/07/2026,,1.000,200,1.200,0,0,0,0,0,BB",
        "31.001.001,01/07/2026,,1.000,200,1.300,0,0,0,0,0,BB",
        "31.001.777,01/07/2026,,0,0,0,0,0,0,0,0,BB",
        "31,01/07/2026,,0,0,0,0,0,0,0,0,BB",
        "31.001.002,02/07/2026,,0,0,0,0,0,0,0,0,BB",
        "31.001.004,01/07/2026,,500,0,500,0,0,0,0,0,BB",
        "31.001.003,01/07/2026,0000009999,0,0,0,0,0,0,0,0,BB",
        "31.001,01/07/2026,,1.000,200,1.200,0,0,0,0,0,BB",
        "Tổng cộng,,,3.500,600,4.200,0,0,0,0,0,",
    ]
    report = ready.enter(saved("\r\n".join((heads, *rows)) + "\r\n"))
    assert (report.taken, report.counts["entered"]) == (1, 1)
    assert places(report) == [
        (3, "quỹ", "opening-not-balanced"),
        (4, "mã đơn vị", "unknown-unit"),
        (5, "mã đơn vị", "not-allowed"),
        (6, "tại ngày", "month-in-future"),
        (7, "số tài khoản", "unknown-account"),
        (8, "số tài khoản", "unknown-account"),
        (9, "mã đơn vị", "bad-cell"),
    ]


# --- law, tree, officers ------------------------------------------------------------------------------------------


def test_the_law_cannot_be_activated_again_by_another_document(ready):
    with pytest.raises(Refusal) as refused:
        ready.law(document="99-QĐ/KHÁC")
    assert refused.value.code == RefusalCode.POLICY_ALREADY_ACTIVE


def test_units_may_be_listed_in_any_order_and_circles_and_unknown_superiors_are_listed(office, saved):
    rows = [
        "C,c,Chi bộ,B,01/07/2026,có",
        "B,b,Đảng bộ cơ sở,A,01/07/2026,có",
        "A,a,Thành ủy,,01/07/2026,có",
        "X,x,Chi bộ,Y,01/07/2026,có",
        "Y,y,Chi bộ,X,01/07/2026,có",
        "Z,z,Chi bộ,K,01/07/2026,có",
        "C,khác,Chi bộ,B,01/07/2026,có",
    ]
    heads = "mã,tên,loại,mã cấp trên,từ ngày,có sổ\r\n"
    accounts = "mã đơn vị,BIN,số tài khoản,tên chủ tài khoản,từ ngày\r\nB,970436,0000000001,B,01/07/2026\r\n"
    accounts += "K,970436,0000000002,K,01/07/2026\r\n"
    holders = "mã đơn vị,kênh,mã đơn vị giữ,số tài khoản,từ ngày\r\nC,Cổng,B,0000000001,01/07/2026\r\n"
    holders += "A,Cổng,B,0000000001,01/07/2026\r\nC,Ngân hàng,B,0000000009,01/07/2026\r\n"
    regions = "mã đơn vị,vùng,giả định,văn bản,từ ngày\r\nA,II,có,293/2025/NĐ-CP,01/07/2026\r\n"
    report = office.tree(
        units=saved(heads + "\r\n".join(rows) + "\r\n", "u.csv"),
        accounts=saved(accounts, "a.csv"),
        holders=saved(holders, "h.csv"),
        regions=saved(regions, "r.csv"),
    )
    assert dict(report.counts) == {"units": 3, "accounts": 1, "holders": 1, "regions": 1}
    assert [(p.file, p.row, p.column, str(p.code)) for p in report.problems] == [
        ("u.csv", 5, "mã cấp trên", "unknown-unit"),
        ("u.csv", 6, "mã cấp trên", "unknown-unit"),
        ("u.csv", 7, "mã cấp trên", "unknown-unit"),
        ("u.csv", 8, "mã", "unit-exists-otherwise"),
        ("a.csv", 3, "mã đơn vị", "unknown-unit"),
        ("h.csv", 3, "mã đơn vị giữ", "holder-not-above"),
        ("h.csv", 4, "số tài khoản", "unknown-account"),
    ]


def test_accountant_and_cashier_in_one_person_and_unknown_units_are_listed(office, saved):
    office.tree()
    rows = [
        "VH-KT1,31.001,accountant,01/07/2026,,02-QĐ,",
        "VH-KT1,31.001,thủ quỹ,01/07/2026,,02-QĐ,",
        "VH-BT,31.777,bí thư,01/07/2026,,02-QĐ,",
        "VH-BT,31.001.001,bí thư,01/07/2026,30/06/2026,02-QĐ,",
        "VH-BT,31.001.001,bí thư,01/07/2026,,02-QĐ,31.777",
    ]
    path = saved("code,unit,role,from,to,decision,second_person\r\n" + "\r\n".join(rows) + "\r\n")
    report = office.officers(path)
    assert report.counts["grants"] == 1
    assert places(report) == [
        (3, "role", "roles-conflict"),
        (4, "unit", "unknown-unit"),
        (5, "to", "bad-cell"),
        (6, "unit", "unknown-unit"),
    ]


def test_officers_proposed_and_approved_by_one_person_are_refused_whole(office):
    office.tree()
    head = office.head
    with pytest.raises(Refusal) as refused:
        office.officers(proposed_by="HP-VP", approved_by="HP-VP")
    assert (refused.value.code, office.head) == (RefusalCode.MAKER_IS_CHECKER, head)
