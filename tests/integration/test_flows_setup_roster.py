"""An office's files go in through the flows: the example from the law to July, twice, and with every mistake."""

from dataclasses import replace
from datetime import date, datetime
from itertools import count
from pathlib import Path

import msgspec
import pytest

from adapters.office.organisation import unit_id_for
from api.demo.scenario import VIETNAM, read_scenario
from api.flows import openings, roster, setup
from api.wiring import in_memory, on_postgres
from domain import dues_account
from domain.dues_account import DuesAssessed
from domain.errors import Malformed, Refusal, RefusalCode
from domain.period import Month
from ledger.application import command_id_for
from ledger.handlers.assess import AssessMonth
from ledger.ports import Person
from ledger.work import Act

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "viet-hoa"
SETTINGS = read_scenario(EXAMPLE).settings
JULY = datetime(2026, 7, 1, 8, 0, tzinfo=VIETNAM)
AUGUST = datetime(2026, 8, 1, 8, 0, tzinfo=VIETNAM)
RESIDENTIAL = EXAMPLE / "danh-sach-dang-vien-khu-dan-cu.xlsx"
OFFICES = EXAMPLE / "danh-sach-dang-vien-co-quan.csv"
WRONG = EXAMPLE / "danh-sach-loi.csv"
OPENINGS = EXAMPLE / "so-du-dau-ky.csv"
PROVINCE, WARD = unit_id_for("31"), unit_id_for("31.001")
ACCOUNTANT, COMMITTEE = "VH-KT1", "VH-BT"


class Office:
    """The acts of one ward's office on one installation."""

    def __init__(self, inst):
        self.inst = inst
        self._ids = count(1)

    def new_id(self):
        return f"m-{next(self._ids):04d}"

    def law(self, document="QĐ-KH/VD-01"):
        given = {"approver": "HP-BTV", "document": document, "decided_on": date(2026, 6, 30)}
        return setup.activate_law(self.inst, actor="service:setup", at=JULY, **given)

    def shares(self):
        path = EXAMPLE / "quyet-dinh-ty-le.json"
        return setup.activate_shares(self.inst, actor="service:setup", at=JULY, path=path, approver="HP-BTV")

    def tree(self, **other):
        names = {
            "units": "to-chuc.csv",
            "accounts": "tai-khoan.csv",
            "holders": "noi-nhan-tien.csv",
            "regions": "vung-luong.csv",
        }
        paths = {key: EXAMPLE / name for key, name in names.items()} | other
        return setup.import_organisation(self.inst, actor="service:setup", at=JULY, **paths)

    def officers(self, path=EXAMPLE / "officers.csv", proposed_by="HP-VP", approved_by="HP-BTV"):
        return setup.import_officers(
            self.inst, actor="service:setup", at=JULY, path=path, proposed_by=proposed_by, approved_by=approved_by
        )

    def set_up(self):
        return self.law(), self.shares(), self.tree(), self.officers()

    def enter(self, path=OPENINGS, at=JULY):
        return openings.enter_openings(self.inst, actor=ACCOUNTANT, at=at, path=path, root=WARD)

    def sign(self, actor=COMMITTEE):
        return openings.sign_openings(self.inst, actor=actor, at=JULY, root=WARD)

    def roster(self, path, actor=ACCOUNTANT, root=WARD):
        return roster.import_roster(self.inst, actor=actor, at=JULY, path=path, root=root, new_id=self.new_id)

    def bases(self, path=EXAMPLE / "luong-thang-7.csv", at=AUGUST):
        return roster.import_bases(self.inst, actor=ACCOUNTANT, at=at, path=path, root=WARD)

    def assess(self, month="2026-07", at=JULY):
        act = Act(actor=ACCOUNTANT, at=at, command_id=command_id_for("test-assess", month))
        return self.inst.ledger.execute(AssessMonth(unit_id=WARD, month=Month(month)), act).answer

    def assessed(self, card, month):
        events, _ = self.inst.store.load(dues_account.stream(self.inst.vault.find_by_card(card), 2026))
        return next(event for event in events if isinstance(event, DuesAssessed) and event.month == month)

    @property
    def head(self):
        return self.inst.store.head()


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


def places(report):
    return [(problem.row, problem.column, str(problem.code)) for problem in report.problems]


# --- the whole example --------------------------------------------------------------------------------------------


