"""From the log to what waits and what is open: the domain's own folds, taken to any position of the log.

Because every state is the fold of the log up to a position, the same function says what is open now and what was open
when a decision was taken: an explanation and a calibration read the very facts that the decision could read.
"""

from collections import defaultdict
from collections.abc import Set
from datetime import date
from typing import cast

from domain import bank_account, dues_account, member, organisation, payment, payment_request, remittance, settlement
from domain.bank_account import AccountEvent, BankAccount, StatementLine
from domain.cash import BagCredited
from domain.closing import MonthClosed, MonthReopened
from domain.dues_account import Account, DuesEvent
from domain.events import DomainEvent
from domain.identifiers import AccountId, MemberId, UnitId
from domain.member import MemberEvent
from domain.money import Dong
from domain.notice import Direction
from domain.organisation import Builder, OrganisationEvent
from domain.payment import (
    Asset,
    MatchUndone,
    Payment,
    PaymentEvent,
    PaymentReceived,
    PaymentTakenBack,
    SuspenseIdentified,
)
from domain.payment_request import Kind, PaymentRequested, Requested, RequestEvent
from domain.period import Month
from domain.refund import PayoutSeen
from domain.remittance import Remittance, RemittanceEvent
from domain.settlement import Settled, SettlementEvent
from domain.spending import VoucherPaidByBank
from ledger.ports import Recorded
from reconciliation.match.left import Payers
from reconciliation.match.values import Claim, ClaimKind, MoneyIn, MoneyKind

#: What of a lump a channel may withhold, in basis points of the announced amount.
FEE_BASIS_POINTS = 300


