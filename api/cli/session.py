"""What every office command shares: which installation, who acts, when, and how the answer is printed."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID, uuid4

import typer

from adapters.clock import SystemClock
from adapters.postgres import server
from api.demo.scenario import VIETNAM
from api.demo.settings import demo_settings
from api.settings import Settings, environ
from api.wiring import Installation, data_dir_of, on_postgres
from domain import organisation
from domain.errors import Malformed
from domain.identifiers import UnitId
from ledger.application import Outcome
from ledger.work import Act

Actor = Annotated[str, typer.Option("--as", help="Mã cán bộ thực hiện (có trong officers.csv).")]
At = Annotated[str | None, typer.Option("--at", help="Thời điểm, ví dụ 2026-07-31T20:00; mặc định là bây giờ.")]
CommandId = Annotated[
    str | None, typer.Option("--command-id", help="Mã lệnh (UUID); gửi lại cùng mã thì không ghi hai lần.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Chỉ cho xem điều sẽ xảy ra, không ghi.")]
AsJson = Annotated[bool, typer.Option("--json", help="In kết quả dạng JSON.")]
Demo = Annotated[bool, typer.Option("--demo", help="Làm việc trên dữ liệu của dangphi demo.")]
Data = Annotated[Path | None, typer.Option("--data", help="Thư mục dữ liệu của PostgreSQL nhúng.")]


@contextmanager
def opened(*, demo: bool, data: Path | None) -> Iterator[Installation]:
    """The installation a command works on."""
    if demo:
        settings = demo_settings(data_dir=data)
    else:
        settings = Settings.from_environ(environ())
        settings = settings if data is None else replace(settings, data_dir=data)
    try:
        with on_postgres(settings) as inst:
            yield inst
    finally:
        stop_embedded(settings, demo=demo)


def stop_embedded(settings: Settings, *, demo: bool) -> None:
    """Stop the embedded server unless somebody else still uses it; a configured database is left alone."""
    if demo or settings.database_url is None:
        server.stop(data_dir_of(settings))


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
        raise Malformed(f"không phải UUID: {command_id!r}", where="--command-id") from error
    return Act(actor=actor, at=moment(at), command_id=chosen, reason=reason, document=document)


def unit_id(inst: Installation, code: str) -> UnitId:
    """A unit by its code."""
    return organisation.by_code(inst.ledger.work().organisation, code).unit_id


def show(answer: Any, *, as_json: bool) -> None:
    """Print an answer: JSON on one line, or one labelled line a figure."""
    if as_json:
        typer.echo(json.dumps(answer, ensure_ascii=False, default=str))
        return
    for key, value in answer.items():
        if isinstance(value, list):
            typer.echo(f"{key}: {len(value)}")
            for item in value:
                typer.echo(f"  - {json.dumps(item, ensure_ascii=False, default=str)}")
        else:
            figure = f"{value:,}".replace(",", ".") if isinstance(value, int) and not isinstance(value, bool) else value
            typer.echo(f"{key}: {figure}")


def show_outcome(outcome: Outcome, *, as_json: bool, dry_run: bool = False) -> None:
    """Print what became of a command."""
    answer = dict(outcome.answer)
    answer["position"] = outcome.position
    if dry_run:
        answer["dry_run"] = True
        answer["events"] = len(outcome.events)
    if outcome.replayed:
        answer["replayed"] = True
    show(answer, as_json=as_json)
