"""``dangphi policy``: what is due by which row, and which rows are in force; from the policy file, no database."""

import json
import re
from pathlib import Path
from typing import Annotated

import typer

from adapters.office.policy_file import PolicyFile, counts_as_active, load, offline_policy
from domain.assessment import Assessment, Relief, assess
from domain.errors import Refusal, RefusalCode
from domain.money import CURRENCY, format_dong
from domain.organisation_kinds import KIND_TITLES
from domain.period import parse_month
from domain.policy import percent_text
from domain.policy_rows import (
    CONFIDENCE_TITLES,
    CapRow,
    PolicyRow,
    RateKind,
    RateRow,
    ReliefRow,
    RoundingRow,
    RoundingScope,
    SettingRow,
    ShareRow,
    WageRow,
    cite,
    covers,
    span,
)
from domain.policy_settings import SETTINGS

app = typer.Typer(help="Chính sách đảng phí: tính mức phải đóng, xem các dòng có hiệu lực.", no_args_is_help=True)

_MonthOption = Annotated[str, typer.Option("--month", help="Tháng đảng phí, dạng NNNN-TT.")]
_JsonOption = Annotated[bool, typer.Option("--json", help="In kết quả dạng JSON.")]
_FileOption = Annotated[
    Path | None, typer.Option("--policy-file", help="Tệp chính sách khác với tệp kèm theo.", show_default=False)
]


@app.command()
def due(
    month: _MonthOption,
    category: Annotated[str, typer.Option("--category", help="Nhóm đối tượng, ví dụ SI_COMPULSORY.")],
    base: Annotated[str | None, typer.Option("--base", help="Căn cứ tính, số đồng.")] = None,
    base_month: Annotated[str | None, typer.Option("--base-month", help="Tháng của căn cứ.")] = None,
    region: Annotated[str | None, typer.Option("--region", help="Vùng lương tối thiểu: I–IV.")] = None,
    relief: Annotated[str | None, typer.Option("--relief", help="Phần trăm được giảm: 30, 50, 70, 100.")] = None,
    ground: Annotated[str, typer.Option("--relief-ground", help="Diện miễn, giảm: X1–X4.")] = "X4",
    policy_file: _FileOption = None,
    as_json: _JsonOption = False,
) -> None:
    """Tính số phải đóng của một tháng và nêu căn cứ từng bước."""
    percent = 0 if relief is None else _whole(relief, "--relief")
    assessment = assess(
        offline_policy(load(policy_file)),
        month=parse_month(month),
        category=category,
        base=None if base is None else _whole(base, "--base"),
        base_month=None if base_month is None else parse_month(base_month),
        region=region,
        relief=None if percent == 0 else Relief(id=ground, percent=percent),
    )
    if as_json:
        typer.echo(json.dumps(_answer(assessment), ensure_ascii=False))
        return
    typer.echo(f"Phải đóng: {format_dong(assessment.due)} đồng")
    for number, step in enumerate(assessment.steps, start=1):
        typer.echo(f"  {number}. {step}")


@app.command()
def show(month: _MonthOption, policy_file: _FileOption = None, as_json: _JsonOption = False) -> None:
    """Liệt kê các dòng có hiệu lực trong một tháng, kèm văn bản và độ tin cậy."""
    wanted = parse_month(month)
    file = load(policy_file)
    rows = [row for row in file.rows.every() if covers(*span(row), wanted)]
    if as_json:
        answer = {"month": wanted, "digest": file.digest, "rows": [_listed(row) for row in rows]}
        typer.echo(json.dumps(answer, ensure_ascii=False))
        return
    _print_rows(file, wanted, rows)


def _whole(text: str, option: str) -> int:
    """A whole number from the command line; anything else is refused by the name a caller can act on."""
    # Twenty digits hold every sum that can be meant; int() itself gives up on thousands of them.
    if not re.fullmatch(r"[+-]?[0-9]{1,20}", text):
        raise Refusal(
            RefusalCode.AMOUNT_NOT_INTEGER, f"{option} phải là số nguyên không có dấu phân cách, nhận được {text!r}."
        )
    return int(text)


