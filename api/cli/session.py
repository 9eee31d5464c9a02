"""What every office command shares: which installation, who acts, when, and how the answer is printed."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID, uuid4

import typer

from adapters.clock import SystemClock
from adapters.postgres import server
from api.demo.scenario import VIETNAM
from api.demo.settings import ACT_NAME, played_settings
from api.naming import unit_codes
from api.settings import Settings, environ
from api.troubles import database_troubles
from api.wiring import Installation, data_dir_of, on_postgres
from domain import organisation
from domain.errors import Malformed, Refusal, RefusalCode
from domain.identifiers import UnitId
from domain.money import AMOUNT_CAP, format_dong
from ledger.application import Outcome
from ledger.store import VersionMoved
from ledger.work import Act

#: Whose page is read when the demo's data are shown: the inspection committee's.
DEMO_READER = "VH-UBKT1"

Actor = Annotated[str, typer.Option("--as", help="Mã cán bộ thực hiện (có trong officers.csv).")]
Reader = Annotated[str | None, typer.Option("--as", help="Mã cán bộ xem sổ; cần quyền xem.")]
At = Annotated[str | None, typer.Option("--at", help="Thời điểm, ví dụ 2026-07-31T20:00; mặc định là bây giờ.")]
CommandId = Annotated[
    str | None, typer.Option("--command-id", help="Mã lệnh (UUID); gửi lại cùng mã thì không ghi hai lần.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Chỉ cho xem điều sẽ xảy ra, không ghi.")]
AsJson = Annotated[bool, typer.Option("--json", help="In kết quả dạng JSON.")]
Demo = Annotated[
    bool, typer.Option("--demo", help="Làm việc trên dữ liệu của dangphi demo; màn hai: đặt DANGPHI_DEMO_ACT=2.")
]
Data = Annotated[Path | None, typer.Option("--data", help="Thư mục dữ liệu của PostgreSQL nhúng.")]


#: How a printed text names units; set by the installation that the command worked on.
_in_words: ContextVar[Callable[[str], str]] = ContextVar("in_words", default=str)


#: The largest file that a command reads whole, in bytes; the readers of each format have limits of their own.
MAX_FILE = 32 * 1024 * 1024

#: The same for a bank's statement, whose reader works in a stream.
MAX_STATEMENT = 512 * 1024 * 1024

#: Where a unit's id stands in an id that people type: a cash payment, a cash count, a shortage, a remittance.
_UNIT_WITHIN = re.compile(r"(?P<before>cash:|count:|KQ/|)(?P<unit>[^/:]+)(?P<after>/.*)")


@contextmanager
def opened(*, demo: bool, data: Path | None) -> Iterator[Installation]:
    """The installation a command works on. Raises ``CannotWork`` when its database cannot be reached."""
    settings = settings_of(demo=demo, data=data)
    try:
        with database_troubles(settings.database_url), on_postgres(settings) as inst:
            try:
                yield inst
            except VersionMoved:
                raise
            except Refusal as refusal:
                told = unit_codes(inst.ledger)(refusal.message)
                raise Refusal(refusal.code, told, **refusal.details) from refusal
            # Answers are printed after the connection is given back, so the codes are looked up before.
            _in_words.set(unit_codes(inst.ledger))
    finally:
        stop_embedded(settings, demo=demo)


def settings_of(*, demo: bool, data: Path | None) -> Settings:
    """The settings of the demo, which must have been played, or of the environment."""
    if demo:
        with database_troubles(None):
            return played_settings(data, act=environ().get(ACT_NAME, "1"))
    settings = Settings.from_environ(environ())
    return settings if data is None else replace(settings, data_dir=data)


def stop_embedded(settings: Settings, *, demo: bool) -> None:
    """Stop the embedded server unless somebody else still uses it; a configured database is left alone."""
    if demo or settings.database_url is None:
        # A folder in which no server could be started has been reported; there is nothing to stop in it.
        with suppress(OSError):
            server.stop(data_dir_of(settings))


def content(file: Path, most: int = MAX_FILE) -> bytes:
    """The bytes of a file that a command names; refused before it is read when it is too long to be what it should."""
    require_size(file, most)
    return file.read_bytes()


def require_size(file: Path, most: int) -> None:
    """Refuse a file that is too long to be what it should, or is not there."""
    size = file.stat().st_size
    if size > most:
        raise Malformed(
            f"tệp dài {format_dong(size)} byte, tối đa {format_dong(most)} byte; chia thành nhiều tệp nhỏ hơn",
            where=file.name,
        )


def dong(text: str) -> int:
    """An amount as typed: digits 0 to 9 only, because 50.000 may mean two things and other digits hide mistakes."""
    if not (text.isascii() and text.removeprefix("-").isdigit()):
        raise Refusal(
            RefusalCode.AMOUNT_NOT_INTEGER,
            f"Số tiền «{text[:40]}» phải là số đồng nguyên chỉ gồm chữ số 0–9, ví dụ 50000 (không dấu chấm, không phần "
            "lẻ).",
        )
    if text.startswith("-") or len(text) > len(str(AMOUNT_CAP)) or int(text) > AMOUNT_CAP:
        raise Refusal(
            RefusalCode.AMOUNT_OUT_OF_RANGE,
            f"Số tiền «{text[:40]}» phải lớn hơn 0 và không quá {format_dong(AMOUNT_CAP)} đồng; gõ lại số tiền.",
        )
    return int(text)


def moment(at: str | None) -> datetime:
    """The moment of an act: as given (Vietnamese time if no zone is named), or now."""
    if at is None:
        return SystemClock().now().astimezone(VIETNAM)
    try:
        found = datetime.fromisoformat(at)
    except ValueError as error:
        raise Malformed(f"không phải thời điểm: {at!r}; viết như 2026-07-31T20:00", where="--at") from error
    return found.replace(tzinfo=VIETNAM) if found.tzinfo is None else found.astimezone(VIETNAM)


def act(
    actor: str,
    at: str | None,
    command_id: str | None = None,
    *,
    reason: str | None = None,
    document: str | None = None,
) -> Act:
    """Who acts, when, under which command id."""
    try:
        chosen = uuid4() if command_id is None else UUID(command_id)
    except ValueError as error:
        raise Malformed(f"không phải UUID: {command_id!r}; bỏ trống để tự đặt", where="--command-id") from error
    return Act(actor=actor, at=moment(at), command_id=chosen, reason=reason, document=document)


def unit_id(inst: Installation, code: str) -> UnitId:
    """A unit by its code."""
    return organisation.by_code(inst.ledger.work().organisation, code).unit_id


def full_id(inst: Installation, text: str) -> str:
    """An id as the ledger keeps it: ``cash:31.001.007/PT-9`` may be typed with the unit's code."""
    found = _UNIT_WITHIN.fullmatch(text)
    if found is None:
        return text
    units = [one.unit_id for one in inst.ledger.work().organisation.units.values() if one.code == found["unit"]]
    return text if len(units) != 1 else f"{found['before']}{units[0]}{found['after']}"


