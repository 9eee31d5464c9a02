"""dangphi's own house in the sandbox: settings of the scenario's keys, a small ward set up, its officers' tokens."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import uuid5

from adapters.sandbox.small_ward import SmallWard, write_small_ward
from adapters.sandbox.viet_hoa import WARD
from adapters.sandbox.world.dice import Dice
from adapters.sandbox.world.keys import Keys, keys_of
from adapters.sandbox.world.scenario import Scenario
from api.flows import roster, setup
from api.settings import Settings, token_hash
from api.wiring import Installation
from domain import organisation
from domain.errors import Malformed
from domain.payment_request import PaymentRequested
from domain.period import parse_month
from ledger.application import command_id_for
from ledger.handlers.ask import RequestMonth
from ledger.handlers.assess import AssessMonth
from ledger.work import Act

#: The law and the example's people begin with July 2026.
FIRST_MONTH = "2026-07"

SCHEMA = "sandbox_01"
SETUP = "service:setup"
_SHARES = Path(__file__).resolve().parents[2] / "examples" / "viet-hoa" / "quyet-dinh-ty-le.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What the play needs of dangphi: who is in it and with which tokens they knock."""

    ward: SmallWard
    tokens: Mapping[str, str]  #: by actor
    requests: tuple[tuple[str, str, str, int], ...]  #: cell, reference, member, amount, in order of issue


def house_settings(scenario: Scenario, *, base: str, data_dir: Path, clock: Path, dsn: str | None = None) -> Settings:
    """Settings of a dangphi that plays in the scenario; ``base`` is the sandbox's address."""
    dice, keys = Dice(seed=scenario.seed), keys_of(Dice(seed=scenario.seed))
    return Settings(
        database_url=dsn,
        data_dir=data_dir,
        schema=SCHEMA,
        shard=1,
        reference_key=bytes.fromhex(dice.token(32, "reference-key")),
        reference_prefix="HJ",
        vault_key=bytes.fromhex(dice.token(64, "vault-key")),
        portal_partner=keys.portal_partner,
        portal_secret=keys.portal_secret,
        sepay_key=keys.sepay_key,
        casso_secret=keys.casso_secret,
        tokens={token_hash(token): actor for actor, token in tokens_of(dice).items()},
        top_unit=WARD,
        portal_url=f"{base}/portal",
        gateway_url=f"{base}/gateway",
        gateway_key=keys.gateway_key,
        gateway_secrets=keys.gateway_secrets,
        sepay_hub_secret=keys.hub_secret,
        portal_closes=scenario.portal.cut_off or 24,
        portal_lumps=scenario.portal.pays_out == "lump",
        sandbox_clock=clock,
    )


#: Who knocks over HTTP: programs, the ward's accountant and committee, cells' collectors and secretaries.
_ACTORS = (
    "service:portal",
    "service:bank",
    "VH-KT1",
    "VH-KT2",
    "VH-BT",
    "VH-PBT",
    "VH-TQ1",
    "VH-UBKT1",
    *(f"VH-{number:03d}-{post}" for number in range(1, 7) for post in ("CU", "BT")),
)


def tokens_of(dice: Dice) -> dict[str, str]:
    """Bearer tokens of the scenario, by actor."""
    return {actor: "sandbox-" + dice.token(20, "token", actor) for actor in _ACTORS}


def environment(settings: Settings, keys: Keys, tokens: Mapping[str, str]) -> dict[str, str]:
    """The same settings as environment variables, for a process of its own or for a person to copy."""
    told = {
        "DANGPHI_DATABASE_URL": settings.database_url or "",
        "DANGPHI_DATA_DIR": str(settings.data_dir or ""),
        "DANGPHI_SCHEMA": settings.schema,
        "DANGPHI_SHARD": str(settings.shard),
        "DANGPHI_TOP_UNIT": settings.top_unit,
        "DANGPHI_REFERENCE_KEY": settings.reference_key.hex(),
        "DANGPHI_VAULT_KEY": settings.vault_key.hex(),
        "DANGPHI_PORTAL_PARTNER": settings.portal_partner,
        "DANGPHI_PORTAL_SECRET": settings.portal_secret,
        "DANGPHI_PORTAL_URL": settings.portal_url,
        "DANGPHI_GATEWAY_URL": settings.gateway_url,
        "DANGPHI_GATEWAY_KEY": settings.gateway_key,
        "DANGPHI_GATEWAY_SECRETS": ",".join(keys.gateway_secrets),
        "DANGPHI_PORTAL_CLOSES": str(settings.portal_closes),
        "DANGPHI_PORTAL_PAYS": "lump" if settings.portal_lumps else "each",
        "DANGPHI_SEPAY_KEY": settings.sepay_key,
        "DANGPHI_CASSO_SECRET": settings.casso_secret,
        "DANGPHI_SEPAY_HUB_SECRET": settings.sepay_hub_secret,
        "DANGPHI_TOKENS": ",".join(f"{actor}={token}" for actor, token in tokens.items()),
        "DANGPHI_SANDBOX_CLOCK": str(settings.sandbox_clock or ""),
    }
    return {name: value for name, value in told.items() if value}


