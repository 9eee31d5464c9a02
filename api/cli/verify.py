"""``dangphi verify``: go through the log from its first event and check every invariant."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from uuid import UUID

import typer

from api.cli.session import AsJson, Data, Demo, opened
from api.flows.books import JournalSources
from api.wiring import Installation
from domain.money import format_dong
from ledger.checks.projections import Projected, TableDifference
from ledger.checks.signed import Remake
from ledger.statutory.books import remake
from ledger.statutory.sources import LogSources
from ledger.store import EventStore, LogGap, Recorded, StoredCommand, Unreadable
from ledger.verify import Verdict, verify
from projections.all import PROJECTIONS
from projections.balances import BALANCES
from projections.journal import JOURNAL
from projections.refold import refold
from projections.runner import Undecodable, catch_up
from projections.stored import stored

app = typer.Typer(help="Kiểm tra toàn bộ sổ bằng cách chạy lại nhật ký từ đầu.")

#: Events read at a time.
BATCH = 5_000

#: Findings of one check shown on a terminal; all of them are in the JSON answer.
_SHOWN = 10

#: Told how many events of how many have been read.
Report = Callable[[int, int], None]


def verify_installation(inst: Installation, report: Report | None = None) -> Verdict:
    """Check a whole installation: its log, its stored commands and, where there is PostgreSQL, its projections.

    Events that are appended meanwhile are left to the next run.
    """
    store = inst.store
    with _projected(inst) as projected, _signed_books(inst) as books:
        head = store.head()
        return verify(
            _events(store, head, report),
            commands=_commands(store, head),
            projections=projected,
            evidence=lambda evidence_id: _kept(inst, evidence_id),
            books=books,
        )


def _kept(inst: Installation, evidence_id: str) -> str | None:
    """The hash of what is kept under an evidence id; nothing is kept under what is no id, and the check says so."""
    try:
        name = UUID(evidence_id)
    except ValueError:
        return None
    kept = inst.evidence.fetch(name)
    return None if kept is None else kept.sha256


def _events(store: EventStore, head: int, report: Report | None) -> Iterator[Recorded | Unreadable]:
    """The log up to a position, in batches, as it is found."""
    position = 0
    while position < head and (batch := store.audit(position, BATCH)):
        for item in batch:
            if item.position > head:
                return
            yield item
        position = batch[-1].position
        if report is not None:
            report(min(position, head), head)


def _commands(store: EventStore, head: int) -> Iterator[StoredCommand]:
    """Commands on record, without those whose events were appended after the log was read.

    A command that claims positions beyond the head and has no events there has lost them, and stays in.
    """
    for command in store.commands():
        later = command.event_count > 0 and command.first_position > head
        if not (later and store.audit(command.first_position - 1, 1)):
            yield command


@contextmanager
def _projected(inst: Installation) -> Iterator[Projected | None]:
    """The rows that readers are shown, brought up to the log first; None in memory, where there are none."""
    if inst.shard is None:
        yield None
        return
    with ExitStack() as stack:
        conn = stack.enter_context(inst.shard.connect())
        # Journal and balances are compared with the rules of posting, apart from the code that made their rows.
        others = tuple(projection for projection in PROJECTIONS if projection not in (JOURNAL, BALANCES))
        differences: tuple[TableDifference, ...] = ()
        # A hole in the log is found by its position; journal and balances are compared as far as they reach.
        with suppress(LogGap, Undecodable):
            catch_up(conn, inst.store, PROJECTIONS)
            differences = refold(conn, inst.store, others)
        yield stack.enter_context(stored(conn, differences))


@contextmanager
def _signed_books(inst: Installation) -> Iterator[Remake]:
    """A way to make signed books again: over the journal as it stands, or the log alone in memory."""
    if inst.shard is None:
        yield remake(LogSources(inst.store))
        return
    with inst.shard.connect() as conn:
        yield remake(JournalSources(inst.store, conn))


@app.command()
def verify_command(as_json: AsJson = False, demo: Demo = False, data: Data = None) -> None:
    """Kiểm tra mọi bất biến; thoát 1 nếu có kiểm tra nào không đạt."""
    with opened(demo=demo, data=data) as inst:
        if as_json or not sys.stdout.isatty():
            verdict = verify_installation(inst)
        else:
            verdict = _with_progress(inst)
    if as_json:
        typer.echo(json.dumps(verdict.as_dict(), ensure_ascii=False))
    else:
        _show(verdict)
    if not verdict.ok:
        raise typer.Exit(1)


def _with_progress(inst: Installation) -> Verdict:
    # Imported here because a script that reads the JSON answer needs no progress bar.
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("Đọc nhật ký"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, transient=True) as bar:
        task = bar.add_task("")
        return verify_installation(inst, lambda done, head: bar.update(task, completed=done, total=head))


def _show(verdict: Verdict) -> None:
    """A table of the checks, then what was found, what is open by name, and what must come back to zero."""
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table

    console = Console()
    table = Table(box=SIMPLE)
    for heading in ("Mã", "Quy tắc", "Đạt", "Phát hiện"):
        table.add_column(heading)
    for check in verdict.checks:
        mark = "[green]✓[/green]" if check.ok else "[red]✗[/red]"
        table.add_row(check.id, check.title, mark, str(len(check.findings)) if check.findings else "")
    console.print(table)
    for check in verdict.checks:
        for finding in check.findings[:_SHOWN]:
            where = "" if finding.position is None else f" (vị trí {finding.position}, {finding.stream})"
            typer.echo(f"{check.id}{where}: {finding.sentence}")
        if len(check.findings) > _SHOWN:
            typer.echo(f"{check.id}: … xem đủ {len(check.findings)} phát hiện bằng --json")
    for note in verdict.notes:
        typer.echo(f"Ghi chú {note.check}: {note.sentence}")
    if verdict.open_items:
        typer.echo("Số dư phải về 0:")
        for item in verdict.open_items:
            typer.echo(
                f"  {item.account} «{item.key}» {format_dong(item.amount)} đồng, {item.days} ngày, {item.owner}: "
                f"{item.next_step}"
            )
    failed = sum(not check.ok for check in verdict.checks)
    result = "Mọi kiểm tra đều đạt." if verdict.ok else f"{failed} kiểm tra không đạt."
    typer.echo(f"{format_dong(verdict.events)} sự kiện, đến vị trí {verdict.position}. {result}")
