"""S01/ĐP as a form: part I member by month with a place to sign, part II the sums."""

from collections.abc import Mapping

from adapters.books.form import Cell, Form, Grid, Head, Row, Signature, Sum, column_sums, month_words, period_words
from adapters.books.typesetting import day
from domain.money import format_dong
from ledger.statutory.s01 import S01, MemberRow, PartTwo, Span

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
        Head(title="Ghi chú", width=30, words=True),
    )


def _member(place: int, row: MemberRow, names: Mapping[str, str]) -> Row:
    name = names.get(row.member_id, row.member_id) if row.member_id else _OTHER_MONEY
    total = Sum(sum(row.amounts), tuple((1, place - 1, c) for c in range(2, 14)))
    months: tuple[Cell, ...] = tuple(amount or None for amount in row.amounts)
    return Row(cells=(str(place), name, *months, total, _remark(row)))


def _remark(row: MemberRow) -> str:
    """From when to when the member stood on the cell's roll, as far as that began or ended in the year."""
    told = "; ".join(_span(span) for span in row.spans)
    if told or not row.member_id or row.on_roll:
        return told
    return "sinh hoạt tạm thời" if row.guest else "không còn trong danh sách"


def _span(span: Span) -> str:
    came = "" if span.from_day is None else f"từ {day(span.from_day)}"
    if span.from_unit:
        came += f" (từ {span.from_unit})"
    left = "" if span.to_day is None else f"đến {day(span.to_day)}"
    if span.to_day is not None:
        left += f" (sang {span.to_unit})" if span.to_unit else " (chuyển đi, ra khỏi danh sách)"
    return " ".join(part for part in (came, left) if part)


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
    offset, above = 0, -1
    if any(book.brought):
        state = "theo sổ cũ" if book.old_books else "trước khi ghi sổ"
        rows.append(Row(cells=("Mang sang", None, None, None, *book.brought, state), indent=True))
        offset, above = 1, 0
    for place, month in enumerate(book.months):
        now = (month.collected, month.kept, month.sent)
        at = place + offset
        sums: list[Cell] = [None, None, None]
        if _is_shown(book, month):
            reached = [before + amount for before, amount in zip(reached, now, strict=True)]
            # Each line adds its month to the last line above that carries a sum.
            sums = [
                Sum(total, ((1, at, c + 1),) if above < 0 else ((1, above, c + 4), (1, at, c + 1)))
                for c, total in enumerate(reached)
            ]
            above = at
        cells: tuple[Cell, ...] = (*(amount or None for amount in now), *sums, _state(book, month))
        rows.append(Row(cells=(f"Tháng {int(month.month[5:])}", *cells)))
    whole = column_sums(rows, ("Cả năm", None, None, None, None, None, None, ""), (1, 2, 3))
    return (*rows, whole)


def _is_shown(book: S01, month: PartTwo) -> bool:
    """Whether the sums since January stand on a month's line: not before our books, nor after what is known."""
    if month.collected or month.kept or month.sent or month.state != "tạm tính":
        return True
    begun = book.begins is not None and book.begins <= month.month
    over = book.ended_on is not None and month.month > book.ended_on.isoformat()[:7]
    return begun and month.month <= book.reached and not over


def _state(book: S01, month: PartTwo) -> str:
    """What a reader should know of a month: fixed, going on, waiting, told by old books, or nothing at all."""
    if month.state != "tạm tính":
        return "đã chốt" if month.state == "declared" else month.state
    if any(one.month == month.month for one in book.old_books):
        return "theo sổ cũ"
    if book.ended_on is not None and month.month > book.ended_on.isoformat()[:7]:
        return f"kết thúc {day(book.ended_on)}"
    if book.begins is None or month.month < book.begins:
        return "trước khi ghi sổ" if month.month <= book.reached else ""
    if month.month > book.reached:
        return ""
    return "đang thu, chưa chốt" if month.month == book.reached else "chưa chốt"


def _others(book: S01, names: Mapping[str, str]) -> tuple[str, ...]:
    """One sentence for each part that answers for another month than the one it is counted in, or was paid freely."""
    notes = []
    for row in book.members:
        who = names.get(row.member_id, row.member_id)
        for other in row.others:
            notes.append(
                f"Tháng {int(other.month[5:])}: {who} {format_dong(other.amount)} đồng là đảng phí tháng "
                f"{month_words(other.dues_month)}."
            )
        for more in row.surplus:
            notes.append(
                f"Tháng {int(more.month[5:])}: {who} {format_dong(more.amount)} đồng là tự nguyện đóng cao hơn mức, "
                f"theo {more.decision}."
            )
    if book.old_books:
        first, last = book.old_books[0].month, book.old_books[-1].month
        notes.append(f"Dòng «Mang sang» cộng các tháng {month_words(first)} đến {month_words(last)} theo sổ cũ.")
    return tuple(notes)
