"""Between levels off the straight road: on account, withdrawn, astray, resolved, clawed back; what is late."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from adapters.office.holidays import days_off
from api.http.door import Commands, Reads, Responses, shows
from api.http.refunds import find as find_refund
from api.http.remittances import find
from api.http.shapes import Amount, Body, Day, Name, Text, example
from domain.identifiers import AccountId, PaymentId
from domain.period import parse_period
from domain.remittance import Way
from domain.remittance_cases import Resolution
from ledger.handlers.claw_backs import PayClawBack, WithdrawRefund
from ledger.handlers.handshake import ReceivedElsewhere
from ledger.handlers.interim import PrepareInterim
from ledger.handlers.resolve import (
    NameSending,
    PassRemittanceOn,
    PlaceRemittanceMoney,
    ResolveDispute,
    WithdrawRemittance,
)
from ledger.transit import in_transit, late, late_shown, transit_shown

router = APIRouter(tags=["Giữa các cấp"])

On = Annotated[date | None, Query(description="Tính đến ngày này; mặc định là hôm nay.", examples=["2026-08-20"])]

_ONE = "/remittances/{unit}/{period}/{number}"
_CASE = "HP-VH-CB07/2026-07/1"


def _recorded(answer: dict[str, Any]) -> Responses:
    return shows({"position": 2210, "answer": answer})


class Interim(Body):
    """How much goes up on account of a period held without a share, and by whose decision."""

    unit: Name
    period: Name
    amount: Amount
    way: Way
    decision: Text
    reason: Text | None = None

    model_config = example(
        {"unit": "HP-VH-CB07", "period": "2026-07", "amount": 300000, "way": "portal", "decision": "NQ 09-NQ/ĐU"}
    )


class Why(Body):
    """The reason of a withdrawal."""

    reason: Text

    model_config = example({"reason": "Lập nhầm kỳ"})


class Resolve(Body):
    """How a dispute ended."""

    resolution: Resolution
    note: Text
    document: Text | None = None

    model_config = example({"resolution": "keyed-wrong", "note": "Đã gửi bổ sung 315.000 đồng"})


class Suspense(Body):
    """Which waiting money, at which unit, is this remittance."""

    unit: Name
    payment: Name
    ground: Text

    model_config = example({"unit": "HP-VH", "payment": "bank:970436:0011001234567/FT1", "ground": "UNC 118"})


class PassOn(Body):
    """Which debit of the wrong unit's statement passed the money on."""

    unit: Name
    account: Name
    line: Name
    ground: Text

    model_config = example(
        {"unit": "HP-VH-CB08", "account": "970436:0011007654321", "line": "9f2c0a", "ground": "UNC 12"}
    )


class Sending(Body):
    """Which debit of the sender's own statement, without a reference, is this remittance."""

    account: Name
    line: Name
    ground: Text

    model_config = example({"account": "970436:0011009000000", "line": "9f2c0a", "ground": "UNC 31"})


class Acknowledged(Body):
    """What a superior that keeps its books elsewhere says that it received."""

    amount: Amount
    received_on: Day
    acknowledgement: Text

    model_config = example({"amount": 147191, "received_on": "2026-10-12", "acknowledgement": "GBN 15/VPTW"})


class ClawBack(Body):
    """A superior pays back to the unit below what a refund took from it."""

    superior: Name
    unit: Name
    paid_on: Day

    model_config = example({"superior": "HP-VH", "unit": "HP-VH-CB07", "paid_on": "2026-08-28"})


@router.post(
    "/remittances/on-account",
    summary="Lập lệnh tạm nộp cho kỳ chưa có tỷ lệ phân bổ",
    description="Cấp trên giữ hộ đến khi có tỷ lệ; khi đó tự tính vào phần phải nộp. Duyệt, gửi như lệnh nộp thường.",
    responses=_recorded({"remittance_id": _CASE, "amount": 300000, "reference": None}),
)
def on_account(body: Interim, by: Commands) -> JSONResponse:
    """Prepare money on account."""
    command = PrepareInterim(
        unit_id=by.caller.unit(body.unit),
        period=parse_period(body.period),
        amount=body.amount,
        way=body.way,
        decision=body.decision,
        reason=body.reason,
    )
    return by.run(command, reason=body.reason, document=body.decision)


@router.post(f"{_ONE}/withdraw", summary="Rút lệnh nộp chưa gửi", responses=_recorded({"events": 1}))
def withdraw(unit: str, period: str, number: int, body: Why, by: Commands) -> JSONResponse:
    """Withdraw a remittance."""
    case, found = find(unit, period, number, by.caller)
    command = WithdrawRemittance(unit_id=found.prepared.unit_id, remittance_id=case, reason=body.reason)
    return by.run(command, reason=body.reason)


@router.post(
    f"{_ONE}/resolve",
    summary="Cấp trên kết luận tra soát",
    responses=_recorded({"resolution": "keyed-wrong", "under_way": 0}),
)
def resolve(unit: str, period: str, number: int, body: Resolve, by: Commands) -> JSONResponse:
    """Resolve a dispute."""
    case, found = find(unit, period, number, by.caller)
    command = ResolveDispute(
        superior_id=found.prepared.superior_id,
        remittance_id=case,
        resolution=body.resolution,
        note=body.note,
        document=body.document,
    )
    return by.run(command, reason=body.note, document=body.document)


