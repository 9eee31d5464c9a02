"""A statement file counts once whatever it looks like; another format is a witness; taken back it leaves nothing."""

import hashlib
from collections import Counter
from contextlib import ExitStack
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest

from adapters.bank.lines import with_keys
from adapters.bank.opened import Taking
from adapters.sandbox.statements import write_camt053
from api.flows.statement_files import file_of, find_statements, source_of, statements_of
from api.flows.statement_slices import plan, statements
from api.flows.statement_withdrawal import withdraw
from api.flows.statements import import_statement_file
from domain.bank_account import StatementImported
from domain.correction import Kind, Wanted
from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId, UnitId
from domain.notice import BankLine, BankStatement, Direction
from domain.open_item import DecisionKind
from ledger.application import command_id_for
from ledger.handlers import collect, correct
from ledger.handlers.open_items import UndoDecision
from ledger.handlers.statements import ImportStatement
from ledger.open_items import open_items
from ledger.work import Act
from tests.acceptance.story import Story, account, at, into, out
from tests.acceptance.test_closing_months import refusal, sound
from tests.acceptance.test_corrections import TODAY, corrected, owed, payment, played
from tests.acceptance.test_open_items import asked
from tests.acceptance.test_open_items import decide as decide_on

A = UnitId("A")
DAY = date(2026, 7, 25)
END = date(2026, 7, 31)


def other_format(made: ImportStatement, *, numbers: bool = True) -> ImportStatement:
    """The same days from another export: other keys, lines in another order, perhaps without the bank's numbers."""
    lines = tuple(
        replace(
            one,
            line=replace(
                one.line,
                key=hashlib.sha256(f"xlsx{one.line.key}".encode()).hexdigest(),
                bank_reference=f"{one.line.bank_reference}".lower() if numbers else None,
            ),
        )
        for one in reversed(made.lines)
    )
    return replace(made, lines=lines, format="bank-xlsx", file_digest=hashlib.sha256(b"x").hexdigest())


def july(story: Story) -> ImportStatement:
    """A week of cell A: a member's transfer, two true twins, a fee and a debit that waits."""
    return story.statement(
        "A",
        END,
        into("x1", DAY, 70_000, story.reference("A3", "2026-07")),
        into("twin1", DAY, 5_000),
        into("twin2", DAY, 5_000),
        out("fee", END, 11_000, content="THU PHI DICH VU"),
        out("y", END, 3_000),
    )


@pytest.mark.parametrize("numbers", [True, False])
@pytest.mark.parametrize("first", ["camt", "xlsx"])
def test_the_same_days_from_another_format_are_a_witness_and_no_second_money(
    story: Story, first: str, numbers: bool
) -> None:
    played(story)
    camt = july(story)
    xlsx = other_format(camt, numbers=numbers)
    one, two = (camt, xlsx) if first == "camt" else (xlsx, camt)
    story.do("VH-KT", TODAY, one)
    before = story.balances("A")
    answer = story.do("VH-KT", TODAY, two)
    assert (answer["new_lines"], answer["witnessed"]) == (0, 5)
    assert story.balances("A") == before
    assert before["3380"] == 80_000
    sound(story)
    again = replace(two, file_digest=hashlib.sha256(b"named otherwise").hexdigest())
    assert story.do("VH-KT", TODAY, again)["known"] is True
    sound(story)


def test_a_line_that_does_not_pair_refuses_the_file_by_name(story: Story) -> None:
    played(story)
    camt = july(story)
    story.do("VH-KT", TODAY, camt)
    xlsx = other_format(camt)
    wrong = tuple(replace(x, line=replace(x.line, amount=7_000)) if x.line.amount == 11_000 else x for x in xlsx.lines)
    closing = camt.closing + 4_000
    no = refusal(story, "VH-KT", TODAY, replace(xlsx, lines=wrong, closing=closing))
    assert no.code is RefusalCode.STATEMENT_CONFLICTS
    same = replace(xlsx, lines=(*wrong[:-1], replace(wrong[-1], line=replace(wrong[-1].line, amount=74_000))))
    no = refusal(story, "VH-KT", TODAY, replace(same, closing=camt.closing + 8_000))
    assert no.code is RefusalCode.STATEMENT_CONFLICTS


