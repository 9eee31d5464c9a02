"""``dangphi balance``: a unit's books at one or two knowledge dates, and what moved them in between."""

from typing import Annotated, Any

import typer

from api.cli.audit import balance_rows
from api.cli.session import DEMO_READER, AsJson, Data, Demo, Reader, moment, opened, show, unit_id
from api.reading import Reading, reading
from domain.access import Action
from domain.errors import Refusal, RefusalCode
from domain.identifiers import UnitId
from domain.money import format_dong

app = typer.Typer(add_completion=False)


@app.command(
    help="Số dư của một đơn vị; thêm --known-at và --and-at để so hai thời điểm biết và xem điều gì đã làm đổi."
)
def balance(
    unit: Annotated[str, typer.Option("--unit", help="Mã đơn vị.")],
    known_at: Annotated[
        str | None, typer.Option("--known-at", help="Như đã biết lúc này (thời điểm hoặc vị trí trong sổ).")
    ] = None,
    and_at: Annotated[str | None, typer.Option("--and-at", help="Thời điểm biết thứ hai, muộn hơn.")] = None,
    account: Annotated[str, typer.Option("--account", help="Tài khoản kế toán để xem điều gì làm đổi.")] = "1120",
    reader: Reader = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst, reading(inst) as read:
        found = unit_id(inst, unit)
        who = reader or (DEMO_READER if demo else None)
        if who is None:
            raise Refusal(RefusalCode.NOT_ALLOWED, "Xem sổ phải ghi ai xem: thêm --as MÃ-CÁN-BỘ (người có quyền xem).")
        inst.ledger.require(actor=who, action=Action.READ, unit=found, on=moment(None).date())
        first = _position(read, known_at)
        answer: dict[str, Any] = {"unit": unit, "position": first, "balances": balance_rows(read, found, first)}
        if and_at is not None:
            answer["moved"] = _moved(read, found, account, first, _position(read, and_at))
    if as_json:
        show(answer, as_json=True)
    else:
        _print(answer)


def _position(read: Reading, text: str | None) -> int:
    """A log position: as given, or the last one known at a moment; the head if nothing is said."""
    if text is None:
        return read.position
    return int(text) if text.isdecimal() else read.position_at(moment(text))


def _moved(read: Reading, unit: UnitId, account: str, earlier: int, later: int) -> dict[str, Any]:
    movement = read.what_moved(unit, account, earlier=earlier, later=later)
    return {
        "account": account,
        "earlier": movement.earlier,
        "later": movement.later,
        "before": movement.before,
        "after": movement.after,
        "lines": [
            {
                "position": line.position,
                "occurred_on": line.occurred_on.isoformat(),
                "event": line.event,
                "amount": line.amount,
                "actor": line.actor,
            }
            for line in movement.lines
        ],
    }


def _print(answer: dict[str, Any]) -> None:
    typer.echo(f"Đơn vị {answer['unit']}, như đã biết tại vị trí {answer['position']} của sổ")
    typer.echo(f"{'TK':<6}{'':<44}{'Nợ':>18}{'Có':>18}")
    for row in answer["balances"]:
        debit = format_dong(row["debit"]) if row["debit"] else ""
        credit = format_dong(row["credit"]) if row["credit"] else ""
        typer.echo(f"{row['account']:<6}{row['name']:<44}{debit:>18}{credit:>18}")
    moved = answer.get("moved")
    if moved is None:
        return
    typer.echo(f"\nTài khoản {moved['account']}: {format_dong(moved['before'])} tại vị trí {moved['earlier']}")
    for line in moved["lines"]:
        amount = format_dong(line["amount"])
        typer.echo(f"  {line['position']:>7} {line['occurred_on']} {amount:>16} {line['event']} ({line['actor']})")
    typer.echo(f"= {format_dong(moved['after'])} tại vị trí {moved['later']}")
