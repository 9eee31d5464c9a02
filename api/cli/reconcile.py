"""``dangphi reconcile``: bank, channels and book side by side, the treasurer's file, and the daily close."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from adapters.books.treasurer import write_treasurer_workbook
from api.cli.session import (
    Actor,
    AsJson,
    At,
    CommandId,
    Data,
    Demo,
    DryRun,
    Reader,
    act,
    moment,
    opened,
    reading_as,
    say,
    show,
    show_outcome,
)
from api.flows.day_close import close_day, closed_days, reopen_day
from api.flows.reconcile import Progress, reconcile_accounts
from api.flows.reconcile_shown import as_values, day_values, entry_values, show_results
from api.flows.reconcile_work import Kept, reconcile_into
from api.wiring import Installation
from domain import organisation
from domain.access import Action
from domain.errors import Malformed
from domain.identifiers import AccountId
from domain.money import format_dong
from ledger.reports_places import STANDING_TITLES
from ledger.reports_reconciliation import LEFTOVER_TITLES, ReconciliationResult
from reconciliation.places import KINDS, entries, page_of, totals

app = typer.Typer(
    help="Đối chiếu sao kê, kênh thu và sổ theo tài khoản và ngày; chốt ngày.", invoke_without_command=True
)

Account = Annotated[str, typer.Option("--account", help="Tài khoản BIN:SỐ.")]
Day = Annotated[str, typer.Option("--day", help="Ngày của tài khoản, ví dụ 2026-07-31.")]

Results = tuple[ReconciliationResult, ...]

_TITLES = {**{str(k): v for k, v in STANDING_TITLES.items()}, **{str(k): v for k, v in LEFTOVER_TITLES.items()}}


@app.callback()
def reconcile(
    context: typer.Context,
    from_: Annotated[str | None, typer.Option("--from", help="Ngày đầu, ví dụ 2026-07-01.")] = None,
    to: Annotated[str | None, typer.Option("--to", help="Ngày cuối, ví dụ 2026-08-31.")] = None,
    account: Annotated[str, typer.Option("--account", help="Tài khoản BIN:SỐ, hoặc all.")] = "all",
    every: Annotated[bool, typer.Option("--all", help="Mọi tài khoản; kể tiến độ ra stderr.")] = False,
    as_of: Annotated[str | None, typer.Option("--as-of", help="Ngày tính tuổi; mặc định là ngày cuối.")] = None,
    known_on: Annotated[
        str | None, typer.Option("--known-on", help="Chỉ dùng những gì đã ghi đến hết ngày này.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Ghi tệp XLSX cho người giữ quỹ.")] = None,
    names: Annotated[bool, typer.Option("--names", help="Ghi tên đảng viên vào phần gợi ý của tệp.")] = False,
    kind: Annotated[
        str | None, typer.Option("--kind", help="Liệt kê một loại (hoặc all): matched, missing-in-book, unidentified …")
    ] = None,
    page: Annotated[int, typer.Option("--page", min=1, help="Trang của danh sách --kind.")] = 1,
    per_page: Annotated[int, typer.Option("--per-page", min=1, max=1000, help="Số dòng một trang.")] = 50,
    work: Annotated[
        Path | None, typer.Option("--work", help="Thư mục giữ tài khoản đã xong: chạy lại thì làm tiếp.")
    ] = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    """Khớp từng dòng, gọi tên từng khoản còn lại, và chứng minh số dư từng ngày. Thoát 1 nếu có ngày không cân."""
    if context.invoked_subcommand is not None:
        return
    if from_ is None or to is None:
        raise typer.BadParameter("cần --from NGÀY và --to NGÀY", param_hint="--from")
    if kind is not None and kind != "all" and kind not in KINDS:
        raise typer.BadParameter(f"không có loại {kind!r}; có: all, {', '.join(KINDS)}", param_hint="--kind")
    last = _day(to, "--to")
    asked = _Asked(
        account=None if every or account == "all" else AccountId(account),
        first=_day(from_, "--from"),
        last=last,
        as_of=last if as_of is None else _day(as_of, "--as-of"),
        known_on=None if known_on is None else _day(known_on, "--known-on"),
    )
    if work is not None and asked.account is not None:
        raise typer.BadParameter("chỉ dùng cùng --all", param_hint="--work")
    with opened(demo=demo, data=data) as inst:
        results = _results(inst, asked, work, _tell if every else _silent)
        if out is not None:
            write_workbook(inst, out, results, with_member_names=names)
    if kind is not None:
        _listed(results, None if kind == "all" else kind, page, per_page, as_json=as_json)
    elif as_json:
        _print_json(results)
    else:
        show_results(results, out, say)
    if not all(result.ties for result in results):
        raise typer.Exit(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What is to be reconciled; ``account`` None: all of the shard."""

    account: AccountId | None
    first: date
    last: date
    as_of: date
    known_on: date | None


def _results(inst: Installation, asked: _Asked, work: Path | None, progress: Progress) -> Kept | Results:
    if work is not None:
        return reconcile_into(
            inst,
            work,
            from_date=asked.first,
            to_date=asked.last,
            as_of=asked.as_of,
            known_on=asked.known_on,
            progress=_tell,
        )
    return reconcile_accounts(
        inst,
        accounts=None if asked.account is None else (asked.account,),
        from_date=asked.first,
        to_date=asked.last,
        as_of=asked.as_of,
        known_on=asked.known_on,
        progress=progress,
    )


