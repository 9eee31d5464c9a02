"""``dangphi serve``: the HTTP interface and the worker of a shard.

With one process the worker is a thread of it. With several it is a thread of the process that watches over them, so
that taking messages in and working them off do not wait for one another's interpreter. Any number of these commands
may run on a shard: the one worker that holds its lock works. uvloop and httptools are pinned, because the intake's
figures are theirs.
"""

import gc
import logging
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
import uvicorn
from fastapi import FastAPI
from uvicorn.supervisors import Multiprocess

from adapters.postgres.migrate import migrate
from adapters.postgres.only_one import OnlyOne
from adapters.postgres.shard import Shard
from api.app import create_app
from api.cli.session import Demo, settings_of
from api.read_models import PATIENCE, ReadModels
from api.settings import Settings
from api.troubles import database_troubles
from api.wiring import Installation, clock_of, dsn_of, on_postgres
from api.worker import Worker

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(help="Chạy giao diện HTTP và bộ xử lý nền.")
def serve(
    host: Annotated[str, typer.Option(help="Địa chỉ lắng nghe.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Cổng lắng nghe.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Số tiến trình.")] = 1,
    data: Annotated[Path | None, typer.Option(help="Thư mục dữ liệu của PostgreSQL nhúng.")] = None,
    demo: Demo = False,
    access_log: Annotated[bool, typer.Option(help="Ghi mỗi yêu cầu một dòng (không bao giờ ghi nội dung).")] = True,
) -> None:
    settings = _prepared(settings_of(demo=demo, data=data))
    config = uvicorn.Config(
        partial(build, settings, access_log=access_log, with_worker=workers == 1),
        factory=True,
        workers=workers,
        loop="uvloop",
        http="httptools",
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=10,
    )
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(2048)  # From here on callers wait instead of being turned away.
        listening.set_inheritable(True)
        address = f"http://{host}:{listening.getsockname()[1]}"
        typer.echo(f"Giao diện HTTP: {address}/docs (dừng bằng Ctrl+C)")
        if demo:
            typer.echo("Mã truy cập ví dụ của từng cán bộ: mục [tokens] của demo.toml trong examples/. Thử:")
            typer.echo(f"  curl -H 'Authorization: Bearer vi-du-ke-toan' {address}/units/31.001/balances")
        if workers == 1:
            uvicorn.Server(config).run(sockets=[listening])
        else:
            with working(settings):
                Multiprocess(config, sockets=[listening]).run()


def _prepared(settings: Settings) -> Settings:
    """One process brings the database up to date before the others look at it."""
    with database_troubles(settings.database_url):
        dsn = dsn_of(settings)
        migrate(Shard(dsn=dsn, schema=settings.schema))
    return replace(settings, database_url=dsn)


def build(settings: Settings, *, access_log: bool, with_worker: bool) -> FastAPI:
    """The application of one process with its own connections; called in that process."""
    _log_to_stderr(access_log=access_log)
    running = ExitStack()
    inst = running.enter_context(on_postgres(settings, patience=PATIENCE))
    models = running.enter_context(read_models(inst))
    worker = running.enter_context(started(inst, models)) if with_worker else None
    wake = worker.wake if worker else _nobody
    app = create_app(inst, clock_of(settings), models=models, wake=wake, running=running)
    # What was loaded at the start lives as long as the process; the collector need not walk it again and again, which
    # otherwise makes the slowest answers (70 ms every few hundred milliseconds under load).
    gc.collect()
    gc.freeze()
    return app


def _nobody() -> None:
    """The worker of another process looks by itself."""


def read_models(inst: Installation) -> ReadModels:
    """The read models of an installation on PostgreSQL."""
    assert inst.shard is not None, "what is served lies in PostgreSQL"
    return ReadModels(inst.shard, inst.store)


@contextmanager
def working(settings: Settings) -> Iterator[Worker]:
    """A worker with connections of its own."""
    _log_to_stderr(access_log=False)
    with on_postgres(settings) as inst, read_models(inst) as models, started(inst, models) as worker:
        yield worker


@contextmanager
def started(inst: Installation, models: ReadModels) -> Iterator[Worker]:
    """The worker of an installation, at work until the block is left."""
    assert inst.shard is not None, "what is served lies in PostgreSQL"
    worker = Worker(inst, clock_of(inst.settings), models.catch_up, OnlyOne(inst.shard, "worker"))
    worker.start()
    try:
        yield worker
    finally:
        worker.stop()


def _log_to_stderr(*, access_log: bool) -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    logging.getLogger("dangphi.access").setLevel(logging.INFO if access_log else logging.WARNING)
