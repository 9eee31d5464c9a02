"""The closing page as tables with their additions, and the check that makes each addition again."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from domain.money import Dong, format_dong
from ledger.reports_closing import (
    EXAMPLE_SHARE,
    PROVISIONAL,
    Addition,
    ClosingPage,
    Cover,
    Figure,
    Flow,
    LevelFigures,
    Waiting,
    destinations,
    total,
)

#: An amount, a word in its place, or nothing.
Cell: TypeAlias = Dong | str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A label and one cell a column; ``sign`` says how the row enters the sum above the next strong row."""

    label: str
    cells: tuple[Cell, ...]
    sign: str = ""
    strong: bool = False
    adds_up: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A titled table; ``heads`` names the columns after the label."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something on the page that does not add up: where, and by how much."""

    where: str
    message: str


def covered(cover: Cover) -> bool:
    """Whether the money held is at least what is owed to others, in total and in every unit (A4)."""
    return total(cover.held) >= total(cover.owed) and not cover.short_units


def headline(page: ClosingPage) -> str:
    """The first line of the page: the cover."""
    held, owed = total(page.cover.held), total(page.cover.owed)
    if held < owed:
        return f"✗ THIẾU: đang giữ {format_dong(held)} đồng < {format_dong(owed)} đồng của người khác."
    if page.cover.short_units:
        return (
            f"✗ Cộng lại thì đủ ({format_dong(held)} ≥ {format_dong(owed)} đồng), nhưng {len(page.cover.short_units)} "
            f"đơn vị giữ ít hơn tiền của người khác: {', '.join(page.cover.short_units)}."
        )
    return f"✓ ĐỦ: đang giữ {format_dong(held)} đồng ≥ {format_dong(owed)} đồng của người khác."


def tables(page: ClosingPage) -> tuple[Table, ...]:
    """All sums of the page in reading order: cover, each period's levels and their two ends, further additions."""
    found = [cover_table(page.cover)]
    for flow in page.flows:
        found += [level_table(flow), ends_table(flow), destination_table(flow)]
    return (*found, *(addition_table(addition) for addition in page.additions))


def check(page: ClosingPage) -> tuple[Finding, ...]:
    """Every sum that is wrong, with its place; nothing when the page adds up to the đồng."""
    wrong = [
        Finding(where=table.title, message=f"dòng «{row.label}» không khớp với các dòng trên nó")
        for table in tables(page)
        for row in table.rows
        if not row.adds_up
    ]
    if not covered(page.cover):
        wrong.append(Finding(where=cover_table(page.cover).title, message=headline(page)))
    return (*wrong, *(finding for group in page.waiting for finding in _waiting(group, page.cover)))


def _waiting(group: Waiting, cover: Cover) -> tuple[Finding, ...]:
    listed = sum(item.amount for item in group.items) + group.rest_amount
    found = []
    if listed != group.total:
        found.append(f"các khoản cộng lại {format_dong(listed)}, khác {format_dong(group.total)} đồng")
    if group.code:
        booked = sum(figure.amount for figure in (*cover.held, *cover.owed) if figure.code == group.code)
        if booked != group.total:
            found.append(
                f"sổ ghi {format_dong(booked)} đồng trên tài khoản {group.code}, danh sách ghi "
                f"{format_dong(group.total)} đồng"
            )
    return tuple(Finding(where=group.title, message=message) for message in found)


def cover_table(cover: Cover) -> Table:
    """Where the money lies, whose it is, and that the two are the same money."""
    held, owed, own = total(cover.held), total(cover.owed), total(cover.own)
    return Table(
        title=f"Tiền đang giữ và chủ của nó ({cover.units} đơn vị)",
        heads=("đồng",),
        rows=(
            *_terms(cover.held),
            Row(label="Đang giữ", cells=(held,), sign="=", strong=True),
            *_terms(cover.owed),
            Row(label="Của người khác", cells=(owed,), sign="=", strong=True, adds_up=held >= owed),
            *_terms(cover.own),
            Row(label="Của chính các đơn vị", cells=(own,), sign="=", strong=True),
            Row(
                label="Của người khác + của đơn vị = đang giữ",
                cells=(owed + own,),
                strong=True,
                adds_up=held == owed + own,
            ),
        ),
    )


def _terms(figures: tuple[Figure, ...]) -> tuple[Row, ...]:
    return tuple(
        Row(
            label=f"{figure.code} {figure.label}".strip(),
            cells=(abs(figure.amount),),
            sign="−" if figure.amount < 0 else "+",
        )
        for figure in figures
    )


