"""A month over real sockets: members pay, messages fly, files are fetched; the world's clock leads, dangphi follows.

Everybody's acts stand on one agenda of the play. Before each act the world's clock is moved to its moment, which
delivers whatever is due until then; so one scenario plays the same way each time, however fast the machine is.
"""

import heapq
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from adapters.inbound import VIETNAM
from adapters.sandbox.world.begin import days_of
from adapters.sandbox.world.dice import Dice
from adapters.sandbox.world.scenario import Scenario
from api.sandbox.house import House
from api.sandbox.office import Office
from api.sandbox.players import Intent, intents
from api.sandbox.sockets import Caller
from domain.errors import Malformed

#: Told the day and the number of days.
Report = Callable[[date, int, int], None]

#: Seconds in which dangphi's worker must have worked its inbox off.
_WORKED_OFF = 60.0

#: How often a payer opens another attempt when the portal did not answer.
_TRIES = 3


@dataclass(slots=True, kw_only=True)
class Play:
    """One month under way."""

    scenario: Scenario
    house: House
    office: Office
    sandbox: Caller
    dangphi: Caller
    can: Mapping[str, bool]
    done: Counter[str] = field(default_factory=Counter)
    cash: dict[str, int] = field(default_factory=dict)  #: truth: by slip
    statements: dict[str, date] = field(default_factory=dict)  #: first day not fetched yet, by account
    _agenda: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    _order: int = 0
    _by_code: tuple[Intent, ...] = ()  #: who means to pay by QR
    _paid_for: set[str] = field(default_factory=set)  #: references that another of the family paid
    _purse: dict[str, list[Intent]] = field(default_factory=lambda: defaultdict(list))

    # --- driving -------------------------------------------------------------------------------------------------

    def plan(self, at: datetime, act: Callable[[], None]) -> None:
        """Put an act on the agenda."""
        self._order += 1
        heapq.heappush(self._agenda, (at, self._order, act))

    def run(self, report: Report) -> None:
        """Play to the end of the scenario."""
        dice = Dice(seed=self.scenario.seed)
        own = frozenset(unit for unit, _, _ in self.house.ward.accounts[1:])
        meant = intents(self.scenario, dice, self.house.requests, self.can, own)
        self._by_code = tuple(one for one in meant if one.way == "qr")
        for one in meant:
            self.plan(one.at, _bound(self._pay, one, 1))
        days = days_of(self.scenario)
        for number, day in enumerate(days, start=1):
            self._plan_day(day, number, len(days), report)
        last = datetime.combine(days[-1], datetime.max.time().replace(microsecond=0), VIETNAM)
        while self._agenda and self._agenda[0][0] <= last:
            at, _, act = heapq.heappop(self._agenda)
            self.advance(at)
            act()
        self.advance(last)
        self.settle_down()

    def _plan_day(self, day: date, number: int, of: int, report: Report) -> None:
        def at(hour: int, minute: int = 0) -> datetime:
            return datetime(day.year, day.month, day.day, hour, minute, tzinfo=VIETNAM)

        self.plan(at(6, 30), lambda: report(day, number, of))
        self.plan(at(8, 30), lambda: self._fetch_statements(day))
        self.plan(at(11, 0), lambda: self._fetch_settlements(day))
        if self.can.get("gateway"):
            self.plan(at(11, 30), lambda: self._take_payouts(day))
        self.plan(at(12, 30), self._ask_after)
        self.plan(at(18, 30), self._ask_after)
        if day.weekday() == 4 or number == of:
            self.plan(at(16, 0), lambda: self._enter_cash(day))

    def advance(self, to: datetime) -> None:
        """Move everybody's clock."""
        self._ok(self.sandbox.post("/sandbox/advance", {"to": to.isoformat()}, actor="control"), "advance")

    def settle_down(self) -> None:
        """Wait until dangphi's worker has worked off what was delivered."""
        until = time.monotonic() + _WORKED_OFF
        while not self._worked_off():
            if time.monotonic() > until:
                raise Malformed("bộ xử lý nền không làm hết tin trong một phút", where="dangphi serve")
            time.sleep(0.02)

    def _worked_off(self) -> bool:
        checks = self._ok(self.dangphi.get("/health"), "health").json()["checks"]
        return any(one["name"] == "inbox" and str(one["detail"]).startswith("0 tin chờ") for one in checks)

    def now(self) -> datetime:
        """The time of the play."""
        told = self._ok(self.sandbox.get("/sandbox/clock", actor="control"), "clock")
        return datetime.fromisoformat(told.json()["now"])

    def _ok(self, answer: Any, what: str) -> Any:
        if answer.status_code >= 300:
            raise Malformed(f"{what}: HTTP {answer.status_code} {answer.text[:200]}", where="sandbox")
        return answer

    # --- members -------------------------------------------------------------------------------------------------

    def _pay(self, one: Intent, number: int) -> None:
        self.done[one.way] += 1
        ways: Mapping[str, Callable[[Intent, int], None]] = {
            "qr": self._by_qr,
            "portal": self._by_attempt,
            "gateway": self._by_attempt,
            "batch": self._by_attempt,
            "bill": self._by_bill,
            "cash": self._in_cash,
        }
        ways[one.way](one, number)

    def _by_qr(self, one: Intent, _: int) -> None:
        answer = self.dangphi.get(f"/requests/{one.reference}", actor="VH-KT1")
        if one.reference in self._paid_for or not self.office.heard(f"mã QR {one.reference}", answer):
            return
        payload = answer.json()["vietqr"]
        if payload is None:
            self.done["already-paid"] += 1
            return
        other = self._of_family(one)
        asked = {"payload": payload, "payer": one.member}
        if other is not None:
            also = self.dangphi.get(f"/requests/{other.reference}", actor="VH-KT1").json().get("vietqr")
            asked |= {"also": also} if also else {}
        paid = self._ok(self.sandbox.post("/bank/qr", asked), "bank/qr").json()
        if other is not None and paid["for_two"]:
            self.done["for-two"] += 1
            self._paid_for.add(other.reference)
        if paid["slip"]:
            self.done["slips"] += self.office.slip(one, paid, self.now().astimezone(VIETNAM).date())

    def _of_family(self, one: Intent) -> Intent | None:
        """Another member of the cell who has not paid yet by QR and for whom the same transfer might pay."""
        later = (two for two in self._by_code if two.cell == one.cell and two.at > one.at)
        return next(later, None)

    def _by_attempt(self, one: Intent, number: int) -> None:
        body: dict[str, Any] = {"kind": "dues", "unit": one.cell, "member_id": one.member, "month": self.scenario.month}
        actor = "service:portal"
        if one.way == "batch":
            lines = [
                {"member_id": each.member, "month": self.scenario.month, "amount": each.amount} for each in one.others
            ]
            body = {"kind": "batch", "unit": one.cell, "lines": lines}
            actor = f"VH-{one.cell[-3:]}-CU"
        # Who will pay twice reads the code while it is still shown.
        card = one.way == "gateway"
        twice = card and self.done["gateway"] <= self.scenario.gateway.refunds and number == 1
        shown = self.dangphi.get(f"/requests/{one.reference}", actor="VH-KT1").json() if twice else {}
        body |= {"rail": "gateway"} if card else {}
        answer = self.dangphi.post("/attempts", body, actor=actor, key=f"attempt-{one.reference}-{number}")
        if not self.office.heard(f"mở lượt {one.way} {one.reference}", answer):
            return
        told = answer.json()["answer"]
        if not self._go(one, told):
            self.done["not-opened"] += 1
            if number < _TRIES:
                self.plan(self.now() + timedelta(hours=1), _bound(self._pay, one, number + 1))
        elif shown.get("vietqr"):
            self._pays_twice(one, str(shown["vietqr"]), str(told["client_secret"]).split("_secret_")[0])

    def _pays_twice(self, one: Intent, payload: str, intent: str) -> None:
        """The code is paid as well, and some days later the credit goes back to the card."""

        paid: list[int] = []

        def pay() -> None:
            told = self._ok(self.sandbox.post("/bank/qr", {"payload": payload, "payer": one.member}), "bank/qr")
            paid.append(told.json()["amount"])

        def give_back() -> None:
            self.settle_down()
            self.done["refunds"] += self.office.refund(one, intent, min(one.amount, *paid))

        at = self.now()
        self.plan(at + timedelta(days=1), pay)
        self.plan(at + timedelta(days=4), give_back)

    def _go(self, one: Intent, told: Mapping[str, Any]) -> bool:
        """Send the payer where the attempt says; False where there is nowhere to go."""
        if told.get("redirect_url") and one.way != "gateway":
            path = f"/portal/thanh-toan/{told['reference']}?payer={one.member}"
        elif told.get("client_secret"):
            path = f"/gateway/thanh-toan/{str(told['client_secret']).split('_secret_')[0]}?payer={one.member}"
        else:
            return False
        self._ok(self.sandbox.post(path, {}), "thanh-toan")
        return True

    def _by_bill(self, one: Intent, number: int) -> None:
        """The member goes to the portal by himself, which looks his bill up at dangphi."""
        answer = self._ok(self.sandbox.post(f"/portal/tra-cuu/{one.reference}", {}), "tra-cuu").json()
        if not answer["references"]:
            self.done["nothing-due"] += 1
            if answer["away"] and number < _TRIES:
                self.plan(self.now() + timedelta(hours=1), _bound(self._pay, one, number + 1))
            return
        for reference in answer["references"]:
            self._ok(self.sandbox.post(f"/portal/thanh-toan/{reference}?payer={one.member}", {}), "thanh-toan")

    def _in_cash(self, one: Intent, _: int) -> None:
        self._purse[one.cell].append(one)

    # --- the office ----------------------------------------------------------------------------------------------

    def _enter_cash(self, day: date) -> None:
        """Collectors enter their sheets; what a cell with an account took goes to the bank, else to the ward."""
        self.settle_down()
        for cell, taken in sorted(self._purse.items()):
            if not taken:
                continue
            self.cash |= self.office.sheet(cell, taken, day)
            self._hand_over(cell, sum(one.amount for one in taken), day)
            taken.clear()

    def _hand_over(self, cell: str, amount: int, day: date) -> None:
        own = next((one for one in self.house.ward.accounts if one[0] == cell), None)
        if own is None:
            self.office.passed(cell, amount, day)
            return
        bag = self.office.bag(cell, amount, day)
        if bag:
            words = f"NOP TIEN MAT {bag}"
            told = {"bin": own[1], "account": own[2], "amount": amount, "words": words, "key": f"bag/{bag}"}
            self._ok(self.sandbox.post("/bank/own", told), "bank/own")

    def _fetch_statements(self, day: date) -> None:
        """Yesterday's statement of each account, and whatever was late before."""
        self.settle_down()
        until = day - timedelta(days=1)
        for unit, bin_, number in self.house.ward.accounts:
            first = self.statements.get(number, date.fromisoformat(f"{self.scenario.month}-01"))
            if until < first:
                continue
            answer = self.sandbox.get(f"/bank/statements/{bin_}/{number}?first={first}&last={until}")
            if answer.status_code == 404:
                self.done["statement-late"] += 1
                continue
            self._ok(answer, "statements")
            if not self.office.statement(unit, _name_of(answer), answer.content):
                continue
            self.done["statements"] += 1
            self.statements[number] = day
            self._import_again(unit, f"{bin_}/{number}?first={first}&last={until}", answer)

    def _import_again(self, unit: str, page: str, answer: Any) -> None:
        """The same days from another page of the bank, in another format."""
        layout = answer.headers.get("X-Sandbox-Also")
        if layout is not None:
            also = self._ok(self.sandbox.get(f"/bank/statements/{page}&layout={layout}"), "statements")
            self.done["second-format"] += self.office.statement(unit, _name_of(also), also.content)

    def _fetch_settlements(self, day: date) -> None:
        """The portal's settlement of yesterday goes to dangphi, its answer file back to the portal."""
        self.settle_down()
        settled = day - timedelta(days=1)
        answer = self.sandbox.get(f"/portal/quyet-toan/{settled}")
        if answer.status_code == 200:
            self.done["settlements"] += 1
            reply = self.office.settlement(_name_of(answer), answer.content)
            if reply:
                self._ok(self.sandbox.send("/portal/tra-loi", reply.encode(), actor="control", key=""), "tra-loi")

    def _take_payouts(self, day: date) -> None:
        """What the gateway paid out is fetched from it and taken in."""
        self.settle_down()
        for one in self.office.payouts(day):
            refused = str(one["refused"] or "")
            if refused and "chưa lấy" not in refused:
                self.office.refused.append(f"đợt trả {one['settlement_id']}: {refused}")
            else:
                self.done["payouts"] += 1

    def _ask_after(self) -> None:
        """The poller's round, at the play's own time instead of the machine's."""
        self.settle_down()
        polled = self.office.poll(f"{self.now():%Y%m%d%H%M}")
        self.done["polled"] += polled.get("asked", 0)
        self.done["expired"] += polled.get("expired", 0)
        self.settle_down()


def _name_of(answer: Any) -> str:
    """The name of a file that was fetched."""
    return str(answer.headers["Content-Disposition"].split('"')[1])


def _bound(act: Callable[[Intent, int], None], one: Intent, number: int) -> Callable[[], None]:
    return lambda: act(one, number)
