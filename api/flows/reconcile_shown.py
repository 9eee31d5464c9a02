"""A reconciliation as people and programs read it: text, JSON piece by piece, rows of the list of everything."""

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from domain.money import format_dong
from ledger.reports_places import STANDING_TITLES, ClosedDay, Entry, Standing
from ledger.reports_reconciliation import LEFTOVER_TITLES, LeftoverKind, ReconciliationResult


def as_values(results: Iterable[ReconciliationResult]) -> Iterator[str]:
    """The results as JSON text, an account at a time: amounts are integers, days ISO dates, shares basis points."""
    ok = all(r.ties for r in results)
    yield f'{{"ok": {json.dumps(ok)}, "accounts": ['
    for place, r in enumerate(results):
        yield (", " if place else "") + json.dumps(values(r), ensure_ascii=False)
    yield "]}"


def values(r: ReconciliationResult) -> dict[str, Any]:
    """One account, every list in full."""
    plain: dict[str, Any] = msgspec.to_builtins(r)
    for day, told in zip(r.days, plain["days"], strict=True):
        told |= {"difference": day.difference, "ties": day.ties, "owned": day.owned, "in_transit": day.in_transit}
    for one, told in zip(r.leftovers, plain["leftovers"], strict=True):
        told |= {"overdue": one.overdue(r.as_of)}
    for seen, told in zip(r.witnesses, plain["witnesses"], strict=True):
        told |= {"ties": seen.ties, "agrees": seen.agrees}
    return {**plain, **figures(r)}


def figures(r: ReconciliationResult) -> dict[str, Any]:
    """The totals of one account."""
    last = r.days[-1]
    return {
        "moved": r.moved,
        "explained": r.explained,
        "explained_bp": r.explained_bp,
        "ties": r.ties,
        "closing": last.closing,
        "book": last.book,
        "suspense": last.suspense,
        "in_transit": last.in_transit,
    }


def entry_values(entry: Entry) -> dict[str, Any]:
    """One row of the list of everything."""
    plain: dict[str, Any] = msgspec.to_builtins(entry)
    return plain


def day_values(one: ClosedDay) -> dict[str, Any]:
    """A closed day, with what came late in words."""
    plain: dict[str, Any] = msgspec.to_builtins(one)
    return plain


def show_results(results: Iterable[ReconciliationResult], out: Path | None, echo: Callable[[str], None]) -> None:
    """One block an account."""
    for r in results:
        last = r.days[-1]
        state = " (tạm tính)" if r.open_periods else ""
        echo(f"{r.account_id or 'Chưa rõ tài khoản'}  {r.unit_id}{state}")
        echo(
            f"  ngân hàng {format_dong(last.closing)} · sổ {format_dong(last.book)} · "
            f"{'KHỚP' if r.ties else 'LỆCH'} · giải thích {r.explained_bp // 100},{r.explained_bp % 100:02d} % "
            f"trên {format_dong(r.moved)} đồng"
        )
        placed = f"khớp {len(r.matched)} dòng, không phải đảng phí {len(r.not_dues)}"
        back = f"{STANDING_TITLES[Standing.RETURNED].lower()} {len(r.returned)}"
        echo(f"  {placed}, {back}, đang chuyển {len(r.under_way)}")
        if r.witnesses:
            agree = sum(w.agrees for w in r.witnesses)
            echo(f"  kênh thu: {agree}/{len(r.witnesses)} ngày ba bên như nhau")
        for kind in LeftoverKind:
            mine = [one for one in r.leftovers if one.kind is kind]
            if mine:
                amount = format_dong(sum(one.open_amount for one in mine))
                echo(f"  {LEFTOVER_TITLES[kind]}: {len(mine)} mục, còn treo {amount} đồng")
    if out is not None:
        echo(f"Đã ghi {out}")
