"""Work that is done one at a time: everybody in turn, in the order they came, knowing how many are before them."""

from __future__ import annotations

import threading
import time

FORGOTTEN_SECONDS = 15.0
"""A visitor must call `wait` at least this often, or loses the place in the queue."""


class Turns:
    """A queue for one place."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._queue: list[Turn] = []

    def join(self, owner: str = "") -> Turn:
        """At the end of the queue; to be ended, or used in a `with` statement that ends it.

        Where an earlier turn of the same owner still waits, which now wants something else, this one takes its place.
        """
        turn = Turn(self, owner)
        with self._changed:
            before = next((other for other in self._queue if owner and other.owner == owner and not other.kept), None)
            if before:
                self._queue[self._queue.index(before)] = turn
            else:
                self._queue.append(turn)
        return turn

    def _forget_the_gone(self) -> None:
        gone = time.monotonic() - FORGOTTEN_SECONDS
        self._queue = [turn for turn in self._queue if turn.kept or turn.asked > gone]


class Turn:
    """kept: it has come and lasts until it is ended, even if nobody calls `wait` again. asked: when that was last."""

    def __init__(self, turns: Turns, owner: str) -> None:
        self._turns = turns
        self.owner = owner
        self.kept = False
        self.asked = time.monotonic()

    def wait(self, seconds: float) -> bool:
        """Whether it is this one's turn, after at most so long."""
        until = time.monotonic() + seconds
        turns = self._turns
        with turns._changed:
            while True:
                self.asked = time.monotonic()
                turns._forget_the_gone()
                if self not in turns._queue:  # it was taken for gone
                    turns._queue.append(self)
                if turns._queue[0] is self:
                    return True
                if self.asked >= until:
                    return False
                turns._changed.wait(until - self.asked)

    def hold(self) -> None:
        """Wait until it is this one's turn, and keep it."""
        while not self.wait(1.0):
            pass
        self.kept = True

    @property
    def ahead(self) -> int:
        """How many are before this one, whoever is at work included."""
        with self._turns._changed:
            queue = self._turns._queue
            return queue.index(self) if self in queue else len(queue)

    def end(self) -> None:
        """Let the next one begin, or wait no longer; does nothing the second time."""
        with self._turns._changed:
            if self in self._turns._queue:
                self._turns._queue.remove(self)
            self._turns._changed.notify_all()

    def __enter__(self) -> Turn:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()
