"""What a bank said about a unit's account: statements line by line, and lines named as not dues.

One stream per account ("account/<bin>:<number>"). A line is known again by its key, so a repeated or overlapping
file adds only what is new.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import assert_never

from domain import line_pairing
from domain.errors import Refusal, RefusalCode
from domain.identifiers import AccountId, UnitId
from domain.money import Dong, require_amount
from domain.notice import Direction


def stream(account_id: AccountId) -> str:
    """The name of an account's stream."""
    return f"account/{account_id}"


class NotDues(StrEnum):
    """Movements on the account that are not dues, each with its own entry (accounting §3)."""

    FEE = "bank-fee"
    INTEREST = "interest"
    STATE_FUNDING = "state-funding"
    SPENDING = "spending"


#: Outcomes of a placement that book nothing: the line still waits for a person.
UNSETTLED = frozenset({"conflict", "known"})


# --- Events -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementLine:
    """A booked line without its free text: that stays in the evidence store under ``evidence_id``."""

    key: str
    booked_on: date
    direction: Direction
    amount: Dong
    bank_reference: str | None
    references: tuple[str, ...]  #: our references found in the content
    bank_code: str | None
    is_reversal: bool
    payer_key: str | None
    evidence_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementImported:
    """A bank statement was read whole and adds up; ``lines`` are those not known before."""

    account_id: AccountId
    unit_id: UnitId
    file_digest: str
    format: str
    from_date: date
    to_date: date
    opening: Dong
    closing: Dong
    credits: Dong
    debits: Dong
    line_count: int
    lines: tuple[StatementLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineAlias:
    """The same line as another file tells it: ``key`` there is the line that we know as ``line``."""

    key: str
    line: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementWitnessed:
    """A file told days that another file had told before, in other words: evidence on the same lines, no new line.

    No entry. Whatever of the file was new stands in a ``StatementImported`` of the same command.
    """

    account_id: AccountId
    unit_id: UnitId
    file_digest: str
    format: str
    from_date: date
    to_date: date
    opening: Dong
    closing: Dong
    aliases: tuple[LineAlias, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementNamed:
    """A line is not dues: a fee, interest, state funding or own spending."""

    account_id: AccountId
    unit_id: UnitId
    bank_line: str
    what: NotDues
    heading: str  #: heading of S01-TCĐ for spending and fees, source for income
    amount: Dong
    booked_on: date
    ground: str
    named_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """What became of one line: ``outcome`` names the matching rule, ``target`` what it was matched with."""

    key: str
    outcome: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LinesPlaced:
    """Lines found their place in the book, each with the rule that placed it; no entry of its own."""

    account_id: AccountId
    placements: tuple[Placement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementTakenBack:
    """A statement was of a wrong file or account: it and the lines that it brought count no more.

    No entry of its own: the corrections of what its lines had booked state theirs.
    """

    account_id: AccountId
    unit_id: UnitId
    file_digest: str
    from_date: date
    to_date: date
    opening: Dong
    closing: Dong
    bank_lines: tuple[str, ...]  #: keys of the lines taken back
    reason: str
    decision: str
    correction_id: str
    taken_back_on: date


AccountEvent = StatementImported | StatementWitnessed | MovementNamed | LinesPlaced | StatementTakenBack


# --- State ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class BankAccount:
    """Lines known so far, files read, and the last closing balance."""

    lines: Mapping[str, StatementLine] = field(default_factory=dict)
    placed: Mapping[str, Placement] = field(default_factory=dict)
    files: frozenset[str] = frozenset()
    named: frozenset[str] = frozenset()
    bank_references: Mapping[str, int] = field(default_factory=dict)  #: the bank's number → credits that carry it
    repeats: Mapping[str, int] = field(default_factory=dict)  #: line → 2, 3 … where others before carry its number
    spans: tuple[tuple[date, date, Dong, Dong], ...] = ()
    aliases: Mapping[str, tuple[str, str]] = field(default_factory=dict)  #: key elsewhere → line here, by which file
    witnesses: frozenset[str] = frozenset()  #: files that brought no line of their own
    formats: Mapping[str, str] = field(default_factory=dict)  #: line → format of the file that brought it


EMPTY = BankAccount()


def evolve(state: BankAccount, event: AccountEvent) -> BankAccount:
    """Copy one fact into the state."""
    match event:
        case StatementImported():
            counts, repeats = dict(state.bank_references), dict(state.repeats)
            count_numbers(event.lines, counts, repeats)
            return replace(
                state,
                lines={**state.lines, **{line.key: line for line in event.lines}},
                files=state.files | {event.file_digest},
                bank_references=counts,
                repeats=repeats,
                spans=(*state.spans, (event.from_date, event.to_date, event.opening, event.closing)),
                formats={**state.formats, **dict.fromkeys((line.key for line in event.lines), event.format)},
            )
        case StatementWitnessed():
            told = {alias.key: (alias.line, event.file_digest) for alias in event.aliases}
            alone = frozenset({event.file_digest}) - state.files
            return replace(
                state,
                aliases={**state.aliases, **told},
                files=state.files | {event.file_digest},
                witnesses=state.witnesses | alone,
            )
        case MovementNamed():
            return replace(state, named=state.named | {event.bank_line})
        case LinesPlaced():
            return replace(state, placed={**state.placed, **{p.key: p for p in event.placements}})
        case StatementTakenBack():
            return _without(state, event)
        case _:
            assert_never(event)


def count_numbers(lines: Iterable[StatementLine], counts: dict[str, int], repeats: dict[str, int]) -> None:
    """Count the credits that carry one number of the bank: the parts of a batch share theirs, as do lines without."""
    for line in lines:
        if line.bank_reference is None:
            continue
        part = line.direction is Direction.IN and not line.is_reversal
        counts[line.bank_reference] = counts.get(line.bank_reference, 0) + part
        if part and counts[line.bank_reference] > 1:
            repeats[line.key] = counts[line.bank_reference]


def _without(state: BankAccount, event: StatementTakenBack) -> BankAccount:
    gone = frozenset(event.bank_lines)
    lines = {key: line for key, line in state.lines.items() if key not in gone}
    repeats = {key: told for key, told in state.repeats.items() if key not in gone}
    counts: dict[str, int] = {}
    count_numbers(lines.values(), counts, {})
    for key, told in repeats.items():
        number = lines[key].bank_reference or ""
        counts[number] = max(told, counts[number])
    spans = list(state.spans)
    if event.file_digest not in state.witnesses:
        spans.remove((event.from_date, event.to_date, event.opening, event.closing))
    return replace(
        state,
        lines=lines,
        aliases={
            key: told for key, told in state.aliases.items() if told[0] not in gone and told[1] != event.file_digest
        },
        formats={key: told for key, told in state.formats.items() if key not in gone},
        placed={key: placed for key, placed in state.placed.items() if key not in gone},
        files=state.files - {event.file_digest},
        witnesses=state.witnesses - {event.file_digest},
        named=state.named - gone,
        bank_references=counts,
        repeats=repeats,
        spans=tuple(spans),
    )


# --- Decisions --------------------------------------------------------------------------------------------------


def import_statement(
    state: BankAccount, asked: StatementImported
) -> tuple[StatementImported | StatementWitnessed, ...]:
    """Take a statement in: whole or not at all. A file known by its hash adds nothing (F42, I13).

    Of days that another file told before, lines in other words (another format) are taken as further evidence when
    they pair one to one with those known, and refuse the file by name when they do not.
    """
    if asked.file_digest in state.files:
        return ()
    if asked.opening + asked.credits - asked.debits != asked.closing:
        raise Refusal(
            RefusalCode.STATEMENT_DOES_NOT_ADD_UP,
            f"Sao kê {asked.account_id} từ {asked.from_date:%d/%m/%Y} đến {asked.to_date:%d/%m/%Y}: số dư đầu "
            f"{asked.opening} + ghi có {asked.credits} - ghi nợ {asked.debits} khác số dư cuối {asked.closing}. "
            "Cả tệp bị từ chối; xin lại tệp từ ngân hàng.",
        )
    for line in asked.lines:
        if not asked.from_date <= line.booked_on <= asked.to_date:
            raise Refusal(
                RefusalCode.STATEMENT_DOES_NOT_ADD_UP,
                f"Sao kê {asked.account_id} từ {asked.from_date:%d/%m/%Y} đến {asked.to_date:%d/%m/%Y} có dòng "
                f"{line.amount} đồng ngày {line.booked_on:%d/%m/%Y}, ngoài khoảng đó. Cả tệp bị từ chối.",
            )
    _require_fits_neighbours(state, asked)
    aliases = _pair_told_days(state, asked)
    elsewhere = {alias.key for alias in aliases}
    fresh = tuple(x for x in asked.lines if not (x.key in state.lines or x.key in state.aliases or x.key in elsewhere))
    told = _witnessed(asked, aliases)
    if not fresh and any(start <= asked.from_date and asked.to_date <= end for start, end, _, _ in state.spans):
        return told
    return (replace(asked, lines=fresh), *told)


#: Format of a witnessing file where a statement is looked for that brought lines of its own.
WITNESS_ONLY = "witness"


def as_imported(told: StatementWitnessed) -> StatementImported:
    """A file that only witnessed, as a statement without lines: what taking it back has to take back."""
    return StatementImported(
        account_id=told.account_id,
        unit_id=told.unit_id,
        file_digest=told.file_digest,
        format=WITNESS_ONLY,
        from_date=told.from_date,
        to_date=told.to_date,
        opening=told.opening,
        closing=told.closing,
        credits=0,
        debits=0,
        line_count=0,
        lines=(),
    )


def _witnessed(asked: StatementImported, aliases: tuple[LineAlias, ...]) -> tuple[StatementWitnessed, ...]:
    if not aliases:
        return ()
    return (
        StatementWitnessed(
            account_id=asked.account_id,
            unit_id=asked.unit_id,
            file_digest=asked.file_digest,
            format=asked.format,
            from_date=asked.from_date,
            to_date=asked.to_date,
            opening=asked.opening,
            closing=asked.closing,
            aliases=aliases,
        ),
    )


def _require_fits_neighbours(state: BankAccount, asked: StatementImported) -> None:
    day = timedelta(days=1)
    for start, end, opening, closing in state.spans:
        before = (end, closing, asked.from_date, asked.opening)
        after = (asked.to_date, asked.closing, start, opening)
        for last, closed, first, opened in (before, after):
            if first - last == day and opened != closed:
                raise Refusal(
                    RefusalCode.STATEMENT_GAP,
                    f"Sao kê {asked.account_id}: số dư đầu {opened} ngày {first:%d/%m/%Y} khác số dư cuối {closed} "
                    f"ngày {last:%d/%m/%Y}. Có thể thiếu dòng; xin lại tệp từ ngân hàng.",
                )
        same_span = (start, end) == (asked.from_date, asked.to_date)
        if same_span and (opening, closing) != (asked.opening, asked.closing):
            raise _conflicts(asked, f"cùng khoảng ngày nhưng với số dư khác ({opening} → {closing})")


def _pair_told_days(state: BankAccount, asked: StatementImported) -> tuple[LineAlias, ...]:
    """Pair the lines of days that were told before; whole statements of one day have the same movements."""
    told_by = {line for line, _ in (state.aliases[x.key] for x in asked.lines if x.key in state.aliases)}
    keys = {line.key for line in asked.lines} | told_by
    missing = [x for x in state.lines.values() if asked.from_date <= x.booked_on <= asked.to_date and x.key not in keys]
    days = [(max(start, asked.from_date), min(end, asked.to_date)) for start, end, _, _ in state.spans]
    extra = [
        line
        for line in asked.lines
        if line.key not in state.lines
        and line.key not in state.aliases
        and any(first <= line.booked_on <= last for first, last in days)
    ]
    pairs, alone = line_pairing.pair(missing, extra, same_format=lambda x: state.formats.get(x.key) == asked.format)
    if alone.known or alone.told:
        named = [f"tệp này thiếu dòng {_short(line)} đã có" for line in alone.known]
        named += [f"tệp này thừa dòng {_short(line)}" for line in alone.told]
        more = f"; và {len(named) - MOST_NAMED} dòng nữa" if len(named) > MOST_NAMED else ""
        raise _conflicts(asked, f"nhưng các dòng không khớp: {'; '.join(named[:MOST_NAMED])}{more}")
    return tuple(LineAlias(key=told.key, line=known.key) for known, told in pairs)


#: So many lines that do not pair are named in a refusal.
MOST_NAMED = 20


def _short(line: StatementLine) -> str:
    sign = "+" if line.direction is Direction.IN else "-"
    said = f" (số {line.bank_reference})" if line.bank_reference else ""
    return f"{sign}{line.amount} đồng ngày {line.booked_on:%d/%m/%Y}{said}"


def _conflicts(asked: StatementImported, what: str) -> Refusal:
    return Refusal(
        RefusalCode.STATEMENT_CONFLICTS,
        f"Sao kê {asked.account_id} từ {asked.from_date:%d/%m/%Y} đến {asked.to_date:%d/%m/%Y}: đã có sao kê cho những "
        f"ngày này {what}. Đối chiếu hai tệp trước khi nhập.",
    )


def name_movement(state: BankAccount, asked: MovementNamed) -> tuple[MovementNamed, ...]:
    """Name a line as not dues; a line is named once."""
    require_amount(asked.amount)
    return () if asked.bank_line in state.named else (asked,)