def test_the_example_goes_in_and_july_is_assessed_for_everyone(office):
    law, shares, tree, officers = office.set_up()
    assert (law.counts["activated"], shares.counts["activated"]) == (44, 6)
    assert dict(tree.counts) == {"units": 30, "accounts": 15, "holders": 87, "regions": 1}
    assert dict(officers.counts) == {"grants": 67, "second_persons": 3}
    entered = office.enter()
    lists = [office.roster(RESIDENTIAL), office.roster(OFFICES)]
    assert [(report.rows, report.taken, report.differences) for report in lists] == [(362, 362, ()), (338, 338, ())]
    signed = office.sign()
    assert (entered.taken, signed.taken, signed.differences) == (28, 28, ())
    assert not any(report.problems for report in (law, shares, tree, officers, entered, *lists, signed))
    answer = office.assess()
    assert {key: len(answer[key]) for key in ("outside", "unclassified")} == {"outside": 4, "unclassified": 3}
    assert {item["code"] for item in answer["unclassified"]} == {"not-classified"}
    assert (answer["assessed"], answer["nothing_due"]) == (693, 33)
    director = office.assessed("99.180967", "2026-07")
    assert (director.base, director.cap, director.due) == (50_000_000, 46_800_000, 468_000)


def test_importing_everything_twice_changes_nothing(ready):
    def everything():
        reports = [*ready.set_up(), ready.enter(), ready.roster(RESIDENTIAL), ready.roster(OFFICES), ready.sign()]
        return [*reports, ready.roster(WRONG), ready.bases()]

    everything()
    head = ready.head
    again = everything()
    assert [report.events for report in again] == [0] * len(again)
    assert ready.head == head


def test_names_and_card_numbers_are_in_the_vault_and_in_no_event_or_answer(ready):
    for path in (RESIDENTIAL, OFFICES, WRONG):
        ready.roster(path)
    ready.bases()
    recorded = ready.inst.store.read(0, 100_000)
    commands = {item.meta.command_id for item in recorded}
    text = b"".join(msgspec.json.encode((item.stream, item.event, item.meta)) for item in recorded).decode()
    text += "".join(ready.inst.store.command(command).answer.decode() for command in commands)
    persons = ready.inst.vault.persons([f"m-{number:04d}" for number in range(1, 800)]).values()
    assert len(persons) == 701
    assert not [person for person in persons if person.name in text or person.card_number in text]
    assert "99.1" not in text
    assert "Mẫu" not in text.replace("Sông Mẫu", "").replace("Đồng Mẫu", "")


def test_the_same_files_go_in_on_postgresql_and_again_change_nothing(postgres_dsn):
    with on_postgres(replace(SETTINGS, database_url=postgres_dsn)) as inst:
        office = Office(inst)
        office.set_up()
        office.enter()
        first = office.roster(OFFICES)
        again = office.roster(OFFICES)
        assert (first.taken, first.problems, first.differences) == (338, (), ())
        assert (again.taken, again.events, again.replayed, again.position) == (338, 0, True, first.position)
        assert inst.vault.name(inst.vault.find_by_card("99.180967")).split()[2] == "Mẫu"


# --- mistakes -----------------------------------------------------------------------------------------------------


def test_every_bad_row_is_listed_with_row_column_and_reason_and_the_good_one_goes_in(ready):
    ready.roster(RESIDENTIAL)
    report = ready.roster(WRONG)
    assert (report.rows, report.taken) == (14, 1)
    assert places(report) == [
        (3, "số thẻ đảng", "bad-cell"),
        (4, "số thẻ đảng", "card-taken"),
        (5, "lương đóng BHXH", "bad-cell"),
        (6, "lương đóng BHXH", "bad-cell"),
        (7, "lương đóng BHXH", "bad-cell"),
        (8, "lương đóng BHXH", "bad-cell"),
        (9, "lương đóng BHXH", "bad-cell"),
        (10, "mã chi bộ", "unknown-unit"),
        (11, "nhóm đối tượng", "bad-cell"),
        (12, "tháng căn cứ", "month-in-future"),
        (13, "ngày vào danh sách", "bad-cell"),
        (14, "mã miễn giảm", "relief-not-allowed"),
        (15, "họ và tên", "bad-cell"),
    ]
    assert all(problem.reason and problem.file == WRONG.name for problem in report.problems)


