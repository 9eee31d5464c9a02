"""``dangphi reconcile``: bank lines against notifications and the book, and the treasurer's file."""

import json
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from adapters.books.treasurer import treasurer_workbook
from api.cli.session import AsJson, Data, Demo, opened
from api.flows.reconcile import reconcile_accounts
from api.wiring import Installation
from domain.errors import Malformed
from domain.identifiers import AccountId
from domain.money import format_dong
from ledger.reports_reconciliation import LEFTOVER_TITLES, LeftoverKind, ReconciliationResult

app = typer.Typer(help="Đối chiếu sao kê, thông báo của Cổng và sổ theo tài khoản và ngày.")


@app.command()
def reconcile(
    from_: Annotated[str, typer.Option("--from", help="Ngày đầu, ví dụ 2026-07-01.")],
    to: Annotated[str, typer.Option("--to", help="Ngày cuối, ví dụ 2026-08-31.")],
    account: Annotated[str, typer.Option("--account", help="Tài khoản BIN:SỐ, hoặc all.")] = "all",
    as_of: Annotated[str | None, typer.Option("--as-of", help="Ngày tính tuổi; mặc định là ngày cuối.")] = None,
    known_on: Annotated[
        str | None, typer.Option("--known-on", help="Chỉ dùng những gì đã ghi đến hết ngày này.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Ghi tệp XLSX cho người giữ quỹ.")] = None,
    names: Annotated[bool, typer.Option("--names", help="Ghi tên đảng viên vào phần gợi ý của tệp.")] = False,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    """Khớp từng dòng, gọi tên từng khoản còn lại, và chứng minh số dư từng ngày. Thoát 1 nếu có ngày không cân."""
    last = _day(to, "--to")
    with opened(demo=demo, data=data) as inst:
        results = reconcile_accounts(
            inst,
            accounts=None if account == "all" else (AccountId(account),),
            from_date=_day(from_, "--from"),
            to_date=last,
            as_of=last if as_of is None else _day(as_of, "--as-of"),
            known_on=None if known_on is None else _day(known_on, "--known-on"),
        )
        if out is not None:
            out.write_bytes(workbook(inst, results, with_member_names=names))
    if as_json:
        typer.echo(json.dumps(as_values(results), ensure_ascii=False))
    else:
        _show(results, out)
    if not all(result.ties for result in results):
        raise typer.Exit(1)


def workbook(inst: Installation, results: tuple[ReconciliationResult, ...], *, with_member_names: bool) -> bytes:
    """The treasurer's file with the names of units; members are named only when asked for."""
    org = inst.ledger.work().organisation
    suggested = {s.member_id for r in results for one in r.leftovers for s in one.suggestions}
    persons = inst.vault.persons(sorted(suggested)) if with_member_names else {}
    first = results[0] if results else None
    span = "" if first is None else f" {first.from_date:%d/%m/%Y} – {first.to_date:%d/%m/%Y}"
    return treasurer_workbook(
        results,
        title=f"Đối chiếu tài khoản đảng phí{span}",
        unit_names={unit.unit_id: unit.name for unit in org.units.values()},
        member_names={member_id: person.name for member_id, person in persons.items()},
    )


def as_values(results: tuple[ReconciliationResult, ...]) -> dict[str, Any]:
    """The results as JSON carries them: amounts are integers, days ISO dates, explained money in basis points."""
    return {"ok": all(r.ties for r in results), "accounts": [_values(r) for r in results]}


def _values(r: ReconciliationResult) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(r)
    for day, values in zip(r.days, plain["days"], strict=True):
        values |= {"difference": day.difference, "ties": day.ties}
    for one, values in zip(r.leftovers, plain["leftovers"], strict=True):
        values |= {"overdue": one.overdue(r.as_of)}
    figures = {"moved": r.moved, "explained": r.explained, "explained_bp": r.explained_bp, "ties": r.ties}
    return {**plain, **figures, "closing": r.days[-1].closing, "book": r.days[-1].book}


def _show(results: tuple[ReconciliationResult, ...], out: Path | None) -> None:
    for r in results:
        last = r.days[-1]
        state = " (tạm tính)" if r.open_periods else ""
        typer.echo(f"{r.account_id or 'Chưa rõ tài khoản'}  {r.unit_id}{state}")
        typer.echo(
            f"  ngân hàng {format_dong(last.closing)} · sổ {format_dong(last.book)} · "
            f"{'KHỚP' if r.ties else 'LỆCH'} · giải thích {r.explained_bp // 100},{r.explained_bp % 100:02d} % "
            f"trên {format_dong(r.moved)} đồng"
        )
        placed = f"khớp {len(r.matched)} dòng, không phải đảng phí {len(r.not_dues)}"
        typer.echo(f"  {placed}, đang chuyển {len(r.under_way)}")
        for kind in LeftoverKind:
            mine = [one for one in r.leftovers if one.kind is kind]
            if mine:
                amount = format_dong(sum(one.open_amount for one in mine))
                typer.echo(f"  {LEFTOVER_TITLES[kind]}: {len(mine)} mục, còn treo {amount} đồng")
    if out is not None:
        typer.echo(f"Đã ghi {out}")


def _day(text: str, option: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Malformed(f"không phải ngày: {text!r}; viết như 2026-07-31", where=option) from error
