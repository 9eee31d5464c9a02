"""Whoever types what the documentation shows is understood, and no command is without a page."""

import re

import pytest

from domain.errors import RefusalCode
from tests.unit.docs_commands import PAGES, ROOT, Shown, called, leaves, shown, trouble

_A_FILE = re.compile(r"[^/].*\.(csv|xlsx|xml|pdf|json|jsonl|toml|txt)")

#: Commands of whoever runs or develops the program; the others belong to an office and have a how-to page.
_NOT_OFFICE_WORK = {("example",), ("serve",), ("rebuild",), ("demo",)}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_command_line_on_a_page_can_be_typed(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lines = list(shown(page))
    for name in {word for line in lines for word in line.words if _A_FILE.fullmatch(word)}:
        # The parser looks for some files at once, and an office has them; only their names are ours.
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    wrong = [f"{line.text}\n    {why}" for line in lines if (why := trouble(line))]
    assert not wrong, "\n".join(wrong)


def test_every_command_of_an_office_stands_in_a_how_to():
    told = {
        found[0]
        for page in PAGES
        if page.parent.name == "how-to"
        for line in shown(page)
        if (found := called(line.words))
    }
    assert sorted(set(leaves()) - told - _NOT_OFFICE_WORK) == []


@pytest.mark.parametrize("page", [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md"], ids=lambda p: p.stem)
def test_every_link_leads_somewhere(page):
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if "://" not in link and not (page.parent / link).exists()] == []


def test_every_how_to_stands_in_the_index():
    folder = ROOT / "docs" / "how-to"
    linked = set(re.findall(r"\]\(([a-z-]+\.md)\)", (folder / "README.md").read_text(encoding="utf-8")))
    assert linked == {page.name for page in folder.glob("*.md")} - {"README.md"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_refusal_that_a_page_explains_exists(page):
    _, _, trouble_section = page.read_text(encoding="utf-8").partition("## What can go wrong")
    named = {
        code
        for line in trouble_section.splitlines()
        if line.startswith("| `")
        for code in re.findall(r"`([a-z]+(?:-[a-z]+)+)`", line.split("|")[1])
    }
    assert sorted(named - set(RefusalCode)) == []


@pytest.mark.parametrize(
    ("words", "whole", "said"),
    [
        ("remit transit --unit X --on 2026-08-20", True, None),
        ("remit transit --unite X", True, "--unite"),
        ("remit transit --on 2026-08-20", True, "--unit"),
        ("remit transit --on 2026-08-20", False, None),
        ("remit transit --nowhere", False, "--nowhere"),
        ("remit travel --unit X", True, "remit travel"),
        ("close month --month 2026-07", True, "--"),
        ("remit transit --unit X --on tomorrow", True, "tomorrow"),
    ],
)
def test_a_wrong_line_would_be_found(words, whole, said):
    line = Shown(page="", text=words, words=tuple(words.split()), whole=whole)
    why = trouble(line)
    assert (why is None) if said is None else (why is not None and said in why)


def test_the_pages_show_many_lines_in_blocks_and_in_sentences():
    lines = [line for page in PAGES for line in shown(page)]
    assert sum(line.whole for line in lines) > 100
    assert sum(not line.whole for line in lines) > 40
    assert {line.page for line in lines} >= {
        page.relative_to(ROOT).as_posix() for page in PAGES if page.parent.name == "how-to" and page.stem != "README"
    }
