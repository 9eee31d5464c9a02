"""Closing pages for tests: stories 1 and 4 of the accounting model, July with a refund after the split."""

from dataclasses import replace
from datetime import date

from ledger.reports_closing import (
    Addition,
    CheckLine,
    ClosingPage,
    Figure,
    Flow,
    LeftFile,
    Level,
    LevelFigures,
    OpenItem,
    Waiting,
    cover_of,
)

#: Balances of cells A and B, the ward and the province on 30/9, added up (accounting §5, story 4).
BALANCES = {
    "1110": 9_460,
    "1120": 1_608_027 + 25_730_009 + 617_882,
    "1390": 121_586,
    "3360": 308_941,
    "3390": 121_586,
    "4310": 1_608_027 + 121_586 + 25_617_883 + 308_941,
}

CELLS = LevelFigures(
    level=Level.CELL,
    units=2,
    period="7 và 8/2026",
    closed=True,
    share="30 %",
    from_members=697_807 + 143_287 + 695_000 + 262_000,
    refunded=32_716,
    kept=209_342 + 42_986 - 9_815 + 208_500 + 78_600,
    payable=488_465 + 100_301 - 22_901 + 486_500 + 183_400,
    received_above=488_465 + 100_301 + 463_599 + 183_400,
    netted=22_901,
)
WARD = LevelFigures(
    level=Level.WARD,
    units=1,
    period="7 và 8/2026",
    closed=True,
    share="50 %",
    from_below=588_766 + 669_900,
    returned_below=22_901,
    kept=294_383 - 11_450 + 334_950,
    payable=294_383 - 11_451 + 334_950,
    received_above=294_383 + 323_499,
    netted=11_451,
)
PROVINCE = LevelFigures(
    level=Level.PROVINCE,
    units=1,
    period="2026-Q3",
    closed=False,
    share="50 %",
    from_below=294_383 + 334_950,
    returned_below=11_451,
    kept=308_941,
    payable=308_941,
    to_send=308_941,
)


def page() -> ClosingPage:
    """A page that adds up."""
    return ClosingPage(
        title="Kết sổ đảng phí tháng 7 và 8/2026",
        unit_name="Đảng bộ phường Việt Hòa",
        as_of=date(2026, 9, 30),
        position=4_321,
        cover=cover_of(BALANCES, units=4, held_between=121_586),
        flows=(Flow(title="Kỳ 2026-07 và 2026-08", example_shares=True, levels=(CELLS, WARD, PROVINCE)),),
        additions=(
            Addition(
                title="Thu theo kênh",
                terms=(Figure(label="Cổng", amount=1_700_000), Figure(label="Tiền mặt", amount=98_094)),
                total=Figure(label="Thu của đảng viên", amount=1_798_094),
                provisional=True,
            ),
        ),
        waiting=(
            Waiting(
                title="Nợ đảng phí",
                total=50_850,
                items=(
                    OpenItem(
                        what="Chi bộ C, tháng 7/2026",
                        amount=48_600,
                        since=date(2026, 8, 1),
                        owner="Bí thư chi bộ C",
                        next_step="nhắc đóng trong kỳ họp chi bộ",
                    ),
                ),
                rest_count=1,
                rest_amount=2_250,
            ),
            Waiting(title="Tiền chưa xác định", total=0, items=(), code="3380"),
        ),
        checks=(
            CheckLine(check_id="I1", title="Mỗi bút toán cộng bằng không", ok=True),
            CheckLine(check_id="A4", title="Tiền giữ đủ trả người khác", ok=True),
        ),
        files=(LeftFile(path="doi-soat-2026-07.xlsx", description="Bảng đối soát của kế toán"),),
        notes=("Vùng lương II là giả định.",),
    )


def broken(level: LevelFigures, **changes: int) -> ClosingPage:
    """The same page with one level's figures changed."""
    good = page()
    changed = replace(level, **changes)  # type: ignore[arg-type]  # replace cannot name the keys of **changes
    levels = tuple(changed if each.level is level.level else each for each in good.flows[0].levels)
    return replace(good, flows=(replace(good.flows[0], levels=levels),))
