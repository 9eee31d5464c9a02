"""Carrying out an act on the tree: everything that goes over, recorded by one command.

``who_goes_where`` reads the plan against the tree as it is now; ``carry_out`` records the tree's changes, the members,
what is owed and under way, and the handover of balances. A preview takes the same road and records nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from domain import declaration, dues_account, member, membership, organisation, payables, payment, refund, remittance
from domain.entry_line import EntryLine
from domain.errors import Refusal, RefusalCode
from domain.identifiers import PaymentId, RefundId, RemittanceId, UnitId
from domain.membership import MemberMoved
from domain.money import Dong
from domain.organisation import Channel, HolderAssigned, Organisation
from domain.organisation_history import once_below_each
from domain.passed_on import (
    PayableInherited,
    PayablePassed,
    RefundTakenOver,
    RemittanceTakenOver,
    SuspenseTakenOver,
)
from domain.period import Month, Period, month_of
from domain.restructuring import BalancesHandedOver, RestructurePlanned
from domain.unit_changes import AccountPassedOn, UnitEnded, UnitReparented
from ledger.handover import WhoGoesWhere, lines_between, mapped, touched
from ledger.open_month import require_open
from ledger.unfinished import unfinished
from ledger.work import Act, Work

#: Months that the old cell had not assessed are owed to the new one, however far back: dues began in this month.
FIRST_MONTH = Month("1930-02")
#: Lines of one entry of the memo book; an act on a large unit has several entries.
_SLICE = 900


@dataclass(slots=True)
class Moved:
    """What an act moves; filled while it is carried out, and the answer to a preview."""

    reparented: list[UnitReparented]
    ended: list[UnitEnded]
    accounts: list[AccountPassedOn]
    holders: list[HolderAssigned]
    members: list[MemberMoved]
    payables: list[PayableInherited]
    remittances: list[RemittanceTakenOver]
    refunds: list[RefundTakenOver]
    suspense: list[SuspenseTakenOver]
    handovers: list[BalancesHandedOver]


def who_goes_where(org: Organisation, p: RestructurePlanned) -> WhoGoesWhere:
    """Which unit goes into which, and whose claims go to another superior that lives on."""
    units = {move.old: move.new for move in p.moves}
    claims: dict[tuple[UnitId, UnitId], UnitId] = {}
    for one in p.reparents:
        claims[one.from_parent, one.unit_id] = one.to_parent
    for old, new in units.items():
        before, after = org.units[old].parent_id, org.units[new].parent_id
        if before is None or before in units or before == new or after is None or after == before:
            continue
        claims[before, old] = after
    return WhoGoesWhere(
        units=units,
        claims=claims,
        members={one.member_id: one.unit_id for one in p.members},
        funds={one.unit_id: one.amount for one in p.funds},
    )


def carry_out(work: Work, p: RestructurePlanned, act: Act, stream: str) -> Moved:
    """Record everything of a plan that is ready; refuses where something stands in the way."""
    org = work.organisation
    who = who_goes_where(org, p)
    for unit in dict.fromkeys((*who.units, *who.units.values(), *who.members.values())):
        require_open(work, unit, month_of(p.effective_on))
    if papers := unfinished(work, who.units):
        raise _in_the_way(p, f"còn việc phải xong trước khi kết thúc đơn vị: {'; '.join(papers)}")
    below = once_below_each(org)
    moved = Moved([], [], [], [], [], [], [], [], [], [])
    _guard(work, who, act)
    _members(work, p, who, moved)
    pairs = _relations(work, who, below)
    # After everything that was read above, never before: what is booked in between makes this command decide again.
    work.books.catch_up()
    superiors: dict[UnitId, list[UnitId]] = defaultdict(list)
    for unit, superior in pairs:
        superiors[unit].append(superior)
    before = touched(work.books, who, superiors)
    _payables(work, p, who, pairs, moved)
    _remittances(work, p, who, pairs, moved)
    _cases(work, p, who, moved)
    _tree(work, p, who, moved)
    after = mapped(before, who)
    changes = lines_between(before, after)
    for unit in dict.fromkeys(line.unit_id for line in changes):
        # Also a superior or a holder above, whose books name another unit from that day on.
        require_open(work, unit, month_of(p.effective_on))
    for part, lines in enumerate(_parts(changes), start=1):
        handed = BalancesHandedOver(
            restructure_id=p.restructure_id, part=part, handed_over_on=p.effective_on, lines=lines
        )
        work.record(stream, (handed,))
        moved.handovers.append(handed)
    return moved


def _guard(work: Work, who: WhoGoesWhere, act: Act) -> None:
    """Whatever is booked for an old unit while this is decided must make it decide again."""
    accounts = [a.account_id for a in work.organisation.accounts.values() if a.unit_id in who.units]
    names = [f"account/{account}" for account in accounts]
    kinds = ("cash", "cash-count", "declaration", "correction")
    names += [f"{kind}/{unit}" for unit in who.units for kind in kinds]
    people = work.directory.concerned_by(who.units)
    names += [dues_account.stream(one, act.on.year) for one in people]
    work.preload((*names, *(member.stream(one) for one in people)))
    for name in names:
        work.guard(name)


def _members(work: Work, p: RestructurePlanned, who: WhoGoesWhere, moved: Moved) -> None:
    """Members on the roll, or there for a time, go with the unit, in the order of the roll."""
    places = {unit: work.directory.next_order(unit) for unit in {*who.units.values(), *who.members.values()}}
    for old, new in who.units.items():
        for member_id in work.directory.concerned_by((old,)):
            belongs = work.member(member_id).membership
            here = membership.present(belongs)
            staying = any(
                old in (s.unit_id, s.payee_id) and s.to_month >= month_of(p.effective_on) for s in belongs.stays
            )
            if (here is None or here.unit_id != old) and not staying:
                continue
            to = who.members.get(member_id, new)
            event = MemberMoved(
                member_id=member_id,
                unit_id=to,
                from_unit=old,
                roster_order=places[to],
                moved_on=p.effective_on,
                from_month=FIRST_MONTH,
                decision=p.decision,
            )
            places[to] += 1
            work.record(member.stream(member_id), (event,))
            moved.members.append(event)


def _relations(
    work: Work, who: WhoGoesWhere, below: Mapping[UnitId, tuple[UnitId, ...]]
) -> tuple[tuple[UnitId, UnitId], ...]:
    """Pairs of a unit and a superior to which it declared, of which at least one ends or which are parted."""
    above: dict[UnitId, list[UnitId]] = defaultdict(list)
    for superior, units in below.items():
        for unit in units:
            above[unit].append(superior)
    found: dict[tuple[UnitId, UnitId], None] = {}
    for old in who.units:
        found.update(dict.fromkeys((old, superior) for superior in above.get(old, ())))
        found.update(dict.fromkeys((unit, old) for unit in below.get(old, ())))
    found.update(dict.fromkeys((unit, superior) for superior, unit in who.claims))
    work.preload(declaration.stream(unit) for pair in found for unit in pair)
    return tuple(found)


def _after(who: WhoGoesWhere, unit: UnitId, superior: UnitId) -> tuple[UnitId, UnitId]:
    """The pair that a unit and its superior become."""
    over = who.claims.get((superior, unit), superior)
    return UnitId(who.unit(unit)), UnitId(who.unit(over))


def _payables(
    work: Work, p: RestructurePlanned, who: WhoGoesWhere, pairs: Iterable[tuple[UnitId, UnitId]], moved: Moved
) -> None:
    """What was declared and is not received, or received and not counted yet, goes on between the new pair."""
    for unit, superior in pairs:
        to_unit, to_superior = _after(who, unit, superior)
        if (to_unit, to_superior) == (unit, superior) or to_unit == superior:
            continue
        counting = work.declarations(superior)
        claims = work.books.balances(superior, "1360")
        for period, total in payables.payable_to(work.declarations(unit), superior).items():
            books = work.organisation.units[superior].has_books
            outstanding = (
                claims.get(f"{unit}:{period}", 0) if books else work.books.balances(unit, "3360").get(period, 0)
            )
            amount: Dong = outstanding
            if superior in who.units:
                amount = total - declaration.unsplit_reduction(counting, unit, period)
                amount -= payables.counted_of(counting, unit, period)
            if amount <= 0:
                continue
            _record_payable(work, p, (unit, superior), (to_unit, to_superior), period, amount, outstanding, moved)


def _record_payable(
    work: Work,
    p: RestructurePlanned,
    old: tuple[UnitId, UnitId],
    new: tuple[UnitId, UnitId],
    period: str,
    amount: Dong,
    outstanding: Dong,
    moved: Moved,
) -> None:
    known = work.organisation.units[new[1]]
    # A unit that becomes its own superior has received it all; the period still counts under its old name.
    unit = old[0] if new[0] == new[1] else new[0]
    passed = PayablePassed(
        unit_id=old[0],
        superior_id=old[1],
        period=Period(period),
        amount=amount,
        to_unit_id=unit,
        to_superior_id=new[1],
        restructure_id=p.restructure_id,
        passed_on=p.effective_on,
    )
    inherited = PayableInherited(
        unit_id=unit,
        superior_id=new[1],
        superior_has_books=known.has_books,
        period=Period(period),
        amount=amount,
        outstanding=0 if new[0] == new[1] else outstanding,
        from_unit_id=old[0],
        from_superior_id=old[1],
        restructure_id=p.restructure_id,
        inherited_on=p.effective_on,
    )
    if outstanding and not known.has_books and work.organisation.units[old[1]].has_books:
        raise _in_the_way(
            p, f"kỳ {period} của {old[0]} còn {outstanding} đồng phải nộp, mà {known.name} ghi sổ nơi khác"
        )
    work.record(declaration.stream(old[0]), (passed,))
    work.record(declaration.stream(unit), (inherited,))
    moved.payables.append(inherited)


def _remittances(
    work: Work, p: RestructurePlanned, who: WhoGoesWhere, pairs: Iterable[tuple[UnitId, UnitId]], moved: Moved
) -> None:
    """Remittances that are not finished go on between the new pair; where that cannot be, the act is refused."""
    for unit in dict.fromkeys(unit for unit, _ in pairs):
        for name in work.directory.unit_remittances(unit):
            case = RemittanceId(name)
            r = remittance.require_prepared(work.remittance(case))
            left = remittance.to_send(r), remittance.under_way(r) + remittance.astray(r), remittance.on_account_left(r)
            superior = r.prepared.superior_id
            to_unit, to_superior = _after(who, unit, superior)
            if not any(left) or (to_unit, to_superior) == (unit, superior):
                continue
            if superior not in who.units and to_superior != superior:
                raise _in_the_way(p, f"lệnh nộp {case} lên {superior} chưa xong; nhận đủ hoặc rút lệnh trước")
            if to_unit == to_superior and (left[1] or left[2]):
                raise _in_the_way(p, f"lệnh nộp {case} đang trên đường tới chính {to_superior}; xác nhận đã nhận trước")
            event = RemittanceTakenOver(
                remittance_id=case,
                from_unit_id=unit,
                unit_id=to_unit,
                superior_id=to_superior,
                superior_has_books=work.organisation.units[to_superior].has_books,
                restructure_id=p.restructure_id,
                passed_on=p.effective_on,
            )
            work.record(remittance.stream(case), (event,))
            moved.remittances.append(event)


def _cases(work: Work, p: RestructurePlanned, who: WhoGoesWhere, moved: Moved) -> None:
    """Refunds, and money whose owner is not known, are the new unit's from now on."""
    for unit, superior in who.claims:
        if unit not in who.units and work.books.balances(unit, "1380"):
            raise _in_the_way(p, f"{superior} còn phải trả {unit} khoản thu hồi do hoàn trả; bù trừ xong trước")
    for old, new in who.units.items():
        for name in work.directory.unit_refunds(old):
            _require_together(work, p, who, name, new)
            over = RefundTakenOver(
                refund_id=RefundId(name),
                from_unit_id=old,
                unit_id=new,
                restructure_id=p.restructure_id,
                passed_on=p.effective_on,
            )
            work.record(refund.stream(RefundId(name)), (over,))
            moved.refunds.append(over)
        for key, amount in work.books.balances(old, "3380").items():
            if not isinstance(work.payment(PaymentId(key)), payment.Payment):
                continue
            waits = SuspenseTakenOver(
                payment_id=PaymentId(key),
                from_unit_id=old,
                unit_id=new,
                amount=amount,
                restructure_id=p.restructure_id,
                passed_on=p.effective_on,
            )
            work.record(payment.stream(PaymentId(key)), (waits,))
            moved.suspense.append(waits)


