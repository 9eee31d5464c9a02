"""Checks on the log itself: versions and positions (I16), time (I24), commands whole and once (I25, I27)."""

from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID

from ledger.checks.base import Finding, Findings, World
from ledger.ports import StoredCommand
from ledger.posting import Line
from ledger.store import Recorded, Unreadable


class LogChecker:
    """I16: stream versions and positions run 1, 2, 3 …  I24: the recorded time never falls."""

    events = None

    def __init__(self, world: World) -> None:
        self._found = Findings()
        self.position = 0
        self._versions: dict[str, int] = {}
        self._instant = datetime.min.replace(tzinfo=UTC)

    def see(self, recorded: Recorded, lines: tuple[Line, ...]) -> None:
        """Compare place, version and time with what came before."""
        self._place(recorded.position, recorded.stream, recorded.version, recorded)
        if recorded.recorded_at < self._instant:
            self._found.add(
                "I24",
                f"Sự kiện vị trí {recorded.position} ghi lúc {recorded.recorded_at.isoformat()}, trước sự kiện đứng "
                f"trước nó ({self._instant.isoformat()}). Thứ tự hoặc giờ ghi đã bị sửa; so với bản sao lưu.",
                recorded,
            )
        self._instant = recorded.recorded_at

    def unreadable(self, row: Unreadable) -> None:
        """A row whose bytes are no event any more."""
        self._place(row.position, row.stream, row.version, None)
        self._found.add(
            "I16",
            f"Vị trí {row.position} (luồng {row.stream}, phiên bản {row.version}, loại {row.topic}) không đọc được: "
            f"{row.problem}. Nội dung đã bị sửa hoặc hỏng; khôi phục dòng này từ bản sao lưu.",
        )

    def _place(self, position: int, stream: str, version: int, recorded: Recorded | None) -> None:
        if position != self.position + 1:
            self._found.add(
                "I16",
                f"Sau vị trí {self.position} là vị trí {position}: thiếu hoặc lặp dòng trong nhật ký. "
                "Không dùng số liệu dựng từ nhật ký này; khôi phục từ bản sao lưu.",
                recorded,
            )
        self.position = position
        expected = self._versions.get(stream, 0) + 1
        if version != expected:
            self._found.add(
                "I16",
                f"Luồng {stream}: phiên bản {version} đứng sau phiên bản {expected - 1} (vị trí {position}). "
                "Có sự kiện bị xoá, chèn hoặc đổi chỗ; khôi phục từ bản sao lưu.",
                recorded,
            )
        self._versions[stream] = version

    def finish(self) -> tuple[Finding, ...]:
        """What was found."""
        return self._found.all()


class CommandsChecker:
    """I27: a command's events stand together and are all there. I25: each command stands once, as its record says."""

    events = None

    def __init__(self, world: World) -> None:
        self._found = Findings()
        self._spans: dict[UUID, tuple[int, int, str]] = {}  #: command → first and last position, actor
        self._open: Recorded | None = None
        self._first: Recorded | None = None
        self._seen = 0

    def see(self, recorded: Recorded, lines: tuple[Line, ...]) -> None:
        """Compare the event with the command that is being read, or begin the next."""
        meta, first = recorded.meta, self._first
        if first is None or meta.command_id != first.meta.command_id:
            self._close()
            self._first, self._seen = recorded, 0
            first = recorded
        if meta.index != self._seen:
            self._found.add(
                "I27",
                f"Lệnh {meta.command_id}: sự kiện thứ {meta.index} đứng ở chỗ của sự kiện thứ {self._seen} "
                f"(vị trí {recorded.position}). Sự kiện của một lệnh bị thiếu hoặc đổi chỗ; so với bản sao lưu.",
                recorded,
            )
        f = first.meta
        if (meta.count, meta.actor, meta.role, meta.unit, meta.action) != (f.count, f.actor, f.role, f.unit, f.action):
            self._found.add(
                "I27",
                f"Lệnh {meta.command_id}: sự kiện ở vị trí {recorded.position} ghi người làm, vai trò, đơn vị hoặc số "
                "sự kiện khác với sự kiện đầu của lệnh. Dòng này đã bị sửa; so với bản sao lưu.",
                recorded,
            )
        if recorded.recorded_at != first.recorded_at:
            self._found.add(
                "I27",
                f"Lệnh {meta.command_id}: sự kiện ở vị trí {recorded.position} có giờ ghi khác với cả lệnh. "
                "Giờ đã bị sửa; so với bản sao lưu.",
                recorded,
            )
        self._seen += 1
        self._open = recorded

    def _close(self) -> None:
        first, last = self._first, self._open
        if first is None or last is None:
            return
        command = first.meta.command_id
        if self._seen != first.meta.count:
            self._found.add(
                "I27",
                f"Lệnh {command} phải có {first.meta.count} sự kiện, nhật ký chỉ có {self._seen} "
                f"(từ vị trí {first.position}). Một phần của lệnh đã mất; khôi phục từ bản sao lưu.",
                first,
            )
        if command in self._spans:
            self._found.add(
                "I25",
                f"Lệnh {command} xuất hiện lần nữa ở vị trí {first.position} (lần đầu ở {self._spans[command][0]}): "
                "một lệnh chỉ được ghi một lần. Tìm dòng bị chèn hoặc đổi chỗ.",
                first,
            )
        else:
            self._spans[command] = (first.position, last.position, first.meta.actor)

    def compare(self, commands: Iterable[StoredCommand]) -> None:
        """Compare with the stored commands, after the last event."""
        self._close()
        self._first = None
        left = dict(self._spans)
        for row in commands:
            span = left.pop(row.command_id, None)
            told = (row.first_position, row.last_position, row.actor) if row.event_count else None
            count = row.last_position - row.first_position + 1
            if span != told or row.event_count != count:
                here = "không có sự kiện nào" if span is None else f"các vị trí {span[0]}–{span[1]} của {span[2]}"
                self._found.add(
                    "I25",
                    f"Lệnh {row.command_id} ({row.name}, {row.actor}) ghi là có {row.event_count} sự kiện từ vị trí "
                    f"{row.first_position} đến {row.last_position}, nhưng nhật ký có {here}. So với bản sao lưu.",
                )
        for command, (first, last, _) in left.items():
            self._found.add(
                "I25",
                f"Các vị trí {first}–{last} thuộc lệnh {command} không có trong bảng lệnh: gửi lại lệnh đó sẽ bị ghi "
                "hai lần. Khôi phục bảng lệnh từ bản sao lưu.",
            )

    def finish(self) -> tuple[Finding, ...]:
        """What was found."""
        self._close()
        self._first = None
        return self._found.all()
