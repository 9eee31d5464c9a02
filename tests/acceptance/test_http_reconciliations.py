"""Reconciliations over HTTP: totals first, pages, evidence links, the workbook, and the daily close."""

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import httpx
import pytest
from openpyxl import load_workbook

from api import wiring
from api.app import create_app
from api.settings import token_hash
from tests.acceptance.front_door import SetClock, bearer, served
from tests.acceptance.story import BIN, START, Cell, Story, at, into, member, settings

ACCOUNT = f"{BIN}:00C"
PATH = f"/reconciliations/{ACCOUNT}"
JULY = {"from": "2026-07-01", "to": "2026-07-31"}


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    tokens = {token_hash(f"token-{who}"): who for who in ("VH-KT", "nobody")}
    story = Story(wiring.in_memory(replace(settings(), tokens=tokens)))
    story.set_up([Cell(id="C", bank=1_000_000)])
    story.enrol("C", member("C1", "NON_SI_PENSIONER", ("pension", 10_000_000)))
    story.assess("C", "2026-07", START)
    story.request("C", "2026-07", START)
    known = into("a", date(2026, 7, 5), 50_000, story.reference("C1", "2026-07"))
    unknown = [into(f"x{n}", date(2026, 7, 6), 7_000 + n) for n in range(5)]
    story.bank("C", date(2026, 7, 20), known, *unknown, clean=False)
    app = create_app(story.installation, SetClock(at(date(2026, 8, 1))))
    with served(app) as address, httpx.Client(base_url=address, timeout=30) as made:
        yield made


def get(client: httpx.Client, path: str, by: str = "VH-KT", **params: Any) -> httpx.Response:
    return client.get(path, headers=bearer(by), params={**JULY, **params})


def post(client: httpx.Client, path: str, body: Any, key: str) -> httpx.Response:
    return client.post(path, headers={**bearer("VH-KT"), "Idempotency-Key": key}, json=body)


def test_totals_come_first_and_the_list_page_by_page(client: httpx.Client) -> None:
    told = get(client, PATH, kind="unidentified", size=2, page=3).json()
    assert (told["figures"]["ties"], told["figures"]["closing"]) == (True, 1_085_010)
    assert told["totals"]["unidentified"] == {"count": 5, "amount": 35_010, "open": 35_010}
    assert told["totals"]["matched"]["count"] == 1
    assert (told["page"], told["pages"], len(told["rows"])) == (3, 3, 1)
    (row,) = told["rows"]
    (link,) = row["links"]
    assert link == f"/payments/bank:{ACCOUNT}/{row['bank_reference']}/history"
    assert row["why"]
    assert len(get(client, PATH).json()["rows"]) == 6


def test_a_kind_that_does_not_exist_and_days_in_the_wrong_order_are_told(client: httpx.Client) -> None:
    assert get(client, PATH, kind="lost").status_code == 400
    assert get(client, PATH, **{"from": "2026-08-01"}).status_code == 400
    assert get(client, "/reconciliations/1:2").status_code == 404
    ages = get(client, PATH, **{"from": "0001-01-01", "to": "9999-12-31"})
    assert (ages.status_code, ages.json()["code"]) == (400, "malformed")


def test_the_workbook_is_sent_as_a_file(client: httpx.Client) -> None:
    answer = get(client, f"{PATH}/workbook")
    assert 'filename="doi-chieu-20260701-20260731.xlsx"' in answer.headers["content-disposition"]
    assert load_workbook(io.BytesIO(answer.content))["Tổng hợp"]["B29"].value == "Đơn vị C"


def test_a_day_is_closed_once_listed_and_opened_again(client: httpx.Client) -> None:
    first = post(client, f"{PATH}/close-day", {"day": "2026-07-06"}, "k1")
    assert (first.status_code, first.json()["answer"]["suspense"]) == (200, 35_010)
    again = post(client, f"{PATH}/close-day", {"day": "2026-07-06"}, "k1")
    assert (again.json(), again.headers["idempotency-replayed"]) == (first.json(), "true")
    (one,) = client.get(f"{PATH}/days", headers=bearer("VH-KT")).json()["days"]
    assert (one["day"], one["number"], one["late"]) == ("2026-07-06", 1, [])
    refused = post(client, f"{PATH}/close-day", {"day": "2026-07-25"}, "k2")
    assert (refused.status_code, refused.json()["code"]) == (409, "day-not-covered")
    opened = post(client, f"{PATH}/reopen-day", {"day": "2026-07-06", "reason": "xem lại"}, "k3")
    assert opened.json()["answer"]["reopened"] == 1


def test_who_may_not_read_the_unit_sees_nothing(client: httpx.Client) -> None:
    for path in (PATH, f"{PATH}/workbook"):
        assert get(client, path, by="nobody").status_code == 403
    assert client.get(f"{PATH}/days", headers=bearer("nobody")).status_code == 403
