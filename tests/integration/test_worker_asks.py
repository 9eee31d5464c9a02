"""The worker asks after attempts in a thread of its own: a portal that hangs holds up no message."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import requests
import responses

from api import wiring, worker
from api.flows.notices import keep_raw
from api.worker import Worker
from domain.attempt import AttemptState
from tests.acceptance.front_door import SetClock, paid, play_opening
from tests.acceptance.portal_world import DAY, URL, Portal, begin, dues, state_of
from tests.acceptance.story import Story, at, settings


def until(true: Callable[[], bool], seconds: float = 10.0) -> bool:
    """Whether something becomes true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.01)
    return False


def test_a_portal_that_hangs_holds_up_no_message_and_its_answer_is_taken_when_it_comes(monkeypatch):
    monkeypatch.setattr(worker, "_FIRST_ASK", 0.01)
    inst = wiring.in_memory(settings())
    story = Story(inst)
    play_opening(story)
    story.installation = inst = replace(inst, settings=replace(inst.settings, portal_url=URL))
    portal, hanging, free = Portal(), threading.Event(), threading.Event()

    def answer(request: requests.PreparedRequest) -> tuple[int, dict[str, str], str | bytes]:
        if json.loads(request.body or b"")["LoaiBanTin"] == "QUERY":
            hanging.set()
            assert free.wait(10)
        return portal.answer(request)

    with responses.RequestsMock() as mock:
        mock.add_callback(responses.POST, URL, answer)
        slow = str(begin(story, dues("A1")).answer["reference"])
        quick = str(begin(story, dues("A2")).answer["reference"])
        portal.states = {slow: "3", quick: "3"}
        clock = SetClock(at(DAY) + timedelta(hours=1))
        running = Worker(inst, clock, lambda: None, None)
        running.start()
        try:
            assert hanging.wait(10), "the worker asks by itself"
            amount = int(portal.known[quick]["SoTien"])
            keep_raw(inst, "portal", paid(quick, amount, "GD1"), {}, clock.now())
            assert until(lambda: state_of(story, quick) is AttemptState.PAID), "while the portal hangs"
            assert state_of(story, slow) is AttemptState.OPENED
            free.set()
            assert until(lambda: state_of(story, slow) is AttemptState.PENDING)
            assert until(lambda: len(portal.asked) == 4)
        finally:
            free.set()
            running.stop()
    assert state_of(story, quick) is AttemptState.PAID, "the older word, pending, came after"


def test_an_installation_that_cannot_ask_has_no_thread_for_it():
    inst = wiring.in_memory(settings())
    running = Worker(inst, SetClock(), lambda: None, None)
    running.start()
    try:
        assert "asking" not in {thread.name for thread in threading.enumerate()}
    finally:
        running.stop()


def test_a_round_that_fails_is_made_again(monkeypatch):
    monkeypatch.setattr(worker, "_FIRST_ASK", 0.01)
    monkeypatch.setattr(worker, "_STAND_BY", 0.01)
    inst = wiring.in_memory(settings())
    inst = replace(inst, settings=replace(inst.settings, portal_url=URL))
    rounds: list[int] = []

    def broken(*_: object, **__: object) -> None:
        rounds.append(1)
        raise OSError("away")

    monkeypatch.setattr(worker, "poll", broken)
    clock = SetClock()
    running = Worker(inst, clock, lambda: None, None)
    running.start()
    try:
        assert until(lambda: len(rounds) == 1)
        time.sleep(0.1)
        assert len(rounds) == 1, "not before its time"
        clock.instant += worker.POLL_EVERY
        assert until(lambda: len(rounds) == 2)
        clock.instant -= timedelta(days=1)
        assert until(lambda: len(rounds) == 3), "a clock set right again does not stop the asking for a day"
    finally:
        running.stop()
