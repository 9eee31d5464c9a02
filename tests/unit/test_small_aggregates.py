"""Decisions of the smaller aggregates: requests, cash, bank accounts, receipts, openings, members, the tree."""

from dataclasses import replace
from datetime import date
from functools import reduce
from typing import Any

import pytest

from domain import bank_account, cash, member, opening, organisation, payment_request, receipt_book
from domain.bank_account import MovementNamed, NotDues, StatementImported, StatementLine
from domain.cash import BagCredited, BagTakenToBank, CashPassedToHolder
from domain.errors import Refusal, RefusalCode
from domain.identifiers import AccountId, MemberId, PaymentId, UnitId
from domain.member import IncomeBaseDeclared, MemberEnrolled, ReliefGranted, Scope, StandingDeclared
from domain.notice import Direction
from domain.opening import OpeningEntered, OpeningFigures
from domain.organisation import Channel, HolderAssigned, UnitRegistered, WageRegionAssigned
from domain.organisation_kinds import UnitKind
from domain.payment_request import NOT_REQUESTED, CountersReserved, Kind, PaymentRequested, RequestLine
from domain.period import Month
from domain.reference import Reference

DAY = date(2026, 7, 10)
A, VH = UnitId("A"), UnitId("VH")
ACCOUNT = AccountId("970436:00A")


def _code(call: Any, *args: Any, **kwargs: Any) -> RefusalCode:
    with pytest.raises(Refusal) as caught:
        call(*args, **kwargs)
    return caught.value.code


# --- Requests -------------------------------------------------------------------------------------------------------

REQUEST = PaymentRequested(
    reference=Reference("HJQPM5YNFT97"),
    kind=Kind.DUES,
    channel="qr",
    unit_id=A,
    holder_id=A,
    account_id=ACCOUNT,
    amount=100,
    member_id=MemberId("m"),
    month=Month("2026-07"),
    lines=(),
    case_id=None,
    valid_until=None,
)
LINE = RequestLine(member_id=MemberId("m"), month=Month("2026-07"), amount=100, cash_payment_id=None)
BATCH = replace(REQUEST, kind=Kind.BATCH, member_id=None, month=None, lines=(LINE,))
CASE = replace(REQUEST, member_id=None, month=None, case_id="c")


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (REQUEST, None),
        (BATCH, None),
        (replace(CASE, kind=Kind.REMITTANCE), None),
        (replace(CASE, kind=Kind.REFUND), None),
        (replace(CASE, kind=Kind.CASH_BAG), None),
        (replace(REQUEST, month=None), RefusalCode.PAYMENT_KIND_DIFFERS),
        (replace(BATCH, lines=()), RefusalCode.PAYMENT_KIND_DIFFERS),
        (replace(BATCH, member_id=MemberId("m")), RefusalCode.PAYMENT_KIND_DIFFERS),
        (replace(CASE, kind=Kind.REMITTANCE, case_id=None), RefusalCode.PAYMENT_KIND_DIFFERS),
        (replace(CASE, kind=Kind.REFUND, lines=(LINE,)), RefusalCode.PAYMENT_KIND_DIFFERS),
        (replace(BATCH, amount=101), RefusalCode.AMOUNT_DIFFERS),
        (replace(REQUEST, amount=0), RefusalCode.AMOUNT_OUT_OF_RANGE),
    ],
)
def test_the_kind_of_a_request_and_its_particulars_fit(asked: PaymentRequested, code: RefusalCode | None) -> None:
    if code is not None:
        assert _code(payment_request.ask, NOT_REQUESTED, asked) is code
        return
    assert payment_request.ask(NOT_REQUESTED, asked) == (asked,)
    state = payment_request.evolve(NOT_REQUESTED, asked)
    assert payment_request.ask(state, asked) == ()
    assert _code(payment_request.ask, state, replace(asked, amount=7)) is RefusalCode.PAYMENT_KIND_DIFFERS


