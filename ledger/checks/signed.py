"""Check on signed books (I35): a book as of a position, asked for now, is the one that was signed as of it.

The log itself says who signed what and with which digests; whoever hands in a way to make a book again has its figures
and its JSON compared with those of the signature.
"""

from collections.abc import Callable
from dataclasses import dataclass

from domain.book import BookSigned, Figure, SignedAs
from domain.errors import Refusal
from ledger.checks.base import Finding, Findings, World, dong
from ledger.posting import Line
from ledger.store import Recorded


@dataclass(frozen=True, slots=True, kw_only=True)
class Remade:
    """A signed book made again from the log: sha256 (hex) of its JSON, and its figures."""

    json: str
    figures: tuple[Figure, ...]


#: Makes a signed book again as of its position; raises Refusal when it cannot be made.
Remake = Callable[[BookSigned], Remade]


class SignedBooksChecker:
    """I35. Without a way to make books again, only what the log itself says is compared."""

    events = frozenset({BookSigned})

    def __init__(self, world: World) -> None:
        self._world = world
        self._found = Findings()
        self._signed: list[Recorded] = []
        self._remake: Remake | None = None

    def remake_with(self, remake: Remake) -> None:
        """Have every signed book made again at the end."""
        self._remake = remake

    def see(self, recorded: Recorded, lines: tuple[Line, ...]) -> None:
        """Positions lie before the signature; the committee signs what another person prepared."""
        e = recorded.event
        if not isinstance(e, BookSigned):
            return
        if not max(e.tree_version, e.policy_version) <= e.position < recorded.position:
            self._wrong(recorded, e, f"ghi vị trí {e.position} nhưng chữ ký ở vị trí {recorded.position}.")
        if e.signed_as is SignedAs.COMMITTEE:
            before = [r.event for r in self._signed if isinstance(r.event, BookSigned)]
            prepared = [p for p in before if p.signed_as is SignedAs.PREPARER and _book(p) == _book(e)]
            if not any(p.digests == e.digests and p.position == e.position for p in prepared):
                self._wrong(recorded, e, "cấp ủy ký bản khác bản người lập đã ký.")
            elif any(p.signed_by == e.signed_by for p in prepared if p.digests == e.digests):
                self._wrong(recorded, e, f"một người ({e.signed_by}) ký cả hai chỗ.")
        self._signed.append(recorded)

    def finish(self) -> tuple[Finding, ...]:
        """What was found, with every signed book made again where that is possible."""
        if self._remake is not None:
            for recorded in self._signed:
                if isinstance(recorded.event, BookSigned):
                    self._compare(recorded, recorded.event, self._remake)
        return self._found.all()

    def _compare(self, recorded: Recorded, e: BookSigned, remake: Remake) -> None:
        try:
            again = remake(e)
        except Refusal as refusal:
            self._wrong(recorded, e, f"nay không lập lại được: {refusal.message}")
            return
        except Exception as problem:
            # A damaged log may break the making of a book anywhere; what broke is a finding, not the end of the check.
            self._wrong(recorded, e, f"nay không lập lại được ({type(problem).__name__}).")
            return
        now = {figure.name: figure.amount for figure in again.figures}
        for figure in e.figures:
            if now.get(figure.name) != figure.amount:
                self._wrong(
                    recorded,
                    e,
                    f"chỉ tiêu «{figure.name}» đã ký {dong(figure.amount)}, nay lập lại ra "
                    f"{dong(now.get(figure.name, 0))}.",
                )
        if again.json != e.digests.json:
            self._wrong(
                recorded,
                e,
                "bản lập lại khác từng byte với bản đã ký (JSON); «dangphi book reproduce» cho biết có phải do phiên "
                "bản khác của phần mềm.",
            )

    def _wrong(self, recorded: Recorded, e: BookSigned, what: str) -> None:
        self._found.add(
            "I35",
            f"{self._world.name(e.unit_id)}: sổ {e.kind} kỳ {e.period}: {what} Sự kiện trước vị trí {e.position} có "
            "thể đã bị sửa; so với bản sao lưu và bản giấy đã ký.",
            recorded,
            unit=e.unit_id,
        )


def _book(e: BookSigned) -> tuple[str, str, str]:
    return e.kind, e.subject, e.period
