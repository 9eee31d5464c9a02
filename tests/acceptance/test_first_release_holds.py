"""A log of the first release still reads: each held month told of all that was not split, the next period split it."""

import uuid
from datetime import date

from api import wiring
from domain import declaration, late_share
from domain.declaration import DeclarationEvent, PeriodDeclared, PeriodHeld
from domain.events import EVENT_TYPES
from domain.identifiers import UnitId
from domain.organisation_kinds import UnitKind
from ledger.codec import Codec
from ledger.handlers import declare
from ledger.store import CommandContext, StreamAppend
from ledger.verify import verify
from tests.acceptance.story import START, Cell, Story, at, into, member, settings, share

CODEC = Codec(EVENT_TYPES)
A = UnitId("A")
META = (
    '{"meta":{"command_id":"00000000-0000-0000-0000-000000000001","count":1,"actor":"A-TP","role":"collector",'
    '"unit":"A","action":"declare","reason":null,"document":null,"index":0},"data":%s}'
)


def _held(period: str, position: int, collected: int) -> PeriodHeld:
    """A held month in the bytes of the first release."""
    data = (
        f'{{"unit_id":"A","period":"{period}","position":{position},"collected":{collected},'
        f'"declared_on":"{period}-28"}}'
    )
    event = CODEC.event("period-held.1", (META % data).encode())
    assert isinstance(event, PeriodHeld)
    return event


def _declared(period: str, position: int, collected: int) -> PeriodDeclared:
    """A declared month in the bytes of the first release; a cell keeps 30 %."""
    kept = collected * 3 // 10
    data = (
        f'{{"unit_id":"A","superior_id":"VH","superior_has_books":true,"period":"{period}","position":{position},'
        f'"own_collected":{collected},"from_subordinates":0,"subordinates":[],"collected":{collected},'
        f'"share_row":"EX-CELL-30-2026-02","share_document":"VD-01","is_example":true,"retain_bp":3000,"kept":{kept},'
        f'"payable":{collected - kept},"declared_on":"{period}-28"}}'
    )
    event = CODEC.event("period-declared.1", (META % data).encode())
    assert isinstance(event, PeriodDeclared)
    return event


def _append(story: Story, event: DeclarationEvent, on: date) -> None:
    """What the first release recorded, put into the log as its command did."""
    name, stream = f"declare-{event.period}", declaration.stream(A)  # type: ignore[union-attr]  # Both kinds have one.
    store = story.installation.store
    context = CommandContext(
        command_id=uuid.uuid5(uuid.NAMESPACE_OID, name),
        name="declare-period",
        request_digest="00" * 32,
        recorded_at=at(on),
        actor="VH-KT",
        role="accountant",
        unit="A",
        action="declare",
    )
    version = store.load(stream)[1]
    store.append((StreamAppend(stream=stream, expected_version=version, events=(event,)),), context, b"{}")


def _months() -> Story:
    """A cell without a share that collected 100,000 in July and 40,000 of it, so to speak, again in August."""
    story = Story(wiring.in_memory(settings()))
    story.set_up([Cell(id="A", bank=1_000_000)], shares=())
    story.enrol("A", member("A1", "SI_COMPULSORY", ("si-salary", 10_000_000)), member("A2", "STUDENT"))
    for month, first, day, paid in (
        ("2026-07", START, date(2026, 7, 20), (("A1", 100_000),)),
        ("2026-08", date(2026, 8, 1), date(2026, 8, 20), (("A1", 100_000), ("A2", 5_000))),
    ):
        story.assess("A", month, first)
        story.request("A", month, first)
        story.bank("A", day, *(into(f"{month}-{n}", day, a, story.reference(n, month)) for n, a in paid))
        total = story.balances("A")["3310"]
        _append(story, _held(month, story.installation.store.head(), total), day)
    return story


def _problems(story: Story) -> list[tuple[str, str]]:
    verdict = verify(story.installation.store.read(0, 1_000_000))
    return [(f.check, f.sentence) for check in verdict.checks for f in check.findings]


def test_several_held_months_of_the_first_release_verify_and_each_has_its_own_money() -> None:
    story = _months()
    state = story.installation.ledger.work().declarations(A)
    assert [held.collected for held in state.held] == [100_000, 205_000]
    assert [(hold.period, hold.own) for hold in late_share.open_holds(state)] == [
        ("2026-07", 100_000),
        ("2026-08", 105_000),
    ]
    assert _problems(story) == []


def test_a_share_that_comes_late_splits_each_of_them_alone() -> None:
    story = _months()
    story.activate_shares((share(UnitKind.CELL, 30),))
    made = story.do("VH-KT", date(2026, 9, 1), declare.ApplyLateShare(unit_id=A))["periods"]
    assert [(one["period"], one["collected"], one["kept"]) for one in made] == [
        ("2026-07", 100_000, 30_000),
        ("2026-08", 105_000, 31_500),
    ]
    assert _problems(story) == []


def test_the_first_release_split_them_together_with_the_next_month() -> None:
    story = _months()
    story.activate_shares((share(UnitKind.CELL, 30),))
    _append(story, _declared("2026-09", story.installation.store.head(), 205_000), date(2026, 9, 30))
    assert "3310" not in story.balances("A")
    assert late_share.open_holds(story.installation.ledger.work().declarations(A)) == ()
    assert _problems(story) == []
    story.assess("A", "2026-10", date(2026, 10, 1))
    story.request("A", "2026-10", date(2026, 10, 1))
    day = date(2026, 10, 9)
    story.bank("A", day, into("oct", day, 100_000, story.reference("A1", "2026-10")))
    assert story.declare("A", "2026-10", date(2026, 10, 31))["collected"] == 100_000
    assert _problems(story) == []


def test_a_held_month_that_tells_less_than_there_was_is_found() -> None:
    story = _months()
    _append(story, _held("2026-09", story.installation.store.head(), 100), date(2026, 9, 30))
    assert {check for check, _ in _problems(story)} == {"I11"}
