"""A list of members' moves: people to the vault, acts to the ledger; refused rows are named with their place."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

from adapters.office.moves import ListedMove, MoveKind, read_moves
from api.flows.imports import ImportReport, execute, refused, report, source
from api.flows.members import keep, person_for
from api.naming import with_unit_codes
from api.wiring import Installation
from domain import organisation
from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId, UnitId
from domain.membership import Ending
from domain.organisation import Organisation
from domain.period import Month
from ledger.application import command_id_for
from ledger.handlers.member_lists import ImportMoves, Move, MoveRow
from ledger.handlers.members import (
    AdmitArrival,
    AdmitMember,
    EndMembership,
    FirstStanding,
    RecogniseMember,
    ReleaseMember,
    RestoreMember,
)
from ledger.handlers.roster import BaseRow
from ledger.handlers.transfers import IssueTransfer, ReceiveTransfer
from ledger.ports import Person
from ledger.work import Act

#: Kinds of rows about somebody the vault may not know yet.
_NEW = (MoveKind.ADMIT, MoveKind.ARRIVE)
_ENDINGS = {
    MoveKind.STRUCK_OFF: Ending.STRUCK_OFF,
    MoveKind.LEFT: Ending.LEFT,
    MoveKind.EXPELLED: Ending.EXPELLED,
    MoveKind.DIED: Ending.DIED,
}


def import_moves(
    inst: Installation, *, actor: str, at: datetime, path: Path, root: UnitId, new_id: Callable[[], str]
) -> ImportReport:
    """Take a list of moves beneath ``root`` in, in its order; ``new_id`` gives ids for cards not in the vault."""
    file = read_moves(path)
    org = inst.ledger.work().organisation
    rows: dict[str, MoveRow] = {}
    people: dict[str, Person] = {}
    new_cards: dict[str, Person] = {}
    problems = list(file.problems)
    for listed in file.rows:
        where = listed.place.where
        try:
            person = _person(inst, listed, new_cards, new_id)
            rows[where] = MoveRow(where=where, move=_act(org, listed, MemberId(person.member_id)))
        except Refusal as refusal:
            problems.append(refused(listed.place, refusal))
            continue
        if listed.kind in _NEW:
            people[where] = person
    tried = inst.ledger.execute(
        ImportMoves(root=root, rows=tuple(rows.values())),
        Act(actor=actor, at=at, command_id=command_id_for("dry-run")),
        dry_run=True,
    )
    by_place = {listed.place.where: listed.place for listed in file.rows}
    for item in tried.answer["refused"]:
        place = by_place[item["where"]]
        problems.append(place.problem(with_unit_codes(inst.ledger, item["message"]), None, item["code"]))
        del rows[item["where"]]
    for where in rows:
        if where in people:
            keep(inst, people[where])
    command = ImportMoves(root=root, rows=tuple(rows.values()))
    outcome = execute(
        inst,
        command,
        flow="import-moves",
        digests=(file.digest,),
        actor=actor,
        at=at,
        document=source(file.name, file.digest),
    )
    return report(outcome, rows=file.lines, taken=len(rows), problems=tuple(problems))


def _person(inst: Installation, listed: ListedMove, new_cards: dict[str, Person], new_id: Callable[[], str]) -> Person:
    """Who the row is about: known by the card, or new when the row admits somebody."""
    if listed.card_number in new_cards:
        return new_cards[listed.card_number]
    if listed.kind in _NEW:
        person = person_for(inst, name=listed.name or "", card=listed.card_number, new_id=new_id)
        new_cards[listed.card_number] = person
        return person
    known = inst.vault.find_by_card(listed.card_number)
    if known is None:
        raise Refusal(
            RefusalCode.UNKNOWN_MEMBER,
            "Không có đảng viên nào mang số thẻ này. Sửa số thẻ, hoặc ghi kết nạp, tiếp nhận người này trước.",
        )
    return Person(member_id=known, name="", card_number=listed.card_number)


def _act(org: Organisation, row: ListedMove, who: MemberId) -> Move:
    unit = organisation.by_code(org, row.unit_code).unit_id
    decided = row.decided_on or row.day
    match row.kind:
        case MoveKind.ADMIT:
            return AdmitMember(
                unit_id=unit,
                member_id=who,
                decision=row.document,
                decided_on=decided,
                ceremony_on=row.day,
                standing=_standing(row),
            )
        case MoveKind.RECOGNISE:
            return RecogniseMember(unit_id=unit, member_id=who, official_on=row.day, decision=row.document)
        case MoveKind.LETTER:
            return IssueTransfer(
                unit_id=unit,
                member_id=who,
                kind=row.term,
                to_unit=None if row.to_code is None else organisation.by_code(org, row.to_code).unit_id,
                to_outside=row.outside,
                letter=row.document,
                issued_on=row.day,
                paid_through=_month(row.paid_through),
                to_month=row.to_month,
            )
        case MoveKind.RECEIVE:
            return ReceiveTransfer(unit_id=unit, member_id=who, letter=row.document, received_on=row.day)
        case MoveKind.ARRIVE:
            return AdmitArrival(
                unit_id=unit,
                member_id=who,
                from_outside=row.outside or "",
                kind=row.term,
                letter=row.document,
                received_on=row.day,
                paid_through=_month(row.paid_through),
                to_month=row.to_month,
                standing=_standing(row),
            )
        case MoveKind.RELEASE:
            return _release(row, unit, who, decided)
        case MoveKind.RESTORE:
            return RestoreMember(
                unit_id=unit, member_id=who, restored_on=row.day, decision=row.document, decided_on=decided
            )
        case _:
            return EndMembership(
                unit_id=unit,
                member_id=who,
                why=_ENDINGS[row.kind],
                effective_on=row.day,
                decision=row.document,
                decided_on=decided,
            )


def _release(row: ListedMove, unit: UnitId, who: MemberId, decided: date) -> ReleaseMember:
    return ReleaseMember(
        unit_id=unit,
        member_id=who,
        from_month=_month(row.from_month),
        to_month=_month(row.to_month),
        granted_by=row.granted_by or "",
        decision=row.document,
        decided_on=decided,
    )


def _standing(row: ListedMove) -> FirstStanding:
    bases = () if row.base is None else (BaseRow(kind=row.base[0], from_month=row.base[1], amount=row.base[2]),)
    return FirstStanding(category=row.category, category_342=row.category_342, scope=row.scope, bases=bases)


def _month(said: Month | None) -> Month:
    """A month that the reader has made sure is there."""
    if said is None:
        raise Refusal(RefusalCode.MONTH_MALFORMED, "Thiếu tháng trong dòng này. Điền tháng dạng 2026-07.")
    return said
