"""One play of the whole demo: it adds up, and it names nobody.

Names and card numbers of the roll stand in the vault and on members' own papers, and nowhere else. The demo is played
with every log switched on; then its results, the logs of program, HTTP interface and database, and every table are
searched for any person of the roll. The play takes long, so what it ends in is looked at here too.
"""

import io
import json
import logging
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

import httpx
import psycopg
import pytest
from openpyxl import load_workbook
from psycopg.sql import SQL, Identifier
from pypdf import PdfReader
from rich.console import Console

from adapters.office.roster import read_roster
from adapters.postgres import server
from adapters.vietqr.payload import encode
from api.demo.run import Played, run
from api.demo.settings import DATABASE, EXAMPLE
from api.wiring import on_postgres
from domain.payment_request import PaymentRequested
from ledger.closing_tables import check, headline
from tests.acceptance.office_desk import SCENARIO

ROOT = Path(__file__).resolve().parents[2]
#: Files that members themselves are given; they bear the name of their owner.
OWN_PAPERS = {"bien-lai.pdf", "phieu-nop.pdf"}
SETTINGS = {"log_statement": "all", "fsync": "off", "full_page_writes": "off"}
TOKEN = {"Authorization": "Bearer vi-du-cong"}

#: The logs are long: each search begins with letters that hardly ever stand there.
_NAME = re.compile(r"(?:Thị|Văn) Mẫu \w+")
_BARE_NAME = re.compile(r"(?:thi|van) mau [a-z]+")
_CARD = re.compile(r"99[. -]?\d{6}")


@dataclass(frozen=True, slots=True)
class Play:
    """What a play of the demo ended in, where it left its results, and what was logged meanwhile."""

    result: Played
    out: Path
    program_log: str
    server_log: str
    http_log: str
    tables: dict[str, bytes]
    codes: list[tuple[str, str]]  #: VietQR payload of a member's request without its amount, card number of the member


def _people() -> tuple[frozenset[str], frozenset[str]]:
    names: set[str] = set()
    cards: set[str] = set()
    for name in ("danh-sach-dang-vien-khu-dan-cu.xlsx", "danh-sach-dang-vien-co-quan.csv"):
        for row in read_roster(EXAMPLE / name).rows:
            names.add(row.name)
            cards.add(row.card_number.replace(".", ""))
    return frozenset(names), frozenset(cards)


NAMES, CARDS = _people()


def _bare(name: str) -> str:
    decomposed = unicodedata.normalize("NFD", name.replace("Đ", "D").replace("đ", "d"))
    return "".join(c for c in decomposed if not unicodedata.combining(c)).lower()


_ENDINGS = frozenset(" ".join(name.split()[1:]) for name in NAMES)
_BARE_ENDINGS = frozenset(_bare(name) for name in _ENDINGS)
_HEX = tuple(part.encode().hex() for part in (" Thị Mẫu ", " Văn Mẫu ", *(f"99.{card[2:]}" for card in CARDS)))


def people_in(text: str) -> set[str]:
    """Every person of the roll that a text names: by name, by name without marks, or by card number."""
    plain = text if text.isascii() else unicodedata.normalize("NFC", text)
    found = set(_NAME.findall(plain)) & _ENDINGS
    found |= set(_BARE_NAME.findall(plain.lower())) & _BARE_ENDINGS
    for card in _CARD.finditer(plain):
        around = plain[max(card.start() - 1, 0) : card.start()] + plain[card.end() : card.end() + 1]
        # Eight digits within a longer number or a hash are no card.
        if re.sub(r"\D", "", card[0]) in CARDS and not re.search("[0-9a-fA-F]", around):
            found.add(card[0])
    return found


def people_in_hex(text: str) -> set[str]:
    """Middle names and cards of the roll that stand in a text as UTF-8 bytes in hexadecimal."""
    return {part for part in _HEX if part in text}


@pytest.fixture(scope="module")
def play() -> Iterator[Play]:
    """One play of the whole demo, with the database's log of every statement and the program's at its finest."""
    # Not below pytest's own folder: it is private to the user, and a server started by root runs as another.
    data = Path(tempfile.mkdtemp(prefix="dangphi-privacy-"))
    out = data / "demo-output"
    heard = io.StringIO()
    handler = logging.StreamHandler(heard)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        server.start(data / "pg", SETTINGS)
        with (data / "console.txt").open("w", encoding="utf-8") as screen:
            result = run(folder=EXAMPLE, out=out, data_dir=data / "pg", console=Console(file=screen, width=120))
        program_log = heard.getvalue() + (data / "console.txt").read_text(encoding="utf-8")
        http_log = _asked_over_http(data / "pg")
        dsn = server.start(data / "pg", SETTINGS).replace("dbname=postgres", f"dbname={DATABASE}")
        tables, codes = _contents(dsn)
        server_log = (data / "pg" / "postgres" / "log").read_text(encoding="utf-8", errors="replace")
        yield Play(result, out, program_log, server_log, http_log, tables, codes)
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
        server.stop(data / "pg")
        shutil.rmtree(data)


