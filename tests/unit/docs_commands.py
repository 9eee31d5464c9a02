"""The command lines that the documentation shows, and the parser that says whether they can be typed."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import typer

from api.cli.main import COMMANDS, _load

ROOT = Path(__file__).resolve().parents[2]
PAGES = (
    ROOT / "README.md",
    *sorted((ROOT / "docs" / "how-to").glob("*.md")),
    *sorted((ROOT / "docs" / "tutorial").glob("*.md")),
    *sorted((ROOT / "docs" / "explanation").glob("*.md")),
)
UsageError: Any = typer.BadParameter.__mro__[1]

_FENCE = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"^(?: {4}.*\n?)+", re.MULTILINE)
_SPAN = re.compile(r"`([^`]+)`")
_CONTINUED = re.compile(r"\\[ ]*\n\s*")
_PLACE = re.compile(r"<[^<>]+>")
_PROGRAM = ("dangphi ", ".venv/bin/dangphi ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One command line: ``whole`` when it stands in a block to be typed, not when it is named in a sentence."""

    page: str
    text: str
    words: tuple[str, ...]
    whole: bool


def shown(page: Path) -> Iterator[Shown]:
    """Every command line of a page."""
    text = page.read_text(encoding="utf-8")
    name = page.relative_to(ROOT).as_posix()
    prose = text
    for pattern in (_FENCE, _INDENTED):
        for block in pattern.findall(prose):
            for line in _CONTINUED.sub(" ", block).splitlines():
                if line.strip().startswith(_PROGRAM):
                    yield _shown(name, line.strip(), whole=True)
        prose = pattern.sub("", prose)
    for span in _SPAN.findall(prose):
        said = " ".join(span.split())
        if said.startswith(_PROGRAM):
            yield _shown(name, said, whole=False)
        elif _names_a_command(said):
            yield _shown(name, f"dangphi {said}", whole=False)


def _names_a_command(said: str) -> bool:
    """Whether a span such as ``remit withdraw CASE`` leaves out only the program's name."""
    first, _, rest = said.partition(" ")
    return first in COMMANDS and COMMANDS[first].group and bool(re.match(r"[a-z]", rest))


def _shown(page: str, line: str, *, whole: bool) -> Shown:
    words = shlex.split(_PLACE.sub("X", line), comments=True)[1:]
    return Shown(page=page, text=line, words=tuple(words), whole=whole and "…" not in words)


@cache
def leaves() -> dict[tuple[str, ...], Any]:
    """Every command by the words that call it, as the real program has it."""
    found: dict[tuple[str, ...], Any] = {}
    for name, entry in COMMANDS.items():
        command = _load(name, entry)
        if entry.group:
            found |= {(name, sub): leaf for sub, leaf in command.commands.items()}
            if command.invoke_without_command:
                found[(name,)] = command
        else:
            found[(name,)] = command
    return found


def called(words: tuple[str, ...]) -> tuple[tuple[str, ...], Any] | None:
    """The command that the words call, None for a group or for the program's own help."""
    for length in (2, 1):
        if words[:length] in leaves():
            return words[:length], leaves()[words[:length]]
    return None


def trouble(line: Shown) -> str | None:
    """Why a command line cannot be typed; None when it can. Nothing is executed."""
    words = line.words
    if not words or words[0].startswith("-"):
        return None
    found = called(words)
    if found is None:
        only_group = words[0] in COMMANDS and (len(words) == 1 or words[1] == "--help")
        return None if only_group else f"there is no command {' '.join(words[:2])}"
    path, command = found
    rest = list(words[len(path) :])
    if line.whole:
        try:
            command.make_context(" ".join(path), rest)
        except UsageError as error:
            return str(error.format_message())
        return None
    known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    unknown = [word.split("=")[0] for word in rest if word.startswith("--") and word.split("=")[0] not in known]
    return f"no option {', '.join(unknown)}" if set(unknown) - {"--help"} else None
