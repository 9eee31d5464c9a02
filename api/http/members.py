"""Members come, go and come back; a unit's roll on a day; a member's own statement."""

from dataclasses import asdict
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi import Body as JsonBody
from fastapi.responses import JSONResponse
from pydantic import Field

from api.flows.members import keep, person_for
from api.http.door import Caller, Commander, Commands, Reads, shows
from api.http.pages import asking
from api.http.shapes import Amount, Body, Day, Name, Text
from api.problems import EdgeCode, Problem
from api.security import command_id
from domain import membership
from domain.access import Action
from domain.errors import Refusal
from domain.identifiers import MemberId
from domain.member import Scope
from domain.membership import Ending, TransferKind
from domain.period import parse_month
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
from ledger.handlers.transfers import EndTemporaryTransfer, IssueTransfer, ReceiveTransfer, WithdrawTransfer

router = APIRouter(tags=["Đảng viên"])

_MEMBER = "5d7c0a4e-6c1f-4f5e-9a57-0f6f8f3b2c11"


class _Move(Body):
    unit: Name


class _New(_Move):
    """Somebody new on the roll: name and card go to the vault alone."""

    name: Text
    card_number: Name
    category: Name | None = None
    category_342: Name | None = None
    scope: Scope = Scope.ONLINE
    base_kind: BaseKind = BaseKind.SI_SALARY
    base: Amount | None = None
    base_month: Name | None = None


class Admission(_New):
    """Admitted by a decision, entered after the ceremony."""

    kind: Literal["admit"]
    decision: Text
    decided_on: Day
    ceremony_on: Day


class Arrival(_New):
    """Comes with a letter from a unit outside this ledger."""

    kind: Literal["arrive"]
    from_outside: Text
    term: TransferKind = TransferKind.OFFICIAL
    letter: Text
    received_on: Day
    paid_through: Name
    to_month: Name | None = None


class _Known(_Move):
    member_id: Name


class Recognition(_Known):
    """Recognised as an official member."""

    kind: Literal["recognise"]
    official_on: Day
    decision: Text


class Letter(_Known):
    """The old cell gives a letter of introduction."""

    kind: Literal["letter"]
    term: TransferKind = TransferKind.OFFICIAL
    to_unit: Name | None = None
    to_outside: Text | None = None
    letter: Text
    issued_on: Day
    paid_through: Name
    to_month: Name | None = None


class Reception(_Known):
    """The new cell receives the member."""

    kind: Literal["receive"]
    letter: Text
    received_on: Day


class Withdrawal(_Known):
    """The old cell takes a letter back."""

    kind: Literal["withdraw"]
    letter: Text
    withdrawn_on: Day
    reason: Text


class EarlyEnd(_Known):
    """A temporary transfer ends before its last month."""

    kind: Literal["end-temporary"]
    letter: Text
    ended_on: Day
    last_month: Name
    decision: Text


class Release(_Known):
    """Released from Party activities for a time."""

    kind: Literal["release"]
    from_month: Name
    to_month: Name
    granted_by: Text
    decision: Text
    decided_on: Day


class End(_Known):
    """Struck off, left, expelled or died."""

    kind: Literal["end"]
    why: Ending
    effective_on: Day
    decision: Text
    decided_on: Day


class Restoration(_Known):
    """Membership is given back."""

    kind: Literal["restore"]
    restored_on: Day
    decision: Text
    decided_on: Day


Move = Annotated[
    Admission | Arrival | Recognition | Letter | Reception | Withdrawal | EarlyEnd | Release | End | Restoration,
    Field(discriminator="kind"),
]

_WHO = {"unit": "HP-VH-CB07", "member_id": _MEMBER}
_EXAMPLES = {
    "letter": {
        "summary": "Nơi đi cấp giấy giới thiệu",
        "value": {
            "kind": "letter",
            **_WHO,
            "to_unit": "HP-VH-CB08",
            "letter": "12-GT/CB07",
            "issued_on": "2026-08-05",
            "paid_through": "2026-07",
        },
    },
    "receive": {
        "summary": "Nơi đến tiếp nhận",
        "value": {
            "kind": "receive",
            "unit": "HP-VH-CB08",
            "member_id": _MEMBER,
            "letter": "12-GT/CB07",
            "received_on": "2026-08-08",
        },
    },
    "end": {
        "summary": "Từ trần",
        "value": {
            "kind": "end",
            **_WHO,
            "why": "died",
            "effective_on": "2026-08-10",
            "decision": "Giấy chứng tử 31",
            "decided_on": "2026-08-11",
        },
    },
}