def test_a_payment_answers_a_request_once() -> None:
    state = payment_request.evolve(NOT_REQUESTED, REQUEST)
    (event,) = payment_request.answer(state, payment_id=PaymentId("p/1"), amount=60)
    after = payment_request.evolve(state, event)
    assert payment_request.answer(after, payment_id=PaymentId("p/1"), amount=60) == ()
    assert payment_request.answer(NOT_REQUESTED, payment_id=PaymentId("p/1"), amount=60) == ()
    assert payment_request.answered(after) == 60
    assert payment_request.answered(NOT_REQUESTED) == 0


def test_counters_follow_one_another() -> None:
    assert payment_request.next_counter(()) == 0
    assert payment_request.next_counter((CountersReserved(first=0, count=5), CountersReserved(first=5, count=2))) == 7


# --- Cash -----------------------------------------------------------------------------------------------------------

BAG = BagTakenToBank(bag=REQUEST.reference, unit_id=A, account_id=ACCOUNT, amount=100, taken_on=DAY)
CREDITED = BagCredited(bag=BAG.bag, unit_id=A, account_id=ACCOUNT, amount=100, bank_line="l", booked_on=DAY)
PASSED = CashPassedToHolder(unit_id=A, holder_id=VH, amount=100, slip="s", passed_on=DAY)


def test_cash_leaves_once_and_never_more_than_is_in_hand() -> None:
    taken = cash.evolve(cash.EMPTY, BAG)
    assert cash.take_bag(cash.EMPTY, BAG, in_hand=100) == (BAG,)
    assert cash.take_bag(taken, BAG, in_hand=0) == ()
    assert _code(cash.take_bag, cash.EMPTY, BAG, in_hand=99) is RefusalCode.CASH_NOT_IN_HAND
    assert cash.credit_bag(taken, CREDITED) == (CREDITED,)
    assert cash.credit_bag(cash.evolve(taken, CREDITED), CREDITED) == ()
    for state, asked in ((taken, replace(CREDITED, amount=99)), (cash.EMPTY, CREDITED)):
        assert _code(cash.credit_bag, state, asked) is RefusalCode.AMOUNT_DIFFERS
    assert cash.pass_to_holder(cash.EMPTY, PASSED, in_hand=100) == (PASSED,)
    assert cash.pass_to_holder(cash.evolve(cash.EMPTY, PASSED), PASSED, in_hand=0) == ()
    assert _code(cash.pass_to_holder, cash.EMPTY, PASSED, in_hand=99) is RefusalCode.CASH_NOT_IN_HAND
    none = replace(PASSED, amount=0)
    assert _code(cash.pass_to_holder, cash.EMPTY, none, in_hand=99) is RefusalCode.AMOUNT_OUT_OF_RANGE


# --- Bank accounts --------------------------------------------------------------------------------------------------


def _line(key: str, day: int, amount: int = 10) -> StatementLine:
    return StatementLine(
        key=key,
        booked_on=date(2026, 7, day),
        direction=Direction.IN,
        amount=amount,
        bank_reference=f"FT-{key}",
        references=(),
        bank_code=None,
        is_reversal=False,
        payer_key=None,
        evidence_id=None,
    )


def _statement(digest: str, first: int, last: int, opening: int, *lines: StatementLine) -> StatementImported:
    credits = sum(line.amount for line in lines)
    return StatementImported(
        account_id=ACCOUNT,
        unit_id=A,
        file_digest=digest,
        format="camt",
        from_date=date(2026, 7, first),
        to_date=date(2026, 7, last),
        opening=opening,
        closing=opening + credits,
        credits=credits,
        debits=0,
        line_count=len(lines),
        lines=lines,
    )


TENTH = _statement("a", 10, 10, 100, _line("x", 10), _line("y", 10))
KNOWN = bank_account.evolve(bank_account.EMPTY, TENTH)


