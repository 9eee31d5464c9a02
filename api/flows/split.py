"""The list of a cell's representative into a command: one payment, its parts by card number and month."""

import hashlib
from datetime import datetime

from adapters.office.money_files import read_split_list
from api.wiring import Installation
from domain.errors import Malformed
from domain.identifiers import MemberId, PaymentId, UnitId
from ledger.application import Outcome, command_id_for
from ledger.handlers.split import IdentifyBySplit, RecordCashSplit, SplitLine
from ledger.work import Act


def by_list(
    inst: Installation,
    *,
    actor: str,
    at: datetime,
    data: bytes,
    name: str,
    unit: UnitId,
    slip: str | None,
    payment: str | None,
) -> Outcome:
    """Cash against a slip (the whole is the list's sum), or a payment that waits; the same list again adds nothing."""
    rows = read_split_list(data, name)
    if not rows:
        raise Malformed("không có dòng nào dưới dòng tiêu đề; hãy lấy lại tệp đầy đủ", where=name)
    lines = tuple(
        SplitLine(member_id=_member(inst, row.card_number, row.where), month=row.month, amount=row.amount)
        for row in rows
    )
    digest = hashlib.sha256(data).hexdigest()
    act = Act(actor=actor, at=at, command_id=command_id_for("split-list", str(unit), slip or payment or "", digest))
    if slip is not None:
        whole = sum(line.amount for line in lines)
        command: object = RecordCashSplit(unit_id=unit, slip=slip, amount=whole, paid_on=act.on, lines=lines)
    else:
        command = IdentifyBySplit(
            unit_id=unit, payment_id=PaymentId(payment or ""), lines=lines, ground=f"bảng kê {name}"
        )
    return inst.ledger.execute(command, act)


def _member(inst: Installation, card_number: str, where: str) -> MemberId:
    found = inst.vault.find_by_card(card_number)
    if found is None:
        raise Malformed("số thẻ không có trong danh sách đảng viên; kiểm tra số thẻ hoặc nhập danh sách", where=where)
    return MemberId(found)