def level_table(flow: Flow) -> Table:
    """Collected, kept and sent by level. collected - kept - unsplit = payable; less what went up = still to send."""
    levels = flow.levels

    def row(
        label: str,
        take: Callable[[LevelFigures], Cell],
        sign: str = "",
        *,
        always: bool = False,
        holds: Callable[[LevelFigures], bool] | None = None,
    ) -> tuple[Row, ...]:
        cells = tuple(take(level) for level in levels)
        if not always and not any(cells):
            return ()
        adds_up = holds is None or all(holds(level) for level in levels)
        return (Row(label=label, cells=cells, sign=sign, strong=sign == "=", adds_up=adds_up),)

    return Table(
        title=f"{flow.title}: đã thu, để lại, nộp lên",
        heads=tuple(str(level.level) for level in levels),
        rows=(
            *row("Kỳ báo cáo", lambda v: v.period, always=True),
            *row("Số liệu", lambda v: "đã chốt" if v.closed else PROVISIONAL, always=True),
            *row("Số đơn vị", lambda v: str(v.units), always=True),
            *row(f"Tỷ lệ để lại{f' ({EXAMPLE_SHARE})' if flow.example_shares else ''}", lambda v: v.share or "chưa có"),
            *row("Kỳ trước chuyển sang", lambda v: v.carried_in, "+"),
            *row("Thu của đảng viên", lambda v: v.from_members, "+", always=True),
            *row("Cấp dưới nộp lên", lambda v: v.from_below, "+", always=True),
            *row("Hoàn trả người nộp", lambda v: v.refunded, "−"),
            *row("Trả lại cấp dưới do hoàn trả", lambda v: v.returned_below, "−"),
            *row("Đã thu", lambda v: v.collected, "=", always=True),
            *row("Được để lại", lambda v: v.kept, "−", always=True),
            *row("Chưa phân bổ", lambda v: v.unsplit, "−"),
            *row(
                "Phải nộp cấp trên",
                lambda v: v.payable,
                "=",
                always=True,
                holds=lambda v: v.collected - v.kept - v.unsplit == v.payable,
            ),
            *row("Cấp trên đã nhận", lambda v: v.received_above, "−", always=True),
            *row("Đang chuyển", lambda v: v.under_way, "−", always=True),
            *row("Chờ cấn trừ do hoàn trả", lambda v: v.claw_back, "+"),
            *row(
                "Còn phải nộp",
                lambda v: v.to_send,
                "=",
                always=True,
                holds=lambda v: v.payable - v.received_above - v.under_way + v.claw_back == v.to_send,
            ),
        ),
    )


def ends_table(flow: Flow) -> Table:
    """Both ends of the same money: what levels passed on is what the levels above took in (A2)."""
    below = flow.levels[:-1]
    received = sum(level.received_above for level in below)
    netted = sum(level.netted for level in below)
    taken_in = sum(level.from_below for level in flow.levels)
    returned = sum(level.returned_below for level in flow.levels)
    claims = netted + sum(level.claw_back for level in below)
    rows = [Row(label="Cấp dưới ghi: cấp trên đã nhận", cells=(received,), sign="+")]
    if netted:
        rows.append(Row(label="Đã cấn trừ do hoàn trả", cells=(netted,), sign="+"))
    rows.append(
        Row(
            label="Cấp trên ghi: cấp dưới nộp lên",
            cells=(taken_in,),
            sign="=",
            strong=True,
            adds_up=received + netted == taken_in,
        )
    )
    if claims or returned:
        rows += [
            Row(label="Cấp dưới ghi: cấn trừ, đã xong và còn chờ", cells=(claims,), sign="+"),
            Row(
                label="Cấp trên ghi: trả lại cấp dưới do hoàn trả",
                cells=(returned,),
                sign="=",
                strong=True,
                adds_up=claims == returned,
            ),
        ]
    return Table(title=f"{flow.title}: hai đầu của cùng một khoản", heads=("đồng",), rows=tuple(rows))


def destination_table(flow: Flow) -> Table:
    """Where what members paid is now; the last row is what they paid, less refunds (A6)."""
    found = destinations(flow)
    paid = sum(level.carried_in + level.from_members - level.refunded for level in flow.levels)
    provisional = "" if all(level.closed for level in flow.levels) else f" ({PROVISIONAL})"
    before = "Kỳ trước chuyển sang và thu" if any(level.carried_in for level in flow.levels) else "Thu"
    return Table(
        title=f"{flow.title}: từng đồng đã thu nay ở đâu{provisional}",
        heads=("đồng",),
        rows=(
            *_terms(found),
            Row(
                label=f"{before} của đảng viên, trừ hoàn trả",
                cells=(paid,),
                sign="=",
                strong=True,
                adds_up=total(found) == paid,
            ),
        ),
    )


def addition_table(addition: Addition) -> Table:
    """An addition as rows."""
    made = total(addition.terms) == addition.total.amount
    return Table(
        title=addition.title + (f" ({PROVISIONAL})" if addition.provisional else ""),
        heads=("đồng",),
        rows=(
            *_terms(addition.terms),
            Row(label=addition.total.label, cells=(addition.total.amount,), sign="=", strong=True, adds_up=made),
        ),
    )
