"""``dangphi`` in a process of its own that a test may kill; forked from a clean server, so that it starts at once."""

import multiprocessing
import os
import sys
from collections.abc import Mapping, Sequence
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from api.cli import main

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["api.cli.collect", "api.cli.imports", "tests.integration.killable"])


def start(environ: Mapping[str, str], arguments: Sequence[str]) -> ForkServerProcess:
    """Start the command; ``exitcode`` is its exit status, negative when it was killed."""
    process = _CONTEXT.Process(target=_type, args=(dict(environ), tuple(arguments)), daemon=True)
    process.start()
    return process


def _type(environ: Mapping[str, str], arguments: Sequence[str]) -> None:
    os.environ.update(environ)
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        sys.stdout = sys.stderr = nowhere
        main.run(arguments)
