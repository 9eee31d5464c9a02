"""Bulk export: whole files or none, the figures of the books, no names and no formulas, and little memory."""

import csv
import os
import signal
import subprocess
import sys
import time
from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook
from pyarrow import parquet

from adapters.bulk.files import Format, write
from api.flows.export import export_to
from api.reading import reading
from domain.errors import Malformed, Refusal, RefusalCode
from domain.identifiers import UnitId
from domain.period import VIETNAM, Month
from ledger.ports import Person
from ledger.reports_export import ExportColumn, ExportKind
from projections import export
from projections.export import Dataset
from tests.conftest import ShardMaker
from tests.projection_log import played

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 9, 30, 9, tzinfo=VIETNAM)
WHOLE = {"unit": UnitId("VH"), "first": Month("2026-07"), "last": Month("2026-09"), "at": NOW, "actor": "VH-KT"}


@pytest.fixture(scope="module")
def ward(_shared_database):
    with played(ShardMaker(_shared_database)()) as installation:
        yield installation


def _csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_the_journal_in_every_format_says_the_same_and_balances(ward, tmp_path):
    for one in Format:
        done = export_to(ward, tmp_path / f"so.{one}", dataset=Dataset.JOURNAL, wanted=one, **WHOLE)
        assert done.rows > 100
    rows = _csv(tmp_path / "so.csv")
    amounts = [int(row["số tiền (nợ +, có −)"]) for row in rows]
    assert sum(amounts) == 0
    sheet = load_workbook(tmp_path / "so.xlsx", read_only=True).worksheets[0]
    lines = list(sheet.iter_rows(values_only=True))
    assert [row[8] for row in lines[1:]] == amounts
    table = parquet.read_table(tmp_path / "so.parquet")
    assert table.column("amount").to_pylist() == amounts
    assert str(table.schema.field("occurred_on").type) == "date32[day]"


def test_every_dataset_is_what_the_read_models_hold(ward, tmp_path):
    with reading(ward) as read:
        months = read.conn.execute("SELECT count(*) FROM " + export._SOURCES[Dataset.OBLIGATIONS].table).fetchone()
    for dataset in Dataset:
        path = tmp_path / f"{dataset}.csv"
        done = export_to(ward, path, dataset=dataset, wanted=Format.CSV, **WHOLE)
        rows = _csv(path)
        assert len(rows) == done.rows > 0
        assert len(rows[0]) == len(export.columns(dataset))
        if dataset is Dataset.OBLIGATIONS:
            assert all("2026-07" <= row["tháng"] <= "2026-09" for row in rows)
            assert done.rows <= months[0]
            for row in rows:
                left = int(row["mức đóng"]) - int(row["miễn giảm"]) - int(row["đã đóng"])
                assert int(row["còn phải đóng"]) == left


def test_only_the_units_and_months_asked_for(ward, tmp_path):
    path = tmp_path / "a.csv"
    given = {**WHOLE, "unit": UnitId("A"), "last": Month("2026-07"), "actor": "A-TP"}
    export_to(ward, path, dataset=Dataset.OBLIGATIONS, wanted=Format.CSV, **given)
    assert {(row["mã đơn vị"], row["tháng"]) for row in _csv(path)} == {("A", "2026-07")}


def test_names_are_for_those_who_keep_the_roll(ward, tmp_path):
    path = tmp_path / "ten.csv"
    with reading(ward) as read:
        member = read.members(["A"])[0].member_id
    ward.vault.put([Person(member_id=member, name="=Nguyễn Văn Thử", card_number=None)])
    export_to(ward, path, dataset=Dataset.OBLIGATIONS, wanted=Format.CSV, **WHOLE)
    assert "Nguyễn" not in path.read_text(encoding="utf-8-sig")
    export_to(ward, path, dataset=Dataset.OBLIGATIONS, wanted=Format.CSV, names=True, **WHOLE)
    named = {row["họ tên"] for row in _csv(path) if row["mã đảng viên"] == member}
    assert named == {"'=Nguyễn Văn Thử"}
    before = path.read_bytes()
    for wrong, code in (({"actor": "A-TP", "unit": UnitId("A")}, None), ({"actor": "nobody"}, None)):
        with pytest.raises(Refusal) as caught:
            export_to(ward, path, dataset=Dataset.OBLIGATIONS, wanted=Format.CSV, names=True, **{**WHOLE, **wrong})
        assert caught.value.code is (code or RefusalCode.NOT_ALLOWED)
    with pytest.raises(Malformed):
        export_to(ward, path, dataset=Dataset.JOURNAL, wanted=Format.CSV, names=True, **WHOLE)
    assert path.read_bytes() == before


