"""The members' list and income bases from an office's files: people to the vault, facts about ids to the ledger.

The ledger is asked first which rows it would refuse; then the persons of the others go to the vault, and then their
events are recorded in one command. A crash in between leaves names without events, and the next import finds them.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from adapters.office.bases import read_bases
from adapters.office.roster import COLUMNS, ListedMember, read_roster
from adapters.office.table import Listed, RowProblem
from api.flows.imports import ImportReport, execute, refused, report, source
from api.flows.openings import opening_differences
from api.naming import with_unit_codes
from api.wiring import Installation
from domain import organisation
from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId, UnitId
from domain.period import day_of, month_of
from ledger.application import command_id_for
from ledger.handlers.roster import (
    ArrearRow,
    BaseChange,
    BaseRow,
    ImportBases,
    ImportRoster,
    ReliefRow,
    RosterRow,
)
from ledger.ports import Person
from ledger.work import Act


def import_roster(
    inst: Installation, *, actor: str, at: datetime, path: Path, root: UnitId, new_id: Callable[[], str]
) -> ImportReport:
    """Take a list of members beneath ``root`` in. ``new_id`` gives ids for cards that the vault does not know.

    The report's ``differences`` compare the opening arrears and credit of the list's units with their entered
    opening balances. Raises ``Refusal`` (card-taken) when another import took one of the cards meanwhile.
    """
    file = read_roster(path)
    org = inst.ledger.work().organisation
    rows: dict[str, RosterRow] = {}
    people: dict[str, Person] = {}
    problems = list(file.problems)
    for listed in file.rows:
        try:
            unit = organisation.by_code(org, listed.unit_code).unit_id
        except Refusal as refusal:
            problems.append(refused(listed.place, refusal, "mã chi bộ"))
            continue
        known = _known_person(inst, listed)
        if isinstance(known, RowProblem):
            problems.append(known)
            continue
        member = known or new_id()
        where = listed.place.where
        people[where] = Person(member_id=member, name=listed.name, card_number=listed.card_number)
        rows[where] = _row(listed, MemberId(member), unit)
    refused_rows = _would_refuse(inst, ImportRoster(root=root, rows=tuple(rows.values())), actor, at)
    by_place = {listed.place.where: listed for listed in file.rows}
    refusals = {
        where: by_place[where].place.problem(message, _column(by_place[where], code, at), code)
        for where, (code, message) in refused_rows.items()
    }
    good = {where: row for where, row in rows.items() if where not in refusals}
    wanted = [people[where] for where in good]
    kept = inst.vault.persons([person.member_id for person in wanted])
    inst.vault.put([person for person in wanted if kept.get(person.member_id) != person])
    command = ImportRoster(root=root, rows=tuple(good.values()))
    units = {row.unit_id for row in good.values()}
    return _run(inst, command, "import-roster", file, actor, at, len(good), (*problems, *refusals.values()), units)


def _known_person(inst: Installation, listed: ListedMember) -> str | RowProblem | None:
    """The id of the person with this card; a card under another name is not believed, whichever of them is wrong."""
    member = inst.vault.find_by_card(listed.card_number)
    if member is not None and _spelling(inst.vault.name(member) or "") != _spelling(listed.name):
        return listed.place.problem(
            "số thẻ này đã có trong kho danh tính dưới một tên khác; kiểm tra số thẻ và họ tên, "
            "đổi tên thì làm riêng bằng quyết định",
            "số thẻ đảng",
            "card-taken",
        )
    return member


def _spelling(name: str) -> str:
    return " ".join(name.split()).casefold()


def _row(listed: ListedMember, member: MemberId, unit: UnitId) -> RosterRow:
    relief = listed.relief
    return RosterRow(
        where=listed.place.where,
        member_id=member,
        unit_id=unit,
        roster_order=listed.order,
        enrolled_on=listed.enrolled_on,
        from_month=listed.from_month,
        category=listed.category,
        category_342=listed.category_342,
        scope=listed.scope,
        bases=tuple(BaseRow(kind=kind, from_month=month, amount=amount) for kind, month, amount in listed.bases),
        reliefs=()
        if relief is None
        else (
            ReliefRow(
                relief=relief.relief,
                percent=relief.percent,
                from_month=relief.from_month,
                to_month=relief.to_month,
                decision=relief.decision,
                decided_by=relief.decided_by,
                decided_on=relief.decided_on,
            ),
        ),
        arrears=tuple(ArrearRow(month=month, base=base) for month, base in listed.arrears),
        opening_credit=listed.opening_credit,
    )


def import_bases(inst: Installation, *, actor: str, at: datetime, path: Path, root: UnitId) -> ImportReport:
    """Take new income bases of members beneath ``root`` in; unknown cards and future months are listed."""
    file = read_bases(path)
    rows: dict[str, BaseChange] = {}
    problems = list(file.problems)
    for listed in file.rows:
        member = inst.vault.find_by_card(listed.card_number)
        if member is None:
            reason = "không có đảng viên nào mang số thẻ này; nhập danh sách đảng viên trước hoặc sửa số thẻ"
            problems.append(listed.place.problem(reason, "số thẻ", "unknown-member"))
            continue
        base = BaseRow(kind=listed.kind, from_month=listed.from_month, amount=listed.amount)
        where = listed.place.where
        rows[where] = BaseChange(where=where, member_id=MemberId(member), base=base)
    refused_rows = _would_refuse(inst, ImportBases(root=root, rows=tuple(rows.values())), actor, at)
    places = {listed.place.where: listed.place for listed in file.rows}
    refusals = {
        where: places[where].problem(message, "từ tháng" if code == RefusalCode.MONTH_IN_FUTURE else "số thẻ", code)
        for where, (code, message) in refused_rows.items()
    }
    good = tuple(row for where, row in rows.items() if where not in refusals)
    command = ImportBases(root=root, rows=good)
    return _run(inst, command, "import-bases", file, actor, at, len(good), (*problems, *refusals.values()), set())


def _would_refuse(
    inst: Installation, command: ImportRoster | ImportBases, actor: str, at: datetime
) -> dict[str, tuple[str, str]]:
    """The rows that the ledger would refuse: place → (code, message); nothing is recorded."""
    act = Act(actor=actor, at=at, command_id=command_id_for("dry-run"))
    answer = inst.ledger.execute(command, act, dry_run=True).answer
    return {item["where"]: (item["code"], with_unit_codes(inst.ledger, item["message"])) for item in answer["refused"]}


#: The column of the members' list that a refusal is about.
_COLUMN_OF: Mapping[str, str] = {
    RefusalCode.UNKNOWN_UNIT: "unit",
    RefusalCode.NOT_ALLOWED: "unit",
    RefusalCode.UNIT_EXISTS_OTHERWISE: "unit",
    RefusalCode.RELIEF_NOT_ALLOWED: "relief",
    RefusalCode.NOT_CLASSIFIED: "category_342",
    RefusalCode.BASE_MISSING: "arrear_bases",
    RefusalCode.BASE_NOT_TAKEN: "arrear_bases",
}


def _column(listed: ListedMember, code: str, at: datetime) -> str:
    """The heading of the column that a refusal is about."""
    field = _COLUMN_OF.get(code, "arrears")
    if code == RefusalCode.MONTH_IN_FUTURE:
        now = month_of(day_of(at))
        if listed.from_month > now:
            field = "enrolled"
        elif any(month > now for _, month, _ in listed.bases):
            field = "base_month"
    return COLUMNS[field].headings[0]


def _run(
    inst: Installation,
    command: ImportRoster | ImportBases,
    flow: str,
    file: Listed[object],
    actor: str,
    at: datetime,
    taken: int,
    problems: tuple[RowProblem, ...],
    units: set[UnitId],
) -> ImportReport:
    outcome = execute(
        inst,
        command,
        flow=flow,
        digests=(file.digest,),
        actor=actor,
        at=at,
        document=source(file.name, file.digest),
    )
    return report(
        outcome,
        rows=file.lines,
        taken=taken,
        problems=problems,
        differences=opening_differences(inst, sorted(units)),
    )
