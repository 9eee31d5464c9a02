"""The clock on the wall, and the clock of a sandbox, which somebody else moves."""

from datetime import UTC, datetime
from pathlib import Path

from domain.errors import Malformed


class SystemClock:
    """Tells the machine's time, in UTC."""

    def now(self) -> datetime:
        """Return the present instant, aware."""
        return datetime.now(UTC)


class FileClock:
    """Tells the instant that stands in a file, which the sandbox writes anew whenever its own clock moves.

    Only a sandbox's installation may use it (``api.settings``): whoever writes the file decides what time it is.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def now(self) -> datetime:
        """Return the instant in the file, aware. Raises ``Malformed`` when there is none."""
        try:
            told = datetime.fromisoformat(self._path.read_text(encoding="ascii").strip())
        except (OSError, ValueError) as error:
            raise Malformed(
                "tệp đồng hồ của sandbox không đọc được; chạy dangphi sandbox serve", where=str(self._path)
            ) from error
        if told.tzinfo is None:
            raise Malformed("đồng hồ của sandbox phải có múi giờ", where=str(self._path))
        return told.astimezone(UTC)
