"""Kept messages of channels, shown to those who may see them: hash, names of headers and verdict to every reader of
the unit; the words themselves only to those who check books, with a reason that is kept.

A message belongs to the unit whose payment or request it told of. One that led to nothing (forged, unreadable, of an
unknown reference) belongs to the top of the shard.
"""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

import msgspec

from adapters.inbound import VIETNAM
from api.flows.notices import examine, top_unit
from api.rails import MAKERS
from api.wiring import Installation
from domain import payment
from domain.access import Action
from domain.errors import Malformed, Refusal, RefusalCode
from domain.identifiers import PaymentId, UnitId
from domain.notice import PaymentNotice
from domain.payment_request import Requested
from ledger.ports import KeptMessage, Verdict
from ledger.store import CommandContext
from ledger.work import Act, Work

#: What a verdict is called for people.
VERDICTS = {Verdict.ACCEPTED: "đã tin", Verdict.REJECTED: "không tin", Verdict.CONFLICT: "trái với tin trước"}

#: What stands behind a channel's name where the message answers a question of ours (``api.flows.notices``).
_CHANNELS = tuple(name + ending for name in MAKERS for ending in ("", "-query"))

#: Headers that open doors, and how the names of others like them end or begin; never shown, not even with the words.
_SECRET = frozenset({"authorization", "proxy-authorization", "cookie", "secure-token"})
_SECRET_PARTS = ("api-key", "apikey", "token", "secret")


def summary(inst: Installation, kept: KeptMessage) -> dict[str, Any]:
    """A message without its words: when, from which channel, believed or not, hash and length of its bytes, headers by
    name, and up to which log position it was worked on (None: it waits, is set aside, or was not believed).
    """
    message = kept.message
    sha256 = hashlib.sha256(message.body).hexdigest()
    return {
        "message": kept.id,
        "channel": message.source,
        # What was not believed is named by its own hash, which stands below.
        "told": None if message.outside_reference == sha256 else message.outside_reference,
        "received_at": message.received_at.astimezone(VIETNAM).isoformat(timespec="seconds"),
        "verdict": VERDICTS[message.verdict],
        "code": message.reject_code,
        "sha256": sha256,
        "bytes": len(message.body),
        "headers": [name for name, _ in message.headers],
        "unit": unit_of(inst, kept),
        "position": kept.processed_position,
    }


def message(inst: Installation, number: int) -> KeptMessage:
    """One kept message by its number; refuses ``unknown-payment`` where there is none."""
    found = inst.inbox.get(number)
    if found is None:
        raise Refusal(
            RefusalCode.UNKNOWN_PAYMENT,
            f"Không có tin nào mang số {number}. Xem số của các tin: dangphi rail messages --of KHOẢN-TIỀN.",
        )
    return found


def of_subject(inst: Installation, subject: str) -> tuple[KeptMessage, ...]:
    """Every message that told of a payment (by its id) or of a request or attempt (by its reference), by arrival."""
    work = inst.ledger.work()
    names = set(_names_of_payment(work, subject) if "/" in subject else _names_of_reference(work, subject))
    return inst.inbox.about(_CHANNELS, sorted(names))


def _names_of_payment(work: Work, subject: str) -> Iterator[str]:
    """A payment's names in the inbox: its own, those of its further witnesses and of what contradicted it."""
    state = work.payment(PaymentId(subject))
    witnesses = state.witnesses if isinstance(state, payment.Payment) else ()
    told = [(one.source, one.outside_reference) for one in witnesses]
    told += [(one.source, one.outside_reference) for one in state.conflicts]
    own, _, number = subject.partition("/")
    for source, outside in ((own, number), *told):
        yield f"{source}/{outside}"
        if not source.startswith("bank:"):
            yield outside


def _names_of_reference(work: Work, subject: str) -> Iterator[str]:
    yield subject
    for report in work.attempt(subject).reports:
        if report.outside_id is not None:
            yield report.outside_id


def latest(inst: Installation, limit: int, *, rejected: bool) -> tuple[KeptMessage, ...]:
    """The last messages that came in, newest first; ``rejected``: only those that were not believed."""
    return inst.inbox.latest(limit, Verdict.REJECTED if rejected else None)


def unit_of(inst: Installation, kept: KeptMessage) -> UnitId:
    """The unit that a message concerns."""
    top = top_unit(inst)
    assert top is not None, "messages are shown once the tree is registered"
    told = kept.message
    if told.verdict is Verdict.REJECTED:
        return top
    work = inst.ledger.work()
    for name in (f"{told.source.removesuffix('-query')}/{told.outside_reference}", told.outside_reference):
        state = work.payment(PaymentId(name))
        if isinstance(state, payment.Payment):
            return state.received.unit_id
    reading = examine(inst.settings, told.source, told.body, dict(told.headers), told.received_at).reading
    if isinstance(reading, PaymentNotice) and reading.reference:
        asked = work.request(reading.reference)
        if isinstance(asked, Requested):
            return asked.asked.unit_id
    return top


def shown_to(
    inst: Installation, found: Iterable[KeptMessage], reader: str, on: date, *, within_reach: bool = False
) -> list[dict[str, Any]]:
    """Messages without their words for a reader. One that concerns a unit outside the reader's reach refuses them all;
    with ``within_reach`` it is left out, and refused is only who may read none of them.
    """
    rows = [summary(inst, kept) for kept in found]
    closed: dict[str, Refusal] = {}
    units = {row["unit"] for row in rows} or {top_unit(inst)}
    for unit in sorted(units):
        try:
            inst.ledger.require(actor=reader, action=Action.READ, unit=UnitId(unit), on=on)
        except Refusal as refusal:
            closed[unit] = refusal
            if not within_reach or len(closed) == len(units):
                raise
    return [row for row in rows if row["unit"] not in closed]


def open_message(inst: Installation, number: int, act: Act) -> dict[str, Any]:
    """The words of a message with its headers, keys left out; who opened it, when and why is recorded first.

    Refuses ``not-allowed`` unless the actor checks or keeps the unit's books; raises ``Malformed`` without a reason.
    """
    kept = message(inst, number)
    unit = unit_of(inst, kept)
    role = inst.ledger.require(actor=act.actor, action=Action.READ_MESSAGE, unit=unit, on=act.on)
    reason = (act.reason or "").strip()
    if not reason:
        raise Malformed(f"xem nguyên văn tin {number} phải ghi lý do, vì tin có dữ liệu cá nhân", where="reason")
    _remember(inst, kept, act, unit, role, reason)
    told = kept.message
    return {
        **summary(inst, kept),
        "header_values": {name: _header(name, value) for name, value in told.headers},
        "body": told.body.decode("utf-8", errors="backslashreplace"),
        "opened_by": act.actor,
        "reason": reason,
    }


def _header(name: str, value: str) -> str:
    low = name.lower()
    return "(không hiện khoá)" if low in _SECRET or any(part in low for part in _SECRET_PARTS) else value


def _remember(inst: Installation, kept: KeptMessage, act: Act, unit: UnitId, role: str, reason: str) -> None:
    """Keep in the table of commands who looked at which message and why; no event, for nothing happened to the book."""
    about = {"message": kept.id, "sha256": hashlib.sha256(kept.message.body).hexdigest(), "reason": reason}
    answer = msgspec.json.encode(about)
    context = CommandContext(
        command_id=act.command_id,
        name="open-message",
        request_digest=hashlib.sha256(answer).hexdigest(),
        recorded_at=act.at,
        actor=act.actor,
        role=role,
        unit=unit,
        action=Action.READ_MESSAGE,
        reason=reason,
    )
    inst.store.append((), context, answer)
