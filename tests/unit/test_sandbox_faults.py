"""Faults of accounts, providers and payouts: each happens as the documentation says, and every fault is documented."""

from datetime import date, timedelta
from pathlib import Path

import pytest
import requests

from adapters.gateway import webhook
from adapters.gateway.payout import document, read_payout
from adapters.sandbox.server.station import Station
from adapters.sandbox.world.bank import Account
from adapters.sandbox.world.bank_life import at, open_account, pay_for_two, pay_qr
from adapters.sandbox.world.begin import days_of
from adapters.sandbox.world.gateway_life import pay_card
from adapters.sandbox.world.portal_life import pay_on_portal
from adapters.sandbox.world.post import Try
from adapters.sandbox.world.scenario import Fault
from adapters.sandbox.world.signing import wire_of
from adapters.sandbox.world.world import World
from adapters.vietqr.payload import encode
from api.sandbox.sockets import listening, serving
from domain.errors import Malformed
from domain.notice import Direction, PaymentNotice
from domain.settlement import SettlementKind, named_in
from tests.sandbox_story import ACCOUNT, BIN, NUMBER, code, fresh_world, month, opened, run

OTHER = Account(bin="970415", number="0000001002", holder="CHI BO HAI", opening=0)
DOCS = Path(__file__).resolve().parents[2] / "docs" / "explanation" / "sandbox.md"


def qr(number: int, amount: int = 50_000) -> str:
    return encode(bin=BIN, account=NUMBER, amount=amount, content=code("Q", number))


def struck(world: World) -> set[Fault]:
    return {one.fault for one in world.chances.struck}


@pytest.mark.parametrize("fault", list(Fault))
def test_every_fault_is_a_row_of_the_documentation(fault: Fault) -> None:
    assert f"| `{fault}` | " in DOCS.read_text(encoding="utf-8")


def test_money_for_one_unit_arrives_on_the_account_of_another() -> None:
    world = fresh_world(faults={"wrong-account": 1.0})
    open_account(world, OTHER)
    money = pay_qr(world, qr(1), "payer")
    assert money.account_id == OTHER.account_id
    assert world.moneys[money.key].befell == ("wrong-account",)
    assert code("Q", 1).lower() in world.bank.entries[OTHER.account_id][-1].content.replace(" ", "").lower()


def test_one_transfer_pays_for_two_of_a_family_with_both_codes() -> None:
    world = fresh_world(faults={"for-two": 1.0})
    money = pay_for_two(world, qr(1, 30_000), qr(2, 20_000), "mother")
    assert money is not None
    assert (money.amount, money.befell) == (50_000, ("for-two",))
    said = world.bank.entries[ACCOUNT][-1].content.upper()
    assert code("Q", 2) in said
    assert pay_for_two(fresh_world(), qr(1), qr(2), "mother") is None


def test_a_recall_takes_the_money_back_days_later_without_our_code() -> None:
    world = fresh_world(faults={"recall": 1.0})
    paid = pay_qr(world, qr(1), "payer")
    run(world, world.now + timedelta(days=12))
    back = world.bank.entries[ACCOUNT][-1]
    assert (back.direction, back.amount) == (Direction.OUT, 50_000)
    assert (back.booked_on - date(2026, 8, 1)).days >= 3
    assert code("Q", 1) not in back.content
    assert paid.bank_reference in back.content


def test_two_providers_tell_of_the_same_credit_with_the_same_number_of_the_bank() -> None:
    world = fresh_world(faults={"two-providers": 1.0})
    paid = pay_qr(world, qr(1), "payer")
    sent: list[Try] = []
    run(world, world.now + timedelta(hours=1), lambda one: sent.append(one) or 200)
    assert {one.message.channel for one in sent} == {"sepay", "casso"}
    assert all(paid.bank_reference in one.message.text for one in sent)


def card(world: World) -> str:
    intent = world.gateway.create_intent({"amount": 60_000, "metadata": {"reference": code("G", 1)}}, world.now)
    pay_card(world, intent["id"], "payer")
    return str(intent["id"])


