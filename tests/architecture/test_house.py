"""The house rules that a reader relies on, checked on every file."""

import ast
import importlib.metadata
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("domain", "ledger", "adapters", "projections", "reconciliation", "api")
FILE_LINES = 400
FUNCTION_LINES = 60
PRODUCT = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
ALL = [*PRODUCT, *sorted((ROOT / "tests").rglob("*.py")), *sorted((ROOT / "bench").rglob("*.py"))]


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", ALL, ids=_name)
def test_a_file_fits_one_purpose(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= FILE_LINES, f"{_name(path)} has {len(lines)} lines; it is two things"


@pytest.mark.parametrize("path", ALL, ids=_name)
def test_a_function_fits_on_a_screen(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    long = [
        f"{node.name}: {node.end_lineno - node.lineno + 1}"
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > FUNCTION_LINES
    ]
    assert not long, f"{_name(path)}: {long}"


@pytest.mark.parametrize("path", [p for p in PRODUCT if p.parts[len(ROOT.parts)] == "ledger"], ids=_name)
def test_the_ledger_leaves_the_librarys_databases_alone(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = {
        name
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert not {n for n in imported if n.startswith(("eventsourcing.postgres", "eventsourcing.sqlite"))}


@pytest.mark.parametrize("path", PRODUCT, ids=_name)
def test_no_float_stands_near_money(path: Path) -> None:
    if path.parts[len(ROOT.parts)] not in ("domain", "ledger"):
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = [n for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id == "float"]
    true_divisions = [n for n in ast.walk(tree) if isinstance(n, ast.BinOp) and isinstance(n.op, ast.Div)]
    seconds = ("waits", "sleep")
    source = path.read_text(encoding="utf-8").splitlines()
    names = [n for n in names if not any(word in source[n.lineno - 1] for word in seconds)]
    assert not names, f"{_name(path)} names float at lines {[n.lineno for n in names]}"
    assert not true_divisions, f"{_name(path)} divides at lines {[n.lineno for n in true_divisions]}"


@pytest.mark.parametrize("path", [p for p in PRODUCT if p.parts[len(ROOT.parts)] in ("domain", "ledger")], ids=_name)
def test_rules_never_look_at_the_clock(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    for word in ("datetime.now(", "date.today(", "time.time(", "uuid4(", "random."):
        assert word not in source, f"{_name(path)} uses {word}"


@pytest.mark.parametrize("room", ROOMS)
def test_no_other_distribution_owns_a_room_of_ours(room: str) -> None:
    owners = importlib.metadata.packages_distributions().get(room, [])
    assert set(owners) <= {"dangphi"}, f"{room} also belongs to {owners}"


def test_every_room_has_a_real_and_empty_init() -> None:
    for room in ROOMS:
        init = ROOT / room / "__init__.py"
        assert init.exists()
        assert init.read_text(encoding="utf-8").strip() == ""


def test_no_machine_path_and_no_index_address_stands_in_the_project() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False).stdout.decode()
    files = [name for name in listed.split("\0") if name and not name.startswith(("tests/", ".ci/"))]
    for name in files:
        path = ROOT / name
        if path.suffix in {".png", ".xlsx", ".pdf"} or not path.exists():
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        for word in ("/work/", "/root/", "/farm/", "index-url", "extra-index"):
            assert word not in text, f"{name} contains {word}"
