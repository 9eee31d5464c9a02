"""Reliefs over HTTP: applications, decisions, revocations, exemptions to confirm, and what runs out."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import Field, StrictBool, StrictInt

from api.http.door import Commands, Reads, shows
from api.http.shapes import Body, Day, Name, Text, example
from domain.identifiers import MemberId
from domain.period import parse_month
from domain.relief import Timing
from domain.relief_decider import Decider
from ledger import relief_list
from ledger.handlers.exemptions import NotePartyAge, NoteSocialPension, ProposeExemptions, SettleExemption
from ledger.handlers.relief_life import (
    ApplyForRelief,
    ArrangePayment,
    AssignReliefDecider,
    DecideRelief,
    RevokeRelief,
)

router = APIRouter(prefix="/reliefs", tags=["Miễn, giảm"])

_MEMBER = "5d7c0a4e-6c1f-4f5e-9a57-0f6f8f3b2c11"
_CELL = "HP-VH-CB07"
_WARD = "HP-VH"

Percent = Annotated[StrictInt, Field(ge=1, le=100)]
Months = Annotated[StrictInt, Field(ge=1, le=1200)]


class Apply(Body):
    """An application as the cell entered it."""

    unit: Name
    member_id: Name
    application: Name
    relief: Name
    percent: Percent
    from_month: Name
    months: Months
    document: Text
    renews: Text | None = None

    model_config = example(
        {
            "unit": _CELL,
            "member_id": _MEMBER,
            "application": "D-12",
            "relief": "X4",
            "percent": 50,
            "from_month": "2026-08",
            "months": 12,
            "document": "Đơn ngày 01/8/2026",
        }
    )


class Decide(Body):
    """The decision; percent and months are those asked for unless the decision says otherwise."""

    decider: Name
    member_id: Name
    granted: StrictBool
    decision: Text
    reason: Text
    percent: Percent | None = None
    from_month: Name | None = None
    months: Months | None = None
    past_months: StrictBool = False

    model_config = example(
        {
            "decider": _WARD,
            "member_id": _MEMBER,
            "granted": True,
            "decision": "15-QĐ/ĐU",
            "reason": "Hoàn cảnh khó khăn",
        }
    )


class Revoke(Body):
    """A granted relief ends before a month."""

    decider: Name
    member_id: Name
    relief: Name
    granted_by: Text
    from_month: Name
    decision: Text
    reason: Text

    model_config = example(
        {
            "decider": _WARD,
            "member_id": _MEMBER,
            "relief": "X4",
            "granted_by": "15-QĐ/ĐU",
            "from_month": "2026-11",
            "decision": "20-QĐ/ĐU",
            "reason": "Hết khó khăn",
        }
    )


class Fact(Body):
    """The date an exemption rests on: Party age, or the social pension."""

    unit: Name
    member_id: Name
    kind: Literal["party-age", "social-pension"]
    from_day: Day
    document: Text

    model_config = example(
        {
            "unit": _CELL,
            "member_id": _MEMBER,
            "kind": "party-age",
            "from_day": "1976-07-19",
            "document": "Thẻ đảng viên",
        }
    )


class Propose(Body):
    """Where to look for members who are exempt by a month."""

    unit: Name
    month: Name

    model_config = example({"unit": _WARD, "month": "2026-08"})


class Settle(Body):
    """A person's word on a proposal."""

    decider: Name
    member_id: Name
    relief: Name
    from_month: Name
    confirmed: StrictBool
    reason: Text
    decision: Text

    model_config = example(
        {
            "decider": _WARD,
            "member_id": _MEMBER,
            "relief": "X1",
            "from_month": "2026-08",
            "confirmed": True,
            "reason": "Đủ 50 năm tuổi Đảng",
            "decision": "NQ 4-NQ/CB",
        }
    )


class Assign(Body):
    """Who decides on a unit's reliefs from a day on."""

    unit: Name
    decider: Literal["superior", "self"]
    effective_from: Day
    decision: Text

    model_config = example({"unit": _CELL, "decider": "self", "effective_from": "2026-07-26", "decision": "31-QĐ/ĐU"})


class Arrange(Body):
    """Months that a released member may pay late or ahead."""

    decider: Name
    member_id: Name
    timing: Literal["late", "ahead"]
    from_month: Name
    to_month: Name
    decision: Text

    model_config = example(
        {
            "decider": _WARD,
            "member_id": _MEMBER,
            "timing": "late",
            "from_month": "2026-08",
            "to_month": "2026-12",
            "decision": "22-QĐ/ĐU",
        }
    )


@router.post(
    "",
    summary="Ghi đơn xin miễn, giảm",
    responses=shows(
        {"position": 10, "answer": {"application": "D-12", "to_month": "2027-07", "decider": _WARD, "events": 1}}
    ),
)
def apply(body: Apply, by: Commands) -> JSONResponse:
    """Enter an application; the answer names who decides."""
    command = ApplyForRelief(
        unit_id=by.caller.unit(body.unit),
        member_id=MemberId(body.member_id),
        application=body.application,
        relief=body.relief,
        percent=body.percent,
        from_month=parse_month(body.from_month),
        months=body.months,
        document=body.document,
        renews=body.renews,
    )
    return by.run(command, document=body.document)


