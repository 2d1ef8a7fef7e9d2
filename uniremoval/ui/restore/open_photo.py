"""Listeners around a restoration: list checkpoints, open a photo, stop."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr

from uniremoval.errors import UniremovalError
from uniremoval.ui import text
from uniremoval.ui.parts.status import busy, error, idle
from uniremoval.ui.parts.thumbnails import save_jpeg
from uniremoval.ui.restore.examples import Example
from uniremoval.ui.restore.run import Restoring
from uniremoval.ui.viewer.zoom_tiles import LARGEST_WHOLE, first_of, is_large, save_smaller, save_whole, smaller_of
from uniremoval.ui.visit.record import Opened, Record
from uniremoval.ui.visit.region import looked_at
from uniremoval.ui.visit.uploads import uploaded
from uniremoval.ui.visit.visits import Visit, Visits
from uniremoval.ui.work.engine import Engine

FIRST_SIDE = LARGEST_WHOLE // 2
"""The shorter side, at least, of the preview of a large photo."""
FIRST_RESULT_SECONDS = 5.0
"""So long at most the full picture of a large photo waits for the first result, which comes before it."""
Update = dict[str, Any]


class Handlers:
    """The listeners of one page layout; all they know of a visitor is in `visits`."""

    def __init__(self, engine: Engine, visits: Visits, shown: list[Example]) -> None:
        self.engine = engine
        self.visits = visits
        self.shown = shown
        self.restoring = Restoring(engine, visits)

    def come_back(self, request: gr.Request) -> tuple[Any, Any]:
        """(status, viewer) of a page that was loaded again, without what was still at work then."""
        visit = self.visits.of(request.session_hash)
        if visit.lost:
            return idle(text.VISIT_GONE), gr.skip()
        if not visit.back or visit.opened is None or visit.busy:
            return gr.skip(), gr.skip()
        record = visit.record or Record(visit.opened)
        record.stop()
        return idle(text.VISIT_BACK.format(name=visit.opened.name)), record.shown()

    def announce_photo(self, chosen: Any, request: gr.Request) -> tuple[Update, Update, Update]:
        """At once: stop what runs for this visitor, say that the photo is being read, and let nobody compare another.

        chosen: what `open_upload` or `open_example` will be given.
        """
        visit = self.visits.of(request.session_hash)
        visit.begin()
        visit.announced = _key(chosen)
        return busy(text.READING), gr.update(interactive=False), gr.update(interactive=True)

    def open_upload(self, upload: dict[str, Any] | None, request: gr.Request) -> tuple[Any, Any]:
        """(status, viewer). upload: Gradio's description of the file."""
        return self._open(request, upload, lambda: uploaded(upload))

    def open_example(self, index: int, request: gr.Request) -> tuple[Any, Any]:
        """(status, viewer)."""
        path = self.shown[int(index)].path
        return self._open(request, index, lambda: (path, path.name))

    def offer(self, request: gr.Request) -> Update:
        """Compare, where no photo is still to come."""
        return gr.skip() if self.visits.of(request.session_hash).announced is not None else gr.update(interactive=True)

    def _open(self, request: gr.Request, chosen: Any, found: Callable[[], tuple[Path, str]]) -> tuple[Any, Any]:
        """Put a photo on the page, a large one with a draft at first, or say why it cannot be and leave the one before.

        Neither, once other work has begun on the page, or another photo has been announced.
        """
        visit = self.visits.of(request.session_hash)
        if visit.announced != _key(chosen):
            return gr.skip(), gr.skip()
        stop = visit.stop
        try:
            opened = self._opened(visit, *found())
        except UniremovalError as problem:
            if visit.stop is not stop:
                return gr.skip(), gr.skip()
            visit.end(stop)
            return error(self.engine.told(problem)), gr.skip()
        finally:
            if visit.announced == _key(chosen):
                visit.announced = None
        if visit.stop is not stop:
            return gr.skip(), gr.skip()
        visit.opened, visit.reference, visit.record = opened, None, None
        visit.fresh = stop
        visit.sweep()
        return busy(opened.words), Record(opened).shown()

    def _opened(self, visit: Visit, path: Path, name: str) -> Opened:
        preview = self.engine.preview(path, name, FIRST_SIDE)
        photo = preview.photo if preview else self.engine.read(path, name)
        size = preview.size if preview else photo.size
        picture = visit.new_folder("photo") / "input.png"
        if preview:
            save_jpeg(photo.pixels, first_of(picture))
        elif is_large(size):
            save_smaller(photo, picture)
            self.engine.keep(path, photo)
        else:
            save_whole(photo, picture)
        height, width = size
        words = " ".join([f"{name}: {width} x {height} pixels, {photo.bits} bits per channel.", *photo.notes])
        return Opened(path, name, picture, size, words)

    def show_whole(self, request: gr.Request) -> tuple[Any, Any]:
        """(status, viewer): every pixel of a large photo, while work on it goes on; written where there is a draft."""
        visit = self.visits.of(request.session_hash)
        opened = visit.opened
        if opened is None or not is_large(opened.size):
            return gr.skip(), gr.skip()
        try:
            if opened.draft:
                _wait_for_a_first_result(visit, opened)
                photo = self.engine.read_and_keep(opened.source, opened.name)
                if not smaller_of(opened.picture).exists():
                    save_smaller(photo, opened.picture)
                save_whole(photo, opened.picture)
        except UniremovalError as problem:
            return error(self.engine.told(problem)) if visit.opened is opened else gr.skip(), gr.skip()
        finally:
            self.engine.let_go(opened.source)
        if visit.opened is not opened:
            return gr.skip(), gr.skip()
        return gr.skip(), (visit.record or Record(opened)).shown()

    def look(self, click: gr.EventData, request: gr.Request) -> None:
        """The page tells which part is looked at closely, while there are outputs to come: {"picture": that of the
        comparison, "x", "y", "width", "height"}; the latter four are left out where it is the whole."""
        visit = self.visits.of(request.session_hash)
        asked = click._data if isinstance(click._data, dict) else {}
        if visit.opened and asked.get("picture") == str(visit.opened.picture):
            region = looked_at(asked, visit.opened.size)
            visit.looked_at = (visit.opened.picture, region) if region else None

    def start(self, request: gr.Request) -> tuple[Update, Update, Update]:
        """At once, before the queue: a sign of life, and Cancel in place of Compare.

        Where the visitor waits already, what is asked for now takes that place before it can be given up.
        """
        visit = self.visits.of(request.session_hash)
        self.engine.machine.join(visit.token)
        visit.begin()
        return (
            busy(text.STARTING),
            gr.update(interactive=False),
            gr.update(interactive=True),
        )

    def cancel(self, request: gr.Request) -> None:
        """Outside the queue: the work ends within a tile. Its own listener says so, whose last words must stand."""
        self.visits.of(request.session_hash).stop.set()

    def finish(self, request: gr.Request) -> tuple[Update, Update]:
        """The buttons as they were, unless other work has begun since."""
        if self.visits.of(request.session_hash).busy:
            return gr.skip(), gr.skip()
        return gr.update(interactive=True), gr.update(interactive=False)

    def fail(self, request: gr.Request) -> tuple[Update, Update, Update]:
        """After an error that is ours, which Gradio has logged, or a refusal because too many are waiting."""
        visit = self.visits.of(request.session_hash)
        visit.end(visit.stop)
        return error(text.UNEXPECTED), *self.finish(request)


def _wait_for_a_first_result(visit: Visit, opened: Opened) -> None:
    """As long as work on the photo goes on with nothing to show: both cores are better spent on that."""
    deadline = time.monotonic() + FIRST_RESULT_SECONDS
    while visit.busy and visit.opened is opened and time.monotonic() < deadline:
        if visit.record and any(output.draft or output.done for output in visit.record.outputs.values()):
            break
        time.sleep(0.05)


def _key(chosen: Any) -> Any:
    """Of an upload, its path; of an example, its index."""
    return chosen.get("path") if isinstance(chosen, dict) else chosen