def _contents(dsn: str) -> tuple[dict[str, bytes], list[tuple[str, str]]]:
    """Every table as text, and the codes to be scanned of all requests with the card of whom they are for."""
    schema = SCENARIO.settings.schema
    tables: dict[str, bytes] = {}
    with psycopg.connect(dsn) as conn:
        names = conn.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", (schema,)).fetchall()
        for (name,) in names:
            with conn.cursor().copy(SQL("COPY {} TO STDOUT").format(Identifier(schema, name))) as copy:
                tables[name] = b"".join(bytes(block) for block in copy)
    with on_postgres(replace(SCENARIO.settings, database_url=dsn)) as inst:
        requests = []
        position = 0
        while batch := inst.store.read(position, 5_000):
            requests += [item.event for item in batch if isinstance(item.event, PaymentRequested)]
            position = batch[-1].position
        people = inst.vault.persons(sorted({asked.member_id for asked in requests if asked.member_id}))
        accounts = inst.ledger.work().organisation.accounts
    codes = [
        (encode(bin=of.bin, account=of.number, amount=None, content=asked.reference), str(people[member].card_number))
        for asked in requests
        if (member := asked.member_id) and (of := accounts[asked.account_id])
    ]
    return tables, codes


def _asked_over_http(data: Path) -> str:
    """What ``dangphi serve`` writes while strangers and services send it names."""
    name, card = sorted(NAMES)[0], "99.149594"
    command = [sys.executable, "-m", "api.cli.main", "serve", "--demo", "--data", str(data), "--port", "0"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout is not None
    said = process.stdout.readline()
    address = re.search(r"http://[0-9.]+:\d+", said)
    assert address is not None, said
    with httpx.Client(base_url=address[0], timeout=30) as client:
        client.get("/health")
        client.get("/requests/HJQPM5YNFT97", headers=TOKEN)
        client.get(f"/members/{card}/history", headers=TOKEN, params={"name": name})
        client.post("/callbacks/portal", content=f'{{"ThongTinGiaoDich": "{name} {card}"}}'.encode())
        client.post("/webhooks/sepay", json={"content": f"{name} {card}", "transferAmount": name})
        given = {"filename": "a.csv"}
        client.post("/statements", content=f"Ngày;{name};{card}\n".encode(), headers=TOKEN, params=given)
        client.post("/attempts", json={"kind": "dues", "member_id": card, "unit": name}, headers=TOKEN)
        client.post("/webhooks/gateway", json={"data": name}, headers={"Stripe-Signature": f"t=1,v1={card}"})
        client.post("/webhooks/sepay-hub", json={"content": f"{name} {card}", "amount": name})
        client.post("/portal/bills", json={"MaHoSo": card, "HoTen": name}, headers=TOKEN)
        client.get("/units/31.001/matches/card", params={"money": name}, headers=TOKEN)
        client.get(f"/reconciliations/{card}", params={"from": "2026-07-01", "to": name}, headers=TOKEN)
        client.get(f"/statements/{card}/file", headers=TOKEN)
        client.get(f"/attempts/{card}", headers=TOKEN)
        client.get(f"/attempts/{card}/receipt", headers=TOKEN)
        decided = {"unit": "31.001", "item": card, "kind": "wait", "reason": name, "owner": name}
        client.post("/open-items/decisions", json=decided, headers={**TOKEN, "Idempotency-Key": "k"})
    process.send_signal(signal.SIGTERM)
    rest, _ = process.communicate(timeout=30)
    return said + rest


def test_the_search_finds_whoever_is_named() -> None:
    """The canary of this module: the same search must find a name and a card where they do stand."""
    person = sorted(NAMES)[0]
    assert people_in(f"x {person} y")
    assert people_in(_bare(person).upper())
    assert people_in("số thẻ 99.149594,") == {"99.149594"}
    assert people_in(f"MBVCB.{sorted(CARDS)[0]}.CT")
    assert people_in_hex(person.encode().hex())
    assert people_in((EXAMPLE / "danh-sach-dang-vien-co-quan.csv").read_text(encoding="utf-8"))


def test_a_members_own_papers_do_name_their_member(play: Play) -> None:
    text = "".join(page.extract_text() for page in PdfReader(play.out / "phieu-nop.pdf").pages[:4])
    assert people_in(" ".join(text.split()))


def test_no_other_result_of_the_demo_names_anybody(play: Play) -> None:
    searched = set()
    for path in sorted(play.out.rglob("*")):
        if path.is_dir() or path.name in OWN_PAPERS:
            continue
        found = people_in(path.name) | people_in(_text_of(path))
        assert not found, f"{path.name}: {found}"
        searched.add(path.suffix)
    assert searched >= {".txt", ".md", ".json", ".pdf", ".xlsx", ".svg", ".png"}


def _text_of(path: Path) -> str:
    content = path.read_bytes()
    match path.suffix:
        case ".pdf":
            return " ".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)
        case ".xlsx":
            book = load_workbook(BytesIO(content), read_only=True)
            rows = (row for sheet in book.worksheets for row in sheet.iter_rows(values_only=True))
            return "\n".join(" ".join(str(cell) for cell in row if cell is not None) for row in rows)
        case _:
            return content.decode("utf-8", errors="replace")