def _answer(assessment: Assessment) -> dict[str, object]:
    """The JSON answer of ``due``; other programs rely on exactly these fields."""
    return {
        "amount": assessment.due,
        "currency": CURRENCY,
        "rule": assessment.rule,
        "document": assessment.document,
        "article": assessment.article,
        "steps": list(assessment.steps),
    }


def _listed(row: PolicyRow) -> dict[str, object]:
    """One row of ``show``: ``active`` means that this offline command uses it."""
    start, end = span(row)
    return {
        "id": row.id,
        "kind": _kind(row),
        "subject": _subject(row),
        "value": _value(row),
        "from": start,
        "to": end,
        "document": row.document,
        "article": row.article,
        "confidence": row.confidence,
        "active": counts_as_active(row),
        "note": row.note,
    }


def _kind(row: PolicyRow) -> str:
    """The kind of a row as one word."""
    match row:
        case RateRow():
            return "rate"
        case WageRow():
            return "wage"
        case CapRow():
            return "cap"
        case ReliefRow():
            return "relief"
        case RoundingRow():
            return "rounding"
        case ShareRow():
            return "share"
        case SettingRow():
            return "setting"


def _subject(row: PolicyRow) -> str:
    """Whom or what a row is about, in words a reader knows."""
    match row:
        case RateRow():
            return f"{row.category}: {row.title}"
        case WageRow():
            return f"lương tối thiểu vùng {row.region}"
        case CapRow():
            return "trần tiền lương đóng BHXH"
        case ReliefRow():
            return row.ground
        case RoundingRow():
            return "làm tròn số phải đóng" if row.scope is RoundingScope.OBLIGATION else "làm tròn khi phân bổ"
        case ShareRow():
            return f"{row.unit_kind}: {KIND_TITLES[row.unit_kind]}"
        case SettingRow():
            kind = "" if row.unit_kind is None else f" ({row.unit_kind})"
            return f"{SETTINGS[row.name].title}{kind}"


def _value(row: PolicyRow) -> str:
    """What a row says, in words; a figure that nobody has seen is said to be unknown."""
    match row:
        case RateRow(kind=RateKind.PERCENT):
            return percent_text(row.value_bp or 0)
        case RateRow(kind=RateKind.FIXED):
            return f"{format_dong(row.value_dong or 0)} đồng"
        case RateRow():
            upper = "trở lên" if row.high is None else f"đến {format_dong(row.high)}"
            return f"từ {format_dong(row.low or 0)} {upper} {row.currency}"
        case WageRow() | CapRow():
            return f"{format_dong(row.amount)} đồng"
        case ReliefRow():
            return (
                "giảm " + ", ".join(f"{percent}%" for percent in row.percents) if row.percents else "không đổi mức đóng"
            )
        case RoundingRow():
            return f"nửa lên, đến {format_dong(row.unit)} đồng"
        case ShareRow():
            if row.retain_bp is not None:
                return f"để lại {percent_text(row.retain_bp)}"
            if row.low_bp is not None and row.high_bp is not None:
                return f"để lại {percent_text(row.low_bp)}–{percent_text(row.high_bp)} theo quyết định"
            return "chưa rõ"
        case SettingRow():
            return row.value


def _print_rows(file: PolicyFile, month: str, rows: list[PolicyRow]) -> None:
    """The rows for a reader: what is used without a decision first, then what waits for one."""
    for heading, active in (("Dùng được theo tệp này", True), ("Dự thảo, cần quyết định kích hoạt", False)):
        typer.echo(f"{heading}, tháng {month}:")
        for row in rows:
            if counts_as_active(row) == active:
                source = cite(row.document, row.article) if row.document else "chưa có văn bản"
                typer.echo(
                    f"  {row.id:14} {_subject(row)}: {_value(row)} [{source}; {CONFIDENCE_TITLES[row.confidence]}]"
                )
    typer.echo(f"Tệp chính sách: {file.digest[:16]} (SHA-256), lập ngày {file.compiled_on:%d/%m/%Y}")
