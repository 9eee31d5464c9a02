"""``dangphi audit``: what happened to a member, payment, remittance, refund or unit, told in plain Vietnamese."""

from typing import Annotated, Any

import typer

from api.cli.session import AsJson, Data, Demo, Reader, moment, opened, show, unit_id
from api.reading import Reading, reading
from api.wiring import Installation
from domain import organisation
from domain.access import Action
from domain.errors import Refusal, RefusalCode
from domain.identifiers import UnitId
from projections.audit_trail import Subject

app = typer.Typer(help="Lịch sử bằng tiếng Việt: ai, khi nào, vì sao, theo văn bản nào.", no_args_is_help=True)

#: Whose page is read when the demo's data are shown: the inspection committee's.
DEMO_READER = "VH-UBKT1"


def _tell(inst: Installation, read: Reading, kind: Subject, subject: str, reader: str, *, as_json: bool) -> None:
    """Print a history, after asking whether the reader may see every unit it touches."""
    lines = read.history(kind, subject)
    if not lines:
        raise Refusal(RefusalCode.UNKNOWN_PAYMENT, f"Không có gì trong sổ về {kind} «{subject}». Kiểm tra lại mã.")
    org = inst.ledger.work().organisation
    at = moment(None)
    for unit in {line.unit for line in lines if line.unit in org.units}:
        inst.ledger.require(actor=reader, action=Action.READ, unit=UnitId(unit), on=at.date())
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
        show({"kind": str(kind), "subject": subject, "history": rows}, as_json=True)
        return
    for row in rows:
        typer.echo(f"[{row['position']}] {row['sentence']}")


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
    member: Annotated[str | None, typer.Argument(help="Mã đảng viên trong sổ.")] = None,
    card: Annotated[str | None, typer.Option("--card", help="Số thẻ đảng.")] = None,
    reader: Reader = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst, reading(inst) as read:
        found = inst.vault.find_by_card(card) if card is not None else member
        if found is None:
            raise Refusal(RefusalCode.UNKNOWN_MEMBER, "Không có đảng viên này; ghi mã trong sổ, hoặc --card SỐ-THẺ.")
        _tell(inst, read, Subject.MEMBER, found, _reader(reader, demo), as_json=as_json)


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
        _tell(inst, read, kind, payment, _reader(reader, demo), as_json=as_json)


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
        cases = [case] if case is not None else _cases(inst, unit, period)
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
