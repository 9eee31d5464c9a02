"""``dangphi match``: let the rules look at what waits, see why, accept, undo, and measure how right they were."""

from typing import Annotated, Any
from uuid import uuid4

import msgspec
import typer

from api.cli.imports import left_out
from api.cli.session import Actor, AsJson, At, Data, Demo, Reader, act, moment, opened, reading_as, say, show, unit_id
from api.flows import match, match_story
from api.flows.match_story import Card, Other
from api.wiring import Installation
from domain import match as values
from domain.access import Action
from domain.identifiers import UnitId
from domain.money import format_dong
from reconciliation.match.calibrate import REQUIRED, Measured
from reconciliation.match.wording import RULE_NAMES, percent

app = typer.Typer(
    help="Khớp tiền đang treo với khoản phải nộp: gợi ý, căn cứ, nhận, gỡ.", no_args_is_help=True, add_completion=False
)

Unit = Annotated[str, typer.Option("--unit", help="Mã đơn vị; gồm cả các đơn vị bên dưới.")]


@app.command("run", help="Chạy các quy tắc khớp: ghi những gì đủ ngưỡng, còn lại là gợi ý; in độ chính xác đã đo.")
def run_command(
    actor: Actor,
    unit: Unit,
    post: Annotated[bool, typer.Option("--post/--no-post", help="Ghi những gì đủ ngưỡng, hay chỉ gợi ý.")] = True,
    at: At = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        where = unit_id(inst, unit)
        when = moment(at)
        inst.ledger.require(actor=actor, action=Action.PLACE_MONEY, unit=where, on=when.date())
        report = match.run(inst, at=when, unit=where, actor=actor, post=post)
    posted = {one["match"] for one in report.accepted}
    left = [card for card in match_story.cards(report.looked) if card.match_id not in posted]
    proposed = [_row(card) for card in left if card.state == "proposed"]
    unmatched = [_row(card) for card in left if card.state == "unmatched"]
    answer = {
        "accepted": list(report.accepted),
        "refused": list(report.refused),
        "proposed": proposed,
        "unmatched": unmatched,
        "measured": [msgspec.to_builtins(one) for one in report.measured],
    }
    if as_json:
        show(answer, as_json=True)
        return
    show({key: answer[key] for key in ("accepted", "refused", "proposed", "unmatched")}, as_json=False)
    _show_measured(report.measured)


@app.command("list", help="Liệt kê tiền đang chờ với gợi ý khớp và lý do; không ghi gì.")
def list_command(
    unit: Unit,
    actor: Reader = None,
    at: At = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        when = moment(at)
        where = _readable(inst, unit, actor, demo, when)
        found = match_story.cards(match.look(inst, on=when.date(), unit=where))
    show({"waiting": [_row(card) for card in found]}, as_json=as_json)


def _readable(inst: Installation, unit: str, actor: str | None, demo: bool, when: Any) -> UnitId:
    where = unit_id(inst, unit)
    reader = reading_as(actor, demo=demo)
    inst.ledger.require(actor=reader, action=Action.READ, unit=where, on=when.date())
    return where


@app.command("show", help="Vì sao một dòng sao kê hay khoản tiền được khớp, hoặc chưa: căn cứ thuận, nghịch, số liệu.")
def show_command(
    line: Annotated[str, typer.Argument(help="Mã dòng sao kê hoặc mã khoản tiền; ít nhất 4 ký tự đầu hoặc cuối.")],
    unit: Unit,
    actor: Reader = None,
    names: Annotated[bool, typer.Option("--names", help="Ghi tên đảng viên từ kho danh tính.")] = False,
    at: At = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        when = moment(at)
        where = _readable(inst, unit, actor, demo, when)
        card = match_story.explain(inst, line, on=when.date(), unit=where)
        members = [*card.member_ids, *(m for other in card.others for m in other.member_ids)]
        persons = inst.vault.persons(sorted(set(members))) if names else {}
    if as_json:
        show(msgspec.to_builtins(card), as_json=True)
        return
    for text in told(card):
        for member_id, person in persons.items():
            text = text.replace(f"đảng viên {member_id}", f"{person.name} ({member_id})")
        say(text)


_STATES = {
    "matched": "Đã khớp",
    "proposed": "Gợi ý khớp",
    "placed": "Đã có chỗ trong sổ",
    "undone": "Đã khớp rồi gỡ",
    "unmatched": "Chưa khớp",
}


def told(card: Card) -> list[str]:
    """A card in plain lines: what, how sure, for, against, why not the other one, what to do."""
    lines = [f"{card.key}: {format_dong(card.amount)} đồng ngày {card.on:%d/%m/%Y} ({card.unit_id})"]
    head = _STATES[card.state]
    if card.rule:
        head += f" theo quy tắc «{card.rule_name}», độ tin cậy {percent(card.confidence)}"
    if card.threshold < values.NEVER:
        head += f" (tự ghi từ {percent(card.threshold)})"
    if card.decided_by:
        head += f", người quyết định: {card.decided_by}"
    lines.append(head + (f": {card.reason}" if card.reason else ""))
    lines += [f"  cho: {what}" for what in card.what]
    lines += _weights(card.evidence, "  ")
    for other in card.others:
        lines += _not_the_other(other, card)
    return lines + ([f"Việc tiếp theo: {card.next_step}"] if card.next_step else [])


def _not_the_other(other: Other, card: Card) -> list[str]:
    why = "Vì sao không phải" if card.what else "Có thể là"
    return [f"{why} {other.what}: {percent(other.confidence)}", *_weights(other.evidence, "    ")]


def _weights(evidence: tuple[match_story.Said, ...], indent: str) -> list[str]:
    signs = {"for": ("thuận", "+"), "against": ("nghịch", "−")}
    return [f"{indent}{signs[one.side][0]} {signs[one.side][1]}{percent(one.weight)}: {one.text}" for one in evidence]


@app.command("accept", help="Nhận các gợi ý theo mã; gợi ý nào không còn đúng thì nêu lý do, còn lại vẫn ghi.")
def accept_command(
    matches: Annotated[list[str], typer.Argument(help="Mã gợi ý (in bởi run, list, show).")],
    actor: Actor,
    unit: Unit,
    ground: Annotated[str, typer.Option("--ground", help="Căn cứ, ghi vào sổ.")] = "",
    at: At = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        where = unit_id(inst, unit)
        report = match.accept(inst, actor=actor, at=moment(at), ids=matches, ground=ground, unit=where)
    show({"accepted": list(report.accepted), "refused": list(report.refused)}, as_json=as_json)
    if report.refused:
        raise typer.Exit(left_out(len(report.accepted)))


@app.command("undo", help="Gỡ một lần khớp đã ghi bằng điều chỉnh; từ ngưỡng của đơn vị thì người khác duyệt.")
def undo_command(
    match_id: Annotated[str, typer.Argument(help="Mã lần khớp.")],
    actor: Actor,
    unit: Annotated[str, typer.Option("--unit", help="Mã đơn vị.")],
    number: Annotated[str, typer.Option("--number", help="Số điều chỉnh của đơn vị, ví dụ DC-01.")],
    reason: Annotated[str, typer.Option("--reason", help="Lý do, ghi vào sổ.")],
    decision: Annotated[str, typer.Option("--decision", help="Số biên bản hoặc quyết định.")],
    at: At = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        who = act(actor, at)
        outcomes = match.undo(
            inst,
            actor=actor,
            at=who.at,
            match_id=match_id,
            unit=unit_id(inst, unit),
            number=number,
            reason=reason,
            decision=decision,
            command_id=uuid4(),
        )
    show({"corrections": [outcome.answer for outcome in outcomes]}, as_json=as_json)


@app.command("calibrate", help="Đo độ chính xác của từng quy tắc trên các quyết định đã có, và ngưỡng cho phép.")
def calibrate_command(
    unit: Unit,
    actor: Reader = None,
    required: Annotated[
        int, typer.Option("--required", min=5_000, max=9_999, help="Cận dưới phải đạt, phần vạn.")
    ] = REQUIRED,
    at: At = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    with opened(demo=demo, data=data) as inst:
        where = _readable(inst, unit, actor, demo, moment(at))
        measured = match.calibrate(inst, unit=where, required=required)
    if as_json:
        show({"required": required, "measured": [msgspec.to_builtins(one) for one in measured]}, as_json=True)
        return
    _show_measured(measured)


def _show_measured(measured: tuple[Measured, ...]) -> None:
    """One line a rule and bank; nothing decided yet is said aloud."""
    if not measured:
        say("Chưa có quyết định nào của người để đo độ chính xác.")
        return
    say("Độ chính xác đo trên các quyết định đã có (cận dưới Wilson 95 %):")
    for one in measured:
        bank = "mọi ngân hàng" if one.bank == "*" else one.bank or "không qua tài khoản"
        say(
            f"  {RULE_NAMES[one.rule]}, {bank}: {one.proposals} gợi ý, đúng {one.right}, sai {one.wrong}, "
            f"đúng {percent(one.precision)} (ít nhất {percent(one.lower)}), ngưỡng cho phép: {percent(one.allowed)}"
        )


def _row(card: Card) -> dict[str, object]:
    """A card as one row of a list."""
    return {
        "match": card.match_id[:12],
        "money": card.key,
        "on": card.on.isoformat(),
        "amount": card.amount,
        "rule": card.rule,
        "confidence": percent(card.confidence) if card.rule else "",
        "for": "; ".join(card.what) or card.reason,
        "next": card.next_step,
    }
