"""The closing page: stories 1 and 4 of the accounting model add up, and every wrong figure is named where it stands."""

from dataclasses import replace
from io import BytesIO, StringIO

import pytest
from PIL import Image
from pypdf import PdfReader
from rich.console import Console

from adapters.books.closing import to_console, to_markdown, to_pdf, to_png, to_text
from ledger.closing_tables import check, covered, headline, tables
from ledger.reports_closing import (
    CheckLine,
    Figure,
    LeftFile,
    Level,
    LevelFigures,
    OpenItem,
    cover_of,
    destinations,
    total,
)
from tests.closing_pages import BALANCES, CELLS, PROVINCE, WARD, broken, page

PAGE = page()


def test_a_refund_after_the_split_leaves_a_page_that_adds_up() -> None:
    assert check(PAGE) == ()
    assert all(row.adds_up for table in tables(PAGE) for row in table.rows)


def test_every_collected_dong_is_somewhere() -> None:
    found = {figure.label: figure.amount for figure in destinations(PAGE.flows[0])}
    assert found == {
        "Chi bộ được để lại": 529_613,
        "Đảng ủy phường được để lại": 617_883,
        "Thành ủy được để lại": 308_941,
        "Còn phải nộp lên": 308_941,
    }
    assert sum(found.values()) == CELLS.from_members - CELLS.refunded


@pytest.mark.parametrize(
    "field",
    [
        "from_members",
        "from_below",
        "refunded",
        "returned_below",
        "kept",
        "unsplit",
        "payable",
        "received_above",
        "under_way",
        "to_send",
        "claw_back",
        "carried_in",
    ],
)
@pytest.mark.parametrize("level", [CELLS, WARD, PROVINCE])
def test_one_dong_more_in_any_figure_of_any_level_is_found(level: LevelFigures, field: str) -> None:
    wrong = broken(level, **{field: getattr(level, field) + 1})
    assert check(wrong)
    assert "✗ KHÔNG KHỚP" in to_text(wrong)
    assert "khớp đến từng đồng" not in to_text(wrong)


@pytest.mark.parametrize("level", [CELLS, WARD])
def test_one_dong_more_in_netted_claw_back_is_found(level: LevelFigures) -> None:
    assert check(broken(level, netted=level.netted + 1))


def test_claims_that_wait_for_netting_keep_the_sums() -> None:
    """Story 4 on 21/8: the refund is approved, not paid out, and neither level has netted its part yet."""
    cells = replace(
        CELLS,
        from_members=841_094,
        kept=252_328 - 9_815,
        payable=588_766 - 22_901,
        received_above=588_766,
        netted=0,
        claw_back=22_901,
    )
    ward = replace(
        WARD,
        from_below=588_766,
        kept=294_383 - 11_450,
        payable=294_383 - 11_451,
        received_above=294_383,
        netted=0,
        claw_back=11_451,
    )
    province = replace(PROVINCE, from_below=294_383, kept=0, payable=0, to_send=0, unsplit=282_932, share="")
    balances = {"1110": 9_460, "1120": 27_031_634, "1380": 34_352, "1390": 42_986, "3310": 282_932}
    balances |= {"3365": 34_352, "3370": 32_716, "3390": 42_986, "4310": 26_725_446}
    cover = cover_of(balances, units=4, held_between=42_986)
    flow = replace(PAGE.flows[0], levels=(cells, ward, province))
    assert check(replace(PAGE, cover=cover, flows=(flow,))) == ()
    assert {figure.label: figure.amount for figure in destinations(flow)}["Chưa phân bổ"] == 282_932


def test_money_on_its_way_is_neither_here_nor_there_but_somewhere() -> None:
    """Story 1 in August: cell A has sent its part, the ward has not received it; cell B has not settled."""
    cells = replace(
        CELLS,
        from_members=841_094,
        refunded=0,
        kept=252_328,
        payable=588_766,
        received_above=0,
        under_way=488_465,
        to_send=100_301,
        netted=0,
    )
    ward = LevelFigures(level=Level.WARD, units=1, period="2026-07", closed=False)
    flow = replace(PAGE.flows[0], levels=(cells, ward))
    assert check(replace(PAGE, flows=(flow,))) == ()
    assert [(figure.label, figure.amount) for figure in destinations(flow)] == [
        ("Chi bộ được để lại", 252_328),
        ("Đang chuyển lên", 488_465),
        ("Còn phải nộp lên", 100_301),
    ]


def test_the_cover_counts_money_with_its_holder_once() -> None:
    cover = cover_of(BALANCES, units=4, held_between=121_586)
    assert [figure.code for figure in cover.held] == ["1110", "1120"]
    assert total(cover.held) == total(cover.owed) + total(cover.own) == 27_965_378


def test_claims_upwards_spending_and_shortages_are_taken_off() -> None:
    cover = cover_of({"1120": 1_000, "3370": 700, "1380": 200, "4310": 600, "6310": 90, "1370": 10}, units=1)
    assert total(cover.owed) == 500
    assert total(cover.own) == 500
    assert covered(cover)


def test_a_cover_that_fails_is_the_first_line_and_a_finding() -> None:
    short = replace(PAGE, cover=cover_of({"1120": 99, "3360": 100, "6310": 1}, units=1))
    assert headline(short) == "✗ THIẾU: đang giữ 99 đồng < 100 đồng của người khác."
    assert to_text(short).splitlines()[0] == headline(short)
    assert any("THIẾU" in finding.message for finding in check(short))


