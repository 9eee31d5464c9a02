"""A scenario: what the sandbox is told before it begins. Values, and the reader of the TOML or JSON file.

Everything but ``seed`` and ``month`` has a default, so that a scenario states what is special about it. A name that
nobody knows is refused by name: a fault that is misspelt would otherwise silently never happen.
"""

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any

from adapters.inbound import VIETNAM
from domain.errors import Malformed


class Fault(StrEnum):
    """What can go wrong outside. The first seven strike messages, the others what the messages are about."""

    DUPLICATE = "duplicate"
    DELAY = "delay"
    REORDER = "reorder"
    LOSS = "loss"
    WRONG_SIGNATURE = "wrong-signature"
    STALE = "stale"
    HANG_UP = "hang-up"  #: the sender does not wait for the answer, and sends again

    AFTER_CANCEL = "success-after-cancel"
    PENDING_FOR_EVER = "pending-for-ever"
    PAID_TWICE = "paid-twice"  #: a second transaction for a debt that is paid
    CARD_REFUSED = "card-refused"
    REFUND_FAILS = "refund-fails"
    DISPUTE = "dispute"  #: the payer's bank takes a card payment back; every other case is won in the end
    PAYOUT_FAILS = "payout-fails"  #: the bank gives a payout back a day after it credited it

    PART = "part-payment"
    OVER = "over-payment"
    NO_CODE = "no-code"
    WRONG_CHARACTER = "wrong-character"
    SENT_BACK = "sent-back"  #: the bank takes a credit back the next day, and names our reference
    RECALL = "recall"  #: days later the bank takes a credit back by its own number alone (tra soát)
    WRONG_ACCOUNT = "wrong-account"  #: the money goes to another unit's account
    FOR_TWO = "for-two"  #: one transfer for two of a family, with both codes
    SLIP_FIRST = "slip-first"  #: the payer's slip is entered by hand before the bank tells of the transfer
    TWO_PROVIDERS = "two-providers"  #: a second provider of webhooks tells of the same credit

    SETTLEMENT_MISSING = "settlement-missing"
    SETTLEMENT_DOUBLED = "settlement-doubled"
    SETTLEMENT_AMOUNT = "settlement-amount"
    STATEMENT_LAG = "statement-lag"
    TWO_FORMATS = "two-formats"  #: the same statement comes a second time, in another format

    CUT = "cut-answer"  #: the server does what is asked and the connection ends within the answer
    ERROR_500 = "error-500"  #: the server answers 500 and has done nothing

    IDP_STATE = "idp-state"
    IDP_NONCE = "idp-nonce"
    IDP_SIGNATURE = "idp-signature"
    IDP_EXPIRED = "idp-expired"
    IDP_AUDIENCE = "idp-audience"
    IDP_ISSUER = "idp-issuer"
    IDP_SUBJECT = "idp-subject"
    IDP_ALGORITHM = "idp-algorithm"


#: Faults that no play has: they strike when somebody signs on, and the product has no login by it yet.
UNUSED = frozenset(fault for fault in Fault if fault.startswith("idp-"))


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultPlan:
    """When one fault strikes: at a rate (0 to 1) of all occasions, and at the first occasion after each moment."""

    rate: float = 0.0
    at: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """Who pays and how. Ways are weights; hours are the hours of the day in which people pay."""

    cells: int = 3
    members_per_cell: int = 20
    ways: Mapping[str, int] = field(
        default_factory=lambda: MappingProxyType({"qr": 50, "portal": 30, "gateway": 0, "cash": 15, "never": 5})
    )
    first_day: int = 2
    last_day: int = 26
    first_hour: int = 6
    last_hour: int = 23
    on_behalf: int = 0  #: members of the first cell for whom its representative pays in one go on the portal


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalPlan:
    """How the portal behaves."""

    envelope: str = "direct"  #: "direct", or "lgsp": the answer as text within another object
    cut_off: int | None = None  #: hour from which a payment belongs to the next day's settlement, such as 22
    settlement_hour: int = 9  #: of the day after
    pays_out: str = "each"  #: "each": every payment is one credit; "lump": one credit a day and account
    fee: int = 0  #: đồng a payment, kept back from a lump


