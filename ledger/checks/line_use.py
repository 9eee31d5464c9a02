"""Which thing a bank line answers for: one only, whatever channel told of it (I3)."""

from domain.payment_channels import SuspenseToLump
from ledger.checks.base import Findings
from ledger.store import Recorded


class LineUse:
    """Lines by account, and what each answers for.

    A second user within a command is a fault only at its end: an event of the same command may say that the first was
    no payment of its own, and the order of the streams of one command says nothing.
    """

    def __init__(self, found: Findings) -> None:
        self._found = found
        self._lines: dict[tuple[str, str], tuple[str, int]] = {}
        self._clashes: dict[tuple[str, str], tuple[Recorded, str]] = {}

    def use(self, recorded: Recorded, account: str, line: str, what: str) -> None:
        """A line answers for something."""
        known = self._lines.setdefault((account, line), (what, recorded.position))
        if known[1] != recorded.position:
            self._clashes.setdefault((account, line), (recorded, what))

    def forget(self, account: str, line: str) -> None:
        """A line that counts no more, or answers for nothing again."""
        self._lines.pop((account, line), None)

    def leave(self, event: SuspenseToLump) -> None:
        """What waited was no payment of its own: its line answers for what it pays, told before or after this."""
        name = (event.account_id, event.bank_line)
        self._lines.pop(name, None)
        taken = self._clashes.pop(name, None)
        if taken is not None:
            self._lines[name] = (taken[1], taken[0].position)

    def settle(self) -> None:
        """At the end of a command: name the lines that answer for two things."""
        for (account, line), (recorded, what) in self._clashes.items():
            known = self._lines.get((account, line), ("", 0))
            self._found.add(
                "I3",
                f"Dòng sao kê {line[:12]}… của {account} được dùng hai lần: cho {known[0]} (vị trí {known[1]}) và cho "
                f"{what}. Một dòng tiền chỉ là một khoản; lập bút toán sửa khoản ghi sau.",
                recorded,
                account="1120",
            )
        self._clashes.clear()
