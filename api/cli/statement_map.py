"""``dangphi statement map…``: saved column maps for the tables of banks that are not known."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from adapters.bank.column_maps import KINDS, ColumnMap, DateForm, drop_maps, save_map
from api.cli.session import AsJson, Data, Demo, say, settings_of, show
from api.cli.statement import app
from api.flows import column_maps
from domain.errors import Malformed
from domain.money import format_dong

__all__ = ("app",)

File = Annotated[Path, typer.Argument(help="Tệp bảng kê (XLSX, XLS, CSV, HTML).")]
Account = Annotated[str, typer.Option("--account", help="Số tài khoản mà bảng cột này dùng cho.")]


@app.command("map", help="Xem tiêu đề và các dòng đầu của bảng kê, với các cột đoán được; không lưu gì.")
def propose_command(file: File, as_json: AsJson = False) -> None:
    found = column_maps.propose(_existing(file), file.name)
    if as_json:
        show(asdict(found), as_json=True)
        return
    kinds = {place: kind for kind, place in found.guessed.items()}
    say(f"Tiêu đề ở {found.where}; tài khoản ghi trong tệp: {found.account or 'không thấy'}")
    for place, heading in enumerate(found.headings, start=1):
        examples = " · ".join(row[place - 1][:30] for row in found.rows if place <= len(row) and row[place - 1])
        say(f"  {place:>2}  {heading[:50]}  [{kinds.get(place, '?')}]  {examples[:80]}")
    columns = " ".join(f"--column {kind}={place}" for kind, place in found.guessed.items())
    say(f"Các loại cột: {', '.join(KINDS)}.")
    say(
        f"Lưu: dangphi statement map-save {file.name} --account {found.account or 'SỐ_TÀI_KHOẢN'} "
        f"{columns or '--column date=1 --column debit=… --column credit=…'}"
    )


@app.command("map-save", help="Đọc thử cả tệp theo bảng cột; cộng khớp số dư thì lưu, không khớp thì từ chối.")
def save_command(
    file: File,
    account: Account,
    column: Annotated[list[str], typer.Option("--column", help="loại=cột, ví dụ date=1; dùng nhiều lần.")],
    bin_: Annotated[str | None, typer.Option("--bin", help="BIN 6 chữ số của ngân hàng.")] = None,
    date_form: Annotated[str, typer.Option("--date-form", help="dmy, ymd hoặc mdy.")] = "dmy",
    decimal_mark: Annotated[
        str | None, typer.Option("--decimal-mark", help="Dấu thập phân «,» hoặc «.»; bỏ trống: theo từng cột.")
    ] = None,
    negative_debits: Annotated[bool, typer.Option("--negative-debits", help="Cột ghi nợ là số âm.")] = False,
    fill_down: Annotated[bool, typer.Option("--fill-down", help="Ngày trống nghĩa là ngày của dòng trên.")] = False,
    money_in: Annotated[
        list[str] | None, typer.Option("--money-in", help="Chữ ở cột direction chỉ tiền vào; dùng nhiều lần.")
    ] = None,
    as_json: AsJson = False,
    demo: Demo = False,
    data: Data = None,
) -> None:
    made = ColumnMap(
        account=account,
        bin=bin_,
        headings=column_maps.propose(_existing(file), file.name).headings,
        columns=column_maps.columns_from(column),
        date_form=_form(date_form),
        decimal_mark=decimal_mark,
        negative_debits=negative_debits,
        fill_down=fill_down,
        money_in=tuple(money_in or ()),
    )
    read = column_maps.understood(file, made)
    path = column_maps.maps_path(settings_of(demo=demo, data=data))
    save_map(path, made)
    if as_json:
        show({"statements": [asdict(one) for one in read], "saved": str(path)}, as_json=True)
        return
    for one in read:
        say(
            f"Tài khoản {one.account}: {one.lines} dòng, {format_dong(one.opening)} + {format_dong(one.money_in)} - "
            f"{format_dong(one.money_out)} = {format_dong(one.closing)}"
        )
        for day, way, amount, reference in one.first:
            say(f"  {day}  {way}  {format_dong(amount)}  {reference}")
    say(f"Đã lưu vào {path}")


@app.command("map-list", help="Các bảng cột đã lưu.")
def list_command(as_json: AsJson = False, demo: Demo = False, data: Data = None) -> None:
    saved = column_maps.saved_maps(settings_of(demo=demo, data=data))
    if as_json:
        show({"maps": [asdict(one) for one in saved]}, as_json=True)
        return
    rows = [
        {
            "account": one.account,
            "bin": one.bin or "",
            "columns": ", ".join(f"{kind}={place}" for kind, place in one.columns.items()),
            "headings": " | ".join(one.headings)[:80],
        }
        for one in saved
    ]
    show({"maps": rows}, as_json=False)


@app.command("map-remove", help="Bỏ các bảng cột của một tài khoản.")
def remove_command(account: Account, demo: Demo = False, data: Data = None) -> None:
    dropped = drop_maps(column_maps.maps_path(settings_of(demo=demo, data=data)), account)
    say(f"Đã bỏ {dropped} bảng cột của tài khoản {account}.")


def _existing(file: Path) -> Path:
    if not file.is_file():
        raise Malformed("không có tệp này", where=str(file))
    return file


def _form(text: str) -> DateForm:
    match text:
        case "dmy" | "ymd" | "mdy":
            return text
        case _:
            raise Malformed(f"{text!r}: viết dmy, ymd hoặc mdy", where="--date-form")
