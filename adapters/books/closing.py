"""The closing page for people: boxes in a terminal, a text file, Markdown, PDF and pictures.

All of them show the same tables of ``ledger.closing_tables``; a sum that fails is marked in its row and named at the
end. Nothing is summed here.
"""

from io import StringIO
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from adapters.books.typesetting import day, pdf, pngs, shown
from domain.money import format_dong
from ledger.closing_tables import Cell, Row, Table, check, covered, headline, tables
from ledger.reports_closing import EXAMPLE_SHARE, PROVISIONAL, ClosingPage, Flow, Waiting, destinations

_TEMPLATE = "closing.typ"
#: Width of the text page in characters.
WIDTH = 100
#: Width of the labels beside several columns, and beside one.
_LABEL, _LABEL_ALONE = 32, 66
_SHARES_WHOLE = 10_000


def to_text(page: ClosingPage) -> str:
    """The page as plain text, box tables at most 100 characters wide, lines ended by a line feed."""
    written = StringIO()
    to_console(page, Console(file=written, width=WIDTH, color_system=None, force_terminal=False))
    return "".join(f"{line.rstrip()}\n" for line in written.getvalue().splitlines())


def to_console(page: ClosingPage, console: Console) -> None:
    """Print the page; the console decides about colours and width. Checks that pass are named by their ids alone."""
    console.print(Text(headline(page), style="bold green" if covered(page.cover) else "bold red"))
    console.print(Text(shown(page.title), style="bold"))
    console.print(Text(_subtitle(page)))
    for table in tables(page):
        _titled(console, table.title, _grid(table))
    for group in page.waiting:
        _titled(console, _waiting_title(group), _list(_waiting_rows(group), _WAITING_HEADS))
    if page.checks:
        _titled(console, _checks_title(page), Text(_passed(page)))
        for row in _check_rows(page, passed=False):
            console.print(Text(" ".join(row), style="bold red"))
    if page.files:
        _titled(console, _FILES_TITLE, _list(_file_rows(page)))
    for note in page.notes:
        console.print(Text(f"• {shown(note, longest=400)}"))
    console.print()
    for line in _verdict(page):
        console.print(Text(line, style="bold"))


def to_markdown(page: ClosingPage) -> str:
    """The page as a Markdown file."""
    lines = [f"# {_escape(page.title)}", "", f"**{_escape(headline(page))}**", "", _escape(_subtitle(page)), ""]
    for table in tables(page):
        rows = [[_label(row), *(_cell(cell) for cell in row.cells)] for row in table.rows]
        lines += _markdown(table.title, ["", *table.heads], rows, figures=True)
    for group in page.waiting:
        lines += _markdown(_waiting_title(group), list(_WAITING_HEADS), _waiting_rows(group))
    for title, rows in _lists(page):
        lines += _markdown(title, [""] * len(rows[0]), rows)
    lines += [f"- {_escape(note)}" for note in page.notes]
    lines += ["", *(f"{_escape(line)}  " for line in _verdict(page))]
    return "\n".join(lines).rstrip() + "\n"


def to_pdf(page: ClosingPage) -> bytes:
    """The page as a PDF of A4 sheets with pictures of the split; the same bytes for the same page."""
    return pdf(_TEMPLATE, _data(page))


def to_png(page: ClosingPage, *, ppi: float = 110) -> tuple[bytes, ...]:
    """The sheets of the PDF as PNG images."""
    return pngs(_TEMPLATE, _data(page), ppi=ppi)


# --- words ------------------------------------------------------------------------------------------------------

_WAITING_HEADS = ("Khoản", "Số tiền", "Từ ngày", "Người phụ trách", "Việc tiếp theo")


def _subtitle(page: ClosingPage) -> str:
    said = f"{shown(page.unit_name)}, số liệu đến ngày {day(page.as_of)}, vị trí {page.position} của sổ."
    return f"{said} Tỷ lệ để lại: {EXAMPLE_SHARE}." if _example(page) else said


def _example(page: ClosingPage) -> bool:
    return any(flow.example_shares for flow in page.flows)


def _cell(cell: Cell) -> str:
    return "" if cell is None else format_dong(cell) if isinstance(cell, int) else shown(cell)


def _label(row: Row) -> str:
    mark = "" if row.adds_up else " ✗ KHÔNG KHỚP"
    return f"{row.sign:1} {shown(row.label)}{mark}"


def _waiting_title(group: Waiting) -> str:
    return f"{shown(group.title)}: {format_dong(group.total)} đồng"


def _waiting_rows(group: Waiting) -> list[list[str]]:
    rows = [
        [
            shown(item.what),
            format_dong(item.amount),
            day(item.since) if item.since else "",
            shown(item.owner),
            shown(item.next_step),
        ]
        for item in group.items
    ]
    if group.rest_count:
        rows.append([f"và {group.rest_count} khoản khác", format_dong(group.rest_amount), "", "", ""])
    return rows


_FILES_TITLE = "Tệp để lại"


def _file_rows(page: ClosingPage) -> list[list[str]]:
    return [[shown(file.path), shown(file.description)] for file in page.files]


def _checks_title(page: ClosingPage) -> str:
    return f"Kiểm tra sổ: {sum(line.ok for line in page.checks)}/{len(page.checks)} đạt"


def _passed(page: ClosingPage) -> str:
    return f"✓ {' '.join(shown(line.check_id) for line in page.checks if line.ok)}"


def _check_rows(page: ClosingPage, *, passed: bool) -> list[list[str]]:
    """The checks that passed, or those that did not with their first finding."""
    return [
        ["✓", shown(line.check_id), shown(line.title)]
        if line.ok
        else ["✗", shown(line.check_id), shown(f"{line.title}: {line.findings} lỗi. {line.finding}", longest=300)]
        for line in page.checks
        if line.ok is passed
    ]


