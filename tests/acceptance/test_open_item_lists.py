"""A list of decisions from an office's file, and the same over HTTP: checked as a whole, counted once."""

import io
from datetime import date

import openpyxl
import pytest

from adapters.office.decisions import HEADINGS
from api.flows.open_items import blank_list, decide_by_list, list_open
from api.flows.statement_files import line_evidence_id
from domain.errors import Malformed, Refusal, RefusalCode
from domain.identifiers import UnitId
from tests.acceptance.front_door import bearer
from tests.acceptance.story import Story, at, into
from tests.acceptance.test_closing_months import sound
from tests.acceptance.test_corrections import owed, payment, played
from tests.acceptance.test_open_items import waiting

A = UnitId("A")
DAY = date(2026, 7, 21)
HEAD = ",".join(HEADINGS)


def lists(story: Story, *rows: str, name: str = "qd.csv"):
    """Decide by a CSV list."""
    data = "".join(f"{row}\n" for row in (HEAD, *rows)).encode()
    return decide_by_list(story.installation, actor="VH-KT", at=at(DAY), unit=A, data=data, name=name)


def test_a_list_divides_a_transfer_over_its_lines_and_counts_once(story: Story) -> None:
    played(story)
    rows = (
        f"{payment('stray')},chia,50000,A3,2026-07,,,bảng kê 7",
        f"{payment('stray')},chia,20000,A2,2026-07,,,bảng kê 7",
    )
    first = lists(story, *rows)
    assert [one["amount"] for one in first.answer["decisions"]] == [70_000]
    assert (owed(story, "A3"), waiting(story)) == (20_000, 0)
    assert lists(story, *rows, name="tên khác.csv").replayed
    sound(story)


def test_one_bad_row_refuses_the_list_and_is_named(story: Story) -> None:
    played(story)
    with pytest.raises(Refusal) as caught:
        lists(story, f"{payment('stray')},xác định,,A3,2026-07,,,đã hỏi", f"{payment('gone')},trả lại,,,,,,lạ")
    assert caught.value.code is RefusalCode.BATCH_REFUSED
    assert "dòng 3" in caught.value.message
    assert waiting(story) == 70_000
    with pytest.raises(Malformed, match="cột «quyết định»"):
        lists(story, f"{payment('stray')},cho luôn,,,,,,lạ")
    with pytest.raises(Malformed, match="chưa có quyết định nào"):
        lists(story)


def test_a_workbook_says_the_same_and_a_formula_in_it_is_refused(story: Story) -> None:
    played(story)
    story.bank("A", DAY, into("two", DAY, 5_000))
    book = openpyxl.Workbook()
    book.active.append(list(HEADINGS))
    book.active.append([payment("stray"), "xác định", None, "A3", "2026-07", None, None, "đã hỏi"])
    book.active.append([payment("two"), "chờ", None, None, None, "2026-08-15", None, "chờ ngân hàng"])
    out = io.BytesIO()
    book.save(out)
    answer = decide_by_list(
        story.installation, actor="VH-KT", at=at(DAY), unit=A, data=out.getvalue(), name="qd.xlsx"
    ).answer
    assert [one["kind"] for one in answer["decisions"]] == ["identify", "wait"]
    (left,) = list_open(story.installation, A, at(DAY))
    assert (left.item, left.waits_until) == (payment("two"), date(2026, 8, 15))
    book.active["C2"] = "=1+1"
    again = io.BytesIO()
    book.save(again)
    with pytest.raises(Malformed, match="công thức"):
        decide_by_list(story.installation, actor="VH-KT", at=at(DAY), unit=A, data=again.getvalue(), name="qd.xlsx")


def test_over_http_somebody_decides_another_agrees_and_the_list_shows_it(door) -> None:
    story = door.story
    when = story.read_to.get("970436:00VH", date(2026, 7, 3))
    assert when
    headers = {**bearer("VH-KT"), "Idempotency-Key": "open-1"}
    listed = door.client.get("/units/VH/open-items", params={"below": True}, headers=bearer("VH-KT"))
    assert listed.status_code == 200, listed.text
    nothing = {"unit": "VH", "item": "bank:970436:00VH/FT-none", "kind": "return", "reason": "thử"}
    answer = door.client.post("/open-items/decisions", json=nothing, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown-payment")
    unknown = {"decision": "VH/QD-9", "reason": "thử"}
    headers["Idempotency-Key"] = "open-2"
    answer = door.client.post("/open-items/undoings", json=unknown, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (404, "decision-unknown")
    shown = door.client.get("/units/VH/decisions", headers=bearer("VH-KT"))
    assert shown.json() == {"unit": "VH", "decisions": []}
    statements = door.client.get("/units/VH/statements", headers=bearer("VH-KT"))
    assert statements.status_code == 200


def test_a_list_to_fill_in_names_every_item_with_its_words_and_is_read_back(story: Story) -> None:
    played(story)
    found = list_open(story.installation, A, at(DAY), below=True)
    stray = story.installation.ledger.work().payment(payment("stray"))
    words = b'{"content": "=HYPERLINK(1)", "counterparty_name": "NGUYEN VAN A"}'
    story.installation.evidence.store(line_evidence_id(stray.received.bank_line), "application/json", words)
    blank = blank_list(story.installation, found)
    book = openpyxl.load_workbook(io.BytesIO(blank))
    sheet = book.active
    assert [cell.value for cell in sheet[1]][: len(HEADINGS)] == list(HEADINGS)
    assert [sheet.cell(row, 1).value for row in range(2, sheet.max_row + 1)] == [one.item for one in found]
    (row,) = (n for n in range(2, sheet.max_row + 1) if sheet.cell(n, 1).value == payment("stray"))
    assert sheet.cell(row, 10).value == 70_000
    assert sheet.cell(row, 12).value == "'=HYPERLINK(1) · NGUYEN VAN A"
    assert sheet.cell(row, 12).data_type == "s"
    with pytest.raises(Malformed, match="chưa có quyết định nào"):
        decide_by_list(story.installation, actor="VH-KT", at=at(DAY), unit=A, data=blank, name="khoan.xlsx")
    for column, text in ((2, "xác định"), (4, "A3"), (5, "2026-07"), (8, "đã hỏi")):
        sheet.cell(row, column, text)
    filled = io.BytesIO()
    book.save(filled)
    outcome = decide_by_list(
        story.installation, actor="VH-KT", at=at(DAY), unit=A, data=filled.getvalue(), name="khoan.xlsx"
    )
    assert [one["amount"] for one in outcome.answer["decisions"]] == [70_000]
    sound(story)
