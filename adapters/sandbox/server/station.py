"""A world that other processes can reach: one lock around it, a courier that knocks at dangphi, a clock in a file."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from adapters.sandbox.server.courier import deliver
from adapters.sandbox.world.scenario import Fault
from adapters.sandbox.world.signing import wire_of
from adapters.sandbox.world.world import World


class Station:
    """The world, who may touch it, and where its messages go.

    ``target`` is dangphi's address, "" while nobody listens. ``clock_file`` is what a dangphi in the sandbox reads its
    time from; it is written whenever the world's clock moves.
    """

    def __init__(self, world: World, *, target: str = "", clock_file: Path | None = None) -> None:
        self._world = world
        self.target = target
        self.bill_token = ""  #: with which the portal looks bills up at dangphi
        self._clock_file = clock_file
        self._lock = threading.RLock()
        self._advancing = threading.Lock()
        self._asked: dict[str, int] = {}
        self._write_clock(world.now)

    @contextmanager
    def world(self) -> Iterator[World]:
        """The world for one act; events that the act causes go to the post."""
        with self._lock:
            yield self._world
            self._world.flush()

    def advance(self, until: datetime) -> datetime:
        """Move the clock, delivering on the way; one such call at a time. Returns the time that was reached.

        The world is free while a message is on its way, so that whoever takes it may ask back.
        """
        with self._advancing:
            while True:
                with self._lock:
                    # A request for the past is as good as done: several drivers may move one clock.
                    delivery = self._world.step(max(until, self._world.now))
                    self._write_clock(self._world.now)
                    if delivery is None:
                        return self._world.now
                    wire = wire_of(delivery, self._world.keys, rolled=self._world.secret_rolled())
                status = deliver(self.target, wire, hangs_up=delivery.hangs_up) if self.target else None
                with self._lock:
                    self._world.answered(delivery, status)

    def befalls(self, fault: Fault, name: str) -> bool:
        """Whether a fault of the server strikes this request; the requests of one name are counted."""
        with self._lock:
            number = self._asked[f"{fault}/{name}"] = self._asked.get(f"{fault}/{name}", 0) + 1
            return self._world.chances.strikes(fault, f"{name}/{number}", self._world.now)

    def _write_clock(self, now: datetime) -> None:
        if self._clock_file is None:
            return
        fresh = self._clock_file.with_suffix(".new")
        fresh.write_text(now.isoformat(), encoding="ascii")
        os.replace(fresh, self._clock_file)


class Pace:
    """Moves a station's clock along with the wall clock, so many times as fast, until it is stopped."""

    def __init__(self, station: Station, speed: float, *, every: float = 0.25) -> None:
        self._station = station
        self._speed = speed
        self._every = every
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sandbox-clock", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the step under way."""
        self._ending.set()
        self._thread.join()

    def _run(self) -> None:
        with self._station.world() as world:
            began = world.now
        since = time.monotonic()
        while not self._ending.wait(self._every):
            self._station.advance(began + timedelta(seconds=(time.monotonic() - since) * self._speed))
