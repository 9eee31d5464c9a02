"""Messages of the portal and of banks: kept first, answered then, and worked off by the worker later.

``keep_raw`` is the door, ``work_off_inbox`` the other end. Between the two lies nothing but the inbox, so a message
that was acknowledged is durable whatever happens to the process that took it (I26).
"""

import hashlib
import json
import logging
import traceback
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from eventsourcing.persistence import InterfaceError, OperationalError

from adapters.inbound import VIETNAM
from api.flows.statement_text import payer_key
from api.rails import MAKERS
from api.settings import Settings
from api.wiring import Installation
from domain import organisation
from domain.errors import Refusal
from domain.identifiers import UnitId
from domain.notice import PaymentNotice, Rejection
from domain.organisation import EMPTY
from domain.reference import find_references
from domain.return_words import comes_back
from domain.settlement import named_in
from ledger.application import command_id_for
from ledger.handlers.collect import Notice, TakeNotices
from ledger.ports import InboxMessage, Kept, KeptMessage, Verdict
from ledger.rail import Answer, Rail
from ledger.several_people import pointed_to
from ledger.store import StoreUnavailable, VersionMoved
from ledger.work import Act

#: What stands behind a channel's name in the inbox where the message answers a question of ours.
_ANSWERING = "-query"

#: Errors after which nothing is known of the message itself: the round is tried again, nothing is parked.
_OUTAGES = (StoreUnavailable, VersionMoved, OperationalError, InterfaceError)

#: The longest outside reference that is believed; it names a stream and stands in unique keys.
_REFERENCE_MOST = 200

_log = logging.getLogger("dangphi.notices")


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """A message as it will be kept, and how it was read."""

    message: InboxMessage
    reading: PaymentNotice | Rejection


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRaw:
    """A message that is durable, and the answer that may now be given."""

    kept: Kept
    answer: Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkedOff:
    """What became of the messages of one or more rounds; ``outcomes`` counts by the handler's words."""

    taken: int = 0
    parked: int = 0
    outcomes: Mapping[str, int] = field(default_factory=dict)
    position: int = 0


# --- the door -----------------------------------------------------------------------------------------------------


def keep_raw(
    inst: Installation, channel: str, raw: bytes, headers: Mapping[str, str], received_at: datetime
) -> KeptRaw:
    """Examine a raw request, keep it durably, and say what to answer. ``received_at`` must be aware.

    Never raises on what a stranger sends; raises the database's error if the message could not be kept, and then
    nothing may be acknowledged.
    """
    examined = examine(inst.settings, channel, raw, headers, received_at)
    (kept,) = inst.inbox.keep((examined.message,))
    return KeptRaw(kept=kept, answer=answer_to(inst.settings, channel, examined.reading, received_at))


def examine(
    settings: Settings, channel: str, raw: bytes, headers: Mapping[str, str], received_at: datetime
) -> Examined:
    """Verify a raw request and lay it out for the inbox, without touching it. Never raises.

    A rejected message is named by its own hash: it must not take the place of a true one.
    """
    reading = _read(settings, channel, raw, headers, received_at)
    name = digest = hashlib.sha256(raw).hexdigest()
    if isinstance(reading, PaymentNotice):
        own = reading.source == _rail_name(channel)
        name = reading.outside_reference if own else f"{reading.source}/{reading.outside_reference}"
        digest = _digest(reading, settings.reference_prefix)
    rejected = isinstance(reading, Rejection)
    return Examined(
        reading=reading,
        message=InboxMessage(
            source=channel,
            outside_reference=name,
            received_at=received_at,
            headers=tuple(headers.items()),
            body=raw,
            verdict=Verdict.REJECTED if rejected else Verdict.ACCEPTED,
            reject_code=reading.code if isinstance(reading, Rejection) else None,
            digest=digest,
        ),
    )


def _read(
    settings: Settings, channel: str, raw: bytes, headers: Mapping[str, str], received_at: datetime
) -> PaymentNotice | Rejection:
    found = _rail(settings, channel)
    read = found.accept_answer if channel.endswith(_ANSWERING) else found.accept
    if read is None:
        raise ValueError(f"nothing is ever asked of {found.name}, so nothing can answer")
    reading = read(raw, headers, received_at)
    if isinstance(reading, PaymentNotice) and not _nameable(reading.outside_reference):
        return Rejection(code="bad-format", reason="mã giao dịch quá dài hoặc có ký tự lạ")
    return reading


