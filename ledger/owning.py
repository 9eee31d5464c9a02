"""Which unit's books a member's month, payment or credit belongs in, across transfers.

An obligation stays with the cell that owns its month; money stays with the unit that took it in; credit goes with the
member. So an arrear of the old cell that the new cell collects is money of the new one and settles the old one's month.
"""

from collections.abc import Iterable
from dataclasses import replace

from domain import dues_account, membership, organisation
from domain.dues_account import AheadApplied, CreditApplied, CreditHeld, DuesEvent, PaymentApplied
from domain.dues_moves import CreditMoved, ObligationMoved
from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId, UnitId
from domain.member import Member, Unknown
from domain.period import Month
from ledger.accounts import open_account
from ledger.work import Work


def owning_unit(work: Work, known: Member, month: Month) -> UnitId | None:
    """The unit in whose books a month stands now, whatever the member's scope; None: no unit of this shard."""
    found = membership.owner_in(known.membership, month)
    return None if found is None else organisation.owner(work.organisation, found)


def with_ended(work: Work, units: Iterable[UnitId]) -> tuple[UnitId, ...]:
    """The units, and after them those that ended and whose books one of them keeps now."""
    known = tuple(units)
    here = frozenset(known)
    org = work.organisation
    return (*known, *(unit for unit in org.ended if unit not in here and organisation.owner(org, unit) in here))


def in_owners_books(
    work: Work, member_id: MemberId, unit_id: UnitId, events: Iterable[DuesEvent]
) -> tuple[DuesEvent, ...]:
    """What a payment to ``unit_id`` does to a member's account, each month in the books of the unit that owns it.

    What is left over becomes the member's credit, which is kept where the member is now.
    """
    state = work.member_state(member_id)
    if isinstance(state, Unknown):
        return tuple(events)
    found: list[DuesEvent] = []
    for event in events:
        if isinstance(event, PaymentApplied | AheadApplied):
            found.append(replace(event, unit_id=owning_unit(work, state, event.month) or event.unit_id))
            continue
        found.append(event)
        if isinstance(event, CreditHeld):
            found += credit_moved(state.member_id, unit_id, home(work, state), event.amount)
    return tuple(found)


def credit_follows(work: Work, known: Member, unit_id: UnitId, events: Iterable[DuesEvent]) -> tuple[DuesEvent, ...]:
    """Before held credit answers for a month of ``unit_id``, it is brought into that unit's books."""
    found: list[DuesEvent] = []
    for event in events:
        if isinstance(event, CreditApplied):
            found += credit_moved(known.member_id, home(work, known), unit_id, event.amount)
        found.append(event)
    return tuple(found)


def credit_moved(member_id: MemberId, from_unit: UnitId, unit_id: UnitId, amount: int) -> tuple[CreditMoved, ...]:
    """Credit of a member goes from one unit's books to another's; nothing where it is there already."""
    if from_unit == unit_id or amount == 0:
        return ()
    return (CreditMoved(member_id=member_id, unit_id=unit_id, from_unit=from_unit, amount=amount),)


def follow(work: Work, before: Member, year: int) -> int:
    """After a change of membership: open months go to the cells that own them now, credit to where the member is.

    ``before`` is the member as known before the change. Returns how many events that took.
    """
    after = work.member(before.member_id)
    stream = open_account(work, before.member_id, before.unit_id, year)
    account = work.dues(before.member_id, year)
    events: list[DuesEvent] = []
    for month in sorted(dues_account.open_months(account)):
        old, new = owning_unit(work, before, month), owning_unit(work, after, month)
        if old is not None and new is not None and old != new:
            events.append(
                ObligationMoved(
                    member_id=before.member_id,
                    unit_id=new,
                    from_unit=old,
                    month=month,
                    amount=dues_account.owed(account, month),
                )
            )
    # What a waiting refund has reserved stays in the books of the unit that gives it back.
    credit = account.credit - dues_account.reserved_credit(account)
    events += credit_moved(before.member_id, home(work, before), home(work, after), credit)
    return work.record(stream, events)


def home(work: Work, known: Member) -> UnitId:
    """The unit in whose books a member's credit is kept: that of the roll the member is on, or was on last."""
    return organisation.owner(work.organisation, known.unit_id)


def require_concerned(work: Work, known: Member, unit_id: UnitId, *, where: str = "") -> None:
    """Refuse for a unit that never had to do with the member: neither on its roll, nor with it for a time."""
    concerned = {organisation.owner(work.organisation, unit) for unit in membership.units_of(known.membership)}
    if unit_id not in concerned:
        raise Refusal(
            RefusalCode.NOT_ALLOWED,
            f"{where}Đảng viên thuộc đơn vị {known.unit_id}, chưa từng sinh hoạt ở {unit_id}. "
            "Chọn đúng đơn vị, hoặc tiếp nhận giấy giới thiệu trước.",
        )
