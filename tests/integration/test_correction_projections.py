"""What corrections and void receipts do to the read models: each is the fold of the log; a reader sees both sides."""

from dataclasses import replace
from datetime import date

from api import wiring
from api.cli.verify import verify_installation
from api.reading import reading
from domain.correction import Kind, Wanted
from domain.identifiers import MemberId, PaymentId
from domain.period import Month
from ledger.handlers.receipts import VoidReceipt
from projections.all import PROJECTIONS
from projections.receipts import receipts
from projections.refold import refold
from projections.runner import catch_up
from tests.acceptance.story import Story, account, into, settings
from tests.acceptance.test_corrections import A, corrected, identify, payment, played
from tests.conftest import ShardMaker


def test_the_read_models_follow_corrections_and_verify_passes_on_the_whole_installation(new_shard: ShardMaker) -> None:
    shard = new_shard()
    with wiring.on_postgres(replace(settings(schema=shard.schema), database_url=shard.dsn)) as inst:
        story = played(Story(inst))
        identify(story, "A2")
        wrong = story.statement("A", date(2026, 7, 31), into("x", date(2026, 7, 25), 5_000))
        story.do("VH-KT", date(2026, 8, 1), wrong)
        with shard.connect() as conn:
            catch_up(conn, inst.store, PROJECTIONS)
        july = Month("2026-07")
        wanted = Wanted(kind=Kind.MATCH, payment_id=payment("stray"), to_member=MemberId("A3"), to_month=july)
        corrected(story, wanted)
        cash = Wanted(kind=Kind.CASH, payment_id=PaymentId("cash:A/1"), to_month=july, amount=20_000, slip="1-thay")
        corrected(story, cash, "DC-2")
        taken = Wanted(kind=Kind.IMPORT, account_id=account("A"), file_digest=wrong.file_digest)
        corrected(story, taken, "DC-3")
        story.do("A-TP", date(2026, 8, 4), VoidReceipt(unit_id=A, year=2026, number=1, reason="rách", replace=True))
        with shard.connect() as conn:
            catch_up(conn, inst.store, PROJECTIONS)
            assert refold(conn, inst.store, PROJECTIONS) == ()
            book = {row.number: (row.payment_id, row.voided_on is None) for row in receipts(conn, units=["A"])}
        assert [number for number, (_, stands) in sorted(book.items()) if not stands] == [1, 2, 3]
        assert book[5] == ("cash:A/1-thay", True)
        with reading(inst) as read:
            undone = [entry for entry in read.statement("A2").entries if entry.what.startswith("correction-")]
            assert {entry.case_id for entry in undone} == {"DC-1", "DC-2"}
            assert read.payment("cash:A/1").taken_back == "DC-2"
            assert read.payment(payment("stray")).suspense_open == 0
            assert read.payment(payment("x")).taken_back == "DC-3"
        verdict = verify_installation(inst)
        assert [(c.id, c.findings) for c in verdict.checks if not c.ok] == []
