"""``dangphi member``: members are admitted, transferred, released, leave and come back; the dues follow."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import typer

from api.cli.imports import show_report
from api.cli.member_letters import DecidedOn, Decision, Kind, Letter, Member, On, Paid, ToMonth, Unit, letters
from api.cli.session import (
    Actor,
    AsJson,
    At,
    CommandId,
    Data,
    Demo,
    DryRun,
    Reader,
    act,
    dong,
    moment,
    opened,
    reading_as,
    show,
    show_outcome,
    unit_id,
)
from api.flows.members import keep, member_of, person_for
from api.flows.moves import import_moves
from api.reading import reading
from api.wiring import Installation
from domain import membership
from domain.access import Action
from domain.identifiers import MemberId, UnitId
from domain.member import Scope
from domain.membership import Ending, TransferKind
from domain.period import day_of, parse_month
from domain.policy_rows import BaseKind
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
from ledger.ports import Person

app = typer.Typer(
    help="Biến động đảng viên: kết nạp, chuyển sinh hoạt, ra khỏi danh sách, phục hồi.",
    no_args_is_help=True,
    add_completion=False,
)
app.add_typer(letters)

Name = Annotated[str, typer.Option("--name", help="Họ và tên; chỉ vào kho danh tính.")]
Card = Annotated[str, typer.Option("--card", help="Số thẻ đảng; chỉ vào kho danh tính.")]
Category = Annotated[str | None, typer.Option("--category", help="Nhóm đối tượng; bỏ trống thì phải xác định sau.")]
Category342 = Annotated[str | None, typer.Option("--category-342", help="Nhóm theo 342-QĐ/TW (tháng trước 2026-02).")]
ScopeOption = Annotated[Scope, typer.Option("--scope", help="online, cash, abroad hoặc armed-forces.")]
Base = Annotated[int | None, typer.Option("--base", parser=dong, help="Căn cứ tính đóng, đồng.")]
BaseKindOption = Annotated[BaseKind, typer.Option("--base-kind", help="Loại căn cứ.")]
BaseMonth = Annotated[str | None, typer.Option("--base-month", help="Căn cứ từ tháng: 2026-07.")]


def _standing(
    category: str | None, category_342: str | None, scope: Scope, base: int | None, kind: BaseKind, month: str | None
) -> FirstStanding:
    if base is not None and month is None:
        raise typer.BadParameter("có --base thì phải có --base-month")
    bases = () if base is None else (BaseRow(kind=kind, from_month=parse_month(str(month)), amount=base),)
    return FirstStanding(category=category, category_342=category_342, scope=scope, bases=bases)


def _new(inst: Installation, name: str, card: str, *, dry_run: bool) -> MemberId:
    person = person_for(inst, name=name, card=card, new_id=lambda: str(uuid4()))
    return MemberId(person.member_id) if dry_run else keep(inst, person)


@app.command("admit", help="Ghi kết nạp sau lễ kết nạp.")
def admit_command(
    actor: Actor,
    unit: Unit,
    name: Name,
    card: Card,
    decision: Decision,
    decided_on: DecidedOn,
    on: On,
    category: Category = None,
    category_342: Category342 = None,
    scope: ScopeOption = Scope.ONLINE,
    base: Base = None,
    base_kind: BaseKindOption = BaseKind.SI_SALARY,
    base_month: BaseMonth = None,
    at: At = None,
    command_id: CommandId = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        command = AdmitMember(
            unit_id=unit_id(inst, unit),
            member_id=_new(inst, name, card, dry_run=dry_run),
            decision=decision,
            decided_on=decided_on.date(),
            ceremony_on=on.date(),
            standing=_standing(category, category_342, scope, base, base_kind, base_month),
        )
        outcome = inst.ledger.execute(command, act(actor, at, command_id, document=decision), dry_run=dry_run)
    show_outcome(outcome, as_json=as_json, dry_run=dry_run, member_id=command.member_id)


@app.command("arrive", help="Tiếp nhận đảng viên đến từ ngoài sổ này (tỉnh khác, ngoài nước).")
def arrive_command(
    actor: Actor,
    unit: Unit,
    name: Name,
    card: Card,
    letter: Letter,
    from_outside: Annotated[str, typer.Option("--from", help="Nơi đi, như ghi trên giấy.")],
    paid_through: Paid,
    on: On,
    kind: Kind = TransferKind.OFFICIAL,
    to_month: ToMonth = None,
    category: Category = None,
    category_342: Category342 = None,
    scope: ScopeOption = Scope.ONLINE,
    base: Base = None,
    base_kind: BaseKindOption = BaseKind.SI_SALARY,
    base_month: BaseMonth = None,
    at: At = None,
    command_id: CommandId = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        command = AdmitArrival(
            unit_id=unit_id(inst, unit),
            member_id=_new(inst, name, card, dry_run=dry_run),
            from_outside=from_outside,
            kind=kind,
            letter=letter,
            received_on=on.date(),
            paid_through=parse_month(paid_through),
            to_month=None if to_month is None else parse_month(to_month),
            standing=_standing(category, category_342, scope, base, base_kind, base_month),
        )
        outcome = inst.ledger.execute(command, act(actor, at, command_id, document=letter), dry_run=dry_run)
    show_outcome(outcome, as_json=as_json, dry_run=dry_run, member_id=command.member_id)


@app.command("recognise", help="Ghi công nhận đảng viên chính thức; mức đóng không đổi.")
def recognise_command(
    actor: Actor,
    unit: Unit,
    member: Member,
    decision: Decision,
    on: On,
    at: At = None,
    command_id: CommandId = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        command = RecogniseMember(
            unit_id=unit_id(inst, unit), member_id=member_of(inst, member), official_on=on.date(), decision=decision
        )
        outcome = inst.ledger.execute(command, act(actor, at, command_id, document=decision), dry_run=dry_run)
    show_outcome(outcome, as_json=as_json, dry_run=dry_run)


@app.command("release", help="Ghi tạm miễn sinh hoạt đảng, có thời hạn.")
def release_command(
    actor: Actor,
    unit: Unit,
    member: Member,
    from_month: Annotated[str, typer.Option("--from-month", help="Từ tháng: 2026-08.")],
    to_month: Annotated[str, typer.Option("--to-month", help="Đến hết tháng: 2027-01.")],
    granted_by: Annotated[str, typer.Option("--granted-by", help="Cấp cho miễn sinh hoạt.")],
    decision: Decision,
    decided_on: DecidedOn,
    at: At = None,
    command_id: CommandId = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        command = ReleaseMember(
            unit_id=unit_id(inst, unit),
            member_id=member_of(inst, member),
            from_month=parse_month(from_month),
            to_month=parse_month(to_month),
            granted_by=granted_by,
            decision=decision,
            decided_on=decided_on.date(),
        )
        outcome = inst.ledger.execute(command, act(actor, at, command_id, document=decision))
    show_outcome(outcome, as_json=as_json)


@app.command("end", help="Ghi xoá tên, cho ra khỏi Đảng, khai trừ hoặc từ trần.")
def end_command(
    actor: Actor,
    unit: Unit,
    member: Member,
    why: Annotated[Ending, typer.Option("--why", help="struck-off, left, expelled hoặc died.")],
    decision: Decision,
    decided_on: DecidedOn,
    on: On,
    at: At = None,
    command_id: CommandId = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        command = EndMembership(
            unit_id=unit_id(inst, unit),
            member_id=member_of(inst, member),
            why=why,
            effective_on=on.date(),
            decision=decision,
            decided_on=decided_on.date(),
        )
        outcome = inst.ledger.execute(command, act(actor, at, command_id, document=decision), dry_run=dry_run)
    show_outcome(outcome, as_json=as_json, dry_run=dry_run)


@app.command("restore", help="Ghi phục hồi; các tháng gián đoạn được tính mức đóng ngay.")
def restore_command(
    actor: Actor,
    unit: Unit,
    member: Member,
    decision: Decision,
    decided_on: DecidedOn,
    on: On,
    at: At = None,
    command_id: CommandId = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        command = RestoreMember(
            unit_id=unit_id(inst, unit),
            member_id=member_of(inst, member),
            restored_on=on.date(),
            decision=decision,
            decided_on=decided_on.date(),
        )
        outcome = inst.ledger.execute(command, act(actor, at, command_id, document=decision), dry_run=dry_run)
    show_outcome(outcome, as_json=as_json, dry_run=dry_run)


@app.command("import", help="Nhập danh sách biến động (XLSX hoặc CSV); nhập hai lần không đổi gì.")
def import_command(
    file: Annotated[Path, typer.Argument(help="Tệp cần nhập.")],
    actor: Actor,
    root: Annotated[str, typer.Option("--unit", help="Mã đơn vị mà danh sách thuộc phạm vi.")],
    at: At = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        report = import_moves(
            inst, actor=actor, at=moment(at), path=file, root=unit_id(inst, root), new_id=lambda: str(uuid4())
        )
    show_report(report, as_json=as_json)


@app.command("roll", help="Danh sách của một đơn vị vào một ngày, và giấy giới thiệu chưa tiếp nhận.")
def roll_command(
    unit: Unit,
    actor: Reader = None,
    names: Annotated[bool, typer.Option("--names", help="Thêm số thẻ và họ tên; cần quyền giữ danh sách.")] = False,
    at: At = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    day = day_of(moment(at))
    with opened(demo=demo, data=data) as inst:
        found = unit_id(inst, unit)
        if names or actor is not None:
            # Who moves members writes their names into the vault, so the names tell that person nothing new.
            action = Action.MOVE_MEMBERS if names else Action.READ
            inst.ledger.require(actor=reading_as(actor, demo=demo), action=action, unit=found, on=day)
        inst.ledger.directory.catch_up()
        ids = inst.ledger.directory.members_on(found, day)
        waiting = _waiting(inst, found, ids)
        persons = inst.vault.persons(ids) if names else {}
    members = [_named(one, persons.get(one)) for one in ids] if names else list(ids)
    show({"unit": unit, "on": day.isoformat(), "members": members, "waiting": waiting}, as_json=as_json)


def _named(member_id: str, person: Person | None) -> dict[str, str | None]:
    """A member with card and name; an erased identity leaves the id alone."""
    card, name = (None, None) if person is None else (person.card_number, person.name)
    return {"member_id": member_id, "card": card, "name": name}


@app.command("elsewhere", help="Tiền một đơn vị thu mà tháng thuộc sổ đơn vị khác, sau khi chuyển sinh hoạt.")
def elsewhere_command(
    unit: Unit,
    actor: Reader = None,
    at: At = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst, reading(inst) as read:
        found = unit_id(inst, unit)
        if actor is not None:
            inst.ledger.require(actor=actor, action=Action.READ, unit=found, on=day_of(moment(at)))
        lines = [asdict(line) for line in read.paid_elsewhere(read.unit_ids(found))]
    show({"unit": unit, "payments": lines}, as_json=as_json)


def _waiting(inst: Installation, unit: UnitId, ids: tuple[MemberId, ...]) -> list[dict[str, object]]:
    """Letters given here that nobody has received yet."""
    work = inst.ledger.work()
    letters = (work.member(one).membership.pending for one in ids)
    return [
        {key: value for key, value in asdict(letter).items() if value is not None}
        for letter in letters
        if isinstance(letter, membership.TransferLetterIssued) and letter.unit_id == unit
    ]
