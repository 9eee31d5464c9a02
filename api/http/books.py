"""A unit's balances now, as known at a position or an instant, and what moved them."""

from datetime import date, datetime
from itertools import groupby
from typing import Annotated, Any

from fastapi import APIRouter, Query

from api.http.door import Caller, Reads, shows
from api.http.pages import PAGE_MOST, After, Position, Size, asking, known
from api.problems import EdgeCode, Problem
from api.reading import Reading
from ledger.chart import CHART, natural
from ledger.reports import TrialLine
from projections.journal import JournalLine

router = APIRouter(prefix="/units/{unit}", tags=["Số dư và sổ"])

At = Annotated[
    datetime | None,
    Query(description="Thời điểm có múi giờ: số liệu như sổ biết lúc đó.", examples=["2026-07-31T23:59:59+07:00"]),
]
On = Annotated[date | None, Query(description="Chỉ tính việc phát sinh đến hết ngày này.", examples=["2026-07-31"])]
Account = Annotated[str | None, Query(pattern=r"^[0-9]{4}$", description="Một tài khoản kế toán.", examples=["3360"])]

_BALANCES = {
    "position": 3120,
    "unit": "HP-VH-CB07",
    "balances": [
        {"account": "1120", "name": "Tiền gửi ngân hàng", "book": "money", "amount": 1550000},
        {"account": "3360", "name": "Phải nộp cấp trên", "book": "money", "amount": 350000},
    ],
}


@router.get(
    "/balances",
    summary="Số dư của một đơn vị: hiện tại, tại một vị trí của sổ, hoặc tại một thời điểm",
    description="Số dư ở phía tự nhiên của tài khoản. Có «account»: thêm chi tiết theo đối tượng của số dư hiện tại "
    f"(tối đa {PAGE_MOST} dòng).",
    responses=shows(_BALANCES),
)
def balances(
    unit: str,
    by: Reads,
    at_position: Position = None,
    at: At = None,
    on: On = None,
    account: Account = None,
) -> dict[str, Any]:
    """Balances by account; two axes of time: what was known (position, at) and what was true (on)."""
    unit_id = by.reads_unit(unit)
    with asking(by) as read:
        position = _position(by, read, at_position, at)
        books = read.trial_balance(unit_id, position=position, on=on)
        rows = [_balance(line) for line in books.lines if account in (None, line.account)]
        answer = {"position": read.position if position is None else position, "unit": unit_id, "balances": rows}
        if account is not None and position is None and on is None:
            keys = read.balances(unit_id, account)
            answer["keys"] = dict(list(keys.items())[:PAGE_MOST])
            answer["keys_total"] = len(keys)
        return answer


def _balance(line: TrialLine) -> dict[str, Any]:
    amount = natural(line.account, line.debit_balance - line.credit_balance)
    return {"account": line.account, "name": line.name, "book": line.book, "amount": amount}


def _position(by: Caller, read: Reading, position: int | None, at: datetime | None) -> int | None:
    """The knowledge date that was asked for, as a position; None for now."""
    if position is not None and at is not None:
        raise Problem(EdgeCode.MALFORMED, "Chọn một trong hai: at_position hoặc at.")
    if at is not None:
        if at.tzinfo is None:
            raise Problem(EdgeCode.MALFORMED, "Thời điểm «at» phải có múi giờ, ví dụ 2026-07-31T23:59:59+07:00.")
        return read.position_at(at)
    return known(read, position, by.inst.store.head())