def test_one_unit_that_is_short_is_not_hidden_by_the_others() -> None:
    short = replace(PAGE, cover=replace(PAGE.cover, short_units=("Chi bộ 7",)))
    assert "Chi bộ 7" in headline(short)
    assert not covered(short.cover)
    assert check(short)


def test_money_without_an_owner_is_found() -> None:
    wrong = replace(PAGE, cover=cover_of({**BALANCES, "1110": 9_461}, units=4, held_between=121_586))
    assert [finding.where for finding in check(wrong)] == ["Tiền đang giữ và chủ của nó (4 đơn vị)"]


def test_an_addition_that_is_wrong_by_one_dong_is_found() -> None:
    addition = PAGE.additions[0]
    wrong = replace(addition, total=Figure(label="Thu", amount=addition.total.amount + 1))
    assert [finding.where for finding in check(replace(PAGE, additions=(wrong,)))] == ["Thu theo kênh (tạm tính)"]


def test_a_list_of_what_waits_must_come_to_its_total_and_to_the_book() -> None:
    arrears, suspense = PAGE.waiting
    wrong = replace(PAGE, waiting=(replace(arrears, total=50_851), replace(suspense, total=1, rest_amount=1)))
    assert [finding.where for finding in check(wrong)] == ["Nợ đảng phí", "Tiền chưa xác định"]


def test_the_text_page_begins_with_the_cover_and_fits_a_hundred_columns() -> None:
    base = replace(CELLS, level=Level.BASE, from_members=123_456_789_012)
    flow = replace(PAGE.flows[0], levels=(replace(CELLS, from_members=123_456_789_012), base, WARD, PROVINCE))
    long = OpenItem(what="X" * 300, amount=1, since=None, owner="Y " * 90, next_step="Z" * 90)
    text = to_text(replace(PAGE, flows=(flow,), waiting=(replace(PAGE.waiting[0], items=(long,)),)))
    assert text.startswith("✓ ĐỦ: đang giữ 27.965.378 đồng ≥ 308.941 đồng của người khác.\n")
    assert max(map(len, text.splitlines())) <= 100
    assert text.count("123.456.789.012") >= 2


def test_unclosed_figures_and_example_shares_are_said_in_every_form() -> None:
    pdf = " ".join(" ".join(each.extract_text().split()) for each in PdfReader(BytesIO(to_pdf(PAGE))).pages)
    for form in (to_text(PAGE), to_markdown(PAGE), pdf):
        for words in ("tạm tính", "tỷ lệ ví dụ", "1.765.378", "617.883", "khớp đến từng đồng", "doi-soat-2026-07.xlsx"):
            assert words in form
    closed = replace(PROVINCE, closed=True)
    flow = replace(PAGE.flows[0], example_shares=False, levels=(CELLS, WARD, closed))
    sure = replace(PAGE, flows=(flow,), additions=())
    for words in ("tạm tính", "tỷ lệ ví dụ"):
        assert words not in to_text(sure)
        assert words not in to_markdown(sure)


def test_every_sheet_of_the_pdf_says_that_the_shares_are_an_example() -> None:
    sheets = [each.extract_text() for each in PdfReader(BytesIO(to_pdf(PAGE))).pages]
    assert len(sheets) > 1
    assert all("tỷ lệ ví dụ" in " ".join(sheet.split()) for sheet in sheets)


def test_a_failed_check_is_named_with_its_finding() -> None:
    failed = CheckLine(check_id="I14", title="Tiền treo", ok=False, findings=2, finding="vụ việc 7 thiếu 1 đồng")
    wrong = replace(PAGE, checks=(*PAGE.checks, failed))
    for form in (to_text(wrong), to_markdown(wrong)):
        assert "2/3 đạt" in form
        assert "vụ việc 7 thiếu 1 đồng" in form
        assert "Kiểm tra không đạt: I14" in form


def test_the_same_page_makes_the_same_bytes() -> None:
    assert to_pdf(PAGE) == to_pdf(page())
    assert to_pdf(PAGE) != to_pdf(replace(PAGE, position=1))


def test_typed_text_is_markup_nowhere() -> None:
    evil = '[red]x[/red] | **đậm** #panic("x") <b> \x1b[31m'
    wrong = replace(PAGE, files=(LeftFile(path=evil, description=evil),), notes=(evil,), title=evil)
    text = to_text(wrong)
    assert "[red]x[/red]" in text
    assert "\x1b" not in text
    assert "\\*\\*đậm\\*\\*" in to_markdown(wrong)
    assert '#panic("x")' in " ".join(PdfReader(BytesIO(to_pdf(wrong))).pages[0].extract_text().split())


def test_a_terminal_shows_the_same_figures_in_colour() -> None:
    written = StringIO()
    to_console(PAGE, Console(file=written, width=100, force_terminal=True, color_system="standard"))
    assert "\x1b[" in written.getvalue()
    assert "1.765.378" in written.getvalue()


def test_the_picture_shows_the_split_in_proportion() -> None:
    """Of the first bar's first level the cells keep 30 %: so many of its pixels are of the colour of what is kept."""
    image = Image.open(BytesIO(to_png(PAGE, ppi=100)[0])).convert("RGB")
    kept, passed = (0x8C, 0x1C, 0x13), (0xE7, 0xC6, 0x64)
    for y in range(image.height):
        row = [image.getpixel((x, y)) for x in range(image.width)]
        if row.count(kept) > 50:
            share = row.count(kept) / (row.count(kept) + row.count(passed))
            assert share == pytest.approx(529_613 / 1_765_378, abs=0.01)
            return
    pytest.fail("no bar was drawn")
