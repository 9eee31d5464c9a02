"""What is read over HTTP after money came in: balances at two knowledge dates, what moved them, histories in words."""

from datetime import date

import pytest

from projections.all import PROJECTIONS
from tests.acceptance.front_door import FrontDoor, paid, problem
from tests.acceptance.story import at


@pytest.fixture
def paid_a1(door: FrontDoor) -> FrontDoor:
    """A1 has paid July over the portal."""
    opened = door.attempt("A1")
    door.notify(paid(opened["reference"], opened["amount"], "GD1"))
    door.work_off()
    return door


def test_a_payment_shows_in_the_balances_at_once(door):
    before = door.get("/units/A/balances").json()
    assert door.balance("A", "1140") == 0
    opened = door.attempt("A1")
    door.notify(paid(opened["reference"], opened["amount"], "GD1"))
    door.work_off()
    assert door.balance("A", "1140") == 123_457
    assert door.balance("A", "3310") == 123_457
    assert door.balance("A", "1140", at_position=before["position"]) == 0, "what was known then"
    assert door.balance("A", "1140", on="2026-07-04") == 0, "what was true then"
    now = door.get("/units/A/balances", account="3310").json()
    assert (now["keys"], now["keys_total"]) == ({"own": 123_457}, 1)


def test_a_balance_can_be_asked_for_as_known_at_an_instant(paid_a1):
    later, earlier = "2026-07-05T13:00:00+07:00", "2026-07-05T11:00:00+07:00"
    assert paid_a1.balance("A", "1140", at=later) == 123_457
    assert paid_a1.balance("A", "1140", at=earlier) == 0
    problem(paid_a1.get("/units/A/balances", at="2026-07-05T11:00:00"), 400, "malformed")
    problem(paid_a1.get("/units/A/balances", at=later, at_position=3), 400, "malformed")
    problem(paid_a1.get("/units/A/balances", at_position=10**6), 404, "not-found")
    problem(paid_a1.get("/units/A/balances", at_position=2**63), 400, "malformed")


def test_movements_lead_from_one_balance_to_the_other(paid_a1):
    told = paid_a1.get("/units/A/movements", account="1140").json()
    assert told["before"] + sum(line["amount"] for line in told["lines"]) == told["after"] == 123_457
    (line,) = told["lines"]
    assert (line["event"], line["actor"], line["occurred_on"]) == ("payment-received", "service:worker", "2026-07-05")
    problem(paid_a1.get("/units/A/movements", account="9999"), 404, "not-found")


def test_movements_come_in_pages_that_cut_no_entry_in_two(paid_a1):
    whole = paid_a1.get("/units/A/movements", size=200).json()["lines"]
    pages, after = [], 0
    while after is not None:
        page = paid_a1.get("/units/A/movements", size=3, page=after).json()
        pages.append(page["lines"])
        after = page["next"]
    assert [line for page in pages for line in page] == whole
    assert len(pages) > 2
    last_of_each = [page[-1]["position"] for page in pages]
    assert all(page[0]["position"] > before for before, page in zip(last_of_each, pages[1:], strict=False))


def test_the_trial_balance_of_a_unit_and_of_the_whole_ward_are_in_balance(paid_a1):
    for path in ("/units/A/trial-balance", "/units/VH/trial-balance?consolidated=true"):
        told = paid_a1.client.get(path, headers={"Authorization": "Bearer token-VH-KT"}).json()
        assert told["lines"]
        assert set(told["out_by"].values()) == {0}
    assert told["units"] == ["VH", "A", "B"]


def test_the_requests_of_a_unit_come_in_pages(door):
    first = door.get("/units/A/requests", month="2026-07", size=1).json()
    second = door.get("/units/A/requests", month="2026-07", size=1, page=first["next"]).json()
    assert [row["member_id"] for row in (*first["requests"], *second["requests"])] == ["A1", "A2"]
    assert second["next"] is None
    assert first["requests"][0]["status"] == "open"
    problem(door.get("/units/A/requests", size=201), 400, "malformed")
    problem(door.get("/units/A/requests", month="2026-7"), 422, "month-malformed")
    problem(door.get("/units/A/requests", by="B-TP"), 403, "not-allowed")


def test_histories_tell_who_did_what_when_in_vietnamese(paid_a1):
    for path in ("/members/A1/history", "/payments/portal/GD1/history"):
        told = paid_a1.get(path).json()
        lines = {line["event"]: line for line in told["history"]}
        received = lines["payment-received"]
        assert "123.457" in received["sentence"]
        assert received["actor"] == "service:worker"
        assert received["recorded_at"].startswith("2026-07-05")
        assert [line["position"] for line in told["history"]] == sorted(line["position"] for line in told["history"])
    problem(paid_a1.get("/members/A1/history", by="B-TP"), 403, "not-allowed")
    problem(paid_a1.get("/payments/portal/GD1/history", by="B-TP"), 403, "not-allowed")
    problem(paid_a1.get("/payments/portal/GD2/history"), 404, "unknown-payment")
    problem(paid_a1.get("/members/nobody/history"), 404, "unknown-member")


def test_a_remittance_has_a_history_with_its_reason_and_paper(paid_a1):
    paid_a1.clock.instant = at(date(2026, 8, 3))
    paid_a1.post("/declarations", {"unit": "A", "period": "2026-07"}, by="A-BT")
    asked = {"unit": "A", "period": "2026-07", "way": "bank", "reason": "Cổng bảo trì"}
    paid_a1.post("/remittances", asked, by="A-TP")
    paid_a1.post("/remittances/A/2026-07/1/approve", {"document": "CT-8"}, by="A-BT")
    told = paid_a1.get("/remittances/A/2026-07/1/history").json()["history"]
    by_event = {line["event"]: line for line in told}
    assert by_event["remittance-prepared"]["reason"] == "Cổng bảo trì"
    assert (by_event["remittance-approved"]["actor"], by_event["remittance-approved"]["document"]) == ("A-BT", "CT-8")


def test_figures_of_a_foreign_unit_are_not_shown(door):
    for path in ("balances", "trial-balance", "movements", "requests", "declarations"):
        problem(door.get(f"/units/A/{path}", by="B-TP"), 403, "not-allowed")
        problem(door.get(f"/units/none/{path}"), 404, "unknown-unit")


def test_a_read_model_that_stands_still_gives_no_figures_rather_than_old_ones(paid_a1):
    door = paid_a1
    door.get("/units/A/balances")
    with door.inst.shard.connect() as conn:
        conn.execute(
            "INSERT INTO projection_alerts (reader, position, event, error, noted_at)"
            " SELECT 'journal_v1', 1, 'x', 'y', now()"
        )
    refused = problem(door.get("/units/A/balances"), 503, "unavailable")
    assert "không trả số liệu thiếu" in refused["detail"]
    assert door.get("/units/A/requests").status_code == 200, "other read models go on"
    ready = door.client.get("/readyz")
    assert ready.status_code == 503
    assert [check["ok"] for check in ready.json()["checks"] if check["name"] == "projections"] == [False]


def test_every_read_model_is_brought_to_the_head_by_the_worker(paid_a1):
    with paid_a1.inst.shard.connect() as conn:
        rows = conn.execute("SELECT application_name, notification_id FROM tracking").fetchall()
    head = paid_a1.inst.store.head()
    assert {name: position for name, position in rows if name in {p.reader for p in PROJECTIONS}} == {
        projection.reader: head for projection in PROJECTIONS
    }