def _rail_name(channel: str) -> str:
    return channel.removesuffix(_ANSWERING)


def _rail(settings: Settings, channel: str) -> Rail:
    """The channel of an inbox message; ValueError for a name that this release does not know."""
    name = _rail_name(channel)
    if name not in MAKERS:
        raise ValueError(f"the inbox holds a message of an unknown channel: {channel!r}")
    return MAKERS[name](settings)


def _nameable(reference: str) -> bool:
    return len(reference) <= _REFERENCE_MOST and reference.isprintable()


def _digest(notice: PaymentNotice, prefix: str) -> str:
    """What makes two deliveries the same message: all that decides about money, no moment and no free text."""
    stated = [
        notice.source,
        notice.outside_reference,
        notice.reference,
        notice.status,
        notice.amount,
        notice.account_number,
        find_references(notice.content, prefix),
    ]
    return hashlib.sha256(json.dumps(stated, ensure_ascii=True).encode()).hexdigest()


def answer_to(settings: Settings, channel: str, reading: PaymentNotice | Rejection, now: datetime) -> Answer:
    """What to answer once the message is kept, in the channel's own words; a repetition is answered like the first."""
    return _rail(settings, channel).acknowledge(reading, now)


def keep_answer(
    inst: Installation, channel: str, raw: bytes, headers: Mapping[str, str], received_at: datetime
) -> tuple[Kept, PaymentNotice | Rejection]:
    """Keep the answer to a question like any message: the worker makes of it what a notification would be."""
    examined = examine(inst.settings, channel + _ANSWERING, raw, headers, received_at)
    (kept,) = inst.inbox.keep((examined.message,))
    return kept, examined.reading


# --- the other end ------------------------------------------------------------------------------------------------


def notice_of(inst: Installation, kept: KeptMessage) -> Notice | Rejection:
    """A kept message as the ledger takes it, its raw body put away as evidence.

    References come out of the free text, the payer's account becomes a keyed hash; the text itself goes no further
    than the evidence. A Rejection means that the message cannot be read again as it was when it was kept, as after a
    change of secret.
    """
    message = kept.message
    channel = message.source
    reading = _read(inst.settings, channel, message.body, dict(message.headers), message.received_at)
    if isinstance(reading, Rejection):
        return reading
    content = hashlib.sha256(message.body).hexdigest()
    evidence_id = uuid.uuid5(uuid.NAMESPACE_URL, f"dangphi:{channel}:{message.outside_reference}:{content}")
    inst.evidence.store(evidence_id, "application/json", message.body)
    via = "query" if channel.endswith(_ANSWERING) else "notification"
    return _notice(inst, reading, str(evidence_id), via)


def _notice(inst: Installation, reading: PaymentNotice, evidence_id: str | None, via: str) -> Notice:
    near, several = pointed_to(reading.content, inst.settings.reference_prefix)
    return Notice(
        source=reading.source,
        outside_reference=reading.outside_reference,
        status=reading.status,
        reference=reading.reference,
        found=tuple(find_references(reading.content, inst.settings.reference_prefix)),
        amount=reading.amount,
        paid_at=reading.paid_at,
        account_number=reading.account_number,
        payer_key=payer_key(inst, reading.payer_account),
        evidence_id=evidence_id,
        via=via,
        lump=bool(named_in(reading.content)),
        comes_back=comes_back(reading.content),
        near=near,
        several=several,
    )


def taken_directly(inst: Installation, reading: PaymentNotice, at: datetime) -> None:
    """Take an answer of a channel whose answers are not kept as messages; the same answer again adds nothing."""
    root = top_unit(inst)
    if root is None:
        return
    stated = (reading.source, reading.outside_reference, str(reading.status), str(reading.amount))
    act = Act(actor="service:worker", at=at.astimezone(VIETNAM), command_id=command_id_for("query", *stated))
    inst.ledger.execute(TakeNotices(root=root, notices=(_notice(inst, reading, None, "query"),)), act)