def test_a_person_whose_row_is_refused_does_not_reach_the_vault(ready):
    ready.roster(WRONG)
    assert ready.inst.vault.find_by_card("99.374137") is not None
    for card in ("99.375233", "99.375507", "99.375781"):
        assert ready.inst.vault.find_by_card(card) is None


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (OFFICES.read_bytes()[:20_001], "bị cắt"),
        (OFFICES.read_bytes().decode("utf-8-sig").encode("utf-16"), "UTF-16"),
        (OFFICES.read_bytes() + "Đỗ".encode("cp1258", "ignore") + b"\xd2\r\n", "không phải UTF-8"),
        (RESIDENTIAL.read_bytes()[:100_000], "XLSX hỏng"),
    ],
    ids=["cut", "utf-16", "cp1258", "cut workbook"],
)
def test_a_file_that_cannot_be_read_whole_changes_nothing(ready, saved, content, says):
    head = ready.head
    with pytest.raises(Malformed, match=says):
        ready.roster(saved(content))
    assert ready.head == head
    assert ready.inst.vault.find_by_card("99.149594") is None


def test_an_import_that_the_actor_may_not_make_leaves_nothing_behind(ready):
    head = ready.head
    with pytest.raises(Refusal) as refused:
        ready.roster(OFFICES, actor="VH-TQ1")
    assert refused.value.code == RefusalCode.NOT_ALLOWED
    assert (ready.head, ready.inst.vault.find_by_card("99.149594")) == (head, None)


def test_rows_of_units_outside_the_root_are_listed(ready):
    report = ready.roster(OFFICES, root=unit_id_for("31.001.101"))
    assert report.taken == 142
    assert {(column, code) for _, column, code in places(report)} == {("mã chi bộ", "not-allowed")}


def test_a_row_refused_for_an_unknown_unit_goes_in_once_the_unit_is_registered(ready, saved):
    line = WRONG.read_text(encoding="utf-8").splitlines()
    path = saved(f"{line[0]}\r\n{line[9]}\r\n")
    assert places(ready.roster(path)) == [(2, "mã chi bộ", "unknown-unit")]
    units = "mã,tên,loại,mã cấp trên,từ ngày,có sổ\r\n31.001.999,Chi bộ mới,Chi bộ,31.001,01/07/2026,có\r\n"
    ready.tree(units=saved(units, "moi.csv"))
    report = ready.roster(path)
    assert (report.taken, report.problems, report.replayed) == (1, (), False)


def test_a_corrected_list_records_the_correction_alone_and_it_counts(ready, saved):
    ready.roster(OFFICES)
    text = OFFICES.read_text(encoding="utf-8-sig")
    unclassified = next(line for line in text.splitlines() if "99.189050" in line)
    raised = next(line for line in text.splitlines() if "99.149731" in line)
    corrected = text.replace(unclassified, unclassified.replace("2026,,,", '2026,,"Học sinh, sinh viên",', 1))
    corrected = corrected.replace(raised, raised.replace("12682800", "13000000"))
    report = ready.roster(saved(corrected))
    assert (report.taken, report.events, report.problems) == (338, 2, ())
    again = ready.roster(saved(corrected + "\r\n"))
    assert (again.taken, again.events, again.replayed) == (338, 0, False)
    ready.assess()
    assert ready.assessed("99.189050", "2026-07").due == 5_000
    assert ready.assessed("99.149731", "2026-07").due == 130_000


def test_people_left_in_the_vault_by_a_crash_are_found_again(ready):
    name, card = OFFICES.read_text(encoding="utf-8-sig").splitlines()[1].split(",")[1:3]
    ready.inst.vault.put([Person(member_id="m-before", name=name, card_number=card)])
    assert ready.roster(OFFICES).taken == 338
    assert ready.inst.ledger.work().member("m-before").unit_id == unit_id_for("31.001.021")


def test_the_rise_of_july_shows_first_in_august(ready):
    ready.roster(OFFICES)
    ready.assess("2026-07", JULY)
    report = ready.bases()
    assert (report.rows, report.taken, report.events, report.problems) == (198, 198, 198, ())
    ready.assess("2026-08", AUGUST)
    july, august = (ready.assessed("99.149731", month) for month in ("2026-07", "2026-08"))
    assert (july.base, july.due) == (12_682_800, 126_828)
    assert (august.base, august.due) == (13_712_600, 137_126)


def test_bases_of_unknown_cards_and_future_months_are_listed(ready, saved):
    ready.roster(OFFICES)
    rows = ["99.149731,Lương đóng BHXH,09/2026,1", "99.000000,Lương hưu,07/2026,1", "99.149731,Lương hưu,07/2026,1"]
    report = ready.bases(saved("số thẻ,loại căn cứ,từ tháng,số tiền\r\n" + "\r\n".join(rows) + "\r\n"))
    assert (report.taken, report.events) == (1, 1)
    assert places(report) == [(2, "từ tháng", "month-in-future"), (3, "số thẻ", "unknown-member")]


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