@router.get(
    "/trial-balance",
    summary="Bảng cân đối thử của một đơn vị, hoặc hợp nhất cả các đơn vị bên dưới",
    description="Mỗi sổ (tiền, ghi nhớ) tự cân. Hợp nhất: bỏ các khoản phải thu, phải nộp và giữ hộ trong nội bộ.",
    responses=shows(
        {
            "position": 3120,
            "units": ["HP-VH-CB07"],
            "consolidated": False,
            "lines": [
                {
                    "account": "1120",
                    "name": "Tiền gửi ngân hàng",
                    "book": "money",
                    "debits": 1900000,
                    "credits": 350000,
                    "debit_balance": 1550000,
                    "credit_balance": 0,
                }
            ],
            "out_by": {"money": 0, "memo": 0},
        }
    ),
)
def trial_balance(
    unit: str,
    by: Reads,
    consolidated: Annotated[bool, Query(description="Gộp cả các đơn vị bên dưới.")] = False,
    at_position: Position = None,
    at: At = None,
    on: On = None,
) -> dict[str, Any]:
    """Every account with turnover and balance."""
    unit_id = by.reads_unit(unit)
    with asking(by) as read:
        position = _position(by, read, at_position, at)
        if consolidated:
            books = read.consolidated(read.unit_ids(unit_id), position=position, on=on)
        else:
            books = read.trial_balance(unit_id, position=position, on=on)
    kinds = sorted({line.book for line in books.lines})
    return {
        "position": books.position,
        "units": list(books.units),
        "consolidated": books.consolidated,
        "lines": [
            {
                "account": line.account,
                "name": line.name,
                "book": line.book,
                "debits": line.debits,
                "credits": line.credits,
                "debit_balance": line.debit_balance,
                "credit_balance": line.credit_balance,
            }
            for line in books.lines
        ],
        "out_by": {book: books.out_by(book) for book in kinds},
    }


@router.get(
    "/movements",
    summary="Số dư đã đổi thế nào giữa hai vị trí của sổ, và vì những bút toán nào",
    description="before + tổng các dòng = after. Bút toán của một sự kiện không bị cắt giữa hai trang.",
    responses=shows(
        {
            "position": 3120,
            "unit": "HP-VH-CB07",
            "from_position": 2101,
            "to_position": 3120,
            "account": "3360",
            "before": 0,
            "after": 350000,
            "lines": [
                {
                    "position": 2102,
                    "occurred_on": "2026-08-03",
                    "recorded_at": "2026-08-03T09:12:45+07:00",
                    "account": "3360",
                    "key": "2026-07",
                    "amount": 350000,
                    "event": "period-declared",
                    "actor": "HP-VH-CB07-BT",
                    "document": None,
                }
            ],
            "next": None,
        }
    ),
)
def movements(
    unit: str,
    by: Reads,
    from_position: Annotated[int, Query(ge=0, lt=2**63)] = 0,
    to_position: Position = None,
    account: Account = None,
    after: After = 0,
    size: Size = 100,
) -> dict[str, Any]:
    """Journal lines of a unit between two knowledge dates; with an account, its balance at both."""
    unit_id = by.reads_unit(unit)
    if account is not None and account not in CHART:
        raise Problem(EdgeCode.NOT_FOUND, f"Không có tài khoản kế toán {account}.")
    with asking(by) as read:
        until = known(read, to_position, by.inst.store.head())
        until = read.position if until is None else until
        found = read.journal((unit_id,), after=max(after, from_position), until=until, account=account, limit=size + 1)
        answer: dict[str, Any] = {
            "position": read.position,
            "unit": unit_id,
            "from_position": from_position,
            "to_position": until,
            "account": account,
        }
        if account is not None:
            answer["before"] = read.balance_at(unit_id, account, position=from_position)
            answer["after"] = read.balance_at(unit_id, account, position=until)
        lines, following = _whole_entries(read, unit_id, found, size, account)
    return {**answer, "lines": [_line(line) for line in lines], "next": following}


def _whole_entries(
    read: Reading, unit: str, found: tuple[JournalLine, ...], size: int, account: str | None
) -> tuple[list[JournalLine], int | None]:
    """At most a page of lines, no event's entry cut in two; an entry longer than a page is a page of its own."""
    if len(found) <= size:
        return list(found), None
    entries = [list(lines) for _, lines in groupby(found, key=lambda line: line.position)]
    if len(entries) == 1:
        position = found[0].position
        whole = read.journal((unit,), after=position - 1, until=position, account=account)
        return list(whole), position
    kept = [line for lines in entries[:-1] for line in lines]
    return kept, kept[-1].position


def _line(line: JournalLine) -> dict[str, Any]:
    return {
        "position": line.position,
        "occurred_on": line.occurred_on,
        "recorded_at": line.recorded_at,
        "account": line.account,
        "key": line.key,
        "amount": natural(line.account, line.amount),
        "event": line.event,
        "actor": line.actor,
        "document": line.document,
    }
