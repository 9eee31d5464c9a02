"""Cash of a unit: counts and what they found, custody, the cash book, alerts on cash that lies too long."""

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from pydantic import Field, StrictInt

from adapters.office.holidays import days_off
from api.flows.cash import alert_as_dict, alerts_of, book_as_csv, book_as_dict, book_of
from api.http.door import Commands, Reads, shows
from api.http.pages import asking
from api.http.shapes import Amount, Body, Day, Name, Text, example
from domain.cash_count import Notes
from domain.identifiers import AccountId, OfficerId, PaymentId, UnitId
from domain.money import AMOUNT_CAP
from ledger.handlers.cash_count import CountCash, KeepSurplus, MakeGoodShortage, WriteOffShortage
from ledger.handlers.cash_custody import AcceptCustody, OfferCustody
from ledger.handlers.cash_return import PassHeldMoney, ReturnHeldCash

router = APIRouter(prefix="/units/{unit}", tags=["Tiền mặt"])

Counted = Annotated[StrictInt, Field(ge=0, le=AMOUNT_CAP, description="Số đồng nguyên")]
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="sha256 (hex) của biên bản đã ký.")]
First = Annotated[date, Query(alias="from", description="Ngày đầu.", examples=["2026-07-01"])]
Last = Annotated[date, Query(alias="to", description="Ngày cuối.", examples=["2026-07-31"])]

OnDay = Annotated[date | None, Query(description="Tính đến ngày; bỏ trống là hôm nay.", examples=["2026-08-10"])]

_CASE = "KQ/HP-VH-CB07/3"


class OneValue(Body):
    """So many notes of one value."""

    value: Amount
    count: Annotated[StrictInt, Field(ge=0, le=10_000_000)]


class Count(Body):
    """A count by notes, by total, or both."""

    counted_on: Day
    notes: Annotated[tuple[OneValue, ...], Field(max_length=20)] = ()
    total: Counted | None = None
    witness: Name
    evidence: Hash | None = None

    model_config = example(
        {
            "counted_on": "2026-07-31",
            "notes": [{"value": 100000, "count": 1}, {"value": 20000, "count": 2}],
            "witness": "HP-VH-KT1",
        }
    )


class MakeGood(Body):
    """What was put back into the cash box."""

    case: Name
    amount: Amount
    paid_on: Day

    model_config = example({"case": _CASE, "amount": 10000, "paid_on": "2026-08-05"})


class WriteOff(Body):
    """What the unit bears by decision."""

    case: Name
    amount: Amount
    source: Literal["4310", "4320"] = "4310"
    decision: Text

    model_config = example({"case": _CASE, "amount": 10000, "decision": "QĐ 15-QĐ/ĐU"})


class Keep(Body):
    """A surplus whose owner was not found."""

    payment: Name
    decision: Text

    model_config = example({"payment": "count:HP-VH-CB07/3", "decision": "QĐ 16-QĐ/ĐU"})


class HandOver(Body):
    """What goes over with the cash."""

    to: Name
    count: Annotated[StrictInt, Field(ge=1)]
    open_slips: Annotated[tuple[Name, ...], Field(max_length=50)] = ()
    decision: Text

    model_config = example({"to": "HP-VH-CB07-TP2", "count": 4, "open_slips": ["14-50"], "decision": "QĐ 17-QĐ/CB"})


class HeldPassed(Body):
    """Which debit of the holder is which waiting credit of the unit."""

    holder: Name
    account: Name
    line: Name
    payment: Name
    ground: Text

    model_config = example(
        {
            "holder": "HP-VH-CB07",
            "account": "970436:0011001234567",
            "line": "9f2c0a",
            "payment": "bank:970436:0011007654321/FT9",
            "ground": "UNC 3",
        }
    )


class GiveBack(Body):
    """Cash out of the money that a holder keeps for the unit."""

    holder: Name
    amount: Amount
    slip: Name
    returned_on: Day

    model_config = example({"holder": "HP-VH", "amount": 200000, "slip": "TL-3", "returned_on": "2026-08-12"})


