"""Attempts opened on a channel: recorded first, then asked of the channel, and what it answered recorded too.

The record comes first, so that a payment that the channel takes is never about a reference we do not know. No network
is touched inside a command. What the channel handed out for the payer (a page, a code) is kept as evidence, so that the
same request gets the same page again; it enters no event.
"""

import json
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from adapters.gateway.rail import NAME as GATEWAY
from adapters.inbound import VIETNAM
from api.rails import cannot, rail
from api.wiring import Installation
from domain import attempt, organisation
from domain.attempt import VIA_OPENING, Attempt, AttemptState
from domain.errors import Malformed, Refusal, RefusalCode
from domain.identifiers import UnitId
from domain.organisation import Channel
from domain.payment_request import Kind, PaymentRequested, Requested
from ledger.application import Outcome, command_id_for
from ledger.handlers.ask import OpenOnRail
from ledger.handlers.attempts import AttemptWord, ReportAttempts
from ledger.rail import AskedLine, AttemptAsked, AttemptOffer, ChannelAway, Rail, ReceiptCopy
from ledger.work import Act

#: MaLoi of a reference that the channel has taken before: what became of that is not known here.
_TAKEN_BEFORE = "04"

_WORDS = {
    AttemptState.UNKNOWN: "Cổng không trả lời rõ khi mở lượt này, nên chưa có trang thanh toán. Chưa có tiền nào bị "
    "trừ; hãy mở lượt mới.",
    AttemptState.FAILED: "Cổng không nhận lượt này. Xem lý do, sửa rồi mở lượt mới.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """An attempt as it was recorded, and what the payer is given; ``offer`` None where there is nothing to give."""

    outcome: Outcome
    state: AttemptState | None  #: None where the channel is not asked at all
    offer: AttemptOffer | None
    words: str | None  #: what to tell the payer when there is no offer

    @property
    def answer(self) -> dict[str, Any]:
        """The outcome's answer with what the channel gave."""
        if self.state is None:
            return self.outcome.answer
        offer = self.offer or AttemptOffer(outside_id=None)
        given = {
            "redirect_url": offer.redirect_url,
            "qr_payload": offer.qr_payload,
            "client_secret": offer.client_secret,
        }
        told = {"state": str(self.state), **{name: value for name, value in given.items() if value is not None}}
        return {**self.outcome.answer, **told, **({} if self.words is None else {"message": self.words})}


def open_attempt(inst: Installation, command: object, act: Act, *, caller_ip: str = "127.0.0.1") -> Opened:
    """Record an attempt, then open it on its channel; the same command again gets the same page and asks nothing.

    A channel that is only listened to gives no page: the portal comes by itself then. Raises Refusal when a rule says
    no; what the channel says is told in the answer's ``state`` (``unknown`` when nobody answered, ``failed`` when it
    refused) and never raised, because the attempt is on record by then.
    """
    if isinstance(command, OpenOnRail):
        named = rail(inst.settings, command.rail)
        if named.open_attempt is None and command.via == "office":
            raise cannot(named, "mở lượt thanh toán")
        require_holder(inst, command.rail, command.unit_id, act)
    outcome = inst.ledger.execute(command, act)
    return on_channel(inst, outcome, act.at, caller_ip=caller_ip)


def require_holder(inst: Installation, rail_name: str, unit_id: UnitId, act: Act) -> None:
    """Refuse an attempt whose money a lump could never clear: the gateway pays to one account, another unit holds it.

    The unit's place for the portal counts for the gateway too: it says who holds what comes through a channel.
    """
    named = inst.settings.gateway_unit
    if rail_name != GATEWAY or not named:
        return
    org = inst.ledger.work().organisation
    paid_to = UnitId(named) if named in org.units else organisation.by_code(org, named).unit_id
    place = organisation.receiving_place(org, unit_id, Channel.PORTAL, act.on)
    holder, paid = organisation.owner(org, place.holder_id), organisation.owner(org, paid_to)
    if holder != paid:
        raise Refusal(
            RefusalCode.OTHER_HOLDER,
            f"Cổng thẻ trả tiền về tài khoản của {paid}, còn tiền của {unit_id} do {holder} giữ. Dùng Cổng dịch vụ "
            "công hoặc mã QR, hoặc đổi nơi nhận tiền của đơn vị.",
            holder=holder,
            paid_to=paid,
        )


def on_channel(inst: Installation, outcome: Outcome, at: datetime, *, caller_ip: str = "127.0.0.1") -> Opened:
    """Open on its channel an attempt that is on record, unless that was done before."""
    reference = str(outcome.answer["reference"])
    work = inst.ledger.work()
    known = work.attempt(reference)
    found = None if known.opened is None else rail(inst.settings, known.opened.rail)
    if found is None or found.open_attempt is None:
        return Opened(outcome=outcome, state=None, offer=None, words=None)
    answered = [report for report in known.reports if report.via == VIA_OPENING]
    if answered or known.state is not AttemptState.OPENED:
        return Opened(outcome=outcome, state=known.state, offer=_kept_offer(inst, reference), words=_words(known))
    kept = _kept_offer(inst, reference)
    if kept is not None:
        return Opened(outcome=outcome, state=known.state, offer=kept, words=None)
    asked = asked_of(inst, reference, caller_ip=caller_ip)
    try:
        offer = found.open_attempt(asked, at)
    except (ChannelAway, Malformed):
        return _without(inst, outcome, reference, AttemptState.UNKNOWN, _WORDS[AttemptState.UNKNOWN], at)
    except Refusal as refusal:
        state = AttemptState.UNKNOWN if refusal.details.get("ma_loi") == _TAKEN_BEFORE else AttemptState.FAILED
        return _without(inst, outcome, reference, state, refusal.message, at)
    _keep_offer(inst, reference, offer)
    if offer.outside_id is not None:
        # Without an id of its own the channel told nothing that is not known already.
        _report(inst, reference, AttemptState.OPENED, at, outside_id=offer.outside_id)
    return Opened(outcome=outcome, state=AttemptState.OPENED, offer=offer, words=None)


def _words(known: Attempt) -> str | None:
    return _WORDS.get(known.state) if any(report.via == VIA_OPENING for report in known.reports) else None


def _without(
    inst: Installation, outcome: Outcome, reference: str, state: AttemptState, words: str, at: datetime
) -> Opened:
    _report(inst, reference, state, at)
    return Opened(outcome=outcome, state=state, offer=None, words=words)


def _report(
    inst: Installation, reference: str, state: AttemptState, at: datetime, *, outside_id: str | None = None
) -> None:
    word = AttemptWord(reference=reference, state=state, outside_id=outside_id, stated_at=at, via=VIA_OPENING)
    act = Act(
        actor="service:worker",
        at=at.astimezone(VIETNAM),
        command_id=command_id_for("attempt-opening", reference, state, outside_id or ""),
    )
    inst.ledger.execute(ReportAttempts(root=UnitId(_unit(inst, reference)), words=(word,)), act)


def _unit(inst: Installation, reference: str) -> str:
    opened = inst.ledger.work().attempt(reference).opened
    return opened.unit_id if opened is not None else ""


# --- what the channel is asked --------------------------------------------------------------------------------------


def asked_of(inst: Installation, reference: str, *, caller_ip: str = "127.0.0.1") -> AttemptAsked:
    """An attempt in the words of a channel. Names stand nowhere but in ``payer_name``, which the portal's receipt asks
    for: a member's own attempt carries the member's name from the vault, one for many the unit's.
    """
    work = inst.ledger.work()
    request = work.request(reference)
    if not isinstance(request, Requested):
        raise Refusal(RefusalCode.UNKNOWN_REFERENCE, f"Không có yêu cầu nào mang mã {reference[:60]}.")
    asked = request.asked
    account = organisation.account(work.organisation, asked.account_id)
    unit = organisation.unit(work.organisation, asked.unit_id)
    alone = asked.kind is Kind.DUES and asked.member_id is not None
    return AttemptAsked(
        reference=asked.reference,
        amount=asked.amount,
        words=words_of(asked),
        account_bin=account.bin,
        account_number=account.number,
        account_holder=account.holder_name,
        lines=lines_of(asked),
        caller_ip=caller_ip,
        unit_code=unit.code,
        unit_name=unit.name,
        payer_name=(inst.vault.name(str(asked.member_id)) or "") if alone else unit.name,
    )


def words_of(asked: PaymentRequested) -> str:
    """What the payer and both banks read: the reference first, and nobody's name."""
    what = {Kind.REMITTANCE: "NOP CAP TREN", Kind.BATCH: "NOP HO"}.get(asked.kind, "DANG PHI")
    return f"{asked.reference} {what}"


def lines_of(asked: PaymentRequested) -> tuple[AskedLine, ...]:
    """One line for each member of a payment for many, by number and month; who is which number only we know."""
    return tuple(
        AskedLine(words=f"Đảng phí tháng {line.month}, người thứ {number}", amount=line.amount)
        for number, line in enumerate(asked.lines, start=1)
    )


# --- what the channel gave ------------------------------------------------------------------------------------------


def _evidence_id(reference: str, what: str) -> uuid.UUID:
    return uuid.uuid5(uuid.NAMESPACE_URL, f"dangphi:attempt/{reference}/{what}")


def _keep_offer(inst: Installation, reference: str, offer: AttemptOffer) -> None:
    if offer.raw is not None:
        raw = {
            "headers": dict(offer.raw.headers),
            "body": offer.raw.body.decode("utf-8", "backslashreplace"),
        }
        inst.evidence.store(_evidence_id(reference, "raw"), "application/json", json.dumps(raw).encode())
    given = {
        "outside_id": offer.outside_id,
        "redirect_url": offer.redirect_url,
        "qr_payload": offer.qr_payload,
        "client_secret": offer.client_secret,
    }
    inst.evidence.store(_evidence_id(reference, "offer"), "application/json", json.dumps(given).encode())


def _kept_offer(inst: Installation, reference: str) -> AttemptOffer | None:
    kept = inst.evidence.fetch(_evidence_id(reference, "offer"))
    if kept is None or kept.content is None:
        return None
    return AttemptOffer(**json.loads(kept.content))


def receipt_of(inst: Installation, reference: str, at: datetime) -> ReceiptCopy:
    """The channel's own receipt of an attempt. Refuses when it has none, ``rail-away`` when nobody answers."""
    found = _rail_of(inst, reference)
    if found.receipt is None:
        raise cannot(found, "cấp biên lai")
    if inst.ledger.work().attempt(reference).state not in attempt.MONEY_CAME:
        raise Refusal(
            RefusalCode.NOTHING_DUE,
            f"Lượt {reference} chưa được báo là đã thanh toán nên Cổng chưa có biên lai. Chạy dangphi rail poll.",
        )
    try:
        return found.receipt(reference, at)
    except ChannelAway as error:
        raise Refusal(
            RefusalCode.RAIL_AWAY, f"Kênh {found.name} không trả lời ({error}). Thử lại sau ít phút.", rail=found.name
        ) from error


def _rail_of(inst: Installation, reference: str) -> Rail:
    known = inst.ledger.work().attempt(reference)
    if known.opened is None:
        raise Refusal(
            RefusalCode.UNKNOWN_REFERENCE,
            f"Không có lượt thanh toán nào mang mã {reference[:60]}. Kiểm tra mã, hoặc xem dangphi rail status.",
        )
    return rail(inst.settings, known.opened.rail)
