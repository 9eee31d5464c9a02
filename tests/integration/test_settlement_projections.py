"""What settlements and refunds through a channel do to the read models on PostgreSQL: each is the fold of the log."""

from dataclasses import replace

import pytest
import responses

from api import wiring
from api.cli.verify import verify_installation
from domain.identifiers import MemberId, PaymentId, RefundId
from domain.notice import NoticeStatus
from ledger.handlers import refunds
from ledger.open_items import open_items
from projections.all import PROJECTIONS
from projections.rebuild import rebuild
from projections.refold import refold
from projections.runner import catch_up, digest
from projections.settlements import SETTLEMENTS, settlements
from tests.acceptance.story import Story, account, into, settings
from tests.conftest import ShardMaker
from tests.gateway_machine import KEY, SECRET, URL, Gateway
from tests.settled import DAY, PAID_OUT, PAYOUT, A, K, attempt, line, ready, settled, take, told


def test_the_read_models_follow_a_payout_fetched_on_the_command_line(
    new_shard: ShardMaker, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shard = new_shard()
    own = replace(settings(schema=shard.schema), database_url=shard.dsn)
    given = replace(own, gateway_url=URL, gateway_key=KEY, gateway_secrets=(SECRET,))
    gateway = Gateway()
    with wiring.on_postgres(given) as inst, responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        gateway.serve(mock)
        story = Story(inst)
        names = [gateway.create(5_000, ref)["id"] for ref in [*ready(story, 2), attempt(story, "A1")]]
        for name in names:
            gateway.succeed(name)
        first = gateway.pay_out()
        cli("settle", given, monkeypatch, "--as", "VH-KT", "--unit", "A", "--from", str(DAY), "--to", str(PAID_OUT))
        assert '"matched"' in capsys.readouterr().out
        story.bank("A", PAID_OUT, into("po", PAID_OUT, 14_700, content=first["id"]))
        asked = refunds.RequestCreditRefund(
            refund_id=RefundId("HT-01"),
            unit_id=A,
            member_id=MemberId("A1"),
            amount=5_000,
            reason="nộp hai lần",
            decision="QD",
        )
        story.do("A-TP", PAID_OUT, asked)
        for approver in ("A-BT", "VH-CU"):
            story.do(approver, PAID_OUT, refunds.ApproveRefund(unit_id=A, refund_id=RefundId("HT-01")))
        cli("refund", given, monkeypatch, "HT-01", "--as", "VH-TQ", "--payment", PaymentId(f"gateway/{names[2]}"))
        assert '"refund-paid"' in capsys.readouterr().out
        assert story.balances("A") == {
            "1120": 1_014_700,
            "1140": -5_000,
            "3310": 10_000,
            "4310": 1_000_000,
            "6310": 300,
        }
        with shard.connect() as conn:
            catch_up(conn, inst.store, PROJECTIONS)
            assert refold(conn, inst.store, PROJECTIONS) == ()
            before = digest(conn, SETTLEMENTS)
            (row,) = settlements(conn, "gateway", DAY, PAID_OUT)
            assert (row.settlement_id, row.count, row.net) == (first["id"], 3, 14_700)
            assert rebuild(conn, inst.store, SETTLEMENTS, batch=7).digest == before
        assert inst.ledger.books.balances("A", "1120") == {account("A"): 1_014_700}
        verdict = verify_installation(inst)
        assert [(c.id, c.findings) for c in verdict.checks if not c.ok] == []


def test_a_lump_and_a_case_are_decided_on_the_command_line(
    new_shard: ShardMaker, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shard = new_shard()
    own = replace(settings(schema=shard.schema), database_url=shard.dsn)
    with wiring.on_postgres(own) as inst:
        story = Story(inst)
        refs = ready(story, 2)
        story.tell(*(told(f"pi_{n}", refs[n]) for n in (0, 1)))
        take(story, settled(*(line(n + 1, K.COLLECTION, f"pi_{n}", 5_000, 300, refs[n]) for n in (0, 1))))
        story.bank("A", PAID_OUT, into("po", PAID_OUT, 9_400, content="CONG TY THE"))
        (item,) = open_items(inst.ledger.work(), inst.store, [A], PAID_OUT)
        where = ("--as", "VH-KT", "--unit", "A", "--reason", "cổng thẻ xác nhận")
        cli("lump", own, monkeypatch, item.item, "--settlement", PAYOUT, *where)
        assert '"settlement-lump"' in capsys.readouterr().out
        assert story.balances("A")["1120"] == 1_009_400
        lost = told("dp_1", "pi_0", source="gateway:case:lost", status=NoticeStatus.PENDING)
        assert story.tell(lost) == ["case-told"]
        cli("cases", own, monkeypatch, "--unit", "A", "--as", "VH-KT")
        assert '"missing": 5000' in capsys.readouterr().out
        cli("close", own, monkeypatch, "case:gateway/dp_1", "--outcome", "borne", "--document", "QĐ-1", *where)
        assert '"proposed"' in capsys.readouterr().out
        with shard.connect() as conn:
            catch_up(conn, inst.store, PROJECTIONS)
            assert refold(conn, inst.store, PROJECTIONS) == ()
        verdict = verify_installation(inst)
        assert [(c.id, c.findings) for c in verdict.checks if not c.ok] == []


def cli(what: str, given: object, monkeypatch: pytest.MonkeyPatch, *options: str) -> None:
    """Run one command as a person would, on this installation."""
    from api.cli import main, session

    monkeypatch.setattr(session, "settings_of", lambda **_: given)
    with pytest.raises(SystemExit) as ended:
        main.run(["gateway", what, *options, "--at", f"{PAID_OUT}T12:00", "--json"])
    assert ended.value.code == 0
