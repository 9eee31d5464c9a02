"""An office's files go in through the flows: the example from the law to July, twice, and with every mistake."""

from dataclasses import replace

import msgspec
import pytest

from api.wiring import in_memory, on_postgres
from domain.errors import Malformed, Refusal, RefusalCode
from ledger.ports import Person
from tests.integration.office_acts import (
    AUGUST,
    JULY,
    OFFICES,
    RESIDENTIAL,
    SETTINGS,
    WRONG,
    Office,
    places,
    unit_id_for,
)


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


# --- the whole example --------------------------------------------------------------------------------------------


def test_the_example_goes_in_and_july_is_assessed_for_everyone(office):
    law, shares, tree, officers = office.set_up()
    assert (law.counts["activated"], shares.counts["activated"]) == (84, 6)
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
