"""``dangphi policy``: what is due by which row, which rows are in force, what a change would do, and publishing it.

``due`` and ``show`` answer from the policy file and need no database; the others load what they need when called.
"""

import json
import re
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from adapters.office import policy_change
from adapters.office.policy_file import PolicyFile, counts_as_active, load, offline_policy
from domain.assessment import Assessment, Relief, assess
from domain.errors import Malformed, Refusal, RefusalCode
from domain.money import CURRENCY, format_dong
from domain.period import parse_month
from domain.policy import Policy, evolve
from domain.policy_activation import activate
from domain.policy_rows import CONFIDENCE_TITLES, PolicyRow, cite, covers, span
from domain.policy_words import kind_of, subject_of, value_of
from domain.set_amount import HUNDREDTHS, RATE_UNIT, ForeignSum, SetAmount, in_dong

app = typer.Typer(
    help="Chính sách đảng phí: tính mức phải đóng, xem dòng có hiệu lực, thử và công bố mức mới.",
    no_args_is_help=True,
)

_MonthOption = Annotated[str, typer.Option("--month", help="Tháng đảng phí, dạng NNNN-TT.")]
_JsonOption = Annotated[bool, typer.Option("--json", help="In kết quả dạng JSON.")]
_FileOption = Annotated[
    Path | None, typer.Option("--policy-file", help="Tệp chính sách khác với tệp kèm theo.", show_default=False)
]


_DemoOption = Annotated[bool, typer.Option("--demo", help="Làm việc trên dữ liệu của dangphi demo.")]
_DataOption = Annotated[Path | None, typer.Option("--data", help="Thư mục dữ liệu của PostgreSQL nhúng.")]


@app.command()
def due(
    month: _MonthOption,
    category: Annotated[str, typer.Option("--category", help="Nhóm đối tượng, ví dụ SI_COMPULSORY.")],
    base: Annotated[str | None, typer.Option("--base", help="Căn cứ tính, số đồng (hoặc ngoại tệ).")] = None,
    base_month: Annotated[str | None, typer.Option("--base-month", help="Tháng của căn cứ.")] = None,
    region: Annotated[str | None, typer.Option("--region", help="Vùng lương tối thiểu: I–IV.")] = None,
    relief: Annotated[str | None, typer.Option("--relief", help="Phần trăm được giảm: 30, 50, 70, 100.")] = None,
    ground: Annotated[str, typer.Option("--relief-ground", help="Diện miễn, giảm: X1–X4; 342: X342.")] = "X4",
    decision_amount: Annotated[
        str | None, typer.Option("--decision-amount", help="Mức do quyết định ấn định trong khung của luật.")
    ] = None,
    decision_number: Annotated[str | None, typer.Option("--decision-number", help="Số của quyết định đó.")] = None,
    decision_date: Annotated[str | None, typer.Option("--decision-date", help="Ngày quyết định, NNNN-TT-NN.")] = None,
    currency: Annotated[
        str | None, typer.Option("--currency", help="Ngoại tệ của căn cứ hoặc mức ấn định, ví dụ USD.")
    ] = None,
    exchange_rate: Annotated[
        str | None, typer.Option("--exchange-rate", help="Số đồng của một đơn vị ngoại tệ, ví dụ 26345,5.")
    ] = None,
    rate_source: Annotated[str | None, typer.Option("--rate-source", help="Ai công bố tỷ giá.")] = None,
    rate_date: Annotated[str | None, typer.Option("--rate-date", help="Ngày của tỷ giá, NNNN-TT-NN.")] = None,
    change_file: Annotated[
        Path | None, typer.Option("--change-file", help="Văn bản kích hoạt thêm dòng (xem policy publish).")
    ] = None,
    policy_file: _FileOption = None,
    as_json: _JsonOption = False,
) -> None:
    """Tính số phải đóng của một tháng và nêu căn cứ từng bước."""
    percent = 0 if relief is None else _whole(relief, "--relief")
    foreign = _foreign(base or decision_amount, currency, exchange_rate, rate_source, rate_date)
    chosen = _chosen(decision_amount, decision_number, decision_date, foreign)
    if base is None:
        counted = None
    else:
        counted = _whole(base, "--base") if foreign is None else in_dong(foreign)
    assessment = assess(
        _offline(load(policy_file), change_file),
        month=parse_month(month),
        category=category,
        base=counted,
        base_month=None if base_month is None else parse_month(base_month),
        region=region,
        relief=None if percent == 0 else Relief(id=ground, percent=percent),
        set_amount=chosen,
    )
    if as_json:
        typer.echo(json.dumps(_answer(assessment), ensure_ascii=False))
        return
    typer.echo(f"Phải đóng: {format_dong(assessment.due)} đồng")
    for number, step in enumerate(assessment.steps, start=1):
        typer.echo(f"  {number}. {step}")