@pytest.mark.parametrize(
    ("asked", "result"),
    [
        (TENTH, None),
        (replace(TENTH, file_digest="b"), None),
        (_statement("b", 10, 11, 100, *TENTH.lines, _line("z", 11)), ["z"]),
        (_statement("b", 11, 11, 120, _line("z", 11)), ["z"]),
        (_statement("b", 9, 9, 90, _line("z", 9)), ["z"]),
        (_statement("b", 12, 12, 999, _line("z", 12)), ["z"]),
        (_statement("b", 11, 11, 121), RefusalCode.STATEMENT_GAP),
        (_statement("b", 9, 9, 99, _line("z", 9)), RefusalCode.STATEMENT_GAP),
        (replace(TENTH, file_digest="b", closing=121), RefusalCode.STATEMENT_DOES_NOT_ADD_UP),
        (_statement("b", 11, 11, 120, _line("z", 12)), RefusalCode.STATEMENT_DOES_NOT_ADD_UP),
        (_statement("b", 10, 10, 101, *TENTH.lines), RefusalCode.STATEMENT_CONFLICTS),
        (_statement("b", 10, 10, 100, _line("x", 10), _line("w", 10)), RefusalCode.STATEMENT_CONFLICTS),
        (_statement("b", 10, 11, 100, _line("z", 11)), RefusalCode.STATEMENT_CONFLICTS),
    ],
)
def test_a_statement_is_taken_whole_fits_its_neighbours_and_adds_only_new_lines(
    asked: StatementImported, result: list[str] | RefusalCode | None
) -> None:
    if isinstance(result, RefusalCode):
        assert _code(bank_account.import_statement, KNOWN, asked) is result
        return
    events = bank_account.import_statement(KNOWN, asked)
    assert [[line.key for line in event.lines] for event in events] == ([] if result is None else [result])
    assert "FT-x" in KNOWN.bank_references


def test_a_line_is_named_once() -> None:
    asked = MovementNamed(
        account_id=ACCOUNT,
        unit_id=A,
        bank_line="x",
        what=NotDues.INTEREST,
        heading="lãi",
        amount=10,
        booked_on=DAY,
        ground="",
        named_by="o",
    )
    assert bank_account.name_movement(KNOWN, asked) == (asked,)
    assert bank_account.name_movement(bank_account.evolve(KNOWN, asked), asked) == ()


# --- Receipts and openings ------------------------------------------------------------------------------------------


def test_receipts_run_without_a_gap_and_a_payment_has_one() -> None:
    state = receipt_book.EMPTY
    for payment in ("p/1", "p/2", "p/1", "p/3"):
        events = receipt_book.issue(
            state,
            unit_id=A,
            year=2026,
            payment_id=PaymentId(payment),
            member_id=None,
            amount=1,
            paid_on=DAY,
            issued_on=DAY,
        )
        state = reduce(receipt_book.evolve, events, state)
    assert dict(state.by_payment) == {"p/1": 1, "p/2": 2, "p/3": 3}


FIGURES = OpeningFigures(
    account_id=ACCOUNT,
    bank=100,
    cash=20,
    fund=110,
    credit=10,
    arrears=5,
    ytd_collected=0,
    ytd_kept=0,
    ytd_remitted=0,
)
ENTERED = OpeningEntered(unit_id=A, as_of=DAY, figures=FIGURES, document="BB", entered_by="one")


@pytest.mark.parametrize(
    ("figures", "code"),
    [
        (replace(FIGURES, fund=111), RefusalCode.OPENING_NOT_BALANCED),
        (replace(FIGURES, cash=-20, fund=70), RefusalCode.OPENING_NOT_BALANCED),
        (replace(FIGURES, account_id=None), RefusalCode.UNKNOWN_ACCOUNT),
    ],
)
def test_opening_balances_must_balance(figures: OpeningFigures, code: RefusalCode) -> None:
    assert _code(opening.enter, opening.NOTHING, replace(ENTERED, figures=figures)) is code