class TakeOver(Body):
    """Nothing more to say."""

    model_config = example({})


@router.post(
    "/cash/counts",
    summary="Ghi biên bản kiểm quỹ; thiếu thì mở vụ việc, thừa thì chờ xác định chủ",
    responses=shows(
        {
            "position": 3105,
            "answer": {
                "known": False,
                "number": 3,
                "counted": 140000,
                "booked": 150000,
                "shortage": 10000,
                "surplus": 0,
                "case": _CASE,
                "payment": None,
            },
        }
    ),
)
def count(unit: str, body: Count, by: Commands) -> JSONResponse:
    """Take a count down."""
    command = CountCash(
        unit_id=by.caller.unit(unit),
        counted_on=body.counted_on,
        notes=tuple(Notes(value=one.value, count=one.count) for one in body.notes),
        total=body.total,
        witness=OfficerId(body.witness),
        evidence=body.evidence,
    )
    return by.run(command)


@router.post(
    "/cash/made-good",
    summary="Ghi người giữ quỹ bù tiền thiếu",
    responses=shows({"position": 3120, "answer": {"case": _CASE, "made_good": 10000, "open": 0}}),
)
def made_good(unit: str, body: MakeGood, by: Commands) -> JSONResponse:
    """Money put back."""
    command = MakeGoodShortage(
        unit_id=by.caller.unit(unit), case_id=body.case, amount=body.amount, paid_on=body.paid_on
    )
    return by.run(command)


@router.post(
    "/cash/written-off",
    summary="Ghi giảm tiền thiếu vào chi của đơn vị theo quyết định",
    responses=shows({"position": 3121, "answer": {"case": _CASE, "written_off": 10000, "open": 0}}),
)
def written_off(unit: str, body: WriteOff, by: Commands) -> JSONResponse:
    """A shortage borne by the unit."""
    command = WriteOffShortage(
        unit_id=by.caller.unit(unit),
        case_id=body.case,
        amount=body.amount,
        source=body.source,
        decision=body.decision,
    )
    return by.run(command, document=body.decision)


@router.post(
    "/cash/kept",
    summary="Ghi tiền thừa không rõ chủ vào nguồn khác theo quyết định",
    responses=shows({"position": 3122, "answer": {"payment": "count:HP-VH-CB07/3", "kept": 5000}}),
)
def kept(unit: str, body: Keep, by: Commands) -> JSONResponse:
    """A surplus that becomes the unit's own."""
    command = KeepSurplus(unit_id=by.caller.unit(unit), payment_id=PaymentId(body.payment), decision=body.decision)
    return by.run(command, document=body.decision)


@router.post(
    "/cash/hand-over",
    summary="Người giữ quỹ ký bàn giao, ngay sau khi kiểm quỹ",
    responses=shows(
        {
            "position": 3130,
            "answer": {
                "offered": 1,
                "to": "HP-VH-CB07-TP2",
                "counted": 140000,
                "last_receipt": 13,
                "open_bags": [],
            },
        }
    ),
)
def hand_over(unit: str, body: HandOver, by: Commands) -> JSONResponse:
    """The first signature of a handover."""
    command = OfferCustody(
        unit_id=by.caller.unit(unit),
        to_officer=OfficerId(body.to),
        count_number=body.count,
        open_slips=tuple(body.open_slips),
        decision=body.decision,
    )
    return by.run(command, document=body.decision)


@router.post(
    "/cash/take-over",
    summary="Người nhận quỹ ký nhận; từ đó người này giữ quỹ",
    responses=shows({"position": 3131, "answer": {"accepted": 1, "custodian": "HP-VH-CB07-TP2"}}),
)
def take_over(unit: str, body: TakeOver, by: Commands) -> JSONResponse:
    """The second signature of a handover."""
    return by.run(AcceptCustody(unit_id=by.caller.unit(unit)))


