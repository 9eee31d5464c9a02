"""Check on what readers are shown (I17): the rows of the projections are the fold of the log from zero, row for row."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from domain.money import Dong
from ledger.checks.base import Finding, Findings, World, account_name, dong
from ledger.posting import RULES, Line
from ledger.store import Recorded

#: A row of the journal: position, unit, account, key, amount (debit positive).
JournalRow = tuple[int, str, str, str, Dong]
#: A row of the balances: unit, account, key, amount (debit positive).
BalanceRow = tuple[str, str, str, Dong]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableDifference:
    """One table of a projection beside its fold from zero: rows that only one of the two has, some of them as text.

    ``problem`` says why the log could not be folded into it.
    """

    table: str
    served_only: int = 0
    folded_only: int = 0
    served_rows: tuple[str, ...] = ()
    folded_rows: tuple[str, ...] = ()
    problem: str = ""

    @property
    def differs(self) -> bool:
        """Whether there is anything to say."""
        return bool(self.served_only or self.folded_only or self.problem)


@dataclass(frozen=True, slots=True, kw_only=True)
class Projected:
    """What the tables hold and up to which position; rows of the journal in the order of the log.

    Both may be read from the database while they are compared: each is gone through once. ``differences`` are those of
    the other tables, which were folded and compared where they lie.
    """

    journal_position: int
    journal: Iterable[JournalRow]
    balances_position: int
    balances: Iterable[BalanceRow]
    differences: tuple[TableDifference, ...] = ()


class ProjectionsChecker:
    """I17. Without projections there is nothing to compare, and nothing is found."""

    events = frozenset(RULES)

    def __init__(self, world: World) -> None:
        self._world = world
        self._found = Findings()
        self._projected: Projected | None = None
        self._rows: Iterator[JournalRow] = iter(())
        self._next: JournalRow | None = None
        self._sums: dict[tuple[str, str, str], Dong] = defaultdict(int)

    def compare_with(self, projected: Projected) -> None:
        """Say what to compare with, before the first event."""
        self._projected = projected
        self._rows = iter(projected.journal)
        self._next = next(self._rows, None)

    def see(self, recorded: Recorded, lines: tuple[Line, ...]) -> None:
        """Walk the journal beside the log, and sum for the balances."""
        projected = self._projected
        if projected is None:
            return
        position = recorded.position
        if position <= projected.balances_position:
            for line in lines:
                self._sums[line.unit, line.account, line.key] += line.amount
        if position > projected.journal_position:
            return
        found = self._take(position)
        wanted = [(line.unit, line.account, line.key, line.amount) for line in lines]
        if found != wanted:
            self._found.add(
                "I17",
                f"Sổ nhật ký ở vị trí {position} có {_said(found)}, dựng lại từ đầu được {_said(wanted)}. "
                "Chạy «dangphi rebuild» để dựng lại bảng tra cứu.",
                recorded,
            )

    def _take(self, position: int) -> list[tuple[str, str, str, Dong]]:
        """The rows of one position; rows of a position passed over belong to no entry of the log."""
        found = []
        while self._next is not None and self._next[0] <= position:
            row = self._next
            if row[0] == position:
                found.append(row[1:])
            else:
                self._stray(row)
            self._next = next(self._rows, None)
        return found

    def _stray(self, row: JournalRow) -> None:
        self._found.add(
            "I17",
            f"Sổ nhật ký có dòng ở vị trí {row[0]} ({_said([row[1:]])}) mà nhật ký sự kiện không sinh ra. "
            "Chạy «dangphi rebuild» để dựng lại bảng tra cứu.",
            unit=row[1],
            account=row[2],
        )

    def finish(self) -> tuple[Finding, ...]:
        """Rows left over, and the balances."""
        projected = self._projected
        if projected is None:
            return ()
        while self._next is not None:
            self._stray(self._next)
            self._next = next(self._rows, None)
        for unit, account, key, amount in projected.balances:
            self._differ(unit, account, key, amount, self._sums.pop((unit, account, key), 0))
        for (unit, account, key), amount in self._sums.items():
            self._differ(unit, account, key, 0, amount)
        for difference in projected.differences:
            self._table(difference)
        self._projected = None
        return self._found.all()

    def _table(self, difference: TableDifference) -> None:
        if difference.problem:
            what = f"không dựng lại được từ nhật ký: {difference.problem}"
        else:
            rows = " | ".join((*difference.served_rows, *difference.folded_rows))
            what = (
                f"có {difference.served_only} dòng mà nhật ký không sinh ra và thiếu {difference.folded_only} dòng, "
                f"ví dụ {rows}"
            )
        self._found.add("I17", f"Bảng {difference.table} {what}. Chạy «dangphi rebuild» để dựng lại bảng tra cứu.")

    def _differ(self, unit: str, account: str, key: str, shown: Dong, folded: Dong) -> None:
        if shown != folded:
            self._found.add(
                "I17",
                f"Bảng số dư cho thấy {account_name(account)} «{key}» của {self._world.name(unit)} là {dong(shown)}, "
                f"dựng lại từ đầu được {dong(folded)}. Chạy «dangphi rebuild» để dựng lại bảng tra cứu.",
                unit=unit,
                account=account,
            )


def _said(rows: list[tuple[str, str, str, Dong]]) -> str:
    return (
        "; ".join(f"{unit} {account} «{key}» {dong(amount)}" for unit, account, key, amount in rows) or "không dòng nào"
    )