@router.post(
    f"{_ONE}/suspense",
    summary="Xác định tiền đang treo là tiền của lệnh nộp (bị hoàn lại, đến nhầm, hoặc đã đến)",
    responses=_recorded({"became": "misrouted", "amount": 70000, "settled_on_account": 0}),
)
def suspense(unit: str, period: str, number: int, body: Suspense, by: Commands) -> JSONResponse:
    """Say that money in suspense is this remittance."""
    case, _ = find(unit, period, number, by.caller)
    command = PlaceRemittanceMoney(
        unit_id=by.caller.unit(body.unit), payment_id=PaymentId(body.payment), remittance_id=case, ground=body.ground
    )
    return by.run(command, reason=body.ground)


@router.post(
    f"{_ONE}/pass-on",
    summary="Dòng tiền ra của đơn vị nhận nhầm là tiền chuyển tiếp của lệnh nộp",
    responses=_recorded({"passed_on": 70000}),
)
def pass_on(unit: str, period: str, number: int, body: PassOn, by: Commands) -> JSONResponse:
    """Name the debit that passed stray money on."""
    case, _ = find(unit, period, number, by.caller)
    command = PassRemittanceOn(
        unit_id=by.caller.unit(body.unit),
        account_id=AccountId(body.account),
        line_key=body.line,
        remittance_id=case,
        ground=body.ground,
    )
    return by.run(command, reason=body.ground)


@router.post(
    f"{_ONE}/name-sending",
    summary="Dòng tiền ra không có mã là lần gửi của lệnh nộp này",
    responses=_recorded({"named": 147191}),
)
def name_sending(unit: str, period: str, number: int, body: Sending, by: Commands) -> JSONResponse:
    """Name the debit of a transfer to a superior whose books are kept elsewhere."""
    case, sender = find(unit, period, number, by.caller)
    command = NameSending(
        unit_id=sender.prepared.unit_id, account_id=AccountId(body.account), line_key=body.line, remittance_id=case
    )
    return by.run(command, reason=body.ground)


@router.post(
    f"{_ONE}/received-elsewhere",
    summary="Cấp trên ghi sổ nơi khác báo đã nhận tiền của lệnh nộp",
    responses=_recorded({"events": 1}),
)
def received_elsewhere(unit: str, period: str, number: int, body: Acknowledged, by: Commands) -> JSONResponse:
    """Book the acknowledgement of a superior that keeps its books elsewhere."""
    case, sender = find(unit, period, number, by.caller)
    command = ReceivedElsewhere(
        unit_id=sender.prepared.unit_id,
        remittance_id=case,
        amount=body.amount,
        received_on=body.received_on,
        acknowledgement=body.acknowledgement,
    )
    return by.run(command, reason=body.acknowledgement)


@router.post(
    "/refunds/{refund}/withdraw", summary="Rút đề nghị hoàn trả chưa duyệt đủ", responses=_recorded({"events": 1})
)
def withdraw_refund(refund: str, body: Why, by: Commands) -> JSONResponse:
    """Withdraw a refund's request."""
    found = find_refund(refund, by.caller)
    command = WithdrawRefund(unit_id=found.requested.unit_id, refund_id=found.requested.refund_id, reason=body.reason)
    return by.run(command, reason=body.reason)


@router.post(
    "/refunds/{refund}/claw-back",
    summary="Cấp trên chuyển khoản phần phải trả lại cấp dưới do hoàn trả",
    responses=_recorded({"paid": 22901, "reference": "HJAB12CD34EF"}),
)
def claw_back(refund: str, body: ClawBack, by: Commands) -> JSONResponse:
    """Pay claw-back down."""
    found = find_refund(refund, by.caller)
    command = PayClawBack(
        superior_id=by.caller.unit(body.superior),
        unit_id=by.caller.unit(body.unit),
        refund_id=found.requested.refund_id,
        paid_on=body.paid_on,
    )
    return by.run(command)


@router.get(
    "/units/{unit}/in-transit",
    summary="Tiền đang ở giữa các cấp trong phạm vi đơn vị, với tuổi và việc kế tiếp",
    responses=shows(
        {
            "unit": "HP",
            "on": "2026-08-20",
            "items": [
                {
                    "sender": "HP-VH-CB07",
                    "receiver": "HP-VH",
                    "what": "under-way",
                    "subject": _CASE,
                    "period": "2026-07",
                    "amount": 350000,
                    "since": "2026-08-10",
                    "days": 10,
                    "where": None,
                    "next_step": "Chờ báo có của cấp trên; quá 3 ngày làm việc thì tra soát hai bên.",
                }
            ],
        }
    ),
)
def transit(unit: str, by: Reads, on: On = None) -> dict[str, Any]:
    """What is between levels."""
    unit_id = by.reads_unit(unit)
    day = on or by.door.now().date()
    found = in_transit(by.work(), unit_id, day)
    return {"unit": unit_id, "on": day, "items": [transit_shown(item) for item in found]}


@router.get(
    "/units/{unit}/late",
    summary="Đơn vị nộp chậm trong phạm vi, chậm nhất trước",
    responses=shows(
        {
            "unit": "HP",
            "on": "2026-08-20",
            "items": [
                {
                    "unit": "HP-VH-CB07",
                    "superior": "HP-VH",
                    "period": "2026-07",
                    "what": "not-sent",
                    "deadline": "2026-08-10",
                    "days": 10,
                    "amount": 350000,
                    "next_step": "Lập, duyệt và gửi lệnh nộp phần còn lại.",
                }
            ],
        }
    ),
)
def lateness(unit: str, by: Reads, on: On = None) -> dict[str, Any]:
    """Who is late."""
    unit_id = by.reads_unit(unit)
    day = on or by.door.now().date()
    found = late(by.work(), unit_id, day, days_off(by.inst.settings.holidays))
    return {"unit": unit_id, "on": day, "items": [late_shown(item) for item in found]}
