"""Waiting money finds its claim by rules: import, ask the rules, accept, undo, and the books are what they were."""

import uuid
from dataclasses import replace
from datetime import date
from typing import Any

import msgspec
import pytest

from api import wiring
from api.flows import match, match_story
from domain.errors import Refusal, RefusalCode
from domain.identifiers import MemberId, UnitId, payment_id
from domain.match import Code, MatchAccepted, Rule
from domain.payment import SuspenseIdentified
from ledger.handlers import correct, statements
from ledger.handlers.matches import AcceptMatches
from ledger.ports import Person, Recorded
from ledger.verify import verify
from tests.acceptance.story import Cell, Story, account, at, into, member, settings
from tests.acceptance.test_closing_months import sound
from tests.good_log import read_all

TODAY = date(2026, 8, 3)
A, WARD = UnitId("A"), UnitId("VH")
NAMES = ("Nguyễn Văn An", "Trần Thị Bình", "Lê Văn Cường", "Lê Văn Dũng")


@pytest.fixture
def story() -> Story:
    """Two cells with names in the vault; July is assessed and asked for. A1 100,000, A2 30,000, A3 and A4 70,000."""
    made = Story(wiring.in_memory(settings()))
    made.set_up([Cell(id="A", bank=1_200_000), Cell(id="B", own_account=False)], ward_bank=25_000_000)
    made.enrol(
        "A",
        member("A1", "SI_COMPULSORY", ("si-salary", 10_000_000)),
        member("A2", "NON_SI_PENSIONER", ("pension", 6_000_000)),
        member("A3", "SI_COMPULSORY", ("si-salary", 7_000_000)),
        member("A4", "SI_COMPULSORY", ("si-salary", 7_000_000)),
    )
    made.enrol("B", member("B1", "SI_COMPULSORY", ("si-salary", 8_000_000)))
    persons = [Person(member_id=f"A{n}", name=name, card_number=None) for n, name in enumerate(NAMES, start=1)]
    made.installation.vault.put(persons)
    made.assess("VH", "2026-07", date(2026, 7, 1))
    made.request("VH", "2026-07", date(2026, 7, 1))
    return made


def worded(
    story: Story, line: statements.LineText, content: str, payer: str | None = None, key: str | None = None
) -> statements.LineText:
    """A line whose text was put away as an import does it."""
    named = uuid.uuid5(uuid.NAMESPACE_OID, line.line.key)
    text = msgspec.json.encode({"content": content, "counterparty_name": payer})
    story.installation.evidence.store(named, "application/json", text)
    return replace(line, line=replace(line.line, evidence_id=str(named), payer_key=key), content=content)


def run(story: Story, **more: Any) -> match.RunReport:
    return match.run(story.installation, at=at(TODAY), **more)


def undone(story: Story, match_id: object, number: str = "DC-1") -> None:
    """Undone by one person and approved by another."""
    outcomes = match.undo(
        story.installation,
        actor="A-TP",
        at=at(TODAY),
        match_id=str(match_id),
        unit=A,
        number=number,
        reason="nhầm",
        decision="BB-1",
        command_id=uuid.uuid5(uuid.NAMESPACE_OID, number),
    )
    for outcome in outcomes:
        assert outcome.answer["state"] == "proposed"
        approve = correct.ApproveCorrection(unit_id=A, correction_id=outcome.answer["correction_id"])
        story.do("A-BT", TODAY, approve)


def two_references(story: Story) -> None:
    references = story.reference("A1", "2026-07"), story.reference("A2", "2026-07")
    story.bank("A", date(2026, 7, 20), into("two", date(2026, 7, 9), 130_000, *references))


def test_two_references_whose_debts_sum_to_the_transfer_are_posted_and_undone_to_what_was_before(story: Story) -> None:
    two_references(story)
    before, owed = story.balances("A"), story.owed("A")
    assert before["3380"] == 130_000
    report = run(story)
    assert report.refused == ()
    [done] = report.accepted
    assert (done["rule"], done["amount"], done["confidence"]) == ("exact-reference", 130_000, 10_000)
    assert "3380" not in story.balances("A")
    assert story.owed("A") == owed - 130_000
    sound(story)
    undone(story, done["match"])
    assert (story.balances("A"), story.owed("A")) == (before, owed)
    sound(story)


def test_what_a_person_undid_is_not_posted_by_the_program_again(story: Story) -> None:
    two_references(story)
    [done] = run(story).accepted
    undone(story, done["match"])
    again = run(story)
    assert again.accepted == ()
    [proposal] = again.looked.proposals
    assert Code.UNDONE_BEFORE in {e.code for e in proposal.pair.evidence}


def test_a_second_run_posts_nothing_more(story: Story) -> None:
    two_references(story)
    assert len(run(story).accepted) == 1
    head = story.installation.store.head()
    assert run(story).accepted == ()
    assert story.installation.store.head() == head