@router.post(
    "/members/moves",
    summary="Ghi một biến động: kết nạp, chuyển sinh hoạt, miễn sinh hoạt, ra khỏi danh sách, phục hồi",
    description="Nơi đi ghi `letter`, nơi đến ghi `receive`, hai người khác nhau. Các tháng đến hết tháng trên giấy "
    "thuộc nơi đi, các tháng sau thuộc nơi đến.",
    responses=shows({"position": 4107, "answer": {"events": 1, "first_month": "2026-08", "arrears": ["2026-06"]}}),
)
def move(body: Annotated[Move, JsonBody(openapi_examples=_EXAMPLES)], by: Commands) -> JSONResponse:
    """Record a move."""
    return by.run(_command(body, by), document=getattr(body, "decision", None) or getattr(body, "letter", None))


def _command(body: Move, by: Commander) -> object:
    if isinstance(body, Admission | Arrival):
        return _new(body, by)
    unit, who = by.caller.unit(body.unit), MemberId(body.member_id)
    match body:
        case Letter() | Reception() | Withdrawal() | EarlyEnd():
            return _transfer(body, by)
        case Recognition():
            return RecogniseMember(unit_id=unit, member_id=who, official_on=body.official_on, decision=body.decision)
        case Release():
            return ReleaseMember(
                unit_id=unit,
                member_id=who,
                from_month=parse_month(body.from_month),
                to_month=parse_month(body.to_month),
                granted_by=body.granted_by,
                decision=body.decision,
                decided_on=body.decided_on,
            )
        case End():
            return EndMembership(
                unit_id=unit,
                member_id=who,
                why=body.why,
                effective_on=body.effective_on,
                decision=body.decision,
                decided_on=body.decided_on,
            )
        case Restoration():
            return RestoreMember(
                unit_id=unit,
                member_id=who,
                restored_on=body.restored_on,
                decision=body.decision,
                decided_on=body.decided_on,
            )


def _transfer(body: Letter | Reception | Withdrawal | EarlyEnd, by: Commander) -> object:
    unit, who = by.caller.unit(body.unit), MemberId(body.member_id)
    match body:
        case Letter():
            return IssueTransfer(
                unit_id=unit,
                member_id=who,
                kind=body.term,
                to_unit=None if body.to_unit is None else by.caller.unit(body.to_unit),
                to_outside=body.to_outside,
                letter=body.letter,
                issued_on=body.issued_on,
                paid_through=parse_month(body.paid_through),
                to_month=None if body.to_month is None else parse_month(body.to_month),
            )
        case Reception():
            return ReceiveTransfer(unit_id=unit, member_id=who, letter=body.letter, received_on=body.received_on)
        case Withdrawal():
            return WithdrawTransfer(
                unit_id=unit, member_id=who, letter=body.letter, withdrawn_on=body.withdrawn_on, reason=body.reason
            )
        case EarlyEnd():
            return EndTemporaryTransfer(
                unit_id=unit,
                member_id=who,
                letter=body.letter,
                ended_on=body.ended_on,
                last_month=parse_month(body.last_month),
                decision=body.decision,
            )


