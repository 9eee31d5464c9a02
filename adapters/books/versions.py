"""With what the files of a book were made: kept at its signature, so that a later difference can be explained.

A page depends on the typesetter, the fonts inside it and our layout; a workbook on the library that writes it and our
layout; the figures on our own program alone. Fonts carry no version of their own: they come with the typesetter, so
their families and the number of their faces stand for them.
"""

from collections.abc import Mapping
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version

#: Our own program, as a key of versions.
OURS = "dangphi"
#: What each file of a book is made with.
MADE_WITH: Mapping[str, tuple[str, ...]] = {
    "json": (OURS,),
    "xlsx": ("openpyxl", OURS),
    "pdf": ("typst", "fonts", OURS),
}


@lru_cache(maxsize=1)
def _known() -> tuple[tuple[str, str], ...]:
    # Loaded here because most commands print nothing.
    import typst

    fonts = typst.Fonts(include_system_fonts=False)
    words = f"{len(fonts.fonts())} kiểu: {', '.join(sorted(fonts.families()))}"
    return (("typst", _version("typst")), ("fonts", words), ("openpyxl", _version("openpyxl")), (OURS, _version(OURS)))


def tool_versions() -> dict[str, str]:
    """Versions of what books are made with on this machine, by name."""
    return dict(_known())


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "không rõ"


def changed_tools(before: Mapping[str, str], now: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Tools whose version differs: (then, now). What was not noted then differs from nothing."""
    return {name: (then, now.get(name, "không có")) for name, then in before.items() if now.get(name) != then}


def explained(part: str, changed: Mapping[str, tuple[str, str]]) -> bool:
    """Whether a different version of something that a file is made with may be why its bytes differ."""
    return any(name in changed for name in MADE_WITH.get(part, ()))
