"""Long files go in by slices, whoever brings them and however often that is cut off; early advice is the same money."""

import hashlib
import threading
from dataclasses import replace
from datetime import date, timedelta

import pytest

from adapters.sandbox.statements import write_camt053
from api import wiring
from api.flows.statement_files import file_of, find_statements
from api.flows.statement_withdrawal import approve, withdraw
from api.flows.statements import StatementReport, import_statement_file
from domain.access import Role
from domain.errors import Refusal, RefusalCode
from domain.identifiers import UnitId
from domain.notice import BankLine, BankStatement, Direction
from ledger.application import command_id_for
from ledger.handlers import setup
from ledger.work import Act
from tests.acceptance.story import Story, account, at, grant
from tests.acceptance.test_closing_months import sound
from tests.acceptance.test_corrections import TODAY, owed, played

A = UnitId("A")
FIRST = date(2026, 7, 21)
DAYS = 9
OTHER = "A-KT2"


def line(
    day: date, amount: int, number: str | None, content: str = "nop tien", direction: Direction = Direction.IN
) -> BankLine:
    """A booked line as a bank exports it."""
    return BankLine(
        key="",
        booked_on=day,
        value_on=day,
        direction=direction,
        amount=amount,
        bank_reference=number,
        content=content,
        balance_after=None,
        counterparty_account="0399887766",
        counterparty_name="NGUYEN VAN A",
        is_reversal=False,
        bank_code=None,
        where="",
    )


def statement(story: Story, *lines: BankLine, to: date = TODAY) -> BankStatement:
    """The account of cell A from the day after what the story has read."""
    opening = story.truth[account("A")]
    moved = sum(x.amount if x.direction is Direction.IN else -x.amount for x in lines)
    return BankStatement(
        account_number="00A",
        bin="970436",
        from_date=FIRST,
        to_date=to,
        opening=opening,
        closing=opening + moved,
        lines=lines,
        format="",
        file_digest="",
    )


def long(story: Story) -> BankStatement:
    """Nine days of ten lines: credits nobody knows, one that pays a month, debits that wait, two true twins."""
    lines = [
        line(FIRST + timedelta(days=day), 1_000 + number, f"FT{day}-{number}", direction=way)
        for day in range(DAYS)
        for number in range(10)
        for way in (Direction.OUT if number == 9 else Direction.IN,)
    ]
    lines[25] = replace(lines[25], content=story.reference("A3", "2026-07"), amount=70_000)
    lines[31] = lines[30]
    return statement(story, *lines)


def bring(
    story: Story, data: bytes, *, by: str = "VH-KT", most: int = 25, **more: object
) -> tuple[StatementReport, ...]:
    """Import a file of which 25 lines go into one command."""
    inst = story.installation
    return import_statement_file(inst, actor=by, at=at(TODAY), data=data, filename="dai.xml", most=most, **more)  # type: ignore[arg-type]  # Passed on.


def second(story: Story) -> None:
    """Another accountant of the ward."""
    story.do("service:setup", FIRST, setup.GrantRoles(grants=(grant(OTHER, Role.ACCOUNTANT, "VH"),)))


class CutOff(Exception):
    """The machine stopped."""


@pytest.mark.parametrize("newest_first", [False, True])
def test_a_long_file_leaves_what_a_short_one_would(story: Story, newest_first: bool) -> None:
    played(story)
    made = long(story)
    data = write_camt053([replace(made, lines=tuple(reversed(made.lines))) if newest_first else made])
    told: list[tuple[int, int]] = []
    reports = bring(story, data, progress=lambda done, of: told.append((done, of)))
    assert told == [(n, 5) for n in range(1, 6)]
    assert sum(r.answer["new_lines"] for r in reports) == 90
    state = story.installation.ledger.work().account(account("A"))
    assert len([x for x in state.lines.values() if x.booked_on >= FIRST]) == 90
    assert owed(story, "A3") == 0
    sound(story)
    assert all(report.replayed for report in bring(story, data))
    one = find_statements(story.installation, reports[0].account_id and reports_digest(data))[0]
    assert b"".join(file_of(story.installation, one)) == data


def reports_digest(data: bytes) -> str:
    """The file's own name."""
    return hashlib.sha256(data).hexdigest()


def test_whoever_brings_the_file_again_goes_on_where_it_was_cut_off(story: Story) -> None:
    played(story)
    second(story)
    data = write_camt053([long(story)])

    def stop(done: int, of: int) -> None:
        if done == 2:
            raise CutOff

    with pytest.raises(CutOff):
        bring(story, data, progress=stop)
    sound(story)
    again = bring(story, data, by=OTHER)
    assert [r.answer["new_lines"] for r in again] == [0, 0, 20, 20, 10]
    sound(story)
    head = story.installation.store.head()
    assert [r.answer["new_lines"] for r in bring(story, data)][:2] == [20, 20]
    assert story.installation.store.head() == head


def test_a_long_file_that_contradicts_what_is_known_leaves_nothing(story: Story) -> None:
    played(story)
    made = long(story)
    short = statement(
        story, *[x for x in made.lines if x.booked_on <= FIRST + timedelta(days=2)], to=FIRST + timedelta(days=2)
    )
    bring(story, write_camt053([short]), most=1_000)
    head = story.installation.store.head()
    wrong = (*made.lines[:15], replace(made.lines[15], amount=9), *made.lines[16:])
    with pytest.raises(Refusal) as caught:
        bring(story, write_camt053([statement(story, *wrong)]))
    assert caught.value.code is RefusalCode.STATEMENT_CONFLICTS
    assert caught.value.message.startswith("dai.xml: ")
    assert story.installation.store.head() == head


