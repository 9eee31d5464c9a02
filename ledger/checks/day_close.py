"""Check on closed days of bank accounts (A12): the figures of each close come out of the log again, to the đồng."""

from domain.day_close import NONE, AccountDayClosed, AccountDayReopened, DayCloses, evolve
from ledger.checks.base import Finding, Findings, World, dong
from ledger.day_books import DayBooks
from ledger.day_channels import DayChannels
from ledger.posting import RULES, Line
from ledger.reports_reconciliation import BreakKind
from ledger.store import Recorded

_BREAKS = frozenset(str(kind) for kind in BreakKind)
_FIGURES = {
    "opening": "số dư đầu",
    "money_in": "tiền vào",
    "money_out": "tiền ra",
    "closing": "số dư cuối",
    "book": "sổ 1120",
    "suspense": "tiền chưa xác định",
}


class DayCloseChecker:
    """A12, and I21 for who closed and who opened again."""

    events = frozenset({*RULES, *DayChannels.events, *DayBooks.events, AccountDayClosed, AccountDayReopened})

    def __init__(self, world: World) -> None:
        self._found = Findings()
        self._books = DayBooks()
        self._channels = DayChannels()
        self._days: dict[str, DayCloses] = {}

    def see(self, recorded: Recorded, lines: tuple[Line, ...]) -> None:
        """Judge a close by what the log before it gives."""
        event = recorded.event
        match event:
            case AccountDayClosed():
                self._close(recorded, event)
            case AccountDayReopened():
                self._reopen(recorded, event)
            case _:
                self._books.take(recorded, lines)
                self._channels.take(recorded)

    def _close(self, recorded: Recorded, event: AccountDayClosed) -> None:
        state = self._days.get(event.account_id, NONE)
        what = f"Ngày {event.day:%d/%m/%Y} của tài khoản {event.account_id}, lần chốt {event.number}"
        if event.number != state.last + 1 or event.day in state.standing:
            self._add(
                recorded, event.unit_id, f"{what}: chốt khi ngày này đang chốt, hoặc sai số thứ tự. Xem ai đã ghi."
            )
        named = sum(part.amount for part in event.parts)
        if event.opening + event.money_in - event.money_out != event.closing or event.closing != event.book + named:
            self._add(
                recorded,
                event.unit_id,
                f"{what}: đầu + vào - ra, số dư cuối và sổ cộng chênh lệch có tên không bằng nhau. Mở lại và chốt lại.",
            )
        if event.position >= recorded.position:
            self._add(recorded, event.unit_id, f"{what} nêu vị trí {event.position} chưa có trong sổ lúc chốt.")
        made = self._books.figures(event.account_id, event.day, event.position)
        if made is None:
            self._add(recorded, event.unit_id, f"{what}: không sao kê nào có ngày này. Mở lại, nhập sao kê rồi chốt.")
        else:
            for name, words in _FIGURES.items():
                told, again = getattr(event, name), getattr(made, name)
                if told != again:
                    self._add(
                        recorded,
                        event.unit_id,
                        f"{what}: {words} lúc chốt là {dong(told)}, làm lại từ nhật ký ra {dong(again)}. "
                        "Nhật ký hoặc lần chốt đã bị sửa; mở lại ngày này và đối chiếu.",
                    )
        self._told(recorded, event, what)
        self._explained(recorded, event, what)
        self._acted(recorded, event.closed_by, event.unit_id)
        self._days[event.account_id] = evolve(state, event)

    def _told(self, recorded: Recorded, event: AccountDayClosed, what: str) -> None:
        """What channels said of the day, and what the book had of it, come out of the log again."""
        again = self._channels.figures(event.account_id, event.day, event.position)
        for words, told, made in (
            ("kênh kê", event.told, again[0]),
            ("sổ có qua kênh", event.told_booked, again[1]),
        ):
            if told != made:
                self._add(
                    recorded,
                    event.unit_id,
                    f"{what}: {words} lúc chốt là {dong(told)}, làm lại từ nhật ký ra {dong(made)}. Lấy lại quyết toán "
                    "của kênh, mở lại ngày này và đối chiếu.",
                )

    def _explained(self, recorded: Recorded, event: AccountDayClosed, what: str) -> None:
        """Explained money is a part of what moved and holds nothing that still waited for its owner; names are ours."""
        waits = self._books.waiting(event.account_id, event.day, event.position)
        if event.moved != event.money_in + event.money_out or not 0 <= event.explained <= event.moved - waits:
            self._add(
                recorded,
                event.unit_id,
                f"{what}: đã giải thích {dong(event.explained)} trên {dong(event.moved)}, trong khi {dong(waits)} của "
                "các dòng ngày đó còn chưa biết của ai. Mở lại và chốt lại.",
            )
        names = [part.name for part in event.parts]
        if len(set(names)) != len(names) or not set(names) <= _BREAKS or any(not part.amount for part in event.parts):
            self._add(recorded, event.unit_id, f"{what}: tên chênh lệch lạ, trùng hoặc bằng 0 ({', '.join(names)}).")

    def _reopen(self, recorded: Recorded, event: AccountDayReopened) -> None:
        state = self._days.get(event.account_id, NONE)
        standing = state.standing.get(event.day)
        if standing is None or standing.number != event.number:
            self._add(
                recorded,
                event.unit_id,
                f"Mở lại ngày {event.day:%d/%m/%Y} của tài khoản {event.account_id} mà lần chốt {event.number} không "
                "còn hiệu lực. Xem ai đã ghi.",
            )
        self._acted(recorded, event.reopened_by, event.unit_id)
        self._days[event.account_id] = evolve(state, event)

    def _add(self, recorded: Recorded, unit: str, sentence: str) -> None:
        self._found.add("A12", sentence, recorded, unit=unit, account="1120")

    def _acted(self, recorded: Recorded, named: str, unit: str) -> None:
        if named != recorded.meta.actor:
            self._found.add(
                "I21",
                f"Sự kiện «{recorded.name}» ghi tên {named} nhưng người thao tác là {recorded.meta.actor}. "
                "Xác minh ai đã thật sự làm việc này.",
                recorded,
                unit=unit,
            )

    def finish(self) -> tuple[Finding, ...]:
        """Everything found."""
        return self._found.all()
