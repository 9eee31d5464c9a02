"""What can be wrong with the machine rather than with the request: no database, no folder to write to.

The module is imported at every start, so what it needs of the database's library is imported when it is used.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from adapters.system_errors import in_vietnamese
from domain.errors import Malformed


class CannotWork(Exception):
    """The installation cannot do the work now; ``message`` says what, where and what to do. Exit status 1."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def of_system(error: OSError) -> CannotWork:
    """A file, folder or port that the system refused, named with the reason."""
    what = "Hệ thống" if error.filename is None else str(error.filename)
    return CannotWork("system-refused", f"{what}: {in_vietnamese(error)}. Kiểm tra đường dẫn và quyền rồi chạy lại.")


@contextmanager
def database_troubles(database_url: str | None) -> Iterator[None]:
    """Turn what the database's library raises into ``CannotWork``; an address that is none is ``Malformed``."""
    import psycopg
    from eventsourcing.persistence import InterfaceError, OperationalError
    from psycopg.conninfo import conninfo_to_dict

    from adapters.postgres.server import ServerCannotStart
    from ledger.store import StoreUnavailable

    try:
        address = conninfo_to_dict(database_url or "")
    except psycopg.ProgrammingError as error:
        # The text of the error may hold the password, so none of it is repeated.
        raise Malformed(
            "không phải địa chỉ PostgreSQL; viết như postgresql://người-dùng@máy:5432/cơ-sở-dữ-liệu",
            where="DANGPHI_DATABASE_URL",
        ) from error
    try:
        yield
    except ServerCannotStart as error:
        raise CannotWork("database-unavailable", str(error)) from error
    except StoreUnavailable as error:
        raise CannotWork("database-unavailable", str(error)) from error
    except (psycopg.OperationalError, psycopg.InterfaceError, OperationalError, InterfaceError) as error:
        place = " ".join(f"{key}={address[key]}" for key in ("host", "port", "dbname", "user") if address.get(key))
        raise CannotWork(
            "database-unavailable",
            f"Không làm việc được với cơ sở dữ liệu ({place or 'PostgreSQL nhúng'}). Kiểm tra máy chủ PostgreSQL đang "
            "chạy, cơ sở dữ liệu đã được tạo và DANGPHI_DATABASE_URL đúng, rồi chạy lại đúng lệnh này.",
        ) from error
    except psycopg.errors.InsufficientPrivilege as error:
        raise CannotWork(
            "database-unavailable",
            "Người dùng cơ sở dữ liệu không có quyền tạo hoặc ghi lược đồ này; cấp quyền CREATE cho người dùng ghi "
            "trong DANGPHI_DATABASE_URL.",
        ) from error
