"""A reconciliation of all accounts that is killed goes on where it was; another position or question begins anew."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from api import wiring
from api.flows import reconcile_work
from api.flows.reconcile import reconcile_accounts
from api.flows.reconcile_work import Kept, reconcile_into
from tests.acceptance.story import Cell, Story, into, settings

SPAN: dict[str, Any] = {"from_date": date(2026, 7, 1), "to_date": date(2026, 7, 31), "as_of": date(2026, 8, 1)}


@pytest.fixture(scope="module")
def story() -> Story:
    """Three cells, each with one line that nobody can place."""
    told = Story(wiring.in_memory(settings()))
    told.set_up([Cell(id=name, bank=100_000) for name in ("A", "B", "C")])
    for name in ("A", "B", "C"):
        told.bank(name, date(2026, 7, 20), into(f"x{name}", date(2026, 7, 6), 7_000), clean=False)
    return told


def run(story: Story, folder: Path, **more: Any) -> tuple[Kept, list[str]]:
    said: list[str] = []
    return reconcile_into(story.installation, folder, **{**SPAN, **more}, progress=said.append), said


def test_what_is_kept_is_what_a_run_in_memory_finds(story: Story, tmp_path: Path) -> None:
    kept, said = run(story, tmp_path)
    assert tuple(kept) == reconcile_accounts(story.installation, **SPAN)
    assert len(kept) == 3
    assert sum(text.startswith("xong ") for text in said) == 3


def test_a_killed_run_goes_on_and_says_what_it_uses_again(
    story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, done = reconcile_work.reconcile_one, []

    def dies(*given: Any, **more: Any) -> Any:
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(given)
        return real(*given, **more)

    monkeypatch.setattr(reconcile_work, "reconcile_one", dies)
    with pytest.raises(KeyboardInterrupt):
        run(story, tmp_path)
    # A line half written when the power went is no finished account.
    with (tmp_path / "done.jsonl").open("a") as log:
        log.write('{"account": "970')
    monkeypatch.setattr(reconcile_work, "reconcile_one", real)
    kept, said = run(story, tmp_path)
    assert tuple(kept) == reconcile_accounts(story.installation, **SPAN)
    assert any("dùng lại 2/3 tài khoản" in text for text in said)
    assert sum(text.startswith("xong ") for text in said) == 1


def test_a_second_run_reads_nothing_again(story: Story, tmp_path: Path) -> None:
    run(story, tmp_path)
    kept, said = run(story, tmp_path)
    assert len(kept) == 3
    (only,) = said
    assert "dùng lại cả 3 tài khoản" in only


def test_a_kept_file_that_was_changed_is_made_again(story: Story, tmp_path: Path) -> None:
    kept, _ = run(story, tmp_path)
    kept.files[1].write_bytes(b"x")
    again, said = run(story, tmp_path)
    assert any("bị sửa hoặc mất" in text for text in said)
    assert tuple(again) == reconcile_accounts(story.installation, **SPAN)


def test_another_question_begins_anew(story: Story, tmp_path: Path) -> None:
    run(story, tmp_path)
    kept, said = run(story, tmp_path, as_of=date(2026, 8, 9))
    assert said[0] == "câu hỏi đã khác: làm lại từ đầu"
    assert {r.as_of for r in kept} == {date(2026, 8, 9)}


def test_a_log_that_has_grown_begins_anew(tmp_path: Path) -> None:
    told = Story(wiring.in_memory(replace(settings())))
    told.set_up([Cell(id="A", bank=100_000)])
    told.bank("A", date(2026, 7, 20), into("x", date(2026, 7, 6), 7_000), clean=False)
    run(told, tmp_path)
    told.bank("A", date(2026, 7, 25), into("y", date(2026, 7, 22), 8_000), clean=False)
    kept, said = run(told, tmp_path)
    assert "làm lại từ đầu" in said[0]
    assert [len(r.leftovers) for r in kept] == [2]