def test_a_match_tells_later_the_numbers_it_was_decided_on(story: Story) -> None:
    two_references(story)
    before = match_story.cards(match.look(story.installation, on=TODAY))[0]
    run(story)
    after = match_story.explain(story.installation, "FT-two", on=TODAY)
    assert after.state == "matched"
    assert after.decided_by == "service:matcher"
    assert (after.evidence, after.confidence, after.others) == (before.evidence, before.confidence, before.others)


def test_a_line_placed_at_import_is_explained_by_the_same_evidence(story: Story) -> None:
    story.bank("A", date(2026, 7, 20), into("a1", date(2026, 7, 9), 100_000, story.reference("A1", "2026-07")))
    card = match_story.explain(story.installation, "FT-a1", on=TODAY)
    assert (card.state, card.rule, card.confidence) == ("matched", "exact-reference", 10_000)
    assert card.member_ids == ("A1",)
    assert {one.code for one in card.evidence} == {"reference", "account", "amount", "in-window"}
    assert "100.000 đồng" in " ".join(one.text for one in card.evidence)


def test_a_name_among_two_of_one_amount_is_suggested_told_why_not_the_other_and_accepted_by_a_person(
    story: Story,
) -> None:
    line = worded(story, into("n", date(2026, 7, 9), 70_000), "LE VAN DUNG nop dang phi T7")
    story.bank("A", date(2026, 7, 20), line)
    report = run(story)
    assert report.accepted == ()
    [proposal] = report.looked.proposals
    assert proposal.pair.rule is Rule.NAME_ALIKE
    card = match_story.explain(story.installation, "FT-n", on=TODAY)
    assert card.member_ids == ("A4",)
    [other] = card.others
    assert other.member_ids == ("A3",)
    assert other.confidence < card.confidence
    done = match.accept(
        story.installation, actor="VH-KT", at=at(TODAY), ids=[card.match_id], ground="đảng viên xác nhận"
    )
    assert [one["rule"] for one in done.accepted] == ["name-alike"]
    sound(story)
    identified = [r.event for r in story.installation.store.read(0, 10_000) if isinstance(r.event, SuspenseIdentified)]
    assert [(e.member_id, e.dues_amount, e.ground) for e in identified] == [("A4", 70_000, "đảng viên xác nhận")]


def test_no_text_and_no_name_ever_stands_in_an_event(story: Story) -> None:
    line = worded(story, into("n", date(2026, 7, 9), 70_000), "LE VAN DUNG nop dang phi", payer="LE VAN DUNG")
    story.bank("A", date(2026, 7, 20), line)
    [proposal] = run(story).looked.proposals
    match.accept(story.installation, actor="VH-KT", at=at(TODAY), ids=[proposal.match_id], ground="x")
    told = " ".join(repr(r.event) for r in story.installation.store.read(0, 10_000))
    assert "DUNG" not in told.upper().replace("Ũ", "U")


def test_a_stale_proposal_is_refused_by_name_and_the_rest_goes_on(story: Story) -> None:
    a1, a2 = story.reference("A1", "2026-07"), story.reference("A2", "2026-07")
    b = worded(story, into("w", date(2026, 7, 10), 70_000), "LE VAN CUONG T7")
    story.bank("A", date(2026, 7, 20), into("two", date(2026, 7, 9), 130_000, a1, a2), b)
    looked = match.look(story.installation, on=TODAY)
    proposals = tuple(p.proposed for p in looked.proposals if p.proposed is not None)
    assert len(proposals) == 2
    story.cash("A", "1", "A2", 30_000, date(2026, 7, 31))
    command = AcceptMatches(unit_id=A, proposals=proposals, automatic=False, ground="đồng loạt")
    answer = story.do("VH-KT", TODAY, command)
    assert [one["rule"] for one in answer["accepted"]] == ["name-alike"]
    [refused] = answer["refused"]
    assert refused["code"] == RefusalCode.MATCH_STALE
    assert "còn nợ 0 đồng, lúc đề xuất là 30.000 đồng" in refused["message"]
    sound(story)


def test_an_id_from_before_something_moved_is_refused(story: Story) -> None:
    two_references(story)
    [proposal] = match.look(story.installation, on=TODAY).proposals
    story.cash("A", "1", "A2", 30_000, date(2026, 7, 31))
    report = match.accept(story.installation, actor="VH-KT", at=at(TODAY), ids=[proposal.match_id], ground="")
    assert (report.accepted, [one["code"] for one in report.refused]) == ((), [RefusalCode.MATCH_STALE])


def test_a_program_may_not_post_what_only_a_person_may_decide(story: Story) -> None:
    line = worded(story, into("n", date(2026, 7, 9), 70_000), "LE VAN DUNG")
    story.bank("A", date(2026, 7, 20), line)
    [proposal] = match.look(story.installation, on=TODAY).proposals
    assert proposal.proposed is not None
    command = AcceptMatches(unit_id=A, proposals=(proposal.proposed,), automatic=True, ground="x")
    [refused] = story.do("service:matcher", TODAY, command)["refused"]
    assert refused["code"] == RefusalCode.MATCH_NOT_AUTOMATIC


