"""A machine that is not ready: settings, database, folders, a demo that was not played, a story that is broken."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from psycopg.conninfo import make_conninfo

from api.demo.settings import EXAMPLE
from tests.acceptance.office_desk import SCENARIO, Answer, Desk, environment

STORY = (EXAMPLE / "demo.toml").read_text(encoding="utf-8")
COMMANDS: list[tuple[str, ...]] = [
    ("verify",),
    ("reconcile", "--from", "2026-07-01", "--to", "2026-07-31"),
    ("dues", "request", "HJQPM5YNFT97"),
    ("remit", "approve", "x", "--unit", "31.001", "--as", "VH-BT"),
    ("serve",),
]


def refused(answer: Answer, *words: str) -> None:
    """Exit status 1 and every word, without a traceback."""
    assert answer.code == 1, answer
    assert all(word in answer.said for word in words), answer.said
    assert "Traceback" not in answer.said


@pytest.fixture
def bare(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk whose machine has no settings at all."""
    for name in environment(SCENARIO.settings, ""):
        monkeypatch.delenv(name, raising=False)
    return Desk("", capsys)


def test_every_missing_and_bad_setting_is_named_at_once(bare: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DANGPHI_SHARD", "99")
    monkeypatch.setenv("DANGPHI_SCHEMA", "Hải Phòng")
    monkeypatch.setenv("DANGPHI_REFERENCE_KEY", "abc")
    needed = ("DANGPHI_VAULT_KEY", "DANGPHI_PORTAL_PARTNER", "DANGPHI_PORTAL_SECRET", "DANGPHI_TOP_UNIT")
    wrong = ("DANGPHI_SHARD (0 đến 63)", "DANGPHI_SCHEMA", "DANGPHI_REFERENCE_KEY (cần ít nhất 32")
    refused(bare.dangphi("verify"), *needed, *wrong, "docs/reference/settings.md", "--demo")


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("not an address", ("DANGPHI_DATABASE_URL", "không phải địa chỉ PostgreSQL", "postgresql://")),
        ("postgresql://u:mat-khau@127.0.0.1:1/none", ("host=127.0.0.1 port=1", "Kiểm tra máy chủ PostgreSQL")),
    ],
)
def test_a_database_that_cannot_be_reached_is_named_without_its_password(
    bare: Desk, monkeypatch: pytest.MonkeyPatch, address: str, words: Sequence[str]
) -> None:
    for name, value in environment(SCENARIO.settings, address).items():
        monkeypatch.setenv(name, value)
    answer = bare.dangphi("verify")
    refused(answer, *words)
    assert "mat-khau" not in answer.said


def test_a_database_that_was_not_made_is_named(
    bare: Desk, monkeypatch: pytest.MonkeyPatch, postgres_server: str
) -> None:
    for name, value in environment(SCENARIO.settings, make_conninfo(postgres_server, dbname="chua_tao")).items():
        monkeypatch.setenv(name, value)
    refused(bare.dangphi("verify"), "dbname=chua_tao", "cơ sở dữ liệu đã được tạo")


def test_a_data_folder_that_cannot_be_written_is_named(bare: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment(SCENARIO.settings, "").items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("DANGPHI_DATABASE_URL")
    refused(bare.dangphi("verify", "--data", "/dev/null/dangphi"), "/dev/null/dangphi", "quyền ghi", "--data")


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_before_the_demo_was_played_every_command_says_to_play_it(
    bare: Desk, tmp_path: Path, command: tuple[str, ...]
) -> None:
    refused(
        bare.dangphi(*command, "--demo", "--data", tmp_path / "pg"),
        str(tmp_path / "pg"),
        "`dangphi demo --act 1` trước",
    )
    assert not (tmp_path / "pg").exists()


def _file(out: Path) -> None:
    out.write_text("của tôi", encoding="utf-8")


def _work(out: Path) -> None:
    out.mkdir()
    (out / "báo cáo.docx").write_text("của tôi", encoding="utf-8")


@pytest.mark.parametrize(("make", "word"), [(_file, "đã có một tệp"), (_work, "không do `dangphi demo` để lại")])
def test_the_demo_removes_nothing_that_is_not_its_own(bare: Desk, tmp_path: Path, make: object, word: str) -> None:
    out = tmp_path / "demo-output"
    assert callable(make)
    make(out)
    before = sorted(path.read_bytes() for path in (out, *out.rglob("*")) if path.is_file())
    refused(bare.dangphi("demo", "--out", out, "--data", tmp_path / "pg"), str(out), word, "--out")
    assert sorted(path.read_bytes() for path in (out, *out.rglob("*")) if path.is_file()) == before
    assert not (tmp_path / "pg").exists()


BROKEN: dict[str, tuple[str | bytes, Sequence[str]]] = {
    "cut": (STORY[:1500], ("cuối tệp", "bị cắt", "lấy lại")),
    "misspelt": (STORY.replace("seed = 20260701", "seed 20260701"), ("dòng 4 cột", "TOML sai cú pháp")),
    "utf-16": (STORY.encode("utf-16"), ("không phải UTF-8", "lưu lại")),
    "without-seed": (STORY.replace("seed = 20260701", ""), ("thiếu mục 'seed'", "lấy lại")),
    "bad-key": (STORY.replace('reference_key = "6b', 'reference_key = "zz'), ("sai kiểu", "tệp kịch bản gốc")),
    "unknown-step": (STORY.replace('do = "law"', 'do = "luat"'), ("«luat»", "law, shares")),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_story_is_refused_before_anything_is_touched(bare: Desk, tmp_path: Path, case: str) -> None:
    text, words = BROKEN[case]
    folder, out = tmp_path / "story", tmp_path / "out"
    folder.mkdir()
    (folder / "demo.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
    answer = bare.dangphi("demo", "--folder", folder, "--out", out, "--data", tmp_path / "pg")
    refused(answer, "demo.toml", *words)
    assert not out.exists()
    assert not (tmp_path / "pg").exists()


def test_a_story_that_stops_half_way_names_the_step_and_the_file(bare: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "story"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("officers.csv"))
    data = Path("/tmp") / f"{tmp_path.parent.name}-{tmp_path.name}-pg"
    try:
        answer = bare.dangphi("demo", "--folder", folder, "--out", tmp_path / "out", "--data", data)
    finally:
        shutil.rmtree(data, ignore_errors=True)
    refused(answer, "«Giao quyền cho cán bộ»", "officers.csv", "không có tệp")
