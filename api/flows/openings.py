"""Opening balances: entered from a list by one officer, signed by another once they agree with the roll."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from adapters.office.openings import OpeningRow, read_openings
from adapters.office.table import RowProblem
from api.flows.imports import ImportReport, execute, refused, report, source
from api.wiring import Installation
from domain import opening, organisation
from domain.dues_account import DuesAssessed, OpeningCreditCarried
from domain.errors import Refusal, RefusalCode
from domain.identifiers import AccountId, UnitId
from domain.money import Dong, format_dong
from domain.opening import OpeningEntered, OpeningFigures
from domain.organisation import Organisation
from domain.period import day_of
from ledger.handlers.setup import EnterOpenings, SignOpenings

#: The events by which a roll brings arrears and credit along.
_CARRIED = ("dues-assessed", "opening-credit-carried")
_BATCH = 2_000

#: The column that a refusal is about.
_COLUMN_OF: Mapping[str, str] = {
    RefusalCode.UNKNOWN_UNIT: "mã đơn vị",
    RefusalCode.NOT_ALLOWED: "mã đơn vị",
    RefusalCode.OPENING_ALREADY_SIGNED: "mã đơn vị",
    RefusalCode.OPENING_NOT_BALANCED: "quỹ",
    RefusalCode.UNKNOWN_ACCOUNT: "số tài khoản",
    RefusalCode.MONTH_IN_FUTURE: "tại ngày",
}


def enter_openings(inst: Installation, *, actor: str, at: datetime, path: Path, root: UnitId) -> ImportReport:
    """Enter the balances of units beneath ``root``; nothing is booked before the second signature.

    Rows that do not balance, of unknown units or of a future day are listed; what is entered already adds nothing.
    """
    file = read_openings(path)
    work = inst.ledger.work()
    work.preload(opening.stream(unit) for unit in work.organisation.units)
    good: list[OpeningEntered] = []
    problems = list(file.problems)
    seen: set[UnitId] = set()
    for row in file.rows:
        try:
            asked = _entered(work.organisation, row, actor, at, root)
            opening.enter(work.opening(asked.unit_id), asked)
        except Refusal as refusal:
            problems.append(refused(row.place, refusal, _COLUMN_OF.get(refusal.code)))
            continue
        if asked.unit_id in seen:
            problems.append(row.place.problem(f"đơn vị {row.unit_code} đã có một dòng ở trên", "mã đơn vị"))
            continue
        seen.add(asked.unit_id)
        good.append(asked)
    outcome = execute(
        inst,
        EnterOpenings(root=root, openings=tuple(good)),
        flow="enter-openings",
        digests=(file.digest,),
        actor=actor,
        at=at,
        document=source(file.name, file.digest),
    )
    return report(outcome, rows=file.lines, taken=len(good), problems=tuple(problems))


def _entered(org: Organisation, row: OpeningRow, actor: str, at: datetime, root: UnitId) -> OpeningEntered:
    unit = organisation.by_code(org, row.unit_code).unit_id
    if not organisation.is_within(org, unit, root):
        raise organisation.outside(unit, root)
    if row.as_of > day_of(at):
        raise Refusal(
            RefusalCode.MONTH_IN_FUTURE,
            f"Ngày chốt số dư {row.as_of:%d/%m/%Y} còn ở tương lai (hôm nay {day_of(at):%d/%m/%Y}). "
            "Kiểm tra cột «tại ngày».",
        )
    return OpeningEntered(
        unit_id=unit,
        as_of=row.as_of,
        figures=OpeningFigures(
            account_id=_account(org, unit, row),
            bank=row.bank,
            cash=row.cash,
            fund=row.fund,
            credit=row.credit,
            arrears=row.arrears,
            ytd_collected=row.ytd_collected,
            ytd_kept=row.ytd_kept,
            ytd_remitted=row.ytd_remitted,
        ),
        document=row.document,
        entered_by=actor,
    )


def _account(org: Organisation, unit: UnitId, row: OpeningRow) -> AccountId | None:
    """The unit's account that the row names, or its only one; None where it has no account of its own."""
    own = [account for account in org.accounts.values() if account.unit_id == unit]
    if row.account_number is not None:
        own = [account for account in own if account.number == row.account_number]
        if not own:
            raise Refusal(
                RefusalCode.UNKNOWN_ACCOUNT,
                f"{row.unit_code} không có tài khoản số {row.account_number}. Đăng ký tài khoản của đơn vị trước.",
            )
    if len(own) > 1:
        raise Refusal(
            RefusalCode.UNKNOWN_ACCOUNT,
            f"{row.unit_code} có {len(own)} tài khoản; điền cột «số tài khoản» để nói số dư thuộc tài khoản nào.",
        )
    return own[0].account_id if own else None