def show(answer: Any, *, as_json: bool) -> None:
    """Print an answer: JSON on one line; or one labelled line a figure and one table a list, units by their codes."""
    if as_json:
        typer.echo(json.dumps(answer, ensure_ascii=False, default=str))
        return
    for key, value in answer.items():
        if isinstance(value, list | tuple):
            say(f"{key}: {len(value)}")
            for line in _listed(value):
                say(f"  {line}")
        else:
            say(f"{key}: {_shown(value, key)}")


#: Fields whose digits are a name and no amount.
_NAMES_IN_DIGITS = frozenset({"year", "position", "number"})


def say(text: str, *, err: bool = False) -> None:
    """Print a line in which units go by their codes."""
    typer.echo(_in_words.get()(text), err=err)


def _listed(items: Sequence[Any]) -> Iterator[str]:
    """Rows of the same fields stand under each other; anything else is a line each."""
    if not items or not all(isinstance(item, dict) for item in items):
        yield from (f"- {_shown(item, '')}" for item in items)
        return
    names = list(dict.fromkeys(name for item in items for name in item))
    # Widths are those of the text as it will be read, so ids become codes before columns are measured.
    rows = [names, *([_in_words.get()(_shown(item.get(name), name)) for name in names] for item in items)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(names))]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _shown(value: Any, name: str) -> str:
    """A figure with its thousands apart, nothing for nothing, and what is inside of something in one line."""
    match value:
        case None:
            return ""
        case bool():
            return "có" if value else "không"
        case int():
            return str(value) if name in _NAMES_IN_DIGITS else format_dong(value)
        case dict():
            return ", ".join(f"{inner} {_shown(told, inner)}" for inner, told in value.items())
        case list() | tuple():
            return "; ".join(_shown(inner, name) for inner in value)
    return str(value)


def show_outcome(outcome: Outcome, *, as_json: bool, dry_run: bool = False, **about: object) -> None:
    """Print what became of a command; ``about`` is what it was about and its answer does not say."""
    answer = {**about, **outcome.answer}
    answer["position"] = outcome.position
    if dry_run:
        answer["dry_run"] = True
        answer["events"] = len(outcome.events)
    if outcome.replayed:
        answer["replayed"] = True
    show(answer, as_json=as_json)


def reading_as(reader: str | None, *, demo: bool) -> str:
    """Who looks: as given, the inspection committee over the demo's data; nobody looks unnamed."""
    if reader is None and not demo:
        raise Refusal(RefusalCode.NOT_ALLOWED, "Xem sổ phải ghi ai xem: thêm --as MÃ-CÁN-BỘ (người có quyền xem).")
    return reader or DEMO_READER
