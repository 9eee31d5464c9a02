"""Attempts on the portal: opened, asked after, heard of in any order; a portal that lies, forgets and comes back."""

import json
import uuid
from dataclasses import replace
from datetime import timedelta

from adapters.sandbox.portal import signed_notification
from api.flows import attempts, bills, notices, poll
from domain.attempt import AttemptState
from domain.identifiers import UnitId
from domain.notice import NoticeStatus
from ledger.handlers import ask
from ledger.ports import Person, Verdict
from ledger.work import Act
from tests.acceptance.portal_world import (
    DAY,
    JULY,
    audited,
    begin,
    dues,
    payments,
    reports,
    state_of,
    work_off,
)
from tests.acceptance.story import at

# --- opening --------------------------------------------------------------------------------------------------------


def test_an_attempt_gets_the_portal_s_page_and_the_same_request_gets_it_again(ward, portal):
    inst = ward.installation
    act = Act(actor="A-TP", at=at(DAY), command_id=uuid.UUID(int=7))
    first = attempts.open_attempt(inst, dues(), act)
    reference = first.answer["reference"]
    assert first.answer["redirect_url"] == f"https://portal.example/pay/{reference}"
    assert first.answer["state"] == "opened"
    again = attempts.open_attempt(inst, dues(), act)
    assert again.answer == first.answer
    assert portal.asked == [("INIT", reference)]
    sent = portal.known[reference]
    assert sent["ThongTinBienLai"]["TKThuHuong"]
    assert sent["SoTien"] == str(first.answer["amount"])
    audited(ward)


def test_no_name_leaves_but_in_the_one_field_of_the_receipt(ward, portal):
    ward.installation.vault.put((Person(member_id="A1", name="Nguyễn Thị Thử", card_number=None),))
    reference = begin(ward, dues()).answer["reference"]
    sent = portal.known[reference]
    assert sent["ThongTinBienLai"].pop("HoTenNguoiNop") == "Nguyễn Thị Thử"
    assert "Thử" not in json.dumps(sent, ensure_ascii=False)
    events = ward.installation.store.read(0, 100_000)
    assert "Thử" not in repr(events)


def test_a_portal_that_is_away_leaves_the_attempt_unknown_and_the_member_free_to_try_again(ward, portal):
    portal.down = True
    opened = begin(ward, dues())
    assert (opened.answer["state"], "redirect_url" in opened.answer) == ("unknown", False)
    assert "mở lượt mới" in opened.answer["message"]
    assert state_of(ward, opened.answer["reference"]) is AttemptState.UNKNOWN
    portal.down = False
    again = begin(ward, dues())
    assert again.answer["state"] == "opened"
    assert again.answer["reference"] != opened.answer["reference"]


def test_a_portal_that_refuses_says_why_and_the_attempt_has_failed(ward, portal):
    portal.refuses = "07"
    opened = begin(ward, dues())
    assert (opened.answer["state"], "mã đối tác" in opened.answer["message"]) == ("failed", True)
    audited(ward)


def test_a_crash_between_the_record_and_the_question_is_made_good_by_the_same_request(ward, portal):
    inst = ward.installation
    act = Act(actor="A-TP", at=at(DAY), command_id=uuid.UUID(int=9))
    recorded = inst.ledger.execute(dues(), act)
    assert portal.asked == []
    opened = attempts.open_attempt(inst, dues(), act)
    assert opened.answer["reference"] == recorded.answer["reference"]
    assert opened.answer["redirect_url"]


def test_a_payment_for_a_cell_has_a_line_for_each_member_and_names_none(ward, portal):
    lines = bills.cell_lines(ward.installation, UnitId("A"), JULY, 2026)
    opened = begin(ward, ask.OpenBatchAttempt(unit_id=UnitId("A"), lines=lines))
    sent = portal.known[opened.answer["reference"]]
    told = sent["ThongTinBienLai"]["DSKhoanNop"]
    assert [int(line["SoTien"]) for line in told] == [line.amount for line in lines]
    assert len(told) == 2
    assert sum(int(line["SoTien"]) for line in told) == int(sent["SoTien"]) == opened.answer["amount"]
    assert sent["ThongTinBienLai"]["HoTenNguoiNop"] == "Đơn vị A"


# --- asking after ---------------------------------------------------------------------------------------------------


def test_an_attempt_is_asked_after_from_half_an_hour_to_three_days(ward, portal):
    opened = begin(ward, dues())
    reference = opened.answer["reference"]
    portal.states[reference] = "3"
    inst = ward.installation
    assert poll.poll(inst, at(DAY) + timedelta(minutes=30)).asked == 0, "not yet"
    later = at(DAY) + timedelta(minutes=31)
    assert poll.poll(inst, later).answers == {"pending": 1}
    work_off(ward, later)
    assert state_of(ward, reference) is AttemptState.PENDING
    portal.states[reference] = "1"
    assert poll.poll(inst, later + timedelta(hours=1)).answers == {"paid": 1}
    work_off(ward, later)
    assert state_of(ward, reference) is AttemptState.PAID
    assert payments(ward) == [f"portal/GD{reference}"]
    assert poll.poll(inst, later + timedelta(hours=2)).asked == 0, "decided"
    assert reports(ward, reference) == [("pending", "query"), ("paid", "query")]
    audited(ward)


