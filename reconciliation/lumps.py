"""What a lump on the bank account stands for: its payments by their own events, and here all that it nets or adds."""

from domain.money import Dong
from domain.settlement import SettlementKind, SettlementLumpCredited, SettlementLumpTakenBack, SettlementTold
from domain.settlement_failed import SettlementLumpReturned
from reconciliation.seen import Seen, lump_name, witness

_Lump = SettlementLumpCredited | SettlementLumpReturned | SettlementLumpTakenBack


def tell_lump(seen: Seen, event: _Lump, position: int) -> None:
    """Tie a lump's line to what it stands for, or part them again when the line is taken off it."""
    name = f"{lump_name(event.rail, event.settlement_id)}:{event.bank_line}"
    match event:
        case SettlementLumpReturned():
            witness(seen, event.bank_line, name, name, position)
            for payment_id in event.payments:
                seen.rounds[payment_id] = seen.rounds.get(payment_id, 0) + 1
        case SettlementLumpTakenBack():
            for item in seen.lump_ties.pop(event.bank_line, ()):
                seen.untied[event.bank_line, item] = position
                seen.netted.discard(item)
        case SettlementLumpCredited():
            own = [name] if event.added or event.netted else []
            ties = [*own, *_netted(seen, event)]
            for item in ties:
                witness(seen, event.bank_line, item, item, position)
            seen.lump_ties[event.bank_line] = ties


def _netted(seen: Seen, event: SettlementLumpCredited) -> list[str]:
    """Fees, refunds and cases that the settlement of a lump names, each taken once and by the sign of its line."""
    settlement = seen.settlements.get((event.rail, event.settlement_id))
    if settlement is None:
        return []
    fees = f"fee:{settlement.rail}/{settlement.settlement_id}#"
    found = []
    for line in settlement.lines:
        if f"{fees}{line.number}" in seen.items:
            found.append(f"{fees}{line.number}")
        if line.kind in (SettlementKind.COLLECTION, SettlementKind.FEE):
            continue
        for case in _cases(settlement, line.reference, line.outside_reference):
            open_ = [item for item in seen.by_case.get(case, ()) if _fits(seen, item, line.amount)]
            if open_:
                seen.netted.add(open_[0])
                found.append(open_[0])
                break
    return found


def _fits(seen: Seen, item: str, amount: Dong) -> bool:
    """Whether no lump has netted the item yet, and it moved the channel's debt the same way."""
    return item not in seen.netted and sum(m.amount for m in seen.by_item.get(item, ())) * amount > 0


def _cases(settlement: SettlementTold, reference: str | None, outside: str) -> tuple[str, str]:
    """What a line that is no collection may be about: a refund of ours, or a case of the channel's own."""
    return f"refund:{reference}", f"case:{settlement.rail}/{outside}"
