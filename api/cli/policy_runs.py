"""The work behind ``dangphi policy publish`` and ``what-if``; loaded only when one of them is called."""

import json
from pathlib import Path
from typing import Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from adapters.office import policy_change
from api.cli.session import DEMO_READER, moment, opened, unit_id
from api.flows import policy_change as publishing
from api.flows import what_if as trying
from api.flows.notices import top_unit
from domain.errors import Refusal, RefusalCode
from domain.identifiers import UnitId
from domain.money import format_dong
from domain.organisation_kinds import KIND_TITLES
from domain.period import parse_month
from domain.what_if import Effect

_BAR = 32


def publish(
    file: Path,
    *,
    actor: str,
    approver: str,
    at: str | None,
    dry_run: bool,
    as_json: bool,
    demo: bool,
    data: Path | None,
) -> None:
    """Read the file, activate it or try to, and show what changes from when."""
    change = policy_change.read(file)
    with opened(demo=demo, data=data) as inst:
        found = publishing.publish(inst, change, actor=actor, at=moment(at), approver=approver, dry_run=dry_run)
    answer = publishing.answer(found, dry_run=dry_run)
    if as_json:
        typer.echo(json.dumps(answer, ensure_ascii=False))
        return
    word = "Sẽ đổi" if dry_run else "Đã công bố"
    typer.echo(f"{word} theo {change.number} ngày {change.decided_on:%d/%m/%Y} ({change.issuer}):")
    changes: Any = answer["changes"]
    for row in changes:
        was = "" if row["was"] is None else f" (trước: {row['was']['value']}, dòng {row['was']['row']})"
        typer.echo(f"  từ {row['from']}  {row['subject']}: {row['value']}{was} [dòng {row['row']}]")
    if not changes:
        typer.echo("  Không có gì mới: các dòng này đã có hiệu lực.")
    if found.backdated_to is not None and not found.outcome.replayed:
        typer.echo(
            f"Chú ý: có dòng lùi về {found.backdated_to}. Tháng đã tính không bị sửa; xem chênh lệch bằng dangphi "
            f"policy what-if --from {found.backdated_to}, rồi dangphi adjust months --from {found.backdated_to} để ghi "
            "phần chênh vào tháng đang mở."
        )


def what_if(
    *,
    first: str,
    last: str | None,
    file: Path | None,
    baseline: str | None,
    unit: str | None,
    depth: int,
    reader: str | None,
    at: str | None,
    picture: Path | None,
    as_json: bool,
    demo: bool,
    data: Path | None,
) -> None:
    """Run it, with a bar on the terminal, and print tables with bars, or JSON."""
    change = None if file is None else policy_change.read(file)
    start = parse_month(first)
    with opened(demo=demo, data=data) as inst, _bar() as bar:
        who = reader or (DEMO_READER if demo else None)
        if who is None:
            raise Refusal(
                RefusalCode.NOT_ALLOWED, "Chạy thử phải ghi ai xem: thêm --as MÃ-CÁN-BỘ (người có quyền xem)."
            )
        task = bar.add_task("Tính lại từng đảng viên", total=None)
        found = trying.what_if(
            inst,
            actor=who,
            at=moment(at),
            unit=(top_unit(inst) or UnitId("")) if unit is None else unit_id(inst, unit),
            first=start,
            last=start if last is None else parse_month(last),
            change=change,
            baseline=None if baseline is None else parse_month(baseline),
            depth=depth,
            started=lambda members: bar.update(task, total=members),
            progress=lambda members: bar.advance(task, members),
        )
    answer = trying.answer(found)
    if picture is not None:
        picture.write_text(svg(found), encoding="utf-8")
    if as_json:
        typer.echo(json.dumps(answer, ensure_ascii=False))
    else:
        _print(found)


def _bar() -> Progress:
    """A progress bar on standard error, so that what is printed on standard output can be piped."""
    from rich.console import Console

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )


# --- For people -------------------------------------------------------------------------------------------------


