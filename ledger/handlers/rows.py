"""A row of a list that a rule refused: named with its place, while the good rows go in."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RowRefused:
    """Where (file, row), which rule, and the Vietnamese sentence that says what to do."""

    where: str
    code: str
    message: str

    def as_dict(self) -> dict[str, str]:
        """As it stands in an answer."""
        return {"where": self.where, "code": str(self.code), "message": self.message}