def work_off_inbox(inst: Installation, at: datetime, limit: int = 500) -> WorkedOff:
    """Turn at most ``limit`` kept messages into payments, in order of arrival, as one command.

    The command's id is made of the messages' ids, so a worker killed between recording and marking finds its command
    again and adds nothing. A message that cannot be worked on is parked with the reason and holds nobody up.
    Raises the store's errors when the database cannot be reached or another writer was faster: nothing is parked
    then, and the next round takes the same messages.
    """
    root = top_unit(inst)
    waiting = inst.inbox.take(limit) if root is not None else ()
    if root is None or not waiting:
        return WorkedOff(position=inst.store.head())
    if _already(inst, waiting):
        return WorkedOff(taken=len(waiting), position=inst.store.head())
    ready: list[tuple[KeptMessage, Notice]] = []
    parked = 0
    for kept in waiting:
        notice = _convert(inst, kept, at)
        if notice is None:
            parked += 1
        else:
            ready.append((kept, notice))
    outcomes, lost = _take(inst, root, ready, at)
    return WorkedOff(taken=len(waiting), parked=parked + lost, outcomes=outcomes, position=inst.store.head())


def top_unit(inst: Installation) -> UnitId | None:
    """The unit this shard serves, by its id or its code; None while the tree is not registered."""
    org = inst.ledger.work().organisation
    named = UnitId(inst.settings.top_unit)
    if org == EMPTY:
        return None
    return named if named in org.units else organisation.by_code(org, named).unit_id


def _convert(inst: Installation, kept: KeptMessage, at: datetime) -> Notice | None:
    """The notice, or None after the message was parked."""
    try:
        notice = notice_of(inst, kept)
    except _OUTAGES:
        raise
    except Exception as error:  # Whatever is wrong with one message must not hold up those behind it.
        _park(inst, kept, _where(error), at)
        return None
    if isinstance(notice, Rejection):
        _park(inst, kept, f"{notice.code}: {notice.reason}", at)
        return None
    return notice


def _take(
    inst: Installation, root: UnitId, ready: Sequence[tuple[KeptMessage, Notice]], at: datetime
) -> tuple[Counter[str], int]:
    """Record the notices together; if that fails, one by one, and park those that fail alone."""
    if not ready:
        return Counter(), 0
    ids = [kept.id for kept, _ in ready]
    command = TakeNotices(root=root, notices=tuple(notice for _, notice in ready))
    act = Act(actor="service:worker", at=at.astimezone(VIETNAM), command_id=_command_id(ids))
    try:
        outcome = inst.ledger.execute(command, act)
    except _OUTAGES:
        raise
    except Exception as error:  # A refusal or a fault: find the message that causes it, let the others through.
        if len(ready) == 1:
            words = error.message if isinstance(error, Refusal) else _where(error)
            _park(inst, ready[0][0], words, at)
            return Counter(), 1
        outcomes: Counter[str] = Counter()
        lost = 0
        for pair in ready:
            found, missed = _take(inst, root, (pair,), at)
            outcomes += found
            lost += missed
        return outcomes, lost
    inst.inbox.mark_processed(ids, outcome.position)
    return Counter(str(row["outcome"]) for row in outcome.answer["outcomes"]), 0


def _already(inst: Installation, waiting: Sequence[KeptMessage]) -> bool:
    """Whether these very messages were recorded before a crash kept them from being marked."""
    ids = [kept.id for kept in waiting]
    stored = inst.store.command(_command_id(ids))
    if stored is None:
        return False
    inst.inbox.mark_processed(ids, stored.last_position)
    return True


def _command_id(ids: Sequence[int]) -> uuid.UUID:
    return command_id_for("take-notices", *(str(number) for number in ids))


def _where(error: Exception) -> str:
    """Kind and place of a fault; never its text, which may quote the message."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{type(error).__name__} ở {frames[-1].name}:{frames[-1].lineno}" if frames else type(error).__name__


def _park(inst: Installation, kept: KeptMessage, reason: str, at: datetime) -> None:
    _log.error("inbox message %d of %s is parked: %s", kept.id, kept.message.source, reason)
    inst.inbox.park(kept.id, reason[:500], at)