def test_whoever_may_not_place_money_accepts_nothing(story: Story) -> None:
    two_references(story)
    [proposal] = match.look(story.installation, on=TODAY).proposals
    with pytest.raises(Refusal) as caught:
        match.accept(story.installation, actor="A-TP", at=at(TODAY), ids=[proposal.match_id], ground="")
    assert caught.value.code is RefusalCode.NOT_ALLOWED


def test_money_under_a_reference_of_another_account_waits_with_that_against_it(story: Story) -> None:
    line = into("b1", date(2026, 7, 9), 80_000, story.reference("B1", "2026-07"))
    story.bank("A", date(2026, 7, 20), line, clean=False)
    report = run(story)
    assert report.accepted == ()
    card = match_story.explain(story.installation, line.line.key, on=TODAY)
    assert "account-other" in {one.code for one in (*card.evidence, *(e for o in card.others for e in o.evidence))}


def test_the_payer_of_a_confirmed_payment_is_known_the_next_month(story: Story) -> None:
    first = worded(story, into("p1", date(2026, 7, 9), 70_000, story.reference("A3", "2026-07")), "ma", key="payer-3")
    story.bank("A", date(2026, 7, 20), first)
    story.assess("VH", "2026-08", date(2026, 8, 1))
    story.request("VH", "2026-08", date(2026, 8, 1))
    second = worded(story, into("p2", date(2026, 8, 2), 70_000), "chuyen tien", key="payer-3")
    story.bank("A", date(2026, 8, 3), second)
    [proposal] = run(story).looked.proposals
    assert proposal.pair.rule is Rule.KNOWN_PAYER
    assert proposal.pair.claims == ("month:A3:2026-08",)


def test_decisions_of_people_measure_the_rules_and_an_undone_one_counts_against(story: Story) -> None:
    line = worded(story, into("n", date(2026, 7, 9), 70_000), "LE VAN DUNG nop")
    more = worded(story, into("m", date(2026, 7, 10), 70_000), "LE VAN CUONG nop")
    story.bank("A", date(2026, 7, 20), line, more)
    for reference in ("n", "m"):
        command = statements.IdentifySuspense(
            unit_id=A,
            payment_id=payment_id(f"bank:{account('A')}", f"FT-{reference}"),
            member_id=MemberId("A4"),
            month=None,
            amount=70_000,
            ground="x",
        )
        story.do("VH-KT", TODAY, command)
    measured = {(one.rule, one.bank): one for one in match.calibrate(story.installation)}
    # The second says another name; with Dũng's month paid, only Cường owes this amount. The person said otherwise.
    told = {key: (one.proposals, one.right, one.wrong, one.precision) for key, one in measured.items()}
    assert told == {
        (Rule.AMOUNT_IN_WINDOW, "*"): (1, 0, 1, 0),
        (Rule.AMOUNT_IN_WINDOW, "970436"): (1, 0, 1, 0),
        (Rule.NAME_ALIKE, "*"): (1, 1, 0, 10_000),
        (Rule.NAME_ALIKE, "970436"): (1, 1, 0, 10_000),
    }
    assert {one.allowed for one in measured.values()} == {10_001}


def test_what_a_program_posted_counts_only_once_a_person_has_undone_it(story: Story) -> None:
    two_references(story)
    [done] = run(story).accepted
    assert match.calibrate(story.installation) == ()
    undone(story, done["match"])
    [over_all, _] = match.calibrate(story.installation)
    assert (over_all.rule, over_all.right, over_all.wrong) == (Rule.EXACT_REFERENCE, 0, 1)


def faults(story: Story, **changes: Any) -> set[str]:
    """The sentences of I14 when the recorded match is told otherwise."""
    events = []
    for one in read_all(story.installation.store):
        if isinstance(one, Recorded) and isinstance(one.event, MatchAccepted):
            one = replace(one, event=replace(one.event, **changes))
        events.append(one)
    return {f.sentence.split(": ")[-1] for c in verify(events).checks for f in c.findings if f.check == "I14"}


def test_a_match_that_says_other_than_what_was_booked_is_found_by_the_check(story: Story) -> None:
    two_references(story)
    run(story)
    assert faults(story) == set()
    assert any("các phần cộng" in one for one in faults(story, amount=1))
    [accepted] = [r.event for r in story.installation.store.read(0, 10_000) if isinstance(r.event, MatchAccepted)]
    more = (replace(accepted.parts[0], amount=accepted.parts[0].amount + 1), *accepted.parts[1:])
    assert any("không được ghi đủ" in one for one in faults(story, parts=more, amount=accepted.amount + 1))
    assert any("tổng các căn cứ" in one for one in faults(story, confidence=9_999))
    assert any("máy tự ghi" in one for one in faults(story, rule=Rule.NAME_ALIKE))
