"""Old books into the ledger as facts, an import undone by two people, and what differs from our own figures."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid4

from adapters.office.past_books import PastMemberRow, PastUnitRow, read_past_members, read_past_units
from adapters.office.table import Listed, RowProblem
from api.reading import Reading, reading
from api.wiring import Installation
from domain import organisation, past
from domain.access import Action
from domain.errors import Malformed, Refusal, RefusalCode
from domain.identifiers import MemberId, UnitId
from domain.money import Dong
from domain.past import MemberMonth, Past, PastImported, UnitMonth
from domain.period import Month, Period, day_of, month_of, months_of
from ledger.application import Outcome
from ledger.handlers.past import ImportPast, ProposePastUndo, UndoPast
from ledger.work import Act
from projections.member_statement import months_of_units


@dataclass(frozen=True, slots=True, kw_only=True)
class PastReport:
    """What an import did; ``import_id`` names it for undoing (the first twelve letters are enough to type)."""

    import_id: str
    rows: int
    taken: int
    member_months: int
    unit_months: int
    events: int
    position: int
    problems: tuple[RowProblem, ...]


def import_past(
    inst: Installation, *, actor: str, at: datetime, root: UnitId, members: Path | None, units: Path | None
) -> PastReport:
    """Take a members' list, a units' list or both in, as one import; the same files again add nothing.

    Rows of unknown cards or units and of months to come are listed and left out; the others go in together.
    """
    people = None if members is None else read_past_members(members)
    months = None if units is None else read_past_units(units)
    files = [file for file in (people, months) if file is not None]
    if not files:
        raise Malformed("nêu ít nhất một tệp: --members hoặc --units.", where="past import")
    import_id = "-".join(file.digest for file in files)
    problems = [problem for file in files for problem in file.problems]
    parts = _parts(inst, root, import_id, people, months, month_of(day_of(at)), problems)
    act = Act(actor=actor, at=at, command_id=uuid4(), document=", ".join(file.name for file in files))
    command = ImportPast(root=root, parts=parts)
    outcome = inst.ledger.execute(command, act, dry_run=True)
    if outcome.events:
        outcome = inst.ledger.execute(command, act)
    lines = sum(file.lines for file in files)
    return PastReport(
        import_id=import_id,
        rows=lines,
        taken=lines - len({(p.file, p.sheet, p.row) for p in problems}),
        member_months=sum(len(part.members) for part in parts),
        unit_months=sum(len(part.months) for part in parts),
        events=len(outcome.events),
        position=outcome.position,
        problems=tuple(problems),
    )


def _parts(
    inst: Installation,
    root: UnitId,
    import_id: str,
    people: Listed[PastMemberRow] | None,
    months: Listed[PastUnitRow] | None,
    this_month: Month,
    problems: list[RowProblem],
) -> tuple[PastImported, ...]:
    """One part for each unit: its members' months and its own, in the order in which the units come up."""
    work = inst.ledger.work()
    of_members: dict[UnitId, list[MemberMonth]] = {}
    of_units: dict[UnitId, list[UnitMonth]] = {}
    for row in () if people is None else people.rows:
        member = inst.vault.find_by_card(row.card_number)
        if member is None:
            problems.append(row.place.problem("không có đảng viên mang số thẻ này; nhập danh sách trước", "số thẻ"))
        elif any(month > this_month for month, _ in row.paid):
            problems.append(row.place.problem("có tháng chưa đến; sổ cũ chỉ gồm tháng đã qua", "năm"))
        else:
            unit = work.member(MemberId(member)).unit_id
            of_members.setdefault(unit, []).extend(
                MemberMonth(member_id=MemberId(member), month=month, paid=paid) for month, paid in row.paid
            )
    for listed in () if months is None else months.rows:
        try:
            unit = organisation.by_code(work.organisation, listed.unit_code).unit_id
        except Refusal as refusal:
            problems.append(listed.place.problem(refusal.message, "mã đơn vị", refusal.code))
            continue
        if not organisation.is_within(work.organisation, unit, root):
            problems.append(listed.place.problem(organisation.outside(unit, root).message, "mã đơn vị", "not-allowed"))
        elif listed.month > this_month:
            problems.append(listed.place.problem("tháng chưa đến; sổ cũ chỉ gồm tháng đã qua", "tháng"))
        else:
            of_units.setdefault(unit, []).append(
                UnitMonth(month=listed.month, collected=listed.collected, kept=listed.kept, sent=listed.sent)
            )
    return tuple(
        PastImported(
            import_id=import_id,
            unit_id=unit,
            file=", ".join(file.name for file in (people, months) if file is not None),
            members=tuple(of_members.get(unit, ())),
            months=tuple(of_units.get(unit, ())),
            imported_by="",
        )
        for unit in dict.fromkeys((*of_members, *of_units))
    )


def find_import(inst: Installation, root: UnitId, typed: str) -> str:
    """The id of a standing import from its first letters; refuses what fits none or several."""
    state = inst.ledger.work().past(root)
    found = [one for one in state.parts if one.startswith(typed)] if len(typed) >= 6 else []
    if len(found) != 1:
        raise Refusal(
            RefusalCode.UNKNOWN_PAST_IMPORT,
            f"Không tìm được đúng một lần nhập có mã bắt đầu bằng {typed!r}; gõ ít nhất 6 chữ. Xem: dangphi past list.",
        )
    return found[0]


