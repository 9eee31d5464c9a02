"""Check on matches (I14): what a match says is what was booked, to the đồng, and its confidence is its evidence."""

from collections import Counter

from domain import match
from domain.match import MatchAccepted
from domain.payment import SuspenseIdentified
from ledger.checks.base import Finding, Findings, World, dong
from ledger.posting import Line
from ledger.store import Recorded


class MatchesChecker:
    """I14: each accepted match books exactly its parts in the same command, on evidence that adds up."""

    events = frozenset({MatchAccepted, SuspenseIdentified})

    def __init__(self, world: World) -> None:
        self._found = Findings()
        self._open: list[tuple[Recorded, MatchAccepted]] = []
        self._booked: Counter[tuple[str, str]] = Counter()

    def see(self, recorded: Recorded, lines: tuple[Line, ...]) -> None:
        """Keep the command's matches and bookings."""
        event = recorded.event
        if isinstance(event, MatchAccepted):
            self._open.append((recorded, event))
            self._add_up(recorded, event)
        elif isinstance(event, SuspenseIdentified):
            self._booked[event.payment_id, event.member_id] += event.amount

    def _add_up(self, recorded: Recorded, event: MatchAccepted) -> None:
        parts = sum(part.amount for part in event.parts)
        if parts != event.amount:
            self._found.add(
                "I14", f"Lần khớp {event.match_id}: các phần cộng {dong(parts)}, ghi {dong(event.amount)}.", recorded
            )
        if match.confidence(event.evidence) != event.confidence:
            self._found.add("I14", f"Lần khớp {event.match_id}: độ tin cậy ghi khác tổng các căn cứ đã ghi.", recorded)
        if event.automatic and not match.may_post(event.rule, event.evidence, event.threshold):
            self._found.add(
                "I14", f"Lần khớp {event.match_id}: máy tự ghi dưới ngưỡng hoặc theo quy tắc chỉ gợi ý.", recorded
            )

    def settle(self) -> None:
        """The command is whole: everything matched was booked in it."""
        for recorded, event in self._open:
            wanted: Counter[tuple[str, str]] = Counter()
            for part in event.parts:
                wanted[part.payment_id, part.member_id] += part.amount
            if any(self._booked[key] < amount for key, amount in wanted.items()):
                self._found.add("I14", f"Lần khớp {event.match_id} không được ghi đủ vào khoản tiền của nó.", recorded)
            self._booked -= wanted
        self._open.clear()
        self._booked.clear()

    def finish(self) -> tuple[Finding, ...]:
        """Everything found."""
        return self._found.all()