def test_opening_balances_are_signed_by_a_second_person_and_then_stand() -> None:
    assert _code(opening.sign, opening.NOTHING, signed_by="two") is RefusalCode.OPENING_NOT_BALANCED
    assert opening.enter(opening.NOTHING, ENTERED) == (ENTERED,)
    state = opening.evolve(opening.NOTHING, ENTERED)
    assert opening.enter(state, ENTERED) == ()
    assert _code(opening.sign, state, signed_by="one") is RefusalCode.MAKER_IS_CHECKER
    (signed,) = opening.sign(state, signed_by="two")
    done = opening.evolve(state, signed)
    assert opening.sign(done, signed_by="two") == ()
    assert opening.enter(done, ENTERED) == ()
    assert _code(opening.enter, done, replace(ENTERED, document="BB-2")) is RefusalCode.OPENING_ALREADY_SIGNED


# --- Members --------------------------------------------------------------------------------------------------------

M = MemberId("m")
ENROLLED = MemberEnrolled(member_id=M, unit_id=A, enrolled_on=DAY, roster_order=1)
STANDING = StandingDeclared(
    member_id=M, from_month=Month("2026-07"), category="STUDENT", category_342=None, scope=Scope.ONLINE
)


def _base(kind: str, month: str, amount: int) -> IncomeBaseDeclared:
    return IncomeBaseDeclared(member_id=M, kind=kind, from_month=Month(month), amount=amount)


def _relief(percent: int, first: str, last: str | None) -> ReliefGranted:
    return ReliefGranted(
        member_id=M,
        relief="X4",
        percent=percent,
        from_month=Month(first),
        to_month=None if last is None else Month(last),
        decision="QD",
        decided_by="o",
        decided_on=DAY,
    )


def test_a_member_is_enrolled_in_one_cell_and_what_holds_already_adds_nothing() -> None:
    assert member.enrol(member.UNKNOWN, ENROLLED) == (ENROLLED,)
    state = member.evolve(member.UNKNOWN, ENROLLED)
    assert member.enrol(state, ENROLLED) == ()
    assert _code(member.enrol, state, replace(ENROLLED, unit_id=VH)) is RefusalCode.UNIT_EXISTS_OTHERWISE
    assert _code(member.require_known, member.UNKNOWN) is RefusalCode.UNKNOWN_MEMBER
    for decide, asked in (
        (member.declare_standing, STANDING),
        (member.declare_base, _base("pension", "2026-07", 1)),
        (member.grant_relief, _relief(30, "2026-07", None)),
    ):
        assert decide(state, asked) == (asked,)  # type: ignore[operator]  # one table over three decisions
        assert decide(member.evolve(state, asked), asked) == ()  # type: ignore[operator]
    later = replace(STANDING, from_month=Month("2026-08"))
    assert member.declare_standing(member.evolve(state, STANDING), later) == ()


def test_bases_standing_and_relief_are_those_of_the_month() -> None:
    facts = (
        ENROLLED,
        STANDING,
        _base("si-salary", "2026-06", 100),
        _base("si-salary", "2026-07", 200),
        _base("pension", "2026-07", 50),
        _relief(30, "2026-07", "2026-08"),
        _relief(50, "2026-08", None),
    )
    state: Any = reduce(member.evolve, facts, member.UNKNOWN)
    amount = {m: member.base_in(state, "si-salary", Month(m)) for m in ("2026-06", "2026-07", "2026-08", "2026-12")}
    # Compulsory insurance counts the month before; for the first month on the roll, its own.
    assert {m: b and b.amount for m, b in amount.items()} == {
        "2026-06": 100,
        "2026-07": 100,
        "2026-08": 200,
        "2026-12": 200,
    }
    assert member.base_in(state, "pension", Month("2026-06")) is None
    assert member.standing_in(state, Month("2026-06")) is None
    percents = {m: member.relief_in(state, Month(m)) for m in ("2026-06", "2026-07", "2026-08")}
    assert {m: r and r.percent for m, r in percents.items()} == {"2026-06": None, "2026-07": 30, "2026-08": 50}


