"""A statutory form as PDF. The template is a file that the office may replace: new forms may be issued.

What is typeset is one text: the common part (``book.typ``) and the form's own part. An office puts files of the same
names into a folder of its own; those it leaves out are ours. The text itself is an input of a signed book.
"""

import json
from pathlib import Path
from typing import Any

from adapters.books.form import Cell, Form, Grid, Sum, versions_words
from adapters.books.typesetting import shown
from domain.errors import Malformed
from domain.money import format_dong
from ledger.statutory.heading import BookKind

_TEMPLATES = Path(__file__).parent / "templates"
_COMMON = "book.typ"
#: The file of each form.
FILES: dict[BookKind, str] = {
    BookKind.S01: "s01.typ",
    BookKind.S02: "s02.typ",
    BookKind.B01: "b01.typ",
    BookKind.S01_TCD: "s01_tcd.typ",
    BookKind.MEMBER_YEAR: "member_year.typ",
    BookKind.POSTING: "posting.typ",
}
_LONGEST = 400


def template_text(kind: BookKind, folder: Path | None = None) -> str:
    """What typesets a form: the office's files where it has them, ours for the rest."""
    return "\n".join(_file(name, folder).read_text(encoding="utf-8") for name in (_COMMON, FILES[kind]))


def _file(name: str, folder: Path | None) -> Path:
    own = None if folder is None else folder / name
    return own if own is not None and own.is_file() else _TEMPLATES / name


def form_pdf(form: Form, template: str) -> bytes:
    """The form as one PDF; the same bytes for the same form and template."""
    made = _compile(form, template, format_="pdf")
    if not isinstance(made, bytes):
        raise TypeError("the typesetter returns one PDF as bytes")
    return made


def form_pngs(form: Form, template: str, *, ppi: float = 110) -> tuple[bytes, ...]:
    """The pages as PNG images."""
    made = _compile(form, template, format_="png", ppi=ppi)
    return (made,) if isinstance(made, bytes) else tuple(page for page in made or () if page is not None)


def _compile(form: Form, template: str, *, format_: str, ppi: float = 110) -> Any:
    # Loaded here because most commands print nothing.
    import typst

    compiler = typst.Compiler(
        template.encode(),
        root=_TEMPLATES,
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(as_data(form), ensure_ascii=False, allow_nan=False)},
    )
    try:
        if format_ == "pdf":
            return compiler.compile(format="pdf", timestamp=0)
        return compiler.compile(format="png", ppi=ppi, timestamp=0)
    except typst.TypstError as error:
        raise Malformed(
            f"mẫu in không dựng được trang: {shown(str(error), longest=200)}. Sửa tệp mẫu, hoặc bỏ nó để dùng mẫu gốc",
            where=FILES[form.heading.kind],
        ) from error


def as_data(form: Form) -> dict[str, Any]:
    """Every text of the form, as the template places it."""
    head = form.heading
    return {
        "number": form.number,
        "title": form.title,
        "subtitle": form.subtitle,
        "superior": shown(head.superior_name).upper(),
        "unit": shown(head.unit_name).upper(),
        "code": shown(head.unit_code),
        "unit_word": form.unit_word,
        "versions": versions_words(head),
        "facts": [shown(text, longest=_LONGEST) for text in form.facts],
        "assumed": [shown(text, longest=_LONGEST) for text in form.assumed],
        "grids": [_grid(grid) for grid in form.grids],
        "notes": [shown(text, longest=_LONGEST) for text in form.notes],
        "signatures": [{"role": signature.role, "note": signature.note} for signature in form.signatures],
        "bars": _bars(form),
    }


def _grid(grid: Grid) -> dict[str, Any]:
    return {
        "title": grid.title,
        "heads": [
            {"title": head.title, "mark": head.mark, "words": head.words, "group": head.group, "width": head.width}
            for head in grid.heads
        ],
        "rows": [
            {"cells": [_cell(cell) for cell in row.cells], "strong": row.strong, "indent": row.indent}
            for row in grid.rows
        ],
    }


def _cell(cell: Cell) -> str:
    """Figures grouped, a minus before what is taken off, a dash for nothing."""
    if isinstance(cell, str):
        return shown(cell, longest=_LONGEST)
    value = cell.value if isinstance(cell, Sum) else cell
    if value is None:
        return ""
    return format_dong(value) if value else "–"


def _bars(form: Form) -> list[dict[str, Any]]:
    """Each sum of the picture and its length in basis points of the longest."""
    longest = max((abs(amount) for _, amount in form.bars), default=0)
    return [
        {"label": label, "amount": format_dong(amount), "width": abs(amount) * 10_000 // longest if longest else 0}
        for label, amount in form.bars
    ]