def test_the_answer_to_a_question_is_kept_raw_and_the_notification_after_it_adds_no_money(ward, portal):
    reference = begin(ward, dues()).answer["reference"]
    portal.states[reference] = "1"
    inst = ward.installation
    later = at(DAY) + timedelta(hours=1)
    poll.poll(inst, later)
    kept = inst.inbox.get(1)
    assert kept is not None
    assert (kept.message.source, kept.message.verdict) == ("portal-query", Verdict.ACCEPTED)
    assert json.loads(kept.message.body) == portal.state(reference)
    assert any(name.lower() == "content-type" for name, _ in kept.message.headers)
    work_off(ward, later)
    amount = int(portal.known[reference]["SoTien"])
    body = signed_notification(
        partner="P",
        secret="secret",
        reference=reference,
        amount=amount,
        transaction_id=f"GD{reference}",
        paid_at=at(DAY),
    )
    notices.keep_raw(inst, "portal", body, {}, later)
    work_off(ward, later)
    assert payments(ward) == [f"portal/GD{reference}"]
    assert reports(ward, reference) == [("paid", "query"), ("paid", "notification")]


def test_a_forged_answer_is_kept_rejected_and_decides_nothing(ward, portal):
    reference = begin(ward, dues()).answer["reference"]
    portal.states[reference] = "1"
    portal.secret = "guessed"
    later = at(DAY) + timedelta(hours=1)
    assert poll.poll(ward.installation, later).answers == {"bad-signature": 1}
    work_off(ward, later)
    assert state_of(ward, reference) is AttemptState.OPENED
    assert payments(ward) == []
    kept = ward.installation.inbox.get(1)
    assert kept is not None
    assert (kept.message.verdict, kept.message.reject_code) == (Verdict.REJECTED, "bad-signature")


def test_after_three_days_what_was_never_heard_of_is_closed_and_what_may_hold_money_waits_for_a_person(ward, portal):
    silent = begin(ward, dues()).answer["reference"]
    pending = begin(ward, dues("A2")).answer["reference"]
    portal.states[pending] = "3"
    inst = ward.installation
    poll.poll(inst, at(DAY) + timedelta(hours=1))
    work_off(ward, at(DAY) + timedelta(hours=1))
    before = len(portal.asked)
    found = poll.poll(inst, at(DAY) + timedelta(days=3, minutes=1))
    assert (found.asked, found.expired, len(portal.asked) - before) == (0, 1, 0)
    assert [one.reference for one in found.overdue] == [pending]
    assert state_of(ward, silent) is AttemptState.EXPIRED
    again = poll.poll(inst, at(DAY) + timedelta(days=4))
    assert (again.expired, len(again.overdue)) == (0, 1)
    # Money that comes after all beats the clock.
    amount = ward.installation.ledger.work().attempt(silent).opened.amount
    assert ward.tell(ward.notice(silent, amount, DAY + timedelta(days=5))) == ["reference"]
    assert state_of(ward, silent) is AttemptState.PAID
    audited(ward)


def test_a_portal_that_is_away_is_left_alone_after_three_and_a_round_may_be_cut_anywhere(ward, portal, monkeypatch):
    monkeypatch.setattr("adapters.portal.client.time.sleep", lambda _: None)
    for _ in range(5):
        begin(ward, dues())
    portal.down = True
    before = len(portal.asked)
    found = poll.poll(ward.installation, at(DAY) + timedelta(hours=1))
    assert (found.away, found.asked, len(portal.asked) - before) == (3, 3, 9)
    portal.down = False
    portal.states = dict.fromkeys(portal.known, "3")
    left = iter([True, True, False])
    assert poll.poll(ward.installation, at(DAY) + timedelta(hours=2), goes_on=lambda: next(left)).asked == 2
    assert poll.poll(ward.installation, at(DAY) + timedelta(hours=3)).asked == 5
    work_off(ward, at(DAY) + timedelta(hours=3))
    assert {state_of(ward, reference) for reference in portal.known} == {AttemptState.PENDING}


# --- any order ------------------------------------------------------------------------------------------------------


def test_a_failure_told_after_the_money_is_kept_and_changes_nothing(ward, portal):
    reference = begin(ward, dues()).answer["reference"]
    amount = int(portal.known[reference]["SoTien"])
    good = ward.notice(reference, amount, DAY, number="GD1")
    bad = replace(good, status=NoticeStatus.FAILED, outside_reference="GD1/failed")
    ward.tell(good, bad, bad, good)
    assert state_of(ward, reference) is AttemptState.PAID
    assert reports(ward, reference) == [("paid", "notification"), ("failed", "notification")]
    assert payments(ward) == ["portal/GD1"]
    audited(ward)
