"""The HTTP application of one shard.

Plain functions on threads and psycopg; the three operations that take messages from outside wait on the inbox's
commit without a thread each (``http/callbacks.py``).
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager, nullcontext
from typing import Any

from fastapi import Depends, FastAPI
from fastapi.openapi.utils import get_openapi

from api import problems, security
from api.http import (
    arrears,
    attempts,
    between,
    bills,
    books,
    callbacks,
    cash,
    closing,
    collecting,
    declarations,
    docs,
    dues,
    gateway,
    health,
    history,
    letters,
    matches,
    members,
    messages,
    open_items,
    papers,
    past,
    policy,
    reconciliations,
    refunds,
    reliefs,
    remittances,
    requests,
    settlements,
    spending,
    statements,
    statutory,
    tree,
)
from api.http.door import Door
from api.read_models import ReadModels
from api.wiring import Installation
from ledger.ports import Clock

#: Operations that take no bearer token: messages from outside are signed, the rest concerns nobody.
OPEN_PATHS = frozenset(
    {
        "/callbacks/portal",
        "/webhooks/sepay",
        "/webhooks/sepay-hub",
        "/webhooks/gateway",
        "/webhooks/casso",
        "/livez",
        "/readyz",
        "/health",
        "/problems",
        "/problems/{code}",
    }
)

#: All operations, in the order in which the documentation shows them.
ROUTERS = (
    callbacks.router,
    messages.router,
    statements.router,
    open_items.router,
    reconciliations.router,
    matches.router,
    requests.router,
    settlements.router,
    attempts.router,
    gateway.router,
    bills.router,
    books.router,
    statutory.router,
    declarations.router,
    closing.router,
    between.router,
    remittances.router,
    refunds.router,
    reliefs.router,
    dues.router,
    arrears.router,
    spending.router,
    collecting.router,
    cash.router,
    tree.router,
    members.router,
    letters.router,
    papers.router,
    past.router,
    policy.router,
    history.router,
    health.alive,
    health.router,
    docs.router,
)

_DESCRIPTION = (
    "Sổ cái đảng phí: yêu cầu thanh toán, báo có, sao kê, số dư, nộp cấp trên, hoàn trả, lịch sử. "
    "Số tiền là số đồng nguyên. Lỗi là tài liệu RFC 9457 với «code» ổn định. "
    "Mọi POST của cán bộ hoặc dịch vụ cần Idempotency-Key."
)


def create_app(
    inst: Installation,
    clock: Clock,
    *,
    models: ReadModels | None = None,
    wake: Callable[[], None] = lambda: None,
    running: AbstractContextManager[object] | None = None,
) -> FastAPI:
    """The application over an installation and its read models (None in memory).

    ``running`` is entered at start and left at the end: the worker, and whatever else lives as long as the process.
    """
    app = FastAPI(
        title="dangphi",
        description=_DESCRIPTION,
        version="1",
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan(running or nullcontext()),
        dependencies=[Depends(security.known_query)],
        # Nobody collects it, and it would look into the environment at every request.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.door = Door(inst=inst, clock=clock, wake=wake, models=models)
    app.state.tokens = security.Tokens(inst.settings.tokens)
    app.state.outage = problems.Outage()
    app.state.rejected = callbacks.RejectedMeter(callbacks.REJECTED_MOST)
    for router in ROUTERS:
        app.include_router(router)
    problems.install(app)
    app.add_middleware(security.Guard)
    app.openapi = _documented(app)  # type: ignore[method-assign]  # The way the framework offers for this.
    return app


def _lifespan(running: AbstractContextManager[object]) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        with running:
            yield

    return lifespan


def _documented(app: FastAPI) -> Callable[[], dict[str, Any]]:
    """The OpenAPI document, made once; validation errors are problem documents, not the framework's 422."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
            for item in document["paths"].values():
                for operation in item.values():
                    operation["responses"].pop("422", None)
            schemas = document.get("components", {}).get("schemas", {})
            for name in ("HTTPValidationError", "ValidationError"):
                schemas.pop(name, None)
            app.openapi_schema = document
        return app.openapi_schema

    return openapi
