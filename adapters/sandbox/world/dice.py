"""Chance with a seed: every throw has a name, so that it falls the same whatever else was thrown before it.

A generator that is asked in turns would tell another story as soon as two requests came in another order. Here the
order of requests over sockets decides nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dice:
    """Throws of one story. The arguments of each throw are its name; numbers and texts only."""

    seed: int

    def _whole(self, name: tuple[object, ...]) -> int:
        told = "|".join(str(part) for part in (self.seed, *name))
        return int.from_bytes(sha256(told.encode()).digest()[:16], "big")

    def below(self, most: int, *name: object) -> int:
        """A whole number from 0 up to ``most``, which is excluded."""
        return self._whole(name) % most

    def between(self, low: int, high: int, *name: object) -> int:
        """A whole number from ``low`` to ``high``, both included."""
        return low + self.below(high - low + 1, *name)

    def happens(self, rate: float, *name: object) -> bool:
        """Whether something of this rate (0 to 1) happens."""
        return self.below(1_000_000, *name) < round(rate * 1_000_000)

    def pick(self, options: Sequence[T], *name: object) -> T:
        """One of several."""
        return options[self.below(len(options), *name)]

    def weighted(self, options: Sequence[tuple[T, int]], *name: object) -> T:
        """One of several by weight."""
        left = self.below(sum(weight for _, weight in options), *name)
        for option, weight in options:
            if left < weight:
                return option
            left -= weight
        raise ValueError("weights must not be negative")

    def digits(self, many: int, *name: object) -> str:
        """So many decimal digits."""
        return f"{self.below(10**many, *name):0{many}d}"

    def token(self, many: int, *name: object) -> str:
        """So many letters and digits (at most 64), as identifiers of gateways carry them."""
        told = "|".join(str(part) for part in (self.seed, *name))
        return sha256(told.encode()).hexdigest()[:many]
