"""Many callers, one commit: what arrives while a commit is under way is written by the next one.

A commit costs the same for one row as for hundreds. Callers hand in items and wait; one thread writes
whatever has gathered, in one transaction, and answers each caller after it. Nobody waits for a timer: an
item that comes when nothing is under way is written at once.
"""

import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class Closed(RuntimeError):
    """The committer was closed; nothing of what was handed in was written."""


class GroupCommitter(Generic[Item, Result]):
    """A queue and the one thread that empties it.

    ``write`` gets 1 to ``most`` items, makes them durable, and returns a result for each, in order. If it raises
    one of ``outages``, every caller of the batch gets that error. If it raises anything else, the items are
    written again one by one, so that one bad item does not fail its neighbours; hence writing the same item twice
    must be harmless.
    """

    def __init__(
        self,
        write: Callable[[Sequence[Item]], Sequence[Result]],
        *,
        outages: tuple[type[Exception], ...],
        most: int = 500,
    ) -> None:
        self._outages = outages
        self._write = write
        self._most = most
        self._queue: queue.SimpleQueue[tuple[Item, Future[Result]] | None] = queue.SimpleQueue()
        self._closing = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="group-commit", daemon=True)
        self._thread.start()

    def submit(self, item: Item) -> "Future[Result]":
        """Hand in an item; the future is done when the item is durable. Raises ``Closed`` after ``close``."""
        done: Future[Result] = Future()
        with self._closing:
            if self._closed:
                raise Closed("the inbox is closed")
            self._queue.put((item, done))
        return done

    def close(self) -> None:
        """Write what was handed in, then end the thread."""
        with self._closing:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (first := self._queue.get()) is not None:
            batch = [first]
            last = False
            while len(batch) < self._most:
                try:
                    more = self._queue.get_nowait()
                except queue.Empty:
                    break
                if more is None:
                    last = True
                    break
                batch.append(more)
            self._commit(batch)
            if last:
                return

    def _commit(self, batch: list[tuple[Item, "Future[Result]"]]) -> None:
        try:
            results = self._write([item for item, _ in batch])
        except Exception as error:  # whatever went wrong belongs to the callers, and the thread must live on
            alone = len(batch) > 1 and not isinstance(error, self._outages)
            for item, done in batch:
                if alone:
                    self._commit([(item, done)])
                else:
                    done.set_exception(error)
            return
        for (_, done), result in zip(batch, results, strict=True):
            done.set_result(result)
