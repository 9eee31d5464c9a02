"""``dangphi audit``: what happened to a member, payment, remittance, refund or unit, told in plain Vietnamese."""

from types import MappingProxyType
from typing import Annotated, Any

import typer

from api.cli.session import DEMO_READER, AsJson, Data, Demo, Reader, full_id, moment, opened, show, unit_id
from api.flows.members import member_of
from api.reading import Reading, reading
from api.wiring import Installation
from domain import organisation
from domain.access import Action
from domain.errors import Refusal, RefusalCode
from domain.identifiers import UnitId
from projections.audit_trail import Subject

app = typer.Typer(help="Lịch sử bằng tiếng Việt: ai, khi nào, vì sao, theo văn bản nào.", no_args_is_help=True)

#: What a history is about, as a refusal says it.
_SAID = MappingProxyType(
    {
        Subject.MEMBER: "đảng viên",
        Subject.PAYMENT: "khoản tiền",
        Subject.REQUEST: "yêu cầu nộp",
        Subject.REMITTANCE: "lệnh nộp",
        Subject.REFUND: "hồ sơ hoàn trả",
        Subject.UNIT: "đơn vị",
    }
)


def _tell(inst: Installation, read: Reading, kind: Subject, subject: str, reader: str, *, as_json: bool) -> None:
    """Print a history as far as the reader may see it, and say how many lines lie outside that reach.

    What was done to a unit by those above it belongs to the unit's own history, so who reads the unit reads it.
    """
    known = read.history(kind, subject)
    if not known:
        raise Refusal(
            RefusalCode.UNKNOWN_PAYMENT, f"Không có gì trong sổ về {_SAID[kind]} «{subject}». Kiểm tra lại mã."
        )
    org = inst.ledger.work().organisation
    touched = {UnitId(subject)} if kind is Subject.UNIT else {UnitId(line.unit) for line in known}
    closed = _closed_to(inst, reader, sorted(unit for unit in touched if unit in org.units))
    lines = [line for line in known if kind is Subject.UNIT or line.unit not in closed]
    rows = [
        {
            "position": line.position,
            "recorded_at": line.recorded_at.isoformat(),
            "actor": line.actor,
            "event": line.event,
            "document": line.document,
            "reason": line.reason,
            "sentence": named(org, line.sentence),
        }
        for line in lines
    ]
    if as_json:
        answer = {"kind": str(kind), "subject": subject, "history": rows, "out_of_reach": len(known) - len(lines)}
        show(answer, as_json=True)
        return
    for row in rows:
        typer.echo(f"[{row['position']}] {row['sentence']}")
    if len(lines) < len(known):
        typer.echo(f"Còn {len(known) - len(lines)} dòng ở đơn vị mà {reader} không có quyền xem.")


def _closed_to(inst: Installation, reader: str, units: list[UnitId]) -> set[str]:
    """The units a reader may not look into; the refusal of the last when it is all of them."""
    closed: set[str] = set()
    for unit in units:
        try:
            inst.ledger.require(actor=reader, action=Action.READ, unit=unit, on=moment(None).date())
        except Refusal:
            closed.add(unit)
            if len(closed) == len(units):
                raise
    return closed


def named(org: organisation.Organisation, text: str) -> str:
    """Put the names of units in place of their ids."""
    for unit in org.units.values():
        if unit.unit_id in text:
            text = text.replace(unit.unit_id, unit.name)
    return text


def _reader(reader: str | None, demo: bool) -> str:
    if reader is not None:
        return reader
    if demo:
        return DEMO_READER
    raise Refusal(RefusalCode.NOT_ALLOWED, "Xem sổ phải ghi ai xem: thêm --as MÃ-CÁN-BỘ (người có quyền xem).")


@app.command("member", help="Lịch sử của một đảng viên, theo số thẻ hoặc mã trong sổ.")
def member_command(
    member: Annotated[str | None, typer.Argument(help="Số thẻ đảng hoặc mã đảng viên trong sổ.")] = None,
    card: Annotated[str | None, typer.Option("--card", help="Số thẻ đảng.")] = None,
    reader: Reader = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst, reading(inst) as read:
        asked = card if card is not None else member
        if asked is None:
            raise Refusal(RefusalCode.UNKNOWN_MEMBER, "Ghi đảng viên nào: số thẻ đảng, hoặc mã trong sổ.")
        _tell(inst, read, Subject.MEMBER, member_of(inst, asked), _reader(reader, demo), as_json=as_json)


@app.command("payment", help="Lịch sử của một khoản tiền, theo mã khoản tiền hoặc mã tham chiếu.")
def payment_command(
    payment: Annotated[str, typer.Argument(help="Mã khoản tiền (nguồn/mã giao dịch) hoặc mã tham chiếu.")],
    reader: Reader = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst, reading(inst) as read:
        kind = Subject.PAYMENT if "/" in payment else Subject.REQUEST
        _tell(inst, read, kind, full_id(inst, payment), _reader(reader, demo), as_json=as_json)


@app.command("remittance", help="Lịch sử một lần nộp cấp trên, theo mã lệnh nộp hoặc đơn vị và kỳ.")
def remittance_command(
    case: Annotated[str | None, typer.Argument(help="Mã lệnh nộp.")] = None,
    unit: Annotated[str | None, typer.Option("--unit", help="Mã đơn vị nộp.")] = None,
    period: Annotated[str | None, typer.Option("--period", help="Kỳ báo cáo.")] = None,
    reader: Reader = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst, reading(inst) as read:
        cases = [full_id(inst, case)] if case is not None else _cases(inst, unit, period)
        for one in cases:
            _tell(inst, read, Subject.REMITTANCE, one, _reader(reader, demo), as_json=as_json)


def _cases(inst: Installation, unit: str | None, period: str | None) -> list[str]:
    if unit is None or period is None:
        raise Refusal(RefusalCode.REMITTANCE_STATE, "Ghi mã lệnh nộp, hoặc cả --unit và --period.")
    inst.ledger.directory.catch_up()
    found = inst.ledger.directory.remittances_of(unit_id(inst, unit), period)
    if not found:
        raise Refusal(RefusalCode.NOT_DECLARED, f"Đơn vị {unit} chưa lập lệnh nộp nào cho kỳ {period}.")
    return list(found)


@app.command("refund", help="Lịch sử một hồ sơ hoàn trả, kèm phần của từng cấp.")
def refund_command(
    refund: Annotated[str, typer.Argument(help="Mã hồ sơ hoàn trả.")],
    reader: Reader = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst, reading(inst) as read:
        _tell(inst, read, Subject.REFUND, refund, _reader(reader, demo), as_json=as_json)


@app.command("unit", help="Lịch sử của một đơn vị.")
def unit_command(
    unit: Annotated[str, typer.Argument(help="Mã đơn vị.")],
    reader: Reader = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst, reading(inst) as read:
        _tell(inst, read, Subject.UNIT, unit_id(inst, unit), _reader(reader, demo), as_json=as_json)


def balance_rows(read: Reading, unit: UnitId, position: int | None) -> list[dict[str, Any]]:
    """A unit's accounts at a log position: code, name, balance on each side."""
    return [
        {
            "account": line.account,
            "name": line.name,
            "debit": line.debit_balance,
            "credit": line.credit_balance,
        }
        for line in read.trial_balance(unit, position=position).lines
        if line.debit_balance or line.credit_balance
    ]