# --- The tree -------------------------------------------------------------------------------------------------------


def _unit(unit: str, parent: str | None) -> UnitRegistered:
    return UnitRegistered(
        unit_id=UnitId(unit),
        code=unit,
        name=unit,
        kind=UnitKind.CELL,
        parent_id=None if parent is None else UnitId(parent),
        effective_from=DAY,
        has_books=True,
    )


TREE = reduce(organisation.evolve, [_unit("VH", None), _unit("A", "VH"), _unit("B", "VH")], organisation.EMPTY)


def test_units_and_accounts_are_registered_once() -> None:
    assert organisation.register_unit(TREE, _unit("A", "VH")) == ()
    taken = replace(_unit("C", "VH"), code="A")
    for asked, code in (
        (_unit("C", "nowhere"), RefusalCode.UNKNOWN_UNIT),
        (_unit("A", "B"), RefusalCode.UNIT_EXISTS_OTHERWISE),
        (taken, RefusalCode.UNIT_EXISTS_OTHERWISE),
    ):
        assert _code(organisation.register_unit, TREE, asked) is code
    own = {"unit_id": A, "bin_": "970436", "number": "00A", "holder_name": "A", "effective_from": DAY}
    (event,) = organisation.register_account(TREE, **own)  # type: ignore[arg-type]
    state = organisation.evolve(TREE, event)
    assert organisation.register_account(state, **own) == ()  # type: ignore[arg-type]
    other = own | {"unit_id": VH}
    assert _code(organisation.register_account, state, **other) is RefusalCode.UNIT_EXISTS_OTHERWISE
    assert organisation.account_by_number(state, "00A") == event
    assert organisation.account_by_number(state, "00B") is None
    assert _code(organisation.account, TREE, ACCOUNT) is RefusalCode.UNKNOWN_ACCOUNT
    region = WageRegionAssigned(unit_id=VH, region="II", assumed=True, document="", effective_from=DAY)
    assert organisation.assign_region(TREE, region) == (region,)
    located = organisation.evolve(TREE, region)
    assert organisation.assign_region(located, region) == ()
    assert (organisation.region_of(located, A), organisation.region_of(TREE, A)) == ("II", None)


def test_a_holder_is_the_unit_itself_or_one_above_with_an_account_of_its_own() -> None:
    registered = organisation.register_account(
        TREE, unit_id=VH, bin_="970436", number="00VH", holder_name="VH", effective_from=DAY
    )
    state = reduce(organisation.evolve, registered, TREE)
    held = HolderAssigned(
        unit_id=A, channel=Channel.BANK, holder_id=VH, account_id=AccountId("970436:00VH"), effective_from=DAY
    )
    assert organisation.assign_holder(state, held) == (held,)
    assigned = organisation.evolve(state, held)
    assert organisation.assign_holder(assigned, held) == ()
    for wrong, code in (
        (replace(held, holder_id=UnitId("B")), RefusalCode.HOLDER_NOT_ABOVE),
        (replace(held, holder_id=A), RefusalCode.UNKNOWN_ACCOUNT),
        (replace(held, account_id=None), RefusalCode.UNKNOWN_ACCOUNT),
        (replace(held, channel=Channel.CASH), RefusalCode.UNKNOWN_ACCOUNT),
    ):
        assert _code(organisation.assign_holder, state, wrong) is code
    assert organisation.receiving_place(assigned, A, Channel.BANK, DAY) == held
    early = date(2026, 7, 9)
    assert _code(organisation.receiving_place, assigned, A, Channel.BANK, early) is RefusalCode.NO_RECEIVING_ACCOUNT
    assert [u.unit_id for u in organisation.subtree(TREE, VH)] == ["VH", "A", "B"]
    assert _code(organisation.by_code, TREE, "Z") is RefusalCode.UNKNOWN_UNIT
