"""A remittance between two shards: each side books its own, by messages that may come late, twice or out of order.

The sender's shard announces what was declared; the superior's shard acknowledges what its bank credited. A message
that comes too early is refused and delivered again later; one that comes again adds nothing. What is open on either
side is listed until the other side has answered.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from domain import organisation, remittance
from domain.access import Action
from domain.bank_account import Placement, StatementLine
from domain.errors import Refusal, RefusalCode
from domain.identifiers import AccountId, RemittanceId, UnitId
from domain.money import Dong
from domain.notice import Direction
from domain.payment import Asset
from domain.period import Period
from domain.remittance import RemittanceReceived, under_way
from ledger.bank_lines import note_placed
from ledger.books import balance
from ledger.handler import Handler
from ledger.handlers.remit import own_account, own_remittance
from ledger.work import Act, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveFromElsewhere:
    """The superior's side of a remittance whose sender is kept in another shard: the bank credited ``bank_line``."""

    superior_id: UnitId
    unit_id: UnitId
    remittance_id: RemittanceId
    period: Period
    amount: Dong
    received_on: date
    bank_line: str  #: key of the line on the superior's own statement


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedElsewhere:
    """The sender's side: the superior in another shard acknowledged the money."""

    unit_id: UnitId
    remittance_id: RemittanceId
    amount: Dong
    received_on: date
    acknowledgement: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSide:
    """Something that waits for the other shard; đồng."""

    unit_id: UnitId
    counterparty: UnitId
    what: str  #: "under-way" at the sender, "not-received" at the superior
    subject: str  #: the remittance, or "<unit>:<period>"
    amount: Dong


def receive_from_elsewhere(work: Work, command: ReceiveFromElsewhere, act: Act) -> dict[str, object]:
    """Book the superior's side only; the same credit again adds nothing."""
    known = work.incoming(command.remittance_id)
    if any(event.bank_line == command.bank_line for event in known):
        return {"events": 0}
    account_id = own_account(work, command.superior_id, act)
    line = work.account(account_id).lines.get(command.bank_line)
    _require_credit(work, command, account_id, line)
    work.declarations(command.superior_id)
    work.books.catch_up()
    owed = balance(work.books, command.superior_id, "1360", f"{command.unit_id}:{command.period}")
    if command.amount > owed:
        raise Refusal(
            RefusalCode.REMITTANCE_TOO_LARGE,
            f"{command.unit_id} báo kỳ {command.period} còn phải nộp {owed} đồng, "
            f"không thể nhận {command.amount} đồng.",
        )
    event = RemittanceReceived(
        remittance_id=command.remittance_id,
        unit_id=command.unit_id,
        superior_id=command.superior_id,
        sender_here=False,
        superior_here=True,
        period=command.period,
        amount=command.amount,
        asset=Asset.BANK,
        asset_key=account_id,
        bank_line=command.bank_line,
        received_on=command.received_on,
    )
    count = work.record(f"incoming/{command.remittance_id}", (event,))
    placed = Placement(key=command.bank_line, outcome="remittance-credit", target=command.remittance_id)
    note_placed(work, account_id, placed)
    return {"events": count}


def _require_credit(
    work: Work, command: ReceiveFromElsewhere, account_id: AccountId, line: StatementLine | None
) -> None:
    """Received is what the superior's own statement says, and a line answers for one thing only."""
    if line is None or line.direction is not Direction.IN:
        raise Refusal(
            RefusalCode.UNKNOWN_PAYMENT,
            f"Sao kê {account_id} chưa có dòng báo có {command.bank_line[:12]}…; nhập sao kê rồi xác nhận lại.",
        )
    if line.amount != command.amount:
        raise Refusal(
            RefusalCode.AMOUNT_DIFFERS,
            f"Dòng báo có {command.bank_line[:12]}… là {line.amount} đồng, không phải {command.amount} đồng.",
        )
    placed = work.account(account_id).placed.get(command.bank_line)
    if placed is not None:
        raise Refusal(
            RefusalCode.REMITTANCE_STATE,
            f"Dòng báo có {command.bank_line[:12]}… đã được ghi sổ theo quy tắc «{placed.outcome}».",
        )


def received_elsewhere(work: Work, command: ReceivedElsewhere, act: Act) -> dict[str, object]:
    """Book the sender's side: what was under way has arrived."""
    state = own_remittance(work, command.remittance_id, command.unit_id)
    if any(event.bank_line == command.acknowledgement for event in state.receipts):
        return {"events": 0}
    if command.amount > under_way(state):
        raise Refusal(
            RefusalCode.REMITTANCE_TOO_LARGE,
            f"Cấp trên xác nhận {command.amount} đồng nhưng đang chuyển chỉ có {under_way(state)} đồng.",
        )
    p = state.prepared
    event = RemittanceReceived(
        remittance_id=p.remittance_id,
        unit_id=p.unit_id,
        superior_id=p.superior_id,
        sender_here=True,
        superior_here=False,
        period=p.period,
        amount=command.amount,
        asset=Asset.BANK,
        asset_key="",
        bank_line=command.acknowledgement,
        received_on=command.received_on,
    )
    return {"events": work.record(remittance.stream(p.remittance_id), (event,))}


def open_sides(work: Work, unit_id: UnitId) -> tuple[OpenSide, ...]:
    """What a unit's books show open towards units kept in another shard, until the other side has answered."""
    work.books.catch_up()
    org = work.organisation
    found = []
    above = organisation.superior(org, unit_id)
    if above is not None and not above.has_books:
        for case, amount in sorted(work.books.balances(unit_id, "1150").items()):
            found.append(
                OpenSide(unit_id=unit_id, counterparty=above.unit_id, what="under-way", subject=case, amount=amount)
            )
    elsewhere = {told.unit_id for told in work.declarations(unit_id).announced}
    for subject, amount in sorted(work.books.balances(unit_id, "1360").items()):
        below = UnitId(subject.rsplit(":", 1)[0])
        if below in elsewhere:
            found.append(
                OpenSide(unit_id=unit_id, counterparty=below, what="not-received", subject=subject, amount=amount)
            )
    return tuple(found)


#: What each command asks permission for, where, and the function that decides it.
COMMANDS: Mapping[type, Handler] = {
    ReceiveFromElsewhere: Handler(
        "receive-from-elsewhere", Action.ACKNOWLEDGE_REMITTANCE, "superior_id", receive_from_elsewhere
    ),
    ReceivedElsewhere: Handler("received-elsewhere", Action.CORRECT_REMITTANCE, "unit_id", received_elsewhere),
}
