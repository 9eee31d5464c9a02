"""How the members of the story pay in a month: over which channel, on which day, and with which mishaps."""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any

from api.demo.scenario import VIETNAM
from api.demo.stage import Stage
from domain import dues_account, member
from domain.identifiers import MemberId
from domain.member import Scope
from domain.payment_request import Requested
from domain.period import Month, first_day, last_day


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """One member means to pay: when, how, how much. ``text`` replaces what the bank would write as content."""

    at: datetime
    kind: str  #: "portal", "qr", "cash", "batch"
    unit_code: str
    card: str
    month: Month
    amount: int
    reference: str = ""
    slip: str = ""
    flavour: str = ""
    text: str | None = None
    total: int | None = None  #: of a transfer that pays for two
    payer: str | None = None

    @property
    def line_amount(self) -> int:
        """What the bank line says."""
        return self.amount if self.total is None else self.total


@dataclass(slots=True)
class MonthPlan:
    """Everything members mean to do in one month."""

    intents: list[Intent] = field(default_factory=list)
    to_identify: list[tuple[Intent, str]] = field(default_factory=list)

    def of(self, kind: str) -> list[Intent]:
        """Intents of a kind in order of time."""
        return sorted((i for i in self.intents if i.kind == kind), key=lambda i: (i.at, i.card))

    def sessions(self, kinds: Sequence[str], first: date, last: date) -> Iterator[list[Intent]]:
        """Portal sessions begun in a span: one for each payer, one for each cell's batch."""
        chosen = [i for kind in kinds for i in self.of(kind) if first <= i.at.date() <= last]
        if "batch" in kinds:
            for _, group in groupby(sorted(chosen, key=lambda i: (i.unit_code, i.slip)), key=lambda i: i.unit_code):
                yield list(group)
        else:
            for intent in chosen:
                yield [intent]

    def cash_by_unit(self) -> dict[str, list[Intent]]:
        """Cash slips by cell, those paid on online included."""
        units: dict[str, list[Intent]] = defaultdict(list)
        for intent in sorted((*self.of("cash"), *self.of("batch")), key=lambda i: (i.unit_code, i.slip)):
            day = min(intent.at.date(), last_day(intent.month) - timedelta(days=2))
            units[intent.unit_code].append(replace(intent, at=datetime.combine(day, intent.at.time(), VIETNAM)))
        return dict(units)


