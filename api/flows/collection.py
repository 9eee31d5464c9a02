"""The collector's round: a list with references to take along, and the list entered when it comes back filled in."""

from datetime import datetime
from pathlib import Path

from adapters.books.collection_sheet import CollectionLine, CollectionSheet
from adapters.office.collection import CollectedRow, read_collection
from api.flows.slips import owed_now, standing_requests
from api.wiring import Installation
from domain import organisation, payment_request
from domain.errors import Malformed
from domain.identifiers import UnitId
from domain.payment_request import Requested
from domain.period import Month
from ledger.application import Outcome, command_id_for
from ledger.handlers.ask import PrepareCollection
from ledger.handlers.collect import CashItem, RecordCash
from ledger.pending import pending_words
from ledger.work import Act, Work


def prepare_round(inst: Installation, act: Act, unit_id: UnitId, month: Month) -> CollectionSheet:
    """The list of who owes for the month, each with a reference; who has none yet is given one."""
    inst.ledger.execute(PrepareCollection(unit_id=unit_id, month=month), act)
    work = inst.ledger.work()
    rows: list[tuple[str, Requested, int]] = []
    for member_id, state in standing_requests(work, unit_id, month):
        owed = owed_now(work, state, act.on)
        if owed:
            rows.append((member_id, state, owed))
    persons = inst.vault.persons([member_id for member_id, _, _ in rows])
    unit = work.organisation.units[unit_id]
    return CollectionSheet(
        unit_name=unit.name,
        unit_code=unit.code,
        superior_name="" if unit.parent_id is None else work.organisation.units[unit.parent_id].name,
        month=month,
        position=inst.store.head(),
        lines=tuple(
            CollectionLine(
                name=persons[member_id].name if member_id in persons else "(không rõ)",
                reference=state.asked.reference,
                owed=owed,
                note=(pending_words(work, state, act.on) or "").split(" (")[0],
            )
            for member_id, state, owed in rows
        ),
    )


def take_round(inst: Installation, *, actor: str, at: datetime, path: Path, unit_id: UnitId) -> tuple[Outcome, int]:
    """Enter a list that came back: every row or none, and the same list again adds nothing.

    Also returns how many rows were left blank. A row whose slip is in the book with the same amount is passed over, so
    that two copies of one list, or a list entered twice, count once.
    """
    collected = read_collection(path)
    if not collected.rows:
        raise Malformed("chưa dòng nào được điền «Thực thu»; điền rồi nhập lại", where=path.name)
    work = inst.ledger.work()
    items = tuple(_item(work, row, unit_id) for row in collected.rows)
    act = Act(actor=actor, at=at, command_id=command_id_for("collection", unit_id, collected.digest))
    return inst.ledger.execute(RecordCash(unit_id=unit_id, items=items), act), collected.blank


def _item(work: Work, row: CollectedRow, unit_id: UnitId) -> CashItem:
    """The cash of one row; the reference names member and month, and nothing else of the row is believed for that."""
    state = work.request(row.reference)
    if not isinstance(state, Requested) or state.asked.kind is not payment_request.Kind.DUES:
        raise Malformed(
            f"mã nộp {row.reference} không có trong sổ; kiểm tra từng ký tự, hoặc dùng đúng danh sách của đơn vị",
            where=row.place.where,
        )
    asked = state.asked
    owner = organisation.owner(work.organisation, asked.unit_id)
    if not organisation.is_within(work.organisation, owner, unit_id):
        raise Malformed(f"mã nộp {row.reference} là của đơn vị khác; nhập ở đơn vị ấy", where=row.place.where)
    if asked.member_id is None or asked.month is None:
        raise Malformed(f"mã nộp {row.reference} không phải của một đảng viên", where=row.place.where)
    return CashItem(slip=row.slip, member_id=asked.member_id, month=asked.month, amount=row.amount, paid_on=row.paid_on)
