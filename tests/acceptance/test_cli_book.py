"""``dangphi book`` and ``dangphi progress`` at an officer's desk, on the demo's July."""

import json
from pathlib import Path

from tests.acceptance.office_desk import Desk

CELL, WARD = "31.001.021", "31.001"
READS = ("--as", "VH-KT1")


def test_a_cell_s_report_is_made_signed_by_two_and_made_again(own_desk: Desk, tmp_path: Path) -> None:
    made = own_desk.dangphi("book", "make", "b01", "--unit", CELL, "--period", "2026-07", *READS, "--out", tmp_path)
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
    told = json.loads(own_desk.dangphi("book", "signed", "--unit", CELL, *READS, "--json").out)
    assert [one["signed_as"] for one in told["signed"]] == ["preparer", "committee"]
    again = own_desk.dangphi("book", "reproduce", "--unit", CELL, *READS)
    assert (again.code, "1 dựng lại đúng từng byte" in again.out) == (0, True), again
    verified = own_desk.dangphi("verify", "--json")
    checks = {check["id"]: check["ok"] for check in json.loads(verified.out)["checks"]}
    assert checks["I35"]


def test_the_cell_s_book_names_members_only_to_who_may_read(desk: Desk) -> None:
    plain = desk.dangphi("book", "make", "s01", "--unit", CELL, "--period", "2026", "--as", "VH-KT1", "--no-names")
    named = desk.dangphi("book", "make", "s01", "--unit", CELL, "--period", "2026", "--as", "VH-KT1")
    assert plain.code == named.code == 0, (plain, named)
    assert plain.out != named.out
    stranger = desk.dangphi("book", "make", "s01", "--unit", CELL, "--period", "2026", "--as", "NOBODY", "--json")
    assert json.loads(stranger.out)["error"]["code"] == "not-allowed"


def test_nobody_reads_a_book_unnamed(desk: Desk) -> None:
    for command in (
        ("book", "make", "s01", "--unit", CELL, "--period", "2026"),
        ("book", "signed", "--unit", CELL),
        ("book", "reproduce", "--unit", CELL),
        ("progress", "--unit", WARD, "--month", "2026-07"),
        ("past", "list", "--unit", WARD),
    ):
        # Rows for reading may have been brought up by those who did name themselves.
        desk.refuses(command, "phải ghi ai xem", "--as", may_change=("journal_v1", "tracking"))


def test_progress_of_the_ward_in_july(desk: Desk, tmp_path: Path) -> None:
    asked = ("progress", "--unit", WARD, "--month", "2026-07", "--as-of", "2026-07-31", *READS)
    file = tmp_path / "tien-do.csv"
    told = desk.dangphi(*asked, "--json")
    assert told.code == 0, told
    total = json.loads(told.out)["total"]
    assert total["owing"] == total["paid"] + total["part"] + total["unpaid"] + total["relieved_since"]
    assert total["paid"] == total["online"] + total["cash"] + total["on_behalf"] + total["from_credit"] > 0
    shown = desk.dangphi(*asked, "--csv", file)
    assert "đã đóng" in shown.out
    # The page is for people: at 80 characters a line nothing that stands in it is cut.
    assert "…" not in shown.out
    assert f"{total['paid']}/{total['owing']}" in shown.out
    assert file.read_text(encoding="utf-8-sig").startswith("Mã đơn vị,")
    whole = desk.dangphi(*asked, "--all", "--out", tmp_path / "tat-ca")
    assert whole.code == 0, whole
    written = {path.name: path.read_bytes() for path in (tmp_path / "tat-ca").iterdir()}
    assert set(written) == {f"tien-do-{name}2026-07.csv" for name in ("chi-bo-", "tuan-", "don-vi-")} | {
        "tien-do-2026-07.pdf"
    }
    assert written["tien-do-2026-07.pdf"].startswith(b"%PDF")