def propose_undo(
    inst: Installation, *, actor: str, at: datetime, root: UnitId, import_id: str, reason: str, command_id: UUID
) -> Outcome:
    """First signature under undoing an import."""
    act = Act(actor=actor, at=at, command_id=command_id, reason=reason)
    return inst.ledger.execute(ProposePastUndo(root=root, import_id=import_id, reason=reason), act)


def undo(inst: Installation, *, actor: str, at: datetime, root: UnitId, import_id: str, command_id: UUID) -> Outcome:
    """Second signature by another person; nothing of the import counts any more."""
    act = Act(actor=actor, at=at, command_id=command_id)
    return inst.ledger.execute(UndoPast(root=root, import_id=import_id), act)


# --- Beside our own figures -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One figure that the old book and this ledger tell differently; đồng. ``ours`` None: we have no such figure."""

    unit_id: UnitId
    member_id: MemberId | None
    period: str
    what: str  #: "paid", "collected", "kept" or "sent"
    old: Dong
    ours: Dong | None

    @property
    def difference(self) -> Dong:
        """Ours less the old book's."""
        return (self.ours or 0) - self.old


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """How many figures were set beside each other, those that differ, and the sums by month for the picture."""

    figures: int
    differences: tuple[Difference, ...]
    months: tuple[tuple[str, Dong, Dong], ...]  #: month, collected by the old book, by us
    position: int


def compare(inst: Installation, *, actor: str, at: datetime, root: UnitId, first: Month, last: Month) -> Compared:
    """Set the old book's figures of some months beside ours: paid by member and month; collected, kept, sent by unit.

    Only what the old book tells is compared; a figure that we lack is a difference. A unit that reports by quarter is
    compared by quarter once the old book has its three months.
    """
    inst.ledger.require(actor=actor, action=Action.READ, unit=root, on=day_of(at))
    state = inst.ledger.work().past(root)
    found: list[Difference] = []
    figures = 0
    with reading(inst) as read:
        ours = _our_months(read, root, first, last)
        for part in state.standing:
            for one in part.members:
                if first <= one.month <= last:
                    figures += 1
                    mine = ours.get((one.member_id, one.month))
                    if mine != one.paid:
                        found.append(_difference(part.unit_id, one.member_id, one.month, "paid", one.paid, mine))
        for unit in dict.fromkeys(part.unit_id for part in state.standing if part.months):
            pairs = list(_unit_pairs(read, state, unit, first, last))
            figures += len(pairs)
            found += [pair for pair in pairs if pair.ours != pair.old]
        sums = _sums(state, read, first, last)
        return Compared(figures=figures, differences=tuple(found), months=sums, position=read.position)


def _difference(
    unit: UnitId, member: MemberId | None, period: str, what: str, old: Dong, ours: Dong | None
) -> Difference:
    return Difference(unit_id=unit, member_id=member, period=period, what=what, old=old, ours=ours)


def _our_months(read: Reading, root: UnitId, first: Month, last: Month) -> dict[tuple[str, str], Dong]:
    rows = months_of_units(read.conn, read.unit_ids(root))
    return {(row.member_id, row.month): row.applied for row in rows if first <= row.month <= last}


def _unit_pairs(read: Reading, state: Past, unit: UnitId, first: Month, last: Month) -> Iterable[Difference]:
    old = {one.month: one for one in past.of_unit(state, unit) if first <= one.month <= last}
    sent: dict[str, Dong] = {}
    for row in read.remittances(unit_ids=[unit]):
        sent[row.period] = sent.get(row.period, 0) + row.sent
    for declared in read.declarations(unit_ids=[unit]):
        months = months_of(Period(declared.period))
        if not all(month in old for month in months):
            continue
        told = [old.pop(month) for month in months]
        for what, theirs, mine in (
            ("collected", sum(one.collected for one in told), declared.collected),
            ("kept", sum(one.kept for one in told), declared.kept),
            ("sent", sum(one.sent for one in told), sent.get(declared.period, 0)),
        ):
            yield _difference(unit, None, declared.period, what, theirs, mine)
    for one in old.values():
        for what, theirs in (("collected", one.collected), ("kept", one.kept), ("sent", one.sent)):
            yield _difference(unit, None, one.month, what, theirs, None)


def _sums(state: Past, read: Reading, first: Month, last: Month) -> tuple[tuple[str, Dong, Dong], ...]:
    """By month: what members paid by the old book and by ours, over the members and months that the old book tells."""
    told = {(one.member_id, one.month): one.paid for part in state.standing for one in part.members}
    units = list(dict.fromkeys(part.unit_id for part in state.standing))
    mine = {(row.member_id, row.month): row.applied for row in months_of_units(read.conn, units)}
    sums: dict[str, list[Dong]] = {}
    for key, paid in told.items():
        if first <= key[1] <= last:
            pair = sums.setdefault(key[1], [0, 0])
            pair[0] += paid
            pair[1] += mine.get(key, 0)
    return tuple((month, sums[month][0], sums[month][1]) for month in sorted(sums))
