"""Decisions on open items: a list of them from a file, all or none; and what is open, for a unit's people."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

import msgspec

from adapters.office.decisions import BlankRow, DecisionRow, read_decisions, write_blank
from api.flows.members import member_of
from api.flows.statement_files import line_evidence_id
from api.wiring import Installation
from domain import organisation, payment
from domain.errors import Malformed
from domain.identifiers import PaymentId, UnitId
from domain.open_item import DecisionKind, line_of
from ledger.application import Outcome, command_id_for
from ledger.handlers.open_items import Asked, BatchRow, DecideBatch, PartAsked
from ledger.open_items import OpenItem, open_items
from ledger.work import Act


def decide_by_list(
    inst: Installation, *, actor: str, at: datetime, unit: UnitId, data: bytes, name: str, dry_run: bool = False
) -> Outcome:
    """Decide what a file says: every row is checked, all hold or none; the same file again is the same command."""
    rows = batch_of(inst, read_decisions(data, name), name)
    digest = sha256(data).hexdigest()
    act = Act(actor=actor, at=at, command_id=command_id_for("decide-batch", actor, unit, digest))
    return inst.ledger.execute(DecideBatch(unit_id=unit, rows=rows), act, dry_run=dry_run)


def batch_of(inst: Installation, rows: tuple[DecisionRow, ...], name: str) -> tuple[BatchRow, ...]:
    """Lines of one divided transfer are one decision; every other line is one. A list without lines is refused."""
    if not rows:
        raise Malformed(
            "danh sách chưa có quyết định nào; điền cột «quyết định» và «lý do» của mỗi khoản đã quyết", where=name
        )
    split: dict[str, list[DecisionRow]] = defaultdict(list)
    for row in rows:
        if row.kind is DecisionKind.SPLIT:
            split[row.item].append(row)
    found: list[BatchRow] = []
    for row in rows:
        lines = split[row.item] if row.kind is DecisionKind.SPLIT else [row]
        if lines[0] is not row:
            continue
        parts = tuple(
            PartAsked(member_id=member_of(inst, one.card_number), month=one.month, amount=one.amount)
            for one in lines
            if one.card_number is not None
        )
        if row.kind is DecisionKind.SPLIT and any(p.amount is None for p in parts):
            raise Malformed("chia thì dòng nào cũng phải có số tiền", where=row.where)
        asked = Asked(
            item=row.item,
            kind=row.kind,
            reason=row.reason,
            parts=parts,
            amount=sum(p.amount or 0 for p in parts) if row.kind is DecisionKind.SPLIT else row.amount,
            until=row.until,
            document=row.document,
        )
        # The same list under another name is the same list.
        found.append(BatchRow(where=row.where.removeprefix(f"{name}, "), asked=asked))
    return tuple(found)


def list_open(inst: Installation, unit: UnitId, at: datetime, *, below: bool = False) -> tuple[OpenItem, ...]:
    """What is open at a unit, or at it and everything beneath; who may see it is asked by the caller."""
    work = inst.ledger.work()
    units = [unit]
    if below:
        units = [one for one in work.organisation.units if organisation.is_within(work.organisation, one, unit)]
    return open_items(work, inst.store, units, at.date())


def blank_list(inst: Installation, found: Sequence[OpenItem]) -> bytes:
    """A workbook of open items to fill in for :func:`decide_by_list`, with the words of each transfer beside it.

    The words are personal data: it is for people who may read the items' units.
    """
    rows = [
        BlankRow(
            item=one.item, since=one.since, amount=one.amount, next_step=one.next_step, words=_words(inst, one.item)
        )
        for one in found
    ]
    return write_blank(rows)


def _words(inst: Installation, item: str) -> str:
    """What the payer wrote, where a bank's line told it."""
    named = line_of(item)
    state = None if named is not None else inst.ledger.work().payment(PaymentId(item))
    key = named[1] if named is not None else None
    if isinstance(state, payment.Payment):
        key = state.received.bank_line
    kept = None if key is None else inst.evidence.fetch(line_evidence_id(key))
    if kept is None or kept.content is None:
        return ""
    told = msgspec.json.decode(kept.content)
    return " · ".join(str(told[name]) for name in ("content", "counterparty_name") if told.get(name))
