"""Matches that a person or the matching run accepts: each is taken whole or refused by itself, the rest goes on.

The money goes the way that ``IdentifySuspense`` goes; beside it stands one event that tells by which rule, on which
evidence and against which other candidate, in the numbers the decision was taken on.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import msgspec

from domain import dues_account, match, organisation, payment, suspense
from domain.access import Action
from domain.bank_account import Placement
from domain.errors import Refusal, RefusalCode
from domain.identifiers import AccountId, MemberId, PaymentId, UnitId
from domain.match import Evidence, MatchAccepted, MatchPart, Rule
from domain.money import Dong, format_dong
from domain.notice import Direction
from domain.payment import Payment, SuspenseIdentified
from domain.period import month_of
from domain.policy import setting_number
from domain.policy_settings import SettingName
from ledger import placing
from ledger.accounts import open_account
from ledger.bank_lines import money_of, note_placed
from ledger.handler import Handler
from ledger.work import Act, Work

#: The setting that says from which confidence a rule posts by itself; the others only suggest.
THRESHOLDS: Mapping[Rule, SettingName] = {
    Rule.EXACT_REFERENCE: SettingName.MATCH_REFERENCE_FROM,
    Rule.AMOUNT_IN_WINDOW: SettingName.MATCH_AMOUNT_FROM,
    Rule.KNOWN_PAYER: SettingName.MATCH_PAYER_FROM,
    Rule.COVERING_SET: SettingName.MATCH_SET_FROM,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedLine:
    """A line of a statement that waits without being money of the book yet; accepting takes it in first."""

    account_id: AccountId
    line_key: str
    payment_id: PaymentId  #: what the money will be called


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """A match as the engine proposes it; ``waiting`` and ``owed`` of its parts say what it saw."""

    unit_id: UnitId
    rule: Rule
    parts: tuple[MatchPart, ...]
    evidence: tuple[Evidence, ...]
    runner_up: tuple[MemberId, ...] = ()
    runner_up_evidence: tuple[Evidence, ...] = ()
    lines: tuple[ProposedLine, ...] = ()

    @property
    def match_id(self) -> str:
        """The same proposal on the same evidence has the same id; if anything moved, it has another."""
        return hashlib.sha256(msgspec.json.encode(self, order="sorted")).hexdigest()[:20]


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptMatches:
    """Accept proposals of one unit's money; ``automatic``: a program posts what its thresholds allow."""

    unit_id: UnitId
    proposals: tuple[Proposed, ...]
    automatic: bool
    ground: str


def threshold(work: Work, rule: Rule, unit_id: UnitId, on: date) -> int:
    """From which confidence a rule posts by itself in a unit; basis points."""
    name = THRESHOLDS.get(rule)
    if name is None:
        return match.NEVER
    kind = organisation.unit(work.organisation, unit_id).kind
    return setting_number(work.policy, name, month_of(on), kind)


def accept_matches(work: Work, command: AcceptMatches, act: Act) -> dict[str, object]:
    """Each proposal that still holds is booked whole; one that does not is named with the reason."""
    accepted: list[dict[str, object]] = []
    refused: list[dict[str, object]] = []
    work.preload(payment.stream(part.payment_id) for one in command.proposals for part in one.parts)
    for proposed in command.proposals:
        try:
            with work.all_or_none():
                accepted.append(_accept(work, command, proposed, act))
        except Refusal as refusal:
            refused.append({"match": proposed.match_id, "code": str(refusal.code), "message": refusal.message})
    return {"accepted": accepted, "refused": refused}


def _accept(work: Work, command: AcceptMatches, proposed: Proposed, act: Act) -> dict[str, object]:
    if proposed.unit_id != command.unit_id:
        raise organisation.outside(proposed.unit_id, command.unit_id)
    _require_fresh(work, proposed, act)
    for line in proposed.lines:
        _take_in(work, line, act)
    fact = MatchAccepted(
        match_id=proposed.match_id,
        unit_id=command.unit_id,
        rule=proposed.rule,
        confidence=match.confidence(proposed.evidence),
        threshold=threshold(work, proposed.rule, command.unit_id, act.on),
        parts=proposed.parts,
        amount=sum(part.amount for part in proposed.parts),
        evidence=proposed.evidence,
        runner_up=proposed.runner_up,
        runner_up_confidence=match.confidence(proposed.runner_up_evidence),
        runner_up_evidence=proposed.runner_up_evidence,
        automatic=command.automatic,
        decided_by=act.actor,
    )
    work.record(match.stream(fact.match_id), match.accept(fact))
    receipts = [
        _book(work, command, [part for part in proposed.parts if part.payment_id == paid], act)
        for paid in dict.fromkeys(part.payment_id for part in proposed.parts)
    ]
    return {
        "match": fact.match_id,
        "amount": fact.amount,
        "confidence": fact.confidence,
        "rule": str(fact.rule),
        "receipts": [number for number in receipts if number is not None],
    }


