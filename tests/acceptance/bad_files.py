"""Files as an office would have them, each with one thing wrong with it; every maker writes into a folder."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

from openpyxl import Workbook

from api.demo.settings import EXAMPLE

#: Makes a file in a folder and returns its path.
Maker = Callable[[Path], Path]

#: Statements of the ward: the one that is in, the one that follows, and the province's own.
KNOWN = (EXAMPLE / "sao-ke/2026-07-31-phuong/ward.xml").read_text(encoding="utf-8")
NEXT = (EXAMPLE / "sao-ke/2026-08-10-phuong/ward.xml").read_text(encoding="utf-8")
PROVINCE = (EXAMPLE / "sao-ke/2026-08-20-thanh-uy/province.xml").read_text(encoding="utf-8")
CELL_XLSX = (EXAMPLE / "sao-ke/2026-07-31-chi-bo/31.001.001.xlsx").read_bytes()

ROSTER_HEADINGS = (EXAMPLE / "danh-sach-dang-vien-co-quan.csv").read_text(encoding="utf-8-sig").splitlines()[0]
CASH_HEADINGS = "mã đơn vị,số phiếu,ngày,số thẻ,tháng,số tiền"
CASH_SHEET = (EXAMPLE / "tien-mat/2026-07/31.001.001.csv").read_bytes()
OPENINGS = (EXAMPLE / "so-du-dau-ky.csv").read_text(encoding="utf-8")
NOTICES = (EXAMPLE / "cong-dvc/thong-bao-2026-07-b.jsonl").read_text(encoding="utf-8")
SESSION_HEADINGS = "phiên,lúc mở,loại,mã đơn vị,số thẻ,tháng,số tiền,phiếu thu"


def holding(name: str, content: str | bytes) -> Maker:
    """A file with a content."""

    def make(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return make


def large(name: str, line: bytes, size: int) -> Maker:
    """A file of one line over and over, of at least ``size`` bytes; made only when it is asked for."""
    return lambda folder: holding(name, line * (size // len(line) + 1))(folder)


def missing(name: str) -> Maker:
    """A path where there is nothing."""
    return lambda folder: folder / name


def folder_named(name: str) -> Maker:
    """A folder where a file should be."""

    def make(folder: Path) -> Path:
        (folder / name).mkdir()
        return folder / name

    return make


def roster_row(
    card: str = "99.900001",
    unit: str = "31.001.001",
    enrolled: str = "01/07/2026",
    salary: str = "7500000",
    base_month: str = "06/2026",
) -> str:
    """A list of one made-up member."""
    row = f'950,Lý Thị Mẫu Thử,{card},{unit},{enrolled},,Thuộc diện BHXH bắt buộc,,"{salary}"'
    return f"{ROSTER_HEADINGS}\r\n{row},,,,{base_month},,,,,,,,Trực tuyến,,,\r\n"


def roster_workbook(salary: object) -> bytes:
    """The same list as a workbook, the salary as it is given: a number, a text or a formula."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    headings = next(csv.reader([ROSTER_HEADINGS]))
    sheet.append(headings)
    row: list[object] = [None] * len(headings)
    given = {
        "thứ tự": 950,
        "họ và tên": "Lý Thị Mẫu Thử",
        "số thẻ đảng": "99.900001",
        "mã chi bộ": "31.001.001",
        "ngày vào danh sách": "01/07/2026",
        "nhóm đối tượng": "Thuộc diện BHXH bắt buộc",
        "lương đóng BHXH": salary,
        "tháng căn cứ": "06/2026",
    }
    for heading, value in given.items():
        row[headings.index(heading)] = value
    sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def bomb() -> bytes:
    """A workbook of a few hundred kilobytes that unfolds to 300 MB."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w") as sheet,
    ):
        for _ in range(300):
            sheet.write(b"\0" * 1_000_000)
    return out.getvalue()


def cash(*rows: str) -> str:
    """A cash sheet of these rows."""
    return "".join(f"{row}\r\n" for row in (CASH_HEADINGS, *rows))


def cash_row(
    amount: str = "5000",
    unit: str = "31.001.001",
    on: str = "01/08/2026",
    card: str = "99.100959",
    month: str = "2026-07",
    slip: str = "PT-X1",
) -> str:
    """A sheet of one slip."""
    return cash(f'{unit},{slip},{on},{card},{month},"{amount}"')


def session(**changed: str) -> str:
    """A list of one session of a member of cell 31.001.005."""
    row = {
        "phiên": "s-1",
        "lúc mở": "2026-08-04T07:16:00+07:00",
        "loại": "đảng phí",
        "mã đơn vị": "31.001.005",
        "số thẻ": "99.119865",
        "tháng": "2026-07",
        "số tiền": "",
        "phiếu thu": "",
    } | changed
    return f"{SESSION_HEADINGS}\r\n{','.join(row.values())}\r\n"


def moved(statement: str, tag: str, by: int) -> str:
    """A statement with the balance of that code changed."""
    changed, count = re.subn(
        rf'({tag}.*?<Amt Ccy="VND">)(\d+)',
        lambda match: match[1] + str(int(match[2]) + by),
        statement,
        count=1,
        flags=re.DOTALL,
    )
    assert count == 1
    return changed


def first_entry(statement: str, amount: str) -> str:
    """A statement whose first entry has another amount."""
    changed, count = re.subn(r'(<Ntry>\s*<Amt Ccy="VND">)\d+', rf"\g<1>{amount}", statement, count=1)
    assert count == 1
    return changed


def swapped_entries(statement: str) -> str:
    """The same span and balances, two credits with one đồng more and one đồng less: other content of one span."""
    entries = re.findall(r'<Ntry>\s*<Amt Ccy="VND">(\d+)</Amt>\s*<CdtDbtInd>CRDT', statement)
    more = statement.replace(f'<Amt Ccy="VND">{entries[0]}<', f'<Amt Ccy="VND">{int(entries[0]) + 1}<', 1)
    assert more != statement
    at = more.rindex(f'<Amt Ccy="VND">{entries[-1]}<')
    return more[:at] + more[at:].replace(f">{entries[-1]}<", f">{int(entries[-1]) - 1}<", 1)


def with_dtd(dtd: str, entity: str) -> str:
    """A statement that declares a DTD and uses an entity in place of its account."""
    body = KNOWN.split("?>", 1)[1].replace("0000001002", f"&{entity};", 1)
    return f'<?xml version="1.0"?><!DOCTYPE d [{dtd}]>{body}'


BILLION_LAUGHS = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))


def two_statements(first: str, second: str) -> str:
    """One file with the statements of two files."""
    inner = re.search(r"<Stmt>.*</Stmt>", second, re.DOTALL)
    assert inner is not None
    return first.replace("</Stmt>", f"</Stmt>{inner[0]}", 1)


def notice(change: Callable[[str], str] = lambda line: line) -> str:
    """The first request of a file of notifications, changed."""
    return change(NOTICES.splitlines()[0]) + "\n"


def doubled_amount(line: str) -> str:
    """A signed notification in which the amount stands twice."""
    raw = json.loads(line)
    raw["body"] = raw["body"].replace('"SoTien":', '"SoTien":1,"SoTien":')
    return json.dumps(raw)