def _require_together(work: Work, p: RestructurePlanned, who: WhoGoesWhere, name: str, new: UnitId) -> None:
    """In a split a member's credit goes to the member's new unit: a refund of it that waits would stand elsewhere."""
    state = work.refund(RefundId(name))
    if not isinstance(state, refund.Refund) or state.withdrawn or len(state.approvers) >= 2:
        return
    member = state.requested.member_id
    if state.requested.source is refund.Source.CREDIT and member is not None and who.members.get(member, new) != new:
        raise _in_the_way(p, f"đề nghị hoàn trả {name} còn chờ duyệt; duyệt hoặc rút trước")


def _tree(work: Work, p: RestructurePlanned, who: WhoGoesWhere, moved: Moved) -> None:
    """Accounts pass on, subordinates get their new superior, the old units end, receiving places follow."""
    org = work.organisation
    for account in org.accounts.values():
        if account.unit_id in who.units:
            moved.accounts.append(
                AccountPassedOn(
                    account_id=account.account_id,
                    from_unit_id=account.unit_id,
                    unit_id=who.units[account.unit_id],
                    effective_from=p.effective_on,
                    restructure_id=p.restructure_id,
                )
            )
    targets = {*who.units.values(), *who.members.values()}
    children = [(c.unit_id, old, who.units[old]) for old in who.units for c in organisation.children(org, old)]
    for unit, from_parent, to_parent in [*children, *((r.unit_id, r.from_parent, r.to_parent) for r in p.reparents)]:
        if unit in who.units or (unit in targets and unit == to_parent):
            continue
        moved.reparented.append(
            UnitReparented(
                unit_id=unit,
                from_parent_id=from_parent,
                parent_id=to_parent,
                effective_from=p.effective_on,
                decision=p.decision,
            )
        )
    for old, new in who.units.items():
        moved.ended.append(
            UnitEnded(
                unit_id=old,
                successor_id=new,
                effective_from=p.effective_on,
                restructure_id=p.restructure_id,
                decision=p.decision,
            )
        )
    moved.holders += _holders(org, p, who)
    work.record(organisation.STREAM, (*moved.accounts, *moved.reparented, *moved.ended, *moved.holders))