def test_lines_that_do_not_pair_are_each_named(story: Story) -> None:
    played(story)
    camt = july(story)
    story.do("VH-KT", TODAY, camt)
    xlsx = other_format(camt)
    # One day later than the bank said before: the balances agree, the lines do not.
    moved = tuple(
        replace(x, line=replace(x.line, booked_on=DAY + timedelta(days=1))) if x.line.amount == 70_000 else x
        for x in xlsx.lines
    )
    no = refusal(story, "VH-KT", TODAY, replace(xlsx, lines=moved))
    assert no.code is RefusalCode.STATEMENT_CONFLICTS
    assert "thiếu dòng +70000 đồng ngày 25/07/2026" in no.message
    assert "thừa dòng +70000 đồng ngày 26/07/2026" in no.message


def test_a_longer_export_in_another_format_adds_only_its_new_days(story: Story) -> None:
    played(story)
    camt = july(story)
    story.do("VH-KT", TODAY, camt)
    more = story.statement("A", TODAY, into("z", TODAY, 9_000))
    xlsx = other_format(camt)
    both = replace(xlsx, to_date=TODAY, closing=more.closing, lines=(*xlsx.lines, *more.lines))
    answer = story.do("VH-KT", TODAY, both)
    assert (answer["new_lines"], answer["witnessed"], answer["placed"]) == (1, 5, {"suspense": 1})
    sound(story)
    assert story.do("VH-KT", TODAY, more)["known"] is True


def _withdraw(story: Story, made: ImportStatement, number: str = "DC-1") -> dict[str, object]:
    return corrected(story, Wanted(kind=Kind.IMPORT, account_id=account("A"), file_digest=made.file_digest), number)


def test_withdraw_and_import_again_is_the_identity_on_balances_and_open_items(story: Story) -> None:
    played(story)
    bag = story.do("A-TP", date(2026, 7, 21), collect.TakeCashBag(unit_id=A, amount=30_000, taken_on=date(2026, 7, 21)))
    told = story.notice(story.attempt("A", "A3", "2026-07", date(2026, 7, 22))["reference"], 70_000, date(2026, 7, 22))
    story.tell(told, on=date(2026, 7, 22))
    start = story.balances("A")
    made = story.statement(
        "A",
        END,
        into("p", DAY, 70_000, str(told.reference)),
        into("b", DAY, 30_000, str(bag["bag"])),
        into("s1", DAY, 5_000),
        into("s2", DAY, 5_000),
        out("fee", END, 11_000, content="THU PHI DICH VU"),
        out("y", END, 3_000),
    )
    first = story.do("VH-KT", TODAY, made)
    after = story.balances("A")
    open_before = _open(story)
    for n in range(2):
        _withdraw(story, made, f"DC-{n}")
        assert story.balances("A") == start
        sound(story)
        assert story.do("VH-KT", TODAY, made)["placed"] == first["placed"]
        assert (story.balances("A"), _open(story)) == (after, open_before)
        sound(story)


def _open(story: Story) -> list[tuple[str, int]]:
    found = open_items(story.installation.ledger.work(), story.installation.store, [A], TODAY)
    return [(one.item, one.amount) for one in found]


def test_a_webhook_s_money_stays_when_the_statement_that_confirmed_it_is_withdrawn(story: Story) -> None:
    played(story)
    reference = story.reference("A3", "2026-07")
    webhook = replace(
        story.notice(reference, 70_000, DAY, number="FT-x1"),
        source=f"bank:{account('A')}",
        account_number="00A",
    )
    made = july(story)
    story.tell(webhook, on=DAY)
    held = story.balances("A")
    story.do("VH-KT", TODAY, made)
    after = story.balances("A")
    _withdraw(story, made)
    assert story.balances("A") == held
    assert owed(story, "A3") == 0
    sound(story)
    story.do("VH-KT", TODAY, made)
    assert story.balances("A") == after
    sound(story)


def test_a_withdrawal_names_the_decision_that_stands_in_its_way(story: Story) -> None:
    played(story)
    made = july(story)
    story.do("VH-KT", TODAY, made)
    given = decide_on(story, asked(DecisionKind.RETURN, item=payment("twin1")), TODAY)
    wanted = Wanted(kind=Kind.IMPORT, account_id=account("A"), file_digest=made.file_digest)
    ask = correct.CorrectEntry(unit_id=A, correction_id="DC-1", wanted=wanted, reason="nhầm tệp", decision="BB-1")
    no = refusal(story, "A-TP", TODAY, ask)
    assert no.code is RefusalCode.CORRECTION_BLOCKED
    assert given["decision_id"] in no.message
    undo = UndoDecision(unit_id=A, decision_id=given["decision_id"], reason="nhầm tệp")
    assert story.do("A-TP", TODAY, undo)["state"] == "taken"
    _withdraw(story, made)
    sound(story)


