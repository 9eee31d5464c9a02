"""Acts on channels: payouts fetched and taken in, refunds given back through the gateway, open attempts asked after."""

from dataclasses import asdict
from datetime import datetime, time
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from adapters.inbound import VIETNAM
from api.flows import poll, settlements
from api.http.door import Commands, answered, shows
from api.http.shapes import Body, Day, Name, example
from domain import organisation
from domain.access import Action
from domain.identifiers import PaymentId, RefundId

router = APIRouter(tags=["Quyết toán của kênh"])


class Span(Body):
    """Which payouts, and to whose account they go."""

    unit: Name
    from_day: Day
    to_day: Day

    model_config = example({"unit": "HP-VH", "from_day": "2026-07-01", "to_day": "2026-07-31"})


@router.post(
    "/gateway/settle",
    summary="Lấy các đợt trả của cổng thẻ trong khoảng ngày và ghi sổ",
    description="refused nói vì sao một đợt chưa lấy được; các đợt khác vẫn được lấy. Gọi lại không ghi hai lần.",
    responses=shows(
        {
            "position": 2110,
            "answer": {"payouts": [{"settlement_id": "po_1Qh…", "answer": {"state": "taken"}, "refused": None}]},
        }
    ),
)
def settle(asked: Span, by: Commands) -> JSONResponse:
    """Fetch the gateway's payouts and take them in."""
    inst = by.caller.inst
    unit = by.caller.unit(asked.unit)
    act = by.act()
    inst.ledger.require(actor=act.actor, action=Action.IMPORT_STATEMENT, unit=unit, on=act.on)
    since = datetime.combine(asked.from_day, time(0), VIETNAM)
    until = datetime.combine(asked.to_day, time(23, 59, 59), VIETNAM)
    found = [asdict(one) for one in settlements.settle_gateway(inst, unit, since, until, act)]
    by.caller.door.wake()
    return answered(inst.store.head(), {"payouts": found}, replayed=False)


class Back(Body):
    """Out of which payment a refund goes back."""

    payment: Name

    model_config = example({"payment": "gateway/pi_3Qh…"})


@router.post(
    "/refunds/{refund}/gateway",
    summary="Hoàn một hồ sơ đã duyệt về thẻ của người nộp, qua cổng thẻ",
    description="Gọi lại hỏi đúng lần hoàn đó, không hoàn hai lần. rail-away: cổng không trả lời, làm lại sau ít phút.",
    responses=shows({"position": 2120, "answer": {"refund_id": "R-1", "outcome": "done"}}),
)
def give_back(refund: str, asked: Back, by: Commands) -> JSONResponse:
    """Give an approved refund back through the gateway."""
    inst = by.caller.inst
    outcome = settlements.refund_by_gateway(inst, RefundId(refund), PaymentId(asked.payment), by.act())
    by.caller.door.wake()
    return answered(outcome.position, outcome.answer, replayed=outcome.replayed)


@router.post(
    "/attempts/poll",
    summary="Hỏi lại ngay các lượt mở từ 30 phút đến 3 ngày mà chưa rõ kết quả",
    description="dangphi serve tự hỏi định kỳ; thao tác này để không phải chờ. for_a_person: các lượt quá 3 ngày, cần "
    "người tra soát.",
    responses=shows(
        {
            "position": 2130,
            "answer": {"asked": 4, "answers": {"paid": 1, "pending": 3}, "away": 0, "expired": 0, "for_a_person": []},
        }
    ),
)
def ask_after(by: Commands) -> JSONResponse:
    """One round of the poller, now."""
    caller = by.caller
    now = caller.door.now()
    top = organisation.by_code(caller.work().organisation, caller.inst.settings.top_unit).unit_id
    caller.inst.ledger.require(actor=caller.actor, action=Action.IMPORT_STATEMENT, unit=top, on=now.date())
    found = poll.poll(caller.inst, now)
    caller.door.wake()
    answer: dict[str, Any] = {
        "asked": found.asked,
        "answers": dict(found.answers),
        "away": found.away,
        "expired": found.expired,
        "for_a_person": [one.reference for one in found.overdue],
    }
    return answered(caller.inst.store.head(), answer, replayed=False)