@dataclass(frozen=True, slots=True, kw_only=True)
class BankPlan:
    """How the banks behave. ``webhooks`` gives the provider by BIN: sepay, casso, hub or none."""

    webhooks: Mapping[str, str] = field(
        default_factory=lambda: MappingProxyType({"970415": "casso", "970436": "sepay"})
    )
    formats: Mapping[str, str] = field(
        default_factory=lambda: MappingProxyType({"970415": "camt.053.001.08", "970436": "vietcombank-xlsx"})
    )
    monthly_fee: int = 11_000
    interest: int = 3_437
    booking_ends: int = 23  #: hour from which a credit is booked on the next day
    strangers: int = 0  #: credits of the month that are no dues and carry no code


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayPlan:
    """How the gateway behaves."""

    fee_per_mille: int = 11
    fee_fixed: int = 2_200
    payout_hour: int = 7
    days_to_payout: int = 2
    dispute_fee: int = 15_000  #: đồng a case, never given back
    refunds: int = 0  #: how many succeeded payments of the month are refunded
    roll_secret_on: int | None = None  #: day of the month on which webhooks begin to carry two signatures


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One scenario. Times are Vietnamese; ``speed`` counts virtual seconds a second when serving."""

    title: str
    seed: int
    month: str
    starts_at: datetime
    speed: float = 60.0
    days: int = 0  #: days of the month that are played; 0: all of them
    days_after: int = 5  #: days played after those, in which late things still arrive
    population: Population = Population()
    portal: PortalPlan = PortalPlan()
    bank: BankPlan = BankPlan()
    gateway: GatewayPlan = GatewayPlan()
    faults: Mapping[Fault, FaultPlan] = field(default_factory=lambda: MappingProxyType({}))


_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])", re.ASCII)


def read_scenario(path: Path) -> Scenario:
    """Read a scenario file; raise ``Malformed`` naming what is wrong and where."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        raw = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except FileNotFoundError as error:
        raise Malformed("không có tệp kịch bản này; xem các tệp trong examples/sandbox", where=str(path)) from error
    except (UnicodeDecodeError, json.JSONDecodeError, tomllib.TOMLDecodeError) as error:
        raise Malformed(f"không đọc được: {error}", where=str(path)) from error
    try:
        return scenario_of(raw)
    except Malformed as error:
        raise Malformed(str(error), where=str(path)) from error


def scenario_of_month(scenario: Scenario, month: str) -> Scenario:
    """The same scenario in another month; faults with exact moments keep them. ``Malformed`` for no month."""
    if not _MONTH.fullmatch(month):
        raise Malformed(f"không phải tháng: {month!r}; viết như 2026-08", where="--month")
    return replace(scenario, month=month, starts_at=_start_of(month))


def _start_of(month: str) -> datetime:
    return datetime.fromisoformat(f"{month}-01T06:00:00").replace(tzinfo=VIETNAM)


def scenario_of(raw: Mapping[str, Any]) -> Scenario:
    """A scenario from its tables; see ``read_scenario``."""
    if not isinstance(raw, Mapping):
        raise Malformed("kịch bản phải là một bảng")
    known = {one.name for one in fields(Scenario)} - {"starts_at", "faults"} | {"fault"}
    _require_known(raw, known, "kịch bản")
    month, seed = raw.get("month"), raw.get("seed")
    if not isinstance(month, str) or not _MONTH.fullmatch(month):
        raise Malformed("month phải viết như 2026-08")
    if isinstance(seed, bool) or not isinstance(seed, int):
        raise Malformed("seed phải là số nguyên")
    scenario = Scenario(
        title=str(raw.get("title", month)),
        seed=seed,
        month=month,
        starts_at=_start_of(month),
        population=_table(Population(), raw, "population"),
        portal=_table(PortalPlan(), raw, "portal"),
        bank=_table(BankPlan(), raw, "bank"),
        gateway=_table(GatewayPlan(), raw, "gateway"),
        faults=MappingProxyType(_faults(raw.get("fault", {}))),
    )
    speed, after = raw.get("speed", scenario.speed), raw.get("days_after", scenario.days_after)
    days = raw.get("days", scenario.days)
    if isinstance(speed, bool) or not isinstance(speed, int | float) or not 0 < speed <= 1_000_000:
        raise Malformed("speed phải là số giây ảo trong một giây, lớn hơn 0")
    if isinstance(days, bool) or not isinstance(days, int) or not 0 <= days <= 28:
        raise Malformed("days phải từ 1 đến 28, hoặc bỏ đi để chơi cả tháng")
    if isinstance(after, bool) or not isinstance(after, int) or not 0 <= after <= 60:
        raise Malformed("days_after phải từ 0 đến 60")
    return replace(scenario, speed=float(speed), days=days, days_after=after)


