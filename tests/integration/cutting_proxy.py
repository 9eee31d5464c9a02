"""A proxy before a PostgreSQL socket that cuts connections at a chosen moment, as bad lines do."""

import contextlib
import shutil
import socket
import tempfile
import threading
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo


class CuttingProxy:
    """Passes everything on until told to cut.

    ``cut(marker, when)``: the next message of a client that contains ``marker`` is its last. ``when="before"``
    never lets it reach the server; ``when="after"`` lets the server do it and swallows the reply.
    """

    def __init__(self, dsn: str) -> None:
        self._folder = tempfile.mkdtemp(prefix="proxy-")
        self._server = f"{conninfo_to_dict(dsn)['host']}/.s.PGSQL.5432"
        self.dsn = make_conninfo(dsn, host=self._folder)
        self._marker: bytes | None = None
        self._when = ""
        self.cuts = 0
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(Path(self._folder) / ".s.PGSQL.5432"))
        self._listener.listen()
        self._start(self._accept)

    def __enter__(self) -> "CuttingProxy":
        return self

    def __exit__(self, *_: object) -> None:
        self._close(self._listener, *self._sockets)
        for thread in self._threads:
            thread.join(5)
        shutil.rmtree(self._folder)

    def cut(self, marker: bytes, when: str) -> None:
        self._marker, self._when = marker, when

    def _start(self, target, *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    @staticmethod
    def _close(*sockets: socket.socket) -> None:
        for one in sockets:
            # Shutting down wakes the thread that waits for this socket; closing alone would not.
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._server)
                self._sockets += [client, server]
                swallow = threading.Event()
                self._start(self._to_server, client, server, swallow)
                self._start(self._to_client, client, server, swallow)

    def _to_server(self, client: socket.socket, server: socket.socket, swallow: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while data := client.recv(1 << 16):
                if self._marker is not None and self._marker in data:
                    self._marker = None
                    self.cuts += 1
                    if self._when == "before":
                        break
                    swallow.set()
                server.sendall(data)
        self._close(client, server)

    def _to_client(self, client: socket.socket, server: socket.socket, swallow: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(1 << 16):
                # The server answers when it has committed: this reply is the one that gets lost.
                if swallow.is_set():
                    break
                client.sendall(data)
        self._close(client, server)