def test_a_backward_period_and_a_missing_folder_are_refused_before_anything_is_written(ward, tmp_path):
    given = {**WHOLE, "first": Month("2026-10")}
    with pytest.raises(Refusal):
        export_to(ward, tmp_path / "x.csv", dataset=Dataset.JOURNAL, wanted=Format.CSV, **given)
    with pytest.raises(Malformed):
        export_to(ward, tmp_path / "no" / "x.csv", dataset=Dataset.JOURNAL, wanted=Format.CSV, **WHOLE)
    assert list(tmp_path.iterdir()) == []


# --- Files alone ------------------------------------------------------------------------------------------------

COLUMNS = (
    ExportColumn(name="a", title="chữ"),
    ExportColumn(name="b", title="số", kind=ExportKind.NUMBER),
    ExportColumn(name="c", title="ngày", kind=ExportKind.DAY),
    ExportColumn(name="d", title="lúc", kind=ExportKind.MOMENT),
)
EVIL = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "=cmd|' /C calc'!A0")


def _rows(texts):
    return [(text, -5, date(2026, 7, 1), NOW) for text in texts]


@pytest.mark.parametrize("one", [Format.CSV, Format.XLSX])
def test_text_never_becomes_a_formula(tmp_path, one):
    path = tmp_path / f"x.{one}"
    assert write(path, one, COLUMNS, _rows(EVIL)) == len(EVIL)
    if one is Format.CSV:
        texts = [row["chữ"] for row in _csv(path)]
    else:
        cells = [row[0] for row in load_workbook(path).worksheets[0].iter_rows(min_row=2)]
        assert {cell.data_type for cell in cells} == {"s"}
        texts = [cell.value for cell in cells]
    assert all(text.startswith("'") for text in texts)


@pytest.mark.parametrize("one", list(Format))
def test_nothing_to_write_is_a_file_with_its_headings(tmp_path, one):
    path = tmp_path / f"x.{one}"
    assert write(path, one, COLUMNS, []) == 0
    if one is Format.PARQUET:
        assert parquet.read_table(path).column_names == ["a", "b", "c", "d"]
    elif one is Format.XLSX:
        assert [cell.value for cell in load_workbook(path).worksheets[0][1]] == ["chữ", "số", "ngày", "lúc"]
    else:
        assert path.read_text(encoding="utf-8-sig").strip() == "chữ,số,ngày,lúc"


@pytest.mark.parametrize("one", list(Format))
def test_a_source_that_breaks_leaves_the_earlier_file_as_it_was(tmp_path, one):
    path = tmp_path / f"x.{one}"
    path.write_bytes(b"before")

    def broken():
        yield from _rows(["x"] * 25_000)
        raise ConnectionError("the database went away")

    with pytest.raises(ConnectionError):
        write(path, one, COLUMNS, broken())
    assert path.read_bytes() == b"before"
    assert [found.name for found in tmp_path.iterdir()] == [path.name]


_KILLED = """
import itertools, pathlib, sys, time
from adapters.bulk.files import Format, write
from ledger.reports_export import ExportColumn
path = pathlib.Path(sys.argv[1])
def rows():
    for n in itertools.count():
        if n == 30_000:
            print("half", flush=True)
            time.sleep(60)
        yield (f"{n}",)
write(path, Format(path.suffix[1:]), (ExportColumn(name="a", title="a"),), rows())
"""


@pytest.mark.parametrize("one", list(Format))
def test_a_killed_export_leaves_no_half_file_and_the_next_one_succeeds(tmp_path, one):
    path = tmp_path / f"x.{one}"
    with subprocess.Popen([sys.executable, "-c", _KILLED, str(path)], stdout=subprocess.PIPE, cwd=ROOT) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"half\n"
        os.kill(child.pid, signal.SIGKILL)
    assert not path.exists()
    assert write(path, one, COLUMNS, _rows(["y"])) == 1
    assert [found.name for found in tmp_path.iterdir()] == [path.name]


_MANY = """
import resource, sys
from datetime import date
from adapters.bulk.files import Format, write
from ledger.reports_export import ExportColumn, ExportKind
import pathlib
path = pathlib.Path(sys.argv[1])
columns = (ExportColumn(name="a", title="a"), ExportColumn(name="b", title="b", kind=ExportKind.NUMBER))
if path.suffix == ".parquet":
    import pyarrow.parquet
write(path, Format(path.suffix[1:]), columns, ((f"member-{n}", n) for n in range(1_000)))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
write(path, Format(path.suffix[1:]), columns, ((f"member-{n}", n) for n in range(int(sys.argv[2]))))
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.parametrize(("one", "rows"), [(Format.CSV, 1_000_000), (Format.PARQUET, 1_000_000), (Format.XLSX, 60_000)])
def test_a_million_rows_take_no_more_memory_than_a_thousand(tmp_path, one, rows):
    begun = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", _MANY, str(tmp_path / f"x.{one}"), str(rows)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
    )
    grown = int(done.stdout)
    assert grown < 60, f"{grown} MB more for {rows} rows in {time.perf_counter() - begun:.1f} s"
