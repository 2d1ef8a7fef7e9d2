"""State per visitor, kept apart from all others', and its lifetime."""

from __future__ import annotations

import secrets
import shutil
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gradio.utils import get_upload_folder

from uniremoval.ui.limits import DEFAULT, Limits
from uniremoval.ui.viewer.zoom_tiles import bytes_of
from uniremoval.ui.visit.additions import Additions
from uniremoval.ui.visit.batch_record import Batch
from uniremoval.ui.visit.record import Opened, Record
from uniremoval.ui.visit.region import Region
from uniremoval.ui.visit.uploads import sweep

FRESH_SECONDS = 60
"""A folder as new as that may be about to be shown, or be on its way to the visitor."""
LATE_SECONDS = 5.0
"""A call within that time after its page was closed was on its way then; a later one says that the page is open."""
BROKEN_SECONDS = 600
"""Gradio writes uploads to files called tmp*, and leaves those that broke off lying about."""


@dataclass
class Visit:
    """One open page.

    token: a secret of that page.
    stop: set to end the work under way. busy: whether there is some.
    back: the page was loaded again, and has its visit again. lost: it has not, as that is gone.
    announced: which photo is to be opened next, None once it is.
    fresh: the `stop` of a photo that was opened and not worked on yet.
    left: when the page was closed.
    opened, reference, record: what is on the page. looked_at: the picture and the region of it that is looked at
    closely. history: earlier comparisons, the latest first. extras: scores that are shown besides the usual ones.
    additions: the checkpoints that this visitor has added.
    """

    folder: Path
    limits: Limits = DEFAULT
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    opened: Opened | None = None
    reference: Opened | None = None
    record: Record | None = None
    looked_at: tuple[Path, Region] | None = None
    extras: tuple[str, ...] = ()
    history: list[Record] = field(default_factory=list)
    batch: Batch | None = None
    stop: threading.Event = field(default_factory=threading.Event)
    busy: bool = False
    back: bool = False
    lost: bool = False
    announced: Any = None
    fresh: threading.Event | None = None
    left: float | None = None

    def __post_init__(self) -> None:
        self.additions = Additions(self.folder / "checkpoints", self.limits)

    @property
    def anything(self) -> bool:
        """Whether there is something to come back to."""
        return bool(self.opened or self.batch or self.additions.entries)

    def begin(self) -> threading.Event:
        """Stop what this visitor has running, and hand out the stop signal of the work to come."""
        self.stop.set()
        self.stop, self.busy = threading.Event(), True
        return self.stop

    def end(self, stop: threading.Event) -> None:
        """The work with that stop signal is done; other work may have begun since."""
        self.busy = self.busy and self.stop is not stop

    def halt(self) -> None:
        """Stop all that runs for this visitor."""
        self.stop.set()
        if self.batch:
            self.batch.stop.set()

    def region_of(self, opened: Opened) -> Region | None:
        """That of the photo which is looked at closely."""
        picture, region = self.looked_at or (None, None)
        return region if picture == opened.picture else None

    def new_folder(self, kind: str) -> Path:
        """An empty folder, of a new name, as browsers cache; `sweep` removes it once nothing in it is shown."""
        return Path(tempfile.mkdtemp(prefix=f"{kind}-", dir=self.folder))

    def keep(self, record: Record) -> None:
        """Put a comparison first in the history; forget what it holds as well, and the oldest beyond the limits."""
        self.history = [record, *(other for other in self.history if not record.holds(other))]
        del self.history[self.limits.records :]
        while len(self.history) > 1 and sum(map(_bytes_of, self.history)) > self.limits.records_bytes:
            self.history.pop()

    def sweep(self) -> None:
        """Remove the folders of what is neither on the page nor in the history, unless they are fresh."""
        records = [*self.history, *([self.record] if self.record else [])]
        shown = {path.parent for record in records for path in (record.opened.picture, *record.files().values())}
        shown |= {self.batch.folder} if self.batch and self.batch.folder else set()
        shown |= {self.additions.folder}
        shown |= {photo.picture.parent for photo in (self.opened, self.reference) if photo}
        for folder in self.folder.iterdir():
            if folder not in shown and time.time() - folder.stat().st_mtime > FRESH_SECONDS:
                shutil.rmtree(folder)


def _bytes_of(record: Record) -> int:
    return sum(map(bytes_of, record.files().values()))


class Visits:
    """All open pages, by Gradio's session hash. Folders lie in Gradio's own cache, under names nobody can guess."""

    def __init__(self, limits: Limits = DEFAULT) -> None:
        self.limits = limits
        self._open: dict[str, Visit] = {}
        self._lock = threading.Lock()

    def of(self, session: str | None) -> Visit:
        """The visit of that session, begun now if it is new. ValueError: a call that belongs to no page."""
        if session is None:
            raise ValueError("only a page, which has a session, has a visit")
        with self._lock:
            self._forget_the_gone()
            if session not in self._open:
                cache = Path(get_upload_folder())
                cache.mkdir(parents=True, exist_ok=True)
                sweep(cache, "tmp*", BROKEN_SECONDS)
                self._open[session] = Visit(Path(tempfile.mkdtemp(prefix="visit-", dir=cache)), self.limits)
            visit = self._open[session]
            if visit.left is not None and time.monotonic() - visit.left > LATE_SECONDS:
                visit.left = None
            return visit

    def leave(self, session: str | None) -> None:
        """The page was closed: stop its work now, remove its files a little later."""
        with self._lock:
            if visit := self._open.get(session or ""):
                visit.halt()
                visit.left = time.monotonic()
            self._forget_the_gone()

    def knows(self, token: str) -> bool:
        """Whether there is a visit with that token, whatever page it is on."""
        with self._lock:
            return self._with(token) is not None

    def take_over(self, token: str, session: str | None) -> Visit | None:
        """The visit with that token, from now on that of this session.

        None if its page is open still, if it is forgotten, or if this session has work of its own by now.
        """
        with self._lock:
            before, own = self._with(token), self._open.get(session or "")
            if before is None or session is None or self._open[before].left is None:
                return None
            if own:
                if own.anything or own.busy:
                    return None
                shutil.rmtree(own.folder)
            visit = self._open[session] = self._open.pop(before)
            visit.left, visit.busy, visit.back = None, False, True
            return visit

    def _with(self, token: str) -> str | None:
        """The session of the visit with that token."""
        self._forget_the_gone()
        given = token.encode(errors="replace")
        found = (name for name, visit in self._open.items() if secrets.compare_digest(visit.token.encode(), given))
        return next(found, None)

    def _forget_the_gone(self) -> None:
        now = time.monotonic()
        for session, visit in list(self._open.items()):
            if visit.left is not None and now - visit.left > self.limits.grace_seconds:
                del self._open[session]
                shutil.rmtree(visit.folder)
