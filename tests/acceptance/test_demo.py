"""The demo through its front door: example files that can be made again, a play that ends in a page that adds up."""

import json
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader
from rich.console import Console

from api.demo.generate import generate
from api.demo.run import Played, run
from api.demo.settings import EXAMPLE
from ledger.closing_tables import check, headline


def _files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_every_example_file_can_be_made_again_byte_for_byte(tmp_path: Path) -> None:
    generate(EXAMPLE, tmp_path)
    made, committed = _files(tmp_path), _files(EXAMPLE)
    assert sorted(made) == sorted(committed)
    differing = [name for name, data in committed.items() if made[name] != data]
    assert not differing


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Played, Path]:
    """One play of the whole demo on an embedded server of its own."""
    out = tmp_path_factory.mktemp("demo") / "demo-output"
    data = tmp_path_factory.mktemp("postgres")
    quiet = Console(file=StringIO(), width=100)
    return run(folder=EXAMPLE, out=out, data_dir=data, console=quiet), out


def test_the_demo_ends_in_a_page_that_adds_up_and_every_check_passes(played: tuple[Played, Path]) -> None:
    result, _ = played
    assert result.ok
    assert check(result.page) == ()
    assert [line.check_id for line in result.page.checks if not line.ok] == []
    assert headline(result.page).startswith("✓ ĐỦ")


def test_the_first_line_of_the_page_is_the_cover(played: tuple[Played, Path]) -> None:
    _, out = played
    assert (out / "ket-so.txt").read_text(encoding="utf-8").splitlines()[0].startswith("✓ ĐỦ: đang giữ")


def test_what_members_paid_is_kept_or_sent_to_the_last_dong(played: tuple[Played, Path]) -> None:
    result, _ = played
    levels = result.page.flows[0].levels
    kept = sum(level.kept for level in levels)
    assert levels[0].from_members - levels[0].refunded == kept + levels[-1].payable
    assert all(level.collected == level.kept + level.unsplit + level.payable for level in levels)


def test_the_workbooks_open_and_name_every_leftover(played: tuple[Played, Path]) -> None:
    _, out = played
    for name in ("doi-chieu-2026-07.xlsx", "doi-chieu-2026-08-11.xlsx", "doi-chieu-quy-3.xlsx"):
        book = load_workbook(BytesIO((out / name).read_bytes()))
        assert len(book.sheetnames) >= 6


def test_there_is_an_image_of_each_code_in_both_formats(played: tuple[Played, Path]) -> None:
    _, out = played
    pngs, svgs = sorted((out / "qr").glob("*.png")), sorted((out / "qr").glob("*.svg"))
    assert [path.stem for path in pngs] == [path.stem for path in svgs]
    assert len(pngs) == 12
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in pngs)


def test_the_receipts_and_slips_open(played: tuple[Played, Path]) -> None:
    _, out = played
    assert len(PdfReader(BytesIO((out / "bien-lai.pdf").read_bytes())).pages) > 1_000
    assert "PHIẾU NỘP ĐẢNG PHÍ" in PdfReader(BytesIO((out / "phieu-nop.pdf").read_bytes())).pages[0].extract_text()


def test_the_log_of_the_demo_names_nobody(played: tuple[Played, Path]) -> None:
    """Names and card numbers of the roll stand in the vault and on papers, never in the check or the closing page."""
    _, out = played
    for name in ("kiem-tra.json", "ket-so.txt"):
        text = (out / name).read_text(encoding="utf-8")
        assert " Mẫu " not in text.replace("Sông Mẫu", "").replace("Đồng Mẫu", "")
        assert "99.1" not in text


def test_the_check_of_the_log_covers_every_event(played: tuple[Played, Path]) -> None:
    result, out = played
    verdict = json.loads((out / "kiem-tra.json").read_text(encoding="utf-8"))
    assert verdict["ok"] is True
    assert verdict["events"] == result.events