def test_a_member_s_money_is_undone_with_the_file_and_comes_back_with_it(story: Story) -> None:
    played(story)
    made = july(story)
    story.do("VH-KT", TODAY, made)
    decide_on(story, asked(DecisionKind.IDENTIFY, ("A2", None), item=payment("twin1")), TODAY)
    _withdraw(story, made)
    assert story.installation.ledger.work().dues(MemberId("A2"), 2026).credit == 0
    sound(story)
    story.do("VH-KT", TODAY, made)
    assert story.balances("A")["3380"] == 80_000
    sound(story)


def test_a_file_that_only_witnessed_is_withdrawn_before_the_one_it_witnessed(story: Story) -> None:
    played(story)
    camt = july(story)
    xlsx = other_format(camt)
    story.do("VH-KT", TODAY, camt)
    story.do("VH-KT", TODAY, xlsx)
    wanted = Wanted(kind=Kind.IMPORT, account_id=account("A"), file_digest=camt.file_digest)
    ask = correct.CorrectEntry(unit_id=A, correction_id="DC-1", wanted=wanted, reason="nhầm tệp", decision="BB-1")
    assert refusal(story, "A-TP", TODAY, ask).code is RefusalCode.CORRECTION_BLOCKED
    only = replace(ask, correction_id="DC-2", wanted=replace(wanted, file_digest=xlsx.file_digest))
    assert story.do("A-TP", TODAY, only)["state"] == "corrected"
    sound(story)
    _withdraw(story, camt, "DC-3")
    assert story.do("VH-KT", TODAY, xlsx)["new_lines"] == 5
    assert story.do("VH-KT", TODAY, camt)["witnessed"] == 5
    sound(story)


# --- files --------------------------------------------------------------------------------------------------------


def _written(story: Story) -> BankStatement:
    """A week of cell A as the bank would export it, with true twins."""
    opening = story.truth[account("A")]

    def line(day: date, amount: int, number: str, direction: Direction = Direction.IN) -> BankLine:
        return BankLine(
            key="",
            booked_on=day,
            value_on=day,
            direction=direction,
            amount=amount,
            bank_reference=number,
            content="nop tien" if direction is Direction.IN else "mua sach",
            balance_after=None,
            counterparty_account=None,
            counterparty_name=None,
            is_reversal=False,
            bank_code=None,
            where="",
        )

    return BankStatement(
        account_number="00A",
        bin="970436",
        from_date=date(2026, 7, 21),
        to_date=END,
        opening=opening,
        closing=opening + 9_000,
        lines=(line(DAY, 5_000, "FT1"), line(DAY, 5_000, "FT2"), line(END, 1_000, "FT3", Direction.OUT)),
        format="",
        file_digest="",
    )


def test_long_statements_go_in_by_slices_of_whole_days_that_join() -> None:
    lines = tuple(
        BankLine(
            key=f"{n:064x}",
            booked_on=date(2026, 7, 1 + n % 10),
            value_on=None,
            direction=Direction.IN if n % 3 else Direction.OUT,
            amount=n + 1,
            bank_reference=None,
            content="",
            balance_after=None,
            counterparty_account=None,
            counterparty_name=None,
            is_reversal=False,
            bank_code=None,
            where="",
        )
        for n in range(100)
    )
    closing = 10_000 + sum(x.amount if x.direction is Direction.IN else -x.amount for x in lines)
    with ExitStack() as stack:
        taking = Taking("d", stack)
        for told in (lines, tuple(sorted(lines, key=lambda x: x.booked_on))):
            raw = taking.spool()
            for line in told:
                raw.add(line)
            whole = taking.prove(
                raw,
                account_number="1",
                days=[date(2026, 7, 1), date(2026, 7, 31)],
                bin=None,
                opening=10_000,
                closing=closing,
                format="csv",
                where="",
            )
            cut = plan(whole, "d", 25)
            parts = [made for _, made in statements(cut)]
            assert cut.in_order is (told is not lines)
            assert [len(part.lines) for part in parts] == [20, 20, 20, 20, 20]
            assert Counter(x.key for part in parts for x in part.lines) == Counter(x.key for x in whole.lines())
            for one, following in pairwise(parts):
                assert following.from_date - one.to_date == timedelta(days=1)
                assert following.opening == one.closing
            assert (parts[0].opening, parts[-1].closing, parts[-1].to_date) == (10_000, closing, date(2026, 7, 31))
            assert len({part.file_digest for part in parts}) == 5
            assert [made for _, made in statements(cut, cut.slices[3:])] == parts[3:]
            assert [made.lines for _, made in statements(plan(whole, "d", 100))] == [tuple(whole.lines())]