def _holders(org: Organisation, p: RestructurePlanned, who: WhoGoesWhere) -> list[HolderAssigned]:
    """A holder that ended is followed by its successor; a new unit without a receiving place has the old one's."""
    found: dict[tuple[UnitId, Channel], HolderAssigned] = {}
    for (unit, channel), rows in org.holders.items():
        place = max(reversed(rows), key=lambda row: row.effective_from)
        if unit in who.units:
            to = who.units[unit]
            if (to, channel) in org.holders or (to, channel) in found:
                continue
            above = place.holder_id == unit or organisation.is_within(org, to, place.holder_id)
            if not above and place.holder_id not in who.units:
                continue
            unit = to
        elif place.holder_id not in who.units or unit in org.ended:
            continue
        holder = UnitId(who.unit(place.holder_id))
        found[unit, channel] = replace(place, unit_id=unit, holder_id=holder, effective_from=p.effective_on)
    return list(found.values())


def _parts(lines: tuple[EntryLine, ...]) -> list[tuple[EntryLine, ...]]:
    """The money book in one entry; the memo book in slices, the lines of one member's month never parted."""
    money = tuple(line for line in lines if not line.account.startswith("0"))
    by_key: dict[str, list[EntryLine]] = defaultdict(list)
    for line in lines:
        if line.account.startswith("0"):
            by_key[line.key].append(line)
    parts = [money] if money else []
    current: list[EntryLine] = []
    for key in sorted(by_key):
        current += by_key[key]
        if len(current) >= _SLICE:
            parts.append(tuple(current))
            current = []
    if current:
        parts.append(tuple(current))
    return parts


def _in_the_way(p: RestructurePlanned, what: str) -> Refusal:
    return Refusal(RefusalCode.RESTRUCTURE_NOT_POSSIBLE, f"Phương án {p.restructure_id}: {what}.")