def _require_fresh(work: Work, proposed: Proposed, act: Act) -> None:
    """Refuse what something has moved under since it was proposed: the money, or what is owed."""
    fresh_lines = {line.payment_id for line in proposed.lines}
    for part in proposed.parts:
        known = work.payment(part.payment_id)
        waiting = known.suspense - suspense.reserved(known) if isinstance(known, Payment) else 0
        if isinstance(known, Payment) is (part.payment_id in fresh_lines):
            raise _stale(f"khoản {part.payment_id} đã vào sổ khác lúc đề xuất")
        if part.payment_id not in fresh_lines and waiting != part.waiting:
            raise _stale(f"khoản {part.payment_id} nay còn treo {_dong(waiting)}, lúc đề xuất là {_dong(part.waiting)}")
        member = work.member(part.member_id)
        open_account(work, part.member_id, member.unit_id, act.on.year)
        owed = dues_account.owed(work.dues(part.member_id, act.on.year), part.month)
        if owed != part.owed:
            raise _stale(f"tháng {part.month} nay còn nợ {_dong(owed)}, lúc đề xuất là {_dong(part.owed)}")


def _stale(what: str) -> Refusal:
    return Refusal(RefusalCode.MATCH_STALE, f"Đề xuất khớp không còn đúng: {what}. Chạy «dangphi match run» lại.")


def _dong(amount: Dong) -> str:
    return f"{format_dong(amount)} đồng"


def _take_in(work: Work, line: ProposedLine, act: Act) -> None:
    """A line that nothing placed becomes money whose owner is unknown, as at an import; the match then names him."""
    account = organisation.account(work.organisation, line.account_id)
    state = work.account(line.account_id)
    told = state.lines.get(line.line_key)
    gone = told is None or line.line_key in state.placed or line.line_key in state.named
    if told is None or gone or told.direction is not Direction.IN or told.is_reversal:
        raise _stale(f"dòng {line.line_key[:12]}… đã có chỗ trong sổ hoặc không phải tiền vào")
    money = money_of(work, account, told, None)
    if money.payment_id != line.payment_id or not isinstance(work.payment(money.payment_id), payment.NotSeen):
        # Several lines share the bank's number: the name in the proposal is that of other money.
        raise _stale(f"dòng {line.line_key[:12]}… mang số giao dịch mà khoản khác đã mang")
    placing.receive_unknown(work, act, money)
    placed = Placement(key=line.line_key, outcome="suspense", target=money.payment_id)
    note_placed(work, line.account_id, placed)


def _book(work: Work, command: AcceptMatches, parts: list[MatchPart], act: Act) -> int | None:
    """One payment's parts to their members; one receipt for it if it has none."""
    paid = parts[0].payment_id
    before = payment.require_seen(work.payment(paid))
    if payment.waits_at(before) != command.unit_id:
        raise organisation.outside(payment.waits_at(before), command.unit_id)
    units: dict[UnitId, None] = {}
    for part in parts:
        member = work.member(part.member_id)
        if not organisation.is_within(work.organisation, member.unit_id, command.unit_id):
            raise organisation.outside(member.unit_id, command.unit_id)
        units[member.unit_id] = None
        dues, credit = placing.apply_to_member(
            work,
            act,
            member_id=part.member_id,
            unit_id=member.unit_id,
            payment=paid,
            amount=part.amount,
            month=part.month,
        )
        asked = SuspenseIdentified(
            payment_id=paid,
            holder_id=command.unit_id,
            unit_id=member.unit_id,
            member_id=part.member_id,
            amount=part.amount,
            dues_amount=dues,
            credit_amount=credit,
            ground=command.ground,
            identified_by=act.actor,
        )
        state = payment.require_seen(work.payment(paid))
        work.record(payment.stream(paid), suspense.identify(state, asked))
    if before.received.channel == "portal" or before.matched:
        return None
    members = {part.member_id for part in parts}
    return placing.issue_receipt(
        work,
        act,
        next(iter(units)) if len(units) == 1 else command.unit_id,
        paid,
        parts[0].member_id if len(members) == 1 else None,
        sum(part.amount for part in parts),
        before.received.paid_on,
    )


#: What each command asks permission for, where, and the function that decides it.
COMMANDS: Mapping[type, Handler] = {
    AcceptMatches: Handler("accept-matches", Action.PLACE_MONEY, "unit_id", accept_matches),
}