def test_a_long_file_is_withdrawn_slice_by_slice_each_agreed_to_by_another_person(story: Story) -> None:
    played(story)
    before = story.balances("A")
    data = write_camt053([replace(long(story), lines=long(story).lines)])
    bring(story, data)
    after = story.balances("A")
    act = Act(actor="A-TP", at=at(TODAY), command_id=command_id_for("w", "1"))
    answer = withdraw(story.installation, act, digest=reports_digest(data), reason="nhầm", decision="BB-9")
    states = [one["state"] for one in answer["withdrawn"]]
    assert "proposed" in states
    with pytest.raises(Refusal) as caught:
        approve(story.installation, act, digest=reports_digest(data))
    assert caught.value.code is RefusalCode.MAKER_IS_CHECKER
    two = Act(actor="A-BT", at=at(TODAY), command_id=command_id_for("w", "2"))
    agreed = approve(story.installation, two, digest=reports_digest(data))
    assert len(agreed["withdrawn"]) == states.count("proposed")
    assert len(answer["withdrawn"]) == 5
    assert story.balances("A") == before
    sound(story)
    assert sum(r.answer["new_lines"] for r in bring(story, data)) == 90
    assert story.balances("A") == after
    sound(story)


def test_two_people_who_import_one_file_at_once_record_each_line_once(story: Story) -> None:
    played(story)
    second(story)
    if story.installation.shard is None:
        pytest.skip("two processes need a database")
    data = write_camt053([long(story)])
    faults: list[BaseException] = []

    def run(by: str) -> None:
        try:
            with wiring.on_postgres(story.installation.settings) as own:
                bring(Story(own), data, by=by)
        except BaseException as fault:  # Told to the test, which fails on it.
            faults.append(fault)

    threads = [threading.Thread(target=run, args=(by,)) for by in ("VH-KT", OTHER)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    state = story.installation.ledger.work().account(account("A"))
    assert len([x for x in state.lines.values() if x.booked_on >= FIRST]) == 90
    assert len(state.spans) == 6
    sound(story)


# --- other exports, early advice ----------------------------------------------------------------------------------


def test_a_re_export_in_other_words_about_the_other_side_changes_nothing(story: Story) -> None:
    played(story)
    made = statement(story, line(FIRST, 5_000, "FT1"), line(FIRST, 6_000, "FT2"))
    bring(story, write_camt053([made]))
    head = story.installation.store.head()
    other = replace(
        made, lines=tuple(replace(x, counterparty_name="Nguyễn Văn A", content="NOP TIEN") for x in made.lines)
    )
    (report,) = bring(story, write_camt053([other]))
    assert (report.answer["known"], report.answer["new_lines"]) == (True, 0)
    assert len(story.installation.store.read(head, 100)) == 0
    sound(story)


def advice(made: BankStatement) -> bytes:
    """The same lines as a camt.054."""
    text = write_camt053([made]).decode()
    head, _, rest = text.partition("<Bal>")
    body = rest[rest.rindex("</Bal>") + len("</Bal>") :]
    swapped = (head + body).replace("camt.053", "camt.054").replace("BkToCstmrStmt", "BkToCstmrDbtCdtNtfctn")
    return swapped.replace("<Stmt>", "<Ntfctn>").replace("</Stmt>", "</Ntfctn>").encode()


@pytest.mark.parametrize("first", ["advice", "statement"])
@pytest.mark.parametrize("turned", [False, True])
def test_an_advice_of_credits_and_the_statement_tell_of_the_same_money(story: Story, first: str, turned: bool) -> None:
    played(story)
    reference = story.reference("A3", "2026-07")
    lines = (
        line(FIRST, 70_000, "FT9", content=reference),
        line(FIRST, 5_000, "BATCH"),
        line(FIRST, 7_000, "BATCH"),
        line(FIRST, 7_000, "BATCH"),
        line(FIRST, 8_000, None),
        line(FIRST, 8_000, None),
        line(FIRST, 3_000, "FT8", direction=Direction.OUT),
    )
    made = statement(story, *lines)
    early = advice(replace(made, lines=tuple(reversed(lines))) if turned else made)
    files = (early, write_camt053([made]))
    before = story.balances("A")["1120"]
    for data in files if first == "advice" else reversed(files):
        bring(story, data)
        sound(story)
    assert story.balances("A")["1120"] == before + 70_000 + 5_000 + 14_000 + 16_000
    assert owed(story, "A3") == 0
    head = story.installation.store.head()
    for data in files:
        bring(story, data)
    assert story.installation.store.head() == head


def test_parts_of_a_batch_that_share_a_number_are_each_a_transfer(story: Story) -> None:
    played(story)
    made = statement(story, line(FIRST, 5_000, "BATCH"), line(FIRST, 7_000, "BATCH"), line(FIRST, 7_000, "BATCH"))
    (report,) = bring(story, write_camt053([made]))
    assert report.answer["placed"] == {"suspense": 3}
    sound(story)


def test_an_advice_of_an_account_of_others_is_refused(story: Story) -> None:
    played(story)
    made = statement(story, line(FIRST, 5_000, "FT1"))
    with pytest.raises(Refusal) as caught:
        bring(story, advice(replace(made, account_number="0099")))
    assert caught.value.code is RefusalCode.UNKNOWN_ACCOUNT
    with pytest.raises(Refusal) as caught:
        bring(story, advice(made), by="B-TP")
    assert caught.value.code is RefusalCode.NOT_ALLOWED
