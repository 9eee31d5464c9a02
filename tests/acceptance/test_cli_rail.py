"""``dangphi rail`` as an officer types it, with a portal that answers, forgets and stays away."""

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest

from adapters.inbound import VIETNAM
from adapters.sandbox.portal_settlement import SettledPayment, file_name, settlement_file
from tests.acceptance.office_desk import SCENARIO, Desk
from tests.acceptance.portal_world import URL, Portal, answering

NOW = datetime(2026, 7, 31, 21, 0, tzinfo=VIETNAM)
CELL = ("--as", "VH-003-CU", "--unit", "31.001.003", "--month", "2026-07")


@pytest.fixture
def platform(own_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Desk, Portal]]:
    monkeypatch.setenv("DANGPHI_PORTAL_URL", URL)
    monkeypatch.setattr("adapters.portal.client.time.sleep", lambda _: None)
    with answering() as portal:
        portal.secret = SCENARIO.settings.portal_secret
        yield own_desk, portal


def told(desk: Desk, *arguments: object, after: timedelta = timedelta(), code: int = 0):
    answer = desk.dangphi("rail", *arguments, "--at", (NOW + after).isoformat(), "--json")
    assert answer.code == code, answer.said
    return json.loads(answer.out)


def test_a_cell_s_payment_is_opened_asked_after_and_receipted(platform, tmp_path):
    desk, portal = platform
    opened = told(desk, "open", *CELL)
    reference = opened["reference"]
    assert opened["redirect_url"].endswith(reference)
    lines = portal.known[reference]["ThongTinBienLai"]["DSKhoanNop"]
    assert sum(int(line["SoTien"]) for line in lines) == opened["amount"]
    status = ("status", "--unit", "31.001.003", "--as", "VH-KT1")
    assert [row["state"] for row in told(desk, *status)["attempts"] if row["reference"] == reference] == ["opened"]
    pdf = tmp_path / "bien-lai.pdf"
    receipt = ("receipt", reference, "--out", pdf, "--as", "VH-KT1")
    assert told(desk, *receipt, code=1)["error"]["code"] == "nothing-due"
    portal.states[reference] = "3"
    hour = timedelta(hours=1)
    assert told(desk, "poll", after=hour)["answers"] == {"pending": 1}
    pending = told(desk, "open", *CELL, after=hour, code=1)
    assert pending["error"]["code"] == "attempt-pending"
    assert told(desk, *status, "--state", "pending", after=hour)["attempts"][0]["next"] == "hệ thống hỏi lại Cổng"
    portal.states[reference] = "1"
    polled = told(desk, "poll", after=2 * hour)
    assert (polled["answers"], polled["placed"]) == ({"paid": 1}, {"reference": 1})
    assert told(desk, "poll", after=3 * hour)["asked"] == 0
    assert told(desk, *receipt, after=3 * hour)["file"] == str(pdf)
    assert pdf.read_bytes().startswith(b"%PDF-")
    assert told(desk, "open", *CELL, after=3 * hour, code=1)["error"]["code"] == "nothing-due"
    verified = desk.dangphi("verify", "--json")
    assert verified.code == 0, verified.said[:2000]


def test_what_the_portal_never_decides_waits_for_a_person_and_says_so(platform):
    desk, portal = platform
    reference = told(desk, "open", *CELL)["reference"]
    portal.states[reference] = "3"
    told(desk, "poll", after=timedelta(hours=1))
    answer = desk.dangphi("rail", "poll", "--at", (NOW + timedelta(days=4)).isoformat())
    assert answer.code == 0
    assert reference in answer.out
    assert "tra soát" in answer.err
    later = timedelta(days=4, hours=1)
    give_up = ("give-up", reference, "--as", "VH-003-CU", "--reason", "Cổng xác nhận chưa trừ tiền")
    assert told(desk, *give_up, "--unit", "31.001.003", after=later)["state"] == "cancelled"
    assert told(desk, *give_up, "--unit", "31.001.003", after=later, code=1)["error"]["code"] == "nothing-due"
    assert told(desk, "open", *CELL, after=later)["state"] == "opened"
    assert desk.dangphi("verify", "--json").code == 0


def test_a_portal_that_is_away_is_told_in_vietnamese_with_what_to_do(platform):
    desk, portal = platform
    portal.down = True
    answer = desk.dangphi("rail", "open", *CELL, "--at", NOW.isoformat())
    assert answer.code == 1
    assert "unknown" in answer.out
    assert "mở lượt mới" in answer.out


def test_channels_say_what_they_can_do(platform):
    desk, _ = platform
    found = {row["rail"]: row for row in json.loads(desk.dangphi("rail", "list", "--json").out)["rails"]}
    assert found["portal"]["open"]
    assert not found["portal"]["refund"]
    assert found["portal"]["settlement"]
    assert not found["sepay"]["open"]
    assert not found["gateway"]["settlement"]


def test_a_payout_of_the_gateway_is_not_taken_from_a_file(platform, tmp_path):
    desk, _ = platform
    file = tmp_path / "po_made_up.json"
    file.write_text(json.dumps({"payout": {"id": "po_made_up"}, "transactions": []}))
    refused = told(desk, "settle", file, "--rail", "gateway", "--as", "VH-KT1", "--unit", "31.001", code=1)["error"]
    assert refused["code"] == "rail-cannot"
    assert "dangphi gateway settle" in refused["message"]


def test_an_unknown_channel_is_refused_by_name(platform):
    desk, _ = platform
    assert told(desk, "open", *CELL, "--rail", "momo", code=1)["error"]["code"] == "unknown-rail"


def test_who_may_not_look_is_not_shown(platform):
    desk, _ = platform
    answer = desk.dangphi("rail", "status", "--unit", "31.001.003", "--at", NOW.isoformat())
    assert answer.code == 1
    assert "--as" in answer.said


def test_a_day_without_its_settlement_is_named_until_the_file_is_taken_and_the_answer_written(platform, tmp_path):
    desk, portal = platform
    opened = told(desk, "open", *CELL)
    reference = opened["reference"]
    portal.states[reference] = "1"
    told(desk, "poll", after=timedelta(hours=1))
    status = ("status", "--unit", "31.001.003", "--as", "VH-KT1")
    late = [one for one in told(desk, *status)["missing_settlements"] if one["day"] == "2026-07-05"]
    assert [one["rail"] for one in late] == ["portal"]
    paid = SettledPayment(
        reference=reference,
        transaction_id=f"GD{reference}",
        amount=opened["amount"],
        paid_at=datetime(2026, 7, 5, 12, tzinfo=VIETNAM),
        booked_at=datetime(2026, 7, 5, 12, tzinfo=VIETNAM),
        account_number="0011001234567",
    )
    own = SCENARIO.settings
    day = date(2026, 7, 5)
    file = tmp_path / file_name(own.portal_partner, day)
    file.write_bytes(
        settlement_file(partner=own.portal_partner, secret=own.portal_secret, first=day, last=day, payments=[paid])
    )
    settle = ("settle", file, "--as", "VH-KT1", "--unit", "31.001")
    assert told(desk, *settle, "--dry-run")["lines"][0]["outcome"] == "matched"
    assert not file.with_name(f"{file.stem}.tra-loi.txt").exists()
    assert told(desk, *settle)["lines"][0]["outcome"] == "matched"
    assert file.with_name(f"{file.stem}.tra-loi.txt").read_text().startswith("H|")
    assert "2026-07-05" not in [one["day"] for one in told(desk, *status)["missing_settlements"]]
    verified = desk.dangphi("verify", "--json")
    assert verified.code == 0, verified.said[:2000]
