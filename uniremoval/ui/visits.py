"""What the server keeps of each visitor, apart from every other visitor's, and for how long."""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from gradio.utils import get_upload_folder

GRACE_SECONDS = 600
"""A phone drops the connection whenever its owner looks at another app; what is on the page lasts that long."""


@dataclass(frozen=True)
class Opened:
    """The photo on a visitor's page. source: the file as given. picture: the same pixels as PNG, for the browser."""

    source: Path
    name: str
    picture: Path
    size: tuple[int, int]

    def download_name(self, checkpoint: str) -> str:
        """What an output is called when saved: the photo's name and the checkpoint's, fit for any file system."""
        stem, name = (_plain(text, limit) for text, limit in ((Path(self.name).stem, 120), (checkpoint, 60)))
        return f"{stem or 'photo'}-{name}.png"


@dataclass
class Visit:
    """One open page. stop: set to end the work under way. left: when the page was closed."""

    folder: Path
    opened: Opened | None = None
    stop: threading.Event = field(default_factory=threading.Event)
    left: float | None = None

    def begin(self) -> threading.Event:
        """Stop what this visitor has running, and hand out the stop signal of the work to come."""
        self.stop.set()
        self.stop = threading.Event()
        return self.stop

    def emptied(self, kind: str) -> Path:
        """A new empty folder; the earlier one of that kind is removed. Its name is new too, as browsers cache."""
        for earlier in self.folder.glob(f"{kind}-*"):
            shutil.rmtree(earlier)
        return Path(tempfile.mkdtemp(prefix=f"{kind}-", dir=self.folder))


def _plain(text: str, longest: int) -> str:
    """`text` without what some file system refuses, and of at most that many bytes."""
    kept = "".join(c if c.isalnum() or c in " -_.()" else "_" for c in text).strip(" .")
    return kept.encode()[:longest].decode(errors="ignore")


class Visits:
    """All open pages, by Gradio's session hash. Folders lie in Gradio's own cache, under names nobody can guess."""

    def __init__(self) -> None:
        self._open: dict[str, Visit] = {}
        self._lock = threading.Lock()

    def of(self, session: str) -> Visit:
        """The visit of that session, begun now if it is new."""
        with self._lock:
            self._forget_the_gone()
            if session not in self._open:
                cache = Path(get_upload_folder())
                cache.mkdir(parents=True, exist_ok=True)
                self._open[session] = Visit(Path(tempfile.mkdtemp(prefix="visit-", dir=cache)))
            visit = self._open[session]
            visit.left = None
            return visit

    def leave(self, session: str) -> None:
        """The page was closed: stop its work now, remove its files a little later."""
        with self._lock:
            if visit := self._open.get(session):
                visit.stop.set()
                visit.left = time.monotonic()
            self._forget_the_gone()

    def _forget_the_gone(self) -> None:
        now = time.monotonic()
        for session, visit in list(self._open.items()):
            if visit.left is not None and now - visit.left > GRACE_SECONDS:
                del self._open[session]
                shutil.rmtree(visit.folder)