@router.post(
    "/{application}/decide",
    summary="Quyết định đơn: cho miễn, giảm hoặc không",
    responses=shows({"position": 12, "answer": {"granted": True, "events": 2, "adjusted": []}}),
)
def decide(application: str, body: Decide, by: Commands) -> JSONResponse:
    """Decide an application."""
    command = DecideRelief(
        decider_id=by.caller.unit(body.decider),
        member_id=MemberId(body.member_id),
        application=application,
        granted=body.granted,
        decision=body.decision,
        reason=body.reason,
        percent=body.percent,
        from_month=None if body.from_month is None else parse_month(body.from_month),
        months=body.months,
        past_months=body.past_months,
    )
    return by.run(command, reason=body.reason, document=body.decision)


@router.post(
    "/revoke",
    summary="Thu hồi miễn, giảm từ một tháng",
    responses=shows({"position": 14, "answer": {"last_month": "2026-10", "adjusted": []}}),
)
def revoke(body: Revoke, by: Commands) -> JSONResponse:
    """End a granted relief."""
    command = RevokeRelief(
        decider_id=by.caller.unit(body.decider),
        member_id=MemberId(body.member_id),
        relief=body.relief,
        granted_by=body.granted_by,
        from_month=parse_month(body.from_month),
        decision=body.decision,
        reason=body.reason,
    )
    return by.run(command, reason=body.reason, document=body.decision)


@router.post(
    "/facts",
    summary="Ghi ngày tính tuổi Đảng, hoặc tháng hưởng trợ cấp hưu trí xã hội",
    responses=shows({"position": 15, "answer": {"events": 1, "noted_on": "2026-08-05"}}),
)
def note(body: Fact, by: Commands) -> JSONResponse:
    """Note the date an exemption rests on."""
    unit, member_id = by.caller.unit(body.unit), MemberId(body.member_id)
    if body.kind == "party-age":
        noted: object = NotePartyAge(
            unit_id=unit, member_id=member_id, counts_from=body.from_day, document=body.document
        )
    else:
        month = parse_month(f"{body.from_day:%Y-%m}")
        noted = NoteSocialPension(unit_id=unit, member_id=member_id, from_month=month, document=body.document)
    return by.run(noted, document=body.document)


@router.post(
    "/proposals",
    summary="Tìm người được miễn theo tuổi Đảng, trợ cấp hưu trí xã hội và lập đề xuất",
    responses=shows(
        {
            "position": 16,
            "answer": {"proposed": [{"member_id": _MEMBER, "unit_id": _CELL, "relief": "X1", "from_month": "2026-08"}]},
        }
    ),
)
def propose(body: Propose, by: Commands) -> JSONResponse:
    """Propose exemptions; nothing changes until a person confirms."""
    return by.run(ProposeExemptions(unit_id=by.caller.unit(body.unit), month=parse_month(body.month)))


@router.post(
    "/proposals/settle",
    summary="Xác nhận hoặc bỏ một đề xuất miễn",
    responses=shows({"position": 18, "answer": {"confirmed": True, "events": 2, "adjusted": []}}),
)
def settle(body: Settle, by: Commands) -> JSONResponse:
    """Confirm or dismiss a proposal."""
    command = SettleExemption(
        decider_id=by.caller.unit(body.decider),
        member_id=MemberId(body.member_id),
        relief=body.relief,
        from_month=parse_month(body.from_month),
        confirmed=body.confirmed,
        reason=body.reason,
        decision=body.decision,
    )
    return by.run(command, reason=body.reason, document=body.decision)


@router.post(
    "/deciders",
    summary="Giao thẩm quyền quyết định miễn, giảm của một đơn vị",
    responses=shows({"position": 19, "answer": {"events": 1, "decider": _CELL}}),
)
def assign(body: Assign, by: Commands) -> JSONResponse:
    """Assign who decides."""
    command = AssignReliefDecider(
        unit_id=by.caller.unit(body.unit),
        decider=Decider(body.decider),
        effective_from=body.effective_from,
        decision=body.decision,
    )
    return by.run(command, document=body.decision)


@router.post(
    "/arrangements",
    summary="Cho người được tạm miễn sinh hoạt đóng chậm hoặc đóng trước",
    responses=shows({"position": 20, "answer": {"events": 1, "this_month": "2026-08"}}),
)
def arrange(body: Arrange, by: Commands) -> JSONResponse:
    """Arrange late or advance payment."""
    command = ArrangePayment(
        decider_id=by.caller.unit(body.decider),
        member_id=MemberId(body.member_id),
        timing=Timing(body.timing),
        from_month=parse_month(body.from_month),
        to_month=parse_month(body.to_month),
        decision=body.decision,
    )
    return by.run(command, document=body.decision)


@router.get(
    "/units/{unit}",
    summary="Miễn, giảm của một đơn vị: còn hiệu lực, sắp hết hạn, đã hết hạn, và việc chờ quyết định",
    responses=shows(
        {
            "reliefs": [
                {
                    "member_id": _MEMBER,
                    "unit_id": _CELL,
                    "relief": "X4",
                    "percent": 50,
                    "from_month": "2026-08",
                    "to_month": "2026-09",
                    "decision": "15-QĐ/ĐU",
                    "state": "running-out",
                    "title": "sắp hết hạn",
                    "days_left": 20,
                }
            ],
            "waiting": [],
        }
    ),
)
def of_unit(unit: str, by: Reads) -> dict[str, Any]:
    """Reliefs at this moment, the soonest end first."""
    found = by.reads_unit(unit)
    by.inst.ledger.directory.catch_up()
    work = by.work()
    return {
        "reliefs": relief_list.as_dicts(relief_list.relief_list(work, found, by.door.now().date())),
        "waiting": list(relief_list.waiting_list(work, found)),
    }
