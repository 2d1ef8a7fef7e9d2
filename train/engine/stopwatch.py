"""Where the time of a run goes."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager


class Stopwatch:
    """Adds up the seconds spent in named parts of a loop."""

    def __init__(self) -> None:
        self._spent: dict[str, float] = defaultdict(float)
        self._since = time.monotonic()

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        start = time.monotonic()
        yield
        self._spent[name] += time.monotonic() - start

    def lap(self) -> tuple[float, dict[str, float]]:
        """Seconds since the last lap, and the share of them spent in each part; starts a new one."""
        now = time.monotonic()
        seconds = now - self._since
        shares = {name: spent / seconds for name, spent in self._spent.items()}
        self._spent.clear()
        self._since = now
        return seconds, shares