@app.command()
def publish(
    file: Annotated[Path, typer.Argument(help="Tệp JSON «dangphi-policy-change».")],
    actor: Annotated[str, typer.Option("--as", help="Mã cán bộ thực hiện (có quyền kích hoạt quy định).")],
    approver: Annotated[str, typer.Option("--approver", help="Người duyệt ký văn bản.")],
    at: Annotated[str | None, typer.Option("--at", help="Thời điểm; mặc định là bây giờ.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Chỉ cho xem điều sẽ đổi, không ghi.")] = False,
    as_json: _JsonOption = False,
    demo: _DemoOption = False,
    data: _DataOption = None,
) -> None:
    """Công bố mức, tỷ lệ, lương tối thiểu hoặc thiết lập mới từ một tháng, theo văn bản đã ký."""
    from api.cli import policy_runs

    policy_runs.publish(
        file, actor=actor, approver=approver, at=at, dry_run=dry_run, as_json=as_json, demo=demo, data=data
    )


@app.command("what-if")
def what_if(
    first: Annotated[str, typer.Option("--from", help="Tháng đầu của kỳ thử, NNNN-TT.")],
    last: Annotated[str | None, typer.Option("--to", help="Tháng cuối; mặc định là tháng đầu.")] = None,
    file: Annotated[
        Path | None, typer.Option("--file", help="Văn bản dự thảo; không có thì thử mọi dòng dự thảo kèm theo.")
    ] = None,
    baseline: Annotated[
        str | None, typer.Option("--baseline", help="Tháng lấy mức để so; mặc định là tháng trước kỳ thử.")
    ] = None,
    unit: Annotated[str | None, typer.Option("--unit", help="Mã đơn vị; mặc định là cả cây.")] = None,
    depth: Annotated[int, typer.Option("--depth", min=0, max=9, help="Số cấp dưới hiện trong bảng.")] = 1,
    reader: Annotated[str | None, typer.Option("--as", help="Mã cán bộ xem; cần quyền xem.")] = None,
    at: Annotated[str | None, typer.Option("--at", help="Thời điểm; mặc định là bây giờ.")] = None,
    picture: Annotated[Path | None, typer.Option("--picture", help="Vẽ biểu đồ vào tệp SVG này.")] = None,
    as_json: _JsonOption = False,
    demo: _DemoOption = False,
    data: _DataOption = None,
) -> None:
    """Thử một chính sách dự thảo trên một kỳ; không ghi gì vào sổ."""
    from api.cli import policy_runs

    policy_runs.what_if(
        first=first,
        last=last,
        file=file,
        baseline=baseline,
        unit=unit,
        depth=depth,
        reader=reader,
        at=at,
        picture=picture,
        as_json=as_json,
        demo=demo,
        data=data,
    )


