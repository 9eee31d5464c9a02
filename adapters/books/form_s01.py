"""S01/ĐP as a form: part I member by month with a place to sign, part II the sums."""

from collections.abc import Mapping

from adapters.books.form import Cell, Form, Grid, Head, Row, Signature, Sum, column_sums, period_words
from ledger.statutory.s01 import S01, MemberRow

_STATES = {"declared": "đã chốt"}
_OTHER_MONEY = "Khoản không theo tên đảng viên"


def s01_form(book: S01, names: Mapping[str, str]) -> Form:
    """The book laid out; ``names`` by member id, an unknown one is shown by its id."""
    rows = tuple(_member(place, row, names) for place, row in enumerate(book.members, start=1))
    sums = column_sums(rows, ("", "Cộng", *[None] * 13, ""), range(2, 15))
    return Form(
        heading=book.heading,
        number="Mẫu S01/ĐP",
        title="Sổ thu, nộp đảng phí",
        subtitle=period_words(book.heading.period),
        unit_word="đồng",
        facts=(),
        assumed=(
            "Số tiền ghi vào tháng mà kỳ báo cáo của chi bộ tính đến, nên cột của phần I bằng dòng của phần II; "
            "phần đóng cho tháng khác ghi ở cuối phần I.",
        ),
        grids=(
            Grid(title="Phần I. Thu đảng phí", heads=_part_one_heads(), rows=(*rows, sums)),
            Grid(title="Phần II. Tổng hợp thu, trích giữ lại, nộp cấp trên", heads=_PART_TWO, rows=_part_two(book)),
        ),
        notes=_others(book, names),
        signatures=(
            Signature(role="CHI ỦY VIÊN THU ĐẢNG PHÍ", note="(ký, ghi rõ họ tên)"),
            Signature(role="T/M CHI ỦY", note="(ký, ghi rõ họ tên)"),
        ),
    )


def _part_one_heads() -> tuple[Head, ...]:
    shared = "Tháng: số tiền, chữ ký của đảng viên ở dưới"
    months = [Head(title=str(number), width=11, group=shared) for number in range(1, 13)]
    return (
        Head(title="TT", width=6, words=True),
        Head(title="Họ và tên", width=28, words=True),
        *months,
        Head(title="Cả năm", width=13),
        Head(title="Ghi chú", width=16, words=True),
    )


def _member(place: int, row: MemberRow, names: Mapping[str, str]) -> Row:
    name = names.get(row.member_id, row.member_id) if row.member_id else _OTHER_MONEY
    if row.member_id and not row.on_roll:
        name += " (đã chuyển, ra)"
    total = Sum(sum(row.amounts), tuple((1, place - 1, c) for c in range(2, 14)))
    months: tuple[Cell, ...] = tuple(amount or None for amount in row.amounts)
    return Row(cells=(str(place), name, *months, total, ""))


_PART_TWO = (
    Head(title="Tháng", width=16, words=True),
    Head(title="Đã thu", mark="1", width=16),
    Head(title="Trích giữ lại", mark="2", width=16),
    Head(title="Đã nộp cấp trên", mark="3", width=16),
    Head(title="Thu lũy kế", mark="4", width=16),
    Head(title="Giữ lại lũy kế", mark="5", width=16),
    Head(title="Nộp lũy kế", mark="6", width=16),
    Head(title="Trạng thái", width=18, words=True),
)


def _part_two(book: S01) -> tuple[Row, ...]:
    rows: list[Row] = []
    reached = list(book.brought)
    offset = 0
    if any(book.brought):
        rows.append(Row(cells=("Mang sang", None, None, None, *book.brought, "trước khi ghi sổ"), indent=True))
        offset = 1
    for place, month in enumerate(book.months):
        now = (month.collected, month.kept, month.sent)
        reached = [before + amount for before, amount in zip(reached, now, strict=True)]
        at = place + offset
        sums: list[Cell] = []
        for c, total in enumerate(reached):
            # Each line adds its month to the line above.
            terms = ((1, at, c + 1),) if at == 0 else ((1, at - 1, c + 4), (1, at, c + 1))
            sums.append(Sum(total, terms))
        state = _STATES.get(month.state, month.state) if any(now) or month.state != "tạm tính" else ""
        rows.append(Row(cells=(f"Tháng {int(month.month[5:])}", *(amount or None for amount in now), *sums, state)))
    whole = column_sums(rows, ("Cả năm", None, None, None, None, None, None, ""), (1, 2, 3))
    return (*rows, whole)


def _others(book: S01, names: Mapping[str, str]) -> tuple[str, ...]:
    """One sentence for each part that answers for another month than the one it is counted in."""
    notes = []
    for row in book.members:
        for other in row.others:
            amount = f"{other.amount:,}".replace(",", ".")
            who = names.get(row.member_id, row.member_id)
            notes.append(
                f"Tháng {int(other.month[5:])}: {who} {amount} đồng là đảng phí tháng "
                f"{int(other.dues_month[5:])}/{other.dues_month[:4]}."
            )
    return tuple(notes)
