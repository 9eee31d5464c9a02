"""``dangphi book`` and ``dangphi progress`` at an officer's desk, on the demo's July."""

import json
from pathlib import Path

from tests.acceptance.office_desk import Desk

CELL, WARD = "31.001.021", "31.001"


def test_a_cell_s_report_is_made_signed_by_two_and_made_again(own_desk: Desk, tmp_path: Path) -> None:
    made = own_desk.dangphi("book", "make", "b01", "--unit", CELL, "--period", "2026-07", "--out", tmp_path)
    assert made.code == 0, made
    assert "Mẫu B01/ĐP" in made.out
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".json", ".pdf", ".xlsx"]
    who = ("--unit", CELL, "--period", "2026-07", "--json")
    early = own_desk.dangphi("book", "sign", "b01", *who, "--as", "VH-BT", "--place", "committee")
    assert (early.code, json.loads(early.out)["error"]["code"]) == (1, "book-state")
    first = own_desk.dangphi("book", "sign", "b01", *who, "--as", "VH-KT1", "--place", "preparer")
    assert first.code == 0, first
    second = own_desk.dangphi("book", "sign", "b01", *who, "--as", "VH-BT", "--place", "committee")
    assert second.code == 0, second
    told = json.loads(own_desk.dangphi("book", "signed", "--unit", CELL, "--json").out)
    assert [one["signed_as"] for one in told["signed"]] == ["preparer", "committee"]
    again = own_desk.dangphi("book", "reproduce", "--unit", CELL)
    assert (again.code, "1 dựng lại đúng từng byte" in again.out) == (0, True), again
    verified = own_desk.dangphi("verify", "--json")
    checks = {check["id"]: check["ok"] for check in json.loads(verified.out)["checks"]}
    assert checks["I35"]


def test_the_cell_s_book_names_members_only_to_who_may_read(desk: Desk) -> None:
    plain = desk.dangphi("book", "make", "s01", "--unit", CELL, "--period", "2026")
    named = desk.dangphi("book", "make", "s01", "--unit", CELL, "--period", "2026", "--as", "VH-KT1")
    assert plain.code == named.code == 0, (plain, named)
    assert plain.out != named.out
    stranger = desk.dangphi("book", "make", "s01", "--unit", CELL, "--period", "2026", "--as", "NOBODY", "--json")
    assert json.loads(stranger.out)["error"]["code"] == "not-allowed"


def test_progress_of_the_ward_in_july(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "tien-do.csv"
    told = desk.dangphi("progress", "--unit", WARD, "--month", "2026-07", "--as-of", "2026-07-31", "--json")
    assert told.code == 0, told
    total = json.loads(told.out)["total"]
    assert total["owing"] == total["paid"] + total["part"] + total["unpaid"] + total["relieved_since"]
    assert total["paid"] == total["online"] + total["cash"] + total["on_behalf"] + total["from_credit"] > 0
    shown = desk.dangphi("progress", "--unit", WARD, "--month", "2026-07", "--as-of", "2026-07-31", "--csv", file)
    assert "đã đóng" in shown.out
    assert file.read_text(encoding="utf-8-sig").startswith("Mã đơn vị,")