def _require_known(raw: Mapping[str, Any], known: set[str], where: str) -> None:
    for name in raw:
        if name not in known:
            raise Malformed(f"{where}: không có mục «{name}»; các mục: {', '.join(sorted(known))}")


def _table(plan: Any, raw: Mapping[str, Any], name: str) -> Any:
    """A plan with what the file says of it; each value must be of the kind of its default."""
    given = raw.get(name, {})
    if not isinstance(given, Mapping):
        raise Malformed(f"mục [{name}] phải là một bảng")
    _require_known(given, {one.name for one in fields(plan)}, f"[{name}]")
    changes: dict[str, Any] = {}
    for key, value in given.items():
        default = getattr(plan, key)
        if isinstance(default, Mapping):
            if not isinstance(value, Mapping):
                raise Malformed(f"[{name}] {key} phải là một bảng")
            changes[key] = MappingProxyType({**default, **value})
        elif isinstance(default, str):
            if not isinstance(value, str):
                raise Malformed(f"[{name}] {key} phải là văn bản")
            changes[key] = value
        elif isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise Malformed(f"[{name}] {key} phải là số nguyên không âm")
        else:
            changes[key] = value
    return replace(plan, **changes)


def _faults(raw: object) -> dict[Fault, FaultPlan]:
    if not isinstance(raw, Mapping):
        raise Malformed("mục [fault] phải là một bảng")
    found: dict[Fault, FaultPlan] = {}
    for name, told in raw.items():
        if name not in {str(one) for one in Fault}:
            raise Malformed(f"[fault] không có lỗi «{name}»; các lỗi: {', '.join(Fault)}")
        plan = {"rate": told} if isinstance(told, int | float) else told
        if not isinstance(plan, Mapping):
            raise Malformed(f"[fault] {name}: viết một tỷ lệ, hoặc bảng có rate và at")
        _require_known(plan, {"rate", "at"}, f"[fault] {name}")
        rate = plan.get("rate", 0.0)
        if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 <= rate <= 1:
            raise Malformed(f"[fault] {name}: tỷ lệ phải từ 0 đến 1")
        moments = plan.get("at", [])
        if not isinstance(moments, list):
            raise Malformed(f"[fault] {name}: at phải là danh sách thời điểm")
        found[Fault(name)] = FaultPlan(rate=float(rate), at=tuple(sorted(_moment(one, name) for one in moments)))
    return found


def _moment(told: object, name: str) -> datetime:
    """A moment as TOML or JSON has it; Vietnamese time where no zone is named."""
    if isinstance(told, str):
        try:
            told = datetime.fromisoformat(told)
        except ValueError as error:
            raise Malformed(f"[fault] {name}: {told!r} không phải thời điểm") from error
    if isinstance(told, date) and not isinstance(told, datetime):
        told = datetime(told.year, told.month, told.day, tzinfo=VIETNAM)
    if not isinstance(told, datetime):
        raise Malformed(f"[fault] {name}: at phải gồm các thời điểm")
    moment = told.replace(tzinfo=VIETNAM) if told.tzinfo is None else told
    return moment.astimezone(UTC).astimezone(VIETNAM)