class Told:
    """Everything that bears on matching, folded in log order. One writer, no clock, no text."""

    def __init__(self) -> None:
        self.position = 0
        self._tree = Builder()
        self.banks: dict[AccountId, BankAccount] = {}
        self.payments: dict[str, Payment] = {}
        self.requests: dict[str, Requested] = {}
        self.dues: dict[MemberId, tuple[int, Account]] = {}
        self.members: dict[str, member.State] = {}
        self.remittances: dict[str, Remittance] = {}
        self.settlements: dict[str, Settled] = {}
        self.closed: dict[UnitId, Month] = {}
        self.done: set[str] = set()  #: bags, refunds and vouchers that a bank line answered
        self.payers: dict[str, dict[MemberId, int]] = defaultdict(dict)
        self.undone: dict[str, dict[MemberId, None]] = defaultdict(dict)
        self.line_of: dict[str, StatementLine] = {}
        # What a question would else have to look for among everything that ever was.
        self._asked_of: dict[tuple[MemberId, Month], list[PaymentRequested]] = defaultdict(list)
        self._cases: dict[str, None] = {}  #: requests that are no member's month, by stream
        self._free: dict[str, None] = {}  #: payments with money in suspense
        self._as_money: dict[str, MoneyIn] = {}  #: of these, as the rules read them
        self._on_its_way: dict[str, None] = {}  #: payments that no bank line has credited
        self._left: dict[AccountId, tuple[StatementLine, ...]] = {}  #: lines without a place
        self._up: dict[UnitId, tuple[UnitId, ...]] = {}
        self._beneath: dict[UnitId, tuple[MemberId, ...]] = {}  #: members of a unit and of those under it

    def take(self, recorded: Recorded) -> None:
        """Take one event in; others are passed over."""
        self.position = recorded.position
        event = recorded.event
        if isinstance(event, PaymentEvent):
            self._payment(recorded.stream, event)
        elif isinstance(event, DuesEvent):
            self._dues(recorded.stream, event)
        elif isinstance(event, RequestEvent):
            self._request(recorded.stream, event)
        elif isinstance(event, AccountEvent):
            self._account(event)
        elif isinstance(event, MemberEvent):
            known_member = self.members.get(recorded.stream, member.UNKNOWN)
            self.members[recorded.stream] = member.evolve(known_member, event)
            self._beneath.clear()
        elif isinstance(event, OrganisationEvent):
            self._tree.take(event)
            self._up.clear()
            self._beneath.clear()
        elif isinstance(event, RemittanceEvent):
            known = self.remittances.get(recorded.stream, remittance.NOT_PREPARED)
            self.remittances[recorded.stream] = cast(Remittance, remittance.evolve(known, event))
        elif isinstance(event, SettlementEvent):
            before = self.settlements.get(recorded.stream, settlement.NOT_TOLD)
            self.settlements[recorded.stream] = settlement.evolve(before, event)
        else:
            self._other(event)

    def _account(self, event: AccountEvent) -> None:
        known = self.banks.get(event.account_id, bank_account.EMPTY)
        self.banks[event.account_id] = bank_account.evolve(known, event)
        self._left.pop(event.account_id, None)
        if isinstance(event, bank_account.StatementImported):
            self.line_of.update({line.key: line for line in event.lines})

    def _request(self, stream: str, event: RequestEvent) -> None:
        known = self.requests.get(stream, payment_request.NOT_REQUESTED)
        after = cast(Requested, payment_request.evolve(known, event))
        self.requests[stream] = after
        asked = after.asked
        if not isinstance(event, PaymentRequested):
            return
        if asked.kind is Kind.DUES and asked.member_id is not None and asked.month is not None:
            self._asked_of[asked.member_id, asked.month].append(asked)
        else:
            self._cases[stream] = None

    def _dues(self, stream: str, event: DuesEvent) -> None:
        member, year = stream.split("/")[1:]
        if MemberId(member) not in self.dues:
            self._beneath.clear()
        known_year, account = self.dues.get(MemberId(member), (0, dues_account.NEW))
        if int(year) > known_year:
            account = dues_account.NEW
        if int(year) >= known_year:
            self.dues[MemberId(member)] = (int(year), dues_account.evolve(account, event))

    def _payment(self, stream: str, event: PaymentEvent) -> None:
        known = self.payments.get(stream, payment.NOT_SEEN)
        after = payment.evolve(known, event)
        self._as_money.pop(stream, None)
        if isinstance(after, Payment):
            self.payments[stream] = after
            _mark(self._free, stream, _free(after) > 0)
            _mark(self._on_its_way, stream, _announced(after))
        else:
            for kept in (self.payments, self._free, self._on_its_way):
                kept.pop(stream, None)
        if isinstance(event, MatchUndone):
            self.undone[event.payment_id][event.member_id] = None
        seen = after if isinstance(after, Payment) else known
        if isinstance(seen, Payment) and (key := seen.received.payer_key):
            self._paid_for(key, event, seen)

    def _paid_for(self, key: str, event: PaymentEvent, seen: Payment) -> None:
        """Whom money from an account was found to be for; an undone match takes its word back."""
        match event:
            case PaymentReceived(member_id=str(member), dues_amount=dues, credit_amount=credit) if dues + credit:
                by = 1
            case SuspenseIdentified(member_id=member):
                by = 1
            case MatchUndone(member_id=member):
                by = -1
            case PaymentTakenBack() if seen.received.member_id is not None:
                member, by = seen.received.member_id, -1
            case _:
                return
        count = self.payers[key].get(MemberId(member), 0) + by
        if count > 0:
            self.payers[key][MemberId(member)] = count
        else:
            self.payers[key].pop(MemberId(member), None)

    def _other(self, event: DomainEvent) -> None:
        match event:
            case MonthClosed():
                self.closed[event.unit_id] = event.month
            case MonthReopened():
                self.closed[event.unit_id] = Month(_before(event.month))
            case BagCredited():
                self.done.add(event.bag)
            case PayoutSeen():
                self.done.add(event.refund_id)
            case VoucherPaidByBank():
                self.done.add(event.voucher_id)
            case _:
                pass

    # --- what waits ---------------------------------------------------------------------------------------------

    def waiting(self) -> tuple[MoneyIn, ...]:
        """Money in suspense that no request for a refund holds back, and lines that found no place; without text."""
        for stream in self._free:
            if stream not in self._as_money:
                self._as_money[stream] = self.money(self.payments[stream])
        found = [self._as_money[stream] for stream in self._free]
        registered = self._tree.organisation.accounts
        for account, bank in self.banks.items():
            if account not in self._left:
                placed = bank.placed.keys() | bank.named
                self._left[account] = tuple(line for key, line in bank.lines.items() if key not in placed)
            if account in registered:
                found += [line_money(line, account, registered[account].unit_id) for line in self._left[account]]
        return tuple(found)

    def money(self, state: Payment, amount: Dong | None = None) -> MoneyIn:
        """Money in suspense as the rules read it; ``amount`` instead of what waits now."""
        seen = state.received
        lines = [w.bank_line for w in state.witnesses if w.bank_line is not None]
        line = self.line_of.get(seen.bank_line or (lines[0] if lines else ""))
        references = (*((seen.reference,) if seen.reference else ()), *(() if line is None else line.references))
        return MoneyIn(
            key=seen.payment_id,
            kind=MoneyKind.SUSPENSE,
            account_id=AccountId(seen.asset_key) if seen.asset is Asset.BANK else None,
            unit_id=payment.waits_at(state),
            on=seen.booked_on or seen.paid_on,
            amount=_free(state) if amount is None else amount,
            direction=Direction.IN,
            references=tuple(dict.fromkeys(references)),
            payer_key=seen.payer_key,
            line_key=None if line is None else line.key,
            evidence=_kept(
                seen.evidence_id, *(w.evidence_id for w in state.witnesses), None if line is None else line.evidence_id
            ),
            not_of=tuple(self.undone.get(seen.payment_id, ())),
            returned=False if line is None else line.is_reversal,
        )

    # --- what is open -------------------------------------------------------------------------------------------

    def claims(self, carried: Set[str] = frozenset(), beneath: UnitId | None = None) -> tuple[Claim, ...]:
        """Everything open; and what was asked under a reference that money carries, answered or not.

        ``beneath``: of members' months only those of that unit and the units under it, and those carried.
        """
        found: dict[str, Claim] = {}
        for who in self.dues if beneath is None else self._members_beneath(beneath):
            account = self.dues[who][1]
            for month in dues_account.open_months(account):
                claim = self._month(who, month, account)
                found[claim.key] = claim
        for reference in sorted(carried):
            request = self.requests.get(payment_request.stream(reference))
            if request is not None:
                claim = self._of_request(request)
                found.setdefault(claim.key, claim)
        for stream in self._cases:
            claim = self._asked(self.requests[stream])
            if claim.amount:
                found.setdefault(claim.key, claim)
        for stream in self._on_its_way:
            claim = self._clearing(self.payments[stream])
            found[claim.key] = claim
        lumps = (self._lump(told) for told in self.settlements.values())
        return (*found.values(), *(lump for lump in lumps if lump is not None))

    def _members_beneath(self, unit: UnitId) -> tuple[MemberId, ...]:
        if unit not in self._beneath:
            here = tuple(who for who in self.dues if unit in self.up(self.unit_of(who) or UnitId("")))
            self._beneath[unit] = here
        return self._beneath[unit]

    def _of_request(self, request: Requested) -> Claim:
        asked = request.asked
        if asked.kind is Kind.DUES and asked.member_id is not None and asked.month is not None:
            account = self.dues.get(asked.member_id, (0, dues_account.NEW))[1]
            return self._month(asked.member_id, asked.month, account)
        return self._asked(request)

    def up(self, unit: UnitId) -> tuple[UnitId, ...]:
        """A unit, or the one that took it over, and those above it."""
        if unit not in self._up:
            org = self._tree.organisation
            owner = organisation.owner(org, unit)
            known = owner in org.units
            path = organisation.path_up(org, owner) if known else ()
            self._up[unit] = tuple(found.unit_id for found in path) or (owner,)
        return self._up[unit]

    def unit_of(self, who: MemberId) -> UnitId | None:
        """The unit on whose roll a member is."""
        known = self.members.get(member.stream(who), member.UNKNOWN)
        return None if isinstance(known, member.Unknown) else known.unit_id

    def _month(self, who: MemberId, month: Month, account: Account) -> Claim:
        asked = self._asked_of.get((who, month), ())
        unit = self.unit_of(who) or (asked[-1].unit_id if asked else UnitId(""))
        ends = [one.valid_until for one in asked]
        return Claim(
            key=f"month:{who}:{month}",
            kind=ClaimKind.MONTH,
            units=self.up(unit),
            amount=max(0, dues_account.owed(account, month)),
            account_id=asked[-1].account_id if asked else None,
            references=tuple(one.reference for one in asked),
            member_id=who,
            month=month,
            due_on=date(int(month[:4]), int(month[5:]), 1),
            valid_until=max((end for end in ends if end), default=None) if all(ends) and ends else None,
            closed=month <= self.closed.get(unit, Month("")),
        )

    def _asked(self, request: Requested) -> Claim:
        asked = request.asked
        kinds = {Kind.BATCH: ClaimKind.BATCH, Kind.REMITTANCE: ClaimKind.REMITTANCE, Kind.CASH_BAG: ClaimKind.CASH_BAG}
        kind = kinds.get(asked.kind, ClaimKind.REFUND)
        amount = 0 if request.answers else asked.amount
        units = self.up(asked.unit_id)
        case = asked.case_id or asked.reference
        if kind is ClaimKind.REMITTANCE:
            state = self.remittances.get(f"remittance/{case}")
            if state is not None:
                amount = 0 if state.withdrawn else max(0, state.prepared.amount - state.received)
                units = self.up(state.prepared.superior_id)
        elif case in self.done:
            amount = 0
        return Claim(
            key=f"request:{asked.reference}",
            kind=kind,
            units=units,
            amount=amount,
            account_id=asked.account_id,
            references=(asked.reference,),
            direction=Direction.OUT if kind is ClaimKind.REFUND else Direction.IN,
            valid_until=asked.valid_until,
            case=case,
        )

    def _clearing(self, state: Payment) -> Claim:
        seen = state.received
        request = self.requests.get(payment_request.stream(seen.reference or ""))
        return Claim(
            key=f"clearing:{seen.payment_id}",
            kind=ClaimKind.CLEARING,
            units=self.up(seen.holder_id),
            amount=seen.amount,
            account_id=None if request is None else request.asked.account_id,
            due_on=seen.paid_on,
            fee_allowed=seen.amount * FEE_BASIS_POINTS // 10_000,
            case=seen.asset_key,
        )

    def _lump(self, state: Settled) -> Claim | None:
        if state.told is None or state.lump is not None or state.told.net == 0 or not settlement.is_lump(state.told):
            return None
        told = state.told
        number = told.settlement_id.partition(settlement.OF_ACCOUNT)[2]
        registered = self._tree.organisation.accounts.values()
        own = [a.account_id for a in registered if a.unit_id == told.unit_id and (not number or a.number == number)]
        return Claim(
            key=f"settlement:{told.rail}:{told.settlement_id}",
            kind=ClaimKind.SETTLEMENT,
            units=self.up(told.unit_id),
            amount=abs(told.net),
            account_id=own[0] if len(own) == 1 else None,
            due_on=told.to_date,
            direction=Direction.IN if told.net > 0 else Direction.OUT,
            case=told.settlement_id,
        )

    def known_payers(self) -> Payers:
        """Who paid for whom before."""
        return {key: dict(members) for key, members in self.payers.items() if members}


def line_money(line: StatementLine, account: AccountId, unit: UnitId) -> MoneyIn:
    """A line of a statement as the rules read it."""
    return MoneyIn(
        key=line.key,
        kind=MoneyKind.LINE,
        account_id=account,
        unit_id=unit,
        on=line.booked_on,
        amount=line.amount,
        direction=line.direction,
        references=tuple(dict.fromkeys(line.references)),
        payer_key=line.payer_key,
        line_key=line.key,
        evidence=_kept(line.evidence_id),
        returned=line.is_reversal,
    )


def _kept(*evidence: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for one in evidence if one))


def _mark(marked: dict[str, None], key: str, there: bool) -> None:
    if there:
        marked[key] = None
    else:
        marked.pop(key, None)


def _free(state: Payment) -> Dong:
    return state.suspense - sum(state.reserved.values())


def _announced(state: Payment) -> bool:
    return state.received.asset is Asset.CLEARING and state.credited is None


def _before(month: Month) -> str:
    year, number = int(month[:4]), int(month[5:])
    return f"{year - 1}-12" if number == 1 else f"{year}-{number - 1:02d}"
