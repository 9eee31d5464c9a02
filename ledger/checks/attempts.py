"""Check on attempts to pay (I4): what was opened is what was asked for, and only what was opened is reported on."""

from domain.attempt import AttemptOpened, AttemptReported
from domain.money import Dong
from domain.payment_request import PaymentRequested
from ledger.checks.base import Finding, Findings, World, dong
from ledger.posting import Line
from ledger.store import Recorded


class AttemptsChecker:
    """I4: an attempt agrees with its request in amount, unit and channel, and its reports with the attempt."""

    events = frozenset({PaymentRequested, AttemptOpened, AttemptReported})

    def __init__(self, world: World) -> None:
        self._found = Findings()
        self._asked: dict[str, tuple[Dong, str, str]] = {}
        self._opened: dict[str, str] = {}

    def see(self, recorded: Recorded, lines: tuple[Line, ...]) -> None:
        """Hold the event against what it follows from."""
        event = recorded.event
        match event:
            case PaymentRequested():
                self._asked[event.reference] = (event.amount, event.unit_id, event.channel)
            case AttemptOpened():
                self._open(recorded, event)
            case AttemptReported():
                if self._opened.get(event.reference) != event.rail:
                    self._found.add(
                        "I4",
                        f"Tình trạng của lượt {event.reference} qua kênh «{event.rail}» không ứng với lượt nào đã mở "
                        "trên kênh ấy. Đối chiếu tin gốc trong hộp tin.",
                        recorded,
                    )
            case _:
                pass

    def _open(self, recorded: Recorded, event: AttemptOpened) -> None:
        if event.reference in self._opened:
            self._found.add("I4", f"Lượt {event.reference} được mở hai lần. Báo người quản trị.", recorded)
        self._opened[event.reference] = event.rail
        asked = self._asked.get(event.reference)
        if asked != (event.amount, event.unit_id, event.rail):
            told = "không có yêu cầu nào" if asked is None else f"yêu cầu ghi {dong(asked[0])} của {asked[1]}"
            self._found.add(
                "I4",
                f"Lượt {event.reference} mở {dong(event.amount)} cho {event.unit_id} qua «{event.rail}», nhưng {told}. "
                "Đối chiếu yêu cầu và lượt trên kênh.",
                recorded,
            )

    def finish(self) -> tuple[Finding, ...]:
        """What was found."""
        return self._found.all()
