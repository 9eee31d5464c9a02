"""Small words for tests in which members move: a ward with three cells, letters, and what must hold at the end."""

from datetime import date
from typing import Any

from api import wiring
from domain import member as members_domain
from domain.identifiers import MemberId, UnitId
from domain.membership import TransferKind
from domain.period import Month
from domain.policy_rows import Confidence, PolicyRows, SettingRow
from domain.policy_settings import SettingName
from ledger.handlers import setup, transfers
from ledger.store import Recorded
from ledger.verify import verify
from tests.acceptance.story import START, Cell, Story, member, settings
from tests.good_log import read_all

AUGUST = date(2026, 8, 5)


def play() -> Story:
    story = Story(wiring.in_memory(settings()))
    story.set_up([Cell(id="A", bank=1_000_000), Cell(id="B", bank=1_000_000), Cell(id="C", own_account=False)])
    story.enrol(
        "A",
        member("A1", "SI_COMPULSORY", ("si-salary", 10_000_000)),
        member("A2", "NON_SI_PENSIONER", ("pension", 6_000_000)),
    )
    story.enrol("B", member("B1", "SI_COMPULSORY", ("si-salary", 8_000_000)))
    return story


def letter(story: Story, on: date = AUGUST, **changes: Any) -> dict[str, Any]:
    said: dict[str, Any] = {
        "unit_id": UnitId("A"),
        "member_id": MemberId("A1"),
        "kind": TransferKind.OFFICIAL,
        "to_unit": UnitId("B"),
        "to_outside": None,
        "letter": "GT-01",
        "issued_on": on,
        "paid_through": Month("2026-07"),
    }
    command = transfers.IssueTransfer(**{**said, **changes})
    return story.do(f"{command.unit_id}-BT", on, command)


def receive(story: Story, on: date = AUGUST, unit: str = "B", letter: str = "GT-01") -> dict[str, Any]:
    command = transfers.ReceiveTransfer(unit_id=UnitId(unit), member_id=MemberId("A1"), letter=letter, received_on=on)
    return story.do(f"{unit}-BT", on, command)


def known(story: Story, who: str = "A1") -> members_domain.Member:
    return story.installation.ledger.work().member(MemberId(who))


def cell(story: Story, month: str, who: str = "A1") -> str | None:
    work = story.installation.ledger.work()
    return members_domain.cell_for(work.member(MemberId(who)), Month(month), work.policy)


def sound(story: Story) -> None:
    store = story.installation.store
    events = tuple(item for item in read_all(store) if isinstance(item, Recorded))
    verdict = verify(events, commands=tuple(store.commands()))
    assert [(f.check, f.sentence) for check in verdict.checks for f in check.findings] == []


def choose(story: Story, name: SettingName, value: str) -> None:
    row = SettingRow(
        id=f"T-{name}-{value}",
        name=name,
        value=value,
        unit_kind=None,
        from_month=Month("2026-01"),
        to_month=None,
        document="QD-THU",
        confidence=Confidence.GUESS,
    )
    command = setup.ActivatePolicy(
        rows=PolicyRows(settings=(row,)),
        approver="HP-CU",
        document="QD-THU",
        decided_on=date(2026, 1, 1),
        allow_draft_with_document=True,
    )
    story.do("service:setup", START, command)


def assess_ward(story: Story, month: str, on: date) -> None:
    story.assess("VH", month, on)
