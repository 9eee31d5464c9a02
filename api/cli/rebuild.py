"""``dangphi rebuild``: build read models anew from the log while the old ones serve, then swap."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from typing import Annotated

import typer

from api.cli.session import AsJson, Data, Demo, opened, show
from domain.errors import Malformed
from projections.all import PROJECTIONS
from projections.projection import Projection
from projections.rebuild import RebuildRunning, Rebuilt, rebuild
from projections.tracking import Progress

app = typer.Typer(help="Dựng lại bảng đọc từ nhật ký.")

Names = Annotated[list[str] | None, typer.Argument(metavar="[TÊN]…", help="Tên bảng đọc; bỏ trống là tất cả.")]
StartOver = Annotated[bool, typer.Option("--start-over", help="Bỏ phần dựng dở của lần trước, làm lại từ đầu.")]


def chosen(names: Sequence[str]) -> tuple[Projection, ...]:
    """The projections of these names, in the order of the list; all of them for no name."""
    known = {projection.name: projection for projection in PROJECTIONS}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise Malformed(f"không có bảng đọc {', '.join(unknown)}; các bảng đọc: {', '.join(known)}", where="TÊN")
    return tuple(projection for name, projection in known.items() if not names or name in names)


@app.command()
def rebuild_command(
    names: Names = None, start_over: StartOver = False, as_json: AsJson = False, demo: Demo = False, data: Data = None
) -> None:
    """Dựng lại bên cạnh bảng đang dùng rồi thay trong một giao dịch; bị ngắt thì lần sau làm tiếp."""
    wanted = chosen(names or ())
    quiet = as_json or not sys.stdout.isatty()
    with ExitStack() as stack:
        inst = stack.enter_context(opened(demo=demo, data=data))
        if inst.shard is None:
            raise Malformed("bản chạy trong bộ nhớ không có bảng đọc; dùng PostgreSQL", where="cài đặt")
        conn = stack.enter_context(inst.shard.connect())
        report = None if quiet else stack.enter_context(_bars())
        done: list[Rebuilt] = []
        for projection in wanted:
            try:
                done.append(rebuild(conn, inst.store, projection, report, start_over=start_over))
            except RebuildRunning as running:
                raise Malformed(str(running), where=projection.name) from running
    if as_json:
        show({"rebuilt": [asdict(one) for one in done]}, as_json=True)
        return
    for one in done:
        resumed = f", làm tiếp từ vị trí {one.resumed_from}" if one.resumed_from else ""
        typer.echo(f"{one.reader}: đến vị trí {one.position}{resumed}, dấu {one.digest[:16]}")


@contextmanager
def _bars() -> Iterator[Callable[[Progress], None]]:
    """A progress bar for each projection, where somebody is looking."""
    # Imported here because a script that reads the JSON answer needs no progress bar.
    from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    tasks: dict[str, TaskID] = {}
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bars(*columns) as bars:

        def report(progress: Progress) -> None:
            name = progress.reader.removesuffix("_next")
            if name not in tasks:
                tasks[name] = bars.add_task(name, total=progress.head)
            bars.update(tasks[name], completed=progress.position, total=progress.head)

        yield report
