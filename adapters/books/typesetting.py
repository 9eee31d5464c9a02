"""Typesetting with Typst: a template of ours, data as JSON, the same bytes for the same input.

Whatever a person typed reaches a template as a JSON string inside ``sys.inputs`` and is shown as a string, so markup
in it is never carried out. Only the fonts inside the typesetter are used and no date is written, so that an office
gets the same bytes on any machine. The typesetter is loaded at the first page, because most commands print none.
"""

import json
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from domain.errors import Malformed
from domain.money import format_dong

if TYPE_CHECKING:
    from typst import Compiler

_TEMPLATES = Path(__file__).parent / "templates"
#: Longest text from outside on one page; a receipt or a slip must stay one page.
LONGEST = 120
#: A word longer than the first gets a place to break after every so many letters as the second says: the typesetter
#: breaks at blanks alone, and identifiers of ordinary length must stay whole, because people copy them.
_UNBROKEN, _PIECE = 40, 20
#: Categories that are never shown: controls, surrogates, private use, unassigned, and format signs (which turn the
#: direction of reading, so that a name could rewrite the look of the amount beside it).
_HIDDEN = frozenset({"Cc", "Cs", "Co", "Cn", "Cf"})


#: Where an office keeps templates of its own; one process serves one office.
_office: Path | None = None


def use_templates(folder: Path | None) -> None:
    """From now on take the templates that lie in ``folder`` from there, and ours for the rest; None: ours alone."""
    global _office
    _office = folder


def template_file(name: str) -> Path:
    """The file of a template: the office's own where there is one, else ours."""
    own = None if _office is None else _office / name
    return own if own is not None and own.is_file() else _TEMPLATES / name


def shown(text: str, *, longest: int = LONGEST) -> str:
    """``text`` fit to be printed: composed, no hidden characters, blanks single, cut with "…" when too long."""
    composed = unicodedata.normalize("NFC", text)
    blanks = "".join(" " if letter.isspace() else letter for letter in composed)
    visible = "".join(letter for letter in blanks if unicodedata.category(letter) not in _HIDDEN)
    single = " ".join(visible.split())
    return single if len(single) <= longest else single[: longest - 1].rstrip() + "…"


def breakable(text: str, *, longest: int = LONGEST) -> str:
    """``shown`` with places to break (U+200B) inside words of unnatural length."""
    return " ".join(_pieces(word) for word in shown(text, longest=longest).split(" "))


def _pieces(word: str) -> str:
    if len(word) <= _UNBROKEN:
        return word
    return "\u200b".join(word[start : start + _PIECE] for start in range(0, len(word), _PIECE))


def day(value: date) -> str:
    """``12/7/2026``, as office papers write a day (two digits for days, and for months 1 and 2)."""
    month = f"{value.month:02d}" if value.month < 3 else str(value.month)
    return f"{value.day:02d}/{month}/{value.year}"


def dong(amount: int) -> str:
    """``1.234.567 đồng``; the blank does not break."""
    return f"{format_dong(amount)}\u00a0đồng"


def _compile(template: str, data: Mapping[str, Any], compiled: Callable[["Compiler"], Any]) -> Any:
    from typst import Compiler, TypstError

    compiler = Compiler(
        template_file(template).read_bytes(),
        root=_TEMPLATES,
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False, allow_nan=False)},
    )
    try:
        return compiled(compiler)
    except TypstError as error:
        raise Malformed(
            f"mẫu in không dựng được trang: {shown(str(error), longest=200)}. Sửa tệp mẫu, hoặc bỏ nó để dùng mẫu gốc",
            where=template,
        ) from error


def pdf(template: str, data: Mapping[str, Any]) -> bytes:
    """The pages as one PDF; ``template`` is a file of ``templates/``. Raises Malformed where it does not compile."""
    made = _compile(template, data, lambda compiler: compiler.compile(format="pdf", timestamp=0))
    if not isinstance(made, bytes):
        raise TypeError("the typesetter returns one PDF as bytes")
    return made


def pngs(template: str, data: Mapping[str, Any], *, ppi: float = 144) -> tuple[bytes, ...]:
    """The pages as PNG images, one for each page, at ``ppi`` pixels an inch."""
    made = _compile(template, data, lambda compiler: compiler.compile(format="png", ppi=ppi, timestamp=0))
    return (made,) if isinstance(made, bytes) else tuple(page for page in made or () if page is not None)