def test_no_log_names_anybody(play: Play) -> None:
    assert "POST /callbacks/portal" in play.http_log
    assert "INSERT" in play.server_log
    for log in (play.program_log, play.server_log, play.http_log):
        assert not people_in(log)
    assert not people_in_hex(play.server_log)


def test_no_table_holds_a_name_or_a_card_that_can_be_read(play: Play) -> None:
    """Vault, inbox and evidence hold them encrypted; events and what is made of them do not hold them at all."""
    assert len(play.tables["vault"]) > 100_000
    assert b"dues-assessed" in play.tables["events"]
    for name, content in play.tables.items():
        text = content.decode()
        assert not people_in(text), name
        assert not people_in_hex(text), name


def test_no_code_to_be_scanned_holds_six_digits_of_its_members_card(play: Play) -> None:
    assert len(play.codes) > 1_000
    for payload, card in play.codes:
        digits = re.sub(r"\D", "", card)
        assert not [digits[at : at + 6] for at in range(len(digits) - 5) if digits[at : at + 6] in payload]


# --- it adds up ------------------------------------------------------------------------------------------------------


def test_the_demo_ends_in_a_page_that_adds_up_and_every_check_passes(play: Play) -> None:
    result = play.result
    assert result.ok
    assert check(result.page) == ()
    assert [line.check_id for line in result.page.checks if not line.ok] == []
    assert headline(result.page).startswith("✓ ĐỦ")


def test_the_first_line_of_the_page_is_the_cover(play: Play) -> None:
    out = play.out
    assert (out / "ket-so.txt").read_text(encoding="utf-8").splitlines()[0].startswith("✓ ĐỦ: đang giữ")


def test_what_members_paid_is_kept_or_sent_to_the_last_dong(play: Play) -> None:
    result = play.result
    levels = result.page.flows[0].levels
    kept = sum(level.kept for level in levels)
    assert levels[0].from_members - levels[0].refunded == kept + levels[-1].payable
    assert all(level.collected == level.kept + level.unsplit + level.payable for level in levels)


def test_the_workbooks_open_and_name_every_leftover(play: Play) -> None:
    out = play.out
    for name in ("doi-chieu-2026-07.xlsx", "doi-chieu-2026-08-11.xlsx", "doi-chieu-quy-3.xlsx"):
        book = load_workbook(BytesIO((out / name).read_bytes()))
        assert len(book.sheetnames) >= 6


def test_there_is_an_image_of_each_code_in_both_formats(play: Play) -> None:
    out = play.out
    pngs, svgs = sorted((out / "qr").glob("*.png")), sorted((out / "qr").glob("*.svg"))
    assert [path.stem for path in pngs] == [path.stem for path in svgs]
    assert len(pngs) == 12
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in pngs)


def test_the_receipts_and_slips_open(play: Play) -> None:
    out = play.out
    assert len(PdfReader(BytesIO((out / "bien-lai.pdf").read_bytes())).pages) > 1_000
    assert "PHIẾU NỘP ĐẢNG PHÍ" in PdfReader(BytesIO((out / "phieu-nop.pdf").read_bytes())).pages[0].extract_text()


def test_the_log_of_the_demo_names_nobody(play: Play) -> None:
    """Names and card numbers of the roll stand in the vault and on papers, never in the check or the closing page."""
    out = play.out
    for name in ("kiem-tra.json", "ket-so.txt"):
        text = (out / name).read_text(encoding="utf-8")
        assert " Mẫu " not in text.replace("Sông Mẫu", "").replace("Đồng Mẫu", "")
        assert "99.1" not in text


def test_the_check_of_the_log_covers_every_event(play: Play) -> None:
    result, out = play.result, play.out
    verdict = json.loads((out / "kiem-tra.json").read_text(encoding="utf-8"))
    assert verdict["ok"] is True
    assert verdict["events"] == result.events
