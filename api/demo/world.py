"""The outside of the story: people who pay, a portal that notifies, banks that book, and the files they leave.

It makes the committed example files. It plays the same steps on a ledger in memory, so that the references in its
statements are the very ones that the demo will mint; apart from references and amounts owed it knows nothing of it.
"""

import csv
import io
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from adapters.sandbox.portal import signed_notification
from api.demo.bank import Bank
from api.demo.people import Intent, MonthPlan, plan_month
from api.demo.scenario import VIETNAM, Scenario, Step
from api.demo.stage import Stage
from api.demo.steps import Done
from domain.organisation import Channel, receiving_place
from domain.payment_request import Requested
from domain.period import Month, parse_month


@dataclass(slots=True)
class World:
    """What happens outside the ledger."""

    stage: Stage
    special: dict[str, Any]
    rng: random.Random
    bank: Bank
    plans: dict[Month, MonthPlan] = field(default_factory=dict)
    waiting: list[dict[str, Any]] = field(default_factory=list)
    payments: int = 0
    others_booked: bool = False

    # --- what is put in place before a step ------------------------------------------------------------------------

    def before(self, step: Step) -> None:
        """Write the files that a step will read."""
        if step.do == "statements" and not self.others_booked:
            self.others_booked = True
            book_other_movements(self)
        writers: dict[str, Callable[[Step], None]] = {
            "sessions": self._write_sessions,
            "notices": self._write_notices,
            "cash": self._write_cash,
            "statements": self._write_statements,
            "name-lines": self._write_named,
            "identify": self._write_identified,
        }
        if step.do in writers:
            writers[step.do](step)

    def _plan(self, month: Month) -> MonthPlan:
        if month not in self.plans:
            self.plans[month] = plan_month(self.stage, month, self.rng, self.special)
            for intent in self.plans[month].of("qr"):
                self._transfer(intent)
        return self.plans[month]

    def _path(self, name: str) -> Path:
        path = self.stage.scenario.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def _write_sessions(self, step: Step) -> None:
        plan = self._plan(parse_month(str(step.given["month"])))
        first, last = step.given["from"], step.given["to"]
        kinds = ("batch",) if step.given.get("batch") else ("portal",)
        rows: list[Sequence[object]] = []
        for number, group in enumerate(plan.sessions(kinds, first, last), start=1):
            session = f"{Path(str(step.given['file'])).stem}-{number:04d}"
            for intent in group:
                on_behalf = intent.kind == "batch"
                rows.append(
                    (
                        session,
                        intent.at.isoformat(),
                        "nộp hộ" if on_behalf else "đảng phí",
                        intent.unit_code,
                        intent.card,
                        intent.month,
                        intent.amount if on_behalf else "",
                        intent.slip if on_behalf else "",
                    )
                )
        heads = ("phiên", "lúc mở", "loại", "mã đơn vị", "số thẻ", "tháng", "số tiền", "phiếu thu")
        self._csv(str(step.given["file"]), heads, rows)

    def _write_notices(self, step: Step) -> None:
        """Raw requests in order of arrival: what was announced, repeats, a forgery, a contradiction, a late one."""
        rows = [row for row in self.waiting if row["received_at"] <= step.at]
        self.waiting = [row for row in self.waiting if row["received_at"] > step.at]
        rows += [row | {"received_at": row["received_at"] + timedelta(minutes=7)} for row in rows[::17]]
        if rows:
            forged = dict(rows[len(rows) // 2])
            body = json.loads(forged["body"])
            body["SoTien"] = int(body["SoTien"]) * 10
            body["MaGiaoDich"] = body["MaGiaoDich"] + "X"
            rows.append(forged | {"body": json.dumps(body, ensure_ascii=False, separators=(",", ":"))})
        rows.sort(key=lambda row: (row["received_at"], row["body"]))
        text = "".join(
            json.dumps(row | {"received_at": row["received_at"].isoformat()}, ensure_ascii=False) + "\n" for row in rows
        )
        self._path(str(step.given["file"])).write_text(text, encoding="utf-8")

    def _write_cash(self, step: Step) -> None:
        plan = self._plan(parse_month(str(step.given["month"])))
        heads = ("mã đơn vị", "số phiếu", "ngày", "số thẻ", "tháng", "số tiền")
        for code, intents in plan.cash_by_unit().items():
            rows = [(code, i.slip, f"{i.at:%d/%m/%Y}", i.card, i.month, i.amount) for i in intents]
            self._csv(f"{step.given['folder']}/{code}.csv", heads, rows)

    def _write_statements(self, step: Step) -> None:
        first, last = step.given["from"], step.given["to"]
        units = {"cells": self.stage.cells, "bases": self.stage.bases}
        name = str(step.given["units"])
        chosen = units[name]() if name in units else (self.stage.unit(name),)
        files = self.bank.statements([u.unit_id for u in chosen], first, last, stem=name)
        for file, data in files.items():
            self._path(f"{step.given['folder']}/{file}").write_bytes(data)

    def _write_named(self, step: Step) -> None:
        heads = ("số tài khoản", "ngày", "chiều", "số tiền", "loại", "mục", "căn cứ")
        rows = []
        for entry in self.special["not_dues"]:
            if step.given["from"] <= entry["on"] <= step.given["to"]:
                account = self.bank.account_of(self.stage.unit(str(entry["unit"])).unit_id)
                row = (f"{entry['on']:%d/%m/%Y}", entry["way"], entry["amount"], entry["what"], entry["heading"])
                rows.append((account.number, *row, entry["ground"]))
        self._csv(str(step.given["file"]), heads, rows)

    def _write_identified(self, step: Step) -> None:
        heads = ("số tài khoản", "ngày", "số tiền", "số thẻ", "tháng", "căn cứ")
        plan = self._plan(parse_month(str(step.given["month"])))
        rows = []
        for intent, ground in plan.to_identify:
            place = self._place(intent)
            number = self.stage.inst.ledger.work().organisation.accounts[place].number
            rows.append((number, f"{intent.at:%d/%m/%Y}", intent.line_amount, intent.card, intent.month, ground))
        self._csv(str(step.given["file"]), heads, rows)

    def _csv(self, name: str, heads: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        out = io.StringIO(newline="")
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(heads)
        writer.writerows(rows)
        self._path(name).write_text(out.getvalue(), encoding="utf-8")

    # --- what follows from a step ----------------------------------------------------------------------------------

    def after(self, done: Done) -> None:
        """Let portal and banks answer to what was done."""
        followers: dict[str, Callable[[Step], None]] = {
            "request": self._plan_requested,
            "sessions": self._announce_sessions,
            "remit": self._announce_remittances,
            "hand-over-cash": self._deposit_bags,
            "remit-keyed-wrong": self._take_keyed_amount,
            "explain-and-correct": self._take_rest,
            "pay-refund": self._take_payout,
            "spend": self._pay_voucher,
        }
        if done.step.do in followers:
            followers[done.step.do](done.step)

    def _plan_requested(self, step: Step) -> None:
        """Members decide how to pay as soon as they are asked, where statements are read in the midst of the month."""
        if self.special.get("plan_at_request"):
            self._plan(parse_month(str(step.given["month"])))

    def _announce_sessions(self, step: Step) -> None:
        """Every opened session is paid some minutes later: a notification now, the bank's credit a working day on."""
        plan = self._plan(parse_month(str(step.given["month"])))
        kinds = ("batch",) if step.given.get("batch") else ("portal",)
        for number, group in enumerate(plan.sessions(kinds, step.given["from"], step.given["to"]), start=1):
            opened = self.stage.notes["sessions"][f"{Path(str(step.given['file'])).stem}-{number:04d}"]
            first = group[0]
            paid_at = first.at + timedelta(minutes=3)
            stated = opened.amount * 10 if first.flavour == "wrong-amount" else opened.amount
            notice = self._notice(opened.reference, stated, paid_at)
            if first.flavour == "out-of-order":
                notice["received_at"] += timedelta(days=4)
            self.waiting.append(notice)
            if first.flavour == "fails-after":
                self.waiting.append(self._notice(opened.reference, stated, paid_at, code="99", again=True))
            self.bank.credit(
                self._portal_account(opened.reference),
                next_working_day(paid_at),
                opened.amount,
                f"DVCQG {self._transaction()} {opened.reference}",
            )

    def _transaction(self) -> str:
        return f"PP{self.payments:010d}"

    def _notice(
        self, reference: str, amount: int, paid_at: datetime, *, code: str = "00", again: bool = False
    ) -> dict[str, Any]:
        self.payments += 0 if again else 1
        settings = self.stage.inst.settings
        body = signed_notification(
            partner=settings.portal_partner,
            secret=settings.portal_secret,
            reference=reference,
            amount=amount,
            transaction_id=self._transaction(),
            paid_at=paid_at,
            code=code,
            information=f"NOP TIEN {reference}",
        )
        received = paid_at + timedelta(minutes=9 if again else 1)
        return {
            "received_at": received,
            "headers": {"content-type": "application/json"},
            "body": body.decode(),
        }

    def _portal_account(self, reference: str) -> str:
        request = self.stage.inst.ledger.work().request(reference)
        assert isinstance(request, Requested)
        return request.asked.account_id

    def _announce_remittances(self, step: Step) -> None:
        at = step.at
        for unit_id, (_, reference, amount) in self.stage.notes["remittances"].items():
            at += timedelta(minutes=2)
            self.waiting.append(self._notice(reference, amount, at))
            text = f"DVCQG {self._transaction()} {reference}"
            self.bank.debit(self.bank.account_of(unit_id).account_id, at.date(), amount, text)
            self.bank.credit(self._portal_account(reference), next_working_day(at), amount, text)
        for unit_id, (_, reference, amount) in self.stage.notes["transfers"].items():
            self._bank_transfer(unit_id, reference, amount, step.at)

    def _deposit_bags(self, step: Step) -> None:
        for unit_id, (bag, amount) in self.stage.notes["bags"].items():
            account = self.bank.account_of(unit_id).account_id
            self.bank.credit(account, next_working_day(step.at), amount, f"NOP TIEN MAT {bag}")

    def _take_keyed_amount(self, step: Step) -> None:
        """The officer meant 350.000; what he keyed was 35.000, and that is what the bank moved."""
        unit_id, _, reference = self.stage.notes["keyed_wrong"]
        self._bank_transfer(unit_id, reference, int(step.given["bank_took"]), step.at)

    def _take_rest(self, step: Step) -> None:
        unit_id, _, reference = self.stage.notes["keyed_wrong"]
        self._bank_transfer(unit_id, reference, self.stage.notes["rest_sent"], step.at)

    def _bank_transfer(self, unit_id: str, reference: str | None, amount: int, at: datetime) -> None:
        if reference is None:
            # To an account that other books keep: no reference of ours, and this world sees the debit alone.
            self.bank.debit(self.bank.account_of(unit_id).account_id, at.date(), amount, "CHUYEN TIEN NOP CAP TREN")
            return
        self.bank.debit(self.bank.account_of(unit_id).account_id, at.date(), amount, f"CHUYEN TIEN {reference}")
        self.bank.credit(
            self._portal_account(reference), at.date(), amount, f"MBVCB.5823619274.112233.{reference}.CT tu"
        )

    def _take_payout(self, step: Step) -> None:
        unit_id, reference, amount = self.stage.notes["payouts"][step.given["refund"]]
        org = self.stage.inst.ledger.work().organisation
        place = receiving_place(org, unit_id, Channel.BANK, step.at.date())
        self.bank.debit(str(place.account_id), step.at.date(), amount, f"HOAN TRA {reference}")

    def _pay_voucher(self, step: Step) -> None:
        unit_id, reference, amount = self.stage.notes["vouchers"][step.given["voucher"]]
        account = self.bank.account_of(unit_id).account_id
        self.bank.debit(account, step.at.date(), amount, f"THANH TOAN {reference}")

    # --- transfers by QR -------------------------------------------------------------------------------------------

    def _place(self, intent: Intent) -> Any:
        org = self.stage.inst.ledger.work().organisation
        unit = self.stage.unit(intent.unit_code).unit_id
        return receiving_place(org, unit, Channel.BANK, intent.at.date()).account_id

    def _transfer(self, intent: Intent) -> None:
        """A member's own transfer: the bank books it at once, with what is left of the content."""
        content = transfer_content(self.rng, intent)
        self.bank.credit(str(self._place(intent)), intent.at.date(), intent.line_amount, content, payer=intent.payer)


def next_working_day(at: datetime) -> date:
    """The day the bank books what was paid: the next day from Monday to Friday."""
    day = at.date() + timedelta(days=1)
    while day.weekday() >= 5:
        day += timedelta(days=1)
    return day


def transfer_content(rng: random.Random, intent: Intent) -> str:
    """What a bank makes of a transfer's content (payments §7.1); the payer's name is of the synthetic roll."""
    if intent.text is not None:
        return intent.text
    code, payer = intent.reference, "NGUOI CHUYEN"
    digits = "".join(rng.choice("0123456789") for _ in range(12))
    shapes = (
        code,
        f"MBVCB.{digits[:10]}.{digits[:6]}.{code}.CT tu 0000{digits[:6]} {payer} toi",
        f"{digits[:6]}.{intent.at:%d%m%y}.{intent.at:%H%M%S}.{code}",
        f"{code} - Ma giao dich/ Trace {digits[:6]}",
        f"{digits}-{code}-CHUYEN TIEN-OQCH000{digits[:5]}-MOMO{digits}MOMO",
        f"Thanh toan QR {code}",
        code.lower(),
        f"{code[:6]} {code[6:]}",
        f"{payer} chuyen tien {code} FT{digits}{digits[:2]}",
        f"CT DEN:{digits} {code} HP T{intent.at.month}",
    )
    return rng.choice(shapes)


def make_world(stage: Stage) -> World:
    """A world for a stage, seeded by its scenario."""
    scenario: Scenario = stage.scenario
    return World(stage=stage, special=dict(scenario.special), rng=random.Random(scenario.seed), bank=Bank(stage=stage))


def book_other_movements(world: World) -> None:
    """What moves on the accounts beside dues: fees and interest, state funding, own spending."""
    for entry in (*world.special["bank_named"], *world.special["not_dues"]):
        account = world.bank.account_of(world.stage.unit(str(entry["unit"])).unit_id).account_id
        book = world.bank.credit if entry["way"] == "vào" else world.bank.debit
        book(account, entry["on"], entry["amount"], entry["text"])


def at_time(day: date, hour: int, minute: int) -> datetime:
    """A moment of the story in Vietnamese time."""
    return datetime.combine(day, time(hour, minute), VIETNAM)