@router.post(
    "/cash/returned",
    summary="Trả lại tiền giữ hộ cho đơn vị bằng tiền mặt",
    responses=shows({"position": 3140, "answer": {"returned": 200000, "still_held": 143287}}),
)
def returned(unit: str, body: GiveBack, by: Commands) -> JSONResponse:
    """The holder's cashier hands held money back."""
    command = ReturnHeldCash(
        holder_id=by.caller.unit(body.holder),
        unit_id=by.caller.unit(unit),
        amount=body.amount,
        slip=body.slip,
        returned_on=body.returned_on,
    )
    return by.run(command)


@router.post(
    "/cash/held-passed",
    summary="Tiền giữ hộ đã chuyển khoản trả cho đơn vị: chỉ dòng chi của bên giữ và khoản đang treo của đơn vị",
    responses=shows({"position": 3144, "answer": {"passed": 20000, "still_held": 0}}),
)
def held_passed(unit: str, body: HeldPassed, by: Commands) -> JSONResponse:
    """Held money that went back by bank transfer; ``unit`` is the acting unit above both."""
    command = PassHeldMoney(
        root=by.caller.unit(unit),
        holder_id=by.caller.unit(body.holder),
        account_id=AccountId(body.account),
        line_key=body.line,
        payment_id=PaymentId(body.payment),
        ground=body.ground,
    )
    return by.run(command, reason=body.ground)


@router.get(
    "/cash/book",
    summary="Sổ quỹ tiền mặt: từng lần thu, chi, số chứng từ, tồn quỹ",
    responses=shows(
        {
            "unit": "HP-VH-CB07",
            "custodian": "HP-VH-CB07-TP",
            "first": "2026-07-01",
            "last": "2026-07-31",
            "opening": 0,
            "received": 150000,
            "paid": 120000,
            "closing": 30000,
            "lines": [
                {
                    "position": 1843,
                    "on": "2026-07-12",
                    "paper": "phiếu 14",
                    "what": "thu đảng phí",
                    "in": 150000,
                    "out": 0,
                    "balance": 150000,
                }
            ],
        }
    ),
)
def book(
    unit: str,
    by: Reads,
    first: First,
    last: Last,
    form: Annotated[Literal["json", "csv"], Query(alias="format", description="json hoặc csv.")] = "json",
) -> Any:
    """The cash book of a unit between two days."""
    found = by.reads_unit(unit)
    with asking(by) as read:
        made = book_of(read, found, first, last)
    if form == "csv":
        answer: Response = PlainTextResponse(book_as_csv(made), media_type="text/csv")
        return answer
    return book_as_dict(made, by.work().custody(found).custodian)


@router.get(
    "/cash/alerts",
    summary="Tiền mặt vượt định mức, để quá hạn, túi tiền chưa báo có, thừa thiếu chưa xử lý",
    responses=shows(
        {
            "unit": "HP-VH",
            "on": "2026-08-10",
            "alerts": [
                {
                    "unit": "HP-VH-CB07",
                    "kind": "old-cash",
                    "key": "HP-VH-CB07",
                    "amount": 150000,
                    "since": "2026-07-12",
                    "working_days": 20,
                    "next_step": "Nộp ngân hàng hoặc bàn giao cho đơn vị giữ hộ.",
                }
            ],
        }
    ),
)
def alerts(
    unit: str,
    by: Reads,
    on: OnDay = None,
) -> dict[str, Any]:
    """Alerts of a unit and all beneath it."""
    found = by.reads_unit(unit)
    day = on or by.door.now().date()
    with asking(by) as read:
        units = [UnitId(one) for one in read.unit_ids(found)]
        told = alerts_of(read, by.work(), units, day, days_off(by.inst.settings.holidays))
    return {"unit": found, "on": day.isoformat(), "alerts": [alert_as_dict(one) for one in told]}