def plan_month(stage: Stage, month: Month, rng: random.Random, special: dict[str, Any]) -> MonthPlan:
    """Decide for every member, in roll order, how the month is paid."""
    plan = MonthPlan()
    stage.inst.ledger.directory.catch_up()
    work = stage.inst.ledger.work()
    year = int(month[:4])
    for cell in stage.cells():
        members = stage.inst.ledger.directory.members_of([cell.unit_id])
        persons = stage.inst.vault.persons(members)
        slips = 0
        for member_id in members:
            card = persons[member_id].card_number or ""
            account = work.dues(member_id, year)
            standing = member.standing_in(work.member(member_id), month)
            amount = dues_account.owed(account, month)
            draw, day, minute = rng.random(), rng.randrange(1, 26), rng.randrange(7 * 60, 21 * 60)
            if amount == 0 or standing is None:
                continue
            at = datetime.combine(first_day(month) + timedelta(days=day), time(minute // 60, minute % 60), VIETNAM)
            in_cash = standing.scope is Scope.CASH
            kind = "cash" if in_cash else _channel(draw, cell.code in special["quick_units"])
            if kind == "portal" and month < special.get("portal_from", ""):
                kind = "qr"
            if kind == "cash":
                slips += 1
                if cell.code in special["batch_cells"]:
                    kind = "batch"
            reference = stage.inst.ledger.directory.request_for(member_id, month) or ""
            asked = work.request(reference) if reference else None
            # Who is elsewhere for a time pays there, where the month is owed.
            owing = work.organisation.units[asked.asked.unit_id] if isinstance(asked, Requested) else cell
            intent = Intent(
                at=at,
                kind=kind,
                unit_code=owing.code,
                card=card,
                month=month,
                amount=amount,
                reference=reference,
                slip=f"PT{month[2:4]}{month[5:]}-{cell.code}-{slips:03d}" if kind in ("cash", "batch") else "",
            )
            plan.intents += _with_mishaps(plan, intent, special.get(month, {}))
            open_portal = month >= special.get("portal_from", "")
            plan.intents += _arrears(stage, member_id, intent, special.get(month, {}), portal=open_portal)
    plan.intents = [_batch_day(i) for i in plan.intents]
    return plan


def _channel(draw: float, quick: bool) -> str:
    """Share of the channels: workers pay online sooner than the elderly of a residential cell."""
    portal, qr, cash = (0.55, 0.93, 0.93) if quick else (0.36, 0.70, 0.91)
    return "portal" if draw < portal else "qr" if draw < qr else "cash" if draw < cash else "unpaid"


def _batch_day(intent: Intent) -> Intent:
    """A collector pays the cash of the month online two days before its end, all at once."""
    if intent.kind != "batch":
        return intent
    day = last_day(intent.month) - timedelta(days=1)
    return replace(intent, at=datetime.combine(day, time(9, 0), VIETNAM))


def _with_mishaps(plan: MonthPlan, intent: Intent, mishaps: dict[str, Any]) -> list[Intent]:
    """The intent as it really happens: the cases every treasurer knows."""
    name = next((key for key, cards in mishaps.items() if intent.card in _cards(cards)), "")
    as_qr = replace(intent, kind="qr", slip="")
    as_portal = replace(intent, kind="portal", slip="")
    match name:
        case "double":
            first = replace(as_qr, at=intent.at.replace(day=8))
            return [first, replace(as_portal, at=intent.at.replace(day=9))]
        case "part":
            return [replace(as_qr, amount=intent.amount * 14 // 15)]
        case "over":
            rounded = (intent.amount // 50_000 + 1) * 50_000
            return [replace(as_qr, amount=rounded, at=intent.at.replace(day=10))]
        case "no_reference":
            lost = replace(as_qr, at=intent.at.replace(day=15), amount=intent.amount + 1_400, text="nop tien T7")
            plan.to_identify.append((lost, "Người nộp mang biên lai chuyển khoản đến đối chiếu"))
            return [lost]
        case "wrong_character":
            bad = intent.reference[:5] + ("0" if intent.reference[5] != "0" else "1") + intent.reference[6:]
            lost = replace(as_qr, text=f"Thanh toan QR {bad}")
            plan.to_identify.append((lost, "Mã sai một ký tự, người nộp xác nhận"))
            return [lost]
        case "late_portal":
            day = last_day(intent.month)
            return [replace(as_portal, at=datetime.combine(day, time(23, 49), VIETNAM))]
        case "out_of_order" | "wrong_amount" | "fails_after":
            return [replace(as_portal, at=intent.at.replace(day=13), flavour=name.replace("_", "-"))]
        case "portal":
            return [as_portal]
        case "unpaid":
            return []
        case _:
            return [] if intent.kind == "unpaid" else [intent]


def _cards(value: Any) -> Sequence[str]:
    return value if isinstance(value, list) else [value]


def _arrears(
    stage: Stage, member_id: MemberId, intent: Intent, mishaps: dict[str, Any], *, portal: bool
) -> list[Intent]:
    """Some pay what they owe for earlier months too: on the portal each month in a session of its own, or by QR."""
    if intent.card not in _cards(mishaps.get("pays_arrears", [])):
        return []
    account = stage.inst.ledger.work().dues(member_id, int(intent.month[:4]))
    return [
        replace(
            intent,
            kind="portal" if portal else "qr",
            slip="",
            month=old,
            reference=stage.inst.ledger.directory.request_for(member_id, old) or "",
            amount=dues_account.owed(account, old),
            at=intent.at + timedelta(minutes=20 + n),
        )
        for n, old in enumerate(m for m in dues_account.open_months(account) if m < intent.month)
    ]
