"""The files of the books: the same bytes from any process, and workbooks that recalculate to what they show."""

import hashlib
import json
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook

from adapters.books.form_pdf import form_pngs
from adapters.books.form_posting import posting_text
from api import wiring
from api.flows import books as flow
from api.flows.progress import picture, progress_of
from domain.errors import Malformed
from domain.period import Month
from ledger.statutory.books import PostingPage
from tests.acceptance import test_story_4
from tests.acceptance.story import Story, settings
from tests.acceptance.test_book_signing import BOOKS, names

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "golden" / "books.json"


def played() -> Story:
    """Story 4 to its end, with two names in the vault."""
    story = Story(wiring.in_memory(settings()))
    test_story_4.test_a_refund_after_the_split_is_given_back_by_every_level(story)
    names(story, A1="Nguyễn Thị Ưởng", A2="Đỗ Quỳnh Ậu")
    return story


def made(story: Story) -> dict[str, flow.Made]:
    """Every book."""
    return {str(asked.kind): flow.make_book(story.installation, asked, with_names=True) for asked in BOOKS}


def digests(books: dict[str, flow.Made]) -> dict[str, dict[str, str]]:
    """sha256 of the three files of each, positions aside: the story's log may grow by an event in a later release."""
    return {
        kind: {name: hashlib.sha256(getattr(book, name)).hexdigest() for name in ("json", "xlsx", "pdf")}
        for kind, book in books.items()
    }


@pytest.fixture(scope="module")
def books() -> dict[str, flow.Made]:
    """Made once for the module."""
    return made(played())


def test_another_process_makes_the_same_bytes(books: dict[str, flow.Made]) -> None:
    code = "import json; from tests.integration.test_book_files import *; print(json.dumps(digests(made(played()))))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout.splitlines()[-1]) == digests(books)


def test_the_forms_are_those_of_the_golden_file(books: dict[str, flow.Made]) -> None:
    """A change of a form or a template shows here; look at the page, then write the file that the failure shows."""
    from adapters.books.form_pdf import as_data

    told = {kind: {**as_data(book.form), "versions": ""} for kind, book in books.items()}
    shown = json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True)
    assert json.loads(GOLDEN.read_text(encoding="utf-8")) == json.loads(shown)


HOW_TO = ROOT / "docs" / "how-to" / "statutory-books.md"


def test_the_template_of_the_how_to_takes_the_place_of_ours(tmp_path: Path) -> None:
    """What the page tells an office to do is done here: the block is copied into a folder and used."""
    block = HOW_TO.read_text(encoding="utf-8").split("```typst\n")[1].split("```")[0]
    (tmp_path / "b01.typ").write_text(block, encoding="utf-8")
    story = played()
    asked = next(one for one in BOOKS if one.kind == "b01")
    ours = flow.make_book(story.installation, asked)
    theirs = flow.make_book(story.installation, asked, templates=tmp_path)
    assert (theirs.json, theirs.xlsx) == (ours.json, ours.xlsx)
    assert theirs.pdf != ours.pdf
    assert block in theirs.inputs.template
    assert len(form_pngs(theirs.form, theirs.inputs.template, ppi=40)) == 1


def test_the_folder_of_the_settings_replaces_templates_of_books_and_of_other_papers(tmp_path: Path) -> None:
    (tmp_path / "b01.typ").write_text('#set page(paper: "a5")\n#data.title', encoding="utf-8")
    (tmp_path / "progress.typ").write_text('#set page(paper: "a6")\nMẫu riêng', encoding="utf-8")
    story = played()
    b01 = next(one for one in BOOKS if one.kind == "b01")
    own = replace(story.installation, settings=replace(story.installation.settings, templates=tmp_path))
    assert flow.make_book(own, b01).inputs.template.endswith("#data.title")
    july = progress_of(story.installation, BOOKS[1].unit_id, Month("2026-07"), as_of=date(2026, 7, 31))
    ours = picture(july, (), png=False)
    wiring.in_memory(replace(settings(), templates=tmp_path))
    theirs = picture(july, (), png=False)
    (tmp_path / "progress.typ").write_text("#nothing-known", encoding="utf-8")
    with pytest.raises(Malformed, match="mẫu in"):
        picture(july, (), png=False)
    wiring.in_memory(settings())
    assert picture(july, (), png=False) == ours != theirs


def test_every_page_has_its_places_to_sign_and_its_versions(books: dict[str, flow.Made]) -> None:
    for kind, book in books.items():
        pages = form_pngs(book.form, book.inputs.template, ppi=40)
        assert 1 <= len(pages) <= 2, kind
        assert book.pdf.startswith(b"%PDF")
        assert len(book.form.signatures) in (2, 3), kind
    page = books["posting"].book
    assert isinstance(page, PostingPage)
    told = posting_text(page)
    assert "Đảng phí đã thu trong kỳ: 662.284 đồng" in told
    assert "A1" not in told
    assert "Nguyễn" not in json.dumps(books["posting"].form.notes)


def test_no_name_stands_in_the_figures(books: dict[str, flow.Made]) -> None:
    for book in books.values():
        assert "Ưởng".encode() not in book.json
    assert "Ưởng" in str(books["s01"].form.grids[0].rows[0].cells)


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed: nothing recalculates")
def test_workbooks_recalculate_to_the_figures_they_carry(books: dict[str, flow.Made], tmp_path: Path) -> None:
    for kind, book in books.items():
        (tmp_path / f"{kind}.xlsx").write_bytes(book.xlsx)
    out = tmp_path / "out"
    profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    files = [str(tmp_path / f"{kind}.xlsx") for kind in books]
    command = ["soffice", profile, "--headless", "--convert-to", "xlsx", "--outdir", str(out), *files]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    compared = 0
    for kind in books:
        shown = load_workbook(tmp_path / f"{kind}.xlsx", data_only=True)
        live = load_workbook(tmp_path / f"{kind}.xlsx")
        again = load_workbook(out / f"{kind}.xlsx", data_only=True)
        for sheet in live.worksheets:
            for row in sheet.iter_rows():
                for cell in row:
                    if isinstance(cell.value, str) and cell.value.startswith("="):
                        before = shown[sheet.title][cell.coordinate].value
                        after = again[sheet.title][cell.coordinate].value
                        assert (after or 0) == (before or 0), (kind, sheet.title, cell.coordinate, cell.value)
                        compared += 1
    assert compared > 80
