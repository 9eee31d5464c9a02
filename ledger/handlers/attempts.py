"""Attempts to pay: opened with the request they belong to, reported on by their channel, closed by the clock.

Nothing here moves money. A notice that tells of money is taken by ``ledger.handlers.collect``, which also hands its
word on the attempt to ``hear`` below, so one message says both in one command.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from domain import attempt, organisation, payment_request
from domain.access import Action
from domain.attempt import AttemptOpened, AttemptReported, AttemptState
from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId, UnitId
from domain.money import Dong
from domain.notice import NoticeStatus
from domain.period import Month
from domain.reference import Reference
from ledger import reissuing
from ledger.handler import Handler
from ledger.work import Act, Work

#: What a notice's status says of the attempt it is about.
STATE_OF: Mapping[NoticeStatus, AttemptState] = {
    NoticeStatus.PAID: AttemptState.PAID,
    NoticeStatus.PENDING: AttemptState.PENDING,
    NoticeStatus.FAILED: AttemptState.FAILED,
    NoticeStatus.UNKNOWN: AttemptState.UNKNOWN,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptWord:
    """What a channel, or the clock, says of one attempt; ``stated_at`` is aware."""

    reference: str
    state: AttemptState
    outside_id: str | None
    stated_at: datetime
    via: str
    evidence_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportAttempts:
    """Take words on attempts that carry no money of their own: answers to an opening, cancellations, refunds."""

    root: UnitId
    words: tuple[AttemptWord, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpireAttempts:
    """Stop waiting for attempts that were opened and of which nothing was heard; others are left as they are."""

    root: UnitId
    references: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveUpAttempt:
    """A person has made sure that no money is on its way; the ground stands in the act's reason."""

    unit_id: UnitId
    reference: str


def report_attempts(work: Work, command: ReportAttempts, act: Act) -> dict[str, object]:
    """Take each word; one that says nothing new adds nothing. Refuses a reference without an attempt."""
    work.preload(attempt.stream(word.reference) for word in command.words)
    return {"attempts": [{"reference": word.reference, "state": str(_take(work, word))} for word in command.words]}


def expire_attempts(work: Work, command: ExpireAttempts, act: Act) -> dict[str, object]:
    """Close by the clock what is still only opened; what may hold money waits for its channel or for a person."""
    work.preload(map(attempt.stream, command.references))
    expired = []
    for reference in command.references:
        if work.attempt(reference).state is AttemptState.OPENED:
            word = AttemptWord(
                reference=reference, state=AttemptState.EXPIRED, outside_id=None, stated_at=act.at, via="clock"
            )
            _take(work, word)
            expired.append(reference)
    return {"expired": expired}


def give_up_attempt(work: Work, command: GiveUpAttempt, act: Act) -> dict[str, object]:
    """Cancel by a person's word what its channel never decided, so that another may be opened; money still beats it."""
    known = work.attempt(command.reference)
    if known.opened is not None and organisation.owner(work.organisation, known.opened.unit_id) != command.unit_id:
        raise Refusal(
            RefusalCode.NOT_ALLOWED, f"Lượt {command.reference} thuộc đơn vị {known.opened.unit_id}. Kiểm tra mã."
        )
    if known.opened is not None and known.state not in attempt.UNDECIDED:
        raise Refusal(
            RefusalCode.NOTHING_DUE,
            f"Lượt {command.reference} đã có kết quả ({known.state}); không còn gì để bỏ. Xem dangphi rail status.",
        )
    word = AttemptWord(
        reference=command.reference, state=AttemptState.CANCELLED, outside_id=None, stated_at=act.at, via="person"
    )
    return {"reference": command.reference, "state": str(_take(work, word))}


def _take(work: Work, word: AttemptWord) -> AttemptState:
    known = work.attempt(word.reference)
    if known.opened is None:
        raise Refusal(
            RefusalCode.UNKNOWN_REFERENCE,
            f"Không có lượt thanh toán nào mang mã {word.reference[:60]}. Kiểm tra mã tham chiếu.",
        )
    return _record(work, word, known.opened.rail)


