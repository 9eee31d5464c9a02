"""Many facts about an account copied into its state at once: an account with a year of lines is read in one go.

Fact by fact, as ``bank_account.evolve`` does it, every event would copy what is known of a million lines.
"""

from collections.abc import Iterable
from dataclasses import replace

from domain.bank_account import (
    AccountEvent,
    BankAccount,
    LinesPlaced,
    MovementNamed,
    StatementImported,
    StatementTakenBack,
    StatementWitnessed,
    count_numbers,
    evolve,
)


class _Growing:
    """A state whose parts may be changed, until it is handed out."""

    def __init__(self, state: BankAccount) -> None:
        self._start = state
        self._lines, self._placed = dict(state.lines), dict(state.placed)
        self._aliases, self._formats = dict(state.aliases), dict(state.formats)
        self._counts, self._repeats = dict(state.bank_references), dict(state.repeats)
        self._files, self._named, self._witnesses = set(state.files), set(state.named), set(state.witnesses)
        self._spans = list(state.spans)

    def take(self, event: StatementImported | StatementWitnessed | MovementNamed | LinesPlaced) -> None:
        """Copy one fact in."""
        match event:
            case StatementImported():
                self._lines.update((line.key, line) for line in event.lines)
                self._formats.update((line.key, event.format) for line in event.lines)
                count_numbers(event.lines, self._counts, self._repeats)
                self._files.add(event.file_digest)
                self._spans.append((event.from_date, event.to_date, event.opening, event.closing))
            case StatementWitnessed():
                self._aliases.update((alias.key, (alias.line, event.file_digest)) for alias in event.aliases)
                if event.file_digest not in self._files:
                    self._witnesses.add(event.file_digest)
                self._files.add(event.file_digest)
            case MovementNamed():
                self._named.add(event.bank_line)
            case LinesPlaced():
                self._placed.update((placed.key, placed) for placed in event.placements)

    def state(self) -> BankAccount:
        """The state, which changes no more."""
        return replace(
            self._start,
            lines=self._lines,
            placed=self._placed,
            files=frozenset(self._files),
            named=frozenset(self._named),
            bank_references=self._counts,
            repeats=self._repeats,
            spans=tuple(self._spans),
            aliases=self._aliases,
            witnesses=frozenset(self._witnesses),
            formats=self._formats,
        )


def fold(state: BankAccount, events: Iterable[AccountEvent]) -> BankAccount:
    """What ``evolve`` would make of the events, one after the other."""
    growing: _Growing | None = None
    for event in events:
        if isinstance(event, StatementTakenBack):
            state = evolve(state if growing is None else growing.state(), event)
            growing = None
            continue
        growing = growing or _Growing(state)
        growing.take(event)
    return state if growing is None else growing.state()
