"""The sheets of the daily close: three witnesses per account and day, the channel's side, and its lines."""

from collections.abc import Iterator

from adapters.books.sheet import BAD, GOOD, Column, Formula, Kind, Value, basis_points
from adapters.books.treasurer_lists import CHANNEL, DAYS, TOLD, Listing, Names
from domain.money import WHOLE_BP, Dong, format_dong
from ledger.reports_places import STANDING_TITLES, DayWitness, Standing
from ledger.reports_reconciliation import BREAK_TITLES, BreakKind, DayTieOut, ReconciliationResult

RAILS = {"portal": "Cổng DVCQG", "gateway": "Cổng thanh toán"}
#: Breaks that are money on its way; they have one column.
_MOVING = (BreakKind.MISSING_AT_BANK, BreakKind.TIMING)
_NAMED = tuple(kind for kind in BreakKind if kind not in _MOVING)

_DAY_COLUMNS = (
    Column(title="Tài khoản", width=24),
    Column(title="Đơn vị", width=28),
    Column(title="Ngày", width=12, kind=Kind.DAY),
    *(
        Column(title=title, width=13, kind=Kind.MONEY)
        for title in (
            "Số dư đầu",
            "Tiền vào",
            "Tiền ra",
            "Số dư cuối",
            "Sao kê ghi",
            "Sổ 1120",
            "Trong đó chưa xác định",
            "Sổ đã rõ chủ",
            "Đang đi đường",
            *(BREAK_TITLES[kind] for kind in _NAMED),
            "Còn lệch",
        )
    ),
    Column(title="Kiểm tra", width=9),
    *(Column(title=title, width=13, kind=Kind.MONEY) for title in ("Cổng kê", "Sổ có qua Cổng", "NH báo có cho Cổng")),
    Column(title="Đã giải thích", width=13, kind=Kind.MONEY),
    Column(title="Chưa giải thích", width=13, kind=Kind.MONEY),
    Column(title="Tỷ lệ", width=9, kind=Kind.PERCENT),
    Column(title="Có sao kê", width=9),
)
#: Letters of columns that the summary adds up or looks into.
IN, OUT, CLOSING, BOOK, LEFT_OVER, CHECK, EXPLAINED, REST = "E", "F", "G", "I", "R", "S", "W", "X"
assert _DAY_COLUMNS[ord(CHECK) - ord("A")].title == "Kiểm tra"
assert _DAY_COLUMNS[ord(EXPLAINED) - ord("A")].title == "Đã giải thích"


def explained_share(letters: str, row: int, explained: Dong, moved: Dong) -> Formula:
    """Explained over all money moved, rounded down to two decimals of a percent; letters: explained and the rest."""
    share = WHOLE_BP if moved == 0 else explained * WHOLE_BP // moved
    one, rest = (f"{letter}{row}" for letter in letters)
    return Formula(f"IF({one}+{rest}=0,1,ROUNDDOWN({one}/({one}+{rest}),4))", basis_points(share))


def _days(r: ReconciliationResult, names: Names, row: int) -> Iterator[tuple[Value, ...]]:
    of_day: dict[object, list[DayWitness]] = {}
    for w in r.witnesses:
        of_day.setdefault(w.day, []).append(w)
    for place, day in enumerate(r.days, start=row):
        yield _day(r, day, place, names, of_day.get(day.day, []))


def _day(r: ReconciliationResult, day: DayTieOut, row: int, names: Names, seen: list[DayWitness]) -> tuple[Value, ...]:
    amounts = {b.kind: b.amount for b in day.breaks}
    told = [w.told for w in seen if w.told is not None]
    check = f'IF(AND(R{row}=0,D{row}+E{row}-F{row}=G{row},OR(H{row}="",H{row}=G{row})),"{GOOD}","{BAD}")'
    return (
        names.account(r.account_id),
        names.unit(r.unit_id),
        day.day,
        day.opening,
        day.money_in,
        day.money_out,
        Formula(f"D{row}+E{row}-F{row}", day.opening + day.money_in - day.money_out),
        day.stated_closing,
        day.book,
        day.suspense,
        Formula(f"I{row}-J{row}", day.owned),
        day.in_transit,
        *(amounts.get(kind, 0) for kind in _NAMED),
        Formula(f"G{row}-K{row}-J{row}-SUM(L{row}:Q{row})", day.difference),
        Formula(check, GOOD if day.ties else BAD),
        sum(told) if told else None,
        sum(w.booked for w in seen) if seen else None,
        sum(w.credited for w in seen) if seen else None,
        day.explained,
        Formula(f"E{row}+F{row}-W{row}", day.left),
        explained_share("WX", row, day.explained, day.money_in + day.money_out),
        "có" if day.covered else "chưa có",
    )


