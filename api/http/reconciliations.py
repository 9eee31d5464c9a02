"""Reconciliations over HTTP: totals first, lists page by page with links, the workbook, the daily close."""

import io
import threading
from collections import OrderedDict
from datetime import date
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response

from adapters.books.treasurer import write_treasurer_workbook
from api.flows.day_close import close_day, closed_days, reopen_day
from api.flows.reconcile import reconcile_accounts
from api.flows.reconcile_shown import day_values, entry_values, figures
from api.http.door import Caller, Commands, Reads, done, shows
from api.http.shapes import Body, Day, Text, example
from domain import organisation
from domain.errors import Malformed
from domain.identifiers import AccountId
from ledger.reports_reconciliation import ReconciliationResult
from reconciliation.places import KINDS, entries, page_of, totals

router = APIRouter(tags=["Đối chiếu"])

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_ACCOUNT = "970436:0011001234567"

From = Annotated[date, Query(alias="from", description="Ngày đầu", examples=["2026-07-01"])]
To = Annotated[date, Query(alias="to", description="Ngày cuối", examples=["2026-07-31"])]
AsOf = Annotated[date | None, Query(description="Ngày tính tuổi; mặc định là ngày cuối")]
Kind = Annotated[str | None, Query(description=f"Một loại: {', '.join(KINDS)}; bỏ trống: tất cả")]
Page = Annotated[int, Query(ge=1, le=10**6, description="Trang, từ 1")]
Size = Annotated[int, Query(ge=1, le=500, description="Số dòng một trang")]

_ROW = {
    "standing": "unidentified",
    "title": "Chưa xác định",
    "side": "both",
    "dated_on": "2026-07-06",
    "age_days": 25,
    "open_amount": 7000,
    "unit_id": "HP-VH",
    "role": "kế toán",
    "due_on": "2026-08-05",
    "next_step": "Xác định người nộp và căn cứ; quá hạn thì lập đề nghị trả lại người chuyển.",
    "decision": "chờ đến 15/08/2026 vì chờ chi bộ trả lời",
    "links": ["/payments/bank:970436:0011001234567/FT2/history"],
}
_CLOSED = {
    "account": _ACCOUNT,
    "day": "2026-07-31",
    "number": 1,
    "closing": 1139000,
    "book": 1159000,
    "suspense": 70000,
    "known": False,
}


#: So many days are compared at once, each a row of the answer.
_MOST_DAYS = 3_660


class _Recent:
    """The last few results, so that a list is not reckoned again for each of its pages."""

    def __init__(self, most: int = 4) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[Any, ...], ReconciliationResult] = OrderedDict()

    def get(self, key: tuple[Any, ...]) -> ReconciliationResult | None:
        """What was reckoned for this very question at this very position."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def keep(self, key: tuple[Any, ...], result: ReconciliationResult) -> None:
        """Keep a result, and let the oldest go."""
        with self._lock:
            self._kept[key] = result
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)


def _result(
    request: Request, by: Caller, account: str, first: date, last: date, as_of: date | None
) -> ReconciliationResult:
    chosen = _readable(by, account)
    if (last - first).days > _MOST_DAYS:
        raise Malformed(f"từ ngày đến ngày dài hơn {_MOST_DAYS} ngày; chia thành nhiều lần", where="to")
    state = request.app.state
    if not hasattr(state, "reconciled"):
        state.reconciled = _Recent()
    key = (chosen, first, last, as_of, by.inst.store.head())
    found: ReconciliationResult | None = state.reconciled.get(key)
    if found is None:
        (found,) = reconcile_accounts(by.inst, accounts=(chosen,), from_date=first, to_date=last, as_of=as_of or last)
        state.reconciled.keep(key, found)
    return found


def _readable(by: Caller, account: str) -> AccountId:
    """The account, if the caller may read its unit's books."""
    chosen = AccountId(account)
    by.reads(organisation.account(by.work().organisation, chosen).unit_id)
    return chosen