def sign_openings(inst: Installation, *, actor: str, at: datetime, root: UnitId) -> ImportReport:
    """Sign every entered opening beneath ``root`` whose arrears and credit agree with the roll; list the others.

    Import the rolls first: an opening that says a cell is owed what its list of members does not show is not signed.
    """
    work = inst.ledger.work()
    org = work.organisation
    units = [unit.unit_id for unit in organisation.subtree(org, root)]
    work.preload(opening.stream(unit) for unit in units)
    waiting = [unit for unit in units if work.opening(unit).entered and not work.opening(unit).signed]
    differences = opening_differences(inst, waiting)
    differing = {problem.file for problem in differences}
    ready = [unit for unit in waiting if org.units[unit].code not in differing]
    problems: list[RowProblem] = []
    good: list[UnitId] = []
    for unit in ready:
        try:
            opening.sign(work.opening(unit), signed_by=actor)
            good.append(unit)
        except Refusal as refusal:
            problems.append(_of_unit(org, unit, refusal.message, None, refusal.code))
    outcome = execute(
        inst,
        SignOpenings(root=root, units=tuple(good)),
        flow="sign-openings",
        digests=(root,),
        actor=actor,
        at=at,
        document=None,
    )
    return report(outcome, rows=len(waiting), taken=len(good), problems=tuple(problems), differences=tuple(differences))


def opening_differences(inst: Installation, units: Iterable[UnitId]) -> tuple[RowProblem, ...]:
    """Where entered arrears and credit differ from what the members' lists brought; ``file`` is the unit's code."""
    work = inst.ledger.work()
    org = work.organisation
    carried = _carried(inst)
    found = []
    for unit in units:
        entered = work.opening(unit).entered
        if entered is None:
            continue
        arrears, credit = carried.get(unit, (0, 0))
        stated = (
            ("nợ đảng phí", entered.figures.arrears, arrears),
            ("đóng thừa", entered.figures.credit, credit),
        )
        for column, said, listed in stated:
            if said != listed:
                reason = (
                    f"biểu số dư ghi {format_dong(said)} đồng, danh sách đảng viên cộng lại {format_dong(listed)} "
                    "đồng; đối chiếu hai danh sách rồi nhập lại"
                )
                found.append(_of_unit(org, unit, reason, column, RefusalCode.OPENING_NOT_BALANCED))
    return tuple(found)


def _of_unit(org: Organisation, unit: UnitId, reason: str, column: str | None, code: str) -> RowProblem:
    return RowProblem(file=org.units[unit].code, sheet=None, row=None, column=column, reason=reason, code=code)


def _carried(inst: Installation) -> dict[UnitId, tuple[Dong, Dong]]:
    """Arrears and credit that the members' lists brought, by unit, read from the log; đồng."""
    sums: dict[UnitId, tuple[Dong, Dong]] = {}
    position = 0
    while found := inst.store.read(position, _BATCH, _CARRIED):
        for recorded in found:
            event = recorded.event
            if isinstance(event, DuesAssessed) and event.is_opening:
                arrears, credit = sums.get(event.unit_id, (0, 0))
                sums[event.unit_id] = (arrears + event.due, credit)
            elif isinstance(event, OpeningCreditCarried):
                arrears, credit = sums.get(event.unit_id, (0, 0))
                sums[event.unit_id] = (arrears, credit + event.amount)
        position = found[-1].position
    return sums