def test_keys_do_not_depend_on_the_file_s_decoration_and_twins_get_an_ordinal() -> None:
    line = BankLine(
        key="",
        booked_on=DAY,
        value_on=None,
        direction=Direction.IN,
        amount=5_000,
        bank_reference=None,
        content="nop  tien",
        balance_after=None,
        counterparty_account=None,
        counterparty_name=None,
        is_reversal=False,
        bank_code=None,
        where="dòng 4",
    )
    first = [x.key for x in with_keys("1", [line, line])]
    elsewhere = [x.key for x in with_keys("1", [replace(line, where="Sheet2!7", content="nop tien"), line])]
    assert first == elsewhere
    assert len(set(first)) == 2


def test_the_file_is_kept_given_back_and_every_row_of_it_found(story: Story) -> None:
    played(story)
    inst = story.installation
    data = write_camt053([_written(story)])
    (report,) = import_statement_file(inst, actor="VH-KT", at=at(TODAY), data=data, filename="sk.xml")
    assert report.answer["new_lines"] == 3
    sha256 = hashlib.sha256(data).hexdigest()
    (found,) = find_statements(inst, sha256[:12])
    assert (found.file, found.filename, found.state) == (sha256, "sk.xml", "imported")
    assert b"".join(file_of(inst, found)) == data
    events = inst.store.load(f"account/{account('A')}")[0]
    made = [e for e in events if isinstance(e, StatementImported)][-1]
    (source,) = source_of(inst, account("A"), made.lines[1].key)
    assert source.file == sha256
    assert source.where == "Stmt[1]/Ntry[2]"
    assert source.text is not None
    assert source.text["content"] == "nop tien"
    number = made.lines[1].bank_reference
    for name in (made.lines[1].key[:8], number, f"bank:{account('A')}/{number}"):
        assert source_of(inst, account("A"), name) == (source,)
    for name in (made.lines[1].key[:7], "nope"):
        with pytest.raises(Refusal, match="Ghi số giao dịch của ngân hàng"):
            source_of(inst, account("A"), name)
    # The same days from the bank's other export, without its numbers, are a witness, and taken back first.
    bare = _written(story)
    table = write_camt053([replace(bare, lines=tuple(replace(x, bank_reference=None) for x in bare.lines))])
    (second,) = import_statement_file(inst, actor="VH-KT", at=at(TODAY), data=table, filename="bare.xml")
    assert (second.answer["new_lines"], second.answer["witnessed"]) == (0, 3)
    assert [one.filename for one in source_of(inst, account("A"), made.lines[1].key)] == ["sk.xml", "bare.xml"]
    sound(story)
    first = Act(actor="A-TP", at=at(TODAY), command_id=command_id_for("w"))
    gone = withdraw(inst, first, digest=hashlib.sha256(table).hexdigest(), reason="thừa", decision="BB-2")
    assert [one["state"] for one in gone["withdrawn"]] == ["corrected"]
    act = Act(actor="A-TP", at=at(TODAY), command_id=command_id_for("t"))
    told = withdraw(inst, act, digest=sha256[:12], reason="nhầm tệp", decision="BB-3")
    (asked_,) = told["withdrawn"]
    assert asked_["state"] == "proposed"
    approve = correct.ApproveCorrection(unit_id=A, correction_id=asked_["number"])
    story.do("A-BT", TODAY, approve)
    assert [one.state for one in statements_of(inst, account("A"))][1:] == ["withdrawn", "withdrawn"]
    with pytest.raises(Refusal):
        withdraw(inst, act, digest=sha256[:12], reason="nhầm tệp", decision="BB-3")
    (third,) = import_statement_file(inst, actor="VH-KT", at=at(TODAY), data=data, filename="sk.xml")
    assert third.answer["new_lines"] == 3
    sound(story)