@router.get(
    "/reconciliations/{account}",
    summary="Đối chiếu một tài khoản: tổng trước, danh sách theo trang sau",
    responses=shows(
        {
            "account": _ACCOUNT,
            "unit": "HP-VH",
            "from": "2026-07-01",
            "to": "2026-07-31",
            "position": 2044,
            "figures": {"ties": True, "explained_bp": 8771, "moved": 57000, "closing": 57000, "book": 57000},
            "totals": {"unidentified": {"count": 1, "amount": 7000, "open": 7000}},
            "days": [{"day": "2026-07-31", "closing": 57000, "book": 57000, "ties": True}],
            "page": 1,
            "pages": 1,
            "rows": [_ROW],
        }
    ),
)
def show(
    account: str,
    request: Request,
    by: Reads,
    from_: From,
    to: To,
    as_of: AsOf = None,
    kind: Kind = None,
    page: Page = 1,
    size: Size = 50,
) -> dict[str, Any]:
    """Figures and totals of the whole, the days, and one page of the list."""
    if kind is not None and kind not in KINDS:
        raise Malformed(f"không có loại {kind!r}; có: {', '.join(KINDS)}", where="kind")
    r = _result(request, by, account, from_, to, as_of)
    rows, pages = page_of(entries(r, kind), page, size)
    return {
        "account": r.account_id,
        "unit": r.unit_id,
        "from": r.from_date,
        "to": r.to_date,
        "as_of": r.as_of,
        "position": r.position,
        "figures": figures(r),
        "totals": totals(r),
        "days": [
            {
                "day": d.day,
                "closing": d.closing,
                "book": d.book,
                "suspense": d.suspense,
                "in_transit": d.in_transit,
                "breaks": {str(b.kind): b.amount for b in d.breaks},
                "ties": d.ties,
                "covered": d.covered,
            }
            for d in r.days
        ],
        "page": page,
        "pages": pages,
        "rows": [{**entry_values(row), "links": _links(row.items)} for row in rows],
    }


def _links(items: tuple[str, ...]) -> list[str]:
    """Where the evidence of a row can be read: the history of each payment."""
    payments = (item.removeprefix("payment:") for item in items if item.startswith("payment:"))
    return [f"/payments/{quote(payment, safe=':/')}/history" for payment in payments]


@router.get(
    "/reconciliations/{account}/workbook",
    summary="Tệp XLSX đối chiếu cho người giữ quỹ",
    response_class=Response,
    responses=shows("(tệp XLSX)", media_type=_XLSX),
)
def workbook(account: str, request: Request, by: Reads, from_: From, to: To, as_of: AsOf = None) -> Response:
    """The treasurer's workbook of one account; members are not named."""
    r = _result(request, by, account, from_, to, as_of)
    units = {str(unit.unit_id): unit.name for unit in by.work().organisation.units.values()}
    target = io.BytesIO()
    title = f"Đối chiếu tài khoản đảng phí {r.from_date:%d/%m/%Y} – {r.to_date:%d/%m/%Y}"
    write_treasurer_workbook(target, (r,), title=title, unit_names=units)
    name = f"doi-chieu-{r.from_date:%Y%m%d}-{r.to_date:%Y%m%d}.xlsx"
    return Response(
        target.getvalue(), media_type=_XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@router.get(
    "/reconciliations/{account}/days",
    summary="Các ngày đã chốt, và những gì ghi muộn cho các ngày đó",
    responses=shows({"account": _ACCOUNT, "days": [{"day": "2026-07-31", "number": 1, "late": []}]}),
)
def days(account: str, by: Reads) -> dict[str, Any]:
    """Closed days with late facts."""
    chosen = _readable(by, account)
    return {"account": chosen, "days": [day_values(one) for one in closed_days(by.inst, account=chosen)]}


class CloseDay(Body):
    """Which day is closed."""

    day: Day

    model_config = example({"day": "2026-07-31"})


class ReopenDay(Body):
    """Which day is opened again, and why."""

    day: Day
    reason: Text

    model_config = example({"day": "2026-07-31", "reason": "ngân hàng gửi lại sao kê"})


@router.post(
    "/reconciliations/{account}/close-day",
    summary="Chốt một ngày của tài khoản",
    responses=shows({"position": 2045, "answer": _CLOSED}),
)
def close(account: str, body: CloseDay, by: Commands) -> JSONResponse:
    """Close a day on its reconciliation."""
    outcome = close_day(by.caller.inst, by.act(), account=AccountId(account), day=body.day)
    by.caller.door.wake()
    return done(outcome)


@router.post(
    "/reconciliations/{account}/reopen-day",
    summary="Mở lại một ngày đã chốt, nêu lý do",
    responses=shows({"position": 2046, "answer": {"account": _ACCOUNT, "day": "2026-07-31", "reopened": 1}}),
)
def reopen(account: str, body: ReopenDay, by: Commands) -> JSONResponse:
    """Open a closed day again."""
    act = by.act(reason=body.reason)
    outcome = reopen_day(by.caller.inst, act, account=AccountId(account), day=body.day, reason=body.reason)
    by.caller.door.wake()
    return done(outcome)
