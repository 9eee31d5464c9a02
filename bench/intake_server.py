"""The product's HTTP application as ``dangphi serve`` runs it, in variants that serve has no switch for.

Variants: "intake" has no worker, so that the intake stands alone; "one-commit" has none either, and each request is
written by a commit of its own.
"""

import gc
import json
import socket
import sys
from contextlib import ExitStack
from dataclasses import replace
from functools import partial

import uvicorn
from fastapi import FastAPI
from uvicorn.supervisors import Multiprocess

from adapters.clock import SystemClock
from adapters.postgres.inbox import PostgresInbox
from api.app import create_app
from api.settings import Settings, environ
from api.wiring import on_postgres


def build(variant: str) -> FastAPI:
    """The application of one process."""
    settings = Settings.from_environ(environ())
    running = ExitStack()
    inst = running.enter_context(on_postgres(settings))
    if variant == "one-commit":
        if inst.shard is None:
            raise ValueError("the intake is measured on PostgreSQL")
        inst = replace(inst, inbox=running.enter_context(PostgresInbox(inst.shard, settings.vault_key, most=1)))
    app = create_app(inst, SystemClock(), running=running)
    # Every request leaves some objects in the oldest generation, so the collector would walk the whole application
    # several times a second, 70 ms each; what was loaded at the start is never garbage.
    gc.collect()
    gc.freeze()
    return app


def main() -> None:
    """Serve on an inherited socket until stopped."""
    asked = json.loads(sys.argv[1])
    config = uvicorn.Config(
        partial(build, asked["variant"]),
        factory=True,
        workers=asked["workers"],
        loop="uvloop",
        http="httptools",
        log_level="warning",
        access_log=False,
        server_header=False,
    )
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", asked["port"]))
        listening.set_inheritable(True)
        Multiprocess(config, sockets=[listening]).run()


if __name__ == "__main__":
    main()