def _lists(page: ClosingPage) -> list[tuple[str, list[list[str]]]]:
    """The checks, failed ones first, and the files left, as titled rows of words."""
    checks = [*_check_rows(page, passed=False), *_check_rows(page, passed=True)]
    found = [(_checks_title(page), checks), (_FILES_TITLE, _file_rows(page))]
    return [(title, rows) for title, rows in found if rows]


def _verdict(page: ClosingPage) -> list[str]:
    """The last lines: what does not add up, or that everything does."""
    wrong = [f"✗ {finding.where}: {finding.message}." for finding in check(page)]
    failed = [line.check_id for line in page.checks if not line.ok]
    if failed:
        wrong.append(f"✗ Kiểm tra không đạt: {', '.join(failed)}.")
    return wrong or ["✓ Mọi phép cộng trên trang này khớp đến từng đồng."]


# --- text -------------------------------------------------------------------------------------------------------


def _titled(console: Console, title: str, body: Grid | Text) -> None:
    console.print()
    console.print(Text(title, style="bold"))
    if isinstance(body, Text) or body.row_count:
        console.print(body)


def _grid(table: Table) -> Grid:
    grid = Grid(box=box.SQUARE)
    # Where the terminal is narrow the words wrap; a figure is never cut.
    label = _LABEL if len(table.heads) > 1 else _LABEL_ALONE
    grid.add_column("", max_width=label)
    for head in table.heads:
        grid.add_column(Text(head), justify="right", no_wrap=True)
    for row in table.rows:
        style = "bold red" if not row.adds_up else "bold" if row.strong else ""
        grid.add_row(Text(_label(row).ljust(label)), *(Text(_cell(cell)) for cell in row.cells), style=style)
        if row.strong:
            grid.add_section()
    return grid


def _list(rows: list[list[str]], heads: tuple[str, ...] = ()) -> Grid:
    """Rows of words; the second column of a list with heads is its amounts."""
    grid = Grid(box=box.SQUARE, show_header=bool(heads))
    for index in range(len(rows[0]) if rows else 0):
        amount = bool(heads) and index == 1
        grid.add_column(heads[index] if heads else "", justify="right" if amount else "left", no_wrap=amount)
    for row in rows:
        grid.add_row(*(Text(cell) for cell in row))
    return grid


# --- Markdown ---------------------------------------------------------------------------------------------------


def _escape(text: str) -> str:
    """Shown text that Markdown reads as it stands."""
    visible = shown(text, longest=400)
    return "".join(f"\\{letter}" if letter in "\\`*_[]<>|#" else letter for letter in visible)


def _markdown(title: str, heads: list[str], rows: list[list[str]], *, figures: bool = False) -> list[str]:
    marks = ["---:" if figures and index else "---" for index in range(len(heads))]
    if not rows:
        return [f"## {_escape(title)}", ""]
    body = [f"| {' | '.join(_escape(cell) for cell in row)} |" for row in rows]
    return [f"## {_escape(title)}", "", f"| {' | '.join(heads)} |", f"| {' | '.join(marks)} |", *body, ""]


# --- typesetting ------------------------------------------------------------------------------------------------


def _data(page: ClosingPage) -> dict[str, Any]:
    """The page as strings, and the bars of the pictures in basis points of their length."""
    return {
        "title": shown(page.title),
        "subtitle": _subtitle(page),
        "headline": headline(page),
        "remark": EXAMPLE_SHARE if _example(page) else "",
        "covered": covered(page.cover),
        "flows": [_pictures(flow) for flow in page.flows],
        "tables": [_typeset(table) for table in tables(page)],
        "waiting": [
            {"title": _waiting_title(group), "heads": _WAITING_HEADS, "rows": _waiting_rows(group)}
            for group in page.waiting
        ],
        "lists": [{"title": title, "rows": rows} for title, rows in _lists(page)],
        "notes": [shown(note, longest=400) for note in page.notes],
        "verdict": _verdict(page),
        "sound": not check(page) and all(line.ok for line in page.checks),
    }


def _typeset(table: Table) -> dict[str, Any]:
    rows = [
        {
            "label": _label(row),
            "cells": [_cell(cell) for cell in row.cells],
            "strong": row.strong,
            "adds_up": row.adds_up,
        }
        for row in table.rows
    ]
    return {"title": table.title, "heads": table.heads, "rows": rows}


def _pictures(flow: Flow) -> dict[str, Any]:
    """Two pictures: each level's money as a bar, and where all of it is now."""
    longest = max((level.collected for level in flow.levels), default=0)
    found = destinations(flow)
    whole = sum(figure.amount for figure in found if figure.amount > 0)
    return {
        "title": flow.title,
        "levels": [
            {
                "label": str(level.level) if level.closed else f"{level.level} ({PROVISIONAL})",
                "amount": format_dong(level.collected),
                "kept": _part(level.kept, longest),
                "unsplit": _part(level.unsplit, longest),
                "passed": _part(level.payable, longest),
            }
            for level in flow.levels
        ],
        "parts": [
            {
                "label": figure.label,
                "amount": format_dong(figure.amount),
                "width": _part(figure.amount, whole),
                "percent": _percent(figure.amount, whole),
            }
            for figure in found
            if figure.amount > 0
        ],
    }


def _part(amount: int, whole: int) -> int:
    """The share of ``whole`` in basis points, for drawing only; nothing is reckoned with it."""
    return max(amount, 0) * _SHARES_WHOLE // whole if whole else 0


def _percent(amount: int, whole: int) -> str:
    tenths = (2_000 * amount + whole) // (2 * whole)
    return f"{tenths // 10},{tenths % 10} %"
