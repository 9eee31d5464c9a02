"""Report periods as units fixed them: collected, kept, payable; held ones «chưa phân bổ»; and what refunds changed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from psycopg import Connection

from domain.declaration import (
    DeclarationAnnounced,
    DeclarationCorrected,
    DeclarationRestated,
    HeldPeriodAllocated,
    PeriodDeclared,
    PeriodHeld,
    SubordinatePart,
    UnsplitReduced,
)
from ledger.store import Recorded
from projections.projection import Batch, Projection
from projections.table import Table, select
from projections.writing import Writer, known


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclarationRow:
    """One unit's report period; đồng. collected = own + from_subordinates = kept + payable once ``declared``.

    ``state`` is "held" («chưa phân bổ»: no share in force), "declared", or "announced" by a unit kept elsewhere.
    Refunds since then: ``reduced`` = ``kept_back`` + ``passed_back``, and ``unsplit_reduced`` that the superior gave
    back before it had split this period.
    """

    unit: str
    period: str
    state: str
    superior: str | None
    own: int
    from_subordinates: int
    subordinates: tuple[SubordinatePart, ...]
    collected: int
    kept: int
    payable: int
    share_row: str | None
    share_document: str | None
    is_example: bool
    retain_bp: int | None
    cut_position: int | None  #: what is booked later belongs to the next period
    declared_on: date
    reduced: int
    kept_back: int
    passed_back: int
    unsplit_reduced: int
    booked_in: str | None  #: the month in which a share that came late split it
    corrected: int  #: of collected, declared too high
    kept_corrected: int
    payable_corrected: int
    position: int
    recorded_at: datetime


DECLARATION_ROWS = Table(
    name="declarations", version=2, row=DeclarationRow, key=("unit", "period"), indexes=("superior, period",)
)


def apply(writer: Writer, batch: Batch) -> None:
    """Take declarations and their corrections in."""
    writer.fold(DECLARATION_ROWS, _changes(batch), _evolve)


def _changes(batch: Batch) -> Iterator[tuple[tuple[str, str], Recorded]]:
    for recorded in batch.events:
        match recorded.event:
            case (
                PeriodDeclared()
                | HeldPeriodAllocated()
                | PeriodHeld()
                | DeclarationAnnounced()
                | DeclarationCorrected()
            ) as e:
                yield (e.unit_id, e.period), recorded
            case DeclarationRestated() as e:
                yield (e.declared_by, e.period), recorded
            case UnsplitReduced() as e:
                yield (e.subordinate_id, e.period), recorded
            case _:
                continue


def _evolve(row: DeclarationRow | None, recorded: Recorded) -> DeclarationRow:
    match recorded.event:
        case PeriodHeld() as e:
            held = _blank(recorded, e.unit_id, e.period, "held", e.declared_on)
            return replace(held, collected=e.collected, own=e.collected, cut_position=e.position)
        case DeclarationAnnounced() as e:
            told = _blank(recorded, e.unit_id, e.period, "announced", e.announced_on)
            return replace(told, superior=e.superior_id, payable=e.payable)
        case PeriodDeclared() | HeldPeriodAllocated() as e:
            return replace(
                _blank(recorded, e.unit_id, e.period, "declared", e.declared_on),
                superior=e.superior_id,
                own=e.own_collected,
                from_subordinates=e.from_subordinates,
                subordinates=e.subordinates,
                collected=e.collected,
                kept=e.kept,
                payable=e.payable,
                share_row=e.share_row,
                share_document=e.share_document,
                is_example=e.is_example,
                retain_bp=e.retain_bp,
                cut_position=e.position,
                booked_in=e.booked_in if isinstance(e, HeldPeriodAllocated) else None,
            )
        case DeclarationCorrected() as e:
            row = known(row)
            return replace(
                row,
                corrected=row.corrected + e.reduced_by,
                kept_corrected=row.kept_corrected + e.kept_part,
                payable_corrected=row.payable_corrected + e.passed_part,
            )
        case DeclarationRestated() as e:
            row = known(row)
            return replace(
                row,
                reduced=row.reduced + e.reduced_by,
                kept_back=row.kept_back + e.kept_part,
                passed_back=row.passed_back + e.passed_part,
            )
        case UnsplitReduced() as e:
            return replace(known(row), unsplit_reduced=known(row).unsplit_reduced + e.amount)
    raise TypeError(f"{recorded.name} does not change a declaration")


def _blank(recorded: Recorded, unit: str, period: str, state: str, declared_on: date) -> DeclarationRow:
    return DeclarationRow(
        unit=unit,
        period=period,
        state=state,
        superior=None,
        own=0,
        from_subordinates=0,
        subordinates=(),
        collected=0,
        kept=0,
        payable=0,
        share_row=None,
        share_document=None,
        is_example=False,
        retain_bp=None,
        cut_position=None,
        declared_on=declared_on,
        reduced=0,
        kept_back=0,
        passed_back=0,
        unsplit_reduced=0,
        booked_in=None,
        corrected=0,
        kept_corrected=0,
        payable_corrected=0,
        position=recorded.position,
        recorded_at=recorded.recorded_at,
    )


DECLARATIONS = Projection(name="declarations", version=2, tables=(DECLARATION_ROWS,), apply=apply)


def declarations(
    conn: Connection[Any], *, units: Sequence[str] | None = None, period: str | None = None
) -> tuple[DeclarationRow, ...]:
    """Report periods of these units, in the order in which they were fixed."""
    wanted = None if units is None else list(units)
    return select(
        conn,
        DECLARATION_ROWS,
        "WHERE (%s::text[] IS NULL OR unit = ANY(%s)) AND (%s::text IS NULL OR period = %s)"
        " ORDER BY position, unit, period",
        (wanted, wanted, period, period),
    )
