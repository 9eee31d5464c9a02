"""What settlements and refunds through a channel do to the read models on PostgreSQL: each is the fold of the log."""

from dataclasses import replace

import pytest
import responses

from api import wiring
from api.cli.verify import verify_installation
from domain.identifiers import MemberId, PaymentId, RefundId
from ledger.handlers import refunds
from projections.all import PROJECTIONS
from projections.refold import refold
from projections.runner import catch_up
from tests.acceptance.story import Story, account, into, settings
from tests.conftest import ShardMaker
from tests.gateway_machine import KEY, SECRET, URL, Gateway
from tests.settled import DAY, PAID_OUT, A, attempt, ready


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
        assert inst.ledger.books.balances("A", "1120") == {account("A"): 1_014_700}
        verdict = verify_installation(inst)
        assert [(c.id, c.findings) for c in verdict.checks if not c.ok] == []


def cli(what: str, given: object, monkeypatch: pytest.MonkeyPatch, *options: str) -> None:
    """Run one command as a person would, on this installation."""
    from api.cli import main, session

    monkeypatch.setattr(session, "settings_of", lambda **_: given)
    with pytest.raises(SystemExit) as ended:
        main.run(["gateway", what, *options, "--at", f"{PAID_OUT}T12:00", "--json"])
    assert ended.value.code == 0
