"""A portal for stories: it answers INIT, QUERY and GET_BILL, and lies, forgets or stays away when it is told to."""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import requests
import responses

from adapters.portal import signature
from api.flows import attempts, notices, poll
from domain.attempt import AttemptState
from domain.identifiers import MemberId, UnitId
from domain.period import Month
from ledger.handlers import ask
from ledger.verify import verify
from ledger.work import Act
from tests.acceptance.front_door import play_opening
from tests.acceptance.story import Story, at

URL = "https://portal.example/pp"
DAY = date(2026, 7, 5)
JULY = Month("2026-07")


@dataclass
class Portal:
    """What the platform knows of each reference, and how it behaves."""

    known: dict[str, dict[str, Any]] = field(default_factory=dict)  #: INIT as sent
    states: dict[str, str] = field(default_factory=dict)  #: TrangThaiGD by reference
    secret: str = "secret"
    down: bool = False
    refuses: str | None = None
    asked: list[tuple[str, str]] = field(default_factory=list)

    def answer(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], str | bytes]:
        """Answer one message."""
        told = json.loads(request.body or b"")
        kind, reference = told["LoaiBanTin"], told["MaThamChieu"]
        self.asked.append((kind, reference))
        if self.down:
            return 503, {}, ""
        if kind == "INIT":
            if self.refuses or reference in self.known:
                return 200, {}, json.dumps({"MaLoi": self.refuses or "04"})
            self.known[reference] = told
            return 200, {}, json.dumps({"MaLoi": "00", "UrlThanhToan": f"https://portal.example/pay/{reference}"})
        if kind == "GET_BILL":
            return 200, {"Content-Type": "application/pdf"}, b"%PDF-1.7 receipt"
        if reference not in self.states:
            return 200, {}, json.dumps({"MaLoi": "01"})
        return 200, {}, json.dumps(self.state(reference))

    def state(self, reference: str) -> dict[str, Any]:
        """The signed answer to QUERY."""
        state = self.states[reference]
        fields = {
            "LoaiBanTin": "QUERY",
            "MaLoi": "99" if state == "4" else "00",
            "MaDoiTac": self.known[reference]["MaDoiTac"],
            "MaThamChieu": reference,
            "SoTien": self.known[reference]["SoTien"],
            "MaTienTe": "VND",
            "MaGiaoDich": f"GD{reference}" if state == "1" else "",
            "MaNganHang": "VCB",
            "ThoiGianGD": "20260705120000",
            "ThongTinGiaoDich": "",
        }
        return {
            **fields,
            "TrangThaiGD": state,
            "MaXacThuc": signature.sign(fields, signature.QUERY_ANSWER, self.secret),
        }


@contextmanager
def answering() -> Iterator[Portal]:
    """A platform behind ``URL`` for whoever asks it by ``requests``."""
    made = Portal()
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.add_callback(responses.POST, URL, made.answer)
        yield made


def on_portal(story: Story) -> Story:
    """A ward with two cells and three members whose installation knows the platform's address."""
    play_opening(story)
    inst = story.installation
    story.installation = replace(inst, settings=replace(inst.settings, portal_url=URL))
    return story


def dues(who: str = "A1", unit: str = "A") -> ask.OpenDuesAttempt:
    """A member begins to pay July."""
    return ask.OpenDuesAttempt(unit_id=UnitId(unit), member_id=MemberId(who), month=JULY)


def begin(story: Story, command: object, *, on: Any = None, actor: str = "A-TP") -> attempts.Opened:
    """Open an attempt as a command of its own."""
    story.commands += 1
    act = Act(actor=actor, at=on or at(DAY), command_id=uuid.uuid5(uuid.NAMESPACE_OID, f"x{story.commands}"))
    return attempts.open_attempt(story.installation, command, act)


def work_off(story: Story, on: Any) -> None:
    """Let the worker take everything in."""
    while notices.work_off_inbox(story.installation, on).taken:
        pass


def state_of(story: Story, reference: str) -> AttemptState:
    """An attempt's state."""
    return story.installation.ledger.work().attempt(reference).state


def audited(story: Story) -> None:
    """Nothing may be found in the log."""
    verdict = verify(story.installation.store.read(0, 100_000))
    assert [(f.check, f.sentence) for check in verdict.checks for f in check.findings] == []
    assert verdict.ok


def payments(story: Story) -> list[str]:
    """Ids of the payments received."""
    return [e.event.payment_id for e in story.installation.store.read(0, 100_000, ("payment-received",))]


def reports(story: Story, reference: str) -> list[tuple[str, str]]:
    """What was heard of an attempt: state and way."""
    return [(str(r.state), r.via) for r in story.installation.ledger.work().attempt(reference).reports]


def pending_attempt(story: Story, portal: Portal, who: str = "A1") -> str:
    """An attempt of which the platform says that it is under way."""
    reference = str(begin(story, dues(who)).answer["reference"])
    portal.states[reference] = "3"
    poll.poll(story.installation, at(DAY) + timedelta(hours=1))
    work_off(story, at(DAY) + timedelta(hours=1))
    return reference
