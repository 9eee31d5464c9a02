"""What the office does in the month, each act a request to ``dangphi serve``, as an office's own program does it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from api.sandbox.players import Intent
from api.sandbox.sockets import Caller

ACCOUNTANT = "VH-KT1"


@dataclass(slots=True, kw_only=True)
class Office:
    """The office's program; what was refused is kept in words, for the closing page."""

    dangphi: Caller
    top: str
    month: str
    refused: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)  #: answers that no rule explains (HTTP 5xx): faults of dangphi

    def heard(self, what: str, answer: Any) -> bool:
        """Whether dangphi said yes; a no is kept."""
        if answer.status_code == 200:
            return True
        told = answer.json() if "json" in answer.headers.get("Content-Type", "") else {}
        words = f"{what}: {answer.status_code} {told.get('code', '')} {told.get('detail', '')}"[:300]
        self.refused.append(words)
        if answer.status_code >= 500 and told.get("code") not in _OUTSIDE:
            self.broken.append(words)
        return False

    def settlement(self, name: str, data: bytes) -> str:
        """Send the portal's settlement file; our answer file, "" where it was refused."""
        sent = self.dangphi.send(
            f"/settlements/portal?filename={name}&unit={self.top}", data, actor=ACCOUNTANT, key=f"settlement-{name}"
        )
        return str(sent.json()["answer"]["reply"] or "") if self.heard(f"quyết toán {name}", sent) else ""

    def payouts(self, on: date) -> Iterator[Mapping[str, Any]]:
        """Have the gateway's payouts of the last fortnight taken in."""
        asked = {"unit": self.top, "from_day": (on - timedelta(days=14)).isoformat(), "to_day": on.isoformat()}
        sent = self.dangphi.post("/gateway/settle", asked, actor=ACCOUNTANT, key=f"payouts-{on}")
        if self.heard(f"đợt trả ngày {on}", sent):
            yield from sent.json()["answer"]["payouts"]

    def statement(self, unit: str, name: str, data: bytes) -> bool:
        """Send a statement's file."""
        sent = self.dangphi.send(f"/statements?filename={name}", data, actor=ACCOUNTANT, key=f"statement-{name}")
        return self.heard(f"sao kê {unit}, tệp {name}", sent)

    def poll(self, key: str) -> Mapping[str, Any]:
        """Have the open attempts asked after."""
        sent = self.dangphi.post("/attempts/poll", {}, actor=ACCOUNTANT, key=f"poll-{key}")
        return dict(sent.json()["answer"]) if self.heard("hỏi lại các lượt", sent) else {}

    def slip(self, one: Intent, paid: Mapping[str, Any], on: date) -> bool:
        """Enter the slip that a member shows, before the bank tells of the transfer."""
        asked = {
            "account": paid["account"],
            "slip": f"UNC-{one.reference[-6:]}",
            "amount": paid["amount"],
            "paid_on": on.isoformat(),
            "reference": one.reference,
        }
        sent = self.dangphi.post(
            f"/units/{self._owner(one)}/transfers", asked, actor=ACCOUNTANT, key=f"slip-{one.reference}"
        )
        return self.heard(f"giấy báo {one.reference}", sent)

    def _owner(self, one: Intent) -> str:
        return self.owners.get(one.cell, self.top)

    owners: Mapping[str, str] = field(default_factory=dict)  #: cells with an account of their own

    # --- cash ----------------------------------------------------------------------------------------------------

    def sheet(self, cell: str, taken: list[Intent], day: date) -> dict[str, int]:
        """Enter a collector's sheet; what was entered, by slip."""
        items = [
            {
                "slip": f"PT-{one.reference[-6:]}",
                "member_id": one.member,
                "month": self.month,
                "amount": one.amount,
                "paid_on": one.at.date().isoformat(),
            }
            for one in taken
        ]
        sent = self.dangphi.post(
            f"/units/{cell}/cash/receipts", {"items": items}, actor=collector(cell), key=f"cash-{cell}-{day}"
        )
        self.heard(f"phiếu thu {cell}", sent)
        return {f"{cell}/{item['slip']}": int(str(item["amount"])) for item in items}

    def bag(self, cell: str, amount: int, day: date) -> str:
        """Take cash to the bank; the reference of the bag, "" where it was refused."""
        asked = {"amount": amount, "taken_on": day.isoformat()}
        sent = self.dangphi.post(f"/units/{cell}/cash/bags", asked, actor=collector(cell), key=f"bag-{cell}-{day}")
        return str(sent.json()["answer"]["bag"]) if self.heard(f"túi tiền {cell}", sent) else ""

    def passed(self, cell: str, amount: int, day: date) -> None:
        """Hand cash to the ward's cashier."""
        asked = {"amount": amount, "slip": f"BG-{day:%m%d}-{cell[-3:]}", "passed_on": day.isoformat()}
        sent = self.dangphi.post(f"/units/{cell}/cash/passed", asked, actor=collector(cell), key=f"pass-{cell}-{day}")
        self.heard(f"bàn giao {cell}", sent)

    # --- refunds -------------------------------------------------------------------------------------------------

    def refund(self, one: Intent, intent: str, amount: int) -> bool:
        """Give a credit back on the card: asked for by one, approved by two others, sent through the gateway."""
        decision = f"QĐ-SANDBOX-{intent[-4:]}"
        asked = {
            "kind": "credit",
            "unit": one.cell,
            "reason": "đóng trùng",
            "decision": decision,
            "member_id": one.member,
            "amount": amount,
        }
        sent = self.dangphi.post("/refunds", asked, actor=ACCOUNTANT, key=f"refund-{intent}")
        if not self.heard(f"hoàn về thẻ {one.reference}", sent):
            return False
        name = sent.json()["answer"]["refund_id"]
        steps: tuple[tuple[str, dict[str, str], str], ...] = (
            ("approve", {"document": decision}, f"VH-{one.cell[-3:]}-BT"),
            ("approve", {"document": decision}, "VH-BT"),
            ("gateway", {"payment": f"gateway/{intent}"}, "VH-TQ1"),
        )
        for step, body, actor in steps:
            for number in range(3):
                sent = self.dangphi.post(f"/refunds/{name}/{step}", body, actor=actor, key=f"{step}-{intent}-{number}")
                if sent.status_code != 503:
                    break
            if not self.heard(f"hoàn về thẻ {one.reference}", sent):
                return False
        return True


#: Codes of answers that speak of somebody else's outage.
_OUTSIDE = frozenset({"rail-away"})


def collector(cell: str) -> str:
    """Who takes cash in a cell."""
    return f"VH-{cell[-3:]}-CU"
