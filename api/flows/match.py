"""The matching run: what waits and is open is read from the log, text and names are lent from the side stores, and
what the engine proposes is posted, accepted or left for a person."""

import uuid
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from api.flows.match_text import Lender
from api.wiring import Installation
from domain import match, organisation
from domain.correction import Kind as CorrectionKind
from domain.correction import Wanted
from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId, PaymentId, UnitId, payment_id
from domain.match import MatchAccepted, MatchPart
from domain.notice import Direction
from domain.period import day_of
from ledger.application import Outcome, command_id_for
from ledger.handlers.correct import CorrectEntry
from ledger.handlers.matches import AcceptMatches, Proposed, ProposedLine, threshold
from ledger.store import Recorded
from ledger.work import Act
from reconciliation.match.calibrate import DECIDED_BY, NEWEST, REQUIRED, Measured, decisions, measure
from reconciliation.match.engine import match as pair_up
from reconciliation.match.followed import event_names
from reconciliation.match.gather import Told
from reconciliation.match.values import Claim, ClaimKind, MoneyIn, MoneyKind, NonMatch, Pair

#: How many events are read at a time, and how many matches go into one command.
_BATCH = 5_000
_PER_COMMAND = 200

MATCHER = "service:matcher"

#: So many characters of a match's id are clear; nothing at all would mean whatever is the only one.
_CLEAR = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A pair with the command that would book it (None: another command does, ``instead`` says which)."""

    match_id: str
    unit_id: UnitId
    pair: Pair
    proposed: Proposed | None
    threshold: int
    automatic: bool
    instead: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What waits in a unit and beneath it (None: everywhere here), and what the engine says of it."""

    position: int
    money: dict[str, MoneyIn]
    claims: dict[str, Claim]
    proposals: tuple[Proposal, ...]
    unmatched: tuple[NonMatch, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """What a run posted and left; ``measured`` is the precision of each rule on decisions already taken."""

    looked: Looked
    accepted: tuple[dict[str, object], ...]
    refused: tuple[dict[str, object], ...]
    measured: tuple[Measured, ...]


def told_until(inst: Installation, position: int | None = None) -> Told:
    """The log folded up to a position (None: everything)."""
    told = Told()
    for one in recorded(inst, event_names(), position):
        told.take(one)
    return told


def recorded(inst: Installation, names: Sequence[str], until: int | None = None) -> Iterator[Recorded]:
    """Events of these names in log order, up to a position."""
    head = inst.store.head() if until is None else until
    position = 0
    while found := inst.store.read(position, _BATCH, names):
        for one in found:
            if one.position > head:
                return
            yield one
        position = found[-1].position


def look(inst: Installation, *, on: date, unit: UnitId | None = None) -> Looked:
    """Ask the rules about everything that waits; nothing is recorded."""
    told = told_until(inst)
    work = inst.ledger.work()
    org = work.organisation
    here = None if unit is None else frozenset(u.unit_id for u in organisation.subtree(org, unit))
    waiting = tuple(m for m in told.waiting() if here is None or m.unit_id in here)
    carried = frozenset(reference for m in waiting for reference in m.references)
    lender = Lender(inst, told)
    money = lender.money(waiting)
    carried |= {reference for m in money for reference in m.references}
    claims = lender.claims(money, told.claims(carried, unit))
    result = pair_up(money, claims, told.known_payers())
    by_money = {m.key: m for m in money}
    by_claim = {c.key: c for c in claims}
    proposals = []
    for pair in result.pairs:
        limit = threshold(work, pair.rule, by_money[pair.money[0]].unit_id, on)
        proposals.append(_proposal(inst, told, pair, by_money, by_claim, limit))
    return Looked(
        position=told.position,
        money=by_money,
        claims=by_claim,
        proposals=tuple(proposals),
        unmatched=result.unmatched,
    )


def _proposal(
    inst: Installation,
    told: Told,
    pair: Pair,
    money: dict[str, MoneyIn],
    claims: dict[str, Claim],
    limit: int,
) -> Proposal:
    first = money[pair.money[0]]
    mine = [money[key] for key in pair.money]
    parts, instead = _parts(told, pair, money, claims)
    runner = () if pair.runner_up is None else pair.runner_up.claims
    members = tuple(m for key in runner if (m := claims[key].member_id) is not None)
    proposed = Proposed(
        unit_id=first.unit_id,
        rule=pair.rule,
        parts=parts,
        evidence=pair.evidence,
        runner_up=members,
        runner_up_evidence=() if pair.runner_up is None else pair.runner_up.evidence,
        lines=tuple(
            ProposedLine(account_id=m.account_id, line_key=m.key, payment_id=_payment(told, m))
            for m in mine
            if m.kind is MoneyKind.LINE and m.account_id is not None
        ),
    )
    sure = match.may_post(pair.rule, pair.evidence, limit) and pair.over == 0 and not proposed.lines
    return Proposal(
        match_id=proposed.match_id,
        unit_id=first.unit_id,
        pair=pair,
        proposed=None if instead else proposed,
        threshold=limit,
        automatic=sure and not instead,
        instead=instead,
    )


def _payment(told: Told, money: MoneyIn) -> PaymentId:
    """What the money of a line is called once it is in the book."""
    if money.kind is MoneyKind.SUSPENSE:
        return PaymentId(money.key)
    line = told.line_of[money.key]
    return payment_id(f"bank:{money.account_id}", line.bank_reference or line.key)


_INSTEAD = {
    ClaimKind.BATCH: "Tách theo bảng kê bằng «dangphi collect split».",
    ClaimKind.REMITTANCE: "Tiền nộp của cấp dưới: xác nhận bằng «dangphi remit acknowledge».",
    ClaimKind.CASH_BAG: "Túi tiền mặt đã nộp: nhập lại sao kê có mã của túi, hoặc điều chỉnh.",
    ClaimKind.REFUND: "Tiền ra: đối chiếu khoản hoàn trả hoặc phiếu chi rồi ghi nhận ở đó.",
    ClaimKind.CLEARING: "Khoản kênh thu đã báo: nhập tệp quyết toán của kênh rồi đối chiếu.",
    ClaimKind.UNKNOWN: "Mã không còn khoản nào đang mở: xác định hoặc hoàn trả.",
}


def _instead(claim: Claim, money: MoneyIn) -> str:
    """What books this pair: the very command where one does, else what a person does."""
    if claim.kind is ClaimKind.SETTLEMENT:
        _, rail, settlement = claim.key.split(":", 2)
        item = money.key if money.kind is MoneyKind.SUSPENSE else f"line:{money.account_id}#{money.key}"
        return (
            f"Ghi bằng «dangphi gateway lump {item} --unit {money.unit_id} --rail {rail} "
            f"--settlement {settlement} --reason … --as …»."
        )
    if money.kind is MoneyKind.SUSPENSE and claim.kind is ClaimKind.BATCH:
        return (
            f"Ghi bằng «dangphi collect split BẢNG-KÊ --payment {money.key} --unit {money.unit_id} --as …» "
            f"(bảng kê của mã {claim.case})."
        )
    return _INSTEAD[claim.kind]


def _parts(
    told: Told, pair: Pair, money: dict[str, MoneyIn], claims: dict[str, Claim]
) -> tuple[tuple[MatchPart, ...], str]:
    """The parts to book, and what to do instead where this command cannot book them."""
    for key in pair.claims:
        if claims[key].kind is not ClaimKind.MONTH:
            return (), _instead(claims[key], money[pair.money[0]])
    whole = [money[key] for key in pair.money]
    if any(m.direction is not Direction.IN or m.returned for m in whole):
        return (), "Tiền hoàn trả hoặc tiền ra: không ghi là đảng phí. Đối chiếu với khoản gốc."
    if any(money[key].unit_id not in claims[claim].units for key in pair.money for claim in pair.claims):
        return (), "Khoản này của đơn vị khác: chuyển tiền sang đơn vị đó hoặc hoàn trả."
    if pair.over and len({claims[key].member_id for key in pair.claims}) > 1:
        return (), "Tiền nhiều hơn các khoản: tách bằng «dangphi collect split»."
    made = []
    for one in whole:
        mine = [part for part in pair.parts if part.money == one.key]
        rest = one.amount - sum(part.amount for part in mine)
        for place, part in enumerate(mine):
            claim = claims[part.claim]
            last = rest if place + 1 == len(mine) else 0
            made.append(
                MatchPart(
                    payment_id=_payment(told, one),
                    member_id=claim.member_id or MemberId(""),
                    month=claim.month or match.NO_MONTH,
                    amount=part.amount + last,
                    waiting=one.amount,
                    owed=claim.amount,
                )
            )
    return tuple(made), ""


def run(
    inst: Installation, *, at: datetime, unit: UnitId | None = None, actor: str = MATCHER, post: bool = True
) -> RunReport:
    """Ask the rules and post what their thresholds allow; the rest is proposed.

    Precision is measured each time on the newest decisions, so that a run takes as long in the tenth year as in the
    first; :func:`calibrate` measures it on all of them.
    """
    looked = look(inst, on=day_of(at), unit=unit)
    sure = [p for p in looked.proposals if p.automatic] if post else []
    accepted, refused = _accept(inst, looked, sure, actor=actor, at=at, automatic=True, ground="")
    return RunReport(
        looked=looked, accepted=accepted, refused=refused, measured=calibrate(inst, unit=unit, newest=NEWEST)
    )


def accept(
    inst: Installation, *, actor: str, at: datetime, ids: Sequence[str], ground: str, unit: UnitId | None = None
) -> RunReport:
    """Accept proposals by their ids (or clear beginnings of them); what no longer stands is named, the rest goes on."""
    looked = look(inst, on=day_of(at), unit=unit)
    chosen: list[Proposal] = []
    refused: list[dict[str, object]] = []
    for wanted in dict.fromkeys(ids):
        found = [p for p in looked.proposals if len(wanted) >= _CLEAR and p.match_id.startswith(wanted)]
        if len(found) == 1 and found[0].proposed is not None:
            chosen.append(found[0])
            continue
        message = "Đề xuất này không còn (có gì đó đã đổi). Chạy «dangphi match run» rồi chọn lại."
        if len(found) > 1:
            message = "Mã đề xuất này chưa đủ để phân biệt. Viết dài hơn."
        elif found:
            message = found[0].instead
        refused.append({"match": wanted, "code": str(RefusalCode.MATCH_STALE), "message": message})
    done, also = _accept(inst, looked, chosen, actor=actor, at=at, automatic=False, ground=ground)
    return RunReport(looked=looked, accepted=done, refused=(*refused, *also), measured=())


def _accept(
    inst: Installation,
    looked: Looked,
    chosen: Sequence[Proposal],
    *,
    actor: str,
    at: datetime,
    automatic: bool,
    ground: str,
) -> tuple[tuple[dict[str, object], ...], tuple[dict[str, object], ...]]:
    by_unit: dict[UnitId, list[Proposed]] = {}
    for one in chosen:
        if one.proposed is not None:
            by_unit.setdefault(one.unit_id, []).append(one.proposed)
    accepted: list[dict[str, object]] = []
    refused: list[dict[str, object]] = []
    for unit, proposals in by_unit.items():
        for start in range(0, len(proposals), _PER_COMMAND):
            part = tuple(proposals[start : start + _PER_COMMAND])
            ids = [one.match_id for one in part]
            # The position is part of the id: what was undone in between may be accepted again on the same evidence.
            named = command_id_for("accept-matches", actor, unit, str(looked.position), *ids)
            command = AcceptMatches(
                unit_id=unit,
                proposals=part,
                automatic=automatic,
                ground=ground or "khớp theo căn cứ đã ghi",
            )
            outcome = inst.ledger.execute(command, Act(actor=actor, at=at, command_id=named))
            accepted += outcome.answer["accepted"]
            refused += outcome.answer["refused"]
    return tuple(accepted), tuple(refused)


def accepted_match(inst: Installation, wanted: str) -> MatchAccepted:
    """The last acceptance of a match, by its id or a clear beginning of it; refuses ``correction-unknown``."""
    found = {
        one.event.match_id: one.event
        for one in recorded(inst, ("match-accepted",))
        if isinstance(one.event, MatchAccepted) and one.event.match_id.startswith(wanted)
    }
    if len(wanted) < _CLEAR or len(found) != 1:
        raise Refusal(
            RefusalCode.CORRECTION_UNKNOWN,
            f"Không có đúng một lần khớp đã ghi có mã bắt đầu bằng {wanted!r}. Xem «dangphi match list».",
        )
    return next(iter(found.values()))


def undo(
    inst: Installation,
    *,
    actor: str,
    at: datetime,
    match_id: str,
    unit: UnitId,
    number: str,
    reason: str,
    decision: str,
    command_id: uuid.UUID,
) -> tuple[Outcome, ...]:
    """Undo a match by corrections, one for each payment in it; above the unit's threshold another person approves."""
    told = accepted_match(inst, match_id)
    payments = list(dict.fromkeys(part.payment_id for part in told.parts))
    outcomes = []
    for place, paid in enumerate(payments, start=1):
        named = number if len(payments) == 1 else f"{number}-{place}"
        members = dict.fromkeys(part.member_id for part in told.parts if part.payment_id == paid)
        only = next(iter(members)) if len(members) == 1 else None
        wanted = Wanted(kind=CorrectionKind.MATCH, payment_id=paid, member_id=only)
        command = CorrectEntry(unit_id=unit, correction_id=named, wanted=wanted, reason=reason, decision=decision)
        act = Act(actor=actor, at=at, command_id=uuid.uuid5(command_id, paid), reason=reason, document=decision)
        outcomes.append(inst.ledger.execute(command, act))
    return tuple(outcomes)


def calibrate(
    inst: Installation, *, unit: UnitId | None = None, required: int = REQUIRED, newest: int | None = None
) -> tuple[Measured, ...]:
    """Each rule's precision on the decisions that people took, by bank, and the threshold it would allow.

    ``newest``: on so many of the last decisions only (None: on all).
    """
    org = inst.ledger.work().organisation
    here = None if unit is None else frozenset(u.unit_id for u in organisation.subtree(org, unit))
    only = None
    if newest is not None:
        last = deque(
            (one.meta.command_id for one in recorded(inst, DECIDED_BY) if not one.meta.actor.startswith("service:")),
            maxlen=newest,
        )
        only = frozenset(last)
        if not last and not any(True for _ in recorded(inst, ("match-undone",))):
            # Nobody decided anything, and nothing that was posted was undone: the log need not be read once more.
            return ()
    names = tuple(sorted({*event_names(), "match-accepted"}))
    lender = Lender(inst, Told())
    found = decisions(recorded(inst, names), lender.enrich, within=here, only=only)
    return measure(found, required=required)
