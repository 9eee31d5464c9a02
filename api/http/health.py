"""Whether the process lives, and whether it can do its work. No token, and nothing that concerns a person."""

from datetime import timedelta
from typing import Any

import psycopg
from eventsourcing.persistence import InterfaceError, OperationalError
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from adapters.postgres.migrate import is_current
from api.http.door import Door, door_of, shows
from api.http.lean import LeanRoute
from api.problems import Outage
from api.read_models import ReadModels

router = APIRouter(tags=["Tình trạng"])
alive = APIRouter(route_class=LeanRoute, tags=["Tình trạng"])

#: A kept message should be worked on within a second; after a minute something stands still.
_INBOX_AGE = timedelta(minutes=1)

#: Events that read models may be behind: what a worker takes in within a second.
_LAG = 20_000

_CHECKS = [
    {"name": "database", "ok": True, "detail": "vị trí cuối của sổ: 3120"},
    {"name": "migrations", "ok": True, "detail": "đủ"},
    {"name": "inbox", "ok": True, "detail": "0 tin chờ, 0 tin để riêng"},
    {"name": "projections", "ok": True, "detail": "chậm 0 sự kiện"},
]


@alive.get("/livez", summary="Tiến trình còn sống", responses=shows({"ok": True}))
async def livez(_: Request) -> JSONResponse:
    """The process answers; it needs no thread for that, since threads may all be waiting for a database."""
    return JSONResponse({"ok": True})


@router.get(
    "/readyz",
    summary="Sẵn sàng phục vụ: cơ sở dữ liệu, cấu trúc bảng, tin chờ, số liệu đọc",
    description="200 khi mọi mục đạt, 503 khi có mục không đạt.",
    responses=shows({"ok": True, "checks": _CHECKS}),
)
def readyz(request: Request) -> JSONResponse:
    """Every check, and 503 unless all are good."""
    checks = _checks(request)
    ok = all(check["ok"] for check in checks)
    headers = {} if ok else {"Retry-After": "5"}
    return JSONResponse({"ok": ok, "checks": checks}, status_code=200 if ok else 503, headers=headers)


@router.get(
    "/health",
    summary="Tình trạng chi tiết cho người trực",
    description="Luôn trả 200 khi tiến trình còn sống; xem từng mục.",
    responses=shows({"ok": True, "checks": _CHECKS}),
)
def health(request: Request) -> dict[str, Any]:
    """The same checks for a person to look at."""
    checks = _checks(request)
    return {"ok": all(check["ok"] for check in checks), "checks": checks}


def _checks(request: Request) -> list[dict[str, Any]]:
    door = door_of(request)
    outage: Outage = request.app.state.outage
    gone = [_check("database", False, "không liên lạc được với cơ sở dữ liệu")]
    if outage.lasts:
        return gone
    try:
        head = door.inst.store.head()
        found = [_check("database", True, f"vị trí cuối của sổ: {head}")]
        if door.inst.shard is not None:
            current = is_current(door.inst.shard)
            found.append(_check("migrations", current, "đủ" if current else "thiếu; chạy lại với bản mới"))
        found.append(_inbox(door))
        if door.models is not None:
            found.append(_projections(door.models))
    except (OperationalError, InterfaceError, psycopg.Error):
        outage.seen()
        return gone
    return found


def _inbox(door: Door) -> dict[str, Any]:
    state = door.inst.inbox.state()
    age = timedelta(0) if state.oldest is None else door.now() - state.oldest
    told = f"{state.waiting} tin chờ, {state.parked} tin để riêng"
    if state.waiting:
        told += f", tin cũ nhất chờ {int(age.total_seconds())} giây"
    return _check("inbox", age <= _INBOX_AGE, told)


def _projections(models: ReadModels) -> dict[str, Any]:
    stopped = models.stopped()
    if stopped:
        return _check("projections", False, f"dừng trước một sự kiện không đọc được: {', '.join(stopped)}")
    behind = models.behind()
    return _check("projections", behind <= _LAG, f"chậm {behind} sự kiện")


def _check(name: str, ok: bool, detail: str) -> dict[str, Any]:
    return {"name": name, "ok": ok, "detail": detail}