def test_disputes_take_money_with_a_fee_and_every_other_one_is_won() -> None:
    world = fresh_world(faults={"dispute": 1.0})
    card(world)
    card(world)
    sent: list[Try] = []
    run(world, world.now + timedelta(days=15), lambda one: sent.append(one) or 200)
    assert [one["status"] for one in world.gateway.disputes.values()] == ["won", "lost"]
    moved = [one["net"] for one in world.gateway.transactions.values() if one["type"] == "adjustment"]
    assert sorted(moved) == [-75_000, -75_000, 60_000]
    wires = [(one, wire_of(one, world.keys)) for one in sent if "charge.dispute" in one.message.text]
    told = [
        webhook.accept(wire.body, dict(wire.headers), one.at, secrets=world.keys.gateway_secrets) for one, wire in wires
    ]
    words = [one.source.rpartition(":")[2] for one in told if isinstance(one, PaymentNotice)]
    assert sorted(words) == sorted(["opened", "withdrawn"] * 2 + ["reinstated", "won", "lost"])


def test_a_payout_that_fails_goes_back_and_the_next_one_pays_its_money_again() -> None:
    world = fresh_world(faults={"payout-fails": {"at": ["2026-08-01T00:00:00"]}})
    key = f"gateway/{card(world)}"
    run(world, at(days_of(world.scenario)[-1], 23))
    first, second = world.gateway.payouts.values()
    assert (first["status"], second["status"]) == ("failed", "paid")
    lines = [one for one in world.bank.entries[ACCOUNT] if first["id"] in one.content]
    assert [one.signed for one in lines] == [first["amount"], -first["amount"]]
    told = read_payout(
        document(second, [one for one in world.gateway.transactions.values() if one["payout"] == second["id"]]), "po"
    )
    assert told.net == second["amount"]
    (back,) = [line for line in told.lines if line.kind is SettlementKind.ADJUSTMENT]
    assert (back.outside_reference, back.net) == (first["id"], first["amount"])
    assert key in world.moneys[f"lump/{second['id']}"].of


def test_a_slip_and_a_second_format_are_told_by_the_bank_over_http() -> None:
    world = fresh_world(faults={"slip-first": 1.0, "two-formats": 1.0})
    with serving(Station(world), listening()) as base:
        paid = requests.post(f"{base}/bank/qr", json={"payload": qr(1), "payer": "payer"}, timeout=10).json()
        run(world, at(date(2026, 8, 3), 9))
        page = f"{base}/bank/statements/{BIN}/{NUMBER}?first=2026-08-01&last=2026-08-02"
        first = requests.get(page, timeout=10)
        again = requests.get(f"{page}&layout={first.headers['X-Sandbox-Also']}", timeout=10)
    assert paid["slip"]
    assert paid["account"] == ACCOUNT
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.headers["Content-Disposition"] != again.headers["Content-Disposition"]
    assert struck(world) == {Fault.SLIP_FIRST, Fault.TWO_FORMATS}


def test_a_lump_of_the_portal_names_its_file_however_the_bank_writes_it() -> None:
    keys = set()
    for seed in range(20):
        world = fresh_world(seed=seed, portal={"pays_out": "lump", "fee": 1_100})
        opened(world, code("P", 1), 50_000)
        pay_on_portal(world, code("P", 1), "payer")
        run(world, at(date(2026, 8, 6), 12))
        (line,) = world.bank.entries[ACCOUNT]
        assert line.amount == 48_900
        partner = world.keys.portal_partner
        assert named_in(line.content, NUMBER) == (("portal", f"20260801{partner}1@{NUMBER}"),)
        keys.add(line.content.removeprefix("DVCQG QUYET TOAN ").replace(partner, "P"))
    assert keys == {"20260801_P_1", "20260801 P 1", "20260801P1"}


def test_the_first_page_shows_accounts_attempts_and_faults_and_fetches_nothing() -> None:
    world = month(fresh_world(faults={"no-code": 0.5}), people=3)
    with serving(Station(world, target="http://127.0.0.1:8000"), listening()) as base:
        page = requests.get(base, timeout=10)
    assert page.headers["Content-Type"].startswith("text/html")
    assert ACCOUNT in page.text
    assert code("P", 1) in page.text
    assert "no-code" in page.text
    assert "<script" not in page.text
    assert "src=" not in page.text
    assert "DANGPHI_SANDBOX_CONTROL" in page.text


def test_a_port_that_is_taken_is_said_in_words() -> None:
    with listening() as taken, pytest.raises(Malformed, match="Chọn cổng khác"):
        # Two sockets may share an address after the first was closed, never while it listens.
        listening(port=taken.getsockname()[1])
