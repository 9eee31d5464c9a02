"""A play from nothing to its closing page: a database of its own, both programs on free ports, a month, a verdict."""

import tempfile
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psycopg.conninfo import make_conninfo

from adapters.postgres import server
from adapters.sandbox.server.station import Station
from adapters.sandbox.small_ward import OPENING
from adapters.sandbox.world.bank import Account
from adapters.sandbox.world.bank_life import open_account
from adapters.sandbox.world.begin import days_of, new_world
from adapters.sandbox.world.scenario import Scenario
from adapters.sandbox.world.world import World
from api.cli.verify import verify_installation
from api.flows.reconcile import reconcile_accounts
from api.sandbox import page as pages
from api.sandbox import truth
from api.sandbox.house import House, environment, house_settings, require_month, set_up
from api.sandbox.office import Office
from api.sandbox.play import Play, Report
from api.sandbox.sockets import Caller, dangphi, listening, serving
from api.wiring import Installation, on_postgres
from ledger.reports_reconciliation import LEFTOVER_TITLES, LeftoverKind, ReconciliationResult

DATABASE = "dangphi_sandbox"


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What a play left."""

    page: pages.Page
    transcript: str


def play(scenario: Scenario, *, data_dir: Path | None, report: Report, log: Path | None = None) -> Played:
    """Play a scenario. ``data_dir`` is kept (its database of the sandbox is made anew); None: a passing folder."""
    require_month(scenario)
    began = time.monotonic()
    with ExitStack() as running:
        folder = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="dangphi-sandbox-")))
        kept = data_dir or folder / "data"
        dsn = _fresh_database(kept, running)
        world = new_world(scenario)
        clock = folder / "clock"
        station = Station(world, clock_file=clock)
        base = running.enter_context(serving(station, listening()))
        settings = house_settings(scenario, base=base, data_dir=kept, clock=clock, dsn=dsn)
        inst = running.enter_context(on_postgres(settings))
        house = set_up(inst, scenario, folder)
        _open_accounts(station, house)
        told = environment(settings, world.keys, house.tokens)
        url = running.enter_context(dangphi(told, log or folder / "dangphi.log"))
        sandbox = Caller(base=base, tokens={"control": world.keys.control})
        sandbox.post("/sandbox/target", {"url": url, "token": house.tokens["service:portal"]}, actor="control")
        caller = Caller(base=url, tokens=house.tokens)
        owners = {unit: unit for unit, _, _ in house.ward.accounts}
        month = Play(
            scenario=scenario,
            house=house,
            office=Office(dangphi=caller, top=settings.top_unit, month=scenario.month, owners=owners),
            sandbox=sandbox,
            dangphi=caller,
            can=abilities(),
        )
        month.run(report)
        page = _page(world, inst, month, time.monotonic() - began)
        return Played(page=page, transcript="".join(line + "\n" for line in world.transcript))


def abilities() -> dict[str, bool]:
    """Which ways of paying this release of dangphi has."""
    return {"qr": True, "cash": True, "portal": True, "batch": True, "bill": True, "settlement": True, "gateway": True}


def _fresh_database(folder: Path, running: ExitStack) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    dsn = server.start(folder)
    running.callback(_stop, folder)
    server.drop_database(dsn, DATABASE)
    server.create_database(dsn, DATABASE)
    return make_conninfo(dsn, dbname=DATABASE)


def _stop(folder: Path) -> None:
    with suppress(OSError):
        server.stop(folder)


def _open_accounts(station: Station, house: House) -> None:
    with station.world() as world:
        for number, (unit, bin_, account) in enumerate(house.ward.accounts):
            holder = house.ward.names[unit].upper()
            opened = Account(bin=bin_, number=account, holder=holder, opening=OPENING)
            open_account(world, opened, gateway=number == 0)


def _page(world: World, inst: Installation, month: Play, seconds: float) -> pages.Page:
    verdict = verify_installation(inst)
    days = days_of(month.scenario)
    results = reconcile_accounts(inst, from_date=days[0], to_date=days[-1], as_of=days[-1])
    return pages.Page(
        scenario=month.scenario,
        compared=truth.compare(world, inst, month.cash),
        struck=tuple(world.chances.struck),
        undelivered=tuple(one.key for one in world.post.undelivered),
        done=month.done,
        refused=tuple(month.office.refused),
        broken=tuple(month.office.broken),
        verified=verdict.ok,
        findings=tuple(
            f"{check.id}: {finding.sentence}" for check in verdict.checks if not check.ok for finding in check.findings
        ),
        reconciled=tuple(_shown(one) for one in results if one.account_id),
        events=inst.store.head(),
        seconds=seconds,
    )


def _shown(result: ReconciliationResult) -> dict[str, Any]:
    return {
        "account": result.account_id,
        "explained": f"{result.explained_bp / 100:.2f}".replace(".", ","),
        "ties": result.ties,
        "matched": len(result.matched),
        "not_dues": len(result.not_dues),
        "returned": len(result.returned),
        "leftovers": len(result.leftovers),
        "open": {
            LEFTOVER_TITLES[kind]: sum(one.open_amount for one in result.leftovers if one.kind is kind)
            for kind in LeftoverKind
            if any(one.open_amount for one in result.leftovers if one.kind is kind)
        },
    }
