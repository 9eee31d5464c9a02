"""``dangphi ref``: payment references in transfer contents; no database, no network."""

import json
from typing import Annotated

import typer

from domain.reference import DEFAULT_PREFIX, find_references, pretty, suggest

app = typer.Typer(
    help="Tìm và gợi ý mã tham chiếu trong nội dung chuyển khoản.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)

#: A content may begin with a dash; it is a text to read, not an option.
_DASHES_ARE_TEXT = {"ignore_unknown_options": True}

Text = Annotated[str, typer.Argument(metavar="TEXT", help="Nội dung chuyển khoản, đặt trong ngoặc kép.")]
Prefix = Annotated[str, typer.Option("--prefix", help="Tiền tố mã tham chiếu của tổ chức.")]
AsJson = Annotated[bool, typer.Option("--json", help="In kết quả dạng JSON.")]


@app.command("find", context_settings=_DASHES_ARE_TEXT, help="In mọi mã tham chiếu hợp lệ, theo thứ tự xuất hiện.")
def find_command(text: Text, prefix: Prefix = DEFAULT_PREFIX, as_json: AsJson = False) -> None:
    references = find_references(text, prefix)
    if as_json:
        typer.echo(json.dumps({"references": list(references)}))
    elif references:
        for reference in references:
            typer.echo(reference)
    else:
        typer.echo("Không thấy mã tham chiếu hợp lệ nào.", err=True)


@app.command(
    "suggest",
    context_settings=_DASHES_ARE_TEXT,
    help="Gợi ý mã khi nội dung bị sai một lỗi; chỉ để người xem xét, không bao giờ tự khớp.",
)
def suggest_command(text: Text, prefix: Prefix = DEFAULT_PREFIX, as_json: AsJson = False) -> None:
    suggestions = suggest(text, prefix)
    if as_json:
        rows = [
            {"reference": found.reference, "slip": str(found.slip), "found": found.found, "position": found.position}
            for found in suggestions
        ]
        typer.echo(json.dumps({"suggestions": rows}))
    elif suggestions:
        for found in suggestions:
            typer.echo(f"{pretty(found.reference)} (thấy {found.found}, lỗi {found.slip} ở ký tự {found.position})")
    else:
        typer.echo("Không có gợi ý nào.", err=True)