def _offline(file: PolicyFile, change: Path | None) -> Policy:
    """The policy of the file alone, with the rows of a change file activated on top of it if one is named."""
    policy = offline_policy(file)
    if change is None:
        return policy
    decision = policy_change.read(change)
    for row in decision.rows.every():
        for event in activate(
            policy,
            row,
            approver=decision.issuer,
            document=decision.number,
            decided_on=decision.decided_on,
            allow_draft_with_document=True,
        ):
            policy = evolve(policy, event)
    return policy


def _chosen(
    amount: str | None, number: str | None, decided_on: str | None, foreign: ForeignSum | None
) -> SetAmount | None:
    """The sum set by decision, if one was named; half a decision is refused, since nobody could check it."""
    if amount is None and number is None and decided_on is None:
        return None
    if amount is None or number is None or decided_on is None:
        raise Refusal(
            RefusalCode.POLICY_APPROVAL_INCOMPLETE,
            "Mức ấn định phải có đủ ba phần: --decision-amount, --decision-number và --decision-date.",
        )
    day = _day(decided_on, "--decision-date")
    if foreign is not None:
        return SetAmount(foreign=foreign, decision=number, decided_on=day)
    return SetAmount(amount=_whole(amount, "--decision-amount"), decision=number, decided_on=day)


def _foreign(
    amount: str | None, currency: str | None, rate: str | None, source: str | None, rate_date: str | None
) -> ForeignSum | None:
    """A sum of foreign money with its rate, if a currency was named."""
    if currency is None and rate is None and source is None and rate_date is None:
        return None
    if amount is None or currency is None or rate is None or source is None or rate_date is None:
        raise Refusal(
            RefusalCode.EXCHANGE_RATE_INCOMPLETE,
            "Số tiền bằng ngoại tệ phải có đủ: số tiền, --currency, --exchange-rate, --rate-source và --rate-date.",
        )
    return ForeignSum(
        currency=currency,
        hundredths=_parts(amount, HUNDREDTHS, "số tiền ngoại tệ"),
        rate_e4=_parts(rate, RATE_UNIT, "--exchange-rate"),
        rate_source=source,
        rate_date=_day(rate_date, "--rate-date"),
    )


def _parts(text: str, whole: int, option: str) -> int:
    """``2,5`` or ``2.5`` as parts of a whole, digit by digit and never through a float."""
    digits = len(str(whole)) - 1
    found = re.fullmatch(rf"([0-9]{{1,12}})(?:[.,]([0-9]{{1,{digits}}}))?", text)
    if found is None:
        raise Refusal(
            RefusalCode.AMOUNT_NOT_INTEGER,
            f"{option} phải là số dương, tối đa {digits} số lẻ, không có dấu phân cách hàng nghìn; nhận được {text!r}.",
        )
    return int(found[1]) * whole + int((found[2] or "").ljust(digits, "0"))


def _day(text: str, option: str) -> date:
    """A calendar day as typed."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Malformed(f"phải là ngày dạng NNNN-TT-NN có trên lịch, nhận được {text!r}.", where=option) from error


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
        "kind": kind_of(row),
        "subject": subject_of(row),
        "value": value_of(row),
        "from": start,
        "to": end,
        "document": row.document,
        "article": row.article,
        "confidence": row.confidence,
        "active": counts_as_active(row),
        "note": row.note,
    }


def _print_rows(file: PolicyFile, month: str, rows: list[PolicyRow]) -> None:
    """The rows for a reader: what is used without a decision first, then what waits for one."""
    for heading, active in (("Dùng được theo tệp này", True), ("Dự thảo, cần quyết định kích hoạt", False)):
        typer.echo(f"{heading}, tháng {month}:")
        for row in rows:
            if counts_as_active(row) == active:
                source = cite(row.document, row.article) if row.document else "chưa có văn bản"
                typer.echo(
                    f"  {row.id:14} {subject_of(row)}: {value_of(row)} [{source}; {CONFIDENCE_TITLES[row.confidence]}]"
                )
    typer.echo(f"Tệp chính sách: {file.digest[:16]} (SHA-256), lập ngày {file.compiled_on:%d/%m/%Y}")