def _silent(_: str) -> None:
    """One account is soon done."""


def _tell(what: str) -> None:
    typer.echo(what, err=True)


def _print_json(results: Iterable[ReconciliationResult]) -> None:
    for part in as_values(results):
        typer.echo(part, nl=False)
    typer.echo()


def _listed(
    results: Iterable[ReconciliationResult], kind: str | None, page: int, per_page: int, *, as_json: bool
) -> None:
    """Totals by kind and account first, then one page of rows over all accounts."""
    sums = [(r.account_id, totals(r)) for r in results]
    rows, pages = page_of((entry for r in results for entry in entries(r, kind)), page, per_page)
    if as_json:
        by_account = [{"account": account, "totals": found} for account, found in sums]
        told = {"kind": kind or "all", "totals": by_account, "page": page, "pages": pages}
        show({**told, "rows": [entry_values(row) for row in rows]}, as_json=True)
        return
    for account, found in sums:
        say(account or "Chưa rõ tài khoản")
        for name, one in found.items():
            if one["count"]:
                say(f"  {_TITLES[name]}: {one['count']} mục, còn treo {format_dong(one['open'])} đồng")
    say(f"Trang {page}/{pages}")
    show({"rows": [_short(entry_values(row)) for row in rows]}, as_json=False)


def _short(row: dict[str, object]) -> dict[str, object]:
    """What fits a terminal."""
    names = ("title", "dated_on", "age_days", "bank_reference", "open_amount", "unit_id", "role", "decision", "what")
    return {name: row[name] for name in names}


def write_workbook(
    inst: Installation, out: Path, results: Iterable[ReconciliationResult], *, with_member_names: bool
) -> None:
    """The treasurer's file with the names of units; members are named only when asked for."""
    org = inst.ledger.work().organisation
    suggested = {s.member_id for r in results for one in r.leftovers for s in one.suggestions}
    persons = inst.vault.persons(sorted(suggested)) if with_member_names else {}
    first = next(iter(results), None)
    span = "" if first is None else f" {first.from_date:%d/%m/%Y} – {first.to_date:%d/%m/%Y}"
    with out.open("wb") as target:
        write_treasurer_workbook(
            target,
            results,
            title=f"Đối chiếu tài khoản đảng phí{span}",
            unit_names={unit.unit_id: unit.name for unit in org.units.values()},
            member_names={member_id: person.name for member_id, person in persons.items()},
        )


# --- the daily close ----------------------------------------------------------------------------------------------


@app.command("close-day", help="Chốt một ngày của tài khoản: ngân hàng, sổ và kênh thu khớp nhau hoặc lệch có tên.")
def close_day_command(
    actor: Actor,
    account: Account,
    day: Day,
    at: At = None,
    command_id: CommandId = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    on, who = _day(day, "--day"), act(actor, at, command_id)
    with opened(demo=demo, data=data) as inst:
        outcome = close_day(inst, who, account=AccountId(account), day=on, dry_run=dry_run)
    show_outcome(outcome, as_json=as_json, dry_run=dry_run)


@app.command("reopen-day", help="Mở lại một ngày đã chốt, nêu lý do; lần chốt cũ vẫn lưu.")
def reopen_day_command(
    actor: Actor,
    account: Account,
    day: Day,
    reason: Annotated[str, typer.Option("--reason", help="Vì sao mở lại.")],
    at: At = None,
    command_id: CommandId = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    on, who = _day(day, "--day"), act(actor, at, command_id, reason=reason)
    with opened(demo=demo, data=data) as inst:
        outcome = reopen_day(inst, who, account=AccountId(account), day=on, reason=reason, dry_run=dry_run)
    show_outcome(outcome, as_json=as_json, dry_run=dry_run)


@app.command("days", help="Các ngày đã chốt của một tài khoản, và những gì ghi muộn cho các ngày đó.")
def days_command(
    account: Account,
    reader: Reader = None,
    from_: Annotated[str | None, typer.Option("--from", help="Từ ngày.")] = None,
    to: Annotated[str | None, typer.Option("--to", help="Đến ngày.")] = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    first = None if from_ is None else _day(from_, "--from")
    last = None if to is None else _day(to, "--to")
    who = reading_as(reader, demo=demo)
    with opened(demo=demo, data=data) as inst:
        chosen = AccountId(account)
        unit = organisation.account(inst.ledger.work().organisation, chosen).unit_id
        inst.ledger.require(actor=who, action=Action.READ, unit=unit, on=moment(None).date())
        found = closed_days(inst, account=chosen, from_date=first, to_date=last)
    days = [day_values(one) for one in found]
    if not as_json:
        days = [
            {name: value for name, value in day.items() if name != "explained_bp"}
            | {"explained": f"{int(day['explained_bp']) / 100:.2f} %".replace(".", ",")}
            for day in days
        ]
    show({"account": account, "days": days}, as_json=as_json)


def _day(text: str, option: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Malformed(f"không phải ngày: {text!r}; viết như 2026-07-31", where=option) from error