def _new(body: Admission | Arrival, by: Commander) -> object:
    """The person goes to the vault first; the id follows from the idempotency key, so that a repeat means the same."""
    unit, inst = by.caller.unit(body.unit), by.caller.inst
    inst.ledger.require(actor=by.caller.actor, action=Action.MOVE_MEMBERS, unit=unit, on=by.caller.door.now().date())
    new_id = str(command_id(by.caller.actor, by.key))
    who = keep(inst, person_for(inst, name=body.name, card=body.card_number, new_id=lambda: new_id))
    bases: tuple[BaseRow, ...] = ()
    if body.base is not None and body.base_month is not None:
        bases = (BaseRow(kind=body.base_kind, from_month=parse_month(body.base_month), amount=body.base),)
    standing = FirstStanding(category=body.category, category_342=body.category_342, scope=body.scope, bases=bases)
    if isinstance(body, Admission):
        return AdmitMember(
            unit_id=unit,
            member_id=who,
            decision=body.decision,
            decided_on=body.decided_on,
            ceremony_on=body.ceremony_on,
            standing=standing,
        )
    return AdmitArrival(
        unit_id=unit,
        member_id=who,
        from_outside=body.from_outside,
        kind=body.term,
        letter=body.letter,
        received_on=body.received_on,
        paid_through=parse_month(body.paid_through),
        to_month=None if body.to_month is None else parse_month(body.to_month),
        standing=standing,
    )


OnDay = Annotated[date | None, Query(description="Ngày; bỏ trống là hôm nay.", examples=["2026-08-31"])]


@router.get(
    "/units/{unit}/roll",
    summary="Danh sách đảng viên của một đơn vị vào một ngày (mã, không có tên)",
    responses=shows({"unit": "HP-VH-CB07", "on": "2026-08-31", "members": [_MEMBER], "for_a_time": 1}),
)
def roll(unit: str, by: Reads, on: OnDay = None) -> dict[str, Any]:
    """The roll on a day: official members; guests for a time are counted beside."""
    found = by.reads_unit(unit)
    day = on or by.door.now().date()
    directory = by.inst.ledger.directory
    directory.catch_up()
    return {
        "unit": found,
        "on": day,
        "members": list(directory.members_on(found, day)),
        "for_a_time": directory.count_on([found], day).for_a_time,
    }


@router.get(
    "/units/{unit}/paid-elsewhere",
    summary="Tiền một đơn vị thu mà tháng thuộc sổ đơn vị khác (sau khi chuyển sinh hoạt)",
    responses=shows(
        {
            "unit": "HP-VH-CB07",
            "payments": [
                {"member_id": _MEMBER, "month": "2026-07", "amount": 100000, "taken_by": "HP-VH-CB08", "owned_by": "A"}
            ],
        }
    ),
)
def paid_elsewhere(unit: str, by: Reads) -> dict[str, Any]:
    """Both sides see the same lines."""
    found = by.reads_unit(unit)
    with asking(by) as read:
        lines = read.paid_elsewhere(read.unit_ids(found))
        return {"position": read.position, "unit": found, "payments": [asdict(line) for line in lines]}


@router.get(
    "/members/{member}/statement",
    summary="Bảng kê của một đảng viên: các tháng, các lần đóng, các lần chuyển, tháng gián đoạn",
    responses=shows(
        {
            "member_id": _MEMBER,
            "unit": "HP-VH-CB08",
            "credit": 0,
            "months": [{"month": "2026-07", "assessed": 100000, "open": 0, "document": "01-QĐ/TW"}],
            "moves": [{"what": "received", "unit": "HP-VH-CB08", "other": "HP-VH-CB07", "from_month": "2026-08"}],
        }
    ),
)
def statement(member: str, by: Reads) -> dict[str, Any]:
    """Everything about one member's dues; every cell the member belonged to may read it."""
    reads_member(by, member)
    with asking(by) as read:
        found = read.statement(member)
        if found is None:
            raise Problem(EdgeCode.NOT_FOUND, "Chưa có gì về đảng viên này. Kiểm tra mã đảng viên.")
        return {"position": read.position, **asdict(found)}


def reads_member(by: Caller, member: str) -> None:
    """Refuse unless the caller may read for one of the cells the member belongs or belonged to."""
    known = by.work().member(MemberId(member))
    refused: Refusal | None = None
    for unit in (known.unit_id, *reversed(membership.units_of(known.membership))):
        try:
            by.reads(unit)
        except Refusal as refusal:
            refused = refused or refusal
        else:
            return
    if refused is not None:
        raise refused
