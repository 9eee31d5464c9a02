"""Saved column maps: what an unknown bank's table is told, and what a map makes of it."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from adapters.bank.column_maps import ColumnMap, drop_maps, read_maps, save_map
from adapters.bank.reader import read_statement
from api.cli.statement_map import app
from domain.errors import Malformed, Refusal
from domain.notice import Direction

TABLE = """NGÂN HÀNG LẠ;;;;
Số tài khoản: 123456789;;;;
Số dư đầu kỳ: 1.000;;;;
Date;Details;Value;Sign;Ref
2026/07/04;HJQPM5YNFT97;50.000;C;R1
Date;Details;Value;Sign;Ref
2026/07/05;Phí;1.000;D;R2
Số dư cuối kỳ: 50.000;;;;
"""
MAP = ColumnMap(
    account="123456789",
    bin="970499",
    headings=("Date", "Details", "Value", "Sign", "Ref"),
    columns={"date": 1, "content": 2, "amount": 3, "direction": 4, "reference": 5},
    date_form="ymd",
    money_in=("C",),
)


def read(text: str, *maps: ColumnMap) -> list[tuple[date, Direction, int, str | None, str]]:
    (statement,) = read_statement(text.encode(), "la.csv", maps=maps)
    return [
        (line.booked_on, line.direction, line.amount, line.bank_reference, line.content) for line in statement.lines
    ]


LINES = [
    (date(2026, 7, 4), Direction.IN, 50_000, "R1", "HJQPM5YNFT97"),
    (date(2026, 7, 5), Direction.OUT, 1_000, "R2", "Phí"),
]


def test_unknown_headings_are_refused_with_what_was_seen_and_what_to_type() -> None:
    with pytest.raises(Malformed) as caught:
        read(TABLE)
    assert "Date | Details | Value | Sign | Ref" in caught.value.message
    assert "dangphi statement map" in caught.value.message
    assert caught.value.where == "la.csv, dòng 4"


def test_a_map_reads_the_table_by_the_direction_column() -> None:
    assert read(TABLE, MAP) == LINES
    (statement,) = read_statement(TABLE.encode(), "la.csv", maps=[MAP])
    assert (statement.account_number, statement.bin, statement.format) == ("123456789", "970499", "mapped-csv")


def test_a_sign_tells_the_direction_where_no_column_does() -> None:
    signed = replace(MAP, columns={"date": 1, "content": 2, "amount": 3, "reference": 5}, money_in=())
    assert read(TABLE.replace(";1.000;D", ";-1.000;D"), signed) == LINES


def test_two_columns_negative_debits_and_month_first_dates_are_read() -> None:
    text = "Số tài khoản: 123456789,,,\nNgày,Ra,Vào,Dư\n07/13/2026,-5,,95\n,,10,105\n"
    own = ColumnMap(
        account="123456789",
        bin=None,
        headings=("Ngày", "Ra", "Vào", "Dư"),
        columns={"date": 1, "debit": 2, "credit": 3, "balance": 4},
        date_form="mdy",
        negative_debits=True,
        fill_down=True,
    )
    (statement,) = read_statement(text.encode(), "a.csv", maps=[own])
    assert (statement.opening, statement.closing) == (100, 105)
    assert [(line.booked_on.day, line.amount, line.direction.value) for line in statement.lines] == [
        (13, 5, "out"),
        (13, 10, "in"),
    ]
    with pytest.raises(Malformed, match=r"lịch"):
        read_statement(text.encode(), "a.csv", maps=[replace(own, date_form="dmy")])


def test_the_map_of_another_account_is_not_used() -> None:
    with pytest.raises(Malformed, match="999999") as caught:
        read(TABLE, replace(MAP, account="999999"))
    assert "123456789" in caught.value.message
    assert read(TABLE, replace(MAP, account="999999"), MAP) == LINES


def test_a_file_without_an_account_number_is_the_account_of_its_only_map() -> None:
    bare = TABLE.replace("Số tài khoản: 123456789", "Chi nhánh Hải Phòng")
    assert read(bare, MAP) == LINES
    with pytest.raises(Malformed, match="không rõ"):
        read(bare, MAP, replace(MAP, account="999999"))


def test_changed_headings_are_not_read_by_the_old_map() -> None:
    with pytest.raises(Malformed, match="chưa biết các tiêu đề"):
        read(TABLE.replace("Value", "Net value"), MAP)


def test_a_map_that_takes_the_wrong_column_is_refused_by_the_sum() -> None:
    with pytest.raises(Refusal, match="lệch"):
        read(TABLE, replace(MAP, money_in=("D",)))


@pytest.mark.parametrize(
    "changes",
    [
        {"columns": {"date": 1}},
        {"columns": {"date": 1, "debit": 2}},
        {"columns": {"date": 1, "debit": 2, "credit": 3, "amount": 4}},
        {"columns": {"date": 1, "amount": 9}},
        {"columns": {"date": 1, "amount": 1}},
        {"columns": {"date": 1, "amount": 3, "magic": 4}},
        {"money_in": ()},
        {"account": "x"},
        {"date_form": "dym"},
        {"decimal_mark": "'"},
    ],
)
def test_a_map_that_cannot_read_a_table_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        replace(MAP, **changes)


def test_maps_are_kept_in_one_file_and_replaced_by_account_and_headings(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "maps.json"
    assert read_maps(path) == ()
    save_map(path, MAP)
    save_map(path, replace(MAP, bin=None))
    save_map(path, replace(MAP, account="999999"))
    assert [(one.account, one.bin) for one in read_maps(path)] == [("123456789", None), ("999999", "970499")]
    assert drop_maps(path, "123456789") == 1
    assert [one.account for one in read_maps(path)] == ["999999"]
    assert [item.name for item in path.parent.iterdir()] == ["maps.json"]


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"maps": 5}', '{"maps": [{"x": 1}]}', '{"maps": [[]]}', "[" * 10_000]
)
def test_a_damaged_file_of_maps_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "maps.json"
    path.write_text(text)
    with pytest.raises(Malformed) as caught:
        read_maps(path)
    assert caught.value.where == "maps.json"


ENVIRON = {
    "DANGPHI_REFERENCE_KEY": "ab" * 16,
    "DANGPHI_VAULT_KEY": "ab" * 32,
    "DANGPHI_PORTAL_PARTNER": "P",
    "DANGPHI_PORTAL_SECRET": "s",
    "DANGPHI_TOP_UNIT": "HP",
}


def test_a_map_is_proposed_saved_listed_and_removed_on_the_command_line(tmp_path: Path) -> None:
    file, kept = tmp_path / "la.csv", tmp_path / "maps.json"
    file.write_text(TABLE, encoding="utf-8")
    run = CliRunner()
    environ = {**ENVIRON, "DANGPHI_COLUMN_MAPS": str(kept)}
    proposed = run.invoke(app, ["map", str(file)], env=environ)
    assert proposed.exit_code == 0
    assert "4  Sign" in proposed.output
    assert "dangphi statement map-save la.csv --account 123456789" in proposed.output
    columns = [f"--column={kind}={place}" for kind, place in MAP.columns.items()]
    options = ["--account=123456789", "--date-form=ymd", "--money-in=C", "--bin=970499", *columns]
    wrong = run.invoke(app, ["map-save", str(file), *options, "--money-in=D"], env=environ)
    assert isinstance(wrong.exception, Refusal)
    assert not kept.exists()
    saved = run.invoke(app, ["map-save", str(file), *options], env=environ)
    assert "1.000 + 50.000 - 1.000 = 50.000" in saved.output
    assert read_maps(kept) == (MAP,)
    listed = run.invoke(app, ["map-list", "--json"], env=environ)
    assert json.loads(listed.output)["maps"][0]["account"] == "123456789"
    assert "1 bảng cột" in run.invoke(app, ["map-remove", "--account", "123456789"], env=environ).output
    assert read_maps(kept) == ()