def _channel(r: ReconciliationResult, names: Names, row: int) -> Iterator[tuple[Value, ...]]:
    for place, w in enumerate(r.witnesses, start=row):
        parts = [*w.told_breaks, *w.bank_breaks]
        words = "; ".join(f"{b.name}: {b.count} khoản, {format_dong(b.amount)} đ" for b in parts)
        named_told, named_bank = (sum(b.amount for b in breaks) for breaks in (w.told_breaks, w.bank_breaks))
        told_gap = 0 if w.told is None else w.told - w.booked
        tie = f'IF(AND(J{place}=L{place},K{place}=M{place}),"{GOOD}","{BAD}")'
        yield (
            names.account(r.account_id),
            RAILS.get(w.rail, w.rail),
            w.day,
            w.told_count,
            w.told,
            w.booked_count,
            w.booked,
            w.credited_count,
            w.credited,
            Formula(f'IF(E{place}="",0,E{place}-G{place})', told_gap),
            Formula(f"G{place}-I{place}", w.booked - w.credited),
            named_told,
            named_bank,
            Formula(tie, GOOD if w.ties else BAD),
            words if w.told is not None else "; ".join(filter(None, ("chưa có tệp quyết toán của ngày này", words))),
        )


def _told(r: ReconciliationResult, names: Names, row: int) -> Iterator[tuple[Value, ...]]:
    for place in r.told:
        yield (
            names.account(r.account_id),
            RAILS.get(place.rail, place.rail),
            place.settlement_id,
            place.number,
            place.on,
            "Cổng không kê" if place.standing is Standing.MISSING_AT_BANK else STANDING_TITLES[place.standing],
            place.outside_reference,
            place.reference,
            place.amount,
            place.booked,
            place.what,
        )


def _text(title: str, width: int) -> Column:
    return Column(title=title, width=width)


def _figures(*titles: str) -> tuple[Column, ...]:
    pairs = (
        (Column(title=f"{title}: số khoản", width=11, kind=Kind.COUNT), Column(title=title, width=14, kind=Kind.MONEY))
        for title in titles
    )
    return tuple(column for pair in pairs for column in pair)


LISTINGS: tuple[Listing, ...] = (
    Listing(
        title=DAYS,
        note="Đầu + vào - ra = cuối = sổ đã rõ chủ + chưa xác định + đang đi đường + từng chênh lệch có tên. "
        "Ngày chưa có sao kê lấy số dư của sao kê gần nhất.",
        columns=_DAY_COLUMNS,
        totals="EFWX",
        rows=_days,
        pages_wide=2,
        marks=((CHECK, BAD), ("Z", "chưa có")),
        freeze=3,
    ),
    Listing(
        title=CHANNEL,
        note="Mỗi ngày: kênh nói đã thu, sổ đã ghi, ngân hàng đã báo có cho các khoản đó. Chênh lệch nào cũng có tên.",
        columns=(
            _text("Tài khoản", 22),
            _text("Kênh", 16),
            Column(title="Ngày", width=12, kind=Kind.DAY),
            *_figures("Kênh kê", "Sổ có", "Ngân hàng báo có"),
            *(
                Column(title=title, width=14, kind=Kind.MONEY)
                for title in ("Kênh trừ sổ", "Sổ trừ ngân hàng", "Có tên (kênh–sổ)", "Có tên (sổ–NH)")
            ),
            _text("Kiểm tra", 9),
            _text("Tên các chênh lệch", 60),
        ),
        totals="DEFGHIJKLM",
        rows=_channel,
        marks=(("N", BAD),),
        freeze=3,
    ),
    Listing(
        title=TOLD,
        note="Từng dòng quyết toán của kênh và khoản mà quyết toán của ngày đó không kê.",
        columns=(
            _text("Tài khoản", 22),
            _text("Kênh", 16),
            _text("Quyết toán", 28),
            Column(title="Dòng", width=8, kind=Kind.COUNT),
            Column(title="Ngày", width=12, kind=Kind.DAY),
            _text("Kết quả", 18),
            _text("Mã của kênh", 22),
            _text("Mã tham chiếu", 18),
            Column(title="Kênh kê", width=14, kind=Kind.MONEY),
            Column(title="Sổ có", width=14, kind=Kind.MONEY),
            _text("Nội dung", 60),
        ),
        totals="IJ",
        rows=_told,
    ),
)