def require_month(scenario: Scenario) -> None:
    """Refuse a month that the example's law and people do not reach."""
    if scenario.month < FIRST_MONTH:
        raise Malformed(f"tháng {scenario.month}: kịch bản chơi được từ {FIRST_MONTH}", where="month")


def set_up(inst: Installation, scenario: Scenario, folder: Path) -> House:
    """Set the ward up in an empty installation, assess the month and ask everybody for it."""
    plan = scenario.population
    ward = write_small_ward(
        folder, seed=20260701, month=scenario.month, cells=plan.cells, members=plan.members_per_cell
    )
    at = scenario.starts_at - timedelta(hours=1)
    decided = date.fromisoformat("2026-06-30")
    setup.activate_law(inst, actor=SETUP, at=at, approver="HP-BTV", document="QĐ-SANDBOX-01", decided_on=decided)
    setup.activate_shares(inst, actor=SETUP, at=at, path=_SHARES, approver="HP-BTV")
    setup.import_organisation(
        inst,
        actor=SETUP,
        at=at,
        units=folder / "to-chuc.csv",
        accounts=folder / "tai-khoan.csv",
        holders=folder / "noi-nhan-tien.csv",
        regions=folder / "vung-luong.csv",
    )
    setup.import_officers(
        inst, actor=SETUP, at=at, path=folder / "officers.csv", proposed_by="HP-VP", approved_by="HP-BTV"
    )
    root = organisation.by_code(inst.ledger.work().organisation, WARD).unit_id
    setup.enter_openings(inst, actor="VH-KT1", at=at, path=folder / "so-du-dau-ky.csv", root=root)
    setup.sign_openings(inst, actor="VH-BT", at=at + timedelta(minutes=5), root=root)
    _people(inst, scenario, folder / "dang-vien.csv", at + timedelta(minutes=10))
    _ask(inst, scenario, at + timedelta(minutes=30))
    return House(ward=ward, tokens=tokens_of(Dice(seed=scenario.seed)), requests=_requests(inst, scenario))


def _people(inst: Installation, scenario: Scenario, path: Path, at: datetime) -> None:
    space = command_id_for("sandbox-members", str(scenario.seed))
    numbers = iter(range(1_000_000))
    root = organisation.by_code(inst.ledger.work().organisation, WARD).unit_id
    report = roster.import_roster(
        inst, actor="VH-KT1", at=at, path=path, root=root, new_id=lambda: str(uuid5(space, str(next(numbers))))
    )
    if report.problems:
        raise Malformed(f"danh sách mô phỏng có dòng không nhận được: {report.problems[0]}", where=path.name)


def _ask(inst: Installation, scenario: Scenario, at: datetime) -> None:
    root = organisation.by_code(inst.ledger.work().organisation, WARD).unit_id
    month = parse_month(scenario.month)
    for name, command in (
        ("assess", AssessMonth(unit_id=root, month=month)),
        ("request", RequestMonth(unit_id=root, month=month, valid_until=None)),
    ):
        act = Act(actor="VH-KT1", at=at, command_id=command_id_for("sandbox", scenario.month, name))
        inst.ledger.execute(command, act)


def _requests(inst: Installation, scenario: Scenario) -> tuple[tuple[str, str, str, int], ...]:
    """The standing requests of the month, in the order in which they were issued."""
    org = inst.ledger.work().organisation
    found: list[tuple[str, str, str, int]] = []
    position = 0
    while events := inst.store.read(position, 5_000, ("payment-requested",)):
        for recorded in events:
            asked = recorded.event
            if isinstance(asked, PaymentRequested) and asked.month == scenario.month and asked.member_id is not None:
                cell = org.units[asked.unit_id].code
                found.append((cell, asked.reference, asked.member_id, asked.amount))
        position = events[-1].position
    return tuple(found)