def _print(found: trying.WhatIf) -> None:
    months = f"tháng {found.months[0]}" if len(found.months) == 1 else f"từ {found.months[0]} đến {found.months[-1]}"
    total = found.replayed.total
    typer.echo(f"THỬ CHÍNH SÁCH, {months}, so với mức của tháng {found.baseline}. Không ghi gì vào sổ.")
    told: Any = trying.answer(found)  # The words of each row are said once, for programs and for people.
    for item in told["changes"]:
        mark = "DỰ THẢO" if item["draft"] else "đã có hiệu lực"
        before = "không có" if item["before"] is None else item["before"]["value"]
        after = "hết hiệu lực" if item["after"] is None else item["after"]["value"]
        typer.echo(f"  từ {item['month']}  {item['subject']}: {before} → {after} [{mark}]")
    if not told["changes"]:
        typer.echo("  Không có dòng nào khác trong kỳ này.")
    typer.echo(
        f"\n{format_dong(found.replayed.recorded)} nghĩa vụ lấy từ sổ, "
        f"{format_dong(found.replayed.projected)} dự tính theo danh sách hiện nay; "
        f"{format_dong(total.touched)} / {format_dong(total.members)} đảng viên đổi mức."
    )
    for code, count in found.replayed.refused.items():
        typer.echo(f"  không tính được {format_dong(count)} nghĩa vụ: {code}")
    _table("Theo nhóm đối tượng", [(name, sums) for name, sums in found.replayed.by_category.items()])
    _table("Theo đơn vị", [("  " * row.depth + row.name, row.effect) for row in found.units])
    if found.levels:
        typer.echo(f"\n{'Theo cấp (nếu thu đủ)':<48}{'giữ trước':>18}{'giữ sau':>18}{'chưa phân bổ sau':>18}")
        for level in found.levels:
            name = f"{KIND_TITLES[level.kind]} ({level.units})"
            typer.echo(
                f"{name[:47]:<48}{format_dong(level.kept_before):>18}{format_dong(level.kept_after):>18}"
                f"{format_dong(level.held_after):>18}"
            )


def _table(title: str, rows: list[tuple[str, Effect]]) -> None:
    typer.echo(f"\n{title:<40}{'đảng viên':>11}{'đổi mức':>10}{'trước':>18}{'sau':>18}{'chênh':>17}")
    most = max((abs(row.difference) for _, row in rows), default=0)
    for name, row in rows:
        bar = "█" * (abs(row.difference) * _BAR // most) if most else ""
        typer.echo(
            f"{name[:39]:<40}{format_dong(row.members):>11}{format_dong(row.touched):>10}"
            f"{format_dong(row.before):>18}{format_dong(row.after):>18}{_signed(row.difference):>17}  {bar}"
        )


def _signed(amount: int) -> str:
    return ("+" if amount > 0 else "−" if amount < 0 else "") + format_dong(abs(amount))


def svg(found: trying.WhatIf) -> str:
    """Before and after by category as a bar picture; no script, no outside font, opens in any browser."""
    from html import escape

    rows = list(found.replayed.by_category.items())
    most = max((max(sums.before, sums.after) for _, sums in rows), default=1) or 1
    high = 60 + 56 * len(rows)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="860" height="{high}" font-family="sans-serif" font-size="13">',
        f"<title>Thử chính sách {found.months[0]}–{found.months[-1]}</title>",
        '<rect width="100%" height="100%" fill="#fff"/>',
        f'<text x="16" y="26" font-size="16">Phải đóng theo nhóm, {found.months[0]}–{found.months[-1]} (đồng)</text>',
    ]
    for number, (name, sums) in enumerate(rows):
        top = 48 + 56 * number
        parts.append(f'<text x="16" y="{top + 22}">{escape(name)}</text>')
        for offset, amount, fill, word in ((0, sums.before, "#9aa5b1", "trước"), (20, sums.after, "#b3261e", "sau")):
            wide = amount * 380 // most
            parts.append(
                f'<rect x="250" y="{top + offset}" width="{wide}" height="16" fill="{fill}"/>'
                f'<text x="{256 + wide}" y="{top + offset + 13}">{word} {format_dong(amount)}</text>'
            )
    return "\n".join([*parts, "</svg>"]) + "\n"