def _record(work: Work, word: AttemptWord, rail: str) -> AttemptState:
    said = AttemptReported(
        reference=Reference(word.reference),
        rail=rail,
        state=word.state,
        outside_id=word.outside_id,
        stated_at=word.stated_at,
        via=word.via,
        evidence_id=word.evidence_id,
    )
    work.record(attempt.stream(word.reference), attempt.report(work.attempt(word.reference), said))
    return work.attempt(word.reference).state


# --- for the handlers that open and that listen ---------------------------------------------------------------------


def open_with_request(
    work: Work, act: Act, *, reference: Reference, rail: str, unit_id: UnitId, amount: Dong, via: str = "office"
) -> None:
    """Open the attempt that a new request on a rail is."""
    asked = AttemptOpened(
        reference=reference,
        rail=rail,
        unit_id=unit_id,
        amount=amount,
        opened_at=act.at,
        expires_at=None,
        via=via,
        outside_id=None,
    )
    work.record(attempt.stream(reference), attempt.open_attempt(work.attempt(reference), asked))


def refuse_while_pending(work: Work, member_id: MemberId, month: Month, on: date) -> None:
    """Refuse another attempt for a member's month while money for it may be on its way."""
    asked = reissuing.stands(work, member_id, month)
    told = None if asked is None else payment_request.on_its_way(asked, on)
    if told is not None:
        raise Refusal(
            RefusalCode.ATTEMPT_PENDING,
            f"Tháng {month}: đã chuyển ngày {told.told_on:%d/%m/%Y}, đang chờ ngân hàng báo (chờ đến hết ngày "
            f"{told.lapses_on:%d/%m/%Y}). Đừng nộp lần nữa; nếu chưa chuyển được, báo người thu ghi lại.",
        )
    references = work.directory.attempts_for(member_id, month)
    work.preload(map(attempt.stream, references))
    for reference in references:
        known = work.attempt(reference)
        if known.opened is not None and attempt.may_hold_money(known):
            raise Refusal(
                RefusalCode.ATTEMPT_PENDING,
                f"Tháng {month} đã có lượt thanh toán {reference} ({known.opened.amount} đồng) đang chờ ngân hàng báo. "
                "Đừng nộp lần nữa; hệ thống tự hỏi lại Cổng từ 30 phút đến 3 ngày, và tiền sẽ được ghi khi báo về. "
                "Nếu đã hỏi Cổng và chắc là chưa bị trừ tiền, cán bộ bỏ lượt ấy (rail give-up) rồi mở lượt mới.",
                reference=reference,
            )


def hear(
    work: Work,
    *,
    reference: str | None,
    status: NoticeStatus,
    outside_id: str,
    stated_at: datetime,
    via: str,
    evidence_id: str | None,
) -> None:
    """Take a notice's word on the attempt it names; a notice about no attempt of ours says nothing of one."""
    if not reference:
        return
    known = work.attempt(reference)
    if known.opened is None:
        return
    word = AttemptWord(
        reference=reference,
        state=STATE_OF[status],
        outside_id=outside_id,
        stated_at=stated_at,
        via=via,
        evidence_id=evidence_id,
    )
    _record(work, word, known.opened.rail)


def preload(work: Work, references: Iterable[str | None]) -> None:
    """Load the attempts of many notices in one query."""
    work.preload(attempt.stream(reference) for reference in references if reference)


#: What each command asks permission for, where, and the function that decides it.
COMMANDS: Mapping[type, Handler] = {
    ReportAttempts: Handler("report-attempts", Action.RECEIVE_NOTICE, "root", report_attempts),
    GiveUpAttempt: Handler("give-up-attempt", Action.OPEN_ATTEMPT, "unit_id", give_up_attempt),
    ExpireAttempts: Handler("expire-attempts", Action.RECEIVE_NOTICE, "root", expire_attempts),
}
